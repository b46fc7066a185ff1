//! What is shown of batches.

use serde::Serialize;
use tongcha_domain::agreement::closures;
use tongcha_domain::event::EventKind;
use tongcha_domain::id::{BatchId, LineNo, OfficerId, PartyId};
use tongcha_domain::notice::clocks::acknowledgement;
use tongcha_domain::notice::{
    BatchFacts, BatchPrepared, DisputeReason, EntryStatus, NoticeEntry, SentBatch, WithheldReason,
};
use tongcha_domain::text::Note;
use tongcha_domain::time::{Instant, Period};
use tongcha_domain::view::{Rows, Said, Sides, ViewError};
use utoipa::ToSchema;

use crate::http::paging::{Key, Page, Paging};
use crate::http::wire::{Deadline, Iso, Step, at, said, steps};
use crate::http::worded::{Stated, code};
use crate::node::Witnesses;
use crate::register::BatchRow;

/// How far a batch has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum BatchState {
    /// Prepared, not approved.
    Prepared,
    /// Approved, not sent.
    Approved,
    /// Sent; no receipt yet.
    Sent,
    /// Arrived at the addressee.
    Delivered,
    /// Every entry is settled and the addressee said so.
    Acknowledged,
    /// Given up before it was sent.
    Discarded,
}

/// A batch without its persons.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct BatchSummary {
    id: BatchId,
    /// The sender.
    from: PartyId,
    /// The addressee.
    to: PartyId,
    /// The month it covers.
    period: Period,
    state: BatchState,
    /// Persons named; before approval, persons listed.
    entries: u64,
    /// Entries that someone still has to settle; 0 before it is sent.
    open: u64,
    /// Entries withheld for want of a legal basis.
    withheld: u64,
    /// How many more are assisted as before.
    unchanged: u32,
    prepared_at: Option<Iso>,
    sent_at: Option<Iso>,
    delivered_at: Option<Iso>,
    acknowledged_at: Option<Iso>,
    /// When the addressee has to acknowledge; none before its arrival.
    acknowledgement_due: Option<Deadline>,
    /// When the addressee's service said that the acknowledgement is late.
    overdue_at: Option<Iso>,
}

/// A batch in full.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Batch {
    id: BatchId,
    /// The sender.
    from: PartyId,
    /// The addressee.
    to: PartyId,
    /// The month it covers.
    period: Period,
    state: BatchState,
    /// How many more are assisted as before.
    unchanged: u32,
    /// Entries withheld for want of a legal basis; the addressee learns only how many.
    withheld: u64,
    /// When the addressee has to acknowledge; none before its arrival.
    acknowledgement_due: Option<Deadline>,
    entries: Vec<BatchEntry>,
    /// Why it was given up.
    discarded_because: Option<Note>,
    /// What happened to the batch as a whole.
    steps: Vec<Step>,
}

impl Stated for BatchSummary {
    const CASE: &'static str = "Batch";

    fn state(&self) -> String {
        code(&self.state)
    }
}

impl Stated for Batch {
    const CASE: &'static str = "Batch";

    fn state(&self) -> String {
        code(&self.state)
    }
}

/// An entry of a batch.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct BatchEntry {
    /// Its number.
    #[schema(value_type = u16)]
    no: LineNo,
    /// Where it stands; none before it is sent, and for a withheld entry.
    status: Option<EntryStatus>,
    /// Whether it was withheld at approval.
    withheld: bool,
    /// Why.
    withheld_reason: Option<WithheldReason>,
    /// What it says now.
    entry: NoticeEntry,
    /// How often it was corrected.
    corrections: u16,
    /// The last match.
    matched: Option<EntryStep>,
    /// The last dispute.
    dispute: Option<EntryStep>,
    /// The last correction.
    correction: Option<EntryStep>,
    /// The withdrawal.
    withdrawal: Option<EntryStep>,
}

/// Something done with an entry.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct EntryStep {
    /// The officer.
    by: OfficerId,
    /// When.
    at: Iso,
    /// Why it is disputed.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<DisputeReason>,
    /// In words.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<Note>,
}

impl EntryStep {
    fn new(said: &Said, reason: Option<DisputeReason>, note: Option<&Note>) -> Self {
        Self { by: said.by.clone(), at: Iso(said.at), reason, note: note.cloned() }
    }
}

/// A batch as this party sees it: its own, or one that was sent to it.
struct Seen<'a> {
    from: PartyId,
    to: PartyId,
    period: Period,
    unchanged: u32,
    sender: &'a BatchFacts,
    addressee: Option<&'a BatchFacts>,
    prepared: Option<&'a BatchPrepared>,
    sent: Option<SentBatch<'a>>,
}

/// When the addressee has to acknowledge.
fn due(rows: &Rows<'_>, seen: &Seen<'_>) -> Result<Option<Deadline>, ViewError> {
    let Some(sent) = seen.sent else { return Ok(None) };
    let clock = acknowledgement(rows, &sent)?;
    let closed = closures(rows)?;
    Ok(clock.map(|clock| Deadline(clock.due(&closed))))
}

impl<'a> Seen<'a> {
    fn new(sides: &'a Sides<BatchFacts>, me: PartyId) -> Option<Self> {
        if let Some(sender) = sides.of(me)
            && let Some((prepared, _)) = &sender.prepared
        {
            let BatchPrepared { to, period, unchanged, .. } = *prepared;
            let (addressee, sent) = (sides.of(to), sides.sent_by(me));
            return Some(Self { from: me, to, period, unchanged, sender, addressee, prepared: Some(prepared), sent });
        }
        let sent = sides.received_by(me)?;
        let SentBatch { from, sender, addressee, .. } = sent;
        let (to, period, unchanged) = (sent.sent.to, sent.sent.period, sent.sent.unchanged);
        Some(Self { from, to, period, unchanged, sender, addressee, prepared: None, sent: Some(sent) })
    }

    fn since(&self) -> Option<Instant> {
        let sent = || said(self.sender.sent.as_ref());
        said(self.sender.prepared.as_ref()).or_else(sent).map(|said| said.at)
    }

    fn state(&self) -> BatchState {
        let addressee = |said: fn(&BatchFacts) -> bool| self.addressee.is_some_and(said);
        match (&self.sent, &self.sender.approved) {
            (Some(_), _) if addressee(|facts| facts.acknowledged.is_some()) => BatchState::Acknowledged,
            (Some(_), _) if addressee(|facts| facts.delivered.is_some()) => BatchState::Delivered,
            (Some(_), _) => BatchState::Sent,
            (None, _) if self.sender.discarded.is_some() => BatchState::Discarded,
            (None, Some(_)) => BatchState::Approved,
            (None, None) => BatchState::Prepared,
        }
    }

    fn withheld(&self) -> u64 {
        let approved = || self.sender.approved.as_ref().map_or(0, |(approved, _)| approved.withheld.len() as u64);
        self.sent.map_or_else(approved, |batch| u64::from(batch.sent.withheld))
    }

    fn summary(&self, id: BatchId, acknowledgement_due: Option<Deadline>) -> BatchSummary {
        let Self { from, to, period, unchanged, sender, addressee, prepared, sent } = *self;
        let listed = prepared.map_or(0, |prepared| prepared.entries.len() as u64);
        BatchSummary {
            id,
            from,
            to,
            period,
            state: self.state(),
            entries: sent.map_or(listed, |batch| batch.sent.entries.len() as u64),
            open: sent.map_or(0, |batch| batch.unsettled().count() as u64),
            withheld: self.withheld(),
            unchanged,
            prepared_at: at(sender.prepared.as_ref()),
            sent_at: at(sender.sent.as_ref()),
            delivered_at: addressee.and_then(|facts| at(facts.delivered.as_ref())),
            acknowledged_at: addressee.and_then(|facts| at(facts.acknowledged.as_ref())),
            acknowledgement_due,
            overdue_at: addressee.and_then(|facts| at(facts.overdue.as_ref())),
        }
    }

    fn entries(&self) -> Vec<BatchEntry> {
        let approved = self.sender.approved.as_ref().map(|(approved, _)| &approved.withheld);
        let withheld = |no: LineNo| approved.and_then(|withheld| withheld.get(&no)).copied();
        let own = self.prepared.iter().flat_map(|prepared| (1..=LineNo::MAX).zip(&prepared.entries));
        let received = self.sent.iter().filter(|_| self.prepared.is_none());
        let received = received.flat_map(|batch| batch.sent.entries.iter().map(|(no, entry)| (*no, entry)));
        own.chain(received).map(|(no, first)| self.entry(no, first, withheld(no))).collect()
    }

    fn entry(&self, no: LineNo, first: &NoticeEntry, withheld_reason: Option<WithheldReason>) -> BatchEntry {
        let matched = self.addressee.and_then(|facts| facts.matched.get(&no));
        let disputed = self.addressee.and_then(|facts| facts.disputed.get(&no));
        let corrected = self.sender.corrected.get(&no);
        let withdrawn = self.sender.withdrawn.get(&no);
        BatchEntry {
            no,
            status: self.sent.and_then(|batch| batch.status(no)),
            // What lost its basis between approval and sending was not sent either.
            withheld: withheld_reason.is_some() || self.sent.is_some_and(|batch| batch.wording(no).is_none()),
            withheld_reason,
            entry: self.sent.and_then(|batch| batch.wording(no)).unwrap_or(first).clone(),
            corrections: self.sent.map_or(0, |batch| batch.corrections(no)),
            matched: matched.map(|(_, said)| EntryStep::new(said, None, None)),
            dispute: disputed.map(|(event, said)| EntryStep::new(said, Some(event.reason), Some(&event.note))),
            correction: corrected.map(|c| EntryStep::new(&c.said, None, Some(&c.last.note))),
            withdrawal: withdrawn.map(|(event, said)| EntryStep::new(said, None, Some(&event.note))),
        }
    }

    fn full(&self, id: BatchId, acknowledgement_due: Option<Deadline>, witnesses: &Witnesses) -> Batch {
        let Self { from, to, period, unchanged, sender, addressee, .. } = *self;
        Batch {
            id,
            from,
            to,
            period,
            state: self.state(),
            unchanged,
            withheld: self.withheld(),
            acknowledgement_due,
            entries: self.entries(),
            discarded_because: sender.discarded.as_ref().map(|(discarded, _)| discarded.reason.clone()),
            steps: steps(
                witnesses,
                [
                    (EventKind::BatchPrepared, from, said(sender.prepared.as_ref())),
                    (EventKind::BatchApproved, from, said(sender.approved.as_ref())),
                    (EventKind::BatchDiscarded, from, said(sender.discarded.as_ref())),
                    (EventKind::BatchSent, from, said(sender.sent.as_ref())),
                    (EventKind::BatchDelivered, to, addressee.and_then(|facts| said(facts.delivered.as_ref()))),
                    (EventKind::BatchReminded, to, addressee.and_then(|facts| said(facts.reminded.as_ref()))),
                    (EventKind::BatchOverdue, to, addressee.and_then(|facts| said(facts.overdue.as_ref()))),
                    (EventKind::BatchAcknowledged, to, addressee.and_then(|facts| said(facts.acknowledged.as_ref()))),
                ],
            ),
        }
    }
}

/// Lists the batches this party sees, the newest first.
pub(super) fn list(rows: &Rows<'_>, me: PartyId, paging: &Paging) -> Result<Page<BatchSummary>, ViewError> {
    let mut known = Vec::new();
    for (id, sides) in rows.all::<BatchFacts>()? {
        // When it was prepared here, or sent to here: neither changes any more.
        let Some(since) = Seen::new(&sides, me).map(|seen| seen.since()) else { continue };
        known.push((Key::newest_first(since).id(id.0), (id, sides)));
    }
    paging.cut(known).show(|(id, sides)| {
        let Some(seen) = Seen::new(&sides, me) else { return Ok(None) };
        Ok(Some(seen.summary(id, due(rows, &seen)?)))
    })
}

/// Finds a batch this party sees.
pub(super) fn find(
    rows: &Rows<'_>,
    me: PartyId,
    id: BatchId,
    witnesses: &Witnesses,
) -> Result<Option<Batch>, ViewError> {
    let sides = rows.sides(&id)?;
    let Some(seen) = Seen::new(&sides, me) else { return Ok(None) };
    Ok(Some(seen.full(id, due(rows, &seen)?, witnesses)))
}

/// Returns the entries of a batch this party sees, for a file.
pub(super) fn rows_of(rows: &Rows<'_>, me: PartyId, id: BatchId) -> Result<Option<Vec<BatchRow>>, ViewError> {
    let sides = rows.sides(&id)?;
    let row = |BatchEntry { no, status, entry, .. }| BatchRow { no, status, entry };
    Ok(Seen::new(&sides, me).map(|seen| seen.entries().into_iter().map(row).collect()))
}
