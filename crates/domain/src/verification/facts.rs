//! What one party's log says about a verification request.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::id::{LineNo, PartyId, RequestId};
use crate::item::Answer;
use crate::refusal::RefusalCode;
use crate::verification::events::{
    AnswerRecalled, CLARIFICATIONS_MAX, CORRECTIONS_MAX, ClarificationAnswered, ClarificationRequested,
    CorrectionAcknowledged, DraftDiscarded, ItemAnswered, ItemAssigned, ReplyCorrected, ReplyOverdue, ReplyReminded,
    ReplySent, ReplyStep, ReplyUsed, RequestAccepted, RequestClosed, RequestDrafted, RequestRefused, RequestSubmitted,
    RequestWithdrawn, VerificationRequest,
};
use crate::view::{Facts, Said, Sides, Table};

/// One party's side of a request. Each field is set by the event it is named for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestFacts {
    /// Drafted here.
    pub drafted: Option<(RequestDrafted, Said)>,
    /// Submitted from here.
    pub submitted: Option<(RequestSubmitted, Said)>,
    /// Accepted here.
    pub accepted: Option<(RequestAccepted, Said)>,
    /// Refused here.
    pub refused: Option<(RequestRefused, Said)>,
    /// Assigned here; the last assignment of each question.
    pub assigned: BTreeMap<LineNo, (ItemAssigned, Said)>,
    /// Answered here; the last answer to each question. One given after the reply waits to be sent as a correction.
    pub answered: BTreeMap<LineNo, (ItemAnswered, Said)>,
    /// Replied from here: the answer to each question as it was first sent.
    pub replied: BTreeMap<LineNo, (Answer, Said)>,
    /// Corrected from here: the corrections of each answer in their order.
    pub corrected: BTreeMap<LineNo, Vec<(ReplyCorrected, Said)>>,
    /// Recalled from here.
    pub recalled: BTreeMap<LineNo, (AnswerRecalled, Said)>,
    /// Asked back from here, in order of the numbers.
    pub clarifications: Vec<(ClarificationRequested, Said)>,
    /// Answered from here what was asked back.
    pub clarified: BTreeMap<LineNo, (ClarificationAnswered, Said)>,
    /// Used here.
    pub used: Option<(ReplyUsed, Said)>,
    /// Corrections taken note of here; the last for each question.
    pub acknowledged: BTreeMap<LineNo, (CorrectionAcknowledged, Said)>,
    /// Withdrawn from here.
    pub withdrawn: Option<(RequestWithdrawn, Said)>,
    /// Closed from here.
    pub closed: Option<(RequestClosed, Said)>,
    /// Time limits missed here.
    pub overdue: BTreeMap<ReplyStep, (ReplyOverdue, Said)>,
    /// Reminders given here.
    pub reminded: BTreeMap<ReplyStep, (ReplyReminded, Said)>,
    /// Given up here before it was submitted.
    pub discarded: Option<(DraftDiscarded, Said)>,
    /// Refused here when it was to be drafted: the rule. There is no draft then.
    pub turned_away: Option<(RefusalCode, Said)>,
}

impl Facts for RequestFacts {
    type Id = RequestId;
    const TABLE: Table = Table::Request;
}

impl RequestFacts {
    pub(crate) fn drafted(&mut self, event: &RequestDrafted, said: Said) {
        self.drafted = Some((event.clone(), said));
    }
    pub(crate) fn submitted(&mut self, event: &RequestSubmitted, said: Said) {
        self.submitted = Some((event.clone(), said));
    }
    pub(crate) fn accepted(&mut self, event: &RequestAccepted, said: Said) {
        self.accepted = Some((event.clone(), said));
    }
    pub(crate) fn refused(&mut self, event: &RequestRefused, said: Said) {
        self.refused = Some((event.clone(), said));
    }
    pub(crate) fn assigned(&mut self, event: &ItemAssigned, said: Said) {
        self.assigned.insert(event.question, (event.clone(), said));
    }
    pub(crate) fn answered(&mut self, event: &ItemAnswered, said: Said) {
        self.answered.insert(event.question, (event.clone(), said));
    }
    pub(crate) fn replied(&mut self, event: &ReplySent, said: &Said) {
        for (no, answer) in &event.answers {
            self.replied.entry(*no).or_insert_with(|| (answer.clone(), said.clone()));
        }
    }
    pub(crate) fn corrected(&mut self, event: &ReplyCorrected, said: Said) {
        let corrections = self.corrected.entry(event.question).or_default();
        if corrections.len() < CORRECTIONS_MAX {
            corrections.push((event.clone(), said));
        }
    }
    pub(crate) fn recalled(&mut self, event: &AnswerRecalled, said: &Said) {
        for no in &event.questions {
            self.recalled.entry(*no).or_insert_with(|| (event.clone(), said.clone()));
        }
    }
    pub(crate) fn clarification(&mut self, event: &ClarificationRequested, said: Said) {
        if self.clarifications.len() < CLARIFICATIONS_MAX {
            self.clarifications.push((event.clone(), said));
        }
    }
    pub(crate) fn clarified(&mut self, event: &ClarificationAnswered, said: Said) {
        self.clarified.entry(event.clarification).or_insert_with(|| (event.clone(), said));
    }
    pub(crate) fn used(&mut self, event: &ReplyUsed, said: Said) {
        self.used = Some((event.clone(), said));
    }
    pub(crate) fn acknowledged(&mut self, event: &CorrectionAcknowledged, said: Said) {
        self.acknowledged.insert(event.question, (event.clone(), said));
    }
    pub(crate) fn withdrawn(&mut self, event: &RequestWithdrawn, said: Said) {
        self.withdrawn.get_or_insert((event.clone(), said));
    }
    pub(crate) fn closed(&mut self, event: &RequestClosed, said: Said) {
        self.closed.get_or_insert((event.clone(), said));
    }
    pub(crate) fn discarded(&mut self, event: &DraftDiscarded, said: Said) {
        self.discarded.get_or_insert((event.clone(), said));
    }
    pub(crate) fn turned_away(&mut self, code: RefusalCode, said: Said) {
        self.turned_away.get_or_insert((code, said));
    }
    pub(crate) fn overdue(&mut self, event: &ReplyOverdue, said: Said) {
        self.overdue.entry(event.step).or_insert_with(|| (event.clone(), said));
    }
    pub(crate) fn reminded(&mut self, event: &ReplyReminded, said: Said) {
        self.reminded.entry(event.step).or_insert_with(|| (event.clone(), said));
    }

    /// Returns the answer to a question as last sent: corrected or as first replied.
    #[must_use]
    pub fn sent(&self, no: LineNo) -> Option<(&Answer, &Said)> {
        let corrected = self.corrected.get(&no).and_then(|all| all.last());
        let corrected = corrected.map(|(corrected, said)| (&corrected.answer, said));
        corrected.or_else(|| self.replied.get(&no).map(|(answer, said)| (answer, said)))
    }

    /// Returns the answer to a question that waits for a second person: given after what was last sent.
    #[must_use]
    pub fn waiting(&self, no: LineNo) -> Option<&(ItemAnswered, Said)> {
        let sent = self.sent(no).map(|(_, said)| said.seq);
        self.answered.get(&no).filter(|(_, said)| sent.is_none_or(|sent| said.seq > sent))
    }
}

impl Sides<RequestFacts> {
    /// Tells whether a request of `me` was refused: when it was to be drafted, or by its holder.
    #[must_use]
    pub fn is_refused(&self, me: PartyId) -> bool {
        let turned_away = self.of(me).is_some_and(|own| own.turned_away.is_some() && own.drafted.is_none());
        let by_holder = self.submitted().filter(|(asker, _)| *asker == me);
        let refused = by_holder.and_then(|(_, request)| self.of(request.holder)).is_some_and(|f| f.refused.is_some());
        turned_away || refused
    }

    /// Returns the request as submitted, from its asker's log.
    #[must_use]
    pub fn submitted(&self) -> Option<(PartyId, &VerificationRequest)> {
        self.iter().find_map(|(party, facts)| {
            let (submitted, _) = facts.submitted.as_ref()?;
            (submitted.request.asker == party).then_some((party, &submitted.request))
        })
    }
}
