//! What a party's log says about the suppression of a case.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::id::{ConsentId, LookupId, RequestId, UrgentId};
use crate::identity::DocumentKey;
use crate::suppression::{DisclosureSuppressed, SuppressedCase, SuppressionLifted};
use crate::view::{Facts, RowId, Rows, Said, Table, ViewError};

/// Most suppressions of one case by one party, lifted ones included. (A): a case has few persons to keep it from, and a
/// peer must not make the row grow for ever.
pub const SUPPRESSIONS_MAX: usize = 24;

impl RowId for SuppressedCase {
    const LEN: usize = 17;

    fn to_bytes(&self) -> Vec<u8> {
        let (kind, id) = self.kind_and_id();
        let mut bytes = vec![kind];
        bytes.extend(id.as_bytes());
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (kind, id) = bytes.split_first()?;
        let id = uuid::Uuid::from_slice(id).ok()?;
        match kind {
            1 => Some(Self::Urgent(UrgentId(id))),
            2 => Some(Self::Consent(ConsentId(id))),
            3 => Some(Self::Verification(RequestId(id))),
            4 => Some(Self::Lookup(LookupId(id))),
            _ => None,
        }
    }
}

/// One suppression.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suppressed {
    /// What was said.
    pub event: DisclosureSuppressed,
    /// By whom, and when.
    pub said: Said,
    /// That it was lifted, by whom, and when.
    pub lifted: Option<(SuppressionLifted, Said)>,
}

/// One party's suppressions of a case, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuppressionFacts {
    /// At most [`SUPPRESSIONS_MAX`].
    pub all: Vec<Suppressed>,
}

impl Facts for SuppressionFacts {
    type Id = SuppressedCase;
    const TABLE: Table = Table::Suppression;
}

impl SuppressionFacts {
    pub(crate) fn suppressed(&mut self, event: &DisclosureSuppressed, said: Said) {
        if self.all.len() < SUPPRESSIONS_MAX {
            self.all.push(Suppressed { event: event.clone(), said, lifted: None });
        }
    }
    pub(crate) fn lifted(&mut self, event: &SuppressionLifted, said: Said) {
        let open = self.all.iter_mut().find(|one| one.is_in_force() && one.is_towards(&event.towards.key()));
        if let Some(open) = open {
            open.lifted = Some((event.clone(), said));
        }
    }

    /// Returns the suppression towards a person that is in force.
    #[must_use]
    pub fn towards(&self, person: &DocumentKey) -> Option<&Suppressed> {
        self.all.iter().find(|one| one.is_in_force() && one.is_towards(person))
    }
}

impl Suppressed {
    /// Tells whether it was not lifted.
    #[must_use]
    pub fn is_in_force(&self) -> bool {
        self.lifted.is_none()
    }

    fn is_towards(&self, person: &DocumentKey) -> bool {
        self.event.towards.key() == *person
    }
}

/// Tells whether a case, or a consent it rests on, is suppressed towards a person; or towards anybody at all when it is
/// not said to whom it shall be handed out.
///
/// # Errors
/// When a row can't be read.
pub fn is_suppressed(
    rows: &Rows<'_>,
    case: Option<SuppressedCase>,
    consents: &BTreeSet<ConsentId>,
    towards: Option<&DocumentKey>,
) -> Result<bool, ViewError> {
    let consents = consents.iter().map(|consent| SuppressedCase::Consent(*consent));
    for case in case.into_iter().chain(consents) {
        let kept = |facts: &SuppressionFacts| match towards {
            Some(person) => facts.towards(person).is_some(),
            None => facts.all.iter().any(Suppressed::is_in_force),
        };
        if rows.sides::<SuppressionFacts>(&case)?.iter().any(|(_, facts)| kept(facts)) {
            return Ok(true);
        }
    }
    Ok(false)
}
