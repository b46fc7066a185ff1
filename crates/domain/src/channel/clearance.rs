//! What the law asks for before personal data crosses the border.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::calendar::CalendarId;
use crate::party::Rules;
use crate::text::Short;
use crate::time::Instant;

/// Days before the first clearance lapses at which the sender is warned (A): a renewal takes weeks.
pub const WARNING_DAYS: i64 = 30;

/// A kind of clearance. Wire order is the order here: append only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ClearanceKind {
    /// The mainland's security assessment (PIPL art. 36, for what state organs hold).
    Assessment,
    /// Notification to Macau's data-protection authority (Law 8/2005 arts. 20, 21).
    Notification,
    /// Authorisation by Macau's data-protection authority: interconnection, sensitive data, transfer (Law 8/2005 art. 22).
    Authorisation,
    /// Filing of a standard contract of the Greater Bay Area (2024). Whether a state organ may rely on it instead of the
    /// assessment is not settled, so it never stands in for one.
    Filing,
}

impl ClearanceKind {
    /// Returns the published name.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Assessment => "assessment",
            Self::Notification => "notification",
            Self::Authorisation => "authorisation",
            Self::Filing => "filing",
        }
    }
}

/// A clearance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clearance {
    /// The number its authority gave it.
    pub number: Short,
    /// First instant at which it no longer holds.
    pub expires_at: Instant,
}

/// The clearances of a channel, one of a kind.
pub type Clearances = BTreeMap<ClearanceKind, Clearance>;

/// Returns the kinds of clearance a channel between two parties must have: none between two of the mainland, for nothing
/// leaves it; across the border the assessment, the notification and the authorisation (`domain.md` §0-4).
#[must_use]
pub fn required(one: &Rules, other: &Rules) -> &'static [ClearanceKind] {
    // Who keeps the mainland's working days is in its jurisdiction.
    match (one.calendar, other.calendar) {
        (CalendarId::Mainland, CalendarId::Mainland) | (CalendarId::Macau, CalendarId::Macau) => &[],
        (CalendarId::Mainland, CalendarId::Macau) | (CalendarId::Macau, CalendarId::Mainland) => {
            &[ClearanceKind::Assessment, ClearanceKind::Notification, ClearanceKind::Authorisation]
        }
    }
}
