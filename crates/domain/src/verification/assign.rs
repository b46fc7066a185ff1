//! `AssignItem`: the holder gives a question to one of its officers, who then alone sees and answers it.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::{LineNo, OfficerId, RequestId};
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::verification::ItemAssigned;
use crate::verification::guards::{RequestState, numbered, question_no};
use crate::view::{Rows, ViewError};

/// Assigns a question, also anew, as long as no answer of it waits for a second person. Once it is sent, it may be
/// assigned anew for a correction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssignItem {
    /// The request.
    pub request: RequestId,
    /// The question, from 1.
    pub question: LineNo,
    /// Who shall answer it. Whether the name is enrolled is not checked here: officers are not in the view.
    pub officer: OfficerId,
}

impl Decide for AssignItem {
    const ROLES: &'static [Role] = &[Role::Liaison, Role::Reviewer];
    type State = RequestState;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        RequestState::load(rows, self.request)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let (request, own) = state.received(context.me)?.taken_on()?;
        let no = self.question;
        if !numbered(request).any(|(asked, _)| asked == no) {
            return Err(Refusal::new(RefusalCode::NotFound).offending([question_no(no)]));
        }
        if own.sent(no).is_none() {
            state.received(context.me)?.accepted()?;
        }
        if own.waiting(no).is_some() {
            return Err(Refusal::new(RefusalCode::WrongState));
        }
        Ok(ItemAssigned { request: request.id, question: no, officer: self.officer.clone() }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verification::sample::{accepted, answered, replied, request, submitted, withdrawn};

    fn assign(question: LineNo, officer: &str) -> AssignItem {
        AssignItem { request: request().id, question, officer: officer.parse().unwrap() }
    }

    #[test]
    fn a_question_is_assigned_and_may_be_assigned_anew() {
        for who in ["lo.macau", "rv.macau"] {
            let assigned = ItemAssigned { request: request().id, question: 1, officer: "cw1.macau".parse().unwrap() };
            let scene = accepted().when(who, assign(1, "cw1.macau")).then(assigned);
            scene.when(who, assign(1, "cw2.macau")).then_done();
        }
        replied().when("lo.macau", assign(1, "cw3.macau")).then_done();
    }

    #[test]
    fn not_while_an_answer_waits_and_not_what_was_not_accepted() {
        answered().when("lo.macau", assign(1, "cw2.macau")).then_refused(RefusalCode::WrongState);
        submitted().when("lo.macau", assign(1, "cw2.macau")).then_refused(RefusalCode::WrongState);
        withdrawn().when("lo.macau", assign(1, "cw2.macau")).then_refused(RefusalCode::WrongState);
    }

    #[test]
    fn only_a_question_there_is_and_only_by_the_holder() {
        let refusal = accepted().when("lo.macau", assign(3, "cw1.macau")).then_refused(RefusalCode::NotFound);
        assert_eq!(refusal.offending, ["question#3"]);
        accepted().when("lo.zhuhai", assign(1, "cw1.macau")).then_refused(RefusalCode::NotYours);
        accepted().when("cw.macau", assign(1, "cw1.macau")).then_refused(RefusalCode::RoleNotAllowed);
    }
}
