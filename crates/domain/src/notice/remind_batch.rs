//! `RemindBatch`: the addressee's service reminds by itself that today is the last day to acknowledge a batch.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::clock::Due;
use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::{BatchId, PartyId};
use crate::notice::clocks::dues;
use crate::notice::guards::arrived;
use crate::notice::{BatchFacts, BatchReminded};
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::time::{DAY_US, Instant};
use crate::view::{Rows, Sides, ViewError};

/// Returns the first instant of the day on which a batch is due.
pub(super) fn reminder_at(due: Instant) -> Instant {
    due.plus_us(1 - DAY_US) // limits in working days end with a day, and every day here has 24 hours
}

/// Reminds of a batch that is not acknowledged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemindBatch {
    /// The batch.
    pub batch: BatchId,
}

impl Decide for RemindBatch {
    const ROLES: &'static [Role] = &[Role::Node];
    type State = (Sides<BatchFacts>, BTreeMap<PartyId, Due>);

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        let sides = rows.sides(&self.batch)?;
        let dues = dues(rows, &sides)?;
        Ok((sides, dues))
    }

    fn decide(&self, (sides, dues): &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let batch = arrived(sides, context.me)?;
        let open = batch.addressee.is_some_and(|facts| facts.acknowledged.is_none() && facts.reminded.is_none());
        match dues.get(&context.me) {
            Some(Due::At(due)) if open && context.now >= reminder_at(*due) => {
                Ok(BatchReminded { batch: self.batch, from: batch.from, due: *due }.into())
            }
            Some(Due::At(_) | Due::Unknown) | None => Err(Refusal::new(RefusalCode::WrongState)),
        }
    }
}
