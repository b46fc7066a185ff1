//! `AssessOverlap`: the reviewer looks whether the rules forbid both benefits at all.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::CandidateId;
use crate::officer::Role;
use crate::overlap::guards::{CandidateRows, candidate, load_candidate, only_the_reviewer, refuse_unless};
use crate::overlap::{Assessment, CandidateState, OverlapAssessed};
use crate::refusal::{Refusal, RefusalCode};
use crate::text::Note;
use crate::view::{Rows, ViewError};

/// Assesses a confirmed overlap: lawful, which ends it, or to be clarified with the person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssessOverlap {
    /// The candidate.
    pub candidate: CandidateId,
    /// What the rules say.
    pub assessment: Assessment,
    /// Which rule.
    pub note: Note,
}

impl Decide for AssessOverlap {
    const ROLES: &'static [Role] = &[Role::Reviewer];
    type State = CandidateRows;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        load_candidate(rows, self.candidate)
    }

    fn decide(&self, rows: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let (_, state) = candidate(rows, context)?;
        only_the_reviewer(rows, context)?;
        refuse_unless(state == CandidateState::Confirmed, RefusalCode::WrongState)?;
        let Self { candidate, assessment, note } = self.clone();
        Ok(OverlapAssessed { candidate, assessment, note }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::overlap::sample::{candidate as id, given_confirmed, given_executed, note};

    fn assess(assessment: Assessment) -> AssessOverlap {
        AssessOverlap { candidate: id(1), assessment, note: note() }
    }

    #[test]
    fn a_confirmed_overlap_is_assessed_once() {
        for assessment in [Assessment::Lawful, Assessment::ToClarify] {
            let assessed = OverlapAssessed { candidate: id(1), assessment, note: note() };
            let scene = given_confirmed().when("rv.macau", assess(assessment)).then(assessed.clone());
            scene.when("rv.macau", assess(Assessment::Lawful)).then_refused(RefusalCode::WrongState);
            assert!(Event::from(assessed).readers().is_empty());
        }
    }

    #[test]
    fn not_before_it_is_confirmed() {
        given_executed().when("rv.macau", assess(Assessment::Lawful)).then_refused(RefusalCode::WrongState);
    }

    #[test]
    fn only_the_reviewer_of_the_run() {
        given_confirmed().when("rv2.macau", assess(Assessment::Lawful)).then_refused(RefusalCode::RoleNotAllowed);
        given_confirmed().when("cw.macau", assess(Assessment::Lawful)).then_refused(RefusalCode::RoleNotAllowed);
        given_confirmed().when("rv.zhuhai", assess(Assessment::Lawful)).then_refused(RefusalCode::NotFound);
    }
}
