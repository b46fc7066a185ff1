//! Bodies that are not there: lost as the log says, or missing, which is a finding. Without any key and with.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use std::collections::BTreeMap;

use common::{Draft, World, bodies, found, party, replay, verify, write};
use tongcha_audit::events::{EventForm, export};
use tongcha_domain::event::{Body, EventKind};
use tongcha_domain::id::PartyId;
use tongcha_domain::recovery::{LogRecovered, RecordRecovery};
use tongcha_ledger::body::BodyKey;
use tongcha_ledger::slot::Slot;

type Found = Vec<(&'static str, u64)>;

struct Case {
    world: World,
    zhuhai: PartyId,
    keys: u8,
}

fn sample(kind: EventKind) -> Body {
    Body { command: None, ..bodies().into_iter().find(|body| body.event.kind() == kind).unwrap() }
}

impl Case {
    /// Zhuhai reads a case (entries 0 and 1), tells Macau of a batch (2) and of an urgent notice (3).
    fn new() -> Self {
        let mut case = Self { world: World { logs: BTreeMap::new() }, zhuhai: party("zhuhai"), keys: 0 };
        for kind in
            [EventKind::AccessRecorded, EventKind::AccessRecorded, EventKind::BatchSent, EventKind::UrgentRaised]
        {
            case.append(sample(kind));
        }
        for seq in [2, 3] {
            assert!(case.world.logs[&case.zhuhai][seq].entry.header().audience.contains(&party("macau")));
        }
        case
    }

    fn append(&mut self, body: Body) -> u64 {
        self.keys += 1;
        self.world.append(self.zhuhai, body, BodyKey([self.keys; 32]));
        self.world.logs[&self.zhuhai].len() as u64 - 1
    }

    /// Zhuhai says that its log was recovered.
    fn recovers(&mut self, bodies_missing: u64, lost: &[u64]) -> u64 {
        let kept = self.world.logs[&self.zhuhai].len() as u64;
        let lost = lost.iter().copied().collect();
        let recovery = RecordRecovery { kept, returned: [].into(), copied: 0, bodies_missing, lost };
        let event = LogRecovered { recovery, others: [party("hengqin"), party("macau")].into() }.into();
        self.append(Body { event, ..sample(EventKind::BatchSent) })
    }

    /// What a party has when some bodies of Zhuhai's log are not there.
    fn without(&self, holder: &str, absent: &[u64]) -> Draft {
        let mut draft = self.world.draft(party(holder));
        for seq in absent {
            let at = usize::try_from(*seq).unwrap();
            draft.edit(self.zhuhai, at, |record| record.body = None);
            draft.keys.get_mut(&self.zhuhai).unwrap()[at] = Slot::Empty;
        }
        draft
    }
}

fn codes(findings: &[tongcha_audit::finding::Finding]) -> Found {
    found(findings).into_iter().map(|(code, _, seq, _)| (code, seq)).collect()
}

/// What is found with public keys alone, with body keys, and when the events are given to others: the same each time.
#[track_caller]
fn finds(draft: &Draft, expected: &[(&'static str, u64)]) {
    assert_eq!(codes(&verify(&[draft], None).findings), expected, "verify");
    assert_eq!(codes(&replay(&[draft], draft.manifest.party).findings), expected, "replay");
    let written = write(&[draft]);
    let report = export(&written.bundles()[0], EventForm::Jsonl, None, None, &mut Vec::new()).unwrap();
    assert_eq!(codes(&report.findings), expected, "export");
}

#[test]
fn what_an_addressee_lacks_is_named_by_its_writer_or_a_finding() {
    let mut case = Case::new();
    finds(&case.without("macau", &[]), &[]);
    finds(&case.without("macau", &[2]), &[("BODY_MISSING", 2)]);
    case.recovers(3, &[2]);
    finds(&case.without("macau", &[2]), &[]);
    finds(&case.without("macau", &[]), &[]); // it came all the same
    finds(&case.without("macau", &[3]), &[("BODY_MISSING", 3)]);
    finds(&case.without("macau", &[2, 3]), &[("BODY_MISSING", 3)]);
    let later = case.append(sample(EventKind::UrgentRaised));
    finds(&case.without("macau", &[2, later]), &[("BODY_MISSING", later)]);
    case.recovers(1, &[later + 1]);
    finds(&case.without("macau", &[later]), &[("BODY_MISSING", later)]);
}

#[test]
fn the_own_log_lacks_what_it_says_and_nothing_else() {
    let mut case = Case::new();
    finds(&case.without("zhuhai", &[0]), &[("BODY_MISSING", 0)]);
    let recovery = case.recovers(2, &[2]);
    finds(&case.without("zhuhai", &[1, 2]), &[]);
    finds(&case.without("zhuhai", &[0, 1, 2]), &[("BODY_MISSING", 0)]);
    finds(&case.without("zhuhai", &[1, 3]), &[("BODY_MISSING", 3)]);
    finds(&case.without("zhuhai", &[0, 2]), &[]); // which of those that stay in the party is not told
    finds(&case.without("zhuhai", &[2]), &[("LOSS_MISSTATED", recovery)]);
    finds(&case.without("zhuhai", &[0, 1]), &[("LOST_KEPT", recovery)]);
    let later = case.append(sample(EventKind::AccessRecorded));
    finds(&case.without("zhuhai", &[1, 2, later]), &[("BODY_MISSING", later)]);
    // Found again: the next recovery misses less. What one recovery names in two entries is of both.
    case.recovers(1, &[]);
    finds(&case.without("zhuhai", &[1]), &[]);
    case.recovers(3, &[2]);
    let recovery = case.recovers(3, &[3]);
    finds(&case.without("zhuhai", &[1, 2, 3]), &[]);
    finds(&case.without("zhuhai", &[0, 1, 3]), &[("LOST_KEPT", recovery)]);
}

#[test]
fn what_is_lost_is_listed_and_folded_as_if_it_had_not_been_said() {
    let mut case = Case::new();
    case.recovers(1, &[2]);
    let draft = case.without("macau", &[2]);
    let verified = verify(&[&draft], None);
    let log = verified.logs.iter().find(|log| log.origin == case.zhuhai).unwrap();
    assert_eq!(log.lost, [2]);
    assert!(verified.to_string().contains("lost      1 bodies, with a disk: entries 2"), "{verified}");
    let replayed = replay(&[&draft], party("macau"));
    assert_eq!(replayed.logs.iter().map(|log| log.lost).sum::<u64>(), 1);
    assert!(replayed.to_string().contains("1 lost"), "{replayed}");
    let mut erased = case.world.draft(party("macau"));
    erased.keys.get_mut(&case.zhuhai).unwrap()[2] = Slot::Destroyed;
    assert_eq!(replayed.state_root, replay(&[&erased], party("macau")).state_root, "folded as an erased one");
    assert_ne!(replayed.state_root, replay(&[&case.world.draft(party("macau"))], party("macau")).state_root);

    let written = write(&[&draft]);
    let mut out = Vec::new();
    export(&written.bundles()[0], EventForm::Jsonl, None, None, &mut out).unwrap();
    let lines = String::from_utf8(out).unwrap();
    let lines: Vec<serde_json::Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let content = |seq: u64| lines.iter().find(|line| line["header"]["seq"] == seq).unwrap()["content"].clone();
    assert_eq!(content(2), "lost");
    assert!(content(3)["body"].is_object());
}
