//! What one party's log says about a consent.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::consent::{
    ConsentClaims, ConsentClosed, ConsentCompleted, ConsentDiscarded, ConsentExpired, ConsentGranted, ConsentRecorded,
    ConsentReviewDue, ConsentRevoked, SIGNERS_MAX,
};
use crate::id::ConsentId;
use crate::lookup::LookupPermitted;
use crate::time::Instant;
use crate::view::{Facts, Said, Sides, Table};

/// One party's side of a consent. Each field is set by the event it is named for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentFacts {
    /// Recorded here.
    pub recorded: Option<(ConsentRecorded, Said)>,
    /// Countersigned here.
    pub granted: Option<(ConsentGranted, Said)>,
    /// Revoked here.
    pub revoked: Option<(ConsentRevoked, Said)>,
    /// Uses spent here, as holder.
    pub uses_spent: u32,
    /// The last use spent here.
    pub last_use: Option<Said>,
    /// Completed here by later letters, in order.
    pub completed: Vec<(ConsentCompleted, Said)>,
    /// Revoked here about some of the persons only.
    pub revoked_for: Vec<(ConsentRevoked, Said)>,
    /// Closed here.
    pub closed: Option<(ConsentClosed, Said)>,
    /// Recorded as ended here.
    pub expired: Option<Said>,
    /// Ages reached, by subject and age.
    pub reviews: BTreeMap<(u8, u8), Said>,
    /// Given up here before it was countersigned.
    pub discarded: Option<(ConsentDiscarded, Said)>,
}

impl Facts for ConsentFacts {
    type Id = ConsentId;
    const TABLE: Table = Table::Consent;
}

impl ConsentFacts {
    pub(crate) fn recorded(&mut self, event: &ConsentRecorded, said: Said) {
        self.recorded = Some((event.clone(), said));
    }
    pub(crate) fn granted(&mut self, event: &ConsentGranted, said: Said) {
        self.granted = Some((event.clone(), said));
    }
    pub(crate) fn revoked(&mut self, event: &ConsentRevoked, said: Said) {
        if event.subjects.is_empty() {
            self.revoked.get_or_insert((event.clone(), said));
        } else if self.revoked_for.len() < SIGNERS_MAX {
            self.revoked_for.push((event.clone(), said));
        }
    }
    pub(crate) fn completed(&mut self, event: &ConsentCompleted, said: Said) {
        self.completed.push((event.clone(), said));
    }
    pub(crate) fn closed(&mut self, event: &ConsentClosed, said: Said) {
        self.closed.get_or_insert((event.clone(), said));
    }
    pub(crate) fn expired(&mut self, _: &ConsentExpired, said: Said) {
        self.expired.get_or_insert(said);
    }
    pub(crate) fn review_due(&mut self, event: &ConsentReviewDue, said: Said) {
        self.reviews.entry((event.subject, event.age)).or_insert(said);
    }
    pub(crate) fn discarded(&mut self, event: &ConsentDiscarded, said: Said) {
        self.discarded.get_or_insert((event.clone(), said));
    }

    /// Tells whether the party is done with the record: given up, closed, or wholly withdrawn.
    pub(crate) fn is_given_up(&self) -> bool {
        self.discarded.is_some() || self.closed.is_some() || self.revoked.is_some()
    }

    pub(crate) fn use_spent(&mut self, _: &LookupPermitted, said: Said) {
        self.uses_spent += 1;
        self.last_use = Some(said);
    }

    /// Returns what the letters recorded here say, with what later ones added.
    #[must_use]
    pub fn letter(&self) -> Option<&ConsentClaims> {
        let recorded = self.recorded.as_ref().map(|(recorded, _)| &recorded.claims);
        self.completed.last().map(|(completed, _)| &completed.claims).or(recorded)
    }

    /// Returns every withdrawal said here, that of the whole consent first.
    pub fn withdrawals(&self) -> impl Iterator<Item = &(ConsentRevoked, Said)> {
        self.revoked.iter().chain(&self.revoked_for)
    }

    /// Returns the earliest instant from which this party says the consent is revoked, wholly or about somebody.
    #[must_use]
    pub fn revoked_first(&self) -> Option<Instant> {
        self.withdrawals().map(|(revoked, _)| revoked.effective_at).min()
    }
}

impl Sides<ConsentFacts> {
    /// Returns the granted consent, as its issuer's log has it.
    #[must_use]
    pub fn granted(&self) -> Option<&ConsentGranted> {
        self.grant().map(|(granted, _)| granted)
    }

    /// Returns where its issuer's log grants it, and when.
    #[must_use]
    pub fn granted_by(&self) -> Option<&Said> {
        self.grant().map(|(_, said)| said)
    }

    fn grant(&self) -> Option<&(ConsentGranted, Said)> {
        self.iter()
            .find_map(|(party, facts)| facts.granted.as_ref().filter(|(granted, _)| granted.claims.issuer == party))
    }
}
