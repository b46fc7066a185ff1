//! What files hold of a log, and making them hold all of it again.

use std::io;

use tongcha_domain::id::PartyId;
use tongcha_ledger::body::{BodyKey, SealedBody};
use tongcha_ledger::checkpoint::{LogKey, SignedCheckpoint};
use tongcha_ledger::entry::{Header, VerifiedEntry};
use tongcha_ledger::frame::{FrameRead, Record, read_frame};
use tongcha_ledger::key::Directory;
use tongcha_ledger::slot::Slot;

use crate::body_keys::{KeyFile, KeyFileError};
use crate::core::note_file::NoteFile;
use crate::disk::Disk;
use crate::recovery::pending::PendingFile;
use crate::recovery::plan::{HeldBody, HeldEntry, Holding, Plan, Source};

/// Bytes of a file that are no entries of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotHeld {
    /// The file.
    pub file: String,
    /// Where the first of them are.
    pub offset: u64,
    /// How many.
    pub bytes: u64,
}

fn journal(origin: PartyId) -> String {
    format!("journal/{origin}.log")
}

fn aside(origin: PartyId, times: u64) -> String {
    format!("{}.before-recovery-{times}", journal(origin))
}

/// Reads what the party's own disk holds of a log: its journal, however damaged, and the journals that earlier recoveries
/// put aside.
///
/// # Errors
/// When the disk fails.
pub fn held_here(disk: &dyn Disk, origin: PartyId, directory: &Directory) -> io::Result<(Holding, Vec<NotHeld>)> {
    let mut holding = Holding { source: Source::Disk, entries: Vec::new() };
    let mut bad = Vec::new();
    // On the party's own disk an entry stands without its body only where its origin said that it is lost.
    let earlier = (1..).map(|times| aside(origin, times));
    for file in std::iter::once(journal(origin)).chain(earlier) {
        if disk.len(&file)? == 0 && file != journal(origin) {
            break;
        }
        bad.extend(read_file(disk, &file, (origin, directory), &HeldBody::Lost, &mut holding.entries)?);
    }
    Ok((holding, bad))
}

/// Reads what a copy of the party's data directory, or an export, holds of a log.
///
/// # Errors
/// When it can't be read.
pub fn held_copy(disk: &dyn Disk, name: &str, origin: PartyId, directory: &Directory) -> io::Result<Holding> {
    let mut holding = Holding { source: Source::Copy(name.to_owned()), entries: Vec::new() };
    for file in [journal(origin), format!("logs/{origin}.log")] {
        read_file(disk, &file, (origin, directory), &HeldBody::Absent, &mut holding.entries)?;
    }
    Ok(holding)
}

/// Reads every entry of a file that is signed by the log's party, wherever it stands, and passes over everything else. `without`
/// is what it means that there is no body.
fn read_file(
    disk: &dyn Disk,
    file: &str,
    (origin, directory): (PartyId, &Directory),
    without: &HeldBody,
    to: &mut Vec<HeldEntry>,
) -> io::Result<Option<NotHeld>> {
    let len = usize::try_from(disk.len(file)?).map_err(io::Error::other)?;
    let bytes = disk.read(file, 0, len)?;
    let keys = KeyFile::new(origin);
    let (mut at, mut bad) = (0, None);
    let mut skip = |at: usize, bytes: usize| {
        let bad = bad.get_or_insert(NotHeld { file: file.to_owned(), offset: at as u64, bytes: 0 });
        bad.bytes += bytes as u64;
    };
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        let FrameRead::Whole(Record { entry, body }, len) = read_frame(rest) else {
            skip(at, 1);
            at += 1;
            continue;
        };
        match VerifiedEntry::verify(&entry, directory) {
            Ok(entry) if entry.header().origin == origin => {
                let body = body.map_or(Ok(without.clone()), |sealed| held(disk, &keys, entry.header(), sealed))?;
                to.push(HeldEntry { entry, body });
            }
            Ok(_) | Err(_) => skip(at, len),
        }
        at += len;
    }
    Ok(bad)
}

fn held(disk: &dyn Disk, keys: &KeyFile, header: &Header, sealed: SealedBody) -> io::Result<HeldBody> {
    match keys.slot(disk, header.seq) {
        Ok(Slot::Key(key)) if sealed.open(&key, header).is_ok() => Ok(HeldBody::Open(sealed, key)),
        Ok(Slot::Destroyed) if sealed.check(header).is_ok() => Ok(HeldBody::Closed(sealed)),
        Ok(Slot::Key(_) | Slot::Destroyed | Slot::Empty) | Err(KeyFileError::Damaged { .. }) => Ok(HeldBody::Absent),
        Err(KeyFileError::Disk { source, .. }) => Err(source),
    }
}

/// Makes a log's files hold what was put together, and says whether anything was to be done. What is overwritten of the
/// journal is kept beside it. A recovery that is interrupted is done again from the beginning. `own`: the recovery is put
/// on record by the next start.
///
/// # Errors
/// When the disk fails.
pub fn restore(disk: &mut dyn Disk, plan: &Plan, own: bool) -> io::Result<bool> {
    let file = journal(plan.origin);
    let mut frames = Vec::new();
    for HeldEntry { entry, body } in &plan.entries {
        let body = match body {
            HeldBody::Open(sealed, _) | HeldBody::Closed(sealed) => Some(sealed.clone()),
            HeldBody::Lost | HeldBody::Absent => None,
        };
        frames.extend(Record { entry: entry.bytes().to_vec(), body }.to_frame().map_err(io::Error::other)?);
    }
    let slots = restored_slots(disk, plan)?;
    if !slots.is_empty() {
        KeyFile::new(plan.origin).restore(disk, &slots).map_err(io::Error::other)?;
    }
    let len = usize::try_from(disk.len(&file)?).map_err(io::Error::other)?;
    let old = disk.read(&file, 0, len)?;
    if old == frames {
        return Ok(!slots.is_empty());
    }
    if own {
        PendingFile::open(disk)?.0.replace(disk, Some(&plan.recovery))?;
    }
    let same = old.iter().zip(&frames).take_while(|(one, other)| one == other).count();
    if same < old.len() {
        let mut times = 1;
        while disk.len(&aside(plan.origin, times))? > 0 {
            times += 1;
        }
        disk.write(&aside(plan.origin, times), 0, &old)?;
        disk.sync(&aside(plan.origin, times))?;
        disk.truncate(&file, same as u64)?;
    }
    disk.write(&file, same as u64, frames.get(same..).unwrap_or_default())?;
    disk.sync(&file)?;
    Ok(true)
}

/// What we last signed of the own log and cosigned of a peer's stood on the disk that was lost. `note` is the largest tree of it
/// that somebody else has: of a peer's log no larger one was cosigned than the newest that the peer has signed, of the own log
/// none is witnessed but what a peer has cosigned. Nothing smaller is signed, shown or cosigned again: a peer that loses its own
/// disk later takes what we show for the newest.
///
/// # Errors
/// When the disk fails, or a note is not a checkpoint of the log.
pub fn raise_floor(
    disk: &mut dyn Disk,
    me: PartyId,
    origin: PartyId,
    note: &[u8],
    directory: &Directory,
) -> io::Result<()> {
    let unknown = || io::Error::other(format!("there is no card of {origin}"));
    let key = LogKey::of(directory, origin).map_err(io::Error::other)?.ok_or_else(unknown)?;
    let size = |note: &[u8]| {
        let verified = SignedCheckpoint::verify(note, &key, &[]).map_err(io::Error::other);
        verified.map(|checkpoint| checkpoint.head().size)
    };
    let name = if origin == me { "own" } else { origin.as_str() };
    let (mut file, kept) = NoteFile::open(disk, format!("evidence/{name}.note"))?;
    let (kept, newest) = (kept.map(|kept| size(&kept)).transpose()?, size(note)?);
    if kept.is_none_or(|kept| kept < newest) {
        file.replace(disk, note)?;
    }
    Ok(())
}

/// Returns the slots that do not hold what the restored bodies need. A whole slot whose body is lost is left: the body may
/// be found in a backup one day. One that a power cut has torn is emptied, because it can't be read.
fn restored_slots(disk: &dyn Disk, plan: &Plan) -> io::Result<Vec<(u64, Slot)>> {
    let keys = KeyFile::new(plan.origin);
    let mut slots = Vec::new();
    for HeldEntry { entry, body } in &plan.entries {
        let seq = entry.header().seq;
        let wanted = match body {
            HeldBody::Open(_, BodyKey(key)) => Slot::Key(BodyKey(*key)),
            HeldBody::Closed(_) => Slot::Destroyed,
            HeldBody::Lost | HeldBody::Absent => Slot::Empty,
        };
        match keys.slot(disk, seq) {
            Ok(found) if found == wanted || wanted == Slot::Empty => {}
            Ok(_) | Err(KeyFileError::Damaged { .. }) => slots.push((seq, wanted)),
            Err(KeyFileError::Disk { source, .. }) => return Err(source),
        }
    }
    Ok(slots)
}
