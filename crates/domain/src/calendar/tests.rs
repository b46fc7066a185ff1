//! The figures and worked examples of `domain.md` §6.3, and what holds of every count.

use jiff::civil::date;
use proptest::prelude::*;

use super::*;

const MAINLAND: WorkingCalendar = WorkingCalendar(CalendarId::Mainland.bit());
const MACAU: WorkingCalendar = WorkingCalendar(CalendarId::Macau.bit());
const JOINT: WorkingCalendar = MAINLAND.joint(MACAU);

fn none() -> Closures {
    Closures::default()
}

/// A day of 2026.
fn on(month: i8, day: i8) -> Date {
    date(2026, month, day)
}

fn days_of_2026() -> impl Iterator<Item = Date> {
    on(1, 1).series(jiff::Span::new().days(1)).take_while(|day| day.year() == 2026)
}

fn working(calendar: impl Into<WorkingCalendar>, closures: &Closures) -> Vec<Date> {
    let calendar = calendar.into();
    days_of_2026().filter(|day| calendar.is_working_day(*day, closures).unwrap()).collect()
}

#[test]
fn counts_of_2026() {
    let counts = [MAINLAND, MACAU, JOINT].map(|calendar| working(calendar, &none()).len());
    assert_eq!(counts, [248, 241, 231]);
}

#[test]
fn days_worked_on_one_side_only() {
    let (mainland, macau) = (working(MAINLAND, &none()), working(MACAU, &none()));
    let mainland_only: Vec<Date> = mainland.iter().copied().filter(|day| !macau.contains(day)).collect();
    let macau_only: Vec<Date> = macau.iter().copied().filter(|day| !mainland.contains(day)).collect();
    let seventeen = [
        (1, 4),
        (2, 14),
        (2, 28),
        (4, 3),
        (4, 7),
        (5, 9),
        (5, 25),
        (9, 20),
        (9, 28),
        (10, 10),
        (10, 19),
        (11, 2),
        (12, 8),
        (12, 21),
        (12, 22),
        (12, 24),
        (12, 25),
    ];
    let ten = [(1, 2), (2, 16), (2, 20), (2, 23), (5, 4), (5, 5), (9, 25), (10, 5), (10, 6), (10, 7)];
    assert_eq!(mainland_only, seventeen.map(|(month, day)| on(month, day)));
    assert_eq!(macau_only, ten.map(|(month, day)| on(month, day)));
}

#[test]
fn worked_examples() {
    for (start, n, mainland, macau, joint) in [
        (on(2, 12), 5, on(2, 26), on(2, 24), on(2, 27)),
        (on(4, 2), 3, on(4, 8), on(4, 10), on(4, 10)),
        (on(9, 30), 3, on(10, 10), on(10, 7), on(10, 12)),
        (on(9, 24), 10, on(10, 15), on(10, 13), on(10, 20)),
    ] {
        for (calendar, expected) in [(MAINLAND, mainland), (MACAU, macau), (JOINT, joint)] {
            assert_eq!(calendar.add_working_days(start, n, &none()), Some(expected), "{start} + {n}, {calendar:?}");
        }
    }
}

#[test]
fn the_joint_gap_of_february_is_eleven_days() {
    assert_eq!(JOINT.add_working_days(on(2, 13), 1, &none()), Some(on(2, 24)));
    assert_eq!(on(2, 13).duration_until(on(2, 24)).as_hours(), 11 * 24);
}

#[test]
fn a_year_not_loaded_is_unknown() {
    for calendar in [MAINLAND, MACAU, JOINT] {
        assert_eq!(calendar.add_working_days(on(12, 18), 10, &none()), None);
        for day in [date(2025, 12, 31), date(2027, 1, 4)] {
            assert_eq!(calendar.is_working_day(day, &none()), None, "{day}");
        }
        // Not even where a closure says so: nothing else is known of the year.
        let closed = CalendarId::ALL.map(|id| (id, date(2027, 1, 4))).into_iter().collect();
        assert_eq!(calendar.is_working_day(date(2027, 1, 4), &closed), None);
        // A start outside is no day counted; the last day of the year still is.
        assert_eq!(calendar.add_working_days(date(2025, 12, 31), 1, &none()), Some(working(calendar, &none())[0]));
        assert_eq!(calendar.add_working_days(on(12, 30), 1, &none()), Some(on(12, 31)));
        assert_eq!(calendar.add_working_days(on(12, 31), 1, &none()), None);
        assert_eq!(calendar.add_working_days(date(2024, 12, 31), 1, &none()), None);
    }
}

#[test]
fn a_closure_takes_its_day_from_its_calendar_only() {
    let typhoon: Closures = [(CalendarId::Macau, on(7, 2))].into_iter().collect();
    let due = |calendar: WorkingCalendar| calendar.add_working_days(on(7, 1), 1, &typhoon);
    assert_eq!([due(MAINLAND), due(MACAU), due(JOINT)], [Some(on(7, 2)), Some(on(7, 3)), Some(on(7, 3))]);
    let make_up_day: Closures = [(CalendarId::Mainland, on(10, 10))].into_iter().collect();
    assert_eq!(MAINLAND.add_working_days(on(9, 30), 3, &make_up_day), Some(on(10, 12)));
    let holiday: Closures = [(CalendarId::Macau, on(10, 1))].into_iter().collect();
    assert_eq!(working(MACAU, &holiday).len(), 241);
}

#[test]
fn half_days_are_working_days() {
    let half_days = |id: CalendarId| -> Vec<Date> { days_of_2026().filter(|d| id.is_half_day(*d).unwrap()).collect() };
    assert_eq!(half_days(CalendarId::Macau), [on(2, 16), on(12, 31)]);
    assert_eq!(half_days(CalendarId::Mainland), []);
    for day in half_days(CalendarId::Macau) {
        assert_eq!(MACAU.is_working_day(day, &none()), Some(true));
    }
    assert_eq!(CalendarId::Macau.is_half_day(date(2027, 12, 31)), None);
}

#[test]
fn tables_are_in_order_and_say_nothing_without_effect() {
    let weekend = |day: &Date| matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
    for id in CalendarId::ALL {
        let year = id.year_of(on(1, 1)).unwrap();
        let ends: Vec<Date> = year.closed.iter().flat_map(|(first, last)| [*first, *last]).collect();
        assert!(ends.is_sorted() && year.worked.is_sorted() && year.half_days.is_sorted(), "{id:?}");
        assert!(year.closed.windows(2).all(|runs| runs[0].1 < runs[1].0), "{id:?}: runs overlap");
        assert!(year.worked.iter().all(weekend), "{id:?}: a make-up day is on a weekend");
        assert!(ends.iter().chain(year.worked).chain(year.half_days).all(|day| day.year() == year.year), "{id:?}");
    }
}

#[test]
fn a_calendar_joint_with_itself_is_itself() {
    assert_eq!(MACAU.joint(MACAU), CalendarId::Macau.into());
    assert_eq!(JOINT, MACAU.joint(MAINLAND));
}

#[test]
fn calendars_are_written_by_name() {
    assert_eq!(serde_json::to_string(&CalendarId::ALL).unwrap(), r#"["mainland","macau"]"#);
}

fn calendars() -> impl Strategy<Value = WorkingCalendar> {
    prop_oneof![Just(MAINLAND), Just(MACAU), Just(JOINT)]
}

/// From the last day of 2025, whose year is not loaded, to the last of 2026.
fn starts() -> impl Strategy<Value = Date> {
    (0_i64..=365).prop_map(|days| date(2025, 12, 31).saturating_add(jiff::Span::new().days(days)))
}

fn closures() -> impl Strategy<Value = Closures> {
    let day = (prop_oneof![Just(CalendarId::Mainland), Just(CalendarId::Macau)], starts());
    proptest::collection::vec(day, 0..20).prop_map(|days| days.into_iter().collect())
}

/// The order of due days: one that is unknown lies beyond all that are known.
fn beyond(due: Option<Date>) -> Date {
    due.unwrap_or(Date::MAX)
}

proptest! {
    #[test]
    fn lands_on_a_working_day_with_n_of_them_on_the_way(
        calendar in calendars(), start in starts(), n in 1_u16..260, closures in closures(),
    ) {
        let after: Vec<Date> = working(calendar, &closures).into_iter().filter(|day| *day > start).collect();
        prop_assert_eq!(calendar.add_working_days(start, n, &closures), after.get(usize::from(n) - 1).copied());
    }

    #[test]
    fn is_monotone(
        calendar in calendars(), start in starts(), n in 0_u16..260, closures in closures(),
    ) {
        let due = beyond(calendar.add_working_days(start, n, &closures));
        prop_assert!(due < beyond(calendar.add_working_days(start, n + 1, &closures)) || due == Date::MAX);
        prop_assert!(due <= beyond(calendar.add_working_days(start.tomorrow().unwrap(), n, &closures)));
        prop_assert!(due >= beyond(calendar.add_working_days(start, n, &none())));
        prop_assert!(due <= beyond(calendar.joint(MAINLAND).joint(MACAU).add_working_days(start, n, &closures)));
    }
}
