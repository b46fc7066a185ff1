//! Urgent notice (紧急通报): raise, deliver, acknowledge, take over, act, close, justify, review.
//!
//! In scope: the life of one notice, decided by each party's service for its own log; its clocks, whom it goes to when
//! nobody acknowledges, when its payload is hidden again. Out of scope: waking people (an escalation is an event that a
//! party's own alarm system follows), and who is on duty.
//!
//! ```text
//! sender     raise → (by phone) …                report → close → justify → review (a third person); inform the person
//! addressee         deliver → acknowledge → take over → report
//!                      └ deputy → secretariat → both secretariats, until somebody acknowledges
//! ```
//!
//! Help goes before order: neither an acknowledgement nor a report waits for a machine's receipt, and an arrival is
//! recorded even when the notice is closed by then.

mod ack;
pub mod clocks;
pub(crate) mod duties;
mod escalate;
mod events;
mod facts;
mod file_justification;
mod guards;
mod inform_subject;
mod overdue_action;
mod overdue_justification;
#[cfg(test)]
mod properties;
mod raise;
mod record_delivery;
mod relay_by_phone;
mod report_action;
mod review_justification;
#[cfg(test)]
pub(crate) mod sample;
mod sealing;
mod stand_down;
mod take_over;

pub use ack::AckUrgent;
pub use escalate::EscalateUrgent;
pub use events::{
    ActionReported, Emergency, EscalationStep, JustificationFiled, JustificationOverdue, JustificationReviewed,
    SubjectInformed, UrgentAcked, UrgentActionOverdue, UrgentClosed, UrgentDelivered, UrgentEscalated, UrgentRaised,
    UrgentRelayedByPhone, UrgentTakenOver,
};
pub use facts::{ACTIONS_MAX, UrgentCase, UrgentFacts};
pub use file_justification::FileJustification;
pub use inform_subject::InformSubject;
pub use overdue_action::RecordActionOverdue;
pub use overdue_justification::RecordJustificationOverdue;
pub use raise::RaiseUrgent;
pub use record_delivery::RecordUrgentDelivery;
pub use relay_by_phone::RecordPhoneRelay;
pub use report_action::ReportAction;
pub use review_justification::ReviewJustification;
pub use sealing::{SEALED_AFTER_US, Sealing};
pub use stand_down::StandDown;
pub use take_over::TakeOver;
