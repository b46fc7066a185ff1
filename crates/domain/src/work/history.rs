//! What happened to cases: one row for each entry that is a step of one. Every repetition of a step has its own.
//!
//! In scope: the rows. Out of scope: which events are steps of which case (`crate::case`), and who may see them
//! (`super::timeline`). A row says what, who and when, and nothing of the content.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::case::{CaseRef, case_of};
use crate::event::{Event, EventKind};
use crate::id::{ConsentId, PartyId};
use crate::refusal::RefusalCode;
use crate::view::{EntryId, Facts, Overlay, Rows, Said, Sides, Table, ViewError};

/// Returns what names a case among the rows of history; with an entry, it names a step.
fn thing(case: CaseRef) -> (u8, uuid::Uuid) {
    let kind = match case {
        CaseRef::Batch(_) => 1,
        CaseRef::Urgent(_) => 2,
        CaseRef::Consent(_) => 3,
        CaseRef::Verification(_) => 4,
        CaseRef::Meeting(_) => 5,
        CaseRef::Conference(_) => 6,
        CaseRef::Erasure(_) => 7,
    };
    (kind, case.id())
}

/// One step of a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// What.
    pub kind: EventKind,
    /// Who did it, in which role, when, and where it stands in the log.
    pub said: Said,
    /// Of a refusal, the rule and what it was judged by.
    pub refused: Option<Refused>,
}

/// The rule of a refusal, and the consents it was judged by, each in its version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// The rule.
    pub code: RefusalCode,
    /// The consents ([`crate::consent::ConsentClaims::version`]).
    pub consents: BTreeMap<ConsentId, u16>,
}

/// Rows of history hold one step; none only before the first fold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryFacts(pub Option<Step>);

impl Facts for HistoryFacts {
    type Id = EntryId;
    const TABLE: Table = Table::History;
}

/// Returns every step of a case, each with the party whose log it is in.
pub(crate) fn steps_of(rows: &Rows<'_>, case: CaseRef) -> Result<Vec<(PartyId, Step)>, ViewError> {
    let steps = rows.starting::<HistoryFacts>(&EntryId::prefix(thing(case)))?.into_iter();
    let of_entry = |sides: Sides<HistoryFacts>| {
        sides.iter().filter_map(|(party, facts)| Some((party, facts.0.clone()?))).collect::<Vec<_>>()
    };
    Ok(steps.flat_map(|(_, sides)| of_entry(sides)).collect())
}

/// Writes the row of an event that is a step of a case.
pub(crate) fn note(rows: &mut Overlay<'_>, origin: PartyId, by: &Said, event: &Event) -> Result<(), ViewError> {
    let Some(case) = case_of(event) else { return Ok(()) };
    rows.fold::<HistoryFacts>(&EntryId::new(thing(case), by.seq), origin, |facts| {
        facts.0 = Some(Step { kind: event.kind(), said: by.clone(), refused: refused(event) });
    })
}

fn refused(event: &Event) -> Option<Refused> {
    if let Event::CommandRefused(e) = event {
        return Some(Refused { code: e.refusal.code, consents: e.consents.clone() });
    }
    if let Event::RequestRefused(e) = event {
        return Some(Refused { code: e.refusal.code, consents: e.consents.clone() });
    }
    None
}
