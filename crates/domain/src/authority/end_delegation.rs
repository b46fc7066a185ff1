//! `EndDelegation`: a deputy's duty ends before its time.

use serde::{Deserialize, Serialize};

use crate::authority::{AppointmentFacts, DelegateDuty, DelegationEnded};
use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::OfficerId;
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::view::{Rows, Sides, ViewError};

/// Ends a delegation. The secretariat commands it, the officer whose duty it is, or the deputy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndDelegation {
    /// The deputy.
    pub to: OfficerId,
    /// The delegated role.
    pub role: Role,
}

impl Decide for EndDelegation {
    const ROLES: &'static [Role] = <DelegateDuty as Decide>::ROLES;
    type State = Sides<AppointmentFacts>;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        rows.sides(&self.to)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let Some((duty, _)) = state.of(context.me).and_then(|facts| facts.duties.get(&self.role)) else {
            return Err(Refusal::new(RefusalCode::NotFound));
        };
        let officer = &context.actor.officer;
        if context.actor.role != Role::Secretariat && *officer != duty.from && *officer != duty.to {
            return Err(Refusal::new(RefusalCode::NotYours));
        }
        Ok(DelegationEnded { to: self.to.clone(), role: self.role, told: duty.told.clone() }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authority::sample::{delegated, enrolled};
    use crate::testing::{NOON, Scene, given_nothing, party};
    use crate::time::DAY_US;

    fn delegation() -> Scene {
        let scene = given_nothing().and("node.zhuhai", enrolled("cw.zhuhai"));
        scene.and("sec.zhuhai", delegated("lo.zhuhai", "cw.zhuhai", NOON.plus_us(DAY_US)))
    }

    fn end() -> EndDelegation {
        EndDelegation { to: "cw.zhuhai".parse().unwrap(), role: Role::Liaison }
    }

    #[test]
    fn each_of_the_three_ends_it_once() {
        for who in ["sec.zhuhai", "lo.zhuhai", "cw.zhuhai"] {
            let (EndDelegation { to, role }, told) = (end(), ["hengqin", "macau"].map(party).into());
            let scene = delegation().when(who, end()).then(DelegationEnded { to, role, told });
            scene.when(who, end()).then_refused(RefusalCode::NotFound);
        }
    }

    #[test]
    fn nobody_else_ends_it() {
        delegation().when("rv.zhuhai", end()).then_refused(RefusalCode::NotYours);
        delegation().when("sec.macau", end()).then_refused(RefusalCode::NotFound);
    }
}
