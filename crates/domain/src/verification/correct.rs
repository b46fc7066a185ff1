//! `CorrectReply`: a second person approves a corrected answer; it goes to the asker and finds the decision it fed.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::{LineNo, RequestId};
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::text::Note;
use crate::verification::answer_item::check_correctable;
use crate::verification::guards::{RequestState, numbered, question_no};
use crate::verification::{CORRECTIONS_MAX, ReplyCorrected};
use crate::view::{Rows, ViewError};

/// Sends the answer that was given anew since the last was sent. Also after the request was closed: what was told wrong
/// is put right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CorrectReply {
    /// The request.
    pub request: RequestId,
    /// The question, from 1.
    pub question: LineNo,
    /// Why.
    pub reason: Note,
}

impl Decide for CorrectReply {
    const ROLES: &'static [Role] = &[Role::Reviewer];
    type State = RequestState;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        RequestState::load(rows, self.request)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let (request, own) = state.received(context.me)?.taken_on()?;
        let Some((no, asked)) = numbered(request).find(|(no, _)| *no == self.question) else {
            return Err(Refusal::new(RefusalCode::NotFound).offending([question_no(self.question)]));
        };
        let Some((answered, said)) = own.waiting(no).filter(|_| own.replied.contains_key(&no)) else {
            return Err(Refusal::new(RefusalCode::WrongState));
        };
        if said.by == context.actor.officer {
            return Err(Refusal::new(RefusalCode::SamePerson));
        }
        if own.corrected.get(&no).is_some_and(|corrections| corrections.len() >= CORRECTIONS_MAX) {
            return Err(Refusal::new(RefusalCode::WrongState));
        }
        check_correctable(own, no, false, state, asked)?;
        let (answer, reason) = (answered.answer.clone(), self.reason.clone());
        Ok(ReplyCorrected { request: request.id, asker: request.asker, question: no, answer, reason }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::item::Verdict;
    use crate::testing::{answer, party};
    use crate::verification::sample::{answered, closed, corrected, proposed, replied, request, revoked};
    use crate::verification::{AnswerItem, ItemAnswered};

    fn correct(question: LineNo) -> CorrectReply {
        CorrectReply { request: request().id, question, reason: "found in the old books".parse().unwrap() }
    }

    #[test]
    fn a_second_person_sends_what_was_answered_anew() {
        let answer = answer(&request().questions[0].question, Verdict::DoesNotMeet);
        let (request, asker, reason) = (request().id, party("zhuhai"), correct(1).reason);
        let corrected = ReplyCorrected { request, asker, question: 1, answer, reason };
        proposed(replied()).when("rv.macau", correct(1)).then(corrected.clone());
        proposed(closed()).when("rv.macau", correct(1)).then(corrected);
    }

    #[test]
    fn there_is_something_to_correct_and_it_is_sent_once() {
        replied().when("rv.macau", correct(1)).then_refused(RefusalCode::WrongState);
        answered().when("rv.macau", correct(1)).then_refused(RefusalCode::WrongState);
        corrected().when("rv.macau", correct(1)).then_refused(RefusalCode::WrongState);
        proposed(replied()).when("rv.macau", correct(3)).then_refused(RefusalCode::NotFound);
        let again = answer(&request().questions[0].question, Verdict::DoesNotMeet);
        let same = AnswerItem { request: request().id, question: 1, answer: again };
        corrected().when("cw.macau", same).then_refused(RefusalCode::WrongState);
        proposed(corrected()).when("rv.macau", correct(1)).then_done();
    }

    #[test]
    fn nobody_sends_an_own_correction_and_only_the_holder_does() {
        let answer = answer(&request().questions[0].question, Verdict::DoesNotMeet);
        let own = ItemAnswered { request: request().id, question: 1, answer };
        replied().and("rv.macau", own).when("rv.macau", correct(1)).then_refused(RefusalCode::SamePerson);
        proposed(replied()).when("rv.zhuhai", correct(1)).then_refused(RefusalCode::NotYours);
        proposed(replied()).when("lo.macau", correct(1)).then_refused(RefusalCode::RoleNotAllowed);
    }

    #[test]
    fn nothing_more_is_told_once_the_person_withdrew() {
        let scene = proposed(replied()).and("cw.zhuhai", revoked());
        let refusal = scene.when("rv.macau", correct(1)).then_refused(RefusalCode::ConsentRevoked);
        assert_eq!(refusal.offending, ["question#1"]);
    }

    #[test]
    fn an_answer_is_corrected_so_often_at_most() {
        let mut scene = replied();
        for _ in 0..CORRECTIONS_MAX {
            scene = proposed(scene).when("rv.macau", correct(1)).then_done();
        }
        proposed(scene).when("rv.macau", correct(1)).then_refused(RefusalCode::WrongState);
    }
}
