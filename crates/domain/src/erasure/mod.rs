//! Erasure 删除: a party has the bodies of own entries made unreadable, everywhere and for good.
//!
//! In scope: which entries may be erased and from when on ([`keeping`], the parties' retention rules), who proposes and who
//! orders, what every holder confirms, and whose confirmation is late. Out of scope: destroying keys, forgetting rows,
//! removing copies at the broker (`tongcha-node` does what an order says), and the log itself: an entry's header, digest and
//! signature stay for ever, and with them the fact that something was erased, when, and on what ground.
//!
//! Only its writer can have an entry erased: a data-protection officer proposes it, another person of the same party
//! orders it. Another party may ask for it: then the proposal has the request's id, or the request is refused with a reason. The
//! order goes to every party that can read one of the entries. What an order covers is decided by headers
//! alone ([`erasable`]), the same at every holder and at an auditor: an order that reaches an entry before its
//! floor is over has no effect on that entry, whoever signed it.

mod confirm;
mod events;
mod facts;
mod order;
mod overdue;
mod propose;
mod refuse;
mod request;
mod request_overdue;
mod retention;

pub use confirm::ConfirmErasure;
pub use events::{
    ErasureBasis, ErasureConfirmed, ErasureGround, ErasureOrdered, ErasureOverdue, ErasureProposed, ErasureRefused,
    ErasureRequestOverdue, ErasureRequested, RefusalGround,
};
pub use facts::{ErasureFacts, Ordered, Request, orders};
pub use order::OrderErasure;
pub use overdue::{CONFIRM_WITHIN_US, RecordErasureOverdue};
pub(crate) use overdue::{every_case, next_duty, touched};
pub use propose::{ENTRIES_MAX, ListedEntry, ProposeErasure};
pub use refuse::RefuseErasure;
pub use request::RequestErasure;
pub use request_overdue::{ANSWER_WITHIN, RecordErasureRequestOverdue, answer_due};
pub use retention::{Keeping, Kept, RetentionRules, erasable, keeping};

use crate::officer::Role;

/// Who is shown erasures.
pub const READERS: &[Role] = &[Role::DataProtection, Role::Secretariat, Role::Auditor];

#[cfg(test)]
pub(crate) mod sample;
