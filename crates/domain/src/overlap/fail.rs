//! `FailMatchRun`: a run that began came to no result. It stays spent.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::MatchRunId;
use crate::officer::Role;
use crate::overlap::guards::{concerning, refuse_unless};
use crate::overlap::{FailureReason, MatchRunFacts, MatchRunFailed};
use crate::refusal::{Refusal, RefusalCode};
use crate::view::{Rows, Sides, ViewError};

/// Records that a run failed. The service commands it: at once, or when a run's deadline is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailMatchRun {
    /// The run.
    pub run: MatchRunId,
    /// Why.
    pub reason: FailureReason,
}

impl Decide for FailMatchRun {
    const ROLES: &'static [Role] = &[Role::Node];
    type State = Sides<MatchRunFacts>;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        rows.sides(&self.run)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let case = concerning(state, context.me)?;
        refuse_unless(case.own.is_some_and(MatchRunFacts::is_running), RefusalCode::WrongState)?;
        Ok(MatchRunFailed { run: self.run, other: case.other, reason: self.reason }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::overlap::sample::{RUN, given_authorised, given_begun, given_executed};
    use crate::testing::party;

    const FAIL: FailMatchRun = FailMatchRun { run: RUN, reason: FailureReason::Protocol };

    #[test]
    fn a_run_under_way_fails_once_for_the_other_to_see() {
        let failed = MatchRunFailed { run: RUN, other: party("zhuhai"), reason: FailureReason::Protocol };
        let scene = given_begun().when("node.macau", FAIL).then(failed.clone());
        scene.when("node.macau", FAIL).then_refused(RefusalCode::WrongState);
        assert_eq!(Event::from(failed).readers(), [party("zhuhai")].into());
    }

    #[test]
    fn nothing_else_fails() {
        given_authorised().when("node.macau", FAIL).then_refused(RefusalCode::WrongState);
        given_executed().when("node.macau", FAIL).then_refused(RefusalCode::WrongState);
        given_begun().when("node.hengqin", FAIL).then_refused(RefusalCode::NotFound);
        given_begun().when("lo.macau", FAIL).then_refused(RefusalCode::RoleNotAllowed);
    }
}
