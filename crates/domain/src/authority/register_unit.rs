//! `RegisterUnit`: the secretariat registers an org unit and what it is for.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::authority::{Capability, UnitFacts, UnitKind, UnitNames, UnitRegistered};
use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::UnitId;
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::view::{Rows, Sides, ViewError};

/// Most units of one party: Zhuhai has fewer than ten districts and areas with three departments each.
pub const UNITS_MAX: usize = 128;

/// Registers a unit, or changes one. From a party's first unit on, units that are not registered may do nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisterUnit {
    /// The unit.
    pub unit: UnitId,
    /// Its names; at least one.
    pub names: UnitNames,
    /// What it is.
    pub kind: UnitKind,
    /// What its officers may do; none for a unit that is closed.
    pub capabilities: BTreeSet<Capability>,
}

impl Decide for RegisterUnit {
    const ROLES: &'static [Role] = &[Role::Secretariat];
    type State = Sides<UnitFacts>;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        rows.sides(&())
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        if self.names == UnitNames::default() {
            return Err(Refusal::new(RefusalCode::BadList).offending(["names"]));
        }
        let full = |facts: &UnitFacts| facts.units.len() >= UNITS_MAX && !facts.units.contains_key(&self.unit);
        if state.of(context.me).is_some_and(full) {
            return Err(Refusal::new(RefusalCode::BadList).offending(["units"]));
        }
        Ok(UnitRegistered {
            unit: self.unit.clone(),
            names: self.names.clone(),
            kind: self.kind,
            capabilities: self.capabilities.clone(),
        }
        .into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authority::sample::registered;
    use crate::testing::given_nothing;

    fn register(unit: &str) -> RegisterUnit {
        let UnitRegistered { unit, names, kind, capabilities } = registered(unit, [Capability::Notices]);
        RegisterUnit { unit, names, kind, capabilities }
    }

    #[test]
    fn a_unit_is_registered_and_changed() {
        let scene = given_nothing().when("sec.zhuhai", register("gongbei"));
        let scene = scene.then(registered("gongbei", [Capability::Notices]));
        scene.when("sec.zhuhai", register("gongbei")).then_done();
    }

    #[test]
    fn a_unit_has_a_name() {
        let nameless = RegisterUnit { names: UnitNames::default(), ..register("gongbei") };
        given_nothing().when("sec.zhuhai", nameless).then_refused(RefusalCode::BadList);
    }

    #[test]
    fn a_party_has_a_limited_number_of_units() {
        let full = (0..UNITS_MAX)
            .fold(given_nothing(), |scene, no| scene.and("sec.zhuhai", registered(&format!("unit-{no}"), [])));
        full.clone().when("sec.zhuhai", register("gongbei")).then_refused(RefusalCode::BadList);
        full.when("sec.zhuhai", register("unit-0")).then_done();
    }

    #[test]
    fn a_liaison_officer_registers_no_unit() {
        given_nothing().when("lo.zhuhai", register("gongbei")).then_refused(RefusalCode::RoleNotAllowed);
    }
}
