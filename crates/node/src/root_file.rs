//! The file of a party's root key: made once, kept offline, opened for a ceremony only. It counts what the root has said, so
//! that no two statements bear one number.

use std::path::{Path, PathBuf};

use rand::{CryptoRng, RngCore};
use serde::{Deserialize, Serialize};
use tongcha_domain::id::PartyId;
use tongcha_domain::keys::{KeyStatement, KeyWord, SignedStatement};
use tongcha_ledger::key::Hex;
use tongcha_ledger::root::RootSecret;
use zeroize::Zeroizing;

use crate::key_file::{KeyFileError, read_secret, replace_secret, write_secret};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    party: PartyId,
    root: Hex,
    /// Statements signed so far.
    serial: u32,
}

/// A party's root key, and where it is kept.
pub struct RootFile {
    path: PathBuf,
    secret: RootSecret,
    serial: u32,
}

impl RootFile {
    /// Makes a new root key and stores it with mode 0600.
    ///
    /// # Errors
    /// When the file exists or can't be written.
    pub fn create<R: CryptoRng + RngCore>(path: &Path, party: PartyId, rng: &mut R) -> Result<Self, KeyFileError> {
        let root = Self { path: path.to_owned(), secret: RootSecret::generate(party, rng), serial: 0 };
        write_secret(path, &root.text()?)?;
        Ok(root)
    }

    /// Reads a party's root key.
    ///
    /// # Errors
    /// As [`crate::key_file::KeyFile::read`].
    pub fn read(path: &Path, party: PartyId) -> Result<Self, KeyFileError> {
        let text = read_secret(path)?;
        let stored: Stored = toml::from_str(&text).map_err(|_| KeyFileError::Syntax { path: path.to_owned() })?; // the cause would quote the secret
        if stored.party != party {
            return Err(KeyFileError::Party { path: path.to_owned(), found: stored.party, expected: party });
        }
        let secret = RootSecret::from_seed(party, stored.root.0);
        Ok(Self { path: path.to_owned(), secret, serial: stored.serial })
    }

    /// Returns the key.
    #[must_use]
    pub fn secret(&self) -> &RootSecret {
        &self.secret
    }

    /// Signs a statement under the next number. The number is on disk before the signature is returned.
    ///
    /// # Errors
    /// When the file can't be written.
    pub fn sign(&mut self, word: KeyWord) -> Result<SignedStatement, KeyFileError> {
        let syntax = || KeyFileError::Syntax { path: self.path.clone() };
        self.serial = self.serial.checked_add(1).ok_or_else(syntax)?;
        replace_secret(&self.path, &self.text()?)?;
        let statement = KeyStatement { party: self.secret.party(), serial: self.serial, word };
        self.secret.sign(statement).map_err(|_| KeyFileError::Syntax { path: self.path.clone() })
    }

    fn text(&self) -> Result<Zeroizing<String>, KeyFileError> {
        let stored = Stored { party: self.secret.party(), root: Hex(self.secret.seed()), serial: self.serial };
        let text = toml::to_string(&stored).map_err(|_| KeyFileError::Syntax { path: self.path.clone() })?;
        Ok(Zeroizing::new(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_root_counts_what_it_says_and_is_never_overwritten() {
        let (dir, party) = (tempfile::tempdir().unwrap(), "zhuhai".parse().unwrap());
        let path = dir.path().join("zhuhai.root");
        let word = || KeyWord::Retired { key: [1; 8] };
        let mut root = RootFile::create(&path, party, &mut rand::rng()).unwrap();
        assert_eq!(root.sign(word()).unwrap().statement.serial, 1);
        let mut again = RootFile::read(&path, party).unwrap();
        let second = again.sign(word()).unwrap();
        assert_eq!(second.statement.serial, 2);
        assert!(tongcha_ledger::root::RootKey::register(&root.secret().public()).unwrap().verify(&second));
        let made = RootFile::create(&path, party, &mut rand::rng());
        assert!(matches!(made, Err(KeyFileError::Exists { .. })));
        assert!(matches!(RootFile::read(&path, "macau".parse().unwrap()), Err(KeyFileError::Party { .. })));
    }
}
