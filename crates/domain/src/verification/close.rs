//! `CloseRequest`: the asker has what it needs, and ends the request.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::RequestId;
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::verification::RequestClosed;
use crate::verification::guards::{RequestState, numbered, question_no};
use crate::view::{Rows, ViewError};

/// Closes a request of which the reply was used, or every question was replied to or is answered no more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CloseRequest {
    /// The request.
    pub request: RequestId,
}

impl Decide for CloseRequest {
    const ROLES: &'static [Role] = &[Role::Caseworker, Role::Liaison, Role::Reviewer];
    type State = RequestState;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        RequestState::load(rows, self.request)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let asked = state.asked(context.me)?.open()?;
        let settled = |no| asked.holder.is_some_and(|facts| facts.replied.contains_key(&no));
        let open =
            numbered(asked.request).filter(|(no, asked)| !settled(*no) && state.consents.revoked_at(asked).is_none());
        let open: Vec<String> = open.map(|(no, _)| question_no(no)).collect();
        if asked.own.used.is_none() && !open.is_empty() {
            return Err(Refusal::new(RefusalCode::QuestionsOpen).offending(open));
        }
        Ok(RequestClosed { request: asked.request.id, holder: asked.request.holder }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::party;
    use crate::verification::SendReply;
    use crate::verification::sample::{accepted, closed, partly_replied, replied, request, revoked, used, withdrawn};

    fn close() -> CloseRequest {
        CloseRequest { request: request().id }
    }

    #[test]
    fn a_request_is_closed_when_all_is_settled_or_the_reply_was_used() {
        let told = RequestClosed { request: request().id, holder: party("macau") };
        replied().when("cw.zhuhai", close()).then(told.clone());
        used(partly_replied()).when("lo.zhuhai", close()).then(told.clone());
        accepted().and("cw.zhuhai", revoked()).when("rv.zhuhai", close()).then(told);
    }

    #[test]
    fn not_while_questions_are_open_nor_after_its_end() {
        let refusal = partly_replied().when("cw.zhuhai", close()).then_refused(RefusalCode::QuestionsOpen);
        assert_eq!(refusal.offending, ["question#2"]);
        closed().when("cw.zhuhai", close()).then_refused(RefusalCode::WrongState);
        withdrawn().when("cw.zhuhai", close()).then_refused(RefusalCode::WrongState);
        replied().when("cw.macau", close()).then_refused(RefusalCode::NotYours);
        replied().when("au.zhuhai", close()).then_refused(RefusalCode::RoleNotAllowed);
    }

    #[test]
    fn nothing_more_is_replied_on_a_closed_request() {
        let scene = used(partly_replied()).when("cw.zhuhai", close()).then_done();
        let reply = SendReply { request: request().id, partial: true };
        scene.when("rv.macau", reply).then_refused(RefusalCode::WrongState);
    }
}
