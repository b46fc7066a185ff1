//! What one party's log says about a routine batch, and what the two logs together mean.
//!
//! Nothing here judges a foreign log: what a peer may not say is a finding for the auditor. It can't do harm either,
//! because the first word counts wherever there is only one to say, so nobody replaces afterwards what was relied on.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::event::EventKind;
use crate::id::{BatchId, LineNo, PartyId};
use crate::identity::Document;
use crate::notice::events::{
    BatchAcknowledged, BatchApproved, BatchDelivered, BatchDiscarded, BatchOverdue, BatchPrepared, BatchReminded,
    BatchSent, CORRECTIONS_MAX, EntryCorrected, EntryDisputed, EntryMatched, EntryWithdrawn, NoticeEntry,
};
use crate::view::{Facts, Said, Sides, Table};

/// One party's side of a batch. Each field is set by the event it is named for, the first one where only one is
/// allowed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchFacts {
    /// Prepared here.
    pub prepared: Option<(BatchPrepared, Said)>,
    /// Approved here.
    pub approved: Option<(BatchApproved, Said)>,
    /// Sent from here.
    pub sent: Option<(BatchSent, Said)>,
    /// Arrived here.
    pub delivered: Option<(BatchDelivered, Said)>,
    /// Entries matched here; the last match of each.
    pub matched: BTreeMap<LineNo, (EntryMatched, Said)>,
    /// Entries disputed here; the last dispute of each.
    pub disputed: BTreeMap<LineNo, (EntryDisputed, Said)>,
    /// Entries corrected here.
    pub corrected: BTreeMap<LineNo, Corrections>,
    /// Entries withdrawn here.
    pub withdrawn: BTreeMap<LineNo, (EntryWithdrawn, Said)>,
    /// Acknowledged here.
    pub acknowledged: Option<(BatchAcknowledged, Said)>,
    /// Reminded of here.
    pub reminded: Option<(BatchReminded, Said)>,
    /// Overdue here.
    pub overdue: Option<(BatchOverdue, Said)>,
    /// Everything done here with each entry, in order; at most [`ENTRY_STEPS_MAX`] of each.
    pub steps: BTreeMap<LineNo, Vec<EntryStep>>,
    /// Given up here before it was sent.
    pub discarded: Option<(BatchDiscarded, Said)>,
}

/// Most steps of one party with one entry that are kept: a correction and its answer, each [`CORRECTIONS_MAX`] times, and
/// some more; a peer must not make the row grow for ever.
pub const ENTRY_STEPS_MAX: usize = 2 * CORRECTIONS_MAX as usize + 8;

/// Something done with an entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryStep {
    /// What: matched, disputed, corrected, withdrawn.
    pub kind: EventKind,
    /// By whom, and when.
    pub said: Said,
    /// Whom the entry names from here on, when that was said.
    pub names: Option<Document>,
}

/// The corrections of one entry; the wordings between the first and the last are in the log only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Corrections {
    /// How many there are.
    pub count: u16,
    /// The last one, which holds.
    pub last: EntryCorrected,
    /// Who made it, and when.
    pub said: Said,
}

impl Facts for BatchFacts {
    type Id = BatchId;
    const TABLE: Table = Table::Batch;
}

impl BatchFacts {
    pub(crate) fn prepared(&mut self, event: &BatchPrepared, said: Said) {
        self.prepared.get_or_insert_with(|| (event.clone(), said));
    }
    pub(crate) fn approved(&mut self, event: &BatchApproved, said: Said) {
        self.approved.get_or_insert_with(|| (event.clone(), said));
    }
    pub(crate) fn sent(&mut self, event: &BatchSent, said: Said) {
        self.sent.get_or_insert_with(|| (event.clone(), said));
    }
    pub(crate) fn delivered(&mut self, event: &BatchDelivered, said: Said) {
        self.delivered.get_or_insert_with(|| (event.clone(), said));
    }
    pub(crate) fn matched(&mut self, event: &EntryMatched, said: Said) {
        self.step(event.entry, EventKind::EntryMatched, &said, None);
        self.matched.insert(event.entry, (event.clone(), said));
    }
    pub(crate) fn disputed(&mut self, event: &EntryDisputed, said: Said) {
        self.step(event.entry, EventKind::EntryDisputed, &said, None);
        self.disputed.insert(event.entry, (event.clone(), said));
    }
    pub(crate) fn corrected(&mut self, event: &EntryCorrected, said: Said) {
        self.step(event.entry, EventKind::EntryCorrected, &said, Some(&event.replacement.subject.document));
        let count = self.corrections(event.entry).saturating_add(1);
        self.corrected.insert(event.entry, Corrections { count, last: event.clone(), said });
    }
    pub(crate) fn withdrawn(&mut self, event: &EntryWithdrawn, said: Said) {
        self.step(event.entry, EventKind::EntryWithdrawn, &said, None);
        self.withdrawn.entry(event.entry).or_insert_with(|| (event.clone(), said));
    }
    pub(crate) fn acknowledged(&mut self, event: &BatchAcknowledged, said: Said) {
        self.acknowledged.get_or_insert_with(|| (event.clone(), said));
    }
    pub(crate) fn reminded(&mut self, event: &BatchReminded, said: Said) {
        self.reminded.get_or_insert_with(|| (event.clone(), said));
    }
    pub(crate) fn overdue(&mut self, event: &BatchOverdue, said: Said) {
        self.overdue.get_or_insert_with(|| (event.clone(), said));
    }

    fn step(&mut self, entry: LineNo, kind: EventKind, said: &Said, names: Option<&Document>) {
        let steps = self.steps.entry(entry).or_default();
        if steps.len() < ENTRY_STEPS_MAX {
            steps.push(EntryStep { kind, said: said.clone(), names: names.cloned() });
        }
    }

    pub(crate) fn discarded(&mut self, event: &BatchDiscarded, said: Said) {
        self.discarded.get_or_insert_with(|| (event.clone(), said));
    }

    /// Tells whether the batch was sent, or given up: it is no draft any more.
    pub(super) fn is_past_draft(&self) -> bool {
        self.sent.is_some() || self.discarded.is_some()
    }

    fn corrections(&self, entry: LineNo) -> u16 {
        self.corrected.get(&entry).map_or(0, |corrections| corrections.count)
    }
}

/// Where an entry of a sent batch stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum EntryStatus {
    /// Nothing said about it yet, or corrected and to be looked at again.
    Open,
    /// The addressee knows the person.
    Matched,
    /// The addressee disputes it; the sender has to correct or withdraw.
    Disputed,
    /// Withdrawn by the sender.
    Withdrawn,
}

/// A batch that was sent, as the sender's and the addressee's log together have it.
#[derive(Clone, Copy, Debug)]
pub struct SentBatch<'a> {
    /// The sender.
    pub from: PartyId,
    /// What was sent.
    pub sent: &'a BatchSent,
    /// The sender's side.
    pub sender: &'a BatchFacts,
    /// The addressee's side, once it said something.
    pub addressee: Option<&'a BatchFacts>,
}

impl<'a> SentBatch<'a> {
    /// Returns what an entry says now: as sent, or as last corrected. None when the batch was sent without it.
    #[must_use]
    pub fn wording(&self, entry: LineNo) -> Option<&'a NoticeEntry> {
        let (_, first) = self.sent.entries.iter().find(|(no, _)| *no == entry)?;
        Some(self.sender.corrected.get(&entry).map_or(first, |corrections| &corrections.last.replacement))
    }

    /// Returns how often an entry was corrected.
    #[must_use]
    pub fn corrections(&self, entry: LineNo) -> u16 {
        self.sender.corrections(entry)
    }

    /// Returns where an entry stands; none when the batch was sent without it.
    ///
    /// The two logs have no common order. So a match and a dispute say how many corrections the addressee had seen:
    /// with fewer than there are, it spoke of a wording that no longer holds, and the entry is open again.
    #[must_use]
    pub fn status(&self, entry: LineNo) -> Option<EntryStatus> {
        self.wording(entry)?;
        if self.sender.withdrawn.contains_key(&entry) {
            return Some(EntryStatus::Withdrawn);
        }
        let matched = self.addressee.and_then(|side| side.matched.get(&entry));
        let matched = matched.map(|(event, said)| (said.seq, event.corrections, EntryStatus::Matched));
        let disputed = self.addressee.and_then(|side| side.disputed.get(&entry));
        let disputed = disputed.map(|(event, said)| (said.seq, event.corrections, EntryStatus::Disputed));
        // Both are in the addressee's log, so the later one is its last word.
        let last_word = matched.into_iter().chain(disputed).max_by_key(|(seq, _, _)| *seq);
        Some(match last_word {
            Some((_, seen, status)) if seen >= self.corrections(entry) => status,
            Some(_) | None => EntryStatus::Open,
        })
    }

    /// Returns the entries that someone still has to settle: the open and the disputed ones.
    pub fn unsettled(self) -> impl Iterator<Item = LineNo> {
        self.sent.entries.iter().map(|(no, _)| *no).filter(move |no| match self.status(*no) {
            Some(EntryStatus::Open | EntryStatus::Disputed) => true,
            Some(EntryStatus::Matched | EntryStatus::Withdrawn) | None => false,
        })
    }
}

impl Sides<BatchFacts> {
    /// Returns the sender and its side, once the batch is prepared.
    #[must_use]
    pub fn sender(&self) -> Option<(PartyId, &BatchFacts)> {
        self.iter().find(|(_, facts)| facts.prepared.is_some() || facts.sent.is_some())
    }

    /// Returns the batch that a party sent; none when it has not.
    #[must_use]
    pub fn sent_by(&self, from: PartyId) -> Option<SentBatch<'_>> {
        let sender = self.of(from)?;
        let (sent, _) = sender.sent.as_ref()?;
        Some(SentBatch { from, sent, sender, addressee: self.of(sent.to) })
    }

    /// Returns the batch that was sent to a party. Should two parties have used one id, it is the one whose arrival
    /// the party recorded.
    #[must_use]
    pub fn received_by(&self, to: PartyId) -> Option<SentBatch<'_>> {
        let arrived = self.of(to).and_then(|facts| facts.delivered.as_ref()).map(|(delivered, _)| delivered.from);
        self.iter()
            .filter(|(from, _)| arrived.is_none_or(|arrived| arrived == *from))
            .filter_map(|(from, _)| self.sent_by(from))
            .find(|batch| batch.sent.to == to)
    }

    /// Returns where an entry stands; none when the batch was not sent with it.
    #[must_use]
    pub fn entry_status(&self, entry: LineNo) -> Option<EntryStatus> {
        let (from, _) = self.sender()?;
        self.sent_by(from)?.status(entry)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notice::sample::{
        BATCH, corrected, delivered, disputed, entry, given_arrived, matched, sent, withdrawn,
    };
    use crate::testing::{Scene, party};

    fn status(scene: &Scene) -> Option<EntryStatus> {
        scene.rows().sides::<BatchFacts>(&BATCH).unwrap().entry_status(3)
    }

    #[test]
    fn the_last_word_of_the_addressee_counts() {
        let scene = given_arrived();
        assert_eq!(status(&scene), Some(EntryStatus::Open));
        let scene = scene.and("cw.zhuhai", disputed(3, 0));
        assert_eq!(status(&scene), Some(EntryStatus::Disputed));
        let scene = scene.and("cw.zhuhai", matched(3, 0));
        assert_eq!(status(&scene), Some(EntryStatus::Matched));
        assert_eq!(status(&scene.and("cw.zhuhai", disputed(3, 0))), Some(EntryStatus::Disputed));
    }

    #[test]
    fn what_was_said_of_an_older_wording_does_not_count() {
        let scene = given_arrived().and("cw.macau", corrected(3, 4)).and("cw.macau", corrected(3, 5));
        // Both were on their way when the second correction was made.
        let scene = scene.and("cw.zhuhai", disputed(3, 0)).and("cw.zhuhai", matched(3, 1));
        assert_eq!(status(&scene), Some(EntryStatus::Open));
        assert_eq!(status(&scene.and("cw.zhuhai", matched(3, 2))), Some(EntryStatus::Matched));
    }

    #[test]
    fn nothing_counts_against_a_withdrawal() {
        let scene = given_arrived().and("cw.macau", withdrawn(3)).and("cw.zhuhai", matched(3, 0));
        assert_eq!(status(&scene), Some(EntryStatus::Withdrawn));
    }

    #[test]
    fn what_was_sent_is_not_replaced_by_sending_again() {
        let again = BatchSent { entries: vec![(3, entry(9))], ..sent() };
        let scene = given_arrived().and("lo.macau", again).and("node.zhuhai", delivered());
        let sides = scene.rows().sides::<BatchFacts>(&BATCH).unwrap();
        assert_eq!(sides.received_by(party("zhuhai")).unwrap().sent, &sent());
        assert_eq!(sides.of(party("zhuhai")).unwrap().delivered.as_ref().unwrap().1.seq, 0);
    }
}
