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
    /// Verification requests 协查.
    Verifications,
    /// Live lookups.
    Lookups,
    /// The household register.
    Register,
}

/// Returns the capability a command needs of its officer's unit. None for what no unit can lack: reading what is already
/// here (roles limit it), and the secretariat's own commands, so that a map drawn wrongly can always be mended.
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
        | C::AcknowledgeBatch(_) => Capability::Notices,
        C::RaiseUrgent(_)
        | C::RecordUrgentDelivery(_)
        | C::AckUrgent(_)
        | C::TakeOver(_)
        | C::ReportAction(_)
        | C::StandDown(_)
        | C::FileJustification(_)
        | C::ReviewJustification(_) => Capability::Urgent,
        C::RecordConsent(_) | C::CountersignConsent(_) => Capability::Consents,
        C::DraftRequest(_)
        | C::SubmitRequest(_)
        | C::AcceptRequest(_)
        | C::RefuseRequest(_)
        | C::AnswerItem(_)
        | C::SendReply(_)
        | C::RecordReplyUse(_) => Capability::Verifications,
        C::AskLookup(_) | C::JudgeLookup(_) | C::RecordLookupAnswer(_) => Capability::Lookups,
        C::StartRegisterImport(_) | C::ImportRegisterChunk(_) | C::CompleteRegisterImport(_) => Capability::Register,
        // A person may withdraw a consent at any counter; a lookup that was asked is closed whatever happens.
        C::RevokeConsent(_)
        | C::CloseLookup(_)
        | C::RecordAccess(_)
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
        | C::SignAgreement(_) => return None,
    })
}
