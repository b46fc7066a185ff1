//! Birth registration or household booklet, for minors without another document (`domain.md` §4).
//!
//! Formats vary by place and time: 1 to 64 characters of free text, with the issuing unit in it.

use super::error::DocumentError;
use crate::text::{Text, TextError};

const LENGTH_MAX: usize = 64;

/// Checks a trimmed reference.
pub(super) fn check(number: &str) -> Result<(), DocumentError> {
    match number.parse::<Text<LENGTH_MAX>>() {
        Ok(_) if number.contains(char::is_control) => Err(DocumentError::Deceptive), // a line break or a tab
        Ok(_) => Ok(()),
        Err(TextError::Empty) => Err(DocumentError::Length { found: 0, expected: "1 to 64" }),
        Err(TextError::TooLong { len, .. }) => Err(DocumentError::Length { found: len, expected: "1 to 64" }),
        Err(TextError::Deceptive) => Err(DocumentError::Deceptive),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_plain_text_up_to_the_limit_is_accepted() {
        for valid in ["1", "澳門民事登記局 0001/2022", &"出".repeat(LENGTH_MAX)] {
            assert_eq!(check(valid), Ok(()), "{valid}");
        }
    }

    #[test]
    fn each_rule_is_tripped_alone() {
        assert_eq!(check(""), Err(DocumentError::Length { found: 0, expected: "1 to 64" }));
        assert_eq!(check(&"1".repeat(65)), Err(DocumentError::Length { found: 65, expected: "1 to 64" }));
        for bad in ["0001\n2022", "0001\t2022", "0001\u{7}", "0001\u{202E}2202"] {
            assert_eq!(check(bad), Err(DocumentError::Deceptive), "{bad:?}");
        }
    }
}
