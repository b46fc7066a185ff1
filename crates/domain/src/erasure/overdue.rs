//! `RecordErasureOverdue`: the service of the party that ordered an erasure records by itself who has not confirmed it in time.

use serde::{Deserialize, Serialize};

use crate::agenda::{Case, Duty, Outlook};
use crate::command::{Context, Decide};
use crate::erasure::{ErasureFacts, ErasureOverdue, request_overdue};
use crate::event::Event;
use crate::id::ErasureId;
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::time::DAY_US;
use crate::view::{Rows, Sides, ViewError};

/// By when a holder has confirmed (A): its service does it by itself within seconds, so what lasts longer than a weekend
/// of a link that is down needs somebody to look.
pub const CONFIRM_WITHIN_US: i64 = 3 * DAY_US;

/// Records that holders have not confirmed in time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordErasureOverdue {
    /// The erasure.
    pub erasure: ErasureId,
}

impl Decide for RecordErasureOverdue {
    const ROLES: &'static [Role] = &[Role::Node];
    type State = Sides<ErasureFacts>;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        rows.sides(&self.erasure)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let Some(ordered) = state.ordered_by(context.me) else { return Err(Refusal::new(RefusalCode::NotFound)) };
        let missing = ordered.missing();
        let late = context.now >= ordered.said.at.plus_us(CONFIRM_WITHIN_US);
        if missing.is_empty() || ordered.overdue.is_some() || !late {
            return Err(Refusal::new(RefusalCode::WrongState));
        }
        Ok(ErasureOverdue { erasure: self.erasure, missing }.into())
    }
}

/// Returns the erasures whose duties an event can change.
pub(crate) fn touched(event: &Event) -> Vec<Case> {
    macro_rules! one_of {
        ($($kind:ident)*) => {$(
            if let Event::$kind(event) = event {
                return vec![Case::Erasure(event.erasure)];
            }
        )*};
    }
    one_of!(ErasureOrdered ErasureConfirmed ErasureOverdue ErasureRequested ErasureRefused ErasureRequestOverdue);
    Vec::new()
}

/// Returns every erasure there is.
pub(crate) fn every_case(outlook: &Outlook<'_>) -> Result<Vec<Case>, ViewError> {
    Ok(outlook.rows.all::<ErasureFacts>()?.into_iter().map(|(id, _)| Case::Erasure(id)).collect())
}

/// Returns the next duty about an erasure: to record who is late with an answer to a request, or with a confirmation.
pub(crate) fn next_duty(outlook: &Outlook<'_>, erasure: ErasureId) -> Result<Option<Duty>, ViewError> {
    let sides = outlook.rows.sides::<ErasureFacts>(&erasure)?;
    let ordered = sides.ordered_by(outlook.me);
    let open = ordered.filter(|ordered| ordered.overdue.is_none() && !ordered.missing().is_empty());
    let confirmations = open.map(|ordered| Duty {
        at: ordered.said.at.plus_us(CONFIRM_WITHIN_US),
        command: RecordErasureOverdue { erasure }.into(),
    });
    // An order answers a request, so there is never both.
    Ok(confirmations.or(request_overdue::duty(outlook, erasure, &sides)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::erasure::ConfirmErasure;
    use crate::erasure::sample::{ERASURE, given_ordered};
    use crate::testing::party;

    #[test]
    fn who_is_late_is_recorded_once_by_the_party_that_ordered() {
        let confirm = ConfirmErasure { erasure: ERASURE, ordered_by: party("zhuhai"), destroyed: 2, kept: 0 };
        let scene = given_ordered().when("node.zhuhai", confirm.clone()).then_done();
        assert_eq!(scene.duty("macau", Case::Erasure(ERASURE)), None);
        let (_, event, scene) = scene.does_its_duty("zhuhai", Case::Erasure(ERASURE));
        assert_eq!(event, ErasureOverdue { erasure: ERASURE, missing: [party("macau")].into() }.into());
        assert_eq!(event.readers(), [party("macau")].into());
        assert_eq!(scene.duty("zhuhai", Case::Erasure(ERASURE)), None);
        let late = RecordErasureOverdue { erasure: ERASURE };
        scene.clone().when("node.zhuhai", late).then_refused(RefusalCode::WrongState);
        scene.when("node.macau", confirm).then_done(); // late, and welcome
    }

    #[test]
    fn nothing_is_late_when_all_have_confirmed() {
        let confirm = ConfirmErasure { erasure: ERASURE, ordered_by: party("zhuhai"), destroyed: 2, kept: 0 };
        let scene = given_ordered().when("node.zhuhai", confirm.clone()).then_done();
        let scene = scene.when("node.macau", confirm).then_done();
        assert_eq!(scene.duty("zhuhai", Case::Erasure(ERASURE)), None);
        let late = scene.now.plus_us(CONFIRM_WITHIN_US);
        let command = RecordErasureOverdue { erasure: ERASURE };
        scene.at(late).when("node.zhuhai", command).then_refused(RefusalCode::WrongState);
    }
}
