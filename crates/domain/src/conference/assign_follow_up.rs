//! `AssignFollowUp`: the nominating party writes down who does what after the conference.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::conference::events::FollowUpAssigned;
use crate::conference::facts::FOLLOW_UPS_MAX;
use crate::conference::guards::ConferenceState;
use crate::event::Event;
use crate::id::{ConferenceId, LineNo, PartyId};
use crate::meeting::refuse_unless;
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::text::Short;
use crate::time::Date;
use crate::view::{Rows, ViewError};

/// Assigns a follow-up; it gets the next number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssignFollowUp {
    /// The conference.
    pub conference: ConferenceId,
    /// What is to be done.
    pub what: Short,
    /// The party that does it; one of the conference.
    pub owner: PartyId,
    /// The last day on which it is on time; not in the past.
    pub due: Option<Date>,
}

impl Decide for AssignFollowUp {
    const ROLES: &'static [Role] = &[Role::Liaison, Role::Caseworker, Role::Reviewer];
    type State = ConferenceState;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        ConferenceState::load(rows, self.conference, None)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let conference = state.open_to(context)?;
        refuse_unless(conference.from == context.me, RefusalCode::NotYours)?;
        refuse_unless(conference.is_concluded(), RefusalCode::WrongState)?;
        if !conference.parties().contains(&self.owner) {
            return Err(Refusal::new(RefusalCode::WrongAddressee).offending([self.owner.to_string()]));
        }
        if self.due.is_some_and(|due| due < context.now.local_date()) {
            return Err(Refusal::new(RefusalCode::BadDate).offending(["due"]));
        }
        let assigned = conference.nominator.assigned.len();
        let no = LineNo::try_from(assigned + 1).ok().filter(|_| assigned < FOLLOW_UPS_MAX);
        let no = no.ok_or_else(|| Refusal::new(RefusalCode::BadList).offending(["follow_ups"]))?;
        let (others, Self { conference, what, owner, due }) = (conference.others(context.me), self.clone());
        Ok(FollowUpAssigned { conference, others, no, what, owner, due }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conference::sample::{CONFERENCE, assigned, given_concluded, given_named};
    use crate::testing::{NOON, party};

    fn assign() -> AssignFollowUp {
        let FollowUpAssigned { conference, what, owner, due, .. } = assigned(1);
        AssignFollowUp { conference, what, owner, due }
    }

    #[test]
    fn follow_ups_are_numbered_after_the_conclusion() {
        let scene = given_concluded().when("cw.zhuhai", assign()).then(assigned(1));
        scene.when("rv.zhuhai", assign()).then(assigned(2));
        given_named().when("cw.zhuhai", assign()).then_refused(RefusalCode::WrongState);
        assert_eq!(assign().conference, CONFERENCE);
    }

    #[test]
    fn only_by_the_nominating_party_to_a_party_of_the_conference() {
        given_concluded().when("cw.macau", assign()).then_refused(RefusalCode::NotYours);
        given_concluded().when("lo.zhuhai", assign()).then_refused(RefusalCode::NotFound);
        given_concluded().when("ho.zhuhai", assign()).then_refused(RefusalCode::RoleNotAllowed);
        let stranger = AssignFollowUp { owner: party("hengqin"), ..assign() };
        given_concluded().when("cw.zhuhai", stranger).then_refused(RefusalCode::WrongAddressee);
    }

    #[test]
    fn not_due_yesterday_and_not_without_end() {
        let today = NOON.local_date();
        let due = |due| AssignFollowUp { due: Some(due), ..assign() };
        given_concluded().when("cw.zhuhai", due(today)).then_done();
        given_concluded().when("cw.zhuhai", due(today.yesterday().unwrap())).then_refused(RefusalCode::BadDate);
        let full =
            (0..FOLLOW_UPS_MAX).fold(given_concluded(), |scene, _| scene.when("cw.zhuhai", assign()).then_done());
        full.when("cw.zhuhai", assign()).then_refused(RefusalCode::BadList);
    }
}
