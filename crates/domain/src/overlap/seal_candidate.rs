//! `SealCandidate`: the data of a candidate dismissed 30 days ago is sealed.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::CandidateId;
use crate::officer::Role;
use crate::overlap::guards::{CandidateRows, candidate, load_candidate, refuse_unless};
use crate::overlap::{CandidateSealed, CandidateState, SEAL_AFTER_US};
use crate::refusal::{Refusal, RefusalCode};
use crate::view::{Rows, ViewError};

/// Seals a dismissed candidate: the record and the words about it leave the view. A duty of the service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealCandidate {
    /// The candidate.
    pub candidate: CandidateId,
}

impl Decide for SealCandidate {
    const ROLES: &'static [Role] = &[Role::Node];
    type State = CandidateRows;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        load_candidate(rows, self.candidate)
    }

    fn decide(&self, rows: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let (facts, state) = candidate(rows, context)?;
        refuse_unless(state == CandidateState::Dismissed, RefusalCode::WrongState)?;
        let due = facts.dismissed.as_ref().map(|(_, said)| said.at.plus_us(SEAL_AFTER_US));
        refuse_unless(due.is_some_and(|due| context.now >= due), RefusalCode::WrongState)?;
        Ok(CandidateSealed { candidate: self.candidate }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agenda::{Case, Duty, Outlook, every_case, next_duty, touched};
    use crate::overlap::sample::{candidate as id, given_executed, note};
    use crate::overlap::{CandidateFacts, DismissalReason, OverlapDismissed};
    use crate::testing::{Scene, party};
    use crate::time::Instant;

    fn seal() -> SealCandidate {
        SealCandidate { candidate: id(1) }
    }

    fn dismissed() -> OverlapDismissed {
        OverlapDismissed { candidate: id(1), reason: DismissalReason::WrongDocument, note: note() }
    }

    /// The scene, and when sealing is due.
    fn scene() -> (Scene, Instant) {
        let scene = given_executed();
        let due = scene.now.plus_us(SEAL_AFTER_US);
        (scene.and("rv.macau", dismissed()), due)
    }

    fn duty(scene: &Scene, name: &str) -> Option<Duty> {
        let me = party(name);
        let outlook = Outlook { me, rules: crate::party::rules_of(me).unwrap(), rows: scene.rows() };
        next_duty(&outlook, Case::Candidate(id(1))).unwrap()
    }

    #[test]
    fn a_dismissed_candidate_is_sealed_after_thirty_days_and_its_data_gone() {
        let (scene, due) = scene();
        assert_eq!(duty(&scene, "macau"), Some(Duty { at: due, command: seal().into() }));
        scene.clone().at(due.plus_us(-1)).when("node.macau", seal()).then_refused(RefusalCode::WrongState);
        let scene = scene.at(due).when("node.macau", seal()).then(CandidateSealed { candidate: id(1) });
        let facts = scene.rows().side::<CandidateFacts>(&id(1), party("macau")).unwrap().unwrap();
        assert_eq!((facts.record, facts.dismissal_note), (None, None));
        assert_eq!(facts.dismissed.map(|(reason, _)| reason), Some(DismissalReason::WrongDocument));
        assert_eq!(duty(&scene, "macau"), None);
        scene.when("node.macau", seal()).then_refused(RefusalCode::WrongState);
    }

    #[test]
    fn others_keep_their_data() {
        let scene = given_executed();
        assert_eq!(duty(&scene, "macau"), None);
        scene.clone().when("node.macau", seal()).then_refused(RefusalCode::WrongState);
        assert_eq!(duty(&scene, "zhuhai"), None);
    }

    #[test]
    fn every_candidate_is_a_case_and_its_dismissal_touches_it() {
        assert_eq!(touched(&dismissed().into()), [Case::Candidate(id(1))]);
        let (scene, me) = (scene().0, party("macau"));
        let outlook = Outlook { me, rules: crate::party::rules_of(me).unwrap(), rows: scene.rows() };
        let cases = every_case(&outlook).unwrap();
        assert!(cases.contains(&Case::Candidate(id(1))) && cases.contains(&Case::Candidate(id(2))));
    }

    #[test]
    fn no_officer_seals() {
        let (scene, due) = scene();
        scene.at(due).when("rv.macau", seal()).then_refused(RefusalCode::RoleNotAllowed);
    }
}
