//! `keys.json`: keys in time. What a root says, by itself and on a card; and entries, bodies, checkpoints, receipts, tokens and
//! questions, as they are judged where keys were added, replaced, retired or stolen.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use tongcha_domain::event::{Event, EventKind};
use tongcha_domain::keys::{KeyStatement, KeyWord, SignedStatement};

use super::body::seal;
use super::verdict::{VALID, Verdict, verdict};
use super::{Case, Input, Set, fixed_root, fixed_secrets, next_secrets, rooted_card};
use crate::ask::{self, AskError};
use crate::body::{BodyError, BodyKey, SealedBody};
use crate::canonical;
use crate::checkpoint::{CheckpointError, LogKey, SignedCheckpoint, witnesses_of};
use crate::directory::StatementError;
use crate::entry::{self, EntryError, Header, Tip, VerifiedEntry};
use crate::frame::{FrameRead, Record, read_frame};
use crate::key::{Directory, KeyError, KeyId, PartyCard, PartyKeys, PartySecrets};
use crate::merkle::{MemoryHashes, TreeHead, root_over};
use crate::proof::{EntryReceipt, ReceiptError};
use crate::published::samples;
use crate::root::{RootSecret, read_statement, statement_text};
use crate::testing::{Fixed, NOON, body, claims, event, party};
use crate::token::{ConsentToken, TokenError};
use crate::trail::KeyTrail;

/// What a case says is known beside the log: statements of roots, one a line.
const KNOWN: &str = "known";

/// Zhuhai's log, as it writes it.
#[derive(Clone, Default)]
struct Log {
    records: Vec<(VerifiedEntry, Option<SealedBody>)>,
    tip: Tip,
}

impl Log {
    /// An entry that would follow; `change` is what makes it another than it should be.
    fn next(&self, sealed: &SealedBody, kind: EventKind, by: &PartySecrets) -> VerifiedEntry {
        let Tip { count: seq, head: prev, .. } = self.tip;
        let audience = ["hengqin", "macau", "zhuhai"].map(party).into();
        let (body_digest, body_len) = (sealed.digest(), u32::try_from(sealed.ciphertext.len()).unwrap());
        let (version, origin, recorded_at, key_id) = (entry::VERSION, party("zhuhai"), NOON, by.key_id());
        let seen = [("hengqin", 0), ("macau", 0)].map(|(name, count)| (party(name), count)).into();
        let header =
            Header { version, origin, seq, prev, recorded_at, key_id, kind, audience, body_digest, body_len, seen };
        VerifiedEntry::sign(header, by).unwrap()
    }

    fn with(mut self, entry: VerifiedEntry, sealed: Option<SealedBody>) -> Self {
        self.tip = Tip::after(&entry);
        self.records.push((entry, sealed));
        self
    }

    /// An entry about something else, whose body the reader of the log has not.
    fn work(&self, by: &PartySecrets) -> VerifiedEntry {
        self.next(&seal(b""), EventKind::UrgentRaised, by)
    }

    fn worked(self, count: usize, by: &PartySecrets) -> Self {
        (0..count).fold(self, |log, _| {
            let entry = log.work(by);
            log.with(entry, None)
        })
    }

    /// What a root says, as the entry that follows.
    fn says(&self, signed: &SignedStatement, by: &PartySecrets) -> (VerifiedEntry, SealedBody) {
        let event = Event::from((signed.clone(), ["hengqin", "macau"].map(party).into()));
        let sealed = SealedBody::seal(&body(event.clone()), &BodyKey::published()).unwrap();
        (self.next(&sealed, event.kind(), by), sealed)
    }

    fn said(self, signed: &SignedStatement, by: &PartySecrets) -> Self {
        let (entry, sealed) = self.says(signed, by);
        self.with(entry, Some(sealed))
    }

    fn frames(&self) -> Vec<u8> {
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
    fn checkpoint(&self, size: usize, by: &PartySecrets) -> SignedCheckpoint {
        let keys = PartyKeys::register(&by.card("UABC").unwrap()).unwrap();
        SignedCheckpoint::sign(self.head(size), &LogKey::new(&keys).unwrap(), by).unwrap()
    }

    fn receipt(&self, of: usize, checkpoint: &SignedCheckpoint) -> String {
        let mut hashes = MemoryHashes::default();
        self.records.iter().for_each(|(entry, _)| hashes.append(&entry.leaf()));
        EntryReceipt::new(&self.records[of].0, checkpoint, &hashes).unwrap().to_string()
    }
}

/// Who reads Zhuhai's log, with the rooted cards and what is known beside it.
struct Reader {
    directory: Directory,
    trail: KeyTrail,
    tip: Tip,
    used: Vec<KeyId>,
}

impl Reader {
    /// Reads what comes before the case.
    fn new(input: &Input) -> Self {
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

    fn checkpoint(&self, note: &[u8]) -> Result<(), CheckpointError> {
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

fn said_by(root: &RootSecret, name: &str, serial: u32, word: KeyWord) -> SignedStatement {
    root.sign(KeyStatement { party: party(name), serial, word }).unwrap()
}

/// What Zhuhai's root says.
fn root_says(serial: u32, word: KeyWord) -> SignedStatement {
    said_by(&fixed_root("zhuhai"), "zhuhai", serial, word)
}

fn word_of(secrets: &PartySecrets, from_seq: u64, replaces: Option<&PartySecrets>) -> KeyWord {
    secrets.certificate(from_seq, "2028-06-30".parse().unwrap(), replaces.map(PartySecrets::key_id)).unwrap()
}

fn certified(serial: u32, secrets: &PartySecrets, replaces: Option<&PartySecrets>) -> SignedStatement {
    root_says(serial, word_of(secrets, 0, replaces))
}

fn retired(serial: u32, key: &PartySecrets) -> SignedStatement {
    root_says(serial, KeyWord::Retired { key: key.key_id().0 })
}

fn stolen(serial: u32, key: &PartySecrets, cut: u64) -> SignedStatement {
    root_says(serial, KeyWord::Compromised { key: key.key_id().0, cut })
}

fn first() -> PartySecrets {
    fixed_secrets("zhuhai")
}

fn next() -> PartySecrets {
    next_secrets("zhuhai", 1)
}

fn spare() -> PartySecrets {
    next_secrets("zhuhai", 2)
}

/// Entries 0 and 1 under the first key.
fn begun() -> Log {
    Log::default().worked(2, &first())
}

/// Entry 2 puts the next key in the place of the first.
fn rotated() -> Log {
    begun().said(&certified(2, &next(), Some(&first())), &next())
}

/// Entry 2 adds the next key beside the first.
fn beside() -> Log {
    begun().said(&certified(2, &next(), None), &next())
}

fn with_known(case: Case, known: &[&SignedStatement]) -> Case {
    let lines: Vec<_> = known.iter().map(|signed| statement_text(signed).unwrap()).collect();
    if lines.is_empty() { case } else { case.text(KNOWN, &lines.join("\n")) }
}

fn next_entry(name: &str, verdict: &str, log: &Log, (entry, body): (VerifiedEntry, Option<SealedBody>)) -> Case {
    let case = Case::new(name, verdict).bytes("log", &log.frames()).bytes("entry", entry.bytes());
    match body {
        Some(sealed) => case.bytes("key_hash", &sealed.key_hash).bytes("ciphertext", &sealed.ciphertext),
        None => case,
    }
}

fn worked(name: &str, verdict: &str, log: &Log, by: &PartySecrets) -> Case {
    next_entry(name, verdict, log, (log.work(by), None))
}

fn says(name: &str, verdict: &str, log: &Log, signed: &SignedStatement, by: &PartySecrets) -> Case {
    let (entry, sealed) = log.says(signed, by);
    next_entry(name, verdict, log, (entry, Some(sealed)))
}

/// Entries about other things, by the key that signed them.
fn work() -> Vec<Case> {
    let (begun, rotated, beside) = (begun(), rotated(), beside());
    let (first, next) = (first(), next());
    let retired = beside.clone().said(&retired(3, &first), &next);
    let reported = beside.clone().said(&stolen(3, &first, 3), &next);
    let later = rotated.clone().worked(1, &next).said(&stolen(3, &first, 4), &next);
    let one = Log::default().worked(1, &first);
    let known = |case: Case, signed: &SignedStatement| with_known(case, &[signed]);
    let late = root_says(2, word_of(&next, 9, None));
    vec![
        worked("the next key after a rotation", VALID, &rotated, &next),
        worked("the former key after a rotation", "keys/ended", &rotated, &first),
        worked("the first key with another beside it", VALID, &beside, &first),
        worked("a key that was retired", "keys/ended", &retired, &first),
        worked("a key that the log reported stolen", "keys/ended", &reported, &first),
        worked("a key that had ended before the cut of its report", "keys/ended", &later, &first),
        known(worked("one before the cut of a report by file", VALID, &one, &first), &stolen(2, &first, 2)),
        known(worked("at the cut of a report by file", "keys/ended", &begun, &first), &stolen(2, &first, 2)),
        with_known(
            worked("at the cut of the newer of two reports", "keys/ended", &begun, &first),
            &[&stolen(2, &first, 9), &stolen(3, &first, 2)],
        ),
        with_known(
            worked("at the cut of the older of two reports", VALID, &begun, &first),
            &[&stolen(2, &first, 2), &stolen(3, &first, 9)],
        ),
        worked("a key that nobody has told of", "unknown-key", &begun, &next),
        known(worked("a key that the log has not added", "keys/not-added", &begun, &next), &certified(2, &next, None)),
        known(worked("a key before its certificate begins", "keys/early", &begun, &next), &late),
    ]
}

/// Entries that say what the root says, where they stand or don't.
fn sayings() -> Vec<Case> {
    let (begun, rotated, beside) = (begun(), rotated(), beside());
    let (first, next, spare) = (first(), next(), spare());
    vec![
        says("a rotation", VALID, &begun, &certified(2, &next, Some(&first)), &next),
        says("a key beside the first", VALID, &begun, &certified(2, &next, None), &next),
        says("at the place where its certificate begins", VALID, &begun, &root_says(2, word_of(&next, 2, None)), &next),
        says("before its certificate begins", "keys/early", &begun, &root_says(2, word_of(&next, 3, None)), &next),
        says("a key added by another", "keys/not-its-own", &begun, &certified(2, &next, Some(&first)), &first),
        says("a key added again", "keys/added-before", &beside, &certified(3, &next, Some(&first)), &next),
        says("an ended key comes back", "keys/added-before", &rotated, &certified(3, &first, Some(&next)), &first),
        says("a certificate with the number of the last", "keys/old", &rotated, &certified(2, &spare, None), &spare),
        says("a certificate older than the card's", "keys/old", &begun, &certified(1, &next, None), &next),
        says("in the place of an ended key", "keys/no-such-key", &rotated, &certified(3, &spare, Some(&first)), &spare),
        says("in the place of no key", "keys/no-such-key", &begun, &certified(2, &next, Some(&spare)), &next),
        says("a key retired", VALID, &beside, &retired(3, &next), &first),
        says("a key that retires itself", "keys/ended", &beside, &retired(3, &next), &next),
        says("an ended key retired", "keys/no-such-key", &rotated, &retired(3, &first), &next),
        says("the only key retired", "keys/only-key", &begun, &retired(2, &first), &first),
        says("a report that cuts at its own place", VALID, &beside, &stolen(3, &first, 3), &next),
        says("a report of a key that had ended", VALID, &rotated, &stolen(3, &first, 2), &next),
        says("a report that cuts after itself", "keys/ahead", &beside, &stolen(3, &first, 4), &next),
        says("a report below an entry of the key", "keys/takes-back", &rotated, &stolen(3, &first, 1), &next),
        says("a report of no key", "keys/no-such-key", &beside, &stolen(3, &spare, 3), &next),
        says("a report of the only key", "keys/only-key", &begun, &stolen(2, &first, 2), &first),
        says("a key that reports itself", "keys/ended", &beside, &stolen(3, &next, 3), &next),
    ]
}

/// Entries that say of keys what the root does not say.
fn forgeries() -> Vec<Case> {
    let (begun, rotated) = (begun(), rotated());
    let (first, next, spare) = (first(), next(), spare());
    let thief = RootSecret::from_seed(party("zhuhai"), first.seeds().0);
    let rotation = || word_of(&next, 0, Some(&first));
    let report = KeyWord::Compromised { key: first.key_id().0, cut: 2 };
    let small = curve25519_dalek::constants::EIGHT_TORSION[1].compress().0;
    let weak = |change: fn(&mut tongcha_domain::keys::KeyCertificate, [u8; 32])| {
        let KeyWord::Certified(mut certificate) = rotation() else { unreachable!() };
        change(&mut certificate, small);
        root_says(2, KeyWord::Certified(certificate))
    };
    let (added, sealed) = begun.says(&certified(2, &next, Some(&first)), &next);
    let (reported, other) = rotated.says(&stolen(3, &first, 2), &next);
    let of_another_kind = rotated.next(&sealed, EventKind::KeyRetired, &next);
    let plain = canonical::encode(&body(event(EventKind::KeyCompromised))).unwrap();
    let secret = seal(&plain);
    let kept_secret = rotated.next(&secret, EventKind::KeyCompromised, &next);
    vec![
        says("signed by the former key as a root", "statement/root", &begun, &said_by(&thief, "zhuhai", 2, rotation()), &next),
        says("signed by another party's root", "statement/root", &begun, &said_by(&fixed_root("macau"), "zhuhai", 2, rotation()), &next),
        says("a report without the root", "statement/root", &rotated, &said_by(&thief, "zhuhai", 3, report.clone()), &next),
        says("about another party", "statement/other-party", &rotated, &said_by(&fixed_root("macau"), "macau", 3, report), &next),
        says("a certificate of a key of small order", "statement/key/weak", &begun, &weak(|one, small| one.signing = small), &next),
        says("a certificate with the name of another key", "statement/name", &begun, &weak(|one, _| one.key = [7; 8]), &next),
        says("signed by another key than the certified one", "unknown-key", &begun, &certified(2, &next, None), &spare),
        next_entry("a new key without a body", "unknown-key", &begun, (added, None)),
        next_entry("a report without a body", "statement/body", &rotated, (reported.clone(), None)),
        next_entry("a report with another body", "statement/body", &rotated, (reported.clone(), Some(sealed.clone()))),
        next_entry("of another kind than its body", "statement/body", &rotated, (of_another_kind, Some(sealed))),
        next_entry("sealed for its readers only", "statement/body", &rotated, (kept_secret.clone(), Some(secret.clone()))),
        next_entry("the same body as such", "unpublished", &rotated, (kept_secret, Some(secret))).bytes("key", &[0x5E; 32]),
        next_entry("a published body as such", VALID, &rotated, (reported, Some(other))).bytes("key", &BodyKey::published().0),
    ]
}

/// What proves something of a log, or in a party's name.
fn proofs() -> Vec<Case> {
    let (first, next) = (first(), next());
    let log = rotated().worked(1, &next);
    let note = |name: &str, verdict: &str, size, by: &PartySecrets| {
        let case = Case::new(name, verdict).bytes("log", &log.frames());
        case.text("note", log.checkpoint(size, by).note().to_string().as_str())
    };
    let receipt = |name: &str, verdict: &str, of, checkpoint: &SignedCheckpoint, known: &[&SignedStatement]| {
        with_known(Case::new(name, verdict).text("receipt", &log.receipt(of, checkpoint)), known)
    };
    let (certificate, cut) = (certified(2, &next, Some(&first)), |cut| stolen(3, &first, cut));
    let (old, new) = (log.checkpoint(2, &first), log.checkpoint(4, &next));
    vec![
        note("a checkpoint up to the last entry of the former key", VALID, 2, &first),
        note("a checkpoint beyond it", "keys/ended", 3, &first),
        note("a checkpoint up to the entry that adds its key", VALID, 3, &next),
        note("a checkpoint that its key does not reach", "keys/not-added", 2, &next),
        with_known(note("a checkpoint before the cut", VALID, 2, &first), &[&cut(2)]),
        with_known(note("a checkpoint beyond the cut", "keys/ended", 4, &first), &[&cut(2)]),
        receipt("an entry and a checkpoint under the former key", VALID, 1, &old, &[]),
        receipt("an entry before the rotation, a checkpoint after it", VALID, 0, &new, &[&certificate]),
        receipt("a checkpoint under a key that nobody has told of", "checkpoint/note/unsigned", 0, &new, &[]),
        receipt("an entry before the cut, and so its checkpoint", VALID, 1, &old, &[&certificate, &cut(2)]),
    ]
}

/// What bears a stolen key's signature, beside the owner's log.
fn thefts() -> Vec<Case> {
    let (first, next) = (first(), next());
    let (certificate, report) = (certified(2, &next, Some(&first)), stolen(3, &first, 1));
    let log = begun();
    let at_the_cut = log.receipt(1, &log.checkpoint(2, &first));
    let before = log.receipt(0, &log.checkpoint(2, &first));
    let token = |by: &PartySecrets, seed| {
        let directory = Reader::new(&Input::default()).directory;
        ConsentToken::issue(&claims(), by, &directory, &mut Fixed(seed)).unwrap()
    };
    let ask = |by: &PartySecrets| {
        let (request, _) = samples::lookup(token(&first, 100).bytes().to_vec(), by.key_id());
        let directory = Reader::new(&Input::default()).directory;
        ask::seal_request(&request, by, &directory, &mut Fixed(700)).unwrap().0
    };
    let token = |name: &str, verdict: &str, by: &PartySecrets, known: &[&SignedStatement]| {
        with_known(Case::new(name, verdict).text("token", &token(by, 600).to_text()), known)
    };
    let asked = |name: &str, verdict: &str, by: &PartySecrets, log: &Log, known: &[&SignedStatement]| {
        let case = Case::new(name, verdict).bytes("log", &log.frames()).bytes("ask", &ask(by));
        with_known(case.text("at", "macau"), known)
    };
    let receipt = |name: &str, verdict: &str, text: &str| {
        with_known(Case::new(name, verdict).text("receipt", text), &[&report])
    };
    vec![
        receipt("an entry at the cut", "entry/keys/ended", &at_the_cut),
        receipt("an entry before the cut, a checkpoint beyond it", "checkpoint/keys/ended", &before),
        token("a token under the key of the card", VALID, &first, &[]),
        token("a token under a key that was replaced", VALID, &first, &[&certificate]),
        token("a token under a stolen key", "compromised", &first, &[&report]),
        token("a token under a certified key", VALID, &next, &[&certificate]),
        token("a token under a key that nobody has told of", "unknown-key", &next, &[]),
        asked("a question before the rotation", VALID, &first, &begun(), &[]),
        asked("a question after the rotation, under the former key", "unknown-key", &first, &rotated(), &[]),
        asked("a question under the key that the log has come to", VALID, &next, &rotated(), &[]),
        asked("a question under a stolen key", "compromised", &first, &begun(), &[&stolen(3, &first, 2)]),
    ]
}

/// Statements by themselves.
fn statements() -> Vec<Case> {
    let (first, next, spare) = (first(), next(), spare());
    let good = statement_text(&certified(2, &next, Some(&first))).unwrap();
    let bytes = canonical::encode(&certified(2, &next, Some(&first))).unwrap();
    let raw = |bytes: &[u8]| format!("tk1.{}", URL_SAFE_NO_PAD.encode(bytes));
    let text = |name: &str, verdict: &str, text: &str| Case::new(name, verdict).text("statement", text);
    let case = |name: &str, verdict: &str, signed: &SignedStatement| text(name, verdict, &statement_text(signed).unwrap());
    let by = |root: &str, of: &str| said_by(&fixed_root(root), of, 2, word_of(&next, 0, None));
    let forged = |key: [u8; 32]| {
        let KeyWord::Certified(mut certificate) = word_of(&next, 0, None) else { unreachable!() };
        certificate.signing = key;
        root_says(2, KeyWord::Certified(certificate))
    };
    let small = curve25519_dalek::constants::EIGHT_TORSION[1];
    let honest = curve25519_dalek::edwards::CompressedEdwardsY(next.card("UABC").unwrap().signing.0).decompress().unwrap();
    let mut no_point = [0; 32];
    no_point[0] = 2;
    let named = |key| {
        let KeyWord::Certified(mut certificate) = word_of(&next, 0, None) else { unreachable!() };
        certificate.key = key;
        root_says(2, KeyWord::Certified(certificate))
    };
    vec![
        text("a certificate", VALID, &good),
        case("a retirement", VALID, &retired(2, &first)),
        case("a report", VALID, &stolen(2, &first, 7)),
        text("another beginning", "text/form", &good.replace("tk1.", "tk2.")),
        text("with padding", "text/form", &format!("{good}=")),
        text("longer than any statement", "text/form", &format!("tk1.{}", "A".repeat(1200))),
        text("long, of the right alphabet", "text/too-long", &raw(&[0; 513])),
        text("it ends early", "text/malformed", &raw(&bytes[..bytes.len() - 1])),
        text("a byte follows", "text/trailing", &raw(&[bytes.as_slice(), &[0]].concat())),
        text("an over-long number", "text/not-canonical", &raw(&super::lengthened(&bytes, 1 + "zhuhai".len()))),
        case("of a party without a card", "party", &by("zhuhai", "elsewhere")),
        case("of a party whose card names no root", "no-root", &by("hengqin", "hengqin")),
        case("signed by another party's root", "root", &by("macau", "zhuhai")),
        case("signed by the key it certifies", "root", &said_by(&RootSecret::from_seed(party("zhuhai"), next.seeds().0), "zhuhai", 2, word_of(&next, 0, None))),
        text("a bit of what it says", "root", &raw(&super::flipped(&bytes, 8 * (1 + "zhuhai".len())))),
        text("a bit of the signature", "root", &raw(&super::flipped(&bytes, 8 * (bytes.len() - 40)))),
        case("a certificate of no point of the curve", "key/not-canonical", &forged(no_point)),
        case("a certificate of a key of small order", "key/weak", &forged(small.compress().0)),
        case("a certificate of a key with torsion", "key/torsion", &forged((honest + small).compress().0)),
        case("a certificate with the name of another key", "name", &named(first.key_id().0)),
        case("a report of a key that nobody has told of", "unknown-key", &stolen(2, &spare, 7)),
        with_known(case("a report of a key that is certified", VALID, &stolen(3, &spare, 7)), &[&certified(2, &spare, None)]),
        with_known(case("a newer report", VALID, &stolen(4, &first, 9)), &[&stolen(3, &first, 7)]),
        with_known(case("an older report", "old", &stolen(2, &first, 9)), &[&stolen(3, &first, 7)]),
        with_known(case("another report with the same number", "old", &stolen(3, &first, 9)), &[&stolen(3, &first, 7)]),
        with_known(case("the same report again", VALID, &stolen(3, &first, 7)), &[&stolen(3, &first, 7)]),
    ]
}

/// Cards that name a root.
fn cards() -> Vec<Case> {
    let card = |name: &str, verdict: &str, change: &dyn Fn(&mut PartyCard)| {
        let mut card = rooted_card("zhuhai");
        change(&mut card);
        Case::new(name, verdict).text("card", &json!(card).to_string())
    };
    let line = |signed: &SignedStatement| statement_text(signed).unwrap();
    let (first, next) = (first(), next());
    let own = word_of(&first, 0, None);
    vec![
        card("with a root and its certificate", VALID, &|_| {}),
        card("with what the root has said since", VALID, &|card| {
            card.statements.extend([line(&certified(2, &next, Some(&first))), line(&stolen(3, &first, 7))]);
        }),
        card("a root that the key did not sign", "possession", &|card| card.root = rooted_card("macau").root),
        card("a root of small order", "possession", &|card| card.root = Some(crate::key::Hex([0; 32]))),
        card("no certificate", "uncertified", &|card| card.statements.clear()),
        card("a certificate of another key only", "uncertified", &|card| card.statements = vec![line(&certified(1, &next, None))]),
        card("a certificate by another root", "statement", &|card| {
            card.statements = vec![line(&said_by(&fixed_root("macau"), "zhuhai", 1, own.clone()))];
        }),
        card("a certificate of another party", "statement", &|card| {
            card.statements.push(line(&said_by(&fixed_root("macau"), "macau", 2, own.clone())));
        }),
        card("what is no statement", "statement", &|card| card.statements.push("tk1.".to_owned())),
    ]
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
            named("of keys", [sayings(), forgeries()].concat()),
            named("proof", proofs()),
            named("stolen", thefts()),
            named("statement", statements()),
            named("card", cards()),
        ]
        .concat(),
    );
}
