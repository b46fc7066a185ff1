//! Rows about the logs themselves: how far each is projected, and what commands came to.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::event::EventKind;
use crate::id::CommandKey;
use crate::refusal::Refusal;
use crate::time::Instant;
use crate::view::{Facts, Table};

/// How far a log is projected. Every entry counts, also those whose body is not for this party.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogPosition {
    /// Entries projected; the next one has this sequence number.
    pub count: u64,
    /// Leaf hash of the last entry projected; zeros when there is none.
    pub head: [u8; 32],
    /// When the last entry was recorded, by its writer's clock.
    pub recorded_at: Instant,
    /// Entries by kind.
    pub kinds: BTreeMap<EventKind, u64>,
}

impl Facts for LogPosition {
    type Id = ();
    const TABLE: Table = Table::Log;
}

/// What a command came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CommandOutcome {
    /// It happened.
    Done,
    /// It was refused.
    Refused(Refusal),
}

/// What a repeated command is answered with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandRecord {
    /// Sequence number of the entry that the command made.
    pub seq: u64,
    /// When it was recorded.
    pub recorded_at: Instant,
    /// Leaf hash of that entry.
    pub leaf: [u8; 32],
    /// Its event's class.
    pub kind: EventKind,
    /// SHA-256 over the command.
    pub digest: [u8; 32],
    /// What it came to.
    pub outcome: CommandOutcome,
}

/// Rows of commands hold one record; none only before the first fold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandFacts(pub Option<CommandRecord>);

impl Facts for CommandFacts {
    type Id = CommandKey;
    const TABLE: Table = Table::Command;
}
