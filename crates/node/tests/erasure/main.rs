//! Erasure at the core: keys destroyed at every holder, views that forget, crashes at every step, readers that come late,
//! orders that have no effect, and a thousand families.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)] // helpers of tests, too, stop at what is wrong

mod loot;
#[path = "../support/mod.rs"]
mod support;

use std::collections::BTreeSet;
use std::sync::Arc;

use loot::{KeptView, Loot, verified};
use support::{MemoryDisk, NOON, open, open_with, parcels, party, pass, submission, urgent};
use tongcha_domain::erasure::{ErasureBasis, ErasureGround, ListedEntry, OrderErasure, ProposeErasure, orders};
use tongcha_domain::event::EventKind;
use tongcha_domain::id::ErasureId;
use tongcha_domain::urgent::{Emergency, RaiseUrgent, StandDown, UrgentFacts};
use tongcha_ledger::canonical;
use tongcha_ledger::parcel::{Parcel, ParcelBody, ParcelOpener};
use tongcha_ledger::slot::{SLOT_LEN, Slot};
use tongcha_node::core::{Core, CoreError, IntakeResult, LogEntry, QuarantineReason, read_quarantine};

fn marker(number: u128) -> String {
    format!("family-{number:04}-of-the-test")
}

/// Raises an urgent notice whose text bears a marker.
fn raise(core: &mut Core, number: u128, to: &[&str]) -> u64 {
    let text = |text: &str| text.parse().unwrap();
    let emergency = Emergency {
        subject: None,
        place: "harbour".parse().unwrap(),
        what: text(&marker(number)),
        need: text("shelter"),
        call_back: "desk".parse().unwrap(),
    };
    let to = to.iter().map(|name| party(name)).collect();
    let vital_interest = text("life in danger");
    let command = RaiseUrgent { urgent: urgent(number), to, emergency, vital_interest, happened_at: None };
    let who = format!("ho.{}", core.me());
    core.submit(submission(1, &who, command.into()), NOON).unwrap();
    let seq = core.commit().unwrap().remove(0).1.unwrap().seq;
    // It is over: what is open is not erased.
    let over = StandDown { urgent: urgent(number), outcome: text("in safety") };
    core.submit(submission(1, &who, over.into()), NOON).unwrap();
    core.commit().unwrap().remove(0).1.unwrap();
    seq
}

fn listed(core: &Core, entries: &[u64]) -> Vec<ListedEntry> {
    let all = core.entries_of(core.me(), 0, u64::MAX).unwrap().into_iter().filter(|entry| entries.contains(&entry.seq));
    all.map(|LogEntry { seq, kind, recorded_at, audience, case }| ListedEntry {
        seq,
        kind,
        recorded_at,
        audience,
        case,
        after: None,
    })
    .collect()
}

/// Proposes an erasure; a second person has to order it.
fn propose(core: &mut Core, number: u128, entries: Vec<ListedEntry>) -> OrderErasure {
    let erasure = ErasureId(uuid::Uuid::from_u128(number));
    let ground = ErasureGround { basis: ErasureBasis::SubjectRequest, reference: "DP-2026-017".parse().unwrap() };
    let (dp, propose) = (format!("dp.{}", core.me()), ProposeErasure { erasure, entries, ground, asker: None });
    core.submit(submission(1, &dp, propose.into()), NOON).unwrap();
    core.commit().unwrap().remove(0).1.unwrap();
    OrderErasure { erasure }
}

fn order(core: &mut Core, order: OrderErasure) -> Result<(), CoreError> {
    let sec = format!("sec.{}", core.me());
    core.submit(submission(1, &sec, order.into()), NOON)?;
    core.commit()?.remove(0).1.unwrap();
    Ok(())
}

fn erase(core: &mut Core, number: u128, entries: &[u64]) {
    let entries = listed(core, entries);
    let proposed = propose(core, number, entries);
    order(core, proposed).unwrap();
}

/// Has a party do what is due: among it, confirming.
fn tick(core: &mut Core) {
    core.tick(NOON).unwrap();
    core.commit().unwrap();
}

/// Whether any row holds some text.
fn remembers(core: &Core, text: &str) -> bool {
    core.store()
        .scan(&[])
        .unwrap()
        .iter()
        .any(|(_, value)| value.windows(text.len()).any(|part| part == text.as_bytes()))
}

/// Three parties: Zhuhai tells the others of one family.
struct Three {
    zhuhai: Core,
    macau: Core,
    hengqin: Core,
    disks: [MemoryDisk; 3],
}

fn three() -> Three {
    let disks: [MemoryDisk; 3] = Default::default();
    let [zhuhai, macau, hengqin] = ["zhuhai", "macau", "hengqin"];
    let (mut zhuhai, mut macau, mut hengqin) =
        (open(zhuhai, &disks[0]), open(macau, &disks[1]), open(hengqin, &disks[2]));
    raise(&mut zhuhai, 1, &["macau", "hengqin"]);
    raise(&mut zhuhai, 2, &["macau"]);
    pass(&mut zhuhai, &mut macau);
    pass(&mut zhuhai, &mut hengqin);
    Three { zhuhai, macau, hengqin, disks }
}

impl Three {
    /// Lets everybody hear everybody until nothing is new.
    fn settle(&mut self) {
        for _ in 0..3 {
            let Self { zhuhai, macau, hengqin, .. } = self;
            [&mut *zhuhai, &mut *macau, &mut *hengqin].into_iter().for_each(tick);
            pass(zhuhai, macau);
            pass(zhuhai, hengqin);
            pass(macau, zhuhai);
            pass(macau, hengqin);
            pass(hengqin, zhuhai);
            pass(hengqin, macau);
        }
    }

    fn loot(&self) -> Loot {
        Loot::of(&self.disks.each_ref())
    }
}

#[test]
fn after_an_order_nobody_has_the_key_no_view_remembers_and_all_have_confirmed() {
    let mut three = three();
    let text = marker(1);
    assert_eq!(three.loot().recoverable(std::slice::from_ref(&text)), 1, "before, the same search opens it");
    assert!(remembers(&three.zhuhai, &text) && remembers(&three.macau, &text) && remembers(&three.hengqin, &text));
    erase(&mut three.zhuhai, 0xE1, &[0]);
    assert!(!remembers(&three.zhuhai, &text), "the origin forgets before it answers");
    three.settle();
    assert_eq!(three.loot().recoverable(std::slice::from_ref(&text)), 0);
    assert_eq!(three.loot().recoverable(&[marker(2)]), 1, "nothing else is erased");
    for (core, disk) in [&three.zhuhai, &three.macau, &three.hengqin].into_iter().zip(&three.disks) {
        assert!(!remembers(core, &text));
        let ordered = orders(&core.rows()).unwrap().remove(0);
        assert!(ordered.missing().is_empty(), "{}: {:?}", core.me(), ordered.missing());
        assert!(ordered.confirmed.values().all(|(confirmed, _)| (confirmed.destroyed, confirmed.kept) == (1, 0)));
        assert_eq!(core.state_root(), open(core.me().as_str(), disk).state_root(), "live and replayed");
        assert!(verified(disk) > 0);
        assert_eq!(core.withheld(party("zhuhai")), 0);
    }
}

#[test]
fn a_case_that_is_erased_is_not_found_and_nothing_breaks() {
    let mut three = three();
    erase(&mut three.zhuhai, 0xE1, &[0]);
    three.settle();
    for core in [&mut three.zhuhai, &mut three.macau, &mut three.hengqin] {
        let who = format!("ho.{}", core.me());
        core.submit(submission(1, &who, support::ack(1)), NOON).unwrap();
        let refusal = core.commit().unwrap().remove(0).1.unwrap_err();
        assert_eq!(refusal.code, tongcha_domain::refusal::RefusalCode::NotFound);
        assert!(core.rows().sides::<UrgentFacts>(&urgent(1)).unwrap().raised().is_none());
    }
}

/// Runs an erasure at a holder, whose disk fails at the syncs of one file from the order on; then the power is cut, the
/// view survives, and the holder starts again.
fn crashed_holder(failing: &str, view_survives: bool) {
    let (disk, view) = (MemoryDisk::default(), KeptView::default());
    let mut zhuhai = open("zhuhai", &MemoryDisk::default());
    let mut macau = open_with("macau", &disk, Box::new(view.clone())).unwrap();
    raise(&mut zhuhai, 1, &["macau"]);
    pass(&mut zhuhai, &mut macau);
    let refused = zhuhai.outgoing(party("macau"), 0, 1).unwrap().remove(0).bytes;
    macau.quarantine(party("zhuhai"), QuarantineReason::BadBody, &refused, NOON).unwrap();
    erase(&mut zhuhai, 0xE1, &[0]);
    let late: Vec<_> = parcels(&mut zhuhai, &macau, 2);
    disk.files().failing = Some(failing.to_owned());
    let crash = late.into_iter().try_for_each(|parcel| macau.intake(parcel, NOON).map(|_| ()));
    let crash = crash.and_then(|()| macau.commit().map(|_| ()));
    let crash = crash.and_then(|()| macau.tick(NOON)).and_then(|()| macau.commit().map(|_| ()));
    assert!(crash.is_err(), "{failing}: the file is synced");
    drop(macau);
    let disk = disk.after_power_cut();
    let view = if view_survives { view } else { KeptView::default() };
    let mut macau = open_with("macau", &disk, Box::new(view)).unwrap();
    pass(&mut zhuhai, &mut macau);
    tick(&mut macau);
    pass(&mut macau, &mut zhuhai);
    tick(&mut zhuhai);
    let (root, text) = (macau.state_root(), marker(1));
    assert!(!remembers(&macau, &text), "{failing}");
    assert_eq!(Loot::of(&[&disk]).recoverable(&[text]), 0, "{failing}");
    assert_eq!(root, open("macau", &disk).state_root(), "{failing}");
    assert!(orders(&zhuhai.rows()).unwrap()[0].missing().is_empty(), "{failing}");
    let confirmations = parcels(&mut macau, &zhuhai, 0);
    let confirmations = confirmations.iter().filter(|p| p.entry.header().kind == EventKind::ErasureConfirmed);
    assert_eq!(confirmations.count(), 1, "{failing}: confirmed once");
    let kept = read_quarantine(&disk).unwrap();
    assert_eq!(kept.iter().map(|kept| kept.reason).collect::<Vec<_>>(), [QuarantineReason::BadBody], "{failing}");
    assert!(kept[0].bytes.iter().all(|byte| *byte == 0), "{failing}: why it was refused stays, what it held does not");
}

#[test]
fn a_crash_at_any_step_of_a_holder_ends_where_no_crash_would() {
    for failing in
        ["journal/zhuhai.log", "body-keys/zhuhai.keys", "quarantine.log", "journal/macau.log", "body-keys/macau.keys"]
    {
        for view_survives in [true, false] {
            crashed_holder(failing, view_survives);
        }
    }
}

#[test]
fn a_crash_at_any_step_of_the_origin_ends_where_no_crash_would() {
    for failing in ["journal/zhuhai.log", "body-keys/zhuhai.keys", "quarantine.log"] {
        let (disk, view) = (MemoryDisk::default(), KeptView::default());
        let mut zhuhai = open_with("zhuhai", &disk, Box::new(view.clone())).unwrap();
        raise(&mut zhuhai, 1, &["macau"]);
        let entries = listed(&zhuhai, &[0]);
        let proposed = propose(&mut zhuhai, 0xE1, entries);
        disk.files().failing = Some(failing.to_owned());
        assert!(order(&mut zhuhai, proposed.clone()).is_err(), "{failing}");
        drop(zhuhai);
        let disk = disk.after_power_cut();
        let mut zhuhai = open_with("zhuhai", &disk, Box::new(view)).unwrap();
        if orders(&zhuhai.rows()).unwrap().is_empty() {
            assert_ne!(failing, "quarantine.log", "the order was durable by then");
            order(&mut zhuhai, proposed).unwrap();
        }
        tick(&mut zhuhai);
        assert!(!remembers(&zhuhai, &marker(1)), "{failing}");
        assert_eq!(Loot::of(&[&disk]).recoverable(&[marker(1)]), 0, "{failing}");
        assert_eq!(zhuhai.state_root(), open("zhuhai", &disk).state_root(), "{failing}");
        assert_eq!(orders(&zhuhai.rows()).unwrap()[0].missing(), [party("macau")].into(), "{failing}");
    }
}

#[test]
fn a_slot_torn_while_it_was_overwritten_is_overwritten_again() {
    let disk = MemoryDisk::default();
    let mut zhuhai = open("zhuhai", &disk);
    raise(&mut zhuhai, 1, &["macau"]);
    erase(&mut zhuhai, 0xE1, &[0]);
    tick(&mut zhuhai);
    let root = zhuhai.state_root();
    drop(zhuhai);
    disk.damage("body-keys/zhuhai.keys", |bytes| bytes[..20].fill(0xAB)); // the second half is the new slot's
    assert_eq!(open("zhuhai", &disk).state_root(), root);
    assert_eq!(
        Slot::from_bytes(disk.files().written["body-keys/zhuhai.keys"].first_chunk().unwrap()),
        Some(Slot::Destroyed)
    );
}

#[test]
fn a_backup_of_the_keys_brings_nothing_back() {
    let (disk, view) = (MemoryDisk::default(), KeptView::default());
    let mut zhuhai = open_with("zhuhai", &disk, Box::new(view.clone())).unwrap();
    raise(&mut zhuhai, 1, &["macau"]);
    let backup = disk.files().written["body-keys/zhuhai.keys"].clone();
    erase(&mut zhuhai, 0xE1, &[0]);
    tick(&mut zhuhai);
    let root = zhuhai.state_root();
    drop(zhuhai);
    disk.damage("body-keys/zhuhai.keys", |bytes| bytes[..backup.len()].copy_from_slice(&backup));
    assert_eq!(Loot::of(&[&disk]).recoverable(&[marker(1)]), 1, "the backup brought the key");
    let zhuhai = open_with("zhuhai", &disk, Box::new(view)).unwrap();
    assert_eq!(zhuhai.state_root(), root);
    assert_eq!(Loot::of(&[&disk]).recoverable(&[marker(1)]), 0);
}

#[test]
fn a_reader_that_comes_after_the_erasure_has_the_same_rows_of_that_log() {
    let mut three = three();
    erase(&mut three.zhuhai, 0xE1, &[0]);
    three.settle();
    let disk = MemoryDisk::default();
    let mut late = open("hengqin", &disk);
    let all = parcels(&mut three.zhuhai, &late, 0);
    let order_at = all.iter().position(|p| p.entry.header().kind == EventKind::ErasureOrdered).unwrap();
    assert!(all[0].body.is_none() && all[0].erased.is_some(), "sealed, without a key");
    for parcel in &all[..order_at] {
        assert_eq!(late.intake(parcel.clone(), NOON).unwrap(), IntakeResult::Taken(1));
    }
    late.commit().unwrap();
    late.announce(party("zhuhai"), all.len() as u64, NOON);
    assert_eq!(late.withheld(party("zhuhai")), 1);
    assert!(late.in_doubt(party("zhuhai"), NOON), "until the order comes, something may be kept from us");
    for parcel in &all[order_at..] {
        late.intake(parcel.clone(), NOON).unwrap();
    }
    late.commit().unwrap();
    assert_eq!(late.withheld(party("zhuhai")), 0);
    assert!(!late.in_doubt(party("zhuhai"), NOON));
    tick(&mut late);
    let rows = |core: &Core| -> BTreeSet<_> {
        core.store().scan(&[]).unwrap().into_iter().filter(|(key, _)| key.ends_with(b"zhuhai")).collect()
    };
    assert_eq!(rows(&late), rows(&three.hengqin), "as if it had been there all the time");
    let root = late.state_root();
    assert_eq!(open("hengqin", &disk).state_root(), root);
}

#[test]
fn the_rows_are_the_same_in_whatever_order_two_logs_with_erasures_arrive() {
    let (mut zhuhai, mut hengqin) = (open("zhuhai", &MemoryDisk::default()), open("hengqin", &MemoryDisk::default()));
    let reader = open("macau", &MemoryDisk::default());
    for (first, core) in [(0, &mut zhuhai), (100, &mut hengqin)] {
        for number in first..first + 4 {
            raise(core, number, &["macau"]);
        }
    }
    let before = [parcels(&mut zhuhai, &reader, 0), parcels(&mut hengqin, &reader, 0)].concat();
    erase(&mut zhuhai, 0xE1, &[2, 4]);
    erase(&mut hengqin, 0xE2, &[0]);
    raise(&mut zhuhai, 9, &["macau"]);
    erase(&mut zhuhai, 0xE3, &[0]);
    // What was sent before the orders comes with keys, what was sent after them without.
    let after = [parcels(&mut zhuhai, &reader, 0), parcels(&mut hengqin, &reader, 0)].concat();
    let mut rng = <rand::rngs::StdRng as rand::SeedableRng>::seed_from_u64(7);
    let mut all = BTreeSet::new();
    for turn in 0..40 {
        let disk = MemoryDisk::default();
        let mut macau = open("macau", &disk);
        let mut sent = if turn % 2 == 0 { [before.clone(), after.clone()].concat() } else { after.clone() };
        rand::seq::SliceRandom::shuffle(sent.as_mut_slice(), &mut rng);
        for parcel in sent {
            macau.intake(parcel, NOON).unwrap();
            if rand::Rng::random_bool(&mut rng, 0.3) {
                macau.commit().unwrap();
            }
        }
        tick(&mut macau);
        tick(&mut macau); // an order that became durable with the first is confirmed by the second
        assert_eq!((macau.withheld(party("zhuhai")), macau.withheld(party("hengqin"))), (0, 0));
        let of_peers = |(key, _): &(Vec<u8>, Vec<u8>)| key.ends_with(b"zhuhai") || key.ends_with(b"hengqin");
        all.insert(macau.store().scan(&[]).unwrap().into_iter().filter(of_peers).collect::<Vec<_>>());
        assert_eq!(macau.state_root(), open("macau", &disk).state_root(), "live and replayed");
    }
    assert_eq!(all.len(), 1, "40 orders of arrival, one set of rows");
}

#[test]
fn a_key_that_is_kept_back_without_an_order_keeps_the_log_in_doubt() {
    let disk = MemoryDisk::default();
    let (mut zhuhai, mut macau) = (open("zhuhai", &MemoryDisk::default()), open("macau", &disk));
    raise(&mut zhuhai, 1, &["macau"]);
    raise(&mut zhuhai, 2, &["macau"]);
    let outgoing = zhuhai.outgoing(party("macau"), 0, 2).unwrap();
    let mut parcel: Parcel = canonical::decode(&outgoing[0].bytes, outgoing[0].bytes.len()).unwrap();
    let ParcelBody::Sealed(sealed, _) = parcel.body else { panic!("{:?}", parcel.body) };
    parcel.body = ParcelBody::Erased(sealed);
    let opener: &Arc<ParcelOpener> = macau.opener();
    let (hole, next) = (
        opener.open(party("zhuhai"), &parcel.encode().unwrap()).unwrap(),
        opener.open(party("zhuhai"), &outgoing[1].bytes).unwrap(),
    );
    macau.intake(hole, NOON).unwrap();
    macau.intake(next, NOON).unwrap();
    macau.commit().unwrap();
    macau.announce(party("zhuhai"), 2, NOON);
    assert_eq!((macau.withheld(party("zhuhai")), macau.in_doubt(party("zhuhai"), NOON)), (1, true));
    let mut again = open("macau", &disk);
    again.announce(party("zhuhai"), 2, NOON);
    assert_eq!(
        (again.withheld(party("zhuhai")), again.in_doubt(party("zhuhai"), NOON)),
        (1, true),
        "also after a start"
    );
    assert_eq!(again.state_root(), macau.state_root());
}

#[test]
fn an_order_for_what_must_be_kept_has_no_effect_at_any_party() {
    let mut three = three();
    // Zhuhai's service is made to believe that the first officers' entries are content: a lie of its own software.
    let own = three.zhuhai.entries_of(three.zhuhai.me(), 0, u64::MAX).unwrap();
    three.settle();
    let kept = three.macau.entries_of(three.macau.me(), 0, u64::MAX).unwrap();
    let receipt = kept.iter().find(|entry| entry.kind == EventKind::UrgentDelivered).unwrap();
    assert!(own.len() >= 2);
    let lie = ListedEntry {
        seq: receipt.seq,
        kind: EventKind::UrgentRaised,
        recorded_at: receipt.recorded_at,
        audience: receipt.audience.clone(),
        case: None,
        after: None,
    };
    let proposed = propose(&mut three.macau, 0xE2, vec![lie]);
    order(&mut three.macau, proposed).unwrap();
    three.settle();
    let slot = |disk: &MemoryDisk| {
        let at = usize::try_from(receipt.seq).unwrap() * SLOT_LEN;
        Slot::from_bytes(disk.files().written["body-keys/macau.keys"][at..].first_chunk().unwrap())
    };
    for disk in &three.disks[..2] {
        assert!(matches!(slot(disk), Some(Slot::Key(_))));
    }
    let ordered = orders(&three.zhuhai.rows()).unwrap().remove(0);
    assert!(ordered.confirmed.values().all(|(confirmed, _)| (confirmed.destroyed, confirmed.kept) == (0, 1)));
    assert!(ordered.missing().is_empty(), "it is on record at all parties that it had no effect");
}

#[test]
fn a_thousand_families_are_erased_and_every_log_still_verifies() {
    const FAMILIES: u16 = 1_000;
    let disks: [MemoryDisk; 2] = Default::default();
    let (mut zhuhai, mut macau) = (open("zhuhai", &disks[0]), open("macau", &disks[1]));
    let seqs: Vec<u64> = (0..FAMILIES).map(|number| raise(&mut zhuhai, number.into(), &["macau"])).collect();
    pass(&mut zhuhai, &mut macau);
    let texts: Vec<String> = (0..FAMILIES).map(|number| marker(number.into())).collect();
    let both = [&disks[0], &disks[1]];
    assert_eq!(Loot::of(&both).recoverable(&texts), usize::from(FAMILIES));
    for (number, seqs) in (0..).zip(seqs.chunks(100)) {
        erase(&mut zhuhai, 0xE000 + number, seqs);
    }
    pass(&mut zhuhai, &mut macau);
    tick(&mut zhuhai);
    tick(&mut macau);
    pass(&mut macau, &mut zhuhai);
    let loot = Loot::of(&both);
    let recovered = loot.recoverable(&texts);
    let verified: usize = disks.iter().map(verified).sum();
    println!(
        "{FAMILIES} families erased: {recovered} recoverable with {} keys in {} bytes; {verified} entries verify",
        loot.keys.len(),
        loot.bytes
    );
    assert_eq!(recovered, 0);
    assert!(texts.iter().all(|text| !remembers(&zhuhai, text) && !remembers(&macau, text)));
    assert!(orders(&zhuhai.rows()).unwrap().iter().all(|ordered| ordered.missing().is_empty()));
    for (name, disk, core) in [("zhuhai", &disks[0], &zhuhai), ("macau", &disks[1], &macau)] {
        assert_eq!(open(name, disk).state_root(), core.state_root());
    }
}
