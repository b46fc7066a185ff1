//! `RecordJustificationOverdue`: the sender's service records by itself that a notice was not justified in time.

use serde::{Deserialize, Serialize};

use crate::clock::Due;
use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::{PartyId, UrgentId};
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::urgent::clocks::justification_due;
use crate::urgent::guards::{own, refuse_unless};
use crate::urgent::{JustificationOverdue, UrgentFacts};
use crate::view::{Rows, Sides, ViewError};

/// Records that a justification is overdue. It can still be filed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordJustificationOverdue {
    /// The notice.
    pub urgent: UrgentId,
}

impl Decide for RecordJustificationOverdue {
    const ROLES: &'static [Role] = &[Role::Node];
    /// With the due instant of each party that raised the id; one unless two did.
    type State = (Sides<UrgentFacts>, Vec<(PartyId, Due)>);

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        let sides: Sides<UrgentFacts> = rows.sides(&self.urgent)?;
        let mut dues = Vec::new();
        for case in sides.iter().filter_map(|(from, _)| sides.raised_by(from)) {
            dues.extend(justification_due(rows, &case)?.map(|due| (case.from, due)));
        }
        Ok((sides, dues))
    }

    fn decide(&self, (sides, dues): &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let case = own(sides, context.me)?;
        let open = case.sender.justified.is_none() && case.sender.justification_overdue.is_none();
        let due = dues.iter().find(|(from, _)| *from == context.me).map(|(_, due)| *due);
        match due {
            Some(Due::At(due)) => {
                refuse_unless(open && context.now > due, RefusalCode::WrongState)?;
                Ok(JustificationOverdue { urgent: self.urgent, to: case.raised.to.clone(), due }.into())
            }
            Some(Due::Unknown) | None => Err(Refusal::new(RefusalCode::WrongState)),
        }
    }
}
