//! Officers' work: what waits for whom, what is overdue on either side, and what happened to a case.
//!
//! In scope: reading the rows. Every case tells in one function which steps wait ([`Waiting`]) and in another what
//! happened ([`Happened`]), from both sides' logs as far as they are known here; lists are made of these. Out of scope:
//! doing anything about it (`crate::agenda`), and content: nothing here holds personal data.
//!
//! A step that waits is named by the command that takes it. Whether an officer may take it is the command's own guard
//! to say; the lists leave out what the role, the need to know, the clearance for minors or the second person's rule
//! forbids anyway.

mod governance;
mod history;
mod steps;
mod timeline;

pub(crate) use history::note;
pub(crate) use history::steps_of;
pub use history::{HistoryFacts, Refused, Step};
pub use timeline::{Happened, timeline};

use std::collections::BTreeSet;

use crate::access::Sight;
use crate::agenda::Outlook;
use crate::agreement::{self, Limit};
use crate::calendar::Closures;
use crate::case::CaseRef;
use crate::clock::{Clock, Due};
use crate::command::CommandKind;
use crate::event::EventKind;
use crate::id::{OfficerId, PartyId};
use crate::officer::Actor;
use crate::party::rules_of;
use crate::time::{Instant, Period};
use crate::view::{Said, ViewError};

/// By when a step is to be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkDue {
    /// The last instant at which it is on time.
    At(Instant),
    /// In a month: it is overdue when the month is over.
    Month(Period),
    /// A calendar is missing for it: an officer has to look.
    Unknown,
}

impl WorkDue {
    /// Returns whether it is overdue; what is unknown is not.
    #[must_use]
    pub fn is_overdue(self, now: Instant) -> bool {
        match self {
            Self::At(last) => now > last,
            Self::Month(month) => {
                let this_month = Period::try_from(now.local_date().strftime("%Y-%m").to_string());
                this_month.is_ok_and(|this_month| this_month > month)
            }
            Self::Unknown => false,
        }
    }

    /// Instants first, then months, then what is unknown: that has to be looked at, but nothing says it is late.
    fn order(self) -> (u8, Option<Instant>, Option<Period>) {
        match self {
            Self::At(last) => (0, Some(last), None),
            Self::Month(month) => (1, None, Some(month)),
            Self::Unknown => (2, None, None),
        }
    }
}

impl From<Due> for WorkDue {
    fn from(due: Due) -> Self {
        match due {
            Due::At(last) => Self::At(last),
            Due::Unknown => Self::Unknown,
        }
    }
}

/// A step that waits to be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The case.
    pub case: CaseRef,
    /// The command that takes the step.
    pub step: CommandKind,
    /// The party that takes it.
    pub whose: PartyId,
    /// Since when it waits.
    pub since: Instant,
    /// By when it is to be taken; none when there is no limit.
    pub due: Option<WorkDue>,
    /// Whether it is a second person's step.
    pub second_person: bool,
    /// Officers who worked on the case and may not take it.
    pub not_by: BTreeSet<OfficerId>,
    /// The only officers who may take it; none when the role decides.
    pub only: Option<BTreeSet<OfficerId>>,
}

impl Waiting {
    fn new(case: CaseRef, step: CommandKind, whose: PartyId, since: Instant) -> Self {
        Self { case, step, whose, since, due: None, second_person: false, not_by: BTreeSet::new(), only: None }
    }

    fn due(self, due: Option<WorkDue>) -> Self {
        Self { due, ..self }
    }

    /// A second person's step: not by those who said these.
    fn second_person<'a>(self, first: impl IntoIterator<Item = &'a Said>) -> Self {
        Self { second_person: true, not_by: first.into_iter().map(|said| said.by.clone()).collect(), ..self }
    }

    fn only(self, officers: Option<&BTreeSet<OfficerId>>) -> Self {
        Self { only: Some(officers.cloned().unwrap_or_default()), ..self }
    }

    /// Tells whether an officer of a party may take the step, as far as role, second person and need to know go.
    #[must_use]
    pub fn is_for(&self, party: PartyId, actor: &Actor) -> bool {
        self.whose == party
            && self.step.roles().contains(&actor.role)
            && !self.not_by.contains(&actor.officer)
            && self.only.as_ref().is_none_or(|officers| officers.contains(&actor.officer))
    }
}

/// A case that an officer opened, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// The case.
    pub case: CaseRef,
    /// How it was opened.
    pub kind: EventKind,
    /// When.
    pub at: Instant,
    /// The last thing that happened, on either side.
    pub last: EventKind,
    /// What waits, on either side.
    pub waiting: Vec<Waiting>,
}

/// What deadlines are worked out from.
struct Limits<'a> {
    outlook: &'a Outlook<'a>,
    closures: Closures,
}

impl<'a> Limits<'a> {
    fn new(outlook: &'a Outlook<'a>) -> Result<Self, ViewError> {
        Ok(Self { outlook, closures: agreement::closures(&outlook.rows)? })
    }

    /// The figures in force when a clock begins.
    fn figures(&self, between: [PartyId; 2], start: Instant) -> Result<agreement::Agreement, ViewError> {
        agreement::figures(&self.outlook.rows, between, start)
    }

    /// When something is due that has a limit in working days between a sender and a receiver.
    fn working_days(&self, limit: Limit, [sender, receiver]: [PartyId; 2], start: Instant) -> WorkDue {
        let rules = rules_of(sender).zip(rules_of(receiver));
        let limit = rules.map(|(sender, receiver)| Clock::WorkingDays(limit.of(sender, receiver)));
        limit.map_or(WorkDue::Unknown, |clock| clock.due(start, &self.closures, &[]).into())
    }

    /// When something is due that has a limit in minutes.
    fn minutes(&self, minutes: u32, start: Instant) -> WorkDue {
        Clock::WallMinutes(minutes).due(start, &self.closures, &[]).into()
    }
}

/// Returns everything that waits on either side, of all cases the party is told of, as far as an officer may know: by
/// due time, then by how long it waits. It reads every case; there is no index, and none is needed for the thousands a
/// party has.
///
/// # Errors
/// When a row can't be read.
pub fn waiting(outlook: &Outlook<'_>, actor: &Actor, now: Instant) -> Result<Vec<Waiting>, ViewError> {
    let limits = Limits::new(outlook)?;
    let sight = Sight::of(outlook.rows, outlook.me, &actor.officer, now)?;
    let mut all = Vec::new();
    for (id, sides) in outlook.rows.all()? {
        all.extend(steps::steps_of_batch(&limits, id, &sides)?);
    }
    for (id, sides) in outlook.rows.all()? {
        all.extend(steps::steps_of_urgent(&limits, id, &sides)?);
    }
    for (id, sides) in outlook.rows.all()? {
        all.extend(steps::steps_of_consent(outlook.me, id, &sides, now));
    }
    for (id, sides) in outlook.rows.all()? {
        all.extend(steps::steps_of_request(&limits, id, &sides)?);
    }
    for (id, sides) in outlook.rows.all()? {
        all.extend(governance::steps_of_meeting(outlook.me, id, &sides));
    }
    for (id, sides) in outlook.rows.all()? {
        all.extend(governance::steps_of_conference(outlook.me, actor, id, &sides));
    }
    for (id, sides) in outlook.rows.all()? {
        all.extend(governance::steps_of_erasure(&limits, actor, id, &sides));
    }
    let mut known = Vec::with_capacity(all.len());
    for waiting in all {
        if sight.may_know(waiting.case)? {
            known.push(waiting);
        }
    }
    sort(&mut known);
    Ok(known)
}

/// By due time, what has none last; then by how long it waits.
fn sort(all: &mut [Waiting]) {
    all.sort_by_key(|waiting| {
        let due = waiting.due.map_or((3, None, None), WorkDue::order);
        (due, waiting.since, waiting.case)
    });
}

/// Returns what waits for an officer: the steps that the role may take.
///
/// # Errors
/// When a row can't be read.
pub fn inbox(outlook: &Outlook<'_>, actor: &Actor, now: Instant) -> Result<Vec<Waiting>, ViewError> {
    let mut all = waiting(outlook, actor, now)?;
    all.retain(|waiting| waiting.is_for(outlook.me, actor));
    Ok(all)
}

/// Returns what waits for an officer as a second person.
///
/// # Errors
/// When a row can't be read.
pub fn pending_approvals(outlook: &Outlook<'_>, actor: &Actor, now: Instant) -> Result<Vec<Waiting>, ViewError> {
    let mut all = inbox(outlook, actor, now)?;
    all.retain(|waiting| waiting.second_person);
    Ok(all)
}

/// Returns what is overdue, on either side.
///
/// # Errors
/// When a row can't be read.
pub fn overdue(outlook: &Outlook<'_>, actor: &Actor, now: Instant) -> Result<Vec<Waiting>, ViewError> {
    let mut all = waiting(outlook, actor, now)?;
    all.retain(|waiting| waiting.due.is_some_and(|due| due.is_overdue(now)));
    Ok(all)
}

/// Returns the cases that an officer opened, the newest first.
///
/// # Errors
/// When a row can't be read.
pub fn opened_by(outlook: &Outlook<'_>, actor: &Actor, now: Instant) -> Result<Vec<Opened>, ViewError> {
    let all = waiting(outlook, actor, now)?;
    let mut opened = Vec::new();
    for case in timeline::every_case(&outlook.rows)? {
        let Some(happened) = timeline(&outlook.rows, outlook.me, actor, case, now)? else { continue };
        let first = happened.iter().filter(|step| step.party == outlook.me).min_by_key(|step| step.said.seq);
        let Some(first) = first.filter(|first| first.said.by == actor.officer && is_opening(first.kind)) else {
            continue;
        };
        let last = happened.last().map_or(first.kind, |last| last.kind);
        let waiting = all.iter().filter(|waiting| waiting.case == case).cloned().collect();
        opened.push(Opened { case, kind: first.kind, at: first.said.at, last, waiting });
    }
    opened.sort_by_key(|opened| std::cmp::Reverse((opened.at, opened.case)));
    Ok(opened)
}

/// Tells whether an event opens a case.
fn is_opening(kind: EventKind) -> bool {
    let opening = [
        EventKind::BatchPrepared,
        EventKind::UrgentRaised,
        EventKind::ConsentRecorded,
        EventKind::RequestDrafted,
        EventKind::MeetingConvened,
        EventKind::CaseNominated,
        EventKind::ErasureRequested,
        EventKind::ErasureProposed,
    ];
    opening.contains(&kind)
}

#[cfg(test)]
mod tests;
