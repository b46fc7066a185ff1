//! Consent (授权书): recorded from a signed letter, countersigned, revoked; and the checks of a question against it.

mod claims;
mod countersign;
pub(crate) mod duties;
mod events;
mod facts;
mod record;
mod revoke;
mod scope;

pub use claims::{Capacity, ConsentClaims, OrgUnit, SIGNERS_MAX, SUBJECTS_MAX, Signer, TERM_DAYS_MAX, USES_MAX};
pub use countersign::CountersignConsent;
pub use events::{ConsentGranted, ConsentRecorded, ConsentRevoked, RevocationForm};
pub use facts::ConsentFacts;
pub use record::RecordConsent;
pub use revoke::RevokeConsent;
pub(crate) use scope::{check_disclosable, repeats};
pub use scope::{check_scope, check_standing};
