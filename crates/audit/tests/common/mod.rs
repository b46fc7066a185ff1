//! Three parties with logs, and bundles of them in memory that can be forged before they are written.

// Each test file is a crate of its own and uses a part of this.
#![allow(dead_code)]

pub mod forge;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use indicatif::ProgressBar;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tongcha_audit::bundle::{Bundle, FORMAT, LogClaim, Manifest};
use tongcha_audit::replay::ReplayReport;
use tongcha_audit::verify::VerifyReport;
use tongcha_domain::event::Body;
use tongcha_domain::id::{CommandKey, PartyId};
use tongcha_domain::time::Instant;
use tongcha_ledger::body::{BodyKey, SealedBody};
use tongcha_ledger::canonical;
use tongcha_ledger::checkpoint::{LogKey, SignedCheckpoint, WitnessKey};
use tongcha_ledger::entry::{Header, Tip, VERSION, VerifiedEntry, leaf};
use tongcha_ledger::frame::{FrameRead, Record, read_frame};
use tongcha_ledger::key::{Directory, Hex, PartyCard, PartySecrets};
use tongcha_ledger::merkle::{Frontier, TreeHead};
use tongcha_ledger::slot::Slot;

pub const PARTIES: [&str; 3] = ["hengqin", "macau", "zhuhai"];

pub fn party(name: &str) -> PartyId {
    name.parse().unwrap()
}

pub fn parties() -> [PartyId; 3] {
    PARTIES.map(party)
}

// Made once: checking a key takes as long as some signatures.
static SECRETS: LazyLock<BTreeMap<PartyId, PartySecrets>> = LazyLock::new(|| {
    let generate =
        |party: PartyId| PartySecrets::generate(party, &mut StdRng::seed_from_u64(party.as_str().len() as u64));
    parties().map(|party| (party, generate(party))).into()
});
static CARDS: LazyLock<Vec<PartyCard>> =
    LazyLock::new(|| parties().map(|party| secrets(party).card("UABC").unwrap()).into());
static DIRECTORY: LazyLock<Directory> = LazyLock::new(|| Directory::new(CARDS.iter()).unwrap());
static BODIES: LazyLock<Vec<Body>> = LazyLock::new(read_bodies);

pub fn secrets(party: PartyId) -> &'static PartySecrets {
    &SECRETS[&party]
}

pub fn cards() -> Vec<PartyCard> {
    CARDS.clone()
}

pub fn directory() -> Directory {
    DIRECTORY.clone()
}

/// One body of every kind, as the published vectors have them.
pub fn bodies() -> Vec<Body> {
    BODIES.clone()
}

fn read_bodies() -> Vec<Body> {
    let vectors: serde_json::Value =
        serde_json::from_str(include_str!("../../../../proto-schemas/v1/vectors/bodies.json")).unwrap();
    let plain = |value: &serde_json::Value| hex::decode(value["postcard"].as_str().unwrap()).unwrap();
    let bodies = vectors["bodies"].as_object().unwrap().values().map(plain);
    let bodies = bodies.map(|bytes| canonical::decode::<Body>(&bytes, bytes.len()).unwrap());
    // What a log says of keys, and of what it lost, stands at one place only: `keys.rs` and `losses.rs` test it.
    bodies.filter(|body| !BodyKey::is_published(body.event.kind())).collect()
}

/// One entry and what only its readers have of it.
#[derive(Clone)]
pub struct Made {
    pub entry: VerifiedEntry,
    pub sealed: SealedBody,
    pub key: BodyKey,
    pub body: Body,
}

/// The logs of all parties, in full.
#[derive(Clone)]
pub struct World {
    pub logs: BTreeMap<PartyId, Vec<Made>>,
}

/// Makes logs of `entries` entries each; other seeds make other logs under the same keys.
pub fn world(seed: u64, entries: usize) -> World {
    let (mut world, mut rng) = (World { logs: BTreeMap::new() }, StdRng::seed_from_u64(seed));
    let bodies = bodies();
    for turn in 0..entries * PARTIES.len() {
        let origin = parties()[turn % PARTIES.len()];
        // Every kind comes up, and kinds that one party alone can read do not crowd the others out.
        let mut body = bodies[(turn / PARTIES.len() + rng.random_range(0..4)) % bodies.len()].clone();
        if let Some(command) = &mut body.command {
            command.key = CommandKey(rng.random());
        }
        world.append(origin, body, BodyKey(rng.random()));
    }
    world
}

impl World {
    pub fn tip(&self, origin: PartyId) -> Tip {
        self.logs.get(&origin).and_then(|log| log.last()).map_or_else(Tip::default, |made| Tip::after(&made.entry))
    }

    /// The header that an honest origin writes next.
    pub fn next_header(&self, origin: PartyId, body: &Body, sealed: &SealedBody) -> Header {
        let tip = self.tip(origin);
        let others = parties().into_iter().filter(|party| *party != origin);
        Header {
            version: VERSION,
            origin,
            seq: tip.count,
            prev: tip.head,
            recorded_at: Instant(1_782_878_400_000_000 + i64::try_from(tip.count).unwrap() * 60_000_000),
            key_id: secrets(origin).key_id(),
            kind: body.event.kind(),
            audience: body.event.readers().into_iter().chain([origin]).collect(),
            body_digest: sealed.digest(),
            body_len: sealed.ciphertext.len().try_into().unwrap(),
            seen: others.map(|party| (party, self.tip(party).count)).collect(),
        }
    }

    pub fn append(&mut self, origin: PartyId, body: Body, key: BodyKey) {
        let key = if BodyKey::is_published(body.event.kind()) { BodyKey::published() } else { key };
        let sealed = SealedBody::seal(&body, &key).unwrap();
        let header = self.next_header(origin, &body, &sealed);
        let entry = VerifiedEntry::sign(header, secrets(origin)).unwrap();
        self.logs.entry(origin).or_default().push(Made { entry, sealed, key, body });
    }

    /// The checkpoint over the first entries of a log, cosigned by the witnesses named.
    pub fn checkpoint(&self, origin: PartyId, size: usize, witnesses: &[&str]) -> SignedCheckpoint {
        let mut frontier = Frontier::default();
        self.logs[&origin][..size].iter().for_each(|made| frontier.push(&made.entry.leaf()));
        let keys = |party: PartyId| directory().party(party).unwrap().clone();
        let log = LogKey::new(&keys(origin)).unwrap();
        let mut checkpoint = SignedCheckpoint::sign(frontier.head(), &log, secrets(origin)).unwrap();
        for name in witnesses {
            let witness = WitnessKey::new(&keys(party(name))).unwrap();
            let now = Instant(1_790_000_000_000_000);
            let signature = checkpoint.cosign(&TreeHead::EMPTY, &[], now, &witness, secrets(party(name))).unwrap();
            checkpoint.add(signature, &witness).unwrap();
        }
        checkpoint
    }

    /// What a party has of all logs.
    pub fn draft(&self, party: PartyId) -> Draft {
        let mut draft = Draft {
            manifest: Manifest { format: FORMAT, party, state_root: None, logs: Vec::new() },
            cards: cards(),
            logs: BTreeMap::new(),
            keys: BTreeMap::new(),
            checkpoints: BTreeMap::new(),
        };
        for (&origin, log) in &self.logs {
            let tip = self.tip(origin);
            draft.manifest.logs.push(LogClaim { origin, count: tip.count, head: Hex(tip.head) });
            draft.logs.insert(origin, log.iter().map(|made| made.frame_for(party)).collect());
            draft.keys.insert(origin, log.iter().map(|made| made.slot_for(party)).collect());
        }
        draft
    }
}

impl Made {
    fn is_for(&self, party: PartyId) -> bool {
        self.entry.header().audience.contains(&party)
    }

    pub fn frame_for(&self, party: PartyId) -> Vec<u8> {
        let body = self.is_for(party).then(|| self.sealed.clone());
        Record { entry: self.entry.bytes().to_vec(), body }.to_frame().unwrap()
    }

    fn slot_for(&self, party: PartyId) -> Slot {
        if self.is_for(party) { Slot::Key(self.key.clone()) } else { Slot::Empty }
    }
}

/// A bundle in memory; logs are lists of frames, whose last may be none.
#[derive(Clone)]
pub struct Draft {
    pub manifest: Manifest,
    pub cards: Vec<PartyCard>,
    pub logs: BTreeMap<PartyId, Vec<Vec<u8>>>,
    pub keys: BTreeMap<PartyId, Vec<Slot>>,
    pub checkpoints: BTreeMap<PartyId, Vec<u8>>,
}

impl Draft {
    pub fn log(&mut self, origin: PartyId) -> &mut Vec<Vec<u8>> {
        self.logs.get_mut(&origin).unwrap()
    }

    /// Changes the record of a frame; the frame's checksum is made good.
    pub fn edit(&mut self, origin: PartyId, at: usize, change: impl FnOnce(&mut Record)) {
        let frame = &mut self.log(origin)[at];
        let mut record = read(frame);
        change(&mut record);
        *frame = record.to_frame().unwrap();
    }

    /// Where a frame begins in its file.
    pub fn offset(&self, origin: PartyId, at: u64) -> u64 {
        let frames = self.logs.get(&origin).map_or(&[][..], Vec::as_slice);
        frames.iter().take(usize::try_from(at).unwrap()).map(|frame| frame.len() as u64).sum()
    }

    /// Lists what is there, as one who changes a log can.
    pub fn relist(&mut self) {
        for claim in &mut self.manifest.logs {
            let frames = self.logs.get(&claim.origin).map_or(&[][..], Vec::as_slice);
            claim.count = frames.len() as u64;
            claim.head = Hex(frames.last().map_or([0; 32], |frame| leaf(&read(frame).entry)));
        }
    }

    pub fn write(&self, path: &Path) {
        for dir in ["cards", "logs", "body-keys"] {
            fs::create_dir_all(path.join(dir)).unwrap();
        }
        fs::write(path.join("bundle.toml"), toml::to_string(&self.manifest).unwrap()).unwrap();
        self.write_cards(&path.join("cards"));
        fs::create_dir_all(path.join("checkpoints")).unwrap();
        for (origin, note) in &self.checkpoints {
            fs::write(path.join("checkpoints").join(format!("{origin}.note")), note).unwrap();
        }
        self.write_logs(&path.join("logs"), &path.join("body-keys"));
    }

    /// Writes over a bundle that holds `other` what is different in this one.
    pub fn replace(&self, other: &Self, path: &Path) {
        if self.manifest != other.manifest {
            fs::write(path.join("bundle.toml"), toml::to_string(&self.manifest).unwrap()).unwrap();
        }
        if self.cards != other.cards {
            fs::remove_dir_all(path.join("cards")).unwrap();
            self.write_cards(&path.join("cards"));
        }
        let file = |path: std::path::PathBuf, bytes: Option<Vec<u8>>| match bytes {
            Some(bytes) => fs::write(path, bytes).unwrap(),
            None => fs::remove_file(path).unwrap(),
        };
        for origin in parties() {
            if self.logs.get(&origin) != other.logs.get(&origin) {
                let path = path.join("logs").join(format!("{origin}.log"));
                file(path, self.logs.get(&origin).map(|frames| frames.concat()));
            }
            if self.checkpoints.get(&origin) != other.checkpoints.get(&origin) {
                let path = path.join("checkpoints").join(format!("{origin}.note"));
                file(path, self.checkpoints.get(&origin).cloned());
            }
        }
    }

    pub fn write_cards(&self, dir: &Path) {
        fs::create_dir_all(dir).unwrap();
        for (place, card) in self.cards.iter().enumerate() {
            fs::write(dir.join(format!("{place}.toml")), toml::to_string(card).unwrap()).unwrap();
        }
    }

    pub fn write_logs(&self, logs: &Path, keys: &Path) {
        for dir in [logs, keys] {
            fs::create_dir_all(dir).unwrap();
        }
        for (origin, frames) in &self.logs {
            fs::write(logs.join(format!("{origin}.log")), frames.concat()).unwrap();
        }
        for (origin, slots) in &self.keys {
            let slots: Vec<u8> = slots.iter().flat_map(Slot::to_bytes).collect();
            fs::write(keys.join(format!("{origin}.keys")), slots).unwrap();
        }
    }
}

pub fn read(frame: &[u8]) -> Record {
    let FrameRead::Whole(record, _) = read_frame(frame) else { panic!("no frame") };
    record
}

/// Drafts written to disk, in a directory that goes away with this.
pub struct Written {
    pub dir: tempfile::TempDir,
    pub paths: Vec<PathBuf>,
}

pub fn write(drafts: &[&Draft]) -> Written {
    let dir = tempfile::tempdir().unwrap();
    let paths: Vec<_> = (0..drafts.len()).map(|place| dir.path().join(format!("bundle-{place}"))).collect();
    drafts.iter().zip(&paths).for_each(|(draft, path)| draft.write(path));
    Written { dir, paths }
}

impl Written {
    pub fn bundles(&self) -> Vec<Bundle> {
        self.paths.iter().map(|path| Bundle::open(path).unwrap()).collect()
    }
}

pub fn verify(drafts: &[&Draft], trusted: Option<&Directory>) -> VerifyReport {
    let written = write(drafts);
    tongcha_audit::verify::verify(&written.bundles(), trusted, &ProgressBar::hidden()).unwrap()
}

pub fn replay(drafts: &[&Draft], party: PartyId) -> ReplayReport {
    let written = write(drafts);
    tongcha_audit::replay::replay(&written.bundles(), party, None, None, &ProgressBar::hidden()).unwrap()
}

/// What a report found: code, origin, position, offset.
pub fn found(findings: &[tongcha_audit::finding::Finding]) -> Vec<(&'static str, PartyId, u64, u64)> {
    findings.iter().map(|f| (f.reason.code(), f.origin, f.seq, f.offset)).collect()
}
