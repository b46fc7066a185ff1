//! What one party's log says about a conference, and what the logs together mean.
//!
//! Nothing here judges a foreign log. A statement counts only from a party of the conference, a list of officers only
//! from their own party, and the first word stands where only one is allowed.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::conference::events::{
    CaseConcluded, CaseNominated, FollowUpAssigned, FollowUpClosed, OpinionSubmitted, ParticipantsNamed, PartyInvited,
};
use crate::id::{ConferenceId, LineNo, OfficerId, PartyId};
use crate::view::{Facts, Said, Sides, Table};

/// Most opinions of one party on one case; a longer exchange belongs on the telephone.
pub const OPINIONS_MAX: usize = 30;

/// Most follow-ups of one conference.
pub const FOLLOW_UPS_MAX: usize = 20;

/// One party's side of a conference. Each field is set by the event it is named for, the first one where only one is
/// allowed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConferenceFacts {
    /// Nominated here; for a party invited later, as it was told with its invitation.
    pub nominated: Option<(CaseNominated, Said)>,
    /// Parties invited later from here.
    pub invited: BTreeMap<PartyId, Said>,
    /// The officers named here; the last list.
    pub named: Option<(ParticipantsNamed, Said)>,
    /// Opinions given here; at most [`OPINIONS_MAX`].
    pub opinions: Vec<(OpinionSubmitted, Said)>,
    /// Concluded here.
    pub concluded: Option<(CaseConcluded, Said)>,
    /// Follow-ups assigned from here; at most [`FOLLOW_UPS_MAX`].
    pub assigned: BTreeMap<LineNo, (FollowUpAssigned, Said)>,
    /// Follow-ups closed here.
    pub closed: BTreeMap<LineNo, (FollowUpClosed, Said)>,
}

impl Facts for ConferenceFacts {
    type Id = ConferenceId;
    const TABLE: Table = Table::Conference;
}

impl ConferenceFacts {
    pub(crate) fn nominated(&mut self, event: &CaseNominated, said: Said) {
        self.nominated.get_or_insert_with(|| (event.clone(), said));
    }
    pub(crate) fn invited(&mut self, event: &PartyInvited, said: Said) {
        self.nominated.get_or_insert_with(|| (event.nomination.clone(), said.clone()));
        self.invited.entry(event.party).or_insert(said);
    }
    pub(crate) fn named(&mut self, event: &ParticipantsNamed, said: Said) {
        self.named = Some((event.clone(), said));
    }
    pub(crate) fn opinion(&mut self, event: &OpinionSubmitted, said: Said) {
        if self.opinions.len() < OPINIONS_MAX {
            self.opinions.push((event.clone(), said)); // a peer that says more must not make the row grow for ever
        }
    }
    pub(crate) fn concluded(&mut self, event: &CaseConcluded, said: Said) {
        self.concluded.get_or_insert_with(|| (event.clone(), said));
    }
    pub(crate) fn assigned(&mut self, event: &FollowUpAssigned, said: Said) {
        if self.assigned.len() < FOLLOW_UPS_MAX {
            self.assigned.entry(event.no).or_insert_with(|| (event.clone(), said));
        }
    }
    pub(crate) fn follow_up_closed(&mut self, event: &FollowUpClosed, said: Said) {
        if self.closed.len() < FOLLOW_UPS_MAX {
            self.closed.entry(event.no).or_insert_with(|| (event.clone(), said));
        }
    }
}

/// A conference, as a party of it sees it.
#[derive(Clone, Copy, Debug)]
pub struct Conference<'a> {
    /// The nominating party.
    pub from: PartyId,
    /// What it said.
    pub nomination: &'a CaseNominated,
    /// Who nominated the case, and when.
    pub said: &'a Said,
    /// The nominating party's side.
    pub nominator: &'a ConferenceFacts,
    sides: &'a Sides<ConferenceFacts>,
}

impl<'a> Conference<'a> {
    /// Returns the parties of the conference.
    #[must_use]
    pub fn parties(&self) -> BTreeSet<PartyId> {
        let invited = self.nomination.to.iter().chain(self.nominator.invited.keys());
        invited.copied().chain([self.from]).collect()
    }

    /// Returns the parties of the conference without one of them.
    #[must_use]
    pub fn others(&self, me: PartyId) -> BTreeSet<PartyId> {
        self.parties().into_iter().filter(|party| *party != me).collect()
    }

    /// Returns the sides of the conference's parties, in order of their names.
    pub fn sides(self) -> impl Iterator<Item = (PartyId, &'a ConferenceFacts)> {
        let parties = self.parties();
        self.sides.iter().filter(move |(party, _)| parties.contains(party))
    }

    /// Returns the officers of a party who need to know, as that party has named them; none when it has not yet.
    #[must_use]
    pub fn participants(&self, party: PartyId) -> Option<&'a BTreeSet<OfficerId>> {
        let named = self.sides.of(party).and_then(|facts| facts.named.as_ref());
        let named = named.map(|(named, _)| &named.officers).filter(|_| self.parties().contains(&party));
        named.or_else(|| (party == self.from).then_some(&self.nomination.need_to_know))
    }

    /// Tells whether an officer of a party needs to know.
    #[must_use]
    pub fn is_open_to(&self, party: PartyId, officer: &OfficerId) -> bool {
        self.participants(party).is_some_and(|officers| officers.contains(officer))
    }

    /// Tells whether the nominating party concluded it.
    #[must_use]
    pub fn is_concluded(&self) -> bool {
        self.nominator.concluded.is_some()
    }

    /// Returns what the owner of a follow-up said when it closed it.
    #[must_use]
    pub fn closed(&self, follow_up: &FollowUpAssigned) -> Option<&'a (FollowUpClosed, Said)> {
        self.sides.of(follow_up.owner)?.closed.get(&follow_up.no)
    }
}

impl Sides<ConferenceFacts> {
    /// Returns the conference of a party: the one it nominated, or one that it was invited to.
    #[must_use]
    pub fn conference(&self, me: PartyId) -> Option<Conference<'_>> {
        let nominated_by = |from| {
            let nominator = self.of(from)?;
            let (nomination, said) = nominator.nominated.as_ref()?;
            Some(Conference { from, nomination, said, nominator, sides: self })
        };
        nominated_by(me).or_else(|| {
            self.iter().filter_map(|(party, _)| nominated_by(party)).find(|case| case.parties().contains(&me))
        })
    }
}
