//! `StartRegisterImport`: a file of the party's case system begins to come in.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::ImportId;
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::register::{ImportFacts, REGISTER_HOUSEHOLDS_MAX, RegisterImportStarted};
use crate::time::{Instant, MINUTE_US};
use crate::view::{Rows, Sides, ViewError};

/// How long an unfinished import keeps others from starting. Long enough for a file of 200,000 households (under a
/// minute on one core); short enough that an importer that died does not block the day. After it, a new start
/// abandons the old import.
pub const IMPORT_EXCLUSIVE_US: i64 = 10 * MINUTE_US;

/// Begins an import of the party's own register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StartRegisterImport {
    /// The import.
    pub import: ImportId,
    /// Households that will come: 1 to [`REGISTER_HOUSEHOLDS_MAX`].
    pub households: u32,
    /// SHA-256 of the file.
    pub file_digest: [u8; 32],
}

impl Decide for StartRegisterImport {
    const ROLES: &'static [Role] = &[Role::Administrator, Role::Liaison, Role::Caseworker, Role::Node];
    /// Every import there is.
    type State = Vec<(ImportId, Sides<ImportFacts>)>;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        rows.all()
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        if state.iter().any(|(import, _)| *import == self.import) {
            return Err(Refusal::new(RefusalCode::AlreadyExists));
        }
        if !(1..=REGISTER_HOUSEHOLDS_MAX).contains(&self.households) {
            return Err(Refusal::new(RefusalCode::BadList).offending(["households"]));
        }
        let free_at = state.iter().filter_map(|(_, sides)| busy_until(sides.of(context.me)?)).max();
        if let Some(free_at) = free_at.filter(|free_at| *free_at > context.now) {
            return Err(Refusal::new(RefusalCode::ImportRunning).effective_at(free_at));
        }
        let Self { import, households, file_digest } = *self;
        Ok(RegisterImportStarted { import, households, file_digest }.into())
    }
}

fn busy_until(import: &ImportFacts) -> Option<Instant> {
    let (_, said) = import.started.as_ref().filter(|_| import.completed.is_none())?;
    Some(said.at.plus_us(IMPORT_EXCLUSIVE_US))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{NOON, document, given, given_nothing, register};

    fn start(number: u128) -> StartRegisterImport {
        let import = ImportId(uuid::Uuid::from_u128(number));
        StartRegisterImport { import, households: 3, file_digest: [9; 32] }
    }

    fn started(number: u128) -> RegisterImportStarted {
        let StartRegisterImport { import, households, file_digest } = start(number);
        RegisterImportStarted { import, households, file_digest }
    }

    #[test]
    fn an_import_starts() {
        for who in ["sa.macau", "lo.macau", "cw.macau", "node.macau"] {
            given_nothing().when(who, start(5)).then(started(5));
        }
    }

    #[test]
    fn the_size_of_a_register_is_bounded() {
        let of = |households| given_nothing().when("sa.macau", StartRegisterImport { households, ..start(5) });
        of(1).then_done();
        of(REGISTER_HOUSEHOLDS_MAX).then_done();
        of(0).then_refused(RefusalCode::BadList);
        of(REGISTER_HOUSEHOLDS_MAX + 1).then_refused(RefusalCode::BadList);
    }

    #[test]
    fn an_import_starts_once() {
        let scene = register(given_nothing(), "macau", &[document()]); // import 1, complete
        scene.clone().when("sa.macau", start(1)).then_refused(RefusalCode::AlreadyExists);
        scene.when("sa.macau", start(2)).then_done();
    }

    #[test]
    fn an_unfinished_import_blocks_others_for_a_while() {
        let at = |now| given([("sa.macau", started(5))]).at(now).when("sa.macau", start(6));
        let free_at = NOON.plus_us(IMPORT_EXCLUSIVE_US);
        assert_eq!(at(free_at.plus_us(-1)).then_refused(RefusalCode::ImportRunning).effective_at, Some(free_at));
        at(free_at).then_done();
    }

    #[test]
    fn another_partys_import_blocks_nothing() {
        given([("sa.macau", started(5))]).when("sa.hengqin", start(6)).then(started(6));
    }

    #[test]
    fn a_reviewer_imports_nothing() {
        given_nothing().when("rv.macau", start(5)).then_refused(RefusalCode::RoleNotAllowed);
    }
}
