//! The own set of a run: made under the permit, turned back into own records at the end.

use std::collections::{BTreeSet, HashSet};

use rand::seq::SliceRandom;
use tongcha_domain::id::{MatchRunId, PartyId};
use tongcha_domain::identity::Document;
use tongcha_domain::overlap::{MatchPermit, OwnRecord};
use tongcha_domain::refusal::{Refusal, RefusalCode};
use tongcha_domain::register::{MatchMember, match_set};
use tongcha_ledger::canonical;

use crate::clock::wall_clock;
use crate::core::{Core, CoreError};

/// Begins every input of the PRF.
const PREFIX: &[u8] = b"tongcha/match-element/v1\0";

/// The persons of the own set and their elements, one for each document key.
pub(super) struct OwnSet {
    members: Vec<MatchMember>,
    /// Person and document of each element, in random order.
    places: Vec<(usize, usize)>,
    inputs: Vec<Vec<u8>>,
    elements_max: u32,
}

impl OwnSet {
    /// Makes the set that the committed rows permit, for a run with this party; the refusal says why they don't.
    pub(super) fn prepare(
        core: &Core,
        run: MatchRunId,
        other: Option<PartyId>,
    ) -> Result<Result<(Self, PartyId), Refusal>, CoreError> {
        let permit = match MatchPermit::open(&core.rows(), core.me(), run, wall_clock())? {
            Ok(permit) => permit,
            Err(refusal) => return Ok(Err(refusal)),
        };
        if other.is_some_and(|other| other != permit.other()) {
            return Ok(Err(Refusal::new(RefusalCode::NotFound)));
        }
        let Some(members) = match_set(core.store(), &permit)? else {
            return Ok(Err(Refusal::new(RefusalCode::NotFound).offending(["register"])));
        };
        let set = Self::new(run, permit.elements_max(), members);
        if set.elements() > set.elements_max {
            return Ok(Err(Refusal::new(RefusalCode::MatchLimit).offending(["elements_max"])));
        }
        Ok(Ok((set, permit.other())))
    }

    fn new(run: MatchRunId, elements_max: u32, members: Vec<MatchMember>) -> Self {
        let mut seen = BTreeSet::new();
        let mut elements = Vec::new();
        for (person, member) in members.iter().enumerate() {
            for (position, document) in member.documents.iter().enumerate() {
                if seen.insert(document.key()) {
                    elements.push(((person, position), input(run, document)));
                }
            }
        }
        // The order of the register says who is who to somebody who knows it.
        elements.shuffle(&mut rand::rng());
        let (places, inputs) = elements.into_iter().unzip();
        Self { members, places, inputs, elements_max }
    }

    /// Returns the inputs of the PRF.
    pub(super) fn inputs(&self) -> &[Vec<u8>] {
        &self.inputs
    }

    /// Returns how many elements either set may have.
    pub(super) fn elements_max(&self) -> u32 {
        self.elements_max
    }

    /// Returns how many elements there are.
    pub(super) fn elements(&self) -> u32 {
        u32::try_from(self.inputs.len()).unwrap_or(u32::MAX)
    }

    /// Returns how many persons there are.
    pub(super) fn persons(&self) -> u32 {
        u32::try_from(self.members.len()).unwrap_or(u32::MAX)
    }

    /// Returns the own records behind elements, each person once, in the order of the references.
    pub(super) fn records(&self, overlap: &HashSet<usize>) -> Vec<OwnRecord> {
        let places = overlap.iter().filter_map(|element| self.places.get(*element));
        let places: BTreeSet<_> = places.copied().collect();
        let mut persons = BTreeSet::new();
        let first = places.into_iter().filter(|(person, _)| persons.insert(*person));
        let mut records: Vec<OwnRecord> = first
            .filter_map(|(person, position)| {
                let member = self.members.get(person)?;
                let document = member.documents.get(position)?.clone();
                Some(OwnRecord { reference: member.reference.clone(), document, programme: member.programme.clone() })
            })
            .collect();
        records.sort_by(|one, other| one.reference.cmp(&other.reference));
        records
    }
}

/// The input of the PRF for a document: its key, never a name, bound to the run.
fn input(run: MatchRunId, document: &Document) -> Vec<u8> {
    let key = canonical::encode(&document.key()).unwrap_or_default(); // not reached: keys are plain data
    [PREFIX, run.0.as_bytes(), &key].concat()
}

#[cfg(test)]
mod tests {
    use tongcha_domain::identity::DocumentKind;

    use super::*;

    const RUN: MatchRunId = MatchRunId(uuid::Uuid::from_u128(1));

    fn document(kind: DocumentKind, number: &str) -> Document {
        Document::parse(kind, number).unwrap()
    }

    fn set() -> OwnSet {
        let member = |reference: &str, documents| MatchMember {
            reference: reference.parse().unwrap(),
            programme: "低保".parse().unwrap(),
            documents,
        };
        let bir = document(DocumentKind::MacauBir, "9000001(0)");
        let permit = document(DocumentKind::HomeReturnPermit, "M0000000100");
        let renewed = document(DocumentKind::HomeReturnPermit, "M0000000101");
        let other = document(DocumentKind::MacauBir, "9000002(0)");
        OwnSet::new(RUN, 10, vec![member("B", vec![bir, permit, renewed]), member("A", vec![other])])
    }

    #[test]
    fn every_key_is_one_element_and_every_person_one_record() {
        let set = set();
        assert_eq!((set.elements(), set.persons()), (3, 2));
        let all: HashSet<usize> = (0..3).collect();
        let records = set.records(&all);
        assert_eq!(records.iter().map(|record| record.reference.as_str()).collect::<Vec<_>>(), ["A", "B"]);
        assert!(set.records(&HashSet::new()).is_empty());
    }

    #[test]
    fn a_renewed_permit_is_the_same_element_and_another_run_another() {
        let permit = |issue: u8| document(DocumentKind::HomeReturnPermit, &format!("M000000010{issue}"));
        assert_eq!(input(RUN, &permit(0)), input(RUN, &permit(1)));
        assert_ne!(input(RUN, &permit(0)), input(MatchRunId(uuid::Uuid::from_u128(2)), &permit(0)));
        let same_number = document(DocumentKind::HomeReturnPermitNonChinese, "M0000000100");
        assert_ne!(input(RUN, &permit(0)), input(RUN, &same_number));
    }
}
