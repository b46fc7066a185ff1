//! What the service has to do by itself, and when: reminders, escalations, overdue notices, lapses.
//!
//! In scope: which cases an event touches, the next duty of a case, a queue of duties in order of time. Each case
//! works its duties out in its own module (`notice::duties`, `urgent::duties`, …); what is done is read from the own
//! log, so a duty is given once, also across restarts. Out of scope: what time it is, and giving the commands
//! (`tongcha-node` does, as role `NODE`; a command's own guards judge it like anybody's).

mod queue;

pub use queue::Agenda;

use serde::{Deserialize, Serialize};

use crate::command::Command;
use crate::event::Event;
use crate::id::{BatchId, CandidateId, ConsentId, ErasureId, MatchRunId, PartyId, RequestId, UrgentId};
use crate::party::Rules;
use crate::time::Instant;
use crate::view::{Rows, ViewError};
use crate::{channel, closure, consent, erasure, notice, overlap, urgent, verification};

/// Something that can have duties.
///
/// Wire order is the order here: append only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Case {
    /// A routine batch.
    Batch(BatchId),
    /// An urgent notice.
    Urgent(UrgentId),
    /// A consent.
    Consent(ConsentId),
    /// A verification request.
    Request(RequestId),
    /// The own channel to a peer.
    Channel(PartyId),
    /// A matching run.
    MatchRun(MatchRunId),
    /// A candidate of a matching run.
    Candidate(CandidateId),
    /// The monthly batches to an addressee.
    Routine(PartyId),
    /// What rests on a consent. It has no duties of its own: it stands for the requests that name the consent.
    Basis(ConsentId),
    /// An erasure that this party ordered.
    Erasure(ErasureId),
}

/// What the service itself has to do, and from when on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duty {
    /// The first instant at which it is to be done.
    pub at: Instant,
    /// The command, for the role `NODE`.
    pub command: Command,
}

/// What duties are worked out from.
#[derive(Clone, Copy)]
pub struct Outlook<'a> {
    /// The party whose service it is: it does only what its own clocks ask for.
    pub me: PartyId,
    /// Its rules.
    pub rules: &'a Rules,
    /// The rows.
    pub rows: Rows<'a>,
}

/// Returns the cases whose duties an event can change.
#[must_use]
pub fn touched(event: &Event) -> Vec<Case> {
    let cases = [
        notice::duties::touched(event),
        urgent::duties::touched(event),
        consent::duties::touched(event),
        verification::duties::touched(event),
        channel::duties::touched(event),
        overlap::duties::touched(event),
        closure::touched(event),
        erasure::touched(event),
    ];
    cases.concat()
}

/// Returns every case there is.
///
/// # Errors
/// When a row can't be read.
pub fn every_case(outlook: &Outlook<'_>) -> Result<Vec<Case>, ViewError> {
    let cases = [
        notice::duties::every_case(outlook)?,
        urgent::duties::every_case(outlook)?,
        consent::duties::every_case(outlook)?,
        verification::duties::every_case(outlook)?,
        channel::duties::every_case(outlook)?,
        overlap::duties::every_case(outlook)?,
        erasure::every_case(outlook)?,
    ];
    Ok(cases.concat())
}

/// Returns the next duty of a case; none when there is nothing to do until an event touches it again.
///
/// # Errors
/// When a row can't be read.
pub fn next_duty(outlook: &Outlook<'_>, case: Case) -> Result<Option<Duty>, ViewError> {
    match case {
        Case::Batch(id) => notice::duties::next_duty(outlook, id),
        Case::Urgent(id) => urgent::duties::next_duty(outlook, id),
        Case::Consent(id) => consent::duties::next_duty(outlook, id),
        Case::Request(id) => verification::duties::next_duty(outlook, id),
        Case::Channel(to) => channel::duties::next_duty(outlook, to),
        Case::MatchRun(id) => overlap::duties::run_duty(outlook, id),
        Case::Candidate(id) => overlap::duties::candidate_duty(outlook, id),
        Case::Routine(to) => notice::duties::next_missed(outlook, to),
        Case::Basis(_) => Ok(None),
        Case::Erasure(id) => erasure::next_duty(outlook, id),
    }
}

/// Returns the cases that a case stands for; they are worked out with it.
///
/// # Errors
/// When a row can't be read.
pub fn stands_for(outlook: &Outlook<'_>, case: Case) -> Result<Vec<Case>, ViewError> {
    match case {
        Case::Basis(id) => verification::duties::resting_on(outlook, id),
        Case::Batch(_)
        | Case::Urgent(_)
        | Case::Consent(_)
        | Case::Request(_)
        | Case::Channel(_)
        | Case::MatchRun(_)
        | Case::Candidate(_)
        | Case::Routine(_)
        | Case::Erasure(_) => Ok(Vec::new()),
    }
}
