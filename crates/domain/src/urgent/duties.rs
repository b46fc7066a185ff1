//! What the service does by itself about urgent notices. An addressee takes an unacknowledged notice up, step by step,
//! and says when the first action of a case it took over is late; the sender says when its justification is. Each by its
//! own clock and in its own log.

use crate::agenda::{Case, Duty, Outlook};
use crate::clock::Due;
use crate::closure::next_adjustment;
use crate::event::Event;
use crate::id::UrgentId;
use crate::urgent::clocks::{action_due, escalation_at, figures_of, justification_due};
use crate::urgent::facts::UrgentCase;
use crate::urgent::{EscalateUrgent, RecordActionOverdue, RecordJustificationOverdue, UrgentFacts};
use crate::view::{Sides, ViewError};

/// Returns the cases whose duties an event can change.
pub(crate) fn touched(event: &Event) -> Vec<Case> {
    let urgent = if let Event::UrgentRaised(raised) = event {
        Some(raised.urgent)
    } else if let Event::UrgentDelivered(delivered) = event {
        Some(delivered.urgent)
    } else if let Event::UrgentAcked(acked) = event {
        Some(acked.urgent)
    } else if let Event::UrgentTakenOver(taken) = event {
        Some(taken.urgent)
    } else if let Event::ActionReported(reported) = event {
        Some(reported.urgent)
    } else if let Event::UrgentClosed(closed) = event {
        Some(closed.urgent)
    } else if let Event::JustificationFiled(filed) = event {
        Some(filed.urgent)
    } else if let Event::UrgentEscalated(escalated) = event {
        Some(escalated.urgent)
    } else if let Event::UrgentActionOverdue(overdue) = event {
        Some(overdue.urgent)
    } else if let Event::JustificationOverdue(overdue) = event {
        Some(overdue.urgent)
    } else {
        None
    };
    urgent.map(Case::Urgent).into_iter().collect()
}

/// Returns every case there is.
pub(crate) fn every_case(outlook: &Outlook<'_>) -> Result<Vec<Case>, ViewError> {
    Ok(outlook.rows.all::<UrgentFacts>()?.into_iter().map(|(id, _)| Case::Urgent(id)).collect())
}

/// Returns the next duty of a case.
pub(crate) fn next_duty(outlook: &Outlook<'_>, id: UrgentId) -> Result<Option<Duty>, ViewError> {
    let sides: Sides<UrgentFacts> = outlook.rows.sides(&id)?;
    let Some(case) = sides.concerning(outlook.me) else { return Ok(None) };
    if case.from == outlook.me { senders(outlook, id, &case) } else { addressees(outlook, id, &case) }
}

fn senders(outlook: &Outlook<'_>, id: UrgentId, case: &UrgentCase<'_>) -> Result<Option<Duty>, ViewError> {
    if case.sender.justified.is_some() || case.sender.justification_overdue.is_some() {
        return Ok(None);
    }
    if let Some(adjustment) = next_adjustment(outlook, Case::Urgent(id))? {
        return Ok(Some(adjustment));
    }
    Ok(match justification_due(&outlook.rows, case)? {
        Some(Due::At(due)) => {
            Some(Duty { at: due.plus_us(1), command: RecordJustificationOverdue { urgent: id }.into() })
        }
        Some(Due::Unknown) | None => None,
    })
}

fn addressees(outlook: &Outlook<'_>, id: UrgentId, case: &UrgentCase<'_>) -> Result<Option<Duty>, ViewError> {
    let figures = figures_of(&outlook.rows, case, outlook.me)?;
    let next = case.next_step(outlook.me);
    let escalation = next.and_then(|step| Some((escalation_at(case, outlook.me, step, &figures)?, step)));
    if let Some((at, step)) = escalation {
        return Ok(Some(Duty { at, command: EscalateUrgent { urgent: id, step }.into() }));
    }
    let due = action_due(case, outlook.me, &figures).filter(|_| case.awaits_action(outlook.me));
    Ok(due.map(|due| Duty { at: due.plus_us(1), command: RecordActionOverdue { urgent: id }.into() }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::CalendarId;
    use crate::closure::{ClockAdjusted, ClosureDeclared, RunningClock};
    use crate::id::ClosureId;
    use crate::refusal::RefusalCode;
    use crate::testing::{NOON, Scene};
    use crate::time::{DAY_US, Instant, MINUTE_US};
    use crate::urgent::sample::{
        URGENT, acked, closed, delivered, given_acked, given_closed, given_raised, justified, parties, reported,
        taken_over,
    };
    use crate::urgent::{AckUrgent, EscalationStep, JustificationOverdue, UrgentActionOverdue, UrgentEscalated};

    const CASE: Case = Case::Urgent(URGENT);

    fn given_delivered() -> Scene {
        given_raised().and("node.zhuhai", delivered())
    }

    /// A minute after noon the notice arrives.
    fn minutes(minutes: i64) -> Instant {
        NOON.plus_us((minutes + 1) * MINUTE_US)
    }

    #[test]
    fn unanswered_it_goes_to_the_deputy_the_secretariat_and_both_secretariats() {
        let mut scene = given_delivered();
        for (after, step) in EscalationStep::ALL.into_iter().zip([30, 60, 120]).map(|(step, after)| (after, step)) {
            let (at, event, next) = scene.does_its_duty("zhuhai", CASE);
            let others = parties(&["hengqin", "macau"]);
            assert_eq!((at, event), (minutes(after), UrgentEscalated { urgent: URGENT, others, step }.into()));
            scene = next;
        }
        assert_eq!(scene.duty("zhuhai", CASE), None);
    }

    #[test]
    fn an_acknowledgement_or_the_end_stops_it() {
        let (_, _, scene) = given_delivered().does_its_duty("zhuhai", CASE);
        for scene in [scene.clone().and("ho.zhuhai", acked(&["hengqin", "macau"])), scene.and("ho.hengqin", closed())] {
            assert_eq!(scene.duty("zhuhai", CASE), None);
            let step = EscalationStep::Secretariat;
            let late = scene.at(minutes(500)).when("node.zhuhai", EscalateUrgent { urgent: URGENT, step });
            late.then_refused(RefusalCode::WrongState);
        }
    }

    #[test]
    fn each_addressee_by_its_own_receipt() {
        assert_eq!(given_raised().duty("macau", CASE), None);
        let late = given_delivered().at(minutes(300)).and("node.macau", delivered());
        assert_eq!(late.duty("macau", CASE).unwrap().at, minutes(330));
        assert_eq!(late.duty("hengqin", CASE), None);
    }

    #[test]
    fn the_secretariat_acknowledges_once_it_was_told_and_not_before() {
        let ack = AckUrgent { urgent: URGENT };
        let (_, _, scene) = given_delivered().does_its_duty("zhuhai", CASE);
        scene.clone().when("sec.zhuhai", ack.clone()).then_refused(RefusalCode::RoleNotAllowed);
        let (_, _, scene) = scene.does_its_duty("zhuhai", CASE);
        scene.when("sec.zhuhai", ack).then_done();
    }

    #[test]
    fn who_took_it_over_reports_within_a_day_of_its_receipt() {
        let scene = given_acked().and("ho.macau", taken_over(&["hengqin", "zhuhai"]));
        let due = minutes(24 * 60);
        assert_eq!(scene.clone().and("ho.macau", reported(&["hengqin", "zhuhai"])).duty("macau", CASE), None);
        let (at, event, scene) = scene.does_its_duty("macau", CASE);
        let overdue = UrgentActionOverdue { urgent: URGENT, others: parties(&["hengqin", "zhuhai"]) };
        assert_eq!((at, event), (due.plus_us(1), overdue.into()));
        assert_eq!(scene.duty("macau", CASE), None);
        assert_eq!(given_acked().duty("macau", CASE), None, "nobody took it over");
    }

    /// The end of the second mainland working day after Wednesday 1 July, and of the third.
    fn justification_due(day: i8) -> Instant {
        Instant::local_midnight(jiff::civil::date(2026, 7, day)).unwrap().plus_us(DAY_US - 1)
    }

    #[test]
    fn the_justification_is_due_two_working_days_after_the_end() {
        assert_eq!(given_acked().duty("hengqin", CASE), None);
        assert_eq!(given_closed().and("lo.hengqin", justified()).duty("hengqin", CASE), None);
        let due = justification_due(3);
        let (at, event, scene) = given_closed().does_its_duty("hengqin", CASE);
        let overdue = JustificationOverdue { urgent: URGENT, to: parties(&["macau", "zhuhai"]), due };
        assert_eq!((at, event), (due.plus_us(1), overdue.into()));
        assert_eq!(scene.duty("hengqin", CASE), None);
        scene.and("lo.hengqin", justified()); // late, but possible
    }

    #[test]
    fn a_closure_moves_the_justification() {
        let closure = ClosureId(uuid::Uuid::from_u128(1));
        let (date, others) = (jiff::civil::date(2026, 7, 2), parties(&["macau", "hengqin"]));
        let reason = "typhoon signal 8".parse().unwrap();
        let declared = ClosureDeclared { closure, calendar: CalendarId::Mainland, date, reason, others };
        let (_, event, scene) = given_closed().and("lo.zhuhai", declared).does_its_duty("hengqin", CASE);
        let (clock, others) = (RunningClock::UrgentJustification, parties(&["macau", "zhuhai"]));
        let (from, to) = (justification_due(3), Some(justification_due(6)));
        assert_eq!(event, ClockAdjusted { closure, case: CASE, clock, from, to, others }.into());
        assert_eq!(scene.duty("hengqin", CASE).unwrap().at, justification_due(6).plus_us(1));
        assert_eq!(scene.duty("macau", CASE).map(|duty| duty.at), None);
    }
}
