//! `ReportProgress`: a party says how far a task of the plan has come (002-31).

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::event::Event;
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::task::events::{ProgressReported, TaskNo};
use crate::task::facts::{PROGRESS_MAX, TaskFacts};
use crate::task::{others, plan};
use crate::text::Note;
use crate::view::{Rows, Sides, ViewError};

/// Reports progress. Every party may, on every row: the plan names Zhuhai's units only, and the others join by
/// agreement (`domain.md` §0-1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportProgress {
    /// The row of the plan.
    pub task: TaskNo,
    /// What was done; no person data.
    pub note: Note,
}

impl Decide for ReportProgress {
    const ROLES: &'static [Role] = &[Role::District, Role::Liaison, Role::Secretariat];
    type State = Sides<TaskFacts>;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        rows.sides(&self.task)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        if plan::row(self.task).is_none_or(|row| state.completed(row).is_some()) {
            return Err(Refusal::new(RefusalCode::WrongState));
        }
        if state.of(context.me).is_some_and(|facts| facts.progress.len() >= PROGRESS_MAX) {
            return Err(Refusal::new(RefusalCode::BadList).offending(["progress"]));
        }
        Ok(ProgressReported { task: self.task, others: others(context.me), note: self.note.clone() }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::task::sample::{completed, reported, task};
    use crate::testing::{given, given_nothing, party};

    fn report() -> ReportProgress {
        ReportProgress { task: task(6), note: reported("zhuhai", 6).note }
    }

    #[test]
    fn every_party_reports_to_all() {
        for name in ["hengqin", "macau", "zhuhai"] {
            given_nothing().when(&format!("do.{name}"), report()).then(reported(name, 6));
        }
        let readers = Event::from(reported("zhuhai", 6)).readers();
        assert_eq!(readers, [party("hengqin"), party("macau")].into());
        given_nothing().when("cw.zhuhai", report()).then_refused(RefusalCode::RoleNotAllowed);
    }

    #[test]
    fn not_after_the_lead_completed_it() {
        let done = |who, by| given([(who, completed(by, 6))]);
        done("sec.zhuhai", "zhuhai").when("lo.macau", report()).then_refused(RefusalCode::WrongState);
        // Only the lead completes.
        done("sec.macau", "macau").when("lo.macau", report()).then_done();
    }

    #[test]
    fn not_without_end() {
        let full = (0..PROGRESS_MAX).fold(given_nothing(), |scene, _| scene.and("do.zhuhai", reported("zhuhai", 6)));
        full.clone().when("do.zhuhai", report()).then_refused(RefusalCode::BadList);
        full.when("do.macau", report()).then_done();
    }
}
