//! `TakeOver`: an addressee takes the case over, so that two parties do not both act, or neither.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::UrgentId;
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::urgent::guards::{received, refuse_unless};
use crate::urgent::{UrgentFacts, UrgentTakenOver};
use crate::view::{Rows, Sides, ViewError};

/// Takes an urgent case over. Two parties can still do so before they hear of each other; then both logs say it, and
/// both see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakeOver {
    /// The notice.
    pub urgent: UrgentId,
}

impl Decide for TakeOver {
    const ROLES: &'static [Role] = &[Role::Duty, Role::Liaison];
    type State = Sides<UrgentFacts>;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        rows.sides(&self.urgent)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let case = received(state, context.me)?;
        refuse_unless(!case.is_closed(), RefusalCode::WrongState)?;
        let acked = case.addressee(context.me).is_some_and(|facts| facts.acked.is_some());
        refuse_unless(acked, RefusalCode::WrongState)?;
        let taken: Vec<_> = case.taken_over_by().map(|party| party.to_string()).collect();
        if !taken.is_empty() {
            return Err(Refusal::new(RefusalCode::WrongState).offending(taken));
        }
        Ok(UrgentTakenOver { urgent: self.urgent, others: case.others(context.me) }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::given_nothing;
    use crate::urgent::sample::{URGENT, acked, closed, given_acked, given_raised, taken_over};

    const TAKE: TakeOver = TakeOver { urgent: URGENT };

    #[test]
    fn one_party_takes_over() {
        let scene = given_acked().and("ho.zhuhai", acked(&["hengqin", "macau"]));
        let scene = scene.when("ho.macau", TAKE).then(taken_over(&["hengqin", "zhuhai"]));
        for who in ["ho.macau", "ho.zhuhai"] {
            let refusal = scene.clone().when(who, TAKE).then_refused(RefusalCode::WrongState);
            assert_eq!(refusal.offending, ["macau"]);
        }
    }

    #[test]
    fn not_before_acknowledging() {
        given_acked().when("ho.zhuhai", TAKE).then_refused(RefusalCode::WrongState);
    }

    #[test]
    fn not_after_the_end() {
        given_acked().and("ho.hengqin", closed()).when("ho.macau", TAKE).then_refused(RefusalCode::WrongState);
    }

    #[test]
    fn not_by_a_caseworker() {
        given_acked().when("cw.macau", TAKE).then_refused(RefusalCode::RoleNotAllowed);
    }

    #[test]
    fn only_by_an_addressee() {
        given_raised().when("ho.hengqin", TAKE).then_refused(RefusalCode::NotYours);
        given_nothing().when("ho.macau", TAKE).then_refused(RefusalCode::NotFound);
    }
}
