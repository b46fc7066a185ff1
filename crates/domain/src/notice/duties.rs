//! What the service does by itself about routine notices: the addressee reminds itself and says that it is late, the
//! sender says that it sent nothing. Each by its own clock and in its own log.

use crate::agenda::{Case, Duty, Outlook};
use crate::agreement::closures;
use crate::clock::Due;
use crate::closure::next_adjustment;
use crate::event::Event;
use crate::id::{BatchId, PartyId};
use crate::notice::clocks::{acknowledgement, routine};
use crate::notice::remind_batch::reminder_at;
use crate::notice::{BatchFacts, RecordBatchOverdue, RecordMissedBatch, RemindBatch};
use crate::party;
use crate::view::{Sides, ViewError};

/// Returns the cases whose duties an event can change.
pub(crate) fn touched(event: &Event) -> Vec<Case> {
    if let Event::BatchSent(sent) = event {
        return vec![Case::Batch(sent.batch), Case::Routine(sent.to)];
    }
    if let Event::BatchMissed(missed) = event {
        return vec![Case::Routine(missed.to)];
    }
    // Signing is what begins the obligation, whoever signs last.
    if matches!(event, Event::AgreementProposed(_) | Event::AgreementSigned(_)) {
        return party::ALL.iter().filter_map(|rules| rules.party.parse().ok()).map(Case::Routine).collect();
    }
    let batch = if let Event::BatchDelivered(delivered) = event {
        Some(delivered.batch)
    } else if let Event::BatchAcknowledged(acknowledged) = event {
        Some(acknowledged.batch)
    } else if let Event::BatchReminded(reminded) = event {
        Some(reminded.batch)
    } else if let Event::BatchOverdue(overdue) = event {
        Some(overdue.batch)
    } else {
        None
    };
    batch.map(Case::Batch).into_iter().collect()
}

/// Returns every case there is.
pub(crate) fn every_case(outlook: &Outlook<'_>) -> Result<Vec<Case>, ViewError> {
    let batches = outlook.rows.all::<BatchFacts>()?.into_iter().map(|(id, _)| Case::Batch(id));
    Ok(batches.chain(party::others(outlook.me).into_iter().map(Case::Routine)).collect())
}

/// Returns the next duty about a batch: to remind, then to say that it is overdue.
pub(crate) fn next_duty(outlook: &Outlook<'_>, id: BatchId) -> Result<Option<Duty>, ViewError> {
    let sides: Sides<BatchFacts> = outlook.rows.sides(&id)?;
    let Some(batch) = sides.received_by(outlook.me) else { return Ok(None) };
    let Some(own) = batch.addressee.filter(|own| own.acknowledged.is_none() && own.overdue.is_none()) else {
        return Ok(None);
    };
    if let Some(adjustment) = next_adjustment(outlook, Case::Batch(id))? {
        return Ok(Some(adjustment));
    }
    let Some(clock) = acknowledgement(&outlook.rows, &batch)? else { return Ok(None) };
    Ok(match clock.due(&closures(&outlook.rows)?) {
        Due::At(due) if own.reminded.is_none() => {
            Some(Duty { at: reminder_at(due), command: RemindBatch { batch: id }.into() })
        }
        Due::At(due) => Some(Duty { at: due.plus_us(1), command: RecordBatchOverdue { batch: id }.into() }),
        Due::Unknown => None,
    })
}

/// Returns the next duty about the monthly batches to an addressee: to say that one was missed.
pub(crate) fn next_missed(outlook: &Outlook<'_>, to: PartyId) -> Result<Option<Duty>, ViewError> {
    if let Some(adjustment) = next_adjustment(outlook, Case::Routine(to))? {
        return Ok(Some(adjustment));
    }
    let month = routine(&outlook.rows, outlook.me, to)?.and_then(|routine| routine.next());
    Ok(month.and_then(|month| match month.due {
        Due::At(due) => {
            let command = RecordMissedBatch { to, period: month.period };
            Some(Duty { at: due.plus_us(1), command: command.into() })
        }
        Due::Unknown => None,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agreement::sample as agreement;
    use crate::calendar::CalendarId;
    use crate::closure::{ClockAdjusted, ClosureDeclared, RunningClock};
    use crate::id::ClosureId;
    use crate::notice::clocks::routine;
    use crate::notice::sample::{BATCH, acknowledged, date, given_arrived, given_sent, matched, period, sent};
    use crate::notice::{AcknowledgeBatch, BatchMissed, BatchOverdue, BatchReminded, BatchSent};
    use crate::testing::{NOON, Scene, given, given_nothing, party};
    use crate::time::{DAY_US, Instant};

    /// The last instant of a day of 2026.
    fn end_of(month: i8, day: i8) -> Instant {
        Instant::local_midnight(jiff::civil::date(2026, month, day)).unwrap().plus_us(DAY_US - 1)
    }

    fn declared(number: u128, calendar: CalendarId, day: &str) -> ClosureDeclared {
        let closure = ClosureId(uuid::Uuid::from_u128(number));
        let others = [party("hengqin"), party("zhuhai"), party("macau")].into();
        ClosureDeclared { closure, calendar, date: date(day), reason: "typhoon signal 8".parse().unwrap(), others }
    }

    #[test]
    fn the_addressee_is_reminded_on_the_last_day_and_late_after_it_each_once() {
        let case = Case::Batch(BATCH);
        let (from, due) = (party("macau"), end_of(7, 6)); // arrived on Wednesday 1 July: 2, 3, 6
        let (at, event, scene) = given_arrived().does_its_duty("zhuhai", case);
        assert_eq!((at, event.clone()), (end_of(7, 5).plus_us(1), BatchReminded { batch: BATCH, from, due }.into()));
        assert_eq!(event.readers(), [from].into());
        let (at, event, scene) = scene.does_its_duty("zhuhai", case);
        let overdue = BatchOverdue { batch: BATCH, from, due, open: 2 };
        assert_eq!((at, event), (due.plus_us(1), overdue.into()));
        assert_eq!(scene.duty("zhuhai", case), None);
        for again in
            [crate::command::Command::from(RemindBatch { batch: BATCH }), RecordBatchOverdue { batch: BATCH }.into()]
        {
            scene.clone().when("node.zhuhai", again).then_refused(crate::refusal::RefusalCode::WrongState);
        }
        let scene = scene.and("cw.zhuhai", matched(1, 0)).and("cw.zhuhai", matched(3, 0));
        scene.when("lo.zhuhai", AcknowledgeBatch { batch: BATCH }).then_done(); // late, but possible
    }

    #[test]
    fn nothing_is_due_before_the_arrival_after_the_acknowledgement_and_of_the_sender() {
        let case = Case::Batch(BATCH);
        assert_eq!(given_sent().duty("zhuhai", case), None);
        assert_eq!(given_arrived().and("lo.zhuhai", acknowledged()).duty("zhuhai", case), None);
        assert_eq!(given_arrived().duty("macau", case), None);
        assert_eq!(given_arrived().duty("hengqin", case), None);
    }

    #[test]
    fn a_limit_in_a_year_that_is_not_loaded_gives_no_duty() {
        let late = given_nothing().at(end_of(12, 30));
        let scene = late.and("lo.macau", sent()).and("node.zhuhai", crate::notice::sample::delivered());
        assert_eq!(scene.duty("zhuhai", Case::Batch(BATCH)), None);
    }

    #[test]
    fn a_closure_moves_the_clock_of_the_addressee_once_and_not_that_of_another_calendar() {
        let case = Case::Batch(BATCH);
        let scene = given_arrived().and("lo.macau", declared(1, CalendarId::Macau, "2026-07-02"));
        assert!(matches!(scene.duty("zhuhai", case).unwrap().command, crate::command::Command::RemindBatch(_)));
        // Two of three days fall away: one declared by Zhuhai itself, one by Hengqin, which goes by the same calendar.
        let scene = scene.and("lo.zhuhai", declared(2, CalendarId::Mainland, "2026-07-03"));
        let scene = scene.and("lo.hengqin", declared(3, CalendarId::Mainland, "2026-07-06"));
        let clock = RunningClock::BatchAcknowledgement;
        let mut scene = scene;
        for (number, from, to) in [(2, end_of(7, 6), end_of(7, 7)), (3, end_of(7, 7), end_of(7, 8))] {
            let closure = ClosureId(uuid::Uuid::from_u128(number));
            let (_, event, next) = scene.does_its_duty("zhuhai", case);
            let others = [party("macau")].into();
            assert_eq!(event, ClockAdjusted { closure, case, clock, from, to: Some(to), others }.into());
            scene = next;
        }
        let (at, _, scene) = scene.does_its_duty("zhuhai", case);
        assert_eq!(at, end_of(7, 7).plus_us(1), "reminded on the new last day");
        assert_eq!(scene.duty("zhuhai", case).unwrap().at, end_of(7, 8).plus_us(1));
        assert_eq!(scene.duty("macau", case), None, "it is not the sender's clock");
    }

    #[test]
    fn what_was_closed_when_the_clock_began_adjusts_nothing() {
        let scene = given([("lo.zhuhai", declared(1, CalendarId::Mainland, "2026-07-03"))]).and("lo.macau", sent());
        let scene = scene.and("node.zhuhai", crate::notice::sample::delivered());
        assert_eq!(scene.duty("zhuhai", Case::Batch(BATCH)).unwrap().at, end_of(7, 6).plus_us(1));
    }

    fn sent_for(month: &str) -> BatchSent {
        let batch = BatchId(uuid::Uuid::from_u128(month.bytes().fold(0, |id, byte| id * 256 + u128::from(byte))));
        BatchSent { batch, period: period(month), entries: vec![], ..sent() }
    }

    /// An agreement of all three parties that Zhuhai and Macau have signed; it holds from 2 July on, at noon.
    fn agreed() -> Scene {
        given_nothing().and("sec.zhuhai", agreement::proposed(1)).and("sec.macau", agreement::signed(1))
    }

    #[test]
    fn a_month_without_a_batch_is_missed_once_and_the_second_in_a_row_is_told_to_the_secretariat() {
        let case = Case::Routine(party("zhuhai"));
        let missed = |month, misses_in_a_row, tell_secretariat| {
            BatchMissed { to: party("zhuhai"), period: period(month), misses_in_a_row, tell_secretariat }.into()
        };
        // Nothing was ever sent. August is the first month that begins while the agreement holds.
        let (at, event, scene) = agreed().does_its_duty("macau", case);
        assert_eq!((at, event), (end_of(8, 7).plus_us(1), missed("2026-08", 1, false)));
        let (at, event, scene) = scene.does_its_duty("macau", case);
        assert_eq!((at, event.clone()), (end_of(9, 7).plus_us(1), missed("2026-09", 2, true)));
        assert_eq!(event.readers(), [party("zhuhai")].into());
        // An empty batch in time ends the row; one sent late does not undo the miss.
        let scene = scene.and("lo.macau", sent_for("2026-09")).at(end_of(10, 9)).and("lo.macau", sent_for("2026-10"));
        let (_, event, scene) = scene.does_its_duty("macau", case);
        assert_eq!(event, missed("2026-11", 1, false));
        let (_, event, scene) = scene.does_its_duty("macau", case);
        assert_eq!(event, missed("2026-12", 2, true));
        assert_eq!(scene.duty("macau", case), None, "2027 is not loaded");
        assert_eq!(scene.duty("zhuhai", case), None, "it is not the addressee's clock");
    }

    #[test]
    fn nothing_is_owed_before_both_have_signed_and_by_nobody_who_has_not() {
        let case = Case::Routine(party("zhuhai"));
        let proposed = given_nothing().and("sec.zhuhai", agreement::proposed(1));
        for scene in [given_nothing(), proposed, given([("lo.macau", sent_for("2026-06"))])] {
            assert_eq!(scene.duty("macau", case), None);
        }
        assert_eq!(agreed().duty("hengqin", case), None, "Hengqin has not signed");
        assert_eq!(agreed().duty("zhuhai", Case::Routine(party("hengqin"))), None);
        // Both of the two that have signed owe each other, and each service watches its own.
        let own = agreed().duty("zhuhai", Case::Routine(party("macau"))).unwrap();
        let expected = RecordMissedBatch { to: party("macau"), period: period("2026-08") };
        assert_eq!(own.command, expected.into());
        let touched = super::touched(&agreement::signed(1).into());
        assert!(touched.contains(&case) && touched.contains(&Case::Routine(party("macau"))));
    }

    #[test]
    fn a_version_signed_later_owes_from_then_on_and_a_new_version_does_not_begin_anew() {
        let case = Case::Routine(party("zhuhai"));
        let late = given_nothing().and("sec.zhuhai", agreement::proposed(1)).at(end_of(9, 15));
        let scene = late.and("sec.macau", agreement::signed(1));
        assert_eq!(scene.duty("macau", case).unwrap().at, end_of(10, 14).plus_us(1), "October is the first");
        let mut next = agreement::proposed(2);
        next.terms.effective_from = end_of(9, 30);
        next.terms.figures.routine_batch.days = 1;
        let scene = agreed().and("sec.zhuhai", next).and("sec.macau", agreement::signed(2));
        let (at, _, scene) = scene.does_its_duty("macau", case);
        assert_eq!(at, end_of(8, 7).plus_us(1), "the months of the first version are owed by its figures");
        let (_, _, scene) = scene.does_its_duty("macau", case);
        assert_eq!(scene.duty("macau", case).unwrap().at, end_of(10, 8).plus_us(1), "October by those of the second");
    }

    #[test]
    fn a_version_in_force_from_the_first_instant_of_a_month_owes_that_month() {
        let mut first = agreement::proposed(1);
        first.terms.effective_from = Instant::local_midnight(jiff::civil::date(2026, 8, 1)).unwrap();
        let scene = given_nothing().and("sec.zhuhai", first.clone()).and("sec.macau", agreement::signed(1));
        let owed = |scene: &Scene| {
            routine(&scene.rows(), party("macau"), party("zhuhai")).unwrap().unwrap().first_owed().unwrap().to_string()
        };
        assert_eq!(owed(&scene), "2026-08");
        first.terms.effective_from = first.terms.effective_from.plus_us(1);
        let scene = given_nothing().and("sec.zhuhai", first).and("sec.macau", agreement::signed(1));
        assert_eq!(owed(&scene), "2026-09");
    }

    #[test]
    fn the_addressee_works_out_what_is_missing_from_what_was_sent() {
        let routine = routine(&agreed().rows(), party("macau"), party("zhuhai")).unwrap().unwrap();
        let overdue = |now| -> Vec<String> {
            let late = routine.unsent().take_while(move |month| month.due.is_overdue(now) == Some(true));
            late.map(|month| month.period.to_string()).collect()
        };
        assert!(overdue(NOON).is_empty());
        assert_eq!(overdue(end_of(9, 30)), ["2026-08", "2026-09"]);
    }

    #[test]
    fn a_closure_moves_the_months_limit() {
        let case = Case::Routine(party("zhuhai"));
        let scene = agreed().at(end_of(8, 2)).and("lo.macau", declared(1, CalendarId::Macau, "2026-08-05"));
        let (_, event, scene) = scene.does_its_duty("macau", case);
        let Event::ClockAdjusted(adjusted) = event else { panic!() };
        assert_eq!(adjusted.clock, RunningClock::RoutineBatch(period("2026-08")));
        assert_eq!((adjusted.from, adjusted.to), (end_of(8, 7), Some(end_of(8, 10))));
        let (at, _, _) = scene.does_its_duty("macau", case);
        assert_eq!(at, end_of(8, 10).plus_us(1));
    }
}
