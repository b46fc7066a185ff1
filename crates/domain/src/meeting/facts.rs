//! What one party's log says about meetings and topics, and what the logs together mean.
//!
//! Nothing here judges a foreign log. A statement counts only from a party of the meeting, and the first word stands
//! where only one is allowed.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::case::CaseRef;
use crate::id::{LineNo, MeetingId, PartyId, ResolutionId, TopicId};
use crate::meeting::events::{
    ActionClosed, EscalationDecided, MeetingConvened, ResolutionProposed, ResolutionSigned, TopicConcluded, TopicTabled,
};
use crate::view::{Facts, Said, Sides, Table, ViewError};

/// Most resolutions one party proposes at one meeting, and most escalations it decides there.
pub const RESOLUTIONS_MAX: usize = 50;

/// One party's side of a meeting. Each field is set by the event it is named for, the first one where only one is
/// allowed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeetingFacts {
    /// Convened here.
    pub convened: Option<(MeetingConvened, Said)>,
    /// Proposed here; at most [`RESOLUTIONS_MAX`].
    pub proposed: BTreeMap<ResolutionId, (ResolutionProposed, Said)>,
    /// Signed here.
    pub signed: BTreeMap<ResolutionId, (ResolutionSigned, Said)>,
    /// Actions closed here.
    pub closed: BTreeMap<(ResolutionId, LineNo), (ActionClosed, Said)>,
    /// Escalations decided, as recorded here; at most [`RESOLUTIONS_MAX`].
    pub decided: BTreeMap<CaseRef, (EscalationDecided, Said)>,
}

impl Facts for MeetingFacts {
    type Id = MeetingId;
    const TABLE: Table = Table::Meeting;
}

/// Keeps the first value of a key, and no more keys than may be: a peer that says more must not make a row grow for
/// ever.
fn first<K: Ord, V>(map: &mut BTreeMap<K, V>, max: usize, key: K, value: V) {
    if map.len() < max {
        map.entry(key).or_insert(value);
    }
}

impl MeetingFacts {
    pub(crate) fn convened(&mut self, event: &MeetingConvened, said: Said) {
        self.convened.get_or_insert_with(|| (event.clone(), said));
    }
    pub(crate) fn proposed(&mut self, event: &ResolutionProposed, said: Said) {
        first(&mut self.proposed, RESOLUTIONS_MAX, event.resolution, (event.clone(), said));
    }
    pub(crate) fn signed(&mut self, event: &ResolutionSigned, said: Said) {
        // Those of three parties.
        first(&mut self.signed, 3 * RESOLUTIONS_MAX, event.resolution, (event.clone(), said));
    }
    pub(crate) fn action_closed(&mut self, event: &ActionClosed, said: Said) {
        let max = 3 * RESOLUTIONS_MAX * super::ACTIONS_MAX;
        first(&mut self.closed, max, (event.resolution, event.action), (event.clone(), said));
    }
    pub(crate) fn decided(&mut self, event: &EscalationDecided, said: Said) {
        first(&mut self.decided, RESOLUTIONS_MAX, event.case, (event.clone(), said));
    }
}

/// A meeting, as a party of it sees it.
#[derive(Clone, Copy, Debug)]
pub struct Meeting<'a> {
    /// The convener.
    pub convener: PartyId,
    /// What was convened.
    pub convened: &'a MeetingConvened,
    /// Who convened it, and when.
    pub said: &'a Said,
    sides: &'a Sides<MeetingFacts>,
}

/// A resolution of a meeting.
#[derive(Clone, Copy, Debug)]
pub struct Resolution<'a> {
    /// Who proposed it.
    pub proposer: PartyId,
    /// What was proposed.
    pub proposed: &'a ResolutionProposed,
    /// Who proposed it, and when.
    pub said: &'a Said,
}

impl<'a> Meeting<'a> {
    /// Returns the parties of the meeting.
    #[must_use]
    pub fn parties(&self) -> BTreeSet<PartyId> {
        self.convened.to.iter().copied().chain([self.convener]).collect()
    }

    /// Returns the parties of the meeting without one of them.
    #[must_use]
    pub fn others(&self, me: PartyId) -> BTreeSet<PartyId> {
        self.parties().into_iter().filter(|party| *party != me).collect()
    }

    /// Returns the sides of the meeting's parties, in order of their names.
    pub fn sides(self) -> impl Iterator<Item = (PartyId, &'a MeetingFacts)> {
        let parties = self.parties();
        self.sides.iter().filter(move |(party, _)| parties.contains(party))
    }

    /// Returns the resolutions proposed, in the order of their instants.
    #[must_use]
    pub fn resolutions(&self) -> Vec<Resolution<'a>> {
        let of = |(proposer, facts): (PartyId, &'a MeetingFacts)| {
            facts.proposed.values().map(move |(proposed, said)| Resolution { proposer, proposed, said })
        };
        let mut all: Vec<_> = self.sides().flat_map(of).collect();
        all.sort_by_key(|resolution| (resolution.said.at, resolution.proposed.resolution));
        all
    }

    /// Finds a resolution. Should two parties have used one id, it is that of the first in order of their names;
    /// signatures name the text, so nobody has signed what they did not read.
    #[must_use]
    pub fn resolution(&self, id: ResolutionId) -> Option<Resolution<'a>> {
        self.sides().find_map(|(proposer, facts)| {
            facts.proposed.get(&id).map(|(proposed, said)| Resolution { proposer, proposed, said })
        })
    }

    /// Returns the parties that signed this text.
    #[must_use]
    pub fn signatures(&self, resolution: &Resolution<'_>) -> Vec<(PartyId, &'a Said)> {
        let digest = resolution.digest(self);
        let signed = |(party, facts): (PartyId, &'a MeetingFacts)| {
            let (signed, said) = facts.signed.get(&resolution.proposed.resolution)?;
            (signed.digest == digest).then_some((party, said))
        };
        self.sides().filter_map(signed).collect()
    }

    /// Tells whether a resolution is adopted: every party of the meeting signed this text.
    #[must_use]
    pub fn is_adopted(&self, resolution: &Resolution<'_>) -> bool {
        self.signatures(resolution).len() == self.parties().len()
    }

    /// Returns what the owner of an action said when it closed it.
    #[must_use]
    pub fn closed(&self, resolution: &Resolution<'_>, no: LineNo) -> Option<&'a (ActionClosed, Said)> {
        let owner = resolution.action(no)?.owner;
        self.sides.of(owner)?.closed.get(&(resolution.proposed.resolution, no))
    }

    /// Returns what the leading group decided, as its convener recorded it.
    pub fn decisions(self) -> impl Iterator<Item = &'a (EscalationDecided, Said)> {
        self.sides.of(self.convener).into_iter().flat_map(|facts| facts.decided.values())
    }
}

impl<'a> Resolution<'a> {
    /// Returns an action by its number.
    #[must_use]
    pub fn action(&self, no: LineNo) -> Option<&'a super::Action> {
        self.proposed.actions.get(usize::from(no).checked_sub(1)?)
    }

    /// Returns the digest that a party signs: over the meeting with all its parties, who proposed, the text and the
    /// actions.
    #[must_use]
    pub fn digest(&self, meeting: &Meeting<'_>) -> [u8; 32] {
        let ResolutionProposed { resolution, text, actions, .. } = self.proposed;
        let signed =
            (meeting.convened.meeting, meeting.convener, meeting.parties(), resolution, self.proposer, text, actions);
        // Writing to a growing vector does not fail; were it to, no signature over nothing would ever count as equal.
        let bytes = postcard::to_stdvec(&signed).unwrap_or_default();
        blake3::derive_key("tongcha 2026-11 resolution v1", &bytes)
    }
}

impl Sides<MeetingFacts> {
    /// Returns the meeting of a party: the one it convened, or one that it was invited to.
    #[must_use]
    pub fn meeting(&self, me: PartyId) -> Option<Meeting<'_>> {
        let convened_by = |convener| {
            let (convened, said) = self.of(convener)?.convened.as_ref()?;
            Some(Meeting { convener, convened, said, sides: self })
        };
        convened_by(me).or_else(|| {
            self.iter().filter_map(|(party, _)| convened_by(party)).find(|meeting| meeting.convened.to.contains(&me))
        })
    }
}

/// One party's side of a topic.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopicFacts {
    /// Tabled here.
    pub tabled: Option<(TopicTabled, Said)>,
    /// Concluded here.
    pub concluded: Option<(TopicConcluded, Said)>,
}

impl Facts for TopicFacts {
    type Id = TopicId;
    const TABLE: Table = Table::Topic;
}

impl TopicFacts {
    pub(crate) fn tabled(&mut self, event: &TopicTabled, said: Said) {
        self.tabled.get_or_insert_with(|| (event.clone(), said));
    }
    pub(crate) fn concluded(&mut self, event: &TopicConcluded, said: Said) {
        self.concluded.get_or_insert_with(|| (event.clone(), said));
    }
}

impl Sides<TopicFacts> {
    /// Returns who tabled the topic, and its side.
    #[must_use]
    pub fn tabled(&self, me: PartyId) -> Option<(PartyId, &TopicFacts)> {
        let own = self.of(me).filter(|facts| facts.tabled.is_some()).map(|facts| (me, facts));
        own.or_else(|| {
            let told = |facts: &TopicFacts| facts.tabled.as_ref().is_some_and(|(topic, _)| topic.others.contains(&me));
            self.iter().find(|(_, facts)| told(facts))
        })
    }
}

/// What a decision must know of a meeting.
pub(super) type State = Sides<MeetingFacts>;

/// Loads what the parties said about a meeting.
pub(super) fn load(rows: &crate::view::Rows<'_>, meeting: MeetingId) -> Result<State, ViewError> {
    rows.sides(&meeting)
}
