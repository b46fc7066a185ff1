//! The policy standard and the event that publishes it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::event::Readers;
use crate::id::PartyId;
use crate::money::{Currency, Money};
use crate::text::Short;
use crate::time::Date;

/// Largest household a standard gives a figure for. (A): the tables in use end at "8 or more" (`domain.md` §3.4).
pub const HOUSEHOLD_SIZE_MAX: u8 = 12;

/// Most multiples of its figures that a standard lists. (A): one for each kind of limit, such as 24 months for assets.
pub const FIGURE_MULTIPLES_MAX: usize = 12;

/// Names a version for a row's key: a digest of its text, since keys have a fixed length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct StandardKey(pub [u8; 32]);

impl StandardKey {
    /// Returns the key of a version.
    #[must_use]
    pub fn of(version: &Short) -> Self {
        Self(blake3::derive_key("tongcha 2026-11 policy standard v1", version.as_str().as_bytes()))
    }
}

/// A version of a party's standard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PolicyStandard {
    /// The version's name, such as `ZH-2026-v1`: used once by its party.
    pub version: Short,
    /// The programme it belongs to.
    pub programme: Short,
    /// The currency of its figures: the party's own.
    pub currency: Currency,
    /// The figure of a month in minor units, by size of the household (1 to [`HOUSEHOLD_SIZE_MAX`]).
    #[cfg_attr(feature = "schema", schema(value_type = std::collections::BTreeMap<String, i64>))]
    pub amounts: BTreeMap<u8, i64>,
    /// By what a figure may be multiplied besides 1, such as 24 for months; at most [`FIGURE_MULTIPLES_MAX`].
    pub multiples: BTreeSet<u16>,
    /// The first day it is in force.
    #[cfg_attr(feature = "schema", schema(value_type = String, format = "date"))]
    pub from: Date,
    /// The last day it is in force; none while no end is known.
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>, format = "date"))]
    pub to: Option<Date>,
}

impl PolicyStandard {
    /// Returns the key of the version.
    #[must_use]
    pub fn key(&self) -> StandardKey {
        StandardKey::of(&self.version)
    }

    /// Tells whether it is in force on a day.
    #[must_use]
    pub fn is_in_force(&self, day: Date) -> bool {
        self.from <= day && self.to.is_none_or(|to| day <= to)
    }

    /// Tells whether an amount is one of its figures, or one of them times a multiple it lists.
    #[must_use]
    pub fn gives(&self, amount: Money) -> bool {
        let times = |figure: i64| {
            let multiples = self.multiples.iter().copied().chain([1]);
            multiples.filter_map(move |times| figure.checked_mul(i64::from(times)))
        };
        amount.currency == self.currency && self.amounts.values().any(|f| times(*f).any(|x| x == amount.minor))
    }
}

/// A party published a version of its standard. For every party.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyStandardPublished {
    /// The version.
    pub standard: PolicyStandard,
    /// The other parties.
    pub others: BTreeSet<PartyId>,
}

impl Readers for PolicyStandardPublished {
    fn readers(&self) -> BTreeSet<PartyId> {
        self.others.clone()
    }
}
