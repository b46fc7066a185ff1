//! Export: how a party's logs become a bundle, from its data directory or from its running service.

mod data;
mod service;

pub use data::{Excess, from_data};
pub use service::{PAGE_ENTRIES, from_service};

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use tongcha_domain::id::PartyId;
use tongcha_ledger::key::PartyCard;

use crate::bundle::{Bundle, Manifest, checkpoint_path, log_path};
use crate::input::InputError;
use crate::keys::{self, keys_path};
use crate::tiles;

/// A bundle being written. Its list comes last, since a bundle without one is no bundle; then the logs as tiles.
struct Writer {
    path: PathBuf,
}

impl Writer {
    fn create(path: &Path) -> Result<Self, InputError> {
        if path.is_dir() && fs::read_dir(path).map_err(InputError::io(path))?.next().is_some() {
            return Err(InputError::Occupied(path.to_owned()));
        }
        for dir in ["cards", "logs", "checkpoints"].map(|name| path.join(name)) {
            fs::create_dir_all(&dir).map_err(InputError::io(&dir))?;
        }
        Ok(Self { path: path.to_owned() })
    }

    fn card(&self, card: &PartyCard) -> Result<(), InputError> {
        let path = self.path.join("cards").join(format!("{}.toml", card.party));
        let text = toml::to_string(card).map_err(|error| InputError::syntax(&path, &error))?;
        fs::write(&path, text).map_err(InputError::io(&path))
    }

    fn log(&self, origin: PartyId) -> Result<LogFile, InputError> {
        let path = log_path(&self.path.join("logs"), origin);
        let file = File::create_new(&path).map_err(InputError::io(&path))?;
        Ok(LogFile { path, file })
    }

    fn checkpoint(&self, origin: PartyId, note: &[u8]) -> Result<(), InputError> {
        let path = checkpoint_path(&self.path, origin);
        fs::write(&path, note).map_err(InputError::io(&path))
    }

    // Body keys open the bodies: nobody else on the machine may read them.
    fn body_keys(&self, origin: PartyId) -> Result<LogFile, InputError> {
        let dir = self.path.join("body-keys");
        fs::create_dir_all(&dir).map_err(InputError::io(&dir))?;
        let path = keys_path(&dir, origin);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path).map_err(InputError::io(&path))?;
        Ok(LogFile { path, file })
    }

    fn finish(&self, manifest: &Manifest) -> Result<(), InputError> {
        let path = self.path.join("bundle.toml");
        let text = toml::to_string(manifest).map_err(|error| InputError::syntax(&path, &error))?;
        fs::write(&path, text).map_err(InputError::io(&path))?;
        let bundle = Bundle::open(&self.path)?;
        tiles::write(&bundle, &keys::registered(&bundle).0)
    }
}

struct LogFile {
    path: PathBuf,
    file: File,
}

impl LogFile {
    fn write(&mut self, bytes: &[u8]) -> Result<(), InputError> {
        self.file.write_all(bytes).map_err(InputError::io(&self.path))
    }
}
