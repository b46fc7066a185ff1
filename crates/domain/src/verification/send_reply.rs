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

/// Approves the answers to a request that wait, and sends them. Each question is replied to once.
///
/// Questions whose consent was withdrawn meanwhile are left out: they are answered no more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendReply {
    /// The request.
    pub request: RequestId,
    /// Whether it may go while other questions are open; they keep their own clock.
    pub partial: bool,
}

impl Decide for SendReply {
    const ROLES: &'static [Role] = &[Role::Reviewer];
    type State = RequestState;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        RequestState::load(rows, self.request)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let (request, own) = state.received(context.me)?.accepted()?;
        let unsent: Vec<_> = numbered(request).filter(|(no, _)| !own.replied.contains_key(no)).collect();
        let standing = unsent.iter().filter(|(_, asked)| state.consents.revoked_at(asked).is_none());
        let (ready, open): (Vec<_>, Vec<_>) = standing.copied().partition(|(no, _)| own.answered.contains_key(no));
        if !open.is_empty() && (!self.partial || ready.is_empty()) {
            return Err(Refusal::new(RefusalCode::QuestionsOpen).offending(open.iter().map(|(no, _)| question_no(*no))));
        }
        // With nothing ready all is sent, or what is left rests on a consent withdrawn.
        let left = if ready.is_empty() { &unsent } else { &ready };
        left.iter().try_for_each(|(no, asked)| state.consents.check_question_standing(*no, asked, context.now))?;
        let answers: Vec<_> = ready.iter().filter_map(|(no, _)| own.answered.get(no)).collect();
        if answers.is_empty() {
            return Err(Refusal::new(RefusalCode::WrongState));
        }
        if answers.iter().any(|(_, said)| said.by == context.actor.officer) {
            return Err(Refusal::new(RefusalCode::SamePerson));
        }
        let answers = answers.iter().map(|(answered, _)| (answered.question, answered.answer.clone())).collect();
        Ok(ReplySent { request: request.id, asker: request.asker, answers }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consent::{ConsentClaims, ConsentGranted};
    use crate::id::ConsentId;
    use crate::testing::{claims, party};
    use crate::verification::sample::{accepted, answered, answers, based, replied, request, revoked, submitted};
    use crate::verification::{AcceptRequest, ItemAnswered, RequestRefused, RequestSubmitted};

    fn send() -> SendReply {
        SendReply { request: request().id, partial: false }
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
        let refused = RequestRefused { request: request().id, asker: party("zhuhai"), refusal, consents: [].into() };
        answered().and("lo.macau", refused).when("rv.macau", send()).then_refused(RefusalCode::WrongState);
    }

    #[test]
    fn a_reply_goes_in_parts_when_that_is_asked_for() {
        let [property, assistance] = answers();
        let part = SendReply { partial: true, ..send() };
        accepted().when("rv.macau", part.clone()).then_refused(RefusalCode::QuestionsOpen);
        let one = ItemAnswered { request: request().id, question: 1, answer: property.clone() };
        let sent =
            |no, answer| ReplySent { request: request().id, asker: party("zhuhai"), answers: vec![(no, answer)] };
        let scene = accepted().and("cw.macau", one).when("rv.macau", part.clone()).then(sent(1, property));
        scene.clone().when("rv.macau", part).then_refused(RefusalCode::QuestionsOpen);
        let other = ItemAnswered { request: request().id, question: 2, answer: assistance.clone() };
        let scene = scene.and("cw.macau", other).when("rv.macau", send()).then(sent(2, assistance));
        scene.when("rv.macau", send()).then_refused(RefusalCode::WrongState);
    }

    #[test]
    fn what_a_person_withdrew_is_left_out_and_the_rest_goes() {
        let other = ConsentClaims { id: ConsentId(uuid::Uuid::from_u128(0xC1)), ..claims() };
        let mut request = request();
        request.questions[1].consent = other.id;
        let [property, assistance] = answers();
        let scene = based(claims())
            .and("rv.zhuhai", ConsentGranted { claims: other })
            .and("rv.zhuhai", RequestSubmitted { request })
            .when("lo.macau", AcceptRequest { request: send().request })
            .then_done()
            .and("cw.macau", ItemAnswered { request: send().request, question: 1, answer: property })
            .and("cw.macau", ItemAnswered { request: send().request, question: 2, answer: assistance.clone() })
            .and("cw.zhuhai", revoked());
        let answers = vec![(2, assistance)];
        let sent = ReplySent { request: send().request, asker: party("zhuhai"), answers };
        let scene = scene.when("rv.macau", send()).then(sent);
        scene.when("rv.macau", send()).then_refused(RefusalCode::ConsentRevoked);
    }

    #[test]
    fn a_caseworker_does_not_approve() {
        answered().when("cw9.macau", send()).then_refused(RefusalCode::RoleNotAllowed);
    }
}
