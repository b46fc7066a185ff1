//! `LiftSuppression`: a data-protection officer lifts a suppression that the own party made.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::event::Event;
use crate::identity::Document;
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::suppression::suppress::{State, load};
use crate::suppression::{SuppressedCase, SuppressionLifted};
use crate::text::Note;
use crate::view::{Rows, ViewError};

/// Lifts a suppression, by another officer than the one who made it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiftSuppression {
    /// The case.
    pub case: SuppressedCase,
    /// Towards whom.
    pub towards: Document,
    /// Why.
    pub reason: Note,
}

impl Decide for LiftSuppression {
    const ROLES: &'static [Role] = &[Role::DataProtection];
    type State = State;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        load(rows, self.case)
    }

    fn decide(&self, (sides, _): &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let own = sides.of(context.me).and_then(|own| own.towards(&self.towards.key()));
        let suppressed = own.ok_or_else(|| Refusal::new(RefusalCode::NotFound))?;
        // A person at risk does not depend on one officer's change of mind.
        if suppressed.said.by == context.actor.officer {
            return Err(Refusal::new(RefusalCode::SamePerson));
        }
        let others = suppressed.event.others.clone(); // who was told
        let Self { case, towards, reason } = self.clone();
        Ok(SuppressionLifted { case, others, towards, reason }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suppression::{SuppressDisclosure, SuppressionFacts};
    use crate::testing::{Scene, claims, document, granted, party, stranger};

    fn case() -> SuppressedCase {
        SuppressedCase::Consent(claims().id)
    }

    fn suppressed() -> Scene {
        let reason = "suspected of harm".parse().unwrap();
        granted(claims())
            .when("dp.zhuhai", SuppressDisclosure { case: case(), towards: stranger(), reason })
            .then_done()
    }

    fn lift(towards: Document) -> LiftSuppression {
        LiftSuppression { case: case(), towards, reason: "unfounded".parse().unwrap() }
    }

    #[test]
    fn another_officer_of_the_party_lifts_it_and_it_can_be_made_again() {
        let event = SuppressionLifted {
            case: case(),
            others: [party("macau")].into(),
            towards: stranger(),
            reason: "unfounded".parse().unwrap(),
        };
        let scene = suppressed().when("dp2.zhuhai", lift(stranger())).then(event);
        let facts = scene.rows().side::<SuppressionFacts>(&case(), party("zhuhai")).unwrap().unwrap();
        assert!(facts.towards(&stranger().key()).is_none());
        assert_eq!(facts.all[0].lifted.as_ref().unwrap().1.by.as_str(), "dp2.zhuhai");
        scene.clone().when("dp2.zhuhai", lift(stranger())).then_refused(RefusalCode::NotFound);
        let reason = "again".parse().unwrap();
        scene.when("dp.zhuhai", SuppressDisclosure { case: case(), towards: stranger(), reason }).then_done();
    }

    #[test]
    fn not_by_who_made_it_nor_by_another_party_or_role_nor_towards_another() {
        suppressed().when("dp.zhuhai", lift(stranger())).then_refused(RefusalCode::SamePerson);
        suppressed().when("dp.macau", lift(stranger())).then_refused(RefusalCode::NotFound);
        suppressed().when("cw.zhuhai", lift(stranger())).then_refused(RefusalCode::RoleNotAllowed);
        suppressed().when("dp2.zhuhai", lift(document())).then_refused(RefusalCode::NotFound);
    }
}
