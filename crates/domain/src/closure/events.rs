//! Events of declared closures.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::agenda::Case;
use crate::calendar::CalendarId;
use crate::event::Readers;
use crate::id::{ClosureId, PartyId};
use crate::text::Short;
use crate::time::{Date, Instant, Period};

/// A day was declared closed. For all other parties.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClosureDeclared {
    /// The declaration.
    pub closure: ClosureId,
    /// Whose working day it no longer is.
    pub calendar: CalendarId,
    /// The day.
    pub date: Date,
    /// Why, such as "typhoon signal 8".
    pub reason: Short,
    /// All other parties.
    pub others: BTreeSet<PartyId>,
}

/// A clock of working days that can run in a case. Wire order is the order here: append only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum RunningClock {
    /// To a month's routine batch.
    RoutineBatch(Period),
    /// To the acknowledgement of a batch.
    BatchAcknowledgement,
    /// To the justification of an urgent notice.
    UrgentJustification,
}

/// A declared closure moved a running clock of this party. For the others that the clock matters to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockAdjusted {
    /// The declaration.
    pub closure: ClosureId,
    /// Where the clock runs.
    pub case: Case,
    /// The clock.
    pub clock: RunningClock,
    /// When it was due before.
    pub from: Instant,
    /// When it is due now; none when that needs a year that is not loaded.
    pub to: Option<Instant>,
    /// The other parties of the clock.
    pub others: BTreeSet<PartyId>,
}

impl Readers for ClosureDeclared {
    fn readers(&self) -> BTreeSet<PartyId> {
        self.others.clone()
    }
}

impl Readers for ClockAdjusted {
    fn readers(&self) -> BTreeSet<PartyId> {
        self.others.clone()
    }
}
