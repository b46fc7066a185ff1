//! What a party's log says about an officer, and about its units.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::authority::{
    AppointmentRevoked, DelegationEnded, DutyDelegated, OfficerAppointed, OfficerClearance, OfficerEnrolled,
    UnitRegistered,
};
use crate::id::{OfficerId, UnitId};
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::time::Instant;
use crate::view::{Facts, Said, Table};

/// One officer, as the officer's own party has them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppointmentFacts {
    /// The last enrolment by the administrator.
    pub enrolled: Option<(OfficerEnrolled, Said)>,
    /// The last appointment by the secretariat.
    pub appointed: Option<(OfficerAppointed, Said)>,
    /// The revocation, when no appointment came after it.
    pub revoked: Option<(AppointmentRevoked, Said)>,
    /// What is delegated to the officer: the last for each role.
    pub duties: BTreeMap<Role, (DutyDelegated, Said)>,
}

impl Facts for AppointmentFacts {
    type Id = OfficerId;
    const TABLE: Table = Table::Appointment;
}

impl AppointmentFacts {
    pub(crate) fn enrolled(&mut self, event: &OfficerEnrolled, said: Said) {
        self.enrolled = Some((event.clone(), said));
    }
    pub(crate) fn appointed(&mut self, event: &OfficerAppointed, said: Said) {
        self.appointed = Some((event.clone(), said));
        self.revoked = None;
    }
    pub(crate) fn revoked(&mut self, event: &AppointmentRevoked, said: Said) {
        self.revoked.get_or_insert((event.clone(), said));
    }
    pub(crate) fn delegated(&mut self, event: &DutyDelegated, said: Said) {
        self.duties.insert(event.role, (event.clone(), said));
    }
    pub(crate) fn delegation_ended(&mut self, event: &DelegationEnded) {
        self.duties.remove(&event.role);
    }

    /// Returns the officer's own role: the one appointed to, or else the one enrolled for.
    #[must_use]
    pub fn role(&self) -> Option<Role> {
        let appointed = self.appointed.as_ref().map(|(appointed, _)| appointed.role);
        appointed.or_else(|| self.enrolled.as_ref().map(|(enrolled, _)| enrolled.role))
    }

    /// Returns the officer's unit, as [`Self::role`].
    #[must_use]
    pub fn unit(&self) -> Option<&UnitId> {
        let appointed = self.appointed.as_ref().map(|(appointed, _)| &appointed.unit);
        appointed.or_else(|| self.enrolled.as_ref().map(|(enrolled, _)| &enrolled.unit))
    }

    /// Checks that the officer's appointment holds at `now`, in whatever role.
    ///
    /// # Errors
    /// `APPOINTMENT_ENDED` with the instant it was revoked, ended or begins.
    pub fn check_standing(&self, now: Instant) -> Result<(), Refusal> {
        let ended = |at| Err(Refusal::new(RefusalCode::AppointmentEnded).effective_at(at));
        if let Some((_, said)) = &self.revoked {
            return ended(said.at);
        }
        let Some((appointed, _)) = &self.appointed else { return Ok(()) };
        match appointed.to {
            Some(to) if to <= now => ended(to),
            Some(_) | None if now < appointed.from => ended(appointed.from),
            Some(_) | None => Ok(()),
        }
    }

    /// Tells whether the officer's appointment holds at `now` and gives a clearance. An enrolment gives none.
    #[must_use]
    pub fn is_cleared(&self, clearance: OfficerClearance, now: Instant) -> bool {
        let given = |(appointed, _): &(OfficerAppointed, Said)| appointed.clearances.contains(&clearance);
        self.check_standing(now).is_ok() && self.appointed.as_ref().is_some_and(given)
    }

    /// Checks that the officer holds a role of their own at `now`: appointed to it, or enrolled for it while nobody
    /// was appointed.
    ///
    /// # Errors
    /// `APPOINTMENT_ENDED` as [`Self::check_standing`]; `NOT_APPOINTED` when the own role is another.
    pub fn check_holds(&self, role: Role, now: Instant) -> Result<(), Refusal> {
        self.check_standing(now)?;
        if self.role() == Some(role) {
            Ok(())
        } else {
            Err(Refusal::new(RefusalCode::NotAppointed).offending(["role"]))
        }
    }
}

/// A party's org units. One row: a party has few, and every command needs to know whether there are any.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitFacts {
    /// The units, each as registered last.
    pub units: BTreeMap<UnitId, (UnitRegistered, Said)>,
}

impl Facts for UnitFacts {
    type Id = ();
    const TABLE: Table = Table::Unit;
}

impl UnitFacts {
    pub(crate) fn registered(&mut self, event: &UnitRegistered, said: Said) {
        self.units.insert(event.unit.clone(), (event.clone(), said));
    }
}
