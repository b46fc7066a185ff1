//! A sample erasure: Zhuhai's, of entries that Macau can read.

use crate::erasure::{
    ErasureBasis, ErasureGround, ErasureOrdered, ListedEntry, OrderErasure, ProposeErasure, RefusalGround,
    RefuseErasure, RequestErasure,
};
use crate::event::EventKind;
use crate::id::ErasureId;
use crate::testing::{NOON, Scene, given_nothing, party};

pub(crate) const ERASURE: ErasureId = ErasureId(uuid::Uuid::from_u128(0xE5));

pub(crate) fn ground() -> ErasureGround {
    ErasureGround { basis: ErasureBasis::SubjectRequest, reference: "DP-2026-017".parse().unwrap() }
}

pub(crate) fn listed(seq: u64, kind: EventKind, audience: &[&str]) -> ListedEntry {
    let audience = audience.iter().map(|name| party(name)).collect();
    ListedEntry { seq, kind, recorded_at: NOON, audience, case: None, after: None }
}

pub(crate) fn propose(entries: &[u64]) -> ProposeErasure {
    let entries = entries.iter().map(|seq| listed(*seq, EventKind::BatchSent, &["zhuhai", "macau"]));
    ProposeErasure { erasure: ERASURE, entries: entries.collect(), ground: ground(), asker: None }
}

pub(crate) fn ordered(entries: &[u64]) -> ErasureOrdered {
    let entries = entries.iter().copied().collect();
    ErasureOrdered { erasure: ERASURE, entries, ground: ground(), holders: [party("macau")].into(), asker: None }
}

pub(crate) fn given_ordered() -> Scene {
    let scene = given_nothing().when("dp.zhuhai", propose(&[3, 4])).then_done();
    scene.when("sec.zhuhai", OrderErasure { erasure: ERASURE }).then_done()
}

/// Macau asks Zhuhai.
pub(crate) fn request(entries: &[u64]) -> RequestErasure {
    let ProposeErasure { erasure, entries, .. } = propose(entries);
    let ground = ErasureGround { basis: ErasureBasis::Unlawful, reference: "MO-DP-2026-4".parse().unwrap() };
    RequestErasure { erasure, to: party("zhuhai"), entries, ground, reason: "recorded in error".parse().unwrap() }
}

/// Zhuhai proposes what Macau asks for.
pub(crate) fn answer(entries: &[u64]) -> ProposeErasure {
    ProposeErasure { asker: Some(party("macau")), ..propose(entries) }
}

pub(crate) fn refuse_it() -> RefuseErasure {
    let reference = "DP-2026-018".parse().unwrap();
    RefuseErasure { erasure: ERASURE, because: RefusalGround::RightAndLawful, reference }
}

pub(crate) fn given_requested(entries: &[u64]) -> Scene {
    given_nothing().when("dp.macau", request(entries)).then_done()
}
