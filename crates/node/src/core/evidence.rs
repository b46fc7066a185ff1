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
use tongcha_ledger::checkpoint::{LogKey, SignedCheckpoint, WitnessKey};
use tongcha_ledger::entry::VerifiedEntry;
use tongcha_ledger::key::Directory;
use tongcha_ledger::merkle::{Frontier, Hash, TreeHead, consistency_proof};
use tongcha_ledger::note::{NoteSignature, VerifierKeyError};
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

/// Keys and notes of all parties.
pub(super) struct Evidence {
    logs: BTreeMap<PartyId, LogKey>,
    witnesses: BTreeMap<PartyId, WitnessKey>,
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
        let key = |e: VerifierKeyError| CoreError::Make(e.to_string());
        let keys: Vec<_> = directory.parties().filter_map(|party| Some((party, directory.party(party)?))).collect();
        let mut logs = BTreeMap::new();
        let mut witnesses = BTreeMap::new();
        for (party, keys) in &keys {
            logs.insert(*party, LogKey::new(keys).map_err(key)?);
            witnesses.insert(*party, WitnessKey::new(keys).map_err(key)?);
        }
        let read = |party: &PartyId, name: String| {
            let (file, note) = NoteFile::open(disk, name).map_err(CoreError::Evidence)?;
            let log = logs.get(party).ok_or_else(|| CoreError::Make("a log without a key".to_owned()))?;
            let witnesses: Vec<_> = witnesses.values().cloned().collect();
            let verify = |note: Vec<u8>| {
                let damaged =
                    |e: &dyn std::fmt::Display| CoreError::Evidence(io::Error::other(format!("{party}: {e}")));
                SignedCheckpoint::verify(&note, log, &witnesses).map_err(|e| damaged(&e))
            };
            Ok::<_, CoreError>(Kept { file, checkpoint: note.map(verify).transpose()? })
        };
        let own = read(&me, "evidence/own.note".to_owned())?;
        let others = logs.keys().filter(|party| **party != me);
        let peers = others.map(|party| Ok((*party, read(party, format!("evidence/{party}.note"))?)));
        let peers = peers.collect::<Result<_, CoreError>>()?;
        let cosigned = own.checkpoint.iter().flat_map(|own| own.cosigned().keys().map(|peer| (*peer, own.head().size)));
        let witnessed = cosigned.collect();
        Ok(Self { own, own_signed_at: Instant(0), witnessed, peers, logs, witnesses })
    }

    /// Returns how many entries of a log the checkpoint kept here covers.
    pub(super) fn size_of(&self, me: PartyId, origin: PartyId) -> u64 {
        let kept = if origin == me { Some(&self.own) } else { self.peers.get(&origin) };
        kept.and_then(|kept| kept.checkpoint.as_ref()).map_or(0, |checkpoint| checkpoint.head().size)
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

    /// Returns the key of a party's log, for third-party tools.
    #[must_use]
    pub fn log_key(&self, party: PartyId) -> Option<&LogKey> {
        self.evidence.logs.get(&party)
    }

    /// Returns the keys of the parties that witness our log.
    pub fn witness_keys(&self) -> impl Iterator<Item = &WitnessKey> {
        self.evidence.witnesses.values().filter(|key| key.party() != self.me)
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

    /// Returns the parties that have witnessed an entry: of the own log the peers, of a peer's log this party.
    #[must_use]
    pub fn witnesses_of(&self, origin: PartyId, seq: u64) -> Vec<PartyId> {
        if origin == self.me {
            return self.witnessed().iter().filter(|(_, count)| seq < **count).map(|(peer, _)| *peer).collect();
        }
        let cosigned = self.cosigned(origin).is_some_and(|checkpoint| seq < checkpoint.head().size);
        if cosigned { vec![self.me] } else { Vec::new() }
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
            let key = self.evidence.logs.get(&self.me).ok_or_else(|| make(&"no own key"))?;
            let signed = SignedCheckpoint::sign(head, key, &self.secrets).map_err(|e| make(&e))?;
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
        let Some(witness) = self.evidence.witnesses.get(&peer) else { return Ok(false) };
        let Some(mut checkpoint) = self.published().cloned() else { return Ok(false) };
        let Ok(signature) = line.parse::<NoteSignature>() else { return Ok(false) };
        if checkpoint.add(signature, witness).is_err() {
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
        let Some(key) = self.evidence.logs.get(&peer).filter(|_| peer != self.me) else { return Ok(Cosigned::Refused) };
        let Ok(mut checkpoint) = SignedCheckpoint::verify(note, key, &[]) else { return Ok(Cosigned::Refused) };
        let head = checkpoint.head();
        let known = self.cosigned(peer).cloned();
        let known_note = known.as_ref().map(|known| known.note().to_string().into_bytes());
        let known_head = known.as_ref().map_or(TreeHead::EMPTY, SignedCheckpoint::head);
        let Some(log) = self.logs.get(&peer) else { return Ok(Cosigned::Refused) };
        // What we cosigned before may stand on the disk that we lost, until a peer has confirmed that this is the newest.
        if log.journal.tip().count < head.size || !self.may_write() {
            return Ok(Cosigned::Behind);
        }
        if root_at(log, head.size) != Some(head.root) {
            return self.conflict(peer, note, known_note, now);
        }
        if let Some(note) = known_note.filter(|_| head.size < known_head.size) {
            return Ok(Cosigned::Smaller(note));
        }
        let make = |e: &dyn std::fmt::Display| CoreError::Make(e.to_string());
        let proof = consistency_proof(log.journal.hashes(), known_head.size, head.size).map_err(|e| make(&e))?;
        let witness = self.evidence.witnesses.get(&self.me).ok_or_else(|| make(&"no own key"))?;
        let signature = checkpoint.cosign(&known_head, &proof, now, witness, &self.secrets).map_err(|e| make(&e))?;
        let line = signature.to_string();
        checkpoint.add(signature, witness).map_err(|e| make(&e))?;
        if let Some(kept) = self.evidence.peers.get_mut(&peer) {
            kept.replace(self.disk.as_mut(), checkpoint).map_err(CoreError::Evidence)?;
        }
        Ok(Cosigned::Signature(line))
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
        let Some(key) = self.evidence.logs.get(&self.me) else { return };
        let Ok(checkpoint) = SignedCheckpoint::verify(note, key, &[]) else {
            tracing::error!(%peer, "a peer shows a checkpoint as ours that we did not sign");
            return;
        };
        let head = checkpoint.head();
        if self.logs.get(&self.me).and_then(|log| root_at(log, head.size)) != Some(head.root) {
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
