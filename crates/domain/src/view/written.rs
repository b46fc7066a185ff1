//! Which tables an event of a kind changes: for an auditor from whom bodies are gone, and who asks what may be missing.
//!
//! In scope: every table that [`super::project`] can write for a body of the kind, but for the position of its log, which comes of
//! the header alone. Out of scope: the register, from which nothing is decided without a permit.

use crate::event::EventKind;
use crate::view::Table;

/// Returns the tables; what commands are repeated by and the case files are among them for every kind.
#[must_use]
pub fn written(kind: EventKind) -> Vec<Table> {
    [Table::Command, Table::History].into_iter().chain(own(kind).iter().copied()).collect()
}

fn own(kind: EventKind) -> &'static [Table] {
    use EventKind as K;
    use Table as T;
    match kind {
        K::BatchPrepared
        | K::EntryMatched
        | K::EntryDisputed
        | K::EntryCorrected
        | K::EntryWithdrawn
        | K::BatchDiscarded
        | K::BatchApproved
        | K::BatchDelivered
        | K::BatchAcknowledged
        | K::BatchReminded
        | K::BatchOverdue => &[T::Batch],
        K::BatchSent => &[T::Batch, T::Routine],
        K::UrgentRaised
        | K::UrgentTakenOver
        | K::ActionReported
        | K::UrgentClosed
        | K::UrgentRelayedByPhone
        | K::JustificationFiled
        | K::JustificationReviewed
        | K::SubjectInformed
        | K::UrgentDelivered
        | K::UrgentAcked
        | K::UrgentEscalated
        | K::UrgentActionOverdue
        | K::JustificationOverdue => &[T::Urgent],
        K::RegisterChunkImported | K::RegisterImportStarted | K::RegisterImportCompleted => &[T::Import],
        K::CaseNominated
        | K::PartyInvited
        | K::OpinionSubmitted
        | K::CaseConcluded
        | K::FollowUpAssigned
        | K::FollowUpClosed
        | K::ParticipantsNamed => &[T::Conference],
        K::ConsentRecorded
        | K::ConsentGranted
        | K::ConsentRevoked
        | K::ConsentCompleted
        | K::ConsentDiscarded
        | K::ConsentClosed
        | K::ConsentExpired
        | K::ConsentReviewDue => &[T::Consent],
        K::MandateRecorded | K::MandateRevoked => &[T::Mandate],
        K::DisclosureSuppressed | K::SuppressionLifted => &[T::Suppression],
        K::RequestDrafted
        | K::RequestAccepted
        | K::RequestRefused
        | K::ItemAnswered
        | K::ReplySent
        | K::ReplyUsed
        | K::CommandRefused
        | K::DraftDiscarded
        | K::ClarificationRequested
        | K::ClarificationAnswered
        | K::RequestWithdrawn
        | K::RequestClosed
        | K::ReplyCorrected
        | K::CorrectionAcknowledged
        | K::AnswerRecalled
        | K::ItemAssigned
        | K::ReplyOverdue
        | K::ReplyReminded => &[T::Request],
        K::RequestSubmitted => &[T::Basis, T::Request],
        K::LookupAsked => &[T::Access, T::Lookup],
        K::LookupPermitted => &[T::Basis, T::Consent, T::Lookup],
        K::LookupDenied | K::LookupAnswered | K::LookupClosed => &[T::Lookup],
        K::AccessRecorded => &[T::Access],
        K::CandidateFound => &[T::MatchRun, T::Overlap],
        K::OverlapConfirmed
        | K::OverlapDismissed
        | K::OverlapAssessed
        | K::HearingInvited
        | K::StatementRecorded
        | K::OwnDecisionNotified
        | K::CandidateSealed => &[T::Overlap],
        K::ErasureRequested
        | K::ErasureProposed
        | K::ErasureOrdered
        | K::ErasureConfirmed
        | K::ErasureOverdue
        | K::ErasureRefused
        | K::ErasureRequestOverdue => &[T::Erasure],
        K::OfficerEnrolled | K::OfficerAppointed | K::AppointmentRevoked | K::DutyDelegated | K::DelegationEnded => {
            &[T::Appointment]
        }
        K::UnitRegistered => &[T::Unit],
        K::ChannelProposed
        | K::ChannelOpened
        | K::ChannelSuspended
        | K::ChannelResumed
        | K::ChannelExpiring
        | K::ChannelLapsed => &[T::Channel],
        K::AgreementProposed | K::AgreementSigned => &[T::Agreement],
        K::MatchRunProposed
        | K::MatchRunAuthorised
        | K::MatchRunBegun
        | K::MatchRunExecuted
        | K::MatchRunFailed
        | K::MatchReviewTaken => &[T::MatchRun],
        K::MeetingConvened | K::ResolutionProposed | K::ResolutionSigned | K::ActionClosed | K::EscalationDecided => {
            &[T::Meeting]
        }
        K::TopicTabled | K::TopicConcluded => &[T::Topic],
        K::ProgressReported | K::TaskCompleted => &[T::Task],
        K::ClosureDeclared | K::ClockAdjusted => &[T::Closure],
        K::BatchMissed => &[T::Routine],
        K::PolicyStandardPublished => &[T::Standard],
        K::KeyAdded | K::KeyRetired | K::KeyCompromised => &[T::Key],
        K::MemberAppointed | K::MemberDismissed => &[T::Member],
        K::LogRecovered => &[],
    }
}
