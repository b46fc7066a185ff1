//! What one party's log says about its monthly batches to an addressee.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::id::PartyId;
use crate::notice::events::{BatchMissed, BatchSent};
use crate::time::Period;
use crate::view::{Facts, Said, Table};

/// One party's monthly batches to an addressee, whose name is the row's id.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoutineFacts {
    /// The first batch that was sent for each month; an empty one counts. Months are few: 2000-01 to 2099-12.
    pub sent: BTreeMap<Period, Said>,
    /// Months whose batch was not sent by its limit; also when it was sent later.
    pub missed: BTreeMap<Period, (BatchMissed, Said)>,
}

impl Facts for RoutineFacts {
    type Id = PartyId;
    const TABLE: Table = Table::Routine;
}

impl RoutineFacts {
    pub(crate) fn sent(&mut self, event: &BatchSent, said: Said) {
        self.sent.entry(event.period).or_insert(said);
    }
    pub(crate) fn missed(&mut self, event: &BatchMissed, said: Said) {
        self.missed.entry(event.period).or_insert_with(|| (event.clone(), said));
    }

    /// Returns how many months in a row up to this one were missed, this one counted as missed.
    #[must_use]
    pub fn misses_in_a_row(&self, period: Period) -> u16 {
        let mut row = 1;
        let mut next = period;
        for missed in self.missed.keys().rev().copied().skip_while(|missed| *missed >= period) {
            if missed.next() != Some(next) {
                break;
            }
            (row, next) = (row + 1, missed);
        }
        row
    }
}
