//! `ConfirmOverlap`: the reviewer compared the records: it is the same person.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::CandidateId;
use crate::officer::Role;
use crate::overlap::guards::{CandidateRows, candidate, load_candidate, only_the_reviewer, refuse_unless};
use crate::overlap::{CandidateState, OverlapConfirmed};
use crate::refusal::{Refusal, RefusalCode};
use crate::view::{Rows, ViewError};

/// Confirms an overlap. Caseworkers of this side see it from then on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfirmOverlap {
    /// The candidate.
    pub candidate: CandidateId,
}

impl Decide for ConfirmOverlap {
    const ROLES: &'static [Role] = &[Role::Reviewer];
    type State = CandidateRows;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        load_candidate(rows, self.candidate)
    }

    fn decide(&self, rows: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let (_, state) = candidate(rows, context)?;
        only_the_reviewer(rows, context)?;
        refuse_unless(state == CandidateState::Unconfirmed, RefusalCode::WrongState)?;
        Ok(OverlapConfirmed { candidate: self.candidate }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::overlap::sample::{candidate as id, found, given_begun, given_confirmed, given_executed};

    fn confirm() -> ConfirmOverlap {
        ConfirmOverlap { candidate: id(1) }
    }

    #[test]
    fn the_reviewer_confirms_once_for_the_own_log() {
        let confirmed = OverlapConfirmed { candidate: id(1) };
        given_executed().when("rv.macau", confirm()).then(confirmed.clone());
        given_confirmed().when("rv.macau", confirm()).then_refused(RefusalCode::WrongState);
        assert!(Event::from(confirmed).readers().is_empty());
    }

    #[test]
    fn only_the_reviewer_of_the_run() {
        let refusal = given_executed().when("rv2.macau", confirm()).then_refused(RefusalCode::RoleNotAllowed);
        assert_eq!(refusal.offending, ["reviewer"]);
        given_executed().when("cw.macau", confirm()).then_refused(RefusalCode::RoleNotAllowed);
    }

    #[test]
    fn only_a_candidate_of_the_own_log() {
        given_executed().when("rv.zhuhai", confirm()).then_refused(RefusalCode::NotFound);
        given_executed().when("rv.macau", ConfirmOverlap { candidate: id(3) }).then_refused(RefusalCode::NotFound);
    }

    #[test]
    fn not_while_the_run_is_under_way() {
        let scene = given_begun().and("node.macau", found(1));
        scene.when("rv.macau", confirm()).then_refused(RefusalCode::WrongState);
    }
}
