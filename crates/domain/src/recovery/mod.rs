//! A log that was restored: the first thing its party writes afterwards says so, to everybody.

mod record;

pub use record::{LogRecovered, RecordRecovery};
