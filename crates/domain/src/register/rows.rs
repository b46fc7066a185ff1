//! Rows of the register, and the one way to read them.
//!
//! ```text
//! 80 00 ‖ party                                       → id of the import that is the register
//! 80 01 ‖ party ‖ 00 ‖ import ‖ reference             → household
//! 80 02 ‖ party ‖ 00 ‖ import ‖ document key          → (reference, position of the member)
//! 80 03 ‖ party ‖ 00 ‖ import                         → nothing: the import has rows
//! ```
//!
//! An import's rows lie beside those of the register until its last event moves the first row to it and removes the
//! rows of every other import, the former register's and those that were abandoned half-way.

use serde::{Deserialize, Serialize};

use crate::id::{ImportId, PartyId};
use crate::identity::{Document, DocumentKey};
use crate::lookup::Permit;
use crate::register::{Household, Member, RegisterChunkImported, RegisterImportCompleted};
use crate::view::{Overlay, RowId, RowStore, Table, ViewError};

const CURRENT: u8 = 0;
pub(super) const HOUSEHOLD: u8 = 1;
const DOCUMENT: u8 = 2;
const IMPORT: u8 = 3;

fn party_prefix(sub: u8, party: PartyId) -> Vec<u8> {
    let mut key = vec![Table::REGISTER, sub];
    key.extend(party.as_str().bytes());
    key.push(0);
    key
}

pub(super) fn prefix(sub: u8, party: PartyId, import: ImportId) -> Vec<u8> {
    let mut key = party_prefix(sub, party);
    key.extend(import.to_bytes());
    key
}

pub(super) fn current_key(party: PartyId) -> Vec<u8> {
    let mut key = vec![Table::REGISTER, CURRENT];
    key.extend(party.as_str().bytes());
    key
}

fn household_key(party: PartyId, import: ImportId, reference: &str) -> Vec<u8> {
    let mut key = prefix(HOUSEHOLD, party, import);
    key.extend(reference.bytes());
    key
}

fn document_key(party: PartyId, import: ImportId, document: &DocumentKey) -> Result<Vec<u8>, ViewError> {
    let mut key = prefix(DOCUMENT, party, import);
    key.extend(crate::view::encode_row(document)?);
    Ok(key)
}

#[derive(Serialize, Deserialize)]
struct Place {
    reference: String,
    member: u16,
}

pub(crate) fn project_chunk(rows: &mut Overlay<'_>, event: &RegisterChunkImported) -> Result<(), ViewError> {
    let (party, import) = (event.party, event.import);
    rows.set(prefix(IMPORT, party, import), Vec::new());
    for household in &event.households {
        let reference = household.reference.as_str();
        rows.set(household_key(party, import, reference), crate::view::encode_row(household)?);
        for (position, member) in household.members.iter().enumerate() {
            let place = Place { reference: reference.to_owned(), member: u16::try_from(position).unwrap_or(u16::MAX) };
            let place = crate::view::encode_row(&place)?;
            for document in std::iter::once(&member.subject.document).chain(&member.other_documents) {
                rows.set(document_key(party, import, &document.key())?, place.clone());
            }
        }
    }
    Ok(())
}

pub(crate) fn project_completion(rows: &mut Overlay<'_>, event: &RegisterImportCompleted) -> Result<(), ViewError> {
    let own = prefix(IMPORT, event.party, event.import);
    let named = party_prefix(IMPORT, event.party);
    for (mark, _) in rows.scan(&named)?.into_iter().filter(|(mark, _)| *mark != own) {
        let import = mark.get(named.len()..).and_then(ImportId::from_bytes);
        let import = import.ok_or(ViewError::Row { table: Table::REGISTER })?;
        for sub in [HOUSEHOLD, DOCUMENT] {
            for (key, _) in rows.scan(&prefix(sub, event.party, import))? {
                rows.remove(key);
            }
        }
        rows.remove(mark);
    }
    rows.set(current_key(event.party), event.import.to_bytes());
    Ok(())
}

/// A person found in the register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegisterMatch {
    /// The person's household.
    pub household: Household,
    /// The person.
    pub member: Member,
}

/// What came of looking a person up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RegisterRead {
    /// No import is complete yet: nothing was searched, so nothing can be said about the person.
    NoRegister,
    /// Searched; the register holds nothing on the person.
    NoRecord,
    /// Found.
    Found(Box<RegisterMatch>),
}

/// Looks the permit's person up in the register of the party that gave the permit.
///
/// # Errors
/// When a row can't be read.
pub fn person(store: &dyn RowStore, permit: &Permit) -> Result<RegisterRead, ViewError> {
    let (party, document): (PartyId, &Document) = (permit.holder(), permit.subject());
    let Some(import) = store.get(&current_key(party))?.as_deref().and_then(ImportId::from_bytes) else {
        return Ok(RegisterRead::NoRegister);
    };
    let none = Ok(RegisterRead::NoRecord);
    let Some(place) = store.get(&document_key(party, import, &document.key())?)? else { return none };
    let place: Place = crate::view::decode_row(&place)?;
    let Some(household) = store.get(&household_key(party, import, &place.reference))? else { return none };
    let household: Household = crate::view::decode_row(&household)?;
    let Some(member) = household.members.get(usize::from(place.member)).cloned() else { return none };
    Ok(RegisterRead::Found(Box::new(RegisterMatch { household, member })))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lookup::Permit;
    use crate::register::RegisterImportStarted;
    use crate::testing::{
        Scene, document, given, given_nothing, household, lookup, party, permitted, register, stranger,
    };

    fn import(number: u128) -> ImportId {
        ImportId(uuid::Uuid::from_u128(number))
    }

    fn start(scene: Scene, number: u128) -> Scene {
        let started = RegisterImportStarted { import: import(number), households: 1, file_digest: [0; 32] };
        scene.and("node.macau", started)
    }

    fn chunk(scene: Scene, number: u128, households: Vec<Household>) -> Scene {
        let (import, party) = (import(number), party("macau"));
        scene.and("node.macau", RegisterChunkImported { import, party, chunk: 0, households })
    }

    fn complete(scene: Scene, number: u128) -> Scene {
        scene.and("node.macau", RegisterImportCompleted { import: import(number), party: party("macau") })
    }

    fn take(scene: Scene, number: u128, household: Household) -> Scene {
        complete(chunk(start(scene, number), number, vec![household]), number)
    }

    /// The reference of the household in which Macau's register has the sample person.
    fn found(scene: &Scene) -> Option<String> {
        let scene = scene.clone().and("node.macau", permitted(1, Vec::new()));
        let permit = Permit::open(&scene.rows(), party("macau"), lookup(1)).unwrap().unwrap();
        match person(scene.store(), &permit).unwrap() {
            RegisterRead::Found(found) => Some(found.household.reference.into()),
            RegisterRead::NoRecord | RegisterRead::NoRegister => None,
        }
    }

    fn register_rows(scene: &Scene) -> Vec<(Vec<u8>, Vec<u8>)> {
        scene.store().scan(&[Table::REGISTER]).unwrap()
    }

    #[test]
    fn an_import_is_read_only_when_it_is_complete() {
        let scene = start(given_nothing(), 1);
        assert_eq!(found(&scene), None);
        let scene = chunk(scene, 1, vec![household("A", &[document()])]);
        assert_eq!(found(&scene), None);
        assert_eq!(found(&complete(scene, 1)).as_deref(), Some("A"));
    }

    #[test]
    fn the_register_before_is_read_until_the_next_is_complete() {
        let scene = take(given_nothing(), 1, household("A", &[document()]));
        let scene = chunk(start(scene, 2), 2, vec![household("B", &[document()])]);
        assert_eq!(found(&scene).as_deref(), Some("A"));
        assert_eq!(found(&complete(scene, 2)).as_deref(), Some("B"));
    }

    #[test]
    fn a_person_who_is_not_in_the_next_import_is_gone() {
        let scene = take(given_nothing(), 1, household("A", &[document()]));
        assert_eq!(found(&take(scene, 2, household("B", &[stranger()]))), None);
    }

    #[test]
    fn no_register_is_not_no_record() {
        let read = |scene: &Scene| {
            let scene = scene.clone().and("node.macau", permitted(1, Vec::new()));
            let permit = Permit::open(&scene.rows(), party("macau"), lookup(1)).unwrap().unwrap();
            person(scene.store(), &permit).unwrap()
        };
        assert_eq!(read(&start(given_nothing(), 1)), RegisterRead::NoRegister);
        assert_eq!(read(&take(given_nothing(), 1, household("B", &[stranger()]))), RegisterRead::NoRecord);
    }

    #[test]
    fn nothing_of_other_imports_is_left() {
        let only_b = take(given_nothing(), 2, household("B", &[stranger()]));
        let a_then_b = take(given_nothing(), 1, household("A", &[document()]));
        assert_eq!(register_rows(&take(a_then_b, 2, household("B", &[stranger()]))), register_rows(&only_b));
        let abandoned = chunk(start(given_nothing(), 1), 1, vec![household("A", &[document()])]);
        assert_ne!(register_rows(&abandoned), []);
        assert_eq!(register_rows(&take(abandoned, 2, household("B", &[stranger()]))), register_rows(&only_b));
    }

    #[test]
    fn an_import_leaves_another_partys_register_alone() {
        let theirs = |scene: &Scene| -> Vec<_> {
            let has = |key: &[u8]| key.windows(7).any(|part| part == b"hengqin");
            register_rows(scene).into_iter().filter(|(key, _)| has(key)).collect()
        };
        let before = register(given_nothing(), "hengqin", &[document()]);
        let after = take(take(before.clone(), 2, household("A", &[document()])), 3, household("B", &[document()]));
        assert!(!theirs(&before).is_empty());
        assert_eq!(theirs(&after), theirs(&before));
    }

    #[test]
    fn a_permit_opens_the_register_of_its_party_only() {
        let scene = register(given_nothing(), "hengqin", &[document()]);
        assert_eq!(found(&scene), None);
    }

    #[test]
    fn a_person_is_found_by_each_document_and_across_renewals() {
        let mut known = household("A", &[stranger(), stranger()]);
        known.members[1].subject.document = crate::testing::subject("440402190001010013").document;
        known.members[1].other_documents = vec![document()];
        let scene = take(given_nothing(), 1, known.clone());
        let scene = scene.and("node.macau", permitted(1, Vec::new()));
        let permit = Permit::open(&scene.rows(), party("macau"), lookup(1)).unwrap().unwrap();
        let expected = RegisterMatch { member: known.members[1].clone(), household: known };
        assert_eq!(person(scene.store(), &permit).unwrap(), RegisterRead::Found(Box::new(expected)));
    }

    #[test]
    fn facts_count_chunks_and_households_without_overflow() {
        let (import, party) = (import(1), party("macau"));
        let last = RegisterChunkImported { import, party, chunk: u32::MAX, households: vec![household("A", &[])] };
        let scene = given([("node.macau", last)]);
        let facts = scene.rows().side::<crate::register::ImportFacts>(&import, party).unwrap().unwrap();
        assert_eq!((facts.chunks, facts.households), (u32::MAX, 1));
    }
}
