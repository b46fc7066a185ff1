//! `StandDown`: the sender closes the notice.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::UrgentId;
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::text::Note;
use crate::urgent::guards::{own, refuse_unless};
use crate::urgent::{UrgentClosed, UrgentFacts};
use crate::view::{Rows, Sides, ViewError};

/// Closes an urgent notice; it can't be opened again. Also without an acknowledgement: the emergency may be over first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StandDown {
    /// The notice.
    pub urgent: UrgentId,
    /// How it ended.
    pub outcome: Note,
}

impl Decide for StandDown {
    const ROLES: &'static [Role] = &[Role::Duty, Role::Liaison];
    type State = Sides<UrgentFacts>;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        rows.sides(&self.urgent)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let case = own(state, context.me)?;
        refuse_unless(!case.is_closed(), RefusalCode::WrongState)?;
        Ok(UrgentClosed { urgent: self.urgent, to: case.raised.to.clone(), outcome: self.outcome.clone() }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::given_nothing;
    use crate::urgent::sample::{URGENT, closed, given_acked, given_raised, note, parties};

    fn stand_down() -> StandDown {
        StandDown { urgent: URGENT, outcome: note() }
    }

    #[test]
    fn the_sender_closes_it_once() {
        let scene = given_acked().when("ho.hengqin", stand_down()).then(closed());
        scene.when("lo.hengqin", stand_down()).then_refused(RefusalCode::WrongState);
        assert_eq!(Event::from(closed()).readers(), parties(&["macau", "zhuhai"]));
        given_raised().when("lo.hengqin", stand_down()).then(closed());
    }

    #[test]
    fn not_by_a_caseworker() {
        given_raised().when("cw.hengqin", stand_down()).then_refused(RefusalCode::RoleNotAllowed);
    }

    #[test]
    fn only_by_the_sender() {
        given_acked().when("ho.macau", stand_down()).then_refused(RefusalCode::NotYours);
        given_nothing().when("ho.hengqin", stand_down()).then_refused(RefusalCode::NotFound);
    }
}
