//! `token.json`: a consent token, and its subjects as a party opens them.

use chacha20poly1305::aead::Aead;
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use tongcha_domain::consent::{SUBJECTS_MAX, Signatory};
use tongcha_domain::identity::Subject;

use super::entry::{first, signed};
use super::verdict::{Verdict, verdict};
use super::{Case, Input, Set, fixed_directory, fixed_secrets, flipped, lengthened};
use crate::body::BodyKey;
use crate::canonical;
use crate::channel::ChannelSender;
use crate::entry::SIGNATURE_LEN;
use crate::key::KeyId;
use crate::testing::{Fixed, claims, party};
use crate::token::{ConsentToken, TOKEN_MAX, TokenContent, TokenError};

const PREFIX: &[u8] = b"tongcha/consent/v1\0";

/// Zhuhai's token for a question to Macau.
pub(super) fn issued() -> ConsentToken {
    ConsentToken::issue(&claims(), &fixed_secrets("zhuhai"), &fixed_directory(), &mut Fixed(100)).unwrap()
}

fn content() -> TokenContent {
    let (head, _) = issued().bytes().split_last_chunk::<SIGNATURE_LEN>().map(|(head, _)| (head.to_vec(), ())).unwrap();
    canonical::decode(&head, TOKEN_MAX).unwrap()
}

fn with(change: impl FnOnce(&mut TokenContent)) -> Vec<u8> {
    let mut content = content();
    change(&mut content);
    signed(&canonical::encode(&content).unwrap(), PREFIX, &fixed_secrets("zhuhai"))
}

fn judge(input: &Input) -> String {
    let token = if input.has("text") {
        ConsentToken::from_text(input.text("text"))
    } else {
        Ok(ConsentToken::from_bytes(input.bytes("token")))
    };
    let opened = token.and_then(|token| {
        let claims = token.verify(&fixed_directory())?;
        if input.has("opened_by") { token.open(&fixed_directory(), &input.secrets("opened_by")) } else { Ok(claims) }
    });
    verdict(opened)
}

fn texts() -> Vec<Case> {
    let text = issued().to_text();
    let case = |name: &str, verdict: &str, text: &str| Case::new(name, verdict).text("text", text);
    vec![
        case("as printed", "valid", &text),
        case("as printed, for the holder", "valid", &text).text("opened_by", "macau"),
        case("for the issuer", "valid", &text).text("opened_by", "zhuhai"),
        case("for a party that it is not for", "not-for-us", &text).text("opened_by", "hengqin"),
        case("another beginning", "text", &text.replace("tc1.", "tc2.")),
        case("with padding", "text", &format!("{text}=")),
        case("bits that encode nothing", "text", &format!("tc1.{}B", "A".repeat(133))),
        case("longer than any text", "length", &format!("tc1.{}", "A".repeat(2 * TOKEN_MAX + 1))),
    ]
}

fn forms() -> Vec<Case> {
    let (token, zhuhai) = (issued(), fixed_secrets("zhuhai"));
    let good = token.bytes();
    let (head, signature) = good.split_last_chunk::<SIGNATURE_LEN>().unwrap();
    let sign = |head: &[u8]| signed(head, PREFIX, &zhuhai);
    let (entry, _) = first().bytes().split_last_chunk::<SIGNATURE_LEN>().map(|(head, _)| (head.to_vec(), ())).unwrap();
    // version, key, then the length of the claims' id
    let id_at = 1 + 8;
    let cases = [
        ("too short for a signature", "length", good[..SIGNATURE_LEN - 1].to_vec()),
        ("longer than any token", "length", vec![0; TOKEN_MAX + 1]),
        ("the content ends early", "content/malformed", sign(&head[..head.len() - 1])),
        ("an entry, signed as a token", "content/malformed", sign(&entry)),
        ("a byte after the content", "content/trailing", sign(&[head, &[0]].concat())),
        ("an over-long number", "content/not-canonical", sign(&lengthened(head, id_at))),
        ("version 2", "version", with(|content| content.version = 2)),
        ("an unknown party", "unknown-key", with(|content| content.claims.issuer = party("elsewhere"))),
        ("an unknown key", "unknown-key", with(|content| content.key_id = KeyId([0; 8]))),
        ("a bit of the claims", "signature", flipped(good, 8 * (id_at + 5))),
        ("a bit of the signature", "signature", flipped(good, 8 * head.len() + 1)),
        ("a signature of zeros", "signature", [head, &[0; SIGNATURE_LEN]].concat()),
        ("signed as an entry", "signature", signed(head, b"tongcha/event/v1\0", &zhuhai)),
        ("signed by another party", "signature", signed(head, PREFIX, &fixed_secrets("macau"))),
        ("another party's signature of the same length", "signature", {
            let mut swapped = signature.to_vec();
            swapped.rotate_left(32);
            [head, &swapped].concat()
        }),
    ];
    cases.into_iter().map(|(name, verdict, bytes)| Case::new(name, verdict).bytes("token", &bytes)).collect()
}

fn subjects() -> Vec<Case> {
    let key = BodyKey([8; 32]);
    let seal = |plain: &[u8]| XChaCha20Poly1305::new((&key.0).into()).encrypt(&XNonce::default(), plain).unwrap();
    let give = |subjects: Vec<u8>, key_hash: [u8; 32]| {
        let macau = fixed_directory().party(party("macau")).unwrap().clone();
        let channel = ChannelSender::establish(party("zhuhai"), &macau, &mut Fixed(400)).unwrap();
        let wrapped = channel.wrap(0, &key).unwrap();
        with(|content| {
            (content.subjects, content.key_hash) = (subjects, key_hash);
            content.keys.insert(party("macau"), wrapped);
        })
    };
    let none = canonical::encode(&Vec::<Subject>::new()).unwrap();
    let crowd = vec![claims().subjects.remove(0); SUBJECTS_MAX + 1];
    let crowd = canonical::encode(&crowd).unwrap();
    let father = Signatory::Person(claims().subjects.remove(1));
    let cases = [
        ("nobody", "valid", give(seal(&none), key.hash())),
        ("another key than the token commits to", "subjects", give(seal(&none), BodyKey([9; 32]).hash())),
        ("no ciphertext of the key", "subjects", give(vec![0; 40], key.hash())),
        ("more persons than a letter can name", "subjects", give(seal(&crowd), key.hash())),
        ("persons in the open", "subjects", with(|content| content.claims.subjects = claims().subjects)),
        ("who else signed, in the open", "subjects", with(|content| content.claims.others = vec![father])),
        ("a byte after the subjects", "content/trailing", give(seal(&[0, 0]), key.hash())),
        (
            "a bit of the wrapped key",
            "key/unwrap",
            with(|content| {
                content.keys.values_mut().for_each(|key| key.tag[0] ^= 1);
            }),
        ),
        (
            "an encapsulation of zeros",
            "key/setup",
            with(|content| {
                content.keys.values_mut().for_each(|key| key.epoch = [0; 32]);
            }),
        ),
    ];
    let case = |(name, verdict, token): (_, _, Vec<u8>)| {
        Case::new(name, verdict).bytes("token", &token).text("opened_by", "macau")
    };
    cases.into_iter().map(case).collect()
}

#[test]
fn published_tokens_have_their_verdicts() {
    Set {
        file: "vectors/token.json",
        about: "token (or its text): format.md section 6. opened_by: the party that opens the subjects, if any does.",
        judge,
        codes: TokenError::codes(),
        excused: &[
            ("compromised", "see keys.json"),
            ("content/too-long", "the length of the token is checked first"),
            ("content/unencodable", "only when writing"),
            ("signing", "only when writing"),
        ],
    }
    .check([texts(), forms(), subjects()].concat());
}
