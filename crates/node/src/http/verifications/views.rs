//! What is shown of verification requests.

use serde::Serialize;
use tongcha_domain::event::EventKind;
use tongcha_domain::id::{ConsentId, LineNo, OfficerId, PartyId, RequestId, UnitId};
use tongcha_domain::identity::Document;
use tongcha_domain::item::{Answer, Question};
use tongcha_domain::purpose::Purpose;
use tongcha_domain::text::{Note, Short};
use tongcha_domain::time::Date;
use tongcha_domain::verification::{RequestFacts, RequestQuestion, VerificationRequest};
use tongcha_domain::view::{Rows, Sides, ViewError};
use utoipa::ToSchema;

use crate::http::api::LIST_MAX;
use crate::http::wire::{Iso, RefusalBody, Step, at, said, steps};
use crate::http::worded::{Stated, code};

/// How far a request has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum VerificationState {
    /// Drafted, not approved.
    Drafted,
    /// Approved; at the holder.
    Submitted,
    /// Being answered.
    Accepted,
    /// Refused by the holder.
    Refused,
    /// Answered.
    Replied,
    /// Used for a decision.
    Used,
}

/// A request without its persons.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct VerificationSummary {
    id: RequestId,
    /// Who asks.
    asker: PartyId,
    /// The unit that asks.
    unit: UnitId,
    /// Who is asked.
    holder: PartyId,
    /// What for.
    purpose: Purpose,
    /// The standard that the thresholds are taken from.
    standard: Short,
    /// The date the answers shall hold for.
    #[schema(value_type = String, format = "date")]
    as_of: Date,
    state: VerificationState,
    /// How many questions there are.
    questions: u64,
    /// How many are answered; the asker sees answers only when all are approved.
    answered: u64,
    /// Why the holder refused.
    refusal: Option<RefusalBody>,
    drafted_at: Option<Iso>,
    submitted_at: Option<Iso>,
    accepted_at: Option<Iso>,
    replied_at: Option<Iso>,
}

impl Stated for VerificationSummary {
    const CASE: &'static str = "Verification";

    fn state(&self) -> String {
        code(&self.state)
    }
}

/// A request in full.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Verification {
    id: RequestId,
    /// Who asks.
    asker: PartyId,
    /// The unit that asks.
    unit: UnitId,
    /// Who is asked.
    holder: PartyId,
    /// What for.
    purpose: Purpose,
    /// The standard that the thresholds are taken from.
    standard: Short,
    /// The date the answers shall hold for.
    #[schema(value_type = String, format = "date")]
    as_of: Date,
    state: VerificationState,
    questions: Vec<QuestionSeen>,
    /// Why the holder refused.
    refusal: Option<RefusalBody>,
    /// What the reply was used for.
    decision: Option<Note>,
    /// What happened to the request as a whole.
    steps: Vec<Step>,
}

/// A question of a request.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct QuestionSeen {
    /// Its number.
    #[schema(value_type = u16)]
    no: LineNo,
    /// Whom it is about. Not shown to a holder that refused the request.
    subject: Option<Document>,
    /// The consent it rests on.
    consent: ConsentId,
    question: Question,
    /// The answer: as sent, or at the holder as last given.
    answer: Option<Answer>,
    /// The officer who answered; known at the holder only.
    answered_by: Option<OfficerId>,
}

/// A request as this party sees it.
struct Seen<'a> {
    me: PartyId,
    request: &'a VerificationRequest,
    asker: &'a RequestFacts,
    holder: Option<&'a RequestFacts>,
}

impl<'a> Seen<'a> {
    fn new(sides: &'a Sides<RequestFacts>, me: PartyId) -> Option<Self> {
        let drafted = || Some((me, &sides.of(me)?.drafted.as_ref()?.0.request));
        let (from, request) = sides.submitted().or_else(drafted)?;
        Some(Self { me, request, asker: sides.of(from)?, holder: sides.of(request.holder) })
    }

    fn state(&self) -> VerificationState {
        let holder = |said: fn(&RequestFacts) -> bool| self.holder.is_some_and(said);
        match (&self.asker.used, &self.asker.submitted) {
            (Some(_), _) => VerificationState::Used,
            (None, _) if holder(|facts| facts.replied.is_some()) => VerificationState::Replied,
            (None, _) if holder(|facts| facts.refused.is_some()) => VerificationState::Refused,
            (None, _) if holder(|facts| facts.accepted.is_some()) => VerificationState::Accepted,
            (None, Some(_)) => VerificationState::Submitted,
            (None, None) => VerificationState::Drafted,
        }
    }

    fn refusal(&self) -> Option<RefusalBody> {
        let (refused, _) = self.holder?.refused.as_ref()?;
        Some((&refused.refusal).into())
    }

    fn summary(&self) -> VerificationSummary {
        let VerificationRequest { id, asker, unit, holder, purpose, standard, as_of, questions } = self.request.clone();
        let answered = self.holder.map_or(0, |facts| match &facts.replied {
            Some((replied, _)) => replied.answers.len() as u64,
            None => facts.answered.len() as u64,
        });
        VerificationSummary {
            id,
            asker,
            unit,
            holder,
            purpose,
            standard,
            as_of,
            state: self.state(),
            questions: questions.len() as u64,
            answered,
            refusal: self.refusal(),
            drafted_at: at(self.asker.drafted.as_ref()),
            submitted_at: at(self.asker.submitted.as_ref()),
            accepted_at: self.holder.and_then(|facts| at(facts.accepted.as_ref())),
            replied_at: self.holder.and_then(|facts| at(facts.replied.as_ref())),
        }
    }

    fn question(&self, no: LineNo, asked: &RequestQuestion) -> QuestionSeen {
        let replied = self.holder.and_then(|facts| facts.replied.as_ref());
        let sent = replied.and_then(|(replied, _)| replied.answers.iter().find(|(question, _)| *question == no));
        let given = self.holder.and_then(|facts| facts.answered.get(&no));
        let refused_here = self.me == self.request.holder && self.holder.is_some_and(|facts| facts.refused.is_some());
        QuestionSeen {
            no,
            // A refused question is not the holder's business (domain.md §7, S4).
            subject: (!refused_here).then(|| asked.subject.clone()),
            consent: asked.consent,
            question: asked.question.clone(),
            answer: sent.map(|(_, answer)| answer).or(given.map(|(given, _)| &given.answer)).cloned(),
            answered_by: given.map(|(_, said)| said.by.clone()),
        }
    }

    fn full(&self) -> Verification {
        let VerificationRequest { id, asker, unit, holder, purpose, standard, as_of, questions } = self.request.clone();
        let theirs = |kind, said: fn(&RequestFacts) -> Option<&tongcha_domain::view::Said>| {
            (kind, holder, self.holder.and_then(said))
        };
        let taken = [
            (EventKind::RequestDrafted, asker, said(self.asker.drafted.as_ref())),
            (EventKind::RequestSubmitted, asker, said(self.asker.submitted.as_ref())),
            theirs(EventKind::RequestAccepted, |facts| said(facts.accepted.as_ref())),
            theirs(EventKind::RequestRefused, |facts| said(facts.refused.as_ref())),
            theirs(EventKind::ReplySent, |facts| said(facts.replied.as_ref())),
            (EventKind::ReplyUsed, asker, said(self.asker.used.as_ref())),
        ];
        Verification {
            id,
            asker,
            unit,
            holder,
            purpose,
            standard,
            as_of,
            state: self.state(),
            questions: (1..).zip(&questions).map(|(no, asked)| self.question(no, asked)).collect(),
            refusal: self.refusal(),
            decision: self.asker.used.as_ref().map(|(used, _)| used.decision.clone()),
            steps: steps(taken),
        }
    }
}

/// Lists the requests this party knows, the newest first.
pub(super) fn list(rows: &Rows<'_>, me: PartyId) -> Result<Vec<VerificationSummary>, ViewError> {
    let all = rows.all::<RequestFacts>()?;
    let mut list: Vec<_> = all.iter().filter_map(|(_, sides)| Some(Seen::new(sides, me)?.summary())).collect();
    list.sort_by_key(|request| std::cmp::Reverse(request.drafted_at.max(request.submitted_at)));
    list.truncate(LIST_MAX);
    Ok(list)
}

/// Finds a request this party knows.
pub(super) fn find(rows: &Rows<'_>, me: PartyId, id: RequestId) -> Result<Option<Verification>, ViewError> {
    Ok(Seen::new(&rows.sides(&id)?, me).map(|seen| seen.full()))
}
