//! What the watcher makes of files that appear, change, are half-written, are junk, are of others, and go.

use std::path::Path;

use rand::SeedableRng;
use rand::rngs::StdRng;
use tongcha_domain::id::PartyId;
use tongcha_domain::keys::{KeyStatement, KeyWord};
use tongcha_ledger::key::{Directory, PartySecrets};
use tongcha_ledger::root::{RootSecret, statement_text};

use super::*;

fn party(name: &str) -> PartyId {
    name.parse().unwrap()
}

fn root(name: &str) -> RootSecret {
    RootSecret::generate(party(name), &mut StdRng::seed_from_u64(name.len() as u64))
}

fn keys(number: u64) -> PartySecrets {
    PartySecrets::generate(party("zhuhai"), &mut StdRng::seed_from_u64(100 + number))
}

fn said_by(root: &RootSecret, serial: u32, word: KeyWord) -> SignedStatement {
    root.sign(KeyStatement { party: root.party(), serial, word }).unwrap()
}

fn certified(serial: u32, secrets: &PartySecrets) -> SignedStatement {
    said_by(&root("zhuhai"), serial, secrets.certificate(0, "2028-06-30".parse().unwrap(), None).unwrap())
}

fn stolen(serial: u32, secrets: &PartySecrets, cut: u64) -> SignedStatement {
    said_by(&root("zhuhai"), serial, KeyWord::Compromised { key: secrets.key_id().0, cut })
}

/// A core that knows Zhuhai's card, takes up what its root says, and has no logs.
struct Fake {
    directory: Directory,
    /// Whether Zhuhai's log says what the files say.
    said: bool,
}

impl Fake {
    fn new() -> Self {
        let card = keys(1).rooted_card("UABC", &root("zhuhai"), &certified(1, &keys(1))).unwrap();
        Self { directory: Directory::new(&[card]).unwrap(), said: false }
    }

    fn cut(&self) -> Option<u64> {
        self.directory.key(party("zhuhai"), keys(1).key_id()).unwrap().cut
    }
}

impl Takes for Fake {
    fn take(&mut self, signed: &SignedStatement) -> StatementTaken {
        let known = self.directory.statements(signed.statement.party).contains(signed);
        match self.directory.learn(signed) {
            Ok(()) if known => StatementTaken::Known,
            Ok(()) => StatementTaken::Taken,
            Err(tongcha_ledger::directory::StatementError::Old { .. }) => StatementTaken::Superseded,
            Err(error) => StatementTaken::Refused(error.to_string()),
        }
    }

    fn rests_on_file(&self, _: &SignedStatement) -> bool {
        !self.said
    }
}

/// A directory of cards, who watches it, and for whom.
struct Scene {
    dir: tempfile::TempDir,
    watch: Watch,
    core: Fake,
}

impl Scene {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap(), watch: Watch::default(), core: Fake::new() }
    }

    fn path(&self, file: &str) -> std::path::PathBuf {
        self.dir.path().join(file)
    }

    fn write(&self, file: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.path(file), content).unwrap();
    }

    fn put(&self, file: &str, signed: &SignedStatement) {
        self.write(file, text(signed));
    }

    fn remove(&self, file: &str) {
        std::fs::remove_file(self.path(file)).unwrap();
    }

    fn look(&mut self) -> BTreeMap<String, String> {
        self.watch.look(read_statements(self.dir.path()).unwrap(), &mut self.core)
    }

    /// Looks once; returns the files that are alarmed.
    fn alarmed(&mut self) -> Vec<String> {
        self.look().into_keys().collect()
    }
}

fn text(signed: &SignedStatement) -> String {
    format!("# zhuhai, for people\n{}\n", statement_text(signed).unwrap())
}

const NONE: [&str; 0] = [];

#[test]
fn a_file_that_appears_counts_at_the_next_look_and_is_said_once() {
    let mut scene = Scene::new();
    assert_eq!((scene.alarmed(), scene.core.cut()), (vec![], None));
    scene.put("stolen.statement", &stolen(2, &keys(1), 7));
    scene.write("notes.txt", "no statement by its name");
    assert_eq!((scene.alarmed(), scene.core.cut()), (vec![], Some(7)));
    assert_eq!(scene.alarmed(), NONE);
    assert_eq!(scene.watch.counted.len(), 1);
}

#[test]
fn a_file_that_is_still_being_written_is_not_alarmed_and_counts_when_it_is_whole() {
    let mut scene = Scene::new();
    let whole = text(&stolen(2, &keys(1), 7));
    for written in [0, 10, 40, whole.len() - 30] {
        scene.write("stolen.statement", &whole[..written]);
        assert_eq!((scene.alarmed(), scene.core.cut()), (vec![], None), "{written} bytes");
    }
    scene.write("stolen.statement", &whole);
    assert_eq!((scene.alarmed(), scene.core.cut()), (vec![], Some(7)));
    // Written anew in its place, it counts on meanwhile, and nobody is called.
    scene.write("stolen.statement", &whole[..50]);
    assert_eq!((scene.alarmed(), scene.core.cut()), (vec![], Some(7)));
    scene.write("stolen.statement", &whole);
    assert_eq!(scene.alarmed(), NONE);
    assert_eq!(scene.watch.counted.len(), 1);
}

#[test]
fn junk_is_alarmed_changes_nothing_and_keeps_no_other_file_from_counting() {
    let good = text(&stolen(2, &keys(1), 7));
    let junk: [(&str, Vec<u8>); 7] = [
        ("empty", Vec::new()),
        ("words", b"# nothing but a comment\n".to_vec()),
        ("a token", b"tc1.AAAA\n".to_vec()),
        ("no text", vec![0xFF; 40]),
        ("a line too many", format!("{good}and so on\n").into_bytes()),
        ("one character", good.replacen("tk1.", "tk1.A", 1).into_bytes()),
        ("far too long", b"#".repeat(1 << 20)),
    ];
    for (what, content) in junk {
        let mut scene = Scene::new();
        scene.write("a.statement", &content);
        assert_eq!(scene.alarmed(), NONE, "{what}: it may be half-written");
        assert_eq!(scene.alarmed(), ["a.statement"], "{what}");
        assert_eq!(scene.core.cut(), None, "{what}");
        scene.put("b.statement", &stolen(2, &keys(1), 9));
        assert_eq!((scene.alarmed(), scene.core.cut()), (vec!["a.statement".to_owned()], Some(9)), "{what}");
        scene.remove("a.statement");
        assert_eq!(scene.alarmed(), NONE, "{what}");
    }
}

#[test]
fn what_is_no_file_is_alarmed_and_not_waited_for() {
    let mut scene = Scene::new();
    std::fs::create_dir(scene.path("dir.statement")).unwrap();
    let made = std::process::Command::new("mkfifo").arg(scene.path("pipe.statement")).status();
    assert!(made.unwrap().success());
    scene.look();
    let alarms = scene.look();
    assert_eq!(alarms.keys().collect::<Vec<_>>(), ["dir.statement", "pipe.statement"]);
    assert!(alarms.values().all(|alarm| alarm.contains("not a file")), "{alarms:?}");
}

#[test]
fn of_another_party_or_signed_by_another_it_is_alarmed_and_changes_nothing() {
    let mut scene = Scene::new();
    let word = KeyWord::Compromised { key: keys(1).key_id().0, cut: 3 };
    scene.put("a.statement", &said_by(&root("macau"), 2, word.clone()));
    let forged = root("macau").sign(KeyStatement { party: party("zhuhai"), serial: 2, word }).unwrap();
    scene.put("b.statement", &forged);
    let alarms = scene.look();
    assert!(alarms["a.statement"].contains("macau has no card here"), "{alarms:?}");
    assert!(alarms["b.statement"].contains("not signed by the root key of zhuhai"), "{alarms:?}");
    assert_eq!((scene.core.cut(), scene.watch.counted.len()), (None, 0));
}

#[test]
fn a_file_that_changes_counts_as_changed() {
    let mut scene = Scene::new();
    scene.put("a.statement", &certified(2, &keys(2)));
    assert_eq!(scene.alarmed(), NONE);
    scene.put("a.statement", &stolen(3, &keys(1), 7));
    let alarms = scene.look();
    assert!(alarms["a.statement"].contains("before the log of zhuhai says the same"), "the certificate: {alarms:?}");
    assert_eq!(scene.core.cut(), Some(7));
    scene.core.said = true;
    assert_eq!(scene.alarmed(), NONE);
}

#[test]
fn a_file_that_is_taken_away_is_alarmed_until_the_log_says_it_or_it_is_back() {
    let mut scene = Scene::new();
    scene.put("a.statement", &stolen(2, &keys(1), 7));
    scene.look();
    scene.remove("a.statement");
    for _ in 0..2 {
        assert_eq!((scene.alarmed(), scene.core.cut()), (vec!["a.statement".to_owned()], Some(7)), "it counts on");
    }
    scene.put("again.statement", &stolen(2, &keys(1), 7));
    assert_eq!(scene.alarmed(), NONE);
    scene.remove("again.statement");
    scene.core.said = true;
    assert_eq!(scene.alarmed(), NONE);
    assert_eq!(scene.watch.counted.len(), 0);
}

#[test]
fn a_report_of_a_key_that_is_not_known_yet_is_handed_in_again() {
    let mut scene = Scene::new();
    scene.put("a.statement", &stolen(3, &keys(2), 7));
    assert!(scene.look()["a.statement"].contains("not known"));
    // The certificate comes later, in a file whose name comes later: the order is that of the numbers.
    scene.put("b.statement", &certified(2, &keys(2)));
    assert_eq!(scene.alarmed(), NONE);
    assert_eq!(scene.core.directory.key(party("zhuhai"), keys(2).key_id()).unwrap().cut, Some(7));
}

#[test]
fn an_older_report_beside_a_newer_one_is_no_alarm() {
    let mut scene = Scene::new();
    scene.put("late.statement", &stolen(4, &keys(1), 10));
    assert_eq!(scene.alarmed(), NONE);
    scene.put("early.statement", &stolen(3, &keys(1), 7));
    assert_eq!((scene.alarmed(), scene.core.cut()), (vec![], Some(10)));
}

#[test]
fn a_file_may_hold_several_statements() {
    let mut scene = Scene::new();
    let both = [certified(2, &keys(2)), stolen(3, &keys(1), 7)].map(|signed| text(&signed)).concat();
    scene.write("both.statement", both.replace('\n', "\r\n"));
    assert_eq!((scene.alarmed(), scene.core.cut()), (vec![], Some(7)));
    assert_eq!(scene.watch.counted.len(), 2);
}

#[test]
fn a_directory_that_is_not_there_can_not_be_read() {
    assert!(read_statements(Path::new("/nowhere/cards")).is_err());
}
