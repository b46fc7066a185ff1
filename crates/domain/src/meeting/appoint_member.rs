//! `AppointMember`: the secretariat appoints a member of the leading group for its party (002-06).

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::OfficerId;
use crate::meeting::events::MemberAppointed;
use crate::meeting::guards::refuse_unless;
use crate::meeting::members::MemberFacts;
use crate::officer::Role;
use crate::party::others;
use crate::refusal::{Refusal, RefusalCode};
use crate::text::Short;
use crate::view::{Rows, Sides, ViewError};

/// Appoints a member of the leading group. A member needs no token of this service: the secretariat records what the group
/// decides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppointMember {
    /// The member: a name as officers have.
    pub member: OfficerId,
    /// The name and post; told to the other parties.
    pub name: Short,
}

impl Decide for AppointMember {
    const ROLES: &'static [Role] = &[Role::Secretariat];
    type State = Sides<MemberFacts>;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        rows.sides(&self.member)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        // Nobody appoints themselves to decide what they then record.
        refuse_unless(self.member != context.actor.officer, RefusalCode::SamePerson)?;
        let appointed = state.of(context.me).is_some_and(MemberFacts::is_appointed);
        refuse_unless(!appointed, RefusalCode::AlreadyExists)?;
        let Self { member, name } = self.clone();
        Ok(MemberAppointed { member, name, others: others(context.me) }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::meeting::sample::{member_appointed, others as told};
    use crate::testing::given_nothing;

    fn appoint() -> AppointMember {
        let MemberAppointed { member, name, .. } = member_appointed("zhuhai");
        AppointMember { member, name }
    }

    #[test]
    fn the_secretariat_appoints_a_member_once_and_all_others_are_told() {
        let scene = given_nothing().when("sec.zhuhai", appoint()).then(member_appointed("zhuhai"));
        assert_eq!(Event::from(member_appointed("zhuhai")).readers(), told("zhuhai"));
        scene.clone().when("sec.zhuhai", appoint()).then_refused(RefusalCode::AlreadyExists);
        // Another party may have one of the same name.
        scene.when("sec.macau", appoint()).then_done();
    }

    #[test]
    fn nobody_else_appoints_and_nobody_themselves() {
        given_nothing().when("lo.zhuhai", appoint()).then_refused(RefusalCode::RoleNotAllowed);
        let own = AppointMember { member: "sec.zhuhai".parse().unwrap(), ..appoint() };
        given_nothing().when("sec.zhuhai", own).then_refused(RefusalCode::SamePerson);
    }
}
