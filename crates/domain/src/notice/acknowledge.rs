//! `AcknowledgeBatch`: the addressee confirms that every entry is settled.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::BatchId;
use crate::notice::guards::{arrived, refuse_any};
use crate::notice::{BatchAcknowledged, BatchFacts};
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::view::{Rows, Sides, ViewError};

/// Acknowledges a batch whose entries are all matched or withdrawn. Once: what the sender corrects later is matched
/// or disputed entry by entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcknowledgeBatch {
    /// The batch.
    pub batch: BatchId,
}

impl Decide for AcknowledgeBatch {
    const ROLES: &'static [Role] = &[Role::Liaison];
    type State = Sides<BatchFacts>;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        rows.sides(&self.batch)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let batch = arrived(state, context.me)?;
        if batch.addressee.is_some_and(|facts| facts.acknowledged.is_some()) {
            return Err(Refusal::new(RefusalCode::WrongState));
        }
        refuse_any(RefusalCode::EntriesOpen, batch.unsettled().map(|no| (no, ())))?;
        Ok(BatchAcknowledged { batch: self.batch, from: batch.from }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notice::BatchSent;
    use crate::notice::sample::{
        BATCH, acknowledged, corrected, delivered, disputed, given_arrived, given_sent, matched, sent, withdrawn,
    };
    use crate::testing::{given, given_nothing};

    const ACKNOWLEDGE: AcknowledgeBatch = AcknowledgeBatch { batch: BATCH };

    #[test]
    fn a_settled_batch_is_acknowledged_once() {
        let scene = given_arrived().and("cw.zhuhai", matched(1, 0)).and("cw.macau", withdrawn(3));
        let scene = scene.when("lo.zhuhai", ACKNOWLEDGE).then(acknowledged());
        scene.clone().when("lo.zhuhai", ACKNOWLEDGE).then_refused(RefusalCode::WrongState);
        let scene = scene.and("cw.macau", corrected(1, 4)).and("cw.zhuhai", matched(1, 1));
        scene.when("lo.zhuhai", ACKNOWLEDGE).then_refused(RefusalCode::WrongState);
    }

    #[test]
    fn open_and_disputed_entries_are_named() {
        let refusal = given_arrived().when("lo.zhuhai", ACKNOWLEDGE).then_refused(RefusalCode::EntriesOpen);
        assert_eq!(refusal.offending, ["entry#1", "entry#3"]);
        let scene = given_arrived().and("cw.zhuhai", matched(1, 0)).and("cw.zhuhai", disputed(3, 0));
        assert_eq!(scene.when("lo.zhuhai", ACKNOWLEDGE).then_refused(RefusalCode::EntriesOpen).offending, ["entry#3"]);
    }

    #[test]
    fn a_correction_has_to_be_looked_at_first() {
        let scene = given_arrived().and("cw.zhuhai", matched(1, 0)).and("cw.zhuhai", disputed(3, 0));
        let scene = scene.and("cw.macau", corrected(3, 4));
        scene.clone().when("lo.zhuhai", ACKNOWLEDGE).then_refused(RefusalCode::EntriesOpen);
        scene.and("cw.zhuhai", matched(3, 1)).when("lo.zhuhai", ACKNOWLEDGE).then(acknowledged());
    }

    #[test]
    fn an_empty_batch_is_acknowledged_too() {
        let empty = BatchSent { entries: vec![], ..sent() };
        let scene = given([("lo.macau", empty)]).and("node.zhuhai", delivered());
        scene.when("lo.zhuhai", ACKNOWLEDGE).then(acknowledged());
    }

    #[test]
    fn not_before_the_arrival_is_on_record() {
        given_sent().when("lo.zhuhai", ACKNOWLEDGE).then_refused(RefusalCode::WrongState);
    }

    #[test]
    fn not_by_a_caseworker() {
        given_arrived().when("cw.zhuhai", ACKNOWLEDGE).then_refused(RefusalCode::RoleNotAllowed);
    }

    #[test]
    fn only_by_the_addressee() {
        given_arrived().when("lo.macau", ACKNOWLEDGE).then_refused(RefusalCode::NotYours);
        given_nothing().when("lo.zhuhai", ACKNOWLEDGE).then_refused(RefusalCode::NotFound);
    }
}
