//! Working days: which dates are, by whose calendar, and counting them.
//!
//! In scope: the calendars with their sources, joint calendars, closures declared late. Out of scope: time limits
//! (`crate::clock`), hours of service within a day, and closures of less than a day.
//!
//! A year that is not loaded is unknown. It is never taken for Monday to Friday: make-up days and holidays on
//! weekdays would make such a guess wrong by up to a week (`domain.md` §6.3).

mod macau;
mod mainland;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use jiff::civil::Weekday;
use serde::{Deserialize, Serialize};

use crate::time::Date;

/// Whose working days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CalendarId {
    /// The mainland: holidays and make-up days of the State Council's yearly notice.
    Mainland,
    /// Macau's public service.
    Macau,
}

/// A calendar's year as it was published.
struct Year {
    year: i16,
    /// Closed days, weekends among them or not: first and last day of each run.
    closed: &'static [(Date, Date)],
    /// Saturdays and Sundays worked.
    worked: &'static [Date],
    /// Working days with the afternoon off.
    half_days: &'static [Date],
}

impl CalendarId {
    /// Every calendar there is.
    pub const ALL: [Self; 2] = [Self::Mainland, Self::Macau];

    fn year_of(self, date: Date) -> Option<&'static Year> {
        let years = match self {
            Self::Mainland => mainland::YEARS,
            Self::Macau => macau::YEARS,
        };
        years.iter().find(|year| year.year == date.year())
    }

    /// Returns whether a date is a working day; none when its year is not loaded. A half day is one (`domain.md`
    /// §6.3).
    #[must_use]
    pub fn is_working_day(self, date: Date, closures: &Closures) -> Option<bool> {
        let year = self.year_of(date)?;
        let planned = if matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday) {
            year.worked.contains(&date)
        } else {
            !year.closed.iter().any(|(first, last)| (first..=last).contains(&&date))
        };
        Some(planned && !closures.0.contains(&(self, date)))
    }

    /// Returns whether a working day has its afternoon off as published; none when its year is not loaded. It counts as
    /// a whole day all the same: this is to warn people.
    #[must_use]
    pub fn is_half_day(self, date: Date) -> Option<bool> {
        Some(self.year_of(date)?.half_days.contains(&date))
    }

    const fn bit(self) -> u8 {
        match self {
            Self::Mainland => 1,
            Self::Macau => 1 << 1,
        }
    }
}

/// Days closed after the calendar was published (typhoon, special holiday): they are working days no more.
///
/// A closure only ever takes a day away, so a deadline that runs moves later or stays. It can't load a year.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Closures(BTreeSet<(CalendarId, Date)>);

impl FromIterator<(CalendarId, Date)> for Closures {
    fn from_iter<I: IntoIterator<Item = (CalendarId, Date)>>(days: I) -> Self {
        Self(days.into_iter().collect())
    }
}

/// The working days a limit counts: those of one calendar, or those that several have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkingCalendar(u8); // the set of its calendars, by `CalendarId::bit`; never empty

impl From<CalendarId> for WorkingCalendar {
    fn from(id: CalendarId) -> Self {
        Self(id.bit())
    }
}

impl WorkingCalendar {
    /// Returns the calendar of the days that are working days in both.
    #[must_use]
    pub const fn joint(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Returns whether a date is a working day in each of its calendars; none when the year is not loaded in one of
    /// them.
    #[must_use]
    pub fn is_working_day(self, date: Date, closures: &Closures) -> Option<bool> {
        let mut ids = CalendarId::ALL.iter().filter(|id| self.0 & id.bit() != 0);
        ids.try_fold(true, |working, id| Some(id.is_working_day(date, closures)? && working))
    }

    /// Returns the `n`th working day after `start`, which is not counted itself and may be any day; none when a day of
    /// a year not loaded would have to be judged. With `n` of 0 it is `start`.
    #[must_use]
    pub fn add_working_days(self, start: Date, n: u16, closures: &Closures) -> Option<Date> {
        self.nth_after(start, n, closures, |_| Some(true))
    }

    /// As [`Self::add_working_days`], but only working days that `counts` holds for are counted; none when it
    /// can't tell.
    pub(crate) fn nth_after(
        self,
        start: Date,
        n: u16,
        closures: &Closures,
        counts: impl Fn(Date) -> Option<bool>,
    ) -> Option<Date> {
        let (mut day, mut left) = (start, n);
        while left > 0 {
            day = day.tomorrow().ok()?;
            if self.is_working_day(day, closures)? && counts(day)? {
                left -= 1;
            }
        }
        Some(day)
    }
}
