//! Guards that several decisions on an urgent notice share.

use crate::id::PartyId;
use crate::refusal::{Refusal, RefusalCode};
use crate::urgent::facts::{UrgentCase, UrgentFacts};
use crate::view::Sides;

/// The notice, if it concerns this party.
pub(super) fn concerning(state: &Sides<UrgentFacts>, me: PartyId) -> Result<UrgentCase<'_>, Refusal> {
    state.concerning(me).ok_or_else(|| Refusal::new(RefusalCode::NotFound))
}

/// The notice, if it was raised here.
pub(super) fn own(state: &Sides<UrgentFacts>, me: PartyId) -> Result<UrgentCase<'_>, Refusal> {
    concerning(state, me).and_then(|case| refuse_unless(case.from == me, RefusalCode::NotYours).map(|()| case))
}

/// The notice, if it was raised to this party.
pub(super) fn received(state: &Sides<UrgentFacts>, me: PartyId) -> Result<UrgentCase<'_>, Refusal> {
    concerning(state, me).and_then(|case| refuse_unless(case.from != me, RefusalCode::NotYours).map(|()| case))
}

/// Refuses unless a condition holds.
pub(super) fn refuse_unless(condition: bool, code: RefusalCode) -> Result<(), Refusal> {
    if condition { Ok(()) } else { Err(Refusal::new(code)) }
}
