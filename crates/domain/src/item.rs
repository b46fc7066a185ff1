//! What can be asked about a household, how finely, and what an answer may say (`domain.md` §3.2, §3.3).

use serde::{Deserialize, Serialize};

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
}
