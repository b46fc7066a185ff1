//! The core's own side: group commit, starting again, the view, repeated commands, a disk that is older than it was.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)] // helpers of tests, too, stop at what is wrong

mod support;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use support::{
    MemoryDisk, NOON, ack, command, journal_file, keyed, open, open_with, parcels, party, pass, raise, submission,
};
use tongcha_domain::event::EventKind;
use tongcha_domain::refusal::RefusalCode;
use tongcha_domain::view::{Changes, RowStore, StateRoot, ViewError};
use tongcha_ledger::frame::{FrameLength, frame_length};
use tongcha_node::body_keys::KeyFileError;
use tongcha_node::core::{Core, CoreError, OpenError};
use tongcha_node::journal::JournalError;
use tongcha_node::view::{Checkpoint, MemoryView, SledView, ViewStore};

/// Parties that have told each other things: two urgent notices of Zhuhai, acknowledged by Macau.
fn exchange() -> [MemoryDisk; 2] {
    let disks = [MemoryDisk::default(), MemoryDisk::default()];
    let (mut macau, mut zhuhai) = (open("macau", &disks[0]), open("zhuhai", &disks[1]));
    for number in [1, 2] {
        command(&mut zhuhai, raise(number, &["macau"])).1.unwrap();
        pass(&mut zhuhai, &mut macau);
        command(&mut macau, ack(number)).1.unwrap();
    }
    pass(&mut macau, &mut zhuhai);
    disks
}

#[test]
fn a_group_becomes_durable_with_one_sync_and_only_then_is_told() {
    let disk = MemoryDisk::default();
    let mut core = open("macau", &disk);
    for ticket in 0..3 {
        core.submit(submission(ticket, "ho.macau", raise(ticket.into(), &["zhuhai"])), NOON).unwrap();
    }
    core.submit(submission(3, "cw.macau", raise(9, &["zhuhai"])), NOON).unwrap();
    assert_eq!(core.tip(party("macau")).count, 0);
    assert!(core.outgoing(party("zhuhai"), 0, 9).unwrap().is_empty(), "nothing is published before it is durable");
    assert_eq!(open("macau", &disk.after_power_cut()).tip(party("macau")).count, 0);

    let outcomes = core.commit().unwrap();
    let told: Vec<_> = outcomes.iter().map(|(ticket, result)| (*ticket, result.as_ref().map(|r| r.seq).ok())).collect();
    assert_eq!(told, [(0, Some(0)), (1, Some(1)), (2, Some(2)), (3, None)]);
    assert_eq!(outcomes[3].1.as_ref().unwrap_err().code, RefusalCode::RoleNotAllowed);
    assert_eq!(core.tip(party("macau")).count, 4, "a refusal is an entry too");
    assert_eq!(disk.files().syncs[&journal_file("macau")], 1);
    assert_eq!(core.outgoing(party("zhuhai"), 0, 9).unwrap().len(), 4);
    let again = open("macau", &disk.after_power_cut());
    assert_eq!((again.tip(party("macau")), again.state_root()), (core.tip(party("macau")), core.state_root()));
    assert_eq!(core.commit().unwrap(), [], "told once");
}

#[test]
fn decisions_of_one_group_see_each_other() {
    let mut core = open("macau", &MemoryDisk::default());
    core.submit(submission(1, "ho.macau", raise(1, &["zhuhai"])), NOON).unwrap();
    core.submit(submission(2, "ho.macau", raise(1, &["zhuhai"])), NOON).unwrap();
    let outcomes = core.commit().unwrap();
    assert!(outcomes[0].1.is_ok());
    assert_eq!(outcomes[1].1.as_ref().unwrap_err().code, RefusalCode::AlreadyExists);
}

#[test]
fn after_a_failed_sync_nothing_is_told_and_a_new_start_finds_nothing_half() {
    let disk = MemoryDisk::default();
    let mut core = open("macau", &disk);
    command(&mut core, raise(1, &["zhuhai"])).1.unwrap();
    let before = core.state_root();
    core.submit(submission(2, "ho.macau", raise(2, &["zhuhai"])), NOON).unwrap();
    disk.files().failing = Some(journal_file("macau"));
    assert!(matches!(core.commit(), Err(CoreError::Journal(JournalError::Disk { .. }))));
    let mut again = open("macau", &disk.after_power_cut());
    assert_eq!(again.state_root(), before);
    command(&mut again, raise(2, &["zhuhai"])).1.unwrap();
}

#[test]
fn without_its_view_a_party_comes_to_the_same_root() {
    for (name, disk) in ["macau", "zhuhai"].into_iter().zip(exchange()) {
        let first = open(name, &disk);
        assert_ne!(first.state_root().1, 0);
        assert_eq!(open(name, &disk).state_root(), first.state_root(), "{name}");
    }
}

fn sled_core(disk: &MemoryDisk, path: &Path) -> Core {
    open_with("macau", disk, Box::new(SledView::open(path).unwrap())).unwrap()
}

/// A view in sled, folded and closed; with the root of it.
fn sled_view(disk: &MemoryDisk, path: &Path) -> (StateRoot, u64) {
    let mut core = sled_core(disk, path);
    core.flush_view().unwrap();
    let root = core.state_root();
    assert_eq!(root, open("macau", disk).state_root());
    root
}

fn files_below(path: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

fn copy_dir(from: &Path, to: &Path) {
    for file in files_below(from) {
        let target = to.join(file.strip_prefix(from).unwrap());
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::copy(&file, target).unwrap();
    }
}

#[test]
fn a_view_in_sled_is_trusted_folded_further_or_folded_anew() {
    let (disk, dir) = (exchange()[0].clone(), tempfile::tempdir().unwrap());
    let path = dir.path().join("view");
    let root = sled_view(&disk, &path);
    let old = dir.path().join("old");
    copy_dir(&path, &old);
    assert_eq!(sled_core(&disk, &path).state_root(), root, "as it was");

    let mut core = sled_core(&disk, &path);
    command(&mut core, raise(7, &["zhuhai"])).1.unwrap();
    let root = core.state_root();
    drop(core);
    assert_eq!(sled_core(&disk, &old).state_root(), root, "an older view goes on from where it was");
    std::fs::remove_dir_all(&path).unwrap();
    assert_eq!(sled_core(&disk, &path).state_root(), root, "no view at all");
}

#[test]
fn a_view_of_another_history_is_not_trusted() {
    let (disk, dir) = (exchange()[0].clone(), tempfile::tempdir().unwrap());
    let path = dir.path().join("view");
    sled_view(&disk, &path);
    // The same length of log, but other entries: only the leaf hash tells.
    let other = exchange()[0].clone();
    let expected = open("macau", &other).state_root();
    assert_eq!(sled_core(&other, &path).state_root(), expected);
}

#[test]
fn one_flipped_bit_in_the_view_never_changes_the_root() {
    const FLIPS: u64 = 48;
    let (disk, dir) = (exchange()[0].clone(), tempfile::tempdir().unwrap());
    let path = dir.path().join("view");
    let root = sled_view(&disk, &path);
    for flip in 0..FLIPS {
        let damaged = dir.path().join(format!("flip-{flip}"));
        copy_dir(&path, &damaged);
        let mut files = files_below(&damaged);
        files.sort();
        let file = &files[usize::try_from(flip).unwrap() % files.len()];
        let mut bytes = std::fs::read(file).unwrap();
        // Bytes that say something first: most of a fresh store is zeros.
        let places: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at] != 0).collect();
        let Some(step) = usize::try_from(flip).unwrap().checked_mul(places.len()) else { continue };
        let Some(at) = places.get(step / usize::try_from(FLIPS).unwrap()) else { continue };
        bytes[*at] ^= 1 << (flip % 8);
        std::fs::write(file, bytes).unwrap();
        let core = sled_core(&disk, &damaged);
        assert_eq!(core.state_root(), root, "byte {at} of {}", file.display());
        drop(core);
        std::fs::remove_dir_all(&damaged).unwrap();
    }
}

#[test]
fn a_damaged_key_is_refused_by_name_when_its_body_is_needed() {
    let disk = exchange()[0].clone();
    disk.damage("body-keys/zhuhai.keys", |bytes| bytes[40 + 5] ^= 1);
    let refused = open_with("macau", &disk, Box::<MemoryView>::default()).err().unwrap();
    let OpenError::Core(CoreError::Keys(KeyFileError::Damaged { origin, seq })) = refused else { panic!("{refused}") };
    assert_eq!((origin, seq), (party("zhuhai"), 1));
}

#[test]
fn a_damaged_entry_is_refused_by_name() {
    let disk = exchange()[0].clone();
    disk.damage(&journal_file("zhuhai"), |bytes| bytes[30] ^= 1);
    // The own log says how many entries of Zhuhai were durable, though there is no view to ask.
    let refused = open_with("macau", &disk, Box::<MemoryView>::default()).err().unwrap();
    let OpenError::Core(CoreError::Journal(JournalError::Damaged { origin, seq, offset })) = refused else {
        panic!("{refused}")
    };
    assert_eq!((origin, seq, offset), (party("zhuhai"), 0, 0));
}

#[test]
fn a_repeated_command_gets_its_first_result_also_after_a_restart() {
    let disk = MemoryDisk::default();
    let mut core = open("macau", &disk);
    core.submit(keyed(1, 1, "ho.macau", raise(1, &["zhuhai"])), NOON).unwrap();
    core.submit(keyed(2, 1, "ho.macau", raise(1, &["zhuhai"])), NOON).unwrap(); // in the same group
    core.submit(keyed(3, 2, "cw.macau", raise(2, &["zhuhai"])), NOON).unwrap(); // will be refused
    let first = core.commit().unwrap();
    let receipt = *first[0].1.as_ref().unwrap();
    let repeated = *first[1].1.as_ref().unwrap();
    assert_eq!((repeated.seq, repeated.leaf, receipt.replayed, repeated.replayed), (0, receipt.leaf, false, true));
    assert_eq!(receipt.kind, EventKind::UrgentRaised);

    let mut core = open("macau", &disk.after_power_cut());
    core.submit(keyed(4, 1, "ho.macau", raise(1, &["zhuhai"])), NOON).unwrap();
    core.submit(keyed(5, 2, "cw.macau", raise(2, &["zhuhai"])), NOON).unwrap();
    core.submit(keyed(6, 1, "ho.macau", raise(3, &["zhuhai"])), NOON).unwrap();
    let again = core.commit().unwrap();
    assert_eq!(again[0].1, Ok(repeated));
    assert_eq!(again[1].1, first[2].1);
    assert_eq!(again[2].1.as_ref().unwrap_err().code, RefusalCode::IdempotencyKeyReused);
    assert_eq!(core.tip(party("macau")).count, 2, "nothing was done twice");
}

#[test]
fn a_peer_that_has_seen_more_proves_an_old_disk_and_stops_the_writer() {
    let disk = MemoryDisk::default();
    let (mut macau, mut zhuhai) = (open("macau", &disk), open("zhuhai", &MemoryDisk::default()));
    command(&mut macau, raise(1, &["zhuhai"])).1.unwrap();
    let backup = disk.copy();
    command(&mut macau, raise(2, &["zhuhai"])).1.unwrap();
    pass(&mut macau, &mut zhuhai);
    let mut restored = open("macau", &backup);
    assert_eq!(restored.rolled_back(), None, "nobody has said anything yet");
    for parcel in parcels(&mut zhuhai, &restored, 0) {
        restored.intake(parcel, NOON).unwrap();
    }
    restored.commit().unwrap();
    let refused = |core: &mut Core| match core.submit(submission(1, "ho.macau", raise(3, &["zhuhai"])), NOON) {
        Err(CoreError::RolledBack { peer, seen, have }) => (peer, seen, have),
        other => panic!("{other:?}"),
    };
    assert_eq!(restored.rolled_back(), Some((party("zhuhai"), 2)));
    assert_eq!(refused(&mut restored), (party("zhuhai"), 2, 1));
    assert_eq!(restored.tip(party("macau")).count, 1);
    // Our own replica of Zhuhai's log remembers it: the next start need not hear it again.
    let mut again = open("macau", &backup);
    assert_eq!(refused(&mut again), (party("zhuhai"), 2, 1));
}

#[test]
fn an_own_log_older_than_what_a_replica_has_seen_of_it_stops_the_writer_at_the_start() {
    let [disk, other] = exchange();
    let (mut macau, mut zhuhai) = (open("macau", &disk), open("zhuhai", &other));
    command(&mut zhuhai, raise(3, &["macau"])).1.unwrap(); // has seen four entries of Macau
    pass(&mut zhuhai, &mut macau);
    assert_eq!(macau.tip(party("macau")).count, 5);
    drop(macau);
    disk.damage(&journal_file("macau"), |bytes| {
        let FrameLength::Bytes(first) = frame_length(bytes) else { panic!("a whole frame") };
        bytes.truncate(first);
    });
    let core = open("macau", &disk);
    assert_eq!(core.rolled_back(), Some((party("zhuhai"), 4)));
    assert_eq!(core.tip(party("macau")).count, 1, "not even a receipt was written");
}

/// A view whose reads fail once, when told to.
struct Doubtful {
    view: MemoryView,
    fail: Arc<AtomicBool>,
    prefix: u8,
}

impl Doubtful {
    fn check(&self, key: &[u8]) -> Result<(), ViewError> {
        let hit = key.first() == Some(&self.prefix) && self.fail.swap(false, Ordering::SeqCst);
        if hit { Err(ViewError::Row { table: self.prefix }) } else { Ok(()) }
    }
}

impl RowStore for Doubtful {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, ViewError> {
        self.view.get(key)
    }
    fn scan(&self, prefix: &[u8]) -> Result<Vec<(Vec<u8>, Vec<u8>)>, ViewError> {
        self.check(prefix)?;
        self.view.scan(prefix)
    }
}

impl ViewStore for Doubtful {
    fn trusted(&self) -> Option<Checkpoint> {
        self.view.trusted()
    }
    fn apply(&mut self, changes: Changes, checkpoint: &Checkpoint) -> Result<(), ViewError> {
        self.check(&[self.prefix])?;
        self.view.apply(changes, checkpoint)
    }
    fn reset(&mut self) -> Result<(), ViewError> {
        self.view.reset()
    }
    fn flush(&mut self) -> Result<(), ViewError> {
        Ok(())
    }
    fn rows(&self) -> &dyn RowStore {
        self
    }
}

fn doubtful(disk: &MemoryDisk) -> (Core, Arc<AtomicBool>) {
    let fail = Arc::default();
    let prefix = tongcha_domain::view::Table::Urgent.byte();
    let view = Doubtful { view: MemoryView::default(), fail: Arc::clone(&fail), prefix };
    (open_with("macau", disk, Box::new(view)).unwrap(), fail)
}

#[test]
fn a_view_in_doubt_loses_no_outcome_and_no_entry() {
    let disk = MemoryDisk::default();
    let (mut core, fail) = doubtful(&disk);
    core.submit(submission(1, "ho.macau", raise(1, &["zhuhai"])), NOON).unwrap();
    fail.store(true, Ordering::SeqCst);
    assert!(matches!(core.commit(), Err(CoreError::View(_))));
    core.rebuild_view().unwrap();
    let outcomes = core.commit().unwrap();
    assert_eq!(outcomes.len(), 1);
    assert_eq!(core.state_root(), open("macau", &disk).state_root());

    core.submit(submission(2, "ho.macau", raise(2, &["zhuhai"])), NOON).unwrap();
    fail.store(true, Ordering::SeqCst);
    assert!(matches!(core.submit(submission(3, "ho.macau", ack(2)), NOON), Err(CoreError::View(_))));
    core.rebuild_view().unwrap(); // what was staged before the doubt becomes durable, and is told
    assert_eq!(core.commit().unwrap().len(), 1);
    assert_eq!(core.state_root(), open("macau", &disk).state_root());
}

#[test]
fn a_receipt_that_a_doubtful_view_prevented_is_made_with_the_next_input() {
    let disk = MemoryDisk::default();
    let (mut macau, fail) = doubtful(&disk);
    let mut zhuhai = open("zhuhai", &MemoryDisk::default());
    command(&mut zhuhai, raise(1, &["macau"])).1.unwrap();
    let parcel = parcels(&mut zhuhai, &macau, 0).remove(0);
    fail.store(true, Ordering::SeqCst); // the scan of the receipt's decision
    assert!(matches!(macau.intake(parcel, NOON), Err(CoreError::View(_))));
    macau.rebuild_view().unwrap();
    assert_eq!((macau.tip(party("zhuhai")).count, macau.tip(party("macau")).count), (1, 0));
    assert_eq!(command(&mut macau, ack(1)).1.unwrap().seq, 1, "after the receipt");
    let recorded = macau.outgoing(party("zhuhai"), 0, 1).unwrap().remove(0);
    let recorded = zhuhai.opener().open(party("macau"), &recorded.bytes).unwrap();
    assert_eq!(recorded.entry.header().kind, EventKind::UrgentDelivered);
}
