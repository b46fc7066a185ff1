//! Exported events: both forms are compared with the bodies that the bundle's keys open, and each difference is named.

use std::path::PathBuf;

use tongcha_audit::bundle::Bundle;
use tongcha_audit::events::{EventForm, export};
use tongcha_domain::event::EventKind;
use tongcha_ledger::slot::SLOT_LEN;

use crate::bench::{Bench, Damage, ENTRIES, run, scripts};
use crate::common::forge::resigned;
use crate::common::party;

const JSONL: &str = "events.jsonl";
const PROTOBUF: &str = "events.pb";
const KEYS: &str = "body-keys/macau.keys";
/// The entry that is damaged where any will do.
const AT: usize = 3;

fn with_events() -> Bench {
    let bench = Bench::new(ENTRIES, "macau");
    let bundle = Bundle::open(&bench.path).unwrap();
    for (form, name) in [(EventForm::Jsonl, JSONL), (EventForm::Protobuf, PROTOBUF)] {
        let mut bytes = Vec::new();
        assert!(export(&bundle, form, None, None, &mut bytes).unwrap().findings.is_empty());
        std::fs::write(bench.path.join(name), bytes).unwrap();
    }
    bench
}

fn verify(bench: &Bench) -> (Option<i32>, String) {
    let paths: [PathBuf; 3] = [bench.path.clone(), bench.path.join(JSONL), bench.path.join(PROTOBUF)];
    run(&scripts().join("events.py"), &paths.each_ref().map(PathBuf::as_path))
}

fn line(bench: &Bench, at: usize, change: impl FnOnce(&mut String)) -> usize {
    bench.file(JSONL, |bytes| {
        let mut lines: Vec<_> = String::from_utf8(bytes.clone()).unwrap().lines().map(str::to_owned).collect();
        change(&mut lines[at]);
        *bytes = (lines.join("\n") + "\n").into_bytes();
    });
    at
}

/// Where the message of an entry begins after its length, and how long it is.
fn message(bytes: &[u8], number: usize) -> (usize, usize) {
    let mut at = 0;
    for entry in 0..=number {
        let (mut length, mut shift) = (0, 0);
        loop {
            let byte = bytes[at];
            (length, shift, at) = (length | usize::from(byte & 0x7F) << shift, shift + 7, at + 1);
            if byte < 0x80 {
                break;
            }
        }
        if entry == number {
            return (at, length);
        }
        at += length;
    }
    panic!("fewer messages")
}

pub fn table() -> Vec<Damage> {
    [json(), protobuf(), bodies()].concat()
}

fn json() -> Vec<Damage> {
    vec![
        ("a word of a JSON object", "event of log macau: entry {}: json", |bench| {
            line(bench, AT, |line| *line = line.replacen("\"macau\"", "\"zhuhai\"", 1))
        }),
        ("a field of JSON too many", "event of log macau: entry {}: json", |bench| {
            line(bench, AT, |line| line.insert_str(1, "\"more\":1,"))
        }),
        ("a line left out", "json: 71 events", |bench| {
            bench.file(JSONL, |bytes| {
                bytes.truncate(bytes[..bytes.len() - 1].iter().rposition(|b| *b == b'\n').unwrap() + 1);
            });
            0
        }),
    ]
}

fn protobuf() -> Vec<Damage> {
    vec![
        ("a bit of a leaf in a message", "event of log macau: entry {}: protobuf", |bench| {
            let leaf = bench.world.logs[&party("macau")][AT].entry.leaf();
            bench.file(PROTOBUF, |bytes| {
                let at = bytes.windows(leaf.len()).position(|window| window == leaf).unwrap();
                bytes[at] ^= 1;
            });
            AT
        }),
        ("no message", "event of log macau: entry {}: protobuf", |bench| {
            bench.file(PROTOBUF, |bytes| {
                let (at, length) = message(bytes, AT);
                bytes[at..at + length].fill(0xFF);
            });
            AT
        }),
        ("a message that ends early", "event of log zhuhai: entry {}: malformed", |bench| {
            bench.file(PROTOBUF, |bytes| bytes.truncate(bytes.len() - 1));
            ENTRIES - 1
        }),
        (
            "an unknown field in a message",
            "event of log zhuhai: entry {}: protobuf: the message has another form",
            |bench| {
                bench.file(PROTOBUF, |bytes| {
                    let (at, length) = message(bytes, 3 * ENTRIES - 1);
                    assert_eq!(at + length, bytes.len());
                    // Field 15 with the number 1; the length of the last message, a varint of two bytes, grows by two.
                    bytes.extend([0x78, 1]);
                    assert!(bytes[at - 1] < 0x80 && bytes[at - 2] >= 0x80 && bytes[at - 2] < 0xFE);
                    bytes[at - 2] += 2;
                });
                ENTRIES - 1
            },
        ),
        ("a message too many", "protobuf: more events", |bench| {
            bench.file(PROTOBUF, |bytes| bytes.push(0));
            0
        }),
    ]
}

fn bodies() -> Vec<Damage> {
    vec![
        ("a bit of a body key", "event of log macau: entry {}: damaged", |bench| {
            bench.file(KEYS, |bytes| bytes[SLOT_LEN * AT + 5] ^= 1);
            AT
        }),
        ("the body key of another entry", "event of log macau: entry {}: key", |bench| {
            bench.file(KEYS, |bytes| bytes.copy_within(SLOT_LEN..2 * SLOT_LEN, SLOT_LEN * AT));
            AT
        }),
        ("a body key left out", "event of log macau: entry {}: protobuf", |bench| {
            bench.file(KEYS, |bytes| bytes[SLOT_LEN * AT..SLOT_LEN * (AT + 1)].fill(0));
            AT
        }),
        ("a body of another kind than its header says", "event of log macau: entry {}: kind", |bench| {
            let at = ENTRIES - 1;
            let kind = bench.world.logs[&party("macau")][at].entry.header().kind;
            let other = if kind == EventKind::BatchSent { EventKind::BatchPrepared } else { EventKind::BatchSent };
            bench.edit(|draft| {
                draft.edit(party("macau"), at, |record| {
                    record.entry = resigned(&bench.world, party("macau"), at, |header| header.kind = other);
                });
                draft.relist();
                draft.checkpoints.clear();
            });
            for name in ["macau", "zhuhai", "hengqin"] {
                std::fs::remove_dir_all(bench.path.join(name)).unwrap();
            }
            at
        }),
    ]
}

#[test]
fn exported_events_are_what_the_bodies_say() {
    let (code, said) = verify(&with_events());
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("macau: 24 events, 24 bodies opened, both forms the same"), "{said}");
}

#[test]
fn every_damage_of_exported_events_is_named() {
    for (name, expected, damage) in table() {
        let bench = with_events();
        let at = damage(&bench);
        let expected = format!("FINDING: {}", expected.replace("{}", &at.to_string()));
        let (code, said) = verify(&bench);
        assert_eq!(code, Some(1), "{name}");
        assert!(said.starts_with(&expected), "{name}: {said}, not {expected}");
    }
}

#[test]
fn a_damaged_bundle_is_found_before_its_events() {
    let bench = with_events();
    bench.edit(|draft| draft.edit(party("macau"), AT, |record| record.entry[12] ^= 1));
    let (code, said) = verify(&bench);
    assert_eq!((code, said.starts_with("FINDING: log of macau: entry 3: signature")), (Some(1), true), "{said}");
}
