//! `RecordBatchOverdue`: the addressee's service records by itself that a batch was not acknowledged in time.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::clock::Due;
use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::{BatchId, PartyId};
use crate::notice::clocks::dues;
use crate::notice::guards::arrived;
use crate::notice::{BatchFacts, BatchOverdue};
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::view::{Rows, Sides, ViewError};

/// Records that a batch is overdue. It can still be acknowledged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordBatchOverdue {
    /// The batch.
    pub batch: BatchId,
}

impl Decide for RecordBatchOverdue {
    const ROLES: &'static [Role] = &[Role::Node];
    type State = (Sides<BatchFacts>, BTreeMap<PartyId, Due>);

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        let sides = rows.sides(&self.batch)?;
        let dues = dues(rows, &sides)?;
        Ok((sides, dues))
    }

    fn decide(&self, (sides, dues): &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let batch = arrived(sides, context.me)?;
        let open = batch.addressee.is_some_and(|facts| facts.acknowledged.is_none() && facts.overdue.is_none());
        match dues.get(&context.me) {
            Some(Due::At(due)) if open && context.now > *due => {
                let open = u32::try_from(batch.unsettled().count()).unwrap_or(u32::MAX);
                Ok(BatchOverdue { batch: self.batch, from: batch.from, due: *due, open }.into())
            }
            Some(Due::At(_) | Due::Unknown) | None => Err(Refusal::new(RefusalCode::WrongState)),
        }
    }
}
