//! Policy standards: the figures a party's rules give, published by version, that thresholds are quoted from.
//!
//! In scope: publishing a version, and whether a request quotes one rightly. Out of scope: the rules themselves, which
//! household a figure applies to, and converting currencies: a figure is in its publisher's own (`domain.md` §3.3).

mod events;
mod facts;
mod publish;

pub use events::{FIGURE_MULTIPLES_MAX, HOUSEHOLD_SIZE_MAX, PolicyStandard, PolicyStandardPublished, StandardKey};
pub use facts::StandardFacts;
pub use publish::PublishStandard;
