//! Changes that are decided but not yet in the store. Reads see them; a commit takes them out as one batch.

use std::collections::BTreeMap;

use crate::id::PartyId;
use crate::view::rows::{decode, encode, key};
use crate::view::{Facts, Row, RowStore, ViewError};

/// Rows to set (`Some`) or remove (`None`), by key.
pub type Changes = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

/// A store with changes laid over it.
pub struct Overlay<'a> {
    base: &'a dyn RowStore,
    changes: Changes,
}

impl<'a> Overlay<'a> {
    /// Lays `changes` over `base`.
    #[must_use]
    pub fn new(base: &'a dyn RowStore, changes: Changes) -> Self {
        Self { base, changes }
    }

    /// Takes the changes out.
    #[must_use]
    pub fn into_changes(self) -> Changes {
        self.changes
    }

    /// Sets a row.
    pub fn set(&mut self, key: Vec<u8>, value: Vec<u8>) {
        self.changes.insert(key, Some(value));
    }

    /// Removes a row.
    pub fn remove(&mut self, key: Vec<u8>) {
        self.changes.insert(key, None);
    }

    /// Folds an event into what its origin says about an aggregate.
    ///
    /// # Errors
    /// When the row can't be read.
    pub fn fold<F: Facts>(&mut self, id: &F::Id, origin: PartyId, apply: impl FnOnce(&mut F)) -> Result<(), ViewError> {
        let key = key::<F>(id, origin);
        let mut facts: F = match self.get(&key)? {
            Some(value) => decode(F::TABLE.byte(), &value)?,
            None => F::default(),
        };
        apply(&mut facts);
        let value = encode(F::TABLE.byte(), &facts)?;
        self.set(key, value);
        Ok(())
    }
}

impl RowStore for Overlay<'_> {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, ViewError> {
        match self.changes.get(key) {
            Some(change) => Ok(change.clone()),
            None => self.base.get(key),
        }
    }

    fn scan(&self, prefix: &[u8]) -> Result<Vec<Row>, ViewError> {
        let mut rows: BTreeMap<_, _> = self.base.scan(prefix)?.into_iter().collect();
        for (key, change) in self.changes.range(prefix.to_vec()..).take_while(|(key, _)| key.starts_with(prefix)) {
            match change {
                Some(value) => rows.insert(key.clone(), value.clone()),
                None => rows.remove(key),
            };
        }
        Ok(rows.into_iter().collect())
    }
}
