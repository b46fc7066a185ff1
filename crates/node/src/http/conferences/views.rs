//! What is shown of conferences, and to whom.

use std::collections::BTreeMap;

use serde::Serialize;
use tongcha_domain::case::CaseRef;
use tongcha_domain::conference::{Basis, Conference, ConferenceFacts};
use tongcha_domain::id::{ConferenceId, LineNo, OfficerId, PartyId};
use tongcha_domain::officer::{Actor, Role};
use tongcha_domain::text::{Note, Short};
use tongcha_domain::time::Date;
use tongcha_domain::view::{Rows, Sides, ViewError};
use utoipa::ToSchema;

use crate::http::paging::{Key, Page, Paging};
use crate::http::wire::{Iso, at};

/// How far a conference has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ConferenceState {
    /// The own party has not named who needs to know.
    ToName,
    /// Opinions are being given.
    Open,
    /// Concluded.
    Concluded,
}

/// A conference without the case.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct ConferenceSummary {
    id: ConferenceId,
    /// The nominating party.
    from: PartyId,
    /// Its parties.
    parties: Vec<PartyId>,
    nominated_at: Iso,
    state: ConferenceState,
}

/// A conference, for those who need to know.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct ConferenceView {
    #[serde(flatten)]
    head: ConferenceSummary,
    /// The case, by reference.
    case: CaseRef,
    /// The least one must know.
    summary: Note,
    /// Why the person may be spoken of.
    basis: Basis,
    /// Who needs to know, as each party named its officers.
    #[schema(value_type = BTreeMap<String, Vec<OfficerId>>)]
    participants: BTreeMap<PartyId, Vec<OfficerId>>,
    /// The opinions in the order of their instants.
    opinions: Vec<OpinionView>,
    /// What was decided.
    decision: Option<Note>,
    /// The party in charge.
    owner: Option<PartyId>,
    /// How it goes on.
    follow_up: Option<Note>,
    concluded_at: Option<Iso>,
    follow_ups: Vec<FollowUpView>,
}

/// An opinion.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct OpinionView {
    party: PartyId,
    by: OfficerId,
    role: Role,
    at: Iso,
    opinion: Note,
}

/// A follow-up.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct FollowUpView {
    /// Its number.
    #[schema(value_type = u16)]
    no: LineNo,
    what: Short,
    /// The party that does it.
    owner: PartyId,
    #[schema(value_type = Option<String>, format = "date")]
    due: Option<Date>,
    closed_at: Option<Iso>,
    /// What came of it.
    outcome: Option<Note>,
}

fn summary(conference: &Conference<'_>, me: PartyId) -> ConferenceSummary {
    let state = match (conference.participants(me), conference.is_concluded()) {
        (None, _) => ConferenceState::ToName,
        (Some(_), false) => ConferenceState::Open,
        (Some(_), true) => ConferenceState::Concluded,
    };
    ConferenceSummary {
        id: conference.nomination.conference,
        from: conference.from,
        parties: conference.parties().into_iter().collect(),
        nominated_at: Iso(conference.said.at),
        state,
    }
}

fn opinions(conference: &Conference<'_>) -> Vec<OpinionView> {
    let mut opinions = Vec::new();
    for (party, facts) in conference.sides() {
        opinions.extend(facts.opinions.iter().map(|(given, said)| OpinionView {
            party,
            by: said.by.clone(),
            role: said.role,
            at: Iso(said.at),
            opinion: given.opinion.clone(),
        }));
    }
    opinions.sort_by_key(|opinion| opinion.at);
    opinions
}

fn follow_ups(conference: &Conference<'_>) -> Vec<FollowUpView> {
    let assigned = conference.nominator.assigned.values();
    let view = assigned.map(|(assigned, _)| {
        let closed = conference.closed(assigned);
        FollowUpView {
            no: assigned.no,
            what: assigned.what.clone(),
            owner: assigned.owner,
            due: assigned.due,
            closed_at: at(closed),
            outcome: closed.map(|(closed, _)| closed.outcome.clone()),
        }
    });
    view.collect()
}

fn full(conference: &Conference<'_>, me: PartyId) -> ConferenceView {
    let concluded = conference.nominator.concluded.as_ref();
    let named = |party: PartyId| Some((party, conference.participants(party)?.iter().cloned().collect()));
    ConferenceView {
        head: summary(conference, me),
        case: conference.nomination.case,
        summary: conference.nomination.summary.clone(),
        basis: conference.nomination.basis.clone(),
        participants: conference.parties().into_iter().filter_map(named).collect(),
        opinions: opinions(conference),
        decision: concluded.map(|(concluded, _)| concluded.decision.clone()),
        owner: concluded.map(|(concluded, _)| concluded.owner),
        follow_up: concluded.map(|(concluded, _)| concluded.follow_up.clone()),
        concluded_at: at(concluded),
        follow_ups: follow_ups(conference),
    }
}

/// Lists the conferences that an officer may know of, the newest first.
pub(super) fn list(
    rows: &Rows<'_>,
    me: PartyId,
    actor: &Actor,
    paging: &Paging,
) -> Result<Page<ConferenceSummary>, ViewError> {
    let all = rows.all::<ConferenceFacts>()?;
    let may_know = |conference: &Conference<'_>| match conference.participants(me) {
        Some(officers) => officers.contains(&actor.officer),
        None => actor.role == Role::Liaison,
    };
    let found = all.iter().filter_map(|(_, sides)| sides.conference(me).filter(may_know));
    let known = found.map(|conference| {
        let summary = summary(&conference, me);
        (Key::newest_first(Some(summary.nominated_at.0)).id(summary.id.0), summary)
    });
    Ok(paging.cut(known))
}

/// Finds a conference that is open to an officer.
pub(super) fn find(
    rows: &Rows<'_>,
    me: PartyId,
    actor: &Actor,
    id: ConferenceId,
) -> Result<Option<ConferenceView>, ViewError> {
    let sides: Sides<ConferenceFacts> = rows.sides(&id)?;
    let found = sides.conference(me).filter(|conference| conference.is_open_to(me, &actor.officer));
    Ok(found.map(|conference| full(&conference, me)))
}
