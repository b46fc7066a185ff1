//! Why the auditor can't do its work: what it was given can't be read. What it finds wrong in what it could read is a
//! [`crate::finding::Finding`].

use std::fmt::Display;
use std::io;
use std::path::{Path, PathBuf};

use tongcha_domain::id::PartyId;
use tongcha_domain::view::ViewError;
use tongcha_ledger::key::KeyError;

/// Why something can't be audited or exported.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// A file or directory can't be read or written.
    #[error("{path} can't be read or written")]
    Io {
        /// The path.
        path: PathBuf,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// A file does not have the form it should.
    #[error("{path} can't be understood: {message}")]
    Syntax {
        /// The file.
        path: PathBuf,
        /// What was expected.
        message: String,
    },
    /// A bundle of a later format.
    #[error("{path} has format {found}; this auditor reads format {known}")]
    Format {
        /// The bundle's list.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The format that is read.
        known: u32,
    },
    /// The target of an export holds something already.
    #[error("{0} is not empty: a bundle is written into a directory of its own")]
    Occupied(PathBuf),
    /// A trusted card is refused.
    #[error("the trusted cards are refused")]
    Cards(#[source] KeyError),
    /// There is no log to work on.
    #[error("{path} holds no log of {party}")]
    NoLog {
        /// Where it should be.
        path: PathBuf,
        /// Whose.
        party: PartyId,
    },
    /// No body keys were given, or they are somebody else's.
    #[error("no body keys of {0}: export with --with-body-keys, or name their directory with --body-keys")]
    NoKeys(PartyId),
    /// There is no entry at a position.
    #[error("no bundle holds entry {seq} of {origin}")]
    NoEntry {
        /// Whose log.
        origin: PartyId,
        /// The position.
        seq: u64,
    },
    /// The view can't be read.
    #[error("the view can't be read")]
    View(#[source] ViewError),
    /// The service can't be reached, or breaks off.
    #[error("{path} could not be fetched from the service")]
    Fetch {
        /// Path of the request.
        path: String,
        /// The cause.
        #[source]
        source: reqwest::Error,
    },
    /// The service refuses.
    #[error("the service answers {path} with status {status}")]
    Status {
        /// Path of the request.
        path: String,
        /// HTTP status.
        status: u16,
    },
    /// The service sends something else than it should.
    #[error("the service answers {path} wrongly: {message}")]
    Answer {
        /// Path of the request.
        path: String,
        /// What was expected.
        message: String,
    },
    /// The service is another party's.
    #[error("the service is {found}'s, not {expected}'s")]
    OtherParty {
        /// Whose it should be.
        expected: PartyId,
        /// Whose it is.
        found: PartyId,
    },
}

impl InputError {
    /// Makes the error of a path, for `map_err`.
    pub fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { path, source }
    }

    /// Makes the error of a file's form.
    pub fn syntax(path: &Path, message: &dyn Display) -> Self {
        Self::Syntax { path: path.to_owned(), message: message.to_string() }
    }
}
