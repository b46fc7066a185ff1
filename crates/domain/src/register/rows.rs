//! Rows of the register, and the one way to read them.
//!
//! ```text
//! 80 00 ‖ party                                       → id of the import that is the register
//! 80 01 ‖ party ‖ 00 ‖ import ‖ reference             → household
//! 80 02 ‖ party ‖ 00 ‖ import ‖ document key          → (reference, position of the member)
//! ```

use serde::{Deserialize, Serialize};

use crate::id::{ImportId, PartyId};
use crate::identity::{Document, DocumentKey};
use crate::lookup::Permit;
use crate::register::{Household, Member, RegisterChunkImported, RegisterImportCompleted};
use crate::view::{Overlay, RowId, RowStore, Table, ViewError};

const CURRENT: u8 = 0;
const HOUSEHOLD: u8 = 1;
const DOCUMENT: u8 = 2;

fn prefix(sub: u8, party: PartyId, import: ImportId) -> Vec<u8> {
    let mut key = vec![Table::REGISTER, sub];
    key.extend(party.as_str().bytes());
    key.push(0);
    key.extend(import.to_bytes());
    key
}

fn current_key(party: PartyId) -> Vec<u8> {
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
    let current = current_key(event.party);
    if let Some(before) = rows.get(&current)?.as_deref().and_then(ImportId::from_bytes) {
        for sub in [HOUSEHOLD, DOCUMENT] {
            for (key, _) in rows.scan(&prefix(sub, event.party, before))? {
                rows.remove(key);
            }
        }
    }
    rows.set(current, event.import.to_bytes());
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

/// Looks the permit's person up in the register of the party that gave the permit.
///
/// # Errors
/// When a row can't be read.
pub fn person(store: &dyn RowStore, permit: &Permit) -> Result<Option<RegisterMatch>, ViewError> {
    let (party, document): (PartyId, &Document) = (permit.holder(), permit.subject());
    let Some(import) = store.get(&current_key(party))?.as_deref().and_then(ImportId::from_bytes) else {
        return Ok(None);
    };
    let Some(place) = store.get(&document_key(party, import, &document.key())?)? else { return Ok(None) };
    let place: Place = crate::view::decode_row(&place)?;
    let Some(household) = store.get(&household_key(party, import, &place.reference))? else { return Ok(None) };
    let household: Household = crate::view::decode_row(&household)?;
    let member = household.members.get(usize::from(place.member)).cloned();
    Ok(member.map(|member| RegisterMatch { household, member }))
}
