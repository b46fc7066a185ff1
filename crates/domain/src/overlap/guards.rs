//! Guards that several decisions on matching share.

use crate::command::Context;
use crate::id::{CandidateId, MatchRunId, PartyId};
use crate::overlap::facts::{CandidateFacts, CandidateState, MatchRunFacts, RunCase};
use crate::overlap::{PROPOSAL_VALID_US, RUN_INTERVAL_US, RUNS_PER_PERIOD_MAX};
use crate::refusal::{Refusal, RefusalCode};
use crate::time::{Instant, Period};
use crate::view::{Rows, Sides, ViewError};

/// The rows of a run and of all runs, as the limits need them.
pub struct RunState {
    /// The run.
    pub(super) run: Sides<MatchRunFacts>,
    /// Every run there is. There are few: three for each pair and month.
    pub(super) all: Vec<(MatchRunId, Sides<MatchRunFacts>)>,
}

impl RunState {
    pub(super) fn load(rows: &Rows<'_>, run: MatchRunId) -> Result<Self, ViewError> {
        Ok(Self { run: rows.sides(&run)?, all: rows.all()? })
    }
}

/// The run, if it concerns this party.
pub(super) fn concerning(state: &Sides<MatchRunFacts>, me: PartyId) -> Result<RunCase<'_>, Refusal> {
    state.concerning(me).ok_or_else(|| Refusal::new(RefusalCode::NotFound))
}

/// Refuses unless a condition holds.
pub(super) fn refuse_unless(condition: bool, code: RefusalCode) -> Result<(), Refusal> {
    if condition { Ok(()) } else { Err(Refusal::new(code)) }
}

/// Refuses a run beyond the limits of its pair. Only what began in the own log counts: a peer can't use up our runs by
/// proposing.
pub(super) fn within_limits(
    all: &[(MatchRunId, Sides<MatchRunFacts>)],
    me: PartyId,
    other: PartyId,
    period: Period,
    now: Instant,
) -> Result<(), Refusal> {
    let cases = all.iter().filter_map(|(_, sides)| sides.concerning(me)).filter(|case| case.other == other);
    let begun: Vec<(Period, Instant)> =
        cases.filter_map(|case| Some((case.proposed.period, case.own?.begun.as_ref()?.1.at))).collect();
    if begun.iter().filter(|(of, _)| *of == period).count() >= RUNS_PER_PERIOD_MAX {
        return Err(Refusal::new(RefusalCode::MatchLimit).offending(["period"]));
    }
    let next = begun.iter().map(|(_, at)| at.plus_us(RUN_INTERVAL_US)).max();
    match next.filter(|next| now < *next) {
        Some(next) => Err(Refusal::new(RefusalCode::MatchLimit).offending(["interval"]).effective_at(next)),
        None => Ok(()),
    }
}

/// The run, if it may begin here now: authorised by both, not begun, not too old, within the limits.
pub(super) fn may_begin(state: &RunState, me: PartyId, now: Instant) -> Result<RunCase<'_>, Refusal> {
    let case = concerning(&state.run, me)?;
    refuse_unless(case.own.is_none_or(|own| own.begun.is_none()), RefusalCode::WrongState)?;
    let missing: Vec<_> = [case.me, case.other].into_iter().filter(|p| case.authorised_by(*p).is_none()).collect();
    if !missing.is_empty() {
        let missing = missing.iter().map(PartyId::to_string);
        return Err(Refusal::new(RefusalCode::RunNotAuthorised).offending(missing));
    }
    let ends = case.said.at.plus_us(PROPOSAL_VALID_US);
    if now >= ends {
        return Err(Refusal::new(RefusalCode::RunNotAuthorised).offending(["expired"]).effective_at(ends));
    }
    within_limits(&state.all, me, case.other, case.proposed.period, now)?;
    Ok(case)
}

/// What the steps on a candidate need: the candidate's rows and its run's.
pub(super) type CandidateRows = (Sides<CandidateFacts>, Sides<MatchRunFacts>);

pub(super) fn load_candidate(rows: &Rows<'_>, id: CandidateId) -> Result<CandidateRows, ViewError> {
    Ok((rows.sides(&id)?, rows.sides(&id.run)?))
}

/// The candidate's state in the own log; its run must be complete here.
pub(super) fn candidate<'a>(
    (candidates, runs): &'a CandidateRows,
    context: &Context<'_>,
) -> Result<(&'a CandidateFacts, CandidateState), Refusal> {
    let not_found = || Refusal::new(RefusalCode::NotFound);
    let facts = candidates.of(context.me).ok_or_else(not_found)?;
    let state = facts.state().ok_or_else(not_found)?;
    let complete = runs.of(context.me).is_some_and(|run| run.executed.is_some());
    refuse_unless(complete, RefusalCode::WrongState)?;
    Ok((facts, state))
}

/// Refuses everyone but the run's reviewer.
pub(super) fn only_the_reviewer((_, runs): &CandidateRows, context: &Context<'_>) -> Result<(), Refusal> {
    let review = runs.of(context.me).and_then(|run| run.review.as_ref());
    if review.is_some_and(|(_, said)| said.by == context.actor.officer) {
        return Ok(());
    }
    Err(Refusal::new(RefusalCode::RoleNotAllowed).offending(["reviewer"]))
}
