//! What the parties agree on: time limits, terms, and which items, forms and purposes one may tell the other.
//!
//! In scope: the defaults, and versions that the parties propose and sign in their logs. The plan leaves all figures
//! blank (`domain.md` §0-10), so the defaults are assumptions (A) until the parties sign a version of their own. Out of
//! scope: counting (`crate::clock`), and what follows when a limit passes.

mod allows;
mod events;
mod facts;
mod force;
mod propose;
#[cfg(test)]
pub(crate) mod sample;
mod sign;
mod terms;
mod version;

pub use allows::{allows, check};
pub use events::{AgreementProposed, AgreementSigned};
pub use facts::AgreementFacts;
pub use force::{Versions, figures, in_force};
pub use propose::ProposeAgreement;
pub use sign::SignAgreement;
pub use terms::{ARTICLES_MAX, AgreementTerms, Allowed};
pub use version::{VERSION_NAME_MAX, VersionName, VersionNameError};

use serde::{Deserialize, Serialize};

use crate::calendar::{Closures, WorkingCalendar};
use crate::clock::WorkingDays;
use crate::closure;
use crate::party::Rules;
use crate::view::{Rows, ViewError};

/// Whose working days a limit counts. The asker of a verification is its sender, the replier its receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Whose {
    /// Of the party that sent the notice or asks.
    Sender,
    /// Of the party that received the notice or replies.
    Receiver,
    /// Those that both have in common.
    Joint,
}

/// A limit in working days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// How many.
    pub days: u16,
    /// By whose calendar.
    pub whose: Whose,
}

impl Limit {
    /// Returns the limit between two parties.
    #[must_use]
    pub fn of(self, sender: &Rules, receiver: &Rules) -> WorkingDays {
        let calendar = match self.whose {
            Whose::Sender => sender.calendar.into(),
            Whose::Receiver => receiver.calendar.into(),
            Whose::Joint => WorkingCalendar::from(sender.calendar).joint(receiver.calendar.into()),
        };
        WorkingDays { days: self.days, calendar }
    }
}

/// Days between two visits to a household, by its level of need.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct VisitDays {
    /// High.
    pub high: u16,
    /// Medium.
    pub medium: u16,
    /// Low.
    pub low: u16,
}

/// The figures of an agreement version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Agreement {
    /// The version's name.
    #[cfg_attr(feature = "schema", schema(value_type = String, example = "2026-1"))]
    pub version: VersionName,
    /// A month's routine batch: counted from the last day of the month before.
    pub routine_batch: Limit,
    /// Months that one signed summary of the routine batches covers.
    pub routine_summary_months: u8,
    /// The missed batch in a row from which the secretariat is told as well.
    pub routine_misses_to_secretariat: u8,
    /// Acknowledging a batch, from its delivery.
    pub batch_acknowledgement: Limit,
    /// Acknowledging a verification request.
    pub verification_acknowledgement: Limit,
    /// Accepting or refusing a verification request.
    pub verification_decision: Limit,
    /// Answering items from a register.
    pub register_items: Limit,
    /// Answering items that need a visit.
    pub visit_items: Limit,
    /// The longest one clarification stops the clock.
    pub clarification_pause: Limit,
    /// Minutes to an urgent notice's delivery by machine.
    pub urgent_delivery_minutes: u32,
    /// Minutes to an officer's acknowledgement of an urgent notice.
    pub urgent_ack_minutes: u32,
    /// Minutes to the first action on an urgent notice.
    pub urgent_action_minutes: u32,
    /// Minutes after which an urgent notice not acknowledged goes one step up: duty, deputy, secretariat.
    pub urgent_escalation_minutes: [u32; 3],
    /// Written justification of an urgent notice.
    pub urgent_justification: Limit,
    /// A consent's term in months when its letter names none.
    pub consent_months: u8,
    /// A consent's longest term in months; enforced in days, as `crate::consent::TERM_DAYS_MAX`.
    pub consent_months_max: u8,
    /// Days an answer may be used again; then it has to be asked for anew.
    pub answer_reuse_days: u16,
    /// How often a household is visited.
    pub visit_days: VisitDays,
}

/// The recommended defaults.
pub const DEFAULTS: Agreement = Agreement {
    version: VersionName::DEFAULTS,
    routine_batch: Limit { days: 5, whose: Whose::Joint }, // (A) §6.2: monthly by the 5th joint working day
    routine_summary_months: 3,                             // (A) §6.2: quarterly signed summary
    routine_misses_to_secretariat: 2,                      // (A) §6.2: the secretariat on the second miss
    batch_acknowledgement: Limit { days: 3, whose: Whose::Receiver }, // (A) §6.2; §7 S1-5: 3 mainland days, MO to ZH
    verification_acknowledgement: Limit { days: 1, whose: Whose::Receiver }, // (A) §6.2: replier; §7 S3-3
    verification_decision: Limit { days: 3, whose: Whose::Receiver }, // (A) §6.2: replier
    register_items: Limit { days: 10, whose: Whose::Receiver }, // (A) §6.2: replier
    visit_items: Limit { days: 15, whose: Whose::Receiver }, // (A) §6.2: replier
    clarification_pause: Limit { days: 5, whose: Whose::Sender }, // (A) §6.2: asker; then withdrawn
    urgent_delivery_minutes: 1,                            // (A) §6.2: 60 s
    urgent_ack_minutes: 30,                                // (A) §6.2
    urgent_action_minutes: 24 * 60,                        // (A) §6.2: 24 h
    urgent_escalation_minutes: [30, 60, 120],              // (A) §6.2
    urgent_justification: Limit { days: 2, whose: Whose::Sender }, // (A) §6.2; §7 S2-4
    consent_months: 6,                                     // (A) §6.2
    consent_months_max: 12,                                // (A) §6.2
    answer_reuse_days: 90,                                 // (A) §6.2
    visit_days: VisitDays { high: 7, medium: 30, low: 90 }, // (A) §6.2
};

/// Returns the days declared closed so far, each by a party that goes by the calendar.
///
/// # Errors
/// When a row can't be read.
pub fn closures(rows: &Rows<'_>) -> Result<Closures, ViewError> {
    Ok(closure::declared(rows)?.iter().map(|one| (one.calendar, one.date)).collect())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::calendar::CalendarId;
    use crate::consent::TERM_DAYS_MAX;
    use crate::party::rules_of;

    fn rules(party: &str) -> &'static Rules {
        rules_of(party.parse().unwrap()).unwrap()
    }

    #[test]
    fn a_limit_goes_by_the_calendar_it_names() {
        let [mainland, macau] = CalendarId::ALL.map(WorkingCalendar::from);
        let (zhuhai, hengqin) = (rules("zhuhai"), rules("hengqin"));
        let days = |whose, receiver| Limit { days: 3, whose }.of(zhuhai, receiver);
        for (whose, receiver, calendar) in [
            (Whose::Sender, rules("macau"), mainland),
            (Whose::Receiver, rules("macau"), macau),
            (Whose::Joint, rules("macau"), mainland.joint(macau)),
            (Whose::Joint, hengqin, mainland),
        ] {
            assert_eq!(days(whose, receiver), WorkingDays { days: 3, calendar }, "{whose:?}, {}", receiver.party);
        }
    }

    #[test]
    fn the_routine_batch_is_due_on_the_fifth_joint_working_day() {
        let due = |last_of_month_before| {
            let limit = DEFAULTS.routine_batch.of(rules("macau"), rules("zhuhai"));
            limit.calendar.add_working_days(last_of_month_before, limit.days, &Closures::default())
        };
        assert_eq!(due(date(2026, 6, 30)), Some(date(2026, 7, 7)));
        assert_eq!(due(date(2026, 9, 30)), Some(date(2026, 10, 14))); // 8, 9, 12, 13, 14
    }

    #[test]
    fn the_longest_term_in_days_is_that_in_months() {
        let over_a_leap_day = date(2027, 3, 1);
        let end = over_a_leap_day.checked_add(jiff::Span::new().months(DEFAULTS.consent_months_max)).unwrap();
        assert_eq!(over_a_leap_day.duration_until(end).as_hours(), TERM_DAYS_MAX * 24);
    }
}
