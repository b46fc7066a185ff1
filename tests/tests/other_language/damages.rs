//! Damages and forgeries of a bundle, and the finding that names each.

use std::fs;

use tongcha_domain::event::EventKind;
use tongcha_domain::time::Instant;
use tongcha_ledger::checkpoint::{LogKey, SignedCheckpoint};
use tongcha_ledger::entry::Header;
use tongcha_ledger::frame::Record;
use tongcha_ledger::key::KeyId;
use tongcha_ledger::merkle::TreeHead;

use crate::bench::{Bench, Damage, ENTRIES};
use crate::common::forge::resigned;
use crate::common::{directory, party, secrets, world};

/// The entry that is damaged where any will do.
const AT: usize = 3;
/// Where `prev` begins in an entry of Macau: after version, origin with its length, and a number of one byte.
const PREV_AT: usize = 1 + 1 + "macau".len() + 1;

fn record(bench: &Bench, change: impl FnOnce(&mut Record)) -> usize {
    bench.edit(|draft| draft.edit(party("macau"), AT, change));
    AT
}

/// What Macau itself could have signed.
fn signed(bench: &Bench, change: impl FnOnce(&mut Header)) -> usize {
    record(bench, |record| record.entry = resigned(&bench.world, party("macau"), AT, change))
}

/// A file of Macau's log with one bit changed.
fn bit(bench: &Bench, name: &str) -> usize {
    bench.file(name, |bytes| {
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
    });
    0
}

/// Another character in a line of the checkpoint: 2 is the root, 4 the log's signature, 5 and 6 are the cosignatures.
fn note(bench: &Bench, line: usize) -> usize {
    bench.edit(|draft| {
        let note = draft.checkpoints.get_mut(&party("macau")).unwrap();
        let mut lines: Vec<_> = String::from_utf8(note.clone()).unwrap().lines().map(str::to_owned).collect();
        let at = lines[line].len() - 20;
        let other = if lines[line].as_bytes()[at] == b'A' { "B" } else { "A" };
        lines[line].replace_range(at..=at, other);
        *note = (lines.join("\n") + "\n").into_bytes();
    });
    0
}

pub fn table() -> Vec<Damage> {
    [entries(), chains(), bodies(), ends(), evidence(), tiles(), others()].concat()
}

fn entries() -> Vec<Damage> {
    vec![
        ("a bit of a frame's checksum", "log of macau: entry 0: damaged", |bench| {
            bench.file("logs/macau.log", |bytes| bytes[5] ^= 1);
            0
        }),
        ("a log that ends within a frame", "log of macau: entry {}: torn", |bench| {
            bench.file("logs/macau.log", |bytes| bytes.truncate(bytes.len() - 1));
            ENTRIES - 1
        }),
        ("a bit of the signature", "log of macau: entry {}: signature", |bench| {
            record(bench, |record| *record.entry.last_mut().unwrap() ^= 1)
        }),
        ("a bit of the header", "log of macau: entry {}: signature", |bench| {
            record(bench, |record| record.entry[PREV_AT] ^= 1)
        }),
        ("a number written longer", "log of macau: entry {}: header/not-canonical", |bench| {
            record(bench, |record| {
                record.entry[PREV_AT - 1] |= 0x80;
                record.entry.insert(PREV_AT, 0);
            })
        }),
        ("a header that ends early", "log of macau: entry {}: header/malformed", |bench| {
            record(bench, |record| drop(record.entry.drain(PREV_AT..PREV_AT + 9)))
        }),
        ("an entry without its signature", "log of macau: entry {}: header/", |bench| {
            record(bench, |record| record.entry.truncate(record.entry.len() - 64))
        }),
        ("an entry too short for any", "log of macau: entry {}: length", |bench| {
            record(bench, |record| record.entry.truncate(63))
        }),
        ("version 2", "log of macau: entry {}: version", |bench| signed(bench, |header| header.version = 2)),
        ("an unknown key", "log of macau: entry {}: unknown-key", |bench| {
            signed(bench, |header| header.key_id = KeyId([0; 8]))
        }),
        ("an audience without the origin", "log of macau: entry {}: audience", |bench| {
            signed(bench, |header| header.audience = [party("zhuhai")].into())
        }),
    ]
}

fn chains() -> Vec<Damage> {
    vec![
        ("an entry left out", "log of macau: entry {}: sequence", |bench| {
            bench.edit(|draft| drop(draft.log(party("macau")).remove(AT)));
            AT
        }),
        ("an entry twice", "log of macau: entry {}: sequence", |bench| {
            bench.edit(|draft| {
                let frame = draft.log(party("macau"))[AT - 1].clone();
                draft.log(party("macau")).insert(AT, frame);
            });
            AT
        }),
        ("an entry of another log", "log of macau: entry {}: origin", |bench| {
            bench.edit(|draft| draft.log(party("macau"))[AT] = draft.logs[&party("zhuhai")][AT].clone());
            AT
        }),
        ("another entry at this place", "log of macau: entry {}: chain", |bench| {
            let other = world(2, AT + 1).draft(party("macau"));
            bench.edit(|draft| draft.log(party("macau"))[AT] = other.logs[&party("macau")][AT].clone());
            AT
        }),
        ("a clock set back", "log of macau: entry {}: clock", |bench| {
            signed(bench, |header| header.recorded_at = Instant(0))
        }),
        ("less seen than before", "log of macau: entry {}: seen: less", |bench| {
            signed(bench, |header| header.seen.clear())
        }),
        ("another log cut off before what was seen of it", "log of macau: entry {}: seen: more of zhuhai", |bench| {
            bench.edit(|draft| {
                draft.log(party("zhuhai")).truncate(AT - 1);
                draft.relist();
            });
            AT
        }),
    ]
}

fn bodies() -> Vec<Damage> {
    vec![
        ("a bit of a body", "log of macau: entry {}: digest", |bench| {
            record(bench, |record| record.body.as_mut().unwrap().ciphertext[0] ^= 1)
        }),
        ("a bit of the hash of its key", "log of macau: entry {}: digest", |bench| {
            record(bench, |record| record.body.as_mut().unwrap().key_hash[0] ^= 1)
        }),
        ("a body that ends early", "log of macau: entry {}: length", |bench| {
            record(bench, |record| {
                record.body.as_mut().unwrap().ciphertext.pop();
            })
        }),
        ("a body taken away", "log of macau: body: of entry {} is missing", |bench| {
            let at = bench.find(party("macau"), |readers| readers.len() > 1);
            bench.edit(|draft| draft.edit(party("macau"), at, |record| record.body = None));
            at
        }),
        ("a body lost, and nobody says so", "log of macau: body: of entry {} is missing", |bench| {
            let at = bench.find(party("macau"), |readers| readers == ["macau"]);
            bench.edit(|draft| draft.edit(party("macau"), at, |record| record.body = None));
            at
        }),
        ("a body that is not for Macau", "log of zhuhai: entry {}: body", |bench| {
            let at = bench.find(party("zhuhai"), |readers| !readers.contains(&"macau"));
            let body = bench.world.logs[&party("zhuhai")][at].sealed.clone();
            bench.edit(|draft| draft.edit(party("zhuhai"), at, |record| record.body = Some(body)));
            at
        }),
        ("a report on keys that is not for everybody", "log of macau: entry {}: unpublished", |bench| {
            signed(bench, |header| header.kind = EventKind::KeyRetired)
        }),
    ]
}

fn ends() -> Vec<Damage> {
    vec![
        ("the last entry taken away", "log of macau: manifest: it says (24,", |bench| {
            bench.edit(|draft| drop(draft.log(party("macau")).pop()));
            0
        }),
        ("the last entry taken away, also from the list", "log of macau: checkpoint: beyond", |bench| {
            bench.edit(|draft| {
                draft.log(party("macau")).pop();
                draft.relist();
            });
            0
        }),
        ("another last entry in the list", "log of macau: manifest", |bench| {
            bench.edit(|draft| draft.manifest.logs[1].head.0[0] ^= 1);
            0
        }),
        ("a log rewritten with the party's own key", "log of macau: checkpoint: root", |bench| {
            let other = world(2, ENTRIES).draft(party("macau"));
            bench.edit(|draft| {
                draft.logs.insert(party("macau"), other.logs[&party("macau")].clone());
                draft.relist();
            });
            0
        }),
        ("a log that is gone", "log of hengqin: manifest", |bench| {
            // Macau's own list has all three, and Macau's own log says what it had seen.
            fs::remove_file(bench.path.join("logs/hengqin.log")).unwrap();
            0
        }),
        ("another format", "format: format 2", |bench| {
            bench.text("bundle.toml", "format = 1", "format = 2");
            0
        }),
    ]
}

fn evidence() -> Vec<Damage> {
    vec![
        ("a character of the root", "log of macau: checkpoint: note/signature: of tongcha.example/macau", |bench| {
            note(bench, 2)
        }),
        (
            "a character of the log's signature",
            "log of macau: checkpoint: note/signature: of tongcha.example/macau",
            |bench| note(bench, 4),
        ),
        ("a character of a cosignature", "log of macau: checkpoint: note/signature: of the witness hengqin", |bench| {
            note(bench, 5)
        }),
        (
            "a character of the other cosignature",
            "log of macau: checkpoint: note/signature: of the witness zhuhai",
            |bench| note(bench, 6),
        ),
        ("a signature that is no base64", "log of macau: checkpoint: note/line: not base64", |bench| {
            bench.edit(|draft| {
                let note = draft.checkpoints.get_mut(&party("macau")).unwrap();
                let end = note.len() - 5;
                note[end] = b'!';
            });
            0
        }),
        ("a signature line of a key ID alone", "log of macau: checkpoint: note/line: a signature line", |bench| {
            bench.edit(|draft| {
                draft.checkpoints.get_mut(&party("macau")).unwrap().extend("— somebody AAAAAA==\n".bytes());
            });
            0
        }),
        ("a checkpoint of another log", "log of macau: checkpoint: note/unsigned", |bench| {
            bench.edit(|draft| {
                let other = draft.checkpoints[&party("zhuhai")].clone();
                draft.checkpoints.insert(party("macau"), other);
            });
            0
        }),
        ("another root, signed by the log", "log of macau: checkpoint: root", |bench| {
            let log = LogKey::new(&directory().party(party("macau")).unwrap()).unwrap();
            let head = TreeHead { size: ENTRIES as u64, root: [1; 32] };
            let signed = SignedCheckpoint::sign(head, &log, secrets(party("macau"))).unwrap();
            let note = signed.note().to_string().into_bytes();
            bench.edit(|draft| drop(draft.checkpoints.insert(party("macau"), note)));
            0
        }),
    ]
}

fn tiles() -> Vec<Damage> {
    vec![
        ("no checkpoint, but its tiles", "log of macau: tiles: macau/bodies", |bench| {
            fs::remove_file(bench.path.join("checkpoints/macau.note")).unwrap();
            0
        }),
        ("a bit of the checkpoint beside the tiles", "log of macau: tiles: macau/checkpoint", |b| {
            bit(b, "macau/checkpoint")
        }),
        ("a bit of the verifier key", "log of macau: tiles: macau/vkey", |b| bit(b, "macau/vkey")),
        ("a bit of the witnesses' keys", "log of macau: tiles: macau/cosigners", |b| bit(b, "macau/cosigners")),
        ("a bit of a hash tile", "log of macau: tiles: macau/tile/0/000.p/24", |b| bit(b, "macau/tile/0/000.p/24")),
        ("a bit of a bundle of entries", "log of macau: tiles: macau/tile/entries/000.p/24", |b| {
            bit(b, "macau/tile/entries/000.p/24")
        }),
        ("a bit of a bundle of bodies", "log of macau: tiles: macau/bodies/000.p/24", |b| {
            bit(b, "macau/bodies/000.p/24")
        }),
        ("a tile of a third party's log", "log of zhuhai: tiles: zhuhai/tile/0/000.p/24", |b| {
            bit(b, "zhuhai/tile/0/000.p/24")
        }),
        ("a tile that is gone", "log of macau: tiles: macau/tile/0/000.p/24", |bench| {
            fs::remove_file(bench.path.join("macau/tile/0/000.p/24")).unwrap();
            0
        }),
        ("a tile too many", "log of macau: tiles: macau/tile/0/001.p/1", |bench| {
            fs::create_dir_all(bench.path.join("macau/tile/0/001.p")).unwrap();
            fs::write(bench.path.join("macau/tile/0/001.p/1"), [0; 32]).unwrap();
            0
        }),
    ]
}

fn others() -> Vec<Damage> {
    vec![
        ("another broker user on a card", "1.toml: card/possession: macau", |bench| {
            bench.text("cards/1.toml", "UABC", "UABD");
            0
        }),
        ("a party's key on another's card", "1.toml: card/possession: macau", |bench| {
            bench.edit(|draft| draft.cards[1].signing = draft.cards[0].signing);
            0
        }),
        ("two cards of one party", "3.toml: card/duplicate", |bench| {
            bench.edit(|draft| draft.cards.push(draft.cards[1].clone()));
            0
        }),
        ("a card that is gone", "log of macau: card", |bench| {
            bench.edit(|draft| drop(draft.cards.remove(1)));
            0
        }),
        ("no list", "unreadable", |bench| {
            fs::remove_file(bench.path.join("bundle.toml")).unwrap();
            0
        }),
    ]
}
