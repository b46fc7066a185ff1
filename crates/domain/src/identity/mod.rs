//! Identity documents: formats, check digits, matching keys (`domain.md` §4). One file per family of documents.
//!
//! Out of scope: whether the document was ever issued, or to whom. Only its issuer can say (`id.exists`).

mod birth_registration;
mod document;
mod error;
mod home_return;
mod kind;
mod macau_bir;
mod mainland;
mod normal;
mod travel_permit;

pub use document::{Document, DocumentKey};
pub use error::{DocumentError, DocumentWarning};
pub use kind::{DocumentKind, UnknownDocumentKind};
pub use mainland::check_character;

use serde::{Deserialize, Serialize};

use crate::name::PersonName;
use crate::time::Date;

/// A person as one party's officer names them to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// The identity document.
    pub document: Document,
    /// The name, in the scripts that are known.
    pub name: PersonName,
    /// The birth date, where it is known.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>, format = "date"))]
    pub birth_date: Option<Date>,
}
