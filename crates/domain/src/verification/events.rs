//! Events of the verification (协查).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::event::Readers;
use crate::id::{ConsentId, LineNo, PartyId, RequestId, UnitId};
use crate::identity::Document;
use crate::item::{Answer, Question};
use crate::purpose::Purpose;
use crate::refusal::Refusal;
use crate::text::{Note, Short};
use crate::time::Date;

/// Most questions in one request; six items for a large household is the expected case (`domain.md` §5).
pub const QUESTIONS_MAX: usize = 64;

/// One question of a request: about whom, on whose consent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RequestQuestion {
    /// Whom it is about; one of the consent's subjects.
    pub subject: Document,
    /// The consent it rests on.
    pub consent: ConsentId,
    /// What is asked.
    pub question: Question,
}

/// A request in full.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerificationRequest {
    /// Its id.
    pub id: RequestId,
    /// Who asks.
    pub asker: PartyId,
    /// The unit that asks.
    pub unit: UnitId,
    /// Who is asked.
    pub holder: PartyId,
    /// What for.
    pub purpose: Purpose,
    /// The standard that the thresholds are taken from, such as `ZH-2026-v1`.
    pub standard: Short,
    /// The date the answers shall hold for.
    pub as_of: Date,
    /// The questions, numbered from 1 in this order.
    pub questions: Vec<RequestQuestion>,
}

/// A request was drafted and found within its consents. Own log only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestDrafted {
    /// The request.
    pub request: VerificationRequest,
}

/// A second person approved the request; it goes to the holder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestSubmitted {
    /// The request, as approved.
    pub request: VerificationRequest,
}

/// The holder checked the scope itself and accepted. For the asker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestAccepted {
    /// The request.
    pub request: RequestId,
    /// Who asked.
    pub asker: PartyId,
}

/// The holder refused the whole request. For the asker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestRefused {
    /// The request.
    pub request: RequestId,
    /// Who asked.
    pub asker: PartyId,
    /// The rule and the offending questions.
    pub refusal: Refusal,
}

/// A caseworker answered a question; not yet approved. Own log only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemAnswered {
    /// The request.
    pub request: RequestId,
    /// The question.
    pub question: LineNo,
    /// The answer.
    pub answer: Answer,
}

/// A second person approved the answers; they go to the asker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplySent {
    /// The request.
    pub request: RequestId,
    /// Who asked.
    pub asker: PartyId,
    /// The answers, by number of the question.
    pub answers: Vec<(LineNo, Answer)>,
}

/// The asker used the reply for a decision. For the holder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplyUsed {
    /// The request.
    pub request: RequestId,
    /// Who answered.
    pub holder: PartyId,
    /// What was decided, in words; the decision itself stays in the asker's own system.
    pub decision: Note,
}

impl Readers for RequestDrafted {}
impl Readers for ItemAnswered {}

impl Readers for RequestSubmitted {
    fn readers(&self) -> BTreeSet<PartyId> {
        BTreeSet::from([self.request.holder])
    }
}

macro_rules! read_by {
    ($($name:ident.$field:ident)*) => {$(
        impl Readers for $name {
            fn readers(&self) -> BTreeSet<PartyId> { BTreeSet::from([self.$field]) }
        }
    )*};
}
read_by!(RequestAccepted.asker RequestRefused.asker ReplySent.asker ReplyUsed.holder);
