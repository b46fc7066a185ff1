//! Placeholder with the final interface; the rules of `domain.md` §4 are filled in behind it.

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

/// Why a number is not a valid document of its kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// Not the length or alphabet of the kind.
    #[error("does not have the form of the document kind")]
    Form,
}

/// A document number that has been checked and normalised.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(try_from = "RawDocument", into = "RawDocument")]
pub struct Document {
    kind: DocumentKind,
    number: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawDocument {
    kind: DocumentKind,
    number: String,
}

impl TryFrom<RawDocument> for Document {
    type Error = DocumentError;

    fn try_from(raw: RawDocument) -> Result<Self, DocumentError> {
        Self::parse(raw.kind, &raw.number)
    }
}

impl From<Document> for RawDocument {
    fn from(document: Document) -> Self {
        Self { kind: document.kind, number: document.number }
    }
}

impl Document {
    /// Checks and normalises a number.
    ///
    /// # Errors
    /// Says which rule of the kind the number breaks.
    pub fn parse(kind: DocumentKind, number: &str) -> Result<Self, DocumentError> {
        if number.is_empty() || number.len() > 64 {
            return Err(DocumentError::Form);
        }
        Ok(Self { kind, number: number.to_owned() })
    }

    /// Returns the kind.
    #[must_use]
    pub fn kind(&self) -> DocumentKind {
        self.kind
    }

    /// Returns the normalised number.
    #[must_use]
    pub fn number(&self) -> &str {
        &self.number
    }

    /// Returns the part that stays the same when the document is renewed: what persons are matched by.
    #[must_use]
    pub fn key(&self) -> DocumentKey {
        DocumentKey { kind: self.kind, stem: self.number.clone() }
    }
}

/// What two documents of one person have in common across renewals.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DocumentKey {
    kind: DocumentKind,
    stem: String,
}
