//! `CountersignConsent`: a second officer compares the record with the letter. From then on the consent is in force.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::consent::{ConsentFacts, ConsentGranted, lacking};
use crate::event::Event;
use crate::id::ConsentId;
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::view::{Rows, Sides, ViewError};

/// Countersigns a consent recorded here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountersignConsent {
    /// The consent.
    pub consent: ConsentId,
}

impl Decide for CountersignConsent {
    const ROLES: &'static [Role] = &[Role::Reviewer, Role::Caseworker];
    type State = Sides<ConsentFacts>;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        rows.sides(&self.consent)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let Some((facts, claims)) = state.of(context.me).and_then(|facts| Some((facts, facts.letter()?))) else {
            return Err(Refusal::new(RefusalCode::NotFound));
        };
        if facts.granted.is_some() || facts.closed.is_some() || facts.discarded.is_some() {
            return Err(Refusal::new(RefusalCode::WrongState));
        }
        // Also when it was withdrawn about one person only: the others would never hear of that. A new letter is needed.
        if let Some(at) = facts.revoked_first() {
            return Err(Refusal::new(RefusalCode::ConsentRevoked).effective_at(at));
        }
        // A consent that begins later may be countersigned now; one that is over may not.
        if claims.not_after <= context.now {
            return Err(Refusal::new(RefusalCode::ConsentExpired).effective_at(claims.not_after));
        }
        let recorded = facts.recorded.iter().map(|(_, said)| said);
        let completed = facts.completed.iter().map(|(_, said)| said);
        if recorded.chain(completed).any(|said| said.by == context.actor.officer) {
            return Err(Refusal::new(RefusalCode::SamePerson));
        }
        let lacking = lacking(claims);
        if !lacking.is_empty() {
            return Err(Refusal::new(RefusalCode::ConsentIncomplete).offending(lacking));
        }
        Ok(ConsentGranted { claims: claims.clone() }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consent::{ConsentRecorded, ConsentRevoked, RevocationForm, SignedBy};
    use crate::testing::{NOON, Scene, claims, given, given_nothing, granted};

    fn countersign() -> CountersignConsent {
        CountersignConsent { consent: claims().id }
    }

    fn recorded() -> Scene {
        given([("cw.zhuhai", ConsentRecorded { claims: claims() })])
    }

    #[test]
    fn another_officer_puts_the_consent_in_force() {
        let scene = recorded().when("rv.zhuhai", countersign()).then(ConsentGranted { claims: claims() });
        let sides = scene.rows().sides::<ConsentFacts>(&claims().id).unwrap();
        assert_eq!(sides.granted().map(|granted| &granted.claims), Some(&claims()));
        recorded().when("cw2.zhuhai", countersign()).then_done();
    }

    #[test]
    fn the_recorder_can_not_countersign() {
        recorded().when("cw.zhuhai", countersign()).then_refused(RefusalCode::SamePerson);
    }

    #[test]
    fn only_what_is_recorded_here_is_countersigned() {
        given_nothing().when("rv.zhuhai", countersign()).then_refused(RefusalCode::NotFound);
        recorded().when("rv.macau", countersign()).then_refused(RefusalCode::NotFound);
    }

    #[test]
    fn a_consent_is_countersigned_once() {
        granted(claims()).when("rv2.zhuhai", countersign()).then_refused(RefusalCode::WrongState);
    }

    #[test]
    fn a_revoked_record_is_not_countersigned() {
        let (consent, form) = (claims().id, RevocationForm::InPerson);
        let revoked = ConsentRevoked {
            consent,
            others: [].into(),
            form,
            effective_at: NOON,
            subjects: [].into(),
            by: SignedBy::Subject(0),
        };
        let scene = recorded().and("cw.zhuhai", revoked);
        let refusal = scene.when("rv.zhuhai", countersign()).then_refused(RefusalCode::ConsentRevoked);
        assert_eq!(refusal.effective_at, Some(NOON));
    }

    #[test]
    fn a_consent_that_is_over_is_not_countersigned() {
        let over = claims().not_after;
        recorded().at(over.plus_us(-1)).when("rv.zhuhai", countersign()).then_done();
        let refusal = recorded().at(over).when("rv.zhuhai", countersign()).then_refused(RefusalCode::ConsentExpired);
        assert_eq!(refusal.effective_at, Some(over));
    }

    #[test]
    fn a_liaison_officer_does_not_countersign() {
        recorded().when("lo.zhuhai", countersign()).then_refused(RefusalCode::RoleNotAllowed);
    }
}
