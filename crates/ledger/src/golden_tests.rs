//! The golden vectors: fixed keys, bodies, an entry, a token and the rest, as bytes. A test compares them with
//! `tests/vectors/v1.json`, so that the wire format can't change unseen. After a change that is meant, write the file
//! anew with `TONGCHA_WRITE_VECTORS=1 cargo test -p tongcha-ledger golden`, and read the difference.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use tongcha_domain::consent::OrgUnit;
use tongcha_domain::event::{Event, EventKind};
use tongcha_domain::refusal::{Refusal, RefusalCode};

use crate::ask::{self, LookupReply, LookupRequest, open_reply, open_request, seal_reply, seal_request};
use crate::body::{BodyKey, SealedBody};
use crate::canonical;
use crate::channel::ChannelSender;
use crate::entry::{Header, Tip, VerifiedEntry};
use crate::frame::Record;
use crate::key::{Directory, PartyCard, PartySecrets};
use crate::parcel::Parcel;
use crate::slot::Slot;
use crate::testing::{Fixed, NOON, PARTIES, body, claims, event, events, header, party};
use crate::token::ConsentToken;

/// The file. Binary values are hexadecimal.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Vectors {
    version: u8,
    parties: BTreeMap<String, PartyVector>,
    /// Plain bodies by kind of event.
    bodies: BTreeMap<String, String>,
    /// Bytes of every kind, and of every refusal code, as they stand in headers and bodies.
    kinds: BTreeMap<String, String>,
    refusal_codes: BTreeMap<String, String>,
    entry: BTreeMap<String, String>,
    lookup: BTreeMap<String, String>,
    token: String,
    token_text: String,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct PartyVector {
    signing_seed: String,
    sealing_seed: String,
    key_id: String,
    card: PartyCard,
}

fn fixed_secrets(name: &str) -> PartySecrets {
    let byte = name.as_bytes()[0];
    PartySecrets::from_seeds(party(name), [byte; 32], [byte ^ 0xFF; 32])
}

fn fixed_directory() -> Directory {
    Directory::new(&PARTIES.map(|name| fixed_secrets(name).card("UABC").unwrap())).unwrap()
}

fn party_vector(name: &str) -> (String, PartyVector) {
    let secrets = fixed_secrets(name);
    let (signing, sealing) = secrets.seeds();
    let vector = PartyVector {
        signing_seed: hex::encode(signing),
        sealing_seed: hex::encode(sealing),
        key_id: hex::encode(secrets.key_id().0),
        card: secrets.card("UABC").unwrap(),
    };
    (name.to_owned(), vector)
}

fn entry_vector() -> BTreeMap<String, String> {
    let (zhuhai, key) = (fixed_secrets("zhuhai"), BodyKey([0x5E; 32]));
    let body = body(event(EventKind::UrgentDelivered));
    let sealed = SealedBody::seal(&body, &key).unwrap();
    let first = Header { key_id: zhuhai.key_id(), ..header(&body, &sealed) };
    let first = VerifiedEntry::sign(first, &zhuhai).unwrap();
    let (seq, prev) = (1, first.leaf());
    let second = VerifiedEntry::sign(Header { seq, prev, ..first.header().clone() }, &zhuhai).unwrap();
    Tip::after(&first).check(&second).unwrap();

    let (directory, macau) = (fixed_directory(), party("macau"));
    let channel = ChannelSender::establish(zhuhai.party(), directory.party(macau).unwrap(), &mut Fixed(1)).unwrap();
    let wrapped = channel.wrap(seq, &key).unwrap();
    let parcel = Parcel { entry: second.bytes().to_vec(), body: Some((sealed.clone(), Some(wrapped))) };
    let record = Record { entry: second.bytes().to_vec(), body: Some(sealed.clone()) };
    let values = [
        ("body_key", key.0.to_vec()),
        ("body_key_hash", sealed.key_hash.to_vec()),
        ("body_plain", canonical::encode(&body).unwrap()),
        ("body_sealed", sealed.ciphertext.clone()),
        ("body_digest", sealed.digest().to_vec()),
        ("first_entry", first.bytes().to_vec()),
        ("first_leaf", first.leaf().to_vec()),
        ("second_entry", second.bytes().to_vec()),
        ("second_leaf", second.leaf().to_vec()),
        ("parcel_for_macau", parcel.encode().unwrap()),
        ("frame", record.to_frame().unwrap()),
        ("key_slot", Slot::Key(key).to_bytes().to_vec()),
        ("destroyed_slot", Slot::Destroyed.to_bytes().to_vec()),
    ];
    values.map(|(name, value)| (name.to_owned(), hex::encode(value))).into()
}

fn token() -> ConsentToken {
    ConsentToken::issue(&claims(), &fixed_secrets("zhuhai"), &fixed_directory(), &mut Fixed(100)).unwrap()
}

fn lookup_vector() -> BTreeMap<String, String> {
    let (zhuhai, macau, directory) = (fixed_secrets("zhuhai"), fixed_secrets("macau"), fixed_directory());
    let Event::LookupPermitted(permitted) = event(EventKind::LookupPermitted) else { panic!("another event") };
    let request = LookupRequest {
        version: ask::VERSION,
        lookup: permitted.lookup,
        asker: OrgUnit { party: zhuhai.party(), unit: "xiangzhou".parse().unwrap() },
        holder: macau.party(),
        asked_at: NOON,
        key_id: zhuhai.key_id(),
        token: token().bytes().to_vec(),
        subject: permitted.subject,
        questions: permitted.questions,
        purpose: permitted.purpose,
    };
    let (sealed, at_asker) = seal_request(&request, &zhuhai, &directory, &mut Fixed(200)).unwrap();
    let (opened, at_holder) = open_request(&sealed, zhuhai.party(), &macau, &directory).unwrap();
    assert_eq!(opened, request);
    let result = Err(Refusal::new(RefusalCode::ConsentExpired).effective_at(NOON));
    let reply = LookupReply { lookup: request.lookup, seq: 12, result };
    let replied = seal_reply(&reply, &at_holder, &mut Fixed(300)).unwrap();
    assert_eq!(open_reply(&replied, &at_asker).unwrap(), reply);
    let values = [
        ("request_plain", canonical::encode(&request).unwrap()),
        ("ask", sealed),
        ("reply_plain", canonical::encode(&reply).unwrap()),
        ("reply", replied),
    ];
    values.map(|(name, value)| (name.to_owned(), hex::encode(value))).into()
}

fn encoded<T: Serialize>(value: &T) -> String {
    hex::encode(canonical::encode(value).unwrap())
}

fn computed() -> Vectors {
    Vectors {
        version: 1,
        parties: PARTIES.iter().map(|name| party_vector(name)).collect(),
        bodies: events().into_iter().map(|e| (e.kind().code().to_owned(), encoded(&body(e)))).collect(),
        kinds: EventKind::ALL.iter().map(|kind| (kind.code().to_owned(), encoded(kind))).collect(),
        refusal_codes: RefusalCode::ALL.iter().map(|code| (code.as_str().to_owned(), encoded(code))).collect(),
        entry: entry_vector(),
        lookup: lookup_vector(),
        token: hex::encode(token().bytes()),
        token_text: token().to_text(),
    }
}

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/v1.json")
}

fn stored() -> Vectors {
    static WRITTEN: std::sync::Once = std::sync::Once::new();
    if std::env::var_os("TONGCHA_WRITE_VECTORS").is_some() {
        WRITTEN.call_once(|| {
            let text = serde_json::to_string_pretty(&computed()).unwrap() + "\n";
            std::fs::create_dir_all(path().parent().unwrap()).unwrap();
            std::fs::write(path(), text).unwrap();
        });
    }
    serde_json::from_str(&std::fs::read_to_string(path()).unwrap()).unwrap()
}

#[test]
fn golden_samples_cover_every_kind_in_wire_order() {
    let kinds: Vec<_> = events().iter().map(Event::kind).collect();
    assert_eq!(kinds, EventKind::ALL);
}

#[test]
fn golden_vectors_are_what_the_code_makes() {
    let (computed, stored) = (computed(), stored());
    for (kind, plain) in &computed.bodies {
        assert_eq!(stored.bodies.get(kind), Some(plain), "the body of {kind} has changed its bytes");
    }
    assert_eq!(stored, computed);
}

#[test]
fn golden_vectors_are_read_by_the_code() {
    let (stored, directory) = (stored(), fixed_directory());
    for (kind, plain) in &stored.bodies {
        let plain = hex::decode(plain).unwrap();
        let body: tongcha_domain::event::Body = canonical::decode(&plain, plain.len()).unwrap();
        assert_eq!(body.event.kind().code(), kind);
    }
    let value = |name: &str| hex::decode(&stored.entry[name]).unwrap();
    let second = VerifiedEntry::verify(&value("second_entry"), &directory).unwrap();
    assert_eq!(second.leaf().to_vec(), value("second_leaf"));
    let key = BodyKey(value("body_key").try_into().unwrap());
    let sealed = SealedBody { key_hash: key.hash(), ciphertext: value("body_sealed") };
    let body = sealed.open(&key, second.header()).unwrap();
    assert_eq!(canonical::encode(&body).unwrap(), value("body_plain"));
    let token = ConsentToken::from_text(&stored.token_text).unwrap();
    assert_eq!(token.open(&directory, &fixed_secrets("macau")), Ok(claims()));
}
