//! Whether a person may be named: the legal basis of an entry, and the consent it may rest on.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::command::Context;
use crate::consent::ConsentFacts;
use crate::id::{ConsentId, PartyId};
use crate::notice::events::NoticeEntry;
use crate::purpose::{LegalBasis, Purpose};
use crate::view::{Rows, Sides, ViewError};

/// Why an entry is withheld. Wire order is the order here: append only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum WithheldReason {
    /// It names no legal basis.
    NoBasis,
    /// The consent it names is not in force here: not known, not countersigned, not begun, ended or revoked.
    ConsentNotInForce,
    /// The consent is another person's.
    ConsentOfAnother,
    /// The consent is not for routine notices between these two parties.
    ConsentForOther,
}

/// The consents that entries name.
#[derive(Clone, Debug, Default)]
pub struct Consents(BTreeMap<ConsentId, Sides<ConsentFacts>>);

impl Consents {
    /// Loads the consents that entries name.
    pub(super) fn load<'a>(rows: &Rows<'_>, entries: impl Iterator<Item = &'a NoticeEntry>) -> Result<Self, ViewError> {
        let mut found = BTreeMap::new();
        for entry in entries {
            if let Some(LegalBasis::Consent(id)) = &entry.basis
                && !found.contains_key(id)
            {
                found.insert(*id, rows.sides(id)?);
            }
        }
        Ok(Self(found))
    }

    /// Returns why an entry may not be told to an addressee; none when it may.
    pub(super) fn withhold(&self, entry: &NoticeEntry, to: PartyId, context: &Context<'_>) -> Option<WithheldReason> {
        match &entry.basis {
            None => Some(WithheldReason::NoBasis),
            Some(LegalBasis::Consent(id)) => self.objection(*id, entry, to, context),
            Some(LegalBasis::VitalInterest | LegalBasis::AgreementArticle(_) | LegalBasis::Filing(_)) => None,
        }
    }

    fn objection(
        &self,
        id: ConsentId,
        entry: &NoticeEntry,
        to: PartyId,
        context: &Context<'_>,
    ) -> Option<WithheldReason> {
        let sides = self.0.get(&id);
        let Some((sides, granted)) = sides.and_then(|sides| Some((sides, sides.granted()?))) else {
            return Some(WithheldReason::ConsentNotInForce);
        };
        let claims = &granted.claims;
        let parties = claims.parties();
        // Any party of the consent may revoke it, and nobody else.
        let revoked = sides.iter().any(|(party, facts)| parties.contains(&party) && facts.revoked.is_some());
        if revoked || !(claims.not_before..claims.not_after).contains(&context.now) {
            return Some(WithheldReason::ConsentNotInForce);
        }
        let document = entry.subject.document.key();
        if !claims.subjects.iter().any(|subject| subject.document.key() == document) {
            return Some(WithheldReason::ConsentOfAnother);
        }
        let between = [context.me, to].iter().all(|party| parties.contains(party));
        if claims.purpose == Purpose::RoutineNotice && between { None } else { Some(WithheldReason::ConsentForOther) }
    }
}
