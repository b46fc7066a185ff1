//! Body keys on disk: one slot for each entry of each log, apart from the bodies, so that a key can be destroyed in
//! place ([`tongcha_ledger::slot`]).

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use tongcha_domain::id::PartyId;
use tongcha_ledger::body::BodyKey;
use tongcha_ledger::slot::{SLOT_LEN, Slot};

use crate::disk::Disk;

/// How many slots are read at once where all are looked at: 2.5 MiB.
const SLOTS_AT_ONCE: usize = 64 * 1024;

/// Why a body key can't be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// The disk failed.
    #[error("the body keys of {origin} can't be read or written")]
    Disk {
        /// Whose log.
        origin: PartyId,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// A slot is damaged.
    #[error("the body key of entry {seq} of {origin} is damaged: restore the file from a backup")]
    Damaged {
        /// Whose log.
        origin: PartyId,
        /// The entry.
        seq: u64,
    },
}

/// The keys of one log's bodies.
pub struct KeyFile {
    origin: PartyId,
    file: String,
    staged: BTreeMap<u64, Slot>,
}

impl KeyFile {
    /// Opens a log's keys.
    #[must_use]
    pub fn new(origin: PartyId) -> Self {
        Self { origin, file: format!("body-keys/{origin}.keys"), staged: BTreeMap::new() }
    }

    /// Stages a key.
    pub fn stage(&mut self, seq: u64, key: BodyKey) {
        self.staged.insert(seq, Slot::Key(key));
    }

    /// Stages that there is no key any more: the body came without it.
    pub fn stage_destroyed(&mut self, seq: u64) {
        self.staged.insert(seq, Slot::Destroyed);
    }

    /// Overwrites keys in place and syncs; returns how many there still were. A slot that a crash left half written is
    /// overwritten too. After an error the process must stop.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn destroy(&mut self, disk: &mut dyn Disk, seqs: &BTreeSet<u64>) -> Result<u32, KeyFileError> {
        let mut destroyed = 0;
        for seq in seqs {
            match self.slot(disk, *seq) {
                Ok(Slot::Destroyed) => continue,
                Ok(Slot::Key(_) | Slot::Empty) | Err(KeyFileError::Damaged { .. }) => {}
                Err(error @ KeyFileError::Disk { .. }) => return Err(error),
            }
            self.write(disk, Some((*seq, Slot::Destroyed.to_bytes().to_vec())))?;
            destroyed += 1;
        }
        if destroyed > 0 {
            disk.sync(&self.file).map_err(|source| self.disk_error(source))?;
        }
        Ok(destroyed)
    }

    /// Returns the entries before `count` whose keys are destroyed. What is damaged is left to who reads it.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn destroyed(&self, disk: &dyn Disk, count: u64) -> Result<BTreeSet<u64>, KeyFileError> {
        let mut found = BTreeSet::new();
        for first in (0..count).step_by(SLOTS_AT_ONCE) {
            let read = disk.read(&self.file, first * SLOT_LEN as u64, SLOTS_AT_ONCE * SLOT_LEN);
            let bytes = read.map_err(|source| self.disk_error(source))?;
            let slots = bytes.chunks_exact(SLOT_LEN).map(|slot| slot.first_chunk().and_then(Slot::from_bytes));
            let destroyed = (first..count).zip(slots).filter(|(_, slot)| *slot == Some(Slot::Destroyed));
            found.extend(destroyed.map(|(seq, _)| seq));
        }
        Ok(found)
    }

    /// Writes and syncs what is staged. After an error the process must stop.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn sync(&mut self, disk: &mut dyn Disk) -> Result<(), KeyFileError> {
        if self.staged.is_empty() {
            return Ok(());
        }
        // Runs of neighbouring slots are written at once: a group commit is one run.
        let mut run: Option<(u64, Vec<u8>)> = None;
        for (seq, slot) in std::mem::take(&mut self.staged) {
            let slot = slot.to_bytes();
            match &mut run {
                Some((first, bytes)) if *first + (bytes.len() / SLOT_LEN) as u64 == seq => bytes.extend(slot),
                _ => {
                    self.write(disk, run.take())?;
                    run = Some((seq, slot.to_vec()));
                }
            }
        }
        self.write(disk, run)?;
        disk.sync(&self.file).map_err(|source| self.disk_error(source))
    }

    /// Writes slots as they are given, and syncs them: only while a log is restored, when nobody else writes.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn restore(&self, disk: &mut dyn Disk, slots: &[(u64, Slot)]) -> Result<(), KeyFileError> {
        for (seq, slot) in slots {
            self.write(disk, Some((*seq, slot.to_bytes().to_vec())))?;
        }
        disk.sync(&self.file).map_err(|source| self.disk_error(source))
    }

    fn write(&self, disk: &mut dyn Disk, run: Option<(u64, Vec<u8>)>) -> Result<(), KeyFileError> {
        let Some((first, bytes)) = run else { return Ok(()) };
        disk.write(&self.file, first * SLOT_LEN as u64, &bytes).map_err(|source| self.disk_error(source))
    }

    /// Reads the slot of an entry.
    ///
    /// # Errors
    /// When the disk fails or the slot is damaged.
    pub fn slot(&self, disk: &dyn Disk, seq: u64) -> Result<Slot, KeyFileError> {
        let bytes = disk.read(&self.file, seq * SLOT_LEN as u64, SLOT_LEN).map_err(|source| self.disk_error(source))?;
        let damaged = KeyFileError::Damaged { origin: self.origin, seq };
        if bytes.is_empty() {
            return Ok(Slot::Empty);
        }
        bytes.first_chunk().and_then(Slot::from_bytes).ok_or(damaged)
    }

    fn disk_error(&self, source: io::Error) -> KeyFileError {
        KeyFileError::Disk { origin: self.origin, source }
    }
}
