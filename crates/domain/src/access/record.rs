//! `RecordAccess`: an officer is about to read personal data the party already holds.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::event::{Event, Readers};
use crate::id::{BatchId, ConferenceId, ConsentId, LookupId, RequestId, UrgentId};
use crate::officer::Role;
use crate::refusal::Refusal;
use crate::text::Short;
use crate::view::{Rows, ViewError};

/// What was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// A case conference.
    Conference(ConferenceId),
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
    // An auditor reads logs, not case files; an administrator no content at all (`domain.md` §0.1).
    const ROLES: &'static [Role] =
        &[Role::Liaison, Role::Caseworker, Role::Reviewer, Role::District, Role::Duty, Role::DataProtection];
    type State = ();

    fn load(&self, _: &Rows<'_>) -> Result<(), ViewError> {
        Ok(())
    }

    fn decide(&self, (): &(), _: &Context<'_>) -> Result<Event, Refusal> {
        Ok(AccessRecorded { target: self.target, reason: self.reason.clone() }.into())
    }
}
