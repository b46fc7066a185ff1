//! `ConcludeCase`: the nominating party writes down what was decided.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::conference::events::CaseConcluded;
use crate::conference::guards::ConferenceState;
use crate::event::Event;
use crate::id::{ConferenceId, PartyId};
use crate::meeting::refuse_unless;
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::text::Note;
use crate::view::{Rows, ViewError};

/// Concludes a conference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConcludeCase {
    /// The conference.
    pub conference: ConferenceId,
    /// What was decided.
    pub decision: Note,
    /// The party in charge from now on; one of the conference.
    pub owner: PartyId,
    /// How it goes on.
    pub follow_up: Note,
}

impl Decide for ConcludeCase {
    const ROLES: &'static [Role] = &[Role::Liaison, Role::Caseworker, Role::Reviewer];
    type State = ConferenceState;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        ConferenceState::load(rows, self.conference, None)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let conference = state.open_to(context)?;
        refuse_unless(conference.from == context.me, RefusalCode::NotYours)?;
        refuse_unless(!conference.is_concluded(), RefusalCode::WrongState)?;
        if !conference.parties().contains(&self.owner) {
            return Err(Refusal::new(RefusalCode::WrongAddressee).offending([self.owner.to_string()]));
        }
        let Self { conference: id, decision, owner, follow_up } = self.clone();
        Ok(CaseConcluded { conference: id, others: conference.others(context.me), decision, owner, follow_up }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conference::sample::{CONFERENCE, concluded, given_concluded, given_named, note};
    use crate::testing::party;

    fn conclude(owner: &str) -> ConcludeCase {
        ConcludeCase { conference: CONFERENCE, decision: note(), owner: party(owner), follow_up: note() }
    }

    #[test]
    fn the_nominating_party_concludes_it_once() {
        let scene = given_named().when("rv.zhuhai", conclude("macau")).then(concluded());
        scene.when("cw.zhuhai", conclude("macau")).then_refused(RefusalCode::WrongState);
        assert!(given_concluded().rows().sides::<crate::conference::ConferenceFacts>(&CONFERENCE).is_ok());
    }

    #[test]
    fn nobody_else_does() {
        given_named().when("cw.macau", conclude("macau")).then_refused(RefusalCode::NotYours);
        given_named().when("lo.zhuhai", conclude("macau")).then_refused(RefusalCode::NotFound);
        given_named().when("sw.macau", conclude("macau")).then_refused(RefusalCode::RoleNotAllowed);
    }

    #[test]
    fn a_party_of_the_conference_is_in_charge() {
        let refusal = given_named().when("cw.zhuhai", conclude("hengqin")).then_refused(RefusalCode::WrongAddressee);
        assert_eq!(refusal.offending, ["hengqin"]);
    }
}
