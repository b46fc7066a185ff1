//! Keys in time between cores: a rotation that peers take up from the log, a stolen key, and what its thief achieves.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)] // helpers of tests, too, stop at what is wrong

mod support;

use std::sync::Arc;

use rand::SeedableRng;
use rand::rngs::StdRng;
use support::{MemoryDisk, NOON, PARTIES, command, parcels, party, pass, raise, secrets};
use tongcha_domain::event::EventKind;
use tongcha_domain::keys::{KeyEnd, KeyFault, KeyStatement, KeyWord, SignedStatement};
use tongcha_domain::time::{DAY_US, Instant};
use tongcha_ledger::checkpoint::{LogKey, SignedCheckpoint};
use tongcha_ledger::entry::{Header, VerifiedEntry};
use tongcha_ledger::key::{Directory, KeyId, PartySecrets};
use tongcha_ledger::merkle::TreeHead;
use tongcha_ledger::parcel::{Parcel, ParcelBody, ParcelError};
use tongcha_ledger::root::{RootSecret, statement_text};
use tongcha_node::core::{
    Core, CoreConfig, CoreError, Cosigned, IntakeResult, KEY_WARN_DAYS, KeyAlarm, OpenError, QuarantineReason,
    StatementTaken,
};
use tongcha_node::view::MemoryView;

/// The day by which every key of these tests is to be replaced.
const NOT_AFTER: &str = "2028-06-30";

fn root(name: &str) -> RootSecret {
    RootSecret::generate(party(name), &mut StdRng::seed_from_u64(100 + name.len() as u64))
}

fn said(name: &str, serial: u32, word: KeyWord) -> SignedStatement {
    root(name).sign(KeyStatement { party: party(name), serial, word }).unwrap()
}

fn certified(serial: u32, secrets: &PartySecrets, from_seq: u64, replaces: Option<KeyId>) -> SignedStatement {
    let word = secrets.certificate(from_seq, NOT_AFTER.parse().unwrap(), replaces).unwrap();
    said(secrets.party().as_str(), serial, word)
}

fn stolen(serial: u32, cut: u64) -> SignedStatement {
    said("zhuhai", serial, KeyWord::Compromised { key: first().key_id().0, cut })
}

fn first() -> PartySecrets {
    secrets("zhuhai")
}

/// Zhuhai's keys after those.
fn second() -> PartySecrets {
    let keys = PartySecrets::generate(party("zhuhai"), &mut StdRng::seed_from_u64(1000));
    keys.with_former_sealing([first().seeds().1])
}

/// The cards, and what lies beside them in a party's directory.
fn cards(statements: &[SignedStatement]) -> Directory {
    let cards = PARTIES.map(|name| {
        let secrets = secrets(name);
        let mut card = secrets.rooted_card("UABC", &root(name), &certified(1, &secrets, 0, None)).unwrap();
        let own = statements.iter().filter(|signed| signed.statement.party == party(name));
        card.statements.extend(own.map(|signed| statement_text(signed).unwrap()));
        card
    });
    Directory::new(&cards).unwrap()
}

fn open_with(secrets: PartySecrets, disk: &MemoryDisk, statements: &[SignedStatement]) -> Result<Core, OpenError> {
    let config = CoreConfig {
        secrets: Arc::new(secrets),
        directory: Arc::new(cards(statements)),
        disk: Box::new(disk.clone()),
        view: Box::<MemoryView>::default(),
        rng: StdRng::from_os_rng(),
        await_peers: false,
    };
    Core::open(config, NOON)
}

fn open(name: &str, disk: &MemoryDisk) -> Core {
    open_with(secrets(name), disk, &[]).unwrap()
}

fn notices(core: &mut Core, numbers: std::ops::Range<u128>) {
    for number in numbers {
        command(core, raise(number, &["macau", "hengqin"])).1.unwrap();
    }
}

fn zhuhai_and_macau(entries: u128) -> ([MemoryDisk; 2], Core, Core) {
    let disks = [MemoryDisk::default(), MemoryDisk::default()];
    let (mut zhuhai, mut macau) = (open("zhuhai", &disks[0]), open("macau", &disks[1]));
    notices(&mut zhuhai, 0..entries);
    pass(&mut zhuhai, &mut macau);
    (disks, zhuhai, macau)
}

fn all_taken(results: &[IntakeResult]) -> bool {
    !results.is_empty() && results.iter().all(|result| matches!(result, IntakeResult::Taken(_)))
}

fn kind(core: &Core, seq: u64) -> EventKind {
    core.header(party("zhuhai"), seq).unwrap().unwrap().0.kind
}

#[test]
fn a_rotation_needs_a_file_and_a_restart_at_its_own_party_and_nothing_at_the_peers() {
    let (disks, zhuhai, mut macau) = zhuhai_and_macau(4);
    let before = macau.directory().party(party("zhuhai")).unwrap().key_id();
    drop(zhuhai);
    let certificate = certified(2, &second(), 4, Some(first().key_id()));
    let mut zhuhai = open_with(second(), &disks[0], std::slice::from_ref(&certificate)).unwrap();
    assert_eq!((zhuhai.tip(party("zhuhai")).count, kind(&zhuhai, 4)), (5, EventKind::KeyAdded));
    notices(&mut zhuhai, 10..13);
    assert!(all_taken(&pass(&mut zhuhai, &mut macau)));
    assert_eq!(macau.tip(party("zhuhai")).count, 8);
    let after = macau.directory().party(party("zhuhai")).unwrap().key_id();
    assert_eq!((before, after), (first().key_id(), second().key_id()));
    // Both go on after a restart, from what the logs say alone; the statement's file is not needed any more.
    let mut zhuhai = open_with(second(), &disks[0].after_power_cut(), &[]).unwrap();
    assert_eq!(zhuhai.tip(party("zhuhai")).count, 8, "it is said once");
    let mut macau = open("macau", &disks[1].after_power_cut());
    notices(&mut zhuhai, 20..22);
    assert!(all_taken(&pass(&mut zhuhai, &mut macau)));
    // What Macau wrote before it knew the new sealing key is still read, and what it writes now too.
    command(&mut macau, raise(90, &["zhuhai"])).1.unwrap();
    assert!(all_taken(&pass(&mut macau, &mut zhuhai)));
    // The checkpoint is signed and witnessed under the new key.
    pass(&mut zhuhai, &mut macau);
    let note = zhuhai.checkpoint(NOON).unwrap().unwrap().note().to_string();
    assert!(matches!(macau.cosign(party("zhuhai"), note.as_bytes(), NOON).unwrap(), Cosigned::Signature(_)));
    let served = zhuhai.published_key().unwrap();
    assert_eq!(served.public(), macau.directory().party(party("zhuhai")).unwrap().signing());
}

#[test]
fn what_was_sealed_for_the_former_key_still_arrives() {
    let (disks, zhuhai, mut macau) = zhuhai_and_macau(1);
    drop(zhuhai);
    command(&mut macau, raise(90, &["zhuhai"])).1.unwrap();
    let sealed_before = macau.outgoing(party("zhuhai"), 0, 10).unwrap();
    let certificate = certified(2, &second(), 1, Some(first().key_id()));
    let mut zhuhai = open_with(second(), &disks[0], &[certificate]).unwrap();
    for outgoing in sealed_before {
        let parcel = zhuhai.opener().open(party("macau"), &outgoing.bytes).unwrap();
        assert!(matches!(zhuhai.intake(parcel, NOON).unwrap(), IntakeResult::Taken(_)));
    }
}

#[test]
fn a_service_does_not_start_with_a_key_that_can_not_sign() {
    let (disks, zhuhai, _) = zhuhai_and_macau(3);
    drop(zhuhai);
    let open =
        |secrets, statements: &[SignedStatement]| open_with(secrets, &disks[0].copy(), statements).err().unwrap();
    assert!(matches!(open(second(), &[]), OpenError::NotOurKey(_)), "not certified");
    let early = certified(2, &second(), 9, Some(first().key_id()));
    assert!(matches!(open(second(), &[early]), OpenError::OwnKey(KeyFault::NotAdded)), "its certificate begins later");
    let refused = open(first(), &[stolen(2, 3)]);
    let ended = KeyFault::Ended { how: KeyEnd::Compromised, until: 3 };
    assert!(matches!(refused, OpenError::OwnKey(fault) if fault == ended), "reported stolen");
    let certificate = certified(2, &second(), 3, Some(first().key_id()));
    let disk = disks[0].copy();
    drop(open_with(second(), &disk, &[certificate]).unwrap());
    let ended = KeyFault::Ended { how: KeyEnd::Replaced, until: 3 };
    let refused = open_with(first(), &disk, &[]).err().unwrap();
    assert!(matches!(refused, OpenError::OwnKey(fault) if fault == ended), "the old file after the rotation");
}

/// The drill of T13: the thief has Zhuhai's key file and a copy of its log.
#[test]
fn a_stolen_key_is_shut_out_at_the_cut_and_everything_before_it_stands() {
    let (disks, mut zhuhai, mut macau) = zhuhai_and_macau(50);
    let stolen_disk = disks[0].copy();
    let mut thief = open("zhuhai", &stolen_disk);
    // Before the report nobody can tell them apart; the report's cut is what the owner's log and the peers have.
    let cut = zhuhai.tip(party("zhuhai")).count;
    assert_eq!(macau.tip(party("zhuhai")).count, cut);
    let report = stolen(3, cut);
    let began = std::time::Instant::now();
    assert_eq!(macau.take_statement(&report, NOON).unwrap(), StatementTaken::Taken);
    let excluded_after = began.elapsed();
    notices(&mut thief, 100..120);
    let (mut tried, mut refused) = (0, 0);
    for outgoing in thief.outgoing(party("macau"), cut, usize::MAX).unwrap() {
        tried += 1;
        let opened = macau.opener().open(party("zhuhai"), &outgoing.bytes);
        let Err(ParcelError::Entry(error)) = &opened else { panic!("{opened:?}") };
        assert_eq!(QuarantineReason::from(&ParcelError::Entry(error.clone())), QuarantineReason::Key);
        refused += 1;
    }
    assert_eq!((tried, refused), (20, 20));
    println!("stolen key: {tried} entries after the report, 0 taken; excluded after {excluded_after:?} and 0 entries");
    assert_eq!(macau.tip(party("zhuhai")).count, cut, "and nothing of what was taken is gone");
    // The owner goes on: the new key, then the report, then the day's work.
    assert_eq!(zhuhai.take_statement(&report, NOON).unwrap(), StatementTaken::Taken);
    assert!(
        matches!(
            zhuhai.submit(support::submission(1, "ho.zhuhai", raise(7, &["macau"])), NOON),
            Err(CoreError::Make(_))
        ),
        "with the stolen key nothing more is written"
    );
    drop(zhuhai);
    let certificate = certified(2, &second(), cut, Some(first().key_id()));
    let mut zhuhai = open_with(second(), &disks[0], &[certificate, report.clone()]).unwrap();
    assert_eq!((kind(&zhuhai, cut), kind(&zhuhai, cut + 1)), (EventKind::KeyAdded, EventKind::KeyCompromised));
    notices(&mut zhuhai, 200..203);
    assert!(all_taken(&pass(&mut zhuhai, &mut macau)));
    assert_eq!(macau.tip(party("zhuhai")).count, cut + 5);
    // A party that never saw the file learns of the theft from the log.
    let mut hengqin = open("hengqin", &MemoryDisk::default());
    assert!(all_taken(&pass(&mut zhuhai, &mut hengqin)));
    assert!(hengqin.directory().is_compromised(party("zhuhai"), first().key_id()));
    assert_eq!(macau.key_standing(party("zhuhai"), NOON).unwrap().alarm, None, "the log has gone over to another key");
    // What the peer was told in the meantime is told again at the next start, and taken for known.
    let mut macau = open_with(secrets("macau"), &disks[1].after_power_cut(), std::slice::from_ref(&report)).unwrap();
    assert_eq!(macau.take_statement(&report, NOON).unwrap(), StatementTaken::Known);
}

#[test]
fn entries_that_were_opened_before_the_report_are_judged_after_it() {
    let (disks, _, mut macau) = zhuhai_and_macau(5);
    let mut thief = open("zhuhai", &disks[0].copy());
    notices(&mut thief, 100..103);
    let mut opened = parcels(&mut thief, &macau, 5);
    let early = opened.pop().unwrap();
    assert!(matches!(macau.intake(early, NOON).unwrap(), IntakeResult::Early { .. }));
    macau.take_statement(&stolen(2, 5), NOON).unwrap();
    for parcel in opened {
        let result = macau.intake(parcel, NOON).unwrap();
        assert!(!matches!(result, IntakeResult::Taken(_)), "{result:?}");
    }
    macau.commit().unwrap();
    assert_eq!(macau.tip(party("zhuhai")).count, 5);
}

#[test]
fn a_thief_can_not_halt_the_owners_log_with_a_fork() {
    let (disks, mut zhuhai, mut macau) = zhuhai_and_macau(5);
    let mut thief = open("zhuhai", &disks[0].copy());
    notices(&mut thief, 100..101);
    notices(&mut zhuhai, 5..6);
    pass(&mut zhuhai, &mut macau);
    // Before the report it looks like a fork of Zhuhai's, and the log is halted.
    for parcel in parcels(&mut thief, &macau, 5) {
        assert_eq!(macau.intake(parcel, NOON).unwrap(), IntakeResult::Halted(QuarantineReason::Fork));
    }
    assert!(macau.peers()[&party("zhuhai")].forked);
    // The report explains it: the halt is lifted, the proof stays in the quarantine.
    macau.take_statement(&stolen(3, 6), NOON).unwrap();
    assert!(!macau.peers()[&party("zhuhai")].forked);
    let mut macau = open_with(secrets("macau"), &disks[1].after_power_cut(), &[stolen(3, 6)]).unwrap();
    assert!(!macau.peers()[&party("zhuhai")].forked, "nor after a restart");
    // A second fork of the past, and a checkpoint of another history, halt nothing any more.
    for parcel in parcels(&mut thief, &macau, 5) {
        assert_eq!(macau.intake(parcel, NOON).unwrap(), IntakeResult::Halted(QuarantineReason::Key));
    }
    let lie = TreeHead { size: 3, root: [9; 32] };
    let key = LogKey::new(&macau.directory().key(party("zhuhai"), first().key_id()).unwrap().keys).unwrap();
    let lie = SignedCheckpoint::sign(lie, &key, &first()).unwrap().note().to_string();
    assert_eq!(macau.cosign(party("zhuhai"), lie.as_bytes(), NOON).unwrap(), Cosigned::Refused);
    drop(zhuhai);
    let certificate = certified(2, &second(), 6, Some(first().key_id()));
    let mut zhuhai = open_with(second(), &disks[0], &[certificate, stolen(3, 6)]).unwrap();
    assert!(all_taken(&pass(&mut zhuhai, &mut macau)), "and the owner's log goes on");
}

#[test]
fn a_fork_by_its_owner_stays_one_after_a_report_of_another_key() {
    let (disks, zhuhai, mut macau) = zhuhai_and_macau(5);
    let certificate = certified(2, &second(), 5, Some(first().key_id()));
    drop(zhuhai);
    let mut one = open_with(second(), &disks[0], std::slice::from_ref(&certificate)).unwrap();
    pass(&mut one, &mut macau);
    let mut other = open_with(second(), &disks[0].copy(), &[certificate]).unwrap();
    notices(&mut one, 10..11);
    notices(&mut other, 20..21);
    pass(&mut one, &mut macau);
    for parcel in parcels(&mut other, &macau, 6) {
        assert_eq!(macau.intake(parcel, NOON).unwrap(), IntakeResult::Halted(QuarantineReason::Fork));
    }
    macau.take_statement(&stolen(3, 5), NOON).unwrap();
    assert!(macau.peers()[&party("zhuhai")].forked);
}

#[test]
fn a_report_takes_nothing_back_that_was_accepted() {
    let (disks, _, mut macau) = zhuhai_and_macau(10);
    let StatementTaken::Refused(reason) = macau.take_statement(&stolen(3, 7), NOON).unwrap() else { panic!() };
    assert!(reason.contains("cut of 10 or more"), "{reason}");
    assert!(!macau.directory().is_compromised(party("zhuhai"), first().key_id()));
    let alarm = |core: &Core| core.key_standing(party("zhuhai"), NOON).unwrap().alarm;
    assert!(alarm(&macau).is_some_and(|alarm| alarm.stops()));
    // Also when it lies in the directory of cards at the start.
    let mut macau = open_with(secrets("macau"), &disks[1].after_power_cut(), &[stolen(3, 7)]).unwrap();
    assert!(matches!(alarm(&macau), Some(KeyAlarm::Report(_))));
    assert_eq!(macau.tip(party("zhuhai")).count, 10);
    // A later cut, in a newer statement, counts; the older one then never does.
    assert_eq!(macau.take_statement(&stolen(4, 10), NOON).unwrap(), StatementTaken::Taken);
    assert_eq!(alarm(&macau), Some(KeyAlarm::Stolen), "until the log has gone over to another key");
    assert_eq!(macau.take_statement(&stolen(3, 7), NOON).unwrap(), StatementTaken::Superseded);
    assert_eq!(alarm(&macau), Some(KeyAlarm::Stolen));
}

#[test]
fn a_statement_rests_on_its_file_until_the_log_says_it_or_a_newer_one_counts() {
    let (disks, zhuhai, mut macau) = zhuhai_and_macau(4);
    let certificate = certified(4, &second(), 4, Some(first().key_id()));
    let rests = |core: &Core, signed: &SignedStatement| core.rests_on_file(signed).unwrap();
    let (early, late) = (stolen(2, 4), stolen(3, 4));
    assert!(!rests(&macau, &early), "it was not here");
    assert_eq!(macau.take_statement(&early, NOON).unwrap(), StatementTaken::Taken);
    assert!(rests(&macau, &early));
    assert_eq!(macau.take_statement(&late, NOON).unwrap(), StatementTaken::Taken);
    assert_eq!((rests(&macau, &early), rests(&macau, &late)), (false, true));
    drop(zhuhai);
    let mut zhuhai = open_with(second(), &disks[0], &[certificate, late.clone()]).unwrap();
    assert!(all_taken(&pass(&mut zhuhai, &mut macau)));
    assert!(!rests(&macau, &late), "the log says it");
}

#[test]
fn who_has_an_ended_key_can_not_say_that_a_disk_was_rolled_back() {
    // An entry that has seen more of Macau's log than there is proves that Macau's disk is old: by a key that counts.
    let claims = |secrets: &PartySecrets, core: &Core| {
        let (header, _) = core.header(party("zhuhai"), 3).unwrap().unwrap();
        let tip = core.tip(party("zhuhai"));
        let seen = [(party("hengqin"), 0), (party("macau"), 900)].into();
        let audience = [party("zhuhai")].into();
        let (seq, prev, key_id) = (tip.count, tip.head, secrets.key_id());
        let header = Header { seq, prev, key_id, seen, audience, recorded_at: tip.recorded_at, ..header };
        let entry = VerifiedEntry::sign(header, secrets).unwrap().bytes().to_vec();
        let parcel = Parcel { entry, body: ParcelBody::NotAddressed }.encode().unwrap();
        core.opener().open(party("zhuhai"), &parcel).unwrap()
    };
    let (disks, zhuhai, mut macau) = zhuhai_and_macau(4);
    drop(zhuhai);
    let certificate = certified(2, &second(), 4, Some(first().key_id()));
    let mut zhuhai = open_with(second(), &disks[0], &[certificate]).unwrap();
    assert!(all_taken(&pass(&mut zhuhai, &mut macau)));
    let parcel = claims(&first(), &macau);
    assert_eq!(macau.intake(parcel, NOON).unwrap(), IntakeResult::Halted(QuarantineReason::Key));
    assert_eq!(macau.rolled_back(), None);
    let parcel = claims(&second(), &macau);
    macau.intake(parcel, NOON).unwrap();
    assert_eq!(macau.rolled_back(), Some((party("zhuhai"), 900)), "its owner can");
}

#[test]
fn what_a_thief_announced_is_forgotten_with_the_owners_next_word() {
    let (_, _, mut macau) = zhuhai_and_macau(4);
    macau.announce(party("zhuhai"), 1_000_000, NOON);
    assert_eq!(macau.wanted(), [(party("zhuhai"), 4)]);
    macau.announce(party("zhuhai"), 4, NOON);
    assert_eq!(macau.wanted(), []);
    macau.announce(party("zhuhai"), 2, NOON);
    assert_eq!(macau.peers()[&party("zhuhai")].announced, 4, "never less than what is here");
}

#[test]
fn a_report_that_the_root_did_not_sign_is_refused() {
    let (_, _, mut macau) = zhuhai_and_macau(2);
    let statement = stolen(3, 2).statement;
    let thief = RootSecret::from_seed(party("zhuhai"), first().seeds().0);
    for root in [&thief, &root("macau")] {
        let forged = root.sign(statement.clone()).unwrap();
        assert!(matches!(macau.take_statement(&forged, NOON).unwrap(), StatementTaken::Refused(_)));
    }
    assert!(!macau.directory().is_compromised(party("zhuhai"), first().key_id()));
}

#[test]
fn keys_that_will_expire_alarm_early_and_nothing_is_refused_for_a_date() {
    let (_, mut zhuhai, macau) = zhuhai_and_macau(1);
    let end = Instant::local_midnight(NOT_AFTER.parse().unwrap()).unwrap();
    let standing = |days: i64| macau.key_standing(party("zhuhai"), end.plus_us(-days * DAY_US)).unwrap();
    assert_eq!((standing(KEY_WARN_DAYS).alarm, standing(KEY_WARN_DAYS).days_left), (None, Some(KEY_WARN_DAYS)));
    assert_eq!(standing(KEY_WARN_DAYS - 1).alarm, Some(KeyAlarm::Due { days: KEY_WARN_DAYS - 1 }));
    let over = standing(-1).alarm.unwrap();
    assert!(matches!(over, KeyAlarm::Due { days: -1 }) && !over.stops());
    zhuhai.submit(support::submission(1, "ho.zhuhai", raise(5, &["macau"])), end.plus_us(DAY_US)).unwrap();
    zhuhai.commit().unwrap()[0].1.clone().unwrap();
}
