//! The cards of all parties, one TOML file each, and what their root keys have said since: one `*.statement` file each.
//!
//! A statement is put into the directory of cards by hand, where it must count before the log can say it (a stolen key), or
//! where the log is still to say it (a new key of the own). What it says is proved by the root's signature.

use std::path::{Path, PathBuf};

use tongcha_domain::id::PartyId;
use tongcha_domain::keys::SignedStatement;
use tongcha_ledger::key::{Directory, KeyError, PartyCard};
use tongcha_ledger::root::{StatementTextError, read_statement};

/// How the name of a statement's file ends.
pub const STATEMENT_EXTENSION: &str = "statement";

/// Why cards are refused.
#[derive(Debug, thiserror::Error)]
pub enum CardsError {
    /// The directory or a file can't be read.
    #[error("{path} can't be read")]
    Io {
        /// The path.
        path: PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// A file is not a card.
    #[error("{path} is not a party's card: {message}")]
    Syntax {
        /// The file.
        path: PathBuf,
        /// What was expected.
        message: String,
    },
    /// A file is not a statement.
    #[error("{path} is not a statement of a root key")]
    Statement {
        /// The file.
        path: PathBuf,
        /// What was expected.
        #[source]
        source: StatementTextError,
    },
    /// A card without a root key.
    #[error(
        "the card of {0} names no root key: without one a stolen key could not be replaced; make it with `keys new`"
    )]
    NoRoot(PartyId),
    /// A card's keys.
    #[error("the cards are refused")]
    Keys(#[from] KeyError),
}

/// Reads every `*.toml` of a directory as a card and every `*.statement` as what a root says, and registers them.
///
/// # Errors
/// Says which file is wrong.
pub fn read_cards(dir: &Path) -> Result<(Vec<PartyCard>, Directory), CardsError> {
    let mut cards: Vec<PartyCard> = Vec::new();
    for path in files(dir, "toml")? {
        let text = read(&path)?;
        let syntax = |e: toml::de::Error| CardsError::Syntax { path: path.clone(), message: e.to_string() };
        cards.push(toml::from_str(&text).map_err(syntax)?);
    }
    if let Some(card) = cards.iter().find(|card| card.root.is_none()) {
        return Err(CardsError::NoRoot(card.party));
    }
    let directory = Directory::new(&cards)?;
    // One that is not taken up stops nothing: the service says so, and an administrator looks at it.
    for (path, signed) in read_statements(dir)? {
        if let Err(error) = directory.learn(&signed) {
            tracing::error!(file = %path.display(), %error, "a statement is not taken up");
        }
    }
    Ok((cards, directory))
}

/// Reads the statements of a directory of cards in the order of their numbers; nothing is verified.
///
/// # Errors
/// Says which file is wrong.
pub fn read_statements(dir: &Path) -> Result<Vec<(PathBuf, SignedStatement)>, CardsError> {
    let mut statements = Vec::new();
    for path in files(dir, STATEMENT_EXTENSION)? {
        let signed = read_statement_file(&path)?;
        statements.push((path, signed));
    }
    statements.sort_by_key(|(_, signed)| (signed.statement.party, signed.statement.serial));
    Ok(statements)
}

/// Reads a statement's file: lines that begin with `#` are for people.
///
/// # Errors
/// When the file can't be read or holds no statement.
pub fn read_statement_file(path: &Path) -> Result<SignedStatement, CardsError> {
    let text = read(path)?;
    let line = text.lines().find(|line| !line.starts_with('#')).unwrap_or_default();
    read_statement(line).map_err(|source| CardsError::Statement { path: path.to_owned(), source })
}

fn read(path: &Path) -> Result<String, CardsError> {
    std::fs::read_to_string(path).map_err(|source| CardsError::Io { path: path.to_owned(), source })
}

fn files(dir: &Path, extension: &str) -> Result<Vec<PathBuf>, CardsError> {
    let io = |path: &Path, source| CardsError::Io { path: path.to_owned(), source };
    let mut files = Vec::new();
    for file in std::fs::read_dir(dir).map_err(|e| io(dir, e))? {
        let path = file.map_err(|e| io(dir, e))?.path();
        if path.extension().is_some_and(|found| found == extension) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
