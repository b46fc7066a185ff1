//! The cards of all parties, one TOML file each.

use std::path::{Path, PathBuf};

use tongcha_ledger::key::{Directory, KeyError, PartyCard};

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
    /// A card's keys.
    #[error("the cards are refused")]
    Keys(#[from] KeyError),
}

/// Reads every `*.toml` of a directory as a card, and registers them.
///
/// # Errors
/// Says which file is wrong.
pub fn read_cards(dir: &Path) -> Result<(Vec<PartyCard>, Directory), CardsError> {
    let io = |path: &Path, source| CardsError::Io { path: path.to_owned(), source };
    let mut files = Vec::new();
    for file in std::fs::read_dir(dir).map_err(|e| io(dir, e))? {
        let path = file.map_err(|e| io(dir, e))?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            files.push(path);
        }
    }
    files.sort();
    let mut cards = Vec::new();
    for path in files {
        let text = std::fs::read_to_string(&path).map_err(|e| io(&path, e))?;
        let syntax = |e: toml::de::Error| CardsError::Syntax { path: path.clone(), message: e.to_string() };
        cards.push(toml::from_str(&text).map_err(syntax)?);
    }
    let directory = Directory::new(&cards)?;
    Ok((cards, directory))
}
