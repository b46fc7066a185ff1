//! `CompleteTask`: the lead says that a task of the plan is done.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::event::Event;
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::task::events::{TaskCompleted, TaskNo};
use crate::task::facts::TaskFacts;
use crate::task::{others, plan};
use crate::text::Note;
use crate::view::{Rows, Sides, ViewError};

/// Completes a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompleteTask {
    /// The row of the plan.
    pub task: TaskNo,
    /// What came of it; no person data.
    pub note: Note,
}

impl Decide for CompleteTask {
    const ROLES: &'static [Role] = &[Role::Secretariat];
    type State = Sides<TaskFacts>;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        rows.sides(&self.task)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let row = plan::row(self.task).ok_or_else(|| Refusal::new(RefusalCode::NotFound))?;
        if row.lead_party != context.me.as_str() {
            return Err(Refusal::new(RefusalCode::NotYours));
        }
        if state.completed(row).is_some() {
            return Err(Refusal::new(RefusalCode::WrongState));
        }
        Ok(TaskCompleted { task: self.task, others: others(context.me), note: self.note.clone() }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::task::sample::{completed, task};
    use crate::testing::given_nothing;

    fn complete() -> CompleteTask {
        CompleteTask { task: task(3), note: completed("zhuhai", 3).note }
    }

    #[test]
    fn the_lead_completes_a_row_once() {
        let scene = given_nothing().when("sec.zhuhai", complete()).then(completed("zhuhai", 3));
        scene.clone().when("sec.zhuhai", complete()).then_refused(RefusalCode::WrongState);
        scene.when("sec.zhuhai", CompleteTask { task: task(4), ..complete() }).then_done();
    }

    #[test]
    fn nobody_else_does() {
        given_nothing().when("sec.macau", complete()).then_refused(RefusalCode::NotYours);
        given_nothing().when("lo.zhuhai", complete()).then_refused(RefusalCode::RoleNotAllowed);
    }
}
