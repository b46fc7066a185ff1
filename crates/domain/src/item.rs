//! What can be asked about a household, how finely, and what an answer may say (`domain.md` §3.2, §3.3).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::id::OfficerId;
use crate::money::Money;
use crate::text::Short;
use crate::time::Date;

/// The items of verification. Wire order is the order here: append only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum Item {
    /// Identity matches.
    #[serde(rename = "id.exists")]
    IdExists,
    /// Alive.
    #[serde(rename = "id.alive")]
    IdAlive,
    /// Household members.
    #[serde(rename = "hh.members")]
    HouseholdMembers,
    /// Marital status.
    #[serde(rename = "hh.marital")]
    MaritalStatus,
    /// Wages.
    #[serde(rename = "inc.wage")]
    IncomeWage,
    /// Business income.
    #[serde(rename = "inc.business")]
    IncomeBusiness,
    /// Pensions and benefits.
    #[serde(rename = "inc.pension")]
    IncomePension,
    /// Social assistance on the other side.
    #[serde(rename = "inc.assist")]
    IncomeAssistance,
    /// Deposits.
    #[serde(rename = "ast.deposit")]
    AssetDeposit,
    /// Securities, funds, internet-finance assets.
    #[serde(rename = "ast.securities")]
    AssetSecurities,
    /// Commercial insurance.
    #[serde(rename = "ast.insurance")]
    AssetInsurance,
    /// Real property.
    #[serde(rename = "ast.property")]
    AssetProperty,
    /// Vehicles, boats.
    #[serde(rename = "ast.vehicle")]
    AssetVehicle,
    /// Public housing.
    #[serde(rename = "ast.publicHousing")]
    PublicHousing,
    /// Rigid medical expenditure; health data.
    #[serde(rename = "exp.medical")]
    ExpenseMedical,
    /// Education.
    #[serde(rename = "exp.education")]
    ExpenseEducation,
    /// Rent and utilities.
    #[serde(rename = "exp.housing")]
    ExpenseHousing,
    /// Living conditions, by visit.
    #[serde(rename = "liv.visit")]
    LivingVisit,
    /// Actually resides.
    #[serde(rename = "liv.residence")]
    LivingResidence,
    /// Supporters' capacity.
    #[serde(rename = "rel.support")]
    SupporterCapacity,
}

impl Item {
    /// Returns the published code, such as `ast.deposit`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::IdExists => "id.exists",
            Self::IdAlive => "id.alive",
            Self::HouseholdMembers => "hh.members",
            Self::MaritalStatus => "hh.marital",
            Self::IncomeWage => "inc.wage",
            Self::IncomeBusiness => "inc.business",
            Self::IncomePension => "inc.pension",
            Self::IncomeAssistance => "inc.assist",
            Self::AssetDeposit => "ast.deposit",
            Self::AssetSecurities => "ast.securities",
            Self::AssetInsurance => "ast.insurance",
            Self::AssetProperty => "ast.property",
            Self::AssetVehicle => "ast.vehicle",
            Self::PublicHousing => "ast.publicHousing",
            Self::ExpenseMedical => "exp.medical",
            Self::ExpenseEducation => "exp.education",
            Self::ExpenseHousing => "exp.housing",
            Self::LivingVisit => "liv.visit",
            Self::LivingResidence => "liv.residence",
            Self::SupporterCapacity => "rel.support",
        }
    }

    /// Every item, in wire order.
    pub const ALL: [Self; 20] = [
        Self::IdExists,
        Self::IdAlive,
        Self::HouseholdMembers,
        Self::MaritalStatus,
        Self::IncomeWage,
        Self::IncomeBusiness,
        Self::IncomePension,
        Self::IncomeAssistance,
        Self::AssetDeposit,
        Self::AssetSecurities,
        Self::AssetInsurance,
        Self::AssetProperty,
        Self::AssetVehicle,
        Self::PublicHousing,
        Self::ExpenseMedical,
        Self::ExpenseEducation,
        Self::ExpenseHousing,
        Self::LivingVisit,
        Self::LivingResidence,
        Self::SupporterCapacity,
    ];

    /// Tells whether a predicate is a closed form of this item's useful question (`domain.md` §3.2). Whether a thing
    /// holds at all may be asked of every item. "At least X" is asked as "at most" just below X, and read in reverse.
    #[must_use]
    pub fn takes(self, predicate: Predicate) -> bool {
        match predicate {
            Predicate::Holds => true,
            Predicate::AmountAtMost(_) => matches!(
                self,
                Self::IncomeWage
                    | Self::IncomePension
                    | Self::AssetDeposit
                    | Self::AssetSecurities
                    | Self::AssetInsurance
                    | Self::ExpenseMedical
            ),
            Predicate::CountAtMost(_) => {
                matches!(self, Self::HouseholdMembers | Self::IncomeBusiness | Self::AssetProperty | Self::AssetVehicle)
            }
            Predicate::MonthlyAverageAtMost { .. } => matches!(self, Self::IncomeWage | Self::IncomePension),
            Predicate::DaysAtLeast { .. } => self == Self::LivingResidence,
        }
    }

    /// Tells whether answering it needs a visit and not only a look into a register: the `liv.*` items, which have the
    /// longer time limit (`domain.md` §6.2).
    #[must_use]
    pub fn needs_visit(self) -> bool {
        matches!(self, Self::LivingVisit | Self::LivingResidence)
    }
}

/// How finely an item may be answered; each step includes the ones before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Granularity {
    /// Yes or no against the predicate.
    Threshold,
    /// A range the value lies in.
    Band,
    /// The value itself.
    Exact,
}

/// A closed question. Open questions ("how much?") can't be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Predicate {
    /// Does it hold at all (alive, active, registered)?
    Holds,
    /// Is the amount at most this?
    AmountAtMost(Money),
    /// Is the count at most this?
    CountAtMost(u32),
    /// Is the monthly average over the last months before the as-of date at most this amount?
    MonthlyAverageAtMost {
        /// The amount of a month.
        amount: Money,
        /// Over how many months; 6 or 12 in use (`domain.md` §3.2, wages).
        months: u8,
    },
    /// Did it hold on at least so many of the last days before the as-of date?
    DaysAtLeast {
        /// How many days.
        days: u16,
        /// Of how many.
        of_last: u16,
    },
}

impl Predicate {
    /// Returns the amount it compares with; none when it compares with none.
    #[must_use]
    pub fn amount(self) -> Option<Money> {
        match self {
            Self::AmountAtMost(amount) | Self::MonthlyAverageAtMost { amount, .. } => Some(amount),
            Self::Holds | Self::CountAtMost(_) | Self::DaysAtLeast { .. } => None,
        }
    }
}

/// One question about one person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// What is asked.
    pub item: Item,
    /// The closed form of it.
    pub predicate: Predicate,
    /// How finely the asker wants it answered.
    pub granularity: Granularity,
}

/// The verdict of an answer. `NoRecordFound` never means "owns nothing".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Verdict {
    /// The predicate is met.
    Meets,
    /// It is not met.
    DoesNotMeet,
    /// Met for part of the period or part of the sources.
    Partial,
    /// Searched, but it can't be told.
    CannotDetermine,
    /// The named sources hold nothing on the person.
    NoRecordFound,
    /// Not answered; the refusal says why.
    Refused,
}

/// The answer to one question (`domain.md` §3.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// The item asked.
    pub item: Item,
    /// The predicate asked.
    pub predicate: Predicate,
    /// The verdict.
    pub verdict: Verdict,
    /// The date the answer holds for.
    #[cfg_attr(feature = "schema", schema(value_type = String, format = "date"))]
    pub as_of: Date,
    /// A range, only when the consent allows bands.
    #[serde(default)]
    pub band: Option<Short>,
    /// The exact amount, only when the consent allows exact values.
    #[serde(default)]
    pub value: Option<Money>,
    /// Sources that were searched. Never empty for `NO_RECORD_FOUND`.
    pub sources_searched: Vec<Short>,
    /// Sources that would belong to the item but were not searched.
    pub sources_not_searched: Vec<Short>,
    /// What a home visit found, for `liv.visit` only. The visitors' narrative stays with the holder.
    #[serde(default)]
    pub visit: Option<VisitFindings>,
}

/// Least investigators of a home visit (`domain.md` §3.2: "≥ 2 investigators").
pub const INVESTIGATORS_MIN: usize = 2;

/// Most investigators of a home visit. (A): a visit is by a small team.
pub const INVESTIGATORS_MAX: usize = 6;

/// Most occupants a visit counts. (A): above any household, below any typing error.
pub const OCCUPANTS_MAX: u8 = 40;

/// What a home visit found, as codes: nothing in it is free text, so that no narrative crosses (`domain.md` §3.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct VisitFindings {
    /// Who visited: [`INVESTIGATORS_MIN`] to [`INVESTIGATORS_MAX`] officers.
    pub investigators: BTreeSet<OfficerId>,
    /// When.
    #[cfg_attr(feature = "schema", schema(value_type = String, format = "date"))]
    pub visited_on: Date,
    /// What kind of housing it is.
    pub housing: HousingKind,
    /// How many persons seem to live there; at most [`OCCUPANTS_MAX`].
    pub occupants_seen: u8,
    /// What was seen of the state of the housing.
    pub conditions: BTreeSet<HousingCondition>,
    /// Whether the person was found to live at the declared address; none when that can't be told.
    pub matches_declared_address: Option<bool>,
}

impl VisitFindings {
    /// Tells whether the numbers are within their bounds, and the visit not after `today`.
    #[must_use]
    pub fn is_plausible(&self, today: Date) -> bool {
        (INVESTIGATORS_MIN..=INVESTIGATORS_MAX).contains(&self.investigators.len())
            && self.occupants_seen <= OCCUPANTS_MAX
            && self.visited_on <= today
    }
}

/// Kinds of housing. (A): the form of the township visit was not found; agreement data to be aligned later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum HousingKind {
    /// Owned by the household.
    Owned,
    /// Rented on the market.
    Rented,
    /// Public housing 公租房, 社屋, 經屋.
    Public,
    /// With relatives or others, without rent.
    WithOthers,
    /// A dormitory of an employer or school.
    Dormitory,
    /// A home or another institution.
    Institution,
    /// No fixed dwelling.
    None,
}

/// States of housing that a visit may find. (A): as [`HousingKind`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum HousingCondition {
    /// In good order.
    GoodOrder,
    /// Too many persons for the space.
    Overcrowded,
    /// Unsafe to live in.
    Unsafe,
    /// No running water.
    NoWater,
    /// No electricity.
    NoElectricity,
    /// Not accessible for a person who needs it to be.
    NotAccessible,
    /// Nobody seems to live there.
    Uninhabited,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;

    /// The table of `domain.md` §3.2, row by row: the code, and what may be asked besides "does it hold?".
    const TABLE: [(&str, &str); 20] = [
        ("id.exists", ""),
        ("id.alive", ""),
        ("hh.members", "count"),
        ("hh.marital", ""),
        ("inc.wage", "amount average"),
        ("inc.business", "count"),
        ("inc.pension", "amount average"),
        ("inc.assist", ""),
        ("ast.deposit", "amount"),
        ("ast.securities", "amount"),
        ("ast.insurance", "amount"),
        ("ast.property", "count"),
        ("ast.vehicle", "count"),
        ("ast.publicHousing", ""),
        ("exp.medical", "amount"),
        ("exp.education", ""),
        ("exp.housing", ""),
        ("liv.visit", ""),
        ("liv.residence", "days"),
        ("rel.support", ""),
    ];

    #[test]
    fn every_item_of_the_table_is_there_and_takes_its_questions_only() {
        let amount = Money { minor: 1, currency: Currency::Mop };
        let predicates = [
            ("amount", Predicate::AmountAtMost(amount)),
            ("count", Predicate::CountAtMost(1)),
            ("average", Predicate::MonthlyAverageAtMost { amount, months: 6 }),
            ("days", Predicate::DaysAtLeast { days: 10, of_last: 30 }),
        ];
        assert_eq!(Item::ALL.map(Item::code), TABLE.map(|(code, _)| code));
        for (item, (code, asked)) in Item::ALL.into_iter().zip(TABLE) {
            assert!(item.takes(Predicate::Holds), "{code}");
            let taken = predicates.iter().filter(|(_, predicate)| item.takes(*predicate)).map(|(name, _)| *name);
            assert_eq!(taken.collect::<BTreeSet<_>>(), asked.split_whitespace().collect(), "{code}");
            assert_eq!(serde_json::to_value(item).unwrap(), code);
            assert_eq!(item.needs_visit(), code.starts_with("liv."), "{code}");
        }
    }

    #[test]
    fn a_visit_is_by_two_and_not_tomorrow() {
        let names = |count| (0..count).map(|n| format!("sw{n}").parse().unwrap()).collect();
        let findings = |investigators, occupants_seen, visited_on: &str| VisitFindings {
            investigators,
            visited_on: visited_on.parse().unwrap(),
            housing: HousingKind::Rented,
            occupants_seen,
            conditions: BTreeSet::from([HousingCondition::GoodOrder]),
            matches_declared_address: Some(true),
        };
        let today = "2026-07-01".parse().unwrap();
        for (investigators, occupants, day, fits) in [
            (2, 4, "2026-07-01", true),
            (INVESTIGATORS_MAX, OCCUPANTS_MAX, "2026-06-30", true),
            (1, 4, "2026-07-01", false),
            (INVESTIGATORS_MAX + 1, 4, "2026-07-01", false),
            (2, OCCUPANTS_MAX + 1, "2026-07-01", false),
            (2, 4, "2026-07-02", false),
        ] {
            assert_eq!(findings(names(investigators), occupants, day).is_plausible(today), fits, "{day}");
        }
    }
}
