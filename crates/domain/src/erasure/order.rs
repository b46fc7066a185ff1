//! `OrderErasure`: a second person orders what a data-protection officer proposed. From here on it can't be undone.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::erasure::{ErasureFacts, ErasureOrdered, ErasureProposed};
use crate::event::Event;
use crate::id::ErasureId;
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::view::{Rows, Sides, ViewError};

/// Orders an erasure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderErasure {
    /// The erasure.
    pub erasure: ErasureId,
}

impl Decide for OrderErasure {
    // A small party has one data-protection officer: then the secretariat is the second pair of eyes.
    const ROLES: &'static [Role] = &[Role::DataProtection, Role::Secretariat];
    type State = Sides<ErasureFacts>;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        rows.sides(&self.erasure)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let own = state.of(context.me);
        let Some((facts, (proposed, said))) = own.and_then(|facts| Some((facts, facts.proposed.as_ref()?))) else {
            return Err(Refusal::new(RefusalCode::NotFound));
        };
        if facts.ordered.is_some() || facts.refused.is_some() {
            return Err(Refusal::new(RefusalCode::WrongState));
        }
        if said.by == context.actor.officer {
            return Err(Refusal::new(RefusalCode::SamePerson));
        }
        let ErasureProposed { erasure, entries, ground, holders, asker } = proposed.clone();
        Ok(ErasureOrdered { erasure, entries, ground, holders, asker }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::erasure::sample::{ERASURE, ordered, propose};
    use crate::testing::{Scene, given_nothing, party};

    fn given_proposed() -> Scene {
        given_nothing().when("dp.zhuhai", propose(&[3, 4])).then_done()
    }

    #[test]
    fn another_person_orders_and_every_holder_is_told() {
        for who in ["dp2.zhuhai", "sec.zhuhai"] {
            let scene = given_proposed().when(who, OrderErasure { erasure: ERASURE }).then(ordered(&[3, 4]));
            scene.when("dp2.zhuhai", OrderErasure { erasure: ERASURE }).then_refused(RefusalCode::WrongState);
        }
        assert_eq!(Event::from(ordered(&[3])).readers(), [party("macau")].into());
    }

    #[test]
    fn not_the_same_person_not_another_role_and_not_for_another_party() {
        let order = |who: &str| given_proposed().when(who, OrderErasure { erasure: ERASURE });
        order("dp.zhuhai").then_refused(RefusalCode::SamePerson);
        order("lo.zhuhai").then_refused(RefusalCode::RoleNotAllowed);
        order("dp.macau").then_refused(RefusalCode::NotFound);
        given_nothing().when("dp.zhuhai", OrderErasure { erasure: ERASURE }).then_refused(RefusalCode::NotFound);
    }
}
