//! Witnessing between cores: what is cosigned, what is refused and by whom a lie or an old disk is found out.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)] // helpers of tests, too, stop at what is wrong

mod support;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use support::{MemoryDisk, NOON, command, directory, open, party, pass, raise, secrets, submission};
use tongcha_domain::time::{Instant, SECOND_US};
use tongcha_ledger::checkpoint::{LogKey, SignedCheckpoint};
use tongcha_ledger::merkle::{MemoryHashes, TreeHead, root_over};
use tongcha_ledger::tile::TilePath;
use tongcha_node::core::{Core, CoreError, Cosigned, RENEW_AFTER_US};

/// Macau with so many entries, and Zhuhai with a replica of them.
fn pair(entries: u128) -> ([MemoryDisk; 2], Core, Core) {
    let disks = [MemoryDisk::default(), MemoryDisk::default()];
    let (mut macau, mut zhuhai) = (open("macau", &disks[0]), open("zhuhai", &disks[1]));
    for number in 1..=entries {
        command(&mut macau, raise(number, &["zhuhai"])).1.unwrap();
    }
    pass(&mut macau, &mut zhuhai);
    (disks, macau, zhuhai)
}

fn note(core: &mut Core, now: Instant) -> Vec<u8> {
    core.checkpoint(now).unwrap().unwrap().note().to_string().into_bytes()
}

fn later(us: i64) -> Instant {
    NOON.plus_us(us)
}

/// Zhuhai cosigns Macau's checkpoint and Macau takes the signature up.
fn witness(macau: &mut Core, zhuhai: &mut Core, now: Instant) -> SignedCheckpoint {
    let note = note(macau, now);
    let Cosigned::Signature(line) = zhuhai.cosign(party("macau"), &note, now).unwrap() else { panic!() };
    assert!(macau.add_cosignature(party("zhuhai"), &line).unwrap());
    macau.published().unwrap().clone()
}

#[test]
fn a_witnessed_checkpoint_survives_a_restart_of_both_and_proves_every_entry() {
    let (disks, mut macau, mut zhuhai) = pair(5);
    assert!(macau.receipt(0).unwrap().is_none(), "nothing is published yet");
    let published = witness(&mut macau, &mut zhuhai, NOON);
    assert_eq!(macau.unwitnessed(), [party("hengqin")]);
    let (macau, zhuhai) = (open("macau", &disks[0].after_power_cut()), open("zhuhai", &disks[1].after_power_cut()));
    assert_eq!(macau.published(), Some(&published));
    assert_eq!(zhuhai.cosigned(party("macau")).unwrap().head(), published.head());
    for seq in 0..5 {
        let proven = macau.receipt(seq).unwrap().unwrap().verify(&directory()).unwrap();
        assert_eq!(proven.entry.header().seq, seq);
        assert!(proven.checkpoint.is_witnessed_by([party("zhuhai")]));
    }
    assert!(macau.receipt(5).unwrap().is_none());
}

#[test]
fn a_newer_checkpoint_waits_for_the_witnesses_but_not_for_ever() {
    let (_, mut macau, mut zhuhai) = pair(1);
    let first = witness(&mut macau, &mut zhuhai, NOON);
    command(&mut macau, raise(9, &["zhuhai"])).1.unwrap();
    let sizes = |core: &mut Core, at| core.checkpoint(at).unwrap().unwrap().head().size;
    assert_eq!(sizes(&mut macau, later(RENEW_AFTER_US - 1)), first.head().size, "Hengqin has not cosigned");
    assert_eq!(sizes(&mut macau, later(RENEW_AFTER_US)), 2);
}

#[test]
fn a_witness_cosigns_nothing_smaller_and_nothing_it_does_not_hold() {
    let (_, mut macau, mut zhuhai) = pair(2);
    let small = note(&mut macau, NOON);
    command(&mut macau, raise(3, &["zhuhai"])).1.unwrap();
    let large = note(&mut macau, later(RENEW_AFTER_US));
    assert_eq!(zhuhai.cosign(party("macau"), &large, NOON).unwrap(), Cosigned::Behind);
    pass(&mut macau, &mut zhuhai);
    assert!(matches!(zhuhai.cosign(party("macau"), &large, NOON).unwrap(), Cosigned::Signature(_)));
    let Cosigned::Smaller(held) = zhuhai.cosign(party("macau"), &small, NOON).unwrap() else { panic!() };
    // What the witness shows in return is our own signature on the larger log.
    macau.shown(party("zhuhai"), &held);
    assert_eq!(macau.rolled_back(), None, "Macau has that larger log");
    assert_eq!(zhuhai.cosign(party("hengqin"), &large, NOON).unwrap(), Cosigned::Refused);
    assert_eq!(zhuhai.cosign(party("zhuhai"), &large, NOON).unwrap(), Cosigned::Refused);
    assert_eq!(zhuhai.cosign(party("macau"), b"not a note", NOON).unwrap(), Cosigned::Refused);
}

#[test]
fn cosignatures_that_do_not_verify_are_not_taken_up() {
    let (_, mut macau, mut zhuhai) = pair(1);
    let note = note(&mut macau, NOON);
    let Cosigned::Signature(line) = zhuhai.cosign(party("macau"), &note, NOON).unwrap() else { panic!() };
    let mut other = line.clone().into_bytes();
    let at = other.len() - 6;
    other[at] = if other[at] == b'A' { b'B' } else { b'A' };
    for (peer, line) in
        [("zhuhai", String::from_utf8(other).unwrap()), ("hengqin", line.clone()), ("zhuhai", "x".into())]
    {
        assert!(!macau.add_cosignature(party(peer), &line).unwrap());
    }
    assert!(macau.published().unwrap().cosigned().is_empty());
    assert!(macau.add_cosignature(party("zhuhai"), &line).unwrap());
}

#[test]
fn every_one_of_a_thousand_forks_is_noticed_and_kept() {
    let (disks, mut macau, _) = pair(40);
    let key = LogKey::new(&directory().party(party("macau")).unwrap()).unwrap();
    let leaves: Vec<_> = (0..40).map(|seq| macau.leaf(party("macau"), seq).unwrap().unwrap()).collect();
    let mut rng = StdRng::seed_from_u64(156);
    let mut noticed = 0;
    for _ in 0..1000 {
        let mut zhuhai = open("zhuhai", &disks[1].copy());
        let size = rng.random_range(1..=leaves.len());
        let mut forged = leaves[..size].to_vec();
        let at = rng.random_range(0..size);
        forged[at][rng.random_range(0..32)] ^= 1 << rng.random_range(0..8);
        let head = TreeHead { size: size as u64, root: root_over(&forged) };
        let lie = SignedCheckpoint::sign(head, &key, &secrets("macau")).unwrap();
        let said = zhuhai.cosign(party("macau"), lie.note().to_string().as_bytes(), NOON).unwrap();
        assert_eq!(said, Cosigned::Conflict(None));
        assert!(zhuhai.peers()[&party("macau")].forked);
        noticed += 1;
    }
    assert_eq!(noticed, 1000);
    let mut zhuhai = open("zhuhai", &disks[1].copy());
    let honest = note(&mut macau, NOON);
    assert!(matches!(zhuhai.cosign(party("macau"), &honest, NOON).unwrap(), Cosigned::Signature(_)));
}

#[test]
fn a_log_shorter_or_other_than_its_own_checkpoint_refuses_to_write() {
    let disk = MemoryDisk::default();
    let mut macau = open("macau", &disk);
    command(&mut macau, raise(1, &["zhuhai"])).1.unwrap();
    let old_journal = disk.files().written["journal/macau.log"].clone();
    command(&mut macau, raise(2, &["zhuhai"])).1.unwrap();
    let signed = macau.checkpoint(NOON).unwrap().unwrap();
    drop(macau);
    assert_eq!(open("macau", &disk.copy()).rolled_back(), None);
    let rolled_back = disk.copy();
    rolled_back.damage("journal/macau.log", |bytes| *bytes = old_journal);
    let mut macau = open("macau", &rolled_back);
    assert_eq!(macau.rolled_back(), Some((party("macau"), signed.head().size)));
    let refused = macau.submit(submission(1, "ho.macau", raise(3, &["zhuhai"])), NOON);
    assert!(matches!(refused, Err(CoreError::RolledBack { .. })));
    assert_eq!(
        macau.checkpoint(later(60 * SECOND_US)).unwrap().unwrap().head(),
        signed.head(),
        "nothing new is signed"
    );
}

#[test]
fn a_checkpoint_that_a_peer_holds_proves_an_old_disk_and_a_forged_one_nothing() {
    let (disks, mut macau, mut zhuhai) = pair(1);
    let before = disks[0].copy();
    command(&mut macau, raise(2, &["zhuhai"])).1.unwrap();
    pass(&mut macau, &mut zhuhai);
    witness(&mut macau, &mut zhuhai, NOON);
    let mut restored = open("macau", &before);
    let small = note(&mut restored, NOON);
    let Cosigned::Smaller(held) = zhuhai.cosign(party("macau"), &small, NOON).unwrap() else { panic!() };
    let forged = String::from_utf8(held.clone()).unwrap().replacen("\n2\n", "\n3\n", 1).into_bytes();
    restored.shown(party("zhuhai"), &forged);
    assert_eq!(restored.rolled_back(), None, "a peer can't stop us with what we did not sign");
    restored.shown(party("zhuhai"), &held);
    assert_eq!(restored.rolled_back(), Some((party("zhuhai"), 2)));
}

#[test]
fn tiles_are_served_as_far_as_the_checkpoint_goes() {
    let (_, mut macau, _) = pair(3);
    let tile = |core: &Core, path: &str| core.tile(&path.parse::<TilePath>().unwrap()).unwrap();
    assert_eq!(tile(&macau, "tile/0/000.p/3"), None);
    note(&mut macau, NOON);
    command(&mut macau, raise(9, &["zhuhai"])).1.unwrap();
    let hashes: Vec<u8> = (0..3).flat_map(|seq| macau.leaf(party("macau"), seq).unwrap().unwrap()).collect();
    assert_eq!(tile(&macau, "tile/0/000.p/3"), Some(hashes.clone()));
    assert_eq!(tile(&macau, "tile/0/000.p/4"), None, "the fourth entry is in no checkpoint yet");
    let mut tree = MemoryHashes::default();
    hashes.as_chunks::<32>().0.iter().for_each(|leaf| tree.append(leaf));
    let TilePath::Entries(bundle) = "tile/entries/000.p/3".parse().unwrap() else { panic!() };
    let bytes = tile(&macau, "tile/entries/000.p/3").unwrap();
    let leaves: Vec<_> = bundle.parse(&bytes).unwrap().into_iter().map(tongcha_ledger::entry::leaf).collect();
    assert_eq!(leaves.concat(), hashes);
}
