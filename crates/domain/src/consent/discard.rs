//! `DiscardConsent`: the record of a letter that was not countersigned is given up. It was never in force, and nobody else
//! was told of it.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::consent::{ConsentDiscarded, ConsentFacts};
use crate::event::Event;
use crate::id::ConsentId;
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::text::Note;
use crate::view::{Rows, Sides, ViewError};

/// Gives up a recorded consent that is not countersigned: by who recorded it, or by a reviewer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiscardConsent {
    /// The consent.
    pub consent: ConsentId,
    /// Why; no personal data.
    pub reason: Note,
}

impl Decide for DiscardConsent {
    const ROLES: &'static [Role] = &[Role::Caseworker, Role::Reviewer];
    type State = Sides<ConsentFacts>;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        rows.sides(&self.consent)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let own = state.of(context.me).and_then(|facts| Some((facts, facts.recorded.as_ref()?)));
        let Some((facts, (_, said))) = own else { return Err(Refusal::new(RefusalCode::NotFound)) };
        if facts.granted.is_some() || facts.is_given_up() {
            return Err(Refusal::new(RefusalCode::WrongState));
        }
        if context.actor.role != Role::Reviewer && context.actor.officer != said.by {
            return Err(Refusal::new(RefusalCode::NotYourDraft));
        }
        Ok(ConsentDiscarded { consent: self.consent, reason: self.reason.clone() }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consent::{
        CloseConsent, CloseReason, CompleteConsent, ConsentRecorded, ConsentRevoked, CountersignConsent, RecordConsent,
        RevocationForm, RevokeConsent,
    };
    use crate::testing::{Scene, claims, given, given_nothing, granted};

    fn discard() -> DiscardConsent {
        DiscardConsent { consent: claims().id, reason: "typed into the wrong form".parse().unwrap() }
    }

    fn recorded() -> Scene {
        given([("cw.zhuhai", ConsentRecorded { claims: claims() })])
    }

    #[test]
    fn who_recorded_it_or_a_reviewer_gives_it_up_and_nothing_is_done_with_it_any_more() {
        let consent = claims().id;
        let event = ConsentDiscarded { consent, reason: discard().reason };
        assert!(Event::from(event.clone()).readers().is_empty(), "nobody else was told of it");
        for who in ["cw.zhuhai", "rv.zhuhai"] {
            let scene = recorded().when(who, discard()).then(event.clone());
            let refused = |who, command: crate::command::Command| {
                scene.clone().when(who, command).then_refused(RefusalCode::WrongState);
            };
            refused("rv.zhuhai", CountersignConsent { consent }.into());
            refused("rv.zhuhai", discard().into());
            refused("cw.zhuhai", CloseConsent { consent, reason: CloseReason::DecisionFinal }.into());
            let (form, effective_at) = (RevocationForm::Letter, scene.now);
            refused("cw.zhuhai", RevokeConsent { consent, form, effective_at, subjects: [].into(), by: None }.into());
            let (letter_digest, witness) = ([8; 32], "witness.zhuhai".parse().unwrap());
            let (signers, others, separate) = (claims().signers, Vec::new(), [].into());
            let complete = CompleteConsent { consent, signers, others, separate, letter_digest, witness };
            refused("cw.zhuhai", complete.into());
            let again = RecordConsent { claims: claims() };
            scene.clone().when("cw.zhuhai", again).then_refused(RefusalCode::AlreadyExists);
        }
    }

    #[test]
    fn also_one_that_a_person_has_withdrawn_from_and_nobody_can_countersign() {
        let (consent, form, effective_at) = (claims().id, RevocationForm::Letter, crate::testing::NOON);
        let about_one = ConsentRevoked {
            consent,
            others: [].into(),
            form,
            effective_at,
            subjects: [0].into(),
            by: crate::consent::SignedBy::Subject(0),
        };
        let whole = ConsentRevoked { subjects: [].into(), ..about_one.clone() };
        recorded().and("cw.zhuhai", about_one).when("cw.zhuhai", discard()).then_done();
        recorded().and("cw.zhuhai", whole).when("cw.zhuhai", discard()).then_refused(RefusalCode::WrongState);
    }

    #[test]
    fn not_by_another_caseworker_or_a_liaison_officer() {
        recorded().when("cw2.zhuhai", discard()).then_refused(RefusalCode::NotYourDraft);
        recorded().when("lo.zhuhai", discard()).then_refused(RefusalCode::RoleNotAllowed);
    }

    #[test]
    fn not_what_is_in_force_or_not_here() {
        granted(claims()).when("cw.zhuhai", discard()).then_refused(RefusalCode::WrongState);
        granted(claims()).when("rv.macau", discard()).then_refused(RefusalCode::NotFound);
        given_nothing().when("cw.zhuhai", discard()).then_refused(RefusalCode::NotFound);
    }
}
