//! Macau resident identity card, BIR (`domain.md` §4; S23).
//!
//! Seven digits and one more character, printed `1234567(8)`, on older cards `1/234567/8`. No public description of the
//! last character was found: the format is checked and nothing is computed.

use super::error::{DocumentError, DocumentWarning};
use super::normal::upper;

const LENGTH: usize = 8;

/// First digits that were observed on cards; others are not known to be wrong.
const OBSERVED_FIRST_DIGITS: [char; 3] = ['1', '5', '7'];

/// Drops the print marks: brackets and slashes in both widths, and white space.
pub(super) fn normalise(number: &str) -> String {
    let mark = |c: char| c.is_whitespace() || matches!(c, '(' | ')' | '（' | '）' | '/' | '／');
    upper(number).chars().filter(|&c| !mark(c)).collect()
}

/// Checks a normalised number.
pub(super) fn check(number: &str) -> Result<(), DocumentError> {
    let found = number.chars().count();
    if found != LENGTH {
        return Err(DocumentError::Length { found, expected: "7 digits and 1 more" });
    }
    let fits = |(at, c): (usize, char)| c.is_ascii_digit() || (at == LENGTH - 1 && c.is_ascii_uppercase());
    match number.chars().enumerate().position(|place| !fits(place)) {
        Some(at) => Err(DocumentError::Character { position: at + 1 }),
        None => Ok(()),
    }
}

/// Says what is odd about a number.
pub(super) fn warning(number: &str) -> Option<DocumentWarning> {
    let observed = number.starts_with(OBSERVED_FIRST_DIGITS);
    (!observed).then_some(DocumentWarning::UnobservedFirstDigit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn print_marks_are_dropped() {
        for printed in
            ["9000001(0)", "9000001（0）", "9/000001/0", "9／000001／0", " 9000001 (0) ", "９０００００１(０)"]
        {
            assert_eq!(normalise(printed), "90000010", "{printed}");
        }
    }

    #[test]
    fn the_format_is_checked_and_no_check_digit_invented() {
        for last in "0123456789AZ".chars() {
            assert_eq!(check(&format!("9000001{last}")), Ok(()));
        }
        assert!(matches!(check("9000001"), Err(DocumentError::Length { found: 7, .. })));
        assert!(matches!(check("900000100"), Err(DocumentError::Length { found: 9, .. })));
        assert_eq!(check("90000A10"), Err(DocumentError::Character { position: 6 }));
        assert_eq!(check("9000001-"), Err(DocumentError::Character { position: 8 }));
        assert_eq!(check("1|345678"), Err(DocumentError::Character { position: 2 }));
    }

    #[test]
    fn an_unobserved_first_digit_is_only_warned_of() {
        assert_eq!(warning("90000010"), Some(DocumentWarning::UnobservedFirstDigit));
        for observed in ["10000010", "50000010", "70000010"] {
            assert_eq!(warning(observed), None);
        }
    }
}
