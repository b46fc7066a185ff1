//! `RecallAnswers`: the holder's service recalls what it sent after the person had withdrawn the consent, which it did
//! not know yet (`domain.md` §7, S4c). A compensating event: nothing is deleted, and the reader is warned.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::{ConsentId, LineNo, RequestId};
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::verification::guards::{RequestState, numbered};
use crate::verification::{AnswerRecalled, RequestFacts, VerificationRequest};
use crate::view::{Rows, ViewError};

/// Recalls the answers on one consent. By the service itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecallAnswers {
    /// The request.
    pub request: RequestId,
    /// The consent that was withdrawn.
    pub consent: ConsentId,
}

impl Decide for RecallAnswers {
    const ROLES: &'static [Role] = &[Role::Node];
    type State = RequestState;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        RequestState::load(rows, self.request)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let (request, own) = state.received(context.me)?.taken_on()?;
        let questions = sent_too_late(state, request, own, self.consent);
        if questions.is_empty() {
            return Err(Refusal::new(RefusalCode::WrongState));
        }
        Ok(AnswerRecalled { request: request.id, asker: request.asker, consent: self.consent, questions }.into())
    }
}

/// The questions on a consent that were sent, first or corrected, from the instant on at which it was withdrawn.
fn sent_too_late(
    state: &RequestState,
    request: &VerificationRequest,
    own: &RequestFacts,
    consent: ConsentId,
) -> BTreeSet<LineNo> {
    let late = numbered(request).filter(|(no, asked)| {
        let sent_at = own.sent(*no).map(|(_, said)| said.at);
        let withdrawn_at = state.consents.revoked_at(asked);
        asked.consent == consent
            && !own.recalled.contains_key(no)
            && sent_at.zip(withdrawn_at).is_some_and(|(sent, withdrawn)| sent >= withdrawn)
    });
    late.map(|(no, _)| no).collect()
}

/// Returns a consent of the request whose answers have to be recalled; none when there is none.
pub(super) fn to_recall(state: &RequestState, request: &VerificationRequest, own: &RequestFacts) -> Option<ConsentId> {
    let mut consents = request.questions.iter().map(|asked| asked.consent);
    consents.find(|consent| !sent_too_late(state, request, own, *consent).is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consent::ConsentRevoked;
    use crate::testing::{NOON, claims, party};
    use crate::time::DAY_US;
    use crate::verification::sample::{answered, partly_replied, replied, request, revoked};

    fn recall() -> RecallAnswers {
        RecallAnswers { request: request().id, consent: claims().id }
    }

    fn recalled(questions: &[LineNo]) -> AnswerRecalled {
        let (request, asker, consent) = (request().id, party("zhuhai"), claims().id);
        AnswerRecalled { request, asker, consent, questions: questions.iter().copied().collect() }
    }

    #[test]
    fn what_was_sent_after_the_withdrawal_is_recalled_once() {
        let scene = replied().and("cw.zhuhai", revoked()).when("node.macau", recall()).then(recalled(&[1, 2]));
        scene.when("node.macau", recall()).then_refused(RefusalCode::WrongState);
        let scene = partly_replied().and("cw.zhuhai", revoked());
        scene.when("node.macau", recall()).then(recalled(&[1]));
    }

    #[test]
    fn what_was_sent_before_stays() {
        let scene = replied();
        let later = ConsentRevoked { effective_at: scene.now.plus_us(DAY_US), ..revoked() };
        scene.and("cw.zhuhai", later).when("node.macau", recall()).then_refused(RefusalCode::WrongState);
        answered().and("cw.zhuhai", revoked()).when("node.macau", recall()).then_refused(RefusalCode::WrongState);
        replied().when("node.macau", recall()).then_refused(RefusalCode::WrongState);
        assert_eq!(revoked().effective_at, NOON, "the sample replies later");
    }

    #[test]
    fn only_the_holders_service_recalls() {
        let scene = || replied().and("cw.zhuhai", revoked());
        scene().when("node.zhuhai", recall()).then_refused(RefusalCode::NotYours);
        scene().when("rv.macau", recall()).then_refused(RefusalCode::RoleNotAllowed);
    }
}
