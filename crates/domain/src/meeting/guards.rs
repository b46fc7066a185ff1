//! Guards that several decisions on a meeting share.

use std::collections::BTreeSet;

use crate::id::{PartyId, ResolutionId};
use crate::meeting::facts::{Meeting, MeetingFacts, Resolution};
use crate::party::rules_of;
use crate::refusal::{Refusal, RefusalCode};
use crate::view::Sides;

/// The meeting, if this party takes part.
pub(super) fn meeting(state: &Sides<MeetingFacts>, me: PartyId) -> Result<Meeting<'_>, Refusal> {
    state.meeting(me).ok_or_else(|| Refusal::new(RefusalCode::NotFound))
}

/// A resolution of a meeting.
pub(super) fn resolution<'a>(meeting: &Meeting<'a>, id: ResolutionId) -> Result<Resolution<'a>, Refusal> {
    meeting.resolution(id).ok_or_else(|| Refusal::new(RefusalCode::NotFound))
}

/// Refuses unless a condition holds.
pub(crate) fn refuse_unless(condition: bool, code: RefusalCode) -> Result<(), Refusal> {
    if condition { Ok(()) } else { Err(Refusal::new(code)) }
}

/// Other parties of the exchange only.
pub(crate) fn check_others(to: &BTreeSet<PartyId>, me: PartyId) -> Result<(), Refusal> {
    let wrong = |party: &&PartyId| **party == me || rules_of(**party).is_none();
    let wrong: Vec<_> = to.iter().filter(wrong).map(PartyId::to_string).collect();
    if wrong.is_empty() { Ok(()) } else { Err(Refusal::new(RefusalCode::WrongAddressee).offending(wrong)) }
}
