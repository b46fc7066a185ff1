//! Rows that note which tables a judgement has looked into: it rests on these and on nothing else.

use std::cell::RefCell;
use std::collections::BTreeSet;

use tongcha_domain::view::{MemoryRows, Row, RowStore, Table, ViewError};

/// First key byte of no table: all of them were looked into.
const EVERY_TABLE: u8 = 0;

/// Rows of which it is noted what is read.
pub(super) struct Watched<'a> {
    rows: &'a MemoryRows,
    read: RefCell<BTreeSet<u8>>,
}

impl<'a> Watched<'a> {
    pub(super) fn new(rows: &'a MemoryRows) -> Self {
        Self { rows, read: RefCell::default() }
    }

    /// Tells whether one of the tables was looked into.
    pub(super) fn has_read(&self, tables: &BTreeSet<Table>) -> bool {
        let read = self.read.borrow();
        tables.iter().any(|table| read.contains(&table.byte()) || read.contains(&EVERY_TABLE))
    }

    fn note(&self, key: &[u8]) {
        self.read.borrow_mut().insert(key.first().copied().unwrap_or(EVERY_TABLE));
    }
}

impl RowStore for Watched<'_> {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, ViewError> {
        self.note(key);
        self.rows.get(key)
    }

    fn scan(&self, prefix: &[u8]) -> Result<Vec<Row>, ViewError> {
        self.note(prefix);
        self.rows.scan(prefix)
    }
}
