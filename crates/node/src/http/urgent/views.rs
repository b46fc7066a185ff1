//! What is shown of urgent notices.

use serde::Serialize;
use tongcha_domain::event::EventKind;
use tongcha_domain::id::{OfficerId, PartyId, UrgentId};
use tongcha_domain::text::Note;
use tongcha_domain::urgent::{Emergency, UrgentCase, UrgentFacts};
use tongcha_domain::view::{Rows, Sides, ViewError};
use utoipa::ToSchema;

use crate::http::api::LIST_MAX;
use crate::http::wire::{Iso, Step, at, said, steps};

/// How far an urgent notice has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum UrgentState {
    /// Raised; nobody has acknowledged it.
    Raised,
    /// An addressee acknowledged it.
    Acknowledged,
    /// An addressee took the case over.
    TakenOver,
    /// Closed by the sender; the justification is due.
    Closed,
    /// Justified; the review is due.
    Justified,
    /// Reviewed.
    Reviewed,
}

/// An urgent notice without the person.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct UrgentSummary {
    id: UrgentId,
    /// The sender.
    from: PartyId,
    /// The addressees.
    to: Vec<PartyId>,
    state: UrgentState,
    raised_at: Option<Iso>,
    /// Addressees whose service has it.
    delivered: Vec<PartyId>,
    /// Addressees whose duty officer has read it.
    acknowledged: Vec<PartyId>,
    /// Addressees that took the case over.
    taken_over: Vec<PartyId>,
    closed_at: Option<Iso>,
    /// Whether the justification was accepted; none before the review.
    justification_accepted: Option<bool>,
}

/// An urgent notice in full.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Urgent {
    #[serde(flatten)]
    summary: UrgentSummary,
    emergency: Emergency,
    /// The vital interest it rests on.
    vital_interest: Note,
    /// What the parties did, in the order of their instants.
    actions: Vec<ActionDone>,
    /// How it ended.
    outcome: Option<Note>,
    /// The sender's justification.
    justification: Option<Note>,
    /// What the data-protection officer said of it.
    review: Option<Note>,
    /// What happened to the notice as a whole.
    steps: Vec<Step>,
}

/// Something a party did.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct ActionDone {
    /// Who.
    party: PartyId,
    /// The officer.
    by: OfficerId,
    /// When.
    at: Iso,
    /// Whether the family was reached.
    family_contacted: bool,
    /// Findings.
    action: Note,
}

fn summary(id: UrgentId, case: &UrgentCase<'_>) -> UrgentSummary {
    let those = |done: fn(&UrgentFacts) -> bool| -> Vec<PartyId> {
        case.raised.to.iter().copied().filter(|party| case.addressee(*party).is_some_and(done)).collect()
    };
    let (acknowledged, taken_over) = (those(|facts| facts.acked.is_some()), those(|facts| facts.taken_over.is_some()));
    let sender = case.sender;
    let state = match (&sender.reviewed, &sender.justified, &sender.closed) {
        (Some(_), _, _) => UrgentState::Reviewed,
        (None, Some(_), _) => UrgentState::Justified,
        (None, None, Some(_)) => UrgentState::Closed,
        (None, None, None) if !taken_over.is_empty() => UrgentState::TakenOver,
        (None, None, None) if !acknowledged.is_empty() => UrgentState::Acknowledged,
        (None, None, None) => UrgentState::Raised,
    };
    UrgentSummary {
        id,
        from: case.from,
        to: case.raised.to.iter().copied().collect(),
        state,
        raised_at: at(sender.raised.as_ref()),
        delivered: those(|facts| facts.delivered.is_some()),
        acknowledged,
        taken_over,
        closed_at: at(sender.closed.as_ref()),
        justification_accepted: sender.reviewed.as_ref().map(|(reviewed, _)| reviewed.accepted),
    }
}

/// The sides of the notice's parties: what another party may have said about the id is not about this notice.
fn parties<'a>(case: &'a UrgentCase<'_>) -> impl Iterator<Item = (PartyId, &'a UrgentFacts)> {
    let addressees = case.raised.to.iter().filter_map(|party| Some((*party, case.addressee(*party)?)));
    std::iter::once((case.from, case.sender)).chain(addressees)
}

fn full(id: UrgentId, case: &UrgentCase<'_>) -> Urgent {
    let sender = case.sender;
    let done = parties(case).flat_map(|(party, facts)| facts.actions.iter().map(move |action| (party, action)));
    let mut actions: Vec<_> = done
        .map(|(party, (event, said))| ActionDone {
            party,
            by: said.by.clone(),
            at: Iso(said.at),
            family_contacted: event.family_contacted,
            action: event.action.clone(),
        })
        .collect();
    actions.sort_by_key(|action| action.at);
    let taken = parties(case).flat_map(|(party, facts)| {
        [
            (EventKind::UrgentRaised, party, said(facts.raised.as_ref())),
            (EventKind::UrgentDelivered, party, said(facts.delivered.as_ref())),
            (EventKind::UrgentAcked, party, facts.acked.as_ref()),
            (EventKind::UrgentTakenOver, party, facts.taken_over.as_ref()),
            (EventKind::UrgentClosed, party, said(facts.closed.as_ref())),
            (EventKind::JustificationFiled, party, said(facts.justified.as_ref())),
            (EventKind::JustificationReviewed, party, said(facts.reviewed.as_ref())),
        ]
    });
    Urgent {
        summary: summary(id, case),
        emergency: case.raised.emergency.clone(),
        vital_interest: case.raised.vital_interest.clone(),
        actions,
        outcome: sender.closed.as_ref().map(|(closed, _)| closed.outcome.clone()),
        justification: sender.justified.as_ref().map(|(justified, _)| justified.text.clone()),
        review: sender.reviewed.as_ref().map(|(reviewed, _)| reviewed.note.clone()),
        steps: steps(taken),
    }
}

/// Lists the urgent notices that concern this party, the newest first.
pub(super) fn list(rows: &Rows<'_>, me: PartyId) -> Result<Vec<UrgentSummary>, ViewError> {
    let all = rows.all::<UrgentFacts>()?;
    let mut list: Vec<_> = all.iter().filter_map(|(id, sides)| Some(summary(*id, &sides.concerning(me)?))).collect();
    list.sort_by_key(|urgent| std::cmp::Reverse(urgent.raised_at));
    list.truncate(LIST_MAX);
    Ok(list)
}

/// Finds an urgent notice that concerns this party.
pub(super) fn find(rows: &Rows<'_>, me: PartyId, id: UrgentId) -> Result<Option<Urgent>, ViewError> {
    let sides: Sides<UrgentFacts> = rows.sides(&id)?;
    Ok(sides.concerning(me).map(|case| full(id, &case)))
}
