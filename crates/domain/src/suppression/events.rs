//! Events of suppression. For the other parties of the case.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::access::Concerned;
use crate::event::Readers;
use crate::id::{ConsentId, LookupId, PartyId, RequestId, UrgentId};
use crate::identity::Document;
use crate::text::Note;

/// A case that may be suppressed. Wire order is the order here: append only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SuppressedCase {
    /// An urgent notice.
    Urgent(UrgentId),
    /// A consent, with all that rests on it.
    Consent(ConsentId),
    /// A verification request.
    Verification(RequestId),
    /// A lookup.
    Lookup(LookupId),
}

impl SuppressedCase {
    /// Returns whom it is about, for the clearance that minors ask for.
    pub(crate) fn concerned(self) -> Concerned<'static> {
        match self {
            Self::Urgent(_) => Concerned::Nobody,
            Self::Consent(consent) => Concerned::Consent(consent),
            Self::Verification(request) => Concerned::Request(request),
            Self::Lookup(lookup) => Concerned::Lookup(lookup),
        }
    }

    pub(super) fn kind_and_id(self) -> (u8, uuid::Uuid) {
        match self {
            Self::Urgent(id) => (1, id.0),
            Self::Consent(id) => (2, id.0),
            Self::Verification(id) => (3, id.0),
            Self::Lookup(id) => (4, id.0),
        }
    }
}

/// A data-protection officer suppressed a case towards a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DisclosureSuppressed {
    /// The case.
    pub case: SuppressedCase,
    /// The other parties of the case.
    pub others: BTreeSet<PartyId>,
    /// Who is told nothing.
    pub towards: Document,
    /// Why.
    pub reason: Note,
}

/// A data-protection officer of the same party lifted a suppression.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuppressionLifted {
    /// The case.
    pub case: SuppressedCase,
    /// The other parties of the case.
    pub others: BTreeSet<PartyId>,
    /// Who is told again what there is to tell.
    pub towards: Document,
    /// Why.
    pub reason: Note,
}

macro_rules! read_by_others {
    ($($name:ident)*) => {$(
        impl Readers for $name {
            fn readers(&self) -> BTreeSet<PartyId> { self.others.clone() }
        }
    )*};
}
read_by_others!(DisclosureSuppressed SuppressionLifted);
