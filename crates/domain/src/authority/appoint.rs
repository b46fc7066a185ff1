//! `AppointOfficer`: the secretariat appoints an officer to a role in a unit, a liaison officer (联络员) among others.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::authority::events::told_of;
use crate::authority::{OfficerAppointed, OfficerClearance, UnitFacts};
use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::{OfficerId, UnitId};
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::text::Short;
use crate::time::Instant;
use crate::view::{Rows, Sides, ViewError};

/// Appoints an officer; replaces the appointment the officer has. It takes effect with a token of the same role and
/// unit, which the administrator enrols: one decides, the other hands out keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppointOfficer {
    /// The officer.
    pub officer: OfficerId,
    /// The role.
    pub role: Role,
    /// The unit; one of those registered, when there are any.
    pub unit: UnitId,
    /// The officer's name or post; told to the other parties with a liaison officer.
    pub name: Short,
    /// First instant it holds.
    pub from: Instant,
    /// First instant it no longer holds; none until revoked.
    pub to: Option<Instant>,
    /// The clearances: given with the appointment, and taken back by one without them.
    pub clearances: BTreeSet<OfficerClearance>,
}

impl Decide for AppointOfficer {
    const ROLES: &'static [Role] = &[Role::Secretariat];
    type State = Sides<UnitFacts>;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        rows.sides(&())
    }

    fn decide(&self, units: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        if self.role == Role::Node {
            return Err(Refusal::new(RefusalCode::NotAppointed).offending(["role"]));
        }
        if self.officer == context.actor.officer {
            return Err(Refusal::new(RefusalCode::SamePerson));
        }
        if self.to.is_some_and(|to| to <= self.from || to <= context.now) {
            return Err(Refusal::new(RefusalCode::BadDate).offending(["to"]));
        }
        if units.of(context.me).is_some_and(|facts| !facts.units.contains_key(&self.unit)) {
            return Err(Refusal::new(RefusalCode::NotFound).offending(["unit"]));
        }
        Ok(OfficerAppointed {
            officer: self.officer.clone(),
            role: self.role,
            unit: self.unit.clone(),
            name: self.name.clone(),
            from: self.from,
            to: self.to,
            told: told_of(self.role, context.me),
            clearances: self.clearances.clone(),
        }
        .into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authority::sample::{appointed, registered};
    use crate::event::Readers;
    use crate::testing::{NOON, given_nothing, party};
    use crate::time::DAY_US;

    fn appoint(who: &str, role: Role) -> AppointOfficer {
        let OfficerAppointed { officer, role, unit, name, from, to, clearances, .. } = appointed(who, role);
        AppointOfficer { officer, role, unit, name, from, to, clearances }
    }

    #[test]
    fn all_parties_are_told_of_a_liaison_officer_and_of_no_other() {
        let scene = given_nothing().when("sec.zhuhai", appoint("lo.zhuhai", Role::Liaison));
        scene.then(appointed("lo.zhuhai", Role::Liaison));
        let told = |role| appointed("lo.zhuhai", role).readers();
        assert_eq!(told(Role::Liaison), ["hengqin", "macau"].map(party).into());
        assert_eq!(told(Role::Reviewer), [].into());
    }

    #[test]
    fn nobody_appoints_the_service_or_themselves() {
        let scene = given_nothing();
        scene.clone().when("sec.zhuhai", appoint("bk.zhuhai", Role::Node)).then_refused(RefusalCode::NotAppointed);
        scene.when("sec.zhuhai", appoint("sec.zhuhai", Role::Reviewer)).then_refused(RefusalCode::SamePerson);
    }

    #[test]
    fn an_appointment_ends_after_it_begins_and_not_in_the_past() {
        for to in [NOON, NOON.plus_us(-DAY_US)] {
            let appoint = AppointOfficer { to: Some(to), ..appoint("lo.zhuhai", Role::Liaison) };
            given_nothing().when("sec.zhuhai", appoint).then_refused(RefusalCode::BadDate);
        }
        let over = AppointOfficer { to: Some(NOON.plus_us(1)), ..appoint("lo.zhuhai", Role::Liaison) };
        let scene = given_nothing().at(NOON.plus_us(1));
        scene.when("sec.zhuhai", over).then_refused(RefusalCode::BadDate);
    }

    #[test]
    fn where_units_are_registered_the_unit_is_one_of_them() {
        let scene = given_nothing().and("sec.zhuhai", registered("gongbei", []));
        scene.when("sec.zhuhai", appoint("lo.zhuhai", Role::Liaison)).then_refused(RefusalCode::NotFound);
        let scene = given_nothing().and("sec.zhuhai", registered("reception", []));
        scene.when("sec.zhuhai", appoint("lo.zhuhai", Role::Liaison)).then_done();
    }

    #[test]
    fn an_administrator_does_not_appoint() {
        given_nothing()
            .when("sa.zhuhai", appoint("lo.zhuhai", Role::Liaison))
            .then_refused(RefusalCode::RoleNotAllowed);
    }
}
