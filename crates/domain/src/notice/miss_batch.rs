//! `RecordMissedBatch`: the sender's service records by itself that a month's batch was not sent in time.

use serde::{Deserialize, Serialize};

use crate::clock::Due;
use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::PartyId;
use crate::notice::BatchMissed;
use crate::notice::clocks::{Routine, routine};
use crate::officer::Role;
use crate::party;
use crate::refusal::{Refusal, RefusalCode};
use crate::time::Period;
use crate::view::{Rows, ViewError};

/// Records that a month's batch was missed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordMissedBatch {
    /// The addressee.
    pub to: PartyId,
    /// The month.
    pub period: Period,
}

impl Decide for RecordMissedBatch {
    const ROLES: &'static [Role] = &[Role::Node];
    type State = Vec<Routine>;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        let senders = party::ALL.iter().filter_map(|rules| rules.party.parse().ok());
        senders.filter_map(|from| routine(rows, from, self.to).transpose()).collect()
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let own = state.iter().find(|routine| routine.from == context.me);
        let Some(own) = own else { return Err(Refusal::new(RefusalCode::NotFound)) };
        let month = own.next().filter(|month| month.period == self.period);
        let due = month.map_or(Due::Unknown, |month| month.due);
        if due.is_overdue(context.now) != Some(true) {
            return Err(Refusal::new(RefusalCode::WrongState));
        }
        let misses_in_a_row = own.facts.misses_in_a_row(self.period);
        let tell_secretariat = misses_in_a_row >= own.misses_to_secretariat(self.period);
        let Self { to, period } = *self;
        Ok(BatchMissed { to, period, misses_in_a_row, tell_secretariat }.into())
    }
}
