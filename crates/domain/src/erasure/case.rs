//! The case that an entry which names a person belongs to.

use crate::case::CaseRef;
use crate::event::Event;

/// Returns the case of an event that holds persons' data; none when it holds none, or stands alone: a lookup, a read, a
/// mandate, a chunk of the register, a refusal, a candidate. What takes back or corrects belongs to the same case as
/// what it takes back, so that the one is never erased under the other ([`crate::erasure::ListedEntry::after`]).
#[must_use]
pub fn case_of(event: &Event) -> Option<CaseRef> {
    use Event as E;
    match event {
        E::BatchPrepared(e) => Some(CaseRef::Batch(e.batch)),
        E::BatchSent(e) => Some(CaseRef::Batch(e.batch)),
        E::EntryMatched(e) => Some(CaseRef::Batch(e.batch)),
        E::EntryDisputed(e) => Some(CaseRef::Batch(e.batch)),
        E::EntryCorrected(e) => Some(CaseRef::Batch(e.batch)),
        E::EntryWithdrawn(e) => Some(CaseRef::Batch(e.batch)),
        E::UrgentRaised(e) => Some(CaseRef::Urgent(e.urgent)),
        E::UrgentTakenOver(e) => Some(CaseRef::Urgent(e.urgent)),
        E::ActionReported(e) => Some(CaseRef::Urgent(e.urgent)),
        E::UrgentClosed(e) => Some(CaseRef::Urgent(e.urgent)),
        E::UrgentRelayedByPhone(e) => Some(CaseRef::Urgent(e.urgent)),
        E::JustificationFiled(e) => Some(CaseRef::Urgent(e.urgent)),
        E::JustificationReviewed(e) => Some(CaseRef::Urgent(e.urgent)),
        E::SubjectInformed(e) => Some(CaseRef::Urgent(e.urgent)),
        E::ConsentRecorded(e) => Some(CaseRef::Consent(e.claims.id)),
        E::ConsentGranted(e) => Some(CaseRef::Consent(e.claims.id)),
        E::ConsentCompleted(e) => Some(CaseRef::Consent(e.claims.id)),
        E::ConsentRevoked(e) => Some(CaseRef::Consent(e.consent)),
        E::ConsentDiscarded(e) => Some(CaseRef::Consent(e.consent)),
        E::BatchDiscarded(e) => Some(CaseRef::Batch(e.batch)),
        E::DraftDiscarded(e) => Some(CaseRef::Verification(e.request)),
        E::RequestDrafted(e) => Some(CaseRef::Verification(e.request.id)),
        E::RequestSubmitted(e) => Some(CaseRef::Verification(e.request.id)),
        E::RequestAccepted(e) => Some(CaseRef::Verification(e.request)),
        E::RequestRefused(e) => Some(CaseRef::Verification(e.request)),
        E::ItemAnswered(e) => Some(CaseRef::Verification(e.request)),
        E::ReplySent(e) => Some(CaseRef::Verification(e.request)),
        E::ReplyUsed(e) => Some(CaseRef::Verification(e.request)),
        E::ClarificationRequested(e) => Some(CaseRef::Verification(e.request)),
        E::ClarificationAnswered(e) => Some(CaseRef::Verification(e.request)),
        E::RequestWithdrawn(e) => Some(CaseRef::Verification(e.request)),
        E::RequestClosed(e) => Some(CaseRef::Verification(e.request)),
        E::ReplyCorrected(e) => Some(CaseRef::Verification(e.request)),
        E::CorrectionAcknowledged(e) => Some(CaseRef::Verification(e.request)),
        E::AnswerRecalled(e) => Some(CaseRef::Verification(e.request)),
        E::CaseNominated(e) => Some(CaseRef::Conference(e.conference)),
        E::PartyInvited(e) => Some(CaseRef::Conference(e.nomination.conference)),
        E::OpinionSubmitted(e) => Some(CaseRef::Conference(e.conference)),
        E::CaseConcluded(e) => Some(CaseRef::Conference(e.conference)),
        E::FollowUpAssigned(e) => Some(CaseRef::Conference(e.conference)),
        E::FollowUpClosed(e) => Some(CaseRef::Conference(e.conference)),
        E::BatchApproved(_)
        | E::BatchDelivered(_)
        | E::BatchAcknowledged(_)
        | E::UrgentDelivered(_)
        | E::UrgentAcked(_)
        | E::LookupAsked(_)
        | E::LookupPermitted(_)
        | E::LookupDenied(_)
        | E::LookupAnswered(_)
        | E::LookupClosed(_)
        | E::RegisterImportStarted(_)
        | E::RegisterChunkImported(_)
        | E::RegisterImportCompleted(_)
        | E::AccessRecorded(_)
        | E::CommandRefused(_)
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
        | E::ConsentClosed(_)
        | E::ConsentExpired(_)
        | E::ConsentReviewDue(_)
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
        | E::MeetingConvened(_)
        | E::TopicTabled(_)
        | E::TopicConcluded(_)
        | E::ResolutionProposed(_)
        | E::ResolutionSigned(_)
        | E::ActionClosed(_)
        | E::EscalationDecided(_)
        | E::ProgressReported(_)
        | E::TaskCompleted(_)
        | E::ParticipantsNamed(_)
        | E::ClosureDeclared(_)
        | E::ClockAdjusted(_)
        | E::BatchMissed(_)
        | E::BatchReminded(_)
        | E::BatchOverdue(_)
        | E::UrgentEscalated(_)
        | E::UrgentActionOverdue(_)
        | E::JustificationOverdue(_)
        | E::PolicyStandardPublished(_)
        | E::ItemAssigned(_)
        | E::KeyAdded(_)
        | E::KeyRetired(_)
        | E::KeyCompromised(_)
        | E::DisclosureSuppressed(_)
        | E::SuppressionLifted(_)
        | E::MemberAppointed(_)
        | E::MemberDismissed(_)
        | E::LogRecovered(_)
        | E::ReplyOverdue(_)
        | E::ReplyReminded(_)
        | E::ErasureProposed(_)
        | E::ErasureOrdered(_)
        | E::ErasureConfirmed(_)
        | E::ErasureOverdue(_) => None,
    }
}
