//! What one party's log says about an erasure.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::erasure::{
    ErasureConfirmed, ErasureOrdered, ErasureOverdue, ErasureProposed, ErasureRefused, ErasureRequestOverdue,
    ErasureRequested,
};
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
    /// Asked for here, of another party.
    pub requested: Option<(ErasureRequested, Said)>,
    /// Refused here, to who asked.
    pub refused: Option<(ErasureRefused, Said)>,
    /// Not answered here in time.
    pub request_overdue: Option<(ErasureRequestOverdue, Said)>,
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
    pub(crate) fn requested(&mut self, event: &ErasureRequested, said: Said) {
        self.requested.get_or_insert_with(|| (event.clone(), said));
    }
    pub(crate) fn refused(&mut self, event: &ErasureRefused, said: Said) {
        self.refused.get_or_insert_with(|| (event.clone(), said));
    }
    pub(crate) fn request_overdue(&mut self, event: &ErasureRequestOverdue, said: Said) {
        self.request_overdue.get_or_insert_with(|| (event.clone(), said));
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

    /// Returns the parties that are told of it: those, and who asked for it.
    #[must_use]
    pub fn told(&self) -> BTreeSet<PartyId> {
        self.parties().into_iter().chain(self.order.asker).collect()
    }

    /// Returns those that have not confirmed.
    #[must_use]
    pub fn missing(&self) -> BTreeSet<PartyId> {
        self.parties().into_iter().filter(|party| !self.confirmed.contains_key(party)).collect()
    }
}

/// A request for an erasure, with what was made of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request<'a> {
    /// Who asks.
    pub asker: PartyId,
    /// What for.
    pub asked: &'a ErasureRequested,
    /// Who asked, and when.
    pub said: &'a Said,
    /// What the party asked has said of it; none when nothing.
    pub origin: Option<&'a ErasureFacts>,
}

impl Request<'_> {
    /// Tells whether it is granted or refused.
    #[must_use]
    pub fn is_answered(&self) -> bool {
        self.origin.is_some_and(|facts| facts.ordered.is_some() || facts.refused.is_some())
    }
}

impl Sides<ErasureFacts> {
    /// Returns the request of a party.
    #[must_use]
    pub fn request_of(&self, asker: PartyId) -> Option<Request<'_>> {
        let (asked, said) = self.of(asker)?.requested.as_ref()?;
        Some(Request { asker, asked, said, origin: self.of(asked.to) })
    }

    /// Returns the request that a party was sent.
    #[must_use]
    pub fn request_to(&self, origin: PartyId) -> Option<Request<'_>> {
        self.requests().find(|request| request.asked.to == origin)
    }

    /// Returns every request under this id: there is one, unless somebody took an id that was used.
    pub fn requests(&self) -> impl Iterator<Item = Request<'_>> {
        self.iter().filter_map(|(party, _)| self.request_of(party))
    }

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
