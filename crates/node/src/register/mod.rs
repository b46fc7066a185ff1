//! The register file: a party's case system exports its households, the importer reads them from CSV or XLSX.
//!
//! In scope: bytes in, households or a report out; the same table written back as CSV. Either the whole file is taken
//! or none of it, and a report says where a row is wrong but never what it holds: it is shown on screens and kept in
//! logs. The entries of a routine batch are read and written as such a table, too ([`read_batch`], [`write_batch`]).
//! Out of scope: the commands that put the households into the log (`tongcha_domain::register`).
//!
//! ```text
//! bytes → (CSV | XLSX → guard) → cells → header → rows → members → households
//! ```

mod batch;
mod cell;
mod columns;
mod csv;
mod fields;
mod guard;
mod header;
mod report;
mod table;
#[cfg(test)]
mod tests;
mod xlsx;

pub use batch::{BatchColumn, BatchRow, read_batch, write_batch};
pub use columns::Column;
pub use csv::write_csv;
pub use report::{ImportReport, PROBLEMS_MAX, Problem, Reason};

use tongcha_domain::register::Household;

use table::Table;

/// Largest file in bytes. A row of a CSV has about 160, so 200,000 households (460,000 persons) are 70 MiB; the rest is
/// room for long names and notes.
pub const FILE_BYTES_MAX: usize = 128 << 20;

/// What every ZIP archive, and so every XLSX workbook, begins with.
const ZIP_MAGIC: &[u8] = b"PK\x03\x04";

/// The formats a register file can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileFormat {
    /// RFC 4180, comma-separated, UTF-8 with or without a byte order mark.
    Csv,
    /// An Excel 2007 workbook with one sheet.
    Xlsx,
}

impl FileFormat {
    /// Tells the format of a file from its bytes.
    ///
    /// # Errors
    /// [`Reason::NotARegister`] when it is neither, such as a workbook of Excel 97 or a CSV in another encoding.
    pub fn sniff(bytes: &[u8]) -> Result<Self, ImportReport> {
        if bytes.starts_with(ZIP_MAGIC) {
            return Ok(Self::Xlsx);
        }
        let text = !bytes.contains(&0) && std::str::from_utf8(bytes).is_ok();
        if text { Ok(Self::Csv) } else { Err(ImportReport::of_file(Reason::NotARegister)) }
    }
}

/// Reads a register file: all its households in the order of their first rows, or what is wrong with it.
///
/// # Errors
/// A report of at most [`PROBLEMS_MAX`] problems and the count of the others.
pub fn read_register(bytes: &[u8], format: FileFormat) -> Result<Vec<Household>, ImportReport> {
    if bytes.len() > FILE_BYTES_MAX {
        return Err(ImportReport::of_file(Reason::FileTooLarge { max: FILE_BYTES_MAX }));
    }
    let mut table = Table::default();
    match format {
        FileFormat::Csv => csv::read(bytes, &mut table),
        FileFormat::Xlsx => xlsx::read(bytes, &mut table),
    }
    table.finish()
}
