//! Routine notice (定期通报): prepare, approve, send, deliver, match or dispute, correct or withdraw, acknowledge.
//!
//! In scope: the life of one batch, decided by the sender's and the addressee's services each for its own log. Out of
//! scope: when a batch is due and that one is missing (clocks), and whether a consent named as basis is in force.
//!
//! ```text
//! sender     prepare → approve (another person) → send          correct, withdraw: any entry, at any time
//! addressee                       deliver → match or dispute each entry → acknowledge
//! ```
//!
//! A wrong notice must always be correctable, so corrections and withdrawals stay possible after the acknowledgement.
//! A corrected entry is open again, and the addressee matches or disputes it again; it does not acknowledge twice.

mod acknowledge;
mod approve;
mod correct_entry;
mod dispute_entry;
pub(crate) mod duties;
mod events;
mod facts;
mod guards;
mod match_entry;
mod prepare;
#[cfg(test)]
mod properties;
mod record_delivery;
#[cfg(test)]
pub(crate) mod sample;
mod send;
mod withdraw_entry;

pub use acknowledge::AcknowledgeBatch;
pub use approve::ApproveBatch;
pub use correct_entry::CorrectEntry;
pub use dispute_entry::DisputeEntry;
pub use events::{
    BATCH_BYTES_MAX, BATCH_ENTRIES_MAX, BatchAcknowledged, BatchApproved, BatchDelivered, BatchPrepared, BatchSent,
    CORRECTIONS_MAX, Change, DisputeReason, EntryCorrected, EntryDisputed, EntryMatched, EntryWithdrawn, NoticeEntry,
};
pub use facts::{BatchFacts, Corrections, EntryStatus, SentBatch};
pub use match_entry::MatchEntry;
pub use prepare::PrepareBatch;
pub use record_delivery::RecordBatchDelivery;
pub use send::SendBatch;
pub use withdraw_entry::WithdrawEntry;
