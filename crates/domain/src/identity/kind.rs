//! The kinds of identity document in the exchange.

use serde::{Deserialize, Serialize};

/// Kinds of identity document. Wire order is the order here: append only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// Mainland resident identity card 居民身份证.
    MainlandId,
    /// Residence permit for Hong Kong, Macau and Taiwan residents 港澳台居民居住证.
    ResidencePermit,
    /// Macau resident identity card 澳門居民身份證 (BIR).
    MacauBir,
    /// Mainland travel permit for Hong Kong and Macau residents 回乡证.
    HomeReturnPermit,
    /// The same permit for non-Chinese permanent residents.
    HomeReturnPermitNonChinese,
    /// Permit of mainland residents to travel to Hong Kong and Macau 往来港澳通行证.
    TravelPermitToHkMacau,
    /// Birth registration, for minors without another document.
    BirthRegistration,
}

impl DocumentKind {
    /// Every kind, in wire order.
    pub const ALL: [Self; 7] = [
        Self::MainlandId,
        Self::ResidencePermit,
        Self::MacauBir,
        Self::HomeReturnPermit,
        Self::HomeReturnPermitNonChinese,
        Self::TravelPermitToHkMacau,
        Self::BirthRegistration,
    ];

    /// Returns the published code, such as `mainland_id`: the same as in JSON.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::MainlandId => "mainland_id",
            Self::ResidencePermit => "residence_permit",
            Self::MacauBir => "macau_bir",
            Self::HomeReturnPermit => "home_return_permit",
            Self::HomeReturnPermitNonChinese => "home_return_permit_non_chinese",
            Self::TravelPermitToHkMacau => "travel_permit_to_hk_macau",
            Self::BirthRegistration => "birth_registration",
        }
    }
}

/// The text is no code of a document kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is none of the document kinds")]
pub struct UnknownDocumentKind;

impl std::str::FromStr for DocumentKind {
    type Err = UnknownDocumentKind;

    fn from_str(code: &str) -> Result<Self, UnknownDocumentKind> {
        Self::ALL.into_iter().find(|kind| kind.code() == code).ok_or(UnknownDocumentKind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_json_and_are_read_back() {
        for kind in DocumentKind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.code());
            assert_eq!(kind.code().parse(), Ok(kind));
        }
        assert_eq!("MainlandId".parse::<DocumentKind>(), Err(UnknownDocumentKind));
    }

    #[test]
    fn the_list_of_all_is_in_wire_order_and_complete() {
        for (place, kind) in DocumentKind::ALL.into_iter().enumerate() {
            assert_eq!(postcard::to_stdvec(&kind).unwrap(), [u8::try_from(place).unwrap()]);
        }
        let next = u8::try_from(DocumentKind::ALL.len()).unwrap();
        assert!(postcard::from_bytes::<DocumentKind>(&[next]).is_err());
    }
}
