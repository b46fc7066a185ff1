//! Findings: what is wrong, and where exactly.

use std::error::Error;
use std::io;
use std::path::PathBuf;

use serde::{Serialize, Serializer};
use tongcha_domain::id::PartyId;
use tongcha_domain::view::ViewError;
use tongcha_ledger::body::BodyError;
use tongcha_ledger::checkpoint::CheckpointError;
use tongcha_ledger::entry::EntryError;
use tongcha_ledger::key::KeyError;
use tongcha_ledger::published::PublishedError;

/// The first thing that is wrong with a log.
#[derive(Debug, Serialize)]
pub struct Finding {
    /// The bundle.
    pub bundle: PathBuf,
    /// Whose log.
    pub origin: PartyId,
    /// The entry that is wrong: the position where it stands, whatever it says of itself.
    pub seq: u64,
    /// Where it begins in the log's file, in bytes.
    pub offset: u64,
    /// What is wrong.
    #[serde(flatten)]
    pub reason: Reason,
}

/// A wrong entry of a log that is being read.
#[derive(Debug)]
pub struct Fault {
    /// The position where it stands.
    pub seq: u64,
    /// Where it begins, in bytes.
    pub offset: u64,
    /// What is wrong.
    pub reason: Reason,
}

/// What can be wrong.
#[derive(Debug, thiserror::Error)]
pub enum Reason {
    /// The file ends within an entry.
    #[error("the log ends in the middle of this entry")]
    Torn,
    /// Not a frame, or its checksum is wrong.
    #[error("the bytes are damaged: no frame, or its checksum is wrong")]
    Damaged,
    /// The entry itself, or its place in the chain.
    #[error("the entry is refused")]
    Entry(#[source] EntryError),
    /// Another party's entry.
    #[error("an entry of {found} stands in this log")]
    Origin {
        /// Whose it is.
        found: PartyId,
    },
    /// The sealed body, or what it opens to.
    #[error("the body is refused")]
    Body(#[source] BodyError),
    /// The party is in the audience, but the body is not there.
    #[error("the body is missing, and no record of a recovery in the log says that it is lost")]
    BodyMissing,
    /// The party says of its log that more bodies are lost than are.
    #[error("this entry says that {said} bodies are lost, and {found} are not here")]
    LossMisstated {
        /// What the entry says.
        said: u64,
        /// How many are not here.
        found: u64,
    },
    /// The party says that a body is lost which others should have read, and has it.
    #[error("this entry says that the body of entry {entry} is lost, and it is here")]
    LostKept {
        /// The entry whose body it is.
        entry: u64,
    },
    /// The party is not in the audience, but there is a body.
    #[error("a body that is not for this party")]
    BodyUnasked,
    /// Entries that the bundle lists are not there.
    #[error("the log ends here, but the bundle lists {listed} entries")]
    Missing {
        /// How many are listed.
        listed: u64,
    },
    /// Entries that the bundle does not list.
    #[error("the log goes on, but the bundle lists {listed} entries")]
    Unlisted {
        /// How many are listed.
        listed: u64,
    },
    /// The last entry is not the one the bundle lists.
    #[error("the last entry is another than the bundle lists")]
    Head,
    /// The party itself says that it had more of a log than the bundle holds.
    #[error("this entry says that {seen} entries of {party} were accepted, but the bundle lists {held}")]
    SeenMore {
        /// Whose entries.
        party: PartyId,
        /// How many the entry speaks of.
        seen: u64,
        /// How many the bundle lists.
        held: u64,
    },
    /// The writer had accepted more of another log before than it says now.
    #[error("this entry says that {seen} entries of {party} were accepted, and the one before it said {before}")]
    SeenLess {
        /// Whose entries.
        party: PartyId,
        /// How many the entry speaks of.
        seen: u64,
        /// How many the entry before spoke of.
        before: u64,
    },
    /// The checkpoint, its signature, or a cosignature.
    #[error("the checkpoint of this log is refused")]
    Checkpoint(#[source] CheckpointError),
    /// The party signed a longer log than there is.
    #[error("the party signed a checkpoint of {size} entries, and the log ends here: entries were removed")]
    CheckpointBeyond {
        /// Entries of the checkpoint.
        size: u64,
    },
    /// The party signed another log than there is.
    #[error("the party signed a checkpoint over {size} entries that are not these: entries were rewritten")]
    CheckpointRoot {
        /// Entries of the checkpoint.
        size: u64,
    },
    /// Two validly signed entries at one position.
    #[error("a fork: {other} has another entry here, signed by the same party")]
    Fork {
        /// The bundle with the other entry.
        other: PathBuf,
    },
    /// The party's card in the bundle.
    #[error("the card of this party is refused")]
    Card(#[source] KeyError),
    /// Two bundles hold different cards of the party.
    #[error("{other} has another card of this party")]
    CardsDiffer {
        /// The bundle with the other card.
        other: PathBuf,
    },
    /// The party is in the audience, but its body key is not there and was not destroyed.
    #[error("the body key is missing, and is not marked as destroyed")]
    KeyMissing,
    /// The slot of the body key is damaged.
    #[error("the slot of the body key is damaged")]
    KeyDamaged,
    /// The body keys can't be read.
    #[error("the body keys can't be read")]
    KeysUnreadable(#[source] io::Error),
    /// A key was destroyed, and nothing in the log says that it should be.
    #[error("the body key is destroyed, and no order of erasure covers the entry")]
    ErasedWithoutOrder,
    /// A key is still there.
    #[error("the body key is still here, though the party confirmed the erasure ordered by entry {order}")]
    KeyKept {
        /// Where the order stands.
        order: u64,
    },
    /// An order names an entry that must be kept.
    #[error("this order of erasure names entry {entry}, which must be kept longer or for ever")]
    ErasedTooEarly {
        /// The entry.
        entry: u64,
    },
    /// An order was not confirmed in time.
    #[error("this order of erasure was not confirmed in time by {by}")]
    ErasureUnconfirmed {
        /// Who has not confirmed.
        by: String,
    },
    /// The view can't be folded further.
    #[error("the entry can't be projected")]
    View(#[source] ViewError),
    /// The entry can't be given in the published language.
    #[error("the entry can't be given in the published language")]
    Published(#[source] PublishedError),
}

impl Reason {
    /// Returns a short name that stays the same from version to version.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Torn => "TORN",
            Self::Damaged => "DAMAGED",
            Self::Entry(error) => match error {
                EntryError::Length(_) => "LENGTH",
                EntryError::Header(_) => "FORM",
                EntryError::Version(_) => "VERSION",
                EntryError::UnknownKey { .. } => "UNKNOWN_KEY",
                EntryError::Signature { .. } => "SIGNATURE",
                EntryError::Audience => "AUDIENCE",
                EntryError::Signing => "SIGNING",
                EntryError::Keys { .. } => "KEY_NOT_VALID",
                EntryError::Statement { .. } => "KEY_STATEMENT",
                EntryError::Sequence { .. } => "SEQUENCE",
                EntryError::Chain { .. } => "CHAIN",
                EntryError::Clock { .. } => "CLOCK",
            },
            Self::Origin { .. } => "ORIGIN",
            Self::Body(_) => "BODY",
            Self::BodyMissing => "BODY_MISSING",
            Self::BodyUnasked => "BODY_UNASKED",
            Self::LossMisstated { .. } => "LOSS_MISSTATED",
            Self::LostKept { .. } => "LOST_KEPT",
            Self::Missing { .. } => "MISSING",
            Self::Unlisted { .. } => "UNLISTED",
            Self::Head => "HEAD",
            Self::SeenMore { .. } => "SEEN_MORE",
            Self::SeenLess { .. } => "SEEN_LESS",
            Self::Checkpoint(_) => "CHECKPOINT",
            Self::CheckpointBeyond { .. } => "CHECKPOINT_BEYOND",
            Self::CheckpointRoot { .. } => "CHECKPOINT_ROOT",
            Self::Fork { .. } => "FORK",
            Self::Card(_) => "CARD",
            Self::CardsDiffer { .. } => "CARDS_DIFFER",
            Self::KeyMissing => "KEY_MISSING",
            Self::KeyDamaged => "KEY_DAMAGED",
            Self::KeysUnreadable(_) => "KEYS_UNREADABLE",
            Self::ErasedWithoutOrder => "ERASED_WITHOUT_ORDER",
            Self::KeyKept { .. } => "KEY_KEPT",
            Self::ErasedTooEarly { .. } => "ERASED_TOO_EARLY",
            Self::ErasureUnconfirmed { .. } => "ERASURE_UNCONFIRMED",
            Self::View(_) => "VIEW",
            Self::Published(_) => "PUBLISHED",
        }
    }
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut fields = serializer.serialize_struct("Reason", 2)?;
        fields.serialize_field("code", self.code())?;
        fields.serialize_field("reason", &explain(self))?;
        fields.end()
    }
}

/// Writes an error and its causes in one line.
#[must_use]
pub fn explain(error: &(dyn Error + 'static)) -> String {
    let (mut text, mut cause) = (error.to_string(), error.source());
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}
