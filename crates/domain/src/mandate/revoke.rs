//! `RevokeMandate`: the person withdraws a mandate.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::consent::RevocationForm;
use crate::event::Event;
use crate::id::MandateId;
use crate::mandate::{MandateFacts, MandateRevoked};
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::time::Instant;
use crate::view::{Rows, Sides, ViewError};

/// Records that a mandate was withdrawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevokeMandate {
    /// The mandate.
    pub mandate: MandateId,
    /// How it was withdrawn.
    pub form: RevocationForm,
    /// When the person withdrew it; not in the future.
    pub effective_at: Instant,
}

impl Decide for RevokeMandate {
    const ROLES: &'static [Role] = &[Role::Caseworker, Role::SocialWorker];
    type State = Sides<MandateFacts>;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        rows.sides(&self.mandate)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let Some(facts) = state.of(context.me).filter(|facts| facts.recorded.is_some()) else {
            return Err(Refusal::new(RefusalCode::NotFound));
        };
        if facts.revoked.is_some() {
            return Err(Refusal::new(RefusalCode::WrongState));
        }
        if self.effective_at > context.now {
            return Err(Refusal::new(RefusalCode::BadDate));
        }
        let Self { mandate, form, effective_at } = *self;
        Ok(MandateRevoked { mandate, form, effective_at }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mandate::MandateRecorded;
    use crate::mandate::record::tests::mandate;
    use crate::testing::{NOON, given, given_nothing};

    fn revoke(effective_at: Instant) -> RevokeMandate {
        RevokeMandate { mandate: mandate().id, form: RevocationForm::InPerson, effective_at }
    }

    #[test]
    fn a_mandate_is_withdrawn_once_and_not_from_tomorrow() {
        let scene = given([("cw.macau", MandateRecorded { mandate: mandate() })]);
        let event = MandateRevoked { mandate: mandate().id, form: RevocationForm::InPerson, effective_at: NOON };
        let later = revoke(scene.now.plus_us(1));
        scene.clone().when("cw.macau", later).then_refused(RefusalCode::BadDate);
        let scene = scene.when("sw.macau", revoke(NOON)).then(event);
        scene.clone().when("cw.macau", revoke(NOON)).then_refused(RefusalCode::WrongState);
        scene.when("cw.zhuhai", revoke(NOON)).then_refused(RefusalCode::NotFound);
        given_nothing().when("cw.macau", revoke(NOON)).then_refused(RefusalCode::NotFound);
    }
}
