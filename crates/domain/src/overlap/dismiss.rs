//! `DismissOverlap`: the reviewer found that there is no overlap.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::CandidateId;
use crate::officer::Role;
use crate::overlap::guards::{CandidateRows, candidate, load_candidate, only_the_reviewer, refuse_unless};
use crate::overlap::{CandidateState, DismissalReason, OverlapDismissed};
use crate::refusal::{Refusal, RefusalCode};
use crate::text::Note;
use crate::view::{Rows, ViewError};

/// Dismisses an overlap, before or after it was confirmed; not once the person was invited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DismissOverlap {
    /// The candidate.
    pub candidate: CandidateId,
    /// Why.
    pub reason: DismissalReason,
    /// In words.
    pub note: Note,
}

impl Decide for DismissOverlap {
    const ROLES: &'static [Role] = &[Role::Reviewer];
    type State = CandidateRows;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        load_candidate(rows, self.candidate)
    }

    fn decide(&self, rows: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let (_, state) = candidate(rows, context)?;
        only_the_reviewer(rows, context)?;
        let early =
            matches!(state, CandidateState::Unconfirmed | CandidateState::Confirmed | CandidateState::ToClarify);
        refuse_unless(early, RefusalCode::WrongState)?;
        let Self { candidate, reason, note } = self.clone();
        Ok(OverlapDismissed { candidate, reason, note }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::overlap::HearingInvited;
    use crate::overlap::sample::{candidate as id, given_confirmed, given_executed, note};
    use crate::testing::NOON;

    fn dismiss() -> DismissOverlap {
        DismissOverlap { candidate: id(1), reason: DismissalReason::WrongDocument, note: note() }
    }

    fn dismissed() -> OverlapDismissed {
        OverlapDismissed { candidate: id(1), reason: DismissalReason::WrongDocument, note: note() }
    }

    #[test]
    fn the_reviewer_dismisses_once_with_a_reason() {
        let scene = given_executed().when("rv.macau", dismiss()).then(dismissed());
        scene.when("rv.macau", dismiss()).then_refused(RefusalCode::WrongState);
        given_confirmed().when("rv.macau", dismiss()).then(dismissed());
        assert!(Event::from(dismissed()).readers().is_empty());
    }

    #[test]
    fn nothing_is_confirmed_after_it() {
        let confirm = crate::overlap::ConfirmOverlap { candidate: id(1) };
        let scene = given_executed().and("rv.macau", dismissed());
        scene.when("rv.macau", confirm).then_refused(RefusalCode::WrongState);
    }

    #[test]
    fn not_once_the_person_was_invited() {
        let invited = HearingInvited { candidate: id(1), on: NOON.local_date(), note: note() };
        let scene = given_confirmed().and("cw.macau", invited);
        scene.when("rv.macau", dismiss()).then_refused(RefusalCode::WrongState);
    }

    #[test]
    fn only_the_reviewer_of_the_run() {
        given_executed().when("rv2.macau", dismiss()).then_refused(RefusalCode::RoleNotAllowed);
        given_executed().when("cw.macau", dismiss()).then_refused(RefusalCode::RoleNotAllowed);
        given_executed().when("rv.zhuhai", dismiss()).then_refused(RefusalCode::NotFound);
    }
}
