//! `RecordErasureRequestOverdue`: the service of the party asked records by itself that a request was not answered in time.

use serde::{Deserialize, Serialize};

use crate::agenda::{Duty, Outlook};
use crate::agreement::{Limit, Whose, closures};
use crate::calendar::Closures;
use crate::clock::{Clock, Due};
use crate::command::{Context, Decide};
use crate::erasure::{ErasureFacts, ErasureRequestOverdue, Request};
use crate::event::Event;
use crate::id::ErasureId;
use crate::officer::Role;
use crate::party::rules_of;
use crate::refusal::{Refusal, RefusalCode};
use crate::view::{Rows, Sides, ViewError};

/// By when a request is granted or refused (A). Neither law names a number of days (PIPL art. 50: without delay; Macau Law
/// 8/2005 art. 11: without excessive delay), nor does the plan. As long as the longest answer between the parties, that of a
/// visit (`domain.md` §6.2), by the calendar of the party asked.
pub const ANSWER_WITHIN: Limit = Limit { days: 15, whose: Whose::Receiver };

/// Returns when the answer to a request is due.
#[must_use]
pub fn answer_due(request: &Request<'_>, closures: &Closures) -> Due {
    let between = rules_of(request.asker).zip(rules_of(request.asked.to));
    let limit = between.map(|(asker, origin)| Clock::WorkingDays(ANSWER_WITHIN.of(asker, origin)));
    limit.map_or(Due::Unknown, |limit| limit.due(request.said.at, closures, &[]))
}

/// Records that a request was not answered in time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordErasureRequestOverdue {
    /// The erasure asked for.
    pub erasure: ErasureId,
}

impl Decide for RecordErasureRequestOverdue {
    const ROLES: &'static [Role] = &[Role::Node];
    type State = (Sides<ErasureFacts>, Closures);

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        Ok((rows.sides(&self.erasure)?, closures(rows)?))
    }

    fn decide(&self, (sides, closures): &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let Some(request) = sides.request_to(context.me) else { return Err(Refusal::new(RefusalCode::NotFound)) };
        let late = answer_due(&request, closures).is_overdue(context.now) == Some(true);
        if !is_open(&request) || !late {
            return Err(Refusal::new(RefusalCode::WrongState));
        }
        Ok(ErasureRequestOverdue { erasure: self.erasure, asker: request.asker }.into())
    }
}

fn is_open(request: &Request<'_>) -> bool {
    !request.is_answered() && request.origin.is_none_or(|facts| facts.request_overdue.is_none())
}

/// Returns the duty about a request that this party was sent: to record that it is late.
pub(super) fn duty(
    outlook: &Outlook<'_>,
    erasure: ErasureId,
    sides: &Sides<ErasureFacts>,
) -> Result<Option<Duty>, ViewError> {
    let Some(request) = sides.request_to(outlook.me).filter(is_open) else { return Ok(None) };
    Ok(match answer_due(&request, &closures(&outlook.rows)?) {
        Due::At(last) => Some(Duty { at: last.plus_us(1), command: RecordErasureRequestOverdue { erasure }.into() }),
        Due::Unknown => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agenda::Case;
    use crate::erasure::sample::{ERASURE, answer, given_requested, ordered, refuse_it};
    use crate::testing::party;
    use crate::time::Instant;

    #[test]
    fn after_fifteen_working_days_of_the_party_asked_it_is_late_and_who_asked_is_told_once() {
        // Asked on Wednesday 2026-07-01: fifteen mainland days end with Wednesday the 22nd.
        let (due, event, scene) = given_requested(&[3]).does_its_duty("zhuhai", Case::Erasure(ERASURE));
        assert_eq!(Some(due), Instant::local_midnight("2026-07-23".parse().unwrap()));
        assert_eq!(event, ErasureRequestOverdue { erasure: ERASURE, asker: party("macau") }.into());
        assert_eq!(event.readers(), [party("macau")].into());
        assert_eq!(scene.duty("zhuhai", Case::Erasure(ERASURE)), None);
        let again = RecordErasureRequestOverdue { erasure: ERASURE };
        scene.clone().when("node.zhuhai", again).then_refused(RefusalCode::WrongState);
        scene.when("dp.zhuhai", answer(&[3])).then_done(); // late, and welcome
    }

    #[test]
    fn who_asked_records_nothing_and_a_proposal_does_not_stop_the_clock() {
        let scene = given_requested(&[3]);
        assert_eq!(scene.duty("macau", Case::Erasure(ERASURE)), None);
        let before = scene.duty("zhuhai", Case::Erasure(ERASURE));
        let scene = scene.when("dp.zhuhai", answer(&[3])).then_done();
        assert_eq!(scene.duty("zhuhai", Case::Erasure(ERASURE)), before);
        let late = scene.clone().at(before.unwrap().at);
        late.when("node.macau", RecordErasureRequestOverdue { erasure: ERASURE }).then_refused(RefusalCode::NotFound);
    }

    #[test]
    fn an_order_and_a_refusal_end_it() {
        let refused = given_requested(&[3]).when("dp.zhuhai", refuse_it()).then_done();
        assert_eq!(refused.duty("zhuhai", Case::Erasure(ERASURE)), None);
        let scene = given_requested(&[3]).and("sec.zhuhai", ordered(&[3]));
        let duty = scene.duty("zhuhai", Case::Erasure(ERASURE)).unwrap();
        assert!(matches!(duty.command, crate::command::Command::RecordErasureOverdue(_)), "{duty:?}");
        let late = RecordErasureRequestOverdue { erasure: ERASURE };
        scene
            .at(duty.at.plus_us(90 * crate::time::DAY_US))
            .when("node.zhuhai", late)
            .then_refused(RefusalCode::WrongState);
    }
}
