//! Where the rows of the view are kept. Disposable: on any doubt the rows are dropped and folded again from the logs.

mod memory;
mod sled_store;

pub use memory::MemoryView;
pub use sled_store::SledView;

use serde::{Deserialize, Serialize};
use tongcha_domain::view::{Changes, RowStore, SET_DIGEST_LEN, SetDigest, ViewError};

/// What a view says of itself, written in one batch with the rows it describes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checkpoint {
    /// How many rows there are.
    pub rows: u64,
    /// The sum over them.
    pub digest: SetDigest,
}

#[derive(Serialize, Deserialize)]
struct StoredCheckpoint {
    rows: u64,
    digest: Vec<u8>,
}

impl Checkpoint {
    fn to_bytes(&self) -> Vec<u8> {
        let stored = StoredCheckpoint { rows: self.rows, digest: self.digest.to_bytes() };
        postcard::to_stdvec(&stored).unwrap_or_default() // an empty value is read back as doubt
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        if bytes.len() > SET_DIGEST_LEN + 16 {
            return None;
        }
        let stored: StoredCheckpoint = postcard::from_bytes(bytes).ok()?;
        Some(Self { rows: stored.rows, digest: SetDigest::from_bytes(&stored.digest)? })
    }

    /// Accounts for changes about to be applied to a store.
    ///
    /// # Errors
    /// When a row that changes can't be read.
    pub fn account(&mut self, store: &dyn RowStore, changes: &Changes) -> Result<(), ViewError> {
        for (key, change) in changes {
            let before = store.get(key)?;
            if before == *change {
                continue;
            }
            if let Some(value) = before {
                self.digest.remove(key, &value);
                self.rows = self.rows.saturating_sub(1);
            }
            if let Some(value) = change {
                self.digest.add(key, value);
                self.rows += 1;
            }
        }
        Ok(())
    }
}

/// A store of rows with a checkpoint.
pub trait ViewStore: RowStore + Send {
    /// Returns the checkpoint when the rows are exactly those it describes; none on any doubt.
    fn trusted(&self) -> Option<Checkpoint>;

    /// Applies changes and checkpoint in one batch.
    ///
    /// # Errors
    /// When the store fails.
    fn apply(&mut self, changes: Changes, checkpoint: &Checkpoint) -> Result<(), ViewError>;

    /// Drops every row, to fold them again.
    ///
    /// # Errors
    /// When the store can't be made anew.
    fn reset(&mut self) -> Result<(), ViewError>;

    /// Makes what is applied durable; only to make the next start shorter.
    ///
    /// # Errors
    /// When the store fails.
    fn flush(&mut self) -> Result<(), ViewError>;

    /// Returns the store as rows.
    fn rows(&self) -> &dyn RowStore;
}
