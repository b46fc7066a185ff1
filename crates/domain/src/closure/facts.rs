//! What one party's log says about a closure, and which closures count.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::agenda::Case;
use crate::calendar::CalendarId;
use crate::closure::{ClockAdjusted, ClosureDeclared, RunningClock};
use crate::id::{ClosureId, PartyId};
use crate::party::rules_of;
use crate::text::Short;
use crate::time::Date;
use crate::view::{Facts, Rows, Said, Table, ViewError};

/// One party's side of a closure.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClosureFacts {
    /// Declared here; the first declaration of the id stands.
    pub declared: Option<(ClosureDeclared, Said)>,
    /// Clocks of this party that it moved.
    pub adjusted: BTreeMap<(Case, RunningClock), (ClockAdjusted, Said)>,
}

impl Facts for ClosureFacts {
    type Id = ClosureId;
    const TABLE: Table = Table::Closure;
}

impl ClosureFacts {
    pub(crate) fn declared(&mut self, event: &ClosureDeclared, said: Said) {
        self.declared.get_or_insert_with(|| (event.clone(), said));
    }
    pub(crate) fn adjusted(&mut self, event: &ClockAdjusted, said: Said) {
        self.adjusted.entry((event.case, event.clock)).or_insert_with(|| (event.clone(), said));
    }
}

/// A closure that counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declared {
    /// The declaration.
    pub id: ClosureId,
    /// Who declared it: a party that goes by the calendar.
    pub by: PartyId,
    /// Whose working day it no longer is.
    pub calendar: CalendarId,
    /// The day.
    pub date: Date,
    /// Why.
    pub reason: Short,
    /// Officer, instant, position in the log.
    pub said: Said,
    /// By party, the clocks of its own that it has recorded as moved.
    pub adjusted: BTreeMap<PartyId, Vec<(Case, RunningClock)>>,
}

/// Returns the closures that count, in order of their ids: those of a party for the calendar it goes by.
///
/// # Errors
/// When a row can't be read.
pub fn declared(rows: &Rows<'_>) -> Result<Vec<Declared>, ViewError> {
    let mut found = Vec::new();
    for (id, sides) in rows.all::<ClosureFacts>()? {
        let adjusted: BTreeMap<_, Vec<_>> =
            sides.iter().map(|(party, facts)| (party, facts.adjusted.keys().copied().collect())).collect();
        for (by, facts) in sides.iter() {
            if let Some((event, said)) = &facts.declared
                && rules_of(by).is_some_and(|rules| rules.calendar == event.calendar)
            {
                let ClosureDeclared { calendar, date, reason, .. } = event.clone();
                let (said, adjusted) = (said.clone(), adjusted.clone());
                found.push(Declared { id, by, calendar, date, reason, said, adjusted });
            }
        }
    }
    Ok(found)
}
