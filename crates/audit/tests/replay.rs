//! The replay comes to the one view that the logs and the party's keys allow, or says where it can't.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use common::{Draft, World, directory, found, parties, party, read, replay, secrets, verify, world, write};
use indicatif::ProgressBar;
use tongcha_audit::input::InputError;
use tongcha_domain::event::EventKind;
use tongcha_domain::id::PartyId;
use tongcha_domain::view::{Changes, MemoryRows, Overlay, SetDigest, project};
use tongcha_ledger::body::BodyKey;
use tongcha_ledger::entry::{Header, VerifiedEntry};
use tongcha_ledger::key::Hex;
use tongcha_ledger::slot::Slot;

const ENTRIES: usize = 50;

// The view of a party made another way: entry by entry, the logs in turns of `stride` entries from the last party to the
// first, with the bodies as the world has them; the digest from scratch over the rows at the end.
fn independent(world: &World, party: PartyId, stride: usize, erased: &[(PartyId, usize)]) -> (Hex, u64) {
    let mut rows = MemoryRows::default();
    for from in (0..ENTRIES).step_by(stride) {
        for (&origin, log) in world.logs.iter().rev() {
            for (at, made) in log.iter().enumerate().skip(from).take(stride) {
                let is_for = made.entry.header().audience.contains(&party) && !erased.contains(&(origin, at));
                let mut overlay = Overlay::new(&rows, Changes::new());
                project(&mut overlay, &made.entry.meta(), is_for.then_some(&made.body)).unwrap();
                let changes = overlay.into_changes();
                rows.apply(changes);
            }
        }
    }
    let mut digest = SetDigest::default();
    rows.iter().for_each(|(key, value)| digest.add(key, value));
    (Hex(digest.root().0), rows.iter().count() as u64)
}

#[test]
fn the_root_is_the_same_in_whatever_order() {
    for seed in 0..5 {
        let world = world(seed, ENTRIES);
        let mut roots = Vec::new();
        for party in parties() {
            let report = replay(&[&world.draft(party)], party);
            assert!(report.is_good());
            for stride in [1, 7, ENTRIES] {
                assert_eq!((report.state_root, report.rows), independent(&world, party, stride, &[]), "{party}");
            }
            let readable = |made: &&common::Made| made.entry.header().audience.contains(&party);
            let expected = world.logs.values().flatten().filter(readable).count() as u64;
            assert_eq!(report.logs.iter().map(|log| log.opened).sum::<u64>(), expected);
            assert_eq!(report.entries, 3 * ENTRIES as u64);
            assert_eq!(report.kinds.values().sum::<u64>(), report.entries);
            roots.push(report.state_root);
        }
        assert!(roots[0] != roots[1] && roots[1] != roots[2], "each party's view is its own");
    }
}

#[test]
fn the_root_is_compared_with_the_partys() {
    let (world, macau) = (world(7, ENTRIES), party("macau"));
    let mut draft = world.draft(macau);
    draft.manifest.state_root = Some(independent(&world, macau, ENTRIES, &[]).0);
    assert!(replay(&[&draft], macau).is_good());
    draft.manifest.state_root = Some(Hex([9; 32]));
    let report = replay(&[&draft], macau);
    assert_eq!((found(&report.findings), report.is_good()), (vec![], false));
}

#[test]
fn every_entry_left_out_gives_another_root() {
    let (world, macau) = (world(7, ENTRIES), party("macau"));
    let whole = replay(&[&world.draft(macau)], macau).state_root;
    for origin in parties() {
        let mut shorter = world.clone();
        shorter.logs.get_mut(&origin).unwrap().pop();
        let mut draft = shorter.draft(macau);
        // Nobody lists what it no longer has, and what the own log saw is not judged here.
        draft.relist();
        assert_ne!(replay(&[&draft], macau).state_root, whole);
    }
}

// Entries of a log that Macau can read.
fn readable(world: &World, origin: PartyId) -> Vec<usize> {
    let is_for = |at: &usize| world.logs[&origin][*at].entry.header().audience.contains(&party("macau"));
    (0..ENTRIES).filter(is_for).collect()
}

#[test]
fn a_destroyed_key_is_an_absent_body_and_without_an_order_a_finding() {
    let (world, macau, zhuhai) = (world(7, ENTRIES), party("macau"), party("zhuhai"));
    let mut draft = world.draft(macau);
    let at = *readable(&world, zhuhai).last().unwrap();
    draft.keys.get_mut(&zhuhai).unwrap()[at] = Slot::Destroyed;
    let report = replay(&[&draft], macau);
    let offset = draft.offset(zhuhai, at as u64);
    assert_eq!(found(&report.findings), [("ERASED_WITHOUT_ORDER", zhuhai, at as u64, offset)]);
    assert_eq!(report.logs.iter().map(|log| log.erased).sum::<u64>(), 1);
    assert_eq!(report.state_root, independent(&world, macau, 3, &[(zhuhai, at)]).0);
    assert_eq!(found(&verify(&[&draft], None).findings), [], "the log verifies as before");
}

#[test]
fn missing_damaged_and_wrong_keys_are_found() {
    let (world, macau, zhuhai) = (world(7, ENTRIES), party("macau"), party("zhuhai"));
    for at in readable(&world, zhuhai) {
        let with = |slot: Slot| {
            let mut draft = world.draft(macau);
            draft.keys.get_mut(&zhuhai).unwrap()[at] = slot;
            (found(&replay(&[&draft], macau).findings), draft.offset(zhuhai, at as u64))
        };
        let (missing, offset) = with(Slot::Empty);
        assert_eq!(missing, [("KEY_MISSING", zhuhai, at as u64, offset)]);
        assert_eq!(with(Slot::Key(BodyKey([1; 32]))).0, [("BODY", zhuhai, at as u64, offset)]);
    }
}

#[test]
fn a_short_or_damaged_file_of_keys_is_found() {
    let (world, macau, zhuhai) = (world(7, ENTRIES), party("macau"), party("zhuhai"));
    let written = write(&[&world.draft(macau)]);
    let path = written.paths[0].join("body-keys/zhuhai.keys");
    let slots = std::fs::read(&path).unwrap();
    let run = || {
        let report = tongcha_audit::replay::replay(&written.bundles(), macau, None, None, &ProgressBar::hidden());
        let found = found(&report.unwrap().findings);
        found.into_iter().map(|(code, origin, seq, _)| (code, origin, seq)).collect::<Vec<_>>()
    };
    let (first, last) = (readable(&world, zhuhai)[0], *readable(&world, zhuhai).last().unwrap());
    let mut damaged = slots.clone();
    damaged[first * 40 + 5] ^= 1;
    std::fs::write(&path, damaged).unwrap();
    assert_eq!(run(), [("KEY_DAMAGED", zhuhai, first as u64)]);
    std::fs::write(&path, &slots[..last * 40]).unwrap();
    assert_eq!(run(), [("KEY_MISSING", zhuhai, last as u64)]);
    std::fs::write(&path, &slots[..last * 40 + 39]).unwrap();
    assert_eq!(run(), [("KEY_DAMAGED", zhuhai, last as u64)]);
    std::fs::remove_file(&path).unwrap();
    assert_eq!(run(), [("KEY_MISSING", zhuhai, first as u64)]);
}

#[test]
fn what_only_the_content_shows_is_found() {
    // The header tells another kind than the body: digest and signature are good.
    let (mut world, macau) = (world(7, 5), party("macau"));
    let made = world.logs[&macau][4].clone();
    let other = if made.entry.header().kind == EventKind::UrgentRaised {
        EventKind::UrgentClosed
    } else {
        EventKind::UrgentRaised
    };
    let header = Header { kind: other, ..made.entry.header().clone() };
    world.logs.get_mut(&macau).unwrap()[4].entry = VerifiedEntry::sign(header, secrets(macau)).unwrap();
    let draft = world.draft(macau);
    assert_eq!(found(&verify(&[&draft], None).findings), []);
    assert_eq!(found(&replay(&[&draft], macau).findings), [("BODY", macau, 4, draft.offset(macau, 4))]);
}

#[test]
fn forged_logs_are_found_as_in_verification() {
    let (world, macau, zhuhai) = (world(7, ENTRIES), party("macau"), party("zhuhai"));
    let forge = |change: fn(&mut Draft, PartyId)| {
        let mut draft = world.draft(macau);
        change(&mut draft, zhuhai);
        let found = found(&replay(&[&draft], macau).findings);
        found.into_iter().map(|(code, origin, seq, _)| (code, origin, seq)).collect::<Vec<_>>()
    };
    assert_eq!(forge(|draft, log| drop(draft.log(log).remove(9))), [("SEQUENCE", zhuhai, 9)]);
    assert_eq!(forge(|draft, log| drop(draft.log(log).pop())), [("MISSING", zhuhai, 49)]);
    let flip = |draft: &mut Draft, log| draft.edit(log, 9, |record| *record.entry.last_mut().unwrap() ^= 1);
    assert_eq!(forge(flip), [("SIGNATURE", zhuhai, 9)]);
    let at = readable(&world, zhuhai)[0];
    let mut draft = world.draft(macau);
    draft.edit(zhuhai, at, |record| record.body = None);
    assert_eq!(found(&replay(&[&draft], macau).findings)[0].0, "BODY_MISSING");
    assert!(read(&draft.log(zhuhai)[at]).body.is_none());
}

#[test]
fn the_partys_own_bundle_is_replayed_and_the_keys_can_lie_elsewhere() {
    let (world, macau, hengqin) = (world(7, ENTRIES), party("macau"), party("hengqin"));
    let (mut own, foreign) = (world.draft(macau), world.draft(hengqin));
    let keys = std::mem::take(&mut own.keys);
    let written = write(&[&foreign, &own]);
    std::fs::remove_dir_all(written.paths[1].join("body-keys")).unwrap();
    let run = |keys: Option<&std::path::Path>| {
        let (bundles, trusted) = (written.bundles(), directory());
        tongcha_audit::replay::replay(&bundles, macau, Some(&trusted), keys, &ProgressBar::hidden())
    };
    assert!(matches!(run(None), Err(InputError::NoKeys(party)) if party == macau), "Hengqin's keys are not Macau's");
    own.keys = keys;
    let elsewhere = written.dir.path().join("keys");
    own.write_logs(&written.dir.path().join("unused"), &elsewhere);
    let report = run(Some(&elsewhere)).unwrap();
    assert_eq!(found(&report.findings), []);
    assert!(report.logs.iter().all(|log| log.bundle == written.paths[1]));
    assert_eq!(report.state_root, independent(&world, macau, ENTRIES, &[]).0);
}
