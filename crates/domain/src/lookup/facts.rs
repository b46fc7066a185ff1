//! What one party's log says about a lookup.

use serde::{Deserialize, Serialize};

use crate::id::LookupId;
use crate::lookup::events::{LookupAnswered, LookupAsked, LookupClosed, LookupDenied, LookupPermitted};
use crate::view::{Facts, Said, Table};

/// One party's side of a lookup. Each field is set by the event it is named for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookupFacts {
    /// Asked here.
    pub asked: Option<(LookupAsked, Said)>,
    /// Permitted here.
    pub permitted: Option<(LookupPermitted, Said)>,
    /// Denied here.
    pub denied: Option<(LookupDenied, Said)>,
    /// Answered here.
    pub answered: Option<(LookupAnswered, Said)>,
    /// Closed here.
    pub closed: Option<(LookupClosed, Said)>,
}

impl Facts for LookupFacts {
    type Id = LookupId;
    const TABLE: Table = Table::Lookup;
}

impl LookupFacts {
    pub(crate) fn asked(&mut self, event: &LookupAsked, said: Said) {
        self.asked = Some((event.clone(), said));
    }
    pub(crate) fn permitted(&mut self, event: &LookupPermitted, said: Said) {
        self.permitted = Some((event.clone(), said));
    }
    pub(crate) fn denied(&mut self, event: &LookupDenied, said: Said) {
        self.denied = Some((event.clone(), said));
    }
    pub(crate) fn answered(&mut self, event: &LookupAnswered, said: Said) {
        self.answered = Some((event.clone(), said));
    }
    pub(crate) fn closed(&mut self, event: &LookupClosed, said: Said) {
        self.closed = Some((event.clone(), said));
    }
}
