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
use crate::{access, consent, lookup, notice, refusal, register, standard, urgent, verification};

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
}
