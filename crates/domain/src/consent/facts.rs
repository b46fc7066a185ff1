//! What one party's log says about a consent.

use serde::{Deserialize, Serialize};

use crate::consent::{ConsentGranted, ConsentRecorded, ConsentRevoked};
use crate::id::ConsentId;
use crate::lookup::LookupPermitted;
use crate::view::{Facts, Said, Sides, Table};

/// One party's side of a consent. Each field is set by the event it is named for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentFacts {
    /// Recorded here.
    pub recorded: Option<(ConsentRecorded, Said)>,
    /// Countersigned here.
    pub granted: Option<(ConsentGranted, Said)>,
    /// Revoked here.
    pub revoked: Option<(ConsentRevoked, Said)>,
    /// Uses spent here, as holder.
    pub uses_spent: u32,
    /// The last use spent here.
    pub last_use: Option<Said>,
}

impl Facts for ConsentFacts {
    type Id = ConsentId;
    const TABLE: Table = Table::Consent;
}

impl ConsentFacts {
    pub(crate) fn recorded(&mut self, event: &ConsentRecorded, said: Said) {
        self.recorded = Some((event.clone(), said));
    }
    pub(crate) fn granted(&mut self, event: &ConsentGranted, said: Said) {
        self.granted = Some((event.clone(), said));
    }
    pub(crate) fn revoked(&mut self, event: &ConsentRevoked, said: Said) {
        self.revoked.get_or_insert((event.clone(), said));
    }
    pub(crate) fn use_spent(&mut self, _: &LookupPermitted, said: Said) {
        self.uses_spent += 1;
        self.last_use = Some(said);
    }
}

impl Sides<ConsentFacts> {
    /// Returns the granted consent, as its issuer's log has it.
    #[must_use]
    pub fn granted(&self) -> Option<&ConsentGranted> {
        self.iter().find_map(|(party, facts)| {
            facts.granted.as_ref().map(|(granted, _)| granted).filter(|granted| granted.claims.issuer == party)
        })
    }
}
