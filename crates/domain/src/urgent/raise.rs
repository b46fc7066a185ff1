//! `RaiseUrgent`: a duty officer raises an urgent notice on vital interest. No consent is asked; the justification is due
//! afterwards.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::{PartyId, UrgentId};
use crate::officer::Role;
use crate::party::rules_of;
use crate::refusal::{Refusal, RefusalCode};
use crate::text::Note;
use crate::time::Instant;
use crate::urgent::guards::refuse_unless;
use crate::urgent::{Emergency, UrgentFacts, UrgentRaised};
use crate::view::{Rows, Sides, ViewError};

/// Raises an urgent notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RaiseUrgent {
    /// The notice: a fresh id.
    pub urgent: UrgentId,
    /// The addressees, at least one.
    pub to: BTreeSet<PartyId>,
    /// The emergency. Any document will do: what the sender's rules accept is for routine traffic.
    pub emergency: Emergency,
    /// Why the person's life, body or property is in danger: the vital interest it rests on.
    pub vital_interest: Note,
    /// When it happened, if it was noted offline and is recorded only now; not in the future.
    pub happened_at: Option<Instant>,
}

impl Decide for RaiseUrgent {
    const ROLES: &'static [Role] = &[Role::Duty, Role::Liaison];
    type State = Sides<UrgentFacts>;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        rows.sides(&self.urgent)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        if self.to.is_empty() {
            return Err(Refusal::new(RefusalCode::BadList).offending(["to"]));
        }
        let wrong = |party: &&PartyId| **party == context.me || rules_of(**party).is_none();
        let wrong: Vec<_> = self.to.iter().filter(wrong).map(PartyId::to_string).collect();
        if !wrong.is_empty() {
            return Err(Refusal::new(RefusalCode::WrongAddressee).offending(wrong));
        }
        refuse_unless(state.concerning(context.me).is_none(), RefusalCode::AlreadyExists)?;
        let born = self.emergency.subject.as_ref().and_then(|subject| subject.birth_date);
        if born.is_some_and(|born| born > context.now.local_date()) {
            return Err(Refusal::new(RefusalCode::BadDate).offending(["birth_date"]));
        }
        if self.happened_at.is_some_and(|happened| happened > context.now) {
            return Err(Refusal::new(RefusalCode::BadDate).offending(["happened_at"]));
        }
        let Self { urgent, to, emergency, vital_interest, happened_at } = self.clone();
        Ok(UrgentRaised { urgent, to, emergency, vital_interest, happened_at }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{given, given_nothing, party};
    use crate::urgent::sample::{emergency, given_raised, parties, raise, raised};

    #[test]
    fn a_duty_officer_raises_it_to_both() {
        let scene = given_nothing().when("ho.hengqin", raise()).then(raised());
        assert_eq!(Event::from(raised()).readers(), parties(&["macau", "zhuhai"]));
        scene.when("lo.hengqin", raise()).then_refused(RefusalCode::AlreadyExists);
    }

    #[test]
    fn for_a_person_nobody_can_name_yet() {
        let unknown = Emergency { subject: None, ..emergency() };
        given_nothing().when("lo.hengqin", RaiseUrgent { emergency: unknown, ..raise() }).then_done();
    }

    #[test]
    fn not_by_a_caseworker_or_the_service() {
        for role in ["cw", "rv", "dp", "node"] {
            given_nothing().when(&format!("{role}.hengqin"), raise()).then_refused(RefusalCode::RoleNotAllowed);
        }
    }

    #[test]
    fn to_somebody() {
        let to_nobody = RaiseUrgent { to: BTreeSet::new(), ..raise() };
        assert_eq!(given_nothing().when("ho.hengqin", to_nobody).then_refused(RefusalCode::BadList).offending, ["to"]);
    }

    #[test]
    fn to_other_parties_of_the_exchange() {
        let to = RaiseUrgent { to: parties(&["foshan", "hengqin", "macau"]), ..raise() };
        let refusal = given_nothing().when("ho.hengqin", to).then_refused(RefusalCode::WrongAddressee);
        assert_eq!(refusal.offending, ["foshan", "hengqin"]);
    }

    #[test]
    fn an_id_that_came_from_a_peer_is_taken() {
        let back = RaiseUrgent { to: parties(&["hengqin"]), ..raise() };
        given_raised().when("ho.macau", back).then_refused(RefusalCode::AlreadyExists);
    }

    #[test]
    fn not_for_somebody_unborn() {
        let mut unborn = raise();
        unborn.emergency.subject.as_mut().unwrap().birth_date = Some("2026-07-02".parse().unwrap());
        let refusal = given_nothing().when("ho.hengqin", unborn).then_refused(RefusalCode::BadDate);
        assert_eq!(refusal.offending, ["birth_date"]);
    }

    #[test]
    fn recorded_later_than_it_happened_but_not_before() {
        let at = |happened_at| RaiseUrgent { happened_at: Some(happened_at), ..raise() };
        let now = given_nothing().now;
        let Event::UrgentRaised(raised) = given_nothing().when("ho.hengqin", at(now)).result.unwrap() else { panic!() };
        assert_eq!(raised.happened_at, Some(now));
        let refusal = given_nothing().when("ho.hengqin", at(now.plus_us(1))).then_refused(RefusalCode::BadDate);
        assert_eq!(refusal.offending, ["happened_at"]);
    }

    #[test]
    fn a_second_notice_with_the_id_does_not_take_the_place_of_the_one_that_arrived() {
        let scene = given([("ho.zhuhai", UrgentRaised { to: parties(&["macau"]), ..raised() })]);
        let arrived = crate::urgent::UrgentDelivered { urgent: raise().urgent, from: party("zhuhai") };
        let scene = scene.and("node.macau", arrived).and("ho.hengqin", raised());
        let sides = scene.rows().sides::<UrgentFacts>(&raise().urgent).unwrap();
        assert_eq!(sides.concerning(party("macau")).unwrap().from, party("zhuhai"));
    }
}
