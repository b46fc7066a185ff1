//! Whether the own log may be written: a disk can be an old copy of itself, and nothing on it says so.
//!
//! In scope: waiting for a peer's word at the start, what a peer shows of our log, the record of a recovery. Out of scope:
//! asking peers ([`crate::nats`]) and restoring files ([`crate::recovery`]).

use tongcha_domain::event::{Body, Event};
use tongcha_domain::id::PartyId;
use tongcha_domain::recovery::{LOST_MAX, RecordRecovery};
use tongcha_domain::time::Instant;
use tongcha_ledger::entry::VerifiedEntry;

use crate::core::intake::NOBODY;
use crate::core::keys::explain;
use crate::core::{Core, CoreError, Submission};
use crate::disk::Disk;
use crate::recovery::PendingFile;

/// A recovery whose record is the first thing to be written.
pub(super) struct Pending {
    file: PendingFile,
    recovery: Option<RecordRecovery>,
    /// Whether its entry is staged and the file can be cleared once it is durable.
    staged: bool,
}

impl Pending {
    pub(super) fn open(disk: &dyn Disk) -> Result<Self, CoreError> {
        let (file, recovery) = PendingFile::open(disk).map_err(CoreError::Evidence)?;
        Ok(Self { file, recovery, staged: false })
    }

    /// Forgets the recovery once its entry is durable.
    pub(super) fn settle(&mut self, disk: &mut dyn Disk) -> Result<(), CoreError> {
        if std::mem::take(&mut self.staged) {
            self.file.replace(disk, None).map_err(CoreError::Evidence)?;
        }
        Ok(())
    }
}

impl Core {
    /// Tells whether the own log may be written: a peer has confirmed that it is the newest, and nobody has shown another.
    #[must_use]
    pub fn may_write(&self) -> bool {
        self.rolled_back.is_none() && !self.awaiting
    }

    /// Tells whether a peer's word about the own log is waited for.
    #[must_use]
    pub fn awaits_peers(&self) -> bool {
        self.awaiting
    }

    /// Lets the own log be written from now on: the peers have said what they hold of it. Stages what is due.
    ///
    /// # Errors
    /// As [`Core::submit`].
    pub fn begin_writing(&mut self, now: Instant) -> Result<(), CoreError> {
        self.awaiting = false;
        // What was taken in meanwhile has to be seen in the rows: receipts are due for it.
        self.sync_logs()?;
        self.apply_changes()?;
        self.stage_own_statements(now)?;
        self.check_own_key().map_err(|error| CoreError::Make(explain(&error)))?;
        self.stage_due(now)
    }

    /// Looks at entries of our own log that a peer holds, each verified: signed by us, they prove what our log was. A
    /// peer can't stop us with what we did not sign.
    ///
    /// # Errors
    /// When files fail.
    pub fn hear_own(&mut self, peer: PartyId, entries: &[VerifiedEntry]) -> Result<(), CoreError> {
        for entry in entries.iter().filter(|entry| entry.header().origin == self.me) {
            let seq = entry.header().seq;
            if self.leaf(self.me, seq)? != Some(entry.leaf()) {
                tracing::error!(%peer, seq, "a peer holds an entry of our log that is not on this disk");
                self.rolled_back = Some((peer, seq + 1));
            }
        }
        Ok(())
    }

    /// Stages the record of a recovery, before anything else is written.
    pub(super) fn stage_recovery(&mut self, now: Instant) -> Result<(), CoreError> {
        let Some(recovery) = self.recovery.recovery.take() else { return Ok(()) };
        let staged = self.record_recovery(&recovery, now);
        match staged {
            Ok(()) => self.recovery.staged = true,
            Err(_) => self.recovery.recovery = Some(recovery),
        }
        staged
    }

    /// Says in as many entries as it takes which bodies that were meant for others are lost. A crash can come between two of
    /// them, or before the file is cleared: what the log says since the recovery is not said again.
    fn record_recovery(&mut self, recovery: &RecordRecovery, now: Instant) -> Result<(), CoreError> {
        let Some(own) = self.logs.get(&self.me) else { return Ok(()) };
        let restored = recovery.entries();
        let said = own.journal.recoveries().iter().filter(|seq| **seq >= restored).count();
        let lost = self.lost_to_others(restored)?;
        let parts = lost.chunks(LOST_MAX).chain(lost.is_empty().then_some(&[][..]));
        for part in parts.skip(said) {
            // The last of these, or a statement about the key that signs them, may stand before.
            let since =
                self.logs.get(&self.me).map_or(0, |own| own.journal.staged_tip().count.saturating_sub(restored));
            let lost = part.iter().copied().collect();
            let command = RecordRecovery { kept: recovery.kept + since, lost, ..recovery.clone() }.into();
            self.judge(Submission { ticket: NOBODY, actor: Self::node_actor(), key: None, command }, now)?;
        }
        Ok(())
    }

    /// Compares the own entries without a body with what the last recovery says is lost: a body does not vanish unsaid.
    pub(super) fn check_bodies(&self) -> Result<(), CoreError> {
        let Some(own) = self.logs.get(&self.me) else { return Ok(()) };
        let found = own.journal.bodiless().len() as u64;
        let recorded = match (&self.recovery.recovery, own.journal.recoveries().last().copied()) {
            (Some(pending), _) => pending.bodies_missing,
            (None, Some(seq)) => match self.recorded(self.me, seq)? {
                Some((_, Some(Body { event: Event::LogRecovered(said), .. }))) => said.recovery.bodies_missing,
                Some(_) | None => 0,
            },
            (None, None) => 0,
        };
        if found == recorded { Ok(()) } else { Err(CoreError::BodiesMissing { found, recorded }) }
    }
}
