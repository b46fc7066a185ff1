//! Invariant 14: a party whose disk is a copy of an earlier day writes nothing until it has recovered.

use tongcha_domain::id::PartyId;
use tongcha_ledger::frame::{FrameRead, read_frame};

use crate::sim::book::file_of;
use crate::sim::disk::SimDisk;
use crate::sim::failure::{Invariant, Step, broken};

/// The own log on an old disk has no more entries than when it was put in.
pub(in crate::sim) fn own_log(party: PartyId, disk: &SimDisk, had: u64) -> Step<()> {
    let bytes = disk.synced_from(&file_of(party), 0);
    let (mut at, mut count) = (0, 0);
    while let FrameRead::Whole(_, len) = read_frame(bytes.get(at..).unwrap_or_default()) {
        at += len;
        count += 1;
    }
    if count > had {
        let what = format!("{party}'s disk is an old one with {had} own entries, and has {count} now");
        return broken(Invariant::OldDiskNotWritten, what);
    }
    Ok(())
}
