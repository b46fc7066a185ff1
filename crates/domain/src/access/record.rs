//! `RecordAccess`: an officer is about to read personal data the party already holds.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::event::{Event, Readers};
use crate::id::{BatchId, ConferenceId, ConsentId, LookupId, MandateId, MatchRunId, RequestId, UrgentId};
use crate::identity::Document;
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::text::Short;
use crate::urgent::UrgentFacts;
use crate::view::{Rows, Sides, ViewError};

/// Most persons one report is about: a household.
pub const PERSONS_MAX: usize = 12;

/// What was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AccessTarget {
    /// A routine batch with its entries.
    Batch(BatchId),
    /// An urgent notice.
    Urgent(UrgentId),
    /// A consent with its subjects.
    Consent(ConsentId),
    /// A verification request with its answers.
    Request(RequestId),
    /// A lookup with its answers.
    Lookup(LookupId),
    /// A mandate.
    Mandate(MandateId),
    /// A report about persons: who looked at them, or all that concerned them.
    Persons {
        /// Whom it is about; 1 to [`PERSONS_MAX`].
        persons: Vec<Document>,
        /// To whom it is handed out; none when an officer reads it.
        handed_to: Option<Document>,
    },
    /// A matching run with its candidates.
    MatchRun(MatchRunId),
    /// A case conference.
    Conference(ConferenceId),
    /// The payload of an urgent notice, after it was hidden.
    SealedUrgent(UrgentId),
}

/// Announces a read; the content is handed out only after the event is on disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordAccess {
    /// What will be read.
    pub target: AccessTarget,
    /// What for, in the officer's words.
    pub reason: Short,
}

/// An officer read personal data. Own log only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessRecorded {
    /// What was read.
    pub target: AccessTarget,
    /// What for.
    pub reason: Short,
}

impl Readers for AccessRecorded {}

impl Decide for RecordAccess {
    // An auditor reads logs and who looked, not case files; an administrator no content at all (`domain.md` §0.1).
    const ROLES: &'static [Role] = &[
        Role::Liaison,
        Role::Caseworker,
        Role::Reviewer,
        Role::District,
        Role::Duty,
        Role::DataProtection,
        Role::SocialWorker,
        Role::Auditor,
        Role::Secretariat,
    ];
    /// Of an urgent notice, what the parties said of it; empty for everything else.
    type State = Sides<UrgentFacts>;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        match self.target {
            AccessTarget::Urgent(urgent) | AccessTarget::SealedUrgent(urgent) => rows.sides(&urgent),
            AccessTarget::Batch(_)
            | AccessTarget::Consent(_)
            | AccessTarget::Request(_)
            | AccessTarget::Lookup(_)
            | AccessTarget::Mandate(_)
            | AccessTarget::Persons { .. }
            | AccessTarget::MatchRun(_)
            | AccessTarget::Conference(_) => Ok(Sides::default()),
        }
    }

    fn decide(&self, urgent: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let roles: &[Role] = match &self.target {
            AccessTarget::Persons { persons, .. } if !(1..=PERSONS_MAX).contains(&persons.len()) => {
                return Err(Refusal::new(RefusalCode::BadList).offending(["documents"]));
            }
            AccessTarget::Persons { .. } => &[Role::Auditor, Role::DataProtection, Role::Caseworker, Role::Liaison],
            AccessTarget::Mandate(_) => &[Role::Caseworker, Role::SocialWorker, Role::DataProtection],
            // Who is not on duty learns from the list that a notice exists, and no person (`domain.md` §7, S2). The
            // secretariat reads it once nobody on duty answered.
            AccessTarget::Urgent(_) => {
                let reached = urgent.concerning(context.me).is_some_and(|case| case.reached_secretariat(context.me));
                if reached { ON_DUTY_OR_ABOVE } else { ON_DUTY }
            }
            AccessTarget::SealedUrgent(_) => &[Role::Liaison, Role::DataProtection],
            AccessTarget::Batch(_)
            | AccessTarget::Consent(_)
            | AccessTarget::Request(_)
            | AccessTarget::Lookup(_)
            | AccessTarget::MatchRun(_)
            | AccessTarget::Conference(_) => CASE_ROLES,
        };
        if !roles.contains(&context.actor.role) {
            return Err(Refusal::new(RefusalCode::RoleNotAllowed));
        }
        Ok(AccessRecorded { target: self.target.clone(), reason: self.reason.clone() }.into())
    }
}

/// Who reads an urgent notice, and who besides once it has gone up to the secretariat.
const ON_DUTY: &[Role] = &[Role::Liaison, Role::Duty, Role::DataProtection];
const ON_DUTY_OR_ABOVE: &[Role] = &[Role::Liaison, Role::Duty, Role::DataProtection, Role::Secretariat];

/// Who reads case files.
const CASE_ROLES: &[Role] =
    &[Role::Liaison, Role::Caseworker, Role::Reviewer, Role::District, Role::Duty, Role::DataProtection];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{claims, document, given_nothing};

    fn read(target: AccessTarget) -> RecordAccess {
        RecordAccess { target, reason: "monthly audit".parse().unwrap() }
    }

    #[test]
    fn an_auditor_reads_who_looked_but_no_case() {
        let case = || read(AccessTarget::Consent(claims().id));
        let persons = || read(AccessTarget::Persons { persons: vec![document()], handed_to: None });
        given_nothing().when("au.macau", persons()).then_done();
        given_nothing().when("au.macau", case()).then_refused(RefusalCode::RoleNotAllowed);
        given_nothing().when("ho.macau", persons()).then_refused(RefusalCode::RoleNotAllowed);
        given_nothing().when("ho.macau", case()).then_done();
        given_nothing().when("sw.macau", case()).then_refused(RefusalCode::RoleNotAllowed);
        given_nothing().when("sa.macau", persons()).then_refused(RefusalCode::RoleNotAllowed);
    }

    #[test]
    fn a_report_is_about_a_household_at_most() {
        for (count, allowed) in [(0, false), (1, true), (PERSONS_MAX, true), (PERSONS_MAX + 1, false)] {
            let target = AccessTarget::Persons { persons: vec![document(); count], handed_to: None };
            let decided = given_nothing().when("dp.macau", read(target));
            assert_eq!(decided.result.is_ok(), allowed, "{count}");
        }
    }
}
