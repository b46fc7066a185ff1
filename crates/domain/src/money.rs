//! Money in minor units. No floats, and no sums across currencies.

use serde::{Deserialize, Serialize};

/// ISO 4217 codes of the currencies in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "UPPERCASE")]
pub enum Currency {
    /// Macau pataca; minor unit avo (1/100).
    Mop,
    /// Chinese yuan; minor unit fen (1/100).
    Cny,
}

/// An amount in minor units (avos, fen) of one currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Money {
    /// Minor units: 435000 is 4 350.00.
    pub minor: i64,
    /// The currency.
    pub currency: Currency,
}
