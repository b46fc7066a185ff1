//! Checkpoints against logs: the Merkle root over the entries must be the one the party signed and others witnessed.
//!
//! A checkpoint is what a chain of signatures can't give: removing the last entries of a log, or rewriting it with the
//! party's own key, leaves a good chain. It does not leave the root that the witnesses have cosigned.

use serde::Serialize;
use tongcha_domain::id::PartyId;
use tongcha_domain::keys::KeyTimes;
use tongcha_ledger::checkpoint::{Checkpoint, CheckpointError, LogKey, SignedCheckpoint, witnesses_of};
use tongcha_ledger::entry::VerifiedEntry;
use tongcha_ledger::key::{Directory, Hex};
use tongcha_ledger::merkle::{Frontier, Hash};
use tongcha_ledger::note::Note;

use crate::finding::Reason;

/// What a good checkpoint says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CheckpointReport {
    /// Entries it covers.
    pub size: u64,
    /// Root of their Merkle tree.
    pub root: Hex,
    /// Who has cosigned it, with valid signatures.
    pub witnessed_by: Vec<PartyId>,
}

/// Reads the checkpoint of a log and verifies the log's signature and every cosignature of the directory's others.
///
/// # Errors
/// Says what is refused.
pub fn open(note: &[u8], origin: PartyId, directory: &Directory) -> Result<SignedCheckpoint, CheckpointError> {
    // A card that is missing is a finding of its own; without it no signature can be checked.
    let Some(log) = LogKey::of(directory, origin).ok().flatten() else { return Err(CheckpointError::Lines) };
    SignedCheckpoint::verify(note, &log, &witnesses_of(origin, directory).unwrap_or_default())
}

/// Follows a log and compares it with its checkpoint.
#[derive(Debug, Default)]
pub struct Watch {
    note: Option<Vec<u8>>,
    /// The size that the note speaks of, unverified.
    size: Option<u64>,
    frontier: Frontier,
    root: Option<Hash>,
}

impl Watch {
    /// Begins before the first entry, with the log's checkpoint as it is in the bundle.
    #[must_use]
    pub fn new(note: Option<&[u8]>) -> Self {
        let read = |note: &[u8]| Note::parse(note).ok()?.text().parse::<Checkpoint>().ok();
        let size = note.and_then(read).map(|checkpoint| checkpoint.head().size);
        let mut watch = Self { note: note.map(<[u8]>::to_vec), size, ..Self::default() };
        watch.compare();
        watch
    }

    /// Takes the next entry.
    pub fn push(&mut self, entry: &VerifiedEntry) {
        self.frontier.push(&entry.leaf());
        self.compare();
    }

    fn compare(&mut self) {
        if self.size == Some(self.frontier.size()) {
            self.root = Some(self.frontier.root());
        }
    }

    /// Ends after the last entry: says what the checkpoint proves; nothing when there is none. Its signatures are verified only
    /// now: the log itself may add the keys.
    ///
    /// # Errors
    /// When it is refused, or is of another or a longer log.
    pub fn end(
        self,
        origin: PartyId,
        directory: &Directory,
        times: Option<&KeyTimes>,
    ) -> Result<Option<CheckpointReport>, Reason> {
        let Some(note) = self.note else { return Ok(None) };
        let checkpoint = open(&note, origin, directory).map_err(Reason::Checkpoint)?;
        // Its key must be valid at the last entry it covers.
        if let (Some(times), Some(_)) = (times, self.root) {
            let last = checkpoint.head().size.saturating_sub(1);
            let judged = times.check(checkpoint.signer().0, last);
            judged.map_err(|fault| Reason::Checkpoint(CheckpointError::Keys(fault)))?;
        }
        let head = checkpoint.head();
        match self.root {
            None => Err(Reason::CheckpointBeyond { size: head.size }),
            Some(root) if root != head.root => Err(Reason::CheckpointRoot { size: head.size }),
            Some(_) => {
                let witnessed_by = checkpoint.cosigned().keys().copied().collect();
                Ok(Some(CheckpointReport { size: head.size, root: Hex(head.root), witnessed_by }))
            }
        }
    }
}
