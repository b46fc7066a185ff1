//! `SubmitOpinion`: an officer who needs to know gives an opinion.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::conference::events::OpinionSubmitted;
use crate::conference::facts::OPINIONS_MAX;
use crate::conference::guards::ConferenceState;
use crate::event::Event;
use crate::id::ConferenceId;
use crate::meeting::refuse_unless;
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::text::Note;
use crate::view::{Rows, ViewError};

/// Gives an opinion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubmitOpinion {
    /// The conference.
    pub conference: ConferenceId,
    /// The opinion.
    pub opinion: Note,
}

impl Decide for SubmitOpinion {
    const ROLES: &'static [Role] =
        &[Role::Liaison, Role::Caseworker, Role::Reviewer, Role::District, Role::SocialWorker];
    type State = ConferenceState;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        ConferenceState::load(rows, self.conference, None)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let conference = state.open_to(context)?;
        refuse_unless(!conference.is_concluded(), RefusalCode::WrongState)?;
        if state.sides.of(context.me).is_some_and(|facts| facts.opinions.len() >= OPINIONS_MAX) {
            return Err(Refusal::new(RefusalCode::BadList).offending(["opinions"]));
        }
        let Self { conference: id, opinion } = self.clone();
        Ok(OpinionSubmitted { conference: id, others: conference.others(context.me), opinion }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conference::sample::{CONFERENCE, given_concluded, given_named, note, opinion};

    fn submit() -> SubmitOpinion {
        SubmitOpinion { conference: CONFERENCE, opinion: note() }
    }

    #[test]
    fn whoever_needs_to_know_gives_an_opinion() {
        for (who, from) in [("cw.zhuhai", "zhuhai"), ("cw.macau", "macau"), ("sw.macau", "macau")] {
            given_named().when(who, submit()).then(opinion(from));
        }
        given_named().when("rv.macau", submit()).then_refused(RefusalCode::NotFound);
        given_named().when("dp.macau", submit()).then_refused(RefusalCode::RoleNotAllowed);
    }

    #[test]
    fn not_after_the_end_and_not_without_end() {
        given_concluded().when("cw.macau", submit()).then_refused(RefusalCode::WrongState);
        let full = (0..OPINIONS_MAX).fold(given_named(), |scene, _| scene.and("cw.macau", opinion("macau")));
        full.clone().when("cw.macau", submit()).then_refused(RefusalCode::BadList);
        full.when("cw.zhuhai", submit()).then_done();
    }
}
