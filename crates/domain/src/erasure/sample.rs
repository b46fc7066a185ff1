//! A sample erasure: Zhuhai's, of entries that Macau can read.

use crate::erasure::{ErasureBasis, ErasureGround, ErasureOrdered, ListedEntry, OrderErasure, ProposeErasure};
use crate::event::EventKind;
use crate::id::ErasureId;
use crate::testing::{NOON, Scene, given_nothing, party};

pub(super) const ERASURE: ErasureId = ErasureId(uuid::Uuid::from_u128(0xE5));

pub(super) fn ground() -> ErasureGround {
    ErasureGround { basis: ErasureBasis::SubjectRequest, reference: "DP-2026-017".parse().unwrap() }
}

pub(super) fn listed(seq: u64, kind: EventKind, audience: &[&str]) -> ListedEntry {
    let audience = audience.iter().map(|name| party(name)).collect();
    ListedEntry { seq, kind, recorded_at: NOON, audience, case: None, after: None }
}

pub(super) fn propose(entries: &[u64]) -> ProposeErasure {
    let entries = entries.iter().map(|seq| listed(*seq, EventKind::BatchSent, &["zhuhai", "macau"]));
    ProposeErasure { erasure: ERASURE, entries: entries.collect(), ground: ground() }
}

pub(super) fn ordered(entries: &[u64]) -> ErasureOrdered {
    let entries = entries.iter().copied().collect();
    ErasureOrdered { erasure: ERASURE, entries, ground: ground(), holders: [party("macau")].into() }
}

pub(super) fn given_ordered() -> Scene {
    let scene = given_nothing().when("dp.zhuhai", propose(&[3, 4])).then_done();
    scene.when("sec.zhuhai", OrderErasure { erasure: ERASURE }).then_done()
}
