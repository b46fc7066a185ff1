//! What was known when, who saw what, the indicators, and a service compared with its past: each against what the logs'
//! makers know.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use std::collections::BTreeMap;

use common::{Draft, World, bodies, found, parties, party, world, write};
use indicatif::ProgressBar;
use tongcha_audit::as_of::{AsOfReport, as_of};
use tongcha_audit::bundle::Bundle;
use tongcha_audit::diff::{DiffReport, diff};
use tongcha_audit::indicators::{Gather, Indicators, Times, indicators};
use tongcha_audit::keys::KeySource;
use tongcha_audit::reading::Reading;
use tongcha_audit::who_saw;
use tongcha_domain::event::{Body, Event, EventKind};
use tongcha_domain::id::PartyId;
use tongcha_domain::time::{Instant, MINUTE_US};
use tongcha_domain::view::{Changes, MemoryRows, Overlay, SetDigest, project};
use tongcha_ledger::body::BodyKey;
use tongcha_ledger::key::Hex;

const ENTRIES: usize = 40;
/// When the logs of these tests begin; a minute passes with every entry of a log.
const BEGIN: i64 = 1_782_878_400_000_000;

fn minute(after: usize) -> Instant {
    Instant(BEGIN + i64::try_from(after).unwrap() * MINUTE_US)
}

fn know(bundles: &[Bundle], knowing: PartyId, at: Instant) -> AsOfReport {
    let progress = ProgressBar::hidden();
    let reading = Reading::new(bundles, knowing, None, None, &progress).unwrap();
    as_of(&reading, knowing, KeySource::Bundle, at, None).unwrap()
}

// How many entries each log had when the world appended entry `seq` of `origin`: it appends to the logs in turn.
fn lengths(origin: PartyId, seq: usize) -> BTreeMap<PartyId, u64> {
    let place = parties().iter().position(|party| *party == origin).unwrap();
    let length = |other: usize| if other < place { seq + 1 } else { seq };
    parties().into_iter().enumerate().map(|(other, party)| (party, length(other) as u64)).collect()
}

fn root_of(world: &World, party: PartyId, lengths: &BTreeMap<PartyId, u64>) -> Hex {
    let mut rows = MemoryRows::default();
    for (origin, log) in &world.logs {
        for made in &log[..usize::try_from(lengths[origin]).unwrap()] {
            let is_for = made.entry.header().audience.contains(&party);
            let mut overlay = Overlay::new(&rows, Changes::new());
            project(&mut overlay, &made.entry.meta(), is_for.then_some(&made.body)).unwrap();
            let changes = overlay.into_changes();
            rows.apply(changes);
        }
    }
    let mut digest = SetDigest::default();
    rows.iter().for_each(|(key, value)| digest.add(key, value));
    Hex(digest.root().0)
}

#[test]
fn what_was_known_at_every_moment_is_what_the_writer_had() {
    let world = world(3, ENTRIES);
    for knowing in parties() {
        let written = write(&[&world.draft(knowing)]);
        let bundles = written.bundles();
        for seq in [0, 1, 7, ENTRIES - 2] {
            // Half a minute after the party's entry `seq`, and before its next.
            let report = know(&bundles, knowing, minute(seq).plus_us(MINUTE_US / 2));
            let mut certain = lengths(knowing, seq);
            certain.insert(knowing, seq as u64 + 1);
            let mut possible = lengths(knowing, seq + 1);
            possible.insert(knowing, seq as u64 + 1);
            for known in &report.known {
                assert_eq!((known.certain, known.possible), (certain[&known.origin], possible[&known.origin]));
                assert_eq!(known.between.values().sum::<u64>(), known.possible - known.certain);
            }
            assert_eq!(report.known.len(), 3);
            assert_eq!(report.proved_by.unwrap().seq, seq as u64);
            assert_eq!(report.replay.state_root, root_of(&world, knowing, &certain), "{knowing} at {seq}");
            assert!(report.replay.findings.is_empty());
        }
        let before = know(&bundles, knowing, minute(0).plus_us(-1));
        assert!(before.proved_by.is_none() && before.replay.entries == 0);
    }
}

#[test]
fn after_the_last_own_entry_the_others_clocks_decide_what_was_possible() {
    let mut world = world(3, ENTRIES);
    let (macau, zhuhai) = (party("macau"), party("zhuhai"));
    for later in 0..20 {
        let body = bodies()[0].clone();
        world.append(zhuhai, body, BodyKey([later; 32]));
    }
    let written = write(&[&world.draft(macau)]);
    let report = know(&written.bundles(), macau, minute(ENTRIES + 3));
    let known = report.known.iter().find(|known| known.origin == zhuhai).unwrap();
    // What is recorded at most five minutes later by a clock that may be wrong by as much.
    assert_eq!((known.certain, known.possible), (ENTRIES as u64 - 1, ENTRIES as u64 + 9));
}

#[test]
fn who_had_an_entry_is_told_by_the_readers_own_logs() {
    let world = world(5, ENTRIES);
    let written = write(&[&world.draft(party("macau"))]);
    let (hengqin, zhuhai) = (party("hengqin"), party("zhuhai"));
    let progress = ProgressBar::hidden();
    let report = who_saw::entry(&written.bundles(), None, (hengqin, 9), &progress).unwrap();
    let header = world.logs[&hengqin][9].entry.header();
    assert_eq!((report.kind, report.others.len()), (header.kind.code(), 2));
    for holder in &report.others {
        assert_eq!(holder.reader, header.audience.contains(&holder.party));
        // In turn after Hengqin: their entry 9 is the first written with it, their entry 8 the last without.
        assert_eq!(holder.had.as_ref().unwrap().seq, 9);
        assert_eq!(holder.not_yet.as_ref().unwrap().seq, 8);
    }
    let last = who_saw::entry(&written.bundles(), None, (zhuhai, ENTRIES as u64 - 1), &progress).unwrap();
    assert!(last.others.iter().all(|holder| holder.had.is_none() && holder.not_yet.is_some()));
    assert!(who_saw::entry(&written.bundles(), None, (zhuhai, ENTRIES as u64), &progress).is_err());
}

// The body of a kind, as the vectors have it.
fn body(kind: EventKind) -> Body {
    bodies().into_iter().find(|body| body.event.kind() == kind).unwrap()
}

fn measured(world: &World, gather: Gather) -> Indicators {
    let drafts: Vec<Draft> = parties().map(|party| world.draft(party)).into();
    let written = write(&drafts.iter().collect::<Vec<_>>());
    let (measured, findings) = indicators(&written.bundles(), None, gather, &ProgressBar::hidden()).unwrap();
    assert!(findings.is_empty());
    measured
}

// Zhuhai submits in its minute 0; Macau refuses something, replies to a part in its minute 2, to all in minute 4.
fn asked_and_replied() -> World {
    let (macau, zhuhai) = (party("macau"), party("zhuhai"));
    let mut world = World { logs: BTreeMap::new() };
    let mut keys = 0;
    let mut append = |origin, body| {
        keys += 1;
        world.append(origin, body, BodyKey([keys; 32]));
    };
    let mut submitted = body(EventKind::RequestSubmitted);
    let Event::RequestSubmitted(event) = &mut submitted.event else { panic!() };
    let question = event.request.questions[0].clone();
    event.request.questions = vec![question.clone(), question];
    let request = event.request.id;
    let reply = |questions: &[u16]| {
        let mut reply = body(EventKind::ReplySent);
        let Event::ReplySent(event) = &mut reply.event else { panic!() };
        event.request = request;
        let answer = event.answers[0].1.clone();
        event.answers = questions.iter().map(|question| (*question, answer.clone())).collect();
        reply
    };
    append(zhuhai, submitted);
    append(macau, body(EventKind::CommandRefused));
    append(macau, body(EventKind::ReplyOverdue));
    append(macau, reply(&[1]));
    append(macau, body(EventKind::ReplyCorrected));
    append(macau, reply(&[2]));
    append(macau, reply(&[2]));
    world
}

#[test]
fn reply_times_are_measured_from_one_log_to_the_other() {
    let (world, macau) = (asked_and_replied(), party("macau"));
    let all = measured(&world, Gather::default());
    let times = |minutes: i64| Times { count: 1, median_s: minutes * 60, p90_s: minutes * 60, max_s: minutes * 60 };
    assert_eq!(all.first_reply, [(macau, times(2))].into());
    assert_eq!(all.complete_reply, [(macau, times(4))].into());
    assert_eq!(all.overdue, [("reply-overdue", 1)].into());
    assert_eq!(all.corrections, [("reply-corrected", 1)].into());
    let Event::CommandRefused(refused) = body(EventKind::CommandRefused).event else { panic!() };
    assert_eq!(all.refusals, [(refused.refusal.code.as_str(), 1)].into());
    let officer = body(EventKind::CommandRefused).actor.officer;
    assert_eq!(all.refused_officers, [(macau, [(officer, 1)].into())].into());
    assert_eq!(all.kinds["reply-sent"], 3);
    // Of a period, what ended in it; a request may have begun before.
    let late = measured(&world, Gather::period(Some(minute(3)), Some(minute(5))));
    assert_eq!((late.first_reply.len(), late.complete_reply.len(), late.refusals.len()), (0, 1, 0));
    assert_eq!(late.kinds["reply-sent"], 1);
}

#[test]
fn without_keys_only_kinds_are_counted() {
    let world = asked_and_replied();
    let mut draft = world.draft(party("macau"));
    draft.keys.clear();
    let written = write(&[&draft]);
    std::fs::remove_dir_all(written.paths[0].join("body-keys")).unwrap();
    let counted = indicators(&written.bundles(), None, Gather::default(), &ProgressBar::hidden()).unwrap().0;
    assert!(counted.read.is_empty() && counted.refusals.is_empty() && counted.first_reply.is_empty());
    assert_eq!(counted.kinds.values().sum::<u64>(), 7);
    assert_eq!(counted.overdue.len(), 1);
}

fn compared(then: &Draft, now: &Draft) -> DiffReport {
    let written = write(&[then, now]);
    let [then, now] = written.bundles().try_into().unwrap();
    diff(&then, &now, None, Some(&now.keys_dir()), &ProgressBar::hidden()).unwrap()
}

#[test]
fn a_service_must_go_on_where_the_bundle_ends_and_show_what_its_logs_say() {
    let (macau, zhuhai) = (party("macau"), party("zhuhai"));
    let then = world(3, ENTRIES);
    let mut grown = then.clone();
    grown.append(zhuhai, bodies()[0].clone(), BodyKey([9; 32]));
    let (then, mut now) = (then.draft(macau), grown.draft(macau));
    now.manifest.state_root = Some(common::replay(&[&now], macau).state_root);
    let report = compared(&then, &now);
    assert!(report.is_good(), "{report:?}");
    let log = report.logs.iter().find(|log| log.origin == zhuhai).unwrap();
    assert_eq!((log.then, log.now), (ENTRIES as u64, ENTRIES as u64 + 1));

    let back = compared(&now, &then);
    assert!(!back.is_good() && back.findings.is_empty(), "entries are gone");
    let mut wrong = now.clone();
    wrong.manifest.state_root = Some(Hex([7; 32]));
    assert!(!compared(&then, &wrong).is_good(), "the view is not what the logs say");
    let other = common::world(4, ENTRIES).draft(macau);
    let forked = compared(&then, &other);
    assert!(!forked.is_good() && found(&forked.findings).iter().all(|(code, ..)| *code == "FORK"));
    assert_eq!(forked.findings.len(), 3);
}
