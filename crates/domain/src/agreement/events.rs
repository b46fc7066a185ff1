//! Events of agreement versions.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::agreement::AgreementTerms;
use crate::event::Readers;
use crate::id::{AgreementId, PartyId};

/// A party proposed a version, and thereby signed it. For its other parties.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgreementProposed {
    /// The version.
    pub agreement: AgreementId,
    /// Who proposed it.
    pub by: PartyId,
    /// Its terms.
    pub terms: AgreementTerms,
}

/// A party signed a version. For its other parties.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgreementSigned {
    /// The version.
    pub agreement: AgreementId,
    /// SHA-256 of the paper that was signed: the one proposed.
    pub text_digest: [u8; 32],
    /// Its other parties.
    pub others: BTreeSet<PartyId>,
}

impl Readers for AgreementProposed {
    fn readers(&self) -> BTreeSet<PartyId> {
        self.terms.between.iter().copied().filter(|party| *party != self.by).collect()
    }
}

impl Readers for AgreementSigned {
    fn readers(&self) -> BTreeSet<PartyId> {
        self.others.clone()
    }
}
