//! The lifecycles, told a second time: which events must and which may not stand before an event of the same case. It
//! knows nothing of commands, guards or rows, so that a guard that is lost shows.

use serde_json::Value;

use crate::event::{Event, EventKind, EventKind as K};

/// What must hold when an event happens. A case is known by its key: fields of the event, the case's id first.
#[derive(Clone, Copy)]
pub(super) struct Life {
    pub(super) kind: EventKind,
    /// Paths of the fields. Cases are compared by as many fields as both events have.
    pub(super) key: &'static [&'static str],
    /// Each stands in the own log.
    pub(super) own: &'static [EventKind],
    /// Each stands in another party's log, as far as it is known.
    pub(super) heard: &'static [EventKind],
    /// One of them stands in some log, as far as it is known; empty: nothing is asked.
    pub(super) known: &'static [EventKind],
    /// None of them stands in the own log.
    pub(super) never_own: &'static [EventKind],
    /// None of them stands in any log, as far as it is known.
    pub(super) never: &'static [EventKind],
    /// The own log has no such event of exactly this key.
    pub(super) once: bool,
}

const fn of(kind: EventKind, key: &'static [&'static str]) -> Life {
    Life { kind, key, own: &[], heard: &[], known: &[], never_own: &[], never: &[], once: false }
}

impl Life {
    const fn once(self) -> Self {
        Self { once: true, ..self }
    }
    const fn own(self, own: &'static [EventKind]) -> Self {
        Self { own, ..self }
    }
    const fn heard(self, heard: &'static [EventKind]) -> Self {
        Self { heard, ..self }
    }
    const fn known(self, known: &'static [EventKind]) -> Self {
        Self { known, ..self }
    }
    const fn never_own(self, never_own: &'static [EventKind]) -> Self {
        Self { never_own, ..self }
    }
    const fn never(self, never: &'static [EventKind]) -> Self {
        Self { never, ..self }
    }
}

/// Returns the rules of a kind; none when there are none, which a test refuses.
pub(super) fn life(kind: EventKind) -> Option<&'static Life> {
    LIVES.iter().flat_map(|lives| lives.iter()).find(|life| life.kind == kind)
}

/// Returns the key of an event.
pub(super) fn key(event: &Event) -> Vec<String> {
    let json = serde_json::to_value(event).unwrap();
    let payload = json.as_object().unwrap().values().next().unwrap();
    let field = |path: &&str| path.split('.').fold(payload, |value: &Value, name| &value[name]).to_string();
    life(event.kind()).map(|life| life.key.iter().map(field).collect()).unwrap_or_default()
}

const LIVES: [&[Life]; 9] = [NOTICES, URGENTS, CONSENTS, REQUESTS, LOOKUPS, OFFICES, OVERLAPS, MEETINGS, LATER];

const NOTICES: &[Life] = &[
    of(K::BatchPrepared, &["batch"]).once().never(&[K::BatchSent]),
    of(K::BatchApproved, &["batch"]).once().own(&[K::BatchPrepared]),
    of(K::BatchSent, &["batch"]).once().own(&[K::BatchApproved]).never_own(&[K::BatchDiscarded]),
    of(K::BatchDelivered, &["batch"]).once().heard(&[K::BatchSent]),
    of(K::EntryMatched, &["batch", "entry"]).own(&[K::BatchDelivered]).never(&[K::EntryWithdrawn]),
    of(K::EntryDisputed, &["batch", "entry"]).own(&[K::BatchDelivered]).never(&[K::EntryWithdrawn]),
    of(K::EntryCorrected, &["batch", "entry"]).own(&[K::BatchSent]).never(&[K::EntryWithdrawn]),
    of(K::EntryWithdrawn, &["batch", "entry"]).once().own(&[K::BatchSent]),
    of(K::BatchAcknowledged, &["batch"]).once().own(&[K::BatchDelivered]),
    of(K::BatchMissed, &["to", "period"]).once(),
    of(K::BatchReminded, &["batch"]).once().own(&[K::BatchDelivered]).never_own(&[K::BatchAcknowledged]),
    of(K::BatchOverdue, &["batch"]).once().own(&[K::BatchDelivered]).never_own(&[K::BatchAcknowledged]),
    of(K::ClosureDeclared, &["closure"]).once(),
    of(K::ClockAdjusted, &["closure", "case", "clock"]).once().known(&[K::ClosureDeclared]),
];

const URGENTS: &[Life] = &[
    of(K::UrgentRaised, &["urgent"]).once().never(&[K::UrgentRaised]),
    of(K::UrgentDelivered, &["urgent"]).once().heard(&[K::UrgentRaised]),
    of(K::UrgentAcked, &["urgent"]).once().heard(&[K::UrgentRaised]).never(&[K::UrgentClosed]),
    of(K::UrgentTakenOver, &["urgent"]).once().own(&[K::UrgentAcked]).never(&[K::UrgentClosed, K::UrgentTakenOver]),
    of(K::ActionReported, &["urgent"]).known(&[K::UrgentRaised]).never(&[K::UrgentClosed]),
    of(K::UrgentClosed, &["urgent"]).once().own(&[K::UrgentRaised]),
    of(K::JustificationFiled, &["urgent"]).once().own(&[K::UrgentClosed]),
    of(K::JustificationReviewed, &["urgent"]).once().own(&[K::JustificationFiled]),
    of(K::UrgentEscalated, &["urgent", "step"])
        .once()
        .own(&[K::UrgentDelivered])
        .never_own(&[K::UrgentAcked])
        .never(&[K::UrgentClosed]),
    of(K::UrgentActionOverdue, &["urgent"])
        .once()
        .own(&[K::UrgentTakenOver])
        .never_own(&[K::ActionReported])
        .never(&[K::UrgentClosed]),
    of(K::JustificationOverdue, &["urgent"]).once().own(&[K::UrgentRaised]).never_own(&[K::JustificationFiled]),
    of(K::UrgentRelayedByPhone, &["urgent", "to"]).once().own(&[K::UrgentRaised]),
    of(K::SubjectInformed, &["urgent"]).once().own(&[K::UrgentClosed]),
];

const CONSENTS: &[Life] = &[
    of(K::ConsentRecorded, &["claims.id"]).once().never(&[K::ConsentRecorded, K::ConsentGranted]),
    of(K::ConsentCompleted, &["claims.id"])
        .own(&[K::ConsentRecorded])
        .never_own(&[K::ConsentGranted, K::ConsentRevoked]),
    of(K::ConsentGranted, &["claims.id"]).once().own(&[K::ConsentRecorded]).never_own(&[
        K::ConsentRevoked,
        K::ConsentClosed,
        K::ConsentDiscarded,
    ]),
    of(K::ConsentRevoked, &["consent"]).known(&[K::ConsentRecorded, K::ConsentGranted]),
    of(K::ConsentClosed, &["consent"])
        .once()
        .known(&[K::ConsentRecorded, K::ConsentGranted])
        .never_own(&[K::ConsentExpired]),
    of(K::ConsentExpired, &["consent"]).once().own(&[K::ConsentGranted]).never_own(&[K::ConsentClosed]),
    of(K::ConsentReviewDue, &["consent", "subject", "age"]).once().own(&[K::ConsentGranted]),
    of(K::MandateRecorded, &["mandate.id"]).once(),
    of(K::MandateRevoked, &["mandate"]).once().own(&[K::MandateRecorded]),
];

const GONE: &[EventKind] = &[K::RequestWithdrawn, K::RequestClosed, K::RequestRefused];

const REQUESTS: &[Life] = &[
    of(K::RequestDrafted, &["request.id"]).once(),
    of(K::RequestSubmitted, &["request.id"]).once().own(&[K::RequestDrafted]),
    of(K::RequestAccepted, &["request"]).once().heard(&[K::RequestSubmitted]).never(GONE),
    of(K::RequestRefused, &["request"]).once().heard(&[K::RequestSubmitted]).never(GONE).never_own(&[K::ReplySent]),
    of(K::ItemAnswered, &["request", "question"]).own(&[K::RequestAccepted]).never_own(&[K::RequestRefused]),
    of(K::ReplySent, &["request"]).own(&[K::RequestAccepted, K::ItemAnswered]).never(GONE),
    of(K::ReplyUsed, &["request"]).once().own(&[K::RequestSubmitted]).heard(&[K::ReplySent]),
    of(K::ItemAssigned, &["request", "question"]).own(&[K::RequestAccepted]).never_own(&[K::RequestRefused]),
    of(K::ClarificationRequested, &["request", "clarification"]).once().heard(&[K::RequestSubmitted]).never(GONE),
    of(K::ClarificationAnswered, &["request", "clarification"]).once().heard(&[K::ClarificationRequested]).never(GONE),
    of(K::RequestWithdrawn, &["request"]).once().own(&[K::RequestSubmitted]).never(GONE),
    of(K::RequestClosed, &["request"]).once().own(&[K::RequestSubmitted]).never(&[K::RequestWithdrawn]),
    of(K::ReplyCorrected, &["request", "question"])
        .own(&[K::ReplySent, K::ItemAnswered])
        .never_own(&[K::RequestRefused]),
    of(K::CorrectionAcknowledged, &["request", "question", "corrections"]).once().heard(&[K::ReplyCorrected]),
    of(K::AnswerRecalled, &["request"]).own(&[K::ReplySent]),
    of(K::ReplyOverdue, &["request", "step"]).once().heard(&[K::RequestSubmitted]),
    of(K::ReplyReminded, &["request", "step"]).once().heard(&[K::RequestSubmitted]),
    of(K::PolicyStandardPublished, &["standard.version"]).once(),
];

const LOOKUPS: &[Life] = &[
    of(K::LookupAsked, &["lookup"]).once(),
    of(K::LookupPermitted, &["lookup"]).once().never_own(&[K::LookupAsked, K::LookupDenied]),
    of(K::LookupDenied, &["lookup"]),
    of(K::LookupAnswered, &["lookup"]).once().own(&[K::LookupPermitted]),
    of(K::LookupClosed, &["lookup"]).once().own(&[K::LookupAsked]),
    of(K::RegisterImportStarted, &["import"]).once().never_own(&[K::RegisterImportCompleted]),
    of(K::RegisterChunkImported, &["import", "chunk"])
        .once()
        .own(&[K::RegisterImportStarted])
        .never_own(&[K::RegisterImportCompleted]),
    of(K::RegisterImportCompleted, &["import"]).once().own(&[K::RegisterImportStarted]),
    of(K::AccessRecorded, &[]),
    of(K::CommandRefused, &[]),
];

const OFFICES: &[Life] = &[
    of(K::OfficerEnrolled, &["officer"]),
    of(K::OfficerAppointed, &["officer"]),
    of(K::AppointmentRevoked, &["officer"]).known(&[K::OfficerEnrolled, K::OfficerAppointed]),
    of(K::DutyDelegated, &["to", "role"]),
    of(K::DelegationEnded, &["to", "role"]).own(&[K::DutyDelegated]),
    of(K::UnitRegistered, &["unit"]),
    of(K::ChannelProposed, &["to"]),
    of(K::ChannelOpened, &["to"]).own(&[K::ChannelProposed]),
    of(K::ChannelSuspended, &["from", "to"]),
    of(K::ChannelResumed, &["from", "to"]).own(&[K::ChannelSuspended]),
    of(K::ChannelExpiring, &["to"]).own(&[K::ChannelOpened]),
    of(K::ChannelLapsed, &["to"]).own(&[K::ChannelOpened]),
    of(K::AgreementProposed, &["agreement"]).once(),
    of(K::AgreementSigned, &["agreement"]).once().heard(&[K::AgreementProposed]),
];

const OVERLAPS: &[Life] = &[
    of(K::MatchRunProposed, &["run"]).once(),
    of(K::MatchRunAuthorised, &["run"]).once().known(&[K::MatchRunProposed]),
    of(K::MatchRunBegun, &["run"]).once().own(&[K::MatchRunAuthorised]).heard(&[K::MatchRunAuthorised]),
    of(K::CandidateFound, &["candidate.run", "candidate.no"])
        .once()
        .own(&[K::MatchRunBegun])
        .never_own(&[K::MatchRunExecuted, K::MatchRunFailed]),
    of(K::MatchRunExecuted, &["run"]).once().own(&[K::MatchRunBegun]).never_own(&[K::MatchRunFailed]),
    of(K::MatchRunFailed, &["run"]).once().own(&[K::MatchRunBegun]).never_own(&[K::MatchRunExecuted]),
    of(K::MatchReviewTaken, &["run"]).own(&[K::MatchRunExecuted]),
    of(K::OverlapConfirmed, &["candidate.run", "candidate.no"])
        .once()
        .own(&[K::CandidateFound, K::MatchReviewTaken])
        .never_own(&[K::OverlapDismissed]),
    of(K::OverlapDismissed, &["candidate.run", "candidate.no"]).once().own(&[K::CandidateFound, K::MatchReviewTaken]),
    of(K::OverlapAssessed, &["candidate.run", "candidate.no"])
        .once()
        .own(&[K::OverlapConfirmed])
        .never_own(&[K::OverlapDismissed]),
    of(K::HearingInvited, &["candidate.run", "candidate.no"])
        .once()
        .own(&[K::OverlapAssessed])
        .never_own(&[K::OverlapDismissed]),
    of(K::StatementRecorded, &["candidate.run", "candidate.no"]).once().own(&[K::HearingInvited]),
    of(K::OwnDecisionNotified, &["candidate.run", "candidate.no"]).once().own(&[K::StatementRecorded]),
    of(K::CandidateSealed, &["candidate.run", "candidate.no"]).once().own(&[K::OverlapDismissed]),
];

const MEETINGS: &[Life] = &[
    of(K::MeetingConvened, &["meeting"]).once(),
    of(K::TopicTabled, &["topic"]).once(),
    of(K::TopicConcluded, &["topic"]).once().own(&[K::TopicTabled]),
    of(K::ResolutionProposed, &["meeting", "resolution"]).once().known(&[K::MeetingConvened]),
    of(K::ResolutionSigned, &["meeting", "resolution"]).once().known(&[K::ResolutionProposed]),
    of(K::ActionClosed, &["meeting", "resolution", "action"]).once().known(&[K::ResolutionSigned]),
    of(K::EscalationDecided, &["meeting", "case"]).once().own(&[K::MeetingConvened]),
    of(K::ProgressReported, &["task"]),
    of(K::TaskCompleted, &["task"]).once(),
    of(K::CaseNominated, &["conference"]).once(),
    of(K::PartyInvited, &["nomination.conference", "party"])
        .once()
        .own(&[K::CaseNominated])
        .never_own(&[K::CaseConcluded]),
    of(K::ParticipantsNamed, &["conference"]).known(&[K::CaseNominated, K::PartyInvited]),
    of(K::OpinionSubmitted, &["conference"]).known(&[K::CaseNominated, K::PartyInvited]).never(&[K::CaseConcluded]),
    of(K::CaseConcluded, &["conference"]).once().own(&[K::CaseNominated]),
    of(K::FollowUpAssigned, &["conference", "no"]).once().own(&[K::CaseConcluded]),
    of(K::FollowUpClosed, &["conference", "no"]).once().known(&[K::FollowUpAssigned]),
];

const LATER: &[Life] = &[
    of(K::BatchDiscarded, &["batch"]).once().own(&[K::BatchPrepared]).never_own(&[K::BatchSent]),
    of(K::DraftDiscarded, &["request"]).once().own(&[K::RequestDrafted]).never_own(&[K::RequestSubmitted]),
    of(K::ConsentDiscarded, &["consent"]).once().own(&[K::ConsentRecorded]).never_own(&[K::ConsentGranted]),
    of(K::MemberAppointed, &["member"]),
    of(K::MemberDismissed, &["member"]).own(&[K::MemberAppointed]),
    of(K::DisclosureSuppressed, &["case", "towards"]),
    of(K::SuppressionLifted, &["case", "towards"]).own(&[K::DisclosureSuppressed]),
    of(K::KeyAdded, &["signed.statement.serial"]).once(),
    of(K::KeyRetired, &["signed.statement.serial"]).once(),
    of(K::KeyCompromised, &["signed.statement.serial"]).once(),
    of(K::LogRecovered, &[]),
    of(K::ErasureProposed, &["erasure"]).once(),
    of(K::ErasureOrdered, &["erasure"]).once().own(&[K::ErasureProposed]).never_own(&[K::ErasureRefused]),
    of(K::ErasureConfirmed, &["erasure", "ordered_by"]).once().known(&[K::ErasureOrdered]),
    of(K::ErasureOverdue, &["erasure"]).once().own(&[K::ErasureOrdered]),
    of(K::ErasureRequested, &["erasure"]).once().never(&[K::ErasureProposed, K::ErasureRequested]),
    of(K::ErasureRefused, &["erasure"]).once().heard(&[K::ErasureRequested]).never_own(&[K::ErasureOrdered]),
    of(K::ErasureRequestOverdue, &["erasure"])
        .once()
        .heard(&[K::ErasureRequested])
        .never_own(&[K::ErasureOrdered, K::ErasureRefused]),
];
