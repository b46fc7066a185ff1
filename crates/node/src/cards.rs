//! The cards of all parties, one TOML file each, and what their root keys have said since: one `*.statement` file each.
//!
//! A statement is put into the directory of cards by hand, where it must count before the log can say it (a stolen key), or
//! where the log is still to say it (a new key of the own). What it says is proved by the root's signature.

use std::io::Read;
use std::path::{Path, PathBuf};

use tongcha_domain::id::PartyId;
use tongcha_domain::keys::SignedStatement;
use tongcha_ledger::key::{Directory, KeyError, PartyCard};
use tongcha_ledger::root::{STATEMENT_MAX, StatementTextError, read_statement};

/// How the name of a statement's file ends.
pub const STATEMENT_EXTENSION: &str = "statement";

/// Longest file of statements in bytes: a dozen of them with their words. What is longer is something else.
const STATEMENT_FILE_MAX: usize = 32 * STATEMENT_MAX;

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
    let mut statements = Vec::new();
    for StatementFile { path, held } in read_statements(dir)? {
        match held {
            Ok(held) => statements.extend(held.into_iter().map(|signed| (path.clone(), signed))),
            Err(junk) => tracing::error!(file = %path.display(), error = %junk, "a file is not taken up"),
        }
    }
    statements.sort_by_key(|(_, signed)| (signed.statement.party, signed.statement.serial));
    for (path, signed) in statements {
        if let Err(error) = directory.learn(&signed) {
            tracing::error!(file = %path.display(), %error, "a statement is not taken up");
        }
    }
    Ok((cards, directory))
}

/// A file of statements as it was found.
#[derive(Clone, Debug)]
pub struct StatementFile {
    /// The file.
    pub path: PathBuf,
    /// Its statements: all of them, or none when a line of it is none.
    pub held: Result<Vec<SignedStatement>, Junk>,
}

/// A file that ends as a file of statements does and is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct Junk {
    /// What is wrong.
    pub why: String,
    /// Hash of the content, by which one that is still being written is known.
    pub content: [u8; 32],
}

impl Junk {
    fn new(why: String, content: &[u8]) -> Self {
        Self { why, content: tongcha_ledger::sha256(b"", &[content]) }
    }
}

/// Reads every file of statements of a directory of cards; nothing is verified. One that is none, or can't be read, keeps
/// nobody from reading the others.
///
/// # Errors
/// When the directory can't be read.
pub fn read_statements(dir: &Path) -> Result<Vec<StatementFile>, CardsError> {
    let mut found = Vec::new();
    for path in files(dir, STATEMENT_EXTENSION)? {
        match read_statement_file(&path) {
            Ok(bytes) => found.push(StatementFile { path, held: statements_of(&bytes) }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {} // taken away meanwhile
            Err(error) => found.push(StatementFile { path, held: Err(Junk::new(error.to_string(), &[])) }),
        }
    }
    Ok(found)
}

/// Reads as much of a file as tells that it is too long. What is no file (a directory, a pipe) is not opened.
fn read_statement_file(path: &Path) -> Result<Vec<u8>, std::io::Error> {
    if !std::fs::metadata(path)?.is_file() {
        return Err(std::io::Error::other("not a file"));
    }
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(STATEMENT_FILE_MAX as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Reads the statements of a file, one a line. Lines that begin with `#` are for people.
fn statements_of(bytes: &[u8]) -> Result<Vec<SignedStatement>, Junk> {
    let junk = |why: String| Junk::new(why, bytes);
    if bytes.len() > STATEMENT_FILE_MAX {
        return Err(junk(format!("longer than {STATEMENT_FILE_MAX} bytes")));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| junk("not text".to_owned()))?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let read = |line| read_statement(line).map_err(|error: StatementTextError| junk(error.to_string()));
    let held: Vec<_> = lines.map(read).collect::<Result<_, _>>()?;
    if held.is_empty() { Err(junk("it holds no statement".to_owned())) } else { Ok(held) }
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
