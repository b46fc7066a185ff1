//! Guards that several decisions on a batch share.

use crate::command::Context;
use crate::id::{LineNo, PartyId};
use crate::notice::NoticeEntry;
use crate::notice::events::BatchPrepared;
use crate::notice::facts::{BatchFacts, EntryStatus, SentBatch};
use crate::refusal::{Refusal, RefusalCode};
use crate::view::{Said, Sides};

/// A batch prepared here.
pub(super) struct OwnBatch<'a> {
    pub prepared: &'a BatchPrepared,
    pub said: &'a Said,
    pub facts: &'a BatchFacts,
}

/// Names an entry in a refusal: by its number, never by the person.
pub(super) fn label(entry: impl std::fmt::Display) -> String {
    format!("entry#{entry}")
}

/// The batch, if it was prepared here.
pub(super) fn own(state: &Sides<BatchFacts>, me: PartyId) -> Result<OwnBatch<'_>, Refusal> {
    if let Some(facts) = state.of(me)
        && let Some((prepared, said)) = &facts.prepared
    {
        return Ok(OwnBatch { prepared, said, facts });
    }
    Err(Refusal::new(match state.received_by(me) {
        Some(_) => RefusalCode::NotYours,
        None => RefusalCode::NotFound,
    }))
}

/// The entries as prepared; none when nothing is.
pub(super) fn prepared_entries(state: &Sides<BatchFacts>) -> impl Iterator<Item = &NoticeEntry> {
    state.iter().filter_map(|(_, facts)| facts.prepared.as_ref()).flat_map(|(prepared, _)| &prepared.entries)
}

/// The batch, if it was prepared here and sent.
pub(super) fn own_sent(state: &Sides<BatchFacts>, me: PartyId) -> Result<SentBatch<'_>, Refusal> {
    own(state, me)?;
    state.sent_by(me).ok_or_else(|| Refusal::new(RefusalCode::WrongState))
}

/// The batch, if it was sent to this party.
pub(super) fn received(state: &Sides<BatchFacts>, me: PartyId) -> Result<SentBatch<'_>, Refusal> {
    state.received_by(me).ok_or_else(|| {
        Refusal::new(match own(state, me) {
            Ok(_) => RefusalCode::NotYours,
            Err(_) => RefusalCode::NotFound,
        })
    })
}

/// The batch, if it was sent to this party and its arrival is on record. The service records that by itself, before
/// any officer can see the batch.
pub(super) fn arrived(state: &Sides<BatchFacts>, me: PartyId) -> Result<SentBatch<'_>, Refusal> {
    let batch = received(state, me)?;
    match batch.addressee.and_then(|facts| facts.delivered.as_ref()) {
        Some(_) => Ok(batch),
        None => Err(Refusal::new(RefusalCode::WrongState)),
    }
}

/// Where an entry stands, if the batch was sent with it and it is not withdrawn.
pub(super) fn standing(batch: &SentBatch<'_>, entry: LineNo) -> Result<EntryStatus, Refusal> {
    let refuse = |code| Err(Refusal::new(code).offending([label(entry)]));
    match batch.status(entry) {
        None => refuse(RefusalCode::NotFound),
        Some(EntryStatus::Withdrawn) => refuse(RefusalCode::WrongState),
        Some(status @ (EntryStatus::Open | EntryStatus::Matched | EntryStatus::Disputed)) => Ok(status),
    }
}

/// Entries whose dates are possible and whose documents the sender's rules accept.
pub(super) fn acceptable<'a>(
    entries: impl Iterator<Item = (LineNo, &'a NoticeEntry)> + Clone,
    context: &Context<'_>,
) -> Result<(), Refusal> {
    let today = context.now.local_date();
    let future = |entry: &NoticeEntry| entry.as_of > today || entry.subject.birth_date.is_some_and(|born| born > today);
    refuse_any(RefusalCode::BadDate, entries.clone().filter(|(_, entry)| future(entry)))?;
    let accepted = |entry: &NoticeEntry| context.rules.documents.contains(&entry.subject.document.kind());
    refuse_any(RefusalCode::DocumentNotAccepted, entries.filter(|(_, entry)| !accepted(entry)))
}

/// Refuses when there are any, and names them.
pub(super) fn refuse_any<T>(code: RefusalCode, offending: impl Iterator<Item = (LineNo, T)>) -> Result<(), Refusal> {
    let mut offending = offending.map(|(no, _)| label(no)).peekable();
    if offending.peek().is_none() { Ok(()) } else { Err(Refusal::new(code).offending(offending)) }
}
