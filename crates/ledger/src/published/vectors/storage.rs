//! `frame.json`, `slot.json`, `note-file.json`: what stands in files.

use super::verdict::VALID;
use super::{Case, Input, Set, flipped};
use crate::body::BodyKey;
use crate::frame::{FrameRead, Record, read_frame};
use crate::note_slots;
use crate::parcel::PARCEL_MAX;
use crate::slot::{SLOT_LEN, Slot};

use super::body::seal;
use super::entry::first;

fn judge_frame(input: &Input) -> String {
    match read_frame(&input.bytes("frame")) {
        FrameRead::Whole(..) => VALID,
        FrameRead::Torn => "torn",
        FrameRead::Damaged => "damaged",
    }
    .to_owned()
}

fn frames() -> Vec<Case> {
    let record = Record { entry: first().bytes().to_vec(), body: Some(seal(b"any bytes")) };
    let good = record.to_frame().unwrap();
    let framed = |record: &[u8]| {
        let length = u32::try_from(record.len()).unwrap().to_le_bytes();
        [&length, &crc32fast::hash(record).to_le_bytes(), record].concat()
    };
    let long = u32::try_from(PARCEL_MAX + 1).unwrap().to_le_bytes();
    let cases = [
        ("an entry and a body", VALID, good.clone()),
        ("an entry alone", VALID, Record { body: None, ..record }.to_frame().unwrap()),
        ("a length alone", "torn", good[..4].to_vec()),
        ("cut", "torn", good[..good.len() - 1].to_vec()),
        ("nothing", "torn", Vec::new()),
        ("a bit of the record", "damaged", flipped(&good, 8 * 20)),
        ("a bit of the checksum", "damaged", flipped(&good, 8 * 5)),
        ("a length that no frame has", "damaged", [long, [0; 4]].concat()),
        ("a byte after the record", "damaged", framed(&[1, 9, 0, 0])),
        ("an over-long number", "damaged", framed(&[0x81, 0, 9, 0])),
    ];
    cases.into_iter().map(|(name, verdict, frame)| Case::new(name, verdict).bytes("frame", &frame)).collect()
}

fn judge_slot(input: &Input) -> String {
    let slot: &[u8; SLOT_LEN] = &input.array("slot");
    match Slot::from_bytes(slot) {
        Some(_) => VALID,
        None => "damaged",
    }
    .to_owned()
}

fn slots() -> Vec<Case> {
    let key = Slot::Key(BodyKey([9; 32])).to_bytes();
    let cases = [
        ("no key", VALID, Slot::Empty.to_bytes().to_vec()),
        ("a key", VALID, key.to_vec()),
        ("a key destroyed", VALID, Slot::Destroyed.to_bytes().to_vec()),
        ("an unknown state", "damaged", [&[3], &key[1..]].concat()),
        ("a bit of the key", "damaged", flipped(&key, 8 * 7)),
        ("a bit of the checksum", "damaged", flipped(&key, 8 * 34)),
        ("a bit of the padding", "damaged", flipped(&key, 8 * 39)),
    ];
    cases.into_iter().map(|(name, verdict, slot)| Case::new(name, verdict).bytes("slot", &slot)).collect()
}

fn judge_note_file(input: &Input) -> String {
    let mut file = input.bytes("even");
    file.resize(note_slots::SLOT_BYTES, 0);
    file.extend(input.bytes("odd"));
    match note_slots::newest(&file) {
        Some((turn, note)) if input.text("note") == format!("{turn} {}", String::from_utf8_lossy(note)) => VALID,
        Some(_) => "another",
        None => "none",
    }
    .to_owned()
}

fn note_files() -> Vec<Case> {
    let mut file = vec![0; 2 * note_slots::SLOT_BYTES];
    for (turn, note) in [(1, "first"), (2, "second")] {
        let slot = note_slots::slot(turn, note.as_bytes()).unwrap();
        let at = usize::try_from(note_slots::offset(turn)).unwrap();
        file[at..at + slot.len()].copy_from_slice(&slot);
    }
    let end = note_slots::SLOT_BYTES + 32;
    let cases = [
        ("the second note is the newer", VALID, file[..end].to_vec(), "2 second"),
        ("a torn second note leaves the first", VALID, flipped(&file[..end], 8 * 16), "1 first"),
        ("two torn notes", "none", flipped(&flipped(&file[..end], 8 * 16), 8 * (note_slots::SLOT_BYTES + 16)), ""),
    ];
    let case = |(name, verdict, file, note): (_, _, Vec<u8>, _)| {
        // The bytes between the slots are left out, so that the vector stays small.
        Case::new(name, verdict)
            .bytes("even", &file[..32])
            .bytes("odd", &file[note_slots::SLOT_BYTES..end])
            .text("note", note)
    };
    cases.into_iter().map(case).collect()
}

#[test]
fn published_frames_have_their_verdicts() {
    let codes = ["torn", "damaged"].map(str::to_owned).into();
    let about = "frame: the beginning of a file, format.md section 8.";
    Set { file: "vectors/frame.json", about, judge: judge_frame, codes, excused: &[] }.check(frames());
}

#[test]
fn published_slots_have_their_verdicts() {
    let about = "slot: format.md section 8.";
    Set { file: "vectors/slot.json", about, judge: judge_slot, codes: vec!["damaged".to_owned()], excused: &[] }
        .check(slots());
}

#[test]
fn published_note_files_have_their_verdicts() {
    let about = "even, odd: the beginnings of the two slots of a note file, format.md section 8; note: turn and note that count.";
    let codes = vec!["none".to_owned()];
    Set { file: "vectors/note-file.json", about, judge: judge_note_file, codes, excused: &[] }.check(note_files());
}
