//! When something is due: time limits, and the pauses that stop them.
//!
//! In scope: computing a due instant from a start. Out of scope: which limit a step has (`crate::agreement`), what
//! happens when one passes, and what time it is.

use jiff::tz::Offset;

use crate::calendar::{Closures, WorkingCalendar};
use crate::time::{Date, Instant, MINUTE_US};

/// A number of working days, and whose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkingDays {
    /// How many.
    pub days: u16,
    /// By which calendar.
    pub calendar: WorkingCalendar,
}

/// A time limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// To the end of the last of so many working days; the day it starts on is not counted.
    WorkingDays(WorkingDays),
    /// To the end of the last of so many days, working or not; the day it starts on is not counted.
    Days(u16),
    /// So many minutes by day and night.
    WallMinutes(u32),
}

/// A question for clarification, during which a clock of working days stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pause {
    /// When it was asked.
    pub from: Instant,
    /// When it was answered or withdrawn; none while it is open, and then it is taken to run to its limit.
    pub until: Option<Instant>,
    /// The longest it stops the clock, whenever the answer comes. By the calendar of who has to answer.
    pub limit: WorkingDays,
}

impl Pause {
    /// Returns the day from which the clock counts again; none when its limit needs a year that is not loaded before
    /// the answer came.
    ///
    /// The day it begins is not counted by the clock and the day it ends is: what was left of the one is made up by the
    /// other. So a question answered on the same day moves nothing, one asked on the last day keeps that day for the
    /// reply, and none moves the due day by more than its limit where both go by the same calendar.
    fn end(&self, closures: &Closures) -> Option<Date> {
        let until = self.until.map(Instant::local_date);
        let (mut day, mut left) = (self.from.local_date(), self.limit.days);
        while left > 0 && until.is_none_or(|until| day < until) {
            day = day.tomorrow().ok()?;
            if self.limit.calendar.is_working_day(day, closures)? {
                left -= 1;
            }
        }
        Some(day)
    }
}

/// When something is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// The last instant at which it is still on time.
    At(Instant),
    /// A year that has to be judged is not loaded. It is neither on time nor overdue, and an officer has to look.
    Unknown,
}

impl Due {
    /// Returns whether it is overdue; none when that is unknown.
    #[must_use]
    pub fn is_overdue(self, now: Instant) -> Option<bool> {
        match self {
            Self::At(last) => Some(now > last),
            Self::Unknown => None,
        }
    }
}

impl Clock {
    /// Returns when what starts at `start` is due: the last microsecond of a day in Zhuhai, Macau and Hengqin, or with
    /// minutes exactly so long after the start.
    ///
    /// To be computed anew whenever a closure or a pause is recorded, or a year is loaded. Pauses stop working days
    /// only: the other limits have no clarification (`domain.md` §6.2). Pauses may overlap: a day stands still once.
    #[must_use]
    pub fn due(self, start: Instant, closures: &Closures, pauses: &[Pause]) -> Due {
        match self {
            Self::WorkingDays(limit) => last_day(start.local_date(), limit, closures, pauses).and_then(end_of_day),
            Self::Days(days) => {
                let span = jiff::Span::new().try_days(days).ok();
                span.and_then(|span| start.local_date().checked_add(span).ok()).and_then(end_of_day)
            }
            Self::WallMinutes(minutes) => Some(start.plus_us(i64::from(minutes) * MINUTE_US)),
        }
        .map_or(Due::Unknown, Due::At)
    }
}

fn last_day(start: Date, limit: WorkingDays, closures: &Closures, pauses: &[Pause]) -> Option<Date> {
    let stopped: Vec<(Date, Option<Date>)> =
        pauses.iter().map(|pause| (pause.from.local_date(), pause.end(closures))).collect();
    // An end unknown leaves all days from the first on unknown, and those before it as they are: what was due before
    // a pause began stays due.
    let counts = |day| {
        let mut begun = stopped.iter().filter(|(first, _)| *first <= day);
        begun.try_fold(true, |counts, (_, end)| Some(day >= (*end)? && counts))
    };
    limit.calendar.nth_after(start, limit.days, closures, counts)
}

/// Returns the last microsecond of a local day; none at the end of the calendar.
pub(crate) fn end_of_day(day: Date) -> Option<Instant> {
    let midnight = day.tomorrow().ok()?.at(0, 0, 0, 0);
    let stamp = Offset::constant(8).to_timestamp(midnight).ok()?; // UTC+8 on both sides (`domain.md` §4, Dates)
    Some(Instant(stamp.as_microsecond()).plus_us(-1))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;
    use crate::agreement::DEFAULTS;
    use crate::calendar::CalendarId;
    use crate::party::{Rules, rules_of};
    use crate::time::{DAY_US, SECOND_US};

    const HOUR_US: i64 = 60 * MINUTE_US;

    fn rules(party: &str) -> &'static Rules {
        rules_of(party.parse().unwrap()).unwrap()
    }

    /// Noon of a day of 2026 in Zhuhai.
    fn noon(month: i8, day: i8) -> Instant {
        end_of_day(date(2026, month, day)).unwrap().plus_us(1 - 12 * HOUR_US)
    }

    fn end_of(month: i8, day: i8) -> Due {
        Due::At(noon(month, day).plus_us(12 * HOUR_US - 1))
    }

    /// Zhuhai asks Macau about its register: ten of Macau's working days.
    fn register_items() -> Clock {
        Clock::WorkingDays(DEFAULTS.register_items.of(rules("zhuhai"), rules("macau")))
    }

    /// Macau asks back, and Zhuhai has five mainland working days.
    fn pause(from: Instant, until: Option<Instant>) -> Pause {
        Pause { from, until, limit: DEFAULTS.clarification_pause.of(rules("zhuhai"), rules("macau")) }
    }

    /// Given pauses of a request accepted on Wednesday 1 July, when its register items are due.
    fn due(pauses: &[Pause]) -> Due {
        register_items().due(noon(7, 1), &Closures::default(), pauses)
    }

    #[test]
    fn a_local_day_ends_one_microsecond_before_the_next() {
        for day in [date(1969, 12, 31), date(2026, 2, 28), date(2026, 12, 31)] {
            let end = end_of_day(day).unwrap();
            assert_eq!(end.local_date(), day);
            assert_eq!(end.plus_us(1).local_date(), day.tomorrow().unwrap());
        }
        assert_eq!(end_of_day(Date::MAX), None);
    }

    #[test]
    fn due_to_the_end_of_the_day_on_the_repliers_calendar() {
        assert_eq!(due(&[]), end_of(7, 15));
        let asked_of_zhuhai = Clock::WorkingDays(DEFAULTS.register_items.of(rules("macau"), rules("zhuhai")));
        let start = noon(9, 24);
        assert_eq!(asked_of_zhuhai.due(start, &Closures::default(), &[]), end_of(10, 15));
        assert_eq!(register_items().due(start, &Closures::default(), &[]), end_of(10, 13));
    }

    #[test]
    fn the_start_day_is_the_local_one() {
        let before_midnight = noon(7, 1).plus_us(12 * HOUR_US - 1);
        let none = Closures::default();
        assert_eq!(register_items().due(before_midnight, &none, &[]), end_of(7, 15));
        assert_eq!(register_items().due(before_midnight.plus_us(1), &none, &[]), end_of(7, 16));
    }

    #[test]
    fn overdue_is_after_the_last_instant() {
        let Due::At(last) = end_of(7, 15) else { panic!() };
        assert_eq!(Due::At(last).is_overdue(last), Some(false));
        assert_eq!(Due::At(last).is_overdue(last.plus_us(1)), Some(true));
    }

    #[test]
    fn a_year_not_loaded_makes_it_unknown() {
        let due = register_items().due(noon(12, 18), &Closures::default(), &[]);
        assert_eq!(due, Due::Unknown);
        assert_eq!(due.is_overdue(noon(12, 19).plus_us(1_000 * DAY_US)), None);
    }

    #[test]
    fn a_late_closure_moves_a_running_limit() {
        let typhoon = [(CalendarId::Macau, date(2026, 7, 9)), (CalendarId::Macau, date(2026, 7, 10))];
        assert_eq!(register_items().due(noon(7, 1), &typhoon.into_iter().collect(), &[]), end_of(7, 17));
        let elsewhere = typhoon.map(|(_, day)| (CalendarId::Mainland, day)).into_iter().collect();
        assert_eq!(register_items().due(noon(7, 1), &elsewhere, &[]), end_of(7, 15));
    }

    #[test]
    fn a_pause_stops_the_clock_until_the_answer() {
        for (what, from, until, expected) in [
            ("the same day", noon(7, 3), noon(7, 3).plus_us(HOUR_US), end_of(7, 15)),
            ("over a weekend", noon(7, 3), noon(7, 6), end_of(7, 16)),
            ("two days", noon(7, 7), noon(7, 9), end_of(7, 17)),
            ("asked and answered on days off", noon(7, 4), noon(7, 5), end_of(7, 15)),
            ("asked on the last day", noon(7, 15), noon(7, 16), end_of(7, 16)),
            ("after it was due", noon(7, 16), noon(7, 17), end_of(7, 15)),
            ("answered before it was asked", noon(7, 9), noon(7, 7), end_of(7, 15)),
        ] {
            assert_eq!(due(&[pause(from, Some(until))]), expected, "{what}");
        }
    }

    #[test]
    fn a_pause_stops_the_clock_for_five_days_at_most() {
        let five = end_of(7, 22);
        assert_eq!(due(&[pause(noon(7, 2), Some(noon(7, 9)))]), five);
        assert_eq!(due(&[pause(noon(7, 2), Some(noon(7, 10)))]), five);
        assert_eq!(due(&[pause(noon(7, 2), None)]), five);
    }

    #[test]
    fn overlapping_pauses_stop_a_day_once() {
        let (one, other) = (pause(noon(7, 6), Some(noon(7, 8))), pause(noon(7, 7), Some(noon(7, 9))));
        assert_eq!(due(&[one, other]), end_of(7, 20));
        assert_eq!(due(&[one, one]), due(&[one]));
    }

    #[test]
    fn the_limit_of_a_pause_is_on_the_askers_calendar() {
        // Asked on 30 September, five mainland working days end on 13 October, Macau's would on 9 October: the clock
        // stands for 30 September, 5 to 9 and 12 October, and the answer on the 14th comes too late to hold it longer.
        let start = noon(9, 29);
        let paused = pause(noon(9, 30), Some(noon(10, 14)));
        assert_eq!(register_items().due(start, &Closures::default(), &[paused]), end_of(10, 27));
    }

    #[test]
    fn a_pause_into_a_year_not_loaded_is_unknown_unless_answered_before() {
        let start = noon(12, 10);
        let due = |until| register_items().due(start, &Closures::default(), &[pause(noon(12, 29), until)]);
        let three = Clock::WorkingDays(DEFAULTS.verification_decision.of(rules("zhuhai"), rules("macau")));
        let short = |until| three.due(noon(12, 28), &Closures::default(), &[pause(noon(12, 30), until)]);
        assert_eq!((due(None), short(None)), (Due::Unknown, Due::Unknown));
        assert_eq!(short(Some(noon(12, 30))), end_of(12, 31));
        assert_eq!(due(Some(noon(12, 30))), end_of(12, 31));
    }

    #[test]
    fn an_unknown_pause_does_not_undo_what_was_due_before_it() {
        let asked_late = pause(noon(12, 31), None);
        assert_eq!(register_items().due(noon(12, 10), &Closures::default(), &[asked_late]), end_of(12, 30));
    }

    #[test]
    fn wall_clocks_run_day_and_night_and_do_not_stop() {
        let (saturday, none) = (noon(7, 11).plus_us(11 * HOUR_US), Closures::default());
        let stopped = [pause(saturday, None)];
        for pauses in [&[][..], &stopped] {
            let due = |clock: Clock| clock.due(saturday, &none, pauses);
            assert_eq!(due(Clock::WallMinutes(DEFAULTS.urgent_ack_minutes)), Due::At(saturday.plus_us(30 * MINUTE_US)));
            assert_eq!(due(Clock::Days(DEFAULTS.answer_reuse_days)), end_of(10, 9));
            assert_eq!(due(Clock::Days(DEFAULTS.visit_days.high)), end_of(7, 18));
        }
        assert_eq!(Clock::WallMinutes(1).due(Instant(0), &none, &[]), Due::At(Instant(60 * SECOND_US)));
    }

    #[test]
    fn days_do_not_need_a_loaded_year() {
        let three_months = Clock::Days(90).due(noon(12, 31), &Closures::default(), &[]);
        assert_eq!(three_months, Due::At(end_of_day(date(2027, 3, 31)).unwrap()));
    }

    proptest! {
        #[test]
        fn a_pause_moves_a_limit_later_by_its_own_at_most(
            start in 0_i64..330, after in 0_i64..20, length in proptest::option::of(0_i64..30), days in 1_u16..16,
        ) {
            let at = |day: i64| noon(1, 1).plus_us(day * DAY_US);
            let calendar = CalendarId::Mainland.into();
            let limit = WorkingDays { days: 5, calendar };
            let pause = Pause { from: at(start + after), until: length.map(|l| at(start + after + l)), limit };
            let due = |days, pauses: &[Pause]| {
                let clock = Clock::WorkingDays(WorkingDays { days, calendar });
                match clock.due(at(start), &Closures::default(), pauses) {
                    Due::At(last) => last,
                    Due::Unknown => Instant(i64::MAX),
                }
            };
            prop_assert!(due(days, &[]) <= due(days, &[pause]));
            prop_assert!(due(days, &[pause]) <= due(days + limit.days, &[]) || due(days, &[pause]).0 == i64::MAX);
        }
    }
}
