//! Lookup: a live question to a holder's register, gated by a consent token.
//!
//! The holder's side has three steps that can't be taken in another order: the gate ([`JudgeLookup`]) permits or
//! denies without the register; with the use spent on disk its [`Permit`] opens one person's rows; [`answers`] says no
//! more than was asked.

mod answer;
mod ask;
mod close;
mod events;
mod facts;
mod judge;
mod permit;
mod record_answer;

pub use answer::answers;
pub(crate) use answer::check_answer;
pub use ask::AskLookup;
pub use close::CloseLookup;
pub use events::{
    LOOKUP_QUESTIONS_MAX, LookupAnswered, LookupAsked, LookupClosed, LookupDenied, LookupOutcome, LookupPermitted,
};
pub use facts::LookupFacts;
pub(crate) use judge::denied_instead;
pub use judge::{CLOCK_SKEW_MAX_US, JudgeLookup, TokenStanding};
pub use permit::Permit;
pub use record_answer::RecordLookupAnswer;
