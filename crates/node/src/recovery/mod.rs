//! Restoring a party's logs after its disk lost some of them: what others hold is put together and becomes the log again.
//!
//! In scope: reading what a damaged or old disk still has, joining it with what peers give back and what copies hold,
//! writing the result, and telling what nobody has. Out of scope: asking peers ([`crate::nats`]).
//!
//! **Invariant: what is restored is one history.** Every entry is signed by the log's party, follows the one before, and
//! agrees with every checkpoint that was ever signed for the log and is known. When two sources hold different entries
//! for one position nothing is restored: people must talk.
//!
//! Bodies of own entries that no other party was told of (drafts, reads, register chunks) can't come back from peers, only
//! from a copy of the own files. What nobody has is listed, recorded in the log, and projected as header only, here and by
//! an auditor alike.

mod command;
mod files;
mod pending;
mod plan;

pub use command::{RecoverOptions, recover};
pub use files::{NotHeld, held_copy, held_here, raise_floor, restore};
pub(crate) use pending::PendingFile;
pub use plan::{HeldBody, HeldEntry, Holding, KnownTree, Missing, Plan, PlanError, Source, plan};
