//! Events of the routine notice (定期通报).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::event::Readers;
use crate::id::{BatchId, LineNo, PartyId};
use crate::identity::Subject;
use crate::notice::basis::WithheldReason;
use crate::purpose::LegalBasis;
use crate::text::{Note, Short};
use crate::time::{Date, Instant, Period};

/// Most entries in one batch: at about 300 bytes each the body stays under its 256 KiB.
pub const BATCH_ENTRIES_MAX: usize = 500;

/// Most bytes the entries of one batch may take in a body: 256 KiB less room for line numbers, actor and sealing.
/// Long names in four scripts can reach it before [`BATCH_ENTRIES_MAX`] does.
pub const BATCH_BYTES_MAX: usize = 250_000;

/// Most corrections of one entry; who still has not got it right withdraws it and names the person in a new batch.
pub const CORRECTIONS_MAX: u16 = 20;

/// How a person's situation changed since the last batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Newly assisted.
    Added,
    /// Assisted as before, something changed.
    Changed,
    /// No longer assisted.
    Ended,
}

/// One person in a batch: category and status, no amounts, no address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NoticeEntry {
    /// Who.
    pub subject: Subject,
    /// What changed.
    pub change: Change,
    /// The programme, in the sender's own term (`regular subsidy`, `低保`).
    pub category: Short,
    /// The date the entry holds for.
    #[cfg_attr(feature = "schema", schema(value_type = String, format = "date"))]
    pub as_of: Date,
    /// District of residence, coarse.
    pub district: Short,
    /// Why the person may be named. An entry without one is withheld at approval.
    #[serde(default)]
    pub basis: Option<LegalBasis>,
}

/// A batch was prepared. Own log only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchPrepared {
    /// The batch.
    pub batch: BatchId,
    /// The addressee.
    pub to: PartyId,
    /// The month it covers.
    pub period: Period,
    /// The persons, numbered from 1 in this order; may be empty (an empty batch is sent explicitly).
    pub entries: Vec<NoticeEntry>,
    /// How many more are assisted as before; a count, no persons.
    pub unchanged: u32,
}

/// A second person approved a batch. Own log only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchApproved {
    /// The batch.
    pub batch: BatchId,
    /// Entries withheld because there is no legal basis to name the person, and why.
    pub withheld: BTreeMap<LineNo, WithheldReason>,
}

/// A batch was sent. For the addressee.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchSent {
    /// The batch.
    pub batch: BatchId,
    /// The addressee.
    pub to: PartyId,
    /// The month it covers.
    pub period: Period,
    /// The entries that may be named, with their numbers.
    pub entries: Vec<(LineNo, NoticeEntry)>,
    /// How many more are assisted as before.
    pub unchanged: u32,
    /// How many were withheld for want of a legal basis.
    pub withheld: u32,
}

/// A batch arrived. For the sender.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchDelivered {
    /// The batch.
    pub batch: BatchId,
    /// Its sender.
    pub from: PartyId,
}

/// The addressee matched an entry to a person it knows. For the sender.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryMatched {
    /// The batch.
    pub batch: BatchId,
    /// Its sender.
    pub from: PartyId,
    /// The entry.
    pub entry: LineNo,
    /// How many corrections of the entry the addressee had seen: which wording it speaks of.
    pub corrections: u16,
}

/// Why an entry is disputed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DisputeReason {
    /// Name, document and birth date don't belong together.
    IdentityMismatch,
    /// The person does not live where the entry says.
    NotResident,
    /// The entry repeats another.
    Duplicate,
    /// Something else, said in the note.
    Other,
}

/// The addressee disputed an entry. For the sender.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryDisputed {
    /// The batch.
    pub batch: BatchId,
    /// Its sender.
    pub from: PartyId,
    /// The entry.
    pub entry: LineNo,
    /// How many corrections of the entry the addressee had seen: which wording it speaks of.
    pub corrections: u16,
    /// Why.
    pub reason: DisputeReason,
    /// In words.
    pub note: Note,
}

/// The sender corrected an entry; the first wording stays in the log. For the addressee.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryCorrected {
    /// The batch.
    pub batch: BatchId,
    /// The addressee.
    pub to: PartyId,
    /// The entry.
    pub entry: LineNo,
    /// What it says now.
    pub replacement: NoticeEntry,
    /// What was wrong.
    pub note: Note,
}

/// The sender withdrew an entry. For the addressee.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryWithdrawn {
    /// The batch.
    pub batch: BatchId,
    /// The addressee.
    pub to: PartyId,
    /// The entry.
    pub entry: LineNo,
    /// Why.
    pub note: Note,
}

/// The addressee acknowledged a batch: every entry is settled. For the sender.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchAcknowledged {
    /// The batch.
    pub batch: BatchId,
    /// Its sender.
    pub from: PartyId,
}

/// The month's batch was not sent by its limit. For the addressee.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchMissed {
    /// The addressee.
    pub to: PartyId,
    /// The month.
    pub period: Period,
    /// How many months in a row were missed, with this one.
    pub misses_in_a_row: u16,
    /// Whether the secretariat is told as well.
    pub tell_secretariat: bool,
}

/// The last day to acknowledge a batch has come. For the sender.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchReminded {
    /// The batch.
    pub batch: BatchId,
    /// Its sender.
    pub from: PartyId,
    /// The last instant at which the acknowledgement is on time.
    pub due: Instant,
}

/// A batch was not acknowledged in time. For the sender.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchOverdue {
    /// The batch.
    pub batch: BatchId,
    /// Its sender.
    pub from: PartyId,
    /// When it was due.
    pub due: Instant,
    /// Entries that were not settled by then.
    pub open: u32,
}

/// A batch that was not sent was given up. Own log only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchDiscarded {
    /// The batch.
    pub batch: BatchId,
    /// Why.
    pub reason: Note,
}

impl Readers for BatchDiscarded {}
impl Readers for BatchPrepared {}
impl Readers for BatchApproved {}

macro_rules! read_by {
    ($($name:ident.$field:ident)*) => {$(
        impl Readers for $name {
            fn readers(&self) -> BTreeSet<PartyId> { BTreeSet::from([self.$field]) }
        }
    )*};
}
read_by!(BatchSent.to BatchDelivered.from EntryMatched.from EntryDisputed.from EntryCorrected.to EntryWithdrawn.to
    BatchAcknowledged.from BatchMissed.to BatchReminded.from BatchOverdue.from);
