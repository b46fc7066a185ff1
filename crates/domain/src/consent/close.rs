//! `CloseConsent`: the decision is final, or the application was withdrawn: nothing more is asked on the consent.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::consent::{CloseReason, ConsentClosed, ConsentFacts};
use crate::event::Event;
use crate::id::ConsentId;
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::view::{Rows, Sides, ViewError};

/// Closes a consent before its term ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CloseConsent {
    /// The consent.
    pub consent: ConsentId,
    /// Why.
    pub reason: CloseReason,
}

impl Decide for CloseConsent {
    const ROLES: &'static [Role] = &[Role::Caseworker];
    type State = Sides<ConsentFacts>;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        rows.sides(&self.consent)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let me = context.me;
        let own = state.of(me);
        let letter = own.and_then(ConsentFacts::letter);
        let Some(claims) = state.granted().map(|granted| &granted.claims).or(letter) else {
            return Err(Refusal::new(RefusalCode::NotFound));
        };
        // Who took the letter or asks on it knows of the decision; the holder only answers.
        if ![claims.issuer, claims.requester.party].contains(&me) {
            return Err(Refusal::new(RefusalCode::NotYours));
        }
        let over = |facts: &ConsentFacts| facts.is_given_up() || facts.expired.is_some();
        if own.is_some_and(over) || claims.not_after <= context.now {
            return Err(Refusal::new(RefusalCode::WrongState));
        }
        let mut others = if state.granted().is_some() { claims.parties() } else { BTreeSet::new() };
        others.remove(&me);
        Ok(ConsentClosed { consent: self.consent, others, reason: self.reason }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consent::{ConsentRecorded, check_standing};
    use crate::testing::{claims, document, given, given_nothing, granted, party};

    fn close() -> CloseConsent {
        CloseConsent { consent: claims().id, reason: CloseReason::DecisionFinal }
    }

    #[test]
    fn issuer_or_requester_closes_and_later_questions_are_refused() {
        let event = ConsentClosed { consent: claims().id, others: [party("macau")].into(), reason: close().reason };
        let scene = granted(claims());
        let at = scene.now;
        let scene = scene.when("cw.zhuhai", close()).then(event);
        let refusal =
            check_standing(&claims(), &scene.rows().sides(&claims().id).unwrap(), &document(), scene.now).unwrap_err();
        assert_eq!(refusal, Refusal::new(RefusalCode::ConsentExpired).effective_at(at));
        scene.when("cw2.zhuhai", close()).then_refused(RefusalCode::WrongState);
    }

    #[test]
    fn a_record_is_closed_silently_and_is_not_countersigned() {
        let scene = given([("cw.zhuhai", ConsentRecorded { claims: claims() })]);
        let event = ConsentClosed { consent: claims().id, others: [].into(), reason: close().reason };
        let scene = scene.when("cw.zhuhai", close()).then(event);
        let countersign = crate::consent::CountersignConsent { consent: claims().id };
        scene.when("rv.zhuhai", countersign).then_refused(RefusalCode::WrongState);
    }

    #[test]
    fn nobody_else_closes_and_nothing_over_is_closed() {
        given_nothing().when("cw.zhuhai", close()).then_refused(RefusalCode::NotFound);
        granted(claims()).when("cw.macau", close()).then_refused(RefusalCode::NotYours);
        granted(claims()).when("cw.hengqin", close()).then_refused(RefusalCode::NotYours);
        granted(claims()).when("rv.zhuhai", close()).then_refused(RefusalCode::RoleNotAllowed);
        let over = claims().not_after;
        granted(claims()).at(over).when("cw.zhuhai", close()).then_refused(RefusalCode::WrongState);
    }
}
