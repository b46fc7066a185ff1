//! Verification (协查): draft, submit, accept or refuse, assign, answer, reply also in parts, correct, recall, use, close.
//!
//! In scope: what crosses between asker and holder on a consent, who approves it, how long each may take. Out of scope:
//! the decision the answers are for (it stays in the asker's own system), and live lookups (`crate::lookup`).

mod accept;
mod acknowledge_correction;
mod answer_clarification;
mod answer_item;
mod assign;
mod basis;
mod clarify;
mod close;
mod correct;
mod deadlines;
mod discard;
mod draft;
pub(crate) mod duties;
mod events;
mod facts;
mod guards;
mod lapse_clarification;
mod overdue;
#[cfg(test)]
mod properties;
mod recall;
mod record_use;
mod refusals;
mod refuse;
#[cfg(test)]
pub(crate) mod sample;
mod send_reply;
mod submit;
mod withdraw;

pub use accept::AcceptRequest;
pub use acknowledge_correction::AcknowledgeCorrection;
pub use answer_clarification::AnswerClarification;
pub use answer_item::AnswerItem;
pub use assign::AssignItem;
pub(crate) use basis::project_basis;
pub use basis::{AskedBefore, BasisFacts, PREDICATES_MAX};
pub use clarify::RequestClarification;
pub use close::CloseRequest;
pub use correct::CorrectReply;
pub(crate) use deadlines::earlier;
pub use deadlines::{Deadlines, QuestionStanding, ReplyClock, Timed};
pub use discard::DiscardDraft;
pub use draft::DraftRequest;
pub use events::{
    AnswerRecalled, CLARIFICATIONS_MAX, CORRECTIONS_MAX, ClarificationAnswered, ClarificationRequested,
    CorrectionAcknowledged, DraftDiscarded, ItemAnswered, ItemAssigned, QUESTIONS_MAX, ReplyCorrected, ReplyOverdue,
    ReplyReminded, ReplySent, ReplyStep, ReplyUsed, RequestAccepted, RequestClosed, RequestDrafted, RequestQuestion,
    RequestRefused, RequestSubmitted, RequestWithdrawn, VerificationRequest, WithdrawalReason,
};
pub use facts::RequestFacts;
pub use guards::{Grounds, RequestState};
pub use lapse_clarification::LapseClarification;
pub use overdue::{RemindReply, ReportReplyOverdue};
pub use recall::RecallAnswers;
pub use record_use::RecordReplyUse;
pub(crate) use refusals::judged_by;
pub use refuse::RefuseRequest;
pub use send_reply::SendReply;
pub use submit::SubmitRequest;
pub use withdraw::WithdrawRequest;
