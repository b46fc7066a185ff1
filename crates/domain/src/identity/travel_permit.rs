//! Permit of mainland residents to travel to Hong Kong and Macau 往来港澳通行证 (`domain.md` §4; S26).
//!
//! `C` and eight digits, or `C`, a letter but not I or O, and seven digits: always nine characters. The number changes
//! with every issue, so it is no key for life.

use super::error::DocumentError;

const LENGTH: usize = 9;

/// Checks a normalised number: `^C(\d{8}|[A-HJ-NP-Z]\d{7})$`.
pub(super) fn check(number: &str) -> Result<(), DocumentError> {
    let found = number.chars().count();
    if found != LENGTH {
        return Err(DocumentError::Length { found, expected: "9" });
    }
    if !number.starts_with('C') {
        return Err(DocumentError::Prefix { expected: "C" });
    }
    let series = |c: char| c.is_ascii_uppercase() && c != 'I' && c != 'O';
    let fits = |(at, c): (usize, char)| c.is_ascii_digit() || (at == 1 && series(c));
    match number.chars().enumerate().skip(1).find(|&place| !fits(place)) {
        Some((at, _)) => Err(DocumentError::Character { position: at + 1 }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_series_are_accepted() {
        for valid in ["C00000001", "CZ9999999", "CH0000001", "CJ0000001", "CN0000001", "CP0000001"] {
            assert_eq!(check(valid), Ok(()), "{valid}");
        }
    }

    #[test]
    fn each_rule_is_tripped_alone() {
        assert_eq!(check("C0000001"), Err(DocumentError::Length { found: 8, expected: "9" }));
        assert_eq!(check("W00000001"), Err(DocumentError::Prefix { expected: "C" }));
        for bad in ["CI9999999", "CO9999999"] {
            assert_eq!(check(bad), Err(DocumentError::Character { position: 2 }), "{bad}");
        }
        assert_eq!(check("CZZ999999"), Err(DocumentError::Character { position: 3 }));
    }
}
