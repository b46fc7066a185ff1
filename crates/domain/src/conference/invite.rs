//! `InviteParty`: the nominating party invites one more.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::conference::events::PartyInvited;
use crate::conference::guards::ConferenceState;
use crate::event::Event;
use crate::id::{ConferenceId, PartyId};
use crate::meeting::{check_others, refuse_unless};
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::view::{Rows, ViewError};

/// Invites one more party. It is told the nomination, and nothing of what was said before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InviteParty {
    /// The conference.
    pub conference: ConferenceId,
    /// Who.
    pub party: PartyId,
}

impl Decide for InviteParty {
    const ROLES: &'static [Role] = &[Role::Liaison, Role::Caseworker, Role::Reviewer];
    type State = ConferenceState;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        ConferenceState::load(rows, self.conference, None)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let conference = state.open_to(context)?;
        refuse_unless(conference.from == context.me, RefusalCode::NotYours)?;
        refuse_unless(!conference.is_concluded(), RefusalCode::WrongState)?;
        check_others(&[self.party].into(), context.me)?;
        let mut parties = conference.parties();
        refuse_unless(parties.insert(self.party), RefusalCode::AlreadyExists)?;
        state.check_basis(&conference.nomination.basis, &parties, context.now)?;
        let others = conference.others(context.me);
        Ok(PartyInvited { party: self.party, others, nomination: conference.nomination.clone() }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conference::ConferenceFacts;
    use crate::conference::sample::{CONFERENCE, given_concluded, given_named, given_nominated, nominated, on_consent};
    use crate::testing::{claims, given, granted, party};

    fn invite(name: &str) -> InviteParty {
        InviteParty { conference: CONFERENCE, party: party(name) }
    }

    fn invited() -> PartyInvited {
        PartyInvited { party: party("hengqin"), others: [party("macau")].into(), nomination: nominated() }
    }

    #[test]
    fn one_more_party_is_told_the_nomination() {
        let scene = given_nominated().when("cw.zhuhai", invite("hengqin")).then(invited());
        assert_eq!(Event::from(invited()).readers(), [party("hengqin"), party("macau")].into());
        scene.when("cw.zhuhai", invite("hengqin")).then_refused(RefusalCode::AlreadyExists);
        // Hengqin never saw the nomination itself.
        let at_hengqin = given([("cw.zhuhai", invited())]);
        let sides = at_hengqin.rows().sides::<ConferenceFacts>(&CONFERENCE).unwrap();
        let conference = sides.conference(party("hengqin")).unwrap();
        assert_eq!(conference.parties(), ["hengqin", "macau", "zhuhai"].map(party).into());
        assert_eq!(conference.nomination, &nominated());
    }

    #[test]
    fn only_by_the_nominating_party_before_the_end() {
        given_named().when("cw.macau", invite("hengqin")).then_refused(RefusalCode::NotYours);
        given_concluded().when("cw.zhuhai", invite("hengqin")).then_refused(RefusalCode::WrongState);
        given_nominated().when("cw2.zhuhai", invite("hengqin")).then_refused(RefusalCode::NotFound);
        given_nominated().when("ho.zhuhai", invite("hengqin")).then_refused(RefusalCode::RoleNotAllowed);
        given_nominated().when("cw.zhuhai", invite("lisbon")).then_refused(RefusalCode::WrongAddressee);
    }

    #[test]
    fn a_consent_names_who_may_be_invited() {
        let scene = granted(claims()).when("cw.zhuhai", on_consent()).then_done();
        let refusal = scene.when("cw.zhuhai", invite("hengqin")).then_refused(RefusalCode::OverScope);
        assert_eq!(refusal.offending, ["hengqin"]);
    }
}
