//! A log that was lost, cut or edited: found at the start, refused to be written, and put together again from what the
//! peers hold.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)] // helpers of tests, too, stop at what is wrong

mod support;

use std::sync::Arc;

use support::{
    MemoryDisk, NOON, command, directory, journal_file, open, open_awaiting, open_with, party, pass, raise, secrets,
    submission,
};
use tongcha_domain::event::{Event, EventKind};
use tongcha_ledger::checkpoint::SignedCheckpoint;
use tongcha_ledger::entry::Leaf;
use tongcha_ledger::frame::{FrameRead, Record, read_frame};
use tongcha_ledger::parcel::ParcelOpener;
use tongcha_node::core::{Core, CoreError, Cosigned, OpenError, Outgoing};
use tongcha_node::journal::JournalError;
use tongcha_node::recovery::{
    HeldBody, HeldEntry, Holding, KnownTree, Plan, PlanError, Source, held_copy, held_here, plan, raise_floor, restore,
};
use tongcha_node::view::MemoryView;

const MACAU: &str = "journal/macau.log";

/// Macau's log: notices to the others, and between them refused commands, which stay in Macau.
struct Exchange {
    disks: [MemoryDisk; 3],
    macau: Core,
    peers: [Core; 2],
    number: u128,
}

impl Exchange {
    fn new() -> Self {
        let disks = [MemoryDisk::default(), MemoryDisk::default(), MemoryDisk::default()];
        let (macau, zhuhai, hengqin) =
            (open("macau", &disks[0]), open("zhuhai", &disks[1]), open("hengqin", &disks[2]));
        Self { disks, macau, peers: [zhuhai, hengqin], number: 0 }
    }

    /// Macau raises a notice to one or both peers, and has a command of its own refused.
    fn work(&mut self, to: &[&str]) {
        self.number += 1;
        command(&mut self.macau, raise(self.number, to)).1.unwrap();
        self.macau.submit(submission(1, "cw.macau", raise(self.number, to)), NOON).unwrap();
        assert!(self.macau.commit().unwrap().remove(0).1.is_err());
        self.peers.iter_mut().for_each(|peer| drop(pass(&mut self.macau, peer)));
        let [zhuhai, hengqin] = &mut self.peers;
        pass(zhuhai, &mut self.macau); // their receipts
        pass(hengqin, &mut self.macau);
    }

    fn leaves(&self) -> Vec<Leaf> {
        (0..self.macau.tip(party("macau")).count).map(|seq| leaf(&self.macau, seq)).collect()
    }

    /// What the peers give back to Macau from a position on.
    fn given(&mut self, from: u64) -> Vec<Holding> {
        self.peers.iter_mut().map(|peer| given(peer, from)).collect()
    }
}

fn leaf(core: &Core, seq: u64) -> Leaf {
    core.leaf(party("macau"), seq).unwrap().unwrap()
}

fn given(peer: &mut Core, from: u64) -> Holding {
    let opener = ParcelOpener::new(Arc::new(secrets("macau")), Arc::new(directory()));
    let me = peer.me();
    let parcels = peer.returned(party("macau"), from, usize::MAX).unwrap();
    let entries =
        parcels.iter().map(|Outgoing { bytes, .. }| HeldEntry::from(opener.open_returned(me, bytes).unwrap()));
    Holding { source: Source::Peer(me), entries: entries.collect() }
}

fn here(disk: &MemoryDisk) -> Holding {
    held_here(disk, party("macau"), &directory()).unwrap().0
}

fn joined(holdings: Vec<Holding>, trees: &[KnownTree]) -> Result<Plan, PlanError> {
    plan(party("macau"), party("macau"), holdings, trees)
}

/// Brings the replicas of a restored disk up to what Macau had seen, as the command does from the peers' own logs.
fn bring_replicas(exchange: &mut Exchange, disk: &MemoryDisk) {
    for (name, peer) in ["zhuhai", "hengqin"].into_iter().zip(0..) {
        let origin = party(name);
        let (held, _) = held_here(disk, origin, &directory()).unwrap();
        let opener = ParcelOpener::new(Arc::new(secrets("macau")), Arc::new(directory()));
        let from = held.ask_from(party("macau"));
        let parcels = exchange.peers[peer].outgoing(party("macau"), from, usize::MAX).unwrap();
        let entries = parcels.iter().map(|Outgoing { bytes, .. }| HeldEntry::from(opener.open(origin, bytes).unwrap()));
        let theirs = Holding { source: Source::Peer(origin), entries: entries.collect() };
        let replica = plan(origin, party("macau"), vec![held, theirs], &[]).unwrap();
        restore(&mut disk.clone(), &replica, false).unwrap();
    }
}

/// What the last own entry on a disk says.
fn last_event(disk: &MemoryDisk) -> Event {
    let HeldEntry { entry, body } = here(disk).entries.pop().unwrap();
    let HeldBody::Open(sealed, key) = body else { panic!("{body:?}") };
    sealed.open(&key, entry.header()).unwrap().event
}

#[test]
fn an_old_disk_is_not_written_and_gets_every_entry_back_from_the_peers() {
    let mut exchange = Exchange::new();
    exchange.work(&["zhuhai"]);
    let old = exchange.disks[0].copy();
    let had = exchange.macau.tip(party("macau")).count;
    (0..4).for_each(|_| exchange.work(&["zhuhai", "hengqin"]));
    let accepted = exchange.leaves();

    let mut macau = open_awaiting("macau", &old);
    let refused = macau.submit(submission(1, "ho.macau", raise(99, &["zhuhai"])), NOON);
    assert!(matches!(refused, Err(CoreError::Unconfirmed)));
    let shown = given(&mut exchange.peers[0], had - 1);
    let entries: Vec<_> = shown.entries.into_iter().map(|held| held.entry).collect();
    macau.hear_own(party("zhuhai"), &entries).unwrap();
    macau.begin_writing(NOON).unwrap();
    assert_eq!(macau.rolled_back(), Some((party("zhuhai"), accepted.len() as u64)));
    let refused = macau.submit(submission(1, "ho.macau", raise(99, &["zhuhai"])), NOON);
    assert!(refused.unwrap_err().to_string().contains("`recover`"));
    macau.tick(NOON).unwrap();
    macau.commit().unwrap();
    assert_eq!(macau.tip(party("macau")).count, had, "nothing was written meanwhile");
    drop(macau);

    let here = here(&old);
    let from = here.ask_from(party("macau"));
    assert_eq!(from, had - 1);
    let mut holdings = vec![here];
    holdings.extend(exchange.given(from));
    let restored = joined(holdings, &[]).unwrap();
    let lost: Vec<_> = restored.missing.iter().map(|missing| missing.kind).collect();
    assert_eq!(lost, [EventKind::CommandRefused; 4], "only what never left Macau has lost its body");
    assert_eq!(restored.recovery.kept, had);
    bring_replicas(&mut exchange, &old);
    assert!(restore(&mut old.clone(), &restored, true).unwrap());

    let disk = old.after_power_cut();
    let mut macau = open_awaiting("macau", &disk);
    let shown = given(&mut exchange.peers[1], accepted.len() as u64 - 1);
    macau.hear_own(party("hengqin"), &shown.entries.into_iter().map(|held| held.entry).collect::<Vec<_>>()).unwrap();
    macau.begin_writing(NOON).unwrap();
    assert_eq!(macau.rolled_back(), None);
    macau.tick(NOON).unwrap();
    macau.commit().unwrap();
    assert_eq!((0..accepted.len() as u64).map(|seq| leaf(&macau, seq)).collect::<Vec<_>>(), accepted);
    assert_eq!(macau.tip(party("macau")).count, accepted.len() as u64 + 1, "the recovery alone was written");
    let Event::LogRecovered(said) = last_event(&disk) else { panic!() };
    assert_eq!(said.recovery, restored.recovery);
    for peer in &mut exchange.peers {
        pass(&mut macau, peer);
        assert!(!peer.peers()[&party("macau")].forked);
        assert_eq!(peer.tip(party("macau")), macau.tip(party("macau")));
    }
    command(&mut macau, raise(100, &["zhuhai"])).1.unwrap();
    let root = macau.state_root();
    drop(macau);
    // A party without a view folds the same from the files: absent bodies are absent to everybody who reads them.
    let again = open_with("macau", &disk.after_power_cut(), Box::<MemoryView>::default());
    assert_eq!(again.unwrap().state_root(), root);
}

#[test]
fn a_body_that_no_peer_was_told_comes_back_from_a_copy_of_the_files() {
    let mut exchange = Exchange::new();
    (0..3).for_each(|_| exchange.work(&["zhuhai"]));
    let copy = exchange.disks[0].copy();
    exchange.work(&["zhuhai"]);
    let empty = MemoryDisk::default();
    let mut holdings = vec![here(&empty)];
    assert_eq!(holdings[0].ask_from(party("macau")), 0);
    holdings.extend(exchange.given(0));
    let without = joined(holdings.clone(), &[]).unwrap();
    assert_eq!(without.missing.len(), 4);
    holdings.push(held_copy(&copy, "backup", party("macau"), &directory()).unwrap());
    let with = joined(holdings, &[]).unwrap();
    assert_eq!(with.missing.len(), 1, "the copy has all but the last");
    assert_eq!((with.recovery.kept, with.recovery.copied), (0, with.entries.len() as u64 - 2));
    let leaves: Vec<_> = with.entries.iter().map(|held| held.entry.leaf()).collect();
    assert_eq!(leaves, exchange.leaves());
}

#[test]
fn a_recovery_that_is_interrupted_is_done_again() {
    let mut exchange = Exchange::new();
    exchange.work(&["zhuhai"]);
    let old = exchange.disks[0].copy();
    (0..3).for_each(|_| exchange.work(&["zhuhai"]));
    bring_replicas(&mut exchange, &old);
    let whole = exchange.leaves();
    for failing in [MACAU, "body-keys/macau.keys", "recovery/pending"] {
        let disk = old.copy();
        disk.files().failing = Some(failing.to_owned());
        let mut holdings = vec![here(&disk)];
        holdings.extend(exchange.given(0));
        assert!(restore(&mut disk.clone(), &joined(holdings, &[]).unwrap(), true).is_err(), "{failing}");
        let disk = disk.after_power_cut();
        let mut holdings = vec![here(&disk)];
        holdings.extend(exchange.given(0));
        let restored = joined(holdings, &[]).unwrap();
        restore(&mut disk.clone(), &restored, true).unwrap();
        assert!(!restore(&mut disk.clone(), &restored, true).unwrap(), "the second time there is nothing to do");
        let macau = open("macau", &disk.after_power_cut());
        assert_eq!((0..whole.len() as u64).map(|seq| leaf(&macau, seq)).collect::<Vec<_>>(), whole);
    }
}

#[test]
fn two_histories_holes_and_foreign_checkpoints_are_refused_by_name() {
    let mut exchange = Exchange::new();
    exchange.work(&["zhuhai"]);
    let before = exchange.disks[0].copy();
    exchange.work(&["zhuhai"]);
    let own = here(&exchange.disks[0]);
    let (first, last) = (exchange.given(0), exchange.leaves().len() as u64);

    // Written on after a rollback: another entry for a position that Zhuhai has.
    let mut forked = open("macau", &before);
    command(&mut forked, raise(77, &["zhuhai"])).1.unwrap();
    drop(forked);
    let mut holdings = vec![here(&before)];
    holdings.extend(first.clone());
    let refused = joined(holdings, &[]).unwrap_err();
    let PlanError::TwoHistories { one, other, .. } = &refused else { panic!("{refused}") };
    assert_eq!((one, other), (&Source::Disk, &Source::Peer(party("hengqin"))));

    let mut torn = first.clone();
    torn.iter_mut().for_each(|holding| drop(holding.entries.remove(1)));
    assert!(matches!(joined(torn, &[]), Err(PlanError::Hole { seq: 1, later: 2, .. })));

    let signed = exchange.macau.checkpoint(NOON).unwrap().unwrap().head();
    let tree = |head| [KnownTree { source: Source::Peer(party("zhuhai")), head }];
    assert!(joined(vec![own.clone()], &tree(signed)).is_ok());
    let mut short = vec![own.clone()];
    short[0].entries.pop();
    let refused = joined(short, &tree(signed)).unwrap_err();
    assert!(matches!(refused, PlanError::Short { size, have, .. } if size == last && have == last - 1), "{refused}");
    let mut other = signed;
    other.root[0] ^= 1;
    assert!(matches!(joined(vec![own], &tree(other)), Err(PlanError::OtherTree { .. })));

    let hengqin_only = vec![here(&MemoryDisk::default()), first[1].clone()];
    let refused = joined(hengqin_only, &[]).unwrap_err();
    assert!(matches!(refused, PlanError::NotAsked { told, .. } if told == party("zhuhai")), "{refused}");
}

/// Cuts a journal into its records.
fn records(bytes: &[u8]) -> Vec<Record> {
    let (mut at, mut records) = (0, Vec::new());
    while let FrameRead::Whole(record, len) = read_frame(&bytes[at..]) {
        records.push(record);
        at += len;
    }
    assert_eq!(at, bytes.len());
    records
}

/// Writes frames anew, with checksums that fit.
fn reframed(bytes: &mut Vec<u8>, change: impl FnOnce(&mut Vec<Record>)) {
    let mut all = records(bytes);
    change(&mut all);
    *bytes = all.iter().flat_map(|record| record.to_frame().unwrap()).collect();
}

fn start_error(disk: &MemoryDisk) -> CoreError {
    match open_with("macau", disk, Box::<MemoryView>::default()) {
        Err(OpenError::Core(error)) => error,
        Err(error) => panic!("{error}"),
        Ok(core) => panic!("started with {} entries", core.tip(party("macau")).count),
    }
}

#[test]
fn every_edit_of_the_own_log_is_found_at_the_start_and_mended_from_the_peers() {
    let mut exchange = Exchange::new();
    (0..3).for_each(|_| exchange.work(&["zhuhai", "hengqin"]));
    exchange.macau.checkpoint(NOON).unwrap();
    let last = exchange.leaves().len() - 1;
    type Edit = (&'static str, fn(&mut Vec<u8>, usize));
    let edits: [Edit; 6] = [
        ("a flipped bit", |bytes, _| {
            let middle = bytes.len() / 2;
            bytes[middle] ^= 4;
        }),
        ("another entry in the middle", |bytes, _| {
            reframed(bytes, |all| *all[1].entry.last_mut().unwrap() ^= 1);
        }),
        ("another last entry", |bytes, last| {
            reframed(bytes, |all| *all[last].entry.last_mut().unwrap() ^= 1);
        }),
        ("another body", |bytes, _| {
            reframed(bytes, |all| *all[0].body.as_mut().unwrap().ciphertext.last_mut().unwrap() ^= 1);
        }),
        ("a body taken away", |bytes, _| reframed(bytes, |all| all[0].body = None)),
        ("an entry left out", |bytes, _| reframed(bytes, |all| drop(all.remove(1)))),
    ];
    for (what, edit) in edits {
        let disk = exchange.disks[0].copy();
        disk.damage(MACAU, |bytes| edit(bytes, last));
        let error = start_error(&disk);
        assert!(error_says(&error, "`recover`"), "{what}: {error:?}");
        let mut holdings = vec![here(&disk)];
        holdings.extend(exchange.given(holdings[0].ask_from(party("macau"))));
        let restored = joined(holdings, &[]).unwrap();
        restore(&mut disk.clone(), &restored, true).unwrap();
        let macau = open("macau", &disk.after_power_cut());
        assert_eq!((0..=last as u64).map(|seq| leaf(&macau, seq)).collect::<Vec<_>>(), exchange.leaves(), "{what}");
    }
    // A whole entry cut off the end leaves a good log, but not the one whose checkpoint was signed.
    let disk = exchange.disks[0].copy();
    disk.damage(MACAU, |bytes| reframed(bytes, |all| drop(all.pop())));
    assert_eq!(open("macau", &disk).rolled_back(), Some((party("macau"), last as u64 + 1)));
}

fn error_says(error: &CoreError, words: &str) -> bool {
    let mut causes = std::iter::successors(Some(error as &dyn std::error::Error), |cause| cause.source());
    causes.any(|cause| cause.to_string().contains(words))
}

#[test]
fn an_edited_replica_is_found_at_the_start_too() {
    let mut exchange = Exchange::new();
    exchange.work(&["zhuhai", "hengqin"]);
    let disk = exchange.disks[0].copy();
    disk.damage(&journal_file("zhuhai"), |bytes| reframed(bytes, |all| *all[0].entry.last_mut().unwrap() ^= 1));
    assert!(matches!(start_error(&disk), CoreError::Changed { origin, .. } if origin == party("zhuhai")));
    let disk = exchange.disks[0].copy();
    disk.damage(&journal_file("zhuhai"), |bytes| {
        reframed(bytes, |all| all[0].body.as_mut().unwrap().ciphertext[0] ^= 1);
    });
    assert!(matches!(start_error(&disk), CoreError::Journal(JournalError::Body { .. })));
}

#[test]
fn a_party_that_waits_for_its_peers_cosigns_and_signs_nothing() {
    let mut exchange = Exchange::new();
    exchange.work(&["zhuhai"]);
    let Exchange { disks, peers: [mut zhuhai, _], .. } = exchange;
    let note = zhuhai.checkpoint(NOON).unwrap().unwrap().note().to_string().into_bytes();
    let mut macau = open_awaiting("macau", &disks[0]);
    assert!(macau.checkpoint(NOON).unwrap().is_none());
    assert_eq!(macau.cosign(party("zhuhai"), &note, NOON).unwrap(), Cosigned::Behind);
    macau.begin_writing(NOON).unwrap();
    assert!(macau.checkpoint(NOON).unwrap().is_some());
    assert!(matches!(macau.cosign(party("zhuhai"), &note, NOON).unwrap(), Cosigned::Signature(_)));
}

#[test]
fn what_a_peer_has_cosigned_is_shown_again_after_a_recovery() {
    // Else a peer that loses its own disk next would take the old tree for the newest, and cosign what is smaller than before.
    let mut exchange = Exchange::new();
    exchange.work(&["zhuhai"]);
    let older = exchange.macau.checkpoint(NOON).unwrap().unwrap();
    let mut old = exchange.disks[0].copy();
    exchange.work(&["zhuhai"]);
    let signed = exchange.macau.checkpoint(NOON.plus_us(600_000_000)).unwrap().unwrap();
    assert!(older.head().size < signed.head().size);
    let note = |checkpoint: &SignedCheckpoint| checkpoint.note().to_string().into_bytes();
    let cosigned = exchange.peers[0].cosign(party("macau"), &note(&signed), NOON).unwrap();
    assert!(matches!(cosigned, Cosigned::Signature(_)));

    let here = here(&old);
    let from = here.ask_from(party("macau"));
    let holdings = [here].into_iter().chain(exchange.given(from)).collect();
    let restored = joined(holdings, &[]).unwrap();
    bring_replicas(&mut exchange, &old);
    let of_peer = note(exchange.peers[0].cosigned(party("macau")).unwrap());
    for shown in [&of_peer, &note(&older)] {
        raise_floor(&mut old, party("macau"), party("macau"), shown, &directory()).unwrap(); // never lowered
    }
    assert!(restore(&mut old, &restored, true).unwrap());
    let macau = open_awaiting("macau", &old.after_power_cut());
    assert_eq!(macau.published().unwrap().head(), signed.head());
    assert_eq!(macau.witnessed().get(&party("zhuhai")), Some(&signed.head().size));
}

#[test]
fn a_peer_gives_back_to_the_origin_and_what_it_did_not_sign_stops_nobody() {
    let mut exchange = Exchange::new();
    exchange.work(&["zhuhai"]);
    // Hengqin was not told of the notice: it gives the entry back, and has no body to give.
    let [zhuhai, hengqin] = &mut exchange.peers;
    assert!(matches!(given(zhuhai, 0).entries[0].body, HeldBody::Open(..)));
    assert_eq!(given(hengqin, 0).entries[0].body, HeldBody::Absent);
    let own = zhuhai.outgoing(party("macau"), 0, 1).unwrap().remove(0).bytes;
    let opened = exchange.macau.opener().open(party("zhuhai"), &own).unwrap();
    exchange.macau.hear_own(party("zhuhai"), &[opened.entry]).unwrap();
    assert_eq!(exchange.macau.rolled_back(), None, "an entry of another log says nothing of ours");
}
