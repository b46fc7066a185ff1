//! Events of erasures. They hold positions, citations and file numbers, no personal data. What a request says in an officer's
//! own words is kept as a record and can be erased like one; all else stays for ever.

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
    /// Recorded or told against the law or an agreement, or in error (PIPL art. 47; Macau Law 8/2005 art. 11).
    Unlawful,
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
            Self::Unlawful => "unlawful",
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
            Self::Unlawful => "PIPL art. 47(4); Macau Law 8/2005 art. 11(1)(d)",
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

/// Why a request is refused. Wire order is the order here: append only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RefusalGround {
    /// A law asks for the records to be kept, whatever a table of years says: then they are only stored.
    KeptByLaw,
    /// The purpose is not done.
    StillNeeded,
    /// What is recorded is right, and was lawfully told.
    RightAndLawful,
    /// Who asks is not the person concerned, and does not act for that person.
    NotEntitled,
    /// It is put right by a correction instead.
    CorrectedInstead,
}

impl RefusalGround {
    /// Every ground.
    pub const ALL: [Self; 5] =
        [Self::KeptByLaw, Self::StillNeeded, Self::RightAndLawful, Self::NotEntitled, Self::CorrectedInstead];

    /// Returns the published name.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::KeptByLaw => "kept_by_law",
            Self::StillNeeded => "still_needed",
            Self::RightAndLawful => "right_and_lawful",
            Self::NotEntitled => "not_entitled",
            Self::CorrectedInstead => "corrected_instead",
        }
    }

    /// Returns where the ground stands in the law. A citation, the same in every language.
    #[must_use]
    pub fn rule(self) -> &'static str {
        match self {
            Self::KeptByLaw => "PIPL arts. 47, 56; Network Data Security Regulations art. 12",
            Self::StillNeeded => "PIPL arts. 19, 47; Macau Law 8/2005 art. 5",
            Self::RightAndLawful | Self::NotEntitled => "PIPL arts. 47, 50; Macau Law 8/2005 art. 11",
            Self::CorrectedInstead => "PIPL art. 46; Macau Law 8/2005 art. 11",
        }
    }
}

/// A data-protection officer asked another party to erase entries of that party's log. For that party.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErasureRequested {
    /// The erasure: what the other party proposes, orders or refuses under this id answers the request.
    pub erasure: ErasureId,
    /// Whose entries.
    pub to: PartyId,
    /// Positions in that party's log.
    pub entries: BTreeSet<u64>,
    /// On what the request rests.
    pub ground: ErasureGround,
    /// What is wrong with the entries, in a few words. Never a name or a number: the file says it.
    pub reason: Short,
}

/// A data-protection officer refused a request. For who asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErasureRefused {
    /// The erasure asked for.
    pub erasure: ErasureId,
    /// Who asked.
    pub asker: PartyId,
    /// Why not.
    pub because: RefusalGround,
    /// File number of the reasons in writing, which the person can contest. Never a name.
    pub reference: Short,
}

/// A request was neither granted nor refused in time. For who asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErasureRequestOverdue {
    /// The erasure asked for.
    pub erasure: ErasureId,
    /// Who asked.
    pub asker: PartyId,
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
    /// The party whose request this answers.
    pub asker: Option<PartyId>,
}

/// A second person ordered the erasure: from here on nobody may keep a key of the entries. For every other party that
/// can read one of them, and for who asked for it.
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
    /// The party whose request this answers.
    pub asker: Option<PartyId>,
}

/// A holder's service has destroyed the keys of what an order covers, and its view has forgotten. For all others of the order, and
/// for who asked for it.
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
    /// The other parties of the order, and who asked for it.
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
        self.holders.iter().copied().chain(self.asker).collect()
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

impl Readers for ErasureRequested {
    fn readers(&self) -> BTreeSet<PartyId> {
        [self.to].into()
    }
}

impl Readers for ErasureRefused {
    fn readers(&self) -> BTreeSet<PartyId> {
        [self.asker].into()
    }
}

impl Readers for ErasureRequestOverdue {
    fn readers(&self) -> BTreeSet<PartyId> {
        [self.asker].into()
    }
}
