//! Whom a command is about: for the clearance that cases about minors ask for (`domain.md` §7, S7).

use crate::access::{AccessTarget, Concerned};
use crate::case::CaseRef;
use crate::command::Command;
use crate::lookup::AskLookup;

/// Returns what a command works on or reads, as far as a clearance is asked for it.
///
/// None is asked for urgent notices, where help goes before order; for batches and matching runs, which name many; for
/// conferences, whose parties name each officer; for a withdrawal, which is never turned away; and for the end of a lookup,
/// which was asked for when it was asked.
pub(super) fn concerned(command: &Command) -> Concerned<'_> {
    use Command as C;
    match command {
        C::RecordConsent(c) => Concerned::Claims(&c.claims),
        C::CountersignConsent(c) => Concerned::Consent(c.consent),
        C::CompleteConsent(c) => Concerned::Consent(c.consent),
        C::CloseConsent(c) => Concerned::Consent(c.consent),
        C::ExpireConsent(c) => Concerned::Consent(c.consent),
        C::RaiseConsentReview(c) => Concerned::Consent(c.consent),
        C::DraftRequest(c) => Concerned::Questions(&c.request.questions),
        C::SubmitRequest(c) => Concerned::Request(c.request),
        C::AcceptRequest(c) => Concerned::Request(c.request),
        C::RefuseRequest(c) => Concerned::Request(c.request),
        C::AnswerItem(c) => Concerned::Request(c.request),
        C::SendReply(c) => Concerned::Request(c.request),
        C::RecordReplyUse(c) => Concerned::Request(c.request),
        C::AssignItem(c) => Concerned::Request(c.request),
        C::RequestClarification(c) => Concerned::Request(c.request),
        C::AnswerClarification(c) => Concerned::Request(c.request),
        C::LapseClarification(c) => Concerned::Request(c.request),
        C::WithdrawRequest(c) => Concerned::Request(c.request),
        C::CloseRequest(c) => Concerned::Request(c.request),
        C::CorrectReply(c) => Concerned::Request(c.request),
        C::AcknowledgeCorrection(c) => Concerned::Request(c.request),
        C::RecallAnswers(c) => Concerned::Request(c.request),
        C::ReportReplyOverdue(c) => Concerned::Request(c.request),
        C::RemindReply(c) => Concerned::Request(c.request),
        C::AskLookup(AskLookup { token, subject, .. }) => Concerned::Person(subject, token.claims().ok()),
        C::JudgeLookup(c) => Concerned::Person(&c.subject, c.token.claims().ok()),
        C::RecordLookupAnswer(c) => Concerned::Lookup(c.lookup),
        C::NominateCase(c) => of_case(c.case),
        C::DiscardConsent(c) => Concerned::Consent(c.consent),
        C::DiscardDraft(c) => Concerned::Request(c.request),
        C::SuppressDisclosure(c) => c.case.concerned(),
        C::LiftSuppression(c) => c.case.concerned(),
        C::RecordAccess(c) => match &c.target {
            AccessTarget::Consent(consent) => Concerned::Consent(*consent),
            AccessTarget::Request(request) => Concerned::Request(*request),
            AccessTarget::Lookup(lookup) => Concerned::Lookup(*lookup),
            AccessTarget::Persons { persons, .. } => Concerned::Persons(persons),
            AccessTarget::Batch(_)
            | AccessTarget::Urgent(_)
            | AccessTarget::SealedUrgent(_)
            | AccessTarget::Mandate(_)
            | AccessTarget::MatchRun(_)
            | AccessTarget::Conference(_) => Concerned::Nobody,
        },
        C::RevokeConsent(_)
        | C::CloseLookup(_)
        | C::RecordMandate(_)
        | C::RevokeMandate(_)
        | C::PrepareBatch(_)
        | C::ApproveBatch(_)
        | C::SendBatch(_)
        | C::RecordBatchDelivery(_)
        | C::MatchEntry(_)
        | C::DisputeEntry(_)
        | C::CorrectEntry(_)
        | C::WithdrawEntry(_)
        | C::AcknowledgeBatch(_)
        | C::RecordMissedBatch(_)
        | C::RemindBatch(_)
        | C::RecordBatchOverdue(_)
        | C::RaiseUrgent(_)
        | C::RecordUrgentDelivery(_)
        | C::AckUrgent(_)
        | C::TakeOver(_)
        | C::ReportAction(_)
        | C::StandDown(_)
        | C::FileJustification(_)
        | C::ReviewJustification(_)
        | C::EscalateUrgent(_)
        | C::RecordActionOverdue(_)
        | C::RecordJustificationOverdue(_)
        | C::RecordPhoneRelay(_)
        | C::InformSubject(_)
        | C::PublishStandard(_)
        | C::InviteParty(_)
        | C::NameParticipants(_)
        | C::OpenConference(_)
        | C::SubmitOpinion(_)
        | C::ConcludeCase(_)
        | C::AssignFollowUp(_)
        | C::CloseFollowUp(_)
        | C::ProposeMatchRun(_)
        | C::AuthoriseMatchRun(_)
        | C::BeginMatchRun(_)
        | C::RecordCandidate(_)
        | C::RecordMatchExecution(_)
        | C::FailMatchRun(_)
        | C::TakeMatchReview(_)
        | C::ConfirmOverlap(_)
        | C::DismissOverlap(_)
        | C::AssessOverlap(_)
        | C::InviteHearing(_)
        | C::RecordStatement(_)
        | C::NotifyOwnDecision(_)
        | C::SealCandidate(_)
        | C::StartRegisterImport(_)
        | C::ImportRegisterChunk(_)
        | C::CompleteRegisterImport(_)
        | C::ConveneMeeting(_)
        | C::TableTopic(_)
        | C::ConcludeTopic(_)
        | C::ProposeResolution(_)
        | C::SignResolution(_)
        | C::CloseAction(_)
        | C::DecideEscalation(_)
        | C::ReportProgress(_)
        | C::CompleteTask(_)
        | C::DeclareClosure(_)
        | C::AdjustClock(_)
        | C::RecordEnrolment(_)
        | C::AppointOfficer(_)
        | C::RevokeAppointment(_)
        | C::DelegateDuty(_)
        | C::EndDelegation(_)
        | C::RegisterUnit(_)
        | C::OpenChannel(_)
        | C::ConfirmChannel(_)
        | C::SuspendChannel(_)
        | C::ResumeChannel(_)
        | C::WarnChannelExpiring(_)
        | C::RecordChannelLapse(_)
        | C::ProposeAgreement(_)
        | C::SignAgreement(_)
        | C::DiscardBatch(_)
        | C::AppointMember(_)
        | C::DismissMember(_)
        | C::RecordKeyStatement(_)
        | C::RecordRecovery(_)
        | C::ProposeErasure(_)
        | C::OrderErasure(_)
        | C::ConfirmErasure(_)
        | C::RecordErasureOverdue(_)
        | C::RequestErasure(_)
        | C::RefuseErasure(_)
        | C::RecordErasureRequestOverdue(_) => Concerned::Nobody,
    }
}

fn of_case(case: CaseRef) -> Concerned<'static> {
    match case {
        CaseRef::Consent(consent) => Concerned::Consent(consent),
        CaseRef::Verification(request) => Concerned::Request(request),
        CaseRef::Batch(_) | CaseRef::Urgent(_) | CaseRef::Meeting(_) | CaseRef::Conference(_) | CaseRef::Erasure(_) => {
            Concerned::Nobody
        }
    }
}
