//! What is shown of urgent notices.

use serde::Serialize;
use tongcha_domain::event::EventKind;
use tongcha_domain::id::{OfficerId, PartyId, UrgentId};
use tongcha_domain::refusal::{Refusal, RefusalCode};
use tongcha_domain::text::{Note, Short};
use tongcha_domain::time::Instant;
use tongcha_domain::urgent::clocks::justification_due;
use tongcha_domain::urgent::{Emergency, EscalationStep, Sealing, UrgentCase, UrgentFacts, UrgentRelayedByPhone};
use tongcha_domain::view::{Rows, Said, Sides, ViewError};
use utoipa::ToSchema;

use crate::http::paging::{Key, Page, Paging};
use crate::http::wire::{Deadline, Iso, Step, at, said, steps};
use crate::http::worded::{Stated, code};
use crate::node::Witnesses;

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
    /// When the justification is due; none before the closure.
    justification_due: Option<Deadline>,
    /// When the sender's service said that the justification is late.
    justification_overdue_at: Option<Iso>,
    /// Whether the justification was accepted; none before the review.
    justification_accepted: Option<bool>,
    /// How far it went up where nobody acknowledged in time.
    escalations: Vec<Escalation>,
    /// Parties that took the case over and reported nothing in time.
    action_overdue: Vec<PartyId>,
    /// When the person concerned was told.
    subject_informed_at: Option<Iso>,
}

impl Stated for UrgentSummary {
    const CASE: &'static str = "Urgent";

    fn state(&self) -> String {
        code(&self.state)
    }
}

impl Stated for Urgent {
    const CASE: &'static str = "Urgent";

    fn state(&self) -> String {
        self.summary.state()
    }
}

/// A step up at an addressee.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct Escalation {
    /// The addressee.
    party: PartyId,
    /// Whom it went to.
    step: EscalationStep,
    /// When.
    at: Iso,
}

/// A call that told an addressee.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct Relay {
    /// The addressee.
    party: PartyId,
    /// When it was told.
    at: Iso,
    /// The desk spoken with.
    spoken_with_desk: Short,
    /// When the sender recorded it.
    recorded_at: Iso,
}

/// When a notice reached an addressee's service, beside when it was raised: a gap in the network shows here.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct Arrival {
    /// The addressee.
    party: PartyId,
    /// By the addressee's clock.
    received_at: Iso,
}

/// Why the payload is not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum SealedBecause {
    /// It was closed, and the 24 hours after that are over.
    Closed,
    /// The justification was rejected.
    Rejected,
}

/// An urgent notice in full.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Urgent {
    #[serde(flatten)]
    summary: UrgentSummary,
    /// Why the payload is not shown: emergency, vital interest, what was done in words, outcome. None when it is.
    sealed: Option<SealedBecause>,
    /// None when it is sealed.
    emergency: Option<Emergency>,
    /// The vital interest it rests on; none when it is sealed.
    vital_interest: Option<Note>,
    /// When it happened, if it was noted offline before it was raised here.
    happened_at: Option<Iso>,
    /// When each addressee's service had it.
    arrivals: Vec<Arrival>,
    /// Addressees that the sender told by phone.
    relayed_by_phone: Vec<Relay>,
    /// What the parties did, in the order of their instants.
    actions: Vec<ActionDone>,
    /// How it ended; none when it is sealed.
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
    /// Findings; none when the notice is sealed.
    action: Option<Note>,
}

fn summary(id: UrgentId, case: &UrgentCase<'_>, justification_due: Option<Deadline>) -> UrgentSummary {
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
        justification_due,
        justification_overdue_at: at(sender.justification_overdue.as_ref()),
        justification_accepted: sender.reviewed.as_ref().map(|(reviewed, _)| reviewed.accepted),
        escalations: escalations(case),
        action_overdue: those(|facts| facts.action_overdue.is_some()),
        subject_informed_at: sender.informed.as_ref().map(|said| Iso(said.at)),
    }
}

fn escalations(case: &UrgentCase<'_>) -> Vec<Escalation> {
    let steps = parties(case).flat_map(|(party, facts)| {
        facts.escalated.iter().map(move |(step, said)| Escalation { party, step: *step, at: Iso(said.at) })
    });
    let mut steps: Vec<_> = steps.collect();
    steps.sort_by_key(|step| step.at);
    steps
}

/// The sides of the notice's parties: what another party may have said about the id is not about this notice.
fn parties<'a>(case: &'a UrgentCase<'_>) -> impl Iterator<Item = (PartyId, &'a UrgentFacts)> {
    let addressees = case.raised.to.iter().filter_map(|party| Some((*party, case.addressee(*party)?)));
    std::iter::once((case.from, case.sender)).chain(addressees)
}

fn full(
    id: UrgentId,
    case: &UrgentCase<'_>,
    due: Option<Deadline>,
    sealed: Option<Sealing>,
    witnesses: &Witnesses,
) -> Urgent {
    let (sender, raised, open) = (case.sender, case.raised, sealed.is_none());
    let arrival = |party: &PartyId| {
        let received_at = at(case.addressee(*party)?.delivered.as_ref())?;
        Some(Arrival { party: *party, received_at })
    };
    let relay = |(party, (relay, said)): (&PartyId, &(UrgentRelayedByPhone, Said))| Relay {
        party: *party,
        at: Iso(relay.at),
        spoken_with_desk: relay.spoken_with_desk.clone(),
        recorded_at: Iso(said.at),
    };
    let outcome = sender.closed.as_ref().map(|(closed, _)| closed.outcome.clone());
    Urgent {
        summary: summary(id, case, due),
        sealed: sealed.map(|sealing| match sealing {
            Sealing::Closed => SealedBecause::Closed,
            Sealing::Rejected => SealedBecause::Rejected,
        }),
        emergency: open.then(|| raised.emergency.clone()),
        vital_interest: open.then(|| raised.vital_interest.clone()),
        happened_at: raised.happened_at.map(Iso),
        arrivals: raised.to.iter().filter_map(arrival).collect(),
        relayed_by_phone: sender.relayed.iter().filter(|(party, _)| raised.to.contains(party)).map(relay).collect(),
        actions: actions(case, open),
        outcome: outcome.filter(|_| open),
        justification: sender.justified.as_ref().map(|(justified, _)| justified.text.clone()),
        review: sender.reviewed.as_ref().map(|(reviewed, _)| reviewed.note.clone()),
        steps: steps(witnesses, parties(case).flat_map(|(party, facts)| taken(party, facts))),
    }
}

fn actions(case: &UrgentCase<'_>, open: bool) -> Vec<ActionDone> {
    let done = parties(case).flat_map(|(party, facts)| facts.actions.iter().map(move |action| (party, action)));
    let mut actions: Vec<_> = done
        .map(|(party, (event, said))| ActionDone {
            party,
            by: said.by.clone(),
            at: Iso(said.at),
            family_contacted: event.family_contacted,
            action: open.then(|| event.action.clone()),
        })
        .collect();
    actions.sort_by_key(|action| action.at);
    actions
}

fn taken(party: PartyId, facts: &UrgentFacts) -> Vec<(EventKind, PartyId, Option<&Said>)> {
    let mut taken = vec![
        (EventKind::UrgentRaised, party, said(facts.raised.as_ref())),
        (EventKind::UrgentDelivered, party, said(facts.delivered.as_ref())),
        (EventKind::UrgentAcked, party, facts.acked.as_ref()),
        (EventKind::UrgentTakenOver, party, facts.taken_over.as_ref()),
        (EventKind::UrgentActionOverdue, party, facts.action_overdue.as_ref()),
        (EventKind::UrgentClosed, party, said(facts.closed.as_ref())),
        (EventKind::JustificationFiled, party, said(facts.justified.as_ref())),
        (EventKind::JustificationOverdue, party, said(facts.justification_overdue.as_ref())),
        (EventKind::JustificationReviewed, party, said(facts.reviewed.as_ref())),
        (EventKind::SubjectInformed, party, facts.informed.as_ref()),
    ];
    taken.extend(facts.escalated.values().map(|said| (EventKind::UrgentEscalated, party, Some(said))));
    taken.extend(facts.relayed.values().map(|(_, said)| (EventKind::UrgentRelayedByPhone, party, Some(said))));
    taken
}

fn due(rows: &Rows<'_>, case: &UrgentCase<'_>) -> Result<Option<Deadline>, ViewError> {
    Ok(justification_due(rows, case)?.map(Deadline))
}

/// Lists the urgent notices that concern this party, the newest first.
pub(super) fn list(rows: &Rows<'_>, me: PartyId, paging: &Paging) -> Result<Page<UrgentSummary>, ViewError> {
    let mut known = Vec::new();
    for (id, sides) in rows.all::<UrgentFacts>()? {
        let Some(raised) = sides.concerning(me).map(|case| said(case.sender.raised.as_ref()).map(|said| said.at))
        else {
            continue;
        };
        known.push((Key::newest_first(raised).id(id.0), (id, sides)));
    }
    paging.cut(known).show(|(id, sides)| {
        let Some(case) = sides.concerning(me) else { return Ok(None) };
        Ok(Some(summary(id, &case, due(rows, &case)?)))
    })
}

/// Finds an urgent notice that concerns this party, without its payload when that is sealed.
pub(super) fn find(
    rows: &Rows<'_>,
    me: PartyId,
    id: UrgentId,
    now: Instant,
    witnesses: &Witnesses,
) -> Result<Option<Urgent>, ViewError> {
    let sides: Sides<UrgentFacts> = rows.sides(&id)?;
    let Some(case) = sides.concerning(me) else { return Ok(None) };
    Ok(Some(full(id, &case, due(rows, &case)?, case.sealed(me, now), witnesses)))
}

/// Finds an urgent notice that is sealed here, with its payload.
pub(super) fn find_sealed(
    rows: &Rows<'_>,
    me: PartyId,
    id: UrgentId,
    now: Instant,
    witnesses: &Witnesses,
) -> Result<Result<Urgent, Refusal>, ViewError> {
    let sides: Sides<UrgentFacts> = rows.sides(&id)?;
    let Some(case) = sides.concerning(me) else { return Ok(Err(Refusal::new(RefusalCode::NotFound))) };
    if case.sealed(me, now).is_none() {
        return Ok(Err(Refusal::new(RefusalCode::WrongState)));
    }
    Ok(Ok(full(id, &case, due(rows, &case)?, None, witnesses)))
}
