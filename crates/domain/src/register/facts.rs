//! What the own log says about an import.

use serde::{Deserialize, Serialize};

use crate::id::ImportId;
use crate::register::{RegisterChunkImported, RegisterImportStarted};
use crate::view::{Facts, Said, Table};

/// How far an import has come.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportFacts {
    /// Begun.
    pub started: Option<(RegisterImportStarted, Said)>,
    /// Chunks taken; the next one has this number.
    pub chunks: u32,
    /// Households taken.
    pub households: u32,
    /// Complete.
    pub completed: Option<Said>,
}

impl Facts for ImportFacts {
    type Id = ImportId;
    const TABLE: Table = Table::Import;
}

impl ImportFacts {
    pub(crate) fn started(&mut self, event: &RegisterImportStarted, said: Said) {
        self.started = Some((event.clone(), said));
    }
    pub(crate) fn chunk(&mut self, event: &RegisterChunkImported) {
        self.chunks = event.chunk + 1;
        self.households += u32::try_from(event.households.len()).unwrap_or(u32::MAX);
    }
    pub(crate) fn completed(&mut self, said: Said) {
        self.completed = Some(said);
    }
}
