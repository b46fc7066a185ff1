//! What the service records of a channel's end: a warning before, and the lapse itself. Once each.

use serde::{Deserialize, Serialize};

use crate::channel::{ChannelExpiring, ChannelFacts, ChannelLapsed, ClearanceKind, WARNING_DAYS};
use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::PartyId;
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::time::{DAY_US, Instant};
use crate::view::{Aggregates, Rows, ViewError};

/// Warns that a channel's first clearance will lapse.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WarnChannelExpiring {
    /// The peer.
    pub to: PartyId,
}

/// Records that a channel's first clearance lapsed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordChannelLapse {
    /// The peer.
    pub to: PartyId,
}

type Channels = Aggregates<ChannelFacts>;

fn own(state: &Channels, to: PartyId, me: PartyId) -> Result<(&ChannelFacts, ClearanceKind, Instant), Refusal> {
    let own = state.iter().find(|(way, _)| way.from == me && way.to == to);
    let facts = own.and_then(|(_, sides)| sides.of(me));
    let found = facts.and_then(|facts| facts.first_to_lapse().map(|(kind, at)| (facts, kind, at)));
    found.ok_or_else(|| Refusal::new(RefusalCode::NotFound))
}

impl Decide for WarnChannelExpiring {
    const ROLES: &'static [Role] = &[Role::Node];
    type State = Channels;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        rows.all()
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let (facts, clearance, expires_at) = own(state, self.to, context.me)?;
        let early = context.now < expires_at.plus_us(-WARNING_DAYS * DAY_US);
        // After the end it is late and still comes first: the service may have been down.
        if early || facts.expiring.is_some() {
            return Err(Refusal::new(RefusalCode::WrongState));
        }
        Ok(ChannelExpiring { to: self.to, clearance, expires_at }.into())
    }
}

impl Decide for RecordChannelLapse {
    const ROLES: &'static [Role] = &[Role::Node];
    type State = Channels;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        rows.all()
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let (facts, clearance, expires_at) = own(state, self.to, context.me)?;
        if context.now < expires_at || facts.lapsed.is_some() {
            return Err(Refusal::new(RefusalCode::WrongState));
        }
        Ok(ChannelLapsed { to: self.to, clearance, expires_at }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::sample::open_channel;
    use crate::testing::{NOON, given_nothing, party};

    const END: Instant = Instant(NOON.0 + 365 * DAY_US);

    fn warn() -> WarnChannelExpiring {
        WarnChannelExpiring { to: party("macau") }
    }

    fn lapse() -> RecordChannelLapse {
        RecordChannelLapse { to: party("macau") }
    }

    #[test]
    fn the_sender_is_warned_once_within_thirty_days_of_the_end() {
        let first = END.plus_us(-30 * DAY_US);
        let at = |now| open_channel().at(now).when("node.zhuhai", warn());
        at(first.plus_us(-1)).then_refused(RefusalCode::WrongState);
        at(END).then_done();
        let clearance = ClearanceKind::Authorisation;
        let scene = at(first).then(ChannelExpiring { to: party("macau"), clearance, expires_at: END });
        scene.when("node.zhuhai", warn()).then_refused(RefusalCode::WrongState);
    }

    #[test]
    fn the_lapse_is_recorded_once_and_not_before_it() {
        let at = |now| open_channel().at(now).when("node.zhuhai", lapse());
        at(END.plus_us(-1)).then_refused(RefusalCode::WrongState);
        let clearance = ClearanceKind::Authorisation;
        let scene = at(END).then(ChannelLapsed { to: party("macau"), clearance, expires_at: END });
        scene.when("node.zhuhai", lapse()).then_refused(RefusalCode::WrongState);
    }

    #[test]
    fn only_an_own_channel_and_only_by_the_service() {
        given_nothing().when("node.zhuhai", lapse()).then_refused(RefusalCode::NotFound);
        open_channel().at(END).when("node.macau", lapse()).then_refused(RefusalCode::NotFound);
        open_channel().at(END).when("sec.zhuhai", lapse()).then_refused(RefusalCode::RoleNotAllowed);
        open_channel().at(END).when("sec.zhuhai", warn()).then_refused(RefusalCode::RoleNotAllowed);
    }
}
