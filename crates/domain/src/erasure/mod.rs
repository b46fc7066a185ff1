//! Erasure 删除: a party has the bodies of own entries made unreadable, everywhere and for good.
//!
//! In scope: which entries may be erased and from when on ([`keeping`], the parties' retention rules), who proposes and who
//! orders, what every holder confirms, and whose confirmation is late. Out of scope: destroying keys, forgetting rows,
//! removing copies at the broker (`tongcha-node` does what an order says), and the log itself: an entry's header, digest and
//! signature stay for ever, and with them the fact that something was erased, when, and on what ground.
//!
//! Only its writer can have an entry erased: a data-protection officer proposes it, another person of the same party
//! orders it. The order goes to every party that can read one of the entries. What an order covers is decided by headers
//! alone ([`erasable`]), the same at every holder and at an auditor: an order that reaches an entry before its
//! floor is over has no effect on that entry, whoever signed it.

mod case;
mod confirm;
mod events;
mod facts;
mod order;
mod overdue;
mod propose;
mod retention;

pub use case::case_of;
pub use confirm::ConfirmErasure;
pub use events::{ErasureBasis, ErasureConfirmed, ErasureGround, ErasureOrdered, ErasureOverdue, ErasureProposed};
pub use facts::{ErasureFacts, Ordered, orders};
pub use order::OrderErasure;
pub use overdue::{CONFIRM_WITHIN_US, RecordErasureOverdue};
pub(crate) use overdue::{every_case, next_duty, touched};
pub use propose::{ENTRIES_MAX, ListedEntry, ProposeErasure};
pub use retention::{Keeping, Kept, RetentionRules, erasable, keeping};

#[cfg(test)]
mod sample;
