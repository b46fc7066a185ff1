//! A batch for tests: Macau to Zhuhai, July 2026, three persons of whom the second may not be named
//! (`domain.md` §7, S1). All persons are made up.

use crate::id::{BatchId, LineNo};
use crate::identity::{Document, DocumentKind, Subject};
use crate::notice::{
    BatchAcknowledged, BatchApproved, BatchDelivered, BatchPrepared, BatchSent, Change, DisputeReason, EntryCorrected,
    EntryDisputed, EntryMatched, EntryWithdrawn, NoticeEntry, PrepareBatch, WithheldReason,
};
use crate::purpose::LegalBasis;
use crate::testing::{Scene, given, name, party};
use crate::text::Note;
use crate::time::{Date, Period};

pub(crate) const BATCH: BatchId = BatchId(uuid::Uuid::from_u128(0x1));

pub(crate) fn date(text: &str) -> Date {
    text.parse().unwrap()
}

pub(crate) fn period(text: &str) -> Period {
    text.to_owned().try_into().unwrap()
}

pub(crate) fn note() -> Note {
    "範 on the card, 范 in the register".parse().unwrap()
}

/// Person number `n`, with a basis.
pub(crate) fn entry(n: u32) -> NoticeEntry {
    let document = Document::parse(DocumentKind::MacauBir, &format!("{:07}(0)", 9_000_000 + n)).unwrap();
    NoticeEntry {
        subject: Subject { document, name: name("CHAN IEONG PUN"), birth_date: Some(date("1985-06-01")) },
        change: Change::Added,
        category: "regular subsidy".parse().unwrap(),
        as_of: date("2026-06-30"),
        district: "xiangzhou".parse().unwrap(),
        basis: Some(LegalBasis::AgreementArticle("art. 4".parse().unwrap())),
    }
}

pub(crate) fn entries() -> Vec<NoticeEntry> {
    vec![entry(1), NoticeEntry { basis: None, ..entry(2) }, entry(3)]
}

pub(crate) fn prepare() -> PrepareBatch {
    let BatchPrepared { batch, to, period, entries, unchanged } = prepared();
    PrepareBatch { batch, to, period, entries, unchanged }
}

pub(crate) fn prepared() -> BatchPrepared {
    let (to, period) = (party("zhuhai"), period("2026-07"));
    BatchPrepared { batch: BATCH, to, period, entries: entries(), unchanged: 27 }
}

pub(crate) fn approved() -> BatchApproved {
    BatchApproved { batch: BATCH, withheld: [(2, WithheldReason::NoBasis)].into() }
}

pub(crate) fn sent() -> BatchSent {
    let (to, period) = (party("zhuhai"), period("2026-07"));
    BatchSent { batch: BATCH, to, period, entries: vec![(1, entry(1)), (3, entry(3))], unchanged: 27, withheld: 1 }
}

pub(crate) fn delivered() -> BatchDelivered {
    BatchDelivered { batch: BATCH, from: party("macau") }
}

pub(crate) fn matched(entry: LineNo, corrections: u16) -> EntryMatched {
    EntryMatched { batch: BATCH, from: party("macau"), entry, corrections }
}

pub(crate) fn disputed(entry: LineNo, corrections: u16) -> EntryDisputed {
    let reason = DisputeReason::IdentityMismatch;
    EntryDisputed { batch: BATCH, from: party("macau"), entry, corrections, reason, note: note() }
}

pub(crate) fn corrected(no: LineNo, person: u32) -> EntryCorrected {
    EntryCorrected { batch: BATCH, to: party("zhuhai"), entry: no, replacement: entry(person), note: note() }
}

pub(crate) fn withdrawn(entry: LineNo) -> EntryWithdrawn {
    EntryWithdrawn { batch: BATCH, to: party("zhuhai"), entry, note: note() }
}

pub(crate) fn acknowledged() -> BatchAcknowledged {
    BatchAcknowledged { batch: BATCH, from: party("macau") }
}

/// Prepared at Macau, not yet approved.
pub(crate) fn given_prepared() -> Scene {
    given([("cw.macau", prepared())])
}

/// Approved and sent, not yet arrived.
pub(crate) fn given_sent() -> Scene {
    given_prepared().and("rv.macau", approved()).and("lo.macau", sent())
}

/// Arrived at Zhuhai.
pub(crate) fn given_arrived() -> Scene {
    given_sent().and("node.zhuhai", delivered())
}
