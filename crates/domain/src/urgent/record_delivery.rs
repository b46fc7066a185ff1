//! `RecordUrgentDelivery`: the service records by itself that an urgent notice arrived.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::UrgentId;
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::urgent::guards::{received, refuse_unless};
use crate::urgent::{UrgentDelivered, UrgentFacts};
use crate::view::{Rows, Sides, ViewError};

/// Records that an urgent notice arrived here; also after it was closed, so that a gap in the network shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordUrgentDelivery {
    /// The notice.
    pub urgent: UrgentId,
}

impl Decide for RecordUrgentDelivery {
    const ROLES: &'static [Role] = &[Role::Node];
    type State = Sides<UrgentFacts>;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        rows.sides(&self.urgent)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let case = received(state, context.me)?;
        let delivered = case.addressee(context.me).is_some_and(|facts| facts.delivered.is_some());
        refuse_unless(!delivered, RefusalCode::WrongState)?;
        Ok(UrgentDelivered { urgent: self.urgent, from: case.from }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{given, given_nothing};
    use crate::urgent::UrgentRaised;
    use crate::urgent::sample::{URGENT, closed, delivered, given_raised, parties, raised};

    const RECORD: RecordUrgentDelivery = RecordUrgentDelivery { urgent: URGENT };

    #[test]
    fn every_addressees_service_records_it_once() {
        let scene = given_raised().when("node.macau", RECORD).then(delivered());
        let scene = scene.when("node.zhuhai", RECORD).then(delivered());
        scene.when("node.macau", RECORD).then_refused(RefusalCode::WrongState);
        assert_eq!(Event::from(delivered()).readers(), parties(&["hengqin"]));
    }

    #[test]
    fn a_late_arrival_is_recorded_after_the_end() {
        given_raised().and("ho.hengqin", closed()).when("node.macau", RECORD).then(delivered());
    }

    #[test]
    fn no_officer_records_it() {
        for role in ["ho", "lo", "sa"] {
            given_raised().when(&format!("{role}.macau"), RECORD).then_refused(RefusalCode::RoleNotAllowed);
        }
    }

    #[test]
    fn only_an_addressee() {
        given_raised().when("node.hengqin", RECORD).then_refused(RefusalCode::NotYours);
        let to_macau = given([("ho.hengqin", UrgentRaised { to: parties(&["macau"]), ..raised() })]);
        to_macau.when("node.zhuhai", RECORD).then_refused(RefusalCode::NotFound);
        given_nothing().when("node.macau", RECORD).then_refused(RefusalCode::NotFound);
    }
}
