//! Forgeries that need the party's own key, and those that checkpoints give away; and honest logs of every shape, of which
//! nothing is said.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use common::forge::{Class, ENTRIES, any, check, class, inner, resigned, two_with_bodies};
use common::{Draft, World, directory, found, parties, party, secrets, verify, world};
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use tongcha_domain::event::EventKind;
use tongcha_domain::id::PartyId;
use tongcha_ledger::checkpoint::{LogKey, SignedCheckpoint, WitnessKey};
use tongcha_ledger::entry::VerifiedEntry;
use tongcha_ledger::key::PartySecrets;
use tongcha_ledger::merkle::{Frontier, TreeHead};

/// Honest logs tried.
const HONEST: u64 = 1_000;

fn other(origin: PartyId) -> PartyId {
    parties().into_iter().find(|party| *party != origin).unwrap()
}

/// Replaces an entry by one that the origin signed; the entry itself is good, the next one does not follow it.
fn rewritten(
    world: &World,
    draft: &mut Draft,
    origin: PartyId,
    rng: &mut StdRng,
    change: impl FnOnce(&mut tongcha_ledger::entry::Header),
) -> u64 {
    let at = inner(rng);
    let forged = resigned(world, origin, at, change);
    draft.edit(origin, at, |record| record.entry = forged);
    at as u64 + 1
}

fn classes_of_headers() -> Vec<Class> {
    vec![
        class("audience changed by the origin", &["CHAIN", "BODY_MISSING"], |world, draft, origin, rng| {
            let before = draft.clone();
            let next = rewritten(world, draft, origin, rng, |header| {
                let all = parties().into();
                if header.audience == all {
                    header.audience.remove(&party("hengqin"));
                } else {
                    header.audience = all;
                }
            });
            // Where Macau was not in the audience, the body it should now have is missed first.
            let at = usize::try_from(next).unwrap() - 1;
            if common::read(&before.logs[&origin][at]).body.is_some() { next } else { next - 1 }
        }),
        class("kind changed by the origin", &["CHAIN"], |world, draft, origin, rng| {
            rewritten(world, draft, origin, rng, |header| {
                let kinds = EventKind::ALL.iter().filter(|kind| **kind != header.kind);
                header.kind = *kinds.clone().nth(3).unwrap();
            })
        }),
        class("length of the body changed by the origin", &["BODY", "CHAIN"], |world, draft, origin, rng| {
            let (at, _) = two_with_bodies(draft, origin, rng);
            let forged = resigned(world, origin, at, |header| header.body_len += 1);
            draft.edit(origin, at, |record| record.entry = forged);
            at as u64
        }),
        class("number skipped by the origin", &["SEQUENCE"], |world, draft, origin, rng| {
            let at = any(rng);
            let skip = rng.random_range(1..1_000);
            let forged = resigned(world, origin, at, |header| header.seq += skip);
            draft.edit(origin, at, |record| record.entry = forged);
            at as u64
        }),
        class("less seen than before, signed by the origin", &["SEEN_LESS"], |world, draft, origin, rng| {
            let at = rng.random_range(2..ENTRIES);
            let peer = other(origin);
            let less = rng.random_range(0..world.logs[&origin][at - 1].entry.header().seen[&peer]);
            let forged = resigned(world, origin, at, |header| header.seen.extend([(peer, less)]));
            draft.edit(origin, at, |record| record.entry = forged);
            at as u64
        }),
        class("nothing said any more of a peer, signed by the origin", &["SEEN_LESS"], |world, draft, origin, rng| {
            let at = rng.random_range(2..ENTRIES);
            let forged = resigned(world, origin, at, |header| header.seen.retain(|peer, _| *peer != other(origin)));
            draft.edit(origin, at, |record| record.entry = forged);
            at as u64
        }),
    ]
}

fn classes_of_keys() -> Vec<Class> {
    vec![
        class("name of the key exchanged for another party's", &["UNKNOWN_KEY"], |world, draft, origin, rng| {
            let at = any(rng);
            let name = secrets(other(origin)).key_id();
            let forged = resigned(world, origin, at, |header| header.key_id = name);
            draft.edit(origin, at, |record| record.entry = forged);
            at as u64
        }),
        class("signed with a key of a thief's own", &["UNKNOWN_KEY"], |world, draft, origin, rng| {
            let (at, thief) = (any(rng), PartySecrets::generate(origin, rng));
            let mut header = world.logs[&origin][at].entry.header().clone();
            header.key_id = thief.key_id();
            let forged = VerifiedEntry::sign(header, &thief).unwrap().bytes().to_vec();
            draft.edit(origin, at, |record| record.entry = forged);
            at as u64
        }),
        class("stolen key, chain not known", &["CHAIN"], |world, draft, origin, rng| {
            let at = any(rng);
            let prev = rng.random();
            let forged = resigned(world, origin, at, |header| header.prev = prev);
            draft.edit(origin, at, |record| record.entry = forged);
            at as u64
        }),
        class("stolen key of another party", &["ORIGIN"], |world, draft, origin, rng| {
            let (at, peer) = (any(rng), other(origin));
            let mut header = world.logs[&origin][at].entry.header().clone();
            (header.origin, header.key_id) = (peer, secrets(peer).key_id());
            header.audience.insert(peer);
            let forged = VerifiedEntry::sign(header, secrets(peer)).unwrap().bytes().to_vec();
            draft.edit(origin, at, |record| record.entry = forged);
            at as u64
        }),
        class("hashes of two body keys exchanged", &["BODY"], |_, draft, origin, rng| {
            let (one, two) = two_with_bodies(draft, origin, rng);
            let hash = |at: usize, draft: &Draft| common::read(&draft.logs[&origin][at]).body.unwrap().key_hash;
            let (first, second) = (hash(one, draft), hash(two, draft));
            draft.edit(origin, one, |record| record.body.as_mut().unwrap().key_hash = second);
            draft.edit(origin, two, |record| record.body.as_mut().unwrap().key_hash = first);
            one as u64
        }),
        class("entries from some place on in another order", &["SEQUENCE"], |_, draft, origin, rng| {
            let from = rng.random_range(0..ENTRIES - 1);
            let honest = draft.log(origin).clone();
            while draft.log(origin)[from] == honest[from] {
                draft.log(origin)[from..].shuffle(rng);
            }
            from as u64
        }),
    ]
}

fn note(checkpoint: &SignedCheckpoint) -> Vec<u8> {
    checkpoint.note().to_string().into_bytes()
}

/// Whose checkpoint it is, who signs the log, who cosigns: three parties' keys in the wrong places.
fn signed(origin: PartyId, by: PartyId, frontier: &Frontier, cosigner: Option<PartyId>) -> SignedCheckpoint {
    let keys = |party: PartyId| directory().party(party).unwrap().clone();
    let log = LogKey::new(&keys(origin)).unwrap();
    let mut checkpoint = SignedCheckpoint::sign(frontier.head(), &log, secrets(by)).unwrap();
    if let Some(cosigner) = cosigner {
        let witness = WitnessKey::new(&keys(cosigner)).unwrap();
        let now = tongcha_domain::time::Instant(1_790_000_000_000_000);
        let line = checkpoint.cosign(&TreeHead::EMPTY, &[], now, &witness, secrets(cosigner)).unwrap();
        checkpoint.add(line, &witness).unwrap();
    }
    checkpoint
}

fn frontier(world: &World, origin: PartyId, size: usize) -> Frontier {
    let mut frontier = Frontier::default();
    world.logs[&origin][..size].iter().for_each(|made| frontier.push(&made.entry.leaf()));
    frontier
}

/// Cuts a log and lists it as it then is. Macau's own log is the one cut, so that none but the checkpoint knows.
fn cut(draft: &mut Draft, origin: PartyId, left: usize) {
    draft.log(origin).truncate(left);
    // What Macau's log says it has seen of the other would give that away by itself.
    if origin != party("macau") {
        draft.log(party("macau")).truncate(0);
    }
    draft.relist();
}

fn classes_of_checkpoints() -> Vec<Class> {
    vec![
        class("tail cut off below the checkpoint", &["CHECKPOINT_BEYOND"], |world, draft, origin, rng| {
            let left = any(rng);
            draft.checkpoints.insert(origin, note(&world.checkpoint(origin, ENTRIES, &[])));
            cut(draft, origin, left);
            left as u64
        }),
        class("rolled back to an old disk", &["CHECKPOINT_BEYOND"], |world, draft, origin, rng| {
            let covered = rng.random_range(1..=ENTRIES);
            let left = rng.random_range(0..covered);
            draft.checkpoints.insert(origin, note(&world.checkpoint(origin, covered, &["hengqin"])));
            cut(draft, origin, left);
            left as u64
        }),
        class("checkpoint of another history", &["CHECKPOINT_ROOT"], |_, draft, origin, rng| {
            let history = common::world(rng.random_range(1_000..2_000), ENTRIES);
            draft.checkpoints.insert(origin, note(&history.checkpoint(origin, ENTRIES, &[])));
            ENTRIES as u64
        }),
        class("root forged and signed by the origin", &["CHECKPOINT_ROOT"], |world, draft, origin, rng| {
            let mut forged = frontier(world, origin, any(rng));
            forged.push(&rng.random());
            draft.checkpoints.insert(origin, note(&signed(origin, origin, &forged, None)));
            ENTRIES as u64
        }),
        class("checkpoint of another log", &["CHECKPOINT"], |world, draft, origin, rng| {
            let size = rng.random_range(1..=ENTRIES);
            draft.checkpoints.insert(origin, note(&world.checkpoint(other(origin), size, &[])));
            ENTRIES as u64
        }),
        class("checkpoint signed by another party", &["CHECKPOINT"], |world, draft, origin, rng| {
            let size = rng.random_range(1..=ENTRIES);
            let good = note(&world.checkpoint(origin, size, &[]));
            let theirs = note(&signed(other(origin), other(origin), &frontier(world, origin, size), None));
            draft.checkpoints.insert(origin, with_last_line_of(&good, &theirs));
            ENTRIES as u64
        }),
        class("cosignature of another checkpoint", &["CHECKPOINT"], |world, draft, origin, rng| {
            let size = rng.random_range(2..=ENTRIES);
            let good = note(&world.checkpoint(origin, size, &["hengqin"]));
            let before = note(&world.checkpoint(origin, size - 1, &["hengqin"]));
            draft.checkpoints.insert(origin, with_last_line_of(&good, &before));
            ENTRIES as u64
        }),
        class("size of the checkpoint changed", &["CHECKPOINT"], |world, draft, origin, rng| {
            let size = rng.random_range(1..ENTRIES);
            let text = world.checkpoint(origin, size, &["hengqin"]).note().to_string();
            let forged = text.replacen(&format!("\n{size}\n"), &format!("\n{}\n", size + 1), 1);
            draft.checkpoints.insert(origin, forged.into_bytes());
            ENTRIES as u64
        }),
    ]
}

/// A note with its last line exchanged for another's.
fn with_last_line_of(note: &[u8], other: &[u8]) -> Vec<u8> {
    let last = |note: &[u8]| note[..note.len() - 1].iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
    [&note[..last(note)], &other[last(other)..]].concat()
}

#[test]
fn headers_rewritten_by_their_own_party_are_found() {
    check(classes_of_headers());
}

#[test]
fn misused_keys_are_found() {
    check(classes_of_keys());
}

#[test]
fn what_contradicts_a_checkpoint_is_found() {
    check(classes_of_checkpoints());
}

#[test]
fn of_honest_logs_nothing_is_said() {
    let mut entries = 0;
    for seed in 0..HONEST {
        let mut rng = StdRng::seed_from_u64(seed);
        let size = rng.random_range(0..9);
        let world =
            if size == 0 { World { logs: parties().map(|one| (one, vec![])).into() } } else { world(seed, size) };
        let mut draft = world.draft(parties()[rng.random_range(0..3)]);
        for origin in parties() {
            let witnesses: Vec<&str> = common::PARTIES.into_iter().filter(|name| party(name) != origin).collect();
            let witnesses = &witnesses[..rng.random_range(0..=2)];
            if rng.random_bool(0.6) {
                let covered = rng.random_range(0..=size);
                draft.checkpoints.insert(origin, note(&world.checkpoint(origin, covered, witnesses)));
            }
        }
        let trusted = directory();
        let report = verify(&[&draft], rng.random_bool(0.5).then_some(&trusted));
        assert_eq!(found(&report.findings), [], "seed {seed}");
        entries += report.logs.iter().map(|log| log.entries).sum::<u64>();
    }
    println!("{HONEST} honest bundles, seeds 0..{HONEST}, {entries} entries: no finding");
}
