//! The keys of an audit: whose word is believed, and which bodies can be opened.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Mutex;

use serde::Serialize;
use tongcha_domain::id::PartyId;
use tongcha_ledger::key::{Directory, PartyCard};
use tongcha_ledger::root::read_statement;
use tongcha_ledger::slot::{SLOT_LEN, Slot};

use crate::bundle::{Bundle, files_of};
use crate::finding::{Finding, Reason};
use crate::input::InputError;

/// Whence the public keys come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum KeySource {
    /// From each bundle itself: it proves that the bundle is of one piece, not who made it.
    Bundle,
    /// From cards that the auditor has from the parties themselves.
    Trusted,
}

/// Reads every `*.toml` of a directory as a party's card; nothing is checked.
///
/// # Errors
/// When a file can't be read or is no card.
pub fn read_cards(dir: &Path) -> Result<Vec<PartyCard>, InputError> {
    let read = |path: &std::path::PathBuf| {
        let text = std::fs::read_to_string(path).map_err(InputError::io(path))?;
        toml::from_str(&text).map_err(|error| InputError::syntax(path, &error))
    };
    let mut cards: Vec<PartyCard> = files_of(dir, "toml")?.iter().map(read).collect::<Result<_, _>>()?;
    // What the roots have said since, one a line; a line that begins with # is for people.
    let mut said = Vec::new();
    for path in files_of(dir, "statement")? {
        let text = std::fs::read_to_string(&path).map_err(InputError::io(&path))?;
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let signed = read_statement(line).map_err(|error| InputError::syntax(&path, &error))?;
            said.push((signed.statement.party, signed.statement.serial, line.to_owned()));
        }
    }
    said.sort(); // a certificate before the report of its key, whatever the files are called
    for (party, _, line) in said {
        if let Some(card) = cards.iter_mut().find(|card| card.party == party) {
            card.statements.push(line);
        }
    }
    Ok(cards)
}

/// Reads and registers the cards that the auditor trusts.
///
/// # Errors
/// When a card can't be read or is refused.
pub fn trusted(dir: &Path) -> Result<Directory, InputError> {
    Directory::new(&read_cards(dir)?).map_err(InputError::Cards)
}

/// Registers the cards of a bundle. A card that is refused is a finding, and its party has no key.
#[must_use]
pub fn registered(bundle: &Bundle) -> (Directory, Vec<Finding>) {
    let (mut good, mut findings): (Vec<&PartyCard>, _) = (Vec::new(), Vec::new());
    for card in &bundle.cards {
        let twice = || Err(tongcha_ledger::key::KeyError::Duplicate(card.party));
        let known = good.iter().any(|other| other.party == card.party);
        match Directory::new([card]).and_then(|alone| if known { twice() } else { Ok(alone) }) {
            Ok(_) => good.push(card),
            Err(error) => findings.push(about_card(bundle, card.party, Reason::Card(error))),
        }
    }
    (Directory::new(good).unwrap_or_default(), findings)
}

/// Finds parties of which two bundles hold different cards.
#[must_use]
pub fn differing(bundles: &[Bundle]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let (Some(first), rest) = (bundles.first(), bundles.iter().skip(1)) else { return findings };
    for bundle in rest {
        for card in &bundle.cards {
            if first
                .cards
                .iter()
                .any(|other| other.party == card.party && (other.signing, other.root) != (card.signing, card.root))
            {
                let reason = Reason::CardsDiffer { other: first.path.clone() };
                findings.push(about_card(bundle, card.party, reason));
            }
        }
    }
    findings
}

fn about_card(bundle: &Bundle, origin: PartyId, reason: Reason) -> Finding {
    Finding { bundle: bundle.path.clone(), origin, seq: 0, offset: 0, reason }
}

/// The body keys of one log, on disk.
#[derive(Debug)]
pub struct BodyKeys(Option<Mutex<File>>);

impl BodyKeys {
    /// Opens a log's keys in a directory of body keys; a log without a file has no keys.
    ///
    /// # Errors
    /// When there is a file and it can't be opened.
    pub fn open(dir: &Path, origin: PartyId) -> Result<Self, InputError> {
        let path = keys_path(dir, origin);
        match File::open(&path) {
            Ok(file) => Ok(Self(Some(Mutex::new(file)))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self(None)),
            Err(error) => Err(InputError::io(&path)(error)),
        }
    }

    /// Reads the slot of an entry; empty when the file ends before it.
    ///
    /// # Errors
    /// When the file can't be read or the slot is damaged.
    pub fn slot(&self, seq: u64) -> Result<Slot, Reason> {
        let Some(file) = &self.0 else { return Ok(Slot::Empty) };
        let mut bytes = Vec::with_capacity(SLOT_LEN);
        let at = seq.checked_mul(SLOT_LEN as u64).ok_or(Reason::KeyMissing)?;
        {
            let mut file = file.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            file.seek(SeekFrom::Start(at)).map_err(Reason::KeysUnreadable)?;
            file.by_ref().take(SLOT_LEN as u64).read_to_end(&mut bytes).map_err(Reason::KeysUnreadable)?;
        }
        if bytes.is_empty() {
            return Ok(Slot::Empty);
        }
        <&[u8; SLOT_LEN]>::try_from(bytes.as_slice()).ok().and_then(Slot::from_bytes).ok_or(Reason::KeyDamaged)
    }
}

/// Returns where the body keys of a log are in a directory of body keys.
#[must_use]
pub fn keys_path(dir: &Path, origin: PartyId) -> std::path::PathBuf {
    dir.join(format!("{origin}.keys"))
}
