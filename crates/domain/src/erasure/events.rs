//! Events of erasures. None of them holds personal data, so none of them ever needs to be erased.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::event::Readers;
use crate::id::{ErasureId, PartyId};
use crate::text::Short;

/// On what an erasure rests. Wire order is the order here: append only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ErasureBasis {
    /// The person asked for it (PIPL art. 47; Macau Law 8/2005 art. 11).
    SubjectRequest,
    /// The consent was withdrawn (PIPL arts. 15, 47).
    ConsentWithdrawn,
    /// The purpose is done, or the time to keep is over (PIPL arts. 19, 47; Macau Law 8/2005 art. 5).
    PurposeDone,
    /// A court or an authority orders it.
    AuthorityOrder,
}

impl ErasureBasis {
    /// Returns the published name.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::SubjectRequest => "subject_request",
            Self::ConsentWithdrawn => "consent_withdrawn",
            Self::PurposeDone => "purpose_done",
            Self::AuthorityOrder => "authority_order",
        }
    }

    /// Returns where the basis stands in the law. A citation, the same in every language.
    #[must_use]
    pub fn rule(self) -> &'static str {
        match self {
            Self::SubjectRequest => "PIPL art. 47; Macau Law 8/2005 art. 11",
            Self::ConsentWithdrawn => "PIPL arts. 15, 47",
            Self::PurposeDone => "PIPL arts. 19, 47; Macau Law 8/2005 art. 5",
            Self::AuthorityOrder => "the order named",
        }
    }
}

/// Why something is erased.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErasureGround {
    /// On what it rests.
    pub basis: ErasureBasis,
    /// File number of the request, the case or the order. Never a name: it stays in the log for ever.
    pub reference: Short,
}

/// A data-protection officer proposed an erasure. Own log only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErasureProposed {
    /// The erasure.
    pub erasure: ErasureId,
    /// Entries of the own log.
    pub entries: BTreeSet<u64>,
    /// Why.
    pub ground: ErasureGround,
    /// The other parties that can read one of the entries.
    pub holders: BTreeSet<PartyId>,
}

/// A second person ordered the erasure: from here on nobody may keep a key of the entries. For every other party that
/// can read one of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErasureOrdered {
    /// The erasure.
    pub erasure: ErasureId,
    /// Entries of the log this event is in, before it.
    pub entries: BTreeSet<u64>,
    /// Why.
    pub ground: ErasureGround,
    /// The other parties that can read one of the entries.
    pub holders: BTreeSet<PartyId>,
}

/// A holder's service has destroyed the keys of what an order covers, and its view has forgotten. For all others of the order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErasureConfirmed {
    /// The erasure.
    pub erasure: ErasureId,
    /// Who ordered it: in whose log the entries are.
    pub ordered_by: PartyId,
    /// Keys that are destroyed here.
    pub destroyed: u32,
    /// Entries of the order whose keys are kept, because the order came before their floor was over.
    pub kept: u32,
    /// The other parties of the order.
    pub others: BTreeSet<PartyId>,
}

/// Not every holder has confirmed in time. For those that have not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErasureOverdue {
    /// The erasure.
    pub erasure: ErasureId,
    /// Who has not confirmed.
    pub missing: BTreeSet<PartyId>,
}

impl Readers for ErasureProposed {}

impl Readers for ErasureOrdered {
    fn readers(&self) -> BTreeSet<PartyId> {
        self.holders.clone()
    }
}

impl Readers for ErasureConfirmed {
    fn readers(&self) -> BTreeSet<PartyId> {
        self.others.clone()
    }
}

impl Readers for ErasureOverdue {
    fn readers(&self) -> BTreeSet<PartyId> {
        self.missing.clone()
    }
}
