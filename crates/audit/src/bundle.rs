//! Bundles: what is audited, in files.
//!
//! ```text
//! bundle.toml               format, party, and for each log how many entries and which head; the state root if known
//! cards/<party>.toml        public keys
//! logs/<origin>.log         frames, one after the other
//! checkpoints/<origin>.note the newest checkpoint of the log that the party has, with the cosignatures on it
//! <origin>/…                the log in the form of C2SP tlog-tiles, see `crate::tiles`
//! body-keys/<origin>.keys   key slots by sequence number; only when asked for: they open the bodies
//! ```
//!
//! The list is not signed: who changes a log can change the list. What it adds to the signatures is the end of each
//! log, which no signature can tell.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tongcha_domain::id::PartyId;
use tongcha_ledger::key::{Hex, PartyCard};

use crate::input::InputError;
use crate::keys::read_cards;

/// The format written, and the only one read.
pub const FORMAT: u32 = 1;

/// What a bundle says it holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// [`FORMAT`].
    pub format: u32,
    /// Whose data it is: the bodies are those addressed to this party.
    pub party: PartyId,
    /// The state root of the party's view over exactly these logs, when the party gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state_root: Option<Hex>,
    /// The logs.
    pub logs: Vec<LogClaim>,
}

/// What a bundle says of one log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogClaim {
    /// Whose log.
    pub origin: PartyId,
    /// How many entries.
    pub count: u64,
    /// Leaf of the last entry; zeros when there is none.
    pub head: Hex,
}

impl Manifest {
    /// Returns what is said of a log; of one that is not listed, that it is empty.
    #[must_use]
    pub fn log(&self, origin: PartyId) -> LogClaim {
        let listed = self.logs.iter().find(|log| log.origin == origin);
        listed.cloned().unwrap_or(LogClaim { origin, count: 0, head: Hex([0; 32]) })
    }
}

/// A bundle, opened: its list and its cards are read, its logs are not.
#[derive(Clone, Debug)]
pub struct Bundle {
    /// Where it is.
    pub path: PathBuf,
    /// What it says it holds.
    pub manifest: Manifest,
    /// Its cards; nothing is checked.
    pub cards: Vec<PartyCard>,
}

impl Bundle {
    /// Opens a bundle.
    ///
    /// # Errors
    /// When its list or a card can't be read.
    pub fn open(path: &Path) -> Result<Self, InputError> {
        let list = path.join("bundle.toml");
        let text = std::fs::read_to_string(&list).map_err(InputError::io(&list))?;
        let manifest: Manifest = toml::from_str(&text).map_err(|error| InputError::syntax(&list, &error))?;
        if manifest.format != FORMAT {
            return Err(InputError::Format { path: list, found: manifest.format, known: FORMAT });
        }
        Ok(Self { path: path.to_owned(), manifest, cards: read_cards(&path.join("cards"))? })
    }

    /// Returns where a log is, or would be.
    #[must_use]
    pub fn log_path(&self, origin: PartyId) -> PathBuf {
        log_path(&self.path.join("logs"), origin)
    }

    /// Opens a log. One that is not there reads as empty: what it should hold is then missing.
    ///
    /// # Errors
    /// When it is there and can't be opened.
    pub fn open_log(&self, origin: PartyId) -> Result<Box<dyn Read>, InputError> {
        let path = self.log_path(origin);
        match File::open(&path) {
            Ok(file) => Ok(Box::new(file)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Box::new(io::empty())),
            Err(error) => Err(InputError::io(&path)(error)),
        }
    }

    /// Reads the checkpoint of a log; none when the party had none.
    ///
    /// # Errors
    /// When it is there and can't be read.
    pub fn checkpoint(&self, origin: PartyId) -> Result<Option<Vec<u8>>, InputError> {
        let path = checkpoint_path(&self.path, origin);
        match std::fs::read(&path) {
            Ok(note) => Ok(Some(note)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(InputError::io(&path)(error)),
        }
    }

    /// Returns how many bytes the logs have, for showing progress.
    #[must_use]
    pub fn log_bytes(&self) -> u64 {
        let origins = self.origins().unwrap_or_default().into_iter();
        origins.filter_map(|origin| std::fs::metadata(self.log_path(origin)).ok()).map(|file| file.len()).sum()
    }

    /// Returns where the body keys are, or would be.
    #[must_use]
    pub fn keys_dir(&self) -> PathBuf {
        self.path.join("body-keys")
    }

    /// Returns whose logs there are: those listed, and those that are there without being listed.
    ///
    /// # Errors
    /// When the directory can't be read.
    pub fn origins(&self) -> Result<Vec<PartyId>, InputError> {
        let mut origins = origins_in(&self.path.join("logs"))?;
        origins.extend(self.manifest.logs.iter().map(|log| log.origin));
        origins.sort();
        origins.dedup();
        Ok(origins)
    }
}

/// Returns where the log of a party is in a directory of logs.
#[must_use]
pub fn log_path(dir: &Path, origin: PartyId) -> PathBuf {
    dir.join(format!("{origin}.log"))
}

/// Returns where the checkpoint of a log is in a bundle.
#[must_use]
pub fn checkpoint_path(bundle: &Path, origin: PartyId) -> PathBuf {
    bundle.join("checkpoints").join(format!("{origin}.note"))
}

/// Returns whose logs a directory holds, in order of the names.
///
/// # Errors
/// When it can't be read, or a log is not named after a party.
pub fn origins_in(dir: &Path) -> Result<Vec<PartyId>, InputError> {
    let mut origins = Vec::new();
    for path in files_of(dir, "log")? {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        origins.push(stem.parse().map_err(|error| InputError::syntax(&path, &format!("the name: {error}")))?);
    }
    Ok(origins)
}

/// Returns the files of a directory with an extension, in order of their names.
///
/// # Errors
/// When the directory can't be read.
pub fn files_of(dir: &Path, extension: &str) -> Result<Vec<PathBuf>, InputError> {
    let mut files = Vec::new();
    for file in std::fs::read_dir(dir).map_err(InputError::io(dir))? {
        let path = file.map_err(InputError::io(dir))?.path();
        if path.extension().is_some_and(|found| found == extension) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
