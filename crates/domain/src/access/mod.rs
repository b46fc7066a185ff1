//! Reading personal data. Every read by an officer is an event before it is an answer, and "who looked at this person,
//! when, why, on which consent" is answered from those events.

mod cases;
mod facts;
mod lines;
mod record;
mod report;
#[cfg(test)]
mod report_tests;
mod sight;
#[cfg(test)]
mod sight_tests;
mod who_looked;

pub(crate) use facts::thing;
pub use facts::{AccessFacts, Looked};
pub use lines::{answered, told_of};
pub use record::{AccessRecorded, AccessTarget, PERSONS_MAX, RecordAccess};
pub use report::{Handed, ItemTold, Line, SubjectReport, Told, subject_report};
pub use sight::{Concerned, Sight};
pub use who_looked::{LOOKS_MAX, Look, who_looked};
