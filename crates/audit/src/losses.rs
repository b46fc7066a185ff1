//! Bodies that are not there although they are for the party: which of them the log says are lost, and which nobody speaks of.
//!
//! A body does not vanish unsaid. Of the party's own log the last record of a recovery says how many bodies are lost, all
//! records together name those that others should have read, and what the last recovery names is not here. Of a peer's log each
//! body that is not here must be named. Records of recoveries are sealed under the published key, so all of this is checked
//! without any key.

use std::collections::{BTreeMap, BTreeSet};

use tongcha_domain::event::{Body, Event};
use tongcha_domain::id::PartyId;
use tongcha_domain::recovery::RecordRecovery;
use tongcha_ledger::body::{BodyKey, SealedBody};
use tongcha_ledger::entry::Header;

use crate::finding::{Fault, Reason};

/// A body that is not here.
struct Absent {
    offset: u64,
    /// Whether others than the log's own party should have read it.
    told: bool,
}

/// The last record of a recovery.
struct Record {
    seq: u64,
    offset: u64,
    missing: u64,
    /// What it names, with the records before it that are of the same recovery.
    named: BTreeSet<u64>,
}

/// Collects what one log lacks while it is read.
pub(crate) struct Losses {
    own: bool,
    absent: BTreeMap<u64, Absent>,
    said: BTreeSet<u64>,
    record: Option<Record>,
}

/// Reads what an entry says of a recovery; none when it says nothing of one, or can't be opened.
pub(crate) fn recovered(header: &Header, body: Option<&SealedBody>) -> Option<RecordRecovery> {
    let body = body.filter(|_| BodyKey::is_published(header.kind))?.open(&BodyKey::published(), header).ok()?;
    recovery_in(&body).cloned()
}

/// Returns the recovery that a body records.
pub(crate) fn recovery_in(body: &Body) -> Option<&RecordRecovery> {
    if let Event::LogRecovered(recovered) = &body.event { Some(&recovered.recovery) } else { None }
}

impl Losses {
    /// Begins a log, as a party has it.
    pub(crate) fn new(party: PartyId, origin: PartyId) -> Self {
        Self { own: party == origin, absent: BTreeMap::new(), said: BTreeSet::new(), record: None }
    }

    /// Takes the next entry: whether its body is for the party and not here, and what it says of a recovery.
    pub(crate) fn note(&mut self, header: &Header, offset: u64, is_absent: bool, recovery: Option<&RecordRecovery>) {
        if is_absent {
            self.absent.insert(header.seq, Absent { offset, told: header.audience.len() > 1 });
        }
        if let Some(recovery) = recovery {
            self.said.extend(recovery.lost.range(..header.seq));
            // A recovery that finds more than the one before misses less.
            let goes_on = |last: &Record| last.seq + 1 == header.seq && last.missing == recovery.bodies_missing;
            let mut named = self.record.take().filter(goes_on).map(|last| last.named).unwrap_or_default();
            named.extend(&recovery.lost);
            self.record = Some(Record { seq: header.seq, offset, missing: recovery.bodies_missing, named });
        }
    }

    /// Returns the first entry that does not fit.
    pub(crate) fn fault(&self) -> Option<Fault> {
        let missing =
            |(seq, absent): (&u64, &Absent)| Fault { seq: *seq, offset: absent.offset, reason: Reason::BodyMissing };
        let unsaid = self.absent.iter().find(|(seq, absent)| match &self.record {
            _ if absent.told || !self.own => !self.said.contains(seq),
            Some(record) => **seq > record.seq,
            None => true,
        });
        let own = self.record.as_ref().filter(|_| self.own);
        let kept = own.and_then(|record| {
            let entry = *record.named.iter().find(|seq| !self.absent.contains_key(seq))?;
            Some(Fault { seq: record.seq, offset: record.offset, reason: Reason::LostKept { entry } })
        });
        let miscounted = own.and_then(|record| {
            let found = self.absent.range(..record.seq).count() as u64;
            if found > record.missing {
                return self.absent.iter().next().map(missing);
            }
            let reason = Reason::LossMisstated { said: record.missing, found };
            (found < record.missing).then_some(Fault { seq: record.seq, offset: record.offset, reason })
        });
        unsaid.map(missing).into_iter().chain(kept).chain(miscounted).min_by_key(|fault| fault.seq)
    }

    /// Returns the entries whose body is not here.
    pub(crate) fn lost(&self) -> Vec<u64> {
        self.absent.keys().copied().collect()
    }
}
