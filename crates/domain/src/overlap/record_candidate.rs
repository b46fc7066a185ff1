//! `RecordCandidate`: a person of the own set is in the overlap. Own log only.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::CandidateId;
use crate::officer::Role;
use crate::overlap::guards::refuse_unless;
use crate::overlap::{CandidateFound, MatchRunFacts, OwnRecord};
use crate::refusal::{Refusal, RefusalCode};
use crate::view::{Rows, Sides, ViewError};

/// Records a candidate of a running run. The service commands it, candidate after candidate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordCandidate {
    /// The candidate; numbers go up from 1.
    pub candidate: CandidateId,
    /// The own record.
    pub record: OwnRecord,
}

impl Decide for RecordCandidate {
    const ROLES: &'static [Role] = &[Role::Node];
    type State = Sides<MatchRunFacts>;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        rows.sides(&self.candidate.run)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let own = state.of(context.me).ok_or_else(|| Refusal::new(RefusalCode::NotFound))?;
        let next = own.candidates.checked_add(1);
        let in_set = own.begun.as_ref().is_some_and(|(begun, _)| u32::from(self.candidate.no) <= begun.persons);
        refuse_unless(own.is_running() && next == Some(self.candidate.no) && in_set, RefusalCode::WrongState)?;
        Ok(CandidateFound { candidate: self.candidate, record: self.record.clone() }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::overlap::sample::{begun, candidate, found, given_authorised, given_begun, given_executed, record};

    fn record_no(no: u16) -> RecordCandidate {
        RecordCandidate { candidate: candidate(no), record: record() }
    }

    #[test]
    fn candidates_of_a_running_run_are_recorded_in_order_for_the_own_log() {
        let scene = given_begun().when("node.macau", record_no(1)).then(found(1));
        scene.clone().when("node.macau", record_no(1)).then_refused(RefusalCode::WrongState);
        scene.clone().when("node.macau", record_no(3)).then_refused(RefusalCode::WrongState);
        scene.when("node.macau", record_no(2)).then(found(2));
        assert!(Event::from(found(1)).readers().is_empty());
    }

    #[test]
    fn not_without_a_running_run() {
        given_authorised().when("node.macau", record_no(1)).then_refused(RefusalCode::WrongState);
        given_executed().when("node.macau", record_no(3)).then_refused(RefusalCode::WrongState);
        given_begun().when("node.hengqin", record_no(1)).then_refused(RefusalCode::NotFound);
    }

    #[test]
    fn no_more_than_persons_in_the_set() {
        let mut scene = given_begun();
        let persons = u16::try_from(begun("macau").persons).unwrap();
        for no in 1..=persons {
            scene = scene.when("node.macau", record_no(no)).then_done();
        }
        scene.when("node.macau", record_no(persons + 1)).then_refused(RefusalCode::WrongState);
    }

    #[test]
    fn no_officer_records_one() {
        given_begun().when("rv.macau", record_no(1)).then_refused(RefusalCode::RoleNotAllowed);
    }
}
