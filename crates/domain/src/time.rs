//! Instants and dates. Nothing here reads a clock.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A calendar date without a time zone (birth dates, as-of dates): ISO 8601 in text.
pub type Date = jiff::civil::Date;

/// Microseconds in a second.
pub const SECOND_US: i64 = 1_000_000;
/// Microseconds in a minute.
pub const MINUTE_US: i64 = 60 * SECOND_US;
/// Microseconds in a day of 24 hours.
pub const DAY_US: i64 = 24 * 60 * MINUTE_US;

/// Both sides are at UTC+8 and neither has summer time now (`domain.md` §4, Dates).
const LOCAL_OFFSET_US: i64 = 8 * 60 * MINUTE_US;

/// An instant: microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Instant(pub i64);

impl Instant {
    /// Returns the instant `us` microseconds later (earlier when negative), at most the last one there is.
    #[must_use]
    pub fn plus_us(self, us: i64) -> Self {
        Self(self.0.saturating_add(us))
    }

    /// Returns the first instant of a date in Zhuhai, Macau and Hengqin; none at the ends of the calendar.
    #[must_use]
    pub fn local_midnight(date: Date) -> Option<Self> {
        let stamp = jiff::tz::Offset::constant(8).to_timestamp(date.at(0, 0, 0, 0)).ok()?;
        Some(Self(stamp.as_microsecond()))
    }

    /// Returns the date on a wall calendar in Zhuhai, Macau and Hengqin at this instant.
    #[must_use]
    pub fn local_date(self) -> Date {
        let days = self.plus_us(LOCAL_OFFSET_US).0.div_euclid(DAY_US);
        Date::new(1970, 1, 1)
            .ok()
            .and_then(|epoch| epoch.checked_add(jiff::Span::new().try_days(days).ok()?).ok())
            .unwrap_or(Date::MAX)
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(stamp) => stamp.fmt(f),
            Err(_) => write!(f, "{}us", self.0),
        }
    }
}

/// A calendar month, the period of a routine batch: `2026-07`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Period {
    year: u16,
    month: u8,
}

/// The text is not a month between 2000-01 and 2099-12 written `YYYY-MM`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a period is a month written YYYY-MM, from 2000-01 to 2099-12")]
pub struct PeriodError;

impl Period {
    /// Returns the month of a date; none outside of 2000 to 2099.
    #[must_use]
    pub fn of(date: Date) -> Option<Self> {
        let year = u16::try_from(date.year()).ok().filter(|year| (2000..2100).contains(year))?;
        Some(Self { year, month: u8::try_from(date.month()).ok()? })
    }

    /// Returns the next month; none after 2099-12.
    #[must_use]
    pub fn next(self) -> Option<Self> {
        match self {
            Self { year: 2099, month: 12 } => None,
            Self { year, month: 12 } => Some(Self { year: year + 1, month: 1 }),
            Self { year, month } => Some(Self { year, month: month + 1 }),
        }
    }

    /// Returns its first day.
    #[must_use]
    pub fn first_day(self) -> Option<Date> {
        Date::new(i16::try_from(self.year).ok()?, i8::try_from(self.month).ok()?, 1).ok()
    }
}

impl TryFrom<String> for Period {
    type Error = PeriodError;

    fn try_from(text: String) -> Result<Self, PeriodError> {
        let (year, month) = text.split_once('-').ok_or(PeriodError)?;
        if year.len() != 4 || month.len() != 2 || !text.bytes().all(|b| b.is_ascii_digit() || b == b'-') {
            return Err(PeriodError);
        }
        let (year, month) = (year.parse().map_err(|_| PeriodError)?, month.parse().map_err(|_| PeriodError)?);
        if !(2000..2100).contains(&year) || !(1..=12).contains(&month) {
            return Err(PeriodError);
        }
        Ok(Self { year, month })
    }
}

impl From<Period> for String {
    fn from(period: Period) -> Self {
        period.to_string()
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_date_turns_at_sixteen_hundred_utc() {
        let noon: jiff::Timestamp = "2026-07-11T15:59:59Z".parse().unwrap();
        assert_eq!(Instant(noon.as_microsecond()).local_date(), jiff::civil::date(2026, 7, 11));
        assert_eq!(Instant(noon.as_microsecond()).plus_us(SECOND_US).local_date(), jiff::civil::date(2026, 7, 12));
        assert_eq!(Instant(-1).local_date(), jiff::civil::date(1970, 1, 1));
    }

    #[test]
    fn months_follow_each_other() {
        let period = |text: &str| Period::try_from(text.to_owned()).unwrap();
        assert_eq!(Period::of(jiff::civil::date(2026, 7, 31)), Some(period("2026-07")));
        assert_eq!(Period::of(jiff::civil::date(1999, 12, 31)), None);
        assert_eq!(period("2026-12").next(), Some(period("2027-01")));
        assert_eq!(period("2026-07").next(), Some(period("2026-08")));
        assert_eq!(period("2099-12").next(), None);
        assert_eq!(period("2026-02").first_day(), Some(jiff::civil::date(2026, 2, 1)));
    }

    #[test]
    fn local_midnight_is_sixteen_hundred_utc() {
        let day = jiff::civil::date(2026, 7, 12);
        let midnight = Instant::local_midnight(day).unwrap();
        assert_eq!(midnight.local_date(), day);
        assert_eq!(midnight.plus_us(-1).local_date(), jiff::civil::date(2026, 7, 11));
    }

    #[test]
    fn a_period_is_a_real_month() {
        assert_eq!(Period::try_from("2026-07".to_owned()).unwrap().to_string(), "2026-07");
        for bad in ["2026-13", "2026-00", "1999-01", "2026-7", "+026-07", "2026-07-01", ""] {
            assert_eq!(Period::try_from(bad.to_owned()), Err(PeriodError), "{bad}");
        }
    }
}
