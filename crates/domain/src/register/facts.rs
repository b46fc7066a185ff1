//! What the own log says about an import.

use serde::{Deserialize, Serialize};

use crate::id::{ImportId, PartyId};
use crate::refusal::{Refusal, RefusalCode};
use crate::register::{RegisterChunkImported, RegisterImportStarted};
use crate::view::{Facts, Said, Sides, Table};

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
        let households = u32::try_from(event.households.len()).unwrap_or(u32::MAX);
        self.chunks = event.chunk.saturating_add(1);
        self.households = self.households.saturating_add(households);
    }
    pub(crate) fn completed(&mut self, said: Said) {
        self.completed = Some(said);
    }
}

/// Every import there is, as decisions on imports load them. There are few: one per file taken.
pub(super) type Imports = [(ImportId, Sides<ImportFacts>)];

/// Returns an import of `me` that may still be continued, with what its start announced.
///
/// An import that is not the latest one started is abandoned: its rows may be gone already, so it must not become the
/// register.
pub(super) fn running(
    imports: &Imports,
    me: PartyId,
    import: ImportId,
) -> Result<(&ImportFacts, &RegisterImportStarted), Refusal> {
    let own = || imports.iter().filter_map(|(id, sides)| Some((*id, sides.of(me)?)));
    let begun = own().filter_map(|(id, facts)| Some((id, facts, facts.started.as_ref()?)));
    let mut latest = None;
    let mut found = None;
    for (id, facts, (started, said)) in begun {
        latest = latest.max(Some(said.seq));
        if id == import {
            found = Some((facts, started, said.seq));
        }
    }
    let (facts, started, seq) = found.ok_or_else(|| Refusal::new(RefusalCode::NotFound))?;
    if facts.completed.is_some() || latest > Some(seq) {
        return Err(Refusal::new(RefusalCode::WrongState));
    }
    Ok((facts, started))
}
