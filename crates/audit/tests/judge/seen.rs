//! What an entry says of what it had seen, of its time and of its readers; and what an auditor can't know.

use tongcha_audit::input::InputError;
use tongcha_audit::judge::{Case, Skipped, judge};
use tongcha_domain::consent::{ConsentGranted, CountersignConsent};
use tongcha_domain::event::EventKind;
use tongcha_domain::lookup::CLOCK_SKEW_MAX_US;
use tongcha_domain::notice::{ApproveBatch, SendBatch};
use tongcha_domain::recovery::{LogRecovered, RecordRecovery};
use tongcha_domain::refusal::{CommandRefused, Refusal, RefusalCode};
use tongcha_domain::time::MINUTE_US;
use tongcha_ledger::entry::Header;
use tongcha_ledger::slot::Slot;

use crate::common::{Draft, directory, party, write};
use crate::court::{Court, found, judged};
use crate::samples::{BATCH, approved, claims, delivered, granted, open, permitted, prepared, recorded, revoke, sent};

// Macau's permission under a header that is changed before it is signed, found as this and nothing else.
#[track_caller]
fn permits(court: Court, change: impl FnOnce(&mut Header), code: Option<&'static str>) {
    let court = court.forges("node.macau", permitted(1), change);
    let (origin, seq) = court.last("macau");
    assert_eq!(found(&court.judged()), code.map(|code| (code, origin, seq)).into_iter().collect::<Vec<_>>());
}

fn sees(header: &mut Header, whose: &str, change: impl FnOnce(u64) -> u64) {
    let seen = header.seen.get_mut(&party(whose)).unwrap();
    *seen = change(*seen);
}

#[test]
fn a_party_is_held_to_what_it_had_seen() {
    let revoked = || granted().does("cw.zhuhai", revoke());
    permits(revoked(), |_| {}, Some("CONSENT_REVOKED"));
    permits(revoked(), |header| sees(header, "zhuhai", |seen| seen - 1), None);
}

#[test]
fn a_grant_that_was_made_but_not_seen_yet_is_enough_and_a_later_one_is_not() {
    permits(granted(), |header| sees(header, "zhuhai", |seen| seen - 1), None);
    permits(granted(), |header| sees(header, "zhuhai", |seen| seen - 2), None);
    // Permitted now, granted later: first within what clocks may differ, then beyond.
    for (after_us, code) in [(CLOCK_SKEW_MAX_US, None), (CLOCK_SKEW_MAX_US + 1, Some("NO_CONSENT"))] {
        let court = recorded();
        let now = court.now;
        let court = court.writes("node.macau", permitted(1)).at(now.plus_us(after_us));
        let (origin, seq) = court.last("macau");
        let court = court.does("rv.zhuhai", CountersignConsent { consent: claims().id });
        assert_eq!(found(&court.judged()), code.map(|code| (code, origin, seq)).into_iter().collect::<Vec<_>>());
    }
}

#[test]
fn what_was_seen_stays_seen_and_is_there() {
    // Macau's entries before this one have seen all of Hengqin's.
    permits(granted(), |header| sees(header, "hengqin", |seen| seen - 1), Some("SEEN_LESS"));
    permits(
        granted(),
        |header| {
            header.seen.remove(&party("hengqin"));
        },
        Some("SEEN_LESS"),
    );
}

#[test]
fn more_than_there_is_was_not_seen() {
    permits(granted(), |header| sees(header, "zhuhai", |seen| seen + 1), Some("SEEN_BEYOND"));
    permits(
        granted(),
        |header| {
            header.seen.insert("elsewhere".parse().unwrap(), 1);
        },
        Some("SEEN_BEYOND"),
    );
}

#[test]
fn two_entries_can_not_both_have_seen_the_other() {
    // Zhuhai says that it has seen the entry Macau writes next, which has seen Zhuhai's.
    let court = recorded().forges("rv.zhuhai", ConsentGranted { claims: claims() }, |header| {
        sees(header, "macau", |seen| seen + 1);
    });
    let zhuhai = court.last("zhuhai");
    let court = court.writes("node.macau", permitted(1));
    let macau = court.last("macau");
    let expected = [("SEEN_LATER", macau.0, macau.1), ("SEEN_LATER", zhuhai.0, zhuhai.1)];
    assert_eq!(found(&court.judged()), expected, "which of the two lies no log can tell");
}

#[test]
fn an_entry_is_not_dated_before_what_it_has_seen() {
    let dated = |before_us: i64| {
        let quiet = granted().at(granted().now.plus_us(60 * MINUTE_US));
        // Zhuhai's entry is the latest; Macau's own last one is an hour old.
        let court = quiet.writes("rv.zhuhai", refused());
        let latest = court.world.tip(party("zhuhai")).recorded_at;
        (court, latest.plus_us(-before_us))
    };
    let (court, at) = dated(CLOCK_SKEW_MAX_US);
    permits(court, |header| header.recorded_at = at, None);
    let (court, at) = dated(CLOCK_SKEW_MAX_US + 1);
    permits(court, |header| header.recorded_at = at, Some("CLOCK"));
}

fn refused() -> CommandRefused {
    let (command, refusal) = (tongcha_domain::command::CommandKind::SendBatch, Refusal::new(RefusalCode::NotFound));
    CommandRefused { command, refusal, request: None, consents: [].into() }
}

#[test]
fn a_header_says_what_the_body_says() {
    permits(granted(), |header| header.kind = EventKind::LookupDenied, Some("KIND"));
    permits(
        granted(),
        |header| {
            header.audience.insert(party("hengqin"));
        },
        Some("AUDIENCE"),
    );
    permits(
        granted(),
        |header| {
            header.audience.remove(&party("zhuhai"));
        },
        Some("AUDIENCE"),
    );
}

fn draft(court: &Court, name: &str) -> Draft {
    court.world.draft(party(name))
}

#[test]
fn what_rests_on_an_erased_body_is_undecided_and_never_good() {
    let court = granted().writes("node.macau", permitted(1));
    let (zhuhai, at) = court.last("zhuhai");
    let mut draft = draft(&court, "macau");
    draft.keys.get_mut(&zhuhai).unwrap()[usize::try_from(at).unwrap()] = Slot::Destroyed;
    let report = judged(&[draft.clone()], &[]);
    assert_eq!(found(&report), []);
    let macau = &report.parties[0];
    assert_eq!((macau.erased, macau.undecided.len(), macau.undecided[0].breach.code()), (1, 1, "NO_CONSENT"));
    assert!(report.to_string().contains("undecided"), "{report}");
    // What can't come of an erasure is a finding all the same.
    let court = granted().forges("node.macau", permitted(1), |header| sees(header, "zhuhai", |seen| seen + 1));
    let mut draft = self::draft(&court, "macau");
    draft.keys.get_mut(&zhuhai).unwrap()[usize::try_from(at).unwrap()] = Slot::Destroyed;
    assert_eq!(found(&judged(&[draft], &[])).len(), 1);
}

#[test]
fn what_does_not_rest_on_what_was_erased_is_a_finding_all_the_same() {
    // A batch was erased; a question is permitted on a consent that nobody gave.
    let court = sent();
    let (macau, at) = court.last("macau");
    let court = court.writes("node.macau", permitted(1));
    let mut draft = draft(&court, "macau");
    draft.keys.get_mut(&macau).unwrap()[usize::try_from(at).unwrap()] = Slot::Destroyed;
    let report = judged(&[draft], &[]);
    assert_eq!((report.parties[0].erased, report.parties[0].undecided.len()), (1, 0));
    assert_eq!(found(&report), [("NO_CONSENT", macau, at + 1)]);
}

#[test]
fn what_rests_on_a_lost_body_is_undecided_once_its_log_says_that_it_is_lost() {
    let court = granted().writes("node.macau", permitted(1));
    let (zhuhai, at) = court.last("zhuhai");
    let lose = |court: &Court| {
        let mut draft = draft(court, "macau");
        draft.edit(zhuhai, usize::try_from(at).unwrap(), |record| record.body = None);
        draft
    };
    let unsaid = judged(&[lose(&court)], &[]);
    let faults: Vec<_> = unsaid.parties[0].faults.iter().map(|fault| (fault.reason.code(), fault.seq)).collect();
    assert_eq!(faults, [("BODY_MISSING", at)], "nobody may keep what was said out of the judgement");

    let (returned, lost) = ([(party("hengqin"), at + 1)].into(), [at].into());
    let recovery = RecordRecovery { kept: 0, returned, copied: 0, bodies_missing: 1, lost };
    let others = [party("hengqin"), party("macau")].into();
    let said = court.writes("node.zhuhai", LogRecovered { recovery, others });
    let report = judged(&[lose(&said)], &[]);
    let macau = &report.parties[0];
    assert_eq!((found(&report), macau.faults.len()), (vec![], 0));
    assert_eq!((macau.lost, macau.undecided.len(), macau.undecided[0].breach.code()), (1, 1, "NO_CONSENT"));
    assert!(report.to_string().contains("1 bodies lost with a disk"), "{report}");
}

#[test]
fn an_erased_entry_of_the_own_log_is_counted_as_not_judged() {
    let court = approved().does("lo.macau", SendBatch { batch: BATCH }).writes("lo.macau", refused());
    let (macau, at) = court.last("macau");
    let mut draft = draft(&court, "macau");
    draft.keys.get_mut(&macau).unwrap()[usize::try_from(at - 1).unwrap()] = Slot::Destroyed;
    let report = judged(&[draft], &[]);
    let skipped = &report.parties[0].skipped;
    assert_eq!(skipped[&Skipped::Erased], [("batch-sent", 1)].into());
    assert_eq!(skipped[&Skipped::NothingHappened], [("command-refused", 1)].into());
    assert!(report.is_good());
}

#[test]
fn a_log_without_keys_is_not_judged_and_said_so() {
    let court = delivered();
    let mut zhuhai = draft(&court, "zhuhai");
    zhuhai.keys.clear();
    let written = write(&[&draft(&court, "macau"), &zhuhai]);
    std::fs::remove_dir_all(written.paths[1].join("body-keys")).unwrap();
    let bundles = written.bundles();
    let of = |parties: &[_]| {
        let case = Case { bundles: &bundles, trusted: Some(&directory()), parties, body_keys: None };
        judge(&case, &indicatif::ProgressBar::hidden())
    };
    let report = of(&[]).unwrap();
    assert_eq!(report.parties.iter().map(|judged| judged.party).collect::<Vec<_>>(), [party("macau")]);
    let not: Vec<_> = report.not_judged.iter().map(|not| (not.party, not.reason)).collect();
    let expected = [
        (party("hengqin"), "none of the bundles is this party's own"),
        (party("zhuhai"), "there are no body keys of this party"),
    ];
    assert_eq!(not, expected);
    assert!(report.to_string().contains("NOT JUDGED: the log of zhuhai"), "{report}");
    assert!(matches!(of(&[party("zhuhai")]), Err(InputError::NoKeys(named)) if named == party("zhuhai")));
}

#[test]
fn a_fault_ends_the_judgement_where_it_is() {
    let court = delivered();
    let (macau, last) = court.last("macau");
    let mut draft = draft(&court, "macau");
    draft.edit(macau, 9, |record| *record.entry.last_mut().unwrap() ^= 1);
    let report = judged(&[draft.clone()], &[]);
    let judged_macau = &report.parties[0];
    assert_eq!((judged_macau.entries, judged_macau.not_reached), (9, last + 1 - 9));
    assert_eq!((judged_macau.faults[0].reason.code(), judged_macau.faults[0].seq), ("SIGNATURE", 9));
    assert!(!report.is_good());
    // Of another log: as soon as an entry has seen so much of it.
    let mut draft = self::draft(&court, "zhuhai");
    let (macau, last) = court.last("macau");
    draft.edit(macau, usize::try_from(last).unwrap(), |record| *record.entry.last_mut().unwrap() ^= 1);
    let report = judged(&[draft], &[]);
    let zhuhai = &report.parties[0];
    assert_eq!((zhuhai.not_reached, zhuhai.faults[0].origin, zhuhai.faults[0].reason.code()), (1, macau, "SIGNATURE"));
}

#[test]
fn a_forgery_is_told_in_words() {
    let court = prepared();
    let event = court.decide("rv.macau", ApproveBatch { batch: BATCH });
    let court = court.writes("cw2.macau", event);
    let text = court.judged().to_string();
    let (_, seq) = court.last("macau");
    for part in
        [&format!("log of macau, entry {seq} (batch-approved, "), "ROLE_NOT_ALLOWED", "findings: 1", "findings: 0"]
    {
        assert!(text.contains(part), "{part} in: {text}");
    }
    assert_eq!(found(&open().judged()), []);
}
