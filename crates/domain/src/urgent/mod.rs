//! Urgent notice (紧急通报): raise, deliver, acknowledge, take over, act, close, justify, review.

mod ack;
mod events;
mod facts;
mod file_justification;
mod raise;
mod record_delivery;
mod report_action;
mod review_justification;
mod stand_down;
mod take_over;

pub use ack::AckUrgent;
pub use events::{
    ActionReported, Emergency, JustificationFiled, JustificationReviewed, UrgentAcked, UrgentClosed, UrgentDelivered,
    UrgentRaised, UrgentTakenOver,
};
pub use facts::{ACTIONS_MAX, UrgentFacts};
pub use file_justification::FileJustification;
pub use raise::RaiseUrgent;
pub use record_delivery::RecordUrgentDelivery;
pub use report_action::ReportAction;
pub use review_justification::ReviewJustification;
pub use stand_down::StandDown;
pub use take_over::TakeOver;
