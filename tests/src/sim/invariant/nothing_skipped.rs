//! Invariant 9: a message that fails a check is kept and counted, never acknowledged and forgotten; no position of a
//! log is skipped, so that a replica is a prefix of its origin's log; and when all is quiet nothing is missing.

use tongcha_domain::event::Event;
use tongcha_domain::id::PartyId;
use tongcha_node::core::read_quarantine;

use crate::sim::book::{Book, BookEntry};
use crate::sim::failure::{Invariant, Step, broken, unexpected};
use crate::sim::party::Party;
use crate::sim::world::World;

const THIS: Invariant = Invariant::NothingSkipped;
/// The file of the core that holds what was refused.
const QUARANTINE: &str = "quarantine.log";

/// New entries of a replica are the origin's, position by position.
pub(in crate::sim) fn replica(book: &Book, party: PartyId, origin: PartyId, first: usize) -> Step<()> {
    let origin_log = book.log(origin, origin);
    for (at, entry) in book.log(party, origin).iter().enumerate().skip(first) {
        if origin_log.get(at).map(|theirs| theirs.leaf) != Some(entry.leaf) {
            return broken(THIS, format!("{party} has an entry {at} of {origin} that {origin} has not"));
        }
    }
    Ok(())
}

/// A refused message is the last in the quarantine on disk, and was counted once.
pub(in crate::sim) fn refused(party: &mut Party, bytes: &[u8], counted: u64) -> Step<()> {
    let kept = read_quarantine(&party.disk.copy_of_file(QUARANTINE)).map_err(unexpected)?;
    let last = kept.last().is_some_and(|kept| kept.bytes == bytes);
    if kept.len() != party.kept + 1 || !last || counted != 1 {
        let what = format!("{} refused a message of {} bytes and did not keep and count it", party.me, bytes.len());
        return broken(THIS, what);
    }
    party.kept = kept.len();
    Ok(())
}

/// After a power cut what was kept is still kept; what an erasure was blanking may be torn.
pub(in crate::sim) fn still_kept(book: &Book, party: &mut Party) -> Step<()> {
    let kept = read_quarantine(&party.disk.copy_of_file(QUARANTINE)).map_err(unexpected)?.len();
    let blanked = party.directory.parties().any(|origin| !book.orders(origin).is_empty());
    if kept < party.kept && !blanked {
        return broken(THIS, format!("{} kept {} refused messages, {kept} are left", party.me, party.kept));
    }
    party.kept = kept; // one whose sync failed may have survived
    Ok(())
}

/// At rest every replica is complete, and every notice that arrived has its receipt.
pub(in crate::sim) fn complete(world: &World) -> Step<()> {
    for origin in world.ids() {
        let theirs = world.book.log(origin, origin).len();
        for party in world.ids() {
            let ours = world.book.log(party, origin).len();
            if ours != theirs {
                return broken(THIS, format!("{party} has {ours} of {theirs} entries of {origin}"));
            }
        }
        world.book.log(origin, origin).iter().try_for_each(|entry| has_receipts(&world.book, entry))?;
    }
    Ok(())
}

/// A notice is acknowledged by the services of all its addressees that have it, in their logs.
fn has_receipts(book: &Book, entry: &BookEntry) -> Step<()> {
    if book.is_erased(entry.header.origin, entry.header.seq) {
        return Ok(()); // who was away takes it without its body
    }
    let at = usize::try_from(entry.header.seq).unwrap_or(usize::MAX);
    let (addressees, kind): (Vec<PartyId>, _) = match &entry.event {
        Some(Event::BatchSent(sent)) => (vec![sent.to], "batch"),
        Some(Event::UrgentRaised(raised)) => (raised.to.iter().copied().collect(), "urgent notice"),
        Some(_) | None => return Ok(()),
    };
    let is_receipt = |receipt: &BookEntry| match (&receipt.event, &entry.event) {
        (Some(Event::BatchDelivered(receipt)), Some(Event::BatchSent(sent))) => receipt.batch == sent.batch,
        (Some(Event::UrgentDelivered(receipt)), Some(Event::UrgentRaised(raised))) => receipt.urgent == raised.urgent,
        (Some(_) | None, _) => false,
    };
    let has = |party: &PartyId| book.log(*party, entry.header.origin).get(at).is_some_and(|theirs| !theirs.lost);
    for addressee in addressees.into_iter().filter(has) {
        if !book.log(addressee, addressee).iter().any(is_receipt) {
            let (seq, origin) = (entry.header.seq, entry.header.origin);
            return broken(THIS, format!("{addressee} has no receipt for the {kind} in entry {seq} of {origin}"));
        }
    }
    Ok(())
}
