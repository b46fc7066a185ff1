//! `RefuseErasure`: the party asked refuses a request, with the ground and the file of the reasons (PIPL art. 50).

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::erasure::{ErasureFacts, ErasureRefused, RefusalGround};
use crate::event::Event;
use crate::id::ErasureId;
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::text::Short;
use crate::view::{Rows, Sides, ViewError};

/// Refuses a request for an erasure. A proposal that was made of it is given up with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefuseErasure {
    /// The erasure asked for.
    pub erasure: ErasureId,
    /// Why not.
    pub because: RefusalGround,
    /// File number of the reasons in writing. Never a name.
    pub reference: Short,
}

impl Decide for RefuseErasure {
    const ROLES: &'static [Role] = &[Role::DataProtection];
    type State = Sides<ErasureFacts>;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        rows.sides(&self.erasure)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let Some(request) = state.request_to(context.me) else { return Err(Refusal::new(RefusalCode::NotFound)) };
        if request.is_answered() {
            return Err(Refusal::new(RefusalCode::WrongState));
        }
        let Self { erasure, because, reference } = self.clone();
        Ok(ErasureRefused { erasure, asker: request.asker, because, reference }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::erasure::OrderErasure;
    use crate::erasure::sample::{ERASURE, answer, given_requested, refuse_it};
    use crate::testing::{given_nothing, party};

    #[test]
    fn the_party_asked_refuses_once_and_who_asked_is_told() {
        let decided = given_requested(&[3]).when("dp.zhuhai", refuse_it());
        assert_eq!(decided.result.as_ref().unwrap().readers(), [party("macau")].into());
        let scene = decided.then_done();
        scene.clone().when("dp2.zhuhai", refuse_it()).then_refused(RefusalCode::WrongState);
        scene.when("dp.zhuhai", answer(&[3])).then_refused(RefusalCode::WrongState);
    }

    #[test]
    fn a_proposal_is_given_up_with_the_request_and_an_order_is_not() {
        let order = OrderErasure { erasure: ERASURE };
        let proposed = given_requested(&[3]).when("dp.zhuhai", answer(&[3])).then_done();
        let refused = proposed.clone().when("dp2.zhuhai", refuse_it()).then_done();
        refused.when("sec.zhuhai", order.clone()).then_refused(RefusalCode::WrongState);
        let ordered = proposed.when("sec.zhuhai", order).then_done();
        ordered.when("dp.zhuhai", refuse_it()).then_refused(RefusalCode::WrongState);
    }

    #[test]
    fn not_another_party_not_another_role_and_not_without_a_request() {
        given_requested(&[3]).when("dp.macau", refuse_it()).then_refused(RefusalCode::NotFound);
        given_requested(&[3]).when("dp.hengqin", refuse_it()).then_refused(RefusalCode::NotFound);
        given_requested(&[3]).when("sec.zhuhai", refuse_it()).then_refused(RefusalCode::RoleNotAllowed);
        given_nothing().when("dp.zhuhai", refuse_it()).then_refused(RefusalCode::NotFound);
    }
}
