//! `keys.json`: keys in time. What a root says, by itself and on a card; and entries, bodies, checkpoints, receipts, tokens and
//! questions, as they are judged where keys were added, replaced, retired or stolen.

use tongcha_domain::event::{Event, EventKind};
use tongcha_domain::keys::{KeyStatement, KeyWord, SignedStatement};

use super::body::seal;
use super::key_cases::{bodies, cards, forgeries, proofs, sayings, statements, thefts, work};
use super::verdict::{Verdict, verdict};
use super::{Case, Input, Set, fixed_root, fixed_secrets, next_secrets, rooted_card};
use crate::ask::{self, AskError};
use crate::body::{BodyError, BodyKey, SealedBody};
use crate::checkpoint::{CheckpointError, LogKey, SignedCheckpoint, witnesses_of};
use crate::directory::StatementError;
use crate::entry::{self, EntryError, Header, Tip, VerifiedEntry};
use crate::frame::{FrameRead, Record, read_frame};
use crate::key::{Directory, KeyError, KeyId, PartyCard, PartyKeys, PartySecrets};
use crate::merkle::{MemoryHashes, TreeHead, root_over};
use crate::proof::{EntryReceipt, ReceiptError};
use crate::root::{RootSecret, read_statement, statement_text};
use crate::testing::{NOON, body, party};
use crate::token::{ConsentToken, TokenError};
use crate::trail::KeyTrail;

/// What a case says is known beside the log: statements of roots, one a line.
const KNOWN: &str = "known";

/// Zhuhai's log, as it writes it.
#[derive(Clone, Default)]
pub(super) struct Log {
    records: Vec<(VerifiedEntry, Option<SealedBody>)>,
    tip: Tip,
}

impl Log {
    /// The entry that follows, with a body and of a kind.
    pub(super) fn next(&self, sealed: &SealedBody, kind: EventKind, by: &PartySecrets) -> VerifiedEntry {
        let Tip { count: seq, head: prev, .. } = self.tip;
        let audience = ["hengqin", "macau", "zhuhai"].map(party).into();
        let (body_digest, body_len) = (sealed.digest(), u32::try_from(sealed.ciphertext.len()).unwrap());
        let (version, origin, recorded_at, key_id) = (entry::VERSION, party("zhuhai"), NOON, by.key_id());
        let seen = [("hengqin", 0), ("macau", 0)].map(|(name, count)| (party(name), count)).into();
        let header =
            Header { version, origin, seq, prev, recorded_at, key_id, kind, audience, body_digest, body_len, seen };
        VerifiedEntry::sign(header, by).unwrap()
    }

    pub(super) fn with(mut self, entry: VerifiedEntry, sealed: Option<SealedBody>) -> Self {
        self.tip = Tip::after(&entry);
        self.records.push((entry, sealed));
        self
    }

    /// An entry about something else, whose body the reader of the log has not.
    pub(super) fn work(&self, by: &PartySecrets) -> VerifiedEntry {
        self.next(&seal(b""), EventKind::UrgentRaised, by)
    }

    pub(super) fn worked(self, count: usize, by: &PartySecrets) -> Self {
        (0..count).fold(self, |log, _| {
            let entry = log.work(by);
            log.with(entry, None)
        })
    }

    /// What a root says, as the entry that follows.
    pub(super) fn says(&self, signed: &SignedStatement, by: &PartySecrets) -> (VerifiedEntry, SealedBody) {
        let event = Event::from((signed.clone(), ["hengqin", "macau"].map(party).into()));
        let sealed = SealedBody::seal(&body(event.clone()), &BodyKey::published()).unwrap();
        (self.next(&sealed, event.kind(), by), sealed)
    }

    pub(super) fn said(self, signed: &SignedStatement, by: &PartySecrets) -> Self {
        let (entry, sealed) = self.says(signed, by);
        self.with(entry, Some(sealed))
    }

    pub(super) fn frames(&self) -> Vec<u8> {
        let frame = |(entry, body): &(VerifiedEntry, Option<SealedBody>)| {
            Record { entry: entry.bytes().to_vec(), body: body.clone() }.to_frame().unwrap()
        };
        self.records.iter().flat_map(frame).collect()
    }

    fn head(&self, size: usize) -> TreeHead {
        let leaves: Vec<_> = self.records.iter().take(size).map(|(entry, _)| entry.leaf()).collect();
        TreeHead { size: size as u64, root: root_over(&leaves) }
    }

    /// The first `size` entries, signed as a checkpoint.
    pub(super) fn checkpoint(&self, size: usize, by: &PartySecrets) -> SignedCheckpoint {
        let keys = PartyKeys::register(&by.card("UABC").unwrap()).unwrap();
        SignedCheckpoint::sign(self.head(size), &LogKey::new(&keys).unwrap(), by).unwrap()
    }

    pub(super) fn receipt(&self, of: usize, checkpoint: &SignedCheckpoint) -> String {
        let mut hashes = MemoryHashes::default();
        self.records.iter().for_each(|(entry, _)| hashes.append(&entry.leaf()));
        EntryReceipt::new(&self.records[of].0, checkpoint, &hashes).unwrap().to_string()
    }
}

/// Who reads Zhuhai's log, with the rooted cards and what is known beside it.
pub(super) struct Reader {
    pub(super) directory: Directory,
    trail: KeyTrail,
    tip: Tip,
    used: Vec<KeyId>,
}

impl Reader {
    /// Reads what comes before the case.
    pub(super) fn new(input: &Input) -> Self {
        let cards = [rooted_card("macau"), rooted_card("zhuhai"), fixed_secrets("hengqin").card("UABC").unwrap()];
        let directory = Directory::new(&cards).unwrap();
        if input.has(KNOWN) {
            input.text(KNOWN).lines().for_each(|line| directory.learn(&read_statement(line).unwrap()).unwrap());
        }
        let trail = KeyTrail::new(&directory, party("zhuhai"));
        let mut reader = Self { directory, trail, tip: Tip::default(), used: Vec::new() };
        let log = if input.has("log") { input.bytes("log") } else { Vec::new() };
        let mut rest = log.as_slice();
        while let FrameRead::Whole(record, length) = read_frame(rest) {
            reader.take(&record.entry, record.body.as_ref()).unwrap();
            rest = &rest[length..];
        }
        assert!(rest.is_empty());
        reader
    }

    fn take(&mut self, bytes: &[u8], body: Option<&SealedBody>) -> Result<(), EntryError> {
        let entry = VerifiedEntry::verify_adding(bytes, body, &self.directory)?;
        self.tip.check(&entry)?;
        let last_use = |key| self.used.iter().rposition(|used| *used == key).map(|at| at as u64);
        if let Some(next) = self.trail.after(&entry, body, &self.directory, last_use)? {
            self.trail = next;
        }
        self.tip = Tip::after(&entry);
        self.used.push(entry.header().key_id);
        Ok(())
    }

    pub(super) fn checkpoint(&self, note: &[u8]) -> Result<(), CheckpointError> {
        let key = LogKey::of(&self.directory, party("zhuhai")).unwrap().unwrap();
        let witnesses = witnesses_of(party("zhuhai"), &self.directory).unwrap();
        let checkpoint = SignedCheckpoint::verify(note, &key, &witnesses)?;
        let last = checkpoint.head().size - 1;
        Ok(self.trail.times().unwrap().check(checkpoint.signer().0, last)?)
    }
}

fn sealed_of(input: &Input) -> Option<SealedBody> {
    let body = || SealedBody { key_hash: input.array("key_hash"), ciphertext: input.bytes("ciphertext") };
    input.has("ciphertext").then(body)
}

fn judge(input: &Input) -> String {
    if input.has("card") {
        let card: PartyCard = serde_json::from_str(input.text("card")).unwrap();
        return verdict(Directory::new(&[card]));
    }
    let mut reader = Reader::new(input);
    if input.has("statement") {
        let read = read_statement(input.text("statement")).map_err(StatementError::from);
        verdict(read.and_then(|signed| reader.directory.learn(&signed)))
    } else if input.has("key") {
        let (header, _) = entry::read(&input.bytes("entry")).unwrap();
        verdict(sealed_of(input).unwrap().open(&BodyKey(input.array("key")), &header))
    } else if input.has("entry") {
        verdict(reader.take(&input.bytes("entry"), sealed_of(input).as_ref()))
    } else if input.has("note") {
        verdict(reader.checkpoint(input.text("note").as_bytes()))
    } else if input.has("receipt") {
        let receipt = input.text("receipt").parse::<EntryReceipt>();
        verdict(receipt.and_then(|receipt| receipt.verify(&reader.directory)))
    } else if input.has("token") {
        verdict(ConsentToken::from_text(input.text("token")).and_then(|token| token.verify(&reader.directory)))
    } else {
        let (from, at) = (party("zhuhai"), input.secrets("at"));
        verdict(ask::open_request(&input.bytes("ask"), from, &at, &reader.directory))
    }
}

pub(super) fn said_by(root: &RootSecret, name: &str, serial: u32, word: KeyWord) -> SignedStatement {
    root.sign(KeyStatement { party: party(name), serial, word }).unwrap()
}

/// What Zhuhai's root says.
pub(super) fn root_says(serial: u32, word: KeyWord) -> SignedStatement {
    said_by(&fixed_root("zhuhai"), "zhuhai", serial, word)
}

pub(super) fn word_of(secrets: &PartySecrets, from_seq: u64, replaces: Option<&PartySecrets>) -> KeyWord {
    secrets.certificate(from_seq, "2028-06-30".parse().unwrap(), replaces.map(PartySecrets::key_id)).unwrap()
}

pub(super) fn certified(serial: u32, secrets: &PartySecrets, replaces: Option<&PartySecrets>) -> SignedStatement {
    root_says(serial, word_of(secrets, 0, replaces))
}

pub(super) fn retired(serial: u32, key: &PartySecrets) -> SignedStatement {
    root_says(serial, KeyWord::Retired { key: key.key_id().0 })
}

pub(super) fn stolen(serial: u32, key: &PartySecrets, cut: u64) -> SignedStatement {
    root_says(serial, KeyWord::Compromised { key: key.key_id().0, cut })
}

pub(super) fn first() -> PartySecrets {
    fixed_secrets("zhuhai")
}

pub(super) fn next() -> PartySecrets {
    next_secrets("zhuhai", 1)
}

pub(super) fn spare() -> PartySecrets {
    next_secrets("zhuhai", 2)
}

/// Entries 0 and 1 under the first key.
pub(super) fn begun() -> Log {
    Log::default().worked(2, &first())
}

/// Entry 2 puts the next key in the place of the first.
pub(super) fn rotated() -> Log {
    begun().said(&certified(2, &next(), Some(&first())), &next())
}

/// Entry 2 adds the next key beside the first.
pub(super) fn beside() -> Log {
    begun().said(&certified(2, &next(), None), &next())
}

pub(super) fn with_known(case: Case, known: &[&SignedStatement]) -> Case {
    let lines: Vec<_> = known.iter().map(|signed| statement_text(signed).unwrap()).collect();
    if lines.is_empty() { case } else { case.text(KNOWN, &lines.join("\n")) }
}

pub(super) fn next_entry(
    name: &str,
    verdict: &str,
    log: &Log,
    (entry, body): (VerifiedEntry, Option<SealedBody>),
) -> Case {
    let case = Case::new(name, verdict).bytes("log", &log.frames()).bytes("entry", entry.bytes());
    match body {
        Some(sealed) => case.bytes("key_hash", &sealed.key_hash).bytes("ciphertext", &sealed.ciphertext),
        None => case,
    }
}

pub(super) fn worked(name: &str, verdict: &str, log: &Log, by: &PartySecrets) -> Case {
    next_entry(name, verdict, log, (log.work(by), None))
}

pub(super) fn says(name: &str, verdict: &str, log: &Log, signed: &SignedStatement, by: &PartySecrets) -> Case {
    let (entry, sealed) = log.says(signed, by);
    next_entry(name, verdict, log, (entry, Some(sealed)))
}

fn named(group: &str, cases: Vec<Case>) -> Vec<Case> {
    cases.into_iter().map(|case| Case { name: format!("{group}: {}", case.name), ..case }).collect()
}

/// The codes of keys in time of each thing that is judged; the others are in the files of those things.
fn codes() -> Vec<String> {
    let of = |codes: Vec<String>, wanted: &[&str]| {
        codes.into_iter().filter(|code| wanted.iter().any(|one| code.starts_with(one))).collect::<Vec<_>>()
    };
    [
        of(KeyError::codes(), &["statement", "uncertified"]),
        of(EntryError::codes(), &["keys/", "statement/"]),
        of(BodyError::codes(), &["unpublished"]),
        of(CheckpointError::codes(), &["keys/ended", "keys/not-added"]),
        of(ReceiptError::codes(), &["entry/keys/ended", "checkpoint/keys/ended"]),
        of(TokenError::codes(), &["compromised"]),
        of(AskError::codes(), &["compromised"]),
        StatementError::codes(),
    ]
    .concat()
}

#[test]
fn published_keys_in_time_have_their_verdicts() {
    Set {
        file: "vectors/keys.json",
        about: "format.md section 2.1, with the rooted cards of parties.json; Hengqin's card names no root. log: frames of \
                Zhuhai's log from its first entry, all valid, that come before. known: statements known from elsewhere, one a \
                line. What is judged then: a statement's text; a card as JSON; the next entry, with its body (key_hash, \
                ciphertext) where the reader has it; a body alone, with its key; a note (checkpoint of Zhuhai's log); a \
                receipt; a token's text; an ask of Zhuhai, opened at another party.",
        judge,
        codes: codes(),
        excused: &[
            ("text/unencodable", "only when writing"),
            ("body", "of an entry: see statement/body"),
            ("other-party", "of an entry or a card: see statement/other-party"),
            ("key/sealing", "see card.json"),
            ("key/possession", "of cards"),
            ("key/duplicate", "of cards"),
            ("key/codec/", "only when writing"),
            ("key/statement", "of cards"),
            ("key/uncertified", "of cards"),
            ("statement/text/", "the statement is part of a body"),
            ("statement/party", "an entry's party has a card"),
            ("statement/no-root", "an entry under a key that is known: its party has a card; see no-root"),
            ("statement/key/not-canonical", "see key/not-canonical"),
            ("statement/key/torsion", "see key/torsion"),
            ("statement/key/sealing", "see card.json"),
            ("statement/key/possession", "of cards"),
            ("statement/key/duplicate", "of cards"),
            ("statement/key/codec/", "only when writing"),
            ("statement/key/statement", "of cards"),
            ("statement/key/uncertified", "of cards"),
            ("statement/unknown-key", "the log has not added such a key: keys/no-such-key"),
            ("statement/old", "in a log the newer report counts, and the older entry stands"),
        ],
    }
    .check(
        [
            named("entry", work()),
            named("of keys", [sayings(), forgeries(), bodies()].concat()),
            named("proof", proofs()),
            named("stolen", thefts()),
            named("statement", statements()),
            named("card", cards()),
        ]
        .concat(),
    );
}
