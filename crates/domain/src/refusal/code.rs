//! The stable codes of refusals (design §9). Wire order is the order here: append only.

use serde::{Deserialize, Serialize};

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident $code:literal,)*) => {
        /// Why a command or a question was refused.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
        pub enum RefusalCode {
            $($(#[$doc])* #[serde(rename = $code)] $name,)*
        }

        impl RefusalCode {
            /// Every code, in wire order.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Returns the published code, such as `NO_CONSENT`.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }
        }
    };
}

codes! {
    /// The role may not give this command.
    RoleNotAllowed "ROLE_NOT_ALLOWED",
    /// The second person must be another than the first.
    SamePerson "SAME_PERSON",
    /// Nothing with this id is known here.
    NotFound "NOT_FOUND",
    /// Something with this id exists already.
    AlreadyExists "ALREADY_EXISTS",
    /// The lifecycle is past, or not yet at, the step commanded.
    WrongState "WRONG_STATE",
    /// The party may not take this step: it is the other side's.
    NotYours "NOT_YOURS",
    /// The addressee is no party of the exchange, or is the sender itself.
    WrongAddressee "WRONG_ADDRESSEE",
    /// A list is empty, too long, or names something twice.
    BadList "BAD_LIST",
    /// A date or time is impossible here: in the future, or before what it follows.
    BadDate "BAD_DATE",
    /// Entries that have not been matched, disputed and corrected, or withdrawn.
    EntriesOpen "ENTRIES_OPEN",
    /// No consent names this.
    NoConsent "NO_CONSENT",
    /// The consent has ended.
    ConsentExpired "CONSENT_EXPIRED",
    /// The consent was revoked.
    ConsentRevoked "CONSENT_REVOKED",
    /// All uses of the consent are spent.
    ConsentUsedUp "CONSENT_USED_UP",
    /// The consent has not begun.
    NotYetValid "NOT_YET_VALID",
    /// The question goes beyond what the consent covers.
    OverScope "OVER_SCOPE",
    /// The consent is for another purpose.
    PurposeMismatch "PURPOSE_MISMATCH",
    /// The consent names another holder.
    WrongHolder "WRONG_HOLDER",
    /// The consent names another requester.
    WrongRequester "WRONG_REQUESTER",
    /// The signing key is not known.
    UnknownKey "UNKNOWN_KEY",
    /// The signature does not verify.
    BadSignature "BAD_SIGNATURE",
    /// The token can't be read.
    BadToken "BAD_TOKEN",
    /// The idempotency key was used for another command.
    IdempotencyKeyReused "IDEMPOTENCY_KEY_REUSED",
    /// The issuer's log is behind or in doubt here, so a revocation may be missing.
    LogInDoubt "LOG_IN_DOUBT",
    /// The asker's clock is too far from the holder's.
    ClockSkew "CLOCK_SKEW",
    /// The lookup was permitted but not answered; the use is spent.
    LookupInterrupted "LOOKUP_INTERRUPTED",
    /// The holder did not answer before the deadline.
    HolderUnreachable "HOLDER_UNREACHABLE",
    /// A consent is longer than the agreement allows, or ends before it begins.
    BadTerm "BAD_TERM",
    /// The letter lacks a signature that the rules ask for.
    SignatureMissing "SIGNATURE_MISSING",
    /// The answer says more, or less, than the rules allow.
    BadAnswer "BAD_ANSWER",
    /// Questions without an answer.
    QuestionsOpen "QUESTIONS_OPEN",
    /// Another import is running.
    ImportRunning "IMPORT_RUNNING",
    /// The urgent notice has no vital interest stated, or the person is not named.
    NotUrgent "NOT_URGENT",
    /// The document kind is not accepted by the party.
    DocumentNotAccepted "DOCUMENT_NOT_ACCEPTED",
    /// The officer's appointment or delegation was revoked, has ended or has not begun.
    AppointmentEnded "APPOINTMENT_ENDED",
    /// The officer is not appointed to this role or unit, and it was not delegated.
    NotAppointed "NOT_APPOINTED",
    /// The officer's unit is not registered, or not for such commands.
    UnitNotCapable "UNIT_NOT_CAPABLE",
    /// No channel to the party is open: none was confirmed, or a side suspended it.
    NoChannel "NO_CHANNEL",
    /// A legal clearance of the channel has lapsed.
    ChannelLapsed "CHANNEL_LAPSED",
    /// The agreement in force does not provide for the item, the form or the purpose.
    OverAgreement "OVER_AGREEMENT",
    /// The letter lacks something that a later letter can add.
    ConsentIncomplete "CONSENT_INCOMPLETE",
    /// The person has come of age: what others signed no longer holds.
    ConsentLapsed "CONSENT_LAPSED",
    /// The birth date of a person somebody else signed for is not known.
    BirthDateMissing "BIRTH_DATE_MISSING",
    /// A letter covers one adult.
    AdultNeedsOwnLetter "ADULT_NEEDS_OWN_LETTER",
    /// The party has no letters in this language.
    LanguageNotAccepted "LANGUAGE_NOT_ACCEPTED",
    /// The person has not been heard.
    HearingMissing "HEARING_MISSING",
    /// The matching run is beyond a limit: size of a set, runs of a month, time between runs.
    MatchLimit "MATCH_LIMIT",
    /// The matching run is not authorised by both sides, or no longer.
    RunNotAuthorised "RUN_NOT_AUTHORISED",
    /// The matching run began and came to no result.
    RunFailed "RUN_FAILED",
    /// The question is assigned to another officer.
    NotAssigned "NOT_ASSIGNED",
    /// More different predicates on one item than one consent bears.
    TooManyPredicates "TOO_MANY_PREDICATES",
    /// The policy standard is not known, not in force at the date, or does not give the amount asked.
    UnknownStandard "UNKNOWN_STANDARD",
    /// Signed with a key that was reported stolen.
    KeyCompromised "KEY_COMPROMISED",
    /// It concerns a minor, and the officer has no clearance for that.
    MinorNotCleared "MINOR_NOT_CLEARED",
    /// Nothing of this is handed out to the person, or it was not said to whom it is handed out.
    Suppressed "SUPPRESSED",
    /// Another officer prepared it; only that officer or a reviewer may give it up.
    NotYourDraft "NOT_YOUR_DRAFT",
    /// A member named has not been appointed to the leading group, or was dismissed.
    MemberNotAppointed "MEMBER_NOT_APPOINTED",
    /// The entry must be kept longer.
    RetentionFloor "RETENTION_FLOOR",
    /// The entry holds nothing to erase, or the party still works with it.
    NotErasable "NOT_ERASABLE",
    /// An earlier entry of the same case would stand alone.
    EarlierEntriesStand "EARLIER_ENTRIES_STAND",
    /// The proposal leaves out entries that the request names.
    RequestedEntriesMissing "REQUESTED_ENTRIES_MISSING",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_distinct() {
        let distinct: std::collections::BTreeSet<_> = RefusalCode::ALL.iter().map(|c| c.as_str()).collect();
        assert_eq!(distinct.len(), RefusalCode::ALL.len());
    }
}
