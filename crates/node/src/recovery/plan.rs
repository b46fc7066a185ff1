//! Joining what several sources hold of one log: pure.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use tongcha_domain::event::EventKind;
use tongcha_domain::id::PartyId;
use tongcha_domain::recovery::RecordRecovery;
use tongcha_ledger::body::{BodyKey, SealedBody};
use tongcha_ledger::entry::{EntryError, Tip, VerifiedEntry};
use tongcha_ledger::merkle::{Frontier, MemoryHashes, TreeHead};
use tongcha_ledger::parcel::{OpenedBody, OpenedParcel};

/// Who holds something. Their order is that of preference.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// The party's own disk.
    Disk,
    /// A copy of its files, or an export, by its path.
    Copy(String),
    /// A peer.
    Peer(PartyId),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Disk => f.write_str("this disk"),
            Self::Copy(path) => f.write_str(path),
            Self::Peer(peer) => write!(f, "{peer}"),
        }
    }
}

/// What a source holds of an entry's body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeldBody {
    /// Body and key; the key opens it.
    Open(SealedBody, BodyKey),
    /// A body whose key was destroyed.
    Closed(SealedBody),
    /// Nothing: the log's origin says that it is lost.
    Lost,
    /// Nothing that could be opened.
    Absent,
}

/// An entry as a source holds it.
#[derive(Clone, Debug)]
pub struct HeldEntry {
    /// The entry; its signature is verified.
    pub entry: VerifiedEntry,
    /// Its body.
    pub body: HeldBody,
}

impl From<OpenedParcel> for HeldEntry {
    fn from(OpenedParcel { entry, body, erased, lost }: OpenedParcel) -> Self {
        let without = if lost { HeldBody::Lost } else { HeldBody::Absent };
        let closed = erased.map_or(without, HeldBody::Closed);
        let body = body.map_or(closed, |OpenedBody { sealed, key, .. }| HeldBody::Open(sealed, key));
        Self { entry, body }
    }
}

impl HeldBody {
    /// Tells whether there is none, lost or not.
    #[must_use]
    pub fn is_none(&self) -> bool {
        matches!(self, Self::Lost | Self::Absent)
    }
}

/// What a source holds of a log, in any order and with any gaps.
#[derive(Clone, Debug)]
pub struct Holding {
    /// Who.
    pub source: Source,
    /// What.
    pub entries: Vec<HeldEntry>,
}

impl Holding {
    /// Returns the position from which others are to be asked: the last before the first that is missing here, or whose
    /// body is, so that what is held and what is given back meet in one entry.
    #[must_use]
    pub fn ask_from(&self, me: PartyId) -> u64 {
        let whole = |held: &&HeldEntry| !held.body.is_none() || !held.entry.header().audience.contains(&me);
        let here: BTreeSet<u64> = self.entries.iter().filter(whole).map(|held| held.entry.header().seq).collect();
        let first_gap = (0..).find(|seq| !here.contains(seq)).unwrap_or(0);
        first_gap.saturating_sub(1)
    }
}

/// A tree of the log that its party signed, and who showed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownTree {
    /// Who.
    pub source: Source,
    /// The tree.
    pub head: TreeHead,
}

/// An own entry whose body nobody has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// Its position.
    pub seq: u64,
    /// Its class: what is to be done again.
    pub kind: EventKind,
    /// Who else should have read it: whom it did not reach.
    pub told: BTreeSet<PartyId>,
}

/// A log, put together.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Whose.
    pub origin: PartyId,
    /// Every entry, in order.
    pub entries: Vec<HeldEntry>,
    /// The end of it.
    pub tip: Tip,
    /// What came whence.
    pub recovery: RecordRecovery,
    /// Bodies for the party that nobody has.
    pub missing: Vec<Missing>,
}

/// Why a log can't be put together.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// Two entries for one position, both signed.
    #[error(
        "two histories of {origin}: {one} and {other} hold different entries {seq}, both signed; nothing is restored"
    )]
    TwoHistories {
        /// Whose log.
        origin: PartyId,
        /// The position.
        seq: u64,
        /// One.
        one: Source,
        /// The other.
        other: Source,
    },
    /// An entry that does not follow the one before.
    #[error("two histories of {origin}: entry {seq}, as {source_of} holds it, does not follow the one before")]
    Chain {
        /// Whose log.
        origin: PartyId,
        /// The position.
        seq: u64,
        /// Who holds it.
        source_of: Source,
        /// The cause.
        #[source]
        source: EntryError,
    },
    /// Entries that nobody has, before others that somebody has.
    #[error("nobody has entry {seq} of {origin}, but {source_of} has entry {later}; find a copy that has it")]
    Hole {
        /// Whose log.
        origin: PartyId,
        /// The first that is missing.
        seq: u64,
        /// One that is not.
        later: u64,
        /// Who has it.
        source_of: Source,
    },
    /// A checkpoint of more entries than all sources have.
    #[error("{source_of} holds a checkpoint of {size} entries of {origin}, all sources together have {have}")]
    Short {
        /// Whose log.
        origin: PartyId,
        /// Who shows it.
        source_of: Source,
        /// Entries it covers.
        size: u64,
        /// Entries there are.
        have: u64,
    },
    /// A checkpoint of another history.
    #[error("two histories of {origin}: the checkpoint of {size} entries that {source_of} holds is of another one")]
    OtherTree {
        /// Whose log.
        origin: PartyId,
        /// Who shows it.
        source_of: Source,
        /// Entries it covers.
        size: u64,
    },
    /// The body of an entry is with a peer that was not asked.
    #[error("entry {seq} ({}) was told to {told}, which was not asked: its body is there", .kind.code())]
    NotAsked {
        /// The entry.
        seq: u64,
        /// Its class.
        kind: EventKind,
        /// Who has the body.
        told: PartyId,
    },
}

/// Puts a log together from what sources hold, for `me`.
///
/// # Errors
/// When it is not one history, or something that somebody surely has was not given.
pub fn plan(origin: PartyId, me: PartyId, holdings: Vec<Holding>, trees: &[KnownTree]) -> Result<Plan, PlanError> {
    let asked: BTreeSet<Source> = holdings.iter().map(|holding| holding.source.clone()).collect();
    let mut held: BTreeMap<u64, Vec<(Source, HeldEntry)>> = BTreeMap::new();
    for Holding { source, entries } in holdings {
        for entry in entries.into_iter().filter(|held| held.entry.header().origin == origin) {
            held.entry(entry.entry.header().seq).or_default().push((source.clone(), entry));
        }
    }
    let recovery =
        RecordRecovery { kept: 0, returned: BTreeMap::new(), copied: 0, bodies_missing: 0, lost: BTreeSet::new() };
    let mut plan = Plan { origin, entries: Vec::new(), tip: Tip::default(), recovery, missing: Vec::new() };
    while let Some(copies) = held.remove(&plan.tip.count) {
        plan.take(copies)?;
    }
    if let Some((later, copies)) = held.into_iter().next() {
        let source_of = copies.into_iter().next().map_or(Source::Disk, |(source, _)| source);
        return Err(PlanError::Hole { origin, seq: plan.tip.count, later, source_of });
    }
    plan.check_trees(trees)?;
    plan.drop_torn_imports();
    plan.list_missing(me, &asked)?;
    Ok(plan)
}

impl Plan {
    /// Takes the next entry from those who hold it.
    fn take(&mut self, mut copies: Vec<(Source, HeldEntry)>) -> Result<(), PlanError> {
        let (origin, seq) = (self.origin, self.tip.count);
        copies.sort_by(|(one, _), (other, _)| one.cmp(other));
        let mut copies = copies.into_iter();
        let Some((first, mut best)) = copies.next() else { return Ok(()) };
        for (other, copy) in copies {
            if copy.entry.leaf() != best.entry.leaf() {
                return Err(PlanError::TwoHistories { origin, seq, one: first, other });
            }
            best.body = match (best.body, copy.body) {
                (HeldBody::Closed(sealed), _) | (_, HeldBody::Closed(sealed)) => HeldBody::Closed(sealed),
                (HeldBody::Open(sealed, key), _) | (_, HeldBody::Open(sealed, key)) => HeldBody::Open(sealed, key),
                (HeldBody::Lost, _) | (_, HeldBody::Lost) => HeldBody::Lost,
                (HeldBody::Absent, HeldBody::Absent) => HeldBody::Absent,
            };
        }
        let chain = |source| PlanError::Chain { origin, seq, source_of: first.clone(), source };
        self.tip.check(&best.entry).map_err(chain)?;
        self.tip = Tip::after(&best.entry);
        match first {
            Source::Disk => self.recovery.kept += 1,
            Source::Copy(_) => self.recovery.copied += 1,
            Source::Peer(peer) => *self.recovery.returned.entry(peer).or_default() += 1,
        }
        self.entries.push(best);
        Ok(())
    }

    /// Compares the history with every checkpoint that was signed for it.
    fn check_trees(&self, trees: &[KnownTree]) -> Result<(), PlanError> {
        let (origin, have) = (self.origin, self.tip.count);
        let mut hashes = MemoryHashes::default();
        self.entries.iter().for_each(|held| hashes.append(&held.entry.leaf()));
        for KnownTree { source, head } in trees {
            let (source_of, size) = (source.clone(), head.size);
            if size > have {
                return Err(PlanError::Short { origin, source_of, size, have });
            }
            if Frontier::load(&hashes, size).ok().map(|tree| tree.root()) != Some(head.root) {
                return Err(PlanError::OtherTree { origin, source_of, size });
            }
        }
        Ok(())
    }

    /// An import of the register that lacks a chunk must not become the register: its completion is dropped too, and the
    /// register before it stays until the file is imported again.
    fn drop_torn_imports(&mut self) {
        let mut torn = false;
        for held in &mut self.entries {
            let absent = held.body.is_none();
            let kind = held.entry.header().kind;
            if kind == EventKind::RegisterImportStarted {
                torn = absent;
            } else if kind == EventKind::RegisterChunkImported {
                torn |= absent;
            } else if kind == EventKind::RegisterImportCompleted && torn {
                held.body = HeldBody::Absent;
            }
        }
    }

    /// Lists the bodies that nobody has; refuses when a peer that was told of one was not asked.
    fn list_missing(&mut self, me: PartyId, asked: &BTreeSet<Source>) -> Result<(), PlanError> {
        // In a peer's log, what the peer says is lost is not missed: it comes to us as that, here as at the intake.
        let is_missing = |body: &HeldBody| *body == HeldBody::Absent || (body.is_none() && self.origin == me);
        for held in self.entries.iter().filter(|held| is_missing(&held.body)) {
            let header = held.entry.header();
            let (seq, kind) = (header.seq, header.kind);
            if !header.audience.contains(&me) {
                continue;
            }
            let others = header.audience.iter().filter(|party| **party != me);
            if let Some(told) = others.copied().find(|party| !asked.contains(&Source::Peer(*party))) {
                return Err(PlanError::NotAsked { seq, kind, told });
            }
            let told = header.audience.iter().copied().filter(|party| *party != me).collect();
            self.missing.push(Missing { seq, kind, told });
        }
        self.recovery.bodies_missing = self.missing.len() as u64;
        Ok(())
    }
}
