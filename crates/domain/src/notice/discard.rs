//! `DiscardBatch`: a batch that was not sent is given up. Nothing of it left the party.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::BatchId;
use crate::notice::guards::own;
use crate::notice::{BatchDiscarded, BatchFacts};
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::text::Note;
use crate::view::{Rows, Sides, ViewError};

/// Gives up a batch that was prepared, approved or not, and not sent: by who prepared it, or by a reviewer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiscardBatch {
    /// The batch.
    pub batch: BatchId,
    /// Why; no personal data.
    pub reason: Note,
}

impl Decide for DiscardBatch {
    const ROLES: &'static [Role] = &[Role::Caseworker, Role::District, Role::Reviewer];
    type State = Sides<BatchFacts>;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        rows.sides(&self.batch)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let own = own(state, context.me)?;
        if own.facts.is_past_draft() {
            return Err(Refusal::new(RefusalCode::WrongState));
        }
        if context.actor.role != Role::Reviewer && context.actor.officer != own.said.by {
            return Err(Refusal::new(RefusalCode::NotYourDraft));
        }
        Ok(BatchDiscarded { batch: self.batch, reason: self.reason.clone() }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notice::sample::{BATCH, approved, given_prepared, given_sent, note, prepare};
    use crate::notice::{ApproveBatch, SendBatch};
    use crate::testing::given_nothing;

    const APPROVE: ApproveBatch = ApproveBatch { batch: BATCH };
    const SEND: SendBatch = SendBatch { batch: BATCH };

    fn discard() -> DiscardBatch {
        DiscardBatch { batch: BATCH, reason: note() }
    }

    #[test]
    fn the_preparer_or_a_reviewer_gives_it_up_and_nothing_is_done_with_it_any_more() {
        let event = BatchDiscarded { batch: BATCH, reason: note() };
        assert!(Event::from(event.clone()).readers().is_empty(), "nobody else was told of the batch");
        let scene = given_prepared().when("cw.macau", discard()).then(event.clone());
        scene.clone().when("rv.macau", APPROVE).then_refused(RefusalCode::WrongState);
        scene.clone().when("rv.macau", discard()).then_refused(RefusalCode::WrongState);
        scene.when("cw.macau", prepare()).then_refused(RefusalCode::AlreadyExists);
        let scene = given_prepared().and("rv.macau", approved()).when("rv2.macau", discard()).then(event);
        scene.when("lo.macau", SEND).then_refused(RefusalCode::WrongState);
    }

    #[test]
    fn not_by_another_caseworker_or_a_liaison_officer() {
        given_prepared().when("cw2.macau", discard()).then_refused(RefusalCode::NotYourDraft);
        given_prepared().when("lo.macau", discard()).then_refused(RefusalCode::RoleNotAllowed);
    }

    #[test]
    fn not_what_was_sent_or_is_anothers() {
        given_sent().when("cw.macau", discard()).then_refused(RefusalCode::WrongState);
        given_sent().when("rv.zhuhai", discard()).then_refused(RefusalCode::NotYours);
        given_nothing().when("cw.macau", discard()).then_refused(RefusalCode::NotFound);
    }
}
