//! The tasks of the plan 珠民〔2021〕156号: its 17-row table as data, progress on the rows, completion.
//!
//! In scope: the table with its source, what each party reports on a row, when the lead says that a row is done. Out of
//! scope: judging whether it is done well (reports of the pilot are made from the logs), and tasks that the parties
//! agree on later: those are actions of a resolution (`crate::meeting`).
//!
//! A month stays a month: a row is due *in* it, so it is overdue when the month is over, and nobody makes a date of it.
//! No person data in notes.

mod complete;
mod events;
mod facts;
pub mod plan;
mod report;

pub use complete::CompleteTask;
pub use events::{ProgressReported, TaskCompleted, TaskNo, TaskNoError};
pub use facts::{PROGRESS_MAX, TaskFacts};
pub use plan::{Due, PLAN, PlanRow};
pub use report::ReportProgress;

use std::collections::BTreeSet;

use crate::event::Event;
use crate::id::PartyId;
use crate::party;
use crate::view::{Overlay, Said, ViewError};

/// Every party but one: all of them read what is said about the plan.
fn others(me: PartyId) -> BTreeSet<PartyId> {
    party::ALL.iter().filter_map(|rules| rules.party.parse().ok()).filter(|party| *party != me).collect()
}

/// Folds an event of this module; others change nothing.
pub(crate) fn project(rows: &mut Overlay<'_>, origin: PartyId, by: Said, event: &Event) -> Result<(), ViewError> {
    if let Event::ProgressReported(e) = event {
        return rows.fold::<TaskFacts>(&e.task, origin, |f| f.reported(e, by));
    }
    if let Event::TaskCompleted(e) = event {
        return rows.fold::<TaskFacts>(&e.task, origin, |f| f.completed(e, by));
    }
    Ok(())
}

#[cfg(test)]
pub(crate) mod sample {
    use super::{ProgressReported, TaskCompleted, TaskNo, others};
    use crate::testing::party;

    pub(crate) fn task(no: u8) -> TaskNo {
        TaskNo::try_from(no).unwrap()
    }

    pub(crate) fn reported(by: &str, no: u8) -> ProgressReported {
        ProgressReported {
            task: task(no),
            others: others(party(by)),
            note: "draft with the districts".parse().unwrap(),
        }
    }

    pub(crate) fn completed(by: &str, no: u8) -> TaskCompleted {
        TaskCompleted { task: task(no), others: others(party(by)), note: "in force".parse().unwrap() }
    }
}
