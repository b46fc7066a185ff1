//! The reads that one log records: one row each, found by what was read.

use serde::{Deserialize, Serialize};

use crate::access::{AccessRecorded, AccessTarget};
use crate::id::{OfficerId, UnitId};
use crate::identity::Document;
use crate::officer::{Actor, Role};
use crate::text::Short;
use crate::time::Instant;
use crate::view::{EntryId, Facts, Table};

/// Returns what names the thing that was read; with the entry that says so, it names the read.
pub(crate) fn thing(target: &AccessTarget) -> (u8, uuid::Uuid) {
    match target {
        AccessTarget::Batch(id) => (1, id.0),
        AccessTarget::Urgent(id) => (2, id.0),
        AccessTarget::Consent(id) => (3, id.0),
        AccessTarget::Request(id) => (4, id.0),
        AccessTarget::Lookup(id) => (5, id.0),
        AccessTarget::Mandate(id) => (6, id.0),
        AccessTarget::Persons { .. } => (7, uuid::Uuid::nil()), // whom it was about is in the row
        AccessTarget::MatchRun(id) => (8, id.0),
        AccessTarget::Conference(id) => (9, id.0),
        AccessTarget::SealedUrgent(id) => (2, id.0), // the same notice, read again
    }
}

/// One look at personal data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Looked {
    /// The officer.
    pub officer: OfficerId,
    /// In which role.
    pub role: Role,
    /// For which unit.
    pub unit: UnitId,
    /// When, by the clock of the log's writer.
    pub at: Instant,
    /// What for, in the officer's words; none for a live question, whose purpose is the consent's.
    pub reason: Option<Short>,
    /// Whom a report was about; empty for a read of a case.
    pub persons: Vec<Document>,
}

/// Rows of reads hold one look; none only before the first fold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessFacts(pub Option<Looked>);

impl Facts for AccessFacts {
    type Id = EntryId;
    const TABLE: Table = Table::Access;
}

impl AccessFacts {
    pub(crate) fn recorded(&mut self, event: &AccessRecorded, actor: &Actor, at: Instant) {
        let persons = match &event.target {
            AccessTarget::Persons { persons, .. } => persons.clone(),
            AccessTarget::Batch(_)
            | AccessTarget::Urgent(_)
            | AccessTarget::Consent(_)
            | AccessTarget::Request(_)
            | AccessTarget::Lookup(_)
            | AccessTarget::Mandate(_)
            | AccessTarget::MatchRun(_)
            | AccessTarget::Conference(_)
            | AccessTarget::SealedUrgent(_) => Vec::new(),
        };
        self.0.get_or_insert_with(|| looked(actor, at, Some(event.reason.clone()), persons));
    }

    pub(crate) fn asked(&mut self, actor: &Actor, at: Instant) {
        self.0.get_or_insert_with(|| looked(actor, at, None, Vec::new()));
    }
}

fn looked(actor: &Actor, at: Instant, reason: Option<Short>, persons: Vec<Document>) -> Looked {
    let Actor { officer, role, unit } = actor.clone();
    Looked { officer, role, unit, at, reason, persons }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::LookupId;
    use crate::view::RowId;

    #[test]
    fn ids_of_one_thing_share_a_prefix_and_read_back() {
        let target = AccessTarget::Lookup(LookupId(uuid::Uuid::from_u128(5)));
        for seq in [0, 1, u64::MAX] {
            let id = EntryId::new(thing(&target), seq);
            assert_eq!(EntryId::from_bytes(&id.to_bytes()), Some(id));
            assert_eq!(id.to_bytes().len(), EntryId::LEN);
            assert!(id.to_bytes().starts_with(&EntryId::prefix(thing(&target))));
        }
        let other = AccessTarget::Consent(crate::id::ConsentId(uuid::Uuid::from_u128(5)));
        assert!(!EntryId::new(thing(&other), 0).to_bytes().starts_with(&EntryId::prefix(thing(&target))));
    }
}
