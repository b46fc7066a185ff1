//! What checkpoints prove that signatures and chains can't, and receipts.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)] // helpers of tests, too, stop at what is wrong

mod common;

use std::fs;

use common::{Draft, directory, found, party, verify, world, write};
use tongcha_audit::{receipt, tiles};
use tongcha_ledger::key::Directory;
use tongcha_ledger::merkle::{MemoryHashes, node, root_over};
use tongcha_ledger::tile::{HashTile, TilePath};

const WITNESSES: [&str; 2] = ["hengqin", "zhuhai"];

/// What Zhuhai has, with a checkpoint over so many entries of Macau's log.
fn draft(entries: usize, covered: usize) -> Draft {
    draft_of("zhuhai", entries, covered)
}

fn draft_of(name: &str, entries: usize, covered: usize) -> Draft {
    let world = world(1, entries);
    let mut draft = world.draft(party(name));
    let checkpoint = world.checkpoint(party("macau"), covered, &WITNESSES);
    draft.checkpoints.insert(party("macau"), checkpoint.note().to_string().into_bytes());
    draft
}

#[test]
fn a_checkpoint_anywhere_in_an_honest_log_is_good() {
    for covered in [0, 1, 5, 8, 9] {
        let report = verify(&[&draft(9, covered)], None);
        assert!(report.findings.is_empty(), "{:?}", report.findings);
        let log = report.logs.iter().find(|log| log.origin == party("macau")).unwrap();
        let checkpoint = log.checkpoint.as_ref().unwrap();
        assert_eq!((checkpoint.size, checkpoint.witnessed_by.len()), (covered as u64, 2));
    }
}

#[test]
fn entries_removed_from_the_end_are_missed() {
    for left in 0..5 {
        let mut draft = draft(5, 5);
        draft.log(party("macau")).truncate(left);
        // Zhuhai's own entries say how much of Macau's log it had: leave that finding out by having had nothing.
        draft.log(party("zhuhai")).clear();
        draft.relist();
        let found: Vec<_> = found(&verify(&[&draft], None).findings).into_iter().map(|(code, ..)| code).collect();
        assert_eq!(found, ["CHECKPOINT_BEYOND"], "{left} entries left");
    }
}

#[test]
fn a_log_rewritten_with_the_partys_own_key_is_found_out() {
    let mut draft = draft(6, 6);
    let other = world(2, 6).draft(party("zhuhai"));
    draft.logs.insert(party("macau"), other.logs[&party("macau")].clone());
    draft.relist();
    let found = found(&verify(&[&draft], None).findings);
    assert_eq!(found.iter().map(|(code, ..)| *code).collect::<Vec<_>>(), ["CHECKPOINT_ROOT"]);
}

#[test]
fn a_checkpoint_changed_in_any_way_is_refused() {
    let good = draft(3, 3);
    let note = &good.checkpoints[&party("macau")];
    let mut refused = 0;
    for at in 0..note.len() {
        let mut draft = good.clone();
        draft.checkpoints.get_mut(&party("macau")).unwrap()[at] ^= 1;
        let report = verify(&[&draft], None);
        let log = report.logs.iter().find(|log| log.origin == party("macau")).unwrap();
        // A signature line under another name is one of a witness nobody knows: it counts for nothing.
        let witnesses = log.checkpoint.as_ref().map_or(0, |checkpoint| checkpoint.witnessed_by.len());
        assert!(witnesses < 2, "byte {at}");
        refused += usize::from(!report.findings.is_empty());
    }
    assert!(refused > note.len() / 2, "{refused} of {}", note.len());
}

#[test]
fn a_receipt_from_a_bundle_is_checked_with_cards_alone() {
    let draft = draft(7, 6);
    let written = write(&[&draft]);
    let [bundle] = &written.bundles()[..] else { panic!() };
    for seq in 0..6 {
        let text = receipt::prove(bundle, party("macau"), seq, &directory()).unwrap().to_string();
        let report = receipt::check(&text, &directory(), 2);
        assert!(report.good, "{report}");
        assert_eq!(report.entry.as_ref().unwrap().seq, seq);
        assert!(!receipt::check(&text, &directory(), 3).good, "three others have not witnessed it");
        assert!(!receipt::check(&text, &Directory::default(), 0).good, "without a card nothing is proven");
        assert!(!receipt::check(&text.replacen("index ", "index 1", 1), &directory(), 0).good);
    }
    assert!(receipt::prove(bundle, party("macau"), 6, &directory()).is_err(), "the checkpoint does not cover it");
    assert!(receipt::prove(bundle, party("zhuhai"), 0, &directory()).is_err(), "there is no checkpoint");
}

#[test]
fn the_tiles_of_a_bundle_lead_to_the_signed_root() {
    let entries = 300;
    let draft = draft_of("macau", entries, entries); // a party has the bodies of its own log
    let written = write(&[&draft]);
    let bundles = written.bundles();
    tiles::write(&bundles[0], &directory()).unwrap();
    let dir = written.paths[0].join("macau");
    let tile = |path: &str| {
        let TilePath::Hashes(tile) = path.parse::<TilePath>().unwrap() else { panic!() };
        let tile: HashTile = tile;
        tile.parse(&fs::read(dir.join(path)).unwrap()).unwrap()
    };
    let (full, rest) = (tile("tile/0/000"), tile("tile/0/001.p/44"));
    assert_eq!(tile("tile/1/000.p/1"), [root_over(&full)]);
    let root = node(&root_over(&full), &root_over(&rest));
    let note = fs::read_to_string(dir.join("checkpoint")).unwrap();
    let checkpoint = tongcha_audit::checkpoints::open(note.as_bytes(), party("macau"), &directory()).unwrap();
    assert_eq!(checkpoint.head().root, root);
    let TilePath::Entries(last) = "tile/entries/001.p/44".parse().unwrap() else { panic!() };
    let bytes = fs::read(dir.join("tile/entries/001.p/44")).unwrap();
    let mut hashes = MemoryHashes::default();
    full.iter().for_each(|leaf| hashes.append(leaf));
    last.parse(&bytes).unwrap().iter().for_each(|entry| hashes.append(&tongcha_ledger::entry::leaf(entry)));
    assert_eq!(hashes.size(), 300);
    assert!(fs::read_to_string(dir.join("vkey")).unwrap().starts_with("tongcha.example/macau/log/v1+"));
    assert_eq!(fs::read_to_string(dir.join("cosigners")).unwrap().lines().count(), 2);
    let bodies = fs::read(dir.join("bodies/000")).unwrap();
    let sealed: usize = draft.logs[&party("macau")][..256]
        .iter()
        .map(|frame| common::read(frame).body.unwrap().ciphertext.len() + 32)
        .sum();
    assert_eq!(bodies.len(), sealed + 256 * 4);
}
