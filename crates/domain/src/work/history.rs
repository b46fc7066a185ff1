//! What happened to cases: one row for each entry that is a step of one. Every repetition of a step has its own.
//!
//! In scope: which events are steps of which case, and the rows. Out of scope: who may see them (`super::timeline`). A row
//! says what, who and when, and nothing of the content.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::agenda::Case;
use crate::case::CaseRef;
use crate::event::{Event, EventKind};
use crate::id::{ConsentId, PartyId};
use crate::refusal::RefusalCode;
use crate::view::{EntryId, Facts, Overlay, Rows, Said, Sides, Table, ViewError};

/// Returns what names a case among the rows of history; with an entry, it names a step.
fn thing(case: CaseRef) -> (u8, uuid::Uuid) {
    let kind = match case {
        CaseRef::Batch(_) => 1,
        CaseRef::Urgent(_) => 2,
        CaseRef::Consent(_) => 3,
        CaseRef::Verification(_) => 4,
        CaseRef::Meeting(_) => 5,
        CaseRef::Conference(_) => 6,
    };
    (kind, case.id())
}

/// One step of a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// What.
    pub kind: EventKind,
    /// Who did it, in which role, when, and where it stands in the log.
    pub said: Said,
    /// Of a refusal, the rule and what it was judged by.
    pub refused: Option<Refused>,
}

/// The rule of a refusal, and the consents it was judged by, each in its version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// The rule.
    pub code: RefusalCode,
    /// The consents ([`crate::consent::ConsentClaims::version`]).
    pub consents: BTreeMap<ConsentId, u16>,
}

/// Rows of history hold one step; none only before the first fold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryFacts(pub Option<Step>);

impl Facts for HistoryFacts {
    type Id = EntryId;
    const TABLE: Table = Table::History;
}

/// Returns every step of a case, each with the party whose log it is in.
pub(crate) fn steps_of(rows: &Rows<'_>, case: CaseRef) -> Result<Vec<(PartyId, Step)>, ViewError> {
    let steps = rows.starting::<HistoryFacts>(&EntryId::prefix(thing(case)))?.into_iter();
    let of_entry = |sides: Sides<HistoryFacts>| {
        sides.iter().filter_map(|(party, facts)| Some((party, facts.0.clone()?))).collect::<Vec<_>>()
    };
    Ok(steps.flat_map(|(_, sides)| of_entry(sides)).collect())
}

/// Writes the row of an event that is a step of a case.
pub(crate) fn note(rows: &mut Overlay<'_>, origin: PartyId, by: &Said, event: &Event) -> Result<(), ViewError> {
    let Some(case) = case_of(event) else { return Ok(()) };
    rows.fold::<HistoryFacts>(&EntryId::new(thing(case), by.seq), origin, |facts| {
        facts.0 = Some(Step { kind: event.kind(), said: by.clone(), refused: refused(event) });
    })
}

fn refused(event: &Event) -> Option<Refused> {
    if let Event::CommandRefused(e) = event {
        return Some(Refused { code: e.refusal.code, consents: e.consents.clone() });
    }
    if let Event::RequestRefused(e) = event {
        return Some(Refused { code: e.refusal.code, consents: e.consents.clone() });
    }
    None
}

/// Returns the case that an event is a step of; none for what belongs to no case that officers have a file of.
fn case_of(event: &Event) -> Option<CaseRef> {
    use CaseRef::{Batch, Conference, Consent, Meeting, Urgent, Verification};
    use Event as E;
    Some(match event {
        E::BatchPrepared(e) => Batch(e.batch),
        E::BatchApproved(e) => Batch(e.batch),
        E::BatchSent(e) => Batch(e.batch),
        E::BatchDelivered(e) => Batch(e.batch),
        E::EntryMatched(e) => Batch(e.batch),
        E::EntryDisputed(e) => Batch(e.batch),
        E::EntryCorrected(e) => Batch(e.batch),
        E::EntryWithdrawn(e) => Batch(e.batch),
        E::BatchAcknowledged(e) => Batch(e.batch),
        E::BatchReminded(e) => Batch(e.batch),
        E::BatchOverdue(e) => Batch(e.batch),
        E::BatchDiscarded(e) => Batch(e.batch),
        E::UrgentRaised(e) => Urgent(e.urgent),
        E::UrgentDelivered(e) => Urgent(e.urgent),
        E::UrgentAcked(e) => Urgent(e.urgent),
        E::UrgentTakenOver(e) => Urgent(e.urgent),
        E::ActionReported(e) => Urgent(e.urgent),
        E::UrgentClosed(e) => Urgent(e.urgent),
        E::JustificationFiled(e) => Urgent(e.urgent),
        E::JustificationReviewed(e) => Urgent(e.urgent),
        E::UrgentEscalated(e) => Urgent(e.urgent),
        E::UrgentActionOverdue(e) => Urgent(e.urgent),
        E::JustificationOverdue(e) => Urgent(e.urgent),
        E::UrgentRelayedByPhone(e) => Urgent(e.urgent),
        E::SubjectInformed(e) => Urgent(e.urgent),
        E::ConsentRecorded(e) => Consent(e.claims.id),
        E::ConsentGranted(e) => Consent(e.claims.id),
        E::ConsentRevoked(e) => Consent(e.consent),
        E::ConsentCompleted(e) => Consent(e.claims.id),
        E::ConsentClosed(e) => Consent(e.consent),
        E::ConsentExpired(e) => Consent(e.consent),
        E::ConsentReviewDue(e) => Consent(e.consent),
        E::ConsentDiscarded(e) => Consent(e.consent),
        E::LookupPermitted(e) => Consent(e.consent),
        E::RequestDrafted(e) => Verification(e.request.id),
        E::RequestSubmitted(e) => Verification(e.request.id),
        E::RequestAccepted(e) => Verification(e.request),
        E::RequestRefused(e) => Verification(e.request),
        E::ItemAnswered(e) => Verification(e.request),
        E::ReplySent(e) => Verification(e.request),
        E::ReplyUsed(e) => Verification(e.request),
        E::ItemAssigned(e) => Verification(e.request),
        E::ClarificationRequested(e) => Verification(e.request),
        E::ClarificationAnswered(e) => Verification(e.request),
        E::RequestWithdrawn(e) => Verification(e.request),
        E::RequestClosed(e) => Verification(e.request),
        E::ReplyCorrected(e) => Verification(e.request),
        E::CorrectionAcknowledged(e) => Verification(e.request),
        E::AnswerRecalled(e) => Verification(e.request),
        E::ReplyOverdue(e) => Verification(e.request),
        E::ReplyReminded(e) => Verification(e.request),
        E::DraftDiscarded(e) => Verification(e.request),
        E::CommandRefused(e) => Verification(e.request?), // a request that was turned away has no other step
        E::MeetingConvened(e) => Meeting(e.meeting),
        E::ResolutionProposed(e) => Meeting(e.meeting),
        E::ResolutionSigned(e) => Meeting(e.meeting),
        E::ActionClosed(e) => Meeting(e.meeting),
        E::EscalationDecided(e) => Meeting(e.meeting), // the case decided on finds it there
        E::CaseNominated(e) => Conference(e.conference),
        E::PartyInvited(e) => Conference(e.nomination.conference),
        E::ParticipantsNamed(e) => Conference(e.conference),
        E::OpinionSubmitted(e) => Conference(e.conference),
        E::CaseConcluded(e) => Conference(e.conference),
        E::FollowUpAssigned(e) => Conference(e.conference),
        E::FollowUpClosed(e) => Conference(e.conference),
        E::ClockAdjusted(e) => match e.case {
            Case::Batch(id) => Batch(id),
            Case::Urgent(id) => Urgent(id),
            Case::Consent(id) => Consent(id),
            Case::Request(id) => Verification(id),
            Case::Channel(_) | Case::MatchRun(_) | Case::Candidate(_) | Case::Routine(_) | Case::Basis(_) | Case::Erasure(_) => {
                return None;
            }
        },
        E::LookupAsked(_)
        | E::LookupDenied(_)
        | E::LookupAnswered(_)
        | E::LookupClosed(_)
        | E::RegisterImportStarted(_)
        | E::RegisterChunkImported(_)
        | E::RegisterImportCompleted(_)
        | E::AccessRecorded(_)
        | E::OfficerEnrolled(_)
        | E::OfficerAppointed(_)
        | E::AppointmentRevoked(_)
        | E::DutyDelegated(_)
        | E::DelegationEnded(_)
        | E::UnitRegistered(_)
        | E::ChannelProposed(_)
        | E::ChannelOpened(_)
        | E::ChannelSuspended(_)
        | E::ChannelResumed(_)
        | E::ChannelExpiring(_)
        | E::ChannelLapsed(_)
        | E::AgreementProposed(_)
        | E::AgreementSigned(_)
        | E::MandateRecorded(_)
        | E::MandateRevoked(_)
        | E::MatchRunProposed(_)
        | E::MatchRunAuthorised(_)
        | E::MatchRunBegun(_)
        | E::CandidateFound(_)
        | E::MatchRunExecuted(_)
        | E::MatchRunFailed(_)
        | E::MatchReviewTaken(_)
        | E::OverlapConfirmed(_)
        | E::OverlapDismissed(_)
        | E::OverlapAssessed(_)
        | E::HearingInvited(_)
        | E::StatementRecorded(_)
        | E::OwnDecisionNotified(_)
        | E::CandidateSealed(_)
        | E::TopicTabled(_)
        | E::TopicConcluded(_)
        | E::MemberAppointed(_)
        | E::MemberDismissed(_)
        | E::ProgressReported(_)
        | E::TaskCompleted(_)
        | E::ClosureDeclared(_)
        | E::BatchMissed(_)
        | E::PolicyStandardPublished(_)
        | E::KeyAdded(_)
        | E::KeyRetired(_)
        | E::KeyCompromised(_)
        | E::DisclosureSuppressed(_) // for data-protection officers and auditors, not for every reader of the file
        | E::SuppressionLifted(_)
        | E::LogRecovered(_)
        | E::ErasureProposed(_)
        | E::ErasureOrdered(_)
        | E::ErasureConfirmed(_)
        | E::ErasureOverdue(_) => return None,
    })
}
