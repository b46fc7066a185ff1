//! One spelling per number, whatever keyboard it was typed on.

/// Trims a number and turns full-width digits and letters into half-width ones.
pub(super) fn half_width(number: &str) -> String {
    number
        .trim()
        .chars()
        .map(|c| match c {
            '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' => shifted(c),
            other => other,
        })
        .collect()
}

/// Spells a number with upper-case half-width letters: check characters and prefixes are printed so.
pub(super) fn upper(number: &str) -> String {
    half_width(number).to_ascii_uppercase()
}

/// The full-width forms U+FF01 to U+FF5E stand in the order of ASCII from `!` on.
fn shifted(c: char) -> char {
    const OFFSET: u32 = 0xFF01 - 0x21;
    u32::from(c).checked_sub(OFFSET).and_then(char::from_u32).unwrap_or(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_width_and_case_are_folded_and_other_characters_kept() {
        assert_eq!(upper("　４４０４ｘＭm "), "4404XMM");
        assert_eq!(half_width(" 珠澳-１２ａ（8） "), "珠澳-12a（8）");
        assert_eq!(shifted('０'), '0');
        assert_eq!(shifted('ｚ'), 'z');
    }
}
