//! Ages in full years, and the instants at which persons come of age.

use crate::identity::{Document, Subject};
use crate::party::ConsentRules;
use crate::time::{DAY_US, Date, Instant};

/// Returns when a person was born: what the document's number says goes before what was typed in.
pub(crate) fn born(subject: &Subject) -> Option<Date> {
    subject.document.birth_date().or(subject.birth_date)
}

/// Tells whether a person is a minor on a day, by a party's rules; `stated` is the birth date a letter names.
pub(crate) fn is_minor(person: &Document, stated: Option<Date>, rules: &ConsentRules, day: Date) -> bool {
    let born = person.birth_date().or(stated);
    born.map_or(rules.unknown_age_is_minor, |born| age_on(born, day) < rules.majority)
}

/// Returns the age in full years on a day; negative before the birth.
pub(crate) fn age_on(born: Date, day: Date) -> i16 {
    let had_birthday = (day.month(), day.day()) >= (born.month(), born.day());
    day.year().saturating_sub(born.year()).saturating_sub(i16::from(!had_birthday))
}

/// Returns the first instant of the day on which a person reaches an age. Who was born on 29 February reaches it on
/// 1 March of other years (A).
pub(crate) fn reaches(born: Date, age: i16) -> Option<Instant> {
    let year = born.year().checked_add(age)?;
    let day = Date::new(year, born.month(), born.day()).or_else(|_| Date::new(year, 3, 1)).ok()?;
    first_instant(day)
}

/// Returns the first instant of a day in Zhuhai, Macau and Hengqin.
pub(crate) fn first_instant(day: Date) -> Option<Instant> {
    let midnight = day.to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(8))).ok()?;
    let at = Instant(midnight.timestamp().as_microsecond());
    debug_assert!(at.local_date() == day && at.plus_us(DAY_US).local_date() > day);
    Some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn a_person_is_a_year_older_on_the_birthday_and_not_before() {
        for (born, day, age) in [
            ("2008-07-02", "2026-07-01", 17),
            ("2008-07-02", "2026-07-02", 18),
            ("2008-02-29", "2026-02-28", 17),
            ("2008-02-29", "2026-03-01", 18),
            ("2026-07-01", "2026-07-01", 0),
        ] {
            assert_eq!(age_on(date(born), date(day)), age, "{born} {day}");
        }
    }

    #[test]
    fn whose_age_is_not_known_is_a_minor_only_where_the_rules_say_so() {
        let known = crate::testing::document(); // of a kind that holds no birth date
        let day = date("2026-07-01");
        for unknown_age_is_minor in [false, true] {
            let rules = ConsentRules { unknown_age_is_minor, ..crate::party::ALL[0].consent };
            assert_eq!(is_minor(&known, None, &rules, day), unknown_age_is_minor);
            assert!(is_minor(&known, Some(date("2008-07-02")), &rules, day));
            assert!(!is_minor(&known, Some(date("2008-07-01")), &rules, day));
            let card = crate::testing::subject("999999201006010023").document;
            assert!(is_minor(&card, Some(date("1990-01-01")), &rules, day), "the number goes before what was typed in");
        }
    }

    #[test]
    fn an_age_is_reached_at_local_midnight() {
        for (born, day) in [("2008-07-02", "2026-07-02"), ("2008-02-29", "2026-03-01")] {
            let at = reaches(date(born), 18).unwrap();
            assert_eq!(at.local_date(), date(day));
            assert!(at.plus_us(-1).local_date() < date(day));
            assert_eq!(age_on(date(born), at.local_date()), 18);
            assert_eq!(age_on(date(born), at.plus_us(-1).local_date()), 17);
        }
    }
}
