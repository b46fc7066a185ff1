//! `CloseFollowUp`: the party that owns a follow-up says that it is done.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::conference::events::FollowUpClosed;
use crate::conference::guards::ConferenceState;
use crate::event::Event;
use crate::id::{ConferenceId, LineNo};
use crate::meeting::refuse_unless;
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::text::Note;
use crate::view::{Rows, ViewError};

/// Closes a follow-up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CloseFollowUp {
    /// The conference.
    pub conference: ConferenceId,
    /// Its number.
    pub no: LineNo,
    /// What came of it.
    pub outcome: Note,
}

impl Decide for CloseFollowUp {
    const ROLES: &'static [Role] =
        &[Role::Liaison, Role::Caseworker, Role::Reviewer, Role::District, Role::SocialWorker];
    type State = ConferenceState;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        ConferenceState::load(rows, self.conference, None)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let conference = state.open_to(context)?;
        let found = conference.nominator.assigned.get(&self.no);
        let (follow_up, _) = found.ok_or_else(|| Refusal::new(RefusalCode::NotFound))?;
        refuse_unless(follow_up.owner == context.me, RefusalCode::NotYours)?;
        refuse_unless(conference.closed(follow_up).is_none(), RefusalCode::WrongState)?;
        let Self { conference: id, no, outcome } = self.clone();
        Ok(FollowUpClosed { conference: id, others: conference.others(context.me), no, outcome }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conference::sample::{CONFERENCE, assigned, given_concluded, note};
    use crate::testing::{Scene, party};

    fn close(no: LineNo) -> CloseFollowUp {
        CloseFollowUp { conference: CONFERENCE, no, outcome: note() }
    }

    fn given_assigned() -> Scene {
        given_concluded().and("cw.zhuhai", assigned(1))
    }

    #[test]
    fn the_owner_closes_it_once() {
        let event = FollowUpClosed { conference: CONFERENCE, others: [party("zhuhai")].into(), no: 1, outcome: note() };
        let scene = given_assigned().when("sw.macau", close(1)).then(event);
        scene.when("cw.macau", close(1)).then_refused(RefusalCode::WrongState);
    }

    #[test]
    fn nobody_else_does() {
        given_assigned().when("cw.zhuhai", close(1)).then_refused(RefusalCode::NotYours);
        given_assigned().when("cw.macau", close(2)).then_refused(RefusalCode::NotFound);
        given_assigned().when("rv.macau", close(1)).then_refused(RefusalCode::NotFound);
        given_assigned().when("ho.macau", close(1)).then_refused(RefusalCode::RoleNotAllowed);
    }
}
