//! Events of the tests.

use std::collections::BTreeSet;

use crate::authority::{
    AppointmentRevoked, Capability, DutyDelegated, OfficerAppointed, OfficerClearance, OfficerEnrolled, UnitKind,
    UnitNames, UnitRegistered,
};
use crate::officer::Role;
use crate::testing::{NOON, actor};
use crate::time::Instant;

pub(crate) fn enrolled(who: &str) -> OfficerEnrolled {
    let (_, actor) = actor(who);
    OfficerEnrolled { officer: actor.officer, role: actor.role, unit: actor.unit }
}

pub(crate) fn appointed(who: &str, role: Role) -> OfficerAppointed {
    let (me, actor) = actor(who);
    OfficerAppointed {
        officer: actor.officer,
        role,
        unit: actor.unit,
        name: "测试".parse().unwrap(),
        from: NOON,
        to: None,
        told: super::events::told_of(role, me),
        clearances: BTreeSet::new(),
    }
}

/// An appointment to the role of the name, with the clearance for minors.
pub(crate) fn cleared(who: &str) -> OfficerAppointed {
    let appointed = appointed(who, actor(who).1.role);
    OfficerAppointed { clearances: BTreeSet::from([OfficerClearance::Minor]), ..appointed }
}

pub(crate) fn revoked(who: &str) -> AppointmentRevoked {
    let (me, actor) = actor(who);
    AppointmentRevoked { officer: actor.officer, role: actor.role, told: super::events::told_of(actor.role, me) }
}

pub(crate) fn delegated(from: &str, to: &str, until: Instant) -> DutyDelegated {
    let (me, principal) = actor(from);
    let (role, told) = (principal.role, super::events::told_of(principal.role, me));
    DutyDelegated { from: principal.officer, to: actor(to).1.officer, role, until, told }
}

pub(crate) fn registered(unit: &str, capabilities: impl IntoIterator<Item = Capability>) -> UnitRegistered {
    UnitRegistered {
        unit: unit.parse().unwrap(),
        names: UnitNames { zh_hans: Some("香洲区民政局".parse().unwrap()), ..UnitNames::default() },
        kind: UnitKind::District,
        capabilities: BTreeSet::from_iter(capabilities),
    }
}
