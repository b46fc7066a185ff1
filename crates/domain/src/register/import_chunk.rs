//! `ImportRegisterChunk`: some households of a running import.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::ImportId;
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::register::facts::running;
use crate::register::{
    CHUNK_HOUSEHOLDS_MAX, Household, ImportFacts, MEMBERS_MAX, OTHER_DOCUMENTS_MAX, RegisterChunkImported,
};
use crate::view::{Rows, Sides, ViewError};

/// Imports some households.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportRegisterChunk {
    /// The import.
    pub import: ImportId,
    /// Position of the chunk, from 0; chunks come in order.
    pub chunk: u32,
    /// The households: 1 to [`CHUNK_HOUSEHOLDS_MAX`], each reference once. References must differ across the chunks
    /// of a file as well; the importer sees the whole file and checks that.
    pub households: Vec<Household>,
}

impl Decide for ImportRegisterChunk {
    const ROLES: &'static [Role] = &[Role::Administrator, Role::Liaison, Role::Caseworker, Role::Node];
    /// Every import there is.
    type State = Vec<(ImportId, Sides<ImportFacts>)>;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        rows.all()
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let (facts, started) = running(state, context.me, self.import)?;
        if self.chunk != facts.chunks {
            return Err(Refusal::new(RefusalCode::WrongState).offending(["chunk"]));
        }
        let bad_list = |part: String| Refusal::new(RefusalCode::BadList).offending([part]);
        let references: BTreeSet<&str> = self.households.iter().map(|h| h.reference.as_str()).collect();
        let announced = started.households.saturating_sub(facts.households);
        let fits = (1..=CHUNK_HOUSEHOLDS_MAX).contains(&self.households.len())
            && references.len() == self.households.len()
            && u32::try_from(self.households.len()).is_ok_and(|len| len <= announced);
        if !fits {
            return Err(bad_list("households".to_owned()));
        }
        for (no, household) in (1..).zip(&self.households) {
            let no: u32 = no;
            let members = &household.members;
            let too_many_documents = members.iter().any(|m| m.other_documents.len() > OTHER_DOCUMENTS_MAX);
            if !(1..=MEMBERS_MAX).contains(&members.len()) || too_many_documents {
                return Err(bad_list(format!("household#{no}")));
            }
            if household.as_of > context.now.local_date() {
                return Err(Refusal::new(RefusalCode::BadDate).offending([format!("household#{no}")]));
            }
        }
        let (import, chunk, households) = (self.import, self.chunk, self.households.clone());
        Ok(RegisterChunkImported { import, party: context.me, chunk, households }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::register::{RegisterImportCompleted, RegisterImportStarted};
    use crate::testing::{NOON, Scene, document, given, household, party, stranger};
    use crate::time::DAY_US;

    fn import() -> ImportId {
        ImportId(uuid::Uuid::from_u128(5))
    }

    fn started(households: u32) -> Scene {
        given([("sa.macau", RegisterImportStarted { import: import(), households, file_digest: [9; 32] })])
    }

    fn chunk() -> ImportRegisterChunk {
        let households = vec![household("A", &[document()]), household("B", &[stranger()])];
        ImportRegisterChunk { import: import(), chunk: 0, households }
    }

    fn of(count: usize) -> ImportRegisterChunk {
        let households = (0..count).map(|n| household(&format!("R{n}"), &[document()])).collect();
        ImportRegisterChunk { households, ..chunk() }
    }

    #[test]
    fn households_come_in_for_the_own_party() {
        let ImportRegisterChunk { import, chunk: no, households } = chunk();
        let imported = RegisterChunkImported { import, party: party("macau"), chunk: no, households };
        started(2).when("sa.macau", chunk()).then(imported);
    }

    #[test]
    fn only_a_running_import_of_the_own_party_takes_households() {
        started(2).when("sa.hengqin", chunk()).then_refused(RefusalCode::NotFound);
        let completed = RegisterImportCompleted { import: import(), party: party("macau") };
        started(2).and("sa.macau", completed).when("sa.macau", chunk()).then_refused(RefusalCode::WrongState);
    }

    #[test]
    fn an_import_that_another_has_overtaken_takes_nothing_more() {
        let other = ImportId(uuid::Uuid::from_u128(1)); // sorts before: the order is that of the log, not of the ids
        let overtaken = |who| {
            let start = RegisterImportStarted { import: other, households: 9, file_digest: [8; 32] };
            started(2).and(who, start).when("sa.macau", chunk())
        };
        overtaken("sa.macau").then_refused(RefusalCode::WrongState);
        overtaken("sa.hengqin").then_done();
    }

    #[test]
    fn chunks_come_in_order_and_once() {
        let at = |chunk| ImportRegisterChunk { chunk, ..of(1) };
        started(5).when("sa.macau", at(1)).then_refused(RefusalCode::WrongState);
        let scene = started(5).when("sa.macau", at(0)).then_done();
        scene.clone().when("sa.macau", at(0)).then_refused(RefusalCode::WrongState);
        scene.when("sa.macau", at(1)).then_done();
    }

    #[test]
    fn a_chunk_has_a_longest_length() {
        let max = CHUNK_HOUSEHOLDS_MAX;
        started(1_000).when("sa.macau", of(max)).then_done();
        started(1_000).when("sa.macau", of(max + 1)).then_refused(RefusalCode::BadList);
        started(1_000).when("sa.macau", of(0)).then_refused(RefusalCode::BadList);
    }

    #[test]
    fn no_more_households_than_announced() {
        started(1).when("sa.macau", of(2)).then_refused(RefusalCode::BadList);
        let scene = started(3).when("sa.macau", of(2)).then_done();
        let next = |count| ImportRegisterChunk { chunk: 1, ..of(count) };
        scene.clone().when("sa.macau", next(2)).then_refused(RefusalCode::BadList);
        scene.when("sa.macau", next(1)).then_done();
    }

    #[test]
    fn each_single_fault_of_a_household_is_named() {
        type Change = fn(&mut Vec<Household>);
        let faults: &[(&str, Change, RefusalCode, &str)] = &[
            ("reference twice", |h| h[1].reference = h[0].reference.clone(), RefusalCode::BadList, "households"),
            ("no members", |h| h[1].members.clear(), RefusalCode::BadList, "household#2"),
            (
                "too many members",
                |h| h[0].members = vec![h[0].members[0].clone(); MEMBERS_MAX + 1],
                RefusalCode::BadList,
                "household#1",
            ),
            (
                "too many documents",
                |h| h[0].members[0].other_documents = vec![document(); OTHER_DOCUMENTS_MAX + 1],
                RefusalCode::BadList,
                "household#1",
            ),
            ("tomorrow", |h| h[1].as_of = NOON.plus_us(DAY_US).local_date(), RefusalCode::BadDate, "household#2"),
        ];
        for (name, change, code, offending) in faults {
            let mut chunk = chunk();
            change(&mut chunk.households);
            let refusal = started(2).when("sa.macau", chunk).result.expect_err(name);
            assert_eq!(refusal, Refusal::new(*code).offending([*offending]), "{name}");
        }
        let mut largest = chunk();
        largest.households[0].members = vec![largest.households[0].members[0].clone(); MEMBERS_MAX];
        largest.households[0].members[0].other_documents = vec![document(); OTHER_DOCUMENTS_MAX];
        started(2).when("sa.macau", largest).then_done();
    }

    #[test]
    fn a_reviewer_imports_nothing() {
        started(2).when("rv.macau", chunk()).then_refused(RefusalCode::RoleNotAllowed);
    }
}
