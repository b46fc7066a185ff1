//! `ProposeMatchRun`: a liaison or data-protection officer proposes a run to the other party.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::{MatchRunId, PartyId};
use crate::officer::Role;
use crate::overlap::guards::{RunState, refuse_unless, within_limits};
use crate::overlap::{ELEMENTS_MAX, MatchBasis, MatchMethod, MatchRunProposed};
use crate::party::rules_of;
use crate::refusal::{Refusal, RefusalCode};
use crate::text::Short;
use crate::time::Period;
use crate::view::{Rows, ViewError};

/// Proposes a run. Nothing leaves before the data-protection officers of both sides authorise it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProposeMatchRun {
    /// The run: a fresh id.
    pub run: MatchRunId,
    /// The other party.
    pub with: PartyId,
    /// What for, as the agreement's clause says it.
    pub purpose: Short,
    /// What it rests on.
    pub basis: MatchBasis,
    /// The month compared: the current one or an earlier one.
    pub period: Period,
    /// How.
    pub method: MatchMethod,
    /// Most elements of either set: 1 to [`ELEMENTS_MAX`].
    pub elements_max: u32,
}

impl Decide for ProposeMatchRun {
    const ROLES: &'static [Role] = &[Role::Liaison, Role::DataProtection];
    type State = RunState;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        RunState::load(rows, self.run)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        refuse_unless(state.run.concerning(context.me).is_none(), RefusalCode::AlreadyExists)?;
        refuse_unless(self.with != context.me && rules_of(self.with).is_some(), RefusalCode::WrongAddressee)?;
        // Written YYYY-MM, a month sorts before its own days and after those of every earlier month.
        if self.period.to_string() > context.now.local_date().to_string() {
            return Err(Refusal::new(RefusalCode::BadDate).offending(["period"]));
        }
        if !(1..=ELEMENTS_MAX).contains(&self.elements_max) {
            return Err(Refusal::new(RefusalCode::MatchLimit).offending(["elements_max"]));
        }
        within_limits(&state.all, context.me, self.with, self.period, context.now)?;
        let Self { run, with, purpose, basis, period, method, elements_max } = self.clone();
        Ok(MatchRunProposed { run, with, purpose, basis, period, method, elements_max }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::overlap::sample::{RUN, begun, given_authorised, given_proposed, propose, proposed};
    use crate::overlap::{MatchRunBegun, RUN_INTERVAL_US, RUNS_PER_PERIOD_MAX};
    use crate::testing::{Scene, given_nothing, party};

    fn another(number: u128) -> MatchRunId {
        MatchRunId(uuid::Uuid::from_u128(number))
    }

    #[test]
    fn a_run_is_proposed_to_the_other_party_alone() {
        for who in ["lo.zhuhai", "dp.zhuhai"] {
            given_nothing().when(who, propose()).then(proposed());
        }
        assert_eq!(Event::from(proposed()).readers(), [party("macau")].into());
    }

    #[test]
    fn each_single_fault_is_refused() {
        type Change = fn(&mut ProposeMatchRun);
        let faults: [(Change, RefusalCode, &[&str]); 5] = [
            (|p| p.with = party("zhuhai"), RefusalCode::WrongAddressee, &[]),
            (|p| p.with = party("foshan"), RefusalCode::WrongAddressee, &[]),
            (|p| p.period = "2026-08".to_owned().try_into().unwrap(), RefusalCode::BadDate, &["period"]),
            (|p| p.elements_max = 0, RefusalCode::MatchLimit, &["elements_max"]),
            (|p| p.elements_max = ELEMENTS_MAX + 1, RefusalCode::MatchLimit, &["elements_max"]),
        ];
        for (change, code, offending) in faults {
            let mut propose = propose();
            change(&mut propose);
            let refusal = given_nothing().when("lo.zhuhai", propose).then_refused(code);
            assert_eq!(refusal.offending, offending);
        }
        let this_month = ProposeMatchRun { period: "2026-07".to_owned().try_into().unwrap(), ..propose() };
        given_nothing().when("lo.zhuhai", this_month).then_done();
    }

    #[test]
    fn an_id_is_taken_once() {
        for who in ["lo.zhuhai", "lo.macau"] {
            let again = ProposeMatchRun { with: party("hengqin"), ..propose() };
            given_proposed().when(who, again).then_refused(RefusalCode::AlreadyExists);
        }
    }

    /// Zhuhai has begun so many runs with Macau, a day and more apart.
    fn after(runs: u32) -> Scene {
        (0..runs).fold(given_nothing(), |scene, no| {
            let run = another(u128::from(no) + 0x100);
            let now = scene.now.plus_us(RUN_INTERVAL_US);
            let scene = scene.and("lo.zhuhai", MatchRunProposed { run, ..proposed() });
            scene.and("node.zhuhai", MatchRunBegun { run, ..begun("zhuhai") }).at(now.plus_us(RUN_INTERVAL_US))
        })
    }

    #[test]
    fn runs_of_a_pair_and_month_are_counted() {
        let most = u32::try_from(RUNS_PER_PERIOD_MAX).unwrap();
        after(most - 1).when("lo.zhuhai", propose()).then_done();
        let refusal = after(most).when("lo.zhuhai", propose()).then_refused(RefusalCode::MatchLimit);
        assert_eq!(refusal.offending, ["period"]);
        let another_month = ProposeMatchRun { period: "2026-05".to_owned().try_into().unwrap(), ..propose() };
        after(most).when("lo.zhuhai", another_month).then_done();
        let another_pair = ProposeMatchRun { with: party("hengqin"), ..propose() };
        after(most).when("lo.zhuhai", another_pair).then_done();
    }

    #[test]
    fn runs_of_a_pair_are_a_day_apart() {
        let scene = given_authorised();
        let begun_at = scene.now;
        let scene = scene.and("node.zhuhai", begun("zhuhai"));
        let next = ProposeMatchRun { run: another(7), ..propose() };
        let at = |us| scene.clone().at(begun_at.plus_us(us)).when("lo.zhuhai", next.clone());
        let refusal = at(RUN_INTERVAL_US - 1).then_refused(RefusalCode::MatchLimit);
        assert_eq!(
            (refusal.offending, refusal.effective_at),
            (vec!["interval".to_owned()], Some(begun_at.plus_us(RUN_INTERVAL_US)))
        );
        at(RUN_INTERVAL_US).then_done();
        assert_eq!(RUN, propose().run);
    }

    #[test]
    fn what_a_peer_proposes_uses_nothing_up() {
        let scene = (0..9).fold(given_nothing(), |scene, no| {
            scene.and("lo.macau", MatchRunProposed { run: another(no), with: party("zhuhai"), ..proposed() })
        });
        scene.when("lo.zhuhai", propose()).then_done();
    }

    #[test]
    fn a_caseworker_proposes_nothing() {
        given_nothing().when("cw.zhuhai", propose()).then_refused(RefusalCode::RoleNotAllowed);
    }
}
