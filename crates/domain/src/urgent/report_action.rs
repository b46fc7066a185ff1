//! `ReportAction`: a party of the notice says what it did.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::UrgentId;
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::text::Note;
use crate::urgent::guards::{concerning, refuse_unless};
use crate::urgent::{ACTIONS_MAX, ActionReported, UrgentFacts};
use crate::view::{Rows, Sides, ViewError};

/// Reports what was done. Sender and addressees alike, and without acknowledging first: findings don't wait for a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportAction {
    /// The notice.
    pub urgent: UrgentId,
    /// Whether the family was reached.
    pub family_contacted: bool,
    /// What was done: findings, no contact data.
    pub action: Note,
}

impl Decide for ReportAction {
    const ROLES: &'static [Role] = &[Role::Duty, Role::Liaison, Role::Caseworker];
    type State = Sides<UrgentFacts>;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        rows.sides(&self.urgent)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let case = concerning(state, context.me)?;
        refuse_unless(!case.is_closed(), RefusalCode::WrongState)?;
        let reports = state.of(context.me).map_or(0, |facts| facts.actions.len());
        if reports >= ACTIONS_MAX {
            return Err(Refusal::new(RefusalCode::BadList).offending(["actions"]));
        }
        let (others, Self { urgent, family_contacted, action }) = (case.others(context.me), self.clone());
        Ok(ActionReported { urgent, others, family_contacted, action }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{given_nothing, party};
    use crate::urgent::sample::{URGENT, closed, given_acked, given_raised, note, parties, reported};

    fn report() -> ReportAction {
        ReportAction { urgent: URGENT, family_contacted: true, action: note() }
    }

    #[test]
    fn every_party_of_the_notice_reports_to_the_others() {
        let scene = given_acked().when("cw.macau", report()).then(reported(&["hengqin", "zhuhai"]));
        assert_eq!(Event::from(reported(&["hengqin", "zhuhai"])).readers(), parties(&["hengqin", "zhuhai"]));
        let scene = scene.when("ho.hengqin", report()).then(reported(&["macau", "zhuhai"]));
        scene.when("lo.zhuhai", report()).then(reported(&["hengqin", "macau"]));
    }

    #[test]
    fn not_more_than_the_most() {
        let others = ["hengqin", "zhuhai"];
        let scene = (0..ACTIONS_MAX).fold(given_acked(), |scene, _| scene.and("ho.macau", reported(&others)));
        scene.clone().when("ho.macau", report()).then_refused(RefusalCode::BadList);
        scene.clone().when("ho.zhuhai", report()).then_done();
        // A peer that goes on all the same does not make the row grow.
        let scene = scene.and("ho.macau", reported(&others));
        let sides = scene.rows().sides::<UrgentFacts>(&URGENT).unwrap();
        assert_eq!(sides.of(party("macau")).unwrap().actions.len(), ACTIONS_MAX);
    }

    #[test]
    fn not_after_the_end() {
        given_acked().and("ho.hengqin", closed()).when("ho.macau", report()).then_refused(RefusalCode::WrongState);
    }

    #[test]
    fn not_by_a_reviewer_or_the_service() {
        for role in ["rv", "dp", "node"] {
            given_raised().when(&format!("{role}.macau"), report()).then_refused(RefusalCode::RoleNotAllowed);
        }
    }

    #[test]
    fn not_on_what_is_not_known() {
        given_nothing().when("ho.macau", report()).then_refused(RefusalCode::NotFound);
    }
}
