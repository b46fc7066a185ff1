//! Rows in sled.
//!
//! One tree holds rows and checkpoint, because only within one tree is a batch atomic without a transaction. sled
//! guards neither against flipped bits nor against a lost tail, and may panic on a damaged file, so: every value
//! carries a checksum over key and value; on opening all rows are counted and summed against the checkpoint; a panic of
//! sled is one more doubt, wherever it comes.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use tongcha_domain::view::{Changes, Row, RowStore, ViewError};

use crate::view::{Checkpoint, ViewStore};

/// Cache of sled in bytes; its default of 1 GiB is more than a register of 200,000 households.
const CACHE_BYTES: u64 = 128 * 1024 * 1024;
/// How often sled writes by itself. A lost tail is folded again from the journal.
const FLUSH_EVERY_MS: u64 = 500;
/// First key byte of rows; what is before it is ours.
const ROW: u8 = 1;
const CHECKPOINT_KEY: &[u8] = &[0];
const CRC_LEN: usize = 4;

/// A view in a directory of its own.
pub struct SledView {
    path: PathBuf,
    tree: sled::Db,
}

fn store_error(error: &dyn std::fmt::Display) -> ViewError {
    ViewError::Store(error.to_string())
}

/// Turns a panic of sled into doubt. What it leaves half done is in the tree alone, which is made anew after a doubt.
fn guarded<T>(work: impl FnOnce() -> Result<T, ViewError>) -> Result<T, ViewError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(ViewError::Store("sled panicked".to_owned())))
}

fn open_tree(path: &Path) -> Result<sled::Db, ViewError> {
    let config = sled::Config::new().path(path).cache_capacity(CACHE_BYTES).flush_every_ms(Some(FLUSH_EVERY_MS));
    guarded(|| config.open().map_err(|e| store_error(&e)))
}

fn tree_key(key: &[u8]) -> Vec<u8> {
    [&[ROW], key].concat()
}

fn seal(key: &[u8], value: &[u8]) -> Vec<u8> {
    [checksum(key, value).as_slice(), value].concat()
}

fn checksum(key: &[u8], value: &[u8]) -> [u8; CRC_LEN] {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(key);
    hasher.update(value);
    hasher.finalize().to_le_bytes()
}

fn unseal(key: &[u8], stored: &[u8]) -> Result<Vec<u8>, ViewError> {
    let damaged = ViewError::Row { table: key.first().copied().unwrap_or(0) };
    let Some((crc, value)) = stored.split_first_chunk::<CRC_LEN>() else { return Err(damaged) };
    if checksum(key, value) != *crc {
        return Err(damaged);
    }
    Ok(value.to_vec())
}

impl SledView {
    /// Opens a view, or makes an empty one. What can't be opened is deleted: the logs have all of it, and kept aside it would
    /// outlive an erasure.
    ///
    /// # Errors
    /// When not even an empty view can be made.
    pub fn open(path: &Path) -> Result<Self, ViewError> {
        match open_tree(path) {
            Ok(tree) => Ok(Self { path: path.to_owned(), tree }),
            Err(error) => {
                tracing::warn!(%error, "the view can't be opened; it is deleted and folded again from the logs");
                std::fs::remove_dir_all(path).map_err(|e| store_error(&e))?;
                Ok(Self { path: path.to_owned(), tree: open_tree(path)? })
            }
        }
    }
}

impl RowStore for SledView {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, ViewError> {
        guarded(|| {
            let stored = self.tree.get(tree_key(key)).map_err(|e| store_error(&e))?;
            stored.map(|stored| unseal(key, &stored)).transpose()
        })
    }

    fn scan(&self, prefix: &[u8]) -> Result<Vec<Row>, ViewError> {
        guarded(|| {
            let rows = self.tree.scan_prefix(tree_key(prefix));
            rows.map(|row| {
                let (key, stored) = row.map_err(|e| store_error(&e))?;
                let key = key.get(1..).unwrap_or_default().to_vec();
                let value = unseal(&key, &stored)?;
                Ok((key, value))
            })
            .collect()
        })
    }
}

impl ViewStore for SledView {
    fn trusted(&self) -> Option<Checkpoint> {
        let counted = guarded(|| {
            let stored = self.tree.get(CHECKPOINT_KEY).map_err(|e| store_error(&e))?.unwrap_or_default();
            let checkpoint = Checkpoint::from_bytes(&unseal(CHECKPOINT_KEY, &stored)?);
            let mut counted = Checkpoint::default();
            for row in self.tree.scan_prefix([ROW]) {
                let (key, stored) = row.map_err(|e| store_error(&e))?;
                let key = key.get(1..).unwrap_or_default();
                counted.digest.add(key, &unseal(key, &stored)?);
                counted.rows += 1;
            }
            Ok((checkpoint, counted))
        });
        let (checkpoint, counted) = counted.ok()?;
        checkpoint.filter(|checkpoint| *checkpoint == counted)
    }

    fn apply(&mut self, changes: Changes, checkpoint: &Checkpoint) -> Result<(), ViewError> {
        let mut batch = sled::Batch::default();
        for (key, change) in changes {
            match change {
                Some(value) => batch.insert(tree_key(&key), seal(&key, &value)),
                None => batch.remove(tree_key(&key)),
            }
        }
        batch.insert(CHECKPOINT_KEY, seal(CHECKPOINT_KEY, &checkpoint.to_bytes()));
        guarded(|| self.tree.apply_batch(batch).map_err(|e| store_error(&e)))
    }

    fn reset(&mut self) -> Result<(), ViewError> {
        // A temporary tree takes the place of the old one, so that its files are closed before they are removed.
        let empty = sled::Config::new().temporary(true).open().map_err(|e| store_error(&e))?;
        let old = std::mem::replace(&mut self.tree, empty);
        let closed = guarded(|| {
            drop(old);
            Ok(())
        });
        drop(closed); // how closing it ends no longer matters
        match std::fs::remove_dir_all(&self.path) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(store_error(&error)),
        }
        self.tree = open_tree(&self.path)?;
        Ok(())
    }

    fn flush(&mut self) -> Result<(), ViewError> {
        guarded(|| self.tree.flush().map(|_| ()).map_err(|e| store_error(&e)))
    }

    fn rows(&self) -> &dyn RowStore {
        self
    }
}
