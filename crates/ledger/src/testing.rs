//! Fixed keys, bodies and claims for tests.

mod events;
mod governance;
mod persons;

pub(crate) use events::events;
pub(crate) use persons::{claims, household, letter, party};

use rand::rngs::StdRng;
use rand::{CryptoRng, RngCore, SeedableRng};
use tongcha_domain::event::{Body, CommandStamp, Event, EventKind};
use tongcha_domain::id::CommandKey;
use tongcha_domain::keys::{KeyStatement, KeyWord, SignedStatement};
use tongcha_domain::officer::{Actor, Role};
use tongcha_domain::time::Instant;

use crate::body::{BodyKey, SealedBody};
use crate::entry::{Header, VERSION, VerifiedEntry};
use crate::key::{Directory, KeyId, PartySecrets};
use crate::root::RootSecret;
use crate::sha256;

/// Every party of the tests.
pub(crate) const PARTIES: [&str; 3] = ["hengqin", "macau", "zhuhai"];

/// 2026-07-01, noon in Macau.
pub(crate) const NOON: Instant = Instant(1_782_878_400_000_000);

pub(crate) fn rng(seed: u64) -> StdRng {
    StdRng::seed_from_u64(seed)
}

/// A stream of bytes that stays the same whatever the versions of the dependencies: for the golden vectors.
pub(crate) struct Fixed(pub(crate) u64);

impl RngCore for Fixed {
    fn next_u32(&mut self) -> u32 {
        rand::rand_core::impls::next_u32_via_fill(self)
    }

    fn next_u64(&mut self) -> u64 {
        rand::rand_core::impls::next_u64_via_fill(self)
    }

    fn fill_bytes(&mut self, to: &mut [u8]) {
        for block in to.chunks_mut(32) {
            block.copy_from_slice(&sha256(b"tongcha test", &[&self.0.to_le_bytes()])[..block.len()]);
            self.0 += 1;
        }
    }
}

impl CryptoRng for Fixed {}

pub(crate) fn secrets(party: &str) -> PartySecrets {
    PartySecrets::generate(party.parse().unwrap(), &mut rng(party.len() as u64))
}

/// A party's root key.
pub(crate) fn root(party: &str) -> RootSecret {
    RootSecret::generate(party.parse().unwrap(), &mut rng(100 + party.len() as u64))
}

/// The keys that a party goes over to.
pub(crate) fn next_secrets(party: &str, number: u64) -> PartySecrets {
    PartySecrets::generate(party.parse().unwrap(), &mut rng(1000 * number + party.len() as u64))
}

/// A certificate by the party's root.
pub(crate) fn certified(
    serial: u32,
    secrets: &PartySecrets,
    from_seq: u64,
    replaces: Option<KeyId>,
) -> SignedStatement {
    let word = secrets.certificate(from_seq, "2028-06-30".parse().unwrap(), replaces).unwrap();
    said(secrets.party().as_str(), serial, word)
}

/// What a party's root says.
pub(crate) fn said(party: &str, serial: u32, word: KeyWord) -> SignedStatement {
    root(party).sign(KeyStatement { party: party.parse().unwrap(), serial, word }).unwrap()
}

/// Every party with a root.
pub(crate) fn rooted_directory() -> Directory {
    let cards = PARTIES.map(|party| {
        let secrets = secrets(party);
        secrets.rooted_card("UABC", &root(party), &certified(1, &secrets, 0, None)).unwrap()
    });
    Directory::new(&cards).unwrap()
}

pub(crate) fn directory() -> Directory {
    let cards = PARTIES.map(|party| secrets(party).card("UABC").unwrap());
    Directory::new(&cards).unwrap()
}

/// A body around an event.
pub(crate) fn body(event: impl Into<Event>) -> Body {
    let officer = "zh.cw.test".parse().unwrap();
    Body {
        actor: Actor { officer, role: Role::Caseworker, unit: "xiangzhou".parse().unwrap() },
        command: Some(CommandStamp { key: CommandKey([0xC0; 32]), digest: [0xD1; 32] }),
        event: event.into(),
    }
}

/// The sample event of a kind.
pub(crate) fn event(kind: EventKind) -> Event {
    events().into_iter().find(|event| event.kind() == kind).unwrap()
}

/// A header of Zhuhai's first entry that commits to a sealed body and agrees with it.
pub(crate) fn header(body: &Body, sealed: &SealedBody) -> Header {
    let (origin, others) = (party("zhuhai"), body.event.readers());
    Header {
        version: VERSION,
        origin,
        seq: 0,
        prev: [0; 32],
        recorded_at: NOON,
        key_id: secrets("zhuhai").key_id(),
        kind: body.event.kind(),
        audience: others.into_iter().chain([origin]).collect(),
        body_digest: sealed.digest(),
        body_len: sealed.ciphertext.len().try_into().unwrap(),
        seen: [(party("macau"), 3), (party("hengqin"), 0)].into(),
    }
}

/// A sealed body, its key and Zhuhai's entry for it.
pub(crate) fn sealed_entry(event: impl Into<Event>) -> (Body, SealedBody, BodyKey, VerifiedEntry) {
    let body = body(event);
    let key = if BodyKey::is_published(body.event.kind()) { BodyKey::published() } else { BodyKey([7; 32]) };
    let sealed = SealedBody::seal(&body, &key).unwrap();
    let entry = VerifiedEntry::sign(header(&body, &sealed), &secrets("zhuhai")).unwrap();
    (body, sealed, key, entry)
}

/// Every copy of some bytes that differs from them in one bit.
pub(crate) fn flips(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    (0..bytes.len() * 8).map(|bit| {
        let mut flipped = bytes.to_vec();
        flipped[bit / 8] ^= 1 << (bit % 8);
        flipped
    })
}
