//! Receipts: one entry, the proof that it is in its log, and the checkpoint that says which log that is, in one text. C2SP
//! `tlog-proof` v1 (c2sp.org/tlog-proof).
//!
//! In scope: the text, making it from kept hashes, reading and verifying it offline. Out of scope: how many witnesses are
//! enough: the caller knows which parties it asks for.
//!
//! ```text
//! proof = "c2sp.org/tlog-proof@v1\n"
//!         "extra " ‖ base64( entry ) ‖ "\n"
//!         "index " ‖ position in decimal ‖ "\n"
//!         base64( hash ) ‖ "\n", from the leaf's sibling to the root's child
//!         "\n"
//!         checkpoint, a signed note
//! ```
//!
//! The extra line holds the entry itself, so that a receipt needs nothing but the parties' public keys. It is bound by the
//! proof: a leaf is the hash of the entry.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::checkpoint::{CheckpointError, LogKey, SignedCheckpoint, witnesses_of};
use crate::entry::{self, ENTRY_MAX, EntryError, VerifiedEntry};
use crate::key::Directory;
use crate::merkle::{BuildError, Hash, HashReader, PROOF_MAX, ProofError, inclusion_proof, verify_inclusion};
use crate::note::{NOTE_MAX, Note, NoteError, VerifierKeyError};

const MAGIC: &str = "c2sp.org/tlog-proof@v1";

/// The longest receipt in bytes: the longest note, a whole entry and the longest proof in base64, with room for the words.
pub const RECEIPT_MAX: usize = NOTE_MAX + 2 * ENTRY_MAX + PROOF_MAX * 48;

/// Why a receipt is refused.
#[derive(Debug, thiserror::Error)]
pub enum ReceiptError {
    /// Longer than [`RECEIPT_MAX`].
    #[error("{0} bytes are no receipt")]
    TooLong(usize),
    /// Not the lines of a proof, or in another spelling than the one form.
    #[error("not a proof in the form c2sp.org/tlog-proof@v1 with an entry in it")]
    Form,
    /// The checkpoint's form.
    #[error("the checkpoint is not one")]
    Note(#[from] NoteError),
    /// The entry's form or signature.
    #[error("the entry is refused")]
    Entry(#[from] EntryError),
    /// The entry is of a party whose key is not known.
    #[error("the entry is of {0}, whose card is not here")]
    Party(tongcha_domain::id::PartyId),
    /// The party's key is none for a log.
    #[error("the party's key is refused")]
    Key(#[from] VerifierKeyError),
    /// The checkpoint's signature or a cosignature.
    #[error("the checkpoint is refused")]
    Checkpoint(#[from] CheckpointError),
    /// The entry does not stand at that position of its log.
    #[error("the entry says it is number {says}, the proof is for number {index}")]
    Position {
        /// The entry's sequence number.
        says: u64,
        /// The proof's index.
        index: u64,
    },
    /// The proof does not lead from the entry to the checkpoint's root.
    #[error("the entry is not in the log that the checkpoint describes")]
    Proof(#[from] ProofError),
}

/// A receipt as it is printed and read; nothing in it counts before [`EntryReceipt::verify`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryReceipt {
    entry: Vec<u8>,
    index: u64,
    hashes: Vec<Hash>,
    checkpoint: Note,
}

/// What a receipt proves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proven {
    /// The entry, with its signature verified.
    pub entry: VerifiedEntry,
    /// The log's checkpoint, with the cosignatures of the directory's other parties verified.
    pub checkpoint: SignedCheckpoint,
}

impl EntryReceipt {
    /// Makes the receipt of an entry that a checkpoint covers, from the kept hashes of its log.
    ///
    /// # Errors
    /// When the checkpoint is of a smaller log, or a hash can't be read.
    pub fn new<R: HashReader>(
        entry: &VerifiedEntry,
        checkpoint: &SignedCheckpoint,
        reader: &R,
    ) -> Result<Self, BuildError<R::Error>> {
        let index = entry.header().seq;
        let hashes = inclusion_proof(reader, index, checkpoint.head().size)?;
        Ok(Self { entry: entry.bytes().to_vec(), index, hashes, checkpoint: checkpoint.note().clone() })
    }

    /// Verifies everything: the entry's signature, its place in the log, the log's signature over the checkpoint, and
    /// every cosignature of the other parties that is there. Which of them have cosigned is in
    /// [`SignedCheckpoint::cosigned`].
    ///
    /// # Errors
    /// Says which of these fails.
    pub fn verify(&self, directory: &Directory) -> Result<Proven, ReceiptError> {
        let (header, _) = entry::read(&self.entry)?;
        let log = LogKey::of(directory, header.origin)?.ok_or(ReceiptError::Party(header.origin))?;
        let entry = VerifiedEntry::verify(&self.entry, directory)?;
        let witnesses = witnesses_of(header.origin, directory)?;
        let note = self.checkpoint.to_string();
        let checkpoint = SignedCheckpoint::verify(note.as_bytes(), &log, &witnesses)?;
        if header.seq != self.index {
            return Err(ReceiptError::Position { says: header.seq, index: self.index });
        }
        verify_inclusion(&entry.leaf(), self.index, &checkpoint.head(), &self.hashes)?;
        Ok(Proven { entry, checkpoint })
    }
}

impl fmt::Display for EntryReceipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{MAGIC}\nextra {}\nindex {}", BASE64.encode(&self.entry), self.index)?;
        self.hashes.iter().try_for_each(|hash| writeln!(f, "{}", BASE64.encode(hash)))?;
        write!(f, "\n{}", self.checkpoint)
    }
}

impl FromStr for EntryReceipt {
    type Err = ReceiptError;

    fn from_str(text: &str) -> Result<Self, ReceiptError> {
        if text.len() > RECEIPT_MAX {
            return Err(ReceiptError::TooLong(text.len()));
        }
        let (proof, checkpoint) = text.split_once("\n\n").ok_or(ReceiptError::Form)?;
        let mut lines = proof.split('\n');
        let mut word = |word: &str| lines.next().and_then(|line| line.strip_prefix(word)).ok_or(ReceiptError::Form);
        word(MAGIC)?;
        let entry = BASE64.decode(word("extra ")?).map_err(|_| ReceiptError::Form)?;
        let index = word("index ")?.parse().map_err(|_| ReceiptError::Form)?;
        let hash = |line| BASE64.decode(line).ok().and_then(|hash| Hash::try_from(hash).ok());
        let hashes = lines.map(hash).collect::<Option<Vec<_>>>().ok_or(ReceiptError::Form)?;
        let receipt = Self { entry, index, hashes, checkpoint: Note::parse(checkpoint.as_bytes())? };
        // One form only: superfluous zeros, signs and spaces are other spellings.
        if receipt.hashes.len() <= PROOF_MAX && receipt.to_string() == text {
            Ok(receipt)
        } else {
            Err(ReceiptError::Form)
        }
    }
}

#[cfg(test)]
#[path = "proof_tests.rs"]
mod tests;
