//! Events of the verification (协查).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::event::Readers;
use crate::id::{ConsentId, LineNo, OfficerId, PartyId, RequestId, UnitId};
use crate::identity::Document;
use crate::item::{Answer, Question};
use crate::purpose::Purpose;
use crate::refusal::Refusal;
use crate::text::{Note, Short};
use crate::time::Date;

/// Most times a holder may ask back about one request. (A): each stops the clocks, and they may not stand for ever.
pub const CLARIFICATIONS_MAX: usize = 3;

/// Most corrections of one answer. (A): an answer that is wrong as often is to be refused or visited, and a peer must not make
/// the row grow for ever.
pub const CORRECTIONS_MAX: usize = 10;

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
    /// The refused request of the same asker that this one takes up again; none for one that is new.
    pub follows: Option<RequestId>,
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
    /// The consents that the request names, each in the version it was judged by
    /// ([`crate::consent::ConsentClaims::version`]); without those that are not known to the refuser.
    pub consents: BTreeMap<ConsentId, u16>,
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

/// A second person approved answers, not necessarily to all questions; they go to the asker.
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

/// The holder assigned a question to one of its officers. Own log only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemAssigned {
    /// The request.
    pub request: RequestId,
    /// The question.
    pub question: LineNo,
    /// Who shall answer it.
    pub officer: OfficerId,
}

/// The holder asked back; its clocks stand. For the asker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClarificationRequested {
    /// The request.
    pub request: RequestId,
    /// Who asked.
    pub asker: PartyId,
    /// Its number within the request, from 1.
    pub clarification: LineNo,
    /// What the holder needs to know.
    pub text: Note,
    /// The questions it is about; their clocks stand.
    pub questions: BTreeSet<LineNo>,
}

/// The asker answered what the holder asked back; the clocks go on. For the holder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClarificationAnswered {
    /// The request.
    pub request: RequestId,
    /// Who holds the data.
    pub holder: PartyId,
    /// The clarification's number.
    pub clarification: LineNo,
    /// The answer.
    pub answer: Note,
}

/// Why a request was withdrawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum WithdrawalReason {
    /// The asker needs it no longer.
    ByAsker,
    /// A clarification was not answered in time (`domain.md` §6.2).
    ClarificationNotAnswered,
}

/// The asker withdrew a request; nothing more is answered. For the holder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestWithdrawn {
    /// The request.
    pub request: RequestId,
    /// Who holds the data.
    pub holder: PartyId,
    /// Why.
    pub reason: WithdrawalReason,
}

/// The asker closed a request; nothing more is asked or answered on it. For the holder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestClosed {
    /// The request.
    pub request: RequestId,
    /// Who holds the data.
    pub holder: PartyId,
}

/// The holder corrected an answer it had sent; what was sent before stays in the log. For the asker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplyCorrected {
    /// The request.
    pub request: RequestId,
    /// Who asked.
    pub asker: PartyId,
    /// The question.
    pub question: LineNo,
    /// The answer that holds instead.
    pub answer: Answer,
    /// Why.
    pub reason: Note,
}

/// The asker took note of the corrections of an answer so far. For the holder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CorrectionAcknowledged {
    /// The request.
    pub request: RequestId,
    /// Who holds the data.
    pub holder: PartyId,
    /// The question.
    pub question: LineNo,
    /// How many corrections of it were known.
    pub corrections: u16,
}

/// Answers were sent when the person had withdrawn the consent already and the holder did not know (`domain.md` §7,
/// S4c). For the asker, whose readers are warned. Nothing is deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerRecalled {
    /// The request.
    pub request: RequestId,
    /// Who asked.
    pub asker: PartyId,
    /// The consent that was withdrawn.
    pub consent: ConsentId,
    /// The questions.
    pub questions: BTreeSet<LineNo>,
}

/// A step of the holder that has a time limit (`domain.md` §6.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ReplyStep {
    /// Accept or refuse.
    Decision,
    /// Answer the questions that a register tells.
    RegisterItems,
    /// Answer the questions that need a visit.
    VisitItems,
}

/// The holder missed a time limit, and says so itself; once for each step. For the asker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplyOverdue {
    /// The request.
    pub request: RequestId,
    /// Who asked.
    pub asker: PartyId,
    /// The step.
    pub step: ReplyStep,
}

/// The holder's officers were reminded of a time limit on its last day; once for each step. Own log only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplyReminded {
    /// The request.
    pub request: RequestId,
    /// The step.
    pub step: ReplyStep,
}

/// A request that was not submitted was given up. Own log only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftDiscarded {
    /// The request.
    pub request: RequestId,
    /// Why.
    pub reason: Note,
}

impl Readers for DraftDiscarded {}
impl Readers for RequestDrafted {}
impl Readers for ItemAnswered {}
impl Readers for ItemAssigned {}
impl Readers for ReplyReminded {}

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
read_by!(ClarificationRequested.asker ClarificationAnswered.holder RequestWithdrawn.holder RequestClosed.holder);
read_by!(ReplyCorrected.asker CorrectionAcknowledged.holder AnswerRecalled.asker ReplyOverdue.asker);
