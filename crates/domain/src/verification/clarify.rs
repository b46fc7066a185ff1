//! `RequestClarification`: the holder asks back; the clocks of the questions it is about stand.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::{LineNo, RequestId};
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::text::Note;
use crate::verification::guards::{RequestState, numbered};
use crate::verification::{CLARIFICATIONS_MAX, ClarificationRequested};
use crate::view::{Rows, ViewError};

/// Asks back about questions that are not replied to yet. One clarification waits at a time, and there are at most
/// [`CLARIFICATIONS_MAX`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestClarification {
    /// The request.
    pub request: RequestId,
    /// What the holder needs to know.
    pub text: Note,
    /// The questions it is about; at least one.
    pub questions: BTreeSet<LineNo>,
}

impl Decide for RequestClarification {
    const ROLES: &'static [Role] = &[Role::Liaison, Role::Caseworker, Role::Reviewer];
    type State = RequestState;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        RequestState::load(rows, self.request)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let received = state.received(context.me)?.open()?;
        let (request, own) = (received.request, received.own);
        let open = |no: &LineNo| !own.is_some_and(|own| own.replied.contains_key(no));
        let open: BTreeSet<LineNo> = numbered(request).map(|(no, _)| no).filter(open).collect();
        if self.questions.is_empty() || !self.questions.is_subset(&open) {
            return Err(Refusal::new(RefusalCode::BadList).offending(["questions"]));
        }
        let before = own.map_or(0, |own| own.clarifications.len());
        if state.open_clarification().is_some() || before >= CLARIFICATIONS_MAX {
            return Err(Refusal::new(RefusalCode::WrongState));
        }
        let clarification = LineNo::try_from(before).unwrap_or(LineNo::MAX).saturating_add(1);
        let (text, questions) = (self.text.clone(), self.questions.clone());
        Ok(ClarificationRequested { request: request.id, asker: request.asker, clarification, text, questions }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::party;
    use crate::verification::AnswerClarification;
    use crate::verification::sample::{accepted, clarifying, partly_replied, replied, request, submitted, withdrawn};

    fn ask(questions: &[LineNo]) -> RequestClarification {
        let questions = questions.iter().copied().collect();
        RequestClarification { request: request().id, text: "which spelling?".parse().unwrap(), questions }
    }

    #[test]
    fn the_holder_asks_back_before_and_after_accepting() {
        let RequestClarification { request, text, questions } = ask(&[1]);
        let told = ClarificationRequested { request, asker: party("zhuhai"), clarification: 1, text, questions };
        for scene in [submitted(), accepted()] {
            scene.when("cw.macau", ask(&[1])).then(told.clone());
        }
    }

    #[test]
    fn only_about_questions_that_are_open() {
        for questions in [&[][..], &[3], &[1, 0]] {
            accepted().when("cw.macau", ask(questions)).then_refused(RefusalCode::BadList);
        }
        partly_replied().when("cw.macau", ask(&[1])).then_refused(RefusalCode::BadList);
        partly_replied().when("cw.macau", ask(&[2])).then_done();
        replied().when("cw.macau", ask(&[2])).then_refused(RefusalCode::BadList);
        withdrawn().when("cw.macau", ask(&[1])).then_refused(RefusalCode::WrongState);
    }

    #[test]
    fn one_waits_at_a_time_and_there_are_only_so_many() {
        clarifying().when("cw.macau", ask(&[2])).then_refused(RefusalCode::WrongState);
        let answer = |clarification| AnswerClarification {
            request: request().id,
            clarification,
            answer: "the first".parse().unwrap(),
        };
        let mut scene = accepted();
        for no in (1..).take(CLARIFICATIONS_MAX) {
            scene = scene.when("cw.macau", ask(&[1])).then_done().when("cw.zhuhai", answer(no)).then_done();
        }
        scene.when("cw.macau", ask(&[1])).then_refused(RefusalCode::WrongState);
    }

    #[test]
    fn only_the_holder_asks_back() {
        accepted().when("cw.zhuhai", ask(&[1])).then_refused(RefusalCode::NotYours);
        accepted().when("au.macau", ask(&[1])).then_refused(RefusalCode::RoleNotAllowed);
    }
}
