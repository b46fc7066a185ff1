//! `RecordActionOverdue`: the service of the party that took a case over records by itself that nothing was reported.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::UrgentId;
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::urgent::clocks::action_due;
use crate::urgent::escalate::{Figures, load_figures, of};
use crate::urgent::guards::{received, refuse_unless};
use crate::urgent::{UrgentActionOverdue, UrgentFacts};
use crate::view::{Rows, Sides, ViewError};

/// Records that the first action on an urgent notice is overdue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordActionOverdue {
    /// The notice.
    pub urgent: UrgentId,
}

impl Decide for RecordActionOverdue {
    const ROLES: &'static [Role] = &[Role::Node];
    type State = (Sides<UrgentFacts>, Figures);

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        let sides = rows.sides(&self.urgent)?;
        let figures = load_figures(rows, &sides)?;
        Ok((sides, figures))
    }

    fn decide(&self, (sides, figures): &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let case = received(sides, context.me)?;
        refuse_unless(case.awaits_action(context.me), RefusalCode::WrongState)?;
        let due = of(figures, context.me).and_then(|figures| action_due(&case, context.me, figures));
        refuse_unless(due.is_some_and(|due| context.now > due), RefusalCode::WrongState)?;
        Ok(UrgentActionOverdue { urgent: self.urgent, others: case.others(context.me) }.into())
    }
}
