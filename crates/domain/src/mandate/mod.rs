//! Mandates (代办委托; Macau 授權書 in the sense of *procuração*): a person lets an org unit act for them, such as an NGO that
//! files their social-insurance papers (`domain.md` rows 000-17, §2.3).
//!
//! In scope: recording and revoking a mandate, in the own log only. A mandate is **no consent**: it lets somebody act and
//! lets nobody ask about the person. It has its own id type, events, rows and table, so that none is taken for the other:
//!
//! ```compile_fail,E0308
//! # use tongcha_domain::{consent::CountersignConsent, id::MandateId};
//! fn countersign(mandate: MandateId) -> CountersignConsent {
//!     CountersignConsent { consent: mandate }
//! }
//! ```
//!
//! Out of scope: what is done on a mandate (`SubmitToAgency` and what follows belong to the agency's own system).

mod events;
mod facts;
mod record;
mod revoke;

pub use events::{Mandate, MandateRecorded, MandateRevoked, SERVICES_MAX};
pub use facts::MandateFacts;
pub use record::RecordMandate;
pub use revoke::RevokeMandate;
