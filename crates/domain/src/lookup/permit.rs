//! The right to read one person's rows of the register, once.

use crate::consent::OrgUnit;
use crate::id::{LookupId, PartyId};
use crate::identity::Document;
use crate::item::Question;
use crate::lookup::{LookupFacts, LookupPermitted};
use crate::view::{Rows, ViewError};

/// The right to read the register for one permitted lookup.
///
/// It exists only when the holder's own log permits the lookup (the use of the consent is then spent on disk) and the
/// lookup has not been answered. Nobody can build one otherwise, copy it, store it or send it:
///
/// ```compile_fail,E0277
/// fn copies<T: Clone>() {}
/// copies::<tongcha_domain::lookup::Permit>();
/// ```
///
/// ```compile_fail,E0277
/// fn stores<T: serde::Serialize>() {}
/// stores::<tongcha_domain::lookup::Permit>();
/// ```
#[derive(Debug)]
pub struct Permit {
    holder: PartyId,
    permitted: LookupPermitted,
}

impl Permit {
    /// Opens the permit that the holder's committed log gives for a lookup; none when the log gives none, or when the
    /// lookup has been answered. `rows` must be the committed view, without changes that are not yet on disk.
    ///
    /// # Errors
    /// When the row can't be read.
    pub fn open(rows: &Rows<'_>, holder: PartyId, lookup: LookupId) -> Result<Option<Self>, ViewError> {
        let facts = rows.side::<LookupFacts>(&lookup, holder)?.unwrap_or_default();
        Ok(match (facts.permitted, facts.answered) {
            (Some((permitted, _)), None) => Some(Self { holder, permitted }),
            (Some(_), Some(_)) | (None, _) => None,
        })
    }

    /// Returns the party whose register it opens.
    #[must_use]
    pub fn holder(&self) -> PartyId {
        self.holder
    }

    /// Returns the person it is about.
    #[must_use]
    pub fn subject(&self) -> &Document {
        &self.permitted.subject
    }

    /// Returns what may be answered.
    #[must_use]
    pub fn questions(&self) -> &[Question] {
        &self.permitted.questions
    }

    /// Returns the lookup.
    #[must_use]
    pub fn lookup(&self) -> LookupId {
        self.permitted.lookup
    }

    /// Returns who asked.
    #[must_use]
    pub fn asker(&self) -> &OrgUnit {
        &self.permitted.requester
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::item::Item;
    use crate::lookup::{LookupAnswered, LookupDenied};
    use crate::refusal::{Refusal, RefusalCode};
    use crate::testing::{Scene, claims, document, given_nothing, lookup, party, permitted, question};

    fn open(scene: &Scene, holder: &str) -> Option<Permit> {
        Permit::open(&scene.rows(), party(holder), lookup(1)).unwrap()
    }

    fn permitted_scene() -> Scene {
        given_nothing().and("node.macau", permitted(1, vec![question(Item::AssetDeposit)]))
    }

    #[test]
    fn a_permitted_lookup_opens_one_persons_rows() {
        let permit = open(&permitted_scene(), "macau").unwrap();
        assert_eq!((permit.holder(), permit.lookup()), (party("macau"), lookup(1)));
        assert_eq!((permit.subject(), permit.asker()), (&document(), &claims().requester));
        assert_eq!(permit.questions(), [question(Item::AssetDeposit)]);
    }

    #[test]
    fn without_an_own_permission_there_is_no_permit() {
        assert!(open(&given_nothing(), "macau").is_none());
        assert!(open(&permitted_scene(), "hengqin").is_none(), "another party's log permits nothing here");
        let refusal = Refusal::new(RefusalCode::NoConsent);
        let denied = LookupDenied { lookup: lookup(1), asker: party("zhuhai"), consent: None, refusal };
        assert!(open(&given_nothing().and("node.macau", denied), "macau").is_none());
    }

    #[test]
    fn an_answered_lookup_gives_no_second_permit() {
        let answered = LookupAnswered { lookup: lookup(1), asker: party("zhuhai"), answers: Vec::new() };
        assert!(open(&permitted_scene().and("node.macau", answered), "macau").is_none());
    }
}
