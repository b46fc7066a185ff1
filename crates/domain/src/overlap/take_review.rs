//! `TakeMatchReview`: one reviewer of this side takes the candidates of a run. Nobody else sees them unconfirmed.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::MatchRunId;
use crate::officer::Role;
use crate::overlap::guards::refuse_unless;
use crate::overlap::{MatchReviewTaken, MatchRunFacts};
use crate::refusal::{Refusal, RefusalCode};
use crate::text::Note;
use crate::view::{Rows, Sides, ViewError};

/// Takes the candidates of a complete run, or takes them over from a reviewer who is away. There is one reviewer at a
/// time; each change is on record with its reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakeMatchReview {
    /// The run.
    pub run: MatchRunId,
    /// Why this officer.
    pub reason: Note,
}

impl Decide for TakeMatchReview {
    const ROLES: &'static [Role] = &[Role::Reviewer];
    type State = Sides<MatchRunFacts>;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        rows.sides(&self.run)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let own = state.of(context.me).ok_or_else(|| Refusal::new(RefusalCode::NotFound))?;
        let has_it = own.review.as_ref().is_some_and(|(_, said)| said.by == context.actor.officer);
        refuse_unless(own.executed.is_some() && !has_it, RefusalCode::WrongState)?;
        Ok(MatchReviewTaken { run: self.run, reason: self.reason.clone() }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::overlap::ConfirmOverlap;
    use crate::overlap::sample::{RUN, candidate, given_begun, given_executed, note};

    fn take() -> TakeMatchReview {
        TakeMatchReview { run: RUN, reason: note() }
    }

    #[test]
    fn the_last_who_took_it_is_the_one_reviewer() {
        let taken = MatchReviewTaken { run: RUN, reason: note() };
        let scene = given_executed();
        scene.clone().when("rv.macau", take()).then_refused(RefusalCode::WrongState);
        let scene = scene.when("rv2.macau", take()).then(taken);
        let confirm = ConfirmOverlap { candidate: candidate(1) };
        scene.clone().when("rv.macau", confirm.clone()).then_refused(RefusalCode::RoleNotAllowed);
        scene.when("rv2.macau", confirm).then_done();
    }

    #[test]
    fn only_of_a_complete_run_of_the_own_side() {
        given_begun().when("rv.macau", take()).then_refused(RefusalCode::WrongState);
        given_executed().when("rv.zhuhai", take()).then_refused(RefusalCode::WrongState);
        given_executed().when("rv.hengqin", take()).then_refused(RefusalCode::NotFound);
    }

    #[test]
    fn only_by_a_reviewer() {
        for who in ["cw.macau", "lo.macau", "dp.macau"] {
            given_executed().when(who, take()).then_refused(RefusalCode::RoleNotAllowed);
        }
    }
}
