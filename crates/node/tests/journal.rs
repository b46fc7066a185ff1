//! The journal: what a crash, a torn write and damage do to it.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)] // helpers of tests, too, stop at what is wrong

mod support;

use std::collections::{BTreeMap, BTreeSet};

use support::{MemoryDisk, NOON, journal_file, party, secrets};
use tongcha_domain::event::EventKind;
use tongcha_domain::time::Instant;
use tongcha_ledger::body::{BodyKey, SealedBody};
use tongcha_ledger::entry::{EntryError, Header, Tip, VERSION, VerifiedEntry};
use tongcha_ledger::frame::{FrameLength, Record, frame_length};
use tongcha_ledger::key::PartySecrets;
use tongcha_ledger::slot::{SLOT_LEN, Slot};
use tongcha_node::body_keys::{KeyFile, KeyFileError};
use tongcha_node::disk::{Disk, FileDisk};
use tongcha_node::journal::{GROUP_MAX, Journal, JournalError};

fn record(secrets: &PartySecrets, tip: Tip) -> Record {
    let sealed = SealedBody { key_hash: [1; 32], ciphertext: vec![2; 40] };
    let header = Header {
        version: VERSION,
        origin: secrets.party(),
        seq: tip.count,
        prev: tip.head,
        recorded_at: Instant(NOON.0 + i64::try_from(tip.count).unwrap()),
        key_id: secrets.key_id(),
        kind: EventKind::CommandRefused,
        audience: BTreeSet::from([secrets.party()]),
        body_digest: sealed.digest(),
        body_len: 40,
        seen: BTreeMap::new(),
    };
    Record { entry: VerifiedEntry::sign(header, secrets).unwrap().bytes().to_vec(), body: Some(sealed) }
}

fn stage(journal: &mut Journal, entries: u64) {
    let secrets = secrets("macau");
    for _ in 0..entries {
        let next = record(&secrets, journal.staged_tip());
        journal.stage(&next).unwrap();
    }
}

fn open(disk: &MemoryDisk, durable: u64) -> Result<Journal, JournalError> {
    Journal::open(&mut disk.clone(), party("macau"), durable)
}

/// A journal of groups of these sizes; with its file, and where each entry begins.
fn journal(groups: &[u64]) -> (MemoryDisk, Vec<u64>) {
    let disk = MemoryDisk::default();
    let mut journal = open(&disk, 0).unwrap();
    for group in groups {
        stage(&mut journal, *group);
        journal.sync(&mut disk.clone()).unwrap();
    }
    let bytes = disk.files().written[&journal_file("macau")].clone();
    let (mut begins, mut at) = (Vec::new(), 0);
    while let FrameLength::Bytes(len) = frame_length(&bytes[at..]) {
        begins.push(at as u64);
        at += len;
    }
    assert_eq!(begins.len() as u64, groups.iter().sum::<u64>());
    (disk, begins)
}

fn cut_files(disk: &MemoryDisk) -> Vec<Vec<u8>> {
    let files = disk.files();
    files.synced.iter().filter(|(name, _)| name.contains("cut-at")).map(|(_, bytes)| bytes.clone()).collect()
}

#[test]
fn what_is_synced_is_there_and_what_is_staged_is_not() {
    let disk = MemoryDisk::default();
    let mut journal = open(&disk, 0).unwrap();
    stage(&mut journal, 3);
    assert_eq!((journal.tip().count, journal.staged_tip().count), (0, 3));
    assert_eq!(journal.record(&disk, 0).unwrap(), None);
    assert_eq!(journal.leaf(&disk, 2).unwrap(), None);
    assert_eq!(journal.staged_leaf(2), Some(journal.staged_tip().head));
    assert_eq!(open(&disk.after_power_cut(), 0).unwrap().tip().count, 0);
    journal.sync(&mut disk.clone()).unwrap();
    assert_eq!(journal.staged_leaf(2), None);
    let again = open(&disk.after_power_cut(), 3).unwrap();
    assert_eq!((again.tip(), again.staged_tip()), (journal.tip(), journal.tip()));
    for seq in 0..3 {
        assert_eq!(again.record(&disk, seq).unwrap(), journal.record(&disk, seq).unwrap());
    }
    assert_eq!(again.record(&disk, 3).unwrap(), None);
}

#[test]
fn one_group_is_one_sync_and_a_long_one_is_several() {
    let disk = MemoryDisk::default();
    let mut journal = open(&disk, 0).unwrap();
    for (entries, syncs) in [(1, 1), (GROUP_MAX, 2), (GROUP_MAX + 1, 4), (2 * GROUP_MAX, 6)] {
        stage(&mut journal, entries);
        journal.sync(&mut disk.clone()).unwrap();
        assert_eq!(disk.files().syncs[&journal_file("macau")], syncs, "{entries} entries");
    }
    journal.sync(&mut disk.clone()).unwrap();
    assert_eq!(disk.files().syncs[&journal_file("macau")], 6, "nothing staged");
    let again = open(&disk.after_power_cut(), 0).unwrap();
    assert_eq!(again.tip(), journal.tip());
    assert_eq!(again.tip().count, 4 * GROUP_MAX + 2);
}

#[test]
fn an_entry_that_does_not_follow_is_not_staged() {
    let disk = MemoryDisk::default();
    let mut journal = open(&disk, 0).unwrap();
    stage(&mut journal, 2);
    let secrets = secrets("macau");
    let refused = journal.stage(&record(&secrets, Tip::default())).unwrap_err();
    assert!(matches!(refused, JournalError::Chain { source: EntryError::Sequence { expected: 2, found: 0 }, .. }));
    let other = Tip { head: [9; 32], ..journal.staged_tip() };
    let refused = journal.stage(&record(&secrets, other)).unwrap_err();
    assert!(matches!(refused, JournalError::Chain { source: EntryError::Chain { seq: 2 }, .. }));
    assert_eq!(journal.staged_tip().count, 2);
}

#[test]
fn a_tail_torn_at_any_byte_is_cut_and_kept_beside() {
    let (disk, begins) = journal(&[3, 2]);
    let whole = disk.files().written[&journal_file("macau")].clone();
    let second_group = usize::try_from(begins[3]).unwrap();
    for cut in second_group..whole.len() {
        let torn = disk.after_power_cut();
        torn.damage(&journal_file("macau"), |bytes| bytes.truncate(cut));
        let opened = open(&torn, 3).unwrap();
        let entries = if cut < usize::try_from(begins[4]).unwrap() { 3 } else { 4 };
        let end = usize::try_from(begins[entries]).unwrap();
        assert_eq!(opened.tip().count, entries as u64, "cut at {cut}");
        assert_eq!(torn.files().synced[&journal_file("macau")], whole[..end], "cut at {cut}");
        let kept = if cut > end { vec![whole[end..cut].to_vec()] } else { vec![] };
        assert_eq!(cut_files(&torn), kept, "cut at {cut}");
        assert_eq!(open(&torn, 3).unwrap().tip(), opened.tip(), "and it stays so");
    }
}

#[test]
fn a_tail_whose_sectors_were_written_out_of_order_is_cut() {
    let (disk, begins) = journal(&[3, 4]);
    let (from, to) = (usize::try_from(begins[3]).unwrap(), usize::try_from(begins[4]).unwrap());
    let file = journal_file("macau");
    disk.damage(&file, |bytes| bytes[from..to].fill(0)); // the later frames of the group are whole
    assert_eq!(open(&disk, 3).unwrap().tip().count, 3);
    assert_eq!(cut_files(&disk).len(), 1);
    let garbage = MemoryDisk::default();
    garbage.damage(&file, |bytes| bytes.extend([0xFF; 100]));
    assert_eq!(open(&garbage, 0).unwrap().tip().count, 0);
}

#[test]
fn what_was_cut_before_is_not_written_over() {
    let (disk, _) = journal(&[2]);
    for garbage in [&[0xFF; 30][..], &[0xEE; 10]] {
        disk.damage(&journal_file("macau"), |bytes| bytes.extend(garbage));
        open(&disk, 2).unwrap();
    }
    assert_eq!(cut_files(&disk), [vec![0xFF; 30], vec![0xEE; 10]]);
}

#[test]
fn the_journal_goes_on_after_a_cut() {
    let (disk, _) = journal(&[3]);
    let file = journal_file("macau");
    let len = disk.files().written[&file].len();
    disk.damage(&file, |bytes| bytes.truncate(len - 1));
    let mut opened = open(&disk, 2).unwrap();
    stage(&mut opened, 2);
    opened.sync(&mut disk.clone()).unwrap();
    assert_eq!(open(&disk.after_power_cut(), 4).unwrap().tip(), opened.tip());
}

fn assert_damaged(result: Result<Journal, JournalError>, seq: u64, offset: u64) {
    match result.map(|journal| journal.tip()) {
        Err(JournalError::Damaged { origin, seq: found, offset: at }) => {
            assert_eq!((origin, found, at), (party("macau"), seq, offset));
        }
        other => panic!("expected damage of entry {seq} at {offset}: {other:?}"),
    }
}

#[test]
fn damage_among_durable_entries_is_refused_by_name() {
    let (disk, begins) = journal(&[5]);
    for (seq, begin) in begins.iter().enumerate() {
        let end = begins.get(seq + 1).copied().unwrap_or(disk.len(&journal_file("macau")).unwrap());
        for at in (*begin..end).step_by(11) {
            let damaged = disk.copy();
            damaged.damage(&journal_file("macau"), |bytes| bytes[usize::try_from(at).unwrap()] ^= 0x10);
            assert_damaged(open(&damaged, 5), seq as u64, *begin);
            assert!(cut_files(&damaged).is_empty(), "nothing is cut");
        }
    }
}

#[test]
fn damage_more_than_a_group_before_the_end_is_refused_whoever_asks() {
    let (disk, begins) = journal(&[1, GROUP_MAX, 1]);
    let flip = |seq: usize| {
        let damaged = disk.copy();
        let at = usize::try_from(begins[seq]).unwrap() + 20;
        damaged.damage(&journal_file("macau"), |bytes| bytes[at] ^= 1);
        damaged
    };
    assert_damaged(open(&flip(0), 0), 0, 0);
    assert_damaged(open(&flip(1), 0), 1, begins[1]);
    // Within a group of the end nobody can tell, unless told how many entries were durable.
    assert_eq!(open(&flip(2), 0).unwrap().tip().count, 2);
    assert_damaged(open(&flip(2), 3), 2, begins[2]);
}

#[test]
fn a_file_that_is_older_than_it_was_is_refused() {
    let (disk, begins) = journal(&[2, 3]);
    let file = journal_file("macau");
    let end = disk.len(&file).unwrap();
    assert_damaged(open(&disk, 6), 5, end);
    let shorter = disk.copy();
    shorter.damage(&file, |bytes| bytes.truncate(usize::try_from(begins[2]).unwrap()));
    assert_damaged(open(&shorter, 5), 2, begins[2]);
    assert_damaged(open(&MemoryDisk::default(), 1), 0, 0);
}

#[test]
fn damage_that_comes_later_is_found_when_the_entry_is_read() {
    let (disk, begins) = journal(&[3]);
    let journal = open(&disk, 3).unwrap();
    disk.damage(&journal_file("macau"), |bytes| bytes[usize::try_from(begins[1]).unwrap() + 9] ^= 1);
    assert!(journal.record(&disk, 0).unwrap().is_some());
    let found = journal.record(&disk, 1).unwrap_err();
    assert!(matches!(found, JournalError::Damaged { seq: 1, offset, .. } if offset == begins[1]), "{found}");
    assert_eq!(found.to_string().matches("macau").count(), 1);
}

#[test]
fn a_failing_disk_is_said_and_nothing_is_durable() {
    let disk = MemoryDisk::default();
    let mut journal = open(&disk, 0).unwrap();
    stage(&mut journal, 1);
    disk.files().failing = Some(journal_file("macau"));
    assert!(matches!(journal.sync(&mut disk.clone()), Err(JournalError::Disk { .. })));
    assert_eq!(journal.tip().count, 0);
    assert_eq!(open(&disk.after_power_cut(), 0).unwrap().tip().count, 0);
}

#[test]
fn keys_are_read_back_and_damage_names_its_entry() {
    let disk = MemoryDisk::default();
    let mut keys = KeyFile::new(party("macau"));
    for seq in [0, 1, 2, 5] {
        keys.stage(seq, BodyKey([u8::try_from(seq).unwrap() + 1; 32]));
    }
    keys.sync(&mut disk.clone()).unwrap();
    let file = "body-keys/macau.keys";
    assert_eq!(disk.files().syncs[file], 1, "one sync for all of them");
    let slot = |disk: &MemoryDisk, seq| keys.slot(disk, seq);
    assert_eq!(slot(&disk, 2).unwrap(), Slot::Key(BodyKey([3; 32])));
    assert_eq!((slot(&disk, 3).unwrap(), slot(&disk, 6).unwrap()), (Slot::Empty, Slot::Empty));
    assert_eq!(slot(&disk, 5).unwrap(), Slot::Key(BodyKey([6; 32])));
    disk.damage(file, |bytes| bytes[SLOT_LEN + 7] ^= 1);
    assert!(matches!(slot(&disk, 1), Err(KeyFileError::Damaged { seq: 1, .. })));
    assert!(slot(&disk, 0).is_ok() && slot(&disk, 2).is_ok());
    disk.damage(file, |bytes| bytes.truncate(6 * SLOT_LEN - 1));
    assert!(matches!(slot(&disk, 5), Err(KeyFileError::Damaged { seq: 5, .. })), "a slot cut short");
}

#[test]
fn real_files_hold_what_is_written() {
    let dir = tempfile::tempdir().unwrap();
    let mut disk = FileDisk::new(dir.path());
    assert_eq!(disk.len("journal/macau.log").unwrap(), 0);
    assert_eq!(disk.read("journal/macau.log", 0, 10).unwrap(), b"");
    disk.write("journal/macau.log", 3, b"abc").unwrap();
    disk.sync("journal/macau.log").unwrap();
    let other = FileDisk::new(dir.path());
    assert_eq!(other.len("journal/macau.log").unwrap(), 6);
    assert_eq!(other.read("journal/macau.log", 2, 10).unwrap(), b"\0abc");
    disk.truncate("journal/macau.log", 4).unwrap();
    assert_eq!(other.read("journal/macau.log", 0, 10).unwrap(), b"\0\0\0a");
}
