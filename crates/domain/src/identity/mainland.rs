//! The 18-character number: mainland resident identity card, and residence permit for Hong Kong, Macau and Taiwan
//! residents (`domain.md` §4, first two rows; S22).
//!
//! Six digits area, eight birth date, three sequence, one check character by ISO 7064 MOD 11-2. Area codes change over
//! time, so an unknown one is a warning only.

use super::error::{DocumentError, DocumentWarning};
use crate::time::Date;

const LENGTH: usize = 18;

/// What each of the first 17 digits counts in the check sum: 2^(17-i) mod 11.
const WEIGHTS: [u32; LENGTH - 1] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/// The check character for each remainder of the sum by 11.
const CHECK_CHARACTERS: &str = "10X98765432";

/// Area codes of the residence permit: Hong Kong, Macau, Taiwan.
const PERMIT_AREAS: [&str; 3] = ["810000", "820000", "830000"];

/// Province-level area codes of GB/T 2260, first two digits; from general knowledge, hence good for a warning only.
const PROVINCES: [&str; 34] = [
    "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41", "42", "43", "44",
    "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71", "81", "82",
];

/// Checks the number of a mainland resident identity card.
pub(super) fn check_card(number: &str) -> Result<(), DocumentError> {
    check_form(number)?;
    if has_permit_area(number) {
        // Under two kinds the same number would be two persons.
        return Err(DocumentError::Prefix { expected: "the code of a mainland area" });
    }
    check_content(number)
}

/// Checks the number of a residence permit.
pub(super) fn check_permit(number: &str) -> Result<(), DocumentError> {
    check_form(number)?;
    if !has_permit_area(number) {
        return Err(DocumentError::Prefix { expected: "810000, 820000 or 830000" });
    }
    check_content(number)
}

/// Reads the birth date out of a number; none when it is no date.
pub(super) fn birth_date(number: &str) -> Option<Date> {
    let part = |from: usize, to: usize| number.get(from..to);
    Date::new(part(6, 10)?.parse().ok()?, part(10, 12)?.parse().ok()?, part(12, 14)?.parse().ok()?).ok()
}

/// Says what is odd about the number of a card.
pub(super) fn warning(number: &str) -> Option<DocumentWarning> {
    let known = number.get(..2).is_some_and(|province| PROVINCES.contains(&province));
    (!known).then_some(DocumentWarning::UnknownArea)
}

/// Computes the check character of an 18-character number from its first 17 digits; none when they are not 17 digits.
#[must_use]
pub fn check_character(first_seventeen: &str) -> Option<char> {
    if first_seventeen.len() != WEIGHTS.len() {
        return None;
    }
    let mut sum = 0;
    for (digit, weight) in first_seventeen.chars().zip(WEIGHTS) {
        sum += digit.to_digit(10)? * weight;
    }
    CHECK_CHARACTERS.chars().nth(usize::try_from(sum % 11).ok()?)
}

fn has_permit_area(number: &str) -> bool {
    PERMIT_AREAS.iter().any(|area| number.starts_with(area))
}

fn check_form(number: &str) -> Result<(), DocumentError> {
    let found = number.chars().count();
    if found != LENGTH {
        return Err(DocumentError::Length { found, expected: "18" });
    }
    let fits = |(at, c): (usize, char)| c.is_ascii_digit() || (at == LENGTH - 1 && c == 'X');
    match number.chars().enumerate().position(|place| !fits(place)) {
        Some(at) => Err(DocumentError::Character { position: at + 1 }),
        None => Ok(()),
    }
}

fn check_content(number: &str) -> Result<(), DocumentError> {
    birth_date(number).ok_or(DocumentError::BirthDate)?;
    let check = number.get(..LENGTH - 1).and_then(check_character);
    if check == number.chars().last() { Ok(()) } else { Err(DocumentError::CheckCharacter) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_the_powers_of_two() {
        let mut power = 1;
        for weight in WEIGHTS.iter().rev() {
            power = power * 2 % 11;
            assert_eq!(*weight, power);
        }
    }

    #[test]
    fn synthetic_and_published_numbers_are_valid() {
        for card in [
            "440402190001010013",
            "440402190001010021",
            "44040219000101003X",
            "11010519491231002X",
            "440524188001010014",
            "999999202206010014",
            "999999201006010023",
            "999999198506010033",
            "999999198806010043",
            "99999919500601005X",
            "999999195006010068",
        ] {
            assert_eq!(check_card(card), Ok(()), "{card}");
        }
        for permit in ["82000019000101001X", "820000190001010028", "810000190001010018", "830000190001010011"] {
            assert_eq!(check_permit(permit), Ok(()), "{permit}");
        }
    }

    #[test]
    fn each_rule_is_tripped_alone() {
        let length = |found| Err(DocumentError::Length { found, expected: "18" });
        assert_eq!(check_card("44040219000101001"), length(17));
        assert_eq!(check_card("4404021900010100133"), length(19));
        assert_eq!(check_card("440402190001010014"), Err(DocumentError::CheckCharacter));
        assert_eq!(check_card("4404021900010100X3"), Err(DocumentError::Character { position: 17 }));
        assert_eq!(check_card("44040219000101001A"), Err(DocumentError::Character { position: 18 }));
        assert_eq!(check_card("44040219000101001٣"), Err(DocumentError::Character { position: 18 }));
        assert_eq!(check_permit("820000190002290017"), Err(DocumentError::BirthDate)); // its check digit is right
    }

    #[test]
    fn cards_and_permits_are_not_taken_for_each_other() {
        assert!(matches!(check_card("82000019000101001X"), Err(DocumentError::Prefix { .. })));
        assert!(matches!(check_permit("440402190001010013"), Err(DocumentError::Prefix { .. })));
    }

    #[test]
    fn every_single_character_change_is_refused() {
        for valid in ["440402190001010013", "11010519491231002X", "999999198506010033"] {
            for at in 0..LENGTH {
                for with in "0123456789X".chars() {
                    let mut changed: Vec<char> = valid.chars().collect();
                    if changed[at] == with {
                        continue;
                    }
                    changed[at] = with;
                    let changed: String = changed.into_iter().collect();
                    assert!(check_card(&changed).is_err(), "{changed}");
                }
            }
        }
    }

    #[test]
    fn an_unknown_area_is_only_warned_of() {
        assert_eq!(warning("999999198506010033"), Some(DocumentWarning::UnknownArea));
        assert_eq!(warning("440402190001010013"), None);
    }
}
