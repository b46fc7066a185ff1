//! Days closed after the calendar was published (typhoon signal 8, a special holiday), and the clocks they move.
//!
//! In scope: declaring a day, which declarations count, what running clock of which case moves by one, and the event
//! that says so in the log of the party whose clock it is. Out of scope: counting working days (`crate::calendar`).
//!
//! A declaration of a party counts for a calendar only if the party goes by it. A case whose clocks count working days
//! lists them in [`running`] and asks [`next_adjustment`] in its duties; nothing else is needed for its clocks to be
//! adjusted in the log, once for each closure that moves them. Due instants are never stored: they are worked out with
//! all declared days whenever they are read.

mod adjust;
mod declare;
mod events;
mod facts;

pub use adjust::{AdjustClock, Running, running};
pub(crate) use adjust::{next_adjustment, touched};
pub use declare::{CLOSURE_LATE_DAYS_MAX, DeclareClosure};
pub use events::{ClockAdjusted, ClosureDeclared, RunningClock};
pub use facts::{ClosureFacts, Declared, declared};
