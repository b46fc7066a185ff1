//! `DelegateDuty`: an officer's duty is handed to a deputy for a time (`domain.md` row 002-09).

use serde::{Deserialize, Serialize};

use crate::authority::events::told_of;
use crate::authority::{AppointmentFacts, DutyDelegated};
use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::OfficerId;
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::time::{DAY_US, Instant};
use crate::view::{Rows, Sides, ViewError};

/// Longest delegation in days (A): a leave or a mission abroad. What lasts longer is an appointment.
pub const DELEGATION_DAYS_MAX: i64 = 92;

/// Hands a duty to a deputy. The secretariat commands it, or the officer whose duty it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DelegateDuty {
    /// Whose duty.
    pub from: OfficerId,
    /// The deputy. Keeps the own role, and acts in the delegated one by saying so.
    pub to: OfficerId,
    /// The role; an own one of `from`, not itself delegated.
    pub role: Role,
    /// First instant at which the deputy no longer may.
    pub until: Instant,
}

impl Decide for DelegateDuty {
    const ROLES: &'static [Role] = &[
        Role::Secretariat,
        Role::Liaison,
        Role::Caseworker,
        Role::Reviewer,
        Role::District,
        Role::Duty,
        Role::DataProtection,
        Role::Finance,
    ];
    /// What is said of the officer whose duty it is, and of the deputy.
    type State = [Sides<AppointmentFacts>; 2];

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        Ok([rows.sides(&self.from)?, rows.sides(&self.to)?])
    }

    fn decide(&self, [from, to]: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        if context.actor.role != Role::Secretariat && context.actor.officer != self.from {
            return Err(Refusal::new(RefusalCode::NotYours));
        }
        if self.from == self.to {
            return Err(Refusal::new(RefusalCode::SamePerson));
        }
        // An auditor is independent, an administrator holds keys, the secretariat appoints: these are appointments.
        if matches!(self.role, Role::Auditor | Role::Administrator | Role::Secretariat | Role::Node) {
            return Err(Refusal::new(RefusalCode::NotAppointed).offending(["role"]));
        }
        if self.until <= context.now || self.until > context.now.plus_us(DELEGATION_DAYS_MAX * DAY_US) {
            return Err(Refusal::new(RefusalCode::BadDate).offending(["until"]));
        }
        let known = |sides: &Sides<AppointmentFacts>, part: &str| {
            sides.of(context.me).cloned().ok_or_else(|| Refusal::new(RefusalCode::NotFound).offending([part]))
        };
        known(from, "from")?.check_holds(self.role, context.now)?;
        known(to, "to")?.check_standing(context.now)?;
        Ok(DutyDelegated {
            from: self.from.clone(),
            to: self.to.clone(),
            role: self.role,
            until: self.until,
            told: told_of(self.role, context.me),
        }
        .into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authority::sample::{delegated, enrolled, revoked};
    use crate::testing::{NOON, Scene, given_nothing};

    fn known() -> Scene {
        ["lo.zhuhai", "cw.zhuhai", "rv.zhuhai", "au.zhuhai"]
            .into_iter()
            .fold(given_nothing(), |scene, who| scene.and("node.zhuhai", enrolled(who)))
    }

    fn delegate(from: &str, to: &str) -> DelegateDuty {
        let DutyDelegated { from, to, role, until, .. } = delegated(from, to, NOON.plus_us(DAY_US));
        DelegateDuty { from, to, role, until }
    }

    #[test]
    fn the_officer_or_the_secretariat_delegates() {
        for who in ["sec.zhuhai", "lo.zhuhai"] {
            let scene = known().when(who, delegate("lo.zhuhai", "cw.zhuhai"));
            scene.then(delegated("lo.zhuhai", "cw.zhuhai", NOON.plus_us(DAY_US)));
        }
        known().when("rv.zhuhai", delegate("lo.zhuhai", "cw.zhuhai")).then_refused(RefusalCode::NotYours);
        known().when("sa.zhuhai", delegate("lo.zhuhai", "cw.zhuhai")).then_refused(RefusalCode::RoleNotAllowed);
    }

    #[test]
    fn nobody_is_their_own_deputy() {
        known().when("sec.zhuhai", delegate("lo.zhuhai", "lo.zhuhai")).then_refused(RefusalCode::SamePerson);
    }

    #[test]
    fn an_auditors_office_is_not_delegated() {
        known().when("sec.zhuhai", delegate("au.zhuhai", "cw.zhuhai")).then_refused(RefusalCode::NotAppointed);
    }

    #[test]
    fn a_delegation_ends_in_the_future_and_within_its_limit() {
        let now = known().now;
        let until = |at| DelegateDuty { until: at, ..delegate("lo.zhuhai", "cw.zhuhai") };
        let longest = now.plus_us(DELEGATION_DAYS_MAX * DAY_US);
        for bad in [now, longest.plus_us(1)] {
            known().when("sec.zhuhai", until(bad)).then_refused(RefusalCode::BadDate);
        }
        for good in [now.plus_us(1), longest] {
            known().when("sec.zhuhai", until(good)).then_done();
        }
    }

    #[test]
    fn both_are_known_and_stand_and_the_role_is_the_delegators_own() {
        let refused = |scene: Scene, from, to, code| scene.when("sec.zhuhai", delegate(from, to)).then_refused(code);
        refused(known(), "lo2.zhuhai", "cw.zhuhai", RefusalCode::NotFound);
        refused(known(), "lo.zhuhai", "bk.zhuhai", RefusalCode::NotFound);
        let ended = RefusalCode::AppointmentEnded;
        refused(known().and("sec.zhuhai", revoked("lo.zhuhai")), "lo.zhuhai", "cw.zhuhai", ended);
        refused(known().and("sec.zhuhai", revoked("cw.zhuhai")), "lo.zhuhai", "cw.zhuhai", ended);
        let deputy = known().and("sec.zhuhai", delegated("lo.zhuhai", "cw.zhuhai", NOON.plus_us(DAY_US)));
        let chain = DelegateDuty { role: Role::Liaison, ..delegate("cw.zhuhai", "rv.zhuhai") };
        deputy.when("sec.zhuhai", chain).then_refused(RefusalCode::NotAppointed);
    }
}
