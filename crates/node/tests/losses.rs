//! Bodies that went with a disk while they were on their way: the addressee takes the entries, doubts the log until the log
//! itself says what is lost, and has every later entry.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)] // helpers of tests, too, stop at what is wrong

mod support;

use std::collections::BTreeMap;
use std::sync::Arc;

use support::{MemoryDisk, NOON, command, directory, open, parcels, party, pass, raise, secrets, urgent};
use tongcha_domain::event::{Event, EventKind};
use tongcha_domain::recovery::{LOST_MAX, LogRecovered};
use tongcha_domain::urgent::UrgentFacts;
use tongcha_ledger::canonical;
use tongcha_ledger::frame::{FrameRead, read_frame};
use tongcha_ledger::parcel::{Parcel, ParcelBody, ParcelOpener};
use tongcha_node::core::{Core, IntakeResult, LostBody, Outgoing};
use tongcha_node::recovery::{HeldBody, HeldEntry, Holding, Plan, Source, held_copy, held_here, plan, restore};

/// Macau's log: what Hengqin has of it, Zhuhai may lack.
struct Three {
    disk: MemoryDisk,
    macau: Core,
    zhuhai_disk: MemoryDisk,
    zhuhai: Core,
    hengqin: Core,
}

impl Three {
    fn new() -> Self {
        let (disk, zhuhai_disk) = (MemoryDisk::default(), MemoryDisk::default());
        let (macau, zhuhai) = (open("macau", &disk), open("zhuhai", &zhuhai_disk));
        Self { disk, macau, zhuhai_disk, zhuhai, hengqin: open("hengqin", &MemoryDisk::default()) }
    }

    /// Macau raises a notice, and Hengqin has the entry; returns where it stands.
    fn raise(&mut self, number: u128, to: &[&str]) -> u64 {
        let seq = command(&mut self.macau, raise(number, to)).1.unwrap().seq;
        pass(&mut self.macau, &mut self.hengqin);
        seq
    }

    /// What both peers give back of Macau's log, and what another source holds.
    fn plan(&mut self, of: &[&str], more: Vec<Holding>) -> Plan {
        let mut holdings = more;
        for (name, peer) in [("zhuhai", &mut self.zhuhai), ("hengqin", &mut self.hengqin)] {
            let entries = if of.contains(&name) { given(peer) } else { Vec::new() };
            holdings.push(Holding { source: Source::Peer(party(name)), entries });
        }
        plan(party("macau"), party("macau"), holdings, &[]).unwrap()
    }

    /// Macau's disk is lost; its log comes back from what some peers give.
    fn lose_disk(&mut self, of: &[&str]) {
        let restored = self.plan(of, Vec::new());
        self.disk = MemoryDisk::default();
        self.come_back(&restored);
    }

    fn come_back(&mut self, restored: &Plan) {
        for (name, peer) in [("zhuhai", &mut self.zhuhai), ("hengqin", &mut self.hengqin)] {
            bring(peer, name, "macau", &self.disk);
        }
        restore(&mut self.disk.clone(), restored, true).unwrap();
        self.disk = self.disk.after_power_cut();
        self.macau = open("macau", &self.disk);
    }

    fn said(&self) -> Vec<LogRecovered> {
        let entries = held_here(&self.disk, party("macau"), &directory()).unwrap().0.entries;
        // What a recovery put aside is read as well: each entry once.
        let by_seq: BTreeMap<u64, HeldEntry> =
            entries.into_iter().map(|held| (held.entry.header().seq, held)).collect();
        let said = by_seq.into_values().filter(|held| held.entry.header().kind == EventKind::LogRecovered);
        said.map(|HeldEntry { entry, body }| {
            let HeldBody::Open(sealed, key) = body else { panic!("{body:?}") };
            let Event::LogRecovered(said) = sealed.open(&key, entry.header()).unwrap().event else { panic!() };
            said
        })
        .collect()
    }
}

/// What a peer holds of Macau's log.
fn given(peer: &mut Core) -> Vec<HeldEntry> {
    let opener = ParcelOpener::new(Arc::new(secrets("macau")), Arc::new(directory()));
    let parcels = peer.returned(party("macau"), 0, usize::MAX).unwrap();
    let from = peer.me();
    parcels.iter().map(|Outgoing { bytes, .. }| opener.open_returned(from, bytes).unwrap().into()).collect()
}

/// Brings the replica of a party's own log on another's disk up to date, as the command does.
fn bring(origin: &mut Core, name: &str, reader: &str, disk: &MemoryDisk) -> Plan {
    let opener = ParcelOpener::new(Arc::new(secrets(reader)), Arc::new(directory()));
    let (held, _) = held_here(disk, party(name), &directory()).unwrap();
    let parcels = origin.outgoing(party(reader), held.ask_from(party(reader)), usize::MAX).unwrap();
    let entries =
        parcels.iter().map(|Outgoing { bytes, .. }| opener.open(party(name), bytes).unwrap().into()).collect();
    let theirs = Holding { source: Source::Peer(party(name)), entries };
    let replica = plan(party(name), party(reader), vec![held, theirs], &[]).unwrap();
    restore(&mut disk.clone(), &replica, false).unwrap();
    replica
}

/// Where the last frame begins.
fn last_frame(bytes: &[u8]) -> usize {
    let (mut at, mut last) = (0, 0);
    while let FrameRead::Whole(_, len) = read_frame(&bytes[at..]) {
        (last, at) = (at, at + len);
    }
    last
}

fn has_notice(core: &Core, number: u128) -> bool {
    core.rows().sides::<UrgentFacts>(&urgent(number)).unwrap().raised().is_some()
}

fn doubts(core: &Core) -> (usize, bool) {
    (core.unsaid_losses(party("macau")), core.in_doubt(party("macau"), NOON))
}

#[test]
fn a_lost_body_halts_nobody_and_is_doubted_until_the_log_says_so() {
    let mut three = Three::new();
    three.raise(1, &["zhuhai"]);
    pass(&mut three.macau, &mut three.zhuhai);
    let on_the_way = [three.raise(2, &["zhuhai"]), three.raise(4, &["zhuhai"])];
    three.raise(3, &["hengqin", "zhuhai"]);
    three.lose_disk(&["zhuhai", "hengqin"]);
    let said = three.said();
    assert_eq!(said.len(), 1);
    assert_eq!(said[0].recovery.lost, on_the_way.into(), "the first is with Zhuhai, the other also with Hengqin");
    assert_eq!(said[0].recovery.bodies_missing, 2);
    three.raise(5, &["zhuhai"]);

    let next = three.zhuhai.tip(party("macau")).count;
    let coming = parcels(&mut three.macau, &three.zhuhai, next);
    let recovery = coming.iter().position(|parcel| parcel.entry.header().kind == EventKind::LogRecovered).unwrap();
    for parcel in &coming[..recovery] {
        assert_eq!(three.zhuhai.intake(parcel.clone(), NOON).unwrap(), IntakeResult::Taken(1));
        assert!(doubts(&three.zhuhai).1, "at once, also before it is on disk");
    }
    three.zhuhai.commit().unwrap();
    assert_eq!(doubts(&three.zhuhai), (2, true));
    assert!(three.zhuhai.lost_bodies(party("macau"), 9).unwrap().iter().all(|lost| !lost.said));
    let mut again = open("zhuhai", &three.zhuhai_disk.after_power_cut());
    again.announce(party("macau"), next, NOON);
    assert_eq!(doubts(&again), (2, true), "also after a start");
    for parcel in &coming[recovery..] {
        three.zhuhai.intake(parcel.clone(), NOON).unwrap();
    }
    three.zhuhai.commit().unwrap();
    assert_eq!(doubts(&three.zhuhai), (0, false));
    let lost = three.zhuhai.lost_bodies(party("macau"), 9).unwrap();
    let named = |seq: &u64| LostBody { seq: *seq, kind: EventKind::UrgentRaised, recorded_at: NOON, said: true };
    assert_eq!(lost, on_the_way.iter().map(named).collect::<Vec<_>>());
    assert_eq!(
        three.zhuhai.lost_bodies(party("macau"), 1).unwrap(),
        [named(&on_the_way[1])],
        "the newest first of all"
    );
    assert_eq!([1, 2, 4, 3, 5].map(|number| has_notice(&three.zhuhai, number)), [true, false, false, true, true]);
    assert_eq!(three.zhuhai.tip(party("macau")), three.macau.tip(party("macau")));
    let root = three.zhuhai.state_root();
    let mut again = open("zhuhai", &three.zhuhai_disk.after_power_cut());
    again.announce(party("macau"), 0, NOON);
    assert_eq!((again.state_root(), doubts(&again)), (root, (0, false)));
}

#[test]
fn a_peer_that_says_lost_without_a_recovery_stays_in_doubt() {
    let mut three = Three::new();
    let seq = three.raise(1, &["zhuhai"]);
    three.raise(2, &["zhuhai"]);
    let outgoing = three.macau.outgoing(party("zhuhai"), 0, usize::MAX).unwrap();
    let lost = |outgoing: &Outgoing| {
        let mut parcel: Parcel = canonical::decode(&outgoing.bytes, outgoing.bytes.len()).unwrap();
        if outgoing.seq == seq {
            parcel.body = ParcelBody::Lost;
        }
        three.zhuhai.opener().open(party("macau"), &parcel.encode().unwrap()).unwrap()
    };
    let coming: Vec<_> = outgoing.iter().map(lost).collect();
    let full = three.zhuhai.opener().open(party("macau"), &outgoing[usize::try_from(seq).unwrap()].bytes).unwrap();
    for parcel in coming.clone() {
        three.zhuhai.intake(parcel, NOON).unwrap();
    }
    three.zhuhai.commit().unwrap();
    assert_eq!(doubts(&three.zhuhai), (1, true));
    // It has to say in its log, to everybody, that the body is gone.
    three.lose_disk(&["hengqin"]);
    assert!(three.said()[0].recovery.lost.contains(&seq));
    pass(&mut three.macau, &mut three.zhuhai);
    assert_eq!(doubts(&three.zhuhai), (0, false));
    assert_eq!(three.zhuhai.intake(full, NOON).unwrap(), IntakeResult::Duplicate, "what was taken stays as it is");
}

#[test]
fn a_body_that_is_here_is_not_given_up() {
    let mut three = Three::new();
    let seq = three.raise(1, &["zhuhai"]);
    pass(&mut three.macau, &mut three.zhuhai);
    let before = three.zhuhai.state_root();
    // Macau restores its log without asking Zhuhai for the body, and says that it is lost.
    three.lose_disk(&["hengqin"]);
    assert!(three.said()[0].recovery.lost.contains(&seq));
    let again = parcels(&mut three.macau, &three.zhuhai, seq).remove(0);
    assert!(again.lost);
    assert_eq!(three.zhuhai.intake(again, NOON).unwrap(), IntakeResult::Duplicate);
    pass(&mut three.macau, &mut three.zhuhai);
    assert_eq!((three.zhuhai.bodies_lost(party("macau")), doubts(&three.zhuhai)), (0, (0, false)));
    assert!(has_notice(&three.zhuhai, 1));
    assert_ne!(three.zhuhai.state_root(), before, "the recovery is one more entry");
    // Whoever has it gives it back: the next recovery misses less.
    let restored =
        three.plan(&["zhuhai", "hengqin"], vec![held_here(&three.disk, party("macau"), &directory()).unwrap().0]);
    assert!(restored.missing.iter().all(|missing| missing.seq != seq));
    three.come_back(&restored);
    let said = three.said();
    assert_eq!((said.len(), said[1].recovery.lost.len()), (2, 0));
    assert!(has_notice(&three.macau, 1));
}

#[test]
fn a_body_that_is_found_again_fills_the_gap_when_the_addressee_recovers_too() {
    let mut three = Three::new();
    let seq = three.raise(1, &["zhuhai"]);
    let copy = three.disk.copy();
    three.lose_disk(&["zhuhai", "hengqin"]);
    pass(&mut three.macau, &mut three.zhuhai);
    assert_eq!((three.zhuhai.bodies_lost(party("macau")), has_notice(&three.zhuhai, 1)), (1, false));

    let here = held_here(&three.disk, party("macau"), &directory()).unwrap().0;
    let found = held_copy(&copy, "backup", party("macau"), &directory()).unwrap();
    let restored = three.plan(&["zhuhai", "hengqin"], vec![here, found]);
    assert!(restored.missing.is_empty());
    three.come_back(&restored);
    pass(&mut three.macau, &mut three.zhuhai);
    assert_eq!(three.zhuhai.bodies_lost(party("macau")), 1, "an entry that was taken is not taken again by itself");
    let disk = three.zhuhai_disk.after_power_cut();
    let replica = bring(&mut three.macau, "macau", "zhuhai", &disk);
    assert!(matches!(replica.entries[usize::try_from(seq).unwrap()].body, HeldBody::Open(..)));
    let again = open("zhuhai", &disk.after_power_cut());
    assert_eq!((again.bodies_lost(party("macau")), has_notice(&again, 1)), (0, true));
}

#[test]
fn a_party_recovers_although_a_peers_log_has_lost_bodies() {
    let mut three = Three::new();
    three.raise(1, &["zhuhai"]);
    three.lose_disk(&["zhuhai", "hengqin"]);
    // Zhuhai's whole disk is lost: what Macau has lost does not keep Zhuhai from its own.
    let replica = bring(&mut three.macau, "macau", "zhuhai", &MemoryDisk::default());
    assert!(replica.missing.is_empty());
    assert_eq!(replica.tip, three.macau.tip(party("macau")));
}

#[test]
fn more_losses_than_one_entry_names_are_said_in_several() {
    let mut three = Three::new();
    let many = LOST_MAX as u128 + 2;
    for number in 0..many {
        let submission = support::submission(1, "ho.macau", raise(number, &["zhuhai"]));
        three.macau.submit(submission, NOON).unwrap();
    }
    three.macau.commit().unwrap();
    pass(&mut three.macau, &mut three.hengqin);
    let restored = three.plan(&["zhuhai", "hengqin"], Vec::new());
    three.disk = MemoryDisk::default();
    three.come_back(&restored);
    let said: Vec<usize> = three.said().iter().map(|said| said.recovery.lost.len()).collect();
    assert_eq!(said, [LOST_MAX, 2]);
    assert!(three.said().iter().all(|said| said.recovery.bodies_missing == restored.missing.len() as u64));
    pass(&mut three.macau, &mut three.zhuhai);
    assert_eq!(doubts(&three.zhuhai), (0, false));
    assert_eq!(three.zhuhai.bodies_lost(party("macau")), LOST_MAX + 2);
    // A crash between the two: the first is not said again, the second is.
    let mut disk = MemoryDisk::default();
    for (name, peer) in [("zhuhai", &mut three.zhuhai), ("hengqin", &mut three.hengqin)] {
        bring(peer, name, "macau", &disk);
    }
    restore(&mut disk, &restored, true).unwrap();
    let pending = disk.files().written["recovery/pending"].clone();
    let whole = open("macau", &disk).tip(party("macau")).count;
    disk.damage("journal/macau.log", |bytes| bytes.truncate(last_frame(bytes)));
    disk.damage("recovery/pending", |bytes| *bytes = pending);
    let again = open("macau", &disk);
    assert_eq!(again.tip(party("macau")).count, whole);
    three.disk = disk;
    let said: Vec<usize> = three.said().iter().map(|said| said.recovery.lost.len()).collect();
    assert_eq!(said, [LOST_MAX, 2]);
}
