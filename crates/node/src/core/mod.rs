//! The node's logic without effects of its own: one thread drives it with commands, parcels and the time, over a disk
//! and a view it is given. The service and the simulator run this same code.
//!
//! In scope: the writer (commands to entries), intake (parcels to replicas), group commit, projection, what to publish
//! and what to repair. Out of scope: NATS, HTTP, threads, clocks.
//!
//! A group of inputs is *staged*, then *committed*: body keys are synced, then the replicas, then the own log; then the
//! rows change; then outcomes are handed out. A crash between two steps loses only what nobody was told.
//! - after the keys: unused slots, overwritten by whatever gets the sequence number.
//! - after the replicas: the peers' entries are ours; receipts that belong to them are made at the next start.
//! - after the own log: committed; the rows are folded at the next start, and orders of erasure executed.

mod commit;
mod duties;
mod erasure;
mod evidence;
mod export;
mod intake;
mod keys;
mod losses;
pub(crate) mod note_file;
mod open;
mod outgoing;
mod own_log;
mod quarantine;
mod write;

pub use erasure::LogEntry;
pub use evidence::{Cosigned, RENEW_AFTER_US};
pub use export::{EXPORT_BYTES_MAX, EXPORT_ENTRIES_MAX, Frames};
pub use intake::{BEHIND_WITHIN_US, HEARD_WITHIN_US, IntakeResult, PeerStanding, STASH_MAX};
pub use keys::{KEY_WARN_DAYS, KeyAlarm, KeyStanding, StatementTaken};
pub use losses::LostBody;
pub use open::{CoreConfig, OpenError};
pub use outgoing::{Outgoing, REPAIR_BYTES_MAX};
pub use quarantine::{QUARANTINE_BYTES_MAX, QuarantineReason, Quarantined, read_quarantine};
pub use write::{Receipt, Submission};

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use rand::rngs::StdRng;
use tongcha_domain::agenda::Agenda;
use tongcha_domain::id::PartyId;
use tongcha_domain::party::Rules;
use tongcha_domain::refusal::Refusal;
use tongcha_domain::view::{Changes, RowStore, Rows, StateRoot, ViewError};
use tongcha_ledger::channel::ChannelSender;
use tongcha_ledger::entry::{EntryError, Tip};
use tongcha_ledger::key::{Directory, KeyId, PartySecrets};
use tongcha_ledger::parcel::ParcelOpener;
use tongcha_ledger::trail::KeyTrail;

use crate::body_keys::{KeyFile, KeyFileError};
use crate::disk::Disk;
use crate::journal::{Journal, JournalError};
use crate::view::{Checkpoint, ViewStore};

/// Why the core can't go on. After anything but a doubtful view the process must stop and read its files again.
#[derive(Debug, thiserror::Error)]
pub enum CoreError {
    /// A journal.
    #[error("a journal failed")]
    Journal(#[from] JournalError),
    /// The body keys.
    #[error("the body keys failed")]
    Keys(#[from] KeyFileError),
    /// The view must be folded again; [`Core::rebuild_view`] does.
    #[error("the view is in doubt")]
    View(#[from] ViewError),
    /// The quarantine file.
    #[error("the quarantine failed")]
    Quarantine(#[source] std::io::Error),
    /// The notes of checkpoints.
    #[error("the notes of checkpoints failed")]
    Evidence(#[source] std::io::Error),
    /// An entry or body of our own could not be made; the event is too long.
    #[error("an entry could not be made: {0}")]
    Make(String),
    /// No peer has said yet what it holds of our log: the disk may be an old one, and writing would fork the log.
    #[error("no peer has said yet what it holds of our log: nothing is written before")]
    Unconfirmed,
    /// A log's last entry is not signed by its party: somebody has changed the file.
    #[error("entry {seq} of {origin} was changed on this disk: the command `recover` restores it from the peers")]
    Changed {
        /// Whose log.
        origin: PartyId,
        /// The entry.
        seq: u64,
        /// The cause.
        #[source]
        source: EntryError,
    },
    /// Own entries are on disk without their bodies, more or fewer than the recovery on record left.
    #[error(
        "{found} own entries are without a body, {recorded} are on record as lost: the command `recover` restores them"
    )]
    BodiesMissing {
        /// Entries without a body.
        found: u64,
        /// What the last recovery says.
        recorded: u64,
    },
    /// A peer has seen more of our log than we have, or another: our disk is not the newest. Writing now would fork the
    /// log.
    #[error(
        "{peer} knows {seen} entries of our log, this disk has {have} or others: the command `recover` restores them"
    )]
    RolledBack {
        /// Who has seen more.
        peer: PartyId,
        /// How many.
        seen: u64,
        /// How many we have.
        have: u64,
    },
}

/// Answers a submission once its entry is durable.
pub type Outcome = (u64, Result<Receipt, Refusal>);

struct Log {
    journal: Journal,
    keys: KeyFile,
    /// Which keys are valid at the next place.
    trail: KeyTrail,
}

/// One party's logic and files.
pub struct Core {
    me: PartyId,
    rules: &'static Rules,
    secrets: Arc<PartySecrets>,
    directory: Arc<Directory>,
    opener: Arc<ParcelOpener>,
    disk: Box<dyn Disk>,
    view: Box<dyn ViewStore>,
    checkpoint: Checkpoint,
    /// Row changes of the staged group.
    changes: Changes,
    logs: BTreeMap<PartyId, Log>,
    peers: BTreeMap<PartyId, PeerStanding>,
    stashes: BTreeMap<PartyId, intake::Stash>,
    /// One for each log and recipient: a place in a channel is a position of one log, so that no nonce comes twice.
    channels: BTreeMap<(PartyId, PartyId), (KeyId, ChannelSender)>,
    outcomes: VecDeque<Outcome>,
    rolled_back: Option<(PartyId, u64)>,
    /// Whether nothing is written until a peer has said what it holds of the own log.
    awaiting: bool,
    /// A recovery that is not on record yet.
    recovery: own_log::Pending,
    agenda: Agenda,
    evidence: evidence::Evidence,
    /// Reports of theft that were not taken up, in words.
    key_alarms: BTreeMap<PartyId, String>,
    /// Files of statements that are not taken up, by name.
    statement_alarms: BTreeMap<String, String>,
    erasures: erasure::Erasures,
    losses: losses::Losses,
    /// Whether receipts may be missing that belong to entries of our replicas.
    receipts_due: bool,
    rng: StdRng,
}

impl Core {
    /// Returns the party.
    #[must_use]
    pub fn me(&self) -> PartyId {
        self.me
    }

    /// Returns the party's rules.
    #[must_use]
    pub fn rules(&self) -> &'static Rules {
        self.rules
    }

    /// Returns the secret keys.
    #[must_use]
    pub fn secrets(&self) -> &Arc<PartySecrets> {
        &self.secrets
    }

    /// Returns all parties' public keys.
    #[must_use]
    pub fn directory(&self) -> &Arc<Directory> {
        &self.directory
    }

    /// Returns what opens parcels; it can be used on other threads.
    #[must_use]
    pub fn opener(&self) -> &Arc<ParcelOpener> {
        &self.opener
    }

    /// Returns the typed window on the committed rows.
    #[must_use]
    pub fn rows(&self) -> Rows<'_> {
        Rows::new(self.view.rows())
    }

    /// Returns the committed rows, for [`tongcha_domain::register::person`].
    #[must_use]
    pub fn store(&self) -> &dyn RowStore {
        self.view.rows()
    }

    /// Returns the digest of the committed rows and how many there are.
    #[must_use]
    pub fn state_root(&self) -> (StateRoot, u64) {
        (self.checkpoint.digest.root(), self.checkpoint.rows)
    }

    /// Returns the durable end of a log.
    #[must_use]
    pub fn tip(&self, origin: PartyId) -> Tip {
        self.logs.get(&origin).map(|log| log.journal.tip()).unwrap_or_default()
    }

    /// Returns the leaf of a durable entry; none when there is none at that position.
    ///
    /// # Errors
    /// When files fail.
    pub fn leaf(&self, origin: PartyId, seq: u64) -> Result<Option<tongcha_ledger::entry::Leaf>, CoreError> {
        let Some(log) = self.logs.get(&origin) else { return Ok(None) };
        Ok(log.journal.leaf(self.disk.as_ref(), seq)?)
    }

    /// Returns how each peer's log stands here.
    #[must_use]
    pub fn peers(&self) -> &BTreeMap<PartyId, PeerStanding> {
        &self.peers
    }

    /// Returns the peer that proves our disk was rolled back, and how many of our entries it has seen.
    #[must_use]
    pub fn rolled_back(&self) -> Option<(PartyId, u64)> {
        self.rolled_back
    }

    /// Returns the source of keys and ids.
    pub fn rng(&mut self) -> &mut StdRng {
        &mut self.rng
    }
}
