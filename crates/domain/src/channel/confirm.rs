//! `ConfirmChannel`: a data-protection officer compares the clearances with the papers; the channel is open.

use serde::{Deserialize, Serialize};

use crate::channel::{ChannelFacts, ChannelOpened};
use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::PartyId;
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::view::{Aggregates, Rows, ViewError};

/// Confirms the channel proposed last; it replaces the one before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfirmChannel {
    /// The peer that may be told.
    pub to: PartyId,
}

impl Decide for ConfirmChannel {
    const ROLES: &'static [Role] = &[Role::DataProtection];
    /// Every channel there is: a party has as many as peers, and whose it is is known when it is decided.
    type State = Aggregates<ChannelFacts>;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        rows.all()
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let own = state.iter().find(|(way, _)| way.from == context.me && way.to == self.to);
        let proposed = own.and_then(|(_, sides)| sides.of(context.me)?.proposed.as_ref());
        let (proposed, said) = proposed.ok_or_else(|| Refusal::new(RefusalCode::NotFound))?;
        if said.by == context.actor.officer {
            return Err(Refusal::new(RefusalCode::SamePerson));
        }
        let over = proposed.clearances.iter().filter(|(_, clearance)| clearance.expires_at <= context.now);
        let over: Vec<&str> = over.map(|(kind, _)| kind.code()).collect();
        if !over.is_empty() {
            return Err(Refusal::new(RefusalCode::BadDate).offending(over));
        }
        Ok(ChannelOpened { to: self.to, clearances: proposed.clearances.clone() }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::ChannelProposed;
    use crate::channel::sample::{clearances, opened};
    use crate::testing::{NOON, Scene, given_nothing, party};
    use crate::time::DAY_US;

    fn proposed(who: &str) -> Scene {
        given_nothing().and(who, ChannelProposed { to: party("macau"), clearances: clearances() })
    }

    fn confirm() -> ConfirmChannel {
        ConfirmChannel { to: party("macau") }
    }

    #[test]
    fn a_second_person_opens_the_channel_once() {
        let scene = proposed("sec.zhuhai").when("dp.zhuhai", confirm()).then(opened("macau"));
        scene.when("dp.zhuhai", confirm()).then_refused(RefusalCode::NotFound);
    }

    #[test]
    fn whoever_proposed_does_not_confirm() {
        proposed("dp.zhuhai").when("dp.zhuhai", confirm()).then_refused(RefusalCode::SamePerson);
    }

    #[test]
    fn only_an_own_proposal_is_confirmed() {
        given_nothing().when("dp.zhuhai", confirm()).then_refused(RefusalCode::NotFound);
        proposed("sec.zhuhai").when("dp.hengqin", confirm()).then_refused(RefusalCode::NotFound);
    }

    #[test]
    fn a_clearance_that_lapsed_meanwhile_opens_nothing() {
        let late = proposed("sec.zhuhai").at(NOON.plus_us(365 * DAY_US));
        late.when("dp.zhuhai", confirm()).then_refused(RefusalCode::BadDate);
    }

    #[test]
    fn the_secretariat_does_not_confirm() {
        proposed("sec2.zhuhai").when("sec.zhuhai", confirm()).then_refused(RefusalCode::RoleNotAllowed);
    }
}
