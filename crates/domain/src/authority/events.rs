//! Events of appointments and org units.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::authority::Capability;
use crate::event::Readers;
use crate::id::{OfficerId, PartyId, UnitId};
use crate::officer::Role;
use crate::text::Short;
use crate::time::Instant;

/// The administrator enrolled an officer, who has a token from now on. Own log only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfficerEnrolled {
    /// The officer.
    pub officer: OfficerId,
    /// The role enrolled for; it counts until the secretariat appoints.
    pub role: Role,
    /// The unit enrolled for.
    pub unit: UnitId,
}

/// What an officer may do only when the secretariat says so with the appointment, whatever the role. Wire order is the
/// order here: append only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum OfficerClearance {
    /// Cases about persons under the age of majority (`domain.md` §7, S7).
    Minor,
}

/// The secretariat appointed an officer. A liaison officer's is for the other parties: they must know whom to turn to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfficerAppointed {
    /// The officer.
    pub officer: OfficerId,
    /// The role.
    pub role: Role,
    /// The unit.
    pub unit: UnitId,
    /// The officer's name or post, as the party tells it to others.
    pub name: Short,
    /// First instant it holds.
    pub from: Instant,
    /// First instant it no longer holds; none until revoked.
    pub to: Option<Instant>,
    /// The parties that are told: all others for a liaison officer, else none.
    pub told: BTreeSet<PartyId>,
    /// The clearances given with it; an appointment without them takes back what an earlier one gave.
    pub clearances: BTreeSet<OfficerClearance>,
}

/// The secretariat ended an appointment, at once. Told to whom the appointment was told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppointmentRevoked {
    /// The officer.
    pub officer: OfficerId,
    /// The role held.
    pub role: Role,
    /// The parties that are told: all others for a liaison officer, else none.
    pub told: BTreeSet<PartyId>,
}

/// An officer's duty was handed to a deputy for a time. A liaison officer's is for the other parties.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DutyDelegated {
    /// Whose duty.
    pub from: OfficerId,
    /// The deputy.
    pub to: OfficerId,
    /// In which role the deputy may act.
    pub role: Role,
    /// First instant at which the deputy no longer may.
    pub until: Instant,
    /// The parties that are told: all others for a liaison officer, else none.
    pub told: BTreeSet<PartyId>,
}

/// A delegation was ended before its time. Told to whom the delegation was told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DelegationEnded {
    /// The deputy.
    pub to: OfficerId,
    /// The delegated role.
    pub role: Role,
    /// The parties that are told: all others for a liaison officer, else none.
    pub told: BTreeSet<PartyId>,
}

/// What an org unit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum UnitKind {
    /// A bureau or department.
    Bureau,
    /// A district or functional area.
    District,
    /// A township or subdistrict.
    Township,
    /// A service point or desk.
    ServicePoint,
    /// An organisation outside government.
    Ngo,
    /// A bank.
    Bank,
}

/// An org unit's name, in the languages it is known by; at least one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct UnitNames {
    /// In simplified Chinese.
    #[serde(default)]
    pub zh_hans: Option<Short>,
    /// In traditional Chinese.
    #[serde(default)]
    pub zh_hant: Option<Short>,
    /// In Portuguese.
    #[serde(default)]
    pub pt: Option<Short>,
    /// In English.
    #[serde(default)]
    pub en: Option<Short>,
}

/// An org unit was registered, or registered anew with other capabilities. Own log only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitRegistered {
    /// The unit.
    pub unit: UnitId,
    /// Its names.
    pub names: UnitNames,
    /// What it is.
    pub kind: UnitKind,
    /// What its officers may do, whatever their roles.
    pub capabilities: BTreeSet<Capability>,
}

impl Readers for OfficerEnrolled {}
impl Readers for UnitRegistered {}

macro_rules! told {
    ($($name:ident)*) => {$(
        impl Readers for $name {
            fn readers(&self) -> BTreeSet<PartyId> { self.told.clone() }
        }
    )*};
}
told!(OfficerAppointed AppointmentRevoked DutyDelegated DelegationEnded);

/// Returns the parties that are told of a role's appointments: all others for a liaison officer, else none.
pub(super) fn told_of(role: Role, me: PartyId) -> BTreeSet<PartyId> {
    if role == Role::Liaison { crate::party::others(me) } else { BTreeSet::new() }
}
