//! `AdjustClock`: the service records by itself that a declared closure moved a clock of its own that runs.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::agenda::{Case, Duty, Outlook};
use crate::calendar::Closures;
use crate::clock::{Clock, Due, Pause};
use crate::closure::{ClockAdjusted, Declared, RunningClock, declared};
use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::{ClosureId, PartyId};
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::time::Instant;
use crate::view::{Rows, ViewError};
use crate::{notice, urgent};

/// A clock that runs: what was to be done is not done, and that it was not done in time is not on record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Running {
    /// Whose clock it is: the party that says when it is overdue.
    pub owner: PartyId,
    /// The clock.
    pub clock: RunningClock,
    /// When it began.
    pub start: Instant,
    /// How long it runs.
    pub limit: Clock,
    /// What stopped it.
    pub pauses: Vec<Pause>,
    /// The other parties it matters to.
    pub others: BTreeSet<PartyId>,
}

impl Running {
    /// Returns when it is due with these days closed.
    #[must_use]
    pub fn due(&self, closures: &Closures) -> Due {
        self.limit.due(self.start, closures, &self.pauses)
    }

    /// Returns the first closure that moves the clock and is not on record as having moved it.
    fn moved_by<'a>(&self, case: Case, all: &'a [Declared]) -> Option<(&'a Declared, Instant, Option<Instant>)> {
        let known = |one: &&Declared| {
            let on_record = one.adjusted.get(&self.owner).is_some_and(|clocks| clocks.contains(&(case, self.clock)));
            on_record || one.said.at <= self.start // it was closed when the clock began
        };
        let applied: Vec<_> = all.iter().filter(known).map(|one| (one.calendar, one.date)).collect();
        let Due::At(from) = self.due(&applied.iter().copied().collect()) else { return None };
        all.iter().filter(|one| !known(one)).find_map(|one| {
            let with = applied.iter().copied().chain([(one.calendar, one.date)]).collect();
            let to = match self.due(&with) {
                Due::At(to) => Some(to),
                Due::Unknown => None,
            };
            (to != Some(from)).then_some((one, from, to))
        })
    }
}

/// Returns the clocks of working days that run in a case, of all its parties.
///
/// # Errors
/// When a row can't be read.
pub fn running(rows: &Rows<'_>, case: Case) -> Result<Vec<Running>, ViewError> {
    match case {
        Case::Batch(id) => notice::clocks::running(rows, id),
        Case::Routine(to) => notice::clocks::running_routine(rows, to),
        Case::Urgent(id) => urgent::clocks::running(rows, id),
        Case::Consent(_)
        | Case::Request(_)
        | Case::Channel(_)
        | Case::MatchRun(_)
        | Case::Candidate(_)
        | Case::Basis(_)
        | Case::Erasure(_) => Ok(Vec::new()),
    }
}

/// Returns the case whose next duty an adjustment changes.
pub(crate) fn touched(event: &Event) -> Vec<Case> {
    if let Event::ClockAdjusted(adjusted) = event { vec![adjusted.case] } else { Vec::new() }
}

/// Returns the next adjustment of this party's clocks in a case.
pub(crate) fn next_adjustment(outlook: &Outlook<'_>, case: Case) -> Result<Option<Duty>, ViewError> {
    let all = declared(&outlook.rows)?;
    if all.is_empty() {
        return Ok(None);
    }
    let own = running(&outlook.rows, case)?.into_iter().filter(|running| running.owner == outlook.me);
    let duty = own.filter_map(|running| {
        let (closure, _, _) = running.moved_by(case, &all)?;
        let command = AdjustClock { closure: closure.id, case, clock: running.clock };
        Some(Duty { at: closure.said.at, command: command.into() })
    });
    Ok(duty.min_by_key(|duty| duty.at))
}

/// Records that a closure moved a clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdjustClock {
    /// The declaration.
    pub closure: ClosureId,
    /// Where the clock runs.
    pub case: Case,
    /// The clock.
    pub clock: RunningClock,
}

impl Decide for AdjustClock {
    const ROLES: &'static [Role] = &[Role::Node];
    type State = (Vec<Running>, Vec<Declared>);

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        Ok((running(rows, self.case)?, declared(rows)?))
    }

    fn decide(&self, (running, all): &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let own = running.iter().find(|running| running.owner == context.me && running.clock == self.clock);
        let Some(own) = own else { return Err(Refusal::new(RefusalCode::NotFound)) };
        let moved = own.moved_by(self.case, all).filter(|(closure, _, _)| closure.id == self.closure);
        let Some((_, from, to)) = moved else { return Err(Refusal::new(RefusalCode::WrongState)) };
        let Self { closure, case, clock } = *self;
        Ok(ClockAdjusted { closure, case, clock, from, to, others: own.others.clone() }.into())
    }
}
