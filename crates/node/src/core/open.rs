//! Opening: read the journals, trust or fold the view, make receipts that a crash prevented.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use rand::rngs::StdRng;
use tongcha_domain::agenda::Agenda;
use tongcha_domain::event::Body;
use tongcha_domain::id::PartyId;
use tongcha_domain::keys::KeyFault;
use tongcha_domain::party::rules_of;
use tongcha_domain::time::Instant;
use tongcha_domain::view::{Changes, EntryMeta, LogPosition, Overlay, Rows, ViewError, project};
use tongcha_ledger::entry::{self, VerifiedEntry};
use tongcha_ledger::frame::Record;
use tongcha_ledger::key::{Directory, PartySecrets};
use tongcha_ledger::parcel::ParcelOpener;
use tongcha_ledger::slot::Slot;

use crate::body_keys::KeyFile;
use crate::core::erasure::Erasures;
use crate::core::evidence::Evidence;
use crate::core::intake::{PeerStanding, Stash};
use crate::core::keys::{follow, review_reports};
use crate::core::losses::Losses;
use crate::core::own_log::Pending;
use crate::core::{Core, CoreError, Log};
use crate::disk::Disk;
use crate::journal::Journal;
use crate::view::{Checkpoint, ViewStore};

/// Entries folded into the view in one batch while it is rebuilt.
const FOLD_BATCH: u64 = 512;

/// What a core is made of.
pub struct CoreConfig {
    /// The party's keys.
    pub secrets: Arc<PartySecrets>,
    /// All parties' public keys.
    pub directory: Arc<Directory>,
    /// The party's files.
    pub disk: Box<dyn Disk>,
    /// The party's rows.
    pub view: Box<dyn ViewStore>,
    /// Source of body keys, channel keys and ids.
    pub rng: StdRng,
    /// Whether nothing may be written until a peer has said what it holds of the own log ([`Core::begin_writing`]): a service
    /// can't tell an old copy of its disk by itself.
    pub await_peers: bool,
}

/// Why a party can't start.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// No rule set is compiled in for the party.
    #[error("{0} is no party to this exchange")]
    NoRules(PartyId),
    /// The directory lacks the party itself, or has another key for it.
    #[error("the key of {0} is not the one on its card: this key belongs to another party or the card is old")]
    NotOurKey(PartyId),
    /// Our key is not valid where the log goes on.
    #[error("our signing key can't be used: make a new one with `keys rotate`, and have the root certify it")]
    OwnKey(#[source] KeyFault),
    /// Files.
    #[error("the party's files can't be used")]
    Core(#[from] CoreError),
}

impl Core {
    /// Opens a party's files.
    ///
    /// # Errors
    /// When keys and cards don't fit, or files are damaged.
    pub fn open(config: CoreConfig, now: Instant) -> Result<Self, OpenError> {
        let CoreConfig { secrets, directory, mut disk, view, rng, await_peers } = config;
        let me = secrets.party();
        let rules = rules_of(me).ok_or(OpenError::NoRules(me))?;
        let trusted = view.trusted();
        let (mut logs, mut key_alarms) = (BTreeMap::new(), BTreeMap::new());
        // The own log first: what it says it has seen of the others was durable before it was.
        let mut seen = BTreeMap::new();
        for origin in std::iter::once(me).chain(directory.parties().filter(|party| *party != me)) {
            let projected = if trusted.is_some() { projected(&Rows::new(view.rows()), origin)?.count } else { 0 };
            let durable = projected.max(seen.get(&origin).copied().unwrap_or(0));
            let signed = Evidence::size_of(disk.as_ref(), me, origin)?;
            let journal =
                Journal::open_signed(disk.as_mut(), (origin, me), durable, signed).map_err(CoreError::from)?;
            if origin == me {
                seen = seen_by(&journal, disk.as_ref())?;
            }
            key_alarms.extend(review_reports(&journal, &directory, origin).map(|alarm| (origin, alarm)));
            let trail = follow(&journal, disk.as_ref(), &directory, origin)?;
            check_last(&journal, disk.as_ref(), &directory)?; // by now the directory knows what the log says of keys
            logs.insert(origin, Log { journal, keys: KeyFile::new(origin), trail });
        }
        // By now the directory knows what the own log says of keys.
        directory.key(me, secrets.key_id()).ok_or(OpenError::NotOurKey(me))?;
        let mut peers = BTreeMap::new();
        for party in directory.parties().filter(|party| *party != me) {
            peers.insert(party, PeerStanding::at_start(disk.as_ref(), party)?);
        }
        let (evidence, recovery) = (Evidence::open(disk.as_ref(), &directory, me)?, Pending::open(disk.as_ref())?);
        let mut core = Self {
            me,
            rules,
            opener: Arc::new(ParcelOpener::new(secrets.clone(), directory.clone())),
            secrets,
            directory,
            disk,
            view,
            checkpoint: Checkpoint::default(),
            changes: Changes::new(),
            logs,
            stashes: peers.keys().map(|party| (*party, Stash::default())).collect(),
            peers,
            channels: BTreeMap::new(),
            outcomes: VecDeque::new(),
            rolled_back: None,
            awaiting: await_peers,
            recovery,
            agenda: Agenda::default(),
            evidence,
            key_alarms,
            statement_alarms: BTreeMap::new(),
            erasures: Erasures::default(),
            losses: Losses::default(),
            receipts_due: true,
            rng,
        };
        core.check_bodies()?;
        core.notice_rollback()?;
        core.check_published();
        core.settle_view(trusted)?;
        core.find_losses()?;
        core.stage_own_statements(now)?;
        core.check_own_key()?;
        core.stage_due(now)?;
        core.commit()?;
        Ok(core)
    }

    /// Executes the orders of erasure, then folds what the rows lack; rows that don't fit, or may remember what was
    /// erased, are dropped first.
    fn settle_view(&mut self, trusted: Option<Checkpoint>) -> Result<(), CoreError> {
        let settled = self.settle_orders()?;
        self.find_holes()?;
        let forgets = |core: &Self| !core.rows_may_remember(&core.rows(), &settled).unwrap_or(true);
        match trusted.filter(|_| self.positions_fit().unwrap_or(false) && forgets(self)) {
            Some(checkpoint) => self.checkpoint = checkpoint,
            None => self.view.reset()?,
        }
        self.fold_missing()
    }

    /// Drops the rows and folds them again from the journals. What is staged becomes durable first; receipts that the
    /// doubtful view kept from being made are made with the next input.
    ///
    /// # Errors
    /// When the journals can't be written or read.
    pub fn rebuild_view(&mut self) -> Result<(), CoreError> {
        self.sync_logs()?;
        self.receipts_due = true;
        self.agenda.reset();
        self.changes.clear();
        self.checkpoint = Checkpoint::default();
        self.view.reset()?;
        self.fold_missing()
    }

    /// Compares the own log with what the peers' entries in our replicas have seen of it: when they have seen more, the
    /// own log's file is an old one.
    fn notice_rollback(&mut self) -> Result<(), CoreError> {
        let have = self.tip(self.me).count;
        for (origin, log) in self.logs.iter().filter(|(origin, _)| **origin != self.me) {
            let seen = seen_by(&log.journal, self.disk.as_ref())?.get(&self.me).copied().unwrap_or(0);
            if seen > have {
                tracing::error!(peer = %origin, seen, have, "our log is shorter than a peer has seen it");
                self.rolled_back = Some((*origin, seen));
            }
        }
        Ok(())
    }

    /// Tells whether every log's position in the view is on the journal's chain.
    fn positions_fit(&self) -> Result<bool, CoreError> {
        for (origin, log) in &self.logs {
            let position = projected(&self.rows(), *origin)?;
            let Some(last) = position.count.checked_sub(1) else { continue };
            if log.journal.leaf(self.disk.as_ref(), last)? != Some(position.head) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Folds the entries that the journals have and the view has not.
    fn fold_missing(&mut self) -> Result<(), CoreError> {
        let origins: Vec<PartyId> = self.logs.keys().copied().collect();
        for origin in origins {
            let mut next = projected(&self.rows(), origin)?.count;
            let end = self.tip(origin).count;
            while next < end {
                let until = end.min(next + FOLD_BATCH);
                for seq in next..until {
                    self.fold_recorded(origin, seq)?;
                }
                self.apply_changes()?;
                next = until;
            }
        }
        Ok(())
    }

    fn fold_recorded(&mut self, origin: PartyId, seq: u64) -> Result<(), CoreError> {
        let Some((meta, body)) = self.recorded(origin, seq)? else { return Ok(()) };
        let mut overlay = Overlay::new(self.view.rows(), std::mem::take(&mut self.changes));
        let folded = project(&mut overlay, &meta, body.as_ref());
        self.changes = overlay.into_changes();
        Ok(folded?)
    }

    /// Reads an entry and its body, opened when we have its key.
    pub(crate) fn recorded(&self, origin: PartyId, seq: u64) -> Result<Option<(EntryMeta, Option<Body>)>, CoreError> {
        let Some(log) = self.logs.get(&origin) else { return Ok(None) };
        let Some(Record { entry: bytes, body }) = log.journal.record(self.disk.as_ref(), seq)? else {
            return Ok(None);
        };
        let (header, leaf) = entry::read(&bytes).map_err(|e| CoreError::Make(e.to_string()))?;
        let body = match (body, log.keys.slot(self.disk.as_ref(), seq)?) {
            (Some(sealed), Slot::Key(key)) => {
                // Checked when it was taken in; a failure now means that key or body rotted on disk.
                let opened = sealed.open(&key, &header);
                Some(opened.map_err(|_| crate::body_keys::KeyFileError::Damaged { origin, seq })?)
            }
            (Some(_), Slot::Empty) => return Err(crate::body_keys::KeyFileError::Damaged { origin, seq }.into()),
            (None, _) | (Some(_), Slot::Destroyed) => None,
        };
        let meta = EntryMeta { origin, seq, leaf, recorded_at: header.recorded_at, kind: header.kind };
        Ok(Some((meta, body)))
    }
}

/// Verifies the signature of a log's last entry: with the chain, which is followed while the file is read, it vouches for
/// every byte of every entry.
fn check_last(journal: &Journal, disk: &dyn Disk, directory: &Directory) -> Result<(), CoreError> {
    let Some(seq) = journal.tip().count.checked_sub(1) else { return Ok(()) };
    let Some(Record { entry: bytes, .. }) = journal.record(disk, seq)? else { return Ok(()) };
    let verified = VerifiedEntry::verify(&bytes, directory);
    verified.map(drop).map_err(|source| CoreError::Changed { origin: journal.origin(), seq, source })
}

/// Returns what the last entry of a log says its writer had seen of the others.
fn seen_by(journal: &Journal, disk: &dyn Disk) -> Result<BTreeMap<PartyId, u64>, CoreError> {
    let Some(last) = journal.tip().count.checked_sub(1) else { return Ok(BTreeMap::new()) };
    let Some(Record { entry: bytes, .. }) = journal.record(disk, last)? else { return Ok(BTreeMap::new()) };
    let (header, _) = entry::read(&bytes).map_err(|e| CoreError::Make(e.to_string()))?;
    Ok(header.seen)
}

fn projected(rows: &Rows<'_>, origin: PartyId) -> Result<LogPosition, CoreError> {
    let position: Result<Option<LogPosition>, ViewError> = rows.side::<LogPosition>(&(), origin);
    Ok(position?.unwrap_or_default())
}
