//! `checkpoint.json` and `receipt.json`: what a log has signed and others have witnessed, and the proof of one entry.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use tongcha_domain::time::{Instant, SECOND_US};

use super::entry::refused;
use super::verdict::{VALID, Verdict, verdict};
use super::{Case, Input, Set, fixed_directory, fixed_secrets};
use crate::body::{BodyKey, SealedBody};
use crate::checkpoint::{CheckpointError, LogKey, SignedCheckpoint, WitnessKey, witnesses_of};
use crate::entry::{Header, Tip, VerifiedEntry};
use crate::merkle::{MemoryHashes, TreeHead, root_over};
use crate::note::{NOTE_MAX, NoteKey, SIGNATURES_MAX, SignatureType, TEXT_MAX};
use crate::proof::{EntryReceipt, RECEIPT_MAX, ReceiptError};
use crate::testing::{body, events, header, party};

/// Entries of the log in the vectors: not a power of two.
const SIZE: usize = 5;
/// 2026-07-01, noon in Macau.
const AT: i64 = 1_782_878_400;

struct Log {
    entries: Vec<VerifiedEntry>,
    hashes: MemoryHashes,
    checkpoint: SignedCheckpoint,
}

fn log() -> Log {
    let (zhuhai, directory) = (fixed_secrets("zhuhai"), fixed_directory());
    let (mut entries, mut hashes, mut tip) = (Vec::new(), MemoryHashes::default(), Tip::default());
    for event in events().into_iter().take(SIZE) {
        let body = body(event);
        let sealed = SealedBody::seal(&body, &BodyKey([0x5E; 32])).unwrap();
        let header = Header { seq: tip.count, prev: tip.head, key_id: zhuhai.key_id(), ..header(&body, &sealed) };
        let entry = VerifiedEntry::sign(header, &zhuhai).unwrap();
        tip = Tip::after(&entry);
        hashes.append(&entry.leaf());
        entries.push(entry);
    }
    let leaves: Vec<_> = entries.iter().map(VerifiedEntry::leaf).collect();
    let head = TreeHead { size: SIZE as u64, root: root_over(&leaves) };
    let mut checkpoint =
        SignedCheckpoint::sign(head, &LogKey::new(&directory.party(party("zhuhai")).unwrap()).unwrap(), &zhuhai)
            .unwrap();
    for name in ["hengqin", "macau"] {
        let witness = WitnessKey::new(&directory.party(party(name)).unwrap()).unwrap();
        let signature =
            checkpoint.cosign(&TreeHead::EMPTY, &[], Instant(AT * SECOND_US), &witness, &fixed_secrets(name)).unwrap();
        checkpoint.add(signature, &witness).unwrap();
    }
    Log { entries, hashes, checkpoint }
}

// Any text, signed as a checkpoint of Zhuhai's log.
fn note_of(text: &str) -> String {
    let name = "tongcha.example/zhuhai/log/v1";
    let keys = fixed_directory().party(party("zhuhai")).unwrap().clone();
    let key = NoteKey::new(&keys, name, SignatureType::Ed25519).unwrap();
    let signature = fixed_secrets("zhuhai").sign(b"", text.as_bytes()).unwrap();
    let bytes = [key.verifier().key_id().as_slice(), &signature].concat();
    format!("{text}\n\u{2014} {name} {}\n", BASE64.encode(bytes))
}

fn judge_checkpoint(input: &Input) -> String {
    let directory = fixed_directory();
    let log = LogKey::new(&directory.party(party("zhuhai")).unwrap()).unwrap();
    let witnesses = witnesses_of(party("zhuhai"), &directory).unwrap();
    let note = if input.has("note") { input.text("note").as_bytes().to_vec() } else { input.bytes("bytes") };
    verdict(SignedCheckpoint::verify(&note, &log, &witnesses))
}

// A character of the base64 that ends a line, changed.
fn with_changed_line(note: &str, line: usize) -> String {
    let mut lines: Vec<String> = note.lines().map(str::to_owned).collect();
    let at = lines[line].len() - 20;
    let other = if &lines[line][at..=at] == "A" { "B" } else { "A" };
    lines[line].replace_range(at..=at, other);
    lines.join("\n") + "\n"
}

fn checkpoints() -> Vec<Case> {
    let good = log().checkpoint.note().to_string();
    let lines: Vec<&str> = good.lines().collect();
    let text = format!("{}\n{}\n{}\n", lines[0], lines[1], lines[2]);
    let line = |number: usize, other: &str| {
        let mut lines = [lines[0], lines[1], lines[2]];
        lines[number] = other;
        note_of(&format!("{}\n", lines.join("\n")))
    };
    let zeros = BASE64.encode([0; 32]);
    let many = format!("{good}{}", format!("{}\n", lines[4]).repeat(SIGNATURES_MAX - 2));
    let cases = [
        ("a log of five, cosigned by both others", VALID, good.clone()),
        ("not yet cosigned", VALID, note_of(&text)),
        ("with an extension line", VALID, note_of(&format!("{text}later\n"))),
        ("longer than any note", "note/too-long", "a".repeat(NOTE_MAX + 1)),
        ("a longer text than any", "note/too-long", note_of(&format!("{text}{}\n", "a".repeat(TEXT_MAX)))),
        ("a control character", "note/characters", note_of(&format!("{text}\u{7}\n"))),
        ("no empty line", "note/form", good.replace("\n\n", "\n")),
        ("no newline at the end", "note/form", good.trim_end().to_owned()),
        ("no dash", "note/line", good.replacen('\u{2014}', "-", 1)),
        ("more signatures than are read", "note/too-many", many),
        ("not signed by the log", "note/unsigned", format!("{text}\n{}\n", lines[5])),
        ("a character of the log's signature", "note/signature", with_changed_line(&good, 4)),
        ("a character of a cosignature", "note/signature", with_changed_line(&good, 6)),
        ("a character of the root", "note/signature", with_changed_line(&good, 2)),
        ("two lines", "lines", note_of(&format!("{}\n{}\n", lines[0], lines[1]))),
        ("a size with a zero before it", "size", line(1, "05")),
        ("a root of 31 bytes", "root", line(2, &BASE64.encode([0; 31]))),
        ("nothing, with a root", "empty-root", note_of(&format!("{}\n0\n{zeros}\n", lines[0]))),
        ("another log", "origin", line(0, "tongcha.example/macau/log/v1")),
    ];
    let case = |(name, verdict, note): (_, _, String)| match note.len() > 4096 {
        true => Case::new(name, verdict).bytes("bytes", note.as_bytes()),
        false => Case::new(name, verdict).text("note", &note),
    };
    cases.into_iter().map(case).collect()
}

fn judge_receipt(input: &Input) -> String {
    let text = if input.has("receipt") {
        input.text("receipt").to_owned()
    } else {
        String::from_utf8(input.bytes("bytes")).unwrap()
    };
    verdict(text.parse::<EntryReceipt>().and_then(|receipt| receipt.verify(&fixed_directory())))
}

fn receipts() -> Vec<Case> {
    let log = log();
    let good = EntryReceipt::new(&log.entries[3], &log.checkpoint, &log.hashes).unwrap().to_string();
    let lines: Vec<&str> = good.lines().collect();
    let with_entry = |entry: &[u8]| good.replace(lines[1], &format!("extra {}", BASE64.encode(entry)));
    let proof: String = lines[3..].iter().take_while(|line| !line.is_empty()).map(|line| format!("{line}\n")).collect();
    let mut cases: Vec<_> = [
        ("the fourth of five", VALID, good.clone()),
        ("another first line", "form", good.replace("@v1", "@v2")),
        ("an index with a zero before it", "form", good.replace("index 3", "index 03")),
        ("a space too many", "form", good.replace("extra ", "extra  ")),
        ("a note without a dash", "note/line", good.replacen('\u{2014}', "-", 1)),
        ("another index", "position", good.replace("index 3", "index 2")),
        ("a hash too few", "proof/length", good.replace(&proof, proof.split_once('\n').unwrap().1)),
        ("another hash", "proof/root", good.replace(lines[3], &BASE64.encode([0; 32]))),
        ("a character of the log's signature", "checkpoint/note/signature", with_changed_line(&good, lines.len() - 3)),
        ("a checkpoint of another log", "checkpoint/note/unsigned", good.replace("zhuhai/log", "macau/log")),
    ]
    .map(|(name, verdict, receipt)| Case::new(name, verdict).text("receipt", &receipt))
    .into();
    cases.push(Case::new("longer than any receipt", "too-long").bytes("bytes", &vec![b'a'; RECEIPT_MAX + 1]));
    for (name, verdict, entry) in refused() {
        let verdict = match name {
            "an unknown party" => "party".to_owned(),
            "longer than any entry" => continue, // an entry is read first, and these zeros are none
            _ => format!("entry/{verdict}"),
        };
        cases.push(Case::new(&format!("an entry: {name}"), &verdict).text("receipt", &with_entry(&entry)));
    }
    let (index, small) = (log.entries[4].clone(), TreeHead { size: 3, root: [7; 32] });
    let zhuhai = LogKey::new(&fixed_directory().party(party("zhuhai")).unwrap()).unwrap();
    let small = SignedCheckpoint::sign(small, &zhuhai, &fixed_secrets("zhuhai")).unwrap();
    let text = EntryReceipt::new(&index, &log.checkpoint, &log.hashes).unwrap().to_string();
    let (head, _) = text.split_once("\n\n").unwrap();
    cases.push(
        Case::new("a checkpoint of a smaller log", "proof/index")
            .text("receipt", &format!("{head}\n\n{}", small.note())),
    );
    cases
}

#[test]
fn published_checkpoints_have_their_verdicts() {
    Set {
        file: "vectors/checkpoint.json",
        about: "note (or its bytes): format.md section 10, of Zhuhai's log, with the other parties as witnesses.",
        judge: judge_checkpoint,
        codes: CheckpointError::codes(),
        excused: &[
            ("keys", "see keys.json"),
            ("note/opening", "only when signing"),
            ("note/signing", "only when signing"),
            ("consistency/", "only when cosigning"),
            ("time", "only when cosigning"),
        ],
    }
    .check(checkpoints());
}

#[test]
fn published_receipts_have_their_verdicts() {
    Set {
        file: "vectors/receipt.json",
        about: "receipt (or its bytes): format.md section 11.",
        judge: judge_receipt,
        codes: ReceiptError::codes(),
        excused: &[
            ("checkpoint/keys", "see keys.json"),
            ("note/too-long", "see checkpoint.json"),
            ("note/characters", "see checkpoint.json"),
            ("note/form", "see checkpoint.json"),
            ("note/too-many", "see checkpoint.json"),
            ("note/unsigned", "found when the checkpoint is verified"),
            ("note/signature", "found when the checkpoint is verified"),
            ("note/opening", "only when signing"),
            ("note/signing", "only when signing"),
            ("entry/header/too-long", "see entry.json"),
            ("entry/header/unencodable", "only when writing"),
            ("entry/signing", "only when writing"),
            ("entry/keys", "see keys.json"),
            ("entry/statement", "see keys.json"),
            ("entry/sequence", "the proof stands for the chain"),
            ("entry/chain", "the proof stands for the chain"),
            ("entry/clock", "the proof stands for the chain"),
            ("key/", "a registered key is always one for a log"),
            ("checkpoint/note/too-long", "see checkpoint.json"),
            ("checkpoint/note/characters", "see checkpoint.json"),
            ("checkpoint/note/form", "see checkpoint.json"),
            ("checkpoint/note/line", "found when the receipt is read"),
            ("checkpoint/note/too-many", "see checkpoint.json"),
            ("checkpoint/note/opening", "only when signing"),
            ("checkpoint/note/signing", "only when signing"),
            ("checkpoint/lines", "see checkpoint.json"),
            ("checkpoint/size", "see checkpoint.json"),
            ("checkpoint/root", "see checkpoint.json"),
            ("checkpoint/empty-root", "see checkpoint.json"),
            ("checkpoint/origin", "see checkpoint.json"),
            ("checkpoint/consistency/", "only when cosigning"),
            ("checkpoint/time", "only when cosigning"),
            ("proof/shrunk", "of consistency"),
            ("proof/fork", "of consistency"),
            ("proof/first-root", "of consistency"),
        ],
    }
    .check(receipts());
}
