//! `SuspendChannel`: either side stops a channel at once.

use serde::{Deserialize, Serialize};

use crate::channel::{ChannelFacts, ChannelSuspended, ChannelWay};
use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::PartyId;
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::view::{Rows, Sides, ViewError};

/// Suspends a channel from or to the own party, until the same side resumes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuspendChannel {
    /// Who tells.
    pub from: PartyId,
    /// Who is told.
    pub to: PartyId,
}

impl Decide for SuspendChannel {
    const ROLES: &'static [Role] = &[Role::Secretariat, Role::DataProtection];
    type State = Sides<ChannelFacts>;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        rows.sides(&ChannelWay { from: self.from, to: self.to })
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let other = other_side(self.from, self.to, context.me)?;
        if state.of(self.from).is_none_or(|facts| facts.opened.is_none()) {
            return Err(Refusal::new(RefusalCode::NotFound));
        }
        if state.of(context.me).is_some_and(|facts| facts.suspended.is_some()) {
            return Err(Refusal::new(RefusalCode::WrongState));
        }
        Ok(ChannelSuspended { from: self.from, to: self.to, other }.into())
    }
}

/// Returns the other side of a channel of the own party.
pub(super) fn other_side(from: PartyId, to: PartyId, me: PartyId) -> Result<PartyId, Refusal> {
    match (from == me, to == me) {
        (true, false) => Ok(to),
        (false, true) => Ok(from),
        (true, true) | (false, false) => Err(Refusal::new(RefusalCode::NotYours)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::sample::open_channel;
    use crate::testing::{given_nothing, party};

    fn suspend() -> SuspendChannel {
        SuspendChannel { from: party("zhuhai"), to: party("macau") }
    }

    #[test]
    fn each_side_suspends_once_and_tells_the_other() {
        for (who, other) in [("sec.zhuhai", "macau"), ("dp.macau", "zhuhai")] {
            let SuspendChannel { from, to } = suspend();
            let suspended = ChannelSuspended { from, to, other: party(other) };
            let scene = open_channel().when(who, suspend()).then(suspended);
            scene.when(who, suspend()).then_refused(RefusalCode::WrongState);
        }
    }

    #[test]
    fn a_third_party_suspends_nothing() {
        open_channel().when("sec.hengqin", suspend()).then_refused(RefusalCode::NotYours);
    }

    #[test]
    fn what_is_not_open_is_not_suspended() {
        given_nothing().when("sec.zhuhai", suspend()).then_refused(RefusalCode::NotFound);
        let back = SuspendChannel { from: party("macau"), to: party("zhuhai") };
        open_channel().when("sec.zhuhai", back).then_refused(RefusalCode::NotFound);
    }

    #[test]
    fn a_caseworker_suspends_nothing() {
        open_channel().when("cw.zhuhai", suspend()).then_refused(RefusalCode::RoleNotAllowed);
    }
}
