//! Who may act for a party: org units with what they are for, officers, their appointments, delegation of duty.
//!
//! In scope: `domain.md` rows 002-06, 002-09 (联络员) and 002-34 (division of labour). The administrator enrols an
//! officer, which makes a token (`tongcha-node`); the service writes that into the log; the secretariat appoints and
//! revokes. Every officer's command is checked against this before it is decided ([`check`]). Out of scope: tokens,
//! and what a role may do (each command's own list).

mod appoint;
mod capability;
mod check;
mod concerned;
mod delegate;
mod end_delegation;
mod enrol;
mod events;
mod facts;
mod register_unit;
mod revoke;
#[cfg(test)]
pub(crate) mod sample;

pub use appoint::AppointOfficer;
pub use capability::{Capability, capability};
pub use check::{check, check_officer};
pub use delegate::{DELEGATION_DAYS_MAX, DelegateDuty};
pub use end_delegation::EndDelegation;
pub use enrol::RecordEnrolment;
pub use events::{
    AppointmentRevoked, DelegationEnded, DutyDelegated, OfficerAppointed, OfficerClearance, OfficerEnrolled, UnitKind,
    UnitNames, UnitRegistered,
};
pub use facts::{AppointmentFacts, UnitFacts};
pub use register_unit::{RegisterUnit, UNITS_MAX};
pub use revoke::RevokeAppointment;
