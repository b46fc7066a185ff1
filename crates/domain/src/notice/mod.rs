//! Routine notice (定期通报): prepare, approve, send, deliver, match or dispute, correct or withdraw, acknowledge.
//!
//! In scope: the life of one batch, decided by the sender's and the addressee's services each for its own log; when a
//! month's batch and an acknowledgement are due, and that they are late. Out of scope: figures of the limits
//! (`crate::agreement`), and the quarterly signed summary.
//!
//! ```text
//! sender     prepare → approve (another person) → send          correct, withdraw: any entry, at any time
//!            └──────────┴→ discard (who prepared it, or a reviewer)
//! addressee                       deliver → match or dispute each entry → acknowledge
//! ```
//!
//! Each party of an agreement owes each other a batch for every month that begins while the agreement holds between them,
//! whether it has ever sent one or not; an empty one counts.
//! What is not sent in time is recorded by the sender's service and worked out by the addressee's. The addressee's
//! service reminds itself of the acknowledgement on its last day, and says when that has passed.
//!
//! A wrong notice must always be correctable, so corrections and withdrawals stay possible after the acknowledgement.
//! A corrected entry is open again, and the addressee matches or disputes it again; it does not acknowledge twice.

mod acknowledge;
mod approve;
mod basis;
pub mod clocks;
mod correct_entry;
mod discard;
mod dispute_entry;
pub(crate) mod duties;
mod events;
mod facts;
mod guards;
mod match_entry;
mod miss_batch;
mod overdue_batch;
mod prepare;
#[cfg(test)]
mod properties;
mod record_delivery;
mod remind_batch;
mod routine;
#[cfg(test)]
pub(crate) mod sample;
mod send;
mod withdraw_entry;

pub use acknowledge::AcknowledgeBatch;
pub use approve::ApproveBatch;
pub use basis::WithheldReason;
pub use correct_entry::CorrectEntry;
pub use discard::DiscardBatch;
pub use dispute_entry::DisputeEntry;
pub use events::{
    BATCH_BYTES_MAX, BATCH_ENTRIES_MAX, BatchAcknowledged, BatchApproved, BatchDelivered, BatchDiscarded, BatchMissed,
    BatchOverdue, BatchPrepared, BatchReminded, BatchSent, CORRECTIONS_MAX, Change, DisputeReason, EntryCorrected,
    EntryDisputed, EntryMatched, EntryWithdrawn, NoticeEntry,
};
pub use facts::{BatchFacts, Corrections, ENTRY_STEPS_MAX, EntryStatus, EntryStep, SentBatch};
pub use match_entry::MatchEntry;
pub use miss_batch::RecordMissedBatch;
pub use overdue_batch::RecordBatchOverdue;
pub use prepare::PrepareBatch;
pub use record_delivery::RecordBatchDelivery;
pub use remind_batch::RemindBatch;
pub use routine::RoutineFacts;
pub use send::SendBatch;
pub use withdraw_entry::WithdrawEntry;
