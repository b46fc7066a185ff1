//! Export of events to other languages: every entry, opened where the keys open it; what is wrong ends a log.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use common::{Draft, party, world, write};
use serde_json::Value;
use tongcha_audit::bundle::Bundle;
use tongcha_audit::events::{self, EventForm, EventsReport};
use tongcha_ledger::slot::Slot;

fn draft() -> Draft {
    world(3, 40).draft(party("macau"))
}

fn export(draft: &Draft, form: EventForm) -> (EventsReport, Vec<u8>) {
    let written = write(&[draft]);
    let (bundle, mut out) = (Bundle::open(&written.paths[0]).unwrap(), Vec::new());
    (events::export(&bundle, form, None, None, &mut out).unwrap(), out)
}

fn lines(draft: &Draft) -> (EventsReport, Vec<Value>) {
    let (report, out) = export(draft, EventForm::Jsonl);
    let lines = String::from_utf8(out).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    (report, lines)
}

/// Cuts length-delimited messages apart.
fn messages(mut bytes: &[u8]) -> Vec<&[u8]> {
    let mut messages = Vec::new();
    while !bytes.is_empty() {
        let mut length = 0usize;
        for group in 0.. {
            let (byte, rest) = bytes.split_first().unwrap();
            bytes = rest;
            length |= usize::from(byte & 0x7F) << (7 * group);
            if byte & 0x80 == 0 {
                break;
            }
        }
        let (message, rest) = bytes.split_at(length);
        messages.push(message);
        bytes = rest;
    }
    messages
}

#[test]
fn every_entry_is_exported_in_order_and_opened_where_the_party_reads_it() {
    let world = world(3, 40);
    let draft = world.draft(party("macau"));
    let (report, lines) = lines(&draft);
    assert!(report.findings.is_empty(), "{report}");
    assert_eq!(lines.len(), 120);
    assert_eq!(
        report.logs.iter().map(|log| log.origin.to_string()).collect::<Vec<_>>(),
        ["macau", "hengqin", "zhuhai"]
    );
    let mut of_origin = std::collections::BTreeMap::<_, usize>::new();
    for line in &lines {
        let origin = line["header"]["origin"].as_str().unwrap();
        let seq = of_origin.entry(origin).or_default();
        let made = &world.logs[&party(origin)][*seq];
        assert_eq!(line["header"]["seq"], *seq);
        assert_eq!(line["header"]["kind"], made.entry.header().kind.code());
        assert_eq!(line["leaf"], hex::encode(made.entry.leaf()));
        if made.entry.header().audience.contains(&party("macau")) {
            assert_eq!(line["content"]["body"]["actor"]["officer"], made.body.actor.officer.as_str());
            assert_eq!(line["content"]["body"]["event"].as_object().unwrap().len(), 1);
        } else {
            assert_eq!(line["content"], "not_addressed");
        }
        *seq += 1;
    }
    let opened: u64 = report.logs.iter().map(|log| log.opened).sum();
    assert!(opened > 40 && opened < 120, "{opened}");
    let (_, bytes) = export(&draft, EventForm::Protobuf);
    assert_eq!(messages(&bytes).len(), 120);
    assert!(messages(&bytes).iter().all(|message| message[0] == 0x0A), "each begins with its header, field 1");
}

#[test]
fn an_erased_body_and_a_missing_key_are_said() {
    let mut draft = draft();
    let keys = draft.keys.get_mut(&party("macau")).unwrap();
    (keys[0], keys[1]) = (Slot::Destroyed, Slot::Empty);
    let (report, lines) = lines(&draft);
    assert!(report.findings.is_empty(), "{report}");
    assert_eq!((&lines[0]["content"], &lines[1]["content"]), (&"erased".into(), &"no_key".into()));
    assert!(lines[2]["content"]["body"].is_object());
    draft.keys.clear();
    let (report, lines) = self::lines(&draft);
    assert!(report.findings.is_empty() && report.logs.iter().all(|log| log.opened == 0));
    assert!(lines.iter().all(|line| line["content"].is_string()));
}

#[test]
fn a_fault_ends_what_is_exported_of_its_log() {
    let mut draft = draft();
    draft.edit(party("zhuhai"), 5, |record| record.entry[40] ^= 1);
    let (report, lines) = lines(&draft);
    assert_eq!((report.findings.len(), report.findings[0].seq), (1, 5));
    assert_eq!(lines.len(), 40 + 40 + 5);
}

#[test]
fn the_program_writes_a_file_that_others_cannot_read_and_overwrites_none() {
    let audit = |args: &[&str]| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_tongcha-audit")).args(args).output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
    };
    let written = write(&[&draft()]);
    let (bundle, out) = (written.paths[0].to_str().unwrap(), written.dir.path().join("events.jsonl"));
    let args = ["export", "--format", "jsonl", "--bundle", bundle, "--out", out.to_str().unwrap()];
    let (code, said) = audit(&args);
    assert!(code == 0 && said.contains("log of zhuhai: 40 entries"), "{said}");
    assert_eq!(std::fs::read_to_string(&out).unwrap().lines().count(), 120);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&out).unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert_eq!(audit(&args).0, 2, "the file is there");
    assert_eq!(audit(&["export", "--bundle", bundle, "--out", "x"]).0, 2, "a bundle of a bundle");
    assert_eq!(audit(&["export", "--format", "jsonl", "--data", bundle, "--party", "macau", "--out", "x"]).0, 2);

    let mut forged = draft();
    forged.edit(party("macau"), 1, |record| record.entry[40] ^= 1);
    let (written, out) = (write(&[&forged]), written.dir.path().join("forged.pb"));
    let bundle = written.paths[0].to_str().unwrap();
    let (code, said) = audit(&["export", "--format", "protobuf", "--bundle", bundle, "--out", out.to_str().unwrap()]);
    assert!(code == 1 && said.contains("log of macau, entry 1"), "{said}");
}
