//! What one party's log says about an erasure.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::erasure::{ErasureConfirmed, ErasureOrdered, ErasureOverdue, ErasureProposed};
use crate::id::{ErasureId, PartyId};
use crate::view::{Facts, Rows, Said, Sides, Table, ViewError};

/// One party's side of an erasure.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErasureFacts {
    /// Proposed here.
    pub proposed: Option<(ErasureProposed, Said)>,
    /// Ordered here.
    pub ordered: Option<(ErasureOrdered, Said)>,
    /// Confirmed here, by who ordered it.
    pub confirmed: BTreeMap<PartyId, (ErasureConfirmed, Said)>,
    /// Whose confirmation was missing when the time was over.
    pub overdue: Option<(ErasureOverdue, Said)>,
}

impl Facts for ErasureFacts {
    type Id = ErasureId;
    const TABLE: Table = Table::Erasure;
}

impl ErasureFacts {
    // The first word stands.
    pub(crate) fn proposed(&mut self, event: &ErasureProposed, said: Said) {
        self.proposed.get_or_insert_with(|| (event.clone(), said));
    }
    pub(crate) fn ordered(&mut self, event: &ErasureOrdered, said: Said) {
        self.ordered.get_or_insert_with(|| (event.clone(), said));
    }
    pub(crate) fn confirmed(&mut self, event: &ErasureConfirmed, said: Said) {
        self.confirmed.entry(event.ordered_by).or_insert_with(|| (event.clone(), said));
    }
    pub(crate) fn overdue(&mut self, event: &ErasureOverdue, said: Said) {
        self.overdue.get_or_insert_with(|| (event.clone(), said));
    }
}

/// An order, with what every party said of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ordered {
    /// Whose entries it is about.
    pub origin: PartyId,
    /// The order.
    pub order: ErasureOrdered,
    /// Who ordered it, when, and where it stands in the origin's log.
    pub said: Said,
    /// Who confirmed, and what.
    pub confirmed: BTreeMap<PartyId, (ErasureConfirmed, Said)>,
    /// Recorded as late.
    pub overdue: Option<(ErasureOverdue, Said)>,
}

impl Ordered {
    /// Returns the parties that must confirm: the one that ordered, and every other holder.
    #[must_use]
    pub fn parties(&self) -> BTreeSet<PartyId> {
        self.order.holders.iter().copied().chain([self.origin]).collect()
    }

    /// Returns those that have not confirmed.
    #[must_use]
    pub fn missing(&self) -> BTreeSet<PartyId> {
        self.parties().into_iter().filter(|party| !self.confirmed.contains_key(party)).collect()
    }
}

impl Sides<ErasureFacts> {
    /// Returns the order of a party, with every party's confirmation.
    #[must_use]
    pub fn ordered_by(&self, origin: PartyId) -> Option<Ordered> {
        let own = self.of(origin)?;
        let (order, said) = own.ordered.clone()?;
        let confirmed = self.iter().filter_map(|(party, facts)| Some((party, facts.confirmed.get(&origin)?.clone())));
        Some(Ordered { origin, order, said, confirmed: confirmed.collect(), overdue: own.overdue.clone() })
    }
}

/// Returns every order that is known here, in the order of ids.
///
/// # Errors
/// When a row can't be read.
pub fn orders(rows: &Rows<'_>) -> Result<Vec<Ordered>, ViewError> {
    let all = rows.all::<ErasureFacts>()?;
    let ordered = all.iter().flat_map(|(_, sides)| sides.iter().filter_map(|(party, _)| sides.ordered_by(party)));
    Ok(ordered.collect())
}
