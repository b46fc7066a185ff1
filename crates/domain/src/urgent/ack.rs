//! `AckUrgent`: a duty officer of an addressee has read the notice; the escalation there stops.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::UrgentId;
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::urgent::guards::{received, refuse_unless};
use crate::urgent::{UrgentAcked, UrgentFacts};
use crate::view::{Rows, Sides, ViewError};

/// Acknowledges an urgent notice. The secretariat may once the notice has gone up to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AckUrgent {
    /// The notice.
    pub urgent: UrgentId,
}

impl Decide for AckUrgent {
    const ROLES: &'static [Role] = &[Role::Duty, Role::Liaison, Role::Secretariat];
    type State = Sides<UrgentFacts>;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        rows.sides(&self.urgent)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let case = received(state, context.me)?;
        if context.actor.role == Role::Secretariat && !case.reached_secretariat(context.me) {
            return Err(Refusal::new(RefusalCode::RoleNotAllowed)); // it is the duty desk's until it goes up
        }
        let acked = case.addressee(context.me).is_some_and(|facts| facts.acked.is_some());
        refuse_unless(!acked && !case.is_closed(), RefusalCode::WrongState)?;
        Ok(UrgentAcked { urgent: self.urgent, others: case.others(context.me) }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::given_nothing;
    use crate::urgent::sample::{URGENT, acked, closed, given_raised, parties};

    const ACK: AckUrgent = AckUrgent { urgent: URGENT };

    #[test]
    fn every_addressee_acknowledges_once_for_all_to_see() {
        let scene = given_raised().when("ho.macau", ACK).then(acked(&["hengqin", "zhuhai"]));
        assert_eq!(Event::from(acked(&["hengqin", "zhuhai"])).readers(), parties(&["hengqin", "zhuhai"]));
        let scene = scene.when("lo.zhuhai", ACK).then(acked(&["hengqin", "macau"]));
        scene.when("ho.macau", ACK).then_refused(RefusalCode::WrongState);
    }

    #[test]
    fn not_after_the_end() {
        given_raised().and("ho.hengqin", closed()).when("ho.macau", ACK).then_refused(RefusalCode::WrongState);
    }

    #[test]
    fn not_by_a_caseworker() {
        given_raised().when("cw.macau", ACK).then_refused(RefusalCode::RoleNotAllowed);
    }

    #[test]
    fn only_by_an_addressee() {
        given_raised().when("ho.hengqin", ACK).then_refused(RefusalCode::NotYours);
        given_nothing().when("ho.macau", ACK).then_refused(RefusalCode::NotFound);
    }
}
