//! Forks: several copies of one log must be the same as far as both go.
//!
//! Only the good parts are compared. Where two good parts differ, the origin has signed two entries for one position:
//! that is the proof of a fork, and the two entries are the evidence.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use tongcha_domain::id::PartyId;
use tongcha_ledger::frame::{FrameRead, Record, read_frame};

use crate::finding::{Finding, Reason};
use crate::frames::Frames;
use crate::input::InputError;

/// A copy of a log, and how far it is good.
#[derive(Clone, Debug)]
pub struct Copy {
    /// The bundle.
    pub bundle: PathBuf,
    /// The file.
    pub file: PathBuf,
    /// How many entries are good.
    pub good: u64,
}

/// Compares every copy of each log with the longest one; copies equal to it are equal to each other.
///
/// # Errors
/// When a file can't be read.
pub fn compare(copies: &BTreeMap<PartyId, Vec<Copy>>) -> Result<Vec<Finding>, InputError> {
    let mut findings = Vec::new();
    for (&origin, copies) in copies {
        let Some(longest) = copies.iter().max_by_key(|copy| copy.good) else { continue };
        for copy in copies.iter().filter(|copy| copy.file != longest.file) {
            let differing = first_difference(&longest.file, &copy.file, copy.good).map_err(InputError::io(&copy.file));
            if let Some((seq, offset)) = differing? {
                let reason = Reason::Fork { other: longest.bundle.clone() };
                findings.push(Finding { bundle: copy.bundle.clone(), origin, seq, offset, reason });
            }
        }
    }
    Ok(findings)
}

// Position and offset in `other` of the first of `count` entries that is not the same in both files.
fn first_difference(one: &Path, other: &Path, count: u64) -> io::Result<Option<(u64, u64)>> {
    let (mut ones, mut others) = (entries(File::open(one)?), entries(File::open(other)?));
    for seq in 0..count {
        let (Some(one), Some(other)) = (ones.next().transpose()?, others.next().transpose()?) else {
            return Err(io::Error::other("the log was changed while it was read"));
        };
        if one.1 != other.1 {
            return Ok(Some((seq, other.0)));
        }
    }
    Ok(None)
}

// Offset and bytes of each entry; ends where the file is damaged.
fn entries(file: File) -> impl Iterator<Item = io::Result<(u64, Vec<u8>)>> {
    let mut frames = Frames::new(file);
    std::iter::from_fn(move || {
        let chunk = match frames.next_chunk() {
            Ok(chunk) if chunk.is_empty() => return None,
            Ok(chunk) => chunk,
            Err(error) => return Some(vec![Err(error)]),
        };
        let entry = |span: crate::frames::Span<'_>| match read_frame(span.bytes) {
            FrameRead::Whole(Record { entry, .. }, _) => Some(Ok((span.offset, entry))),
            FrameRead::Torn | FrameRead::Damaged => None,
        };
        Some(chunk.spans(0).map_while(entry).collect())
    })
    .flatten()
}
