//! Channels: the legal clearances under which one party may tell another about persons, and when they lapse.
//!
//! In scope: `domain.md` §0-4. A channel goes one way; it is open when its sender's secretariat opened it, a
//! data-protection officer confirmed it, none of its clearances has lapsed and neither side has suspended it. Every
//! event is checked against the channels it would travel by ([`check`]), and every kind of event that crosses the
//! border says on what it rests ([`Footing`]). Out of scope: whether a clearance is genuine (the authorities know), and
//! the streams and keys by which entries travel (`tongcha-ledger`, also called channels there).

mod basis;
mod check;
mod clearance;
mod confirm;
pub(crate) mod duties;
mod events;
mod expiry;
mod facts;
mod open;
mod resume;
#[cfg(test)]
pub(crate) mod sample;
mod suspend;

pub use basis::{Basis, Footing, footing, legal_basis};
pub use check::{check, check_open};
pub use clearance::{Clearance, ClearanceKind, Clearances, WARNING_DAYS, required};
pub use confirm::ConfirmChannel;
pub use events::{ChannelExpiring, ChannelLapsed, ChannelOpened, ChannelProposed, ChannelResumed, ChannelSuspended};
pub use expiry::{RecordChannelLapse, WarnChannelExpiring};
pub use facts::{ChannelFacts, ChannelWay};
pub use open::OpenChannel;
pub use resume::ResumeChannel;
pub use suspend::SuspendChannel;
