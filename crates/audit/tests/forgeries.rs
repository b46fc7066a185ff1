//! Every class of forgery within one log is found, with the right log, entry and byte. What a party can do with its own
//! key and what checkpoints add is in `tamper.rs`.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use common::forge::{Class, ENTRIES, any, check, class, flip, inner, resigned, two_with_bodies};
use common::{parties, read, secrets, world};
use rand::Rng;
use tongcha_domain::time::Instant;
use tongcha_ledger::body::BodyKey;
use tongcha_ledger::entry::{SIGNATURE_LEN, VerifiedEntry};
use tongcha_ledger::key::PartySecrets;

const FORM: &[&str] = &["FORM", "VERSION", "UNKNOWN_KEY", "SIGNATURE", "ORIGIN", "LENGTH"];

fn classes_of_bytes() -> Vec<Class> {
    vec![
        class("bit flip before the record", &["DAMAGED", "TORN"], |_, draft, origin, rng| {
            let at = any(rng);
            flip(&mut draft.log(origin)[at][..8], rng);
            at as u64
        }),
        class("bit flip in the record", &["DAMAGED"], |_, draft, origin, rng| {
            let at = any(rng);
            flip(&mut draft.log(origin)[at][8..], rng);
            at as u64
        }),
        class("bit flip in the header, checksum made good", FORM, |_, draft, origin, rng| {
            let at = any(rng);
            draft.edit(origin, at, |record| {
                let head = record.entry.len() - SIGNATURE_LEN;
                flip(&mut record.entry[..head], rng);
            });
            at as u64
        }),
        class("bit flip in the signature, checksum made good", &["SIGNATURE"], |_, draft, origin, rng| {
            let at = any(rng);
            draft.edit(origin, at, |record| {
                let head = record.entry.len() - SIGNATURE_LEN;
                flip(&mut record.entry[head..], rng);
            });
            at as u64
        }),
    ]
}

fn classes_of_content() -> Vec<Class> {
    vec![
        class("bit flip in the body, checksum made good", &["BODY"], |_, draft, origin, rng| {
            let (at, _) = two_with_bodies(draft, origin, rng);
            draft.edit(origin, at, |record| flip(&mut record.body.as_mut().unwrap().ciphertext, rng));
            at as u64
        }),
        class("bit flip in the hash of the body key", &["BODY"], |_, draft, origin, rng| {
            let (at, _) = two_with_bodies(draft, origin, rng);
            draft.edit(origin, at, |record| flip(&mut record.body.as_mut().unwrap().key_hash, rng));
            at as u64
        }),
        class("body cut short", &["BODY"], |_, draft, origin, rng| {
            let (at, _) = two_with_bodies(draft, origin, rng);
            draft.edit(origin, at, |record| record.body.as_mut().unwrap().ciphertext.truncate(20));
            at as u64
        }),
        class("header not in its canonical form", &["FORM"], |_, draft, origin, rng| {
            let at = any(rng);
            // The version 1 as a varint of two bytes.
            draft.edit(origin, at, |record| drop(record.entry.splice(0..1, [0x81, 0x00])));
            at as u64
        }),
        class("file truncated within an entry", &["TORN"], |_, draft, origin, rng| {
            let (at, log) = (any(rng), draft.log(origin));
            log.truncate(at + 1);
            let cut = rng.random_range(1..log[at].len());
            log[at].truncate(cut);
            at as u64
        }),
        class("trailing garbage", &["DAMAGED", "TORN"], |_, draft, origin, rng| {
            let garbage = (0..rng.random_range(1..200)).map(|_| rng.random()).collect();
            draft.log(origin).push(garbage);
            ENTRIES as u64
        }),
    ]
}

fn classes_of_order() -> Vec<Class> {
    vec![
        class("two entries swapped", &["SEQUENCE"], |_, draft, origin, rng| {
            let at = rng.random_range(0..ENTRIES - 1);
            let other = rng.random_range(at + 1..ENTRIES);
            draft.log(origin).swap(at, other);
            at as u64
        }),
        class("first entry dropped", &["SEQUENCE"], |_, draft, origin, _| {
            draft.log(origin).remove(0);
            0
        }),
        class("inner entry dropped", &["SEQUENCE"], |_, draft, origin, rng| {
            let at = inner(rng);
            draft.log(origin).remove(at);
            at as u64
        }),
        class("last entry dropped", &["MISSING"], |_, draft, origin, _| {
            draft.log(origin).pop();
            ENTRIES as u64 - 1
        }),
        class("several last entries dropped", &["MISSING"], |_, draft, origin, rng| {
            let left = any(rng);
            draft.log(origin).truncate(left);
            left as u64
        }),
    ]
}

fn classes_of_other_entries() -> Vec<Class> {
    vec![
        class("entry duplicated", &["SEQUENCE", "UNLISTED"], |_, draft, origin, rng| {
            let at = any(rng);
            let again = draft.log(origin)[at].clone();
            draft.log(origin).insert(at + 1, again);
            at as u64 + 1
        }),
        class("old entry again at the end", &["SEQUENCE"], |_, draft, origin, rng| {
            let again = draft.log(origin)[any(rng)].clone();
            draft.log(origin).push(again);
            ENTRIES as u64
        }),
        class("replaced by an entry of another log", &["ORIGIN"], |_, draft, origin, rng| {
            let at = any(rng);
            let other = parties().into_iter().find(|party| *party != origin).unwrap();
            let foreign = draft.log(other)[at].clone();
            draft.log(origin)[at] = foreign;
            at as u64
        }),
        class("log removed", &["MISSING"], |_, draft, origin, _| {
            draft.logs.remove(&origin);
            0
        }),
        class("two logs exchanged", &["ORIGIN"], |_, draft, origin, _| {
            let other = parties().into_iter().find(|party| *party != origin).unwrap();
            let foreign = draft.log(other).clone();
            *draft.log(origin) = foreign;
            0
        }),
    ]
}

fn classes_of_writers() -> Vec<Class> {
    vec![
        class("signed by another party", &["SIGNATURE"], |world, draft, origin, rng| {
            let (at, other) = (any(rng), parties().into_iter().find(|party| *party != origin).unwrap());
            let header = world.logs[&origin][at].entry.header().clone();
            let forged = VerifiedEntry::sign(header, secrets(other)).unwrap();
            draft.edit(origin, at, |record| record.entry = forged.bytes().to_vec());
            at as u64
        }),
        class("another predecessor, signed by the origin", &["CHAIN"], |world, draft, origin, rng| {
            let at = any(rng);
            let forged = resigned(world, origin, at, |header| flip(&mut header.prev, rng));
            draft.edit(origin, at, |record| record.entry = forged);
            at as u64
        }),
        class("rewritten by the origin", &["CHAIN"], |world, draft, origin, rng| {
            let at = inner(rng);
            let forged = resigned(world, origin, at, |header| header.recorded_at = header.recorded_at.plus_us(1));
            draft.edit(origin, at, |record| record.entry = forged);
            at as u64 + 1 // the entry itself is good; the next one does not follow it
        }),
        class("last entry rewritten by the origin", &["HEAD"], |world, draft, origin, _| {
            let at = ENTRIES - 1;
            let forged = resigned(world, origin, at, |header| header.recorded_at = header.recorded_at.plus_us(1));
            draft.edit(origin, at, |record| record.entry = forged);
            at as u64
        }),
        class("clock set back by the origin", &["CLOCK"], |world, draft, origin, rng| {
            let at = inner(rng);
            let forged = resigned(world, origin, at, |header| header.recorded_at = Instant(1));
            draft.edit(origin, at, |record| record.entry = forged);
            at as u64
        }),
    ]
}

fn classes_of_histories() -> Vec<Class> {
    vec![
        class("two histories of the origin spliced", &["CHAIN"], |_, draft, origin, rng| {
            let (at, other) = (inner(rng), world(rng.random(), ENTRIES).draft(draft.manifest.party));
            let tail = other.logs[&origin][at..].to_vec();
            draft.log(origin).splice(at.., tail);
            at as u64
        }),
        class("entry added by the origin", &["UNLISTED"], |world, draft, origin, rng| {
            let mut longer = world.clone();
            longer.append(origin, common::bodies().remove(0), BodyKey(rng.random()));
            let added = longer.logs[&origin][ENTRIES].frame_for(draft.manifest.party);
            draft.log(origin).push(added);
            ENTRIES as u64
        }),
        class("bodies of two entries exchanged", &["BODY"], |_, draft, origin, rng| {
            let (one, two) = two_with_bodies(draft, origin, rng);
            let (first, second) = (read(&draft.log(origin)[one]).body, read(&draft.log(origin)[two]).body);
            assert_ne!(first, second);
            draft.edit(origin, one, |record| record.body = second);
            draft.edit(origin, two, |record| record.body = first);
            one as u64
        }),
        class("body removed", &["BODY_MISSING"], |_, draft, origin, rng| {
            let (at, _) = two_with_bodies(draft, origin, rng);
            draft.edit(origin, at, |record| record.body = None);
            at as u64
        }),
        class("a key that is not the party's", &["UNKNOWN_KEY"], |_, draft, origin, rng| {
            let stranger = PartySecrets::generate(origin, rng).card("UABC").unwrap();
            let card = draft.cards.iter_mut().find(|card| card.party == origin).unwrap();
            *card = stranger;
            0
        }),
    ]
}

#[test]
fn changed_bytes_are_found() {
    check(classes_of_bytes());
}

#[test]
fn changed_content_is_found() {
    check(classes_of_content());
}

#[test]
fn changed_order_is_found() {
    check(classes_of_order());
}

#[test]
fn foreign_entries_are_found() {
    check(classes_of_other_entries());
}

#[test]
fn dishonest_writers_are_found() {
    check(classes_of_writers());
}

#[test]
fn other_histories_are_found() {
    check(classes_of_histories());
}
