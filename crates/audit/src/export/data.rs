//! Export from a data directory: `journal/<origin>.log`, `evidence/*.note`, `body-keys/<origin>.keys`; nothing in it is changed.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use serde::Serialize;
use tongcha_domain::id::PartyId;
use tongcha_ledger::entry::{self, leaf};
use tongcha_ledger::frame::{FrameRead, Record, read_frame};
use tongcha_ledger::key::Hex;
use tongcha_ledger::note_slots;
use tongcha_ledger::root::statement_text;
use tongcha_ledger::slot::SLOT_LEN;
use tongcha_ledger::trail::{says_of_keys, statement_of};

use super::Writer;
use crate::bundle::{FORMAT, LogClaim, Manifest, log_path, origins_in};
use crate::frames::Frames;
use crate::input::InputError;
use crate::keys::{keys_path, read_cards};

/// Bytes of a journal after its last whole frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Excess {
    /// Whose log.
    pub origin: PartyId,
    /// Where they begin.
    pub offset: u64,
    /// Whether they are the beginning of a frame, as an interrupted write leaves it: these are left out. Anything else
    /// is evidence: it is copied as it is, and a verification of the bundle will name it.
    pub torn: bool,
}

/// Exports a party's data directory; returns the list, and what does not belong to any log.
///
/// # Errors
/// When something can't be read or written, or the party has no log there.
pub fn from_data(
    data: &Path,
    party: PartyId,
    cards: &Path,
    out: &Path,
    with_body_keys: bool,
) -> Result<(Manifest, Vec<Excess>), InputError> {
    let journal = data.join("journal");
    let mut origins = origins_in(&journal)?;
    if !origins.contains(&party) {
        return Err(InputError::NoLog { path: journal, party });
    }
    let mut cards = read_cards(cards)?;
    let writer = Writer::create(out)?;
    // The own log first: what it says of the others' logs is then in what is copied of them, also while a service runs.
    origins.sort_by_key(|origin| *origin != party);
    let mut manifest = Manifest { format: FORMAT, party, state_root: None, logs: Vec::new() };
    let mut excesses = Vec::new();
    for origin in origins {
        copy_checkpoint(data, party, origin, &writer)?;
        let (claim, excess, said) = copy_log(&journal, origin, &writer)?;
        // What the log says of keys goes onto the card too, so that whoever has the cards alone can check a receipt.
        if let Some(card) = cards.iter_mut().find(|card| card.party == origin) {
            let new = said.into_iter().filter(|text| !card.statements.contains(text)).collect::<Vec<_>>();
            card.statements.extend(new);
        }
        if with_body_keys {
            copy_keys(&data.join("body-keys"), &claim, &writer)?;
        }
        manifest.logs.push(claim);
        excesses.extend(excess);
    }
    for card in &cards {
        writer.card(card)?;
    }
    writer.finish(&manifest)?;
    Ok((manifest, excesses))
}

fn copy_log(journal: &Path, origin: PartyId, writer: &Writer) -> Result<Copied, InputError> {
    let path = log_path(journal, origin);
    let mut source = File::open(&path).map_err(InputError::io(&path))?;
    let mut to = writer.log(origin)?;
    let mut claim = LogClaim { origin, count: 0, head: Hex([0; 32]) };
    let mut said = Vec::new();
    let mut frames = Frames::new(&mut source);
    let excess = 'file: loop {
        let chunk = frames.next_chunk().map_err(InputError::io(&path))?;
        if chunk.is_empty() {
            break None;
        }
        for span in chunk.spans(0) {
            let torn = match read_frame(span.bytes) {
                FrameRead::Whole(record, _) => {
                    claim.count += 1;
                    said.extend(said_in(&record));
                    claim.head = Hex(leaf(&record.entry));
                    to.write(span.bytes)?;
                    continue;
                }
                FrameRead::Torn => true,
                FrameRead::Damaged => false,
            };
            break 'file Some(Excess { origin, offset: span.offset, torn });
        }
    };
    if let Some(Excess { offset, torn: false, .. }) = excess {
        source.seek(SeekFrom::Start(offset)).map_err(InputError::io(&path))?;
        io::copy(&mut source, &mut to.file).map_err(InputError::io(&to.path))?;
    }
    Ok((claim, excess, said))
}

// The list's line, what follows the last entry, and what the entries say of keys.
type Copied = (LogClaim, Option<Excess>, Vec<String>);

fn said_in(record: &Record) -> Option<String> {
    let (header, _) = entry::read(&record.entry).ok()?;
    if !says_of_keys(header.kind) {
        return None;
    }
    statement_text(&statement_of(&header, record.body.as_ref()).ok()?).ok()
}

fn copy_checkpoint(data: &Path, party: PartyId, origin: PartyId, writer: &Writer) -> Result<(), InputError> {
    let name = if origin == party { "own".to_owned() } else { origin.to_string() };
    let path = data.join("evidence").join(format!("{name}.note"));
    match std::fs::read(&path) {
        Ok(file) => match note_slots::newest(&file) {
            Some((_, note)) => writer.checkpoint(origin, note),
            None => Ok(()), // the first write never ended
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(InputError::io(&path)(error)),
    }
}

fn copy_keys(dir: &Path, claim: &LogClaim, writer: &Writer) -> Result<(), InputError> {
    let path = keys_path(dir, claim.origin);
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()), // no body of this log is for the party
        Err(error) => return Err(InputError::io(&path)(error)),
    };
    let mut to = writer.body_keys(claim.origin)?;
    let slots = claim.count.saturating_mul(SLOT_LEN as u64);
    io::copy(&mut file.take(slots), &mut to.file).map_err(InputError::io(&to.path))?;
    Ok(())
}
