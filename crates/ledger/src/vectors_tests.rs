//! Test vectors of others, through our own code: signatures (Wycheproof, ed25519-speccheck), Merkle proofs
//! (transparency-dev/merkle) and a whole log in tiles (Tessera). The files and their sources: `tests/data/README.md`.

use std::collections::BTreeMap;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::Deserialize;

use crate::checkpoint::Checkpoint;
use crate::entry::{EntryError, SIGNATURE_LEN, VerifiedEntry};
use crate::key::{Directory, Hex, KeyError, KeyId, PartyCard, PartyKeys, PartySecrets};
use crate::merkle::{
    Hash, MemoryHashes, TreeHead, consistency_proof, inclusion_proof, root_over, verify_consistency, verify_inclusion,
};
use crate::note::{Note, NoteKey, SignatureType, VerifierKey};
use crate::testing::{claims, directory, event, party, rng, sealed_entry, secrets};
use crate::tile::TilePath;
use crate::token::{ConsentToken, TokenError};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wycheproof {
    number_of_tests: usize,
    test_groups: Vec<Group>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Group {
    public_key: Key,
    tests: Vec<Test>,
}

#[derive(Deserialize)]
struct Key {
    pk: Hex,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Test {
    tc_id: u32,
    comment: String,
    msg: String,
    sig: String,
    result: String,
}

#[test]
fn wycheproof_signatures_get_the_verdict_published() {
    let file: Wycheproof = serde_json::from_str(include_str!("../tests/data/wycheproof/ed25519_test.json")).unwrap();
    let (mut valid, mut invalid) = (0, 0);
    for Group { public_key, tests } in &file.test_groups {
        let keys = PartyKeys::without_proof(party("macau"), public_key.pk.0).unwrap();
        for test in tests {
            let message = hex::decode(&test.msg).unwrap();
            let signature: Result<[u8; SIGNATURE_LEN], _> = hex::decode(&test.sig).unwrap().try_into();
            let accepted = signature.is_ok_and(|signature| keys.verify(b"", &message, &signature));
            assert_eq!(accepted, test.result == "valid", "{}: {}", test.tc_id, test.comment);
            *(if accepted { &mut valid } else { &mut invalid }) += 1;
        }
    }
    assert_eq!((valid, invalid), (88, 63));
    assert_eq!(valid + invalid, file.number_of_tests);
}

#[derive(Deserialize)]
struct Case {
    message: String,
    pub_key: Hex,
    signature: String,
}

fn cases() -> Vec<(Vec<u8>, [u8; 32], [u8; SIGNATURE_LEN])> {
    let cases: Vec<Case> = serde_json::from_str(include_str!("../tests/data/speccheck/cases.json")).unwrap();
    let bytes = |text: &str| hex::decode(text).unwrap();
    cases.iter().map(|c| (bytes(&c.message), c.pub_key.0, bytes(&c.signature).try_into().unwrap())).collect()
}

#[test]
fn of_the_speccheck_cases_strict_verification_alone_accepts_one_and_with_registered_keys_none() {
    let (mut strict, mut registered) = (Vec::new(), 0);
    for (no, (message, key, signature)) in cases().into_iter().enumerate() {
        let signature_ = ed25519_dalek::Signature::from_bytes(&signature);
        let plain = ed25519_dalek::VerifyingKey::from_bytes(&key);
        if plain.is_ok_and(|key| key.verify_strict(&message, &signature_).is_ok()) {
            strict.push(no);
        }
        let keys = PartyKeys::without_proof(party("macau"), key);
        registered += usize::from(keys.is_ok_and(|keys| keys.verify(b"", &message, &signature)));
    }
    assert_eq!((strict, registered), (vec![3], 0)); // case 3: key and R with a small-order part
}

#[test]
fn of_the_speccheck_cases_none_comes_in_as_card_entry_or_token() {
    let mut refused = BTreeMap::<String, usize>::new();
    for (message, key, signature) in cases() {
        // A party that brings such a key and such a signature has no card, so nothing of its is ever looked up.
        let honest = secrets("macau").card("UABC").unwrap();
        let card = PartyCard { signing: Hex(key), proof: hex::encode(signature), ..honest };
        *refused.entry(PartyKeys::register(&card).unwrap_err().to_string()).or_default() += 1;
        let others = ["hengqin", "zhuhai"].map(|name| secrets(name).card("UABC").unwrap());
        assert!(Directory::new(others.iter().chain([&card])).is_err());

        // An entry and a token that name the key and bear the signature, before those who know the honest parties only.
        let (_, _, _, entry) = sealed_entry(event(tongcha_domain::event::EventKind::BatchSent));
        let mut header = entry.header().clone();
        header.key_id = KeyId::of(&key);
        for head in [message.clone(), crate::canonical::encode(&header).unwrap()] {
            assert!(VerifiedEntry::verify(&[head, signature.to_vec()].concat(), &directory()).is_err());
        }
        let (head, _) = entry.bytes().split_last_chunk::<SIGNATURE_LEN>().unwrap();
        let forged = VerifiedEntry::verify(&[head, &signature].concat(), &directory());
        assert!(matches!(forged, Err(EntryError::Signature { .. })), "{forged:?}");
        let token = ConsentToken::issue(&claims(), &secrets("zhuhai"), &directory(), &mut rng(5)).unwrap();
        let (head, _) = token.bytes().split_last_chunk::<SIGNATURE_LEN>().unwrap();
        let forged = ConsentToken::from_bytes([head, &signature].concat()).verify(&directory());
        assert!(matches!(forged, Err(TokenError::Signature)), "{forged:?}");
    }
    let keys = [KeyError::Weak, KeyError::Torsion, KeyError::NotCanonical].map(|error| error.to_string());
    let by_key: usize = keys.iter().filter_map(|reason| refused.get(reason)).sum();
    assert_eq!(refused.values().sum::<usize>(), 12, "{refused:?}");
    assert_eq!(by_key, 10, "two have a good key and a bad signature: {refused:?}");
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Inclusion {
    leaf_idx: u64,
    tree_size: u64,
    root: String,
    leaf_hash: String,
    proof: Option<Vec<String>>,
    want_err: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Consistency {
    size1: u64,
    size2: u64,
    root1: String,
    root2: String,
    proof: Option<Vec<String>>,
    want_err: bool,
}

/// What is no hash by its length can't even be said in our types: refused.
fn hash(text: &str) -> Option<Hash> {
    BASE64.decode(text).ok()?.try_into().ok()
}

fn hashes(texts: Option<Vec<String>>) -> Option<Vec<Hash>> {
    texts.unwrap_or_default().iter().map(|text| hash(text)).collect()
}

#[test]
fn inclusion_proofs_get_the_verdict_published() {
    let vectors: BTreeMap<String, Inclusion> =
        serde_json::from_str(include_str!("../tests/data/merkle/inclusion.json")).unwrap();
    let mut accepted = 0;
    for (name, vector) in vectors {
        let verify = || {
            let (leaf, root, proof) = (hash(&vector.leaf_hash)?, hash(&vector.root)?, hashes(vector.proof)?);
            verify_inclusion(&leaf, vector.leaf_idx, &TreeHead { size: vector.tree_size, root }, &proof).ok()
        };
        let good = verify().is_some();
        assert_eq!(good, !vector.want_err, "{name}");
        accepted += usize::from(good);
    }
    assert_eq!(accepted, 6);
}

/// Its two roots are equal and no hashes: the published code compares them as they are, here they can't even be said.
const NO_HASHES: &str = "consistency/additional/sizes-are-equal-one-and-proof-is-empty.json";

#[test]
fn consistency_proofs_get_the_verdict_published() {
    let vectors: BTreeMap<String, Consistency> =
        serde_json::from_str(include_str!("../tests/data/merkle/consistency.json")).unwrap();
    let mut accepted = 0;
    for (name, vector) in vectors {
        let verify = || {
            let (root1, root2, proof) = (hash(&vector.root1)?, hash(&vector.root2)?, hashes(vector.proof)?);
            let [first, second] =
                [(vector.size1, root1), (vector.size2, root2)].map(|(size, root)| TreeHead { size, root });
            verify_consistency(&first, &second, &proof).ok()
        };
        let good = verify().is_some();
        assert_eq!(good, !vector.want_err && name != NO_HASHES, "{name}");
        accepted += usize::from(good);
    }
    assert_eq!(accepted, 5);
}

/// The key of Tessera's test log, published with it.
const TESSERA_SEED: &str = "AeymY/SZAX0jZcJ8enZ5FY1Dz+wTML2yWSkK+9DSF3eg";
const TESSERA_KEY: &str = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx";

macro_rules! tessera {
    ($($size:literal)*) => {
        [$((
            $size,
            include_str!(concat!("../tests/data/tessera/checkpoint.", $size)),
            include_bytes!(concat!("../tests/data/tessera/tile/0/000.p/", $size)).as_slice(),
            include_bytes!(concat!("../tests/data/tessera/tile/entries/000.p/", $size)).as_slice(),
        )),*]
    };
}

#[test]
fn the_tessera_log_is_read_and_verified_from_checkpoint_to_entry() {
    let seed: [u8; 32] = BASE64.decode(TESSERA_SEED).unwrap()[1..].try_into().unwrap();
    let card = PartySecrets::from_seeds(party("macau"), seed, [3; 32]).card("UABC").unwrap();
    let keys = PartyKeys::register(&card).unwrap();
    let key = NoteKey::new(&keys, "example.com/log/testdata", SignatureType::Ed25519).unwrap();
    assert_eq!(&VerifierKey::from_str(TESSERA_KEY).unwrap(), key.verifier());
    let open = |text: &str| {
        let note = Note::parse(text.as_bytes()).unwrap();
        key.verify_text(&note).unwrap();
        let checkpoint: Checkpoint = note.text().parse().unwrap();
        assert_eq!(checkpoint.origin(), key.verifier().name());
        checkpoint.head()
    };
    let mut heads = vec![open(include_str!("../tests/data/tessera/checkpoint.0"))];
    assert_eq!(heads[0], TreeHead::EMPTY);
    let mut log = MemoryHashes::default();
    for (size, note, tile, bundle) in tessera!(1 2 3 4 5 6 7 8 9 10 11 12 13 14 15) {
        let head = open(note);
        let TilePath::Hashes(path) = format!("tile/0/000.p/{size}").parse().unwrap() else { panic!() };
        let TilePath::Entries(entries) = format!("tile/entries/000.p/{size}").parse().unwrap() else { panic!() };
        let leaves = path.parse(tile).unwrap();
        let entries = entries.parse(bundle).unwrap();
        assert_eq!(entries.iter().map(|entry| crate::entry::leaf(entry)).collect::<Vec<_>>(), leaves);
        log.append(leaves.last().unwrap());
        assert_eq!((log.size(), path.read(&log).unwrap().as_slice()), (size, tile));
        assert_eq!(head, TreeHead { size, root: root_over(&leaves) });
        for (index, leaf) in (0..).zip(&leaves) {
            verify_inclusion(leaf, index, &head, &inclusion_proof(&log, index, size).unwrap()).unwrap();
        }
        for before in &heads {
            verify_consistency(before, &head, &consistency_proof(&log, before.size, size).unwrap()).unwrap();
        }
        heads.push(head);
    }
    assert_eq!(open(include_str!("../tests/data/tessera/checkpoint")), heads[15]);
    // The same text with another root is no checkpoint of this log.
    let forged = include_str!("../tests/data/tessera/checkpoint").replacen("rKbD", "rKbE", 1);
    assert!(key.verify_text(&Note::parse(forged.as_bytes()).unwrap()).is_err());
}
