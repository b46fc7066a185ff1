//! Officers of a party and their bearer tokens.
//!
//! A token is 256 random bits, so a keyed hash is enough to store it (a slow password hash would only slow every
//! request): `HMAC-SHA256(key of the key file, token)`. The file can be changed by the `officer` subcommand while the
//! service runs; it is read again when it has changed.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::SystemTime;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use rand::{CryptoRng, RngCore};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use tongcha_domain::id::{OfficerId, UnitId};
use tongcha_domain::officer::{Actor, Role};
use tongcha_ledger::key::Hex;
use zeroize::Zeroizing;

/// Begins every token, so that a leaked one can be recognised.
pub const TOKEN_PREFIX: &str = "tc_";
/// Most officers of one party.
pub const OFFICERS_MAX: usize = 10_000;

/// Why officers can't be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum OfficersError {
    /// The file can't be read or written.
    #[error("{path} can't be read or written")]
    Io {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// The file is not a list of officers.
    #[error("{path} is not a list of officers: {message}")]
    Syntax {
        /// The file.
        path: PathBuf,
        /// What was expected.
        message: String,
    },
    /// The officer is enrolled already.
    #[error("{0} is enrolled already: remove the officer first to change role or token")]
    Enrolled(OfficerId),
    /// No such officer.
    #[error("{0} is not enrolled")]
    Unknown(OfficerId),
    /// No officer can have the role.
    #[error("the role NODE is the service's own")]
    Role,
    /// Too many.
    #[error("more than {OFFICERS_MAX} officers")]
    TooMany,
}

/// An enrolled officer.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Officer {
    /// Name.
    pub officer: OfficerId,
    /// Role.
    pub role: Role,
    /// Unit.
    pub unit: UnitId,
    /// Keyed hash of the token.
    pub token_hash: Hex,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    #[serde(default)]
    officers: Vec<Officer>,
}

/// The officers of a party.
pub struct Officers {
    path: PathBuf,
    key: Zeroizing<[u8; 32]>,
    cached: Mutex<Option<(SystemTime, Vec<Officer>)>>,
}

impl Officers {
    /// Opens the officers of a data directory.
    #[must_use]
    pub fn new(data_dir: &Path, key: Zeroizing<[u8; 32]>) -> Self {
        Self { path: data_dir.join("officers.toml"), key, cached: Mutex::new(None) }
    }

    /// Enrols an officer and returns the token; it is shown once and stored nowhere.
    ///
    /// # Errors
    /// When the officer is enrolled already, or the file can't be written.
    pub fn enrol<R: CryptoRng + RngCore>(
        &self,
        officer: OfficerId,
        role: Role,
        unit: UnitId,
        rng: &mut R,
    ) -> Result<Zeroizing<String>, OfficersError> {
        if role == Role::Node {
            return Err(OfficersError::Role);
        }
        let mut officers = self.read()?;
        if officers.iter().any(|known| known.officer == officer) {
            return Err(OfficersError::Enrolled(officer));
        }
        if officers.len() >= OFFICERS_MAX {
            return Err(OfficersError::TooMany);
        }
        let mut random = Zeroizing::new([0; 32]);
        rng.fill_bytes(&mut *random);
        let token = Zeroizing::new(format!("{TOKEN_PREFIX}{}", URL_SAFE_NO_PAD.encode(*random)));
        officers.push(Officer { officer, role, unit, token_hash: Hex(self.hash(&token)) });
        self.write(officers)?;
        Ok(token)
    }

    /// Removes an officer: the token is refused from now on.
    ///
    /// # Errors
    /// When there is no such officer, or the file can't be written.
    pub fn remove(&self, officer: &OfficerId) -> Result<(), OfficersError> {
        let mut officers = self.read()?;
        let before = officers.len();
        officers.retain(|known| known.officer != *officer);
        if officers.len() == before {
            return Err(OfficersError::Unknown(officer.clone()));
        }
        self.write(officers)
    }

    /// Returns the officer a token belongs to.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn authenticate(&self, token: &str) -> Result<Option<Actor>, OfficersError> {
        let hash = self.hash(token);
        let mut cached = self.cached.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let changed = std::fs::metadata(&self.path).and_then(|metadata| metadata.modified()).ok();
        if cached.as_ref().map(|(at, _)| *at) != changed {
            *cached = match changed {
                Some(at) => Some((at, self.read()?)),
                None => None,
            };
        }
        let officers = cached.as_ref().map_or(&[] as &[Officer], |(_, officers)| officers);
        let found = officers.iter().find(|known| known.token_hash.0.ct_eq(&hash).into());
        Ok(found.map(|Officer { officer, role, unit, .. }| Actor {
            officer: officer.clone(),
            role: *role,
            unit: unit.clone(),
        }))
    }

    /// Returns all officers.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn read(&self) -> Result<Vec<Officer>, OfficersError> {
        let text = match std::fs::read_to_string(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(OfficersError::Io { path: self.path.clone(), source }),
        };
        let stored: Result<Stored, _> = toml::from_str(&text);
        let syntax = |e: toml::de::Error| OfficersError::Syntax { path: self.path.clone(), message: e.to_string() };
        Ok(stored.map_err(syntax)?.officers)
    }

    fn write(&self, officers: Vec<Officer>) -> Result<(), OfficersError> {
        let io = |source| OfficersError::Io { path: self.path.clone(), source };
        let syntax = |e: toml::ser::Error| OfficersError::Syntax { path: self.path.clone(), message: e.to_string() };
        let text = toml::to_string(&Stored { officers }).map_err(syntax)?;
        if let Some(parent) = self.path.parent() {
            crate::disk::private_dir(parent).map_err(io)?;
        }
        // Written beside and renamed, so that a running service never reads half a file.
        let beside = self.path.with_extension("toml.new");
        let mut options = std::fs::OpenOptions::new();
        let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&beside).map_err(io)?;
        file.write_all(text.as_bytes()).map_err(io)?;
        std::fs::rename(&beside, &self.path).map_err(io)
    }

    fn hash(&self, token: &str) -> [u8; 32] {
        match Hmac::<Sha256>::new_from_slice(&*self.key) {
            Ok(mac) => mac.chain_update(token.as_bytes()).finalize().into_bytes().into(),
            Err(_) => std::process::abort(), // not reached: HMAC takes keys of every length
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_opens_only_while_its_officer_is_enrolled() {
        let dir = tempfile::tempdir().unwrap();
        let officers = Officers::new(dir.path(), Zeroizing::new([3; 32]));
        let id: OfficerId = "zh.cw.test".parse().unwrap();
        let unit: UnitId = "xiangzhou".parse().unwrap();
        let token = officers.enrol(id.clone(), Role::Caseworker, unit.clone(), &mut rand::rng()).unwrap();
        assert_eq!(officers.authenticate(&token).unwrap().unwrap().officer, id);
        let mut other = token.to_string();
        let last = if other.pop() == Some('A') { 'B' } else { 'A' };
        other.push(last);
        assert!(officers.authenticate(&other).unwrap().is_none());
        let stored = std::fs::read_to_string(dir.path().join("officers.toml")).unwrap();
        let mode = std::os::unix::fs::PermissionsExt::mode(
            &std::fs::metadata(dir.path().join("officers.toml")).unwrap().permissions(),
        );
        assert_eq!(mode & 0o777, 0o600);
        assert!(!stored.contains(token.trim_start_matches(TOKEN_PREFIX)), "the token is not stored");
        let again = officers.enrol(id.clone(), Role::Caseworker, unit.clone(), &mut rand::rng());
        assert!(matches!(again, Err(OfficersError::Enrolled(_))));
        let node = officers.enrol("x".parse().unwrap(), Role::Node, unit, &mut rand::rng());
        assert!(matches!(node, Err(OfficersError::Role)));
        officers.remove(&id).unwrap();
        let reread = Officers::new(dir.path(), Zeroizing::new([3; 32]));
        assert!(reread.authenticate(&token).unwrap().is_none());
    }
}
