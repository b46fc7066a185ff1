//! `ProposeResolution`: a party of a meeting proposes a resolution.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::{MeetingId, ResolutionId};
use crate::meeting::events::{ACTIONS_MAX, Action, ResolutionProposed};
use crate::meeting::facts::{RESOLUTIONS_MAX, State, load};
use crate::meeting::guards::{meeting, refuse_unless};
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::text::Note;
use crate::view::{Rows, ViewError};

/// Proposes a resolution. A text that not everybody signs is proposed again as another resolution.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProposeResolution {
    /// The meeting.
    pub meeting: MeetingId,
    /// The resolution: a fresh id.
    pub resolution: ResolutionId,
    /// Its text; no person data.
    pub text: Note,
    /// What follows from it, at most [`ACTIONS_MAX`], each done by a party of the meeting; no person data.
    pub actions: Vec<Action>,
}

impl Decide for ProposeResolution {
    const ROLES: &'static [Role] = &[Role::Secretariat, Role::Liaison];
    type State = State;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        load(rows, self.meeting)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let held = meeting(state, context.me)?;
        refuse_unless(held.resolution(self.resolution).is_none(), RefusalCode::AlreadyExists)?;
        let own = state.of(context.me).map_or(0, |facts| facts.proposed.len());
        if own >= RESOLUTIONS_MAX {
            return Err(Refusal::new(RefusalCode::BadList).offending(["resolutions"]));
        }
        if self.actions.len() > ACTIONS_MAX {
            return Err(Refusal::new(RefusalCode::BadList).offending(["actions"]));
        }
        let parties = held.parties();
        let strangers = (1_u16..).zip(&self.actions).filter(|(_, action)| !parties.contains(&action.owner));
        let strangers: Vec<String> = strangers.map(|(no, _)| format!("action#{no}")).collect();
        if !strangers.is_empty() {
            return Err(Refusal::new(RefusalCode::WrongAddressee).offending(strangers));
        }
        let (others, Self { meeting, resolution, text, actions }) = (held.others(context.me), self.clone());
        Ok(ResolutionProposed { meeting, resolution, others, text, actions }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::meeting::sample::{given_convened, given_proposed, others, propose, proposed};
    use crate::testing::given_nothing;

    #[test]
    fn any_party_of_the_meeting_proposes() {
        given_convened().when("lo.macau", propose()).then(proposed("macau"));
        given_convened().when("sec.zhuhai", propose()).then(proposed("zhuhai"));
        assert_eq!(Event::from(proposed("macau")).readers(), others("macau"));
        given_convened().when("cw.macau", propose()).then_refused(RefusalCode::RoleNotAllowed);
        given_nothing().when("lo.macau", propose()).then_refused(RefusalCode::NotFound);
    }

    #[test]
    fn one_id_is_one_text() {
        given_proposed().when("lo.zhuhai", propose()).then_refused(RefusalCode::AlreadyExists);
    }

    #[test]
    fn actions_are_for_parties_of_the_meeting() {
        let mut wrong = propose();
        wrong.actions[1].owner = "lisbon".parse().unwrap();
        let refusal = given_convened().when("sec.zhuhai", wrong).then_refused(RefusalCode::WrongAddressee);
        assert_eq!(refusal.offending, ["action#2"]);
    }

    #[test]
    fn actions_and_resolutions_are_not_without_end() {
        let mut many = propose();
        many.actions = vec![many.actions[0].clone(); ACTIONS_MAX];
        given_convened().when("sec.zhuhai", many.clone()).then_done();
        many.actions.push(many.actions[0].clone());
        let refusal = given_convened().when("sec.zhuhai", many).then_refused(RefusalCode::BadList);
        assert_eq!(refusal.offending, ["actions"]);
        let full = (0..RESOLUTIONS_MAX).fold(given_convened(), |scene, no| {
            let resolution = ResolutionId(uuid::Uuid::from_u128(0x1000 + no as u128));
            scene.when("sec.zhuhai", ProposeResolution { resolution, ..propose() }).then_done()
        });
        let refusal = full.clone().when("sec.zhuhai", propose()).then_refused(RefusalCode::BadList);
        assert_eq!(refusal.offending, ["resolutions"]);
        full.when("sec.macau", propose()).then_done();
    }
}
