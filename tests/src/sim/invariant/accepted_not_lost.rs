//! Invariant 15: after a recovery every entry is there that was ever accepted.

use tongcha_domain::id::PartyId;

use crate::sim::failure::{Invariant, Step, broken};

/// Says which entry is not there again.
pub(in crate::sim) fn gone<T>(party: PartyId, origin: PartyId, seq: usize) -> Step<T> {
    let what = format!("{party} recovered, and entry {seq} of {origin} is not on its disk, or another is");
    broken(Invariant::AcceptedNotLost, what)
}
