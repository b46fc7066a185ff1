//! `entry.json`: an entry, and the end of the log it is to follow.

use serde::Serialize;
use tongcha_domain::event::EventKind;
use tongcha_domain::id::PartyId;
use tongcha_domain::time::Instant;

use super::verdict::{Verdict, verdict};
use super::{Case, Input, Set, fixed_directory, fixed_secrets, flipped, lengthened};
use crate::body::{BodyKey, SealedBody};
use crate::canonical;
use crate::entry::{ENTRY_MAX, EntryError, Header, PREFIX, SIGNATURE_LEN, Tip, VerifiedEntry};
use crate::key::{KeyId, PartySecrets};
use crate::testing::{NOON, body, event, header, party};

/// The order of the curve's group, from its lowest byte.
const L: [u8; 32] = [
    0xED, 0xD3, 0xF5, 0x5C, 0x1A, 0x63, 0x12, 0x58, 0xD6, 0x9C, 0xF7, 0xA2, 0xDE, 0xF9, 0xDE, 0x14, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

/// A header whose set and map can be in any order.
#[derive(Serialize)]
struct Loose {
    version: u8,
    origin: PartyId,
    seq: u64,
    prev: [u8; 32],
    recorded_at: Instant,
    key_id: KeyId,
    kind: EventKind,
    audience: Vec<PartyId>,
    body_digest: [u8; 32],
    body_len: u32,
    seen: Vec<(PartyId, u64)>,
}

/// Zhuhai's first entry, for the sample of an urgent notice that was delivered.
pub(super) fn first() -> VerifiedEntry {
    let body = body(event(EventKind::UrgentDelivered));
    let sealed = SealedBody::seal(&body, &BodyKey([0x5E; 32])).unwrap();
    let zhuhai = fixed_secrets("zhuhai");
    VerifiedEntry::sign(Header { key_id: zhuhai.key_id(), ..header(&body, &sealed) }, &zhuhai).unwrap()
}

/// Header bytes under a signature: what whoever has a key can make.
pub(super) fn signed(head: &[u8], prefix: &[u8], by: &PartySecrets) -> Vec<u8> {
    [head, &by.sign(prefix, head).unwrap()].concat()
}

fn loose(change: impl FnOnce(&mut Loose)) -> Vec<u8> {
    let Header { version, origin, seq, prev, recorded_at, key_id, kind, audience, body_digest, body_len, seen } =
        first().header().clone();
    let (audience, seen) = (audience.into_iter().collect(), seen.into_iter().collect());
    let mut loose =
        Loose { version, origin, seq, prev, recorded_at, key_id, kind, audience, body_digest, body_len, seen };
    change(&mut loose);
    signed(&canonical::encode(&loose).unwrap(), PREFIX, &fixed_secrets("zhuhai"))
}

fn judge(input: &Input) -> String {
    let verified = |name: &str| VerifiedEntry::verify(&input.bytes(name), &fixed_directory());
    let tip = if input.has("after") { Tip::after(&verified("after").unwrap()) } else { Tip::default() };
    verdict(verified("entry").and_then(|entry| tip.check(&entry)))
}

/// Entries that are refused by themselves: name, verdict, bytes.
pub(super) fn refused() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let (first, zhuhai, macau) = (first(), fixed_secrets("zhuhai"), fixed_secrets("macau"));
    let (good, elsewhere) = (first.bytes(), party("elsewhere"));
    let (head, signature) = good.split_last_chunk::<SIGNATURE_LEN>().unwrap();
    let sign = |head: &[u8]| signed(head, PREFIX, &zhuhai);
    let seq_at = 2 + "zhuhai".len();
    let (mut shouting, mut malleated, mut carry) = (head.to_vec(), good.to_vec(), 0);
    shouting[2] = b'Z';
    for (byte, add) in malleated[head.len() + 32..].iter_mut().zip(L) {
        let sum = u16::from(*byte) + u16::from(add) + carry;
        (*byte, carry) = (sum.to_le_bytes()[0], sum >> 8);
    }
    let kind = |kind: u8| {
        let at = canonical::encode(&(1u8, "zhuhai", 0u64, [0u8; 32], NOON, [0u8; 8])).unwrap().len();
        assert_eq!(head[at], canonical::encode(&EventKind::UrgentDelivered).unwrap()[0]);
        sign(&[&head[..at], &[kind | 0x80, 0x7F], &head[at + 1..]].concat())
    };
    vec![
        ("too short for a signature", "length", good[..SIGNATURE_LEN - 1].to_vec()),
        ("longer than any entry", "length", vec![0; ENTRY_MAX + 1]),
        ("nothing but a signature", "header/malformed", signature.to_vec()),
        ("the header ends early", "header/malformed", sign(&head[..head.len() - 1])),
        ("a party in capitals", "header/malformed", sign(&shouting)),
        ("a kind that there is not", "header/malformed", kind(0x7F)),
        ("a byte after the header", "header/trailing", sign(&[head, &[0]].concat())),
        ("an over-long number", "header/not-canonical", sign(&lengthened(head, seq_at))),
        ("an audience out of order", "header/not-canonical", loose(|header| header.audience.reverse())),
        ("a party twice", "header/not-canonical", loose(|header| header.audience.push(party("zhuhai")))),
        ("a map out of order", "header/not-canonical", loose(|header| header.seen.reverse())),
        ("version 2", "version", loose(|header| header.version = 2)),
        ("an unknown party", "unknown-key", loose(|header| header.origin = elsewhere)),
        ("an unknown key", "unknown-key", loose(|header| header.key_id = KeyId([0; 8]))),
        ("a bit of the header", "signature", flipped(good, 8 * (seq_at + 1))),
        ("a bit of R", "signature", flipped(good, 8 * head.len())),
        ("a bit of S", "signature", flipped(good, 8 * (head.len() + 32))),
        ("S + L", "signature", malleated),
        ("a signature of zeros", "signature", [head, &[0; SIGNATURE_LEN]].concat()),
        ("signed as a token", "signature", signed(head, b"tongcha/consent/v1\0", &zhuhai)),
        ("signed by another party", "signature", signed(head, PREFIX, &macau)),
        (
            "an audience without the origin",
            "audience",
            loose(|header| header.audience.retain(|to| *to != header.origin)),
        ),
    ]
}

fn cases() -> Vec<Case> {
    let (first, zhuhai) = (first(), fixed_secrets("zhuhai"));
    let second = |change: fn(&mut Header)| {
        let mut header = Header { seq: 1, prev: first.leaf(), ..first.header().clone() };
        change(&mut header);
        VerifiedEntry::sign(header, &zhuhai).unwrap().bytes().to_vec()
    };
    let mut cases = vec![
        Case::new("the first of a log", "valid").bytes("entry", first.bytes()),
        Case::new("the second", "valid").bytes("entry", &second(|_| {})).bytes("after", first.bytes()),
    ];
    cases.extend(refused().into_iter().map(|(name, verdict, bytes)| Case::new(name, verdict).bytes("entry", &bytes)));
    type Change = fn(&mut Header);
    let misplaced: [(&str, &str, Change); 4] = [
        ("a number left out", "sequence", |header| header.seq = 2),
        ("a number twice", "sequence", |header| header.seq = 0),
        ("another predecessor", "chain", |header| header.prev = [0; 32]),
        ("earlier than the one before", "clock", |header| header.recorded_at = Instant(NOON.0 - 1)),
    ];
    let after = |(name, verdict, change)| {
        Case::new(name, verdict).bytes("entry", &second(change)).bytes("after", first.bytes())
    };
    cases.extend(misplaced.into_iter().map(after));
    cases
}

#[test]
fn published_entries_have_their_verdicts() {
    Set {
        file: "vectors/entry.json",
        about: "entry: format.md section 3. after: the entry before, of which the next is judged; without it the log is empty.",
        judge,
        codes: EntryError::codes(),
        excused: &[
            ("header/too-long", "the length of the entry is checked first"),
            ("header/unencodable", "only when writing"),
            ("signing", "only when writing"),
            ("keys", "see keys.json"),
            ("statement", "see keys.json"),
        ],
    }
    .check(cases());
}
