//! What is wrong with a register file: where, what kind of value stands there, why it is refused. Never the value.

use std::fmt;

use serde::{Serialize, Serializer};
use tongcha_domain::identity::{DocumentError, UnknownDocumentKind};
use tongcha_domain::text::TextError;

/// Most problems a report lists; the others are counted. An officer who has corrected a hundred rows imports again.
pub const PROBLEMS_MAX: usize = 100;

/// Why a file, a column, a row or a cell is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// Neither format.
    #[error("is neither an XLSX workbook nor CSV in UTF-8")]
    NotARegister,
    /// A CSV that is not UTF-8 from this row on.
    #[error("is not UTF-8: save the file as \"CSV UTF-8\"")]
    NotUtf8,
    /// The file is larger than the limit.
    #[error("has more than {max} bytes")]
    FileTooLarge {
        /// The limit in bytes.
        max: usize,
    },
    /// The workbook is damaged, encrypted, or another kind of archive.
    #[error("can't be read as a workbook: damaged, encrypted or of another kind")]
    UnreadableWorkbook,
    /// The workbook unpacks to more than the limit.
    #[error("unpacks to more than a workbook of this register can have (limit {max})")]
    WorkbookTooLarge {
        /// The limit, in bytes or in strings.
        max: u64,
    },
    /// Rows on a second sheet would be lost without a word.
    #[error("must have exactly one sheet, has {found}")]
    Sheets {
        /// Sheets found.
        found: usize,
    },
    /// There is no row of column names, or no row below it.
    #[error("holds no households")]
    NoHouseholds,
    /// More households than a register can have.
    #[error("holds more than {max} households")]
    TooManyHouseholds {
        /// The limit.
        max: u32,
    },
    /// A column of the table is not there.
    #[error("the column is missing")]
    MissingColumn,
    /// A column that the table does not have.
    #[error("is no column of the register")]
    UnknownColumn,
    /// A column stands there twice.
    #[error("the column stands there twice")]
    RepeatedColumn,
    /// A row that is cut off, or has a comma or line break outside quotes.
    #[error("the row has {found} fields, the first row has {expected}")]
    FieldCount {
        /// Fields of the row.
        found: usize,
        /// Fields of the row of column names.
        expected: usize,
    },
    /// A value right of the last column.
    #[error("stands outside the table")]
    OutsideTable,
    /// A cell that must not be blank.
    #[error("must not be blank")]
    Blank,
    /// Not a text the register can hold.
    #[error("the text {0}")]
    Text(TextError),
    /// Not a kind of document.
    #[error("the document kind {0}")]
    DocumentKind(UnknownDocumentKind),
    /// Not a document of its kind.
    #[error("the document {0}")]
    Document(DocumentError),
    /// Further documents that are not pairs.
    #[error("further documents are written kind:number; kind:number")]
    DocumentPair,
    /// More further documents than one person can have.
    #[error("a person has at most {max} further documents")]
    TooManyDocuments {
        /// The limit.
        max: usize,
    },
    /// Two rows name the same person.
    #[error("the person's document stands in row {first_row} already")]
    RepeatedPerson {
        /// The row that names the person first.
        first_row: u64,
    },
    /// Rows of one household that disagree.
    #[error("differs from row {first_row} of the same household")]
    HouseholdDiffers {
        /// The first row of the household.
        first_row: u64,
    },
    /// More persons in one household than the limit.
    #[error("the household has more than {max} persons")]
    TooManyMembers {
        /// The limit.
        max: usize,
    },
    /// Not a date.
    #[error("must be a date of the calendar, YYYY-MM-DD")]
    Date,
    /// A birth after the date that the household's data holds for.
    #[error("the birth date lies after the as-of date")]
    BornAfterAsOf,
    /// Not yes or no.
    #[error("must be yes or no")]
    YesNo,
    /// Not a count.
    #[error("must be a whole number from 0 to {max}")]
    Count {
        /// The limit.
        max: u32,
    },
    /// Not an amount.
    #[error(
        "must be an amount such as 4350 or 4350.00, not negative, with at most {max_digits} digits before the point"
    )]
    Amount {
        /// Most digits before the point.
        max_digits: usize,
    },
    /// Parts of an avo or fen.
    #[error("must have at most 2 digits after the point")]
    AmountDecimals,
    /// Not a currency of the exchange.
    #[error("must be MOP or CNY")]
    Currency,
    /// An amount without its currency, or the reverse.
    #[error("an amount and its currency stand together")]
    CurrencyAlone,
    /// A number, date or true/false cell where a text belongs.
    #[error("must be a text cell: other cells lose zeros and digits")]
    NotText,
    /// A formula: its result depends on who computes it.
    #[error("must be a value, not a formula")]
    Formula,
    /// A cell such as #REF!.
    #[error("must be a value, not an error")]
    ErrorCell,
    /// There is no row of column names.
    #[error("holds no row of column names")]
    NoNames,
    /// More entries than a batch can have.
    #[error("holds more than {max} entries")]
    TooManyEntries {
        /// The limit.
        max: usize,
    },
    /// Not a change.
    #[error("must be added, changed or ended")]
    Change,
    /// Not a legal basis.
    #[error("must be consent, vital_interest, agreement_article or filing")]
    Basis,
    /// A consent that is not named by its id.
    #[error("must be the consent's id")]
    ConsentId,
    /// A basis that needs words, or words without a basis.
    #[error("a basis and its reference stand together; vital_interest has none")]
    BasisReference,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Problem {
    /// The row as a spreadsheet counts it, from 1; in a CSV the line it begins on. None for the file as a whole.
    pub row: Option<u64>,
    /// The column: its name, or `column 5` when it has no known name. None for the row as a whole.
    pub column: Option<String>,
    /// What kind of value stands there, such as `11 characters, digits and letters`; none when nothing does.
    pub found: Option<String>,
    /// Why it is refused.
    #[schema(value_type = String)]
    #[serde(serialize_with = "as_text")]
    pub reason: Reason,
}

fn as_text<S: Serializer>(reason: &Reason, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(reason)
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.row, &self.column) {
            (Some(row), Some(column)) => write!(f, "row {row}, {column}: {}", self.reason)?,
            (Some(row), None) => write!(f, "row {row}: {}", self.reason)?,
            (None, Some(column)) => write!(f, "{column}: {}", self.reason)?,
            (None, None) => write!(f, "the file {}", self.reason)?,
        }
        self.found.as_ref().map_or(Ok(()), |found| write!(f, " (found {found})"))
    }
}

/// Why no household of a file was taken.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema, thiserror::Error)]
#[error("{} problems in the file; the first: {}", self.count(), self.first())]
pub struct ImportReport {
    /// The problems in the order of the file; at most [`PROBLEMS_MAX`].
    pub problems: Vec<Problem>,
    /// How many more there are.
    pub more: u64,
}

impl ImportReport {
    /// Reports on a file as a whole.
    #[must_use]
    pub fn of_file(reason: Reason) -> Self {
        Self { problems: vec![Problem { row: None, column: None, found: None, reason }], more: 0 }
    }

    /// Returns how many problems there are, listed or not.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.more.saturating_add(u64::try_from(self.problems.len()).unwrap_or(u64::MAX))
    }

    /// Adds a problem to the list, or to the count once the list is full.
    pub(super) fn add(&mut self, problem: Problem) {
        if self.problems.len() < PROBLEMS_MAX { self.problems.push(problem) } else { self.more += 1 }
    }

    fn first(&self) -> String {
        self.problems.first().map(Problem::to_string).unwrap_or_default()
    }
}
