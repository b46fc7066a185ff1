//! Double-benefit matching: who receives means-tested assistance on both sides, learnt by comparing document keys
//! blindly, and what is done with each overlap.
//!
//! In scope: a run's proposal, its authorisation by both data-protection officers, its limits, the right to read the
//! register for it, what came of it, and the steps of each candidate. Out of scope: the cryptography and the transport
//! (`tongcha-node`: `psi`, `nats::match_run`).
//!
//! ```text
//! run        propose → authorise (each side's DP) → begin (each service) → execute, or fail
//! candidate  found → confirm → assess: lawful
//!                 │                  └ to clarify → invite to a hearing → statement → own decision notified
//!                 └ dismiss → sealed after 30 days
//! ```
//!
//! A run that has begun is spent: elements may have left, so it is never repeated. There is no command that stops a
//! payment, and none that decides anything before the person was heard.

mod assess;
mod authorise;
mod begin;
mod confirm;
mod dismiss;
pub(crate) mod duties;
mod events;
mod facts;
mod fail;
mod guards;
mod invite_hearing;
mod notify_decision;
mod permit;
mod propose;
mod record_candidate;
mod record_execution;
mod record_statement;
#[cfg(test)]
mod sample;
mod seal_candidate;
mod take_review;

pub use assess::AssessOverlap;
pub use authorise::AuthoriseMatchRun;
pub use begin::BeginMatchRun;
pub use confirm::ConfirmOverlap;
pub use dismiss::DismissOverlap;
pub use events::{
    Assessment, CandidateFound, CandidateSealed, DismissalReason, FailureReason, HearingInvited, MatchBasis,
    MatchMethod, MatchReviewTaken, MatchRunAuthorised, MatchRunBegun, MatchRunExecuted, MatchRunFailed,
    MatchRunProposed, OverlapAssessed, OverlapConfirmed, OverlapDismissed, OwnDecisionNotified, OwnRecord,
    StatementRecorded,
};
pub(crate) use facts::project_candidate;
pub use facts::{CandidateFacts, CandidateState, MatchRunFacts, RunCase};
pub use fail::FailMatchRun;
pub use invite_hearing::InviteHearing;
pub use notify_decision::NotifyOwnDecision;
pub use permit::MatchPermit;
pub use propose::ProposeMatchRun;
pub use record_candidate::RecordCandidate;
pub use record_execution::RecordMatchExecution;
pub use record_statement::RecordStatement;
pub use seal_candidate::SealCandidate;
pub use take_review::TakeMatchReview;

use crate::time::{DAY_US, MINUTE_US};

/// Most elements (document keys) of one side's set (A). A dishonest party can put guessed numbers into its set: this
/// times [`RUNS_PER_PERIOD_MAX`] is the most it can try in a month, 60,000 of about 10⁷ BIR numbers, each run under two
/// data-protection officers' eyes.
pub const ELEMENTS_MAX: u32 = 20_000;

/// Most runs of one pair of parties for one month that begin (A): one, and two repetitions after a failure.
pub const RUNS_PER_PERIOD_MAX: usize = 3;

/// Shortest time between two runs of a pair (A): officers can look at one before the next leaves.
pub const RUN_INTERVAL_US: i64 = DAY_US;

/// How long a proposal may be acted on (A): an authorisation is for the set of these days, not a standing order.
pub const PROPOSAL_VALID_US: i64 = 30 * DAY_US;

/// After this a run that began and has not ended is taken to be interrupted (A): a run takes seconds.
pub const RUN_DEADLINE_US: i64 = 60 * MINUTE_US;

/// A dismissed candidate's data is sealed after this (`domain.md` §7 S5, step 5).
pub const SEAL_AFTER_US: i64 = 30 * DAY_US;
