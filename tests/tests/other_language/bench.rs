//! An honest bundle in files, to be damaged, and the runs of the verifier over it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use tempfile::TempDir;
use tongcha_audit::bundle::Bundle;
use tongcha_audit::{keys, tiles};
use tongcha_domain::id::PartyId;
use tongcha_testbed::install;

use crate::common::{Draft, PARTIES, World, parties, party, world};

/// Entries of each log: enough for kinds that all read, some, and nobody else.
pub const ENTRIES: usize = 24;

/// What is done to an honest bundle: its name, the finding that is printed, and the deed. It returns the number that `{}` in the
/// finding stands for.
pub type Damage = (&'static str, &'static str, fn(&Bench) -> usize);

static PYTHON: LazyLock<PathBuf> = LazyLock::new(|| install::python().unwrap());

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

pub fn scripts() -> PathBuf {
    root().join("tests/verifier")
}

/// Runs a script; returns its exit code and what it said.
pub fn run(script: &Path, arguments: &[&Path]) -> (Option<i32>, String) {
    let ran = Command::new(&*PYTHON).arg("-B").arg(script).args(arguments).output().unwrap();
    let said = [ran.stdout, ran.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    (ran.status.code(), said)
}

/// Runs a few lines beside the scripts; returns what they print.
pub fn run_code(code: &str, arguments: &[&str]) -> String {
    let ran = Command::new(&*PYTHON).args(["-B", "-c", code]).args(arguments).env("PYTHONPATH", scripts()).output();
    let ran = ran.unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    String::from_utf8(ran.stdout).unwrap()
}

/// The bundle of a party, whose checkpoints cover everything and bear both cosignatures.
pub struct Bench {
    pub world: World,
    pub draft: Draft,
    pub path: PathBuf,
    _dir: TempDir,
}

impl Bench {
    pub fn new(entries: usize, holder: &str) -> Self {
        let world = world(1, entries);
        let draft = honest(&world, holder);
        Self::of(world, draft)
    }

    /// Writes a draft with its tiles.
    pub fn of(world: World, draft: Draft) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("bundle");
        draft.write(&path);
        let bundle = Bundle::open(&path).unwrap();
        tiles::write(&bundle, &keys::registered(&bundle).0).unwrap();
        Self { world, draft, path, _dir: dir }
    }

    pub fn fresh(&self) -> Self {
        Self::of(self.world.clone(), self.draft.clone())
    }

    /// Writes the bundle with other logs, cards, notes or list, by who can make checksums good; the tiles stay.
    pub fn edit(&self, change: impl FnOnce(&mut Draft)) {
        let mut draft = self.draft.clone();
        change(&mut draft);
        draft.replace(&self.draft, &self.path);
    }

    pub fn file(&self, name: &str, change: impl FnOnce(&mut Vec<u8>)) {
        let path = self.path.join(name);
        let mut bytes = std::fs::read(&path).unwrap();
        change(&mut bytes);
        std::fs::write(path, bytes).unwrap();
    }

    pub fn text(&self, name: &str, from: &str, to: &str) {
        self.file(name, |bytes| {
            let text = String::from_utf8(bytes.clone()).unwrap();
            assert!(text.contains(from), "{name} has no {from}");
            *bytes = text.replacen(from, to, 1).into_bytes();
        });
    }

    /// The first entry, not the very first of its log, of which something holds.
    pub fn find(&self, origin: PartyId, readers: impl Fn(&[&str]) -> bool) -> usize {
        let holds = |at: &usize| {
            let header = self.world.logs[&origin][*at].entry.header();
            readers(&header.audience.iter().map(PartyId::as_str).collect::<Vec<_>>())
        };
        (1..self.world.logs[&origin].len() - 1).find(holds).unwrap()
    }

    pub fn verify(&self) -> (Option<i32>, String) {
        run(&scripts().join("bundle.py"), &[&self.path])
    }

    /// The one finding there must be.
    pub fn finding(&self) -> String {
        let (code, said) = self.verify();
        assert_eq!(code, Some(1), "nothing found: {said}");
        said.trim_end().to_owned()
    }
}

/// What a party has, with checkpoints over everything.
pub fn honest(world: &World, holder: &str) -> Draft {
    let mut draft = world.draft(party(holder));
    for origin in parties() {
        let witnesses: Vec<_> = PARTIES.into_iter().filter(|name| *name != origin.as_str()).collect();
        let checkpoint = world.checkpoint(origin, world.logs[&origin].len(), &witnesses);
        draft.checkpoints.insert(origin, checkpoint.note().to_string().into_bytes());
    }
    draft
}
