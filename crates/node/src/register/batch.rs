//! The entries of a routine batch as a table: read to prepare one, written to work with one in a spreadsheet.
//!
//! In scope: one row per entry, CSV and XLSX, whole file or nothing. Out of scope: whether the entries may be sent
//! (`tongcha_domain::notice`).

use std::borrow::Cow;
use std::collections::HashMap;

use rust_xlsxwriter::Workbook;
use tongcha_domain::identity::{Document, DocumentKey, Subject};
use tongcha_domain::name::PersonName;
use tongcha_domain::notice::{BATCH_ENTRIES_MAX, Change, EntryStatus, NoticeEntry};
use tongcha_domain::purpose::LegalBasis;
use tongcha_domain::text::Short;

use super::cell::{Cell, marked};
use super::csv::write_rows;
use super::fields::{document_kind, text};
use super::header::{Flow, Sink, TableColumn, names, ordered};
use super::report::{ImportReport, Problem, Reason};
use super::{FILE_BYTES_MAX, FileFormat, csv, xlsx};

/// A column of a batch's table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchColumn {
    /// The entry's number. Written; not needed and not taken when read, where the order of the rows numbers them.
    Entry,
    /// Where the entry stands. Written; not needed and not taken when read.
    Status,
    /// Kind of the person's document: a code of `DocumentKind`.
    DocumentKind,
    /// Number of the document.
    DocumentNumber,
    /// The name exactly as on the document.
    Name,
    /// The name in simplified characters; may be blank.
    NameZhHans,
    /// The name in traditional characters; may be blank.
    NameZhHant,
    /// The name romanised; may be blank.
    NameRoman,
    /// Birth date, `YYYY-MM-DD`; may be blank.
    BirthDate,
    /// `added`, `changed` or `ended`.
    Change,
    /// The programme, in the sender's own term.
    Category,
    /// The date the entry holds for, `YYYY-MM-DD`.
    AsOf,
    /// District of residence, coarse.
    District,
    /// `consent`, `vital_interest`, `agreement_article` or `filing`; blank when there is none.
    Basis,
    /// The consent's id, the article or the filing's number.
    BasisReference,
}

impl TableColumn for BatchColumn {
    const COLUMNS: &'static [Self] = &[
        Self::Entry,
        Self::Status,
        Self::DocumentKind,
        Self::DocumentNumber,
        Self::Name,
        Self::NameZhHans,
        Self::NameZhHant,
        Self::NameRoman,
        Self::BirthDate,
        Self::Change,
        Self::Category,
        Self::AsOf,
        Self::District,
        Self::Basis,
        Self::BasisReference,
    ];

    fn title(self) -> &'static str {
        match self {
            Self::Entry => "entry",
            Self::Status => "status",
            Self::DocumentKind => "document_kind",
            Self::DocumentNumber => "document_number",
            Self::Name => "name",
            Self::NameZhHans => "name_zh_hans",
            Self::NameZhHant => "name_zh_hant",
            Self::NameRoman => "name_roman",
            Self::BirthDate => "birth_date",
            Self::Change => "change",
            Self::Category => "category",
            Self::AsOf => "as_of",
            Self::District => "district",
            Self::Basis => "basis",
            Self::BasisReference => "basis_reference",
        }
    }

    fn is_needed(self) -> bool {
        !matches!(self, Self::Entry | Self::Status)
    }
}

/// An entry to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchRow {
    /// Its number.
    pub no: u16,
    /// Where it stands, when the batch is sent.
    pub status: Option<EntryStatus>,
    /// What it says.
    pub entry: NoticeEntry,
}

/// Reads the entries of a batch in the order of the rows; none below the names is an empty batch.
///
/// # Errors
/// A report of what is wrong, by row and column and without the values.
pub fn read_batch(bytes: &[u8], format: FileFormat) -> Result<Vec<NoticeEntry>, ImportReport> {
    if bytes.len() > FILE_BYTES_MAX {
        return Err(ImportReport::of_file(Reason::FileTooLarge { max: FILE_BYTES_MAX }));
    }
    let mut table = Entries::default();
    match format {
        FileFormat::Csv => csv::read(bytes, &mut table),
        FileFormat::Xlsx => xlsx::read(bytes, &mut table),
    }
    if table.report.count() == 0 && table.header.is_none() {
        table.refuse(None, Reason::NoNames);
    }
    if table.report.count() == 0 { Ok(table.entries) } else { Err(table.report) }
}

/// Writes entries as a file. A text that a spreadsheet would take for a formula gets a leading `'` in either format, also
/// where a workbook would keep it as text: the next person saves it as CSV. The reader takes the mark off again.
#[must_use]
pub fn write_batch(rows: &[BatchRow], format: FileFormat) -> Vec<u8> {
    let names = BatchColumn::COLUMNS.iter().map(|column| column.title().into()).collect();
    let values = rows.iter().map(|row| BatchColumn::COLUMNS.iter().map(|column| value(row, *column)).collect());
    let table = std::iter::once(names).chain(values);
    match format {
        FileFormat::Csv => write_rows(table),
        FileFormat::Xlsx => workbook(table),
    }
}

fn workbook<'a>(table: impl Iterator<Item = Vec<Cow<'a, str>>>) -> Vec<u8> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (row, cells) in (0..).zip(table) {
        for (column, cell) in (0..).zip(cells) {
            // A batch has at most 500 rows and texts of 200 characters, which every sheet holds.
            let _ = sheet.write_string(row, column, marked(&cell));
        }
    }
    workbook.save_to_buffer().unwrap_or_default()
}

fn value(row: &BatchRow, column: BatchColumn) -> Cow<'_, str> {
    let NoticeEntry { subject, change, category, as_of, district, basis } = &row.entry;
    let optional = |text: Option<&Short>| text.map(|text| text.as_str().to_owned()).unwrap_or_default().into();
    match column {
        BatchColumn::Entry => row.no.to_string().into(),
        BatchColumn::Status => row.status.map(status).unwrap_or_default().into(),
        BatchColumn::DocumentKind => subject.document.kind().code().into(),
        BatchColumn::DocumentNumber => subject.document.number().into(),
        BatchColumn::Name => subject.name.as_on_document.as_str().into(),
        BatchColumn::NameZhHans => optional(subject.name.zh_hans.as_ref()),
        BatchColumn::NameZhHant => optional(subject.name.zh_hant.as_ref()),
        BatchColumn::NameRoman => optional(subject.name.roman.as_ref()),
        BatchColumn::BirthDate => subject.birth_date.map(|born| born.to_string()).unwrap_or_default().into(),
        BatchColumn::Change => match change {
            Change::Added => "added".into(),
            Change::Changed => "changed".into(),
            Change::Ended => "ended".into(),
        },
        BatchColumn::Category => category.as_str().into(),
        BatchColumn::AsOf => as_of.to_string().into(),
        BatchColumn::District => district.as_str().into(),
        BatchColumn::Basis => match basis {
            None => "".into(),
            Some(LegalBasis::Consent(_)) => "consent".into(),
            Some(LegalBasis::VitalInterest) => "vital_interest".into(),
            Some(LegalBasis::AgreementArticle(_)) => "agreement_article".into(),
            Some(LegalBasis::Filing(_)) => "filing".into(),
        },
        BatchColumn::BasisReference => match basis {
            None | Some(LegalBasis::VitalInterest) => "".into(),
            Some(LegalBasis::Consent(id)) => id.to_string().into(),
            Some(LegalBasis::AgreementArticle(words) | LegalBasis::Filing(words)) => words.as_str().into(),
        },
    }
}

fn status(status: EntryStatus) -> &'static str {
    match status {
        EntryStatus::Open => "open",
        EntryStatus::Matched => "matched",
        EntryStatus::Disputed => "disputed",
        EntryStatus::Withdrawn => "withdrawn",
    }
}

/// The table of a file while it is read.
#[derive(Default)]
struct Entries {
    header: Option<Vec<Option<BatchColumn>>>,
    entries: Vec<NoticeEntry>,
    /// First row that names the person.
    persons: HashMap<DocumentKey, u64>,
    report: ImportReport,
}

impl Sink for Entries {
    fn row(&mut self, number: u64, cells: Vec<Option<Cell<'_>>>) -> Flow {
        if cells.iter().all(Option::is_none) {
            return Flow::Continue(());
        }
        let Some(header) = &self.header else {
            self.header = Some(names(number, &cells, &mut self.report));
            return if self.report.count() == 0 { Flow::Continue(()) } else { Flow::Break(()) };
        };
        if self.entries.len() >= BATCH_ENTRIES_MAX {
            self.refuse(Some(number), Reason::TooManyEntries { max: BATCH_ENTRIES_MAX });
            return Flow::Break(());
        }
        let cells = ordered(header, number, cells, &mut self.report);
        let before = self.report.count();
        let entry = Reader { number, cells: &cells, report: &mut self.report }.entry();
        if let Some(entry) = entry.filter(|_| self.report.count() == before) {
            let first_row = *self.persons.entry(entry.subject.document.key()).or_insert(number);
            if first_row != number {
                let column = Some(BatchColumn::DocumentNumber.title().to_owned());
                let reason = Reason::RepeatedPerson { first_row };
                self.report.add(Problem { row: Some(number), column, found: None, reason });
            }
            self.entries.push(entry);
        }
        Flow::Continue(())
    }

    fn width(&self) -> Option<usize> {
        self.header.as_ref().map(Vec::len)
    }

    fn refuse(&mut self, row: Option<u64>, reason: Reason) {
        self.report.add(Problem { row, column: None, found: None, reason });
    }
}

/// Reads a row. A cell that can't be read is reported and taken for blank, so that all problems are found at once.
struct Reader<'a> {
    number: u64,
    cells: &'a [Option<Cell<'a>>],
    report: &'a mut ImportReport,
}

impl<'a> Reader<'a> {
    fn cell(&self, column: BatchColumn) -> Option<&'a Cell<'a>> {
        let position = BatchColumn::COLUMNS.iter().position(|one| *one == column)?;
        self.cells.get(position)?.as_ref()
    }

    fn refuse(&mut self, column: BatchColumn, reason: Reason) {
        let (found, column) = (self.cell(column).map(Cell::class), Some(column.title().to_owned()));
        self.report.add(Problem { row: Some(self.number), column, found, reason });
    }

    fn optional<T>(&mut self, column: BatchColumn, read: impl FnOnce(&'a Cell<'a>) -> Result<T, Reason>) -> Option<T> {
        match read(self.cell(column)?) {
            Ok(value) => Some(value),
            Err(reason) => {
                self.refuse(column, reason);
                None
            }
        }
    }

    fn needed<T>(&mut self, column: BatchColumn, read: impl FnOnce(&'a Cell<'a>) -> Result<T, Reason>) -> Option<T> {
        if self.cell(column).is_none() {
            self.refuse(column, Reason::Blank);
        }
        self.optional(column, read)
    }

    fn entry(&mut self) -> Option<NoticeEntry> {
        let subject = self.subject();
        let change = self.needed(BatchColumn::Change, |cell| match cell.as_text()?.as_ref() {
            "added" => Ok(Change::Added),
            "changed" => Ok(Change::Changed),
            "ended" => Ok(Change::Ended),
            _ => Err(Reason::Change),
        });
        let category = self.needed(BatchColumn::Category, text);
        let as_of = self.needed(BatchColumn::AsOf, Cell::as_date);
        let district = self.needed(BatchColumn::District, text);
        let basis = self.basis();
        Some(NoticeEntry {
            subject: subject?,
            change: change?,
            category: category?,
            as_of: as_of?,
            district: district?,
            basis,
        })
    }

    fn subject(&mut self) -> Option<Subject> {
        let kind = self.needed(BatchColumn::DocumentKind, document_kind);
        let number = self.needed(BatchColumn::DocumentNumber, Cell::as_text);
        let as_on_document = self.needed(BatchColumn::Name, text);
        let zh_hans = self.optional(BatchColumn::NameZhHans, text);
        let zh_hant = self.optional(BatchColumn::NameZhHant, text);
        let roman = self.optional(BatchColumn::NameRoman, text);
        let birth_date = self.optional(BatchColumn::BirthDate, Cell::as_date);
        let document = match Document::parse(kind?, &number?) {
            Ok(document) => document,
            Err(error) => {
                self.refuse(BatchColumn::DocumentNumber, Reason::Document(error));
                return None;
            }
        };
        Some(Subject {
            document,
            name: PersonName { as_on_document: as_on_document?, zh_hans, zh_hant, roman },
            birth_date,
        })
    }

    fn basis(&mut self) -> Option<LegalBasis> {
        let words = self.optional(BatchColumn::BasisReference, text);
        let has_words = self.cell(BatchColumn::BasisReference).is_some();
        let kind = self.optional(BatchColumn::Basis, Cell::as_text);
        let wants_words = kind.as_deref().is_some_and(|kind| kind != "vital_interest");
        if wants_words != has_words {
            self.refuse(BatchColumn::BasisReference, Reason::BasisReference);
            return None;
        }
        match kind.as_deref()? {
            "vital_interest" => Some(LegalBasis::VitalInterest),
            "agreement_article" => words.map(LegalBasis::AgreementArticle),
            "filing" => words.map(LegalBasis::Filing),
            "consent" => match words?.as_str().parse() {
                Ok(id) => Some(LegalBasis::Consent(id)),
                Err(_) => {
                    self.refuse(BatchColumn::BasisReference, Reason::ConsentId);
                    None
                }
            },
            _ => {
                self.refuse(BatchColumn::Basis, Reason::Basis);
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORMATS: [FileFormat; 2] = [FileFormat::Csv, FileFormat::Xlsx];

    fn entry(number: u32, basis: Option<LegalBasis>) -> NoticeEntry {
        let document = Document::parse("macau_bir".parse().unwrap(), &format!("{:07}(0)", 9_000_000 + number)).unwrap();
        let short = |text: &str| text.parse::<Short>().unwrap();
        let name = PersonName {
            as_on_document: short("=HYPERLINK(1)"),
            zh_hans: None,
            zh_hant: Some(short("陳樣本")),
            roman: Some(short("-CHAN, \"PUN\"")),
        };
        NoticeEntry {
            subject: Subject { document, name, birth_date: Some("1985-06-01".parse().unwrap()) },
            change: Change::Changed,
            category: short("@低保"),
            as_of: "2026-06-30".parse().unwrap(),
            district: short("＋香洲"),
            basis,
        }
    }

    fn entries() -> Vec<NoticeEntry> {
        let words: Short = "+article 4".parse().unwrap();
        let bases = [
            None,
            Some(LegalBasis::VitalInterest),
            Some(LegalBasis::Consent("01980e2c-7b00-7000-8000-000000000001".parse().unwrap())),
            Some(LegalBasis::AgreementArticle(words.clone())),
            Some(LegalBasis::Filing(words)),
        ];
        (1..).zip(bases).map(|(number, basis)| entry(number, basis)).collect()
    }

    fn rows() -> Vec<BatchRow> {
        (1..).zip(entries()).map(|(no, entry)| BatchRow { no, status: Some(EntryStatus::Open), entry }).collect()
    }

    #[test]
    fn what_is_written_is_read_again_in_both_formats() {
        for format in FORMATS {
            assert_eq!(read_batch(&write_batch(&rows(), format), format), Ok(entries()), "{format:?}");
            assert_eq!(read_batch(&write_batch(&[], format), format), Ok(vec![]), "{format:?}: an empty batch");
        }
    }

    #[test]
    fn no_cell_begins_as_a_formula() {
        let csv = String::from_utf8(write_batch(&rows(), FileFormat::Csv)).unwrap();
        let mut reader = ::csv::Reader::from_reader(csv.trim_start_matches('\u{FEFF}').as_bytes());
        for record in reader.records() {
            for cell in &record.unwrap() {
                assert!(!cell.starts_with(['=', '+', '-', '@', '＋']), "{cell}");
            }
        }
    }

    #[test]
    fn each_bad_cell_is_named_by_row_and_column_and_nothing_is_taken() {
        let csv = String::from_utf8(write_batch(&rows(), FileFormat::Csv)).unwrap();
        let stated = |text: String| -> Vec<(Option<u64>, Option<String>, Reason)> {
            let report = read_batch(text.as_bytes(), FileFormat::Csv).unwrap_err();
            assert!(!report.to_string().contains("9000001"), "{report}");
            report.problems.into_iter().map(|problem| (problem.row, problem.column, problem.reason)).collect()
        };
        let at = |row, column: &str, reason| (Some(row), Some(column.to_owned()), reason);
        assert_eq!(stated(csv.replacen("changed", "new", 1)), [at(2, "change", Reason::Change)]);
        assert_eq!(
            stated(csv.replacen("vital_interest", "habit", 1)),
            [at(3, "basis_reference", Reason::BasisReference)]
        );
        assert_eq!(stated(csv.replacen("filing", "habit", 1)), [at(6, "basis", Reason::Basis)]);
        assert_eq!(stated(csv.replacen("01980e2c", "no id", 1)), [at(4, "basis_reference", Reason::ConsentId)]);
        let repeated = Reason::RepeatedPerson { first_row: 2 };
        assert_eq!(stated(csv.replacen("9000002", "9000001", 1)), [at(3, "document_number", repeated)]);
        assert_eq!(stated(csv.replacen("as_of", "asof", 1))[1], at(1, "as_of", Reason::MissingColumn));
        let two = csv.replacen("changed", "new", 1).replacen("2026-06-30", "June", 1);
        assert_eq!(stated(two), [at(2, "change", Reason::Change), at(2, "as_of", Reason::Date)]);
        assert_eq!(stated(String::new()), [(None, None, Reason::NoNames)]);
    }

    #[test]
    fn no_more_than_a_batch_holds() {
        let row = |no: u16| BatchRow { no, status: None, entry: entry(u32::from(no), None) };
        let file = |count| write_batch(&(1..=count).map(row).collect::<Vec<_>>(), FileFormat::Csv);
        assert_eq!(read_batch(&file(500), FileFormat::Csv).unwrap().len(), 500);
        let report = read_batch(&file(501), FileFormat::Csv).unwrap_err();
        assert_eq!(report.problems[0].reason, Reason::TooManyEntries { max: 500 });
    }
}
