//! `WithdrawRequest`: the asker needs the answers no longer.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::RequestId;
use crate::officer::Role;
use crate::refusal::Refusal;
use crate::verification::guards::RequestState;
use crate::verification::{RequestWithdrawn, WithdrawalReason};
use crate::view::{Rows, ViewError};

/// Withdraws a request at any time before it is closed or refused; the holder answers nothing more on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WithdrawRequest {
    /// The request.
    pub request: RequestId,
}

impl Decide for WithdrawRequest {
    const ROLES: &'static [Role] = &[Role::Caseworker, Role::Liaison];
    type State = RequestState;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        RequestState::load(rows, self.request)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let request = state.asked(context.me)?.open()?.request;
        let (holder, reason) = (request.holder, WithdrawalReason::ByAsker);
        Ok(RequestWithdrawn { request: request.id, holder, reason }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::refusal::RefusalCode;
    use crate::testing::party;
    use crate::verification::sample::{accepted, answered, closed, drafted, replied, request, submitted, withdrawn};
    use crate::verification::{AcceptRequest, AnswerItem, SendReply};

    fn withdraw() -> WithdrawRequest {
        WithdrawRequest { request: request().id }
    }

    #[test]
    fn a_request_is_withdrawn_at_any_time_before_its_end() {
        let told =
            RequestWithdrawn { request: request().id, holder: party("macau"), reason: WithdrawalReason::ByAsker };
        for scene in [submitted(), accepted(), answered(), replied()] {
            scene.when("cw.zhuhai", withdraw()).then(told.clone());
        }
        withdrawn().when("cw.zhuhai", withdraw()).then_refused(RefusalCode::WrongState);
        closed().when("cw.zhuhai", withdraw()).then_refused(RefusalCode::WrongState);
        drafted().when("cw.zhuhai", withdraw()).then_refused(RefusalCode::NotFound);
    }

    #[test]
    fn the_holder_does_nothing_more_on_it() {
        let [property, _] = crate::verification::sample::answers();
        let answer = AnswerItem { request: request().id, question: 1, answer: property };
        withdrawn().when("cw.macau", answer).then_refused(RefusalCode::WrongState);
        let reply = SendReply { request: request().id, partial: true };
        withdrawn().when("rv.macau", reply).then_refused(RefusalCode::WrongState);
        let gone = submitted().when("lo.zhuhai", withdraw()).then_done();
        gone.when("lo.macau", AcceptRequest { request: request().id }).then_refused(RefusalCode::WrongState);
    }

    #[test]
    fn only_the_asker_withdraws() {
        accepted().when("lo.macau", withdraw()).then_refused(RefusalCode::NotYours);
        accepted().when("rv.zhuhai", withdraw()).then_refused(RefusalCode::RoleNotAllowed);
    }
}
