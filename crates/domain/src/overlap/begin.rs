//! `BeginMatchRun`: the own set is made; on record before the first blinded element leaves.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::MatchRunId;
use crate::officer::Role;
use crate::overlap::MatchRunBegun;
use crate::overlap::guards::{RunState, may_begin};
use crate::refusal::{Refusal, RefusalCode};
use crate::view::{Rows, ViewError};

/// Begins a run on this side. An officer commands it where the run is started, the service where it is answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BeginMatchRun {
    /// The run.
    pub run: MatchRunId,
    /// Document keys in the own set, at least as many as persons.
    pub elements: u32,
    /// Persons in the own set.
    pub persons: u32,
}

impl Decide for BeginMatchRun {
    const ROLES: &'static [Role] = &[Role::Liaison, Role::DataProtection, Role::Node];
    type State = RunState;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        RunState::load(rows, self.run)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let case = may_begin(state, context.me, context.now)?;
        if self.elements > case.proposed.elements_max || self.persons > self.elements {
            return Err(Refusal::new(RefusalCode::MatchLimit).offending(["elements_max"]));
        }
        let Self { run, elements, persons } = *self;
        Ok(MatchRunBegun { run, other: case.other, elements, persons }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::overlap::sample::{RUN, authorised, begun, given_authorised, given_proposed, proposed};
    use crate::overlap::{PROPOSAL_VALID_US, RUN_INTERVAL_US};
    use crate::testing::{NOON, given_nothing, party};

    fn begin() -> BeginMatchRun {
        let MatchRunBegun { run, elements, persons, .. } = begun("zhuhai");
        BeginMatchRun { run, elements, persons }
    }

    #[test]
    fn each_side_begins_once_and_says_so_to_the_other() {
        for (who, name) in [("lo.zhuhai", "zhuhai"), ("dp.zhuhai", "zhuhai"), ("node.macau", "macau")] {
            let scene = given_authorised().when(who, begin()).then(begun(name));
            scene.when(who, begin()).then_refused(RefusalCode::WrongState);
        }
        assert_eq!(Event::from(begun("macau")).readers(), [party("zhuhai")].into());
    }

    #[test]
    fn nothing_begins_without_both_authorisations() {
        given_nothing().when("lo.zhuhai", begin()).then_refused(RefusalCode::NotFound);
        let refusal = given_proposed().when("lo.zhuhai", begin()).then_refused(RefusalCode::RunNotAuthorised);
        assert_eq!(refusal.offending, ["zhuhai", "macau"]);
        let one = given_proposed().and("dp.zhuhai", authorised("dp.zhuhai"));
        assert_eq!(one.when("lo.zhuhai", begin()).then_refused(RefusalCode::RunNotAuthorised).offending, ["macau"]);
    }

    #[test]
    fn not_when_the_proposal_is_old() {
        let late = given_authorised().at(NOON.plus_us(PROPOSAL_VALID_US));
        let refusal = late.when("lo.zhuhai", begin()).then_refused(RefusalCode::RunNotAuthorised);
        assert_eq!(
            (refusal.offending, refusal.effective_at),
            (vec!["expired".to_owned()], Some(NOON.plus_us(PROPOSAL_VALID_US)))
        );
    }

    #[test]
    fn not_beyond_the_size_that_was_authorised() {
        let most = proposed().elements_max;
        let of =
            |elements, persons| given_authorised().when("node.macau", BeginMatchRun { run: RUN, elements, persons });
        of(most, most).then_done();
        of(0, 0).then_done(); // nobody consented: the run says so
        of(most + 1, 7).then_refused(RefusalCode::MatchLimit);
        of(3, 4).then_refused(RefusalCode::MatchLimit);
    }

    #[test]
    fn not_within_a_day_of_another() {
        let run = MatchRunId(uuid::Uuid::from_u128(0x77));
        let other = crate::overlap::MatchRunProposed { run, ..proposed() };
        let scene =
            given_authorised().and("lo.zhuhai", other).and("node.zhuhai", MatchRunBegun { run, ..begun("zhuhai") });
        scene.clone().when("lo.zhuhai", begin()).then_refused(RefusalCode::MatchLimit);
        let later = scene.now.plus_us(RUN_INTERVAL_US);
        scene.at(later).when("lo.zhuhai", begin()).then_done();
    }

    #[test]
    fn a_reviewer_begins_nothing() {
        given_authorised().when("rv.zhuhai", begin()).then_refused(RefusalCode::RoleNotAllowed);
    }
}
