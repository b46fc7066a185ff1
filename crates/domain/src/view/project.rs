//! Projection: how one entry changes the rows. The same path for own and foreign entries, live, at start-up and in
//! the auditor's replay.

use crate::agreement::AgreementFacts as Agreement;
use crate::authority::AppointmentFacts as Officer;
use crate::channel::ChannelFacts as Channel;
use crate::command::CommandKind;
use crate::event::{Body, Event, EventKind};
use crate::id::PartyId;
use crate::time::Instant;
use crate::view::{CommandFacts, CommandOutcome, CommandRecord, EntryId, LogPosition, Overlay, ViewError};
use crate::{
    access, authority, channel, closure, conference, consent, erasure, keys, lookup, mandate, meeting, notice, overlap,
    register, standard, suppression, task, urgent, verification, work,
};

/// What an entry's header says that projection needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EntryMeta {
    /// Whose log.
    pub origin: PartyId,
    /// Position in it, from 0.
    pub seq: u64,
    /// The entry's leaf hash.
    pub leaf: [u8; 32],
    /// When it was recorded, by its writer's clock.
    pub recorded_at: Instant,
    /// The event's class.
    pub kind: EventKind,
}

/// Projects one entry; `body` is none when it is not for this party.
///
/// # Errors
/// When a row can't be read: the view must be rebuilt.
pub fn project(rows: &mut Overlay<'_>, entry: &EntryMeta, body: Option<&Body>) -> Result<(), ViewError> {
    rows.fold::<LogPosition>(&(), entry.origin, |log| {
        log.count = entry.seq + 1;
        log.head = entry.leaf;
        log.recorded_at = entry.recorded_at;
        *log.kinds.entry(entry.kind).or_default() += 1;
    })?;
    let Some(body) = body else { return Ok(()) };
    if let Some(stamp) = body.command {
        let outcome = if let Event::CommandRefused(refused) = &body.event {
            CommandOutcome::Refused(refused.refusal.clone())
        } else {
            CommandOutcome::Done // whatever else a command made, it happened
        };
        let EntryMeta { seq, leaf, recorded_at, kind, .. } = *entry;
        let record = CommandRecord { seq, recorded_at, leaf, kind, digest: stamp.digest, outcome };
        rows.fold::<CommandFacts>(&stamp.key, entry.origin, |facts| {
            facts.0.get_or_insert(record); // the first result stands
        })?;
    }
    project_event(rows, entry, body)
}

fn project_event(rows: &mut Overlay<'_>, entry: &EntryMeta, body: &Body) -> Result<(), ViewError> {
    let origin = entry.origin;
    let by = Said { by: body.actor.officer.clone(), at: entry.recorded_at, seq: entry.seq, role: body.actor.role };
    work::note(rows, origin, &by, &body.event)?;
    match &body.event {
        Event::BatchPrepared(e) => rows.fold::<notice::BatchFacts>(&e.batch, origin, |f| f.prepared(e, by)),
        Event::BatchApproved(e) => rows.fold::<notice::BatchFacts>(&e.batch, origin, |f| f.approved(e, by)),
        Event::BatchSent(e) => {
            rows.fold::<notice::RoutineFacts>(&e.to, origin, |f| f.sent(e, by.clone()))?;
            rows.fold::<notice::BatchFacts>(&e.batch, origin, |f| f.sent(e, by))
        }
        Event::BatchDelivered(e) => rows.fold::<notice::BatchFacts>(&e.batch, origin, |f| f.delivered(e, by)),
        Event::EntryMatched(e) => rows.fold::<notice::BatchFacts>(&e.batch, origin, |f| f.matched(e, by)),
        Event::EntryDisputed(e) => rows.fold::<notice::BatchFacts>(&e.batch, origin, |f| f.disputed(e, by)),
        Event::EntryCorrected(e) => rows.fold::<notice::BatchFacts>(&e.batch, origin, |f| f.corrected(e, by)),
        Event::EntryWithdrawn(e) => rows.fold::<notice::BatchFacts>(&e.batch, origin, |f| f.withdrawn(e, by)),
        Event::BatchAcknowledged(e) => rows.fold::<notice::BatchFacts>(&e.batch, origin, |f| f.acknowledged(e, by)),
        Event::UrgentRaised(e) => rows.fold::<urgent::UrgentFacts>(&e.urgent, origin, |f| f.raised(e, by)),
        Event::UrgentDelivered(e) => rows.fold::<urgent::UrgentFacts>(&e.urgent, origin, |f| f.delivered(e, by)),
        Event::UrgentAcked(e) => rows.fold::<urgent::UrgentFacts>(&e.urgent, origin, |f| f.acked(e, by)),
        Event::UrgentTakenOver(e) => rows.fold::<urgent::UrgentFacts>(&e.urgent, origin, |f| f.taken_over(e, by)),
        Event::ActionReported(e) => rows.fold::<urgent::UrgentFacts>(&e.urgent, origin, |f| f.action(e, by)),
        Event::UrgentClosed(e) => rows.fold::<urgent::UrgentFacts>(&e.urgent, origin, |f| f.closed(e, by)),
        Event::JustificationFiled(e) => rows.fold::<urgent::UrgentFacts>(&e.urgent, origin, |f| f.justified(e, by)),
        Event::JustificationReviewed(e) => rows.fold::<urgent::UrgentFacts>(&e.urgent, origin, |f| f.reviewed(e, by)),
        Event::ConsentRecorded(e) => rows.fold::<consent::ConsentFacts>(&e.claims.id, origin, |f| f.recorded(e, by)),
        Event::ConsentGranted(e) => rows.fold::<consent::ConsentFacts>(&e.claims.id, origin, |f| f.granted(e, by)),
        Event::ConsentRevoked(e) => rows.fold::<consent::ConsentFacts>(&e.consent, origin, |f| f.revoked(e, by)),
        Event::RequestDrafted(e) => {
            rows.fold::<verification::RequestFacts>(&e.request.id, origin, |f| f.drafted(e, by))
        }
        Event::RequestSubmitted(e) => {
            verification::project_basis(rows, origin, &e.request)?;
            rows.fold::<verification::RequestFacts>(&e.request.id, origin, |f| f.submitted(e, by))
        }
        Event::RequestAccepted(e) => rows.fold::<verification::RequestFacts>(&e.request, origin, |f| f.accepted(e, by)),
        Event::RequestRefused(e) => rows.fold::<verification::RequestFacts>(&e.request, origin, |f| f.refused(e, by)),
        Event::ItemAnswered(e) => rows.fold::<verification::RequestFacts>(&e.request, origin, |f| f.answered(e, by)),
        Event::ReplySent(e) => rows.fold::<verification::RequestFacts>(&e.request, origin, |f| f.replied(e, &by)),
        Event::ReplyUsed(e) => rows.fold::<verification::RequestFacts>(&e.request, origin, |f| f.used(e, by)),
        Event::LookupAsked(e) => {
            let id = EntryId::new(access::thing(&access::AccessTarget::Lookup(e.lookup)), entry.seq); // a look by its asker
            rows.fold::<access::AccessFacts>(&id, origin, |f| f.asked(&body.actor, entry.recorded_at))?;
            rows.fold::<lookup::LookupFacts>(&e.lookup, origin, |f| f.asked(e, by))
        }
        Event::LookupPermitted(e) => {
            rows.fold::<consent::ConsentFacts>(&e.consent, origin, |f| f.use_spent(e, by.clone()))?;
            rows.fold::<verification::BasisFacts>(&e.consent, origin, |f| f.permitted(e))?;
            rows.fold::<lookup::LookupFacts>(&e.lookup, origin, |f| f.permitted(e, by))
        }
        Event::LookupDenied(e) => rows.fold::<lookup::LookupFacts>(&e.lookup, origin, |f| f.denied(e, by)),
        Event::LookupAnswered(e) => rows.fold::<lookup::LookupFacts>(&e.lookup, origin, |f| f.answered(e, by)),
        Event::LookupClosed(e) => rows.fold::<lookup::LookupFacts>(&e.lookup, origin, |f| f.closed(e, by)),
        Event::RegisterImportStarted(e) => rows.fold::<register::ImportFacts>(&e.import, origin, |f| f.started(e, by)),
        Event::RegisterChunkImported(e) => {
            rows.fold::<register::ImportFacts>(&e.import, origin, |f| f.chunk(e))?;
            register::project_chunk(rows, e)
        }
        Event::RegisterImportCompleted(e) => {
            rows.fold::<register::ImportFacts>(&e.import, origin, |f| f.completed(by))?;
            register::project_completion(rows, e)
        }
        Event::OfficerEnrolled(e) => rows.fold::<Officer>(&e.officer, origin, |f| f.enrolled(e, by)),
        Event::OfficerAppointed(e) => rows.fold::<Officer>(&e.officer, origin, |f| f.appointed(e, by)),
        Event::AppointmentRevoked(e) => rows.fold::<Officer>(&e.officer, origin, |f| f.revoked(e, by)),
        Event::DutyDelegated(e) => rows.fold::<Officer>(&e.to, origin, |f| f.delegated(e, by)),
        Event::DelegationEnded(e) => rows.fold::<Officer>(&e.to, origin, |f| f.delegation_ended(e)),
        Event::UnitRegistered(e) => rows.fold::<authority::UnitFacts>(&(), origin, |f| f.registered(e, by)),
        Event::ChannelProposed(e) => rows.fold::<Channel>(&way(origin, e.to), origin, |f| f.proposed(e, by)),
        Event::ChannelOpened(e) => rows.fold::<Channel>(&way(origin, e.to), origin, |f| f.opened(e, by)),
        Event::ChannelSuspended(e) => rows.fold::<Channel>(&way(e.from, e.to), origin, |f| f.suspended(e, by)),
        Event::ChannelResumed(e) => rows.fold::<Channel>(&way(e.from, e.to), origin, |f| f.resumed(e)),
        Event::ChannelExpiring(e) => rows.fold::<Channel>(&way(origin, e.to), origin, |f| f.expiring(e, by)),
        Event::ChannelLapsed(e) => rows.fold::<Channel>(&way(origin, e.to), origin, |f| f.lapsed(e, by)),
        Event::AgreementProposed(e) => rows.fold::<Agreement>(&e.agreement, origin, |f| f.proposed(e, by)),
        Event::AgreementSigned(e) => rows.fold::<Agreement>(&e.agreement, origin, |f| f.signed(e, by)),
        Event::MatchRunProposed(e) => rows.fold::<overlap::MatchRunFacts>(&e.run, origin, |f| f.proposed(e, by)),
        Event::MatchRunAuthorised(e) => rows.fold::<overlap::MatchRunFacts>(&e.run, origin, |f| f.authorised(e, by)),
        Event::MatchRunBegun(e) => rows.fold::<overlap::MatchRunFacts>(&e.run, origin, |f| f.begun(e, by)),
        Event::MatchRunExecuted(e) => rows.fold::<overlap::MatchRunFacts>(&e.run, origin, |f| f.executed(e, by)),
        Event::MatchRunFailed(e) => rows.fold::<overlap::MatchRunFacts>(&e.run, origin, |f| f.failed(e, by)),
        Event::MatchReviewTaken(e) => rows.fold::<overlap::MatchRunFacts>(&e.run, origin, |f| f.review(e, by)),
        Event::CandidateFound(_)
        | Event::OverlapConfirmed(_)
        | Event::OverlapDismissed(_)
        | Event::OverlapAssessed(_)
        | Event::HearingInvited(_)
        | Event::StatementRecorded(_)
        | Event::OwnDecisionNotified(_)
        | Event::CandidateSealed(_) => overlap::project_candidate(rows, origin, &body.event, &by),
        Event::MeetingConvened(_) | Event::TopicTabled(_) => meeting::project(rows, origin, by, &body.event),
        Event::TopicConcluded(_) | Event::ResolutionProposed(_) => meeting::project(rows, origin, by, &body.event),
        Event::ResolutionSigned(_) | Event::ActionClosed(_) => meeting::project(rows, origin, by, &body.event),
        Event::EscalationDecided(_) => meeting::project(rows, origin, by, &body.event),
        Event::MemberAppointed(_) | Event::MemberDismissed(_) => meeting::project(rows, origin, by, &body.event),
        Event::ProgressReported(_) | Event::TaskCompleted(_) => task::project(rows, origin, by, &body.event),
        Event::CaseNominated(_) | Event::PartyInvited(_) => conference::project(rows, origin, by, &body.event),
        Event::ParticipantsNamed(_) | Event::OpinionSubmitted(_) => conference::project(rows, origin, by, &body.event),
        Event::CaseConcluded(_) | Event::FollowUpAssigned(_) => conference::project(rows, origin, by, &body.event),
        Event::FollowUpClosed(_) => conference::project(rows, origin, by, &body.event),
        Event::ClosureDeclared(e) => rows.fold::<closure::ClosureFacts>(&e.closure, origin, |f| f.declared(e, by)),
        Event::ClockAdjusted(e) => rows.fold::<closure::ClosureFacts>(&e.closure, origin, |f| f.adjusted(e, by)),
        Event::BatchMissed(e) => rows.fold::<notice::RoutineFacts>(&e.to, origin, |f| f.missed(e, by)),
        Event::BatchReminded(e) => rows.fold::<notice::BatchFacts>(&e.batch, origin, |f| f.reminded(e, by)),
        Event::BatchOverdue(e) => rows.fold::<notice::BatchFacts>(&e.batch, origin, |f| f.overdue(e, by)),
        Event::UrgentEscalated(e) => rows.fold::<urgent::UrgentFacts>(&e.urgent, origin, |f| f.escalated(e, by)),
        Event::UrgentActionOverdue(e) => {
            rows.fold::<urgent::UrgentFacts>(&e.urgent, origin, |f| f.action_overdue(e, by))
        }
        Event::JustificationOverdue(e) => {
            rows.fold::<urgent::UrgentFacts>(&e.urgent, origin, |f| f.justification_overdue(e, by))
        }
        Event::UrgentRelayedByPhone(e) => rows.fold::<urgent::UrgentFacts>(&e.urgent, origin, |f| f.relayed(e, by)),
        Event::SubjectInformed(e) => rows.fold::<urgent::UrgentFacts>(&e.urgent, origin, |f| f.informed(e, by)),
        Event::PolicyStandardPublished(e) => {
            rows.fold::<standard::StandardFacts>(&e.standard.key(), origin, |f| f.published(e, by))
        }
        Event::ItemAssigned(e) => rows.fold::<verification::RequestFacts>(&e.request, origin, |f| f.assigned(e, by)),
        Event::ClarificationRequested(e) => {
            rows.fold::<verification::RequestFacts>(&e.request, origin, |f| f.clarification(e, by))
        }
        Event::ClarificationAnswered(e) => {
            rows.fold::<verification::RequestFacts>(&e.request, origin, |f| f.clarified(e, by))
        }
        Event::RequestWithdrawn(e) => {
            rows.fold::<verification::RequestFacts>(&e.request, origin, |f| f.withdrawn(e, by))
        }
        Event::RequestClosed(e) => rows.fold::<verification::RequestFacts>(&e.request, origin, |f| f.closed(e, by)),
        Event::ReplyCorrected(e) => rows.fold::<verification::RequestFacts>(&e.request, origin, |f| f.corrected(e, by)),
        Event::CorrectionAcknowledged(e) => {
            rows.fold::<verification::RequestFacts>(&e.request, origin, |f| f.acknowledged(e, by))
        }
        Event::AnswerRecalled(e) => rows.fold::<verification::RequestFacts>(&e.request, origin, |f| f.recalled(e, &by)),
        Event::ReplyOverdue(e) => rows.fold::<verification::RequestFacts>(&e.request, origin, |f| f.overdue(e, by)),
        Event::ReplyReminded(e) => rows.fold::<verification::RequestFacts>(&e.request, origin, |f| f.reminded(e, by)),
        Event::AccessRecorded(e) => {
            let id = EntryId::new(access::thing(&e.target), entry.seq);
            rows.fold::<access::AccessFacts>(&id, origin, |f| f.recorded(e, &body.actor, entry.recorded_at))
        }
        Event::ConsentCompleted(e) => rows.fold::<consent::ConsentFacts>(&e.claims.id, origin, |f| f.completed(e, by)),
        Event::ConsentClosed(e) => rows.fold::<consent::ConsentFacts>(&e.consent, origin, |f| f.closed(e, by)),
        Event::ConsentExpired(e) => rows.fold::<consent::ConsentFacts>(&e.consent, origin, |f| f.expired(e, by)),
        Event::ConsentReviewDue(e) => rows.fold::<consent::ConsentFacts>(&e.consent, origin, |f| f.review_due(e, by)),
        Event::MandateRecorded(e) => rows.fold::<mandate::MandateFacts>(&e.mandate.id, origin, |f| f.recorded(e, by)),
        Event::MandateRevoked(e) => rows.fold::<mandate::MandateFacts>(&e.mandate, origin, |f| f.revoked(e, by)),
        Event::KeyAdded(e) => rows.fold::<keys::KeyFacts>(&(), origin, |f| f.said(&e.signed.statement, by)),
        Event::KeyRetired(e) => rows.fold::<keys::KeyFacts>(&(), origin, |f| f.said(&e.signed.statement, by)),
        Event::KeyCompromised(e) => rows.fold::<keys::KeyFacts>(&(), origin, |f| f.said(&e.signed.statement, by)),
        Event::DisclosureSuppressed(e) => {
            rows.fold::<suppression::SuppressionFacts>(&e.case, origin, |f| f.suppressed(e, by))
        }
        Event::SuppressionLifted(e) => rows.fold::<suppression::SuppressionFacts>(&e.case, origin, |f| f.lifted(e, by)),
        Event::ErasureProposed(e) => rows.fold::<erasure::ErasureFacts>(&e.erasure, origin, |f| f.proposed(e, by)),
        Event::ErasureOrdered(e) => rows.fold::<erasure::ErasureFacts>(&e.erasure, origin, |f| f.ordered(e, by)),
        Event::ErasureConfirmed(e) => rows.fold::<erasure::ErasureFacts>(&e.erasure, origin, |f| f.confirmed(e, by)),
        Event::ErasureOverdue(e) => rows.fold::<erasure::ErasureFacts>(&e.erasure, origin, |f| f.overdue(e, by)),
        Event::ErasureRequested(e) => rows.fold::<erasure::ErasureFacts>(&e.erasure, origin, |f| f.requested(e, by)),
        Event::ErasureRefused(e) => rows.fold::<erasure::ErasureFacts>(&e.erasure, origin, |f| f.refused(e, by)),
        Event::ErasureRequestOverdue(e) => {
            rows.fold::<erasure::ErasureFacts>(&e.erasure, origin, |f| f.request_overdue(e, by))
        }
        Event::BatchDiscarded(e) => rows.fold::<notice::BatchFacts>(&e.batch, origin, |f| f.discarded(e, by)),
        Event::DraftDiscarded(e) => rows.fold::<verification::RequestFacts>(&e.request, origin, |f| f.discarded(e, by)),
        Event::ConsentDiscarded(e) => rows.fold::<consent::ConsentFacts>(&e.consent, origin, |f| f.discarded(e, by)),
        // Refusals are counted in the log position. Of one that turned a draft away the request is all the trace there is:
        // the next one may follow it.
        Event::CommandRefused(e) => match e.request.filter(|_| e.command == CommandKind::DraftRequest) {
            Some(id) => rows.fold::<verification::RequestFacts>(&id, origin, |f| f.turned_away(e.refusal.code, by)),
            None => Ok(()),
        },
        // Counted in the log position; nothing is decided from it.
        Event::LogRecovered(_) => Ok(()),
    }
}

fn way(from: PartyId, to: PartyId) -> channel::ChannelWay {
    channel::ChannelWay { from, to }
}

/// Who did a step, and when; kept beside each fact.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Said {
    /// The officer.
    pub by: crate::id::OfficerId,
    /// When, by the clock of the log's writer.
    #[cfg_attr(feature = "schema", schema(value_type = i64))]
    pub at: Instant,
    /// Sequence number of the entry that says so.
    pub seq: u64,
    /// The role acted in.
    pub role: crate::officer::Role,
}
