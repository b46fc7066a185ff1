//! A bundle's logs in the form of C2SP tlog-tiles, for any third-party tool of these formats, and receipts made from them.
//!
//! ```text
//! <party>/checkpoint            the signed note, when the bundle has one
//! <party>/tile/<L>/…            hashes, as far as the checkpoint goes
//! <party>/tile/entries/…        entries
//! <party>/vkey                  the log's note verifier key
//! <party>/cosigners             the witnesses' verifier keys, one a line
//! <party>/bodies/…              beside each bundle of entries its sealed bodies: length u32 BE ‖ key hash ‖
//!                               ciphertext, length 0 for a body that is not here
//! ```
//!
//! Without a checkpoint nothing of a log is written: its tiles would not be what anybody signed.

use std::fs;
use std::path::Path;

use tongcha_domain::id::PartyId;
use tongcha_ledger::checkpoint::{LogKey, SignedCheckpoint, witnesses_of};
use tongcha_ledger::entry::leaf;
use tongcha_ledger::frame::{FrameRead, Record, read_frame};
use tongcha_ledger::key::Directory;
use tongcha_ledger::merkle::MemoryHashes;
use tongcha_ledger::tile::{EntryBundle, HashTile, TilePath};

use crate::bundle::Bundle;
use crate::checkpoints;
use crate::frames::Frames;
use crate::input::InputError;

/// A log of a bundle, read into memory as far as its checkpoint goes.
pub struct CheckedLog {
    /// The checkpoint, its signatures verified.
    pub checkpoint: SignedCheckpoint,
    /// Hashes of the entries.
    pub hashes: MemoryHashes,
    /// Entries with their sealed bodies.
    pub records: Vec<Record>,
}

impl CheckedLog {
    /// Reads a log; none when the bundle has no checkpoint of it.
    ///
    /// # Errors
    /// When a file can't be read, or the checkpoint is refused. Whether the entries lead to its root is for a
    /// verification to say.
    pub fn read(bundle: &Bundle, origin: PartyId, directory: &Directory) -> Result<Option<Self>, InputError> {
        let Some(note) = bundle.checkpoint(origin)? else { return Ok(None) };
        let path = bundle.log_path(origin);
        let refused = |error| InputError::syntax(&path, &format!("checkpoint: {error}"));
        let checkpoint = checkpoints::open(&note, origin, directory).map_err(refused)?;
        let size = usize::try_from(checkpoint.head().size).unwrap_or(usize::MAX);
        let (mut hashes, mut records) = (MemoryHashes::default(), Vec::new());
        let mut frames = Frames::new(bundle.open_log(origin)?);
        loop {
            let chunk = frames.next_chunk().map_err(InputError::io(&path))?;
            for span in chunk.spans(0) {
                let FrameRead::Whole(record, _) = read_frame(span.bytes) else { break };
                if records.len() < size {
                    hashes.append(&leaf(&record.entry));
                    records.push(record);
                }
            }
            if chunk.is_empty() || records.len() == size {
                break;
            }
        }
        if records.len() < size {
            return Err(InputError::syntax(&path, &format!("{} entries, the checkpoint has {size}", records.len())));
        }
        Ok(Some(Self { checkpoint, hashes, records }))
    }
}

/// Writes every log of a bundle that has a checkpoint, beside the bundle's own files.
///
/// # Errors
/// When a file can't be read or written.
pub fn write(bundle: &Bundle, directory: &Directory) -> Result<(), InputError> {
    for origin in bundle.origins()? {
        let Some(log) = CheckedLog::read(bundle, origin, directory)? else { continue };
        write_log(&bundle.path.join(origin.as_str()), origin, &log, directory)?;
    }
    Ok(())
}

fn write_log(dir: &Path, origin: PartyId, log: &CheckedLog, directory: &Directory) -> Result<(), InputError> {
    let put = |path: &str, bytes: &[u8]| {
        let path = dir.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(InputError::io(parent))?;
        }
        fs::write(&path, bytes).map_err(InputError::io(&path))
    };
    let syntax = |error: &dyn std::fmt::Display| InputError::syntax(dir, error);
    let size = log.checkpoint.head().size;
    put("checkpoint", log.checkpoint.note().to_string().as_bytes())?;
    for tile in HashTile::between(0, size) {
        put(&TilePath::Hashes(tile).to_string(), &tile.read(&log.hashes).map_err(|e| syntax(&e))?)?;
    }
    for bundle in EntryBundle::between(0, size) {
        let first = usize::try_from(bundle.run().start()).unwrap_or(usize::MAX);
        let records = || log.records.iter().skip(first).take(bundle.run().width().into());
        let bytes = bundle.write(records().map(|record| record.entry.as_slice())).map_err(|e| syntax(&e))?;
        put(&TilePath::Entries(bundle).to_string(), &bytes)?;
        let bodies = records().flat_map(|record| {
            let body =
                record.body.as_ref().map_or_else(Vec::new, |body| [&body.key_hash[..], &body.ciphertext].concat());
            [&u32::try_from(body.len()).unwrap_or(u32::MAX).to_be_bytes()[..], &body].concat()
        });
        put(&format!("bodies/{}", bundle.run()), &bodies.collect::<Vec<u8>>())?;
    }
    if let Some(key) = LogKey::of(directory, origin).ok().flatten() {
        let signer = key.verifier_of(log.checkpoint.signer()).unwrap_or_else(|| key.verifier());
        put("vkey", format!("{signer}\n").as_bytes())?;
    }
    let witnesses = witnesses_of(origin, directory).unwrap_or_default();
    let lines: String = witnesses.iter().map(|key| format!("{}\n", key.verifier())).collect();
    put("cosigners", lines.as_bytes())
}
