//! What one party's log says about a mandate.

use serde::{Deserialize, Serialize};

use crate::id::MandateId;
use crate::mandate::{MandateRecorded, MandateRevoked};
use crate::view::{Facts, Said, Table};

/// One party's side of a mandate; the first word stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MandateFacts {
    /// Recorded here.
    pub recorded: Option<(MandateRecorded, Said)>,
    /// Revoked here.
    pub revoked: Option<(MandateRevoked, Said)>,
}

impl Facts for MandateFacts {
    type Id = MandateId;
    const TABLE: Table = Table::Mandate;
}

impl MandateFacts {
    pub(crate) fn recorded(&mut self, event: &MandateRecorded, said: Said) {
        self.recorded.get_or_insert((event.clone(), said));
    }
    pub(crate) fn revoked(&mut self, event: &MandateRevoked, said: Said) {
        self.revoked.get_or_insert((event.clone(), said));
    }
}
