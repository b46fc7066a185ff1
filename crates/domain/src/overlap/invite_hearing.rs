//! `InviteHearing`: the person is invited to be heard before anything is decided.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::CandidateId;
use crate::officer::Role;
use crate::overlap::guards::{CandidateRows, candidate, load_candidate, refuse_unless};
use crate::overlap::{CandidateState, HearingInvited};
use crate::refusal::{Refusal, RefusalCode};
use crate::text::Note;
use crate::time::Date;
use crate::view::{Rows, ViewError};

/// Invites the person of an overlap that is to be clarified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InviteHearing {
    /// The candidate.
    pub candidate: CandidateId,
    /// The day of the hearing: today or later.
    pub on: Date,
    /// Where, and what the person was told: what was compared, and that it can be contested.
    pub note: Note,
}

impl Decide for InviteHearing {
    const ROLES: &'static [Role] = &[Role::Caseworker, Role::Reviewer];
    type State = CandidateRows;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        load_candidate(rows, self.candidate)
    }

    fn decide(&self, rows: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let (_, state) = candidate(rows, context)?;
        refuse_unless(state == CandidateState::ToClarify, RefusalCode::WrongState)?;
        if self.on < context.now.local_date() {
            return Err(Refusal::new(RefusalCode::BadDate).offending(["on"]));
        }
        let Self { candidate, on, note } = self.clone();
        Ok(HearingInvited { candidate, on, note }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::overlap::sample::{candidate as id, given_confirmed, note};
    use crate::overlap::{Assessment, OverlapAssessed};
    use crate::testing::{NOON, Scene};

    fn invite() -> InviteHearing {
        InviteHearing { candidate: id(1), on: NOON.local_date(), note: note() }
    }

    fn assessed(assessment: Assessment) -> Scene {
        given_confirmed().and("rv.macau", OverlapAssessed { candidate: id(1), assessment, note: note() })
    }

    #[test]
    fn the_person_of_an_overlap_to_clarify_is_invited_once() {
        for who in ["cw.macau", "rv.macau"] {
            let invited = HearingInvited { candidate: id(1), on: NOON.local_date(), note: note() };
            let scene = assessed(Assessment::ToClarify).when(who, invite()).then(invited.clone());
            scene.when(who, invite()).then_refused(RefusalCode::WrongState);
            assert!(Event::from(invited).readers().is_empty());
        }
    }

    #[test]
    fn nobody_is_invited_without_a_reason() {
        given_confirmed().when("cw.macau", invite()).then_refused(RefusalCode::WrongState);
        assessed(Assessment::Lawful).when("cw.macau", invite()).then_refused(RefusalCode::WrongState);
    }

    #[test]
    fn nobody_is_invited_to_yesterday() {
        let yesterday = InviteHearing { on: NOON.local_date().yesterday().unwrap(), ..invite() };
        let refusal = assessed(Assessment::ToClarify).when("cw.macau", yesterday).then_refused(RefusalCode::BadDate);
        assert_eq!(refusal.offending, ["on"]);
    }

    #[test]
    fn only_at_the_own_side_by_who_works_on_cases() {
        assessed(Assessment::ToClarify).when("cw.zhuhai", invite()).then_refused(RefusalCode::NotFound);
        assessed(Assessment::ToClarify).when("lo.macau", invite()).then_refused(RefusalCode::RoleNotAllowed);
    }
}
