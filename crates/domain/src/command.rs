//! Commands and how one is decided.
//!
//! A command is judged in three steps: the role may give it; the state it needs is loaded from the view; its
//! guard ladder makes an event or a refusal. The steps are the same for every command, so they are here, once.

use serde::{Deserialize, Serialize};

use crate::event::Event;
use crate::id::PartyId;
use crate::officer::{Actor, Role};
use crate::party::Rules;
use crate::refusal::{Refusal, RefusalCode};
use crate::time::Instant;
use crate::view::{Rows, ViewError};
use crate::{
    access, agreement, authority, channel, closure, conference, consent, erasure, keys, lookup, mandate, meeting,
    notice, overlap, recovery, register, standard, suppression, task, urgent, verification,
};

/// What every decision knows besides its state.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The party that decides.
    pub me: PartyId,
    /// Its rules.
    pub rules: &'a Rules,
    /// Who commands.
    pub actor: &'a Actor,
    /// When.
    pub now: Instant,
}

/// One business decision: who may command it, what it must know, what it decides.
pub trait Decide {
    /// The roles that may give the command.
    const ROLES: &'static [Role];
    /// What the decision must know.
    type State;

    /// Loads the state.
    ///
    /// # Errors
    /// When a row of the view can't be read or decoded: our failure, never the caller's.
    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError>;

    /// Decides: the event that happens, or why not. Pure.
    ///
    /// # Errors
    /// The caller's mistake, with its code.
    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal>;
}

impl Command {
    /// Judges the command for good: may the officer act ([`authority::check`]); is it right ([`Self::decide`]); and may
    /// what happens be told, under the agreement in force ([`agreement::check`]) and by open channels
    /// ([`channel::check`]). The service's own commands need no authority; what they tell needs a channel like all else.
    ///
    /// # Errors
    /// [`ViewError`] when the view can't be read. The caller's mistakes are the inner [`Refusal`].
    pub fn judge(&self, rows: &Rows<'_>, context: &Context<'_>) -> Result<Result<Event, Refusal>, ViewError> {
        if let Err(refusal) = authority::check(rows, context, self)? {
            return Ok(Err(refusal));
        }
        let event = match self.decide(rows, context)? {
            Ok(event) => event,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let told = match agreement::check(rows, context, &event)? {
            Ok(()) => channel::check(rows, context, &event)?,
            Err(refusal) => Err(refusal),
        };
        Ok(match told {
            Ok(()) => Ok(event),
            Err(refusal) => lookup::denied_instead(&event, refusal),
        })
    }
}

macro_rules! commands {
    ($($(#[$doc:meta])* $name:ident($payload:ty),)*) => {
        /// Everything the service can be asked to do to its own log. Wire order (in digests): append only.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        pub enum Command {
            $($(#[$doc])* $name($payload),)*
        }

        /// The class of a command, for refusals, logs and metrics.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum CommandKind {
            $($(#[$doc])* $name,)*
        }

        impl Command {
            /// Returns the class.
            #[must_use]
            pub fn kind(&self) -> CommandKind {
                match self { $(Self::$name(_) => CommandKind::$name,)* }
            }

            /// Returns the roles that may give the command.
            #[must_use]
            pub fn roles(&self) -> &'static [Role] {
                match self { $(Self::$name(_) => <$payload as Decide>::ROLES,)* }
            }

            /// Decides the command.
            ///
            /// # Errors
            /// [`ViewError`] when the view can't be read. The caller's mistakes are the inner [`Refusal`].
            pub fn decide(&self, rows: &Rows<'_>, context: &Context<'_>) -> Result<Result<Event, Refusal>, ViewError> {
                if !self.roles().contains(&context.actor.role) {
                    return Ok(Err(Refusal::new(RefusalCode::RoleNotAllowed)));
                }
                Ok(match self {
                    $(Self::$name(command) => command.decide(&command.load(rows)?, context),)*
                })
            }
        }

        impl CommandKind {
            /// Every kind, in wire order.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Returns the roles that may give such a command.
            #[must_use]
            pub fn roles(self) -> &'static [Role] {
                match self { $(Self::$name => <$payload as Decide>::ROLES,)* }
            }

            /// Returns the name, such as `ApproveBatch`.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }
        }

        $(impl From<$payload> for Command {
            fn from(command: $payload) -> Self { Self::$name(command) }
        })*
    };
}

commands! {
    /// Prepare a routine batch.
    PrepareBatch(notice::PrepareBatch),
    /// Approve a routine batch.
    ApproveBatch(notice::ApproveBatch),
    /// Send a routine batch.
    SendBatch(notice::SendBatch),
    /// Record that a batch arrived.
    RecordBatchDelivery(notice::RecordBatchDelivery),
    /// Match an entry to a person.
    MatchEntry(notice::MatchEntry),
    /// Dispute an entry.
    DisputeEntry(notice::DisputeEntry),
    /// Correct an entry.
    CorrectEntry(notice::CorrectEntry),
    /// Withdraw an entry.
    WithdrawEntry(notice::WithdrawEntry),
    /// Acknowledge a batch.
    AcknowledgeBatch(notice::AcknowledgeBatch),
    /// Raise an urgent notice.
    RaiseUrgent(urgent::RaiseUrgent),
    /// Record that an urgent notice arrived.
    RecordUrgentDelivery(urgent::RecordUrgentDelivery),
    /// Acknowledge an urgent notice.
    AckUrgent(urgent::AckUrgent),
    /// Take an urgent case over.
    TakeOver(urgent::TakeOver),
    /// Report an action on an urgent case.
    ReportAction(urgent::ReportAction),
    /// Close an urgent notice.
    StandDown(urgent::StandDown),
    /// Justify an urgent notice.
    FileJustification(urgent::FileJustification),
    /// Review a justification.
    ReviewJustification(urgent::ReviewJustification),
    /// Record a consent from a signed letter.
    RecordConsent(consent::RecordConsent),
    /// Countersign a consent.
    CountersignConsent(consent::CountersignConsent),
    /// Revoke a consent.
    RevokeConsent(consent::RevokeConsent),
    /// Draft a verification request.
    DraftRequest(verification::DraftRequest),
    /// Approve and submit a verification request.
    SubmitRequest(verification::SubmitRequest),
    /// Accept a verification request.
    AcceptRequest(verification::AcceptRequest),
    /// Refuse a verification request.
    RefuseRequest(verification::RefuseRequest),
    /// Answer an item.
    AnswerItem(verification::AnswerItem),
    /// Approve the answers and reply.
    SendReply(verification::SendReply),
    /// Record what a reply was used for.
    RecordReplyUse(verification::RecordReplyUse),
    /// Ask a lookup.
    AskLookup(lookup::AskLookup),
    /// Put a peer's lookup through the gate.
    JudgeLookup(lookup::JudgeLookup),
    /// Record the answer to a permitted lookup.
    RecordLookupAnswer(lookup::RecordLookupAnswer),
    /// Record what came back for a lookup.
    CloseLookup(lookup::CloseLookup),
    /// Begin an import of the register.
    StartRegisterImport(register::StartRegisterImport),
    /// Import some households.
    ImportRegisterChunk(register::ImportRegisterChunk),
    /// Complete an import.
    CompleteRegisterImport(register::CompleteRegisterImport),
    /// Record a read of personal data.
    RecordAccess(access::RecordAccess),
    /// Record that the administrator enrolled an officer.
    RecordEnrolment(authority::RecordEnrolment),
    /// Appoint an officer.
    AppointOfficer(authority::AppointOfficer),
    /// End an appointment.
    RevokeAppointment(authority::RevokeAppointment),
    /// Hand a duty to a deputy.
    DelegateDuty(authority::DelegateDuty),
    /// End a delegation.
    EndDelegation(authority::EndDelegation),
    /// Register an org unit.
    RegisterUnit(authority::RegisterUnit),
    /// Propose a channel.
    OpenChannel(channel::OpenChannel),
    /// Confirm a channel.
    ConfirmChannel(channel::ConfirmChannel),
    /// Suspend a channel.
    SuspendChannel(channel::SuspendChannel),
    /// Resume a channel.
    ResumeChannel(channel::ResumeChannel),
    /// Warn that a channel will lapse.
    WarnChannelExpiring(channel::WarnChannelExpiring),
    /// Record that a channel lapsed.
    RecordChannelLapse(channel::RecordChannelLapse),
    /// Propose a version of the agreement.
    ProposeAgreement(agreement::ProposeAgreement),
    /// Sign a version of the agreement.
    SignAgreement(agreement::SignAgreement),
    /// Add a later letter to a consent.
    CompleteConsent(consent::CompleteConsent),
    /// Close a consent.
    CloseConsent(consent::CloseConsent),
    /// Record that a consent's term is over.
    ExpireConsent(consent::ExpireConsent),
    /// Record that a minor has reached an age.
    RaiseConsentReview(consent::RaiseConsentReview),
    /// Record a mandate.
    RecordMandate(mandate::RecordMandate),
    /// Revoke a mandate.
    RevokeMandate(mandate::RevokeMandate),
    /// Propose a matching run.
    ProposeMatchRun(overlap::ProposeMatchRun),
    /// Authorise a matching run.
    AuthoriseMatchRun(overlap::AuthoriseMatchRun),
    /// Begin a matching run.
    BeginMatchRun(overlap::BeginMatchRun),
    /// Record a candidate of a matching run.
    RecordCandidate(overlap::RecordCandidate),
    /// Record that a matching run is complete.
    RecordMatchExecution(overlap::RecordMatchExecution),
    /// Record that a matching run failed.
    FailMatchRun(overlap::FailMatchRun),
    /// Take the candidates of a matching run.
    TakeMatchReview(overlap::TakeMatchReview),
    /// Confirm an overlap.
    ConfirmOverlap(overlap::ConfirmOverlap),
    /// Dismiss an overlap.
    DismissOverlap(overlap::DismissOverlap),
    /// Assess an overlap.
    AssessOverlap(overlap::AssessOverlap),
    /// Invite a person to be heard.
    InviteHearing(overlap::InviteHearing),
    /// Record what a person said.
    RecordStatement(overlap::RecordStatement),
    /// Record a decision that was notified.
    NotifyOwnDecision(overlap::NotifyOwnDecision),
    /// Seal a dismissed candidate.
    SealCandidate(overlap::SealCandidate),
    /// Convene a joint meeting.
    ConveneMeeting(meeting::ConveneMeeting),
    /// Table a topic.
    TableTopic(meeting::TableTopic),
    /// Conclude a topic.
    ConcludeTopic(meeting::ConcludeTopic),
    /// Propose a resolution.
    ProposeResolution(meeting::ProposeResolution),
    /// Sign a resolution for a party.
    SignResolution(meeting::SignResolution),
    /// Close an action of an adopted resolution.
    CloseAction(meeting::CloseAction),
    /// Record what the leading group decided on an escalated case.
    DecideEscalation(meeting::DecideEscalation),
    /// Report progress on a task of the plan.
    ReportProgress(task::ReportProgress),
    /// Complete a task of the plan.
    CompleteTask(task::CompleteTask),
    /// Nominate a key case for a conference.
    NominateCase(conference::NominateCase),
    /// Invite one more party to a conference.
    InviteParty(conference::InviteParty),
    /// Name the officers of the own party who need to know.
    NameParticipants(conference::NameParticipants),
    /// Open a conference to read it.
    OpenConference(conference::OpenConference),
    /// Give an opinion.
    SubmitOpinion(conference::SubmitOpinion),
    /// Conclude a conference.
    ConcludeCase(conference::ConcludeCase),
    /// Assign a follow-up.
    AssignFollowUp(conference::AssignFollowUp),
    /// Close a follow-up.
    CloseFollowUp(conference::CloseFollowUp),
    /// Declare a day closed.
    DeclareClosure(closure::DeclareClosure),
    /// Record that a closure moved a running clock.
    AdjustClock(closure::AdjustClock),
    /// Record that the month's batch was not sent in time.
    RecordMissedBatch(notice::RecordMissedBatch),
    /// Remind of a batch to acknowledge.
    RemindBatch(notice::RemindBatch),
    /// Record that a batch was not acknowledged in time.
    RecordBatchOverdue(notice::RecordBatchOverdue),
    /// Take an urgent notice one step up.
    EscalateUrgent(urgent::EscalateUrgent),
    /// Record that no action was reported in time.
    RecordActionOverdue(urgent::RecordActionOverdue),
    /// Record that an urgent notice was not justified in time.
    RecordJustificationOverdue(urgent::RecordJustificationOverdue),
    /// Record that an addressee was told by phone.
    RecordPhoneRelay(urgent::RecordPhoneRelay),
    /// Record that the person concerned was told.
    InformSubject(urgent::InformSubject),
    /// Publish a policy standard.
    PublishStandard(standard::PublishStandard),
    /// Assign a question to an officer.
    AssignItem(verification::AssignItem),
    /// Ask back about a request.
    RequestClarification(verification::RequestClarification),
    /// Answer what the holder asked back.
    AnswerClarification(verification::AnswerClarification),
    /// Withdraw a request whose clarification was not answered in time.
    LapseClarification(verification::LapseClarification),
    /// Withdraw a request.
    WithdrawRequest(verification::WithdrawRequest),
    /// Close a request.
    CloseRequest(verification::CloseRequest),
    /// Approve and send a corrected answer.
    CorrectReply(verification::CorrectReply),
    /// Take note of a correction.
    AcknowledgeCorrection(verification::AcknowledgeCorrection),
    /// Recall answers sent after their consent had been withdrawn.
    RecallAnswers(verification::RecallAnswers),
    /// Tell the asker that a time limit has passed.
    ReportReplyOverdue(verification::ReportReplyOverdue),
    /// Remind the own officers of a time limit.
    RemindReply(verification::RemindReply),
    /// Record what the root key says of the party's keys.
    RecordKeyStatement(keys::RecordKeyStatement),
    /// Keep a case from a person.
    SuppressDisclosure(suppression::SuppressDisclosure),
    /// Lift a suppression.
    LiftSuppression(suppression::LiftSuppression),
    /// Give up a batch that was not sent.
    DiscardBatch(notice::DiscardBatch),
    /// Give up a request that was not submitted.
    DiscardDraft(verification::DiscardDraft),
    /// Give up a consent that was not countersigned.
    DiscardConsent(consent::DiscardConsent),
    /// Appoint a member of the leading group.
    AppointMember(meeting::AppointMember),
    /// Dismiss a member of the leading group.
    DismissMember(meeting::DismissMember),
    /// Record that the log was restored.
    RecordRecovery(recovery::RecordRecovery),
    /// Propose an erasure.
    ProposeErasure(erasure::ProposeErasure),
    /// Order an erasure.
    OrderErasure(erasure::OrderErasure),
    /// Confirm an erasure.
    ConfirmErasure(erasure::ConfirmErasure),
    /// Record that an erasure was not confirmed in time.
    RecordErasureOverdue(erasure::RecordErasureOverdue),
    /// Ask another party for an erasure.
    RequestErasure(erasure::RequestErasure),
    /// Refuse a request for an erasure.
    RefuseErasure(erasure::RefuseErasure),
    /// Record that a request for an erasure was not answered in time.
    RecordErasureRequestOverdue(erasure::RecordErasureRequestOverdue),
}
