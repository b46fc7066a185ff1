//! `AnswerItem`: a caseworker of the holder answers one question. Nothing leaves until a second person approves.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::{LineNo, RequestId};
use crate::item::Answer;
use crate::lookup::check_answer;
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::verification::ItemAnswered;
use crate::verification::guards::{RequestState, numbered, question_no};
use crate::view::{Rows, ViewError};

/// Answers a question of an accepted request. Until the reply is sent the last answer to a question counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerItem {
    /// The request.
    pub request: RequestId,
    /// The question, from 1.
    pub question: LineNo,
    /// The answer: to this item and predicate, no finer than asked.
    pub answer: Answer,
}

impl Decide for AnswerItem {
    const ROLES: &'static [Role] = &[Role::Caseworker];
    type State = RequestState;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        RequestState::load(rows, self.request)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let (request, _) = state.received(context.me)?.accepted()?;
        let Some((no, asked)) = numbered(request).find(|(no, _)| *no == self.question) else {
            return Err(Refusal::new(RefusalCode::NotFound).offending([question_no(self.question)]));
        };
        check_answer(&asked.question, &self.answer)?;
        state.consents.check_question_standing(no, asked, context.now)?;
        Ok(ItemAnswered { request: request.id, question: no, answer: self.answer.clone() }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::item::{Item, Predicate};
    use crate::testing::claims;
    use crate::verification::RequestRefused;
    use crate::verification::sample::{accepted, answered, answers, replied, request, revoked, submitted};

    fn answer(question: LineNo) -> AnswerItem {
        let [property, assistance] = answers();
        let answer = if question == 2 { assistance } else { property };
        AnswerItem { request: request().id, question, answer }
    }

    #[test]
    fn a_question_is_answered_and_may_be_answered_anew() {
        for question in [1, 2] {
            let AnswerItem { request, question, answer: given } = answer(question);
            let answered_anew = ItemAnswered { request, question, answer: given };
            accepted().when("cw.macau", answer(question)).then(answered_anew.clone());
            answered().when("cw.macau", answer(question)).then(answered_anew);
        }
    }

    #[test]
    fn only_the_holder_answers_and_only_what_it_accepted() {
        submitted().when("cw.macau", answer(1)).then_refused(RefusalCode::WrongState);
        accepted().when("cw.hengqin", answer(1)).then_refused(RefusalCode::NotYours);
        replied().when("cw.macau", answer(1)).then_refused(RefusalCode::WrongState);
        let refusal = Refusal::new(RefusalCode::ConsentRevoked);
        let refused = RequestRefused { request: request().id, asker: request().asker, refusal };
        accepted().and("lo.macau", refused).when("cw.macau", answer(1)).then_refused(RefusalCode::WrongState);
    }

    #[test]
    fn a_question_that_was_not_asked_has_no_answer() {
        for question in [0, 3, LineNo::MAX] {
            let refusal = accepted().when("cw.macau", answer(question)).then_refused(RefusalCode::NotFound);
            assert_eq!(refusal.offending, [question_no(question)]);
        }
    }

    #[test]
    fn an_answer_fits_its_question() {
        type Change = fn(&mut Answer);
        let faults: &[(&str, Change)] = &[
            ("item", |a| a.item = Item::AssetVehicle),
            ("predicate", |a| a.predicate = Predicate::CountAtMost(2)),
            ("band", |a| a.band = Some("0".parse().unwrap())),
            ("sources_searched", |a| a.sources_searched.clear()),
        ];
        for (field, change) in faults {
            let mut answer = answer(1);
            change(&mut answer.answer);
            let refusal = accepted().when("cw.macau", answer).then_refused(RefusalCode::BadAnswer);
            assert_eq!(refusal.offending, [*field]);
        }
    }

    #[test]
    fn nothing_is_answered_on_a_consent_that_has_ended() {
        let scene = accepted().and("cw.zhuhai", revoked());
        let refusal = scene.when("cw.macau", answer(2)).then_refused(RefusalCode::ConsentRevoked);
        assert_eq!(refusal.offending, ["question#2"]);
        let late = accepted().at(claims().not_after);
        late.when("cw.macau", answer(1)).then_refused(RefusalCode::ConsentExpired);
    }

    #[test]
    fn a_reviewer_does_not_answer() {
        accepted().when("rv.macau", answer(1)).then_refused(RefusalCode::RoleNotAllowed);
    }
}
