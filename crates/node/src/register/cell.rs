//! A cell of either format, and the readings of it: text, date, amount, count, yes or no.

use std::borrow::Cow;

use tongcha_domain::money::Currency;
use tongcha_domain::time::Date;

use super::report::Reason;

/// Most digits of an amount before the point: with two decimals these are the 15 digits that a number cell keeps.
const AMOUNT_DIGITS_MAX: usize = 13;

/// From here on a number cell no longer keeps every digit of a whole number.
const WHOLE_NUMBER_LIMIT: f64 = 1e15;

/// Characters that make a spreadsheet take a text for a formula, in both widths, and the mark that keeps it from that.
const FORMULA_STARTS: [char; 13] = ['=', '+', '-', '@', '＝', '＋', '－', '＠', '\t', '\r', '\n', '\0', MARK];
const MARK: char = '\'';

/// What stands in a cell that is not blank.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cell<'a> {
    /// A text that is not blank.
    Text(Cow<'a, str>),
    /// A number of a workbook.
    Number(f64),
    /// A true/false cell of a workbook.
    Bool(bool),
    /// A date cell of a workbook; none when it is no whole day of the calendar.
    Date(Option<Date>),
    /// A formula, whatever its result.
    Formula,
    /// An error such as #REF!.
    Error,
}

/// Puts the mark before a text that a spreadsheet would take for a formula.
pub(super) fn marked(text: &str) -> Cow<'_, str> {
    if text.starts_with(FORMULA_STARTS) { format!("{MARK}{text}").into() } else { text.into() }
}

fn unmarked(text: &str) -> &str {
    match text.strip_prefix(MARK) {
        Some(rest) if rest.starts_with(FORMULA_STARTS) => rest,
        Some(_) | None => text,
    }
}

impl<'a> Cell<'a> {
    /// Makes a cell of a text, without white space around it and the mark before it; none when it is blank.
    pub(super) fn text(text: impl Into<Cow<'a, str>>) -> Option<Self> {
        let text = match text.into() {
            Cow::Borrowed(text) => Cow::Borrowed(unmarked(text.trim())),
            Cow::Owned(text) => Cow::Owned(unmarked(text.trim()).to_owned()),
        };
        (!text.is_empty()).then_some(Self::Text(text))
    }

    /// Reads a text. A whole number counts as one: case systems number their households.
    pub(super) fn as_text(&self) -> Result<Cow<'_, str>, Reason> {
        match self {
            Self::Text(text) => Ok(Cow::Borrowed(text)),
            Self::Number(number) if number.fract() == 0.0 && number.abs() < WHOLE_NUMBER_LIMIT => {
                Ok(number.to_string().into())
            }
            Self::Number(_) | Self::Bool(_) | Self::Date(_) => Err(Reason::NotText),
            Self::Formula => Err(Reason::Formula),
            Self::Error => Err(Reason::ErrorCell),
        }
    }

    /// Reads a date: `YYYY-MM-DD`, or a date cell.
    pub(super) fn as_date(&self) -> Result<Date, Reason> {
        match self {
            Self::Date(Some(date)) => Ok(*date),
            Self::Text(text) => iso_date(text).ok_or(Reason::Date),
            Self::Date(None) | Self::Number(_) | Self::Bool(_) => Err(Reason::Date),
            Self::Formula => Err(Reason::Formula),
            Self::Error => Err(Reason::ErrorCell),
        }
    }

    /// Reads `yes` or `no`, in English or Chinese, or a true/false cell.
    pub(super) fn as_yes_no(&self) -> Result<bool, Reason> {
        match self {
            Self::Bool(yes) => Ok(*yes),
            Self::Text(text) => match text.to_ascii_lowercase().as_str() {
                "yes" | "true" | "是" => Ok(true), // a spreadsheet writes true/false cells into a CSV as TRUE and FALSE
                "no" | "false" | "否" => Ok(false),
                _ => Err(Reason::YesNo),
            },
            Self::Number(_) | Self::Date(_) => Err(Reason::YesNo),
            Self::Formula => Err(Reason::Formula),
            Self::Error => Err(Reason::ErrorCell),
        }
    }

    /// Reads a count.
    pub(super) fn as_count(&self) -> Result<u32, Reason> {
        let refused = Reason::Count { max: u32::MAX };
        let digits = self.as_decimal(&refused)?;
        if !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(refused);
        }
        digits.parse().map_err(|_| refused)
    }

    /// Reads an amount into minor units. No float takes part: a number cell is read by its shortest exact decimal.
    pub(super) fn as_minor_units(&self) -> Result<i64, Reason> {
        let refused = Reason::Amount { max_digits: AMOUNT_DIGITS_MAX };
        let decimal = self.as_decimal(&refused)?;
        let (whole, fraction) = decimal.split_once('.').unwrap_or((&decimal, "0"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|digit| digit.is_ascii_digit());
        if !digits(whole) || !digits(fraction) || whole.len() > AMOUNT_DIGITS_MAX {
            return Err(refused);
        }
        if fraction.len() > 2 {
            return Err(Reason::AmountDecimals);
        }
        format!("{whole}{fraction:0<2}").parse().map_err(|_| refused)
    }

    /// Reads a currency.
    pub(super) fn as_currency(&self) -> Result<Currency, Reason> {
        match self.as_text()?.to_ascii_uppercase().as_str() {
            "MOP" => Ok(Currency::Mop),
            "CNY" => Ok(Currency::Cny),
            _ => Err(Reason::Currency),
        }
    }

    fn as_decimal(&self, refused: &Reason) -> Result<Cow<'_, str>, Reason> {
        match self {
            Self::Text(text) => Ok(Cow::Borrowed(text)),
            Self::Number(number) => Ok(number.to_string().into()), // the shortest decimal that is this very number
            Self::Bool(_) | Self::Date(_) => Err(refused.clone()),
            Self::Formula => Err(Reason::Formula),
            Self::Error => Err(Reason::ErrorCell),
        }
    }

    /// Says what kind of value this is, without the value.
    pub(super) fn class(&self) -> String {
        match self {
            Self::Text(text) => text_class(text),
            Self::Number(_) => "a number".to_owned(),
            Self::Bool(_) => "true or false".to_owned(),
            Self::Date(_) => "a date".to_owned(),
            Self::Formula => "a formula".to_owned(),
            Self::Error => "an error value".to_owned(),
        }
    }
}

fn iso_date(text: &str) -> Option<Date> {
    let mut parts = text.split('-');
    let mut part = |len: usize| {
        let part = parts.next().filter(|part| part.len() == len && part.bytes().all(|digit| digit.is_ascii_digit()))?;
        part.parse::<i16>().ok()
    };
    let (year, month, day) = (part(4)?, part(2)?, part(2)?);
    if parts.next().is_some() {
        return None;
    }
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// Describes a text by its length and the kinds of its characters: `11 characters, digits and letters`.
fn text_class(text: &str) -> String {
    type Kind = (&'static str, fn(char) -> bool);
    const KINDS: [Kind; 6] = [
        ("digits", |c| c.is_ascii_digit()),
        ("letters", |c| c.is_ascii_alphabetic()),
        ("Chinese characters", |c| matches!(c, '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..)),
        ("spaces", char::is_whitespace),
        ("control characters", char::is_control),
        ("punctuation", |c| c.is_ascii_punctuation()),
    ];
    let mut kinds: Vec<&str> = KINDS.iter().filter(|(_, is)| text.chars().any(is)).map(|(kind, _)| *kind).collect();
    if text.chars().any(|c| !KINDS.iter().any(|(_, is)| is(c))) {
        kinds.push("other characters");
    }
    let length = text.chars().count();
    let kinds = match kinds.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, before)) => format!("{} and {last}", before.join(", ")),
        None => return "nothing".to_owned(),
    };
    format!("{length} character{}, {kinds}", if length == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(text: &str) -> Cell<'_> {
        Cell::text(text).unwrap()
    }

    #[test]
    fn amounts_are_minor_units_and_never_rounded() {
        let refused = Reason::Amount { max_digits: 13 };
        for (amount, minor) in
            [("4350", 435_000), ("4350.5", 435_050), ("0.07", 7), ("9999999999999.99", 999_999_999_999_999)]
        {
            assert_eq!(text(amount).as_minor_units(), Ok(minor), "{amount}");
            assert_eq!(Cell::Number(amount.parse().unwrap()).as_minor_units(), Ok(minor), "{amount}");
        }
        assert_eq!(text("1.005").as_minor_units(), Err(Reason::AmountDecimals));
        assert_eq!(Cell::Number(0.1 + 0.2).as_minor_units(), Err(Reason::AmountDecimals));
        for bad in ["10000000000000", "-1", "1,000", "1.", ".5", "1e3", "MOP 5", "５", "1.2.3"] {
            assert_eq!(text(bad).as_minor_units(), Err(refused.clone()), "{bad}");
        }
        for bad in [-1.0, 1e13, f64::NAN, f64::INFINITY] {
            assert_eq!(Cell::Number(bad).as_minor_units(), Err(refused.clone()), "{bad}");
        }
        assert_eq!(Cell::Bool(true).as_minor_units(), Err(refused));
    }

    #[test]
    fn counts_are_whole_and_bounded() {
        let refused = Reason::Count { max: u32::MAX };
        assert_eq!(text("0").as_count(), Ok(0));
        assert_eq!(Cell::Number(2.0).as_count(), Ok(2));
        assert_eq!(text("4294967295").as_count(), Ok(u32::MAX));
        for bad in
            [text("4294967296"), text("+1"), text("1.0"), Cell::Number(1.5), Cell::Number(-1.0), Cell::Bool(true)]
        {
            assert_eq!(bad.as_count(), Err(refused.clone()), "{bad:?}");
        }
    }

    #[test]
    fn dates_exist_and_are_written_in_full() {
        assert_eq!(text("1900-01-01").as_date(), Ok(jiff::civil::date(1900, 1, 1)));
        assert_eq!(text("2024-02-29").as_date(), Ok(jiff::civil::date(2024, 2, 29)));
        for bad in
            ["2023-02-29", "2026-13-01", "2026-1-1", "01/01/2026", "20260101", "2026-01-01-", "2026-01", "+026-01-01"]
        {
            assert_eq!(text(bad).as_date(), Err(Reason::Date), "{bad}");
        }
        assert_eq!(Cell::Number(45_000.0).as_date(), Err(Reason::Date));
        assert_eq!(Cell::Date(None).as_date(), Err(Reason::Date));
    }

    #[test]
    fn yes_and_no_have_few_spellings() {
        for yes in [text("yes"), text("YES"), text("TRUE"), text("是"), Cell::Bool(true)] {
            assert_eq!(yes.as_yes_no(), Ok(true), "{yes:?}");
        }
        for no in [text("no"), text("false"), text("否"), Cell::Bool(false)] {
            assert_eq!(no.as_yes_no(), Ok(false), "{no:?}");
        }
        for bad in [text("y"), text("1"), text("n/a"), Cell::Number(1.0), Cell::Date(None)] {
            assert_eq!(bad.as_yes_no(), Err(Reason::YesNo), "{bad:?}");
        }
    }

    #[test]
    fn a_number_cell_is_a_text_only_while_it_keeps_every_digit() {
        assert_eq!(Cell::Number(999_999_999_999_999.0).as_text().unwrap(), "999999999999999");
        for bad in [Cell::Number(1e15), Cell::Number(0.5), Cell::Number(f64::NAN), Cell::Bool(true), Cell::Date(None)] {
            assert_eq!(bad.as_text(), Err(Reason::NotText), "{bad:?}");
        }
    }

    #[test]
    fn formulas_and_errors_are_no_value_of_any_kind() {
        for (cell, reason) in [(Cell::Formula, Reason::Formula), (Cell::Error, Reason::ErrorCell)] {
            assert_eq!(cell.as_text().map(drop), Err(reason.clone()));
            assert_eq!(cell.as_date().map(drop), Err(reason.clone()));
            assert_eq!(cell.as_yes_no().map(drop), Err(reason.clone()));
            assert_eq!(cell.as_count().map(drop), Err(reason.clone()));
            assert_eq!(cell.as_currency().map(drop), Err(reason.clone()));
            assert_eq!(cell.as_minor_units().map(drop), Err(reason));
        }
    }

    #[test]
    fn a_class_tells_the_kind_of_value_and_not_the_value() {
        assert_eq!(text("M0000000100").class(), "11 characters, digits and letters");
        assert_eq!(text("陳樣本").class(), "3 characters, Chinese characters");
        assert_eq!(text("Ho Si-Lai é").class(), "11 characters, letters, spaces, punctuation and other characters");
        assert_eq!(text("7").class(), "1 character, digits");
        assert_eq!(Cell::Number(7.0).class(), "a number");
    }

    proptest! {
        #[test]
        fn the_formula_mark_is_taken_off_again(start in "[=+@＝＋－＠'\t\r\n-]{0,3}", rest in "[a-z0-9=']{0,5}x") {
            let value = format!("{start}{rest}");
            let written = marked(&value);
            prop_assert!(!written.starts_with(FORMULA_STARTS) || written.starts_with(MARK));
            prop_assert_eq!(Cell::text(written).unwrap(), Cell::Text(value.as_str().into()));
        }
    }
}
