//! `DiscardDraft`: a request that was not submitted is given up. Nothing of it left the party.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::RequestId;
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::text::Note;
use crate::verification::{DraftDiscarded, RequestFacts};
use crate::view::{Rows, Sides, ViewError};

/// Gives up a request that was drafted and not submitted: by who drafted it, or by a reviewer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiscardDraft {
    /// The request.
    pub request: RequestId,
    /// Why; no personal data.
    pub reason: Note,
}

impl Decide for DiscardDraft {
    const ROLES: &'static [Role] = &[Role::Caseworker, Role::Reviewer];
    type State = Sides<RequestFacts>;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        rows.sides(&self.request)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let own = state.of(context.me).and_then(|facts| Some((facts, facts.drafted.as_ref()?)));
        let Some((facts, (_, said))) = own else { return Err(Refusal::new(RefusalCode::NotFound)) };
        if facts.submitted.is_some() || facts.discarded.is_some() {
            return Err(Refusal::new(RefusalCode::WrongState));
        }
        if context.actor.role != Role::Reviewer && context.actor.officer != said.by {
            return Err(Refusal::new(RefusalCode::NotYourDraft));
        }
        Ok(DraftDiscarded { request: self.request, reason: self.reason.clone() }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::given_nothing;
    use crate::verification::sample::{drafted, request, submitted};
    use crate::verification::{DraftRequest, SubmitRequest};

    fn discard() -> DiscardDraft {
        DiscardDraft { request: request().id, reason: "the application was withdrawn".parse().unwrap() }
    }

    #[test]
    fn who_drafted_it_or_a_reviewer_gives_it_up_and_nothing_is_done_with_it_any_more() {
        let event = DraftDiscarded { request: request().id, reason: discard().reason };
        assert!(Event::from(event.clone()).readers().is_empty(), "the holder was never told of it");
        for who in ["cw.zhuhai", "rv.zhuhai"] {
            let scene = drafted().when(who, discard()).then(event.clone());
            let submit = SubmitRequest { request: request().id };
            scene.clone().when("rv.zhuhai", submit).then_refused(RefusalCode::WrongState);
            scene.clone().when("rv.zhuhai", discard()).then_refused(RefusalCode::WrongState);
            let again = DraftRequest { request: request() };
            scene.when("cw.zhuhai", again).then_refused(RefusalCode::AlreadyExists);
        }
    }

    #[test]
    fn not_by_another_caseworker_or_a_liaison_officer() {
        drafted().when("cw2.zhuhai", discard()).then_refused(RefusalCode::NotYourDraft);
        drafted().when("lo.zhuhai", discard()).then_refused(RefusalCode::RoleNotAllowed);
    }

    #[test]
    fn not_what_was_submitted_or_is_not_here() {
        submitted().when("cw.zhuhai", discard()).then_refused(RefusalCode::WrongState);
        submitted().when("rv.macau", discard()).then_refused(RefusalCode::NotFound);
        given_nothing().when("cw.zhuhai", discard()).then_refused(RefusalCode::NotFound);
    }
}
