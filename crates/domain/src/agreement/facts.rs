//! What one party's log says about an agreement version.

use serde::{Deserialize, Serialize};

use crate::agreement::{AgreementProposed, AgreementSigned, AgreementTerms};
use crate::id::{AgreementId, PartyId};
use crate::time::Instant;
use crate::view::{Facts, Said, Sides, Table};

/// One party's side of a version. The first word stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgreementFacts {
    /// Proposed here.
    pub proposed: Option<(AgreementProposed, Said)>,
    /// Signed here.
    pub signed: Option<(AgreementSigned, Said)>,
}

impl Facts for AgreementFacts {
    type Id = AgreementId;
    const TABLE: Table = Table::Agreement;
}

impl AgreementFacts {
    pub(crate) fn proposed(&mut self, event: &AgreementProposed, said: Said) {
        self.proposed.get_or_insert((event.clone(), said));
    }
    pub(crate) fn signed(&mut self, event: &AgreementSigned, said: Said) {
        self.signed.get_or_insert((event.clone(), said));
    }
}

impl Sides<AgreementFacts> {
    /// Returns the proposal and who made it: a party of the version, in its own name.
    #[must_use]
    pub fn proposal(&self) -> Option<(PartyId, &AgreementTerms)> {
        self.iter().find_map(|(party, facts)| {
            let (proposed, _) = facts.proposed.as_ref()?;
            (proposed.by == party && proposed.terms.between.contains(&party)).then_some((party, &proposed.terms))
        })
    }

    /// Tells whether a party stands behind the proposal: it made it, or signed the same paper.
    #[must_use]
    pub fn is_signed_by(&self, party: PartyId) -> bool {
        self.signed_at(party).is_some()
    }

    /// Returns since when a party stands behind the proposal; none when it does not.
    #[must_use]
    pub fn signed_at(&self, party: PartyId) -> Option<Instant> {
        let (by, terms) = self.proposal()?;
        let facts = self.of(party)?;
        if by == party {
            return facts.proposed.as_ref().map(|(_, said)| said.at);
        }
        let signed = facts.signed.as_ref().filter(|(signed, _)| signed.text_digest == terms.text_digest);
        signed.map(|(_, said)| said.at)
    }
}
