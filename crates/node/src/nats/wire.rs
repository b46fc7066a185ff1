//! What peers ask each other besides lookups. Nothing here is trusted: a tip only says that there is something to
//! fetch, and what is fetched is verified like everything else.

use serde::{Deserialize, Serialize};
use tongcha_ledger::entry::Leaf;

/// Longest such request in bytes.
pub const REQUEST_MAX: usize = 64;

/// How long is your log?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TipRequest {
    /// How many of its entries the asker has.
    pub have: u64,
}

/// So long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TipReply {
    /// Durable entries.
    pub count: u64,
    /// Generation of the stream for the asker.
    pub generation: u64,
    /// Leaf of the last entry that the asker has; none when it has none, or more than there are.
    pub leaf: Option<Leaf>,
}

/// Send me entries from here on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepairRequest {
    /// The first entry wanted.
    pub from: u64,
}

/// Parcels in order, as many as fit; none when there is nothing from there on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepairReply {
    /// The parcels.
    pub parcels: Vec<Vec<u8>>,
}

/// Give me back what you hold of my log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReturnRequest {
    /// The first entry wanted.
    pub from: u64,
}

/// What a peer holds of the asker's log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReturnReply {
    /// The parcels, in order, as many as fit; none when there is nothing from there on. A body is in them where it was
    /// told to the peer.
    pub parcels: Vec<Vec<u8>>,
    /// The last checkpoint of the asker's log that the peer cosigned, a signed note; empty when there is none.
    pub cosigned: Vec<u8>,
    /// The newest checkpoint of the peer's own log, a signed note; empty when there is none. The asker cosigned none that
    /// is larger, whatever it has forgotten.
    pub published: Vec<u8>,
}

/// Longest checkpoint in bytes: three lines and a signature each of a few dozen parties.
pub const CHECKPOINT_MAX: usize = 8 * 1024;

/// What a witness says to a checkpoint, a signed note.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum WitnessReply {
    /// The cosignature's line.
    Cosigned(String),
    /// The witness has not all entries yet.
    Behind,
    /// The witness holds another checkpoint that the asker signed: of a larger tree, or of another history.
    Holds(Vec<u8>),
    /// Not a checkpoint of the asker's log.
    Refused,
}
