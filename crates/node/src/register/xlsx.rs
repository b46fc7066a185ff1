//! The table as an Excel workbook: one sheet, values only.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{DataRef, ExcelDateTime, Reader, Xlsx};
use tongcha_domain::time::Date;

use super::cell::Cell;
use super::columns::Column;
use super::guard;
use super::header::{Flow, Sink};
use super::report::Reason;

/// Most columns looked at: those of the table, and some for remarks that are to be reported as outside of it.
const WIDTH_MAX: usize = 2 * Column::ALL.len();

/// The last day a spreadsheet has, 9999-12-31, as it counts days.
const LAST_DAY: f64 = 2_958_465.0;

/// Reads the rows of a workbook.
pub(super) fn read(bytes: &[u8], table: &mut impl Sink) {
    if let Err(reason) = guard::check(bytes, guard::UNPACKED_MAX) {
        return table.refuse(None, reason);
    }
    // The reader computes cell positions with arithmetic that can overflow; a file must not end the caller's task.
    let read = catch_unwind(AssertUnwindSafe(|| sheet(bytes, table)));
    if let Err(reason) = read.unwrap_or(Err(Reason::UnreadableWorkbook)) {
        table.refuse(None, reason);
    }
}

fn sheet(bytes: &[u8], table: &mut impl Sink) -> Result<(), Reason> {
    let unreadable = |_| Reason::UnreadableWorkbook;
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(unreadable)?;
    let sheets = workbook.sheet_names();
    let [name] = sheets.as_slice() else { return Err(Reason::Sheets { found: sheets.len() }) };
    let mut cells = workbook.worksheet_cells_reader(name).map_err(unreadable)?;
    let mut row: (u32, Vec<Option<Cell<'_>>>) = (0, Vec::new());
    while let Some(record) = cells.next_cell_with_formula_metadata().map_err(unreadable)? {
        let (number, column) = record.pos;
        let column = usize::try_from(column).map_err(|_| Reason::UnreadableWorkbook)?;
        if number > row.0 {
            let before = std::mem::replace(&mut row, (number, Vec::new()));
            if hand_over(before, table).is_break() {
                return Ok(());
            }
        }
        // A position that comes again would put one value over another.
        if number < row.0 || column < row.1.len() {
            return Err(Reason::UnreadableWorkbook);
        }
        let cell = if record.formula.is_some() { Some(Cell::Formula) } else { cell(record.value) };
        // Beyond this width a value is outside of the table wherever it stands.
        let column = column.min(WIDTH_MAX.max(row.1.len()));
        row.1.resize(column, None);
        row.1.push(cell);
    }
    let _ = hand_over(row, table);
    Ok(())
}

fn hand_over((number, cells): (u32, Vec<Option<Cell<'_>>>), table: &mut impl Sink) -> Flow {
    table.row(u64::from(number) + 1, cells)
}

fn cell(value: DataRef<'_>) -> Option<Cell<'_>> {
    match value {
        DataRef::Empty => None,
        DataRef::String(text) => Cell::text(text),
        DataRef::SharedString(text) => Cell::text(text),
        DataRef::Float(number) => Some(Cell::Number(number)),
        DataRef::Int(number) => Cell::text(number.to_string()),
        DataRef::Bool(yes) => Some(Cell::Bool(yes)),
        DataRef::DateTime(day) => Some(Cell::Date(date(day))),
        DataRef::DateTimeIso(text) => Some(Cell::Date(text.strip_suffix("T00:00:00").unwrap_or(&text).parse().ok())),
        DataRef::DurationIso(_) => Some(Cell::Date(None)),
        DataRef::Error(_) => Some(Cell::Error),
    }
}

/// Turns a day as a spreadsheet counts it into a date; none for times of day, and for 29 February 1900, which
/// spreadsheets have and the calendar has not.
fn date(day: ExcelDateTime) -> Option<Date> {
    let count = day.as_f64();
    if !day.is_datetime() || count.fract() != 0.0 || !(1.0..=LAST_DAY).contains(&count) {
        return None;
    }
    let (year, month, day, ..) = day.to_ymd_hms_milli();
    Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use calamine::ExcelDateTimeType;

    use super::*;

    #[test]
    fn days_are_counted_as_a_spreadsheet_counts_them() {
        let of = |count, kind| date(ExcelDateTime::new(count, kind, false));
        let day = |count| of(count, ExcelDateTimeType::DateTime);
        assert_eq!(day(1.0), Some(jiff::civil::date(1900, 1, 1)));
        assert_eq!(day(59.0), Some(jiff::civil::date(1900, 2, 28)));
        assert_eq!(day(60.0), None); // 29 February 1900
        assert_eq!(day(61.0), Some(jiff::civil::date(1900, 3, 1)));
        assert_eq!(day(46_203.0), Some(jiff::civil::date(2026, 6, 30)));
        assert_eq!(day(LAST_DAY), Some(jiff::civil::date(9999, 12, 31)));
        for none in [0.0, -1.0, 46_203.5, LAST_DAY + 1.0, f64::NAN] {
            assert_eq!(day(none), None, "{none}");
        }
        assert_eq!(of(46_203.0, ExcelDateTimeType::TimeDelta), None);
    }
}
