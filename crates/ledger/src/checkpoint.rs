//! Checkpoints: a party's signed statement of the size and root of its log, and the cosignatures by which the other parties
//! witness it. C2SP `tlog-checkpoint` and `tlog-cosignature` v1, Ed25519 (c2sp.org/tlog-checkpoint, c2sp.org/tlog-cosignature).
//!
//! In scope: the text, the log's signature, cosigning with its precondition, reading and verifying. Out of scope: which
//! checkpoint a witness last saw and how it is kept, and when a log signs (`tongcha-node`).
//!
//! ```text
//! text        = origin ‖ "\n" ‖ size in decimal ‖ "\n" ‖ base64( root ) ‖ "\n" ‖ extension lines, each with "\n"
//! checkpoint  = signed note of the text; the log's key name is the origin; type 0x01
//! cosigned    = "cosignature/v1\ntime " ‖ POSIX seconds in decimal ‖ "\n" ‖ text
//! cosignature = POSIX seconds: u64 BE ‖ Ed25519( cosigned ); type 0x04
//! ```
//!
//! A cosignature says: at that time this was the largest tree the witness knew of the log, and it keeps all of the trees
//! the witness knew before. So [`SignedCheckpoint::cosign`] asks for the last tree known and the proof.
//!
//! Log and witness use the party's one Ed25519 key. The formats allow that when the messages can't be confused, and each
//! use has its own key ID (signed-note, section Signatures; see [`crate::note`] for the messages).

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use tongcha_domain::id::PartyId;
use tongcha_domain::keys::KeyFault;
use tongcha_domain::time::Instant;

use crate::key::{Directory, KeyId, KnownKey, PartyKeys, PartySecrets};
use crate::merkle::{EMPTY_ROOT, Hash, ProofError, SIZE_MAX, TreeHead, verify_consistency};
use crate::note::{Note, NoteError, NoteKey, NoteSignature, SignatureType, VerifierKey, VerifierKeyError};

/// What the names of all logs and witnesses begin with. The top-level domain `example` belongs to nobody (RFC 2606), so the
/// name can't be taken for an address.
pub const NAMESPACE: &str = "tongcha.example";

/// The latest time of a cosignature in POSIX seconds (tlog-cosignature, section Format).
pub const TIME_MAX: u64 = (1 << 63) - 1;

const US_PER_SECOND: i64 = 1_000_000;

/// Returns the origin of a party's log: the first line of its checkpoints, and the name of its log key.
#[must_use]
pub fn origin(party: PartyId) -> String {
    format!("{NAMESPACE}/{party}/log/v1")
}

/// Returns the name under which a party cosigns.
#[must_use]
pub fn witness_name(party: PartyId) -> String {
    format!("{NAMESPACE}/{party}/witness/v1")
}

/// Why a checkpoint or a cosignature is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// The note's form or one of its signatures.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// Fewer than three lines, an empty line, or no newline at the end.
    #[error("a checkpoint is three or more lines, none empty, each ending in a newline")]
    Lines,
    /// The size is not decimal without leading zeros, or above [`SIZE_MAX`].
    #[error("the second line is no size of a log")]
    Size,
    /// The root is not the base64 of 32 bytes.
    #[error("the third line is no root hash")]
    Root,
    /// Size 0 with another root than that of the empty tree.
    #[error("the root of a log without entries is the hash of nothing")]
    EmptyRoot,
    /// The checkpoint of another log.
    #[error("the checkpoint is of {found}, not of {expected}")]
    Origin {
        /// The origin of the log asked for.
        expected: String,
        /// The origin found.
        found: String,
    },
    /// The tree does not keep all of the last tree known.
    #[error("the log is not shown to continue the tree known before")]
    Consistency(#[source] ProofError),
    /// The time is not after the beginning of 1970.
    #[error("not a time for a cosignature")]
    Time,
    /// The signing key does not count at the last entry of the tree.
    #[error("the key of the checkpoint is not valid there")]
    Keys(#[from] KeyFault),
}

/// What a log says of itself: the text of a checkpoint, without signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    origin: String,
    head: TreeHead,
    extensions: Vec<String>,
}

impl Checkpoint {
    /// States the tree of a party's log. Our logs write no extension lines: they could not be audited.
    #[must_use]
    pub fn new(party: PartyId, head: TreeHead) -> Self {
        Self { origin: origin(party), head, extensions: Vec::new() }
    }

    /// Returns the log's name.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Returns size and root.
    #[must_use]
    pub fn head(&self) -> TreeHead {
        self.head
    }

    /// Returns the lines after the third, kept as found. They say nothing that is verified.
    #[must_use]
    pub fn extensions(&self) -> &[String] {
        &self.extensions
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{}\n{}", self.origin, self.head.size, BASE64.encode(self.head.root))?;
        self.extensions.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

impl FromStr for Checkpoint {
    type Err = CheckpointError;

    fn from_str(text: &str) -> Result<Self, CheckpointError> {
        let lines: Vec<_> = text.strip_suffix('\n').ok_or(CheckpointError::Lines)?.split('\n').collect();
        let [origin, size, root, extensions @ ..] = lines.as_slice() else { return Err(CheckpointError::Lines) };
        if lines.iter().any(|line| line.is_empty()) {
            return Err(CheckpointError::Lines);
        }
        let number: u64 = size.parse().map_err(|_| CheckpointError::Size)?;
        if number > SIZE_MAX || number.to_string() != *size {
            return Err(CheckpointError::Size);
        }
        let root = BASE64.decode(root).ok().and_then(|root| Hash::try_from(root).ok()).ok_or(CheckpointError::Root)?;
        if number == 0 && root != EMPTY_ROOT {
            return Err(CheckpointError::EmptyRoot);
        }
        let extensions = extensions.iter().map(|line| (*line).to_owned()).collect();
        Ok(Self { origin: (*origin).to_owned(), head: TreeHead { size: number, root }, extensions })
    }
}

/// The key with which a party signs the checkpoints of its log, with those it had before and has beside it. Its name is the
/// log's [`origin`].
#[derive(Clone, Debug)]
pub struct LogKey {
    current: NoteKey,
    others: Vec<NoteKey>,
    known: Vec<KnownKey>,
}

impl LogKey {
    /// Makes the log key of a party that has one key.
    ///
    /// # Errors
    /// Never for the keys of a directory: the name is of the right alphabet and the key was checked.
    pub fn new(keys: &PartyKeys) -> Result<Self, VerifierKeyError> {
        let current = NoteKey::new(keys, &origin(keys.party()), SignatureType::Ed25519)?;
        Ok(Self { current, others: Vec::new(), known: Vec::new() })
    }

    /// Makes the log key of a party with all its keys; none for a party without a card.
    ///
    /// # Errors
    /// As [`LogKey::new`].
    pub fn of(directory: &Directory, party: PartyId) -> Result<Option<Self>, VerifierKeyError> {
        let Some(current) = directory.party(party) else { return Ok(None) };
        let mut key = Self::new(&current)?;
        key.known = directory.keys(party);
        let others = key.known.iter().filter(|known| known.keys.key_id() != current.key_id());
        key.others = others.map(|known| Ok(Self::new(&known.keys)?.current)).collect::<Result<_, _>>()?;
        Ok(Some(key))
    }

    /// Returns the current key as third-party tools take it.
    #[must_use]
    pub fn verifier(&self) -> &VerifierKey {
        self.current.verifier()
    }

    /// Returns whose log it is.
    #[must_use]
    pub fn party(&self) -> PartyId {
        self.current.keys().party()
    }

    /// Returns the verifier key of the one of the keys that has a name.
    #[must_use]
    pub fn verifier_of(&self, key_id: KeyId) -> Option<&VerifierKey> {
        let mut keys = std::iter::once(&self.current).chain(&self.others);
        keys.find(|key| key.keys().key_id() == key_id).map(NoteKey::verifier)
    }

    /// Verifies that one of the keys signed the note, and that none of their signatures fails; returns which, one that was
    /// not stolen before one that was.
    fn signer(&self, note: &Note) -> Result<KeyId, NoteError> {
        let mut signers = Vec::new();
        for key in std::iter::once(&self.current).chain(&self.others) {
            match key.verify_text(note) {
                Ok(()) => signers.push(key.keys().key_id()),
                Err(NoteError::Unsigned(_)) => {}
                Err(error) => return Err(error),
            }
        }
        let stolen = |key: &KeyId| self.known(*key).is_some_and(|known| known.cut.is_some());
        let signer = signers.iter().find(|key| !stolen(key)).or(signers.first());
        signer.copied().ok_or_else(|| NoteError::Unsigned(self.verifier().name().to_owned()))
    }

    fn known(&self, key: KeyId) -> Option<&KnownKey> {
        self.known.iter().find(|known| known.keys.key_id() == key)
    }
}

/// The key with which a party cosigns the checkpoints of other logs.
#[derive(Clone, Debug)]
pub struct WitnessKey(NoteKey);

impl WitnessKey {
    /// Makes the witness key of a party.
    ///
    /// # Errors
    /// Never for the keys of a directory: the name is of the right alphabet and the key was checked.
    pub fn new(keys: &PartyKeys) -> Result<Self, VerifierKeyError> {
        NoteKey::new(keys, &witness_name(keys.party()), SignatureType::Cosignature).map(Self)
    }

    /// Returns the key as third-party tools take it.
    #[must_use]
    pub fn verifier(&self) -> &VerifierKey {
        self.0.verifier()
    }

    /// Returns who cosigns.
    #[must_use]
    pub fn party(&self) -> PartyId {
        self.0.keys().party()
    }

    /// Verifies a cosignature over a checkpoint's text and returns its time in POSIX seconds.
    fn read(&self, text: &str, signature: &NoteSignature) -> Option<u64> {
        let (time, signature) = signature.signature().split_first_chunk()?;
        let (time, signature) = (u64::from_be_bytes(*time), signature.try_into().ok()?);
        let valid = time <= TIME_MAX && self.0.keys().verify(&cosigned_opening(time), text.as_bytes(), signature);
        valid.then_some(time)
    }
}

/// Returns the keys of the parties that witness a log: all of the directory but its own, former keys too, so that old
/// receipts keep verifying. A cosignature by a key that was reported stolen counts for nothing, whatever time it bears: who
/// has the key writes any.
///
/// # Errors
/// As [`WitnessKey::new`].
pub fn witnesses_of(log: PartyId, directory: &Directory) -> Result<Vec<WitnessKey>, VerifierKeyError> {
    let others = directory.parties().filter(|party| *party != log);
    others
        .flat_map(|party| directory.keys(party))
        .filter(|key| key.cut.is_none())
        .map(|key| WitnessKey::new(&key.keys))
        .collect()
}

/// What stands before the checkpoint's text in the message a cosigner signs.
fn cosigned_opening(time: u64) -> Vec<u8> {
    format!("cosignature/v1\ntime {time}\n").into_bytes()
}

/// A checkpoint with the log's signature and the cosignatures of the witnesses, all verified. Signatures of keys that are
/// not known stand in the note and count for nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedCheckpoint {
    checkpoint: Checkpoint,
    signer: KeyId,
    note: Note,
    cosigned: BTreeMap<PartyId, u64>,
}

impl SignedCheckpoint {
    /// Signs the tree of the own log. The caller must never sign a tree that does not keep all of every tree it signed
    /// before: a log that does has shown two histories.
    ///
    /// # Errors
    /// When the secrets are not those of the key, or the size is above [`SIZE_MAX`].
    pub fn sign(head: TreeHead, log: &LogKey, secrets: &PartySecrets) -> Result<Self, CheckpointError> {
        // Written and read: we sign nothing that we would refuse.
        let text = Checkpoint::new(log.party(), head).to_string();
        let checkpoint = text.parse()?;
        let (signature, signer) = (log.current.sign_text(&text, secrets)?, secrets.key_id());
        Ok(Self { checkpoint, signer, note: Note::new(text, signature), cosigned: BTreeMap::new() })
    }

    /// Reads a checkpoint of a log and verifies the log's signature and the cosignatures of the witnesses it is given.
    ///
    /// # Errors
    /// When it is not a checkpoint of that log with a signature of a key that counts at its last entry, or any signature under the name and key ID of one of
    /// these keys does not verify.
    pub fn verify(bytes: &[u8], log: &LogKey, witnesses: &[WitnessKey]) -> Result<Self, CheckpointError> {
        let note = Note::parse(bytes)?;
        let signer = log.signer(&note)?;
        let checkpoint: Checkpoint = note.text().parse()?;
        if checkpoint.origin != log.verifier().name() {
            let expected = log.verifier().name().to_owned();
            return Err(CheckpointError::Origin { expected, found: checkpoint.origin });
        }
        // The last entry it covers is the place at which its key must count.
        log.known(signer).map_or(Ok(()), |known| known.check(checkpoint.head.size.saturating_sub(1)))?;
        let mut cosigned = BTreeMap::new();
        for witness in witnesses {
            let times = note.read_signatures(&witness.0, |signature| witness.read(note.text(), signature))?;
            for time in times {
                let last = cosigned.entry(witness.party()).or_insert(time);
                *last = time.max(*last);
            }
        }
        Ok(Self { checkpoint, signer, note, cosigned })
    }

    /// Cosigns the checkpoint as a witness, provided that it keeps all of the last tree the witness knows of this log
    /// ([`TreeHead::EMPTY`] at first). The caller must have written down that this tree is now the last known before the
    /// signature leaves it, and must not do this twice at a time for one log, or a later tree is forgotten for an earlier.
    ///
    /// The signature's time is `now` in whole seconds.
    ///
    /// # Errors
    /// When the proof fails (the last tree known and this checkpoint are then evidence: keep both), the time is not
    /// after the beginning of 1970, or the secrets are not those of the key.
    pub fn cosign(
        &self,
        known: &TreeHead,
        proof: &[Hash],
        now: Instant,
        witness: &WitnessKey,
        secrets: &PartySecrets,
    ) -> Result<NoteSignature, CheckpointError> {
        verify_consistency(known, &self.checkpoint.head, proof).map_err(CheckpointError::Consistency)?;
        let time = u64::try_from(now.0.div_euclid(US_PER_SECOND)).ok().filter(|time| *time > 0);
        let time = time.ok_or(CheckpointError::Time)?;
        Ok(witness.0.sign(&cosigned_opening(time), self.note.text(), secrets, &time.to_be_bytes())?)
    }

    /// Takes up a witness's cosignature, unless a later one of the same witness is there.
    ///
    /// # Errors
    /// When it is of another key, does not verify, or there is no room for it.
    pub fn add(&mut self, signature: NoteSignature, witness: &WitnessKey) -> Result<(), CheckpointError> {
        let name = || witness.verifier().name().to_owned();
        if (signature.name(), signature.key_id()) != (witness.verifier().name(), witness.verifier().key_id()) {
            return Err(NoteError::Unsigned(name()).into());
        }
        let time = witness.read(self.note.text(), &signature).ok_or_else(|| NoteError::Signature(name()))?;
        if self.cosigned.get(&witness.party()).is_none_or(|known| time > *known) {
            self.note.put(signature)?;
            self.cosigned.insert(witness.party(), time);
        }
        Ok(())
    }

    /// Returns the key that the log signed it with.
    #[must_use]
    pub fn signer(&self) -> KeyId {
        self.signer
    }

    /// Returns what the log says.
    #[must_use]
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// Returns size and root.
    #[must_use]
    pub fn head(&self) -> TreeHead {
        self.checkpoint.head
    }

    /// Returns who cosigned, and when, in POSIX seconds by the witness's clock. A time may lie in the future: the caller
    /// knows the clock.
    #[must_use]
    pub fn cosigned(&self) -> &BTreeMap<PartyId, u64> {
        &self.cosigned
    }

    /// Tells whether every one of these parties has cosigned.
    #[must_use]
    pub fn is_witnessed_by(&self, parties: impl IntoIterator<Item = PartyId>) -> bool {
        parties.into_iter().all(|party| self.cosigned.contains_key(&party))
    }

    /// Returns the signed note, to be kept and published: its text form is the bytes.
    #[must_use]
    pub fn note(&self) -> &Note {
        &self.note
    }
}

#[cfg(test)]
#[path = "checkpoint_tests.rs"]
mod tests;
