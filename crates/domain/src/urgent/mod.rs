//! Urgent notice (紧急通报): raise, deliver, acknowledge, take over, act, close, justify, review.
//!
//! In scope: the life of one notice, decided by each party's service for its own log. Out of scope: the clocks of
//! escalation (when nobody acknowledges, whom to wake next) and telling the person concerned afterwards.
//!
//! ```text
//! sender     raise → …                           report → close → justify → review (a third person)
//! addressee         deliver → acknowledge → take over → report
//! ```
//!
//! Help goes before order: neither an acknowledgement nor a report waits for a machine's receipt, and an arrival is
//! recorded even when the notice is closed by then.

mod ack;
pub(crate) mod duties;
mod events;
mod facts;
mod file_justification;
mod guards;
#[cfg(test)]
mod properties;
mod raise;
mod record_delivery;
mod report_action;
mod review_justification;
#[cfg(test)]
pub(crate) mod sample;
mod stand_down;
mod take_over;

pub use ack::AckUrgent;
pub use events::{
    ActionReported, Emergency, JustificationFiled, JustificationReviewed, UrgentAcked, UrgentClosed, UrgentDelivered,
    UrgentRaised, UrgentTakenOver,
};
pub use facts::{ACTIONS_MAX, UrgentCase, UrgentFacts};
pub use file_justification::FileJustification;
pub use raise::RaiseUrgent;
pub use record_delivery::RecordUrgentDelivery;
pub use report_action::ReportAction;
pub use review_justification::ReviewJustification;
pub use stand_down::StandDown;
pub use take_over::TakeOver;
