//! What one party's log says about an urgent notice, and what the logs together mean.
//!
//! Nothing here judges a foreign log: what a peer may not say is a finding for the auditor. It can't do harm either,
//! because the first word counts wherever there is only one to say, so nobody replaces afterwards what was relied on.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::id::{PartyId, UrgentId};
use crate::party::rules_of;
use crate::urgent::events::{
    ActionReported, EscalationStep, JustificationFiled, JustificationOverdue, JustificationReviewed, SubjectInformed,
    UrgentAcked, UrgentActionOverdue, UrgentClosed, UrgentDelivered, UrgentEscalated, UrgentRaised,
    UrgentRelayedByPhone, UrgentTakenOver,
};
use crate::view::{Facts, Said, Sides, Table};

/// Most actions one party reports on one notice; a longer story belongs in a case file.
pub const ACTIONS_MAX: usize = 50;

/// One party's side of an urgent notice. Each field is set by the event it is named for, the first one where only one is
/// allowed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UrgentFacts {
    /// Raised here.
    pub raised: Option<(UrgentRaised, Said)>,
    /// Arrived here.
    pub delivered: Option<(UrgentDelivered, Said)>,
    /// Acknowledged here.
    pub acked: Option<Said>,
    /// Taken over here.
    pub taken_over: Option<Said>,
    /// What was done here; at most [`ACTIONS_MAX`].
    pub actions: Vec<(ActionReported, Said)>,
    /// Closed here.
    pub closed: Option<(UrgentClosed, Said)>,
    /// Justified here.
    pub justified: Option<(JustificationFiled, Said)>,
    /// Reviewed here.
    pub reviewed: Option<(JustificationReviewed, Said)>,
    /// Taken up here; the first time for each step.
    pub escalated: BTreeMap<EscalationStep, Said>,
    /// No action reported here in time.
    pub action_overdue: Option<Said>,
    /// Not justified here in time.
    pub justification_overdue: Option<(JustificationOverdue, Said)>,
    /// Addressees told from here by phone.
    pub relayed: BTreeMap<PartyId, (UrgentRelayedByPhone, Said)>,
    /// The person concerned was told from here.
    pub informed: Option<Said>,
}

impl Facts for UrgentFacts {
    type Id = UrgentId;
    const TABLE: Table = Table::Urgent;
}

impl UrgentFacts {
    pub(crate) fn raised(&mut self, event: &UrgentRaised, said: Said) {
        self.raised.get_or_insert_with(|| (event.clone(), said));
    }
    pub(crate) fn delivered(&mut self, event: &UrgentDelivered, said: Said) {
        self.delivered.get_or_insert_with(|| (event.clone(), said));
    }
    pub(crate) fn acked(&mut self, _: &UrgentAcked, said: Said) {
        self.acked.get_or_insert(said);
    }
    pub(crate) fn taken_over(&mut self, _: &UrgentTakenOver, said: Said) {
        self.taken_over.get_or_insert(said);
    }
    pub(crate) fn action(&mut self, event: &ActionReported, said: Said) {
        if self.actions.len() < ACTIONS_MAX {
            self.actions.push((event.clone(), said)); // a peer that reports more must not make the row grow for ever
        }
    }
    pub(crate) fn closed(&mut self, event: &UrgentClosed, said: Said) {
        self.closed.get_or_insert_with(|| (event.clone(), said));
    }
    pub(crate) fn justified(&mut self, event: &JustificationFiled, said: Said) {
        self.justified.get_or_insert_with(|| (event.clone(), said));
    }
    pub(crate) fn reviewed(&mut self, event: &JustificationReviewed, said: Said) {
        self.reviewed.get_or_insert_with(|| (event.clone(), said));
    }
    pub(crate) fn escalated(&mut self, event: &UrgentEscalated, said: Said) {
        self.escalated.entry(event.step).or_insert(said);
    }
    pub(crate) fn action_overdue(&mut self, _: &UrgentActionOverdue, said: Said) {
        self.action_overdue.get_or_insert(said);
    }
    pub(crate) fn justification_overdue(&mut self, event: &JustificationOverdue, said: Said) {
        self.justification_overdue.get_or_insert_with(|| (event.clone(), said));
    }
    pub(crate) fn relayed(&mut self, event: &UrgentRelayedByPhone, said: Said) {
        // Only addressees are told: a peer that says otherwise must not make the row grow for ever.
        if event.addressees.contains(&event.to) && rules_of(event.to).is_some() {
            self.relayed.entry(event.to).or_insert_with(|| (event.clone(), said));
        }
    }
    pub(crate) fn informed(&mut self, _: &SubjectInformed, said: Said) {
        self.informed.get_or_insert(said);
    }
}

/// An urgent notice, as a party that it concerns sees it.
#[derive(Clone, Copy, Debug)]
pub struct UrgentCase<'a> {
    /// The sender.
    pub from: PartyId,
    /// What was raised.
    pub raised: &'a UrgentRaised,
    /// The sender's side.
    pub sender: &'a UrgentFacts,
    sides: &'a Sides<UrgentFacts>,
}

impl<'a> UrgentCase<'a> {
    /// Returns the parties of the notice, sender and addressees, without one of them.
    #[must_use]
    pub fn others(&self, me: PartyId) -> BTreeSet<PartyId> {
        let parties = self.raised.to.iter().copied().chain([self.from]);
        parties.filter(|party| *party != me).collect()
    }

    /// Returns an addressee's side, once it said something.
    #[must_use]
    pub fn addressee(&self, party: PartyId) -> Option<&'a UrgentFacts> {
        self.raised.to.contains(&party).then(|| self.sides.of(party)).flatten()
    }

    /// Returns the addressees that took the case over, in order of their names. There is one, unless two did so
    /// before they heard of each other.
    pub fn taken_over_by(self) -> impl Iterator<Item = PartyId> {
        let taken = move |party: &PartyId| self.addressee(*party).is_some_and(|facts| facts.taken_over.is_some());
        self.raised.to.iter().copied().filter(taken)
    }

    /// Returns the step an addressee takes next while nobody there acknowledges; none when somebody did, when it is over,
    /// and after the last step.
    #[must_use]
    pub fn next_step(&self, me: PartyId) -> Option<EscalationStep> {
        let own = self.addressee(me).filter(|own| own.acked.is_none() && own.delivered.is_some())?;
        let mut left = EscalationStep::ALL.into_iter().filter(|step| !own.escalated.contains_key(step));
        left.next().filter(|_| !self.is_closed())
    }

    /// Tells whether a party took the case over and has neither reported an action nor recorded that it is late.
    #[must_use]
    pub fn awaits_action(&self, me: PartyId) -> bool {
        let open =
            |own: &UrgentFacts| own.taken_over.is_some() && own.actions.is_empty() && own.action_overdue.is_none();
        !self.is_closed() && self.addressee(me).is_some_and(open)
    }

    /// Tells whether the notice has gone up to a party's secretariat: the addressee's with the second step, the sender's
    /// with the last step of any addressee.
    #[must_use]
    pub fn reached_secretariat(&self, me: PartyId) -> bool {
        let took = |party, step| self.addressee(party).is_some_and(|own| own.escalated.contains_key(&step));
        if me == self.from {
            return self.raised.to.iter().any(|party| took(*party, EscalationStep::BothSecretariats));
        }
        took(me, EscalationStep::Secretariat)
    }

    /// Tells whether the sender closed the notice.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.sender.closed.is_some()
    }
}

impl Sides<UrgentFacts> {
    /// Returns the sender and what it raised.
    #[must_use]
    pub fn raised(&self) -> Option<(PartyId, &UrgentRaised)> {
        self.iter().find_map(|(party, facts)| facts.raised.as_ref().map(|(raised, _)| (party, raised)))
    }

    /// Returns the notice that a party raised; none when it has not.
    #[must_use]
    pub fn raised_by(&self, from: PartyId) -> Option<UrgentCase<'_>> {
        let sender = self.of(from)?;
        let (raised, _) = sender.raised.as_ref()?;
        Some(UrgentCase { from, raised, sender, sides: self })
    }

    /// Returns the notice that concerns a party: the one it raised, or one that was raised to it. Should two parties
    /// have raised one id, it is the one whose arrival the party recorded.
    #[must_use]
    pub fn concerning(&self, me: PartyId) -> Option<UrgentCase<'_>> {
        if let Some(own) = self.raised_by(me) {
            return Some(own);
        }
        let arrived = self.of(me).and_then(|facts| facts.delivered.as_ref()).map(|(delivered, _)| delivered.from);
        self.iter()
            .filter(|(from, _)| arrived.is_none_or(|arrived| arrived == *from))
            .filter_map(|(from, _)| self.raised_by(from))
            .find(|case| case.raised.to.contains(&me))
    }
}
