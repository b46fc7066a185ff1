//! One row read into one person and what it says of the household. A cell that can't be read is reported and taken for
//! blank, so that all problems of a row are found at once.

use std::borrow::Cow;

use tongcha_domain::identity::{Document, DocumentKind, Subject};
use tongcha_domain::money::Money;
use tongcha_domain::name::PersonName;
use tongcha_domain::register::{Assistance, Member, OTHER_DOCUMENTS_MAX};
use tongcha_domain::text::Short;
use tongcha_domain::time::Date;

use super::cell::Cell;
use super::columns::Column;
use super::report::{ImportReport, Problem, Reason};

/// What an officer writes for "searched, receives none".
pub(super) const NO_ASSISTANCE: &str = "none";

/// A row of the file below the names of the columns.
pub(super) struct Row<'a> {
    /// As a spreadsheet counts it, from 1.
    pub(super) number: u64,
    /// By position in [`Column::ALL`]; blank where there is none.
    pub(super) cells: Vec<Option<Cell<'a>>>,
}

/// What a row says.
pub(super) struct Person {
    pub(super) reference: Short,
    pub(super) district: Short,
    pub(super) as_of: Date,
    pub(super) member: Member,
}

impl<'a> Row<'a> {
    /// Returns a cell; none when it is blank.
    pub(super) fn cell(&self, column: Column) -> Option<&Cell<'a>> {
        self.cells.get(column as usize).and_then(Option::as_ref)
    }

    /// Reports a problem with a cell of the row.
    pub(super) fn problem(&self, column: Column, reason: Reason) -> Problem {
        let found = self.cell(column).map(Cell::class);
        Problem { row: Some(self.number), column: Some(column.name().to_owned()), found, reason }
    }

    /// Reads the row; none when something is wrong with it.
    pub(super) fn read(&self, report: &mut ImportReport) -> Option<Person> {
        let before = report.count();
        let person = Reader { row: self, report }.person();
        if report.count() == before { person } else { None }
    }
}

struct Reader<'a> {
    row: &'a Row<'a>,
    report: &'a mut ImportReport,
}

impl<'a> Reader<'a> {
    fn person(&mut self) -> Option<Person> {
        let reference = self.needed(Column::Household, text);
        let district = self.needed(Column::District, text);
        let as_of = self.needed(Column::AsOf, Cell::as_date);
        let member = self.member();
        let person = Person { reference: reference?, district: district?, as_of: as_of?, member: member? };
        self.check_births(&person);
        Some(person)
    }

    fn member(&mut self) -> Option<Member> {
        // All cells are read before any question mark: a person with two wrong cells gets two problems.
        let subject = self.subject();
        let other_documents = self.optional(Column::OtherDocuments, documents).unwrap_or_default();
        let (alive, married) = (self.yes_no(Column::Alive), self.yes_no(Column::Married));
        let wage = self.money(Column::Wage, Column::WageCurrency);
        let businesses = self.optional(Column::Businesses, Cell::as_count);
        let pension = self.money(Column::Pension, Column::PensionCurrency);
        let assistance = self.optional(Column::Assistance, assistance);
        let deposits = self.money(Column::Deposits, Column::DepositsCurrency);
        let properties = self.optional(Column::Properties, Cell::as_count);
        let vehicles = self.optional(Column::Vehicles, Cell::as_count);
        let (public_housing, resident) = (self.yes_no(Column::PublicHousing), self.yes_no(Column::Resident));
        let match_clause = self.yes_no(Column::MatchClause);
        Some(Member {
            subject: subject?,
            other_documents,
            alive,
            married,
            wage,
            businesses,
            pension,
            assistance,
            deposits,
            properties,
            vehicles,
            public_housing,
            resident,
            match_clause,
        })
    }

    fn subject(&mut self) -> Option<Subject> {
        let kind = self.needed(Column::DocumentKind, document_kind);
        let number = self.needed(Column::DocumentNumber, Cell::as_text);
        let as_on_document = self.needed(Column::Name, text);
        let zh_hans = self.optional(Column::NameZhHans, text);
        let zh_hant = self.optional(Column::NameZhHant, text);
        let roman = self.optional(Column::NameRoman, text);
        let birth_date = self.optional(Column::BirthDate, Cell::as_date);
        let document = match Document::parse(kind?, &number?) {
            Ok(document) => document,
            Err(error) => {
                self.refuse(Column::DocumentNumber, Reason::Document(error));
                return None;
            }
        };
        let name = PersonName { as_on_document: as_on_document?, zh_hans, zh_hant, roman };
        Some(Subject { document, name, birth_date })
    }

    /// Data cannot be of a day on which the person was not born. Whether a day lies in the future is not known here:
    /// that needs a clock.
    fn check_births(&mut self, person: &Person) {
        let Person { as_of, member, .. } = person;
        if member.subject.birth_date.is_some_and(|born| born > *as_of) {
            self.refuse(Column::BirthDate, Reason::BornAfterAsOf);
        }
        if member.subject.document.check_birth(*as_of).is_err() {
            self.refuse(Column::DocumentNumber, Reason::BornAfterAsOf);
        }
        if member.other_documents.iter().any(|document| document.check_birth(*as_of).is_err()) {
            self.refuse(Column::OtherDocuments, Reason::BornAfterAsOf);
        }
    }

    fn optional<T>(&mut self, column: Column, read: impl FnOnce(&'a Cell<'a>) -> Result<T, Reason>) -> Option<T> {
        match read(self.row.cell(column)?) {
            Ok(value) => Some(value),
            Err(reason) => {
                self.refuse(column, reason);
                None
            }
        }
    }

    fn needed<T>(&mut self, column: Column, read: impl FnOnce(&'a Cell<'a>) -> Result<T, Reason>) -> Option<T> {
        if self.row.cell(column).is_none() {
            self.refuse(column, Reason::Blank);
        }
        self.optional(column, read)
    }

    fn yes_no(&mut self, column: Column) -> Option<bool> {
        self.optional(column, Cell::as_yes_no)
    }

    fn money(&mut self, amount: Column, currency: Column) -> Option<Money> {
        match (self.row.cell(amount).is_some(), self.row.cell(currency).is_some()) {
            (true, false) => self.refuse(currency, Reason::CurrencyAlone),
            (false, true) => self.refuse(amount, Reason::CurrencyAlone),
            (true, true) | (false, false) => {}
        }
        let minor = self.optional(amount, Cell::as_minor_units);
        let currency = self.optional(currency, Cell::as_currency);
        Some(Money { minor: minor?, currency: currency? })
    }

    fn refuse(&mut self, column: Column, reason: Reason) {
        self.report.add(self.row.problem(column, reason));
    }
}

pub(super) fn text(cell: &Cell<'_>) -> Result<Short, Reason> {
    cell.as_text()?.into_owned().try_into().map_err(Reason::Text)
}

pub(super) fn document_kind(cell: &Cell<'_>) -> Result<DocumentKind, Reason> {
    cell.as_text()?.parse().map_err(Reason::DocumentKind)
}

fn assistance(cell: &Cell<'_>) -> Result<Assistance, Reason> {
    if cell.as_text()?.eq_ignore_ascii_case(NO_ASSISTANCE) {
        return Ok(Assistance::None);
    }
    text(cell).map(Assistance::Programme)
}

fn documents(cell: &Cell<'_>) -> Result<Vec<Document>, Reason> {
    let cell: Cow<'_, str> = cell.as_text()?;
    let mut documents = Vec::new();
    for pair in cell.split([';', '；']).map(str::trim).filter(|pair| !pair.is_empty()) {
        let (kind, number) = pair.split_once([':', '：']).ok_or(Reason::DocumentPair)?;
        let kind = kind.trim().parse().map_err(Reason::DocumentKind)?;
        documents.push(Document::parse(kind, number).map_err(Reason::Document)?);
        if documents.len() > OTHER_DOCUMENTS_MAX {
            return Err(Reason::TooManyDocuments { max: OTHER_DOCUMENTS_MAX });
        }
    }
    Ok(documents)
}
