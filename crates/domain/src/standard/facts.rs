//! What one party's log says about a version of a policy standard.

use serde::{Deserialize, Serialize};

use crate::id::PartyId;
use crate::standard::{PolicyStandard, PolicyStandardPublished, StandardKey};
use crate::view::{Facts, Said, Sides, Table};

/// One party's side of a version.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StandardFacts {
    /// Published here.
    pub published: Option<(PolicyStandardPublished, Said)>,
}

impl Facts for StandardFacts {
    type Id = StandardKey;
    const TABLE: Table = Table::Standard;
}

impl StandardFacts {
    pub(crate) fn published(&mut self, event: &PolicyStandardPublished, said: Said) {
        self.published.get_or_insert((event.clone(), said)); // the first word stands
    }
}

impl Sides<StandardFacts> {
    /// Returns the version as a party published it: a name is a party's own, so two parties may use the same.
    #[must_use]
    pub fn published_by(&self, party: PartyId) -> Option<&PolicyStandard> {
        Some(&self.of(party)?.published.as_ref()?.0.standard)
    }
}
