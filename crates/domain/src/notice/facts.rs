//! What one party's log says about a routine batch, and what both logs together mean.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::id::{BatchId, LineNo, PartyId};
use crate::notice::events::{
    BatchAcknowledged, BatchApproved, BatchDelivered, BatchPrepared, BatchSent, EntryCorrected, EntryDisputed,
    EntryMatched, EntryWithdrawn,
};
use crate::view::{Facts, Said, Sides, Table};

/// One party's side of a batch. Each field is set by the event it is named for.
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
    /// Entries matched here.
    pub matched: BTreeMap<LineNo, Said>,
    /// Entries disputed here; the last dispute of each.
    pub disputed: BTreeMap<LineNo, (EntryDisputed, Said)>,
    /// Entries corrected here; the last correction of each.
    pub corrected: BTreeMap<LineNo, (EntryCorrected, Said)>,
    /// Entries withdrawn here.
    pub withdrawn: BTreeMap<LineNo, (EntryWithdrawn, Said)>,
    /// Acknowledged here.
    pub acknowledged: Option<(BatchAcknowledged, Said)>,
}

impl Facts for BatchFacts {
    type Id = BatchId;
    const TABLE: Table = Table::Batch;
}

impl BatchFacts {
    pub(crate) fn prepared(&mut self, event: &BatchPrepared, said: Said) {
        self.prepared = Some((event.clone(), said));
    }
    pub(crate) fn approved(&mut self, event: &BatchApproved, said: Said) {
        self.approved = Some((event.clone(), said));
    }
    pub(crate) fn sent(&mut self, event: &BatchSent, said: Said) {
        self.sent = Some((event.clone(), said));
    }
    pub(crate) fn delivered(&mut self, event: &BatchDelivered, said: Said) {
        self.delivered = Some((event.clone(), said));
    }
    pub(crate) fn matched(&mut self, event: &EntryMatched, said: Said) {
        self.matched.insert(event.entry, said);
    }
    pub(crate) fn disputed(&mut self, event: &EntryDisputed, said: Said) {
        self.disputed.insert(event.entry, (event.clone(), said));
    }
    pub(crate) fn corrected(&mut self, event: &EntryCorrected, said: Said) {
        self.corrected.insert(event.entry, (event.clone(), said));
    }
    pub(crate) fn withdrawn(&mut self, event: &EntryWithdrawn, said: Said) {
        self.withdrawn.insert(event.entry, (event.clone(), said));
    }
    pub(crate) fn acknowledged(&mut self, event: &BatchAcknowledged, said: Said) {
        self.acknowledged = Some((event.clone(), said));
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

impl Sides<BatchFacts> {
    /// Returns the sender and its side, once the batch is prepared.
    #[must_use]
    pub fn sender(&self) -> Option<(PartyId, &BatchFacts)> {
        self.iter().find(|(_, facts)| facts.prepared.is_some() || facts.sent.is_some())
    }

    /// Returns where an entry stands; none when the batch was not sent with it.
    #[must_use]
    pub fn entry_status(&self, entry: LineNo) -> Option<EntryStatus> {
        let (_, sender) = self.sender()?;
        let (sent, _) = sender.sent.as_ref()?;
        if !sent.entries.iter().any(|(no, _)| *no == entry) {
            return None;
        }
        if sender.withdrawn.contains_key(&entry) {
            return Some(EntryStatus::Withdrawn);
        }
        let Some(reader) = self.of(sent.to) else { return Some(EntryStatus::Open) };
        let disputes = reader.disputed.get(&entry).map(|(_, said)| said);
        let disputed_seq = disputes.map(|said| said.seq);
        let matched_seq = reader.matched.get(&entry).map(|said| said.seq);
        Some(match (matched_seq, disputed_seq) {
            (None, None) => EntryStatus::Open,
            // Both are in the addressee's log, so their order is known.
            (Some(matched), Some(disputed)) if matched > disputed => EntryStatus::Matched,
            (Some(_), None) => EntryStatus::Matched,
            (_, Some(_)) if sender.corrected.contains_key(&entry) => EntryStatus::Open,
            (_, Some(_)) => EntryStatus::Disputed,
        })
    }
}
