//! `RecordMatchExecution`: the run is complete on this side; sizes and method are on record for both.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::MatchRunId;
use crate::officer::Role;
use crate::overlap::guards::{concerning, refuse_unless};
use crate::overlap::{MatchRunExecuted, MatchRunFacts};
use crate::refusal::{Refusal, RefusalCode};
use crate::view::{Rows, Sides, ViewError};

/// Records that a run is complete. The overlap is what was recorded as candidates, the own size what was announced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordMatchExecution {
    /// The run.
    pub run: MatchRunId,
    /// Document keys that the other side sent.
    pub peer_elements: u32,
}

impl Decide for RecordMatchExecution {
    const ROLES: &'static [Role] = &[Role::Node];
    type State = Sides<MatchRunFacts>;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        rows.sides(&self.run)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let case = concerning(state, context.me)?;
        let running = case.own.filter(|own| own.is_running());
        let Some((own, (begun, _))) = running.and_then(|own| Some((own, own.begun.as_ref()?))) else {
            return Err(Refusal::new(RefusalCode::WrongState));
        };
        refuse_unless(self.peer_elements <= case.proposed.elements_max, RefusalCode::MatchLimit)?;
        Ok(MatchRunExecuted {
            run: self.run,
            other: case.other,
            method: case.proposed.method,
            own_elements: begun.elements,
            peer_elements: self.peer_elements,
            overlap: own.candidates.into(),
        }
        .into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::overlap::sample::{RUN, executed, found, given_authorised, given_begun, proposed};
    use crate::overlap::{FailureReason, MatchRunFailed};
    use crate::testing::party;

    const RECORD: RecordMatchExecution = RecordMatchExecution { run: RUN, peer_elements: 5 };

    #[test]
    fn sizes_and_method_are_on_record_for_both_sides() {
        let scene = given_begun().and("node.macau", found(1)).and("node.macau", found(2));
        let scene = scene.when("node.macau", RECORD).then(executed("macau"));
        scene.when("node.macau", RECORD).then_refused(RefusalCode::WrongState);
        assert_eq!(Event::from(executed("macau")).readers(), [party("zhuhai")].into());
    }

    #[test]
    fn only_of_a_run_that_is_under_way_here() {
        given_authorised().when("node.macau", RECORD).then_refused(RefusalCode::WrongState);
        given_begun().when("node.zhuhai", RECORD).then_refused(RefusalCode::WrongState);
        given_begun().when("node.hengqin", RECORD).then_refused(RefusalCode::NotFound);
        let failed = MatchRunFailed { run: RUN, other: party("zhuhai"), reason: FailureReason::Interrupted };
        given_begun().and("node.macau", failed).when("node.macau", RECORD).then_refused(RefusalCode::WrongState);
    }

    #[test]
    fn not_when_the_other_set_was_larger_than_authorised() {
        let of = |peer_elements| given_begun().when("node.macau", RecordMatchExecution { run: RUN, peer_elements });
        of(proposed().elements_max).then_done();
        of(proposed().elements_max + 1).then_refused(RefusalCode::MatchLimit);
    }

    #[test]
    fn no_officer_records_it() {
        given_begun().when("dp.macau", RECORD).then_refused(RefusalCode::RoleNotAllowed);
    }
}
