//! How a number can fail to be a document. Nothing here repeats the number: errors are logged and sent over HTTP.

use serde::{Deserialize, Serialize};

/// Why a number is not a valid document of its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// Not the length of the kind.
    #[error("must have {expected} characters, has {found}")]
    Length {
        /// Characters found, after normalisation.
        found: usize,
        /// Lengths that the kind has.
        expected: &'static str,
    },
    /// A character that the kind does not have at this place.
    #[error("may not have this character at position {position}")]
    Character {
        /// Position of the first wrong character, from 1.
        position: usize,
    },
    /// Letters or an area code in front that belong to another kind of document.
    #[error("begins like another kind of document; this kind begins with {expected}")]
    Prefix {
        /// Beginnings that the kind has.
        expected: &'static str,
    },
    /// The birth date inside the number is no date of the calendar.
    #[error("holds a birth date that does not exist")]
    BirthDate,
    /// The birth date inside the number lies after the given day.
    #[error("holds a birth date that has not come yet")]
    BornInFuture,
    /// The last character is not the check character of the others.
    #[error("has a wrong check character: one of its characters was mistyped or two were exchanged")]
    CheckCharacter,
    /// A control, direction-override or zero-width character in a free-text reference.
    #[error("must not hold control, direction-override or zero-width characters")]
    Deceptive,
}

/// What is odd about a valid document. It does not make the number invalid: the lists behind it are incomplete or
/// unconfirmed (`domain.md` §4), so an officer is told and decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DocumentWarning {
    /// The area code belongs to no province-level division, such as 999999.
    UnknownArea,
    /// The first digit of the BIR is none of those observed (1, 5, 7).
    UnobservedFirstDigit,
}
