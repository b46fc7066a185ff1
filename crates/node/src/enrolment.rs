//! Writes enrolments into the log: whoever acts is known to it before the first command.
//!
//! The file of officers is the administrator's: it holds hashes of tokens, and the role and unit each was made for. What
//! the log says of an officer is said by the service when it starts and when it first sees an officer act, and again
//! when the file says something else. Appointing and revoking are commands of the secretariat.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use tongcha_domain::authority::{AppointmentFacts, RecordEnrolment};
use tongcha_domain::id::{OfficerId, UnitId};
use tongcha_domain::officer::{Actor, Role};

use crate::core::{Core, CoreError};
use crate::node::{NodeError, NodeHandle};

/// What the log is known to say, so that it is not read before every command.
#[derive(Debug, Default)]
pub struct Enrolled(Mutex<BTreeMap<OfficerId, (Role, UnitId)>>);

impl Enrolled {
    fn says(&self, actor: &Actor) -> bool {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&actor.officer).is_some_and(|(role, unit)| *role == actor.role && *unit == actor.unit)
    }

    fn note(&self, actor: &Actor) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(actor.officer.clone(), (actor.role, actor.unit.clone()));
    }
}

/// Records an officer's enrolment unless the log says it already.
///
/// # Errors
/// When the service can't write.
pub async fn record(node: &NodeHandle, enrolled: &Enrolled, officer: &Actor) -> Result<(), NodeError> {
    if enrolled.says(officer) {
        return Ok(());
    }
    let Actor { officer: id, role, unit } = officer.clone();
    let command = RecordEnrolment { officer: id, role, unit };
    let asked = command.clone();
    let said = node.with(move |core| {
        let facts = core.rows().side::<AppointmentFacts>(&asked.officer, core.me());
        facts.map(|facts| asked.is_said(facts.as_ref())).map_err(|error| NodeError::from(&CoreError::from(error)))
    });
    if !said.await?? {
        // Refused only when another request has recorded it meanwhile.
        let _: Result<_, _> = node.submit(Core::node_actor(), None, command).await?;
    }
    enrolled.note(officer);
    Ok(())
}
