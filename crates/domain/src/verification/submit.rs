//! `SubmitRequest`: a second person approves the draft; it goes to the holder.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::RequestId;
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::verification::RequestSubmitted;
use crate::verification::guards::{Grounds, RequestState};
use crate::view::{Rows, ViewError};

/// Approves and submits a request drafted here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubmitRequest {
    /// The request.
    pub request: RequestId,
}

impl Decide for SubmitRequest {
    const ROLES: &'static [Role] = &[Role::Reviewer];
    type State = (RequestState, Grounds);

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        let state = RequestState::load(rows, self.request)?;
        let draft = state.sides.iter().find_map(|(_, facts)| Some(&facts.drafted.as_ref()?.0.request));
        let grounds = Grounds::load(rows, draft)?;
        Ok((state, grounds))
    }

    fn decide(&self, (state, grounds): &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let own = state.sides.of(context.me);
        let Some((facts, (drafted, said))) = own.and_then(|facts| Some((facts, facts.drafted.as_ref()?))) else {
            return Err(Refusal::new(RefusalCode::NotFound));
        };
        if facts.submitted.is_some() || facts.discarded.is_some() {
            return Err(Refusal::new(RefusalCode::WrongState));
        }
        if said.by == context.actor.officer {
            return Err(Refusal::new(RefusalCode::SamePerson));
        }
        // The scope of a draft can't change any more, but its consents can end while it waits.
        state.consents.check_standing(&drafted.request, context.now)?;
        grounds.check_predicates(context.me, &drafted.request)?; // other requests may have been submitted meanwhile
        Ok(RequestSubmitted { request: drafted.request.clone() }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{claims, given_nothing};
    use crate::verification::RequestDrafted;
    use crate::verification::sample::{based, drafted, request, revoked, submitted};

    fn submit() -> SubmitRequest {
        SubmitRequest { request: request().id }
    }

    #[test]
    fn a_second_person_submits_the_draft_as_it_is() {
        drafted().when("rv.zhuhai", submit()).then(RequestSubmitted { request: request() });
    }

    #[test]
    fn the_drafter_does_not_submit() {
        let scene = based(claims()).and("rv.zhuhai", RequestDrafted { request: request() }); // in both roles
        scene.when("rv.zhuhai", submit()).then_refused(RefusalCode::SamePerson);
    }

    #[test]
    fn only_an_own_draft_is_submitted() {
        given_nothing().when("rv.zhuhai", submit()).then_refused(RefusalCode::NotFound);
        drafted().when("rv.hengqin", submit()).then_refused(RefusalCode::NotFound);
    }

    #[test]
    fn a_request_is_submitted_once() {
        submitted().when("rv.zhuhai", submit()).then_refused(RefusalCode::WrongState);
    }

    #[test]
    fn a_draft_whose_consent_ended_meanwhile_stays() {
        let scene = drafted().and("cw.zhuhai", revoked());
        scene.when("rv.zhuhai", submit()).then_refused(RefusalCode::ConsentRevoked);
        let late = drafted().at(claims().not_after);
        late.when("rv.zhuhai", submit()).then_refused(RefusalCode::ConsentExpired);
    }

    #[test]
    fn a_caseworker_does_not_submit() {
        drafted().when("cw2.zhuhai", submit()).then_refused(RefusalCode::RoleNotAllowed);
    }
}
