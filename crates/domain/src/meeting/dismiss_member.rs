//! `DismissMember`: the secretariat ends the appointment of a member of the leading group, at once (002-06).

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::OfficerId;
use crate::meeting::events::MemberDismissed;
use crate::meeting::guards::refuse_unless;
use crate::meeting::members::MemberFacts;
use crate::officer::Role;
use crate::party::others;
use crate::refusal::{Refusal, RefusalCode};
use crate::view::{Rows, Sides, ViewError};

/// Dismisses a member of the own party. What the member decided before stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DismissMember {
    /// The member.
    pub member: OfficerId,
}

impl Decide for DismissMember {
    const ROLES: &'static [Role] = &[Role::Secretariat];
    type State = Sides<MemberFacts>;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        rows.sides(&self.member)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let own = state.of(context.me).ok_or_else(|| Refusal::new(RefusalCode::NotFound))?;
        refuse_unless(own.is_appointed(), RefusalCode::WrongState)?;
        Ok(MemberDismissed { member: self.member.clone(), others: others(context.me) }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::meeting::AppointMember;
    use crate::meeting::sample::{member_appointed, others as told};
    use crate::testing::{given, given_nothing};

    #[test]
    fn a_member_is_dismissed_once_and_may_be_appointed_anew() {
        let appointed = member_appointed("zhuhai");
        let dismiss = DismissMember { member: appointed.member.clone() };
        let dismissed = MemberDismissed { member: appointed.member.clone(), others: told("zhuhai") };
        assert_eq!(Event::from(dismissed.clone()).readers(), told("zhuhai"));
        let scene = given([("sec.zhuhai", appointed.clone())]);
        scene.clone().when("sec.macau", dismiss.clone()).then_refused(RefusalCode::NotFound);
        scene.clone().when("lo.zhuhai", dismiss.clone()).then_refused(RefusalCode::RoleNotAllowed);
        let scene = scene.when("sec.zhuhai", dismiss.clone()).then(dismissed);
        scene.clone().when("sec.zhuhai", dismiss.clone()).then_refused(RefusalCode::WrongState);
        let again = AppointMember { member: appointed.member.clone(), name: appointed.name.clone() };
        scene.when("sec.zhuhai", again).then(appointed).when("sec.zhuhai", dismiss.clone()).then_done();
        given_nothing().when("sec.zhuhai", dismiss).then_refused(RefusalCode::NotFound);
    }
}
