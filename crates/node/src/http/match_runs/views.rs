//! What is shown of matching runs, and to whom.

use serde::Serialize;
use tongcha_domain::event::EventKind;
use tongcha_domain::id::{CandidateId, LineNo, MatchRunId, OfficerId, PartyId};
use tongcha_domain::officer::{Actor, Role};
use tongcha_domain::overlap::{
    Assessment, CandidateFacts, CandidateState, DismissalReason, FailureReason, MatchBasis, MatchMethod, MatchRunFacts,
    OwnRecord, RunCase,
};
use tongcha_domain::text::{Note, Short};
use tongcha_domain::time::{Date, Period};
use tongcha_domain::view::{Rows, Sides, ViewError};
use utoipa::ToSchema;

use crate::http::paging::{Key, Page, Paging};
use crate::http::wire::{Iso, Step, said, steps};
use crate::node::Witnesses;

/// How far a run has come on this side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum MatchRunState {
    /// Proposed; an authorisation is missing.
    Proposed,
    /// Authorised by both data-protection officers.
    Authorised,
    /// Begun; it is spent.
    Begun,
    /// Complete.
    Executed,
    /// Came to no result.
    Failed,
}

/// A run: sizes and counts, no person.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct MatchRunSummary {
    id: MatchRunId,
    proposer: PartyId,
    /// The other party of the run.
    other: PartyId,
    #[schema(value_type = String, example = "2026-06")]
    period: Period,
    method: MatchMethod,
    /// Most elements of either set.
    elements_max: u32,
    state: MatchRunState,
    proposed_at: Iso,
    /// Parties whose data-protection officer authorised it.
    authorised: Vec<PartyId>,
    /// Elements in the own set, once begun.
    own_elements: Option<u32>,
    /// Elements in the other's set, once complete.
    peer_elements: Option<u32>,
    /// Own persons in the overlap, once complete.
    overlap: Option<u32>,
    failure: Option<FailureReason>,
}

/// A run with the candidates that the caller may see.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct MatchRun {
    #[serde(flatten)]
    summary: MatchRunSummary,
    purpose: Short,
    basis: MatchBasis,
    /// The one reviewer of this side.
    reviewer: Option<OfficerId>,
    /// How many candidates of this side stand where.
    outcomes: Outcomes,
    /// Candidates of this side, as far as the caller may see them.
    candidates: Vec<Candidate>,
    steps: Vec<Step>,
}

/// How many candidates stand where.
#[derive(Clone, Copy, Debug, Default, Serialize, ToSchema)]
struct Outcomes {
    /// Not at an end: to be looked at, assessed, heard or told.
    open: u32,
    /// Dismissed, sealed or not.
    dismissed: u32,
    /// Both benefits may be received.
    lawful: u32,
    /// Decided after a hearing.
    clarified: u32,
}

/// A candidate of the own side.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct Candidate {
    no: LineNo,
    state: CandidateState,
    /// The own record; none once sealed.
    record: Option<OwnRecord>,
    dismissal: Option<DismissalReason>,
    dismissal_note: Option<Note>,
    assessment: Option<Assessment>,
    assessment_note: Option<Note>,
    #[schema(value_type = Option<String>, format = Date)]
    hearing_on: Option<Date>,
    hearing_note: Option<Note>,
    statement: Option<Note>,
    decision: Option<Note>,
    steps: Vec<Step>,
}

fn summary(id: MatchRunId, case: &RunCase<'_>) -> MatchRunSummary {
    let own = |field: fn(&MatchRunFacts) -> bool| case.own.is_some_and(field);
    let state = if own(|facts| facts.failed.is_some()) {
        MatchRunState::Failed
    } else if own(|facts| facts.executed.is_some()) {
        MatchRunState::Executed
    } else if own(|facts| facts.begun.is_some()) {
        MatchRunState::Begun
    } else if case.is_authorised() {
        MatchRunState::Authorised
    } else {
        MatchRunState::Proposed
    };
    let executed = case.own.and_then(|facts| facts.executed.as_ref()).map(|(executed, _)| executed);
    let authorised = [case.proposer, if case.proposer == case.me { case.other } else { case.me }];
    MatchRunSummary {
        id,
        proposer: case.proposer,
        other: case.other,
        period: case.proposed.period,
        method: case.proposed.method,
        elements_max: case.proposed.elements_max,
        state,
        proposed_at: Iso(case.said.at),
        authorised: authorised.into_iter().filter(|party| case.authorised_by(*party).is_some()).collect(),
        own_elements: case.own.and_then(|facts| facts.begun.as_ref()).map(|(begun, _)| begun.elements),
        peer_elements: executed.map(|executed| executed.peer_elements),
        overlap: executed.map(|executed| executed.overlap),
        failure: case.own.and_then(|facts| facts.failed.as_ref()).map(|(failed, _)| failed.reason),
    }
}

/// Tells whether a caller may see a candidate: one reviewer sees all of the own side, who hears people the confirmed.
fn may_see(actor: &Actor, reviewer: Option<&OfficerId>, facts: &CandidateFacts) -> bool {
    match actor.role {
        Role::Reviewer => reviewer == Some(&actor.officer),
        Role::Caseworker | Role::District => facts.is_confirmed(),
        Role::Liaison
        | Role::SocialWorker
        | Role::GridMember
        | Role::Duty
        | Role::Bank
        | Role::Finance
        | Role::Secretariat
        | Role::Auditor
        | Role::DataProtection
        | Role::DataSubject
        | Role::Administrator
        | Role::Node => false,
    }
}

fn candidate(
    no: LineNo,
    me: PartyId,
    state: CandidateState,
    facts: &CandidateFacts,
    witnesses: &Witnesses,
) -> Candidate {
    let taken = [
        (EventKind::CandidateFound, me, facts.found.as_ref()),
        (EventKind::OverlapConfirmed, me, facts.confirmed.as_ref()),
        (EventKind::OverlapDismissed, me, said(facts.dismissed.as_ref())),
        (EventKind::OverlapAssessed, me, said(facts.assessed.as_ref())),
        (EventKind::HearingInvited, me, said(facts.invited.as_ref())),
        (EventKind::StatementRecorded, me, said(facts.heard.as_ref())),
        (EventKind::OwnDecisionNotified, me, said(facts.decided.as_ref())),
        (EventKind::CandidateSealed, me, facts.sealed.as_ref()),
    ];
    Candidate {
        no,
        state,
        record: facts.record.clone(),
        dismissal: facts.dismissed.as_ref().map(|(reason, _)| *reason),
        dismissal_note: facts.dismissal_note.clone(),
        assessment: facts.assessed.as_ref().map(|(event, _)| event.assessment),
        assessment_note: facts.assessed.as_ref().map(|(event, _)| event.note.clone()),
        hearing_on: facts.invited.as_ref().map(|(event, _)| event.on),
        hearing_note: facts.invited.as_ref().map(|(event, _)| event.note.clone()),
        statement: facts.heard.as_ref().map(|(event, _)| event.statement.clone()),
        decision: facts.decided.as_ref().map(|(event, _)| event.decision.clone()),
        steps: steps(witnesses, taken),
    }
}

/// Lists the runs that concern this party, the newest first.
pub(super) fn list(rows: &Rows<'_>, me: PartyId, paging: &Paging) -> Result<Page<MatchRunSummary>, ViewError> {
    let all = rows.all::<MatchRunFacts>()?;
    let known = all.iter().filter_map(|(id, sides)| {
        let summary = summary(*id, &sides.concerning(me)?);
        Some((Key::newest_first(Some(summary.proposed_at.0)).id(id.0), summary))
    });
    Ok(paging.cut(known))
}

/// Finds a run that concerns this party, with what this officer may see of it.
pub(super) fn find(
    rows: &Rows<'_>,
    me: PartyId,
    id: MatchRunId,
    actor: &Actor,
    witnesses: &Witnesses,
) -> Result<Option<MatchRun>, ViewError> {
    let sides: Sides<MatchRunFacts> = rows.sides(&id)?;
    let Some(case) = sides.concerning(me) else { return Ok(None) };
    let review = case.own.and_then(|facts| facts.review.as_ref());
    let reviewer = said(review).map(|said| said.by.clone());
    let (mut outcomes, mut candidates) = (Outcomes::default(), Vec::new());
    // An unfinished run has no candidates yet, whatever is in the log already.
    let found = case.own.filter(|facts| facts.executed.is_some()).map_or(0, |facts| facts.candidates);
    for no in 1..=found {
        let facts: CandidateFacts = rows.side(&CandidateId { run: id, no }, me)?.unwrap_or_default();
        let Some(state) = facts.state() else { continue };
        match state {
            CandidateState::Dismissed | CandidateState::Sealed => outcomes.dismissed += 1,
            CandidateState::Lawful => outcomes.lawful += 1,
            CandidateState::Clarified => outcomes.clarified += 1,
            CandidateState::Unconfirmed
            | CandidateState::Confirmed
            | CandidateState::ToClarify
            | CandidateState::Invited
            | CandidateState::Heard => outcomes.open += 1,
        }
        if may_see(actor, reviewer.as_ref(), &facts) {
            candidates.push(candidate(no, me, state, &facts, witnesses));
        }
    }
    let both = [(case.me, case.own), (case.other, case.peer)].into_iter();
    let both = both.filter_map(|(party, facts)| facts.map(|facts| (party, facts)));
    let taken = both.flat_map(|(party, facts)| {
        [
            (EventKind::MatchRunProposed, party, said(facts.proposed.as_ref())),
            (EventKind::MatchRunAuthorised, party, said(facts.authorised.as_ref())),
            (EventKind::MatchRunBegun, party, said(facts.begun.as_ref())),
            (EventKind::MatchRunExecuted, party, said(facts.executed.as_ref())),
            (EventKind::MatchRunFailed, party, said(facts.failed.as_ref())),
            (EventKind::MatchReviewTaken, party, said(facts.review.as_ref())),
        ]
    });
    Ok(Some(MatchRun {
        summary: summary(id, &case),
        purpose: case.proposed.purpose.clone(),
        basis: case.proposed.basis.clone(),
        reviewer,
        outcomes,
        candidates,
        steps: steps(witnesses, taken),
    }))
}
