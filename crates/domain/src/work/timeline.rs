//! The case file: what happened to a case on both sides, in order of time. No personal data, no content.
//!
//! Made of the rows of history, so every repetition of a step is there: each clarification, each partial reply, each
//! correction. What a party says about a case it has no part in is not shown.

use std::collections::BTreeSet;

use crate::access::Sight;
use crate::case::CaseRef;
use crate::conference::ConferenceFacts;
use crate::consent::ConsentFacts;
use crate::erasure::{self, ErasureFacts};
use crate::event::EventKind;
use crate::id::PartyId;
use crate::meeting::MeetingFacts;
use crate::notice::BatchFacts;
use crate::officer::Actor;
use crate::time::Instant;
use crate::urgent::UrgentFacts;
use crate::verification::RequestFacts;
use crate::view::{Rows, Said, Sides, ViewError};
use crate::work::history::{Refused, Step, steps_of};

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happened {
    /// What.
    pub kind: EventKind,
    /// In whose log.
    pub party: PartyId,
    /// Who did it, in which role, when, and where it stands in that log.
    pub said: Said,
    /// Of a refusal, the rule and what it was judged by.
    pub refused: Option<Refused>,
}

/// Whose steps belong to a case.
struct Parties {
    /// All of them, this party too.
    all: BTreeSet<PartyId>,
    /// The one that opened it, where some steps are its alone; and which.
    opener: Option<(PartyId, &'static [EventKind])>,
}

impl Parties {
    fn of(all: impl IntoIterator<Item = PartyId>) -> Self {
        Self { all: all.into_iter().collect(), opener: None }
    }

    fn include(&self, party: PartyId, kind: EventKind) -> bool {
        let reserved = |(opener, kinds): &(PartyId, &[EventKind])| kinds.contains(&kind) && *opener != party;
        self.all.contains(&party) && !self.opener.as_ref().is_some_and(reserved)
    }
}

/// Steps of a meeting that only its convener takes.
const OF_CONVENER: &[EventKind] = &[EventKind::MeetingConvened, EventKind::EscalationDecided];

/// Steps of a conference that only its nominator takes.
const OF_NOMINATOR: &[EventKind] =
    &[EventKind::CaseNominated, EventKind::PartyInvited, EventKind::CaseConcluded, EventKind::FollowUpAssigned];

/// Returns whose steps belong to a case; none when the officer may not know of it.
fn parties(rows: &Rows<'_>, me: PartyId, actor: &Actor, case: CaseRef) -> Result<Option<Parties>, ViewError> {
    Ok(match case {
        CaseRef::Batch(id) => {
            let sides: Sides<BatchFacts> = rows.sides(&id)?;
            let other = sides.sent_by(me).map(|batch| batch.sent.to);
            let from = sides.received_by(me).map(|batch| batch.from);
            Some(Parties::of([me].into_iter().chain(other).chain(from)))
        }
        CaseRef::Urgent(id) => {
            let sides: Sides<UrgentFacts> = rows.sides(&id)?;
            sides.concerning(me).map(|notice| Parties::of(notice.others(me).into_iter().chain([me])))
        }
        CaseRef::Consent(id) => {
            let sides: Sides<ConsentFacts> = rows.sides(&id)?;
            let parties = sides.granted().map(|granted| granted.claims.parties()).unwrap_or_default();
            Some(Parties::of(parties.into_iter().chain([me])))
        }
        CaseRef::Verification(id) => {
            let sides: Sides<RequestFacts> = rows.sides(&id)?;
            let parties = sides.submitted().map(|(asker, request)| [asker, request.holder]);
            Some(Parties::of(parties.into_iter().flatten().chain([me])))
        }
        CaseRef::Meeting(id) => {
            let sides: Sides<MeetingFacts> = rows.sides(&id)?;
            let of = |meeting: crate::meeting::Meeting<'_>| Parties {
                all: meeting.parties(),
                opener: Some((meeting.convener, OF_CONVENER)),
            };
            sides.meeting(me).map(of)
        }
        CaseRef::Conference(id) => {
            let sides: Sides<ConferenceFacts> = rows.sides(&id)?;
            let found = sides.conference(me).filter(|found| found.is_open_to(me, &actor.officer));
            found.map(|found| Parties { all: found.parties(), opener: Some((found.from, OF_NOMINATOR)) })
        }
        CaseRef::Erasure(id) => {
            let sides: Sides<ErasureFacts> = rows.sides(&id)?;
            let shown = erasure::READERS.contains(&actor.role);
            let told: Vec<PartyId> = sides
                .requests()
                .flat_map(|request| [request.asker, request.asked.to])
                .chain(sides.iter().filter_map(|(party, _)| sides.ordered_by(party)).flat_map(|order| order.told()))
                .collect();
            shown.then(|| Parties::of(told.into_iter().chain([me])))
        }
    })
}

/// Returns the file of a case, oldest first; none when the party is not told of it, or the officer does not need to know
/// or is not cleared for the minor it is about.
///
/// # Errors
/// When a row can't be read.
pub fn timeline(
    rows: &Rows<'_>,
    me: PartyId,
    actor: &Actor,
    case: CaseRef,
    now: Instant,
) -> Result<Option<Vec<Happened>>, ViewError> {
    if !Sight::of(*rows, me, &actor.officer, now)?.may_know(case)? {
        return Ok(None);
    }
    let Some(parties) = parties(rows, me, actor, case)? else { return Ok(None) };
    let mut file = Vec::new();
    for (party, Step { kind, said, refused }) in steps_of(rows, case)? {
        if parties.include(party, kind) {
            file.push(Happened { kind, party, said, refused });
        }
    }
    if file.is_empty() {
        return Ok(None);
    }
    escalations(rows, me, case, &mut file)?;
    file.sort_by_key(|step| (step.said.at, step.party, step.said.seq));
    file.dedup(); // a meeting may be the case that it decides on
    Ok(Some(file))
}

/// What the leading group decided on the case.
fn escalations(rows: &Rows<'_>, me: PartyId, case: CaseRef, file: &mut Vec<Happened>) -> Result<(), ViewError> {
    for (_, sides) in rows.all::<MeetingFacts>()? {
        let Some(meeting) = sides.meeting(me) else { continue };
        let (kind, party) = (EventKind::EscalationDecided, meeting.convener);
        let decided = meeting.decisions().filter(|(decided, _)| decided.case == case);
        file.extend(decided.map(|(_, said)| Happened { kind, party, said: said.clone(), refused: None }));
    }
    Ok(())
}

/// Returns every case there is here.
pub(super) fn every_case(rows: &Rows<'_>) -> Result<Vec<CaseRef>, ViewError> {
    let mut cases: Vec<CaseRef> = Vec::new();
    cases.extend(rows.all::<BatchFacts>()?.into_iter().map(|(id, _)| CaseRef::Batch(id)));
    cases.extend(rows.all::<UrgentFacts>()?.into_iter().map(|(id, _)| CaseRef::Urgent(id)));
    cases.extend(rows.all::<ConsentFacts>()?.into_iter().map(|(id, _)| CaseRef::Consent(id)));
    cases.extend(rows.all::<RequestFacts>()?.into_iter().map(|(id, _)| CaseRef::Verification(id)));
    cases.extend(rows.all::<MeetingFacts>()?.into_iter().map(|(id, _)| CaseRef::Meeting(id)));
    cases.extend(rows.all::<ConferenceFacts>()?.into_iter().map(|(id, _)| CaseRef::Conference(id)));
    cases.extend(rows.all::<ErasureFacts>()?.into_iter().map(|(id, _)| CaseRef::Erasure(id)));
    Ok(cases)
}
