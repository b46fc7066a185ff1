//! Keys in time in an audit: what a log says of keys is followed, and an entry whose key is not valid at its place is found.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)] // helpers of tests, too, stop at what is wrong

mod common;

use common::{Draft, Made, World, bodies, cards, found, party, replay, secrets, verify, world};
use rand::SeedableRng;
use rand::rngs::StdRng;
use tongcha_domain::event::{Body, Event};
use tongcha_domain::keys::{KeyStatement, KeyWord, SignedStatement};
use tongcha_ledger::body::{BodyKey, SealedBody};
use tongcha_ledger::checkpoint::{LogKey, SignedCheckpoint};
use tongcha_ledger::entry::{Header, VerifiedEntry};
use tongcha_ledger::key::{Directory, KeyId, PartyCard, PartySecrets};
use tongcha_ledger::merkle::Frontier;
use tongcha_ledger::root::{RootSecret, statement_text};

const ENTRIES: usize = 30;

fn root() -> RootSecret {
    RootSecret::generate(party("zhuhai"), &mut StdRng::seed_from_u64(500))
}

fn first() -> &'static PartySecrets {
    secrets(party("zhuhai"))
}

fn next() -> PartySecrets {
    PartySecrets::generate(party("zhuhai"), &mut StdRng::seed_from_u64(501))
}

fn said_by(root: &RootSecret, serial: u32, word: KeyWord) -> SignedStatement {
    root.sign(KeyStatement { party: party("zhuhai"), serial, word }).unwrap()
}

fn certified(serial: u32, secrets: &PartySecrets, replaces: Option<KeyId>) -> KeyWordOf {
    KeyWordOf { serial, word: secrets.certificate(0, "2028-06-30".parse().unwrap(), replaces).unwrap() }
}

fn stolen(serial: u32, cut: u64) -> KeyWordOf {
    KeyWordOf { serial, word: KeyWord::Compromised { key: first().key_id().0, cut } }
}

/// What a root is to say.
struct KeyWordOf {
    serial: u32,
    word: KeyWord,
}

impl KeyWordOf {
    fn by(self, root: &RootSecret) -> SignedStatement {
        said_by(root, self.serial, self.word)
    }
}

/// Zhuhai's card under a root, with further statements on it.
fn rooted(statements: &[SignedStatement]) -> Vec<PartyCard> {
    let certificate = certified(1, first(), None).by(&root());
    let mut card = first().rooted_card("UABC", &root(), &certificate).unwrap();
    card.statements.extend(statements.iter().map(|signed| statement_text(signed).unwrap()));
    let others = cards().into_iter().filter(|card| card.party != party("zhuhai"));
    others.chain([card]).collect()
}

fn write(world: &mut World, body: Body, key: BodyKey, secrets: &PartySecrets) {
    let zhuhai = party("zhuhai");
    let sealed = SealedBody::seal(&body, &key).unwrap();
    let header = Header { key_id: secrets.key_id(), ..world.next_header(zhuhai, &body, &sealed) };
    let entry = VerifiedEntry::sign(header, secrets).unwrap();
    world.logs.get_mut(&zhuhai).unwrap().push(Made { entry, sealed, key, body });
}

fn say(world: &mut World, signed: SignedStatement, secrets: &PartySecrets) {
    let actor = bodies()[0].actor.clone();
    let event = Event::from((signed, [party("hengqin"), party("macau")].into()));
    write(world, Body { actor, command: None, event }, BodyKey::published(), secrets);
}

fn notices(world: &mut World, count: usize, secrets: &PartySecrets) {
    for number in 0..count {
        let body = Body { command: None, ..bodies()[number % bodies().len()].clone() };
        write(world, body, BodyKey([u8::try_from(number % 250).unwrap(); 32]), secrets);
    }
}

/// Thirty entries under the first key, the rotation as entry 30, and then some.
fn rotated(after: usize) -> World {
    let mut world = world(7, ENTRIES);
    say(&mut world, certified(2, &next(), Some(first().key_id())).by(&root()), &next());
    notices(&mut world, after, &next());
    world
}

fn draft(world: &World, holder: &str, statements: &[SignedStatement]) -> Draft {
    Draft { cards: rooted(statements), ..world.draft(party(holder)) }
}

fn findings(world: &World) -> Vec<(&'static str, u64)> {
    let draft = draft(world, "macau", &[]);
    let report = verify(&[&draft], None);
    found(&report.findings).into_iter().map(|(code, _, seq, _)| (code, seq)).collect()
}

#[test]
fn a_log_with_a_rotation_verifies_and_replays_for_every_holder() {
    // Far more entries than are checked at once, so that many of them wait for the one that adds their key.
    let world = rotated(700);
    for holder in ["zhuhai", "macau", "hengqin"] {
        let draft = draft(&world, holder, &[]);
        assert_eq!(found(&verify(&[&draft], None).findings), [], "{holder}");
        let trusted = Directory::new(&rooted(&[])).unwrap();
        let report = verify(&[&draft], Some(&trusted));
        assert_eq!(found(&report.findings), []);
        let zhuhai = report.logs.iter().find(|log| log.origin == party("zhuhai")).unwrap();
        assert_eq!((zhuhai.entries, zhuhai.kinds["key-added"]), (ENTRIES as u64 + 701, 1));
        assert!(replay(&[&draft], party(holder)).is_good());
    }
}

#[test]
fn an_entry_whose_key_is_not_valid_at_its_place_is_found() {
    let mut world = rotated(3);
    notices(&mut world, 2, first());
    assert_eq!(findings(&world), [("KEY_NOT_VALID", ENTRIES as u64 + 4)], "the former key");
    let mut world = common::world(7, ENTRIES);
    notices(&mut world, 2, &next());
    assert_eq!(findings(&world), [("UNKNOWN_KEY", ENTRIES as u64)], "a key that nothing adds");
    let mut world = rotated(1);
    say(&mut world, stolen(3, 20).by(&root()), &next());
    assert_eq!(findings(&world), [("KEY_NOT_VALID", ENTRIES as u64 + 2)], "a report that takes entries back");
    let mut world = rotated(1);
    say(&mut world, certified(2, first(), Some(next().key_id())).by(&root()), first());
    assert_eq!(findings(&world), [("KEY_NOT_VALID", ENTRIES as u64 + 2)], "an ended key comes back");
}

#[test]
fn what_is_said_of_keys_without_the_root_is_found() {
    let thief = RootSecret::from_seed(party("zhuhai"), first().seeds().0);
    let mut world = common::world(7, ENTRIES);
    say(&mut world, certified(2, &next(), Some(first().key_id())).by(&thief), &next());
    assert_eq!(findings(&world), [("KEY_STATEMENT", ENTRIES as u64)]);
    let mut world = rotated(1);
    say(&mut world, stolen(3, ENTRIES as u64).by(&thief), &next());
    assert_eq!(findings(&world), [("KEY_STATEMENT", ENTRIES as u64 + 2)]);
}

#[test]
fn a_thiefs_log_is_good_up_to_the_cut_and_found_there() {
    let mut thief = common::world(7, ENTRIES);
    notices(&mut thief, 5, first());
    let cut = ENTRIES as u64;
    assert_eq!(findings(&thief), [], "without the report nobody can tell");
    let trusted = Directory::new(&rooted(&[stolen(3, cut).by(&root())])).unwrap();
    let draft = draft(&thief, "macau", &[]);
    let report = verify(&[&draft], Some(&trusted));
    let codes: Vec<_> = found(&report.findings).into_iter().map(|(code, _, seq, _)| (code, seq)).collect();
    assert_eq!(codes, [("KEY_NOT_VALID", cut)]);
    let zhuhai = report.logs.iter().find(|log| log.origin == party("zhuhai")).unwrap();
    assert_eq!(zhuhai.entries, cut, "earlier ones still verify");
}

#[test]
fn a_checkpoint_under_the_new_key_is_verified_with_what_the_log_says() {
    let world = rotated(4);
    let mut draft = draft(&world, "macau", &[]);
    let mut frontier = Frontier::default();
    world.logs[&party("zhuhai")].iter().for_each(|made| frontier.push(&made.entry.leaf()));
    let certificate = certified(2, &next(), Some(first().key_id())).by(&root());
    let directory = Directory::new(&rooted(&[certificate])).unwrap();
    let sign = |secrets: &PartySecrets| {
        let key = LogKey::new(&directory.key(party("zhuhai"), secrets.key_id()).unwrap().keys).unwrap();
        SignedCheckpoint::sign(frontier.head(), &key, secrets).unwrap().note().to_string().into_bytes()
    };
    draft.checkpoints.insert(party("zhuhai"), sign(first()));
    let findings = found(&verify(&[&draft], None).findings);
    assert_eq!(findings.iter().map(|one| one.0).collect::<Vec<_>>(), ["CHECKPOINT"], "under the key that had ended");
    draft.checkpoints.insert(party("zhuhai"), sign(&next()));
    let report = verify(&[&draft], None);
    assert_eq!(found(&report.findings), []);
    let zhuhai = report.logs.iter().find(|log| log.origin == party("zhuhai")).unwrap();
    assert_eq!(zhuhai.checkpoint.as_ref().unwrap().size, ENTRIES as u64 + 5);
}
