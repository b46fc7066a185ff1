//! The exchange's domain: what the parties say to each other, and who may say what when.
//!
//! In scope: value types, commands and the decisions on them, events, the folds over events, the rows of the
//! view, refusals, the parties' rule sets. Everything here is a pure function of its arguments.
//!
//! Out of scope: bytes on disk or wire, keys and signatures (`tongcha-ledger`), clocks, randomness, storage and
//! network (`tongcha-node`). A decision that needs the time or an id is given it.

pub mod access;
pub mod agenda;
pub mod agreement;
pub mod authority;
pub mod calendar;
pub mod channel;
pub mod clock;
pub mod closure;
pub mod command;
pub mod consent;
pub mod erasure;
pub mod event;
pub mod hindsight;
pub mod id;
pub mod identity;
pub mod item;
pub mod keys;
pub mod lookup;
pub mod mandate;
pub mod money;
pub mod name;
pub mod notice;
pub mod officer;
pub mod overlap;
pub mod party;
pub mod phrases;
pub mod purpose;
pub mod receipt;
pub mod recovery;
pub mod refusal;
pub mod register;
#[cfg(feature = "schema")]
mod schema;
pub mod standard;
pub mod suppression;
pub mod text;
pub mod time;
pub mod urgent;
pub mod verification;
pub mod view;

pub mod case;
pub mod conference;
pub mod meeting;
pub mod task;
pub mod work;

#[cfg(test)]
mod judge_tests;
#[cfg(test)]
mod property_tests;
#[cfg(test)]
mod testing;
