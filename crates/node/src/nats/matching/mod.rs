//! Matching runs between two services: the side that starts and the side that answers.
//!
//! ```text
//! starts                                                     answers
//! Ready?                       ────────────────────────────►  permit? register? within limits?
//! permit, set, MatchRunBegun on disk
//! Open{size, key}              ────────────────────────────►  permit, set, MatchRunBegun on disk → size, key
//! Evaluate{blinded} …          ────────────────────────────►  evaluated under its key, with proof
//! Outputs …                    ────────────────────────────►  its own outputs under its key, shuffled
//! Blinded …                    ────────────────────────────►  its own elements, blinded
//! Evaluated{evaluated, proof} … ───────────────────────────►  checked
//! MyOutputs …                  ────────────────────────────►  taken
//! Done                         ────────────────────────────►  CandidateFound …, MatchRunExecuted on disk
//! CandidateFound …, MatchRunExecuted on disk
//! ```
//!
//! In scope: both sides of that, and that nothing leaves before the run's beginning is on disk, so that a run can't be
//! repeated after a crash. Out of scope: the cryptography, and what a dishonest party can still learn (`psi`).
//!
//! A run that meets anything unexpected ends as failed and keeps nothing. When the last answer is lost, the starting
//! side has no result though the other may have one: in doubt nobody is made a candidate.

mod answer;
mod record;
mod session;
mod set;
mod start;

pub(super) use answer::{Sessions, answer};
pub use start::Matching;
