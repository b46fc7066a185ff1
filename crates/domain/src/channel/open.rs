//! `OpenChannel`: the secretariat enters the clearances under which a peer may be told about persons.

use serde::{Deserialize, Serialize};

use crate::channel::{ChannelProposed, Clearances, required};
use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::PartyId;
use crate::officer::Role;
use crate::party::rules_of;
use crate::refusal::{Refusal, RefusalCode};
use crate::view::{Rows, ViewError};

/// Proposes a channel, or its renewal. It opens when a data-protection officer confirms it; until then the one before
/// stays as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenChannel {
    /// The peer that may be told.
    pub to: PartyId,
    /// The clearances: all that are [`required`], none of them lapsed.
    pub clearances: Clearances,
}

impl Decide for OpenChannel {
    const ROLES: &'static [Role] = &[Role::Secretariat];
    type State = ();

    fn load(&self, _: &Rows<'_>) -> Result<(), ViewError> {
        Ok(())
    }

    fn decide(&self, (): &(), context: &Context<'_>) -> Result<Event, Refusal> {
        let peer = rules_of(self.to).filter(|_| self.to != context.me);
        let peer = peer.ok_or_else(|| Refusal::new(RefusalCode::WrongAddressee))?;
        let missing: Vec<&str> = required(context.rules, peer)
            .iter()
            .filter(|kind| !self.clearances.contains_key(kind))
            .map(|kind| kind.code())
            .collect();
        if !missing.is_empty() {
            return Err(Refusal::new(RefusalCode::BadList).offending(missing));
        }
        let over = self.clearances.iter().filter(|(_, clearance)| clearance.expires_at <= context.now);
        let over: Vec<&str> = over.map(|(kind, _)| kind.code()).collect();
        if !over.is_empty() {
            return Err(Refusal::new(RefusalCode::BadDate).offending(over));
        }
        Ok(ChannelProposed { to: self.to, clearances: self.clearances.clone() }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::ClearanceKind;
    use crate::channel::sample::clearances;
    use crate::testing::{NOON, given_nothing, party};
    use crate::time::DAY_US;

    fn open(to: &str) -> OpenChannel {
        OpenChannel { to: party(to), clearances: clearances() }
    }

    #[test]
    fn a_channel_is_proposed_with_its_clearances() {
        let OpenChannel { to, clearances } = open("macau");
        given_nothing().when("sec.zhuhai", open("macau")).then(ChannelProposed { to, clearances });
    }

    #[test]
    fn each_clearance_is_needed_across_the_border_and_none_within_the_mainland() {
        for kind in [ClearanceKind::Assessment, ClearanceKind::Notification, ClearanceKind::Authorisation] {
            let mut open = open("macau");
            open.clearances.remove(&kind);
            let refusal = given_nothing().when("sec.zhuhai", open).then_refused(RefusalCode::BadList);
            assert_eq!(refusal.offending, [kind.code()]);
        }
        let inland = OpenChannel { clearances: [].into(), ..open("hengqin") };
        given_nothing().when("sec.zhuhai", inland).then_done();
    }

    #[test]
    fn a_clearance_that_has_lapsed_opens_nothing() {
        let scene = given_nothing().at(NOON.plus_us(365 * DAY_US));
        let refusal = scene.when("sec.zhuhai", open("macau")).then_refused(RefusalCode::BadDate);
        assert_eq!(refusal.offending, ["authorisation"]);
    }

    #[test]
    fn a_channel_leads_to_another_party() {
        for to in ["zhuhai", "elsewhere"] {
            given_nothing().when("sec.zhuhai", open(to)).then_refused(RefusalCode::WrongAddressee);
        }
    }

    #[test]
    fn a_liaison_officer_opens_no_channel() {
        given_nothing().when("lo.zhuhai", open("macau")).then_refused(RefusalCode::RoleNotAllowed);
    }
}
