//! Mainland travel permit for Hong Kong and Macau residents 回乡证, and the same for non-Chinese permanent residents
//! (`domain.md` §4; S25).
//!
//! `M` (Macau) or `H` (Hong Kong), eight digits for life, two digits that count the renewals; newer cards show the first
//! nine characters only. The format for non-Chinese residents is unconfirmed and taken to be the same.

use super::error::DocumentError;

/// Characters that stay the same for life: what persons are matched by.
const LIFETIME: usize = 9;
const WITH_RENEWALS: usize = 11;

/// Checks a normalised number.
pub(super) fn check(number: &str) -> Result<(), DocumentError> {
    let found = number.chars().count();
    if found != LIFETIME && found != WITH_RENEWALS {
        return Err(DocumentError::Length { found, expected: "9 or 11" });
    }
    if !number.starts_with(['M', 'H']) {
        return Err(DocumentError::Prefix { expected: "M or H" });
    }
    match number.chars().skip(1).position(|c| !c.is_ascii_digit()) {
        Some(at) => Err(DocumentError::Character { position: at + 2 }),
        None => Ok(()),
    }
}

/// Returns the part of a number that renewals don't change.
pub(super) fn stem(number: &str) -> &str {
    number.get(..LIFETIME).unwrap_or(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nine_and_eleven_characters_are_accepted() {
        for valid in ["M0000000100", "M0000000101", "M00000001", "H0000000100"] {
            assert_eq!(check(valid), Ok(()), "{valid}");
        }
    }

    #[test]
    fn each_rule_is_tripped_alone() {
        for (bad, found) in [("M0000000", 8), ("M000000010", 10), ("M00000001000", 12)] {
            assert_eq!(check(bad), Err(DocumentError::Length { found, expected: "9 or 11" }));
        }
        assert_eq!(check("A00000001"), Err(DocumentError::Prefix { expected: "M or H" }));
        assert_eq!(check("M0000O001"), Err(DocumentError::Character { position: 6 }));
    }

    #[test]
    fn a_renewed_permit_has_the_same_stem() {
        assert_eq!(stem("M0000000100"), stem("M0000000101"));
        assert_eq!(stem("M0000000100"), stem("M00000001"));
        assert_ne!(stem("M0000000100"), stem("M0000000200"));
    }
}
