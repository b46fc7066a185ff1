//! Rows in memory, for simulated parties. Lost with the process, like a view whose disk is gone.

use tongcha_domain::view::{Changes, MemoryRows, Row, RowStore, ViewError};

use crate::view::{Checkpoint, ViewStore};

/// A view in memory.
#[derive(Default)]
pub struct MemoryView {
    rows: MemoryRows,
    checkpoint: Checkpoint,
}

impl RowStore for MemoryView {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, ViewError> {
        self.rows.get(key)
    }

    fn scan(&self, prefix: &[u8]) -> Result<Vec<Row>, ViewError> {
        self.rows.scan(prefix)
    }
}

impl ViewStore for MemoryView {
    fn trusted(&self) -> Option<Checkpoint> {
        let mut counted = Checkpoint::default();
        for (key, value) in self.rows.iter() {
            counted.digest.add(key, value);
            counted.rows += 1;
        }
        (counted == self.checkpoint).then_some(counted)
    }

    fn apply(&mut self, changes: Changes, checkpoint: &Checkpoint) -> Result<(), ViewError> {
        self.rows.apply(changes);
        self.checkpoint = checkpoint.clone();
        Ok(())
    }

    fn reset(&mut self) -> Result<(), ViewError> {
        *self = Self::default();
        Ok(())
    }

    fn flush(&mut self) -> Result<(), ViewError> {
        Ok(())
    }

    fn rows(&self) -> &dyn RowStore {
        self
    }
}
