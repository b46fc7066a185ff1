//! The mainland's calendar: notices of the General Office of the State Council on holidays and make-up days.

use jiff::civil::date;

use crate::calendar::Year;

pub(super) const YEARS: &[Year] = &[Year {
    // domain.md §6.3, S35: the notice of 4 November 2025, by holiday, weekends within a holiday included.
    year: 2026,
    closed: &[
        (date(2026, 1, 1), date(2026, 1, 3)),   // S35, 1: New Year 元旦
        (date(2026, 2, 15), date(2026, 2, 23)), // S35, 2: Spring Festival 春节
        (date(2026, 4, 4), date(2026, 4, 6)),   // S35, 3: Qingming 清明节
        (date(2026, 5, 1), date(2026, 5, 5)),   // S35, 4: Labour Day 劳动节
        (date(2026, 6, 19), date(2026, 6, 21)), // S35, 5: Dragon Boat 端午节
        (date(2026, 9, 25), date(2026, 9, 27)), // S35, 6: Mid-Autumn 中秋节
        (date(2026, 10, 1), date(2026, 10, 7)), // S35, 7: National Day 国庆节
    ],
    worked: &[
        date(2026, 1, 4),   // S35, 1: Sunday, for New Year
        date(2026, 2, 14),  // S35, 2: Saturday, for Spring Festival
        date(2026, 2, 28),  // S35, 2: Saturday, for Spring Festival
        date(2026, 5, 9),   // S35, 4: Saturday, for Labour Day
        date(2026, 9, 20),  // S35, 7: Sunday, for National Day
        date(2026, 10, 10), // S35, 7: Saturday, for National Day
    ],
    half_days: &[],
}];
