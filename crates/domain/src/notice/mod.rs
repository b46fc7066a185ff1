//! Routine notice (定期通报): prepare, approve, send, deliver, match or dispute, correct or withdraw, acknowledge.

mod acknowledge;
mod approve;
mod correct_entry;
mod dispute_entry;
mod events;
mod facts;
mod match_entry;
mod prepare;
mod record_delivery;
mod send;
mod withdraw_entry;

pub use acknowledge::AcknowledgeBatch;
pub use approve::ApproveBatch;
pub use correct_entry::CorrectEntry;
pub use dispute_entry::DisputeEntry;
pub use events::{
    BATCH_ENTRIES_MAX, BatchAcknowledged, BatchApproved, BatchDelivered, BatchPrepared, BatchSent, Change,
    DisputeReason, EntryCorrected, EntryDisputed, EntryMatched, EntryWithdrawn, NoticeEntry,
};
pub use facts::{BatchFacts, EntryStatus};
pub use match_entry::MatchEntry;
pub use prepare::PrepareBatch;
pub use record_delivery::RecordBatchDelivery;
pub use send::SendBatch;
pub use withdraw_entry::WithdrawEntry;
