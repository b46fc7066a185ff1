//! Names of agreement versions.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Longest name, in bytes; enough for a year, a number and a word.
pub const VERSION_NAME_MAX: usize = 24;

/// The text is no version's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a version is named by 1 to {VERSION_NAME_MAX} lower-case letters, digits, '.' and '-'")]
pub struct VersionNameError;

/// The name of an agreement version, such as `2026-1`: 1 to 24 lower-case letters, digits, dots and hyphens.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct VersionName {
    bytes: [u8; VERSION_NAME_MAX], // padded with zeros
}

impl VersionName {
    /// The version that holds while the parties have signed none.
    pub const DEFAULTS: Self = Self { bytes: *b"defaults-1\0\0\0\0\0\0\0\0\0\0\0\0\0\0" };

    /// Returns the name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let len = self.bytes.iter().position(|&b| b == 0).unwrap_or(VERSION_NAME_MAX);
        self.bytes.get(..len).and_then(|b| std::str::from_utf8(b).ok()).unwrap_or_default()
    }
}

impl FromStr for VersionName {
    type Err = VersionNameError;

    fn from_str(text: &str) -> Result<Self, VersionNameError> {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'.' || b == b'-';
        if text.is_empty() || text.len() > VERSION_NAME_MAX || !text.bytes().all(plain) {
            return Err(VersionNameError);
        }
        let mut bytes = [0; VERSION_NAME_MAX];
        bytes.iter_mut().zip(text.bytes()).for_each(|(to, from)| *to = from);
        Ok(Self { bytes })
    }
}

impl TryFrom<String> for VersionName {
    type Error = VersionNameError;

    fn try_from(text: String) -> Result<Self, VersionNameError> {
        text.parse()
    }
}

impl From<VersionName> for String {
    fn from(name: VersionName) -> Self {
        name.as_str().to_owned()
    }
}

impl fmt::Display for VersionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for VersionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_plain_words() {
        assert_eq!(VersionName::DEFAULTS, "defaults-1".parse().unwrap());
        assert_eq!("2026-1".parse::<VersionName>().unwrap().to_string(), "2026-1");
        for bad in ["", "2026 1", "V1", "aaaaaaaaaaaaaaaaaaaaaaaaa"] {
            assert_eq!(bad.parse::<VersionName>(), Err(VersionNameError), "{bad}");
        }
    }
}
