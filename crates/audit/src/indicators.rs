//! The pilot report's indicators (002-15, 002-32), computed from the logs' events: counts, how long things took, what was
//! late, why things were refused, what was corrected.
//!
//! In scope: counting events and measuring from one event to the one that answers it. Out of scope: judging whether they were
//! right ([`crate::replay`], `judge`). A time is measured between two logs' clocks; one that is negative counts as zero.

use std::collections::{BTreeMap, BTreeSet};

use indicatif::ProgressBar;
use serde::Serialize;
use tongcha_domain::event::{Body, Event, EventKind};
use tongcha_domain::id::{BatchId, LineNo, LookupId, OfficerId, PartyId, RequestId, UrgentId};
use tongcha_domain::time::{Instant, SECOND_US};
use tongcha_ledger::entry::Header;
use tongcha_ledger::key::Directory;

use crate::bundle::Bundle;
use crate::finding::Finding;
use crate::input::InputError;
use crate::reading::{Reading, headers};

/// How long something took, over all cases.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Times {
    /// How many were measured.
    pub count: u64,
    /// Half took no longer, in seconds.
    pub median_s: i64,
    /// Nine of ten took no longer, in seconds (nearest rank).
    pub p90_s: i64,
    /// The longest, in seconds.
    pub max_s: i64,
}

impl Times {
    fn of(mut durations_us: Vec<i64>) -> Self {
        durations_us.sort_unstable();
        let rank = |part: usize| {
            let place = (durations_us.len() * part).div_ceil(100).saturating_sub(1);
            durations_us.get(place).map_or(0, |us| us / SECOND_US)
        };
        Self { count: durations_us.len() as u64, median_s: rank(50), p90_s: rank(90), max_s: rank(100) }
    }
}

/// The indicators of a period.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Indicators {
    /// Parties whose bodies could be read; of the others only the kinds are counted.
    pub read: BTreeSet<PartyId>,
    /// Events by kind, of all logs.
    pub kinds: BTreeMap<&'static str, u64>,
    /// From a batch's sending to its acknowledgement, by the party that acknowledged.
    pub batch_acknowledged: BTreeMap<PartyId, Times>,
    /// From an urgent notice to each acknowledgement, by the party that acknowledged.
    pub urgent_acknowledged: BTreeMap<PartyId, Times>,
    /// From a request's submission to the first reply, by the party that replied.
    pub first_reply: BTreeMap<PartyId, Times>,
    /// From a request's submission to the reply that completed it, by the party that replied.
    pub complete_reply: BTreeMap<PartyId, Times>,
    /// From a lookup's question to its close at the asker, by the asker.
    pub lookup_closed: BTreeMap<PartyId, Times>,
    /// What was late, by kind.
    pub overdue: BTreeMap<&'static str, u64>,
    /// Refusals by code: commands, requests and lookups.
    pub refusals: BTreeMap<&'static str, u64>,
    /// Commands refused, by party and officer: who tries what may not be (`domain.md` §7, S4).
    pub refused_officers: BTreeMap<PartyId, BTreeMap<OfficerId, u64>>,
    /// Corrections, recalls and withdrawals, by kind.
    pub corrections: BTreeMap<&'static str, u64>,
    /// Entries that routine batches told, and those withheld for want of a legal basis.
    pub entries_sent: u64,
    /// See `entries_sent`.
    pub entries_withheld: u64,
}

/// Gathers events of all logs, each log once and in order.
#[derive(Default)]
pub struct Gather {
    from: Option<Instant>,
    to: Option<Instant>,
    indicators: Indicators,
    begun: BTreeMap<Case, Instant>,
    ended: Vec<(Measure, PartyId, Case, Instant)>,
    questions: BTreeMap<RequestId, usize>,
    // The logs come one after the other: a reply may be read before the request it answers.
    replies: Vec<Reply>,
}

struct Reply {
    request: RequestId,
    holder: PartyId,
    at: Instant,
    answered: Vec<LineNo>,
    within: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Case {
    Batch(BatchId),
    Urgent(UrgentId),
    Request(RequestId),
    Lookup(LookupId),
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Measure {
    BatchAcknowledged,
    UrgentAcknowledged,
    FirstReply,
    CompleteReply,
    LookupClosed,
}

impl Gather {
    /// Gathers what was recorded from an instant on, and before another.
    #[must_use]
    pub fn period(from: Option<Instant>, to: Option<Instant>) -> Self {
        Self { from, to, ..Self::default() }
    }

    /// Takes an entry; the body when it could be opened. A case may have begun before the period.
    pub fn entry(&mut self, header: &Header, body: Option<&Body>) {
        let within =
            self.from.is_none_or(|from| header.recorded_at >= from) && self.to.is_none_or(|to| header.recorded_at < to);
        if within {
            *self.indicators.kinds.entry(header.kind.code()).or_default() += 1;
            count(&mut self.indicators, header.kind);
        }
        if let Some(body) = body {
            self.indicators.read.insert(header.origin);
            self.begin(header, &body.event, within);
            if within {
                self.end(header, body);
            }
        }
    }

    fn begin(&mut self, header: &Header, event: &Event, within: bool) {
        let case = if let Event::BatchSent(sent) = event {
            Case::Batch(sent.batch)
        } else if let Event::UrgentRaised(raised) = event {
            Case::Urgent(raised.urgent)
        } else if let Event::RequestSubmitted(submitted) = event {
            self.questions.insert(submitted.request.id, submitted.request.questions.len());
            Case::Request(submitted.request.id)
        } else if let Event::LookupAsked(asked) = event {
            Case::Lookup(asked.lookup)
        } else {
            if let Event::ReplySent(reply) = event {
                let answered = reply.answers.iter().map(|(question, _)| *question).collect();
                let (holder, at) = (header.origin, header.recorded_at);
                self.replies.push(Reply { request: reply.request, holder, at, answered, within });
            }
            return;
        };
        self.begun.entry(case).or_insert(header.recorded_at);
    }

    fn end(&mut self, header: &Header, body: &Body) {
        let (origin, at, event) = (header.origin, header.recorded_at, &body.event);
        let mut ends = |measure, case| self.ended.push((measure, origin, case, at));
        if let Event::BatchSent(sent) = event {
            self.indicators.entries_sent += sent.entries.len() as u64;
            self.indicators.entries_withheld += u64::from(sent.withheld);
        } else if let Event::BatchAcknowledged(acknowledged) = event {
            ends(Measure::BatchAcknowledged, Case::Batch(acknowledged.batch));
        } else if let Event::UrgentAcked(acked) = event {
            ends(Measure::UrgentAcknowledged, Case::Urgent(acked.urgent));
        } else if let Event::LookupClosed(closed) = event {
            ends(Measure::LookupClosed, Case::Lookup(closed.lookup));
        } else if let Some(code) = refused(event) {
            *self.indicators.refusals.entry(code).or_default() += 1;
            if header.kind == EventKind::CommandRefused {
                let officers = self.indicators.refused_officers.entry(origin).or_default();
                *officers.entry(body.actor.officer.clone()).or_default() += 1;
            }
        }
    }

    /// Finds of every request the reply that was the first, and the one with which all questions were answered.
    fn measure_replies(&mut self) {
        let mut answered: BTreeMap<RequestId, BTreeSet<LineNo>> = BTreeMap::new();
        for Reply { request, holder, at, answered: questions, within } in std::mem::take(&mut self.replies) {
            let Some(asked) = self.questions.get(&request) else { continue };
            let done = answered.entry(request).or_default();
            let (first, was_complete) = (done.is_empty(), done.len() >= *asked);
            done.extend(questions);
            let mut ends = |measure| self.ended.push((measure, holder, Case::Request(request), at));
            if first && within {
                ends(Measure::FirstReply);
            }
            if !was_complete && done.len() >= *asked && within {
                ends(Measure::CompleteReply);
            }
        }
    }

    /// Returns the indicators.
    #[must_use]
    pub fn finish(mut self) -> Indicators {
        self.measure_replies();
        let mut took: BTreeMap<(Measure, PartyId), Vec<i64>> = BTreeMap::new();
        for (measure, party, case, at) in self.ended {
            // Who can't read the beginning can't measure.
            let Some(begun) = self.begun.get(&case) else { continue };
            took.entry((measure, party)).or_default().push(at.0.saturating_sub(begun.0).max(0));
        }
        let mut indicators = self.indicators;
        for ((measure, party), durations_us) in took {
            let of = match measure {
                Measure::BatchAcknowledged => &mut indicators.batch_acknowledged,
                Measure::UrgentAcknowledged => &mut indicators.urgent_acknowledged,
                Measure::FirstReply => &mut indicators.first_reply,
                Measure::CompleteReply => &mut indicators.complete_reply,
                Measure::LookupClosed => &mut indicators.lookup_closed,
            };
            of.insert(party, Times::of(durations_us));
        }
        indicators
    }
}

/// Computes the indicators of bundles. Of each log the bodies are read with the keys of its own party, or of another reader,
/// when a bundle holds them; else its entries are counted by kind only.
///
/// # Errors
/// When something can't be read. What is wrong with the logs is a finding.
pub fn indicators(
    bundles: &[Bundle],
    trusted: Option<&Directory>,
    mut gather: Gather,
    progress: &ProgressBar,
) -> Result<(Indicators, Vec<Finding>), InputError> {
    let (mut origins, mut findings) = (BTreeSet::new(), Vec::new());
    for bundle in bundles {
        origins.extend(bundle.origins()?);
    }
    for origin in origins {
        let mut with_keys: Vec<_> = bundles.iter().filter(|bundle| bundle.keys_dir().is_dir()).collect();
        with_keys.sort_by_key(|bundle| bundle.manifest.party != origin);
        let Some(bundle) = with_keys.first() else {
            findings.extend(headers(bundles, trusted, origin, progress, &mut |header| gather.entry(header, None))?);
            continue;
        };
        let reading = Reading::new(std::slice::from_ref(*bundle), bundle.manifest.party, trusted, None, progress)?;
        let (_, found) = reading.log(origin, u64::MAX, &mut |good| {
            good.iter().for_each(|checked| gather.entry(checked.entry.header(), checked.value.body()));
            Ok(())
        })?;
        findings.extend(found);
    }
    progress.finish_and_clear();
    Ok((gather.finish(), findings))
}

/// The code of a refusal that an event tells of.
fn refused(event: &Event) -> Option<&'static str> {
    let refusal = if let Event::CommandRefused(refused) = event {
        &refused.refusal
    } else if let Event::RequestRefused(refused) = event {
        &refused.refusal
    } else if let Event::LookupDenied(denied) = event {
        &denied.refusal
    } else {
        return None;
    };
    Some(refusal.code.as_str())
}

fn count(indicators: &mut Indicators, kind: EventKind) {
    const OVERDUE: &[EventKind] = &[
        EventKind::BatchMissed,
        EventKind::BatchOverdue,
        EventKind::UrgentEscalated,
        EventKind::UrgentActionOverdue,
        EventKind::JustificationOverdue,
        EventKind::ReplyOverdue,
    ];
    const CORRECTIONS: &[EventKind] = &[
        EventKind::EntryCorrected,
        EventKind::EntryWithdrawn,
        EventKind::ReplyCorrected,
        EventKind::AnswerRecalled,
        EventKind::RequestWithdrawn,
    ];
    if OVERDUE.contains(&kind) {
        *indicators.overdue.entry(kind.code()).or_default() += 1;
    }
    if CORRECTIONS.contains(&kind) {
        *indicators.corrections.entry(kind.code()).or_default() += 1;
    }
}
