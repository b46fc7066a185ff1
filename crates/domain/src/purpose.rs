//! Purposes and legal bases. Both are closed lists: a new one is a decision of the parties, not of a caller.

use serde::{Deserialize, Serialize};

use crate::id::ConsentId;
use crate::text::Short;

/// What an answer may be used for. Wire order is the order here: append only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Application for dibao 最低生活保障.
    DibaoApplication,
    /// Re-check of a dibao household.
    DibaoRecheck,
    /// Temporary assistance 临时救助.
    TemporaryAssistance,
    /// Macau regular subsidy 定期援助金.
    MacauRegularSubsidy,
    /// Macau non-regular subsidy 偶發性援助金.
    MacauEventualSubsidy,
    /// Routine notice 定期通报 with the person's consent.
    RoutineNotice,
}

/// Why a cross-border event is lawful. Every one carries its basis (`domain.md` §0-3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum LegalBasis {
    /// The person's recorded consent.
    Consent(ConsentId),
    /// Vital interest of the person; must be justified afterwards.
    VitalInterest,
    /// An article of the agreement between the parties.
    AgreementArticle(Short),
    /// A filing, notification or authorisation number of a data-protection authority.
    Filing(Short),
}

/// Languages in which the exchange speaks to officers and families.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum Language {
    /// Simplified Chinese.
    #[serde(rename = "zh-Hans")]
    ZhHans,
    /// Traditional Chinese, Macau usage.
    #[serde(rename = "zh-Hant")]
    ZhHant,
    /// Portuguese.
    #[serde(rename = "pt")]
    Pt,
    /// English.
    #[serde(rename = "en")]
    En,
}
