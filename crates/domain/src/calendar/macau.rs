//! Macau's calendar, as it holds for the public service: public holidays, days off in lieu, afternoons granted off.
//!
//! Not the mandatory holidays of private employment (Law 7/2008): the bureau is public service.

use jiff::civil::date;

use crate::calendar::Year;

pub(super) const YEARS: &[Year] = &[Year {
    // domain.md §6.3, S34: the government's table for 2026. "Holiday" is Executive Order 60/2000; "in lieu" is a day
    // off for a holiday on a weekend, article 79(4) of the public service's statute; "granted" is leave by order of
    // the Chief Executive.
    year: 2026,
    closed: &[
        (date(2026, 1, 1), date(2026, 1, 1)),     // S34, holiday: New Year 元旦
        (date(2026, 2, 17), date(2026, 2, 19)),   // S34, holiday: first three days of the lunar year 農曆正月初一至初三
        (date(2026, 4, 3), date(2026, 4, 3)),     // S34, holiday: Good Friday 耶穌受難日
        (date(2026, 4, 4), date(2026, 4, 4)),     // S34, holiday, Saturday: the day before Easter 復活節前日
        (date(2026, 4, 5), date(2026, 4, 5)),     // S34, holiday, Sunday: Cheng Ming 清明節
        (date(2026, 4, 6), date(2026, 4, 6)),     // S34, in lieu of 4 April
        (date(2026, 4, 7), date(2026, 4, 7)),     // S34, in lieu of 5 April
        (date(2026, 5, 1), date(2026, 5, 1)),     // S34, holiday: Labour Day 勞動節
        (date(2026, 5, 24), date(2026, 5, 24)),   // S34, holiday, Sunday: Buddha's birthday 佛誕節
        (date(2026, 5, 25), date(2026, 5, 25)),   // S34, in lieu of 24 May
        (date(2026, 6, 19), date(2026, 6, 19)),   // S34, holiday: Dragon Boat 端午節
        (date(2026, 9, 26), date(2026, 9, 26)),   // S34, holiday, Saturday: the day after Mid-Autumn 中秋節翌日
        (date(2026, 9, 28), date(2026, 9, 28)),   // S34, in lieu of 26 September
        (date(2026, 10, 1), date(2026, 10, 2)),   // S34, holiday: National Day and the day after 國慶日及翌日
        (date(2026, 10, 18), date(2026, 10, 18)), // S34, holiday, Sunday: Chung Yeung 重陽節
        (date(2026, 10, 19), date(2026, 10, 19)), // S34, in lieu of 18 October
        (date(2026, 11, 2), date(2026, 11, 2)),   // S34, holiday: All Souls 追思節
        (date(2026, 12, 8), date(2026, 12, 8)),   // S34, holiday: Immaculate Conception 聖母無原罪瞻禮
        (date(2026, 12, 20), date(2026, 12, 20)), // S34, holiday, Sunday: the Region's establishment 特區成立紀念日
        (date(2026, 12, 21), date(2026, 12, 21)), // S34, in lieu of 20 December
        (date(2026, 12, 22), date(2026, 12, 22)), // S34, holiday: winter solstice 冬至
        (date(2026, 12, 24), date(2026, 12, 25)), // S34, holiday: Christmas Eve and Christmas 聖誕節前日及聖誕節
    ],
    worked: &[],
    half_days: &[
        date(2026, 2, 16),  // S34, granted: the afternoon of lunar New Year's Eve 農曆除夕
        date(2026, 12, 31), // S34, granted: the afternoon of New Year's Eve 除夕
    ],
}];
