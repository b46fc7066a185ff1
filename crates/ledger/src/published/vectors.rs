//! Vectors with verdicts: for each format bytes that are valid and bytes for each way of being refused, run through the very
//! functions that refuse them. Each file names the codes there are; one without a case fails, unless it says why there is none.

mod bodies;
mod body;
mod cards;
mod entry;
mod evidence;
mod keys;
mod messages;
mod storage;
mod token;
mod verdict;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use tongcha_domain::keys::KeyStatement;

use super::published_tests::{compare, is_released, stored};
use crate::key::{Directory, PartyCard, PartySecrets};
use crate::root::RootSecret;
use crate::testing::{PARTIES, party};

/// Above this many equal bytes a vector says which and how many.
const REPEATED_MIN: usize = 1024;

/// One case: what is given (bytes in hexadecimal), and the verdict.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Case {
    name: String,
    verdict: String,
    input: Input,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
struct Input(BTreeMap<String, String>);

#[derive(Serialize, Deserialize)]
struct Cases {
    about: String,
    cases: Vec<Case>,
}

impl Case {
    fn new(name: &str, verdict: &str) -> Self {
        Self { name: name.to_owned(), verdict: verdict.to_owned(), input: Input::default() }
    }

    fn bytes(mut self, name: &str, bytes: &[u8]) -> Self {
        let one = bytes.first().filter(|first| bytes.len() >= REPEATED_MIN && bytes.iter().all(|byte| byte == *first));
        let text = one.map_or_else(|| hex::encode(bytes), |first| format!("{first:02x}*{}", bytes.len()));
        self.input.0.insert(name.to_owned(), text);
        self
    }

    fn text(mut self, name: &str, text: &str) -> Self {
        self.input.0.insert(name.to_owned(), text.to_owned());
        self
    }
}

impl Input {
    fn bytes(&self, name: &str) -> Vec<u8> {
        let text = self.text(name);
        match text.split_once('*') {
            Some((byte, count)) => hex::decode(byte).unwrap().repeat(count.parse().unwrap()),
            None => hex::decode(text).unwrap(),
        }
    }

    fn array<const N: usize>(&self, name: &str) -> [u8; N] {
        self.bytes(name).try_into().unwrap()
    }

    fn text(&self, name: &str) -> &str {
        &self.0[name]
    }

    fn secrets(&self, name: &str) -> PartySecrets {
        fixed_secrets(self.text(name))
    }

    fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }
}

/// A file of cases, and how they are judged.
struct Set {
    file: &'static str,
    about: &'static str,
    judge: fn(&Input) -> String,
    /// Every code there is.
    codes: Vec<String>,
    /// Codes without a case, or what they begin with, and why.
    excused: &'static [(&'static str, &'static str)],
}

impl Set {
    /// Judges the cases, compares them with the file, and looks for codes without a case.
    fn check(&self, cases: Vec<Case>) {
        let stored_cases =
            || serde_json::from_str::<Cases>(&stored(self.file)).map(|stored| stored.cases).unwrap_or_default();
        if is_released() {
            keeps(&stored_cases(), &cases).unwrap();
        }
        let names: BTreeSet<_> = cases.iter().map(|case| &case.name).collect();
        assert_eq!(names.len(), cases.len(), "two cases of {} have one name", self.file);
        let computed = Cases { about: self.about.to_owned(), cases };
        let text = serde_json::to_string_pretty(&computed).unwrap() + "\n";
        for Case { name, verdict, input } in computed.cases {
            assert_eq!((self.judge)(&input), verdict, "{}: {name}", self.file);
        }
        compare(self.file, &text);
        let stored = stored_cases();
        for Case { name, verdict, input } in &stored {
            assert_eq!(&(self.judge)(input), verdict, "{}, as stored: {name}", self.file);
        }
        let seen: BTreeSet<_> = stored.into_iter().map(|case| case.verdict).collect();
        assert!(seen.contains(verdict::VALID), "{} has nothing that is valid", self.file);
        let excused = |code: &str| self.excused.iter().any(|(excuse, _)| code.starts_with(excuse));
        let missing: Vec<_> = self.codes.iter().filter(|code| !seen.contains(*code) && !excused(code)).collect();
        assert!(missing.is_empty(), "{} has no case of {missing:?}: add one, or say why there is none", self.file);
        let idle: Vec<_> =
            self.excused.iter().filter(|(excuse, _)| seen.iter().any(|code| code.starts_with(excuse))).collect();
        assert!(idle.is_empty(), "{} excuses what it has: {idle:?}", self.file);
    }
}

/// Tells which case of an older list is gone or changed in a newer one.
fn keeps(old: &[Case], new: &[Case]) -> Result<(), String> {
    old.iter().find(|case| !new.contains(case)).map_or(Ok(()), |gone| Err(format!("gone or changed: {gone:?}")))
}

#[test]
fn published_cases_once_released_stay() {
    let old = [Case::new("one", "valid").bytes("entry", &[1]), Case::new("two", "length").bytes("entry", &[2])];
    let mut new = old.to_vec();
    new.insert(0, Case::new("three", "chain"));
    assert_eq!(keeps(&old, &new), Ok(()));
    assert!(keeps(&new, &old).unwrap_err().contains("three"));
    new[2].verdict = "valid".to_owned();
    assert!(keeps(&old, &new).unwrap_err().contains("two"));
}

/// The secrets of a party in all vectors: seeds of one byte each, so that any language has them at once.
fn fixed_secrets(name: &str) -> PartySecrets {
    let byte = name.as_bytes()[0];
    PartySecrets::from_seeds(party(name), [byte; 32], [byte ^ 0xFF; 32])
}

fn fixed_directory() -> Directory {
    Directory::new(&PARTIES.map(|name| fixed_secrets(name).card("UABC").unwrap())).unwrap()
}

/// A party's root key in all vectors.
fn fixed_root(name: &str) -> RootSecret {
    RootSecret::from_seed(party(name), [name.as_bytes()[0] ^ 0x55; 32])
}

/// The secrets that a party goes over to in the vectors.
fn next_secrets(name: &str, number: u8) -> PartySecrets {
    let byte = name.as_bytes()[0] ^ (number << 4);
    PartySecrets::from_seeds(party(name), [byte; 32], [byte ^ 0xFF; 32])
}

/// A party's card with a root, which certifies the key of the card as its first word.
fn rooted_card(name: &str) -> PartyCard {
    let (secrets, root) = (fixed_secrets(name), fixed_root(name));
    let word = secrets.certificate(0, "2028-06-30".parse().unwrap(), None).unwrap();
    let certificate = root.sign(KeyStatement { party: party(name), serial: 1, word }).unwrap();
    secrets.rooted_card("UABC", &root, &certificate).unwrap()
}

/// A copy with one bit changed.
fn flipped(bytes: &[u8], bit: usize) -> Vec<u8> {
    let mut flipped = bytes.to_vec();
    flipped[bit / 8] ^= 1 << (bit % 8);
    flipped
}

/// A copy with the varint at a place, which is one byte long, written as two.
fn lengthened(bytes: &[u8], at: usize) -> Vec<u8> {
    assert!(bytes[at] < 0x80);
    [&bytes[..at], &[bytes[at] | 0x80, 0], &bytes[at + 1..]].concat()
}
