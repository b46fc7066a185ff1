//! `RevokeAppointment`: the secretariat ends an appointment; the officer's token is refused from that moment.

use serde::{Deserialize, Serialize};

use crate::authority::events::told_of;
use crate::authority::{AppointmentFacts, AppointmentRevoked};
use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::OfficerId;
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::view::{Rows, Sides, ViewError};

/// Ends an officer's appointment or enrolment at once; what was delegated by and to the officer ends with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevokeAppointment {
    /// The officer.
    pub officer: OfficerId,
}

impl Decide for RevokeAppointment {
    const ROLES: &'static [Role] = &[Role::Secretariat];
    type State = Sides<AppointmentFacts>;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        rows.sides(&self.officer)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let own = state.of(context.me);
        let Some((facts, role)) = own.and_then(|facts| Some((facts, facts.role()?))) else {
            return Err(Refusal::new(RefusalCode::NotFound));
        };
        // So that somebody is left who can appoint.
        if self.officer == context.actor.officer {
            return Err(Refusal::new(RefusalCode::SamePerson));
        }
        if facts.revoked.is_some() {
            return Err(Refusal::new(RefusalCode::WrongState));
        }
        Ok(AppointmentRevoked { officer: self.officer.clone(), role, told: told_of(role, context.me) }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authority::sample::{enrolled, revoked};
    use crate::testing::{Scene, given_nothing};

    fn known() -> Scene {
        given_nothing().and("node.zhuhai", enrolled("lo.zhuhai")).and("node.zhuhai", enrolled("sec.zhuhai"))
    }

    fn revoke(who: &str) -> RevokeAppointment {
        RevokeAppointment { officer: who.parse().unwrap() }
    }

    #[test]
    fn an_appointment_is_revoked_once_and_others_are_told_of_a_liaison_officer() {
        let scene = known().when("sec.zhuhai", revoke("lo.zhuhai")).then(revoked("lo.zhuhai"));
        scene.when("sec.zhuhai", revoke("lo.zhuhai")).then_refused(RefusalCode::WrongState);
    }

    #[test]
    fn only_a_known_officer_of_the_own_party_is_revoked() {
        known().when("sec.zhuhai", revoke("x.zhuhai")).then_refused(RefusalCode::NotFound);
        known().when("sec.macau", revoke("lo.zhuhai")).then_refused(RefusalCode::NotFound);
    }

    #[test]
    fn nobody_revokes_themselves() {
        known().when("sec.zhuhai", revoke("sec.zhuhai")).then_refused(RefusalCode::SamePerson);
    }

    #[test]
    fn an_administrator_does_not_revoke() {
        known().when("sa.zhuhai", revoke("lo.zhuhai")).then_refused(RefusalCode::RoleNotAllowed);
    }
}
