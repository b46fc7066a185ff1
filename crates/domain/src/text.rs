//! Bounded free text. Text is stored as it was typed, less the characters that only deceive a reader.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a text is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing but white space.
    #[error("must not be empty")]
    Empty,
    /// Too long.
    #[error("must have at most {max} characters, has {len}")]
    TooLong {
        /// Characters found.
        len: usize,
        /// The most that are allowed.
        max: usize,
    },
    /// A control, bidirectional-override or zero-width character: these make a text read other than it is.
    #[error("must not hold control, direction-override or zero-width characters")]
    Deceptive,
}

/// A text of 1 to `MAX` characters (Unicode scalar values) without deceptive characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Text<const MAX: usize>(String);

/// A label, place or reference: up to 200 characters.
pub type Short = Text<200>;
/// What an officer writes about a case: up to 2,000 characters, about one page.
pub type Note = Text<2000>;

#[cfg(feature = "schema")]
impl<const MAX: usize> utoipa::PartialSchema for Text<MAX> {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .min_length(Some(1))
            .max_length(Some(MAX))
            .into()
    }
}

#[cfg(feature = "schema")]
impl<const MAX: usize> utoipa::ToSchema for Text<MAX> {
    fn name() -> std::borrow::Cow<'static, str> {
        format!("Text{MAX}").into()
    }
}

impl<const MAX: usize> Text<MAX> {
    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn deceptive(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t')
        || matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

impl<const MAX: usize> TryFrom<String> for Text<MAX> {
    type Error = TextError;

    fn try_from(text: String) -> Result<Self, TextError> {
        if text.trim().is_empty() {
            return Err(TextError::Empty);
        }
        let len = text.chars().count();
        if len > MAX {
            return Err(TextError::TooLong { len, max: MAX });
        }
        if text.chars().any(deceptive) {
            return Err(TextError::Deceptive);
        }
        Ok(Self(text))
    }
}

impl<const MAX: usize> std::str::FromStr for Text<MAX> {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, TextError> {
        text.to_owned().try_into()
    }
}

impl<const MAX: usize> From<Text<MAX>> for String {
    fn from(text: Text<MAX>) -> Self {
        text.0
    }
}

impl<const MAX: usize> fmt::Display for Text<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_in_characters_not_bytes() {
        assert!(Text::<2>::try_from("救助".to_owned()).is_ok());
        assert_eq!(Text::<2>::try_from("救助金".to_owned()), Err(TextError::TooLong { len: 3, max: 2 }));
    }

    #[test]
    fn deceptive_characters_are_refused() {
        for bad in ["a\u{202E}b", "a\u{200B}b", "a\0b", "\u{FEFF}a"] {
            assert_eq!(Short::try_from(bad.to_owned()), Err(TextError::Deceptive), "{bad:?}");
        }
        assert_eq!(Short::try_from(" \t ".to_owned()), Err(TextError::Empty));
    }
}
