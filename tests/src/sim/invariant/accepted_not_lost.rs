//! Invariant 15: after a recovery every entry is there that was ever accepted, and every body that somebody still had.

use std::collections::BTreeSet;

use tongcha_domain::id::PartyId;

use crate::sim::book::Book;
use crate::sim::failure::{Invariant, Step, broken};

/// Says which entry is not there again.
pub(in crate::sim) fn gone<T>(party: PartyId, origin: PartyId, seq: usize) -> Step<T> {
    let what = format!("{party} recovered, and entry {seq} of {origin} is not on its disk, or another is");
    broken(Invariant::AcceptedNotLost, what)
}

/// No addressee has the body that a recovery says is lost.
pub(in crate::sim) fn nobody_has(book: &Book, party: PartyId, seq: u64, told: &BTreeSet<PartyId>) -> Step<()> {
    let at = usize::try_from(seq).unwrap_or(usize::MAX);
    let has = |peer: &&PartyId| book.log(**peer, party).get(at).is_some_and(|entry| !entry.lost);
    match told.iter().find(has) {
        Some(peer) => {
            let what = format!("{party} recovered without the body of entry {seq}, which {peer} has");
            broken(Invariant::AcceptedNotLost, what)
        }
        None => Ok(()),
    }
}
