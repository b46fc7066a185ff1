//! `RecordBatchDelivery`: the service records by itself that a batch arrived.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::BatchId;
use crate::notice::guards::received;
use crate::notice::{BatchDelivered, BatchFacts};
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::view::{Rows, Sides, ViewError};

/// Records that a batch arrived here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordBatchDelivery {
    /// The batch.
    pub batch: BatchId,
}

impl Decide for RecordBatchDelivery {
    const ROLES: &'static [Role] = &[Role::Node];
    type State = Sides<BatchFacts>;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        rows.sides(&self.batch)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let batch = received(state, context.me)?;
        if batch.addressee.is_some_and(|facts| facts.delivered.is_some()) {
            return Err(Refusal::new(RefusalCode::WrongState));
        }
        Ok(BatchDelivered { batch: self.batch, from: batch.from }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notice::BatchSent;
    use crate::notice::sample::{BATCH, delivered, given_prepared, given_sent, matched, sent};
    use crate::testing::party;

    const RECORD: RecordBatchDelivery = RecordBatchDelivery { batch: BATCH };

    #[test]
    fn the_addressees_service_records_it_once() {
        let scene = given_sent().when("node.zhuhai", RECORD).then(delivered());
        scene.when("node.zhuhai", RECORD).then_refused(RefusalCode::WrongState);
        assert_eq!(Event::from(delivered()).readers(), [party("macau")].into());
    }

    #[test]
    fn no_officer_records_it() {
        for role in ["lo", "cw", "sa"] {
            given_sent().when(&format!("{role}.zhuhai"), RECORD).then_refused(RefusalCode::RoleNotAllowed);
        }
    }

    #[test]
    fn only_the_addressee() {
        given_sent().when("node.macau", RECORD).then_refused(RefusalCode::NotYours);
        given_sent().when("node.hengqin", RECORD).then_refused(RefusalCode::NotFound);
    }

    #[test]
    fn not_before_it_is_sent() {
        given_prepared().when("node.zhuhai", RECORD).then_refused(RefusalCode::NotFound);
    }

    #[test]
    fn a_batch_with_a_used_id_does_not_take_the_place_of_the_one_that_arrived() {
        let scene = given_sent().when("node.zhuhai", RECORD).then_done();
        let scene = scene.and("lo.hengqin", BatchSent { entries: vec![], ..sent() });
        scene.clone().when("node.zhuhai", RECORD).then_refused(RefusalCode::WrongState);
        let command = crate::notice::MatchEntry { batch: BATCH, entry: 1 };
        scene.when("cw.zhuhai", command).then(matched(1, 0));
    }
}
