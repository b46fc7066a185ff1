//! `SendReply`: a second person of the holder approves the answers; they go to the asker.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::RequestId;
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::verification::ReplySent;
use crate::verification::guards::{RequestState, numbered, question_no};
use crate::view::{Rows, ViewError};

/// Approves the answers to a request and sends them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendReply {
    /// The request.
    pub request: RequestId,
}

impl Decide for SendReply {
    const ROLES: &'static [Role] = &[Role::Reviewer];
    type State = RequestState;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        RequestState::load(rows, self.request)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let (request, own) = state.received(context.me)?.accepted()?;
        let open = numbered(request).filter(|(no, _)| !own.answered.contains_key(no));
        let open: Vec<String> = open.map(|(no, _)| question_no(no)).collect();
        if !open.is_empty() {
            return Err(Refusal::new(RefusalCode::QuestionsOpen).offending(open));
        }
        if own.answered.values().any(|(_, said)| said.by == context.actor.officer) {
            return Err(Refusal::new(RefusalCode::SamePerson));
        }
        state.consents.check_standing(request, context.now)?;
        let answers = own.answered.iter().map(|(no, (answered, _))| (*no, answered.answer.clone())).collect();
        Ok(ReplySent { request: request.id, asker: request.asker, answers }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{claims, party};
    use crate::verification::sample::{accepted, answered, answers, replied, request, revoked, submitted};
    use crate::verification::{ItemAnswered, RequestRefused};

    fn send() -> SendReply {
        SendReply { request: request().id }
    }

    #[test]
    fn approved_answers_go_to_the_asker() {
        let [property, assistance] = answers();
        let answers = vec![(1, property), (2, assistance)];
        answered().when("rv.macau", send()).then(ReplySent { request: request().id, asker: party("zhuhai"), answers });
    }

    #[test]
    fn only_the_holder_replies_and_only_to_what_it_accepted() {
        submitted().when("rv.macau", send()).then_refused(RefusalCode::WrongState);
        answered().when("rv.hengqin", send()).then_refused(RefusalCode::NotYours);
    }

    #[test]
    fn every_question_is_answered_first() {
        let refusal = accepted().when("rv.macau", send()).then_refused(RefusalCode::QuestionsOpen);
        assert_eq!(refusal.offending, ["question#1", "question#2"]);
        let [property, _] = answers();
        let one = ItemAnswered { request: request().id, question: 1, answer: property };
        let refusal = accepted().and("cw.macau", one).when("rv.macau", send()).then_refused(RefusalCode::QuestionsOpen);
        assert_eq!(refusal.offending, ["question#2"]);
    }

    #[test]
    fn nobody_approves_an_own_answer() {
        let [_, assistance] = answers();
        let own = ItemAnswered { request: request().id, question: 2, answer: assistance };
        let scene = answered().and("rv.macau", own); // in both roles
        scene.clone().when("rv.macau", send()).then_refused(RefusalCode::SamePerson);
        scene.when("rv2.macau", send()).then_done();
    }

    #[test]
    fn nothing_is_sent_on_a_consent_that_has_ended() {
        let scene = answered().and("cw.zhuhai", revoked());
        scene.when("rv.macau", send()).then_refused(RefusalCode::ConsentRevoked);
        let late = answered().at(claims().not_after);
        late.when("rv.macau", send()).then_refused(RefusalCode::ConsentExpired);
    }

    #[test]
    fn a_reply_is_sent_once_and_not_after_a_refusal() {
        replied().when("rv.macau", send()).then_refused(RefusalCode::WrongState);
        let refusal = Refusal::new(RefusalCode::ConsentRevoked);
        let refused = RequestRefused { request: request().id, asker: party("zhuhai"), refusal };
        answered().and("lo.macau", refused).when("rv.macau", send()).then_refused(RefusalCode::WrongState);
    }

    #[test]
    fn a_caseworker_does_not_approve() {
        answered().when("cw9.macau", send()).then_refused(RefusalCode::RoleNotAllowed);
    }
}
