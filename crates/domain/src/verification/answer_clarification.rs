//! `AnswerClarification`: the asker answers what the holder asked back; the clocks go on.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::{LineNo, RequestId};
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::text::Note;
use crate::verification::ClarificationAnswered;
use crate::verification::guards::RequestState;
use crate::view::{Rows, ViewError};

/// Answers the clarification that waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerClarification {
    /// The request.
    pub request: RequestId,
    /// The clarification's number, from 1.
    pub clarification: LineNo,
    /// The answer.
    pub answer: Note,
}

impl Decide for AnswerClarification {
    const ROLES: &'static [Role] = &[Role::Caseworker, Role::Liaison];
    type State = RequestState;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        RequestState::load(rows, self.request)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let asked = state.asked(context.me)?.open()?;
        let clarification = self.clarification;
        if state.open_clarification().is_none_or(|(open, _)| open.clarification != clarification) {
            return Err(Refusal::new(RefusalCode::WrongState));
        }
        let (request, holder, answer) = (asked.request.id, asked.request.holder, self.answer.clone());
        Ok(ClarificationAnswered { request, holder, clarification, answer }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::party;
    use crate::verification::sample::{accepted, clarifying, request};
    use crate::verification::{RequestWithdrawn, WithdrawalReason};

    fn answer(clarification: LineNo) -> AnswerClarification {
        AnswerClarification { request: request().id, clarification, answer: "as on the card".parse().unwrap() }
    }

    #[test]
    fn what_was_asked_back_is_answered_once() {
        let AnswerClarification { request, clarification, answer: text } = answer(1);
        let told = ClarificationAnswered { request, holder: party("macau"), clarification, answer: text };
        for who in ["cw.zhuhai", "lo.zhuhai"] {
            let scene = clarifying().when(who, answer(1)).then(told.clone());
            scene.when(who, answer(1)).then_refused(RefusalCode::WrongState);
        }
    }

    #[test]
    fn only_what_was_asked_back_by_the_asker_while_the_request_stands() {
        accepted().when("cw.zhuhai", answer(1)).then_refused(RefusalCode::WrongState);
        clarifying().when("cw.zhuhai", answer(2)).then_refused(RefusalCode::WrongState);
        clarifying().when("cw.macau", answer(1)).then_refused(RefusalCode::NotYours);
        clarifying().when("rv.zhuhai", answer(1)).then_refused(RefusalCode::RoleNotAllowed);
        let (request, holder) = (request().id, party("macau"));
        let gone = RequestWithdrawn { request, holder, reason: WithdrawalReason::ByAsker };
        clarifying().and("cw.zhuhai", gone).when("cw.zhuhai", answer(1)).then_refused(RefusalCode::WrongState);
    }
}
