//! The steps that wait in notices, urgent notices, consents and verification requests. One function for each case.

use std::collections::BTreeSet;

use crate::case::CaseRef;
use crate::clock::Due;
use crate::command::CommandKind;
use crate::consent::{ConsentFacts, lacking};
use crate::id::{BatchId, ConsentId, LineNo, OfficerId, PartyId, RequestId, UrgentId};
use crate::notice::{BatchFacts, EntryStatus, SentBatch};
use crate::time::{Date, Instant, Period};
use crate::urgent::{UrgentCase, UrgentFacts};
use crate::verification::{Deadlines, ReplyClock, RequestFacts, RequestState, VerificationRequest, earlier};
use crate::view::{Said, Sides, ViewError};
use crate::work::{Limits, Waiting, WorkDue};

/// The day before a month: from there the working days of its batch are counted.
fn day_before(month: Period) -> Option<Instant> {
    let first: Date = format!("{month}-01").parse().ok()?;
    crate::clock::end_of_day(first.yesterday().ok()?)
}

pub(super) fn steps_of_batch(
    limits: &Limits<'_>,
    id: BatchId,
    sides: &Sides<BatchFacts>,
) -> Result<Vec<Waiting>, ViewError> {
    let me = limits.outlook.me;
    if let Some(sent) = sides.sent_by(me).or_else(|| sides.received_by(me)) {
        return steps_of_sent(limits, id, &sent);
    }
    let Some(facts) = sides.of(me).filter(|facts| facts.discarded.is_none()) else { return Ok(Vec::new()) };
    let Some((prepared, drafted)) = facts.prepared.as_ref() else { return Ok(Vec::new()) };
    let due = match day_before(prepared.period) {
        None => WorkDue::Unknown,
        Some(start) => {
            let first = start.plus_us(1); // the month's own figures
            let limit = limits.figures([me, prepared.to], first)?.routine_batch;
            limits.working_days(limit, [me, prepared.to], start)
        }
    };
    let due = Some(due);
    let case = CaseRef::Batch(id);
    Ok(vec![match &facts.approved {
        None => Waiting::new(case, CommandKind::ApproveBatch, me, drafted.at).second_person([drafted]).due(due),
        Some((_, approved)) => Waiting::new(case, CommandKind::SendBatch, me, approved.at).due(due),
    }])
}

fn steps_of_sent(limits: &Limits<'_>, id: BatchId, batch: &SentBatch<'_>) -> Result<Vec<Waiting>, ViewError> {
    let (case, to) = (CaseRef::Batch(id), batch.sent.to);
    let sent_at = batch.sender.sent.as_ref().map_or(Instant::default(), |(_, said)| said.at);
    let delivered = batch.addressee.and_then(|side| side.delivered.as_ref()).map(|(_, said)| said.at);
    let acknowledged = batch.addressee.is_some_and(|side| side.acknowledged.is_some());
    // The limit is to acknowledge, from the delivery; once that is done a corrected entry has none.
    let limit = limits.figures([batch.from, to], delivered.unwrap_or(sent_at))?.batch_acknowledgement;
    let due = delivered.filter(|_| !acknowledged);
    let due = due.map(|at| limits.working_days(limit, [batch.from, to], at));
    let mut waiting = Vec::new();
    let with = |status| batch.unsettled().filter(move |no| batch.status(*no) == Some(status));
    if let Some(corrected) = with(EntryStatus::Open).map(|no| batch.sender.corrected.get(&no)).next() {
        let since = corrected.map_or(delivered.unwrap_or(sent_at), |corrected| corrected.said.at);
        waiting.push(Waiting::new(case, CommandKind::MatchEntry, to, since).due(due));
    }
    let disputed = batch
        .addressee
        .into_iter()
        .flat_map(|side| with(EntryStatus::Disputed).filter_map(|no| side.disputed.get(&no)).map(|(_, said)| said.at));
    if let Some(since) = disputed.min() {
        waiting.push(Waiting::new(case, CommandKind::CorrectEntry, batch.from, since).due(due));
    }
    if waiting.is_empty() && !acknowledged {
        let since = delivered.unwrap_or(sent_at);
        waiting.push(Waiting::new(case, CommandKind::AcknowledgeBatch, to, since).due(due));
    }
    Ok(waiting)
}

pub(super) fn steps_of_urgent(
    limits: &Limits<'_>,
    id: UrgentId,
    sides: &Sides<UrgentFacts>,
) -> Result<Vec<Waiting>, ViewError> {
    let Some(notice) = sides.concerning(limits.outlook.me) else { return Ok(Vec::new()) };
    let case = CaseRef::Urgent(id);
    let sender = notice.sender;
    let Some((_, closed)) = &sender.closed else { return steps_of_open(limits, case, &notice) };
    let Some((_, justified)) = &sender.justified else {
        let figures = limits.figures([notice.from, notice.from], closed.at)?;
        let due = limits.working_days(figures.urgent_justification, [notice.from, notice.from], closed.at);
        let waiting = Waiting::new(case, CommandKind::FileJustification, notice.from, closed.at);
        return Ok(vec![waiting.due(Some(due))]);
    };
    if sender.reviewed.is_some() {
        return Ok(Vec::new());
    }
    let raised = sender.raised.as_ref().map(|(_, said)| said);
    let review = Waiting::new(case, CommandKind::ReviewJustification, notice.from, justified.at);
    Ok(vec![review.second_person(raised.into_iter().chain([justified]))])
}

fn steps_of_open(limits: &Limits<'_>, case: CaseRef, notice: &UrgentCase<'_>) -> Result<Vec<Waiting>, ViewError> {
    let raised = notice.sender.raised.as_ref().map_or(Instant::default(), |(_, said)| said.at);
    let takers: Vec<PartyId> = notice.taken_over_by().collect();
    let mut waiting = Vec::new();
    for party in &notice.raised.to {
        let figures = limits.figures([notice.from, *party], raised)?;
        let side = notice.addressee(*party);
        let acted = side.is_some_and(|side| !side.actions.is_empty());
        let action = || limits.minutes(figures.urgent_action_minutes, raised);
        match (side.and_then(|side| side.acked.as_ref()), side.and_then(|side| side.taken_over.as_ref())) {
            (None, None) => {
                let due = limits.minutes(figures.urgent_ack_minutes, raised);
                waiting.push(Waiting::new(case, CommandKind::AckUrgent, *party, raised).due(Some(due)));
            }
            (Some(acked), None) if takers.is_empty() => {
                waiting.push(Waiting::new(case, CommandKind::TakeOver, *party, acked.at).due(Some(action())));
            }
            (_, Some(taken)) if !acted => {
                waiting.push(Waiting::new(case, CommandKind::ReportAction, *party, taken.at).due(Some(action())));
            }
            (Some(_), None) | (_, Some(_)) => {}
        }
    }
    let sides = notice.raised.to.iter().filter_map(|party| notice.addressee(*party));
    if let Some(since) = sides.flat_map(|side| &side.actions).map(|(_, said)| said.at).max() {
        waiting.push(Waiting::new(case, CommandKind::StandDown, notice.from, since));
    }
    Ok(waiting)
}

pub(super) fn steps_of_consent(
    me: PartyId,
    id: ConsentId,
    sides: &Sides<ConsentFacts>,
    now: Instant,
) -> Option<Waiting> {
    let facts = sides.of(me).filter(|facts| facts.granted.is_none() && !facts.is_given_up())?;
    let (_, said) = facts.recorded.as_ref()?;
    // Withdrawn from by somebody, or over: nobody can countersign it any more.
    let letter = facts.letter().filter(|letter| facts.revoked_first().is_none() && now < letter.not_after)?;
    let (case, end) = (CaseRef::Consent(id), WorkDue::At(letter.not_after.plus_us(-1)));
    if !lacking(letter).is_empty() {
        return Some(Waiting::new(case, CommandKind::CompleteConsent, me, said.at).due(Some(end)));
    }
    let typed = || facts.completed.iter().map(|(_, said)| said).chain([said]);
    let since = typed().map(|said| said.at).max().unwrap_or(said.at);
    Some(Waiting::new(case, CommandKind::CountersignConsent, me, since).second_person(typed()).due(Some(end)))
}

pub(super) fn steps_of_request(
    limits: &Limits<'_>,
    id: RequestId,
    sides: &Sides<RequestFacts>,
) -> Result<Vec<Waiting>, ViewError> {
    let (me, case) = (limits.outlook.me, CaseRef::Verification(id));
    let Some((asker, request)) = sides.submitted() else {
        let own = sides.of(me).filter(|facts| facts.discarded.is_none());
        let drafted = own.and_then(|facts| facts.drafted.as_ref()).map(|(_, said)| said);
        let submit = |said: &Said| Waiting::new(case, CommandKind::SubmitRequest, me, said.at).second_person([said]);
        return Ok(drafted.map(submit).into_iter().collect());
    };
    if me != asker && me != request.holder {
        return Ok(Vec::new());
    }
    let state = RequestState::load(&limits.outlook.rows, id)?;
    if state.has_ended() {
        return Ok(Vec::new());
    }
    let deadlines = Deadlines::load(&limits.outlook.rows, request)?;
    let asked = Asked { me, case, asker, request, state: &state, deadlines: &deadlines };
    Ok([asked.clarification(), asked.next(), asked.corrections()].concat())
}

/// A submitted request that has not ended.
struct Asked<'a> {
    me: PartyId,
    case: CaseRef,
    asker: PartyId,
    request: &'a VerificationRequest,
    state: &'a RequestState,
    deadlines: &'a Deadlines,
}

impl<'a> Asked<'a> {
    fn step(&self, step: CommandKind, whose: PartyId, since: Instant) -> Waiting {
        Waiting::new(self.case, step, whose, since)
    }

    fn holder(&self) -> Option<&'a RequestFacts> {
        self.state.sides().of(self.request.holder)
    }

    /// What the holder asked back, while it waits for the asker.
    fn clarification(&self) -> Vec<Waiting> {
        let Some((_, said)) = self.state.open_clarification() else { return Vec::new() };
        let due = self.state.clarification_due(self.deadlines).map(|(_, due)| due.into());
        vec![self.step(CommandKind::AnswerClarification, self.asker, said.at).due(due)]
    }

    /// The holder's next step, or the asker's when nothing is open. What a clarification is about waits for the asker: it
    /// is no work of the holder's meanwhile, and not late.
    fn next(&self) -> Vec<Waiting> {
        let holder = self.request.holder;
        let paused = self.state.open_clarification().map(|(asked, _)| &asked.questions);
        let Some((_, accepted)) = self.holder().and_then(|facts| facts.accepted.as_ref()) else {
            let submitted = self.state.sides().of(self.asker).and_then(|facts| facts.submitted.as_ref());
            let since = submitted.map_or(Instant::default(), |(_, said)| said.at);
            let due = self.state.clocks(self.deadlines).first().map(|clock| clock.due.into());
            let decide = self.step(CommandKind::AcceptRequest, holder, since).due(due);
            return if paused.is_none() { vec![decide] } else { Vec::new() };
        };
        let open = self.state.question_clocks(self.deadlines);
        if open.is_empty() {
            return self.use_of_reply();
        }
        let waits = |(no, _): &(&LineNo, &ReplyClock)| paused.is_none_or(|paused| !paused.contains(no));
        let (questions, dues): (Vec<LineNo>, Vec<Due>) =
            open.iter().filter(waits).map(|(no, clock)| (*no, clock.due)).unzip();
        let Some(due) = dues.into_iter().reduce(earlier) else { return Vec::new() };
        vec![self.answering(&questions, accepted).due(Some(due.into()))]
    }

    /// The answers to these questions, or their approval. Only the holder knows which: until the reply the asker is told of
    /// none.
    fn answering(&self, questions: &[LineNo], accepted: &Said) -> Waiting {
        let side = self.holder();
        let given = |no: &LineNo| side.and_then(|side| side.answered.get(no)).map(|(_, said)| said);
        let missing: Vec<LineNo> = questions.iter().copied().filter(|no| given(no).is_none()).collect();
        if self.me == self.request.holder && !missing.is_empty() {
            let step = self.step(CommandKind::AnswerItem, self.request.holder, accepted.at);
            let assigned = |no: &LineNo| Some(side?.assigned.get(no)?.0.officer.clone());
            // Some are anybody's, or all are somebody's.
            let officers: Option<BTreeSet<OfficerId>> = missing.iter().map(assigned).collect();
            return if officers.is_some() { step.only(officers.as_ref()) } else { step };
        }
        let answered: Vec<&Said> = questions.iter().filter_map(given).collect();
        let since = answered.iter().map(|said| said.at).max().unwrap_or(accepted.at);
        self.step(CommandKind::SendReply, self.request.holder, since).second_person(answered)
    }

    fn use_of_reply(&self) -> Vec<Waiting> {
        let used = self.state.sides().of(self.asker).is_some_and(|facts| facts.used.is_some());
        let last = self.holder().and_then(|side| side.replied.values().map(|(_, said)| said.at).max());
        let use_it = last.filter(|_| !used).map(|since| self.step(CommandKind::RecordReplyUse, self.asker, since));
        use_it.into_iter().collect()
    }

    /// A correction that waits for a second person at the holder, and one that the asker has used and not noted.
    fn corrections(&self) -> Vec<Waiting> {
        let (Some(side), asker) = (self.holder(), self.state.sides().of(self.asker)) else { return Vec::new() };
        let proposed = side.replied.keys().filter(|_| self.me == self.request.holder);
        let proposed = proposed.filter_map(|no| side.waiting(*no)).map(|(_, said)| said);
        let send = proposed
            .map(|said| self.step(CommandKind::CorrectReply, self.request.holder, said.at).second_person([said]));
        let noted = |no: &LineNo| {
            let noted = asker.and_then(|facts| facts.acknowledged.get(no));
            noted.map_or(0, |(noted, _)| usize::from(noted.corrections))
        };
        let used = asker.is_some_and(|facts| facts.used.is_some());
        let unseen = side.corrected.iter().filter(|(no, all)| used && all.len() > noted(no));
        let unseen = unseen.filter_map(|(_, all)| all.last()).map(|(_, said)| said.at);
        let note = unseen.map(|since| self.step(CommandKind::AcknowledgeCorrection, self.asker, since));
        send.chain(note).collect()
    }
}
