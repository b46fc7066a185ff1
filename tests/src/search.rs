//! A search through the files of all parties as somebody would make it who has stolen every disk: for a text as it is, and for
//! every body that bears it and that a key found anywhere opens.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use tongcha_ledger::body::{BodyKey, SealedBody};
use tongcha_ledger::canonical;
use tongcha_ledger::entry::{Header, read};
use tongcha_ledger::frame::{FrameRead, read_frame};
use tongcha_ledger::slot::{SLOT_LEN, Slot};

use crate::cluster::Cluster;
use crate::parties::Side;

/// What a search through all files finds.
#[derive(Debug, Default)]
pub struct Search {
    /// Files looked at.
    pub files: usize,
    /// Bytes in them.
    pub bytes: usize,
    /// Different keys found.
    pub keys: usize,
    /// Files that hold the marker as it is.
    pub plain: Vec<PathBuf>,
    /// Copies of a body that bears the marker and that a key found anywhere opens.
    pub opened: usize,
    /// Files of brokers that hold the sealed body.
    pub at_brokers: Vec<PathBuf>,
}

fn files_below(dir: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() { files_below(&path, found)? } else { found.push(path) }
    }
    Ok(())
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// Reads a log or a bundle's log as far as it is one.
fn bodies(mut bytes: &[u8]) -> Result<Vec<(Header, SealedBody)>> {
    let mut found = Vec::new();
    while let FrameRead::Whole(record, length) = read_frame(bytes) {
        let (header, _) = read(&record.entry)?;
        found.extend(record.body.map(|sealed| (header, sealed)));
        bytes = bytes.get(length..).unwrap_or_default();
    }
    Ok(found)
}

/// Looks through every file below a directory: for the marker, for every key in any file of slots, for every body that one of
/// them opens, and for the sealed bytes of `erased` at the brokers.
///
/// # Errors
/// When a file can't be read.
pub fn search(root: &Path, marker: &str, erased: &SealedBody) -> Result<Search> {
    let mut paths = Vec::new();
    files_below(root, &mut paths)?;
    let (mut search, mut keys, mut sealed) = (Search::default(), BTreeMap::new(), Vec::new());
    for path in paths {
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            // A service or a broker that runs has just removed it.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error).with_context(|| path.display().to_string()),
        };
        search.files += 1;
        search.bytes += bytes.len();
        if contains(&bytes, marker.as_bytes()) {
            search.plain.push(path.clone());
        }
        let below = |name: &str| path.components().any(|part| part.as_os_str() == name);
        if below("nats") && contains(&bytes, erased.ciphertext.get(..64).context("a long body")?) {
            search.at_brokers.push(path.clone());
        }
        match path.extension().and_then(|name| name.to_str()) {
            Some("keys") => {
                let slots = bytes.chunks_exact(SLOT_LEN).filter_map(|slot| Slot::from_bytes(slot.first_chunk()?));
                for slot in slots {
                    if let Slot::Key(key) = slot {
                        keys.insert(key.hash(), key);
                    }
                }
            }
            Some("log") if below("journal") || below("logs") => sealed.extend(bodies(&bytes)?),
            Some(_) | None => {}
        }
    }
    search.keys = keys.len();
    let opens = |key: &BodyKey, header: &Header, body: &SealedBody| -> Option<bool> {
        let plain = canonical::encode(&body.open(key, header).ok()?).ok()?;
        Some(contains(&plain, marker.as_bytes()))
    };
    let opened = |(header, body): &&(Header, SealedBody)| {
        keys.get(&body.key_hash).and_then(|key| opens(key, header, body)).unwrap_or(false)
    };
    search.opened = sealed.iter().filter(opened).count();
    Ok(search)
}

/// Returns the sealed body of an entry of a party's own log.
///
/// # Errors
/// When there is none.
pub fn sealed_at(cluster: &Cluster, side: Side, seq: u64) -> Result<SealedBody> {
    let journal = std::fs::read(cluster.home(side)?.data().join(format!("journal/{}.log", side.name)))?;
    let found = bodies(&journal)?.into_iter().find(|(header, _)| header.seq == seq);
    Ok(found.context("the entry has a body")?.1)
}
