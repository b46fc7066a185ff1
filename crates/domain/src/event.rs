//! Events: facts in the past tense, one per log entry.
//!
//! One command makes one event and one event one entry, so that a crash can't split a command. What a command
//! decided in detail (entries withheld, items refused) is inside its event.
//!
//! Wire order of [`Event`] and [`EventKind`] is the order here: append only.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::id::{CommandKey, PartyId};
use crate::officer::Actor;
use crate::{
    access, agreement, authority, channel, closure, conference, consent, erasure, keys, lookup, mandate, meeting,
    notice, overlap, recovery, refusal, register, standard, suppression, task, urgent, verification,
};

/// What a log entry's body says: who did what, on which command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Body {
    /// Who acted.
    pub actor: Actor,
    /// The command that was repeated or can be; none for what the service does by itself.
    pub command: Option<CommandStamp>,
    /// What happened.
    pub event: Event,
}

/// Ties an entry to the command it answers, so that a repeated command gets its first result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandStamp {
    /// Names the command.
    pub key: CommandKey,
    /// SHA-256 over the command as it was asked: a key may not be used again for something else.
    pub digest: [u8; 32],
}

macro_rules! events {
    ($($(#[$doc:meta])* $name:ident($payload:ty) $code:literal,)*) => {
        /// What happened. The payloads live with the decisions that make them.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        pub enum Event {
            $($(#[$doc])* $name($payload),)*
        }

        /// The class of an event, the only thing about it that an entry's header tells.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
        pub enum EventKind {
            $($(#[$doc])* #[serde(rename = $code)] $name,)*
        }

        impl EventKind {
            /// Every kind, in wire order.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Returns the published name, such as `batch-sent`.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }
        }

        impl Event {
            /// Returns the class.
            #[must_use]
            pub fn kind(&self) -> EventKind {
                match self { $(Self::$name(_) => EventKind::$name,)* }
            }

            /// Returns the parties besides the origin that may read the event.
            #[must_use]
            pub fn readers(&self) -> BTreeSet<PartyId> {
                match self { $(Self::$name(payload) => payload.readers(),)* }
            }
        }

        $(impl From<$payload> for Event {
            fn from(payload: $payload) -> Self { Self::$name(payload) }
        })*
    };
}

/// Says who besides its origin may read an event.
pub trait Readers {
    /// Returns the parties besides the origin that may read the event; empty by default.
    fn readers(&self) -> BTreeSet<PartyId> {
        BTreeSet::new()
    }
}

events! {
    /// A routine batch was prepared.
    BatchPrepared(notice::BatchPrepared) "batch-prepared",
    /// A second person approved a batch.
    BatchApproved(notice::BatchApproved) "batch-approved",
    /// A batch was sent.
    BatchSent(notice::BatchSent) "batch-sent",
    /// A batch reached the addressee's service.
    BatchDelivered(notice::BatchDelivered) "batch-delivered",
    /// The addressee matched an entry to a person.
    EntryMatched(notice::EntryMatched) "entry-matched",
    /// The addressee disputed an entry.
    EntryDisputed(notice::EntryDisputed) "entry-disputed",
    /// The sender corrected an entry.
    EntryCorrected(notice::EntryCorrected) "entry-corrected",
    /// The sender withdrew an entry.
    EntryWithdrawn(notice::EntryWithdrawn) "entry-withdrawn",
    /// The addressee acknowledged a batch.
    BatchAcknowledged(notice::BatchAcknowledged) "batch-acknowledged",
    /// An urgent notice was raised.
    UrgentRaised(urgent::UrgentRaised) "urgent-raised",
    /// An urgent notice reached an addressee's service.
    UrgentDelivered(urgent::UrgentDelivered) "urgent-delivered",
    /// A duty officer acknowledged an urgent notice.
    UrgentAcked(urgent::UrgentAcked) "urgent-acked",
    /// A party took the case over.
    UrgentTakenOver(urgent::UrgentTakenOver) "urgent-taken-over",
    /// A party reported what it did.
    ActionReported(urgent::ActionReported) "action-reported",
    /// The sender closed the urgent notice.
    UrgentClosed(urgent::UrgentClosed) "urgent-closed",
    /// The sender justified the urgent notice in writing.
    JustificationFiled(urgent::JustificationFiled) "justification-filed",
    /// A data-protection officer reviewed the justification.
    JustificationReviewed(urgent::JustificationReviewed) "justification-reviewed",
    /// A consent was recorded from a signed letter.
    ConsentRecorded(consent::ConsentRecorded) "consent-recorded",
    /// A second officer countersigned; the consent is in force.
    ConsentGranted(consent::ConsentGranted) "consent-granted",
    /// A consent was revoked.
    ConsentRevoked(consent::ConsentRevoked) "consent-revoked",
    /// A verification request was drafted and its scope checked.
    RequestDrafted(verification::RequestDrafted) "request-drafted",
    /// A second person approved a request; it goes to the holder.
    RequestSubmitted(verification::RequestSubmitted) "request-submitted",
    /// The holder accepted a request.
    RequestAccepted(verification::RequestAccepted) "request-accepted",
    /// The holder refused a request.
    RequestRefused(verification::RequestRefused) "request-refused",
    /// A caseworker of the holder answered an item.
    ItemAnswered(verification::ItemAnswered) "item-answered",
    /// A second person of the holder approved the answers; they go to the asker.
    ReplySent(verification::ReplySent) "reply-sent",
    /// The asker used a reply for a decision.
    ReplyUsed(verification::ReplyUsed) "reply-used",
    /// A lookup was asked.
    LookupAsked(lookup::LookupAsked) "lookup-asked",
    /// The holder's gate permitted a lookup and spent one use.
    LookupPermitted(lookup::LookupPermitted) "lookup-permitted",
    /// The holder's gate denied a lookup.
    LookupDenied(lookup::LookupDenied) "lookup-denied",
    /// The holder answered a lookup.
    LookupAnswered(lookup::LookupAnswered) "lookup-answered",
    /// The asker's officer read what came back.
    LookupClosed(lookup::LookupClosed) "lookup-closed",
    /// An import of the household register began.
    RegisterImportStarted(register::RegisterImportStarted) "register-import-started",
    /// Some households of an import.
    RegisterChunkImported(register::RegisterChunkImported) "register-chunk-imported",
    /// An import is complete and is now the register.
    RegisterImportCompleted(register::RegisterImportCompleted) "register-import-completed",
    /// An officer read personal data.
    AccessRecorded(access::AccessRecorded) "access-recorded",
    /// A command was refused.
    CommandRefused(refusal::CommandRefused) "command-refused",
    /// The administrator enrolled an officer.
    OfficerEnrolled(authority::OfficerEnrolled) "officer-enrolled",
    /// The secretariat appointed an officer.
    OfficerAppointed(authority::OfficerAppointed) "officer-appointed",
    /// The secretariat ended an appointment.
    AppointmentRevoked(authority::AppointmentRevoked) "appointment-revoked",
    /// An officer's duty was handed to a deputy.
    DutyDelegated(authority::DutyDelegated) "duty-delegated",
    /// A delegation was ended.
    DelegationEnded(authority::DelegationEnded) "delegation-ended",
    /// An org unit was registered.
    UnitRegistered(authority::UnitRegistered) "unit-registered",
    /// The secretariat proposed a channel.
    ChannelProposed(channel::ChannelProposed) "channel-proposed",
    /// A data-protection officer confirmed a channel; it is open.
    ChannelOpened(channel::ChannelOpened) "channel-opened",
    /// One side suspended a channel.
    ChannelSuspended(channel::ChannelSuspended) "channel-suspended",
    /// The side that suspended a channel resumed it.
    ChannelResumed(channel::ChannelResumed) "channel-resumed",
    /// A channel's first clearance will lapse soon.
    ChannelExpiring(channel::ChannelExpiring) "channel-expiring",
    /// A channel's clearance lapsed.
    ChannelLapsed(channel::ChannelLapsed) "channel-lapsed",
    /// A version of the agreement was proposed.
    AgreementProposed(agreement::AgreementProposed) "agreement-proposed",
    /// A party signed a version of the agreement.
    AgreementSigned(agreement::AgreementSigned) "agreement-signed",
    /// A later letter added signatures to a consent.
    ConsentCompleted(consent::ConsentCompleted) "consent-completed",
    /// A consent was closed before its term ended.
    ConsentClosed(consent::ConsentClosed) "consent-closed",
    /// The term of a consent is over.
    ConsentExpired(consent::ConsentExpired) "consent-expired",
    /// A minor has reached an age at which a consent is looked at again.
    ConsentReviewDue(consent::ConsentReviewDue) "consent-review-due",
    /// A mandate was recorded.
    MandateRecorded(mandate::MandateRecorded) "mandate-recorded",
    /// A mandate was revoked.
    MandateRevoked(mandate::MandateRevoked) "mandate-revoked",
    /// A matching run was proposed.
    MatchRunProposed(overlap::MatchRunProposed) "match-run-proposed",
    /// A data-protection officer authorised a matching run.
    MatchRunAuthorised(overlap::MatchRunAuthorised) "match-run-authorised",
    /// A matching run began; it is spent.
    MatchRunBegun(overlap::MatchRunBegun) "match-run-begun",
    /// A person of the own set is in the overlap.
    CandidateFound(overlap::CandidateFound) "candidate-found",
    /// A matching run is complete.
    MatchRunExecuted(overlap::MatchRunExecuted) "match-run-executed",
    /// A matching run came to no result.
    MatchRunFailed(overlap::MatchRunFailed) "match-run-failed",
    /// A reviewer took the candidates of a run.
    MatchReviewTaken(overlap::MatchReviewTaken) "match-review-taken",
    /// An overlap was confirmed.
    OverlapConfirmed(overlap::OverlapConfirmed) "overlap-confirmed",
    /// An overlap was dismissed.
    OverlapDismissed(overlap::OverlapDismissed) "overlap-dismissed",
    /// An overlap was assessed.
    OverlapAssessed(overlap::OverlapAssessed) "overlap-assessed",
    /// A person was invited to be heard.
    HearingInvited(overlap::HearingInvited) "hearing-invited",
    /// A person was heard.
    StatementRecorded(overlap::StatementRecorded) "statement-recorded",
    /// A person was told a decision.
    OwnDecisionNotified(overlap::OwnDecisionNotified) "own-decision-notified",
    /// A dismissed candidate's data was sealed.
    CandidateSealed(overlap::CandidateSealed) "candidate-sealed",
    /// A joint meeting was convened.
    MeetingConvened(meeting::MeetingConvened) "meeting-convened",
    /// A topic was tabled.
    TopicTabled(meeting::TopicTabled) "topic-tabled",
    /// A topic was concluded.
    TopicConcluded(meeting::TopicConcluded) "topic-concluded",
    /// A resolution was proposed.
    ResolutionProposed(meeting::ResolutionProposed) "resolution-proposed",
    /// A party signed a resolution.
    ResolutionSigned(meeting::ResolutionSigned) "resolution-signed",
    /// A party closed its action of an adopted resolution.
    ActionClosed(meeting::ActionClosed) "action-closed",
    /// The leading group decided an escalated case.
    EscalationDecided(meeting::EscalationDecided) "escalation-decided",
    /// A party reported progress on a task of the plan.
    ProgressReported(task::ProgressReported) "progress-reported",
    /// The lead completed a task of the plan.
    TaskCompleted(task::TaskCompleted) "task-completed",
    /// A key case was nominated for a conference.
    CaseNominated(conference::CaseNominated) "case-nominated",
    /// One more party was invited to a conference.
    PartyInvited(conference::PartyInvited) "party-invited",
    /// A party named its officers who need to know.
    ParticipantsNamed(conference::ParticipantsNamed) "participants-named",
    /// An officer gave an opinion.
    OpinionSubmitted(conference::OpinionSubmitted) "opinion-submitted",
    /// A conference was concluded.
    CaseConcluded(conference::CaseConcluded) "case-concluded",
    /// A follow-up was assigned.
    FollowUpAssigned(conference::FollowUpAssigned) "follow-up-assigned",
    /// A follow-up was closed.
    FollowUpClosed(conference::FollowUpClosed) "follow-up-closed",
    /// A day was declared closed after the calendar was published.
    ClosureDeclared(closure::ClosureDeclared) "closure-declared",
    /// A declared closure moved a running clock of the party.
    ClockAdjusted(closure::ClockAdjusted) "clock-adjusted",
    /// The month's batch was not sent by its limit.
    BatchMissed(notice::BatchMissed) "batch-missed",
    /// The day has come on which a batch is to be acknowledged at the latest.
    BatchReminded(notice::BatchReminded) "batch-reminded",
    /// A batch was not acknowledged by its limit.
    BatchOverdue(notice::BatchOverdue) "batch-overdue",
    /// Nobody acknowledged an urgent notice in time; it goes one step up.
    UrgentEscalated(urgent::UrgentEscalated) "urgent-escalated",
    /// The party that took a case over reported nothing in time.
    UrgentActionOverdue(urgent::UrgentActionOverdue) "urgent-action-overdue",
    /// An urgent notice was not justified in time.
    JustificationOverdue(urgent::JustificationOverdue) "justification-overdue",
    /// The sender told an addressee of an urgent notice by phone.
    UrgentRelayedByPhone(urgent::UrgentRelayedByPhone) "urgent-relayed-by-phone",
    /// The person concerned was told of an urgent notice.
    SubjectInformed(urgent::SubjectInformed) "subject-informed",
    /// A party published a policy standard.
    PolicyStandardPublished(standard::PolicyStandardPublished) "policy-standard-published",
    /// The holder assigned a question to an officer.
    ItemAssigned(verification::ItemAssigned) "item-assigned",
    /// The holder asked back about a request.
    ClarificationRequested(verification::ClarificationRequested) "clarification-requested",
    /// The asker answered what the holder asked back.
    ClarificationAnswered(verification::ClarificationAnswered) "clarification-answered",
    /// The asker withdrew a request.
    RequestWithdrawn(verification::RequestWithdrawn) "request-withdrawn",
    /// The asker closed a request.
    RequestClosed(verification::RequestClosed) "request-closed",
    /// The holder corrected an answer it had sent.
    ReplyCorrected(verification::ReplyCorrected) "reply-corrected",
    /// The asker took note of a correction.
    CorrectionAcknowledged(verification::CorrectionAcknowledged) "correction-acknowledged",
    /// The holder recalled answers sent after the consent had been withdrawn.
    AnswerRecalled(verification::AnswerRecalled) "answer-recalled",
    /// The holder missed a time limit of a request.
    ReplyOverdue(verification::ReplyOverdue) "reply-overdue",
    /// The holder's officers were reminded of a time limit.
    ReplyReminded(verification::ReplyReminded) "reply-reminded",
    /// A signing key was added.
    KeyAdded(keys::KeyAdded) "key-added",
    /// A signing key was retired.
    KeyRetired(keys::KeyRetired) "key-retired",
    /// A signing key is in other hands.
    KeyCompromised(keys::KeyCompromised) "key-compromised",
    /// A case was suppressed towards a person.
    DisclosureSuppressed(suppression::DisclosureSuppressed) "disclosure-suppressed",
    /// A suppression was lifted.
    SuppressionLifted(suppression::SuppressionLifted) "suppression-lifted",
    /// A batch that was not sent was given up.
    BatchDiscarded(notice::BatchDiscarded) "batch-discarded",
    /// A request that was not submitted was given up.
    DraftDiscarded(verification::DraftDiscarded) "draft-discarded",
    /// A consent that was not countersigned was given up.
    ConsentDiscarded(consent::ConsentDiscarded) "consent-discarded",
    /// A party appointed a member of the leading group.
    MemberAppointed(meeting::MemberAppointed) "member-appointed",
    /// A party dismissed a member of the leading group.
    MemberDismissed(meeting::MemberDismissed) "member-dismissed",
    /// The log was restored after its disk lost some of it.
    LogRecovered(recovery::LogRecovered) "log-recovered",
    /// A data-protection officer proposed an erasure.
    ErasureProposed(erasure::ErasureProposed) "erasure-proposed",
    /// A second person ordered an erasure.
    ErasureOrdered(erasure::ErasureOrdered) "erasure-ordered",
    /// A holder confirmed an erasure.
    ErasureConfirmed(erasure::ErasureConfirmed) "erasure-confirmed",
    /// Not every holder confirmed an erasure in time.
    ErasureOverdue(erasure::ErasureOverdue) "erasure-overdue",
    /// A data-protection officer asked another party for an erasure.
    ErasureRequested(erasure::ErasureRequested) "erasure-requested",
    /// A data-protection officer refused a request for an erasure.
    ErasureRefused(erasure::ErasureRefused) "erasure-refused",
    /// A request for an erasure was not answered in time.
    ErasureRequestOverdue(erasure::ErasureRequestOverdue) "erasure-request-overdue",
}
