//! What org units are for: the families of commands (`domain.md` row 002-34, 「财政、金融等部门各司其职」).

use serde::{Deserialize, Serialize};

use crate::command::Command;

/// A family of commands that a unit's officers may give. Wire order is the order here: append only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Capability {
    /// Routine notices 定期通报.
    Notices,
    /// Urgent notices 紧急通报.
    Urgent,
    /// Consents 授权书.
    Consents,
    /// Verification requests 协查, with what serves the same end: standards, case conferences, matching runs.
    Verifications,
    /// Live lookups.
    Lookups,
    /// The household register.
    Register,
}

/// Returns the capability a command needs of its officer's unit. None for what no unit can lack: reading what is already
/// here (roles limit it), meetings and tasks, and the secretariat's own commands, so that a map drawn wrongly can always be mended.
#[must_use]
pub fn capability(command: &Command) -> Option<Capability> {
    use Command as C;
    Some(match command {
        C::PrepareBatch(_)
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
        | C::DiscardBatch(_) => Capability::Notices,
        C::RaiseUrgent(_)
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
        | C::InformSubject(_) => Capability::Urgent,
        C::RecordConsent(_)
        | C::CountersignConsent(_)
        | C::CompleteConsent(_)
        | C::CloseConsent(_)
        | C::ExpireConsent(_)
        | C::RaiseConsentReview(_)
        | C::DiscardConsent(_)
        | C::RecordMandate(_) => Capability::Consents,
        C::DraftRequest(_)
        | C::SubmitRequest(_)
        | C::AcceptRequest(_)
        | C::RefuseRequest(_)
        | C::AnswerItem(_)
        | C::SendReply(_)
        | C::RecordReplyUse(_)
        | C::PublishStandard(_)
        | C::AssignItem(_)
        | C::RequestClarification(_)
        | C::AnswerClarification(_)
        | C::LapseClarification(_)
        | C::WithdrawRequest(_)
        | C::CloseRequest(_)
        | C::CorrectReply(_)
        | C::AcknowledgeCorrection(_)
        | C::RecallAnswers(_)
        | C::ReportReplyOverdue(_)
        | C::RemindReply(_)
        | C::DiscardDraft(_)
        | C::NominateCase(_)
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
        | C::SealCandidate(_) => Capability::Verifications,
        C::AskLookup(_) | C::JudgeLookup(_) | C::RecordLookupAnswer(_) => Capability::Lookups,
        C::StartRegisterImport(_) | C::ImportRegisterChunk(_) | C::CompleteRegisterImport(_) => Capability::Register,
        // A person may withdraw a consent or a mandate at any counter; a lookup that was asked is closed whatever happens.
        C::RevokeConsent(_)
        | C::RevokeMandate(_)
        | C::ConveneMeeting(_)
        | C::TableTopic(_)
        | C::ConcludeTopic(_)
        | C::ProposeResolution(_)
        | C::SignResolution(_)
        | C::CloseAction(_)
        | C::DecideEscalation(_)
        | C::AppointMember(_)
        | C::DismissMember(_)
        | C::ReportProgress(_)
        | C::CompleteTask(_)
        | C::DeclareClosure(_)
        | C::AdjustClock(_)
        | C::RecordRecovery(_)
        | C::CloseLookup(_)
        | C::RecordAccess(_)
        | C::RecordEnrolment(_)
        | C::RecordKeyStatement(_)
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
        | C::SuppressDisclosure(_)
        | C::LiftSuppression(_) => return None,
        C::ProposeErasure(_)
        | C::OrderErasure(_)
        | C::ConfirmErasure(_)
        | C::RecordErasureOverdue(_)
        | C::RequestErasure(_)
        | C::RefuseErasure(_)
        | C::RecordErasureRequestOverdue(_) => return None,
    })
}
