//! `InformSubject`: the sender told the person concerned that their data was passed on.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::UrgentId;
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::urgent::guards::{own, refuse_unless};
use crate::urgent::{SubjectInformed, UrgentFacts};
use crate::view::{Rows, Sides, ViewError};

/// Records that the person concerned, or who acts for them, was informed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InformSubject {
    /// The notice.
    pub urgent: UrgentId,
}

impl Decide for InformSubject {
    const ROLES: &'static [Role] = &[Role::Liaison];
    type State = Sides<UrgentFacts>;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        rows.sides(&self.urgent)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let case = own(state, context.me)?;
        refuse_unless(case.is_closed() && case.sender.informed.is_none(), RefusalCode::WrongState)?;
        Ok(SubjectInformed { urgent: self.urgent, to: case.raised.to.clone() }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::given_nothing;
    use crate::urgent::sample::{URGENT, given_acked, given_closed, parties};

    const INFORM: InformSubject = InformSubject { urgent: URGENT };

    #[test]
    fn the_sender_informs_once_after_the_end() {
        let told = SubjectInformed { urgent: URGENT, to: parties(&["macau", "zhuhai"]) };
        let scene = given_closed().when("lo.hengqin", INFORM).then(told);
        scene.when("lo.hengqin", INFORM).then_refused(RefusalCode::WrongState);
        given_acked().when("lo.hengqin", INFORM).then_refused(RefusalCode::WrongState);
    }

    #[test]
    fn only_the_senders_liaison_officer() {
        given_closed().when("ho.hengqin", INFORM).then_refused(RefusalCode::RoleNotAllowed);
        given_closed().when("lo.macau", INFORM).then_refused(RefusalCode::NotYours);
        given_nothing().when("lo.hengqin", INFORM).then_refused(RefusalCode::NotFound);
    }
}
