//! The steps that wait in notices, urgent notices, consents and verification requests. One function for each case.

use crate::case::CaseRef;
use crate::command::CommandKind;
use crate::consent::ConsentFacts;
use crate::id::{BatchId, ConsentId, PartyId, RequestId, UrgentId};
use crate::item::Item;
use crate::notice::{BatchFacts, EntryStatus, SentBatch};
use crate::time::{Date, Instant, Period};
use crate::urgent::{UrgentCase, UrgentFacts};
use crate::verification::{RequestFacts, VerificationRequest};
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
    let Some(facts) = sides.of(me) else { return Ok(Vec::new()) };
    let Some((prepared, drafted)) = facts.prepared.as_ref() else { return Ok(Vec::new()) };
    let limit = limits.figures([me, prepared.to])?.routine_batch;
    let due = day_before(prepared.period).map(|start| limits.working_days(limit, [me, prepared.to], start));
    let due = due.or(Some(WorkDue::Unknown));
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
    let limit = limits.figures([batch.from, to])?.batch_acknowledgement;
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
        let figures = limits.figures([notice.from, notice.from])?;
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
        let figures = limits.figures([notice.from, *party])?;
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
    let facts = sides.of(me).filter(|facts| facts.granted.is_none() && facts.revoked.is_none())?;
    let (recorded, said) = facts.recorded.as_ref().filter(|(recorded, _)| now < recorded.claims.not_after)?;
    let end = WorkDue::At(recorded.claims.not_after.plus_us(-1)); // later nobody can countersign
    let waiting = Waiting::new(CaseRef::Consent(id), CommandKind::CountersignConsent, me, said.at);
    Some(waiting.second_person([said]).due(Some(end)))
}

pub(super) fn steps_of_request(
    limits: &Limits<'_>,
    id: RequestId,
    sides: &Sides<RequestFacts>,
) -> Result<Vec<Waiting>, ViewError> {
    let (me, case) = (limits.outlook.me, CaseRef::Verification(id));
    let Some((asker, request)) = sides.submitted() else {
        let drafted = sides.of(me).and_then(|facts| facts.drafted.as_ref()).map(|(_, said)| said);
        let submit = |said: &Said| Waiting::new(case, CommandKind::SubmitRequest, me, said.at).second_person([said]);
        return Ok(drafted.map(submit).into_iter().collect());
    };
    let holder = request.holder;
    if me != asker && me != holder {
        return Ok(Vec::new());
    }
    let submitted = sides.of(asker).and_then(|facts| facts.submitted.as_ref()).map(|(_, said)| said.at);
    let figures = limits.figures([asker, holder])?;
    let Some(side) = sides.of(holder).filter(|side| side.accepted.is_some() || side.refused.is_some()) else {
        let since = submitted.unwrap_or_default();
        let due = limits.working_days(figures.verification_decision, [asker, holder], since);
        return Ok(vec![Waiting::new(case, CommandKind::AcceptRequest, holder, since).due(Some(due))]);
    };
    let ended = sides.of(asker).is_some_and(|facts| facts.withdrawn.is_some() || facts.closed.is_some());
    if ended {
        return Ok(Vec::new());
    }
    if side.replied.len() == request.questions.len() {
        let used = sides.of(asker).is_some_and(|facts| facts.used.is_some());
        let last = side.replied.values().map(|(_, said)| said.at).max().unwrap_or_default();
        let use_it = Waiting::new(case, CommandKind::RecordReplyUse, asker, last);
        return Ok((!used).then_some(use_it).into_iter().collect());
    }
    let Some((_, accepted)) = side.accepted.as_ref().filter(|_| side.refused.is_none()) else { return Ok(Vec::new()) };
    let visit = request.questions.iter().any(|asked| asked.question.item == Item::LivingVisit);
    let limit = if visit { figures.visit_items } else { figures.register_items };
    let due = limits.working_days(limit, [asker, holder], accepted.at);
    Ok(vec![answering(me, case, request, side, accepted).due(Some(due))])
}

/// The answers, or their approval. Only the holder knows which: until the reply the asker is told of none.
fn answering(
    me: PartyId,
    case: CaseRef,
    request: &VerificationRequest,
    side: &RequestFacts,
    accepted: &Said,
) -> Waiting {
    let answered: Vec<&Said> = side.answered.values().map(|(_, said)| said).collect();
    if me == request.holder && answered.len() < request.questions.len() {
        return Waiting::new(case, CommandKind::AnswerItem, request.holder, accepted.at);
    }
    let since = answered.iter().map(|said| said.at).max().unwrap_or(accepted.at);
    Waiting::new(case, CommandKind::SendReply, request.holder, since).second_person(answered)
}
