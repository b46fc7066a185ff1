//! Checkpoints against logs: the Merkle root over the entries must be the one the party signed and others witnessed.
//!
//! A checkpoint is what a chain of signatures can't give: removing the last entries of a log, or rewriting it with the
//! party's own key, leaves a good chain. It does not leave the root that the witnesses have cosigned.

use serde::Serialize;
use tongcha_domain::id::PartyId;
use tongcha_ledger::checkpoint::{CheckpointError, LogKey, SignedCheckpoint, witnesses_of};
use tongcha_ledger::entry::VerifiedEntry;
use tongcha_ledger::key::{Directory, Hex};
use tongcha_ledger::merkle::{Frontier, Hash};

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
    let key = |keys| LogKey::new(keys).ok();
    let Some(log) = directory.party(origin).and_then(key) else { return Err(CheckpointError::Lines) };
    SignedCheckpoint::verify(note, &log, &witnesses_of(origin, directory).unwrap_or_default())
}

/// Follows a log and compares it with its checkpoint.
#[derive(Debug, Default)]
pub struct Watch {
    checkpoint: Option<Result<SignedCheckpoint, CheckpointError>>,
    frontier: Frontier,
    root: Option<Hash>,
}

impl Watch {
    /// Begins before the first entry, with the log's checkpoint as it is in the bundle.
    #[must_use]
    pub fn new(note: Option<&[u8]>, origin: PartyId, directory: &Directory) -> Self {
        let mut watch = Self { checkpoint: note.map(|note| open(note, origin, directory)), ..Self::default() };
        watch.compare();
        watch
    }

    /// Takes the next entry.
    pub fn push(&mut self, entry: &VerifiedEntry) {
        self.frontier.push(&entry.leaf());
        self.compare();
    }

    fn compare(&mut self) {
        if let Some(Ok(checkpoint)) = &self.checkpoint
            && checkpoint.head().size == self.frontier.size()
        {
            self.root = Some(self.frontier.root());
        }
    }

    /// Ends after the last entry: says what the checkpoint proves; nothing when there is none.
    ///
    /// # Errors
    /// When it is refused, or is of another or a longer log.
    pub fn end(self) -> Result<Option<CheckpointReport>, Reason> {
        let Some(checkpoint) = self.checkpoint else { return Ok(None) };
        let checkpoint = checkpoint.map_err(Reason::Checkpoint)?;
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
