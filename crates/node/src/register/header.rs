//! The first row of a table: which column stands where. Knows neither the columns nor the format.

use std::ops::ControlFlow;

use super::cell::Cell;
use super::report::{ImportReport, Problem, Reason};

/// Whether the rest of the file is worth reading.
pub(super) type Flow = ControlFlow<()>;

/// What takes the rows of a file.
pub(super) trait Sink {
    /// Takes a row: first the names of the columns, then what stands below. A row without any value counts for nothing.
    fn row(&mut self, number: u64, cells: Vec<Option<Cell<'_>>>) -> Flow;
    /// Returns how many fields a row has; none before the names have come.
    fn width(&self) -> Option<usize>;
    /// Reports something that is no problem of a single cell.
    fn refuse(&mut self, row: Option<u64>, reason: Reason);
}

/// The columns of a table.
pub(super) trait TableColumn: Copy + PartialEq + 'static {
    /// Every column, in the order they are written.
    const COLUMNS: &'static [Self];

    /// Returns the name in the first row.
    fn title(self) -> &'static str;

    /// Tells whether a file must have the column.
    fn is_needed(self) -> bool {
        true
    }

    /// Finds the column a file names so, in upper or lower case.
    fn titled(name: &str) -> Option<Self> {
        Self::COLUMNS.iter().copied().find(|column| column.title().eq_ignore_ascii_case(name))
    }
}

/// Reads the names of the columns, and reports what is wrong with them.
pub(super) fn names<C: TableColumn>(
    number: u64,
    cells: &[Option<Cell<'_>>],
    report: &mut ImportReport,
) -> Vec<Option<C>> {
    let mut header: Vec<Option<C>> = Vec::new();
    for (position, cell) in (1u64..).zip(cells) {
        // The name itself is not repeated: in a file without a row of names it would be somebody's data.
        let column = cell.as_ref().and_then(|cell| cell.as_text().ok()).and_then(|name| C::titled(&name));
        let known = column.is_some() || cell.is_none();
        if !known || (column.is_some() && header.contains(&column)) {
            let reason = if known { Reason::RepeatedColumn } else { Reason::UnknownColumn };
            let found = cell.as_ref().map(Cell::class);
            report.add(Problem { row: Some(number), column: Some(place(position)), found, reason });
        }
        header.push(column);
    }
    for column in C::COLUMNS.iter().filter(|column| column.is_needed() && !header.contains(&Some(**column))) {
        let column = Some(column.title().to_owned());
        report.add(Problem { row: Some(number), column, found: None, reason: Reason::MissingColumn });
    }
    header
}

/// Brings the cells of a row into the order of the columns, whatever the order of the file.
pub(super) fn ordered<'a, C: TableColumn>(
    header: &[Option<C>],
    number: u64,
    cells: Vec<Option<Cell<'a>>>,
    report: &mut ImportReport,
) -> Vec<Option<Cell<'a>>> {
    let mut row = vec![None; C::COLUMNS.len()];
    for (position, cell) in cells.into_iter().enumerate() {
        let Some(cell) = cell else { continue };
        let column = header.get(position).copied().flatten();
        let slot = column.and_then(|column| C::COLUMNS.iter().position(|one| *one == column));
        match slot.and_then(|slot| row.get_mut(slot)) {
            Some(slot) => *slot = Some(cell),
            None => report.add(Problem {
                row: Some(number),
                column: Some(place(u64::try_from(position).unwrap_or(u64::MAX).saturating_add(1))),
                found: Some(cell.class()),
                reason: Reason::OutsideTable,
            }),
        }
    }
    row
}

fn place(position: u64) -> String {
    format!("column {position}")
}
