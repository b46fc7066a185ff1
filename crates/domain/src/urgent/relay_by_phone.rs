//! `RecordPhoneRelay`: the sender told an addressee by phone, because the link was down or to be sure.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::{PartyId, UrgentId};
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::text::Short;
use crate::time::Instant;
use crate::urgent::guards::{own, refuse_unless};
use crate::urgent::{UrgentFacts, UrgentRelayedByPhone};
use crate::view::{Rows, Sides, ViewError};

/// Records that an addressee was told by phone; once for each. Also after the end: what was said was said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordPhoneRelay {
    /// The notice.
    pub urgent: UrgentId,
    /// The addressee that was told.
    pub to: PartyId,
    /// When it was told: not before it happened, and not in the future.
    pub at: Instant,
    /// The desk spoken with: no private number.
    pub spoken_with_desk: Short,
}

impl Decide for RecordPhoneRelay {
    const ROLES: &'static [Role] = &[Role::Duty, Role::Liaison];
    type State = Sides<UrgentFacts>;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        rows.sides(&self.urgent)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let case = own(state, context.me)?;
        if !case.raised.to.contains(&self.to) {
            return Err(Refusal::new(RefusalCode::WrongAddressee).offending([self.to.to_string()]));
        }
        refuse_unless(!case.sender.relayed.contains_key(&self.to), RefusalCode::AlreadyExists)?;
        let before_it_happened = case.raised.happened_at.is_some_and(|happened| self.at < happened);
        if self.at > context.now || before_it_happened {
            return Err(Refusal::new(RefusalCode::BadDate).offending(["at"]));
        }
        let Self { urgent, to, at, spoken_with_desk } = self.clone();
        Ok(UrgentRelayedByPhone { urgent, to, at, spoken_with_desk, addressees: case.raised.to.clone() }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{NOON, given, given_nothing, party};
    use crate::time::MINUTE_US;
    use crate::urgent::UrgentRaised;
    use crate::urgent::sample::{URGENT, given_closed, given_raised, parties, raised};

    fn relay(to: &str, at: Instant) -> RecordPhoneRelay {
        RecordPhoneRelay { urgent: URGENT, to: party(to), at, spoken_with_desk: "duty desk".parse().unwrap() }
    }

    #[test]
    fn each_addressee_once_for_all_of_them_to_see() {
        let scene = given_raised().when("ho.hengqin", relay("macau", NOON)).then_done();
        scene.clone().when("lo.hengqin", relay("macau", NOON)).then_refused(RefusalCode::AlreadyExists);
        let event = scene.when("lo.hengqin", relay("zhuhai", NOON)).result.unwrap();
        assert_eq!(event.readers(), parties(&["macau", "zhuhai"]));
        given_closed().when("ho.hengqin", relay("macau", NOON)).then_done();
    }

    #[test]
    fn to_an_addressee_and_no_other() {
        let to_macau = given([("ho.hengqin", UrgentRaised { to: parties(&["macau"]), ..raised() })]);
        to_macau.when("ho.hengqin", relay("zhuhai", NOON)).then_refused(RefusalCode::WrongAddressee);
    }

    #[test]
    fn between_what_happened_and_now() {
        let happened_at = Some(NOON.plus_us(-60 * MINUTE_US));
        let scene = given([("ho.hengqin", UrgentRaised { happened_at, ..raised() })]);
        let too_late = scene.now.plus_us(1);
        for bad in [NOON.plus_us(-61 * MINUTE_US), too_late] {
            scene.clone().when("ho.hengqin", relay("macau", bad)).then_refused(RefusalCode::BadDate);
        }
        scene.when("ho.hengqin", relay("macau", NOON.plus_us(-60 * MINUTE_US))).then_done();
    }

    #[test]
    fn only_by_the_senders_desk() {
        given_raised().when("cw.hengqin", relay("macau", NOON)).then_refused(RefusalCode::RoleNotAllowed);
        given_raised().when("ho.macau", relay("macau", NOON)).then_refused(RefusalCode::NotYours);
        given_nothing().when("ho.hengqin", relay("macau", NOON)).then_refused(RefusalCode::NotFound);
    }
}
