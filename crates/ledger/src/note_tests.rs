//! Tests of [`super`]: note.

use ed25519_dalek::{Signature, VerifyingKey};
use proptest::prelude::*;

use super::*;
use crate::testing::{flips, party};

/// The example of signed-note v1.0.0, section "Verifier keys".
const SPEC_KEY: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
const SPEC_NOTE: &str = "This is an example message.\n\n\
    — example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

/// The note in the introduction of signed-note v1.0.0: non-ASCII text with an empty line in it. Its key is not printed.
const SPEC_VERSE: &str = "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n\n\
    — quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n";

/// The vector of the Go implementation the format comes from (golang.org/x/mod/sumdb/note), whose seed is published.
const GO_SECRET: &str = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"; // type and seed
const GO_KEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const GO_NOTE: &str = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n\
    — PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

fn secrets(seed: u8) -> PartySecrets {
    PartySecrets::from_seeds(party("macau"), [seed; 32], [seed; 32])
}

fn key_of(secrets: &PartySecrets, name: &str) -> NoteKey {
    NoteKey::new(&PartyKeys::register(&secrets.card("UABC").unwrap()).unwrap(), name, SignatureType::Ed25519).unwrap()
}

fn signed(text: &str, secrets: &PartySecrets) -> Note {
    let signature = key_of(secrets, text.lines().next().unwrap()).sign_text(text, secrets).unwrap();
    Note::new(text.to_owned(), signature)
}

fn line(name: &str, bytes: &[u8]) -> String {
    format!("— {name} {}\n", BASE64.encode(bytes))
}

#[test]
fn the_examples_of_the_specification() {
    let key: VerifierKey = SPEC_KEY.parse().unwrap();
    assert_eq!((key.name(), key.kind()), ("example.com/foo", SignatureType::Ed25519));
    assert_eq!(key.to_string(), SPEC_KEY);
    let note = Note::parse(SPEC_NOTE.as_bytes()).unwrap();
    assert_eq!(note.text(), "This is an example message.\n");
    assert_eq!(note.to_string(), SPEC_NOTE);
    let [signature] = note.signatures() else { panic!("{note:?}") };
    assert!(signature.is_of(&key));
    let signature = Signature::from_slice(signature.signature()).unwrap();
    VerifyingKey::from_bytes(key.public()).unwrap().verify_strict(note.text().as_bytes(), &signature).unwrap();

    let note = Note::parse(SPEC_VERSE.as_bytes()).unwrap();
    assert!(note.text().ends_with(":\n\ned è subito sera.\n"));
    assert_eq!(note.signatures()[0].name(), "quasimodo.example/salvatore");
    assert_eq!(note.to_string(), SPEC_VERSE);
}

#[test]
fn the_vector_of_the_first_implementation() {
    let skey = BASE64.decode(GO_SECRET).unwrap();
    let secrets = PartySecrets::from_seeds(party("macau"), skey[1..].try_into().unwrap(), [1; 32]);
    let key = key_of(&secrets, "PeterNeumann");
    assert_eq!(key.verifier().to_string(), GO_KEY);
    let note = Note::parse(GO_NOTE.as_bytes()).unwrap();
    key.verify_text(&note).unwrap();
    let again = key.sign(b"", note.text(), &secrets, &[]).unwrap();
    assert_eq!(Note::new(note.text().to_owned(), again).to_string(), GO_NOTE);
}

#[test]
fn every_flipped_bit_of_a_note_is_refused() {
    let secrets = secrets(1);
    let (note, key) = (signed("a/log\n7\n\nand more\n", &secrets), key_of(&secrets, "a/log"));
    key.verify_text(&note).unwrap();
    for flipped in flips(note.to_string().as_bytes()) {
        let verdict = Note::parse(&flipped).and_then(|note| key.verify_text(&note));
        assert!(verdict.is_err(), "{:?}", String::from_utf8_lossy(&flipped));
    }
}

#[test]
fn unknown_signatures_are_passed_over_and_known_ones_must_verify() {
    let secrets = secrets(1);
    let (text, key) = ("a/log\nsize\n", key_of(&secrets, "a/log"));
    let own = signed(text, &secrets).signatures()[0].to_string() + "\n";
    let id = key.verifier().key_id();
    let unknown = [
        line("a/log", &[&[0, 0, 0, 0], [7; 64].as_slice()].concat()), // its name only
        line("b/log", &[&id, [7; 64].as_slice()].concat()),           // its key ID only
        line("c/log", &[1, 2, 3, 4, 5]),
        line("d/log", &[6; 4700]),
    ]
    .concat();
    let verify = |lines: &str| key.verify_text(&Note::parse(format!("{text}\n{lines}").as_bytes()).unwrap());
    assert_eq!(verify(&own), Ok(()));
    assert_eq!(verify(&(unknown.clone() + &own)), Ok(()));
    assert_eq!(verify(&(own.clone() + &own)), Ok(()));
    assert_eq!(verify(&unknown), Err(NoteError::Unsigned("a/log".into())));
    let refused = Err(NoteError::Signature("a/log".into()));
    for bad in [[7; 64].as_slice(), &[7; 63], &[7; 65], &[7]] {
        let bad = line("a/log", &[&id, bad].concat());
        assert_eq!(verify(&(own.clone() + &bad)), refused, "after a good one");
        assert_eq!(verify(&(bad + &own)), refused, "before a good one");
    }
}

#[test]
fn form_is_checked() {
    let good = line("a", &[1; 5]);
    let parse = |note: String| Note::parse(note.as_bytes()).map(|_| ());
    assert_eq!(parse(format!("text\n\n{good}")), Ok(()));
    assert_eq!(parse(format!("\n\n{good}")), Ok(()), "an empty line is a text");
    for form in ["", "text\n", "text\n\n", &good, &format!("text\n{good}"), &format!("text\n\n{}", good.trim_end())] {
        assert_eq!(parse(form.into()), Err(NoteError::Form), "{form:?}");
    }
    for control in ["te\rxt", "te\txt", "te\0xt", "te\u{1f}xt"] {
        assert_eq!(parse(format!("{control}\n\n{good}")), Err(NoteError::Characters), "{control:?}");
    }
    assert_eq!(Note::parse(&[b"te\xFFxt\n\n", good.as_bytes()].concat()), Err(NoteError::Characters));
    assert_eq!(
        parse(format!("te\u{7f}xt\n\n{good}")),
        Ok(()),
        "only those below the space are control characters here"
    );
    let lines = [
        "- a AQEBAQE=\n",        // a hyphen
        "—a AQEBAQE=\n",         // no space
        "— aAQEBAQE=\n",         // no name
        "—  AQEBAQE=\n",         // an empty name
        "— a+b AQEBAQE=\n",      // a plus
        "— a\u{a0}b AQEBAQE=\n", // a Unicode space
        "— a AQEBAQE\n",         // no padding
        "— a AQEBAQF=\n",        // bits beyond the end
        "— a AQEBAQE=\u{20}\n",  // a space at the end
        "— a AQEBAQ==\n",        // a key ID only
        "— a \n",                // nothing
        "— a AQEBAQE=\ntext\n",  // text between signatures
        "— a _wEBAQE=\n",        // the alphabet of URLs
    ];
    for line in lines {
        assert_eq!(parse(format!("text\n\n{line}")), Err(NoteError::Line), "{line:?}");
    }
}

#[test]
fn limits_are_kept() {
    let largest = |name: usize| line(&name.to_string(), &[6; 5004]);
    let many = |count| "text\n\n".to_owned() + &(0..count).map(largest).collect::<String>();
    let full = many(SIGNATURES_MAX);
    assert_eq!(Note::parse(full.as_bytes()).unwrap().signatures().len(), SIGNATURES_MAX);
    let over = SIGNATURES_MAX + 1;
    assert_eq!(Note::parse(many(over).as_bytes()), Err(NoteError::TooMany(over)));
    let mut note = Note::parse(full.as_bytes()).unwrap();
    let same = note.signatures()[3].clone();
    assert_eq!(note.put(same), Ok(()), "in its own place");
    assert_eq!(note.put(line("x", &[1; 5]).trim_end().parse().unwrap()), Err(NoteError::TooMany(over)));
    assert_eq!(note.to_string(), full);

    let text = |len: usize| format!("{}\n\n{}", "t".repeat(len - 1), line("a", &[1; 5]));
    assert!(Note::parse(text(TEXT_MAX).as_bytes()).is_ok());
    let too_long = NoteError::TooLong { len: TEXT_MAX + 1, max: TEXT_MAX };
    assert_eq!(Note::parse(text(TEXT_MAX + 1).as_bytes()), Err(too_long));
    let too_long = NoteError::TooLong { len: NOTE_MAX + 1, max: NOTE_MAX };
    assert_eq!(Note::parse(&vec![b'a'; NOTE_MAX + 1]), Err(too_long.clone()));
    assert_eq!("a".repeat(NOTE_MAX + 1).parse::<NoteSignature>(), Err(too_long));
}

#[test]
fn only_a_note_that_opens_with_the_keys_name_is_signed() {
    let secrets = secrets(1);
    let key = key_of(&secrets, "a/log");
    let sign = |text: &str, secrets: &PartySecrets| key.sign_text(text, secrets).map(|_| ());
    assert_eq!(sign("a/log\nsize\n", &secrets), Ok(()));
    let opening = Err(NoteError::Opening("a/log".into()));
    for text in ["", "a/log", "b/log\n", "a/log/x\n", "\na/log\n", "a/log\nno newline", "tongcha/event/v1\0\n"] {
        assert_eq!(sign(text, &secrets), opening, "{text:?}");
    }
    let signing = Err(NoteError::Signing("a/log".into()));
    assert_eq!(sign("a/log\nsize\n", &self::secrets(2)), signing, "another key");
    let (seed, sealing) = secrets.seeds();
    let of_another = PartySecrets::from_seeds(party("zhuhai"), seed, sealing);
    assert_eq!(sign("a/log\nsize\n", &of_another), signing, "another party");
}

#[test]
fn each_fault_of_a_verifier_key_has_its_name() {
    let parse = |text: &str| text.parse::<VerifierKey>().unwrap_err();
    let with = |name: &str, key: &[u8]| {
        let id = sha256(name.as_bytes(), &[b"\n", key]);
        format!("{name}+{}+{}", hex::encode(&id[..4]), BASE64.encode(key))
    };
    let key = BASE64.decode("AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k").unwrap();
    assert_eq!(with("example.com/foo", &key), SPEC_KEY);
    assert_eq!(parse("example.com/foo+530d903a"), VerifierKeyError::Parts);
    assert_eq!(parse("example.com/foo"), VerifierKeyError::Parts);
    assert_eq!(parse(&with("", &key)), VerifierKeyError::Name);
    assert_eq!(parse(&with("a b", &key)), VerifierKeyError::Name);
    assert_eq!(parse(&with("a\nb", &key)), VerifierKeyError::Name);
    assert_eq!(parse(&with("a\0b", &key)), VerifierKeyError::Name);
    assert_eq!(parse(&SPEC_KEY.replace("530d903a", "530D903A")), VerifierKeyError::Id);
    assert_eq!(parse(&SPEC_KEY.replace("530d903a", "530d903")), VerifierKeyError::Id);
    assert_eq!(parse(&SPEC_KEY.replace("530d903a", "530d903b")), VerifierKeyError::Mismatch);
    assert_eq!(parse(&SPEC_KEY.replace("/foo", "/bar")), VerifierKeyError::Mismatch);
    assert_eq!(parse(&format!("{SPEC_KEY}=")), VerifierKeyError::Base64);
    assert_eq!(parse("a+00000000+"), VerifierKeyError::Base64);
    assert_eq!(parse(&with("a", &[&[2], &key[1..]].concat())), VerifierKeyError::Type(2));
    assert_eq!(parse(&with("a", &key[..32])), VerifierKeyError::Length(31));
    let cosigner: VerifierKey = with("a", &[&[4], &key[1..]].concat()).parse().unwrap();
    assert_eq!(cosigner.kind(), SignatureType::Cosignature);
}

proptest! {
    /// What parses is written again byte for byte, and what is written parses.
    #[test]
    fn the_form_is_unique(
        text in "[a-zé \n]{0,40}\n",
        signatures in prop::collection::vec(("[a-z./é]{1,20}", prop::collection::vec(any::<u8>(), 5..100)), 1..5),
    ) {
        let lines: String = signatures.iter().map(|(name, bytes)| line(name, bytes)).collect();
        let bytes = format!("{text}\n{lines}");
        let note = Note::parse(bytes.as_bytes()).unwrap();
        prop_assert_eq!(note.text(), text);
        prop_assert_eq!(note.signatures().len(), signatures.len());
        prop_assert_eq!(note.to_string(), bytes);
    }

    #[test]
    fn any_bytes_are_refused_or_written_again(note in "(\n|— |a|AQEBAQE=| |é|\\+){0,12}") {
        if let Ok(parsed) = Note::parse(note.as_bytes()) {
            prop_assert_eq!(parsed.to_string(), note);
        }
    }
}
