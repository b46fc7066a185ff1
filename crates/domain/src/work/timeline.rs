//! The case file: what happened to a case on both sides, in order of time. No personal data, no content.
//!
//! Made of the facts, so of a step that may be repeated (matching an entry, answering a question, a list of
//! participants) it shows the last; every one of them is in the log.

use crate::access::Sight;
use crate::case::CaseRef;
use crate::conference::ConferenceFacts;
use crate::consent::ConsentFacts;
use crate::event::EventKind;
use crate::id::PartyId;
use crate::meeting::{Meeting, MeetingFacts};
use crate::notice::BatchFacts;
use crate::officer::Actor;
use crate::time::Instant;
use crate::urgent::UrgentFacts;
use crate::verification::RequestFacts;
use crate::view::{Rows, Said, Sides, ViewError};

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happened {
    /// What.
    pub kind: EventKind,
    /// In whose log.
    pub party: PartyId,
    /// Who did it, in which role, when, and where it stands in that log.
    pub said: Said,
}

struct File(Vec<Happened>);

impl File {
    fn add<'a>(&mut self, kind: EventKind, party: PartyId, said: impl IntoIterator<Item = &'a Said>) {
        self.0.extend(said.into_iter().map(|said| Happened { kind, party, said: said.clone() }));
    }

    /// Adds the events that were said with their content.
    fn told<'a, T: 'a>(&mut self, kind: EventKind, party: PartyId, facts: impl IntoIterator<Item = &'a (T, Said)>) {
        self.add(kind, party, facts.into_iter().map(|(_, said)| said));
    }
}

fn of_batch(file: &mut File, party: PartyId, facts: &BatchFacts) {
    file.told(EventKind::BatchPrepared, party, &facts.prepared);
    file.told(EventKind::BatchApproved, party, &facts.approved);
    file.told(EventKind::BatchSent, party, &facts.sent);
    file.told(EventKind::BatchDelivered, party, &facts.delivered);
    file.told(EventKind::EntryMatched, party, facts.matched.values());
    file.told(EventKind::EntryDisputed, party, facts.disputed.values());
    file.add(EventKind::EntryCorrected, party, facts.corrected.values().map(|corrected| &corrected.said));
    file.told(EventKind::EntryWithdrawn, party, facts.withdrawn.values());
    file.told(EventKind::BatchAcknowledged, party, &facts.acknowledged);
}

fn of_urgent(file: &mut File, party: PartyId, facts: &UrgentFacts) {
    file.told(EventKind::UrgentRaised, party, &facts.raised);
    file.told(EventKind::UrgentDelivered, party, &facts.delivered);
    file.add(EventKind::UrgentAcked, party, &facts.acked);
    file.add(EventKind::UrgentTakenOver, party, &facts.taken_over);
    file.told(EventKind::ActionReported, party, &facts.actions);
    file.told(EventKind::UrgentClosed, party, &facts.closed);
    file.told(EventKind::JustificationFiled, party, &facts.justified);
    file.told(EventKind::JustificationReviewed, party, &facts.reviewed);
}

fn of_consent(file: &mut File, party: PartyId, facts: &ConsentFacts) {
    file.told(EventKind::ConsentRecorded, party, &facts.recorded);
    file.told(EventKind::ConsentGranted, party, &facts.granted);
    file.told(EventKind::ConsentRevoked, party, &facts.revoked);
    file.add(EventKind::LookupPermitted, party, &facts.last_use);
}

fn of_request(file: &mut File, party: PartyId, facts: &RequestFacts) {
    file.told(EventKind::RequestDrafted, party, &facts.drafted);
    file.told(EventKind::RequestSubmitted, party, &facts.submitted);
    file.told(EventKind::RequestAccepted, party, &facts.accepted);
    file.told(EventKind::RequestRefused, party, &facts.refused);
    file.told(EventKind::ItemAnswered, party, facts.answered.values());
    file.told(EventKind::ItemAssigned, party, facts.assigned.values());
    file.told(EventKind::ClarificationRequested, party, &facts.clarifications);
    file.told(EventKind::ClarificationAnswered, party, facts.clarified.values());
    file.told(EventKind::ReplySent, party, facts.replied.values());
    file.told(EventKind::ReplyCorrected, party, facts.corrected.values().flatten());
    file.told(EventKind::CorrectionAcknowledged, party, facts.acknowledged.values());
    file.told(EventKind::AnswerRecalled, party, facts.recalled.values());
    file.told(EventKind::ReplyReminded, party, facts.reminded.values());
    file.told(EventKind::ReplyOverdue, party, facts.overdue.values());
    file.told(EventKind::RequestWithdrawn, party, &facts.withdrawn);
    file.told(EventKind::RequestClosed, party, &facts.closed);
    file.told(EventKind::ReplyUsed, party, &facts.used);
}

fn of_meeting(file: &mut File, meeting: &Meeting<'_>) {
    for (party, facts) in meeting.sides() {
        if party == meeting.convener {
            file.told(EventKind::MeetingConvened, party, &facts.convened);
            file.told(EventKind::EscalationDecided, party, facts.decided.values());
        }
        file.told(EventKind::ResolutionProposed, party, facts.proposed.values());
        file.told(EventKind::ResolutionSigned, party, facts.signed.values());
        file.told(EventKind::ActionClosed, party, facts.closed.values());
    }
}

fn of_conference(file: &mut File, from: PartyId, party: PartyId, facts: &ConferenceFacts) {
    if party == from {
        file.told(EventKind::CaseNominated, party, &facts.nominated);
        file.add(EventKind::PartyInvited, party, facts.invited.values());
        file.told(EventKind::CaseConcluded, party, &facts.concluded);
        file.told(EventKind::FollowUpAssigned, party, facts.assigned.values());
    }
    file.told(EventKind::ParticipantsNamed, party, &facts.named);
    file.told(EventKind::OpinionSubmitted, party, &facts.opinions);
    file.told(EventKind::FollowUpClosed, party, facts.closed.values());
}

/// Returns the file of a case, oldest first; none when the party is not told of it, or the officer does not need to know
/// or is not cleared for the minor it is about.
///
/// # Errors
/// When a row can't be read.
pub fn timeline(
    rows: &Rows<'_>,
    me: PartyId,
    actor: &Actor,
    case: CaseRef,
    now: Instant,
) -> Result<Option<Vec<Happened>>, ViewError> {
    if !Sight::of(*rows, me, &actor.officer, now)?.may_know(case)? {
        return Ok(None);
    }
    let mut file = File(Vec::new());
    match case {
        CaseRef::Batch(id) => {
            let sides: Sides<BatchFacts> = rows.sides(&id)?;
            let other = sides.sent_by(me).map(|batch| batch.sent.to);
            let from = sides.received_by(me).map(|batch| batch.from);
            let parties = [Some(me), other, from];
            each(&sides, |party| parties.contains(&Some(party)), |party, facts| of_batch(&mut file, party, facts));
        }
        CaseRef::Urgent(id) => {
            let sides: Sides<UrgentFacts> = rows.sides(&id)?;
            if let Some(notice) = sides.concerning(me) {
                let parties = notice.others(me);
                let of = |party| party == me || parties.contains(&party);
                each(&sides, of, |party, facts| of_urgent(&mut file, party, facts));
            }
        }
        CaseRef::Consent(id) => {
            let sides: Sides<ConsentFacts> = rows.sides(&id)?;
            let parties = sides.granted().map(|granted| granted.claims.parties()).unwrap_or_default();
            let of = |party| party == me || parties.contains(&party);
            each(&sides, of, |party, facts| of_consent(&mut file, party, facts));
        }
        CaseRef::Verification(id) => {
            let sides: Sides<RequestFacts> = rows.sides(&id)?;
            let parties = sides.submitted().map_or([me, me], |(asker, request)| [asker, request.holder]);
            let of = |party| party == me || parties.contains(&party);
            each(&sides, of, |party, facts| of_request(&mut file, party, facts));
        }
        CaseRef::Meeting(id) => {
            let sides: Sides<MeetingFacts> = rows.sides(&id)?;
            if let Some(meeting) = sides.meeting(me) {
                of_meeting(&mut file, &meeting);
            }
        }
        CaseRef::Conference(id) => {
            let sides: Sides<ConferenceFacts> = rows.sides(&id)?;
            if let Some(found) = sides.conference(me).filter(|found| found.is_open_to(me, &actor.officer)) {
                found.sides().for_each(|(party, facts)| of_conference(&mut file, found.from, party, facts));
            }
        }
    }
    if file.0.is_empty() {
        return Ok(None);
    }
    escalations(rows, me, case, &mut file)?;
    file.0.sort_by_key(|step| (step.said.at, step.party, step.said.seq));
    Ok(Some(file.0))
}

fn each<F>(sides: &Sides<F>, of: impl Fn(PartyId) -> bool, mut add: impl FnMut(PartyId, &F)) {
    sides.iter().filter(|(party, _)| of(*party)).for_each(|(party, facts)| add(party, facts));
}

/// What the leading group decided on the case.
fn escalations(rows: &Rows<'_>, me: PartyId, case: CaseRef, file: &mut File) -> Result<(), ViewError> {
    for (_, sides) in rows.all::<MeetingFacts>()? {
        let Some(meeting) = sides.meeting(me) else { continue };
        let decided = meeting.decisions().filter(|(decided, _)| decided.case == case);
        file.told(EventKind::EscalationDecided, meeting.convener, decided);
    }
    Ok(())
}

/// Returns every case there is here.
pub(super) fn every_case(rows: &Rows<'_>) -> Result<Vec<CaseRef>, ViewError> {
    let mut cases: Vec<CaseRef> = Vec::new();
    cases.extend(rows.all::<BatchFacts>()?.into_iter().map(|(id, _)| CaseRef::Batch(id)));
    cases.extend(rows.all::<UrgentFacts>()?.into_iter().map(|(id, _)| CaseRef::Urgent(id)));
    cases.extend(rows.all::<ConsentFacts>()?.into_iter().map(|(id, _)| CaseRef::Consent(id)));
    cases.extend(rows.all::<RequestFacts>()?.into_iter().map(|(id, _)| CaseRef::Verification(id)));
    cases.extend(rows.all::<MeetingFacts>()?.into_iter().map(|(id, _)| CaseRef::Meeting(id)));
    cases.extend(rows.all::<ConferenceFacts>()?.into_iter().map(|(id, _)| CaseRef::Conference(id)));
    Ok(cases)
}
