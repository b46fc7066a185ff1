//! A simulated disk: what was synced survives a power cut, of the rest each write is kept, lost or torn.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rand::Rng;
use rand::rngs::StdRng;
use tongcha_ledger::slot::SLOT_LEN;
use tongcha_node::disk::Disk;

use crate::sim::erasures::KeepsKeys;

/// What a real disk writes at once: a torn write keeps some of its sectors.
const SECTOR: usize = 512;

/// Files of one simulated party. Clones are the same disk.
#[derive(Clone, Default)]
pub(super) struct SimDisk(Arc<Mutex<Image>>);

#[derive(Default)]
struct Image {
    files: BTreeMap<String, File>,
    /// A sync fails after so many that don't.
    fails_after: Option<u32>,
    /// Every so many syncs of a journal one only says that it was done: a broken variant.
    lies_every: Option<u64>,
    journal_syncs: u64,
    /// How keys are kept that are to be overwritten: broken variants.
    keeps: Option<KeepsKeys>,
}

#[derive(Default)]
struct File {
    synced: Vec<u8>,
    written: Vec<u8>,
    pending: Vec<Change>,
}

enum Change {
    Write { offset: usize, bytes: Vec<u8> },
    Cut(usize),
}

impl Change {
    fn apply(&self, content: &mut Vec<u8>) {
        match self {
            Self::Write { offset, bytes } => write_at(content, *offset, bytes),
            Self::Cut(len) => content.truncate(*len),
        }
    }
}

fn write_at(content: &mut Vec<u8>, offset: usize, bytes: &[u8]) {
    let end = offset + bytes.len();
    if content.len() < end {
        content.resize(end, 0);
    }
    if let Some(place) = content.get_mut(offset..end) {
        place.copy_from_slice(bytes);
    }
}

fn to_usize(number: u64) -> io::Result<usize> {
    usize::try_from(number).map_err(io::Error::other)
}

impl SimDisk {
    fn image(&self) -> MutexGuard<'_, Image> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes a disk whose syncs of journals lie every so often.
    pub(super) fn lying(every: u64) -> Self {
        Self(Arc::new(Mutex::new(Image { lies_every: Some(every), ..Image::default() })))
    }

    /// Makes a disk that keeps keys which are to be overwritten.
    pub(super) fn keeping(keeps: Option<KeepsKeys>) -> Self {
        Self(Arc::new(Mutex::new(Image { keeps, ..Image::default() })))
    }

    /// Makes a sync fail, after so many that don't.
    pub(super) fn fail_sync_after(&self, syncs: u32) {
        self.image().fails_after = Some(syncs);
    }

    /// Takes back a failure that has not come yet.
    pub(super) fn forget_failure(&self) {
        self.image().fails_after = None;
    }

    /// Returns the length of what is synced of a file.
    pub(super) fn synced_len(&self, file: &str) -> usize {
        self.image().files.get(file).map_or(0, |file| file.synced.len())
    }

    /// Reads what is synced of a file, from a position on.
    pub(super) fn synced_from(&self, file: &str, from: usize) -> Vec<u8> {
        let image = self.image();
        let synced = image.files.get(file).and_then(|file| file.synced.get(from..));
        synced.unwrap_or_default().to_vec()
    }

    /// Returns a disk of its own that holds what is synced here.
    pub(super) fn copy_of_synced(&self) -> Self {
        self.copy_of(|_| true)
    }

    /// Takes a file away, as if it had never been.
    pub(super) fn remove(&self, file: &str) {
        self.image().files.remove(file);
    }

    /// Returns a disk of its own that holds what is synced here of one file.
    pub(super) fn copy_of_file(&self, only: &str) -> Self {
        self.copy_of(|name| name == only)
    }

    fn copy_of(&self, wanted: impl Fn(&str) -> bool) -> Self {
        let mut copy = Image::default();
        for (name, file) in self.image().files.iter().filter(|(name, _)| wanted(name)) {
            let file = File { synced: file.synced.clone(), written: file.synced.clone(), pending: Vec::new() };
            copy.files.insert(name.clone(), file);
        }
        Self(Arc::new(Mutex::new(copy)))
    }

    /// Cuts the power: of what was not synced each change is kept, lost, or (a write) torn. Returns how many changes
    /// were not kept whole.
    pub(super) fn cut_power(&self, rng: &mut StdRng) -> u64 {
        let mut image = self.image();
        image.fails_after = None;
        let mut harmed = 0;
        for file in image.files.values_mut() {
            for change in std::mem::take(&mut file.pending) {
                match (rng.random_range(0..3), change) {
                    (0, change) => change.apply(&mut file.synced),
                    (1, Change::Write { offset, bytes }) => {
                        harmed += 1;
                        tear(&mut file.synced, offset, &bytes, rng);
                    }
                    _ => harmed += 1,
                }
            }
            file.written.clone_from(&file.synced);
        }
        harmed
    }
}

/// Writes a part: up to some byte, or some of the sectors.
fn tear(content: &mut Vec<u8>, offset: usize, bytes: &[u8], rng: &mut StdRng) {
    if rng.random_bool(0.5) {
        let kept = rng.random_range(0..=bytes.len());
        write_at(content, offset, bytes.get(..kept).unwrap_or_default());
        return;
    }
    for (no, sector) in bytes.chunks(SECTOR).enumerate() {
        if rng.random_bool(0.5) {
            write_at(content, offset + no * SECTOR, sector);
        }
    }
}

impl Disk for SimDisk {
    fn len(&self, file: &str) -> io::Result<u64> {
        Ok(self.image().files.get(file).map_or(0, |file| file.written.len() as u64))
    }

    fn read(&self, file: &str, offset: u64, len: usize) -> io::Result<Vec<u8>> {
        let image = self.image();
        let Some(file) = image.files.get(file) else { return Ok(Vec::new()) };
        let from = to_usize(offset)?.min(file.written.len());
        let to = from.saturating_add(len).min(file.written.len());
        Ok(file.written.get(from..to).unwrap_or_default().to_vec())
    }

    fn write(&mut self, file: &str, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let offset = to_usize(offset)?;
        let keeps = self.image().keeps.filter(|_| KeepsKeys::concerns(file, bytes));
        if keeps == Some(KeepsKeys::Whole) {
            return Ok(());
        }
        if keeps == Some(KeepsKeys::TooFew)
            && let Some(before) = offset.checked_sub(SLOT_LEN)
        {
            self.change(file, Change::Write { offset: before, bytes: bytes.to_vec() });
        }
        self.change(file, Change::Write { offset, bytes: bytes.to_vec() });
        Ok(())
    }

    fn truncate(&mut self, file: &str, len: u64) -> io::Result<()> {
        self.change(file, Change::Cut(to_usize(len)?));
        Ok(())
    }

    fn sync(&mut self, file: &str) -> io::Result<()> {
        let mut image = self.image();
        match image.fails_after {
            Some(0) => {
                image.fails_after = None;
                return Err(io::Error::other("the simulated disk failed"));
            }
            after => image.fails_after = after.map(|syncs| syncs - 1),
        }
        if file.starts_with("journal/") {
            image.journal_syncs += 1;
            if image.lies_every.is_some_and(|every| image.journal_syncs.is_multiple_of(every)) {
                return Ok(());
            }
        }
        let below = image.keeps == Some(KeepsKeys::Below) && file.ends_with(".keys");
        if let Some(file) = image.files.get_mut(file) {
            let before = file.synced.clone();
            for change in std::mem::take(&mut file.pending) {
                change.apply(&mut file.synced);
            }
            if below {
                KeepsKeys::put_back(&before, &mut file.synced);
            }
        }
        Ok(())
    }
}

impl SimDisk {
    fn change(&self, file: &str, change: Change) {
        let mut image = self.image();
        let file = image.files.entry(file.to_owned()).or_default();
        change.apply(&mut file.written);
        file.pending.push(change);
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    fn rng(seed: u64) -> StdRng {
        StdRng::seed_from_u64(seed)
    }

    #[test]
    fn what_is_synced_survives_and_of_the_rest_every_fate_occurs() {
        let mut fates = std::collections::BTreeSet::new();
        for seed in 0..64 {
            let mut disk = SimDisk::default();
            disk.write("f", 0, &[1; 2000]).unwrap();
            disk.sync("f").unwrap();
            disk.write("f", 2000, &[2; 2000]).unwrap();
            assert_eq!(disk.len("f").unwrap(), 4000);
            disk.cut_power(&mut rng(seed));
            let left = disk.read("f", 0, 5000).unwrap();
            assert_eq!(left[..2000], [1; 2000]);
            fates.insert(match &left[2000..] {
                [] => "lost",
                rest if rest == [2; 2000] => "kept",
                rest if rest.contains(&0) => "torn with a hole",
                _ => "torn",
            });
        }
        assert_eq!(fates.len(), 4, "{fates:?}");
    }

    #[test]
    fn a_cut_that_was_not_synced_may_come_back() {
        let lengths: std::collections::BTreeSet<usize> = (0..16)
            .map(|seed| {
                let mut disk = SimDisk::default();
                disk.write("f", 0, &[1; 10]).unwrap();
                disk.sync("f").unwrap();
                disk.truncate("f", 4).unwrap();
                disk.cut_power(&mut rng(seed));
                disk.synced_len("f")
            })
            .collect();
        assert_eq!(lengths, [4, 10].into());
    }

    #[test]
    fn a_lying_disk_says_that_it_synced() {
        let mut disk = SimDisk::lying(2);
        for part in 0..4 {
            disk.write("journal/x", part * 10, &[1; 10]).unwrap();
            disk.sync("journal/x").unwrap();
        }
        assert_eq!((disk.len("journal/x").unwrap(), disk.synced_len("journal/x")), (40, 30));
    }
}
