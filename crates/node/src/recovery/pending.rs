//! The file of a recovery that the log does not record yet.

use std::io;

use tongcha_domain::recovery::RecordRecovery;
use tongcha_ledger::canonical;
use tongcha_ledger::note_slots::SLOT_BYTES;

use crate::core::note_file::NoteFile;
use crate::disk::Disk;

const NAME: &str = "recovery/pending";

/// The file; empty when no recovery waits for its record.
pub(crate) struct PendingFile(NoteFile);

impl PendingFile {
    /// Opens the file and reads what waits.
    ///
    /// # Errors
    /// When the disk fails or the file holds something else.
    pub(crate) fn open(disk: &dyn Disk) -> io::Result<(Self, Option<RecordRecovery>)> {
        let (file, note) = NoteFile::open(disk, NAME.to_owned())?;
        let recovery = match note {
            Some(note) if !note.is_empty() => Some(canonical::decode(&note, SLOT_BYTES).map_err(io::Error::other)?),
            Some(_) | None => None,
        };
        Ok((Self(file), recovery))
    }

    /// Writes what waits, durably.
    ///
    /// # Errors
    /// When the disk fails.
    pub(crate) fn replace(&mut self, disk: &mut dyn Disk, recovery: Option<&RecordRecovery>) -> io::Result<()> {
        let note = recovery.map(canonical::encode).transpose().map_err(io::Error::other)?;
        self.0.replace(disk, &note.unwrap_or_default())
    }
}
