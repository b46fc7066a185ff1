//! Evidence: the own log's checkpoints, and witnessing those of the peers.
//!
//! In scope: signing the tree of the own log, never smaller and never another history than before; cosigning a peer's
//! checkpoint when it is a tree of our replica; keeping both durably before they leave; what is served of the log. Out
//! of scope: asking peers ([`crate::nats`]). Nothing here is on the path of a command: an entry is accepted first and
//! witnessed later.

use std::collections::BTreeMap;
use std::io;

use tongcha_domain::id::PartyId;
use tongcha_domain::time::{Instant, SECOND_US};
use tongcha_ledger::checkpoint::{
    Checkpoint, CheckpointError, LogKey, SignedCheckpoint, WitnessKey, origin, witnesses_of,
};
use tongcha_ledger::entry::VerifiedEntry;
use tongcha_ledger::key::Directory;
use tongcha_ledger::merkle::{Frontier, Hash, TreeHead, consistency_proof};
use tongcha_ledger::note::{Note, NoteError, NoteSignature, VerifierKey};
use tongcha_ledger::proof::EntryReceipt;
use tongcha_ledger::tile::TilePath;

use crate::core::note_file::NoteFile;
use crate::core::{Core, CoreError, Log};
use crate::disk::Disk;

/// How long a checkpoint waits for all cosignatures before a newer one is signed beside it: a peer that is away for
/// longer must not hold back what the other can witness.
pub const RENEW_AFTER_US: i64 = 10 * SECOND_US;

/// What a witness says to a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cosigned {
    /// The signature line.
    Signature(String),
    /// Our replica ends before the checkpoint's tree: ask again.
    Behind,
    /// We have cosigned a larger tree of this log before: this note, which the log itself signed.
    Smaller(Vec<u8>),
    /// The tree is not the one of our replica: the log has shown two histories. This note is the last we know.
    Conflict(Option<Vec<u8>>),
    /// Not a checkpoint of that log.
    Refused,
}

/// Notes of all parties.
pub(super) struct Evidence {
    own: Kept,
    own_signed_at: Instant,
    /// How many entries of the own log each peer has cosigned: never fewer than before, as checkpoints come and go.
    witnessed: BTreeMap<PartyId, u64>,
    peers: BTreeMap<PartyId, Kept>,
}

struct Kept {
    file: NoteFile,
    checkpoint: Option<SignedCheckpoint>,
}

impl Kept {
    fn replace(&mut self, disk: &mut dyn Disk, checkpoint: SignedCheckpoint) -> io::Result<()> {
        self.file.replace(disk, checkpoint.note().to_string().as_bytes())?;
        self.checkpoint = Some(checkpoint);
        Ok(())
    }
}

impl Evidence {
    pub(super) fn open(disk: &dyn Disk, directory: &Directory, me: PartyId) -> Result<Self, CoreError> {
        let read = |party: &PartyId, name: String| {
            let (file, note) = NoteFile::open(disk, name).map_err(CoreError::Evidence)?;
            let key = LogKey::of(directory, *party).map_err(|e| CoreError::Make(e.to_string()))?;
            let log = key.ok_or_else(|| CoreError::Make("a log without a key".to_owned()))?;
            let mut witnesses = Vec::new();
            for witness in directory.parties() {
                let keys = directory.keys(witness);
                let keys = keys.iter().filter(|key| key.cut.is_none()).map(|key| WitnessKey::new(&key.keys));
                witnesses.extend(keys.collect::<Result<Vec<_>, _>>().map_err(|e| CoreError::Make(e.to_string()))?);
            }
            let verify = |note: Vec<u8>| {
                let damaged =
                    |e: &dyn std::fmt::Display| CoreError::Evidence(io::Error::other(format!("{party}: {e}")));
                SignedCheckpoint::verify(&note, &log, &witnesses).map_err(|e| damaged(&e))
            };
            Ok::<_, CoreError>(Kept { file, checkpoint: note.map(verify).transpose()? })
        };
        let own = read(&me, "evidence/own.note".to_owned())?;
        let others = directory.parties().filter(|party| *party != me);
        let peers = others.map(|party| Ok((party, read(&party, format!("evidence/{party}.note"))?)));
        let peers = peers.collect::<Result<_, CoreError>>()?;
        let cosigned = own.checkpoint.iter().flat_map(|own| own.cosigned().keys().map(|peer| (*peer, own.head().size)));
        let witnessed = cosigned.collect();
        Ok(Self { own, own_signed_at: Instant(0), witnessed, peers })
    }

    /// Returns how many entries of a log the checkpoint kept here covers. Nothing is verified: the keys that count are
    /// known only once the journals are read, and then [`Self::open`] verifies.
    pub(super) fn size_of(disk: &dyn Disk, me: PartyId, origin: PartyId) -> Result<u64, CoreError> {
        let name = if origin == me { "evidence/own.note".to_owned() } else { format!("evidence/{origin}.note") };
        let (_, note) = NoteFile::open(disk, name).map_err(CoreError::Evidence)?;
        let size = |note: Vec<u8>| std::str::from_utf8(&note).ok()?.lines().nth(1)?.parse().ok();
        Ok(note.and_then(size).unwrap_or(0))
    }
}

/// Returns the root of the first `size` entries of a log; none when it has fewer.
fn root_at(log: &Log, size: u64) -> Option<Hash> {
    Some(Frontier::load(log.journal.hashes(), size).ok()?.root())
}

impl Core {
    /// Returns the newest checkpoint of the own log that anybody was shown.
    #[must_use]
    pub fn published(&self) -> Option<&SignedCheckpoint> {
        self.evidence.own.checkpoint.as_ref()
    }

    /// Returns the last checkpoint of a peer's log that we cosigned.
    #[must_use]
    pub fn cosigned(&self, peer: PartyId) -> Option<&SignedCheckpoint> {
        self.evidence.peers.get(&peer)?.checkpoint.as_ref()
    }

    /// Returns the checkpoint of a log: of the own one the published, of a peer's the last we cosigned.
    #[must_use]
    pub fn checkpoint_of(&self, origin: PartyId) -> Option<&SignedCheckpoint> {
        if origin == self.me { self.published() } else { self.cosigned(origin) }
    }

    /// Returns the keys of a party's log.
    #[must_use]
    pub fn log_key(&self, party: PartyId) -> Option<LogKey> {
        LogKey::of(&self.directory, party).ok().flatten()
    }

    /// Returns the key that the published checkpoint is signed with, for third-party tools.
    #[must_use]
    pub fn published_key(&self) -> Option<VerifierKey> {
        let key = self.log_key(self.me)?;
        let signer = self.published().map(SignedCheckpoint::signer).and_then(|signer| key.verifier_of(signer));
        Some(signer.unwrap_or_else(|| key.verifier()).clone())
    }

    /// Returns the keys of the parties that witness our log, former ones too.
    #[must_use]
    pub fn witness_keys(&self) -> Vec<WitnessKey> {
        witnesses_of(self.me, &self.directory).unwrap_or_default()
    }

    /// Returns the parties that witness a log and have not cosigned our published checkpoint.
    #[must_use]
    pub fn unwitnessed(&self) -> Vec<PartyId> {
        let Some(published) = self.published() else { return Vec::new() };
        self.evidence.peers.keys().copied().filter(|peer| !published.cosigned().contains_key(peer)).collect()
    }

    /// Returns how many entries of the own log each peer has witnessed: an entry before that position is witnessed by it,
    /// a later one is accepted only.
    #[must_use]
    pub fn witnessed(&self) -> &BTreeMap<PartyId, u64> {
        &self.evidence.witnessed
    }

    /// Returns when the oldest entry of the own log was recorded that a peer has not witnessed; none when it has all.
    ///
    /// # Errors
    /// When files fail.
    pub fn unwitnessed_since(&self, peer: PartyId) -> Result<Option<Instant>, CoreError> {
        let next = self.witnessed().get(&peer).copied().unwrap_or(0);
        Ok(self.header(self.me, next)?.map(|(header, _)| header.recorded_at))
    }

    /// Compares what we signed in earlier lives with our log: a smaller or another log must not be written on.
    pub(super) fn check_published(&mut self) {
        let Some(head) = self.published().map(SignedCheckpoint::head) else { return };
        let have = self.tip(self.me).count;
        let root = self.logs.get(&self.me).and_then(|log| root_at(log, head.size));
        if root != Some(head.root) {
            tracing::error!(signed = head.size, have, "our log is not the one whose checkpoint we signed");
            self.rolled_back = Some((self.me, head.size));
        }
    }

    /// Signs the durable tree of the own log when it has grown and the last checkpoint is witnessed, or has waited long
    /// enough; returns the newest. It is durable before it is returned.
    ///
    /// # Errors
    /// When the note can't be written or signed.
    pub fn checkpoint(&mut self, now: Instant) -> Result<Option<SignedCheckpoint>, CoreError> {
        let waited = now.0.saturating_sub(self.evidence.own_signed_at.0) >= RENEW_AFTER_US;
        let tip = self.tip(self.me).count;
        let grown = self.published().is_none_or(|published| published.head().size < tip);
        let settled = self.published().is_none() || self.unwitnessed().is_empty() || waited;
        if self.may_write() && grown && settled {
            let make = |e: &dyn std::fmt::Display| CoreError::Make(e.to_string());
            let log = self.logs.get(&self.me).ok_or_else(|| make(&"no own log"))?;
            let head = Frontier::load(log.journal.hashes(), tip).map_err(|e| make(&e))?.head();
            let key = self.log_key(self.me).ok_or_else(|| make(&"no own key"))?;
            let signed = SignedCheckpoint::sign(head, &key, &self.secrets).map_err(|e| make(&e))?;
            self.evidence.own.replace(self.disk.as_mut(), signed).map_err(CoreError::Evidence)?;
            self.evidence.own_signed_at = now;
        }
        Ok(self.published().cloned())
    }

    /// Takes up a peer's cosignature of the published checkpoint; one that does not verify is refused and changes
    /// nothing.
    ///
    /// # Errors
    /// When the note can't be written.
    pub fn add_cosignature(&mut self, peer: PartyId, line: &str) -> Result<bool, CoreError> {
        let Some(mut checkpoint) = self.published().cloned() else { return Ok(false) };
        let Ok(signature) = line.parse::<NoteSignature>() else { return Ok(false) };
        let witnesses = self.witness_keys();
        let mut of_peer = witnesses.iter().filter(|witness| witness.party() == peer);
        if !of_peer.any(|witness| checkpoint.add(signature.clone(), witness).is_ok()) {
            return Ok(false);
        }
        let witnessed = self.evidence.witnessed.entry(peer).or_default();
        *witnessed = checkpoint.head().size.max(*witnessed);
        self.evidence.own.replace(self.disk.as_mut(), checkpoint).map_err(CoreError::Evidence)?;
        Ok(true)
    }

    /// Witnesses a peer's checkpoint: cosigns it when its tree is one of our replica and not smaller than the last we
    /// cosigned. What we cosigned is durable before the signature is returned.
    ///
    /// # Errors
    /// When the note can't be written or signed.
    pub fn cosign(&mut self, peer: PartyId, note: &[u8], now: Instant) -> Result<Cosigned, CoreError> {
        let Some(key) = self.log_key(peer).filter(|_| peer != self.me) else { return Ok(Cosigned::Refused) };
        let mut checkpoint = match SignedCheckpoint::verify(note, &key, &[]) {
            Ok(checkpoint) => checkpoint,
            // The log may have gone over to a key whose entry has not come yet.
            Err(CheckpointError::Note(NoteError::Unsigned(_))) if self.is_ahead(peer, note) => {
                return Ok(Cosigned::Behind);
            }
            Err(_) => return Ok(Cosigned::Refused),
        };
        let head = checkpoint.head();
        let known = self.cosigned(peer).cloned();
        let known_note = known.as_ref().map(|known| known.note().to_string().into_bytes());
        let known_head = known.as_ref().map_or(TreeHead::EMPTY, SignedCheckpoint::head);
        let Some(log) = self.logs.get(&peer) else { return Ok(Cosigned::Refused) };
        // What we cosigned before may stand on the disk that we lost, until a peer has confirmed that this is the newest.
        if log.journal.tip().count < head.size || !self.may_write() {
            return Ok(Cosigned::Behind);
        }
        if let Err(error) = self.judge_signer(peer, checkpoint.signer(), head.size.saturating_sub(1)) {
            tracing::error!(%peer, %error, "a checkpoint is refused for its key");
            return Ok(Cosigned::Refused);
        }
        if root_at(log, head.size) != Some(head.root) {
            if self.directory.is_compromised(peer, checkpoint.signer()) {
                return Ok(Cosigned::Refused); // whoever signed it: it proves nothing about the log
            }
            return self.conflict(peer, note, known_note, now);
        }
        if let Some(note) = known_note.filter(|_| head.size < known_head.size) {
            return Ok(Cosigned::Smaller(note));
        }
        let make = |e: &dyn std::fmt::Display| CoreError::Make(e.to_string());
        let proof = consistency_proof(log.journal.hashes(), known_head.size, head.size).map_err(|e| make(&e))?;
        let own = self.directory.key(self.me, self.secrets.key_id()).ok_or_else(|| make(&"no own key"))?;
        let witness = WitnessKey::new(&own.keys).map_err(|e| make(&e))?;
        let signature = checkpoint.cosign(&known_head, &proof, now, &witness, &self.secrets).map_err(|e| make(&e))?;
        let line = signature.to_string();
        checkpoint.add(signature, &witness).map_err(|e| make(&e))?;
        if let Some(kept) = self.evidence.peers.get_mut(&peer) {
            kept.replace(self.disk.as_mut(), checkpoint).map_err(CoreError::Evidence)?;
        }
        Ok(Cosigned::Signature(line))
    }

    /// Tells whether a note, whose signature is not known, is about a larger tree than our replica.
    fn is_ahead(&self, peer: PartyId, note: &[u8]) -> bool {
        let read = Note::parse(note).ok().and_then(|note| note.text().parse::<Checkpoint>().ok());
        let about = |checkpoint: &Checkpoint| checkpoint.origin() == origin(peer);
        read.filter(about).is_some_and(|checkpoint| checkpoint.head().size > self.tip(peer).count)
    }

    /// Halts a log whose origin signed a tree that is not the one of our replica. The note is kept: it is the proof.
    fn conflict(
        &mut self,
        peer: PartyId,
        note: &[u8],
        known: Option<Vec<u8>>,
        now: Instant,
    ) -> Result<Cosigned, CoreError> {
        use crate::core::QuarantineReason::Fork;
        tracing::error!(%peer, "the peer signed a checkpoint of another history than our replica: its log forked");
        self.keep_fork(peer, note)?;
        if let Some(standing) = self.peers.get_mut(&peer) {
            standing.forked = true;
        }
        self.quarantine(peer, Fork, note, now)?;
        Ok(Cosigned::Conflict(known))
    }

    /// Looks at a checkpoint of our own log that a peer has: signed by us, it proves what our log was.
    pub fn shown(&mut self, peer: PartyId, note: &[u8]) {
        let Some(key) = self.log_key(self.me) else { return };
        let Ok(checkpoint) = SignedCheckpoint::verify(note, &key, &[]) else {
            tracing::error!(%peer, "a peer shows a checkpoint as ours that we did not sign");
            return;
        };
        let head = checkpoint.head();
        if self.logs.get(&self.me).and_then(|log| root_at(log, head.size)) != Some(head.root) {
            if self.directory.is_compromised(self.me, checkpoint.signer()) {
                tracing::error!(%peer, signed = head.size, "a peer holds a checkpoint that was signed with our stolen key");
                return;
            }
            tracing::error!(%peer, signed = head.size, "a peer holds a checkpoint of ours that is not of this log");
            self.rolled_back = Some((peer, head.size));
        }
    }

    /// Returns a tile of the own log: only what the published checkpoint covers, so that what was served stays true.
    ///
    /// # Errors
    /// When files fail.
    pub fn tile(&self, path: &TilePath) -> Result<Option<Vec<u8>>, CoreError> {
        let size = self.published().map_or(0, |published| published.head().size);
        let Some(log) = self.logs.get(&self.me) else { return Ok(None) };
        let make = |e: &dyn std::fmt::Display| CoreError::Make(e.to_string());
        match path {
            TilePath::Hashes(tile) if tile.is_within(size) => {
                Ok(Some(tile.read(log.journal.hashes()).map_err(|e| make(&e))?))
            }
            TilePath::Entries(bundle) if bundle.is_within(size) => {
                let run = bundle.run();
                let mut entries = Vec::new();
                for seq in run.start()..run.start() + u64::from(run.width()) {
                    entries.extend(log.journal.record(self.disk.as_ref(), seq)?.map(|record| record.entry));
                }
                Ok(Some(bundle.write(entries.iter().map(Vec::as_slice)).map_err(|e| make(&e))?))
            }
            TilePath::Hashes(_) | TilePath::Entries(_) => Ok(None),
        }
    }

    /// Returns the receipt of an entry of the own log; none when the published checkpoint does not cover it yet.
    ///
    /// # Errors
    /// When files fail.
    pub fn receipt(&self, seq: u64) -> Result<Option<EntryReceipt>, CoreError> {
        let Some(published) = self.published().filter(|published| seq < published.head().size) else { return Ok(None) };
        let Some(log) = self.logs.get(&self.me) else { return Ok(None) };
        let Some(record) = log.journal.record(self.disk.as_ref(), seq)? else { return Ok(None) };
        let make = |e: &dyn std::fmt::Display| CoreError::Make(e.to_string());
        let entry = VerifiedEntry::verify(&record.entry, &self.directory).map_err(|e| make(&e))?;
        EntryReceipt::new(&entry, published, log.journal.hashes()).map(Some).map_err(|e| make(&e))
    }
}
