//! What one party's log says about a run and about a candidate, and what the two logs of a run together mean.
//!
//! The first word stands, except for the reviewer: the last who took a run has it. Nothing here judges a foreign log.

use serde::{Deserialize, Serialize};

use crate::event::Event;
use crate::id::{CandidateId, MatchRunId, PartyId};
use crate::overlap::events::{
    Assessment, CandidateFound, DismissalReason, HearingInvited, MatchReviewTaken, MatchRunAuthorised, MatchRunBegun,
    MatchRunExecuted, MatchRunFailed, MatchRunProposed, OverlapAssessed, OverlapDismissed, OwnDecisionNotified,
    OwnRecord, StatementRecorded,
};
use crate::text::Note;
use crate::view::{Facts, Overlay, Said, Sides, Table, ViewError};

/// One party's side of a run. Each field is set by the event it is named for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MatchRunFacts {
    /// Proposed here.
    pub proposed: Option<(MatchRunProposed, Said)>,
    /// Authorised here.
    pub authorised: Option<(MatchRunAuthorised, Said)>,
    /// Begun here.
    pub begun: Option<(MatchRunBegun, Said)>,
    /// Candidates found here.
    pub candidates: u16,
    /// Complete here.
    pub executed: Option<(MatchRunExecuted, Said)>,
    /// Failed here.
    pub failed: Option<(MatchRunFailed, Said)>,
    /// The reviewer here: the last who took it.
    pub review: Option<(MatchReviewTaken, Said)>,
}

impl Facts for MatchRunFacts {
    type Id = MatchRunId;
    const TABLE: Table = Table::MatchRun;
}

impl MatchRunFacts {
    pub(crate) fn proposed(&mut self, event: &MatchRunProposed, said: Said) {
        self.proposed.get_or_insert_with(|| (event.clone(), said));
    }
    pub(crate) fn authorised(&mut self, event: &MatchRunAuthorised, said: Said) {
        self.authorised.get_or_insert_with(|| (event.clone(), said));
    }
    pub(crate) fn begun(&mut self, event: &MatchRunBegun, said: Said) {
        self.begun.get_or_insert_with(|| (event.clone(), said));
    }
    pub(crate) fn candidate(&mut self) {
        self.candidates = self.candidates.saturating_add(1);
    }
    pub(crate) fn executed(&mut self, event: &MatchRunExecuted, said: Said) {
        self.executed.get_or_insert_with(|| (event.clone(), said));
    }
    pub(crate) fn failed(&mut self, event: &MatchRunFailed, said: Said) {
        self.failed.get_or_insert_with(|| (event.clone(), said));
    }
    pub(crate) fn review(&mut self, event: &MatchReviewTaken, said: Said) {
        self.review = Some((event.clone(), said));
    }

    /// Tells whether the run began here and neither ended nor failed.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.begun.is_some() && self.executed.is_none() && self.failed.is_none()
    }
}

/// A run as it concerns one party.
#[derive(Clone, Copy, Debug)]
pub struct RunCase<'a> {
    /// The party whose view it is.
    pub me: PartyId,
    /// The other party.
    pub other: PartyId,
    /// Who proposed it.
    pub proposer: PartyId,
    /// What was proposed.
    pub proposed: &'a MatchRunProposed,
    /// Who proposed it, and when.
    pub said: &'a Said,
    /// The party's side; none when it said nothing.
    pub own: Option<&'a MatchRunFacts>,
    /// The other's side.
    pub peer: Option<&'a MatchRunFacts>,
}

impl<'a> RunCase<'a> {
    /// Returns the authorisation that a party of the run gave to exactly this proposal.
    #[must_use]
    pub fn authorised_by(&self, party: PartyId) -> Option<&'a Said> {
        let (facts, other) = if party == self.me { (self.own, self.other) } else { (self.peer, self.me) };
        let (authorised, said) = facts?.authorised.as_ref()?;
        (authorised.proposer == self.proposer && authorised.other == other).then_some(said)
    }

    /// Tells whether the data-protection officers of both sides authorised the run.
    #[must_use]
    pub fn is_authorised(&self) -> bool {
        self.authorised_by(self.me).is_some() && self.authorised_by(self.other).is_some()
    }
}

impl Sides<MatchRunFacts> {
    /// Returns the run that concerns a party: the one it proposed, or one that was proposed to it. Should two parties
    /// have proposed one id, it is the one that the party authorised.
    #[must_use]
    pub fn concerning(&self, me: PartyId) -> Option<RunCase<'_>> {
        let own = self.of(me);
        let chosen = own.and_then(|facts| facts.authorised.as_ref()).map(|(authorised, _)| authorised.proposer);
        let proposal = |from: PartyId| self.of(from)?.proposed.as_ref().map(|(proposed, said)| (from, proposed, said));
        let theirs = || {
            let all = self.iter().filter(|(from, _)| chosen.is_none_or(|chosen| chosen == *from));
            all.filter_map(|(from, _)| proposal(from)).find(|(_, proposed, _)| proposed.with == me)
        };
        let (proposer, proposed, said) = proposal(me).or_else(theirs)?;
        let other = if proposer == me { proposed.with } else { proposer };
        Some(RunCase { me, other, proposer, proposed, said, own, peer: self.of(other) })
    }
}

/// How far a candidate has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CandidateState {
    /// Nobody has looked at it.
    Unconfirmed,
    /// The same person; the rules have not been looked at.
    Confirmed,
    /// No overlap. An end.
    Dismissed,
    /// Dismissed, and the data sealed. An end.
    Sealed,
    /// Both may be received. An end.
    Lawful,
    /// The person is to be asked.
    ToClarify,
    /// The person is invited.
    Invited,
    /// The person was heard.
    Heard,
    /// The person was told the decision. An end.
    Clarified,
}

/// What the own log says about a candidate.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CandidateFacts {
    /// The own record; gone when sealed.
    pub record: Option<OwnRecord>,
    /// Found.
    pub found: Option<Said>,
    /// Confirmed.
    pub confirmed: Option<Said>,
    /// Dismissed.
    pub dismissed: Option<(DismissalReason, Said)>,
    /// The words of the dismissal; gone when sealed.
    pub dismissal_note: Option<Note>,
    /// Assessed.
    pub assessed: Option<(OverlapAssessed, Said)>,
    /// Invited.
    pub invited: Option<(HearingInvited, Said)>,
    /// Heard.
    pub heard: Option<(StatementRecorded, Said)>,
    /// Decided and told.
    pub decided: Option<(OwnDecisionNotified, Said)>,
    /// Sealed.
    pub sealed: Option<Said>,
}

impl Facts for CandidateFacts {
    type Id = CandidateId;
    const TABLE: Table = Table::Overlap;
}

impl CandidateFacts {
    pub(crate) fn found(&mut self, event: &CandidateFound, said: Said) {
        if self.found.is_none() {
            (self.record, self.found) = (Some(event.record.clone()), Some(said));
        }
    }
    pub(crate) fn confirmed(&mut self, said: Said) {
        self.confirmed.get_or_insert(said);
    }
    pub(crate) fn dismissed(&mut self, event: &OverlapDismissed, said: Said) {
        if self.dismissed.is_none() {
            (self.dismissed, self.dismissal_note) = (Some((event.reason, said)), Some(event.note.clone()));
        }
    }
    pub(crate) fn assessed(&mut self, event: &OverlapAssessed, said: Said) {
        self.assessed.get_or_insert_with(|| (event.clone(), said));
    }
    pub(crate) fn invited(&mut self, event: &HearingInvited, said: Said) {
        self.invited.get_or_insert_with(|| (event.clone(), said));
    }
    pub(crate) fn heard(&mut self, event: &StatementRecorded, said: Said) {
        self.heard.get_or_insert_with(|| (event.clone(), said));
    }
    pub(crate) fn decided(&mut self, event: &OwnDecisionNotified, said: Said) {
        self.decided.get_or_insert_with(|| (event.clone(), said));
    }
    pub(crate) fn sealed(&mut self, said: Said) {
        (self.record, self.dismissal_note) = (None, None);
        self.sealed.get_or_insert(said);
    }

    /// Returns how far it has come; none when there is no such candidate.
    #[must_use]
    pub fn state(&self) -> Option<CandidateState> {
        self.found.as_ref()?;
        let assessed = self.assessed.as_ref().map(|(assessed, _)| assessed.assessment);
        Some(if self.sealed.is_some() {
            CandidateState::Sealed
        } else if self.dismissed.is_some() {
            CandidateState::Dismissed
        } else if self.decided.is_some() {
            CandidateState::Clarified
        } else if self.heard.is_some() {
            CandidateState::Heard
        } else if self.invited.is_some() {
            CandidateState::Invited
        } else {
            match (assessed, &self.confirmed) {
                (Some(Assessment::Lawful), _) => CandidateState::Lawful,
                (Some(Assessment::ToClarify), _) => CandidateState::ToClarify,
                (None, Some(_)) => CandidateState::Confirmed,
                (None, None) => CandidateState::Unconfirmed,
            }
        })
    }

    /// Tells whether the reviewer found that it is the same person: caseworkers see only such.
    #[must_use]
    pub fn is_confirmed(&self) -> bool {
        self.confirmed.is_some()
    }
}

/// Folds an event about a candidate; any other changes nothing.
pub(crate) fn project_candidate(
    rows: &mut Overlay<'_>,
    origin: PartyId,
    event: &Event,
    by: &Said,
) -> Result<(), ViewError> {
    let mut fold = |id: &CandidateId, change: &mut dyn FnMut(&mut CandidateFacts, Said)| {
        rows.fold::<CandidateFacts>(id, origin, |facts| change(facts, by.clone()))
    };
    if let Event::CandidateFound(e) = event {
        fold(&e.candidate, &mut |facts, by| facts.found(e, by))?;
        rows.fold::<MatchRunFacts>(&e.candidate.run, origin, MatchRunFacts::candidate)
    } else if let Event::OverlapConfirmed(e) = event {
        fold(&e.candidate, &mut CandidateFacts::confirmed)
    } else if let Event::OverlapDismissed(e) = event {
        fold(&e.candidate, &mut |facts, by| facts.dismissed(e, by))
    } else if let Event::OverlapAssessed(e) = event {
        fold(&e.candidate, &mut |facts, by| facts.assessed(e, by))
    } else if let Event::HearingInvited(e) = event {
        fold(&e.candidate, &mut |facts, by| facts.invited(e, by))
    } else if let Event::StatementRecorded(e) = event {
        fold(&e.candidate, &mut |facts, by| facts.heard(e, by))
    } else if let Event::OwnDecisionNotified(e) = event {
        fold(&e.candidate, &mut |facts, by| facts.decided(e, by))
    } else if let Event::CandidateSealed(e) = event {
        fold(&e.candidate, &mut CandidateFacts::sealed)
    } else {
        Ok(())
    }
}
