//! Reading personal data. Every read by an officer is an event before it is an answer, and "who looked at this person,
//! when, why, on which consent" is answered from those events.

mod facts;
mod record;
mod who_looked;

pub use facts::{AccessFacts, AccessId, Looked};
pub use record::{AccessRecorded, AccessTarget, PERSONS_MAX, RecordAccess};
pub use who_looked::{LOOKS_MAX, Look, who_looked};
