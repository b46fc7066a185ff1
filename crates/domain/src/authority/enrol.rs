//! `RecordEnrolment`: the service found an officer whom the administrator enrolled, and writes it down.

use serde::{Deserialize, Serialize};

use crate::authority::{AppointmentFacts, OfficerEnrolled};
use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::{OfficerId, UnitId};
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::view::{Rows, Sides, ViewError};

/// Records an enrolment, or one that was changed. The service commands it before the officer's first command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordEnrolment {
    /// The officer.
    pub officer: OfficerId,
    /// The role enrolled for.
    pub role: Role,
    /// The unit enrolled for.
    pub unit: UnitId,
}

impl RecordEnrolment {
    /// Tells whether the log says this already.
    #[must_use]
    pub fn is_said(&self, facts: Option<&AppointmentFacts>) -> bool {
        let last = facts.and_then(|facts| facts.enrolled.as_ref());
        last.is_some_and(|(last, _)| last.role == self.role && last.unit == self.unit)
    }
}

impl Decide for RecordEnrolment {
    const ROLES: &'static [Role] = &[Role::Node];
    type State = Sides<AppointmentFacts>;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        rows.sides(&self.officer)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        if self.role == Role::Node {
            return Err(Refusal::new(RefusalCode::NotAppointed).offending(["role"]));
        }
        if self.is_said(state.of(context.me)) {
            return Err(Refusal::new(RefusalCode::AlreadyExists));
        }
        Ok(OfficerEnrolled { officer: self.officer.clone(), role: self.role, unit: self.unit.clone() }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authority::sample::enrolled;
    use crate::testing::given_nothing;

    fn record(role: Role) -> RecordEnrolment {
        RecordEnrolment { officer: "cw.zhuhai".parse().unwrap(), role, unit: "reception".parse().unwrap() }
    }

    #[test]
    fn an_enrolment_is_recorded_once_and_again_when_it_changes() {
        let scene = given_nothing().when("node.zhuhai", record(Role::Caseworker)).then(enrolled("cw.zhuhai"));
        scene.clone().when("node.zhuhai", record(Role::Caseworker)).then_refused(RefusalCode::AlreadyExists);
        scene.when("node.zhuhai", record(Role::Reviewer)).then_done();
    }

    #[test]
    fn nobody_is_enrolled_as_the_service_and_nobody_else_records() {
        given_nothing().when("node.zhuhai", record(Role::Node)).then_refused(RefusalCode::NotAppointed);
        given_nothing().when("sa.zhuhai", record(Role::Caseworker)).then_refused(RefusalCode::RoleNotAllowed);
    }
}
