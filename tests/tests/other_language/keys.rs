//! Keys in time: what a root says of a log's keys is followed, and each breach of its rules is named.

use rand::SeedableRng;
use rand::rngs::StdRng;
use tongcha_domain::event::{Body, Event};
use tongcha_domain::keys::{KeyCertificate, KeyRetired, KeyStatement, KeyWord, SignedStatement};
use tongcha_ledger::body::{BodyKey, SealedBody};
use tongcha_ledger::checkpoint::{LogKey, SignedCheckpoint};
use tongcha_ledger::entry::{Header, VerifiedEntry};
use tongcha_ledger::key::{Directory, PartyCard, PartySecrets};
use tongcha_ledger::merkle::Frontier;
use tongcha_ledger::root::{RootSecret, statement_text};

use crate::bench::{Bench, Damage, ENTRIES};
use crate::common::{Draft, Made, World, bodies, cards, party, secrets};

fn root() -> RootSecret {
    RootSecret::generate(party("zhuhai"), &mut StdRng::seed_from_u64(500))
}

fn thief() -> RootSecret {
    RootSecret::from_seed(party("zhuhai"), first().seeds().0)
}

fn first() -> &'static PartySecrets {
    secrets(party("zhuhai"))
}

fn next() -> PartySecrets {
    PartySecrets::generate(party("zhuhai"), &mut StdRng::seed_from_u64(501))
}

fn said(serial: u32, word: KeyWord) -> SignedStatement {
    root().sign(KeyStatement { party: party("zhuhai"), serial, word }).unwrap()
}

fn certificate(of: &PartySecrets, from_seq: u64, replaces: Option<&PartySecrets>) -> KeyWord {
    of.certificate(from_seq, "2028-06-30".parse().unwrap(), replaces.map(PartySecrets::key_id)).unwrap()
}

fn certified(serial: u32, of: &PartySecrets, replaces: Option<&PartySecrets>) -> SignedStatement {
    said(serial, certificate(of, 0, replaces))
}

fn retired(serial: u32, key: &PartySecrets) -> SignedStatement {
    said(serial, KeyWord::Retired { key: key.key_id().0 })
}

fn stolen(serial: u32, key: &PartySecrets, cut: usize) -> SignedStatement {
    said(serial, KeyWord::Compromised { key: key.key_id().0, cut: cut as u64 })
}

/// Zhuhai's card under a root, with further statements on it, after the others'.
fn rooted(statements: &[SignedStatement]) -> Vec<PartyCard> {
    let mut card = first().rooted_card("UABC", &root(), &certified(1, first(), None)).unwrap();
    card.statements.extend(statements.iter().map(|signed| statement_text(signed).unwrap()));
    let mut cards = cards();
    cards[2] = card;
    cards
}

fn write(world: &mut World, body: Body, key: BodyKey, secrets: &PartySecrets) {
    let zhuhai = party("zhuhai");
    let sealed = SealedBody::seal(&body, &key).unwrap();
    let header = Header { key_id: secrets.key_id(), ..world.next_header(zhuhai, &body, &sealed) };
    let entry = VerifiedEntry::sign(header, secrets).unwrap();
    world.logs.get_mut(&zhuhai).unwrap().push(Made { entry, sealed, key, body });
}

fn tell(world: &mut World, event: Event, secrets: &PartySecrets) {
    let actor = bodies()[0].actor.clone();
    write(world, Body { actor, command: None, event }, BodyKey::published(), secrets);
}

fn say(world: &mut World, signed: SignedStatement, secrets: &PartySecrets) {
    tell(world, Event::from((signed, [party("hengqin"), party("macau")].into())), secrets);
}

fn notices(world: &mut World, count: usize, secrets: &PartySecrets) {
    for body in bodies().into_iter().take(count) {
        write(world, Body { command: None, ..body }, BodyKey([7; 32]), secrets);
    }
}

/// Macau's bundle, in which Zhuhai's log is continued under a root; without checkpoints.
fn put(bench: &Bench, statements: &[SignedStatement], go_on: impl FnOnce(&mut World)) {
    let mut world = bench.world.clone();
    go_on(&mut world);
    bench.edit(|draft| *draft = Draft { cards: rooted(statements), ..world.draft(party("macau")) });
}

fn rotate(world: &mut World) {
    say(world, certified(2, &next(), Some(first())), &next());
}

pub fn plain() -> Bench {
    let world = crate::common::world(1, ENTRIES);
    let draft = world.draft(party("macau"));
    Bench::of(world, draft)
}

pub fn table() -> Vec<Damage> {
    [places(), statements(), known_from_cards()].concat()
}

fn places() -> Vec<Damage> {
    vec![
        ("the former key", "log of zhuhai: entry {}: keys/ended: it ended at entry 24", |bench| {
            put(bench, &[], |world| {
                rotate(world);
                notices(world, 1, first());
            });
            ENTRIES + 1
        }),
        ("a key that nothing adds", "log of zhuhai: entry {}: unknown-key", |bench| {
            put(bench, &[], |world| notices(world, 1, &next()));
            ENTRIES
        }),
        ("a key before the entry that adds it", "log of zhuhai: entry {}: keys/not-added", |bench| {
            put(bench, &[certified(2, &next(), None)], |world| notices(world, 1, &next()));
            ENTRIES
        }),
        ("a retired key", "log of zhuhai: entry {}: keys/ended: it ended at entry 25", |bench| {
            put(bench, &[], |world| {
                say(world, certified(2, &next(), None), &next());
                say(world, retired(3, first()), &next());
                notices(world, 1, first());
            });
            ENTRIES + 2
        }),
        ("a report that takes entries back", "log of zhuhai: entry {}: keys/takes-back", |bench| {
            put(bench, &[], |world| {
                rotate(world);
                say(world, stolen(3, first(), 20), &next());
            });
            ENTRIES + 1
        }),
        ("a cut ahead", "log of zhuhai: entry {}: keys/ahead", |bench| {
            put(bench, &[], |world| {
                rotate(world);
                say(world, stolen(3, first(), ENTRIES + 9), &next());
            });
            ENTRIES + 1
        }),
        ("a checkpoint under a key that had ended", "log of zhuhai: checkpoint: keys/ended: it ended at", |bench| {
            put(bench, &[], rotate);
            let note = checkpoint(bench, first());
            std::fs::write(bench.path.join("checkpoints/zhuhai.note"), note).unwrap();
            0
        }),
    ]
}

fn statements() -> Vec<Damage> {
    vec![
        ("an ended key comes back", "log of zhuhai: entry {}: keys/added-before", |bench| {
            put(bench, &[], |world| {
                rotate(world);
                say(world, certified(3, first(), Some(&next())), first());
            });
            ENTRIES + 1
        }),
        ("a key added by another", "log of zhuhai: entry {}: keys/not-its-own", |bench| {
            put(bench, &[], |world| say(world, certified(2, &next(), None), first()));
            ENTRIES
        }),
        ("a certificate no newer than the last", "log of zhuhai: entry {}: keys/old", |bench| {
            put(bench, &[], |world| say(world, certified(1, &next(), None), &next()));
            ENTRIES
        }),
        ("a certificate that begins later", "log of zhuhai: entry {}: keys/early", |bench| {
            let later = said(2, certificate(&next(), ENTRIES as u64 + 1, None));
            put(bench, &[], |world| say(world, later, &next()));
            ENTRIES
        }),
        ("the only key retired", "log of zhuhai: entry {}: keys/only-key", |bench| {
            put(bench, &[], |world| say(world, retired(2, first()), first()));
            ENTRIES
        }),
        ("a key retired that had ended", "log of zhuhai: entry {}: keys/no-such-key", |bench| {
            put(bench, &[], |world| {
                rotate(world);
                say(world, retired(3, first()), &next());
            });
            ENTRIES + 1
        }),
        ("a certificate by a thief", "log of zhuhai: entry {}: statement/root", |bench| {
            let word = certificate(&next(), 0, Some(first()));
            let signed = thief().sign(KeyStatement { party: party("zhuhai"), serial: 2, word }).unwrap();
            put(bench, &[], |world| say(world, signed, &next()));
            ENTRIES
        }),
        ("a report on a key that never was", "log of zhuhai: entry {}: keys/no-such-key", |bench| {
            put(bench, &[], |world| say(world, stolen(2, &next(), 3), first()));
            ENTRIES
        }),
        ("a certificate that names its key wrongly", "log of zhuhai: entry {}: statement/name", |bench| {
            let KeyWord::Certified(right) = certificate(&next(), 0, None) else { panic!("no certificate") };
            let wrong = said(2, KeyWord::Certified(KeyCertificate { key: [9; 8], ..right }));
            put(bench, &[], |world| say(world, wrong, &next()));
            ENTRIES
        }),
        ("a certificate in an entry that retires", "log of zhuhai: entry {}: statement/body", |bench| {
            let others = [party("hengqin"), party("macau")].into();
            let event = KeyRetired { signed: certified(2, &next(), None), others };
            put(bench, &[], |world| tell(world, event.into(), first()));
            ENTRIES
        }),
    ]
}

fn known_from_cards() -> Vec<Damage> {
    vec![
        (
            "a thief's entries, once the theft is on the card",
            "log of zhuhai: entry {}: keys/ended: reported stolen",
            |bench| {
                put(bench, &[stolen(2, first(), ENTRIES)], |world| notices(world, 3, first()));
                ENTRIES
            },
        ),
        ("of two reports the newer one", "log of zhuhai: entry {}: keys/ended: reported stolen", |bench| {
            let reports = [stolen(2, first(), ENTRIES + 2), stolen(3, first(), ENTRIES)];
            put(bench, &reports, |world| notices(world, 3, first()));
            ENTRIES
        }),
        ("an older report after a newer one", "2.toml: card/statement/old", |bench| {
            put(bench, &[stolen(3, first(), ENTRIES), stolen(2, first(), ENTRIES + 2)], |_| ());
            0
        }),
        ("a report on a card of a key that never was", "2.toml: card/statement/unknown-key", |bench| {
            put(bench, &[stolen(2, &next(), 3)], |_| ());
            0
        }),
        ("a statement about another party", "2.toml: card/statement/other-party", |bench| {
            let word = KeyWord::Retired { key: first().key_id().0 };
            put(bench, &[root().sign(KeyStatement { party: party("macau"), serial: 2, word }).unwrap()], |_| ());
            0
        }),
        ("a certificate that the card has with an earlier place", "log of zhuhai: entry {}: keys/early", |bench| {
            let later = said(3, certificate(&next(), ENTRIES as u64 + 9, None));
            put(bench, &[certified(2, &next(), None)], |world| say(world, later, &next()));
            ENTRIES
        }),
        ("a statement in a log without a root", "log of zhuhai: entry {}: statement/no-root", |bench| {
            put(bench, &[], |world| say(world, retired(2, first()), first()));
            bench.file("cards/2.toml", |bytes| *bytes = toml::to_string(&cards()[2]).unwrap().into_bytes());
            ENTRIES
        }),
        (
            "a thief's checkpoint, once the theft is on the card",
            "log of zhuhai: checkpoint: keys/ended: reported stolen",
            |bench| {
                put(bench, &[stolen(3, first(), ENTRIES)], rotate);
                let note = checkpoint(bench, first());
                std::fs::write(bench.path.join("checkpoints/zhuhai.note"), note).unwrap();
                0
            },
        ),
        ("a root without a certificate", "2.toml: card/uncertified", |bench| {
            put(bench, &[], |_| ());
            bench.file("cards/2.toml", |bytes| {
                let text = String::from_utf8(bytes.clone()).unwrap();
                *bytes =
                    text.lines().filter(|line| !line.starts_with("statements")).collect::<Vec<_>>().join("\n").into();
            });
            0
        }),
        ("a statement on the card by a thief", "2.toml: card/statement/root", |bench| {
            let word = certificate(&next(), 0, None);
            put(bench, &[thief().sign(KeyStatement { party: party("zhuhai"), serial: 2, word }).unwrap()], |_| ());
            0
        }),
        ("another root than the card was made with", "2.toml: card/possession", |bench| {
            put(bench, &[], |_| ());
            let other = RootSecret::generate(party("zhuhai"), &mut StdRng::seed_from_u64(502)).public();
            bench.text("cards/2.toml", &hex::encode(root().public()), &hex::encode(other));
            0
        }),
    ]
}

/// A checkpoint over all of Zhuhai's log after its rotation.
fn checkpoint(bench: &Bench, secrets: &PartySecrets) -> Vec<u8> {
    let mut world = bench.world.clone();
    rotate(&mut world);
    let mut frontier = Frontier::default();
    world.logs[&party("zhuhai")].iter().for_each(|made| frontier.push(&made.entry.leaf()));
    let directory = Directory::new(&rooted(&[certified(2, &next(), Some(first()))])).unwrap();
    let key = LogKey::new(&directory.key(party("zhuhai"), secrets.key_id()).unwrap().keys).unwrap();
    SignedCheckpoint::sign(frontier.head(), &key, secrets).unwrap().note().to_string().into_bytes()
}

#[test]
fn a_log_whose_keys_change_by_the_rules_is_good() {
    let mut world = crate::common::world(1, ENTRIES);
    say(&mut world, certified(2, &next(), None), &next());
    notices(&mut world, 2, first());
    say(&mut world, retired(3, first()), &next());
    say(&mut world, stolen(4, first(), ENTRIES + 4), &next());
    notices(&mut world, 2, &next());
    // Once the card says nothing that the log must say, once it says all, as in a bundle from a party's data.
    let all = [certified(2, &next(), None), stolen(4, first(), ENTRIES + 4)];
    for statements in [&[][..], &all] {
        let draft = Draft { cards: rooted(statements), ..world.draft(party("macau")) };
        let (code, said) = Bench::of(world.clone(), draft).verify();
        assert_eq!(code, Some(0), "{said}");
        assert!(said.contains(&format!("zhuhai: {} entries, no checkpoint", ENTRIES + 7)), "{said}");
    }
}

#[test]
fn a_theft_that_is_known_before_its_log_is_read_takes_nothing_back() {
    let mut world = crate::common::world(1, ENTRIES);
    rotate(&mut world);
    let report = stolen(3, first(), ENTRIES);
    say(&mut world, report.clone(), &next());
    let cards = rooted(&[certified(2, &next(), Some(first())), report]);
    let draft = Draft { cards, ..world.draft(party("macau")) };
    let (code, said) = Bench::of(world, draft).verify();
    assert_eq!(code, Some(0), "{said}");
}

#[test]
fn a_checkpoint_under_the_new_key_is_good() {
    let bench = plain();
    let mut world = bench.world.clone();
    rotate(&mut world);
    let cards = rooted(&[certified(2, &next(), Some(first()))]);
    let mut draft = Draft { cards, ..world.draft(party("macau")) };
    draft.checkpoints.insert(party("zhuhai"), checkpoint(&bench, &next()));
    let (code, said) = Bench::of(world, draft).verify();
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains(&format!("zhuhai: {0} entries, {0} witnessed by nobody", ENTRIES + 1)), "{said}");
}
