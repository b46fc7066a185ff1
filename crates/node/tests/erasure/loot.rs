//! What can still be read: a search of disks with every key on them, a check of every log, and rows that outlive a process.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use tongcha_domain::view::{Changes, RowStore, ViewError};
use tongcha_ledger::body::{BodyKey, SealedBody};
use tongcha_ledger::canonical;
use tongcha_ledger::entry::{self, Tip, VerifiedEntry};
use tongcha_ledger::frame::{FrameRead, read_frame};
use tongcha_ledger::slot::{SLOT_LEN, Slot};
use tongcha_node::view::{Checkpoint, MemoryView, ViewStore};

use crate::support::{MemoryDisk, PARTIES, directory, journal_file};

/// Everything that an attacker with all disks has: sealed bodies by the hash of their key, and whatever 32 bytes could be a
/// key.
#[derive(Default)]
pub struct Loot {
    pub sealed: BTreeMap<[u8; 32], (entry::Header, SealedBody)>,
    pub keys: BTreeMap<[u8; 32], BodyKey>,
    pub bytes: usize,
}

impl Loot {
    pub fn of(disks: &[&MemoryDisk]) -> Self {
        let mut loot = Self::default();
        for disk in disks {
            let files = disk.files();
            for (name, bytes) in &files.written {
                loot.bytes += bytes.len();
                if name.starts_with("journal/") {
                    loot.read_journal(bytes);
                } else if name.starts_with("body-keys/") {
                    let slots =
                        bytes.chunks_exact(SLOT_LEN).filter_map(|slot| Slot::from_bytes(slot.first_chunk().unwrap()));
                    loot.keys.extend(slots.filter_map(|slot| match slot {
                        Slot::Key(key) => Some((key.hash(), key)),
                        Slot::Empty | Slot::Destroyed => None,
                    }));
                }
            }
        }
        loot
    }

    fn read_journal(&mut self, mut bytes: &[u8]) {
        while let FrameRead::Whole(record, length) = read_frame(bytes) {
            let (header, _) = entry::read(&record.entry).unwrap();
            if let Some(sealed) = record.body {
                self.sealed.insert(sealed.key_hash, (header, sealed));
            }
            bytes = &bytes[length..];
        }
    }

    /// How many bodies that bear one of these texts can be read.
    pub fn recoverable(&self, texts: &[String]) -> usize {
        let open = |(hash, (header, sealed)): (&[u8; 32], &(entry::Header, SealedBody))| {
            let body = sealed.open(self.keys.get(hash)?, header).ok()?;
            let plain = canonical::encode(&body).unwrap();
            texts.iter().any(|text| plain.windows(text.len()).any(|part| part == text.as_bytes())).then_some(())
        };
        self.sealed.iter().filter_map(open).count()
    }
}

/// Verifies every entry and every body digest of every log on a disk; returns how many entries.
pub fn verified(disk: &MemoryDisk) -> usize {
    let (directory, mut entries) = (directory(), 0);
    for origin in PARTIES {
        let bytes = disk.files().written.get(&journal_file(origin)).cloned().unwrap_or_default();
        let (mut bytes, mut tip) = (bytes.as_slice(), Tip::default());
        while let FrameRead::Whole(record, length) = read_frame(bytes) {
            let entry = VerifiedEntry::verify(&record.entry, &directory).unwrap();
            tip.check(&entry).unwrap();
            let header = entry.header();
            tip = Tip { count: header.seq + 1, head: entry.leaf(), recorded_at: header.recorded_at };
            record.body.iter().for_each(|sealed| sealed.check(header).unwrap());
            bytes = &bytes[length..];
            entries += 1;
        }
        assert!(bytes.is_empty());
    }
    entries
}

/// Rows that outlive a process, as sled's do.
#[derive(Clone, Default)]
pub struct KeptView(Arc<Mutex<MemoryView>>);

impl KeptView {
    fn view(&self) -> MutexGuard<'_, MemoryView> {
        self.0.lock().unwrap()
    }
}

impl RowStore for KeptView {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, ViewError> {
        self.view().get(key)
    }
    fn scan(&self, prefix: &[u8]) -> Result<Vec<(Vec<u8>, Vec<u8>)>, ViewError> {
        self.view().scan(prefix)
    }
}

impl ViewStore for KeptView {
    fn trusted(&self) -> Option<Checkpoint> {
        self.view().trusted()
    }
    fn apply(&mut self, changes: Changes, checkpoint: &Checkpoint) -> Result<(), ViewError> {
        self.view().apply(changes, checkpoint)
    }
    fn reset(&mut self) -> Result<(), ViewError> {
        self.view().reset()
    }
    fn flush(&mut self) -> Result<(), ViewError> {
        Ok(())
    }
    fn rows(&self) -> &dyn RowStore {
        self
    }
}
