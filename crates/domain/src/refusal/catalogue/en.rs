//! Refusals in English.

use super::Text;
use crate::refusal::RefusalCode;

pub(super) const fn text(code: RefusalCode) -> Text {
    match code {
        RefusalCode::RoleNotAllowed => Text {
            title: "Your role may not do this",
            next_step: "Ask an officer with the right role, or ask your liaison officer to have your appointment changed.",
        },
        RefusalCode::SamePerson => Text {
            title: "A second person must do this",
            next_step: "Ask a colleague who has not worked on this case to do it.",
        },
        RefusalCode::NotFound => Text {
            title: "Nothing is known here under this number",
            next_step: "Check the number. If the other party has just sent it, wait until it has arrived and try again.",
        },
        RefusalCode::AlreadyExists => Text {
            title: "Something with this number exists already",
            next_step: "Open the existing record, or use a new number.",
        },
        RefusalCode::WrongState => Text {
            title: "The case is not at this step",
            next_step: "Reload the case, look at where it stands and take the step that is due.",
        },
        RefusalCode::NotYours => Text {
            title: "This step is the other party's",
            next_step: "Wait for the other party, or ask its liaison officer.",
        },
        RefusalCode::WrongAddressee => Text {
            title: "The addressee is not possible",
            next_step: "Choose a party of the exchange other than your own.",
        },
        RefusalCode::BadList => Text {
            title: "A list is empty, too long or names something twice",
            next_step: "Correct the list and send it again; split it if it is too long.",
        },
        RefusalCode::BadDate => Text {
            title: "A date or time is not possible",
            next_step: "Check the date: it may not lie in the future or before what it follows.",
        },
        RefusalCode::EntriesOpen => Text {
            title: "Some entries of the notice are not settled",
            next_step: "Match or dispute every open entry; the sender must correct or withdraw the entries in dispute.",
        },
        RefusalCode::NoConsent => Text {
            title: "There is no consent for this",
            next_step: "Have the person sign a consent that names the holder, the items and the purpose; record it, have it countersigned, then ask again.",
        },
        RefusalCode::ConsentExpired => Text {
            title: "The consent has ended",
            next_step: "Nothing can be answered on it any more. If the question is still needed, have a new consent signed.",
        },
        RefusalCode::ConsentRevoked => Text {
            title: "The person has withdrawn the consent",
            next_step: "Stop using it. Answers given before stand, but any further use needs a new basis; ask again only with a new consent.",
        },
        RefusalCode::ConsentUsedUp => Text {
            title: "All uses of the consent are spent",
            next_step: "If another answer is needed, have a new consent signed.",
        },
        RefusalCode::NotYetValid => Text {
            title: "The consent has not begun",
            next_step: "Wait until its first day, or have a consent signed that begins earlier.",
        },
        RefusalCode::OverScope => Text {
            title: "The question goes beyond the consent or the holder's rules",
            next_step: "Take out the items, persons or degrees of detail listed, or have a wider consent signed; then send the whole request again.",
        },
        RefusalCode::PurposeMismatch => Text {
            title: "The consent is for another purpose",
            next_step: "Ask for the purpose that the consent names, or have a consent for the new purpose signed.",
        },
        RefusalCode::WrongHolder => Text {
            title: "The consent names another holder",
            next_step: "Send the question to the party that the consent names, or have a new consent signed.",
        },
        RefusalCode::WrongRequester => Text {
            title: "The consent names another requester",
            next_step: "Have the unit that the consent names ask, or have a new consent signed.",
        },
        RefusalCode::UnknownKey => Text {
            title: "The signing key is not known",
            next_step: "Have the key registered through the liaison officers of both parties; until then nothing signed with it is accepted.",
        },
        RefusalCode::KeyCompromised => Text {
            title: "The consent token was signed with a key that was reported stolen",
            next_step: "Have the office that issued the consent print the token again; the consent itself stands.",
        },
        RefusalCode::BadSignature => Text {
            title: "The signature is not valid",
            next_step: "Don't rely on the content. Get it from its issuer again, and report it if this happens twice.",
        },
        RefusalCode::BadToken => Text {
            title: "The consent token can't be read",
            next_step: "Get the token from its issuer again, complete and unchanged.",
        },
        RefusalCode::IdempotencyKeyReused => Text {
            title: "This idempotency key was used for another command",
            next_step: "Use a new key for a new command; repeat a command only with the same content.",
        },
        RefusalCode::LogInDoubt => Text {
            title: "The issuer's log may be out of date here",
            next_step: "A revocation could be missing, so nothing is answered. Try again when the link to the issuer is restored. If it is still refused then, have a new letter signed.",
        },
        RefusalCode::ClockSkew => Text {
            title: "The clocks of the two parties differ too much",
            next_step: "Have the administrator check the clock of your system, then ask again.",
        },
        RefusalCode::LookupInterrupted => Text {
            title: "The lookup was permitted but not answered",
            next_step: "One use of the consent is spent. Ask again as a new lookup, if uses are left.",
        },
        RefusalCode::HolderUnreachable => Text {
            title: "The holder did not answer in time",
            next_step: "A use of the consent may be spent. Try again later, or send a verification request, which waits until the link is back.",
        },
        RefusalCode::BadTerm => Text {
            title: "The term of the consent is not possible",
            next_step: "Choose a term that ends after it begins and is no longer than the agreement allows.",
        },
        RefusalCode::SignatureMissing => Text {
            title: "The letter lacks a signature",
            next_step: "Get what is missing: the signature of every adult covered, and of a parent or guardian for a minor.",
        },
        RefusalCode::BadAnswer => Text {
            title: "The answer says more or less than the rules allow",
            next_step: "Answer exactly what was asked, as finely as the consent allows, and name the sources searched.",
        },
        RefusalCode::QuestionsOpen => Text {
            title: "Some questions have no answer",
            next_step: "Answer every question; where it can't be told, say so with CANNOT_DETERMINE or NO_RECORD_FOUND.",
        },
        RefusalCode::ImportRunning => Text {
            title: "Another import of the register is running",
            next_step: "Wait until it is complete, then start again.",
        },
        RefusalCode::NotUrgent => Text {
            title: "This is not an urgent notice",
            next_step: "State the vital interest at stake and name the person, or use a routine notice or a verification request.",
        },
        RefusalCode::DocumentNotAccepted => Text {
            title: "This kind of document is not accepted",
            next_step: "Give another document of the person that the party accepts.",
        },
        RefusalCode::AppointmentEnded => Text {
            title: "Your appointment does not hold now",
            next_step: "Ask your secretariat to appoint you, or to delegate the duty anew. Until then a colleague has to act.",
        },
        RefusalCode::NotAppointed => Text {
            title: "You are not appointed to this role or unit",
            next_step: "Act in your own role, or ask your secretariat for an appointment or a delegation. A deputy names the delegated role.",
        },
        RefusalCode::UnitNotCapable => Text {
            title: "Your unit is not competent for this",
            next_step: "Hand the matter to a competent unit, or ask your secretariat to change the capabilities of yours.",
        },
        RefusalCode::NoChannel => Text {
            title: "No channel to this party is open",
            next_step: "Ask your secretariat to open the channel, and your data-protection officer to confirm it. An urgent notice on vital interest needs none.",
        },
        RefusalCode::ChannelLapsed => Text {
            title: "A legal clearance of the channel has lapsed",
            next_step: "Renew the clearance named and have the channel confirmed anew. An urgent notice on vital interest may still go.",
        },
        RefusalCode::OverAgreement => Text {
            title: "The agreement does not provide for this",
            next_step: "Leave out what is listed, or ask your secretariat to propose a new version of the agreement.",
        },
        RefusalCode::ConsentIncomplete => Text {
            title: "The consent is not complete",
            next_step: "Get what is listed: the separate consent to sensitive items, the second parent, the guardian or the minor's own agreement; record it as a completion, then countersign.",
        },
        RefusalCode::ConsentLapsed => Text {
            title: "The person has come of age",
            next_step: "What a parent or guardian signed no longer holds. If the question is still needed, have the person sign a consent of their own.",
        },
        RefusalCode::BirthDateMissing => Text {
            title: "The birth date is missing",
            next_step: "Add the birth date of every person for whom somebody else signed.",
        },
        RefusalCode::AdultNeedsOwnLetter => Text {
            title: "One letter covers one adult",
            next_step: "Have each further adult sign a letter of their own and record it as a consent of its own.",
        },
        RefusalCode::LanguageNotAccepted => Text {
            title: "There are no letters in this language here",
            next_step: "Use a letter in one of the languages of your party.",
        },
        RefusalCode::HearingMissing => Text {
            title: "The person has not been heard",
            next_step: "Invite the person and record the statement first; only then can a decision be notified.",
        },
        RefusalCode::MatchLimit => Text {
            title: "The matching run is beyond its limits",
            next_step: "Look at what offends: make the set smaller, choose another month, or wait until the time shown.",
        },
        RefusalCode::RunNotAuthorised => Text {
            title: "The matching run is not authorised by both sides",
            next_step: "Ask the data-protection officers of the sides named to authorise it; when it has expired, propose a new one.",
        },
        RefusalCode::RunFailed => Text {
            title: "The matching run came to no result",
            next_step: "Read the reason in the run. It can't be repeated: propose a new run, which both sides authorise again.",
        },
        RefusalCode::NotAssigned => Text {
            title: "This question is assigned to another officer",
            next_step: "Leave it to that officer, or ask your liaison officer or a reviewer to assign it to you.",
        },
        RefusalCode::TooManyPredicates => Text {
            title: "Too many different questions about one item",
            next_step: "One consent bears three different questions about an item of a person. Work with the answers you have, or have a new consent signed.",
        },
        RefusalCode::UnknownStandard => Text {
            title: "The policy standard does not bear this question",
            next_step: "Name a standard that your party has published and that is in force at the as-of date, and ask only for its figures; or ask the secretariat to publish it.",
        },
        RefusalCode::MinorNotCleared => Text {
            title: "It concerns a minor, and you are not cleared for that",
            next_step: "Hand the case to an officer who is cleared for minors, or ask the secretariat to give you the clearance with your appointment.",
        },
        RefusalCode::Suppressed => Text {
            title: "Nothing of this is handed out to this person",
            next_step: "Hand nothing out and say nothing of the case. Name the signer to whom it is handed out; to those it was suppressed towards it is not. Questions go to the data-protection officer.",
        },
        RefusalCode::NotYourDraft => Text {
            title: "Another officer prepared this",
            next_step: "Ask the officer who prepared it, or a reviewer, to give it up.",
        },
        RefusalCode::MemberNotAppointed => Text {
            title: "A member named does not sit in the leading group now",
            next_step: "Name only members that a party of the meeting has appointed and not dismissed, or have the secretariat of their party appoint them first.",
        },
        RefusalCode::RetentionFloor => Text {
            title: "The entry must be kept longer",
            next_step: "Propose the erasure from the date shown on; until then the data can be left unused, not erased.",
        },
        RefusalCode::NotErasable => Text {
            title: "This entry can't be erased",
            next_step: "Take the entries named out of the list: they hold no personal data, or the register is in use (import a newer one first).",
        },
        RefusalCode::EarlierEntriesStand => Text {
            title: "Earlier entries of the same case would stand alone",
            next_step: "Add the earlier entries named to the list and propose the erasure again.",
        },
        RefusalCode::RequestedEntriesMissing => Text {
            title: "The proposal leaves out entries that the request names",
            next_step: "Add the entries named; if not all of them can be erased, refuse the request with reasons and propose the rest on their own.",
        },
    }
}
