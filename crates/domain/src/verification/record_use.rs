//! `RecordReplyUse`: the asker says what a reply was used for, so that a later correction finds the decision.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::{PartyId, RequestId};
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::text::Note;
use crate::verification::{ReplyUsed, RequestFacts};
use crate::view::{Rows, Sides, ViewError};

/// Records what a reply was used for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordReplyUse {
    /// The request.
    pub request: RequestId,
    /// What was decided, in words; the decision itself stays in the asker's own system.
    pub decision: Note,
}

impl Decide for RecordReplyUse {
    const ROLES: &'static [Role] = &[Role::Caseworker];
    type State = Sides<RequestFacts>;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        rows.sides(&self.request)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let (_, request) = state.submitted().ok_or_else(|| Refusal::new(RefusalCode::NotFound))?;
        if request.asker != context.me {
            return Err(Refusal::new(RefusalCode::NotYours));
        }
        let used = state.of(context.me).is_some_and(|facts| facts.used.is_some());
        if used || !replied(state, request.holder) {
            return Err(Refusal::new(RefusalCode::WrongState));
        }
        let (holder, decision) = (request.holder, self.decision.clone());
        Ok(ReplyUsed { request: request.id, holder, decision }.into())
    }
}

fn replied(state: &Sides<RequestFacts>, holder: PartyId) -> bool {
    state.of(holder).is_some_and(|facts| !facts.replied.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{given_nothing, party};
    use crate::verification::ReplySent;
    use crate::verification::sample::{answered, drafted, replied, request};

    fn record() -> RecordReplyUse {
        RecordReplyUse { request: request().id, decision: "continue to home visit".parse().unwrap() }
    }

    #[test]
    fn the_use_of_a_reply_is_told_to_the_holder() {
        let RecordReplyUse { request, decision } = record();
        replied().when("cw.zhuhai", record()).then(ReplyUsed { request, holder: party("macau"), decision });
    }

    #[test]
    fn only_the_asker_uses_a_reply() {
        given_nothing().when("cw.zhuhai", record()).then_refused(RefusalCode::NotFound);
        drafted().when("cw.zhuhai", record()).then_refused(RefusalCode::NotFound);
        replied().when("cw.macau", record()).then_refused(RefusalCode::NotYours);
        replied().when("cw.hengqin", record()).then_refused(RefusalCode::NotYours);
    }

    #[test]
    fn only_the_holders_reply_is_used() {
        answered().when("cw.zhuhai", record()).then_refused(RefusalCode::WrongState);
        let forged = ReplySent { request: request().id, asker: party("zhuhai"), answers: Vec::new() };
        let scene = answered().and("rv.hengqin", forged);
        scene.when("cw.zhuhai", record()).then_refused(RefusalCode::WrongState);
    }

    #[test]
    fn a_use_is_recorded_once() {
        let scene = replied().when("cw.zhuhai", record()).then_done();
        scene.when("cw.zhuhai", record()).then_refused(RefusalCode::WrongState);
    }

    #[test]
    fn a_liaison_officer_records_no_use() {
        replied().when("lo.zhuhai", record()).then_refused(RefusalCode::RoleNotAllowed);
    }
}
