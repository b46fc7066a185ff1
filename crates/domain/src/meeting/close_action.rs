//! `CloseAction`: the party that owns an action of an adopted resolution says that it is done.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::{LineNo, MeetingId, ResolutionId};
use crate::meeting::events::ActionClosed;
use crate::meeting::facts::{State, load};
use crate::meeting::guards::{meeting, refuse_unless, resolution};
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::text::Note;
use crate::view::{Rows, ViewError};

/// Closes an action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CloseAction {
    /// The meeting.
    pub meeting: MeetingId,
    /// The resolution.
    pub resolution: ResolutionId,
    /// The action's number, from 1.
    pub action: LineNo,
    /// What was done; no person data.
    pub note: Note,
}

impl Decide for CloseAction {
    const ROLES: &'static [Role] = &[Role::Secretariat, Role::Liaison];
    type State = State;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        load(rows, self.meeting)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let held = meeting(state, context.me)?;
        let found = resolution(&held, self.resolution)?;
        let owned = found.action(self.action).ok_or_else(|| Refusal::new(RefusalCode::NotFound))?;
        refuse_unless(owned.owner == context.me, RefusalCode::NotYours)?;
        refuse_unless(held.is_adopted(&found), RefusalCode::WrongState)?;
        refuse_unless(held.closed(&found, self.action).is_none(), RefusalCode::WrongState)?;
        let (others, Self { meeting, resolution, action, note }) = (held.others(context.me), self.clone());
        Ok(ActionClosed { meeting, resolution, others, action, note }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::meeting::sample::{MEETING, RESOLUTION, given_signed, note, others};

    fn close(action: LineNo) -> CloseAction {
        CloseAction { meeting: MEETING, resolution: RESOLUTION, action, note: note() }
    }

    const ALL: [&str; 3] = ["hengqin", "macau", "zhuhai"];

    #[test]
    fn the_owner_closes_it_once() {
        let event =
            ActionClosed { meeting: MEETING, resolution: RESOLUTION, others: others("macau"), action: 2, note: note() };
        let scene = given_signed(&ALL).when("lo.macau", close(2)).then(event);
        scene.clone().when("sec.macau", close(2)).then_refused(RefusalCode::WrongState);
        scene.when("sec.zhuhai", close(1)).then_done();
    }

    #[test]
    fn not_before_the_resolution_is_adopted() {
        given_signed(&ALL[..2]).when("lo.macau", close(2)).then_refused(RefusalCode::WrongState);
    }

    #[test]
    fn not_what_is_another_partys_or_nobodys() {
        given_signed(&ALL).when("lo.macau", close(1)).then_refused(RefusalCode::NotYours);
        for no in [0, 4] {
            given_signed(&ALL).when("lo.macau", close(no)).then_refused(RefusalCode::NotFound);
        }
        given_signed(&ALL).when("cw.macau", close(2)).then_refused(RefusalCode::RoleNotAllowed);
    }
}
