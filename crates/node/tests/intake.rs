//! Intake: entries of peers, in and out of order, repeated, forked, refused; receipts; the root in any order.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)] // helpers of tests, too, stop at what is wrong

mod support;

use std::collections::BTreeMap;

use proptest::prelude::*;
use support::{MemoryDisk, NOON, PARTIES, ack, command, journal_file, open, parcels, party, pass, raise, secrets};
use tongcha_domain::event::EventKind;
use tongcha_domain::time::Instant;
use tongcha_ledger::entry::{Header, VerifiedEntry};
use tongcha_ledger::parcel::{OpenedParcel, Parcel};
use tongcha_node::core::{
    BEHIND_WITHIN_US, Core, CoreError, HEARD_WITHIN_US, IntakeResult, QuarantineReason, Quarantined, STASH_MAX,
    read_quarantine,
};

/// Zhuhai with this many urgent notices for Macau, and Macau, which has heard nothing.
fn telling(notices: u128) -> (Core, Core, MemoryDisk) {
    let disk = MemoryDisk::default();
    let (mut zhuhai, macau) = (open("zhuhai", &MemoryDisk::default()), open("macau", &disk));
    for number in 0..notices {
        command(&mut zhuhai, raise(number, &["macau"])).1.unwrap();
    }
    (zhuhai, macau, disk)
}

fn intake(core: &mut Core, parcel: &OpenedParcel) -> IntakeResult {
    core.intake(parcel.clone(), NOON).unwrap()
}

fn have(core: &Core) -> u64 {
    core.tip(party("zhuhai")).count
}

fn forked(core: &Core) -> bool {
    core.peers()[&party("zhuhai")].forked
}

fn halted(core: &Core) -> Option<QuarantineReason> {
    core.peers()[&party("zhuhai")].halted
}

/// The same entry but for what is changed, signed by its origin: what a dishonest or broken origin can make.
fn changed(parcel: &OpenedParcel, change: impl FnOnce(&mut Header)) -> OpenedParcel {
    let mut header = parcel.entry.header().clone();
    change(&mut header);
    OpenedParcel {
        entry: VerifiedEntry::sign(header, &secrets("zhuhai")).unwrap(),
        body: parcel.body.clone(),
        erased: None,
        lost: false,
    }
}

fn later(parcel: &OpenedParcel) -> OpenedParcel {
    changed(parcel, |header| header.recorded_at = Instant(header.recorded_at.0 + 1))
}

#[test]
fn entries_come_in_order_once_with_a_receipt_for_each_notice() {
    let (mut zhuhai, mut macau, _) = telling(2);
    assert_eq!(pass(&mut zhuhai, &mut macau), [IntakeResult::Taken(1), IntakeResult::Taken(1)]);
    let all = parcels(&mut zhuhai, &macau, 0);
    for parcel in &all {
        assert_eq!(intake(&mut macau, parcel), IntakeResult::Duplicate);
    }
    macau.commit().unwrap();
    let receipts: Vec<_> = parcels(&mut macau, &zhuhai, 0).iter().map(|p| p.entry.header().kind).collect();
    assert_eq!(receipts, [EventKind::UrgentDelivered; 2], "one receipt each, though they came twice");
    assert_eq!((have(&macau), macau.wanted()), (2, vec![]));
}

#[test]
fn a_gap_is_named_waited_for_and_filled() {
    let (mut zhuhai, mut macau, _) = telling(4);
    let all = parcels(&mut zhuhai, &macau, 0);
    for early in [3, 1, 2] {
        assert_eq!(intake(&mut macau, &all[early]), IntakeResult::Early { wanted: 0 });
    }
    macau.commit().unwrap();
    assert_eq!((have(&macau), macau.wanted()), (0, vec![(party("zhuhai"), 0)]));
    assert_eq!(intake(&mut macau, &all[0]), IntakeResult::Taken(4));
    macau.commit().unwrap();
    assert_eq!((have(&macau), macau.wanted()), (4, vec![]));
    assert_eq!(macau.tip(party("zhuhai")), zhuhai.tip(party("zhuhai")));
}

#[test]
fn what_a_peer_announced_and_did_not_bring_is_wanted_and_in_doubt() {
    let (mut zhuhai, mut macau, _) = telling(1);
    let zh = party("zhuhai");
    assert!(macau.in_doubt(zh, NOON), "not heard yet");
    pass(&mut zhuhai, &mut macau);
    assert!(!macau.in_doubt(zh, NOON));
    assert!(macau.in_doubt(zh, NOON.plus_us(HEARD_WITHIN_US + 1)), "not heard for long");
    command(&mut zhuhai, raise(9, &["macau"])).1.unwrap();
    macau.announce(zh, 2, NOON);
    assert_eq!(macau.wanted(), [(zh, 1)]);
    assert!(!macau.in_doubt(zh, NOON), "a tip often overtakes the entry it tells of");
    assert!(macau.in_doubt(zh, NOON.plus_us(BEHIND_WITHIN_US + 1)), "the missing entry may be a revocation");
    pass(&mut zhuhai, &mut macau);
    assert!(!macau.in_doubt(zh, NOON));
    macau.suspect(zh);
    assert!(macau.in_doubt(zh, NOON));
    assert!(!macau.in_doubt(party("macau"), NOON), "its own log never is");
}

#[test]
fn memory_for_early_entries_is_bounded() {
    let (mut zhuhai, mut macau, _) = telling(0);
    for number in 0..(STASH_MAX as u128 + 3) {
        zhuhai.submit(support::submission(1, "ho.zhuhai", raise(number, &["hengqin"])), NOON).unwrap();
    }
    zhuhai.commit().unwrap();
    let mut all = Vec::new();
    while all.len() < STASH_MAX + 3 {
        let more = parcels(&mut zhuhai, &macau, all.len() as u64);
        all.extend(more);
    }
    for parcel in &all[1..] {
        assert_eq!(intake(&mut macau, parcel), IntakeResult::Early { wanted: 0 });
    }
    assert_eq!(intake(&mut macau, &all[0]), IntakeResult::Taken(STASH_MAX as u64 + 1));
    macau.commit().unwrap();
    assert_eq!(pass(&mut zhuhai, &mut macau), [IntakeResult::Taken(1), IntakeResult::Taken(1)], "fetched again");
}

fn assert_halted_for_ever(mut macau: Core, disk: &MemoryDisk, zhuhai: &mut Core, other: &OpenedParcel) {
    macau.commit().unwrap();
    let count = have(&macau);
    let fork = Some(QuarantineReason::Fork);
    assert_eq!((forked(&macau), halted(&macau), macau.in_doubt(party("zhuhai"), NOON)), (true, fork, true));
    let kept: Vec<Quarantined> = read_quarantine(disk).unwrap();
    assert!(kept.iter().any(|kept| kept.reason == QuarantineReason::Fork && kept.bytes == other.entry.bytes()));
    for mut core in [macau, open("macau", &disk.after_power_cut())] {
        assert_eq!((forked(&core), halted(&core), core.wanted()), (true, fork, vec![]));
        for parcel in parcels(zhuhai, &core, 0) {
            assert_eq!(intake(&mut core, &parcel), IntakeResult::Halted(QuarantineReason::Fork));
        }
        core.commit().unwrap();
        assert_eq!(have(&core), count, "nothing more is taken of a log that forked");
    }
}

#[test]
fn a_second_entry_for_a_durable_position_halts_the_log_for_ever() {
    let (mut zhuhai, mut macau, disk) = telling(3);
    let all = parcels(&mut zhuhai, &macau, 0);
    intake(&mut macau, &all[0]);
    intake(&mut macau, &all[1]);
    macau.commit().unwrap();
    let other = later(&all[0]);
    assert_eq!(intake(&mut macau, &other), IntakeResult::Halted(QuarantineReason::Fork));
    assert_halted_for_ever(macau, &disk, &mut zhuhai, &other);
}

#[test]
fn a_second_entry_in_the_same_group_halts_the_log_for_ever() {
    let (mut zhuhai, mut macau, disk) = telling(2);
    let all = parcels(&mut zhuhai, &macau, 0);
    assert_eq!(intake(&mut macau, &all[0]), IntakeResult::Taken(1));
    assert_eq!(intake(&mut macau, &all[0]), IntakeResult::Duplicate);
    let other = later(&all[0]);
    assert_eq!(intake(&mut macau, &other), IntakeResult::Halted(QuarantineReason::Fork));
    assert_halted_for_ever(macau, &disk, &mut zhuhai, &other);
}

#[test]
fn a_second_entry_for_a_position_yet_to_come_halts_the_log_for_ever() {
    let (mut zhuhai, mut macau, disk) = telling(2);
    let all = parcels(&mut zhuhai, &macau, 0);
    assert_eq!(intake(&mut macau, &all[1]), IntakeResult::Early { wanted: 0 });
    assert_eq!(intake(&mut macau, &all[1]), IntakeResult::Early { wanted: 0 });
    let other = later(&all[1]);
    assert_eq!(intake(&mut macau, &other), IntakeResult::Halted(QuarantineReason::Fork));
    let kept = read_quarantine(&disk).unwrap();
    assert!(kept.iter().any(|kept| kept.bytes == all[1].entry.bytes()), "the first of the two is kept as well");
    assert_halted_for_ever(macau, &disk, &mut zhuhai, &other);
}

#[test]
fn an_entry_that_does_not_follow_is_kept_and_stops_the_log_until_the_right_one_comes() {
    let (mut zhuhai, mut macau, disk) = telling(2);
    let all = parcels(&mut zhuhai, &macau, 0);
    intake(&mut macau, &all[0]);
    let wrong_chain = changed(&all[1], |header| header.prev = [9; 32]);
    let wrong_clock = changed(&all[1], |header| header.recorded_at = Instant(NOON.0 - 1));
    for (wrong, reason) in [(wrong_chain, QuarantineReason::Chain), (wrong_clock, QuarantineReason::Clock)] {
        assert_eq!(intake(&mut macau, &wrong), IntakeResult::Halted(reason));
        macau.commit().unwrap();
        assert_eq!((have(&macau), halted(&macau)), (1, Some(reason)));
        assert_eq!(macau.wanted(), [(party("zhuhai"), 1)], "the right entry is asked for");
        assert!(macau.in_doubt(party("zhuhai"), NOON));
        let kept = read_quarantine(&disk.after_power_cut()).unwrap().pop().unwrap();
        let expected = Quarantined { at: NOON, from: party("zhuhai"), reason, bytes: wrong.entry.bytes().to_vec() };
        assert_eq!(kept, expected);
    }
    assert_eq!(macau.peers()[&party("zhuhai")].quarantined, 2);
    assert_eq!(intake(&mut macau, &all[1]), IntakeResult::Taken(1));
    macau.commit().unwrap();
    assert_eq!((have(&macau), halted(&macau), macau.wanted()), (2, None, vec![]));
}

#[test]
fn a_waiting_entry_that_does_not_follow_is_kept_too() {
    let (mut zhuhai, mut macau, disk) = telling(3);
    let all = parcels(&mut zhuhai, &macau, 0);
    let wrong = changed(&all[1], |header| header.prev = [9; 32]);
    intake(&mut macau, &wrong);
    intake(&mut macau, &all[2]);
    assert_eq!(intake(&mut macau, &all[0]), IntakeResult::Taken(1));
    assert_eq!(halted(&macau), Some(QuarantineReason::Chain));
    assert_eq!(read_quarantine(&disk).unwrap()[0].bytes, wrong.entry.bytes());
    assert_eq!(intake(&mut macau, &all[1]), IntakeResult::Taken(2), "the one after it had waited on");
    macau.commit().unwrap();
    assert_eq!((have(&macau), halted(&macau)), (3, None));
}

#[test]
fn what_was_torn_in_the_quarantine_does_not_hide_what_comes_after() {
    let (zhuhai, mut macau, disk) = telling(0);
    drop(zhuhai);
    macau.quarantine(party("zhuhai"), QuarantineReason::Malformed, b"first", NOON).unwrap();
    disk.damage("quarantine.log", |bytes| bytes.extend([40, 0, 0, 0, 1, 2, 3]));
    macau.quarantine(party("zhuhai"), QuarantineReason::BadAsk, b"second", NOON).unwrap();
    let kept = read_quarantine(&disk).unwrap();
    let kept: Vec<_> = kept.iter().map(|kept| (kept.reason, kept.bytes.as_slice())).collect();
    assert_eq!(kept, [(QuarantineReason::Malformed, &b"first"[..]), (QuarantineReason::BadAsk, b"second")]);
    assert_eq!(halted(&macau), Some(QuarantineReason::Malformed), "a bad question does not stop a log");
}

#[test]
fn refused_parcels_have_their_reasons() {
    let (mut zhuhai, macau, _) = telling(1);
    let bytes = zhuhai.outgoing(party("macau"), 0, 1).unwrap().remove(0).bytes;
    let other = zhuhai.outgoing(party("hengqin"), 0, 1).unwrap().remove(0).bytes;
    let reason =
        |from: &str, bytes: &[u8]| QuarantineReason::from(&macau.opener().open(party(from), bytes).unwrap_err());
    assert_eq!(reason("hengqin", &bytes), QuarantineReason::WrongOrigin);
    assert_eq!(reason("zhuhai", &other), QuarantineReason::BadBody);
    assert_eq!(reason("zhuhai", &[0xFF; 9]), QuarantineReason::Malformed);
    assert_eq!(reason("zhuhai", &vec![0; 1 << 20]), QuarantineReason::TooLong);
    let mut parcel: Parcel = tongcha_ledger::canonical::decode(&bytes, bytes.len()).unwrap();
    *parcel.entry.last_mut().unwrap() ^= 1;
    assert_eq!(reason("zhuhai", &parcel.encode().unwrap()), QuarantineReason::BadSignature);
}

#[test]
fn receipts_that_a_crash_prevented_are_made_at_the_next_start() {
    let (mut zhuhai, mut macau, disk) = telling(2);
    for parcel in parcels(&mut zhuhai, &macau, 0) {
        intake(&mut macau, &parcel);
    }
    disk.files().failing = Some(journal_file("macau")); // after the replica was synced, before the own log is
    assert!(matches!(macau.commit(), Err(CoreError::Journal(_))));
    let disk = disk.after_power_cut();
    let mut macau = open("macau", &disk);
    assert_eq!((have(&macau), macau.tip(party("macau")).count), (2, 2));
    let receipts: Vec<_> = parcels(&mut macau, &zhuhai, 0).iter().map(|p| p.entry.header().kind).collect();
    assert_eq!(receipts, [EventKind::UrgentDelivered; 2]);
    let root = macau.state_root();
    assert_eq!(open("macau", &disk.after_power_cut()).state_root(), root, "made once");
}

#[test]
fn keys_of_a_group_that_was_lost_are_written_over() {
    let (mut zhuhai, mut macau, disk) = telling(1);
    pass(&mut zhuhai, &mut macau);
    let own = command(&mut macau, ack(0)).1.unwrap().seq;
    macau.submit(support::submission(1, "ho.macau", raise(7, &["zhuhai"])), NOON).unwrap();
    disk.files().failing = Some(journal_file("macau")); // its key is durable, the entry is not
    macau.commit().unwrap_err();
    let disk = disk.after_power_cut();
    let mut macau = open("macau", &disk);
    assert_eq!(macau.tip(party("macau")).count, own + 1);
    command(&mut macau, raise(8, &["zhuhai"])).1.unwrap();
    assert_eq!(open("macau", &disk).state_root(), macau.state_root());
    pass(&mut macau, &mut zhuhai);
    assert_eq!(zhuhai.tip(party("macau")), macau.tip(party("macau")));
}

/// The logs of three parties that told each other six notices.
fn history() -> (BTreeMap<&'static str, Core>, Vec<MemoryDisk>) {
    let disks: Vec<MemoryDisk> = PARTIES.iter().map(|_| MemoryDisk::default()).collect();
    let mut cores: BTreeMap<_, _> =
        PARTIES.into_iter().zip(&disks).map(|(name, disk)| (name, open(name, disk))).collect();
    for number in 0..6_u8 {
        let raiser = PARTIES[usize::from(number) % 3];
        let others: Vec<&str> = PARTIES.into_iter().filter(|name| *name != raiser).collect();
        command(cores.get_mut(raiser).unwrap(), raise(number.into(), &others)).1.unwrap();
        exchange_all(&mut cores);
        command(cores.get_mut(others[usize::from(number) % 2]).unwrap(), ack(number.into())).1.unwrap();
    }
    exchange_all(&mut cores);
    exchange_all(&mut cores);
    (cores, disks)
}

fn exchange_all(cores: &mut BTreeMap<&'static str, Core>) {
    for from in PARTIES {
        for to in PARTIES.into_iter().filter(|to| *to != from) {
            let mut sender = cores.remove(from).unwrap();
            pass(&mut sender, cores.get_mut(to).unwrap());
            cores.insert(from, sender);
        }
    }
}

/// The root over what a party has of all logs, folded in some order.
fn root_in_order(records: &BTreeMap<&str, Vec<Entry>>, order: &[u8]) -> String {
    use tongcha_domain::view::{Changes, MemoryRows, Overlay, SetDigest, project};
    let mut rows = MemoryRows::default();
    let mut next: BTreeMap<&str, usize> = BTreeMap::new();
    let mut fold = |origin: &'static str| {
        let at = next.entry(origin).or_default();
        let Some((entry, body)) = records[origin].get(*at) else { return };
        *at += 1;
        let mut overlay = Overlay::new(&rows, Changes::new());
        project(&mut overlay, &entry.meta(), body.as_ref()).unwrap();
        let changes = overlay.into_changes();
        rows.apply(changes);
    };
    order.iter().for_each(|choice| fold(PARTIES[usize::from(*choice)]));
    for origin in PARTIES {
        (0..records[origin].len()).for_each(|_| fold(origin));
    }
    let mut digest = SetDigest::default();
    rows.iter().for_each(|(key, value)| digest.add(key, value));
    digest.root().to_string()
}

type Entry = (VerifiedEntry, Option<tongcha_domain::event::Body>);

#[test]
fn any_order_of_arrival_gives_the_same_root() {
    let (mut cores, disks) = history();
    for (name, disk) in PARTIES.into_iter().zip(&disks) {
        assert_eq!(open(name, disk).state_root(), cores[name].state_root(), "{name}: from its own files");
    }
    let mut records: BTreeMap<&str, Vec<Entry>> = BTreeMap::new();
    let macau = cores.remove("macau").unwrap();
    for origin in ["hengqin", "zhuhai"] {
        let heard = parcels(cores.get_mut(origin).unwrap(), &macau, 0);
        let entries = heard.into_iter().map(|parcel| (parcel.entry, parcel.body.map(|opened| opened.body)));
        records.insert(origin, entries.collect());
    }
    records.insert("macau", own_entries(&disks[1]));
    let expected = macau.state_root().0.to_string();
    let order = prop::collection::vec(0..3_u8, 0..60);
    let config = ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(order in order)| {
        prop_assert_eq!(root_in_order(&records, &order), expected.clone());
    });
}

#[test]
fn any_order_of_the_parcels_of_two_logs_gives_the_same_replicas_and_rows() {
    let (mut cores, _) = history();
    let macau = cores.remove("macau").unwrap();
    let heard: Vec<Vec<OpenedParcel>> = ["hengqin", "zhuhai"]
        .map(|origin| {
            let mut core = cores.remove(origin).unwrap();
            let probe = open("macau", &MemoryDisk::default());
            parcels(&mut core, &probe, 0)
        })
        .into();
    drop(macau);
    let all: Vec<OpenedParcel> = heard.concat();
    let expected = observe(&all);
    let orders = Just((0..all.len()).collect::<Vec<_>>()).prop_shuffle();
    let config = ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(order in orders)| {
        let shuffled: Vec<OpenedParcel> = order.iter().map(|at| all[*at].clone()).collect();
        prop_assert_eq!(observe(&shuffled), expected.clone());
    });
}

/// What a party that hears these parcels has of the two logs afterwards, and what it knows from them. (Its own log
/// differs: it made receipts in the order of arrival.)
fn observe(parcels: &[OpenedParcel]) -> (u64, u64, String) {
    let mut core = open("macau", &MemoryDisk::default());
    for parcel in parcels {
        core.intake(parcel.clone(), NOON).unwrap();
    }
    core.commit().unwrap();
    assert_eq!(core.wanted(), []);
    let rows = ["hengqin", "zhuhai"].map(|origin| core.tip(party(origin)).count);
    let facts = core.rows().all::<tongcha_domain::urgent::UrgentFacts>().unwrap();
    let theirs: Vec<_> = facts.iter().map(|(id, s)| (*id, s.of(party("hengqin")), s.of(party("zhuhai")))).collect();
    (rows[0], rows[1], format!("{theirs:?}"))
}

/// The entries of Macau's own log with their bodies, read from its files.
fn own_entries(disk: &MemoryDisk) -> Vec<Entry> {
    use tongcha_ledger::slot::Slot;
    let journal = tongcha_node::journal::Journal::open(&mut disk.clone(), party("macau"), 0).unwrap();
    let keys = tongcha_node::body_keys::KeyFile::new(party("macau"));
    (0..journal.tip().count)
        .map(|seq| {
            let record = journal.record(disk, seq).unwrap().unwrap();
            let entry = VerifiedEntry::verify(&record.entry, &support::directory()).unwrap();
            let Slot::Key(key) = keys.slot(disk, seq).unwrap() else { panic!("a key for every own entry") };
            let body = record.body.unwrap().open(&key, entry.header()).unwrap();
            (entry, Some(body))
        })
        .collect()
}
