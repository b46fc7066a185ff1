//! `ask.json`, `reply.json`, `parcel.json`: what crosses between two services.

use std::sync::Arc;

use chacha20poly1305::aead::Aead;
use chacha20poly1305::{KeyInit, XChaCha20Poly1305};
use tongcha_domain::event::EventKind;

use super::body::{committing, seal};
use super::entry::{refused, signed};
use super::token::issued;
use super::verdict::{VALID, Verdict, verdict};
use super::{Case, Input, Set, fixed_directory, fixed_secrets, flipped, lengthened};
use crate::ask::{self, ASK_MAX, AskError, AskKey, LookupRequest, REPLY_MAX};
use crate::body::{BodyKey, SealedBody};
use crate::canonical;
use crate::channel::{ChannelSender, WrappedKey};
use crate::key::KeyId;
use crate::parcel::{PARCEL_MAX, Parcel, ParcelBody, ParcelError, ParcelOpener};
use crate::published::samples;
use crate::sealed::{self, Ask};
use crate::testing::{Fixed, body, event, party};

const PREFIX: &[u8] = b"tongcha/lookup/v1\0";
const KEY: [u8; 32] = [0x6B; 32];

fn wrapped(to: &str, place: u64, key: &BodyKey) -> WrappedKey {
    let to = fixed_directory().party(party(to)).unwrap().clone();
    ChannelSender::establish(party("zhuhai"), &to, &mut Fixed(500)).unwrap().wrap(place, key).unwrap()
}

fn request() -> LookupRequest {
    samples::lookup(issued().bytes().to_vec(), fixed_secrets("zhuhai").key_id()).0
}

/// Any plain message, sealed for Macau: what whoever asks can send.
fn sealed_ask(plain: &[u8]) -> Vec<u8> {
    let sealed = XChaCha20Poly1305::new((&KEY).into()).encrypt(&sealed::request_nonce(), plain).unwrap();
    let ask = Ask { from: party("zhuhai"), key: wrapped("macau", 0, &BodyKey(KEY)), sealed };
    canonical::encode(&ask).unwrap()
}

fn asked(change: impl FnOnce(&mut LookupRequest), by: &str) -> Vec<u8> {
    let mut request = request();
    change(&mut request);
    sealed_ask(&signed(&canonical::encode(&request).unwrap(), PREFIX, &fixed_secrets(by)))
}

fn judge_ask(input: &Input) -> String {
    let opened = ask::open_request(&input.bytes("ask"), party("zhuhai"), &input.secrets("at"), &fixed_directory());
    verdict(opened)
}

fn asks() -> Vec<Case> {
    let zhuhai = fixed_secrets("zhuhai");
    let (good, plain) = (asked(|_| {}, "zhuhai"), canonical::encode(&request()).unwrap());
    let sign = |plain: &[u8]| sealed_ask(&signed(plain, PREFIX, &zhuhai));
    let mut other_sender: Ask = canonical::decode(&good, ASK_MAX).unwrap();
    other_sender.from = party("hengqin");
    let mut no_key: Ask = canonical::decode(&good, ASK_MAX).unwrap();
    no_key.key.epoch = [0; 32];
    let torn = {
        let last = good.len() - 1;
        flipped(&good, 8 * last)
    };
    let key_at = 1 + "zhuhai".len() + 32;
    let cases = [
        ("a question of Zhuhai to Macau", VALID, good.clone()),
        ("longer than any question", "message/too-long", vec![0; ASK_MAX + 1]),
        ("it ends early", "message/malformed", good[..good.len() - 1].to_vec()),
        ("a byte follows", "message/trailing", [good.as_slice(), &[0]].concat()),
        ("an over-long number", "message/not-canonical", lengthened(&good, 0)),
        ("a request with an over-long number", "message/not-canonical", sign(&lengthened(&plain, 1))),
        ("too short for a signature", "length", sealed_ask(&[0; 63])),
        ("version 2", "version", asked(|request| request.version = 2, "zhuhai")),
        ("a bit of the ciphertext", "open", torn),
        ("a bit of the wrapped key", "key/unwrap", flipped(&good, 8 * key_at)),
        ("an encapsulation of zeros", "key/setup", canonical::encode(&no_key).unwrap()),
        ("an unknown key", "unknown-key", asked(|request| request.key_id = KeyId([0; 8]), "zhuhai")),
        ("signed by another party", "signature", asked(|_| {}, "macau")),
        ("signed as an entry", "signature", sealed_ask(&signed(&plain, b"tongcha/event/v1\0", &zhuhai))),
        ("from another party than it came from", "asker", canonical::encode(&other_sender).unwrap()),
        (
            "asked by another party than it came from",
            "asker",
            asked(|request| request.asker.party = party("hengqin"), "zhuhai"),
        ),
        ("to another holder", "holder", asked(|request| request.holder = party("hengqin"), "zhuhai")),
    ];
    let case = |(name, verdict, ask): (_, _, Vec<u8>)| Case::new(name, verdict).bytes("ask", &ask).text("at", "macau");
    cases.into_iter().map(case).collect()
}

fn judge_reply(input: &Input) -> String {
    let lookup = input.text("lookup").parse().unwrap();
    verdict(ask::open_reply(&input.bytes("reply"), &AskKey { key: BodyKey(input.array("key")), lookup }))
}

fn replies() -> Vec<Case> {
    let (_, reply) = samples::lookup(Vec::new(), KeyId([0; 8]));
    let seal = |plain: &[u8]| sealed::seal_reply(plain, &BodyKey(KEY), 2 * REPLY_MAX, &mut Fixed(300)).unwrap();
    let plain = canonical::encode(&reply).unwrap();
    let good = seal(&plain);
    let cases = [
        ("a refusal", VALID, good.clone()),
        ("longer than any reply", "message/too-long", vec![0; REPLY_MAX + 1]),
        ("it ends early", "message/malformed", seal(&plain[..plain.len() - 1])),
        ("a byte follows", "message/trailing", seal(&[plain.as_slice(), &[0]].concat())),
        ("an over-long number", "message/not-canonical", seal(&lengthened(&plain, 0))),
        ("a bit of the nonce", "open", flipped(&good, 0)),
        ("a bit of the ciphertext", "open", flipped(&good, 8 * 30)),
        ("too short for a nonce", "open", good[..23].to_vec()),
        ("to another question", "lookup", {
            let mut other = reply.clone();
            other.lookup = "0197f000-0000-7000-8000-00000000ffff".parse().unwrap();
            seal(&canonical::encode(&other).unwrap())
        }),
    ];
    let lookup = reply.lookup.to_string();
    let case = |(name, verdict, bytes): (_, _, Vec<u8>)| {
        Case::new(name, verdict).bytes("reply", &bytes).bytes("key", &KEY).text("lookup", &lookup)
    };
    cases.into_iter().map(case).collect()
}

fn judge_parcel(input: &Input) -> String {
    let opener = ParcelOpener::new(Arc::new(input.secrets("at")), Arc::new(fixed_directory()));
    verdict(opener.open(party(input.text("from")), &input.bytes("parcel")))
}

fn parcels() -> Vec<Case> {
    let plain = canonical::encode(&body(event(EventKind::UrgentRaised))).unwrap();
    let key = BodyKey([0x5E; 32]);
    let sealed = seal(&plain);
    let entry = committing(&sealed, |_| {});
    let give = |entry: &[u8], body: Option<(SealedBody, WrappedKey)>| {
        let body = body.map_or(ParcelBody::NotAddressed, |(sealed, key)| ParcelBody::Sealed(sealed, key));
        Parcel { entry: entry.to_vec(), body }.encode().unwrap()
    };
    let comes = |entry: &[u8], body| Parcel { entry: entry.to_vec(), body }.encode().unwrap();
    let good = || Some((sealed.clone(), wrapped("macau", 0, &key)));
    let whole = give(&entry, good());
    let for_nobody = committing(&sealed, |header| header.audience = [party("zhuhai")].into());
    let bad = |plain: &[u8]| {
        let sealed = seal(plain);
        give(&committing(&sealed, |_| {}), Some((sealed, wrapped("macau", 0, &key))))
    };
    let mut no_key = wrapped("macau", 0, &key);
    no_key.epoch = [0; 32];
    let other = SealedBody { ciphertext: flipped(&sealed.ciphertext, 0), ..sealed.clone() };
    let published = committing(&sealed, |header| header.kind = EventKind::LogRecovered);
    let mut cases = vec![
        ("an urgent notice for Macau", VALID, whole.clone()),
        ("one whose key is destroyed", VALID, comes(&entry, ParcelBody::Erased(sealed.clone()))),
        ("one whose body is lost", VALID, comes(&entry, ParcelBody::Lost)),
        ("the header alone, for a party not addressed", VALID, give(&for_nobody, None)),
        ("longer than any parcel", "parcel/too-long", vec![0; PARCEL_MAX + 1]),
        ("it ends early", "parcel/malformed", whole[..whole.len() - 1].to_vec()),
        ("a byte follows", "parcel/trailing", [whole.as_slice(), &[0]].concat()),
        ("a body of form 4", "parcel/malformed", {
            let at = entry.len() + 2;
            [&whole[..at], &[4], &whole[at + 1..]].concat()
        }),
        ("the body is missing", "body-missing", give(&entry, None)),
        ("a body for somebody else", "body-unasked", give(&for_nobody, good())),
        ("a lost body for somebody else", "body-unasked", comes(&for_nobody, ParcelBody::Lost)),
        ("one is lost that everybody was told", "body-missing", comes(&published, ParcelBody::Lost)),
        ("a key for another place", "key/unwrap", give(&entry, Some((sealed.clone(), wrapped("macau", 1, &key))))),
        ("a key for another party", "key/unwrap", give(&entry, Some((sealed.clone(), wrapped("hengqin", 0, &key))))),
        ("an encapsulation of zeros", "key/setup", give(&entry, Some((sealed.clone(), no_key)))),
        ("another body", "body/digest", give(&entry, Some((other, wrapped("macau", 0, &key))))),
        ("another key", "body/key", give(&entry, Some((sealed.clone(), wrapped("macau", 0, &BodyKey([8; 32])))))),
        ("a body that ends early", "body/body/malformed", bad(&plain[..plain.len() - 1])),
        (
            "another kind",
            "body/kind",
            give(&committing(&sealed, |header| header.kind = EventKind::UrgentClosed), good()),
        ),
    ];
    cases.push(("an over-long length", "parcel/not-canonical", lengthened_length(&whole, 0)));
    let mut cases: Vec<_> = cases
        .into_iter()
        .map(|(name, verdict, bytes)| {
            Case::new(name, verdict).bytes("parcel", &bytes).text("from", "zhuhai").text("at", "macau")
        })
        .collect();
    for (name, verdict, entry) in refused() {
        let case =
            Case::new(&format!("an entry: {name}"), &format!("entry/{verdict}")).bytes("parcel", &give(&entry, None));
        cases.push(case.text("from", "zhuhai").text("at", "macau"));
    }
    cases.push(
        Case::new("from another party than it came from", "origin")
            .bytes("parcel", &whole)
            .text("from", "hengqin")
            .text("at", "macau"),
    );
    cases
}

// A varint of two bytes, written as three.
fn lengthened_length(bytes: &[u8], at: usize) -> Vec<u8> {
    assert!(bytes[at] >= 0x80 && bytes[at + 1] < 0x80);
    [&bytes[..=at], &[bytes[at + 1] | 0x80, 0], &bytes[at + 2..]].concat()
}

#[test]
fn published_asks_have_their_verdicts() {
    Set {
        file: "vectors/ask.json",
        about: "ask: format.md section 7, come from Zhuhai. at: the party that opens it.",
        judge: judge_ask,
        codes: AskError::codes(),
        excused: &[
            ("message/unencodable", "only when writing"),
            ("lookup", "of a reply"),
            ("compromised", "see keys.json"),
            ("signing", "only when writing"),
        ],
    }
    .check(asks());
}

#[test]
fn published_replies_have_their_verdicts() {
    Set {
        file: "vectors/reply.json",
        about: "reply: format.md section 7. key: that of the ask. lookup: the one asked.",
        judge: judge_reply,
        codes: AskError::codes(),
        excused: &[
            ("message/unencodable", "only when writing"),
            ("compromised", "of an ask"),
            ("length", "of an ask"),
            ("version", "of an ask"),
            ("key/", "of an ask"),
            ("unknown-key", "of an ask"),
            ("signature", "of an ask: a reply is not signed"),
            ("asker", "of an ask"),
            ("holder", "of an ask"),
            ("signing", "only when writing"),
        ],
    }
    .check(replies());
}

#[test]
fn published_parcels_have_their_verdicts() {
    Set {
        file: "vectors/parcel.json",
        about: "parcel: format.md section 5. from: whence it came. at: the party that opens it.",
        judge: judge_parcel,
        codes: ParcelError::codes(),
        excused: &[
            ("parcel/unencodable", "only when writing"),
            ("entry/header/too-long", "see entry.json"),
            ("entry/header/unencodable", "only when writing"),
            ("entry/signing", "only when writing"),
            ("entry/keys", "see keys.json"),
            ("entry/statement", "see keys.json"),
            ("body/unpublished", "see keys.json"),
            ("entry/sequence", "the chain is not looked at in a parcel"),
            ("entry/chain", "the chain is not looked at in a parcel"),
            ("entry/clock", "the chain is not looked at in a parcel"),
            ("body/too-long", "one of each stage; all are in body.json"),
            ("body/length", "one of each stage; all are in body.json"),
            ("body/open", "one of each stage; all are in body.json"),
            ("body/body/too-long", "see body.json"),
            ("body/body/trailing", "one of each stage; all are in body.json"),
            ("body/body/not-canonical", "one of each stage; all are in body.json"),
            ("body/body/unencodable", "only when writing"),
            ("body/audience", "one of each stage; all are in body.json"),
        ],
    }
    .check(parcels());
}
