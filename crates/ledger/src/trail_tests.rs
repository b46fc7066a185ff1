//! A log whose keys change: rotation, theft, and every forged variant of both.

use tongcha_domain::event::{Event, EventKind};
use tongcha_domain::keys::{KeyEnd, KeyFault};

use super::*;
use crate::checkpoint::{CheckpointError, LogKey, SignedCheckpoint, WitnessKey, witnesses_of};
use crate::entry::Tip;
use crate::key::PartySecrets;
use crate::merkle::{Frontier, MemoryHashes, TreeHead};
use crate::proof::EntryReceipt;
use crate::testing::{
    NOON, body, certified, event, header, next_secrets, party, root, rooted_directory, said, secrets,
};
use crate::token::{ConsentToken, TokenError};

/// Zhuhai's log, as it writes it.
#[derive(Clone, Default)]
struct Log {
    entries: Vec<(VerifiedEntry, SealedBody)>,
    tip: Tip,
}

impl Log {
    fn write(&mut self, event: impl Into<Event>, secrets: &PartySecrets) -> &(VerifiedEntry, SealedBody) {
        let body = body(event);
        let published = BodyKey::is_published(body.event.kind());
        let key = if published { BodyKey::published() } else { BodyKey([7; 32]) };
        let sealed = SealedBody::seal(&body, &key).unwrap();
        let Tip { count: seq, head: prev, recorded_at } = self.tip;
        let recorded_at = recorded_at.max(NOON);
        let header = Header { seq, prev, recorded_at, key_id: secrets.key_id(), ..header(&body, &sealed) };
        let entry = VerifiedEntry::sign(header, secrets).unwrap();
        self.tip = Tip::after(&entry);
        self.entries.push((entry, sealed));
        self.entries.last().unwrap()
    }

    fn notices(&mut self, count: usize, secrets: &PartySecrets) {
        for _ in 0..count {
            self.write(event(EventKind::UrgentRaised), secrets);
        }
    }

    fn say(&mut self, signed: SignedStatement, secrets: &PartySecrets) {
        self.write((signed, [party("hengqin"), party("macau")].into()), secrets);
    }
}

/// Who reads Zhuhai's log.
struct Reader {
    directory: Directory,
    trail: KeyTrail,
    taken: Vec<KeyId>,
}

impl Reader {
    fn new(directory: Directory) -> Self {
        Self { trail: KeyTrail::new(&directory, party("zhuhai")), directory, taken: Vec::new() }
    }

    fn take(&mut self, (entry, sealed): &(VerifiedEntry, SealedBody)) -> Result<(), EntryError> {
        let entry = VerifiedEntry::verify_adding(entry.bytes(), Some(sealed), &self.directory)?;
        let last_use = |key| self.taken.iter().rposition(|used| *used == key).map(|at| at as u64);
        if let Some(next) = self.trail.after(&entry, Some(sealed), &self.directory, last_use)? {
            self.trail = next;
        }
        self.taken.push(entry.header().key_id);
        Ok(())
    }

    /// Reads a log until something is refused.
    fn read(&mut self, log: &Log) -> Result<(), (u64, EntryError)> {
        log.entries.iter().try_for_each(|one| self.take(one).map_err(|error| (one.0.header().seq, error)))
    }
}

fn read(log: &Log) -> Result<(), (u64, EntryError)> {
    Reader::new(rooted_directory()).read(log)
}

fn fault(seq: u64, source: KeyFault) -> Result<(), (u64, EntryError)> {
    Err((seq, EntryError::Keys { seq, source }))
}

fn first() -> PartySecrets {
    secrets("zhuhai")
}

fn next() -> PartySecrets {
    next_secrets("zhuhai", 1)
}

/// Five entries under the first key, then the rotation to the next, as entry 5.
fn rotated() -> Log {
    let mut log = Log::default();
    log.notices(5, &first());
    log.say(certified(2, &next(), 5, Some(first().key_id())), &next());
    log
}

fn report(serial: u32, key: KeyId, cut: u64) -> SignedStatement {
    said("zhuhai", serial, KeyWord::Compromised { key: key.0, cut })
}

#[test]
fn a_rotation_is_read_from_the_log_alone() {
    let mut log = rotated();
    log.notices(3, &next());
    let mut reader = Reader::new(rooted_directory());
    reader.read(&log).unwrap();
    assert_eq!(reader.directory.party(party("zhuhai")).unwrap().key_id(), next().key_id());
    assert_eq!(reader.trail.times().unwrap().spans().len(), 2);
}

#[test]
fn the_former_key_signs_nothing_after_the_rotation() {
    let mut log = rotated();
    log.notices(1, &first());
    assert_eq!(read(&log), fault(6, KeyFault::Ended { how: KeyEnd::Replaced, until: 5 }));
}

#[test]
fn a_key_signs_nothing_before_the_log_adds_it() {
    let mut log = Log::default();
    log.notices(2, &first());
    log.notices(1, &next());
    assert_eq!(read(&log), Err((2, EntryError::UnknownKey { origin: party("zhuhai") })));
    // Also where the certificate is known from elsewhere.
    let mut reader = Reader::new(rooted_directory());
    reader.directory.learn(&certified(2, &next(), 0, None)).unwrap();
    assert_eq!(reader.read(&log), fault(2, KeyFault::NotAdded));
    let mut reader = Reader::new(rooted_directory());
    reader.directory.learn(&certified(2, &next(), 9, None)).unwrap();
    assert_eq!(reader.read(&log), fault(2, KeyFault::Early { from_seq: 9 }));
}

#[test]
fn a_key_that_introduces_itself_is_refused() {
    let word = next().certificate(0, "2028-06-30".parse().unwrap(), Some(first().key_id())).unwrap();
    let statement = tongcha_domain::keys::KeyStatement { party: party("zhuhai"), serial: 2, word };
    let forged = |root: &crate::root::RootSecret| {
        let mut log = Log::default();
        log.notices(2, &first());
        log.say(root.sign(statement.clone()).unwrap(), &next());
        read(&log)
    };
    let refused = EntryError::Statement { seq: 2, source: StatementError::Root(party("zhuhai")) };
    let own = crate::root::RootSecret::from_seed(party("zhuhai"), next().seeds().0);
    assert_eq!(forged(&own), Err((2, refused.clone())), "the new key itself");
    let thief = crate::root::RootSecret::from_seed(party("zhuhai"), first().seeds().0);
    assert_eq!(forged(&thief), Err((2, refused.clone())), "the former key, which a thief may have");
    assert_eq!(forged(&root("macau")), Err((2, refused)), "another party's root");
    forged(&root("zhuhai")).unwrap();
}

#[test]
fn what_is_said_must_be_of_the_own_keys_and_of_its_kind() {
    let mut log = Log::default();
    log.notices(1, &first());
    let mut macau = log.clone();
    let of_macau = root("macau").sign(tongcha_domain::keys::KeyStatement {
        party: party("macau"),
        serial: 2,
        word: KeyWord::Retired { key: secrets("macau").key_id().0 },
    });
    macau.say(of_macau.unwrap(), &first());
    let other = StatementError::OtherParty { expected: party("zhuhai"), found: party("macau") };
    assert_eq!(read(&macau), Err((1, EntryError::Statement { seq: 1, source: other })));
    // A retirement in the dress of an addition.
    let retired = said("zhuhai", 2, KeyWord::Retired { key: first().key_id().0 });
    let dressed = tongcha_domain::keys::KeyAdded { signed: retired, others: [party("hengqin"), party("macau")].into() };
    log.write(dressed, &first());
    assert_eq!(read(&log), Err((1, EntryError::Statement { seq: 1, source: StatementError::Body })));
}

#[test]
fn a_body_of_keys_that_not_everybody_can_open_is_refused() {
    let said = certified(2, &next(), 0, Some(first().key_id()));
    let body = body((said, [party("hengqin"), party("macau")].into()));
    let sealed = SealedBody::seal(&body, &BodyKey([7; 32])).unwrap();
    let header = Header { key_id: next().key_id(), ..header(&body, &sealed) };
    assert_eq!(sealed.check(&header), Err(crate::body::BodyError::Unpublished));
    let entry = VerifiedEntry::sign(header, &next()).unwrap();
    let refused = EntryError::Statement { seq: 0, source: StatementError::Body };
    assert_eq!(Reader::new(rooted_directory()).take(&(entry, sealed)), Err(refused));
}

#[test]
fn an_old_certificate_is_void_once_a_newer_was_taken() {
    let (second, third) = (next_secrets("zhuhai", 2), next_secrets("zhuhai", 3));
    let mut log = rotated();
    log.say(certified(4, &second, 0, Some(next().key_id())), &second);
    log.say(certified(3, &third, 0, Some(second.key_id())), &third);
    assert_eq!(read(&log), fault(7, KeyFault::Old { serial: 3, last: 4 }));
    let mut back = rotated();
    back.say(certified(1, &first(), 0, None), &first());
    assert_eq!(read(&back), fault(6, KeyFault::AddedBefore), "the former key with its own old certificate");
}

/// The drill: a thief has the first key. What was signed before the cut still verifies, what comes after is refused, on
/// every way in, and the owner goes on.
#[test]
fn after_a_theft_entries_from_the_cut_on_are_refused_and_earlier_ones_verify() {
    let mut log = Log::default();
    log.notices(20, &first());
    let mut reader = Reader::new(rooted_directory());
    reader.read(&log).unwrap();
    let stolen = report(3, first().key_id(), 20);
    // The thief writes on; the report comes by file before the owner's log says it.
    let mut thief = log.clone();
    thief.notices(3, &first());
    reader.directory.learn(&stolen).unwrap();
    let cut = KeyFault::Ended { how: KeyEnd::Compromised, until: 20 };
    for forged in &thief.entries[20..] {
        let seq = forged.0.header().seq;
        assert_eq!(reader.take(forged), Err(EntryError::Keys { seq, source: cut }));
    }
    for (earlier, _) in &log.entries {
        assert_eq!(VerifiedEntry::verify(earlier.bytes(), &reader.directory).as_ref(), Ok(earlier));
    }
    // The owner: the new key first, then the report, then on.
    log.say(certified(2, &next(), 20, Some(first().key_id())), &next());
    log.say(stolen, &next());
    log.notices(5, &next());
    for one in &log.entries[20..] {
        reader.take(one).unwrap();
    }
    assert_eq!(read(&log), Ok(()), "and whoever reads it from the beginning");
}

#[test]
fn a_theft_can_not_take_back_what_was_taken() {
    let mut log = rotated();
    log.say(report(3, first().key_id(), 4), &next());
    assert_eq!(read(&log), fault(6, KeyFault::TakesBack { cut: 4, used: 4 }));
    let mut log = rotated();
    log.say(report(3, first().key_id(), 7), &next());
    assert_eq!(read(&log), fault(6, KeyFault::Ahead { cut: 7 }));
    let mut forged = rotated();
    let statement = report(3, first().key_id(), 5).statement;
    let by_thief = crate::root::RootSecret::from_seed(party("zhuhai"), next().seeds().0).sign(statement).unwrap();
    forged.say(by_thief, &next());
    let refused = EntryError::Statement { seq: 6, source: StatementError::Root(party("zhuhai")) };
    assert_eq!(read(&forged), Err((6, refused)), "not by the root");
}

fn checkpoint(log: &Log, size: usize, directory: &Directory, secrets: &PartySecrets) -> SignedCheckpoint {
    let mut frontier = Frontier::default();
    log.entries.iter().take(size).for_each(|(entry, _)| frontier.push(&entry.leaf()));
    let keys = directory.key(party("zhuhai"), secrets.key_id()).unwrap().keys;
    SignedCheckpoint::sign(frontier.head(), &LogKey::new(&keys).unwrap(), secrets).unwrap()
}

#[test]
fn a_checkpoint_is_judged_by_the_last_entry_it_covers() {
    let mut log = rotated();
    log.notices(2, &next());
    let mut reader = Reader::new(rooted_directory());
    reader.read(&log).unwrap();
    let directory = reader.directory;
    let verify = |size, secrets: &PartySecrets| {
        let note = checkpoint(&log, size, &directory, secrets).note().to_string();
        let key = LogKey::of(&directory, party("zhuhai")).unwrap().unwrap();
        SignedCheckpoint::verify(note.as_bytes(), &key, &[]).map(|read| read.signer())
    };
    assert_eq!(verify(4, &first()), Ok(first().key_id()), "an old one, under the former key");
    assert_eq!(verify(8, &next()), Ok(next().key_id()));
    let early = CheckpointError::Keys(KeyFault::Early { from_seq: 5 });
    assert_eq!(verify(5, &next()), Err(early), "a tree from before its certificate");
    directory.learn(&report(3, first().key_id(), 5)).unwrap();
    assert_eq!(verify(5, &first()), Ok(first().key_id()));
    let cut = CheckpointError::Keys(KeyFault::Ended { how: KeyEnd::Compromised, until: 5 });
    assert_eq!(verify(6, &first()), Err(cut));
}

#[test]
fn old_receipts_verify_and_a_stolen_witness_counts_for_nothing() {
    let mut log = rotated();
    log.notices(2, &next());
    let mut hashes = MemoryHashes::default();
    log.entries.iter().take(4).for_each(|(entry, _)| hashes.append(&entry.leaf()));
    let mut reader = Reader::new(rooted_directory());
    reader.read(&log).unwrap();
    let directory = reader.directory;
    let mut published = checkpoint(&log, 4, &directory, &first());
    for name in ["macau", "hengqin"] {
        let witness = WitnessKey::new(&directory.party(party(name)).unwrap()).unwrap();
        let line = published.cosign(&TreeHead::EMPTY, &[], NOON, &witness, &secrets(name)).unwrap();
        published.add(line, &witness).unwrap();
    }
    let receipt = EntryReceipt::new(&log.entries[2].0, &published, &hashes).unwrap();
    // Zhuhai's key and Macau's have been replaced since.
    let macau = next_secrets("macau", 1);
    let word = macau.certificate(0, "2028-06-30".parse().unwrap(), Some(secrets("macau").key_id())).unwrap();
    directory.learn(&said("macau", 2, word)).unwrap();
    directory.switch(party("macau"), macau.key_id());
    assert_eq!(witnesses_of(party("zhuhai"), &directory).unwrap().len(), 3);
    let proven = receipt.verify(&directory).unwrap();
    assert!(proven.checkpoint.is_witnessed_by([party("macau"), party("hengqin")]));
    let stolen = KeyWord::Compromised { key: secrets("macau").key_id().0, cut: 900 };
    directory.learn(&said("macau", 3, stolen)).unwrap();
    let proven = receipt.verify(&directory).unwrap();
    assert!(!proven.checkpoint.is_witnessed_by([party("macau")]), "who has the key writes any time");
    assert!(proven.checkpoint.is_witnessed_by([party("hengqin")]));
}

#[test]
fn tokens_outlive_a_rotation_and_not_a_theft() {
    let (directory, zhuhai) = (rooted_directory(), first());
    let token =
        ConsentToken::issue(&crate::testing::claims(), &zhuhai, &directory, &mut crate::testing::rng(3)).unwrap();
    directory.learn(&certified(2, &next(), 0, Some(zhuhai.key_id()))).unwrap();
    directory.switch(party("zhuhai"), next().key_id());
    token.open(&directory, &secrets("macau")).unwrap();
    directory.learn(&report(3, zhuhai.key_id(), 50)).unwrap();
    assert_eq!(token.verify(&directory), Err(TokenError::Compromised(party("zhuhai"))));
    let again =
        ConsentToken::issue(&crate::testing::claims(), &next(), &directory, &mut crate::testing::rng(4)).unwrap();
    again.verify(&directory).unwrap();
}

#[test]
fn what_was_sealed_for_a_former_key_still_opens() {
    let (macau, zhuhai, directory) = (secrets("macau"), first(), rooted_directory());
    let channel = crate::channel::ChannelSender::establish(
        zhuhai.party(),
        &directory.party(macau.party()).unwrap(),
        &mut crate::testing::rng(1),
    );
    let wrapped = channel.unwrap().wrap(7, &BodyKey([3; 32])).unwrap();
    let (signing, sealing) = next_secrets("macau", 1).seeds();
    let rotated = PartySecrets::from_seeds(macau.party(), signing, sealing);
    let open = |secrets: &PartySecrets| {
        crate::channel::ChannelReceiver::default().unwrap(secrets, zhuhai.party(), 7, &wrapped)
    };
    assert!(open(&rotated).is_err());
    assert_eq!(open(&rotated.with_former_sealing([macau.seeds().1])), Ok(BodyKey([3; 32])));
}

#[test]
fn a_question_is_asked_with_the_key_that_the_log_has_come_to() {
    use crate::ask::AskError;
    use crate::matching::{MatchMessage, MatchStep, VERSION, open_message, seal_message};
    let directory = rooted_directory();
    let ask = |secrets: &PartySecrets| {
        let message = MatchMessage {
            version: VERSION,
            run: "0197f000-0000-7000-8000-000000003001".parse().unwrap(),
            from: party("zhuhai"),
            to: party("macau"),
            key_id: secrets.key_id(),
            session: [5; 16],
            no: 0,
            step: MatchStep::Ready,
        };
        let (bytes, _) = seal_message(&message, secrets, &directory, &mut crate::testing::rng(1)).unwrap();
        open_message(&bytes, party("zhuhai"), &secrets_of_macau(), &directory).map(|_| ())
    };
    assert_eq!(ask(&first()), Ok(()));
    directory.learn(&certified(2, &next(), 0, Some(first().key_id()))).unwrap();
    assert_eq!(ask(&next()), Err(AskError::UnknownKey(party("zhuhai"))), "certified, and not in the log yet");
    directory.switch(party("zhuhai"), next().key_id());
    assert_eq!(ask(&next()), Ok(()));
    assert_eq!(ask(&first()), Err(AskError::UnknownKey(party("zhuhai"))), "the former key");
    directory.switch(party("zhuhai"), first().key_id());
    directory.learn(&report(3, first().key_id(), 50)).unwrap();
    assert_eq!(ask(&first()), Err(AskError::Compromised(party("zhuhai"))));
}

fn secrets_of_macau() -> PartySecrets {
    secrets("macau")
}
