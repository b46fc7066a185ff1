//! The file of a party's secret keys: made once by `keys new`, readable by its owner only.

use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rand::{CryptoRng, RngCore};
use serde::{Deserialize, Serialize};
use tongcha_domain::id::PartyId;
use tongcha_ledger::key::{Hex, KeyError, PartyCard, PartySecrets};
use zeroize::Zeroizing;

/// Why a key file is refused.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// The file can't be read or written.
    #[error("{path} can't be read or written")]
    Io {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// Others than its owner may read the file.
    #[error("{path} has mode {mode:03o}: others can read it. Run: chmod 600 {path}")]
    Readable {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file belongs to another user than the one that runs the service.
    #[error("{path} belongs to another user: run the service as its owner, or copy the file with mode 600")]
    Owner {
        /// The file.
        path: PathBuf,
    },
    /// The file is no key file.
    #[error("{path} is not a key file")]
    Syntax {
        /// The file.
        path: PathBuf,
    },
    /// The keys are another party's.
    #[error("{path} holds the keys of {found}, this program is {expected}'s")]
    Party {
        /// The file.
        path: PathBuf,
        /// Whose keys they are.
        found: PartyId,
        /// Whose program runs.
        expected: PartyId,
    },
    /// The file exists already.
    #[error("{path} exists: keys are never overwritten; move it away first")]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// The keys themselves.
    #[error("the keys are refused")]
    Keys(#[from] KeyError),
    /// The NATS user key.
    #[error("the NATS user key in {path} is refused")]
    BrokerUser {
        /// The file.
        path: PathBuf,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    party: PartyId,
    signing: Hex,
    sealing: Hex,
    officer_tokens: Hex,
    broker_seed: String,
    /// Sealing keys that were in use before, the newest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    former_sealing: Vec<Hex>,
}

/// A party's secrets.
pub struct KeyFile {
    /// Signing and sealing keys.
    pub secrets: PartySecrets,
    /// Key of the hashes that officers' tokens are stored as.
    pub officer_tokens: Zeroizing<[u8; 32]>,
    /// Seed of the NATS user (`SU…`), for the own broker and the peers'.
    pub broker_seed: Zeroizing<String>,
}

impl KeyFile {
    /// Makes new keys and stores them with mode 0600; returns a card without a root, for the root to certify.
    ///
    /// # Errors
    /// When the file exists or can't be written.
    pub fn create<R: CryptoRng + RngCore>(path: &Path, party: PartyId, rng: &mut R) -> Result<PartyCard, KeyFileError> {
        let broker = || KeyFileError::BrokerUser { path: path.to_owned() };
        let mut seed = [0; 32];
        rng.fill_bytes(&mut seed);
        let user = nkeys::KeyPair::new_from_raw(nkeys::KeyPairType::User, seed).map_err(|_| broker())?;
        let mut officer_tokens = [0; 32];
        rng.fill_bytes(&mut officer_tokens);
        let broker_seed = user.seed().map_err(|_| broker())?;
        make(path, &PartySecrets::generate(party, rng), Hex(officer_tokens), broker_seed, Vec::new())
    }

    /// Makes the keys that come after those of a file: new to sign and to seal, with the sealing keys of before, so that what
    /// is on its way still opens. Returns a card without a root, for the root to certify.
    ///
    /// # Errors
    /// When the file can't be read, or the new one exists or can't be written.
    pub fn create_next<R: CryptoRng + RngCore>(
        former: &Path,
        path: &Path,
        party: PartyId,
        rng: &mut R,
    ) -> Result<PartyCard, KeyFileError> {
        let Self { secrets, officer_tokens, broker_seed } = Self::read(former, party)?;
        let former = secrets.sealing_seeds().into_iter().map(Hex).collect();
        make(path, &PartySecrets::generate(party, rng), Hex(*officer_tokens), broker_seed.to_string(), former)
    }

    /// Reads a party's keys; refuses files that others can read and keys of another party.
    ///
    /// # Errors
    /// Says what is wrong with the file, and how to mend it.
    pub fn read(path: &Path, party: PartyId) -> Result<Self, KeyFileError> {
        let text = read_secret(path)?;
        let stored: Stored = toml::from_str(&text).map_err(|_| KeyFileError::Syntax { path: path.to_owned() })?; // the cause would quote the secret
        if stored.party != party {
            return Err(KeyFileError::Party { path: path.to_owned(), found: stored.party, expected: party });
        }
        nkeys::KeyPair::from_seed(&stored.broker_seed)
            .map_err(|_| KeyFileError::BrokerUser { path: path.to_owned() })?;
        Ok(Self {
            secrets: PartySecrets::from_seeds(party, stored.signing.0, stored.sealing.0)
                .with_former_sealing(stored.former_sealing.into_iter().map(|key| key.0)),
            officer_tokens: Zeroizing::new(stored.officer_tokens.0),
            broker_seed: Zeroizing::new(stored.broker_seed),
        })
    }
}

fn make(
    path: &Path,
    secrets: &PartySecrets,
    officer_tokens: Hex,
    broker_seed: String,
    former_sealing: Vec<Hex>,
) -> Result<PartyCard, KeyFileError> {
    let broker = || KeyFileError::BrokerUser { path: path.to_owned() };
    let user = nkeys::KeyPair::from_seed(&broker_seed).map_err(|_| broker())?;
    let card = secrets.card(&user.public_key())?;
    let (signing, sealing) = secrets.seeds();
    let (party, signing, sealing) = (secrets.party(), Hex(signing), Hex(sealing));
    let stored = Stored { party, signing, sealing, officer_tokens, broker_seed, former_sealing };
    write_secret(path, &Zeroizing::new(toml::to_string(&stored).map_err(|_| broker())?))?;
    Ok(card)
}

/// Writes a new secret file with mode 0600.
pub(crate) fn write_secret(path: &Path, text: &str) -> Result<(), KeyFileError> {
    let io = |source| KeyFileError::Io { path: path.to_owned(), source };
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).map_err(io)?;
    }
    let mut file = match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            return Err(KeyFileError::Exists { path: path.to_owned() });
        }
        Err(error) => return Err(io(error)),
    };
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(io)
}

/// Puts a new content in the place of a secret file's, whole or not at all.
pub(crate) fn replace_secret(path: &Path, text: &str) -> Result<(), KeyFileError> {
    let io = |source| KeyFileError::Io { path: path.to_owned(), source };
    let beside = path.with_extension("new");
    match std::fs::remove_file(&beside) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(io(error)),
        Ok(()) | Err(_) => {} // left by a run that was cut off
    }
    write_secret(&beside, text)?;
    std::fs::rename(&beside, path).map_err(io)
}

/// Reads a secret file; refuses one that others can read, or that is another user's.
pub(crate) fn read_secret(path: &Path) -> Result<Zeroizing<String>, KeyFileError> {
    let io = |source| KeyFileError::Io { path: path.to_owned(), source };
    let mut file = std::fs::File::open(path).map_err(io)?;
    let metadata = file.metadata().map_err(io)?;
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(KeyFileError::Readable { path: path.to_owned(), mode });
    }
    // A file made by this process tells who runs it, without asking the system by unsafe calls.
    let own = std::fs::metadata("/proc/self").map_or(metadata.uid(), |process| process.uid());
    if metadata.uid() != own {
        return Err(KeyFileError::Owner { path: path.to_owned() });
    }
    let mut text = Zeroizing::new(String::new());
    file.read_to_string(&mut text).map_err(io)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn party(name: &str) -> PartyId {
        name.parse().unwrap()
    }

    #[test]
    fn keys_are_made_once_and_read_by_their_owner_only() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("zhuhai.key");
        let card = KeyFile::create(&path, party("zhuhai"), &mut rand::rng()).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let read = KeyFile::read(&path, party("zhuhai")).unwrap();
        assert_eq!(read.secrets.card(&card.broker_user).unwrap(), card);
        let again = KeyFile::create(&path, party("zhuhai"), &mut rand::rng());
        assert!(matches!(again, Err(KeyFileError::Exists { .. })));
        assert!(matches!(KeyFile::read(&path, party("macau")), Err(KeyFileError::Party { .. })));
        for mode in [0o640, 0o604, 0o660, 0o644] {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            let refused = KeyFile::read(&path, party("zhuhai"));
            assert!(matches!(refused, Err(KeyFileError::Readable { mode: found, .. }) if found == mode));
        }
    }

    #[test]
    fn an_error_never_quotes_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("zhuhai.key");
        std::fs::write(&path, "party = \"zhuhai\"\nsigning = \"topsecret\"\n").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        let error = KeyFile::read(&path, party("zhuhai")).err().unwrap();
        assert!(!format!("{error:?} {error}").contains("topsecret"));
    }
}
