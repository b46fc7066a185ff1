//! Honest logs pass; forks, forged cards and lists, and what takes more than one log to see, are found.
//! The classes of forgery within one log are in `forgeries.rs`.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use common::{World, cards, directory, found, parties, party, read, verify, world};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tongcha_ledger::entry::{Header, VerifiedEntry};
use tongcha_ledger::key::{Hex, PartySecrets};

const ENTRIES: usize = 50;
/// Forks made.
const ROUNDS: u64 = 20;

#[test]
fn honest_logs_pass() {
    for seed in 0..20 {
        let world = world(seed, ENTRIES);
        let drafts = parties().map(|party| world.draft(party));
        let report = verify(&[&drafts[0], &drafts[1], &drafts[2]], Some(&directory()));
        assert_eq!(found(&report.findings), []);
        assert_eq!(report.logs.len(), 9);
        for log in &report.logs {
            assert_eq!((log.entries, log.head), (ENTRIES as u64, Hex(world.tip(log.origin).head)));
            let kinds: u64 = log.kinds.values().sum();
            assert_eq!(kinds, log.entries);
        }
        let own = report.logs.iter().find(|log| log.origin == party("hengqin")).unwrap();
        assert_eq!(own.bodies, ENTRIES as u64, "a party reads all of its own");
        let foreign = report.logs.iter().find(|log| log.origin == party("zhuhai")).unwrap();
        assert!((1..ENTRIES as u64).contains(&foreign.bodies), "and a part of the others'");
        assert_eq!(foreign.first_recorded_at.as_deref(), Some("2026-07-01T04:00:00Z"));
    }
}

#[test]
fn empty_logs_pass_and_speed_is_measured_over_real_entries() {
    let empty = World { logs: parties().map(|party| (party, Vec::new())).into() };
    let mut report = verify(&[&empty.draft(party("macau"))], None);
    report.measure();
    assert_eq!((found(&report.findings), report.speed.ratio), (vec![], None));
    let mut report = verify(&[&world(1, ENTRIES).draft(party("macau"))], None);
    report.measure();
    assert!(report.speed.ratio.is_some_and(|ratio| ratio > 0.0));
    assert_eq!(report.speed.entries, 3 * ENTRIES as u64);
}

#[test]
fn faults_are_found_across_chunks() {
    // Entries of one log only, to keep the test short; a chunk has at most 1,024 frames.
    let (mut world, origin) = (World { logs: Default::default() }, party("macau"));
    let body = common::bodies().remove(0);
    for seq in 0..2_100u64 {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seq.to_le_bytes());
        world.append(origin, body.clone(), tongcha_ledger::body::BodyKey(key));
    }
    let mut draft = world.draft(origin);
    assert_eq!(found(&verify(&[&draft], None).findings), []);
    for at in [1_023, 1_024, 2_048, 2_099] {
        let mut forged = draft.clone();
        forged.edit(origin, at, |record| record.entry[20] ^= 1);
        let offset = forged.offset(origin, at as u64);
        let found = found(&verify(&[&forged], None).findings);
        assert_eq!((found.len(), found[0].1, found[0].2, found[0].3), (1, origin, at as u64, offset));
    }
    draft.log(origin).pop();
    assert_eq!(found(&verify(&[&draft], None).findings)[0].2, 2_099);
}

#[test]
fn every_bit_of_a_short_log_counts() {
    let (world, macau) = (world(3, 1), party("macau"));
    let draft = world.draft(macau);
    let bits = draft.logs[&party("zhuhai")][0].len() * 8;
    let written = common::write(&[&draft]);
    let path = written.paths[0].join("logs/zhuhai.log");
    let honest = std::fs::read(&path).unwrap();
    for bit in 0..bits {
        let mut flipped = honest.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        std::fs::write(&path, flipped).unwrap();
        let report =
            tongcha_audit::verify::verify(&written.bundles(), None, &indicatif::ProgressBar::hidden()).unwrap();
        assert_eq!(report.findings.len(), 1, "bit {bit}");
        assert_eq!((report.findings[0].origin, report.findings[0].seq), (party("zhuhai"), 0), "bit {bit}");
    }
}

#[test]
fn a_body_for_somebody_else_is_found() {
    let (world, macau, zhuhai) = (world(7, ENTRIES), party("macau"), party("zhuhai"));
    let mut draft = world.draft(macau);
    let at = world.logs[&zhuhai].iter().position(|made| !made.entry.header().audience.contains(&macau)).unwrap();
    draft.log(zhuhai)[at] = world.logs[&zhuhai][at].frame_for(zhuhai);
    let offset = draft.offset(zhuhai, at as u64);
    assert_eq!(found(&verify(&[&draft], None).findings), [("BODY_UNASKED", zhuhai, at as u64, offset)]);
}

#[test]
fn forks_are_found_between_bundles() {
    let (zhuhai, mut rng) = (party("zhuhai"), StdRng::seed_from_u64(5));
    for _ in 0..ROUNDS {
        let at = rng.random_range(0..ENTRIES);
        let honest = world(7, ENTRIES);
        // Zhuhai goes another way from `at` on, and shows that to Hengqin.
        let mut other = honest.clone();
        other.logs.get_mut(&zhuhai).unwrap().truncate(at);
        for made in &honest.logs[&zhuhai][at..] {
            other.append(zhuhai, made.body.clone(), tongcha_ledger::body::BodyKey(rng.random()));
        }
        let (first, second) = (honest.draft(party("macau")), other.draft(party("hengqin")));
        assert_eq!(found(&verify(&[&first], None).findings), [], "each is good by itself");
        assert_eq!(found(&verify(&[&second], None).findings), []);
        let both = verify(&[&first, &second], Some(&directory()));
        let [(code, origin, seq, offset)] = found(&both.findings)[..] else { panic!("{:?}", both.findings) };
        assert_eq!((code, origin, seq), ("FORK", zhuhai, at as u64));
        let bundle = both.findings[0].bundle.to_string_lossy().into_owned();
        let draft = if bundle.ends_with("bundle-0") { &first } else { &second };
        assert_eq!(offset, draft.offset(zhuhai, seq));
    }
}

#[test]
fn a_shorter_copy_is_no_fork_and_a_forged_copy_is_no_fork_either() {
    let (honest, zhuhai) = (world(7, ENTRIES), party("zhuhai"));
    let mut earlier = honest.clone();
    earlier.logs.values_mut().for_each(|log| log.truncate(ENTRIES - 20));
    let (now, before) = (honest.draft(party("macau")), earlier.draft(party("hengqin")));
    assert_eq!(found(&verify(&[&now, &before], None).findings), []);
    let mut forged = before.clone();
    forged.edit(zhuhai, 9, |record| record.entry[40] ^= 1);
    let offset = forged.offset(zhuhai, 9);
    let found = found(&verify(&[&now, &forged], None).findings);
    assert_eq!(found.len(), 1, "nobody signed the second entry: {found:?}");
    assert_eq!((found[0].1, found[0].2, found[0].3), (zhuhai, 9, offset));
}

#[test]
fn a_shortened_log_with_a_list_to_match_is_given_away_by_the_partys_own_log() {
    let (world, macau, zhuhai) = (world(7, ENTRIES), party("macau"), party("zhuhai"));
    for left in [0, 10, ENTRIES - 2] {
        let mut draft = world.draft(macau);
        draft.log(zhuhai).truncate(left);
        draft.relist();
        let seq = world.logs[&macau].iter().position(|made| made.entry.header().seen[&zhuhai] > left as u64).unwrap();
        let expected = ("SEEN_MORE", macau, seq as u64, draft.offset(macau, seq as u64));
        assert_eq!(found(&verify(&[&draft], None).findings), [expected]);
        // What is wrong later in the same log does not hide it.
        draft.log(macau).push(vec![0xFF; 20]);
        assert_eq!(found(&verify(&[&draft], None).findings), [expected]);
    }
}

#[test]
fn a_log_that_is_not_listed_is_found() {
    let mut draft = world(7, ENTRIES).draft(party("macau"));
    draft.manifest.logs.retain(|log| log.origin != party("hengqin"));
    let found = found(&verify(&[&draft], None).findings);
    assert!(found.contains(&("UNLISTED", party("hengqin"), 0, 0)), "{found:?}");
}

#[test]
fn whoever_forges_all_of_it_is_found_by_trusted_cards_only() {
    // A log made anew under another key, with the card to match.
    let (macau, zhuhai) = (party("macau"), party("zhuhai"));
    let mut draft = world(7, ENTRIES).draft(macau);
    let stranger = PartySecrets::generate(zhuhai, &mut StdRng::seed_from_u64(77));
    let (mut prev, mut forged) = ([0; 32], Vec::new());
    for frame in draft.log(zhuhai).iter() {
        let mut record = read(frame);
        let entry = VerifiedEntry::verify(&record.entry, &directory()).unwrap();
        let header = Header { key_id: stranger.key_id(), prev, ..entry.header().clone() };
        let entry = VerifiedEntry::sign(header, &stranger).unwrap();
        (prev, record.entry) = (entry.leaf(), entry.bytes().to_vec());
        forged.push(record.to_frame().unwrap());
    }
    *draft.log(zhuhai) = forged;
    *draft.cards.iter_mut().find(|card| card.party == zhuhai).unwrap() = stranger.card("UABC").unwrap();
    draft.relist();
    assert_eq!(found(&verify(&[&draft], None).findings), [], "of one piece");
    assert_eq!(found(&verify(&[&draft], Some(&directory())).findings), [("UNKNOWN_KEY", zhuhai, 0, 0)]);
    let honest = world(7, ENTRIES).draft(party("hengqin"));
    let against_another = found(&verify(&[&honest, &draft], None).findings);
    assert!(against_another.contains(&("CARDS_DIFFER", zhuhai, 0, 0)), "{against_another:?}");
    assert!(against_another.iter().any(|found| found.0 == "FORK"), "{against_another:?}");
}

#[test]
fn refused_cards_are_found() {
    let (world, macau, zhuhai) = (world(7, 5), party("macau"), party("zhuhai"));
    let expected = [("CARD", zhuhai, 0, 0), ("UNKNOWN_KEY", zhuhai, 0, 0)];
    let with = |change: fn(&mut tongcha_ledger::key::PartyCard)| {
        let mut draft = world.draft(macau);
        change(draft.cards.iter_mut().find(|card| card.party == zhuhai).unwrap());
        found(&verify(&[&draft], None).findings)
    };
    assert_eq!(with(|card| card.broker_user = "UXYZ".into()), expected, "not what was signed");
    assert_eq!(with(|card| card.signing.0[0] ^= 1)[1..], expected[1..]);
    let mut twice = world.draft(macau);
    twice.cards.extend(cards().into_iter().filter(|card| card.party == zhuhai));
    assert_eq!(found(&verify(&[&twice], None).findings), [("CARD", zhuhai, 0, 0)]);
}
