//! `SendBatch`: the liaison officer sends what was approved, without what was withheld.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::{BatchId, LineNo};
use crate::notice::basis::Consents;
use crate::notice::guards::{own, prepared_entries};
use crate::notice::{BatchFacts, BatchSent, NoticeEntry};
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::view::{Rows, Sides, ViewError};

/// Sends an approved batch; an empty one as well.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendBatch {
    /// The batch.
    pub batch: BatchId,
}

impl Decide for SendBatch {
    const ROLES: &'static [Role] = &[Role::Liaison];
    type State = (Sides<BatchFacts>, Consents);

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        let sides = rows.sides(&self.batch)?;
        let consents = Consents::load(rows, prepared_entries(&sides))?;
        Ok((sides, consents))
    }

    fn decide(&self, (state, consents): &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let own = own(state, context.me)?;
        let Some((approved, _)) = own.facts.approved.as_ref().filter(|_| !own.facts.is_past_draft()) else {
            return Err(Refusal::new(RefusalCode::WrongState));
        };
        // The numbers stay those of the prepared batch: both sides and the auditor speak of "entry 3".
        let numbered = (1..=LineNo::MAX).zip(&own.prepared.entries);
        // A consent that was revoked or ended after the approval is one no more.
        let may_go = |no: &LineNo, entry: &NoticeEntry| {
            !approved.withheld.contains_key(no) && consents.withhold(entry, own.prepared.to, context).is_none()
        };
        let entries: Vec<_> = numbered.filter(|(no, entry)| may_go(no, entry)).map(|(no, e)| (no, e.clone())).collect();
        let withheld = u32::try_from(own.prepared.entries.len() - entries.len()).unwrap_or(u32::MAX);
        let (to, period, unchanged) = (own.prepared.to, own.prepared.period, own.prepared.unchanged);
        Ok(BatchSent { batch: self.batch, to, period, entries, unchanged, withheld }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notice::sample::{BATCH, approved, given_prepared, given_sent, prepared, sent};
    use crate::notice::{ApproveBatch, BatchPrepared};
    use crate::testing::{given, given_nothing, party};

    const SEND: SendBatch = SendBatch { batch: BATCH };

    #[test]
    fn the_named_entries_go_out_with_their_numbers() {
        let scene = given_prepared().and("rv.macau", approved()).when("lo.macau", SEND).then(sent());
        scene.when("lo.macau", SEND).then_refused(RefusalCode::WrongState);
        assert_eq!(Event::from(sent()).readers(), [party("zhuhai")].into());
    }

    #[test]
    fn an_empty_batch_is_sent() {
        let empty = BatchPrepared { entries: vec![], unchanged: 0, ..prepared() };
        let scene = given([("cw.macau", empty)]).when("rv.macau", ApproveBatch { batch: BATCH }).then_done();
        let empty = BatchSent { entries: vec![], unchanged: 0, withheld: 0, ..sent() };
        scene.when("lo.macau", SEND).then(empty);
    }

    #[test]
    fn not_before_the_approval() {
        given_prepared().when("lo.macau", SEND).then_refused(RefusalCode::WrongState);
    }

    #[test]
    fn not_by_a_caseworker() {
        given_prepared().and("rv.macau", approved()).when("cw.macau", SEND).then_refused(RefusalCode::RoleNotAllowed);
    }

    #[test]
    fn not_by_the_addressee_or_of_nothing() {
        given_sent().when("lo.zhuhai", SEND).then_refused(RefusalCode::NotYours);
        given_nothing().when("lo.macau", SEND).then_refused(RefusalCode::NotFound);
    }
}
