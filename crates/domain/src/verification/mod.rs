//! Verification (协查): draft, submit, accept or refuse, answer, reply, use.

mod accept;
mod answer_item;
mod draft;
pub(crate) mod duties;
mod events;
mod facts;
mod guards;
mod record_use;
mod refuse;
#[cfg(test)]
pub(crate) mod sample;
mod send_reply;
mod submit;

pub use accept::AcceptRequest;
pub use answer_item::AnswerItem;
pub use draft::DraftRequest;
pub use events::{
    ItemAnswered, QUESTIONS_MAX, ReplySent, ReplyUsed, RequestAccepted, RequestDrafted, RequestQuestion,
    RequestRefused, RequestSubmitted, VerificationRequest,
};
pub use facts::RequestFacts;
pub use record_use::RecordReplyUse;
pub use refuse::RefuseRequest;
pub use send_reply::SendReply;
pub use submit::SubmitRequest;
