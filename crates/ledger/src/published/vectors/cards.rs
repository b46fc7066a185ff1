//! `card.json`: a party's card; and `parties.json`: the parties of all vectors with their secrets.

use std::collections::BTreeMap;

use curve25519_dalek::edwards::CompressedEdwardsY;
use serde_json::json;

use super::verdict::{Verdict, verdict};
use super::{Case, Input, Set, fixed_root, fixed_secrets, rooted_card};
use crate::key::{Directory, Hex, KeyError, PartyCard};
use crate::published::published_tests::compare;
use crate::testing::{PARTIES, party};

fn card(name: &str) -> PartyCard {
    fixed_secrets(name).card("UABC").unwrap()
}

fn judge(input: &Input) -> String {
    let card = |suffix: &str| PartyCard {
        party: party(input.text(&format!("party{suffix}"))),
        signing: Hex(input.array(&format!("signing{suffix}"))),
        sealing: Hex(input.array(&format!("sealing{suffix}"))),
        broker_user: input.text(&format!("broker_user{suffix}")).to_owned(),
        proof: input.text(&format!("proof{suffix}")).to_owned(),
        root: None,
        statements: Vec::new(),
    };
    let cards: Vec<_> =
        ["", "_2"].into_iter().filter(|suffix| input.has(&format!("party{suffix}"))).map(card).collect();
    verdict(Directory::new(&cards))
}

fn put(case: Case, suffix: &str, card: &PartyCard) -> Case {
    let name = |name: &str| format!("{name}{suffix}");
    let case = case.text(&name("party"), card.party.as_str()).bytes(&name("signing"), &card.signing.0);
    let case = case.bytes(&name("sealing"), &card.sealing.0).text(&name("broker_user"), &card.broker_user);
    case.text(&name("proof"), &card.proof)
}

fn cases() -> Vec<Case> {
    let good = card("macau");
    let with_key = |name: &str, verdict: &str, key: [u8; 32]| {
        put(Case::new(name, verdict), "", &PartyCard { signing: Hex(key), ..good.clone() })
    };
    let honest = CompressedEdwardsY(good.signing.0).decompress().unwrap();
    let small = curve25519_dalek::constants::EIGHT_TORSION;
    let mut above_p = [0xFF; 32]; // y = p + 1, which is 1 again
    (above_p[0], above_p[31]) = (0xEE, 0x7F);
    let mut no_point = [0; 32];
    no_point[0] = 2;
    let mut cases = vec![
        put(Case::new("Macau's", "valid"), "", &good),
        put(put(Case::new("two parties", "valid"), "", &good), "_2", &card("zhuhai")),
        put(put(Case::new("a party twice", "duplicate"), "", &good), "_2", &good),
        with_key("no point of the curve", "not-canonical", no_point),
        with_key("the identity written another way", "not-canonical", above_p),
        with_key("an honest key and a point of small order", "torsion", (honest + small[1]).compress().0),
        with_key("another key than signed", "possession", card("zhuhai").signing.0),
        put(
            Case::new("another broker user", "possession"),
            "",
            &PartyCard { broker_user: "UABD".to_owned(), ..good.clone() },
        ),
        put(Case::new("no proof", "possession"), "", &PartyCard { proof: "00".to_owned(), ..good.clone() }),
    ];
    for (place, point) in small.into_iter().enumerate() {
        cases.push(with_key(&format!("small order, {place}"), "weak", point.compress().0));
    }
    cases
}

#[test]
fn published_cards_have_their_verdicts() {
    Set {
        file: "vectors/card.json",
        about: "party, signing, sealing, broker_user, proof (…_2: of a second card): format.md section 2.",
        judge,
        codes: KeyError::codes(),
        excused: &[
            (
                "sealing",
                "every 32 bytes are an X25519 public key to the library; a bad one shows when a channel is set up",
            ),
            ("codec/", "only when writing"),
            ("statement", "of cards with a root key: see keys.json"),
            ("uncertified", "of cards with a root key: see keys.json"),
        ],
    }
    .check(cases());
}

#[test]
fn published_parties_are_those_of_the_vectors() {
    let parties = PARTIES.map(|name| {
        let secrets = fixed_secrets(name);
        let (signing, sealing) = secrets.seeds();
        let party = json!({
            "signing_seed": hex::encode(signing),
            "sealing_seed": hex::encode(sealing),
            "key_id": hex::encode(secrets.key_id().0),
            "card": card(name),
            "root_seed": hex::encode(fixed_root(name).seed()),
            "rooted_card": rooted_card(name),
        });
        (name, party)
    });
    let text = serde_json::to_string_pretty(&BTreeMap::from(parties)).unwrap() + "\n";
    compare("vectors/parties.json", &text);
}
