//! Rows gathered into households. Knows nothing of the format they come from.

use std::collections::HashMap;

use tongcha_domain::identity::DocumentKey;
use tongcha_domain::register::{Household, MEMBERS_MAX, Member, REGISTER_HOUSEHOLDS_MAX};

use super::cell::Cell;
use super::columns::Column;
use super::fields::{Person, Row};
use super::header::{Flow, Sink, names, ordered};
use super::report::{ImportReport, Problem, Reason};

/// The table of a file while it is read.
#[derive(Default)]
pub(super) struct Table {
    /// Which column stands at each position; none before the row of names has come.
    header: Option<Vec<Option<Column>>>,
    households: Vec<Household>,
    /// Position in the list and first row, by reference.
    by_reference: HashMap<String, (usize, u64)>,
    /// First row that names the person.
    persons: HashMap<DocumentKey, u64>,
    report: ImportReport,
    /// Most households; smaller in tests, where a million would take long.
    limit: Option<u32>,
}

impl Sink for Table {
    fn row(&mut self, number: u64, cells: Vec<Option<Cell<'_>>>) -> Flow {
        if cells.iter().all(Option::is_none) {
            return Flow::Continue(());
        }
        match &self.header {
            None => self.names(number, &cells),
            Some(header) => {
                let row = Row { number, cells: ordered(header, number, cells, &mut self.report) };
                self.person(&row)
            }
        }
    }

    fn width(&self) -> Option<usize> {
        self.header.as_ref().map(Vec::len)
    }

    fn refuse(&mut self, row: Option<u64>, reason: Reason) {
        self.report.add(Problem { row, column: None, found: None, reason });
    }
}

impl Table {
    /// Returns all households when nothing was wrong.
    pub(super) fn finish(mut self) -> Result<Vec<Household>, ImportReport> {
        if self.report.count() == 0 && self.households.is_empty() {
            self.refuse(None, Reason::NoHouseholds);
        }
        if self.report.count() == 0 { Ok(self.households) } else { Err(self.report) }
    }

    #[cfg(test)]
    pub(super) fn limited(limit: u32) -> Self {
        Self { limit: Some(limit), ..Self::default() }
    }

    fn names(&mut self, number: u64, cells: &[Option<Cell<'_>>]) -> Flow {
        self.header = Some(names(number, cells, &mut self.report));
        // Under wrong names every row would be wrong, for the same reason.
        if self.report.count() == 0 { Flow::Continue(()) } else { Flow::Break(()) }
    }

    fn person(&mut self, row: &Row<'_>) -> Flow {
        let Some(person) = row.read(&mut self.report) else { return Flow::Continue(()) };
        self.note_documents(row, &person.member);
        let limit = self.limit.unwrap_or(REGISTER_HOUSEHOLDS_MAX);
        match self.by_reference.get(person.reference.as_str()) {
            Some(&(position, first_row)) => self.join(position, first_row, row, person),
            None if u32::try_from(self.households.len()).is_ok_and(|len| len < limit) => self.found(row, person),
            None => {
                self.refuse(Some(row.number), Reason::TooManyHouseholds { max: limit });
                return Flow::Break(());
            }
        }
        Flow::Continue(())
    }

    fn found(&mut self, row: &Row<'_>, person: Person) {
        let Person { reference, district, as_of, member } = person;
        self.by_reference.insert(reference.as_str().to_owned(), (self.households.len(), row.number));
        self.households.push(Household { reference, district, as_of, members: vec![member] });
    }

    fn join(&mut self, position: usize, first_row: u64, row: &Row<'_>, person: Person) {
        let Some(household) = self.households.get_mut(position) else { return };
        let agreed = [
            (Column::District, household.district == person.district),
            (Column::AsOf, household.as_of == person.as_of),
        ];
        for (column, _) in agreed.into_iter().filter(|(_, agrees)| !agrees) {
            self.report.add(row.problem(column, Reason::HouseholdDiffers { first_row }));
        }
        household.members.push(person.member);
        if household.members.len() == MEMBERS_MAX + 1 {
            self.report.add(row.problem(Column::Household, Reason::TooManyMembers { max: MEMBERS_MAX }));
        }
    }

    /// A person who stands in two rows would be found with either row's data, by chance.
    fn note_documents(&mut self, row: &Row<'_>, member: &Member) {
        let first = (Column::DocumentNumber, &member.subject.document);
        let others = member.other_documents.iter().map(|document| (Column::OtherDocuments, document));
        for (column, document) in std::iter::once(first).chain(others) {
            let first_row = *self.persons.entry(document.key()).or_insert(row.number);
            if first_row != row.number {
                self.report.add(row.problem(column, Reason::RepeatedPerson { first_row }));
            }
        }
    }
}
