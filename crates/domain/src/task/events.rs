//! Events of the tasks.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::event::Readers;
use crate::id::PartyId;
use crate::task::plan::PLAN;
use crate::text::Note;
use crate::view::RowId;

/// The number of a row of the plan, from 1 to 17.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct TaskNo(u8);

/// The plan has no such row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be the number of a row of the plan, from 1 to 17")]
pub struct TaskNoError;

impl TryFrom<u8> for TaskNo {
    type Error = TaskNoError;

    fn try_from(no: u8) -> Result<Self, TaskNoError> {
        if (1..=PLAN.len()).contains(&usize::from(no)) { Ok(Self(no)) } else { Err(TaskNoError) }
    }
}

impl From<TaskNo> for u8 {
    fn from(no: TaskNo) -> Self {
        no.0
    }
}

impl FromStr for TaskNo {
    type Err = TaskNoError;

    fn from_str(text: &str) -> Result<Self, TaskNoError> {
        text.parse::<u8>().map_err(|_| TaskNoError)?.try_into()
    }
}

impl fmt::Display for TaskNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl RowId for TaskNo {
    const LEN: usize = 1;
    fn to_bytes(&self) -> Vec<u8> {
        vec![self.0]
    }
    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let [no] = bytes else { return None };
        Self::try_from(*no).ok()
    }
}

/// A party reported progress on a task. For all parties.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProgressReported {
    /// The row of the plan.
    pub task: TaskNo,
    /// The other parties.
    pub others: BTreeSet<PartyId>,
    /// What was done.
    pub note: Note,
}

/// The lead completed a task. For all parties.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskCompleted {
    /// The row of the plan.
    pub task: TaskNo,
    /// The other parties.
    pub others: BTreeSet<PartyId>,
    /// What came of it.
    pub note: Note,
}

impl Readers for ProgressReported {
    fn readers(&self) -> BTreeSet<PartyId> {
        self.others.clone()
    }
}

impl Readers for TaskCompleted {
    fn readers(&self) -> BTreeSet<PartyId> {
        self.others.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plan_has_rows_1_to_17() {
        assert_eq!(TaskNo::try_from(0), Err(TaskNoError));
        assert_eq!(TaskNo::try_from(18), Err(TaskNoError));
        for no in 1..=17 {
            let task = TaskNo::try_from(no).unwrap();
            assert_eq!(TaskNo::from_bytes(&task.to_bytes()), Some(task));
            assert_eq!(task.to_string().parse(), Ok(task));
        }
        assert_eq!(TaskNo::from_bytes(&[]), None);
        assert!(serde_json::from_str::<TaskNo>("18").is_err());
    }
}
