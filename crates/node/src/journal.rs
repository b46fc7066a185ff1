//! Journals: the own log and the replica of each peer's, one append-only file each.
//!
//! A journal holds frames ([`tongcha_ledger::frame`]). What is appended becomes durable with [`Journal::sync`]; the
//! group of entries between two syncs is written at once. On opening, a torn tail (bytes of a group that was never
//! synced) is cut, and the cut bytes are kept beside; damage before the tail is named and refused, because what stood
//! there was durable. What is damaged within one group from the end can only be told from a torn tail by who knows
//! how many entries were durable: see [`Journal::open`].

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use tongcha_domain::event::EventKind;
use tongcha_domain::id::PartyId;
use tongcha_ledger::body::BodyError;
use tongcha_ledger::entry::{self, EntryError, Header, Leaf, Tip};
use tongcha_ledger::frame::{FRAME_HEAD, FrameRead, Record, read_frame};
use tongcha_ledger::key::KeyId;
use tongcha_ledger::merkle::MemoryHashes;
use tongcha_ledger::parcel::PARCEL_MAX;
use tongcha_ledger::trail::says_of_keys;

use crate::disk::Disk;

/// Most entries between two syncs. 64 callers at once fill a fourth of it; more would only make each wait longer, and
/// make the tail longer in which damage can be taken for a write that never ended.
pub const GROUP_MAX: u64 = 256;

/// Most bytes between two syncs.
const GROUP_BYTES_MAX: u64 = GROUP_MAX * (PARCEL_MAX + FRAME_HEAD) as u64;

/// How much is read at once while a journal is opened.
const WINDOW: usize = 8 * 1024 * 1024;

/// Why a journal can't be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The disk failed.
    #[error("the journal of {origin} can't be read or written")]
    Disk {
        /// Whose log.
        origin: PartyId,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// Bytes that were durable are damaged.
    #[error("entry {seq} of {origin} is damaged at byte {offset}: the command `recover` restores it from the peers")]
    Damaged {
        /// Whose log.
        origin: PartyId,
        /// The entry that should stand there.
        seq: u64,
        /// Where its frame begins.
        offset: u64,
    },
    /// A whole entry that does not follow the one before.
    #[error("the journal of {origin} is not one chain: the command `recover` restores it from the peers")]
    Chain {
        /// Whose log.
        origin: PartyId,
        /// The cause.
        #[source]
        source: EntryError,
    },
    /// The body kept with an entry is not the one that the entry commits to: somebody has changed the file.
    #[error("the body of entry {seq} of {origin} was changed: the command `recover` restores it from the peers")]
    Body {
        /// Whose log.
        origin: PartyId,
        /// The entry.
        seq: u64,
        /// The cause.
        #[source]
        source: BodyError,
    },
    /// An entry can't be encoded; it would be longer than the format allows.
    #[error("an entry of {origin} is too long to be kept")]
    TooLong {
        /// Whose log.
        origin: PartyId,
    },
}

/// One log on disk.
pub struct Journal {
    origin: PartyId,
    /// Whose disk it is on.
    reader: PartyId,
    file: String,
    offsets: Vec<u64>,
    end: u64,
    tip: Tip,
    /// Of durable entries. In memory, 32 bytes an entry: they are hashed anyway when the file is read at the start.
    hashes: MemoryHashes,
    /// Entries for the reader, also staged ones, that have no body.
    bodiless: BTreeSet<u64>,
    /// Durable records of a recovery.
    recoveries: Vec<u64>,
    /// Durable orders of erasure.
    orders: Vec<u64>,
    /// Frames not yet written, and the tip that they will make.
    staged: Vec<u8>,
    staged_offsets: Vec<u64>,
    staged_leaves: Vec<Leaf>,
    staged_recoveries: Vec<u64>,
    staged_orders: Vec<u64>,
    staged_tip: Tip,
    /// The last entry, also a staged one, that each key signed.
    used: BTreeMap<KeyId, u64>,
    /// Entries that say something of keys.
    of_keys: Vec<u64>,
}

impl Journal {
    /// Opens the journal of a party's own log. `durable` entries are known to have been synced (from the view's checkpoint, or from what
    /// another log says it has seen): damage among them is never taken for a torn tail, and fewer are an old file.
    ///
    /// # Errors
    /// When the disk fails, or durable bytes are damaged or missing.
    pub fn open(disk: &mut dyn Disk, origin: PartyId, durable: u64) -> Result<Self, JournalError> {
        Self::open_signed(disk, (origin, origin), durable, 0)
    }

    /// Opens a log's journal on a reader's disk, as [`Self::open`]. `signed` entries are in a checkpoint: a file that ends before with whole
    /// entries is an old one, which its party finds out otherwise, but bytes after fewer are no torn tail.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_signed(
        disk: &mut dyn Disk,
        (origin, reader): (PartyId, PartyId),
        durable: u64,
        signed: u64,
    ) -> Result<Self, JournalError> {
        let file = format!("journal/{origin}.log");
        let mut journal = Self {
            origin,
            reader,
            file,
            offsets: Vec::new(),
            end: 0,
            tip: Tip::default(),
            hashes: MemoryHashes::default(),
            bodiless: BTreeSet::new(),
            recoveries: Vec::new(),
            orders: Vec::new(),
            staged: Vec::new(),
            staged_offsets: Vec::new(),
            staged_leaves: Vec::new(),
            staged_recoveries: Vec::new(),
            staged_orders: Vec::new(),
            staged_tip: Tip::default(),
            used: BTreeMap::new(),
            of_keys: Vec::new(),
        };
        let length = disk.len(&journal.file).map_err(|e| journal.disk_error(e))?;
        loop {
            let window = disk.read(&journal.file, journal.end, WINDOW).map_err(|e| journal.disk_error(e))?;
            let mut at = 0;
            let stop = loop {
                match window.get(at..).map(read_frame) {
                    Some(FrameRead::Whole(record, len)) => {
                        journal.note(&record, len)?;
                        at += len;
                    }
                    Some(FrameRead::Torn) if journal.end + ((window.len() - at) as u64) < length && at > 0 => {
                        break false; // the window ended, not the file
                    }
                    Some(FrameRead::Torn | FrameRead::Damaged) | None => break true,
                }
            };
            if stop {
                break;
            }
        }
        if journal.tip.count < durable || (journal.end < length && journal.tip.count < signed) {
            return Err(JournalError::Damaged { origin, seq: journal.tip.count, offset: journal.end });
        }
        if journal.end < length {
            journal.cut_tail(disk, length)?;
        }
        journal.staged_tip = journal.tip;
        Ok(journal)
    }

    fn note(&mut self, record: &Record, len: usize) -> Result<(), JournalError> {
        let (header, leaf) = entry::read(&record.entry).map_err(|source| self.chain_error(source))?;
        self.tip.check_parts(&header).map_err(|source| self.chain_error(source))?;
        if let Some(sealed) = &record.body {
            let (origin, seq) = (self.origin, header.seq);
            sealed.check(&header).map_err(|source| JournalError::Body { origin, seq, source })?;
        }
        self.note_body(&header, record);
        self.recoveries.extend((header.kind == EventKind::LogRecovered).then_some(header.seq));
        self.tip = Tip { count: header.seq + 1, head: leaf, recorded_at: header.recorded_at };
        self.note_key(&header);
        self.hashes.append(&leaf);
        self.orders.extend((header.kind == EventKind::ErasureOrdered).then_some(header.seq));
        self.offsets.push(self.end);
        self.end += len as u64;
        Ok(())
    }

    /// Cuts what was never synced; refuses when it may have been.
    fn cut_tail(&mut self, disk: &mut dyn Disk, length: u64) -> Result<(), JournalError> {
        let damaged = JournalError::Damaged { origin: self.origin, seq: self.tip.count, offset: self.end };
        if length - self.end > GROUP_BYTES_MAX {
            return Err(damaged);
        }
        let tail_len = usize::try_from(length - self.end).unwrap_or(usize::MAX);
        let tail = disk.read(&self.file, self.end, tail_len).map_err(|e| self.disk_error(e))?;
        // An entry further on than one group holds can only have been written after the damaged place was synced.
        if has_entry_from(&tail, self.tip.count + GROUP_MAX) {
            return Err(damaged);
        }
        let kept = self.keep_aside(disk, &tail).map_err(|e| self.disk_error(e))?;
        tracing::warn!(origin = %self.origin, entries = self.tip.count, bytes = tail.len(), kept, "a torn tail was cut; the bytes are kept beside the journal");
        disk.truncate(&self.file, self.end).map_err(|e| self.disk_error(e))?;
        disk.sync(&self.file).map_err(|e| self.disk_error(e))
    }

    /// Keeps cut bytes in a file of their own, and returns its name. An entry can be torn more than once.
    fn keep_aside(&self, disk: &mut dyn Disk, tail: &[u8]) -> io::Result<String> {
        let mut times = 1;
        loop {
            let name = format!("{}.cut-at-{}-{times}", self.file, self.end);
            if disk.len(&name)? == 0 {
                disk.write(&name, 0, tail)?;
                disk.sync(&name)?;
                return Ok(name);
            }
            times += 1;
        }
    }

    /// Returns whose log it is.
    #[must_use]
    pub fn origin(&self) -> PartyId {
        self.origin
    }

    /// Returns the end of what is durable.
    #[must_use]
    pub fn tip(&self) -> Tip {
        self.tip
    }

    /// Returns the entries, also staged ones, that the reader should have a body of and has not: it was lost with a disk.
    #[must_use]
    pub fn bodiless(&self) -> &BTreeSet<u64> {
        &self.bodiless
    }

    /// Returns the positions of the durable entries that record a recovery.
    #[must_use]
    pub fn recoveries(&self) -> &[u64] {
        &self.recoveries
    }

    /// Returns the hashes of the tree over the durable entries.
    #[must_use]
    pub fn hashes(&self) -> &MemoryHashes {
        &self.hashes
    }

    /// Returns the positions of the durable orders of erasure.
    #[must_use]
    pub fn orders(&self) -> &[u64] {
        &self.orders
    }

    /// Returns the end of what is staged: what the next entry must follow.
    #[must_use]
    pub fn staged_tip(&self) -> Tip {
        self.staged_tip
    }

    /// Stages an entry that follows the staged tip.
    ///
    /// # Errors
    /// When it does not follow, or is too long.
    pub fn stage(&mut self, record: &Record) -> Result<(), JournalError> {
        let (header, leaf) = entry::read(&record.entry).map_err(|source| self.chain_error(source))?;
        self.staged_tip.check_parts(&header).map_err(|source| self.chain_error(source))?;
        let frame = record.to_frame().map_err(|_| JournalError::TooLong { origin: self.origin })?;
        self.staged_offsets.push(self.end + self.staged.len() as u64);
        self.staged_leaves.push(leaf);
        self.staged_recoveries.extend((header.kind == EventKind::LogRecovered).then_some(header.seq));
        self.staged_orders.extend((header.kind == EventKind::ErasureOrdered).then_some(header.seq));
        self.staged.extend(frame);
        self.staged_tip = Tip { count: header.seq + 1, head: leaf, recorded_at: header.recorded_at };
        self.note_key(&header);
        self.note_body(&header, record);
        Ok(())
    }

    fn note_body(&mut self, header: &Header, record: &Record) {
        if record.body.is_none() && header.audience.contains(&self.reader) {
            self.bodiless.insert(header.seq);
        }
    }

    fn note_key(&mut self, header: &Header) {
        self.used.insert(header.key_id, header.seq);
        if says_of_keys(header.kind) {
            self.of_keys.push(header.seq);
        }
    }

    /// Returns the last entry, also a staged one, that is signed with a key.
    #[must_use]
    pub fn last_use(&self, key: KeyId) -> Option<u64> {
        self.used.get(&key).copied()
    }

    /// Returns the positions of the entries that say something of keys.
    #[must_use]
    pub fn of_keys(&self) -> &[u64] {
        &self.of_keys
    }

    /// Writes and syncs what is staged, at most [`GROUP_MAX`] entries at a time. After an error the process must stop.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn sync(&mut self, disk: &mut dyn Disk) -> Result<(), JournalError> {
        if self.staged.is_empty() {
            return Ok(());
        }
        let group = usize::try_from(GROUP_MAX).unwrap_or(usize::MAX);
        let starts = self.staged_offsets.iter().copied().step_by(group);
        let ends = self.staged_offsets.iter().copied().step_by(group).skip(1);
        let staged_end = self.end + self.staged.len() as u64;
        for (start, end) in starts.zip(ends.chain([staged_end])) {
            let within = |offset: u64| usize::try_from(offset - self.end).unwrap_or(usize::MAX);
            let frames = self.staged.get(within(start)..within(end)).unwrap_or_default();
            disk.write(&self.file, start, frames).map_err(|e| self.disk_error(e))?;
            disk.sync(&self.file).map_err(|e| self.disk_error(e))?;
        }
        self.end = staged_end;
        self.staged.clear();
        self.staged_leaves.drain(..).for_each(|leaf| self.hashes.append(&leaf));
        self.recoveries.append(&mut self.staged_recoveries);
        self.orders.append(&mut self.staged_orders);
        self.offsets.append(&mut self.staged_offsets);
        self.tip = self.staged_tip;
        Ok(())
    }

    /// Reads a durable entry; none when there is none at that position.
    ///
    /// # Errors
    /// When the disk fails or the frame is damaged.
    pub fn record(&self, disk: &dyn Disk, seq: u64) -> Result<Option<Record>, JournalError> {
        let Some((at, offset)) = usize::try_from(seq).ok().and_then(|at| Some((at, *self.offsets.get(at)?))) else {
            return Ok(None);
        };
        let next = self.offsets.get(at + 1).copied().unwrap_or(self.end);
        let len = usize::try_from(next - offset).unwrap_or(0);
        let bytes = disk.read(&self.file, offset, len).map_err(|e| self.disk_error(e))?;
        match read_frame(&bytes) {
            FrameRead::Whole(record, _) => Ok(Some(record)),
            FrameRead::Torn | FrameRead::Damaged => Err(JournalError::Damaged { origin: self.origin, seq, offset }),
        }
    }

    /// Returns the leaf of a durable entry.
    ///
    /// # Errors
    /// When the disk fails or the frame is damaged.
    pub fn leaf(&self, disk: &dyn Disk, seq: u64) -> Result<Option<Leaf>, JournalError> {
        Ok(self.record(disk, seq)?.map(|record| entry::leaf(&record.entry)))
    }

    /// Returns the leaf of an entry that is staged and not yet durable.
    #[must_use]
    pub fn staged_leaf(&self, seq: u64) -> Option<Leaf> {
        let at = usize::try_from(seq.checked_sub(self.tip.count)?).ok()?;
        self.staged_leaves.get(at).copied()
    }

    fn disk_error(&self, source: io::Error) -> JournalError {
        JournalError::Disk { origin: self.origin, source }
    }

    fn chain_error(&self, source: EntryError) -> JournalError {
        JournalError::Chain { origin: self.origin, source }
    }
}

/// Tells whether a whole frame with an entry at or after `seq` begins anywhere in the bytes.
fn has_entry_from(bytes: &[u8], seq: u64) -> bool {
    (0..bytes.len()).any(|at| match bytes.get(at..).map(read_frame) {
        Some(FrameRead::Whole(record, _)) => {
            matches!(entry::read(&record.entry), Ok((Header { seq: found, .. }, _)) if found >= seq)
        }
        Some(FrameRead::Torn | FrameRead::Damaged) | None => false,
    })
}
