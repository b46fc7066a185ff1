//! Cards under a root, what the directory learns, and what it refuses to learn.

use tongcha_domain::keys::{KeyStatement, KeyWord};

use super::*;
use crate::key::{Hex, PartySecrets};
use crate::root::{RootSecret, statement_text};
use crate::testing::{certified, next_secrets, party, rng, root, rooted_directory, said, secrets};

fn id(party: &str, number: u64) -> KeyId {
    next_secrets(party, number).key_id()
}

fn card(party: &str) -> PartyCard {
    let secrets = secrets(party);
    secrets.rooted_card("UABC", &root(party), &certified(1, &secrets, 0, None)).unwrap()
}

#[test]
fn a_rooted_card_registers_with_its_statements() {
    let mut zhuhai = card("zhuhai");
    let first = secrets("zhuhai").key_id();
    let next = certified(2, &next_secrets("zhuhai", 1), 30, Some(first));
    zhuhai.statements.push(statement_text(&next).unwrap());
    let cut = said("zhuhai", 3, KeyWord::Compromised { key: first.0, cut: 40 });
    zhuhai.statements.push(statement_text(&cut).unwrap());
    let read: PartyCard = serde_json::from_str(&serde_json::to_string(&zhuhai).unwrap()).unwrap();
    let directory = Directory::new([&read]).unwrap();
    let party = party("zhuhai");
    assert_eq!(directory.party(party).unwrap().key_id(), first, "until the log goes over to it");
    assert_eq!(directory.not_after(party), Some("2028-06-30".parse().unwrap()));
    assert_eq!(directory.key(party, id("zhuhai", 1)).unwrap().from_seq, 30);
    assert_eq!(directory.key(party, first).unwrap().cut, Some(40));
    directory.switch(party, id("zhuhai", 1));
    assert_eq!(directory.party(party).unwrap().key_id(), id("zhuhai", 1));
    directory.switch(party, id("zhuhai", 2));
    assert_eq!(directory.party(party).unwrap().key_id(), id("zhuhai", 1), "not to a key that is not known");
    assert_eq!(directory.statements(party).len(), 3);
}

#[test]
fn a_card_whose_root_did_not_certify_its_key_is_refused() {
    let good = card("zhuhai");
    let refused = |card: &PartyCard| Directory::new([card]).unwrap_err();
    let none = PartyCard { statements: Vec::new(), ..good.clone() };
    assert_eq!(refused(&none), KeyError::Uncertified(party("zhuhai")));
    // Who has the signing key only, and names a root of their own.
    let other = RootSecret::generate(party("zhuhai"), &mut rng(5));
    let thief = secrets("zhuhai").rooted_card("UABC", &other, &certified(1, &secrets("zhuhai"), 0, None)).unwrap();
    assert!(
        matches!(refused(&thief), KeyError::Statement(_, error) if *error == StatementError::Root(party("zhuhai")))
    );
    let swapped = PartyCard { root: Some(Hex(other.public())), ..good.clone() };
    assert_eq!(refused(&swapped), KeyError::Possession, "the card's signature covers the root");
    let unrooted = PartyCard { root: None, ..good.clone() };
    assert_eq!(refused(&unrooted), KeyError::Possession);
    let weak = PartyCard { root: Some(Hex([0; 32])), ..good.clone() };
    assert_eq!(refused(&weak), KeyError::Possession);
    let another_key = certified(1, &next_secrets("zhuhai", 1), 0, None);
    let of_another = secrets("zhuhai").rooted_card("UABC", &root("zhuhai"), &another_key).unwrap();
    assert_eq!(refused(&of_another), KeyError::Uncertified(party("zhuhai")));
    let macau = certified(1, &secrets("macau"), 0, None);
    let foreign = PartyCard { statements: vec![statement_text(&macau).unwrap()], ..good.clone() };
    assert!(matches!(refused(&foreign), KeyError::Statement(_, error)
        if matches!(*error, StatementError::OtherParty { .. })));
    let noise = PartyCard { statements: vec!["tk1.AAAA".to_owned()], ..good };
    assert!(matches!(refused(&noise), KeyError::Statement(_, error) if matches!(*error, StatementError::Text(_))));
}

#[test]
fn only_the_partys_own_root_is_believed() {
    let directory = rooted_directory();
    let next = next_secrets("zhuhai", 1);
    let word = next.certificate(0, "2028-06-30".parse().unwrap(), None).unwrap();
    let statement = |name: &str| KeyStatement { party: party(name), serial: 2, word: word.clone() };
    let by_another = root("macau").sign(statement("zhuhai")).unwrap();
    assert_eq!(directory.learn(&by_another), Err(StatementError::Root(party("zhuhai"))));
    let by_itself = RootSecret::from_seed(party("zhuhai"), secrets("zhuhai").seeds().0);
    assert_eq!(
        directory.learn(&by_itself.sign(statement("zhuhai")).unwrap()),
        Err(StatementError::Root(party("zhuhai")))
    );
    let stranger = root("zhuhai").sign(statement("elsewhere")).unwrap();
    assert_eq!(directory.learn(&stranger), Err(StatementError::Party(party("elsewhere"))));
    assert!(directory.key(party("zhuhai"), next.key_id()).is_none(), "nothing was learned");
    let rootless = crate::testing::directory();
    assert_eq!(rootless.learn(&certified(2, &next, 0, None)), Err(StatementError::NoRoot(party("zhuhai"))));
    directory.learn(&certified(2, &next, 0, None)).unwrap();
    assert!(directory.key(party("zhuhai"), next.key_id()).is_some());
}

#[test]
fn a_certified_key_is_checked_as_any_other() {
    let directory = rooted_directory();
    let with = |change: fn(&mut KeyCertificate)| {
        let secrets: PartySecrets = next_secrets("zhuhai", 1);
        let KeyWord::Certified(mut one) = secrets.certificate(0, "2028-06-30".parse().unwrap(), None).unwrap() else {
            panic!("another word")
        };
        change(&mut one);
        directory.learn(&said("zhuhai", 2, KeyWord::Certified(one))).unwrap_err()
    };
    assert_eq!(with(|one| one.signing = [0; 32]), StatementError::Key(KeyError::Weak));
    assert_eq!(with(|one| one.signing = [0xFF; 32]), StatementError::Key(KeyError::NotCanonical));
    assert_eq!(with(|one| one.key = [9; 8]), StatementError::Name);
}

#[test]
fn the_newest_report_of_a_theft_counts() {
    let (directory, zhuhai, first) = (rooted_directory(), party("zhuhai"), secrets("zhuhai").key_id());
    let report = |serial, cut| said("zhuhai", serial, KeyWord::Compromised { key: first.0, cut });
    let unknown = said("zhuhai", 2, KeyWord::Compromised { key: [9; 8], cut: 1 });
    assert_eq!(directory.learn(&unknown), Err(StatementError::UnknownKey(zhuhai)));
    directory.learn(&report(4, 50)).unwrap();
    directory.learn(&report(4, 50)).unwrap();
    assert_eq!(directory.learn(&report(3, 10)), Err(StatementError::Old { serial: 3, last: 4 }), "an older one, again");
    assert_eq!(directory.learn(&report(4, 10)), Err(StatementError::Old { serial: 4, last: 4 }), "two of one number");
    assert_eq!(directory.key(zhuhai, first).unwrap().cut, Some(50));
    directory.learn(&report(5, 52)).unwrap();
    assert_eq!(directory.key(zhuhai, first).unwrap().cut, Some(52));
    directory.set_aside(zhuhai, first);
    assert_eq!(directory.key(zhuhai, first).unwrap().cut, None);
    assert_eq!(directory.learn(&report(5, 52)), Err(StatementError::Old { serial: 5, last: 5 }), "it was set aside");
    directory.learn(&report(6, 60)).unwrap();
    assert!(directory.is_compromised(zhuhai, first));
}
