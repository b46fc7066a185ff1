//! Suppression: a case is kept from a person who is suspected of harming who it is about (`domain.md` §7, S7, variants).
//!
//! In scope: a data-protection officer marks a case as suppressed towards a person, with a reason, and may lift that
//! again; both are events that an auditor sees. While it is in force nothing of the case is handed out to that person:
//! no receipt, no report, no answer; what is about the person themselves stays theirs. What rests on a suppressed
//! consent is suppressed with it. All parties of the case are told, because the person may come to any counter; the
//! word of each holds until it takes it back itself.
//!
//! Out of scope: help. Where a guardian is the suspected abuser no consent of the guardian is asked for: the way is the
//! urgent notice on vital interest, justified and reviewed (`crate::urgent`).

mod events;
mod facts;
mod lift;
mod suppress;

pub use events::{DisclosureSuppressed, SuppressedCase, SuppressionLifted};
pub use facts::{SUPPRESSIONS_MAX, Suppressed, SuppressionFacts, is_suppressed};
pub use lift::LiftSuppression;
pub use suppress::SuppressDisclosure;
