//! `body.json`: a sealed body, its key, and the entry that commits to it.

use chacha20poly1305::aead::Aead;
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use tongcha_domain::event::EventKind;

use super::verdict::{Verdict, verdict};
use super::{Case, Input, Set, fixed_secrets, flipped, lengthened};
use crate::body::{BODY_MAX, BodyError, BodyKey, SealedBody};
use crate::canonical;
use crate::entry::{self, Header, VerifiedEntry};
use crate::testing::{body, event, header, party};

const KEY: [u8; 32] = [0x5E; 32];

/// Any bytes, sealed: what whoever writes an entry can do.
pub(super) fn seal(plain: &[u8]) -> SealedBody {
    let ciphertext = XChaCha20Poly1305::new((&KEY).into()).encrypt(&XNonce::default(), plain).unwrap();
    SealedBody { key_hash: BodyKey(KEY).hash(), ciphertext }
}

/// An entry of Zhuhai that commits to a sealed body.
pub(super) fn committing(sealed: &SealedBody, change: impl FnOnce(&mut Header)) -> Vec<u8> {
    let zhuhai = fixed_secrets("zhuhai");
    let mut header = Header { key_id: zhuhai.key_id(), ..header(&body(event(EventKind::UrgentRaised)), sealed) };
    change(&mut header);
    VerifiedEntry::sign(header, &zhuhai).unwrap().bytes().to_vec()
}

fn judge(input: &Input) -> String {
    let (header, _) = entry::read(&input.bytes("entry")).unwrap();
    let sealed = SealedBody { key_hash: input.array("key_hash"), ciphertext: input.bytes("ciphertext") };
    verdict(sealed.open(&BodyKey(input.array("key")), &header))
}

fn case(name: &str, verdict: &str, sealed: &SealedBody, entry: &[u8]) -> Case {
    let case = Case::new(name, verdict).bytes("entry", entry).bytes("key", &KEY);
    case.bytes("key_hash", &sealed.key_hash).bytes("ciphertext", &sealed.ciphertext)
}

fn cases() -> Vec<Case> {
    let plain = canonical::encode(&body(event(EventKind::UrgentRaised))).unwrap();
    let good = seal(&plain);
    let as_committed = |name: &str, verdict: &str, plain: &[u8]| {
        let sealed = seal(plain);
        case(name, verdict, &sealed, &committing(&sealed, |_| {}))
    };
    let changed =
        |name: &str, verdict: &str, sealed: SealedBody| case(name, verdict, &sealed, &committing(&good, |_| {}));
    let with_header =
        |name: &str, verdict: &str, change: fn(&mut Header)| case(name, verdict, &good, &committing(&good, change));
    let long = SealedBody { ciphertext: vec![0; BODY_MAX + 1], ..good.clone() };
    let torn = SealedBody { ciphertext: flipped(&good.ciphertext, 0), ..good.clone() };
    vec![
        as_committed("an urgent notice", "valid", &plain),
        case("longer than any body", "too-long", &long, &committing(&long, |_| {})),
        with_header("another length than the header says", "length", |header| header.body_len += 1),
        changed("a bit of the ciphertext", "digest", torn.clone()),
        changed(
            "a bit of the key's hash",
            "digest",
            SealedBody { key_hash: flipped(&good.key_hash, 7).try_into().unwrap(), ..good.clone() },
        ),
        as_committed("an urgent notice, for another key", "key", &plain).bytes("key", &[8; 32]),
        case("a bit of the ciphertext, committed to", "open", &torn, &committing(&torn, |_| {})),
        as_committed("the last byte is missing", "body/malformed", &plain[..plain.len() - 1]),
        as_committed("a byte follows", "body/trailing", &[plain.as_slice(), &[0]].concat()),
        as_committed("an over-long number", "body/not-canonical", &lengthened(&plain, 0)),
        with_header("another kind than the header says", "kind", |header| header.kind = EventKind::UrgentClosed),
        with_header("fewer readers than the event has", "audience", |header| {
            header.audience.retain(|to| *to != party("macau"));
        }),
        with_header("more readers than the event has", "audience", |header| {
            header.audience.extend([party("elsewhere")]);
        }),
    ]
}

#[test]
fn published_bodies_have_their_verdicts() {
    Set {
        file: "vectors/body.json",
        about: "ciphertext, key_hash, key: format.md section 4. entry: commits to them; its signature is not looked at here.",
        judge,
        codes: BodyError::codes(),
        excused: &[
            ("body/too-long", "the length of the ciphertext is checked first"),
            ("body/unencodable", "only when writing"),
            ("unpublished", "see keys.json"),
        ],
    }
    .check(cases());
}
