//! `CompleteRegisterImport`: all households came; the import becomes the register.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::ImportId;
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::register::facts::running;
use crate::register::{ImportFacts, RegisterImportCompleted};
use crate::view::{Rows, Sides, ViewError};

/// Completes an import.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompleteRegisterImport {
    /// The import.
    pub import: ImportId,
}

impl Decide for CompleteRegisterImport {
    const ROLES: &'static [Role] = &[Role::Administrator, Role::Liaison, Role::Caseworker, Role::Node];
    /// Every import there is.
    type State = Vec<(ImportId, Sides<ImportFacts>)>;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        rows.all()
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let (facts, started) = running(state, context.me, self.import)?;
        if facts.households != started.households {
            return Err(Refusal::new(RefusalCode::WrongState).offending(["households"]));
        }
        Ok(RegisterImportCompleted { import: self.import, party: context.me }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::register::{RegisterChunkImported, RegisterImportStarted};
    use crate::testing::{Scene, document, given, household, party};

    fn import() -> ImportId {
        ImportId(uuid::Uuid::from_u128(5))
    }

    fn complete() -> CompleteRegisterImport {
        CompleteRegisterImport { import: import() }
    }

    fn taken(count: usize) -> Scene {
        let (import, party) = (import(), party("macau"));
        let households = (0..count).map(|n| household(&format!("R{n}"), &[document()])).collect();
        given([("sa.macau", RegisterImportStarted { import, households: 3, file_digest: [9; 32] })])
            .and("sa.macau", RegisterChunkImported { import, party, chunk: 0, households })
    }

    #[test]
    fn an_import_with_all_households_is_completed() {
        let completed = RegisterImportCompleted { import: import(), party: party("macau") };
        taken(3).when("sa.macau", complete()).then(completed);
    }

    #[test]
    fn an_import_that_lacks_households_is_not() {
        let refusal = taken(2).when("sa.macau", complete()).then_refused(RefusalCode::WrongState);
        assert_eq!(refusal.offending, ["households"]);
    }

    #[test]
    fn an_import_is_completed_once_and_only_by_its_party() {
        let scene = taken(3).when("sa.macau", complete()).then_done();
        scene.when("sa.macau", complete()).then_refused(RefusalCode::WrongState);
        taken(3).when("sa.hengqin", complete()).then_refused(RefusalCode::NotFound);
    }

    #[test]
    fn an_import_that_another_has_overtaken_is_not_completed() {
        let other = ImportId(uuid::Uuid::from_u128(1));
        let started = RegisterImportStarted { import: other, households: 1, file_digest: [8; 32] };
        taken(3).and("sa.macau", started).when("sa.macau", complete()).then_refused(RefusalCode::WrongState);
    }

    #[test]
    fn a_reviewer_completes_nothing() {
        taken(3).when("rv.macau", complete()).then_refused(RefusalCode::RoleNotAllowed);
    }
}
