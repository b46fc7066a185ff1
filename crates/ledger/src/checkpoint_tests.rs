//! Tests of [`super`]: checkpoint.

use proptest::prelude::*;

use super::*;
use crate::entry::leaf;
use crate::key::PartySecrets;
use crate::merkle::{MemoryHashes, consistency_proof, root_over};
use crate::testing::{flips, party};

/// The example of tlog-cosignature v1, section "Format": the checkpoint of tlog-checkpoint with one cosignature. The keys
/// are not printed.
const SPEC: &str = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\
    — example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n\
    — witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n";

/// Made with another Ed25519 implementation (OpenSSL) from the specifications: Zhuhai's log of the eight shared leaves, cosigned
/// by Macau and Hengqin. A party's seed is its first letter, 32 times.
const GOLDEN: &str = "tongcha.example/zhuhai/log/v1\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n\n\
    — tongcha.example/zhuhai/log/v1 wh0ZIPDjIN5f+QANPVxQt3EXRJIW8QDvTfUnfpqcpevR3dMrVa8CQFO15g09rUtFntmyBAkDpvN/4OgIAZ8D394nFgY=\n\
    — tongcha.example/macau/witness/v1 YyHhxwAAAABkGFDLWx3117/iZoYYv16fQeYNTFxzp80HEgq4r9B1cBhGYAUQNwY8vNyn+6aLnFtwCy6nbjFmmxh1TP8G5NwFATkUCw==\n\
    — tongcha.example/hengqin/witness/v1 eqeBbAAAAABqRJDAs7P72kwA9OS14yvWyADof2E2OWbHyiZXKGYXJZa10YtrENChKy09nRJc4ibEp3Ze3LAktNUjyAwEqUqC5B7fBw==\n";
const GOLDEN_KEYS: [&str; 3] = [
    "tongcha.example/zhuhai/log/v1+c21d1920+AbpCRY6DunkmuouPPpq5yq8PHEkY3ajFUQhPeusQZbdL",
    "tongcha.example/macau/witness/v1+6321e1c7+BIsjfXiOjqrvVQxtElgj+kXx/V/CmyyIvfhxEZRx/BMS",
    "tongcha.example/hengqin/witness/v1+7aa7816c+BFSw2B0Pp9AOSn1gDfq6bysiA1si/jNeF+31+apbsFB0",
];
const GOLDEN_TIMES: [u64; 2] = [1_679_315_147, 1_782_878_400];

fn secrets(name: &str) -> PartySecrets {
    PartySecrets::from_seeds(party(name), [name.as_bytes()[0]; 32], [1; 32])
}

fn log(name: &str) -> LogKey {
    LogKey::new(&PartyKeys::register(&secrets(name).card("UABC").unwrap()).unwrap()).unwrap()
}

fn witness(name: &str) -> WitnessKey {
    WitnessKey::new(&PartyKeys::register(&secrets(name).card("UABC").unwrap()).unwrap()).unwrap()
}

fn witnesses() -> [WitnessKey; 2] {
    ["macau", "hengqin"].map(witness)
}

fn at(seconds: u64) -> Instant {
    Instant(i64::try_from(seconds).unwrap() * US_PER_SECOND + 999_999)
}

fn leaves() -> Vec<Hash> {
    (0..10_u8).map(|i| leaf(&[i])).collect()
}

fn store() -> MemoryHashes {
    let mut store = MemoryHashes::default();
    leaves().iter().for_each(|leaf| store.append(leaf));
    store
}

fn head(size: usize) -> TreeHead {
    TreeHead { size: size as u64, root: root_over(&leaves()[..size]) }
}

fn signed(size: usize) -> SignedCheckpoint {
    SignedCheckpoint::sign(head(size), &log("zhuhai"), &secrets("zhuhai")).unwrap()
}

fn cosignature(checkpoint: &SignedCheckpoint, name: &str, seconds: u64) -> NoteSignature {
    let proof = consistency_proof(&store(), 3, checkpoint.head().size).unwrap();
    checkpoint.cosign(&head(3), &proof, at(seconds), &witness(name), &secrets(name)).unwrap()
}

fn verify(bytes: &[u8]) -> Result<SignedCheckpoint, CheckpointError> {
    SignedCheckpoint::verify(bytes, &log("zhuhai"), &witnesses())
}

/// Zhuhai's note of a text, signed whatever the text.
fn note_of(text: &str) -> Vec<u8> {
    let signature = log("zhuhai").current.sign(b"", text, &secrets("zhuhai"), &[]).unwrap();
    Note::new(text.to_owned(), signature).to_string().into_bytes()
}

#[test]
fn the_example_of_the_specification() {
    let note = Note::parse(SPEC.as_bytes()).unwrap();
    assert_eq!(note.to_string(), SPEC);
    let checkpoint: Checkpoint = note.text().parse().unwrap();
    assert_eq!((checkpoint.origin(), checkpoint.head().size), ("example.com/behind-the-sofa", 20_852_163));
    assert!(checkpoint.extensions().is_empty());
    assert_eq!(checkpoint.to_string(), note.text());
    let [_, cosignature] = note.signatures() else { panic!("{note:?}") };
    let (time, signature) = cosignature.signature().split_first_chunk().unwrap();
    assert_eq!((u64::from_be_bytes(*time), signature.len()), (1_679_315_147, 64));
    // Section "Ed25519 signed message".
    let message = [cosigned_opening(1_679_315_147), note.text().into()].concat();
    let expected = "cosignature/v1\ntime 1679315147\nexample.com/behind-the-sofa\n20852163\n\
        CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
    assert_eq!(String::from_utf8(message).unwrap(), expected);
}

#[test]
fn the_golden_checkpoint() {
    let verified = verify(GOLDEN.as_bytes()).unwrap();
    assert_eq!(verified.cosigned().clone().into_values().collect::<Vec<_>>(), [GOLDEN_TIMES[1], GOLDEN_TIMES[0]]);
    assert!(verified.is_witnessed_by(["macau", "hengqin"].map(party)));
    assert!(!verified.is_witnessed_by(["macau", "zhuhai"].map(party)));
    let keys = [log("zhuhai").verifier().to_string()].into_iter();
    let keys: Vec<_> = keys.chain(witnesses().map(|key| key.verifier().to_string())).collect();
    assert_eq!(keys, GOLDEN_KEYS);
    let mut made = SignedCheckpoint::sign(verified.head(), &log("zhuhai"), &secrets("zhuhai")).unwrap();
    for (name, time) in ["macau", "hengqin"].into_iter().zip(GOLDEN_TIMES) {
        let line = made.cosign(&TreeHead::EMPTY, &[], at(time), &witness(name), &secrets(name)).unwrap();
        made.add(line.to_string().parse().unwrap(), &witness(name)).unwrap();
    }
    assert_eq!(made.note().to_string(), GOLDEN);
    assert_eq!(made, verified);
}

#[test]
fn every_flipped_bit_of_a_checkpoint_is_refused_or_makes_a_witness_unknown() {
    for flipped in flips(GOLDEN.as_bytes()) {
        if let Ok(verified) = verify(&flipped) {
            // Only name or key ID of a cosignature can have changed: it is then nobody's.
            assert!(!verified.is_witnessed_by(["macau", "hengqin"].map(party)), "{:?}", verified.note().to_string());
            assert_eq!(verified.checkpoint(), verify(GOLDEN.as_bytes()).unwrap().checkpoint());
        }
    }
}

#[test]
fn a_checkpoint_is_of_the_log_asked_for() {
    let bytes = signed(8).note().to_string().into_bytes();
    let of_another = SignedCheckpoint::verify(&bytes, &log("macau"), &[]);
    assert_eq!(of_another, Err(NoteError::Unsigned(origin(party("macau"))).into()));
    let text = Checkpoint::new(party("macau"), head(8)).to_string();
    let found = origin(party("macau"));
    let refused = CheckpointError::Origin { expected: origin(party("zhuhai")), found };
    assert_eq!(verify(&note_of(&text)), Err(refused), "Zhuhai's signature under Macau's text");
    assert!(SignedCheckpoint::sign(head(8), &log("zhuhai"), &secrets("macau")).is_err());
}

#[test]
fn each_fault_of_the_text_has_its_name() {
    let root = BASE64.encode(head(8).root);
    let empty = BASE64.encode(EMPTY_ROOT);
    let parse = |text: &str| text.parse::<Checkpoint>().map(|checkpoint| checkpoint.head().size);
    assert_eq!(parse(&format!("o\n8\n{root}\n")), Ok(8));
    assert_eq!(parse(&format!("o\n0\n{empty}\n")), Ok(0));
    assert_eq!(parse(&format!("o\n{SIZE_MAX}\n{root}\n")), Ok(SIZE_MAX));
    for lines in ["", "\n", "o\n8\n", &format!("o\n8\n{root}"), &format!("\n8\n{root}\n"), &format!("o\n8\n{root}\n\n")]
    {
        assert_eq!(parse(lines), Err(CheckpointError::Lines), "{lines:?}");
    }
    let above = (SIZE_MAX + 1).to_string();
    for size in ["08", "00", "+8", "-8", "8 ", " 8", "0x8", "8.0", "", "٨", &above, "99999999999999999999"] {
        let refused = parse(&format!("o\n{size}\n{root}\n"));
        let expected = if size.is_empty() { CheckpointError::Lines } else { CheckpointError::Size };
        assert_eq!(refused, Err(expected), "{size:?}");
    }
    let (short, long, odd) = (BASE64.encode([1; 31]), BASE64.encode([1; 33]), format!("{}B=", "A".repeat(42)));
    let for_urls = format!("{}A=", "_".repeat(42));
    for bad in [root.trim_end_matches('='), &format!("{root} "), &short, &long, &odd, &for_urls, "=="] {
        assert_eq!(parse(&format!("o\n8\n{bad}\n")), Err(CheckpointError::Root), "{bad}");
    }
    assert_eq!(parse(&format!("o\n0\n{root}\n")), Err(CheckpointError::EmptyRoot));
    let wrong = TreeHead { size: 0, root: head(8).root };
    let refused = SignedCheckpoint::sign(wrong, &log("zhuhai"), &secrets("zhuhai"));
    assert_eq!(refused, Err(CheckpointError::EmptyRoot), "nor do we sign it");
}

#[test]
fn extension_lines_are_kept_and_cosigned() {
    let text = format!("{}line one\nline two\n", Checkpoint::new(party("zhuhai"), head(8)));
    let mut checkpoint = verify(&note_of(&text)).unwrap();
    assert_eq!(checkpoint.checkpoint().extensions(), ["line one", "line two"]);
    assert_eq!(checkpoint.checkpoint().to_string(), text);
    let line = cosignature(&checkpoint, "macau", 5);
    let plain = signed(8).add(line.clone(), &witness("macau"));
    assert_eq!(plain, Err(NoteError::Signature(witness_name(party("macau"))).into()));
    checkpoint.add(line, &witness("macau")).unwrap();
}

#[test]
fn a_witness_cosigns_only_what_continues_the_tree_it_knows() {
    let cosign = |checkpoint: &SignedCheckpoint, known: &TreeHead, proof: &[Hash]| {
        checkpoint.cosign(known, proof, at(5), &witness("macau"), &secrets("macau")).map(|_| ())
    };
    let refused = |error| Err(CheckpointError::Consistency(error));
    let (eight, ten) = (signed(8), signed(10));
    let proof = consistency_proof(&store(), 8, 10).unwrap();
    assert_eq!(cosign(&ten, &head(8), &proof), Ok(()));
    assert_eq!(cosign(&ten, &head(10), &[]), Ok(()), "the same tree again");
    assert_eq!(cosign(&ten, &TreeHead::EMPTY, &[]), Ok(()), "the first tree seen");
    assert_eq!(cosign(&ten, &head(8), &[]), refused(ProofError::Length(0)));
    assert_eq!(cosign(&ten, &head(7), &proof), refused(ProofError::Length(proof.len())));
    assert_eq!(cosign(&eight, &head(10), &proof), refused(ProofError::Shrunk { first: 10, second: 8 }));
    let other = TreeHead { root: [1; 32], ..head(8) };
    assert_eq!(cosign(&eight, &other, &[]), refused(ProofError::Fork { size: 8 }));
    assert_eq!(cosign(&ten, &other, &proof), refused(ProofError::Root));
}

#[test]
fn cosignatures_are_bound_to_witness_text_and_time() {
    let (mut eight, macau) = (signed(8), witness("macau"));
    let line = cosignature(&eight, "macau", 1_000);
    let bad = NoteError::Signature(witness_name(party("macau")));
    assert_eq!(signed(9).add(line.clone(), &macau), Err(bad.clone().into()), "over another tree");
    let unsigned = NoteError::Unsigned(witness_name(party("hengqin")));
    assert_eq!(eight.add(line.clone(), &witness("hengqin")), Err(unsigned.into()), "as another witness's");
    for flipped in flips(line.signature()) {
        let text = [line.key_id().as_slice(), &flipped].concat();
        let text = format!("— {} {}", line.name(), BASE64.encode(text));
        assert_eq!(eight.add(text.parse().unwrap(), &macau), Err(bad.clone().into()));
    }
    assert!(eight.cosigned().is_empty());
    // A party's log signature is not its cosignature, nor the reverse.
    let text = eight.note().text().to_owned();
    let plain = macau.0.sign(b"", &text, &secrets("macau"), &1_000_u64.to_be_bytes()).unwrap();
    assert_eq!(eight.add(plain, &macau), Err(bad.clone().into()));
    let late =
        macau.0.sign(&cosigned_opening(1 << 63), &text, &secrets("macau"), &(1_u64 << 63).to_be_bytes()).unwrap();
    assert_eq!(eight.add(late, &macau), Err(bad.into()), "a time beyond the last");
    for before in [Instant(999_999), Instant(0), Instant(-1), Instant(i64::MIN)] {
        let refused = eight.cosign(&head(8), &[], before, &macau, &secrets("macau"));
        assert_eq!(refused, Err(CheckpointError::Time), "{before}");
    }
    let signing = NoteError::Signing(witness_name(party("macau")));
    assert_eq!(eight.cosign(&head(8), &[], at(5), &macau, &secrets("hengqin")), Err(signing.into()));
}

#[test]
fn the_latest_cosignature_of_a_witness_stays() {
    let mut checkpoint = signed(8);
    for (seconds, kept) in [(20, 20), (10, 20), (30, 30)] {
        checkpoint.add(cosignature(&checkpoint, "macau", seconds), &witness("macau")).unwrap();
        assert_eq!(checkpoint.cosigned()[&party("macau")], kept);
        assert_eq!(checkpoint.note().signatures().len(), 2);
    }
    assert_eq!(verify(checkpoint.note().to_string().as_bytes()).unwrap(), checkpoint);
    let twice = format!("{}{}\n", checkpoint.note(), cosignature(&checkpoint, "macau", 25));
    assert_eq!(verify(twice.as_bytes()).unwrap().cosigned()[&party("macau")], 30);
}

proptest! {
    #[test]
    fn text_round_trips(origin in "[a-zé./ ]{1,30}", size in 1..=SIZE_MAX, root: [u8; 32], more in prop::collection::vec("[ -~é]{1,20}", 0..4)) {
        let written = Checkpoint { origin, head: TreeHead { size, root }, extensions: more };
        prop_assert_eq!(written.to_string().parse::<Checkpoint>().unwrap(), written);
    }

    #[test]
    fn any_text_is_refused_or_written_again(text in "(\n|o|0|8|XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz\\+Nw7/RgQyg=){0,10}") {
        if let Ok(checkpoint) = text.parse::<Checkpoint>() {
            prop_assert_eq!(checkpoint.to_string(), text);
        }
    }
}
