//! Intake: the only way into a peer's replica. Entries come in order, once, and never go unsaid.

use std::collections::BTreeMap;

use tongcha_domain::command::Command;
use tongcha_domain::event::{Body, Event};
use tongcha_domain::id::PartyId;
use tongcha_domain::notice::{BatchFacts, RecordBatchDelivery};
use tongcha_domain::time::{Instant, SECOND_US};
use tongcha_domain::urgent::{RecordUrgentDelivery, UrgentFacts};
use tongcha_domain::view::{Overlay, project};
use tongcha_ledger::entry::EntryError;
use tongcha_ledger::frame::Record;
use tongcha_ledger::parcel::{OpenedBody, OpenedParcel};

use crate::core::keys::explain;
use crate::core::quarantine::{QuarantineReason, fork_is_kept};
use crate::core::{Core, CoreError, Submission};
use crate::disk::Disk;

/// Most parcels kept in memory while the ones before them are fetched; later ones are fetched again.
pub const STASH_MAX: usize = 512;

/// How long a peer's log may be unheard before lookups on its consents are refused: many comparisons of tips missed.
pub const HEARD_WITHIN_US: i64 = 60 * SECOND_US;

/// How long announced entries may be missing before lookups are refused: a tip often overtakes the entry it tells of.
pub const BEHIND_WITHIN_US: i64 = 2 * SECOND_US;

/// Parcels that came before their turn.
pub(super) type Stash = BTreeMap<u64, OpenedParcel>;

/// Ticket of what the service commands itself; nobody waits for it.
pub(super) const NOBODY: u64 = u64::MAX;

/// How a peer's log stands here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PeerStanding {
    /// The peer said it has this many entries.
    pub announced: u64,
    /// Why the log's projection stopped; cleared when the right entry comes, but never for a fork.
    pub halted: Option<QuarantineReason>,
    /// Messages refused and kept since the start.
    pub quarantined: u64,
    /// Two entries with one sequence number, both signed: the peer's log forked.
    pub forked: bool,
    /// The peer's own word about its log does not fit our replica; cleared when it fits again.
    pub suspected: bool,
    /// When the peer was last heard: an entry taken, or its tip told. None since the start.
    pub heard_at: Option<Instant>,
    /// Since when entries that the peer announced are missing here.
    pub behind_since: Option<Instant>,
}

impl PeerStanding {
    /// How a peer's log stands when the party starts: a fork is not forgotten.
    pub(super) fn at_start(disk: &dyn Disk, origin: PartyId) -> Result<Self, CoreError> {
        let forked = fork_is_kept(disk, origin)?;
        Ok(Self { forked, halted: forked.then_some(QuarantineReason::Fork), ..Self::default() })
    }
}

/// What became of a parcel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IntakeResult {
    /// Staged; with it this many entries.
    Taken(u64),
    /// Known already.
    Duplicate,
    /// Kept in memory; the entries from `wanted` on are missing before it.
    Early {
        /// The first missing entry.
        wanted: u64,
    },
    /// Refused and kept in the quarantine; the log's projection stops until the right entry comes.
    Halted(QuarantineReason),
}

impl Core {
    /// Stages a peer's entry, and those that waited for it.
    ///
    /// # Errors
    /// When the view is in doubt or files fail.
    pub fn intake(&mut self, parcel: OpenedParcel, now: Instant) -> Result<IntakeResult, CoreError> {
        self.stage_due(now)?;
        let header = parcel.entry.header();
        let (origin, seq) = (header.origin, header.seq);
        if self.peers.get(&origin).is_some_and(|peer| peer.forked) {
            return Ok(IntakeResult::Halted(QuarantineReason::Fork));
        }
        let Some(next) = self.logs.get(&origin).map(|log| log.journal.staged_tip().count) else {
            return Ok(IntakeResult::Halted(QuarantineReason::UnknownKey)); // not reached: keys are of the directory
        };
        if seq < next {
            return self.intake_known(&parcel, now);
        }
        if seq > next {
            return self.stash(parcel, next, now);
        }
        if let Err(reason) = self.stage_foreign(&parcel, now)? {
            self.quarantine(origin, reason, parcel.entry.bytes(), now)?;
            return Ok(IntakeResult::Halted(reason));
        }
        let mut taken = 1;
        while let Some(parcel) = self.stashes.get_mut(&origin).and_then(|stash| stash.remove(&(next + taken))) {
            if let Err(reason) = self.stage_foreign(&parcel, now)? {
                self.quarantine(origin, reason, parcel.entry.bytes(), now)?;
                break;
            }
            taken += 1;
        }
        if let Some(stash) = self.stashes.get_mut(&origin) {
            *stash = stash.split_off(&(next + taken));
        }
        Ok(IntakeResult::Taken(taken))
    }

    /// Keeps an entry in memory until its turn comes.
    fn stash(&mut self, parcel: OpenedParcel, wanted: u64, now: Instant) -> Result<IntakeResult, CoreError> {
        let (origin, seq) = (parcel.entry.header().origin, parcel.entry.header().seq);
        let stash = self.stashes.entry(origin).or_default();
        match stash.get(&seq) {
            Some(first) if first.entry.leaf() != parcel.entry.leaf() => {
                if let Some(halted) = self.refuse_stolen(&parcel, now)? {
                    return Ok(halted);
                }
                let Some(first) = self.stashes.get(&origin).and_then(|stash| stash.get(&seq)) else {
                    return Ok(IntakeResult::Early { wanted });
                };
                let first = first.entry.bytes().to_vec();
                self.quarantine(origin, QuarantineReason::Fork, &first, now)?;
                return self.fork(&parcel, now);
            }
            None if stash.len() < STASH_MAX => {
                stash.insert(seq, parcel);
            }
            Some(_) | None => {}
        }
        Ok(IntakeResult::Early { wanted })
    }

    /// Compares an entry with the one we have at its position.
    fn intake_known(&mut self, parcel: &OpenedParcel, now: Instant) -> Result<IntakeResult, CoreError> {
        let (origin, seq) = (parcel.entry.header().origin, parcel.entry.header().seq);
        let Some(log) = self.logs.get(&origin) else { return Ok(IntakeResult::Duplicate) };
        let ours = match log.journal.staged_leaf(seq) {
            Some(staged) => Some(staged),
            None => log.journal.leaf(self.disk.as_ref(), seq)?,
        };
        if ours == Some(parcel.entry.leaf()) {
            return Ok(IntakeResult::Duplicate);
        }
        match self.refuse_stolen(parcel, now)? {
            Some(halted) => Ok(halted),
            None => self.fork(parcel, now),
        }
    }

    /// Halts a log for ever: its origin signed two entries for one position. Both are kept: the first in our replica
    /// or, when it was waiting, in the quarantine; the second in the quarantine and in a file of its own.
    fn fork(&mut self, parcel: &OpenedParcel, now: Instant) -> Result<IntakeResult, CoreError> {
        let origin = parcel.entry.header().origin;
        self.keep_fork(origin, parcel.entry.bytes())?;
        if let Some(peer) = self.peers.get_mut(&origin) {
            peer.forked = true;
        }
        self.stashes.remove(&origin);
        self.quarantine(origin, QuarantineReason::Fork, parcel.entry.bytes(), now)?;
        Ok(IntakeResult::Halted(QuarantineReason::Fork))
    }

    fn stage_foreign(
        &mut self,
        parcel: &OpenedParcel,
        now: Instant,
    ) -> Result<Result<(), QuarantineReason>, CoreError> {
        let OpenedParcel { entry, body, erased, lost } = parcel;
        let header = entry.header();
        let own = self.tip(self.me).count;
        let counts = self.judge_signer(header.origin, header.key_id, header.seq).is_ok();
        if let Some(seen) = header.seen.get(&self.me).copied().filter(|seen| counts && *seen > own) {
            // Only what was durable here is ever published, so this entry proves that our disk has lost some of it. Who has
            // an ended key proves nothing.
            self.rolled_back = Some((header.origin, seen));
        }
        let Some(log) = self.logs.get_mut(&header.origin) else { return Ok(Err(QuarantineReason::UnknownKey)) };
        if let Err(error) = log.journal.staged_tip().check(entry) {
            let clock = matches!(error, EntryError::Clock { .. });
            return Ok(Err(if clock { QuarantineReason::Clock } else { QuarantineReason::Chain }));
        }
        let sealed = body.as_ref().map(|opened| &opened.sealed);
        let trail = match log.trail.after(entry, sealed, &self.directory, |key| log.journal.last_use(key)) {
            Ok(trail) => trail,
            Err(error) => {
                let (origin, error) = (header.origin, explain(&error));
                tracing::error!(peer = %origin, %error, "an entry is refused for its key");
                return Ok(Err(QuarantineReason::Key));
            }
        };
        let mut overlay = Overlay::new(self.view.rows(), std::mem::take(&mut self.changes));
        let folded = project(&mut overlay, &entry.meta(), body.as_ref().map(|opened| &opened.body));
        self.changes = overlay.into_changes();
        folded?;
        if let Some(opened) = body {
            self.agenda.note(&opened.body.event);
        }
        let sealed = body.as_ref().map(|opened| &opened.sealed).or(erased.as_ref()).cloned();
        log.journal.stage(&Record { entry: entry.bytes().to_vec(), body: sealed })?;
        match (body, erased) {
            (Some(OpenedBody { key, .. }), _) => log.keys.stage(header.seq, key.clone()),
            (None, Some(_)) => log.keys.stage_destroyed(header.seq),
            (None, None) => {}
        }
        if let Some(trail) = trail {
            log.trail = trail;
            self.lift_fork(header.origin)?;
        }
        if let Some(peer) = self.peers.get_mut(&header.origin) {
            peer.announced = peer.announced.max(header.seq + 1);
            peer.halted = None;
            peer.heard_at = Some(now);
            peer.behind_since = peer.behind_since.filter(|_| peer.announced > header.seq + 1);
        }
        if erased.is_some() {
            self.note_hole(header);
        }
        if *lost {
            self.note_lost(header);
        }
        if let Some(command) = body.as_ref().and_then(|opened| receipt_for(&opened.body)) {
            self.submit_own(command, now)?;
        }
        Ok(Ok(()))
    }

    /// Notes how long a peer says its log is. The last word counts: a thief of its broker's key may have said more.
    pub fn announce(&mut self, origin: PartyId, count: u64, now: Instant) {
        let have = self.logs.get(&origin).map_or(0, |log| log.journal.staged_tip().count);
        if let Some(peer) = self.peers.get_mut(&origin) {
            peer.announced = count.max(have);
            peer.heard_at = Some(now);
            peer.suspected = false;
            peer.behind_since = if peer.announced > have { peer.behind_since.or(Some(now)) } else { None };
        }
    }

    /// Notes that a peer says its log is exactly our replica: what was refused was no entry of it.
    pub fn confirm(&mut self, origin: PartyId) {
        if let Some(peer) = self.peers.get_mut(&origin).filter(|peer| !peer.forked) {
            peer.halted = None;
        }
    }

    /// Notes that what a peer says of its log does not fit our replica.
    pub fn suspect(&mut self, origin: PartyId) {
        if let Some(peer) = self.peers.get_mut(&origin) {
            peer.suspected = true;
        }
    }

    /// Tells whether a party's log may hold something we don't know, such as a revocation: lookups on its consents
    /// are refused then.
    #[must_use]
    pub fn in_doubt(&self, origin: PartyId, now: Instant) -> bool {
        if origin == self.me {
            return false;
        }
        let within = |at: Instant, limit_us| now.0.saturating_sub(at.0) <= limit_us;
        self.peers.get(&origin).is_none_or(|peer| {
            let heard = peer.heard_at.is_some_and(|at| within(at, HEARD_WITHIN_US));
            let caught_up = peer.behind_since.is_none_or(|at| within(at, BEHIND_WITHIN_US));
            peer.forked || peer.suspected || peer.halted.is_some() || !heard || !caught_up
        }) || self.withheld(origin) > 0
            || self.unsaid_losses(origin) > 0
    }

    /// Returns the entries known to be missing: from which position, of which log.
    #[must_use]
    pub fn wanted(&self) -> Vec<(PartyId, u64)> {
        let behind = |(origin, peer): (&PartyId, &PeerStanding)| {
            let next = self.logs.get(origin)?.journal.staged_tip().count;
            let known = self.stashes.get(origin).and_then(|stash| stash.keys().next_back()).map_or(0, |last| last + 1);
            let missing = (peer.announced.max(known) > next || peer.halted.is_some()) && !peer.forked;
            missing.then_some((*origin, next))
        };
        self.peers.iter().filter_map(behind).collect()
    }

    pub(super) fn submit_own(&mut self, command: Command, now: Instant) -> Result<(), CoreError> {
        if !self.may_write() {
            self.receipts_due = true; // made once that is settled, as after a crash
            return Ok(());
        }
        self.submit(Submission { ticket: NOBODY, actor: Self::node_actor(), key: None, command }, now)
    }

    /// Makes what is due before anything else is written: the record of a recovery, then the receipts that belong to
    /// entries of our replicas, and the confirmations of erasures, that are not in our log (a crash came between, the view
    /// was in doubt, or an erasure has just been executed).
    pub(super) fn stage_due(&mut self, now: Instant) -> Result<(), CoreError> {
        if !self.may_write() {
            return Ok(());
        }
        self.stage_recovery(now)?;
        if !std::mem::take(&mut self.receipts_due) {
            return Ok(());
        }
        let mut missing = Vec::new();
        for (batch, sides) in self.rows().all::<BatchFacts>()? {
            let for_us = sides.iter().any(|(_, facts)| facts.sent.as_ref().is_some_and(|(sent, _)| sent.to == self.me));
            if for_us && sides.of(self.me).is_none_or(|own| own.delivered.is_none()) {
                missing.push(Command::from(RecordBatchDelivery { batch }));
            }
        }
        for (urgent, sides) in self.rows().all::<UrgentFacts>()? {
            let for_us = sides.raised().is_some_and(|(_, raised)| raised.to.contains(&self.me));
            if for_us && sides.of(self.me).is_none_or(|own| own.delivered.is_none()) {
                missing.push(RecordUrgentDelivery { urgent }.into());
            }
        }
        missing.extend(self.missing_confirmations()?);
        missing.into_iter().try_for_each(|command| self.submit_own(command, now))
    }
}

/// Returns the receipt that an event asks for; nothing else is answered by the service alone.
fn receipt_for(body: &Body) -> Option<Command> {
    if let Event::BatchSent(sent) = &body.event {
        return Some(RecordBatchDelivery { batch: sent.batch }.into());
    }
    if let Event::UrgentRaised(raised) = &body.event {
        return Some(RecordUrgentDelivery { urgent: raised.urgent }.into());
    }
    None
}
