//! A log that was restored: the first thing its party writes afterwards says so, to everybody, with the bodies that are lost.
//!
//! An entry whose body is lost stays in its place: header, signature, chain. Who should have read it takes it without the body
//! and trusts the log again only when a [`LogRecovered`] names it. Out of scope: restoring files, and who takes what.

mod record;

pub use record::{LOST_MAX, LogRecovered, RecordRecovery, may_end_consent};
