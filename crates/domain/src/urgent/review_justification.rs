//! `ReviewJustification`: a data-protection officer of the sender judges whether the notice was urgent.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::UrgentId;
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::text::Note;
use crate::urgent::guards::{own, refuse_unless};
use crate::urgent::{JustificationReviewed, UrgentFacts};
use crate::view::{Rows, Sides, ViewError};

/// Reviews a justification, as a third person: neither who raised the notice nor who justified it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewJustification {
    /// The notice.
    pub urgent: UrgentId,
    /// Whether it is accepted.
    pub accepted: bool,
    /// Why.
    pub note: Note,
}

impl Decide for ReviewJustification {
    const ROLES: &'static [Role] = &[Role::DataProtection];
    type State = Sides<UrgentFacts>;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        rows.sides(&self.urgent)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let case = own(state, context.me)?;
        let Some((_, filed)) = case.sender.justified.as_ref().filter(|_| case.sender.reviewed.is_none()) else {
            return Err(Refusal::new(RefusalCode::WrongState));
        };
        let raised = case.sender.raised.as_ref().map(|(_, said)| &said.by);
        let (me, filed) = (&context.actor.officer, &filed.by);
        refuse_unless(me != filed && Some(me) != raised, RefusalCode::SamePerson)?;
        let (to, Self { urgent, accepted, note }) = (case.raised.to.clone(), self.clone());
        Ok(JustificationReviewed { urgent, to, accepted, note }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{given, given_nothing};
    use crate::urgent::sample::{URGENT, closed, given_closed, justified, note, parties, raised, reviewed};

    fn review(accepted: bool) -> ReviewJustification {
        ReviewJustification { urgent: URGENT, accepted, note: note() }
    }

    #[test]
    fn the_senders_data_protection_officer_reviews_once() {
        for accepted in [true, false] {
            let scene = given_closed().and("lo.hengqin", justified());
            let scene = scene.when("dp.hengqin", review(accepted)).then(reviewed(accepted));
            scene.when("dp2.hengqin", review(true)).then_refused(RefusalCode::WrongState);
        }
        assert_eq!(Event::from(reviewed(true)).readers(), parties(&["macau", "zhuhai"]));
    }

    #[test]
    fn not_by_who_justified_or_raised_it() {
        // Done in another role by the officer who now acts for data protection.
        let scene = given_closed().and("dp.hengqin", justified());
        scene.when("dp.hengqin", review(true)).then_refused(RefusalCode::SamePerson);
        let scene = given([("dp.hengqin", raised())]).and("ho.hengqin", closed()).and("lo.hengqin", justified());
        scene.clone().when("dp.hengqin", review(true)).then_refused(RefusalCode::SamePerson);
        scene.when("dp2.hengqin", review(true)).then_done();
    }

    #[test]
    fn not_before_it_is_filed() {
        given_closed().when("dp.hengqin", review(true)).then_refused(RefusalCode::WrongState);
    }

    #[test]
    fn not_by_a_liaison_officer() {
        let scene = given_closed().and("ho.hengqin", justified());
        scene.when("lo.hengqin", review(true)).then_refused(RefusalCode::RoleNotAllowed);
    }

    #[test]
    fn only_at_the_sender() {
        let scene = given_closed().and("lo.hengqin", justified());
        scene.when("dp.macau", review(true)).then_refused(RefusalCode::NotYours);
        given_nothing().when("dp.hengqin", review(true)).then_refused(RefusalCode::NotFound);
    }
}
