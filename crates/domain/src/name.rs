//! Names of persons in all their scripts. A name is never a matching key by itself (`domain.md` §4).

use serde::{Deserialize, Serialize};

use crate::text::Short;

/// A person's name: as printed on the document, and in other scripts where known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PersonName {
    /// Exactly as on the document.
    pub as_on_document: Short,
    /// In simplified Chinese characters.
    #[serde(default)]
    pub zh_hans: Option<Short>,
    /// In traditional Chinese characters, Macau usage.
    #[serde(default)]
    pub zh_hant: Option<Short>,
    /// Romanised; Macau cards use Cantonese-Portuguese forms, the mainland Pinyin.
    #[serde(default)]
    pub roman: Option<Short>,
}
