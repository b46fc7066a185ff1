//! What one party's log says about a task.

use serde::{Deserialize, Serialize};

use crate::id::PartyId;
use crate::task::events::{ProgressReported, TaskCompleted, TaskNo};
use crate::task::plan::PlanRow;
use crate::view::{Facts, Said, Sides, Table};

/// Most reports of one party on one task: weekly over the year of the pilot (002-30), twice.
pub const PROGRESS_MAX: usize = 104;

/// One party's side of a task.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskFacts {
    /// Reported here; at most [`PROGRESS_MAX`].
    pub progress: Vec<(ProgressReported, Said)>,
    /// Completed here.
    pub completed: Option<(TaskCompleted, Said)>,
}

impl Facts for TaskFacts {
    type Id = TaskNo;
    const TABLE: Table = Table::Task;
}

impl TaskFacts {
    pub(crate) fn reported(&mut self, event: &ProgressReported, said: Said) {
        if self.progress.len() < PROGRESS_MAX {
            self.progress.push((event.clone(), said)); // a peer that reports more must not make the row grow for ever
        }
    }
    pub(crate) fn completed(&mut self, event: &TaskCompleted, said: Said) {
        self.completed.get_or_insert_with(|| (event.clone(), said));
    }
}

impl Sides<TaskFacts> {
    /// Returns what the lead said when it completed a row; what others say of it does not count.
    #[must_use]
    pub fn completed(&self, row: &PlanRow) -> Option<(PartyId, &(TaskCompleted, Said))> {
        let lead = row.lead_party.parse().ok()?;
        Some((lead, self.of(lead)?.completed.as_ref()?))
    }
}
