//! `RecordStatement`: what the person said at the hearing.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::CandidateId;
use crate::officer::Role;
use crate::overlap::guards::{CandidateRows, candidate, load_candidate, refuse_unless};
use crate::overlap::{CandidateState, StatementRecorded};
use crate::refusal::{Refusal, RefusalCode};
use crate::text::Note;
use crate::view::{Rows, ViewError};

/// Records the statement of a person who was invited. That the person did not come is no statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordStatement {
    /// The candidate.
    pub candidate: CandidateId,
    /// What the person said.
    pub statement: Note,
}

impl Decide for RecordStatement {
    const ROLES: &'static [Role] = &[Role::Caseworker, Role::Reviewer];
    type State = CandidateRows;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        load_candidate(rows, self.candidate)
    }

    fn decide(&self, rows: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let (_, state) = candidate(rows, context)?;
        refuse_unless(state == CandidateState::Invited, RefusalCode::WrongState)?;
        let Self { candidate, statement } = self.clone();
        Ok(StatementRecorded { candidate, statement }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::overlap::HearingInvited;
    use crate::overlap::sample::{candidate as id, given_confirmed, note};
    use crate::testing::{NOON, Scene};

    fn record() -> RecordStatement {
        RecordStatement { candidate: id(1), statement: note() }
    }

    fn invited() -> Scene {
        given_confirmed().and("cw.macau", HearingInvited { candidate: id(1), on: NOON.local_date(), note: note() })
    }

    #[test]
    fn what_an_invited_person_says_is_recorded_once() {
        for who in ["cw.macau", "rv.macau"] {
            let recorded = StatementRecorded { candidate: id(1), statement: note() };
            let scene = invited().when(who, record()).then(recorded.clone());
            scene.when(who, record()).then_refused(RefusalCode::WrongState);
            assert!(Event::from(recorded).readers().is_empty());
        }
    }

    #[test]
    fn not_without_an_invitation() {
        given_confirmed().when("cw.macau", record()).then_refused(RefusalCode::WrongState);
    }

    #[test]
    fn only_at_the_own_side_by_who_works_on_cases() {
        invited().when("cw.zhuhai", record()).then_refused(RefusalCode::NotFound);
        invited().when("dp.macau", record()).then_refused(RefusalCode::RoleNotAllowed);
    }
}
