//! When a batch has to be acknowledged, and when a month's batch has to be sent.

use std::collections::BTreeMap;

use crate::agreement::{Versions, closures, figures};
use crate::calendar::Closures;
use crate::clock::{Clock, Due};
use crate::closure::{Running, RunningClock};
use crate::id::{BatchId, PartyId};
use crate::notice::facts::{BatchFacts, SentBatch};
use crate::notice::routine::RoutineFacts;
use crate::party::{self, Rules, rules_of};
use crate::time::{Instant, Period};
use crate::view::{Rows, Sides, ViewError};

/// Returns the addressee's clock for acknowledging a batch, run out or not; none before its arrival is on record.
///
/// # Errors
/// When a row can't be read.
pub fn acknowledgement(rows: &Rows<'_>, batch: &SentBatch<'_>) -> Result<Option<Running>, ViewError> {
    let (from, to) = (batch.from, batch.sent.to);
    let delivered = batch.addressee.and_then(|facts| facts.delivered.as_ref());
    let (Some((_, delivered)), Some(sender), Some(receiver)) = (delivered, rules_of(from), rules_of(to)) else {
        return Ok(None);
    };
    let (clock, start) = (RunningClock::BatchAcknowledgement, delivered.at);
    let limit = Clock::WorkingDays(figures(rows, [from, to], start)?.batch_acknowledgement.of(sender, receiver));
    Ok(Some(Running { owner: to, clock, start, limit, pauses: Vec::new(), others: [from].into() }))
}

/// Returns the clocks that run for a batch: its acknowledgement, until it comes or is overdue.
///
/// # Errors
/// When a row can't be read.
pub fn running(rows: &Rows<'_>, id: BatchId) -> Result<Vec<Running>, ViewError> {
    let sides: Sides<BatchFacts> = rows.sides(&id)?;
    let mut found = Vec::new();
    for batch in addressees(&sides).filter_map(|to| sides.received_by(to)) {
        if batch.addressee.is_some_and(|facts| facts.acknowledged.is_none() && facts.overdue.is_none()) {
            found.extend(acknowledgement(rows, &batch)?);
        }
    }
    Ok(found)
}

/// By addressee, when it has to acknowledge.
pub(super) fn dues(rows: &Rows<'_>, sides: &Sides<BatchFacts>) -> Result<BTreeMap<PartyId, Due>, ViewError> {
    let closed = closures(rows)?;
    let mut dues = BTreeMap::new();
    for to in addressees(sides) {
        let batch = sides.received_by(to);
        if let Some(clock) = batch.map(|batch| acknowledgement(rows, &batch)).transpose()?.flatten() {
            dues.insert(to, clock.due(&closed));
        }
    }
    Ok(dues)
}

/// One unless two parties used the same id.
fn addressees(sides: &Sides<BatchFacts>) -> impl Iterator<Item = PartyId> {
    sides.iter().filter_map(|(_, facts)| facts.sent.as_ref().map(|(sent, _)| sent.to))
}

/// A month whose batch a party owes another, or has sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Month {
    /// The month.
    pub period: Period,
    /// When its batch is due.
    pub due: Due,
    /// The clock.
    pub clock: Running,
}

/// The monthly batches from one party to another, as the agreement asks for them and the sender's log has them.
#[derive(Clone, Debug)]
pub struct Routine {
    /// The sender.
    pub from: PartyId,
    /// The addressee.
    pub to: PartyId,
    /// What the sender's log says.
    pub facts: RoutineFacts,
    versions: Versions,
    rules: [&'static Rules; 2],
    closed: Closures,
}

impl Routine {
    /// Returns a month, whether it is owed or not; none at the end of the calendar.
    #[must_use]
    pub fn month(&self, period: Period) -> Option<Month> {
        let first = first_instant(period)?;
        let [sender, receiver] = self.rules;
        let limit = self.versions.figures(first).routine_batch.of(sender, receiver);
        let clock = Running {
            owner: self.from,
            clock: RunningClock::RoutineBatch(period),
            start: first.plus_us(-1), // the last day of the month before is not counted (`domain.md` §6.2)
            limit: Clock::WorkingDays(limit),
            pauses: Vec::new(),
            others: [self.to].into(),
        };
        Some(Month { period, due: clock.due(&self.closed), clock })
    }

    /// Returns the first month whose batch is owed: the first that begins when an agreement binds both parties (A). None
    /// while none does: who has agreed to nothing owes nothing, and who has owes it also without ever having sent one.
    #[must_use]
    pub fn first_owed(&self) -> Option<Period> {
        let since = self.versions.since()?;
        let month = Period::of(since.local_date())?;
        if first_instant(month)? >= since { Some(month) } else { month.next() }
    }

    /// Returns the missed batch in a row from which the secretariat is told, by the version in force in the month.
    #[must_use]
    pub fn misses_to_secretariat(&self, period: Period) -> u16 {
        let first = first_instant(period).unwrap_or_default();
        self.versions.figures(first).routine_misses_to_secretariat.into()
    }

    /// Returns the months from the first one owed on that were not sent, in order; endless for practical purposes.
    pub fn unsent(&self) -> impl Iterator<Item = Month> {
        let months = std::iter::successors(self.first_owed(), |period| period.next());
        months.filter(|period| !self.facts.sent.contains_key(period)).filter_map(|period| self.month(period))
    }

    /// Returns the next month to be sent or to be recorded as missed.
    #[must_use]
    pub fn next(&self) -> Option<Month> {
        self.unsent().find(|month| !self.facts.missed.contains_key(&month.period))
    }
}

/// Returns the monthly batches from one party to another; none while nothing is agreed and nothing was sent.
///
/// # Errors
/// When a row can't be read.
pub fn routine(rows: &Rows<'_>, from: PartyId, to: PartyId) -> Result<Option<Routine>, ViewError> {
    let (Some(sender), Some(receiver)) = (rules_of(from).filter(|_| from != to), rules_of(to)) else { return Ok(None) };
    let (facts, versions) = (rows.side::<RoutineFacts>(&to, from)?, Versions::load(rows, [from, to])?);
    if facts.is_none() && versions.since().is_none() {
        return Ok(None);
    }
    let facts = facts.unwrap_or_default();
    Ok(Some(Routine { from, to, facts, versions, rules: [sender, receiver], closed: closures(rows)? }))
}

/// The first instant of a month; none at the end of the calendar.
fn first_instant(month: Period) -> Option<Instant> {
    Instant::local_midnight(month.first_day()?)
}

/// Returns the clocks that run to the next batch of each party to an addressee.
///
/// # Errors
/// When a row can't be read.
pub fn running_routine(rows: &Rows<'_>, to: PartyId) -> Result<Vec<Running>, ViewError> {
    let mut found = Vec::new();
    for from in party::ALL.iter().filter_map(|rules| rules.party.parse().ok()).filter(|from| *from != to) {
        found.extend(routine(rows, from, to)?.and_then(|routine| routine.next()).map(|month| month.clock));
    }
    Ok(found)
}
