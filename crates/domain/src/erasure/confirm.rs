//! `ConfirmErasure`: a holder's service says that it has destroyed what an order covers.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::erasure::{ErasureConfirmed, ErasureFacts};
use crate::event::Event;
use crate::id::{ErasureId, PartyId};
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::view::{Rows, Sides, ViewError};

/// Confirms an erasure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfirmErasure {
    /// The erasure.
    pub erasure: ErasureId,
    /// Who ordered it.
    pub ordered_by: PartyId,
    /// Keys that are destroyed here.
    pub destroyed: u32,
    /// Entries whose keys are kept, because the order came before their floor was over.
    pub kept: u32,
}

impl Decide for ConfirmErasure {
    const ROLES: &'static [Role] = &[Role::Node];
    type State = Sides<ErasureFacts>;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        rows.sides(&self.erasure)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let ordered = state.ordered_by(self.ordered_by).filter(|ordered| ordered.parties().contains(&context.me));
        let Some(ordered) = ordered else { return Err(Refusal::new(RefusalCode::NotFound)) };
        if ordered.confirmed.contains_key(&context.me) {
            return Err(Refusal::new(RefusalCode::WrongState));
        }
        let Self { erasure, ordered_by, destroyed, kept } = *self;
        let others = ordered.told().into_iter().filter(|party| *party != context.me).collect();
        Ok(ErasureConfirmed { erasure, ordered_by, destroyed, kept, others }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::erasure::orders;
    use crate::erasure::sample::{ERASURE, given_ordered};
    use crate::testing::{given_nothing, party};

    fn confirm() -> ConfirmErasure {
        ConfirmErasure { erasure: ERASURE, ordered_by: party("zhuhai"), destroyed: 2, kept: 0 }
    }

    #[test]
    fn every_holder_and_the_origin_confirm_once_and_the_others_are_told() {
        let scene = given_ordered();
        let missing = |scene: &crate::testing::Scene| orders(&scene.rows()).unwrap()[0].missing();
        assert_eq!(missing(&scene), [party("macau"), party("zhuhai")].into());
        let done = scene.when("node.macau", confirm());
        assert_eq!(done.result.as_ref().unwrap().readers(), [party("zhuhai")].into());
        let scene = done.then_done();
        assert_eq!(missing(&scene), [party("zhuhai")].into());
        scene.clone().when("node.macau", confirm()).then_refused(RefusalCode::WrongState);
        assert!(missing(&scene.when("node.zhuhai", confirm()).then_done()).is_empty());
    }

    #[test]
    fn not_by_an_officer_nor_by_a_party_it_does_not_concern_nor_without_an_order() {
        given_ordered().when("dp.macau", confirm()).then_refused(RefusalCode::RoleNotAllowed);
        given_ordered().when("node.hengqin", confirm()).then_refused(RefusalCode::NotFound);
        given_nothing().when("node.macau", confirm()).then_refused(RefusalCode::NotFound);
        let of_another = ConfirmErasure { ordered_by: party("hengqin"), ..confirm() };
        given_ordered().when("node.macau", of_another).then_refused(RefusalCode::NotFound);
    }
}
