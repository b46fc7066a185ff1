//! Invariants 19 and 20: what an order covers is gone at every holder, and stays gone whatever becomes of its processes, its
//! disk and its view; and nothing else ever goes.
//!
//! Judged by the keys that are synced and the orders in the origins' logs. No run lasts for years: only content may go.

use tongcha_domain::erasure::{Keeping, keeping};
use tongcha_domain::event::Event;
use tongcha_domain::id::PartyId;
use tongcha_ledger::entry::VerifiedEntry;
use tongcha_ledger::frame::{FrameRead, read_frame};
use tongcha_ledger::slot::{SLOT_LEN, Slot};

use crate::sim::book::{Book, BookEntry, Order, file_of};
use crate::sim::failure::{Invariant, Step, broken, unexpected};
use crate::sim::party::Party;
use crate::sim::world::World;

/// Looks at every key on a party's disk, while its process runs or as the power is cut. What is not confirmed may still be
/// there: an order can be durable and its execution interrupted.
pub(in crate::sim) fn keys(book: &Book, at: &Party) -> Step<()> {
    let destroyed = Slot::Destroyed.to_bytes();
    for origin in at.directory.parties() {
        let held = book.log(at.me, origin);
        let keys = at.disk.synced_from(&format!("body-keys/{origin}.keys"), 0);
        for (seq, (entry, slot)) in (0..).zip(held.iter().zip(keys.chunks_exact(SLOT_LEN))) {
            let gone = slot == destroyed.as_slice();
            if gone && !(book.is_erased(origin, seq) && may_go(entry)) {
                let what = format!("{} has destroyed the key of entry {seq} of {origin}", at.me);
                return broken(Invariant::NothingElseGoes, what);
            }
            let must_go = |order: &&Order| {
                let said = knows(book, at.me, origin, order) && is_confirmed(book, at.me, origin, order);
                order.entries.contains(&seq) && may_go(entry) && said
            };
            let is_key = || matches!(slot.first_chunk().and_then(Slot::from_bytes), Some(Slot::Key(_)));
            let order = book.orders(origin).iter().filter(|_| !gone).find(must_go);
            if let Some(order) = order.filter(|_| is_key()) {
                let what = format!("{} has the key of entry {seq} of {origin} after order {}", at.me, order.seq);
                return broken(Invariant::ErasedStaysErased, what);
            }
        }
    }
    Ok(())
}

fn may_go(entry: &BookEntry) -> bool {
    keeping(entry.header.kind) == Keeping::Content
}

/// Tells whether a holder still has what an order says. When it was lost with a disk before anybody was told, and an older copy
/// brings the keys back, nobody can say which have to go: the recovery asks for the order to be given again.
fn knows(book: &Book, holder: PartyId, origin: PartyId, order: &Order) -> bool {
    let at = usize::try_from(order.seq).unwrap_or(usize::MAX);
    book.log(holder, origin).get(at).is_none_or(|entry| !entry.lost)
}

fn is_confirmed(book: &Book, holder: PartyId, origin: PartyId, order: &Order) -> bool {
    book.log(holder, holder).iter().any(|entry| match &entry.event {
        Some(Event::ErasureConfirmed(said)) => said.ordered_by == origin && said.erasure == order.erasure,
        Some(_) | None => false,
    })
}

/// At rest every holder has confirmed every order, and every log on every disk still verifies.
pub(in crate::sim) fn complete(world: &World) -> Step<()> {
    for at in world.parties.values() {
        for origin in at.directory.parties() {
            for order in world.book.orders(origin) {
                let told = origin == at.me || order.holders.contains(&at.me);
                let holds = told && knows(&world.book, at.me, origin, order);
                if holds && !is_confirmed(&world.book, at.me, origin, order) {
                    let what = format!("{} has not confirmed order {} of {origin}", at.me, order.seq);
                    return broken(Invariant::ErasedStaysErased, what);
                }
            }
            verifies(at, origin)?;
        }
    }
    Ok(())
}

fn verifies(at: &Party, origin: PartyId) -> Step<()> {
    let bytes = at.disk.synced_from(&file_of(origin), 0);
    let mut rest = bytes.as_slice();
    while let FrameRead::Whole(record, length) = read_frame(rest) {
        let entry = VerifiedEntry::verify(&record.entry, &at.directory).map_err(unexpected)?;
        if let Some(sealed) = &record.body {
            sealed.check(entry.header()).map_err(unexpected)?;
        }
        rest = rest.get(length..).unwrap_or_default();
    }
    Ok(())
}
