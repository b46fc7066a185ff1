//! Consent (授权书): recorded from a signed letter, countersigned, revoked; and the checks of a question against it.

mod age;
mod claims;
mod close;
mod complete;
mod countersign;
mod discard;
pub(crate) mod duties;
mod events;
mod expire;
mod facts;
#[cfg(test)]
mod minors_tests;
#[cfg(test)]
mod properties;
mod record;
mod revoke;
mod scope;
mod signatures;

pub(crate) use age::is_minor;
pub use claims::{
    Capacity, ConsentClaims, OrgUnit, SIGNERS_MAX, SUBJECTS_MAX, SUPPLEMENTS_MAX, Signatory, SignedBy, Signer,
    TERM_DAYS_MAX, USES_MAX,
};
pub use close::CloseConsent;
pub use complete::CompleteConsent;
pub use countersign::CountersignConsent;
pub use discard::DiscardConsent;
pub use events::{
    CloseReason, ConsentClosed, ConsentCompleted, ConsentDiscarded, ConsentExpired, ConsentGranted, ConsentRecorded,
    ConsentReviewDue, ConsentRevoked, RevocationForm,
};
pub use expire::{ExpireConsent, REVIEW_AGES, RaiseConsentReview};
pub use facts::ConsentFacts;
pub use record::RecordConsent;
pub use revoke::RevokeConsent;
pub(crate) use scope::{check_disclosable, repeats, revocation_about};
pub use scope::{check_scope, check_standing};
pub use signatures::{lacking, lapses_at};
