//! When an urgent notice goes one step up, when the first action is due, when the justification is.

use crate::agreement::{Agreement, closures, figures};
use crate::clock::{Clock, Due};
use crate::closure::{Running, RunningClock};
use crate::id::{PartyId, UrgentId};
use crate::party::rules_of;
use crate::time::Instant;
use crate::urgent::events::EscalationStep;
use crate::urgent::facts::{UrgentCase, UrgentFacts};
use crate::view::{Rows, Sides, ViewError};

/// Returns the instant at which an addressee's service takes the notice to a step, unless somebody acknowledges: by its
/// own clock, from its own receipt. None without one.
#[must_use]
pub fn escalation_at(case: &UrgentCase<'_>, me: PartyId, step: EscalationStep, figures: &Agreement) -> Option<Instant> {
    let delivered = case.addressee(me)?.delivered.as_ref()?.1.at;
    let [deputy, secretariat, both] = figures.urgent_escalation_minutes;
    let minutes = match step {
        EscalationStep::Deputy => deputy,
        EscalationStep::Secretariat => secretariat,
        EscalationStep::BothSecretariats => both,
    };
    wall(delivered, minutes)
}

/// Returns the last instant at which the first action of the party that took the case over is on time: from its receipt
/// of the notice, however late it took over.
#[must_use]
pub fn action_due(case: &UrgentCase<'_>, me: PartyId, figures: &Agreement) -> Option<Instant> {
    let own = case.addressee(me)?;
    let taken = own.taken_over.as_ref()?;
    let start = own.delivered.as_ref().map_or(taken, |(_, said)| said);
    wall(start.at, figures.urgent_action_minutes)
}

fn wall(start: Instant, minutes: u32) -> Option<Instant> {
    match Clock::WallMinutes(minutes).due(start, &crate::calendar::Closures::default(), &[]) {
        Due::At(due) => Some(due),
        Due::Unknown => None,
    }
}

/// Returns the figures between the sender and this party when the notice was raised; what its clocks go by.
pub(super) fn figures_of(rows: &Rows<'_>, case: &UrgentCase<'_>, me: PartyId) -> Result<Agreement, ViewError> {
    let raised = case.sender.raised.as_ref().map_or(Instant::default(), |(_, said)| said.at);
    figures(rows, [case.from, me], raised)
}

/// Returns the sender's clock for its justification, run out or not; none before the notice is closed.
///
/// # Errors
/// When a row can't be read.
pub fn justification(rows: &Rows<'_>, case: &UrgentCase<'_>) -> Result<Option<Running>, ViewError> {
    let (Some((_, closed)), Some(rules)) = (&case.sender.closed, rules_of(case.from)) else { return Ok(None) };
    // The sender's own limit: with itself it has signed what it has signed with anybody.
    let limit = figures(rows, [case.from, case.from], closed.at)?.urgent_justification.of(rules, rules);
    let limit = Clock::WorkingDays(limit);
    let (owner, others) = (case.from, case.raised.to.clone());
    let clock = RunningClock::UrgentJustification;
    Ok(Some(Running { owner, clock, start: closed.at, limit, pauses: Vec::new(), others }))
}

/// Returns when the sender's justification is due; none before the notice is closed.
///
/// # Errors
/// When a row can't be read.
pub fn justification_due(rows: &Rows<'_>, case: &UrgentCase<'_>) -> Result<Option<Due>, ViewError> {
    let closed = closures(rows)?;
    Ok(justification(rows, case)?.map(|clock| clock.due(&closed)))
}

/// Returns the clocks of working days that run for a notice: its justification, until it comes or is overdue.
///
/// # Errors
/// When a row can't be read.
pub fn running(rows: &Rows<'_>, id: UrgentId) -> Result<Vec<Running>, ViewError> {
    let sides: Sides<UrgentFacts> = rows.sides(&id)?;
    let mut found = Vec::new();
    for case in sides.iter().filter_map(|(from, _)| sides.raised_by(from)) {
        if case.sender.justified.is_none() && case.sender.justification_overdue.is_none() {
            found.extend(justification(rows, &case)?);
        }
    }
    Ok(found)
}
