//! What one party's log says about an urgent notice.

use serde::{Deserialize, Serialize};

use crate::id::{PartyId, UrgentId};
use crate::urgent::events::{
    ActionReported, JustificationFiled, JustificationReviewed, UrgentAcked, UrgentClosed, UrgentDelivered,
    UrgentRaised, UrgentTakenOver,
};
use crate::view::{Facts, Said, Sides, Table};

/// Most actions one party reports on one notice; a longer story belongs in a case file.
pub const ACTIONS_MAX: usize = 50;

/// One party's side of an urgent notice. Each field is set by the event it is named for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UrgentFacts {
    /// Raised here.
    pub raised: Option<(UrgentRaised, Said)>,
    /// Arrived here.
    pub delivered: Option<Said>,
    /// Acknowledged here.
    pub acked: Option<Said>,
    /// Taken over here.
    pub taken_over: Option<Said>,
    /// What was done here.
    pub actions: Vec<(ActionReported, Said)>,
    /// Closed here.
    pub closed: Option<(UrgentClosed, Said)>,
    /// Justified here.
    pub justified: Option<(JustificationFiled, Said)>,
    /// Reviewed here.
    pub reviewed: Option<(JustificationReviewed, Said)>,
}

impl Facts for UrgentFacts {
    type Id = UrgentId;
    const TABLE: Table = Table::Urgent;
}

impl UrgentFacts {
    pub(crate) fn raised(&mut self, event: &UrgentRaised, said: Said) {
        self.raised = Some((event.clone(), said));
    }
    pub(crate) fn delivered(&mut self, _: &UrgentDelivered, said: Said) {
        self.delivered = Some(said);
    }
    pub(crate) fn acked(&mut self, _: &UrgentAcked, said: Said) {
        self.acked = Some(said);
    }
    pub(crate) fn taken_over(&mut self, _: &UrgentTakenOver, said: Said) {
        self.taken_over = Some(said);
    }
    pub(crate) fn action(&mut self, event: &ActionReported, said: Said) {
        self.actions.push((event.clone(), said));
    }
    pub(crate) fn closed(&mut self, event: &UrgentClosed, said: Said) {
        self.closed = Some((event.clone(), said));
    }
    pub(crate) fn justified(&mut self, event: &JustificationFiled, said: Said) {
        self.justified = Some((event.clone(), said));
    }
    pub(crate) fn reviewed(&mut self, event: &JustificationReviewed, said: Said) {
        self.reviewed = Some((event.clone(), said));
    }
}

impl Sides<UrgentFacts> {
    /// Returns the sender and what it raised.
    #[must_use]
    pub fn raised(&self) -> Option<(PartyId, &UrgentRaised)> {
        self.iter().find_map(|(party, facts)| facts.raised.as_ref().map(|(raised, _)| (party, raised)))
    }
}
