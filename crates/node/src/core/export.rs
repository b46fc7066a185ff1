//! What an auditor takes away: entries with their sealed bodies, as they stand in the journals.

use tongcha_domain::id::PartyId;
use tongcha_ledger::entry::{self, Header, Leaf};

use crate::core::{Core, CoreError};

/// Most entries in one export: with bodies of usual length about a megabyte.
pub const EXPORT_ENTRIES_MAX: u64 = 1000;
/// Most bytes in one export. The core serves nobody else while it reads them.
pub const EXPORT_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Part of a log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frames {
    /// Whole frames, one after the other ([`tongcha_ledger::frame`]).
    pub bytes: Vec<u8>,
    /// Position after the last of them.
    pub next: u64,
}

impl Core {
    /// Returns the durable entries of a log from a position on, as frames: at most `max`, [`EXPORT_ENTRIES_MAX`] and
    /// [`EXPORT_BYTES_MAX`]. None when the log is unknown or ends before.
    ///
    /// # Errors
    /// When files fail.
    pub fn frames(&self, origin: PartyId, from: u64, max: u64) -> Result<Frames, CoreError> {
        let mut frames = Frames { bytes: Vec::new(), next: from };
        let Some(log) = self.logs.get(&origin) else { return Ok(frames) };
        while frames.next.saturating_sub(from) < max.min(EXPORT_ENTRIES_MAX) {
            let Some(record) = log.journal.record(self.disk.as_ref(), frames.next)? else { break };
            let frame = record.to_frame().map_err(|e| CoreError::Make(e.to_string()))?;
            if frames.bytes.len() + frame.len() > EXPORT_BYTES_MAX {
                break; // never at the first frame: one has at most a few hundred KiB
            }
            frames.bytes.extend(frame);
            frames.next += 1;
        }
        Ok(frames)
    }

    /// Returns the header and the leaf hash of a durable entry; none when there is none at that position.
    ///
    /// # Errors
    /// When files fail.
    pub fn header(&self, origin: PartyId, seq: u64) -> Result<Option<(Header, Leaf)>, CoreError> {
        let Some(log) = self.logs.get(&origin) else { return Ok(None) };
        let record = log.journal.record(self.disk.as_ref(), seq)?;
        record.map(|record| entry::read(&record.entry).map_err(|e| CoreError::Make(e.to_string()))).transpose()
    }
}
