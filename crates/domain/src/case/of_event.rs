//! Which events are steps of which case: one table, for the case files and for erasures.

use crate::agenda::Case;
use crate::case::CaseRef;
use crate::event::Event;

/// Returns the case that an event is a step of; none for what belongs to no case that officers have a file of.
#[must_use]
pub fn case_of(event: &Event) -> Option<CaseRef> {
    use CaseRef::{Batch, Conference, Consent, Erasure, Meeting, Urgent, Verification};
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
            Case::Erasure(id) => Erasure(id),
            Case::Channel(_) | Case::MatchRun(_) | Case::Candidate(_) | Case::Routine(_) | Case::Basis(_) => return None,
        },
        E::ErasureRequested(e) => Erasure(e.erasure),
        E::ErasureProposed(e) => Erasure(e.erasure),
        E::ErasureOrdered(e) => Erasure(e.erasure),
        E::ErasureConfirmed(e) => Erasure(e.erasure),
        E::ErasureOverdue(e) => Erasure(e.erasure),
        E::ErasureRefused(e) => Erasure(e.erasure),
        E::ErasureRequestOverdue(e) => Erasure(e.erasure),
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
        | E::LogRecovered(_) => return None,
    })
}
