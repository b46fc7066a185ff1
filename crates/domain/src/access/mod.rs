//! Reading personal data. Every read by an officer is an event before it is an answer.

mod record;

pub use record::{AccessRecorded, AccessTarget, RecordAccess};
