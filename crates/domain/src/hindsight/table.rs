//! Which command made an event: a line for each kind, so that the compiler asks for the line of a new one.
//!
//! A command's own words are in its event; what the event tells besides (readers, numbers, what was withheld) the command
//! works out anew, and the two are compared. So a field that is left out here is a field that is judged.

use crate::command::Command;
use crate::consent::ConsentCompleted;
use crate::event::Event;
use crate::hindsight::{OnEntries, OnToken};
use crate::{
    access, agreement, authority, channel, closure, conference, consent, erasure, keys, lookup, mandate, meeting,
    notice, overlap, register, standard, suppression, task, urgent, verification,
};

/// What made an event.
pub(super) enum Made {
    /// This command, as far as its event tells it: what it does not tell makes no difference to what happens.
    By(Command),
    /// A command with a consent token, of which the event tells the consent's id alone.
    OnToken(OnToken),
    /// A command that listed entries, of which the event tells the positions alone.
    OnEntries(OnEntries),
    /// `CompleteConsent`: the event tells both letters together, the log the first one.
    Completed(ConsentCompleted),
    /// Nothing that decided anything.
    Nothing,
}

fn by(command: impl Into<Command>) -> Made {
    Made::By(command.into())
}

/// Returns what made an event.
pub(super) fn made(event: Event) -> Made {
    use Event as E;
    match event {
        E::BatchPrepared(notice::BatchPrepared { batch, to, period, entries, unchanged }) => {
            by(notice::PrepareBatch { batch, to, period, entries, unchanged })
        }
        E::BatchApproved(notice::BatchApproved { batch, .. }) => by(notice::ApproveBatch { batch }),
        E::BatchSent(notice::BatchSent { batch, .. }) => by(notice::SendBatch { batch }),
        E::BatchDelivered(notice::BatchDelivered { batch, .. }) => by(notice::RecordBatchDelivery { batch }),
        E::EntryMatched(notice::EntryMatched { batch, entry, .. }) => by(notice::MatchEntry { batch, entry }),
        E::EntryDisputed(notice::EntryDisputed { batch, entry, reason, note, .. }) => {
            by(notice::DisputeEntry { batch, entry, reason, note })
        }
        E::EntryCorrected(notice::EntryCorrected { batch, entry, replacement, note, .. }) => {
            by(notice::CorrectEntry { batch, entry, replacement, note })
        }
        E::EntryWithdrawn(notice::EntryWithdrawn { batch, entry, note, .. }) => {
            by(notice::WithdrawEntry { batch, entry, note })
        }
        E::BatchAcknowledged(notice::BatchAcknowledged { batch, .. }) => by(notice::AcknowledgeBatch { batch }),
        E::UrgentRaised(urgent::UrgentRaised { urgent, to, emergency, vital_interest, happened_at }) => {
            by(urgent::RaiseUrgent { urgent, to, emergency, vital_interest, happened_at })
        }
        E::UrgentDelivered(urgent::UrgentDelivered { urgent, .. }) => by(urgent::RecordUrgentDelivery { urgent }),
        E::UrgentAcked(urgent::UrgentAcked { urgent, .. }) => by(urgent::AckUrgent { urgent }),
        E::UrgentTakenOver(urgent::UrgentTakenOver { urgent, .. }) => by(urgent::TakeOver { urgent }),
        E::ActionReported(urgent::ActionReported { urgent, family_contacted, action, .. }) => {
            by(urgent::ReportAction { urgent, family_contacted, action })
        }
        E::UrgentClosed(urgent::UrgentClosed { urgent, outcome, .. }) => by(urgent::StandDown { urgent, outcome }),
        E::JustificationFiled(urgent::JustificationFiled { urgent, text, .. }) => {
            by(urgent::FileJustification { urgent, text })
        }
        E::JustificationReviewed(urgent::JustificationReviewed { urgent, accepted, note, .. }) => {
            by(urgent::ReviewJustification { urgent, accepted, note })
        }
        E::ConsentRecorded(consent::ConsentRecorded { claims }) => by(consent::RecordConsent { claims }),
        E::ConsentGranted(e) => by(consent::CountersignConsent { consent: e.claims.id }),
        E::ConsentRevoked(consent::ConsentRevoked { consent, form, effective_at, subjects, by: signer, .. }) => {
            by(consent::RevokeConsent { consent, form, effective_at, subjects, by: Some(signer) })
        }
        E::RequestDrafted(verification::RequestDrafted { request }) => by(verification::DraftRequest { request }),
        E::RequestSubmitted(e) => by(verification::SubmitRequest { request: e.request.id }),
        E::RequestAccepted(verification::RequestAccepted { request, .. }) => {
            by(verification::AcceptRequest { request })
        }
        E::RequestRefused(verification::RequestRefused { request, refusal, .. }) => {
            let (refusal_code, offending) = (refusal.code, refusal.offending);
            by(verification::RefuseRequest { request, refusal_code, offending })
        }
        E::ItemAnswered(verification::ItemAnswered { request, question, answer }) => {
            by(verification::AnswerItem { request, question, answer })
        }
        // In parts or whole: of what was ready a partial reply sends the same.
        E::ReplySent(e) => by(verification::SendReply { request: e.request, partial: true }),
        E::ReplyUsed(verification::ReplyUsed { request, decision, .. }) => {
            by(verification::RecordReplyUse { request, decision })
        }
        E::LookupAsked(e) => Made::OnToken(OnToken::Asked(e)),
        E::LookupPermitted(e) => Made::OnToken(OnToken::Permitted(e)),
        E::LookupDenied(e) => Made::OnToken(OnToken::Denied(e)),
        E::LookupAnswered(lookup::LookupAnswered { lookup, answers, .. }) => {
            by(lookup::RecordLookupAnswer { lookup, answers })
        }
        E::LookupClosed(lookup::LookupClosed { lookup, outcome }) => by(lookup::CloseLookup { lookup, outcome }),
        E::RegisterImportStarted(register::RegisterImportStarted { import, households, file_digest }) => {
            by(register::StartRegisterImport { import, households, file_digest })
        }
        E::RegisterChunkImported(register::RegisterChunkImported { import, chunk, households, .. }) => {
            by(register::ImportRegisterChunk { import, chunk, households })
        }
        E::RegisterImportCompleted(register::RegisterImportCompleted { import, .. }) => {
            by(register::CompleteRegisterImport { import })
        }
        E::AccessRecorded(access::AccessRecorded { target: access::AccessTarget::Conference(conference), reason }) => {
            by(conference::OpenConference { conference, reason })
        }
        E::AccessRecorded(access::AccessRecorded { target, reason }) => by(access::RecordAccess { target, reason }),
        E::CommandRefused(_) => Made::Nothing, // nothing happened
        E::OfficerEnrolled(authority::OfficerEnrolled { officer, role, unit }) => {
            by(authority::RecordEnrolment { officer, role, unit })
        }
        E::OfficerAppointed(e) => {
            let authority::OfficerAppointed { officer, role, unit, name, from, to, clearances, told: _ } = e;
            by(authority::AppointOfficer { officer, role, unit, name, from, to, clearances })
        }
        E::AppointmentRevoked(authority::AppointmentRevoked { officer, .. }) => {
            by(authority::RevokeAppointment { officer })
        }
        E::DutyDelegated(authority::DutyDelegated { from, to, role, until, .. }) => {
            by(authority::DelegateDuty { from, to, role, until })
        }
        E::DelegationEnded(authority::DelegationEnded { to, role, .. }) => by(authority::EndDelegation { to, role }),
        E::UnitRegistered(authority::UnitRegistered { unit, names, kind, capabilities }) => {
            by(authority::RegisterUnit { unit, names, kind, capabilities })
        }
        E::ChannelProposed(channel::ChannelProposed { to, clearances }) => by(channel::OpenChannel { to, clearances }),
        E::ChannelOpened(channel::ChannelOpened { to, .. }) => by(channel::ConfirmChannel { to }),
        E::ChannelSuspended(channel::ChannelSuspended { from, to, .. }) => by(channel::SuspendChannel { from, to }),
        E::ChannelResumed(channel::ChannelResumed { from, to, .. }) => by(channel::ResumeChannel { from, to }),
        E::ChannelExpiring(channel::ChannelExpiring { to, .. }) => by(channel::WarnChannelExpiring { to }),
        E::ChannelLapsed(channel::ChannelLapsed { to, .. }) => by(channel::RecordChannelLapse { to }),
        E::AgreementProposed(agreement::AgreementProposed { agreement, terms, .. }) => {
            by(agreement::ProposeAgreement { agreement, terms })
        }
        E::AgreementSigned(agreement::AgreementSigned { agreement, text_digest, .. }) => {
            by(agreement::SignAgreement { agreement, text_digest })
        }
        E::ConsentCompleted(e) => Made::Completed(e),
        E::ConsentClosed(consent::ConsentClosed { consent, reason, .. }) => {
            by(consent::CloseConsent { consent, reason })
        }
        E::ConsentExpired(consent::ConsentExpired { consent, .. }) => by(consent::ExpireConsent { consent }),
        E::ConsentReviewDue(consent::ConsentReviewDue { consent, subject, age }) => {
            by(consent::RaiseConsentReview { consent, subject, age })
        }
        E::MandateRecorded(mandate::MandateRecorded { mandate }) => by(mandate::RecordMandate { mandate }),
        E::MandateRevoked(mandate::MandateRevoked { mandate, form, effective_at }) => {
            by(mandate::RevokeMandate { mandate, form, effective_at })
        }
        E::MatchRunProposed(overlap::MatchRunProposed { run, with, purpose, basis, period, method, elements_max }) => {
            by(overlap::ProposeMatchRun { run, with, purpose, basis, period, method, elements_max })
        }
        E::MatchRunAuthorised(overlap::MatchRunAuthorised { run, .. }) => by(overlap::AuthoriseMatchRun { run }),
        E::MatchRunBegun(overlap::MatchRunBegun { run, elements, persons, .. }) => {
            by(overlap::BeginMatchRun { run, elements, persons })
        }
        E::CandidateFound(overlap::CandidateFound { candidate, record }) => {
            by(overlap::RecordCandidate { candidate, record })
        }
        E::MatchRunExecuted(overlap::MatchRunExecuted { run, peer_elements, .. }) => {
            by(overlap::RecordMatchExecution { run, peer_elements })
        }
        E::MatchRunFailed(overlap::MatchRunFailed { run, reason, .. }) => by(overlap::FailMatchRun { run, reason }),
        E::MatchReviewTaken(overlap::MatchReviewTaken { run, reason }) => by(overlap::TakeMatchReview { run, reason }),
        E::OverlapConfirmed(overlap::OverlapConfirmed { candidate }) => by(overlap::ConfirmOverlap { candidate }),
        E::OverlapDismissed(overlap::OverlapDismissed { candidate, reason, note }) => {
            by(overlap::DismissOverlap { candidate, reason, note })
        }
        E::OverlapAssessed(overlap::OverlapAssessed { candidate, assessment, note }) => {
            by(overlap::AssessOverlap { candidate, assessment, note })
        }
        E::HearingInvited(overlap::HearingInvited { candidate, on, note }) => {
            by(overlap::InviteHearing { candidate, on, note })
        }
        E::StatementRecorded(overlap::StatementRecorded { candidate, statement }) => {
            by(overlap::RecordStatement { candidate, statement })
        }
        E::OwnDecisionNotified(overlap::OwnDecisionNotified { candidate, decision }) => {
            by(overlap::NotifyOwnDecision { candidate, decision })
        }
        E::CandidateSealed(overlap::CandidateSealed { candidate }) => by(overlap::SealCandidate { candidate }),
        E::MeetingConvened(meeting::MeetingConvened { meeting, series, title, at, to, agenda }) => {
            by(meeting::ConveneMeeting { meeting, series, title, at, to, agenda })
        }
        E::TopicTabled(meeting::TopicTabled { topic, setting, title, .. }) => {
            by(meeting::TableTopic { topic, setting, title })
        }
        E::TopicConcluded(meeting::TopicConcluded { topic, conclusion, .. }) => {
            by(meeting::ConcludeTopic { topic, conclusion })
        }
        E::ResolutionProposed(meeting::ResolutionProposed { meeting, resolution, text, actions, .. }) => {
            by(meeting::ProposeResolution { meeting, resolution, text, actions })
        }
        E::ResolutionSigned(meeting::ResolutionSigned { meeting, resolution, digest, .. }) => {
            by(meeting::SignResolution { meeting, resolution, digest })
        }
        E::ActionClosed(meeting::ActionClosed { meeting, resolution, action, note, .. }) => {
            by(meeting::CloseAction { meeting, resolution, action, note })
        }
        E::EscalationDecided(meeting::EscalationDecided { meeting, case, decision, members, .. }) => {
            by(meeting::DecideEscalation { meeting, case, decision, members })
        }
        E::ProgressReported(task::ProgressReported { task, note, .. }) => by(task::ReportProgress { task, note }),
        E::TaskCompleted(task::TaskCompleted { task, note, .. }) => by(task::CompleteTask { task, note }),
        E::CaseNominated(conference::CaseNominated { conference, to, case, summary, basis, need_to_know }) => {
            by(conference::NominateCase { conference, to, case, summary, basis, need_to_know })
        }
        E::PartyInvited(conference::PartyInvited { party, nomination, .. }) => {
            by(conference::InviteParty { conference: nomination.conference, party })
        }
        E::ParticipantsNamed(conference::ParticipantsNamed { conference, officers, .. }) => {
            by(conference::NameParticipants { conference, officers })
        }
        E::OpinionSubmitted(conference::OpinionSubmitted { conference, opinion, .. }) => {
            by(conference::SubmitOpinion { conference, opinion })
        }
        E::CaseConcluded(conference::CaseConcluded { conference, decision, owner, follow_up, .. }) => {
            by(conference::ConcludeCase { conference, decision, owner, follow_up })
        }
        E::FollowUpAssigned(conference::FollowUpAssigned { conference, what, owner, due, .. }) => {
            by(conference::AssignFollowUp { conference, what, owner, due })
        }
        E::FollowUpClosed(conference::FollowUpClosed { conference, no, outcome, .. }) => {
            by(conference::CloseFollowUp { conference, no, outcome })
        }
        E::ClosureDeclared(closure::ClosureDeclared { closure, calendar, date, reason, .. }) => {
            by(closure::DeclareClosure { closure, calendar, date, reason })
        }
        E::ClockAdjusted(closure::ClockAdjusted { closure, case, clock, .. }) => {
            by(closure::AdjustClock { closure, case, clock })
        }
        E::BatchMissed(notice::BatchMissed { to, period, .. }) => by(notice::RecordMissedBatch { to, period }),
        E::BatchReminded(notice::BatchReminded { batch, .. }) => by(notice::RemindBatch { batch }),
        E::BatchOverdue(notice::BatchOverdue { batch, .. }) => by(notice::RecordBatchOverdue { batch }),
        E::UrgentEscalated(urgent::UrgentEscalated { urgent, step, .. }) => by(urgent::EscalateUrgent { urgent, step }),
        E::UrgentActionOverdue(urgent::UrgentActionOverdue { urgent, .. }) => {
            by(urgent::RecordActionOverdue { urgent })
        }
        E::JustificationOverdue(urgent::JustificationOverdue { urgent, .. }) => {
            by(urgent::RecordJustificationOverdue { urgent })
        }
        E::UrgentRelayedByPhone(urgent::UrgentRelayedByPhone { urgent, to, at, spoken_with_desk, .. }) => {
            by(urgent::RecordPhoneRelay { urgent, to, at, spoken_with_desk })
        }
        E::SubjectInformed(urgent::SubjectInformed { urgent, .. }) => by(urgent::InformSubject { urgent }),
        E::PolicyStandardPublished(standard::PolicyStandardPublished { standard, .. }) => {
            by(standard::PublishStandard { standard })
        }
        E::ItemAssigned(verification::ItemAssigned { request, question, officer }) => {
            by(verification::AssignItem { request, question, officer })
        }
        E::ClarificationRequested(verification::ClarificationRequested { request, text, questions, .. }) => {
            by(verification::RequestClarification { request, text, questions })
        }
        E::ClarificationAnswered(verification::ClarificationAnswered { request, clarification, answer, .. }) => {
            by(verification::AnswerClarification { request, clarification, answer })
        }
        E::RequestWithdrawn(verification::RequestWithdrawn { request, reason, .. }) => match reason {
            verification::WithdrawalReason::ByAsker => by(verification::WithdrawRequest { request }),
            verification::WithdrawalReason::ClarificationNotAnswered => {
                by(verification::LapseClarification { request })
            }
        },
        E::RequestClosed(verification::RequestClosed { request, .. }) => by(verification::CloseRequest { request }),
        E::ReplyCorrected(verification::ReplyCorrected { request, question, reason, .. }) => {
            by(verification::CorrectReply { request, question, reason })
        }
        E::CorrectionAcknowledged(verification::CorrectionAcknowledged { request, question, .. }) => {
            by(verification::AcknowledgeCorrection { request, question })
        }
        E::AnswerRecalled(verification::AnswerRecalled { request, consent, .. }) => {
            by(verification::RecallAnswers { request, consent })
        }
        E::ReplyOverdue(verification::ReplyOverdue { request, step, .. }) => {
            by(verification::ReportReplyOverdue { request, step })
        }
        E::ReplyReminded(verification::ReplyReminded { request, step }) => {
            by(verification::RemindReply { request, step })
        }
        E::KeyAdded(e) => by(keys::RecordKeyStatement { signed: e.signed }),
        E::KeyRetired(e) => by(keys::RecordKeyStatement { signed: e.signed }),
        E::KeyCompromised(e) => by(keys::RecordKeyStatement { signed: e.signed }),
        E::DisclosureSuppressed(suppression::DisclosureSuppressed { case, towards, reason, .. }) => {
            by(suppression::SuppressDisclosure { case, towards, reason })
        }
        E::SuppressionLifted(suppression::SuppressionLifted { case, towards, reason, .. }) => {
            by(suppression::LiftSuppression { case, towards, reason })
        }
        E::BatchDiscarded(notice::BatchDiscarded { batch, reason }) => by(notice::DiscardBatch { batch, reason }),
        E::DraftDiscarded(verification::DraftDiscarded { request, reason }) => {
            by(verification::DiscardDraft { request, reason })
        }
        E::ConsentDiscarded(consent::ConsentDiscarded { consent, reason }) => {
            by(consent::DiscardConsent { consent, reason })
        }
        E::MemberAppointed(meeting::MemberAppointed { member, name, .. }) => {
            by(meeting::AppointMember { member, name })
        }
        E::MemberDismissed(meeting::MemberDismissed { member, .. }) => by(meeting::DismissMember { member }),
        E::LogRecovered(e) => by(e.recovery),
        E::ErasureProposed(e) => Made::OnEntries(OnEntries::Proposed(e)),
        E::ErasureOrdered(erasure::ErasureOrdered { erasure, .. }) => by(erasure::OrderErasure { erasure }),
        E::ErasureConfirmed(erasure::ErasureConfirmed { erasure, ordered_by, destroyed, kept, .. }) => {
            by(erasure::ConfirmErasure { erasure, ordered_by, destroyed, kept })
        }
        E::ErasureOverdue(erasure::ErasureOverdue { erasure, .. }) => by(erasure::RecordErasureOverdue { erasure }),
        E::ErasureRequested(e) => Made::OnEntries(OnEntries::Requested(e)),
        E::ErasureRefused(erasure::ErasureRefused { erasure, because, reference, .. }) => {
            by(erasure::RefuseErasure { erasure, because, reference })
        }
        E::ErasureRequestOverdue(erasure::ErasureRequestOverdue { erasure, .. }) => {
            by(erasure::RecordErasureRequestOverdue { erasure })
        }
    }
}
