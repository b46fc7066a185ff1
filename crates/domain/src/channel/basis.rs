//! On what every event that crosses the border rests (`domain.md` §0-3): a table, one line for each kind.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::event::{Event, EventKind};
use crate::id::{ConsentId, PartyId};
use crate::purpose::LegalBasis;

/// Why a kind of event may be told to another party, and whether it needs an open channel for that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Footing {
    /// The persons' recorded consent (PIPL arts. 23, 39; Macau Law 8/2005 arts. 6, 20). Needs a channel.
    Consent,
    /// Each person named has a basis of their own, stated in the event (plan 珠民〔2021〕156号, 二（二）1). Needs a channel
    /// when it names somebody.
    Stated,
    /// Vital interest of the person (PIPL art. 13(4); Macau Law 8/2005 art. 6(3), art. 20(1)(5)): goes without a channel,
    /// for nobody's life waits for a renewal; justified in writing afterwards. What is told while such a case runs too.
    VitalInterest,
    /// The persons' own rights: to withdraw a consent, to have what is wrong corrected or taken back, to be refused with
    /// a reason (PIPL arts. 15, 46, 47; Macau Law 8/2005 arts. 11, 12). Goes without a channel: a lapse must not keep a
    /// wrong statement standing or a withdrawn consent in use.
    PersonsRights,
    /// The agreement between the parties: receipts, procedure, appointments; ids and no person's data. Needs no channel.
    Agreement,
}

/// Returns why a kind of event may be told to another party; none for what stays in its writer's log.
#[must_use]
pub fn footing(kind: EventKind) -> Option<Footing> {
    use EventKind as K;
    match kind {
        K::BatchSent => Some(Footing::Stated),
        K::ConsentGranted
        | K::RequestSubmitted
        | K::ReplySent
        | K::ReplyUsed
        | K::LookupAsked // in the own log, while the question itself goes to the holder sealed
        | K::LookupPermitted
        | K::LookupAnswered
        | K::ClarificationRequested
        | K::ClarificationAnswered
        | K::CaseNominated
        | K::PartyInvited
        | K::OpinionSubmitted
        | K::CaseConcluded
        | K::FollowUpAssigned
        | K::FollowUpClosed => Some(Footing::Consent),
        K::UrgentRaised
        | K::UrgentDelivered
        | K::UrgentAcked
        | K::UrgentTakenOver
        | K::ActionReported
        | K::UrgentClosed
        | K::JustificationFiled
        | K::JustificationReviewed
        | K::UrgentEscalated
        | K::UrgentActionOverdue
        | K::JustificationOverdue
        | K::UrgentRelayedByPhone
        | K::SubjectInformed
        | K::DisclosureSuppressed // keeps a person at risk safe at every counter
        | K::SuppressionLifted => Some(Footing::VitalInterest),
        K::EntryDisputed
        | K::EntryCorrected
        | K::EntryWithdrawn
        | K::ConsentRevoked
        | K::RequestRefused
        | K::LookupDenied
        | K::RequestWithdrawn
        | K::ReplyCorrected
        | K::CorrectionAcknowledged
        | K::AnswerRecalled
        | K::ErasureOrdered
        | K::ErasureConfirmed
        | K::ErasureOverdue
        | K::ErasureRequested
        | K::ErasureRefused
        | K::ErasureRequestOverdue => Some(Footing::PersonsRights),
        K::BatchDelivered
        | K::EntryMatched
        | K::BatchAcknowledged
        | K::RequestAccepted
        | K::OfficerAppointed
        | K::AppointmentRevoked
        | K::DutyDelegated
        | K::DelegationEnded
        | K::ChannelOpened
        | K::ChannelSuspended
        | K::ChannelResumed
        | K::ChannelLapsed
        | K::AgreementProposed
        | K::AgreementSigned
        | K::ConsentClosed
        | K::ConsentExpired
        | K::RequestClosed
        | K::ReplyOverdue
        | K::PolicyStandardPublished
        | K::BatchMissed
        | K::BatchReminded
        | K::BatchOverdue
        | K::ClosureDeclared
        | K::ClockAdjusted
        | K::MatchRunProposed
        | K::MatchRunAuthorised
        | K::MatchRunBegun
        | K::MatchRunExecuted
        | K::MatchRunFailed
        | K::MeetingConvened
        | K::TopicTabled
        | K::TopicConcluded
        | K::ResolutionProposed
        | K::ResolutionSigned
        | K::ActionClosed
        | K::EscalationDecided
        | K::MemberAppointed
        | K::MemberDismissed
        | K::ProgressReported
        | K::TaskCompleted
        | K::ParticipantsNamed
        | K::KeyAdded
        | K::KeyRetired
        | K::KeyCompromised => Some(Footing::Agreement),
        | K::LogRecovered => Some(Footing::Agreement),
        K::BatchPrepared
        | K::BatchApproved
        | K::ConsentRecorded
        | K::RequestDrafted
        | K::ItemAnswered
        | K::LookupClosed
        | K::RegisterImportStarted
        | K::RegisterChunkImported
        | K::RegisterImportCompleted
        | K::AccessRecorded
        | K::CommandRefused
        | K::OfficerEnrolled
        | K::UnitRegistered
        | K::ChannelProposed
        | K::ChannelExpiring
        | K::ConsentCompleted
        | K::ConsentReviewDue
        | K::MandateRecorded
        | K::MandateRevoked
        | K::ItemAssigned
        | K::ReplyReminded
        | K::CandidateFound
        | K::MatchReviewTaken
        | K::OverlapConfirmed
        | K::OverlapDismissed
        | K::OverlapAssessed
        | K::HearingInvited
        | K::StatementRecorded
        | K::OwnDecisionNotified
        | K::CandidateSealed
        | K::BatchDiscarded
        | K::DraftDiscarded
        | K::ConsentDiscarded => None,
        | K::ErasureProposed => None,
    }
}

/// The legal basis of one event: its footing, and what the event itself names. The clearances of the channel it went by
/// stand in the log of its writer, in the last [`crate::channel::ChannelOpened`] to the reader before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Basis {
    /// On what it rests.
    pub footing: Footing,
    /// The consents, articles and filings that the event names; for a reply the request names them.
    pub named: Vec<LegalBasis>,
}

/// Returns the legal basis of an event; none for what stays in its writer's log.
#[must_use]
pub fn legal_basis(event: &Event) -> Option<Basis> {
    let footing = footing(event.kind())?;
    let consent = |id: &ConsentId| vec![LegalBasis::Consent(*id)];
    let named = if let Event::BatchSent(e) = event {
        e.entries.iter().filter_map(|(_, entry)| entry.basis.clone()).collect()
    } else if let Event::EntryCorrected(e) = event {
        e.replacement.basis.iter().cloned().collect()
    } else if let Event::RequestSubmitted(e) = event {
        let distinct: BTreeSet<ConsentId> = e.request.questions.iter().map(|question| question.consent).collect();
        distinct.into_iter().map(LegalBasis::Consent).collect()
    } else if let Event::ConsentGranted(e) = event {
        vec![LegalBasis::Consent(e.claims.id), e.claims.legal_basis.clone()]
    } else if let Event::ConsentRevoked(e) = event {
        consent(&e.consent)
    } else if let Event::LookupAsked(e) = event {
        consent(&e.consent)
    } else if let Event::LookupPermitted(e) = event {
        consent(&e.consent)
    } else if footing == Footing::VitalInterest {
        vec![LegalBasis::VitalInterest]
    } else {
        Vec::new()
    };
    Some(Basis { footing, named })
}

/// Returns the parties to which an event takes persons' data by a channel; empty when it needs none.
pub(super) fn needs_channel(event: &Event) -> BTreeSet<PartyId> {
    match footing(event.kind()) {
        Some(Footing::Consent) => {
            if let Event::LookupAsked(asked) = event {
                BTreeSet::from([asked.holder])
            } else {
                event.readers()
            }
        }
        Some(Footing::Stated) => {
            let counts_only = matches!(event, Event::BatchSent(sent) if sent.entries.is_empty()); // no person
            if counts_only { BTreeSet::new() } else { event.readers() }
        }
        Some(Footing::VitalInterest | Footing::PersonsRights | Footing::Agreement) | None => BTreeSet::new(),
    }
}
