//! `NotifyOwnDecision`: the person was told what this side decided, after a hearing and never before.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::CandidateId;
use crate::officer::Role;
use crate::overlap::guards::{CandidateRows, candidate, load_candidate, refuse_unless};
use crate::overlap::{CandidateState, OwnDecisionNotified};
use crate::refusal::{Refusal, RefusalCode};
use crate::text::Note;
use crate::view::{Rows, ViewError};

/// Records the decision that was notified, under the own law. The decision itself is taken in the case system: nothing
/// here stops or changes a payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotifyOwnDecision {
    /// The candidate.
    pub candidate: CandidateId,
    /// The decision, and how it can be contested.
    pub decision: Note,
}

impl Decide for NotifyOwnDecision {
    const ROLES: &'static [Role] = &[Role::Caseworker, Role::Reviewer];
    type State = CandidateRows;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        load_candidate(rows, self.candidate)
    }

    fn decide(&self, rows: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let (_, state) = candidate(rows, context)?;
        let unheard = matches!(
            state,
            CandidateState::Unconfirmed
                | CandidateState::Confirmed
                | CandidateState::ToClarify
                | CandidateState::Invited
        );
        refuse_unless(!unheard, RefusalCode::HearingMissing)?;
        refuse_unless(state == CandidateState::Heard, RefusalCode::WrongState)?;
        let Self { candidate, decision } = self.clone();
        Ok(OwnDecisionNotified { candidate, decision }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::overlap::sample::{candidate as id, given_confirmed, given_executed, note};
    use crate::overlap::{
        Assessment, DismissalReason, HearingInvited, OverlapAssessed, OverlapDismissed, StatementRecorded,
    };
    use crate::testing::{NOON, Scene};

    fn notify() -> NotifyOwnDecision {
        NotifyOwnDecision { candidate: id(1), decision: note() }
    }

    fn assessed(assessment: Assessment) -> Scene {
        given_confirmed().and("rv.macau", OverlapAssessed { candidate: id(1), assessment, note: note() })
    }

    fn invited() -> Scene {
        let invited = HearingInvited { candidate: id(1), on: NOON.local_date(), note: note() };
        assessed(Assessment::ToClarify).and("cw.macau", invited)
    }

    fn heard() -> Scene {
        invited().and("cw.macau", StatementRecorded { candidate: id(1), statement: note() })
    }

    #[test]
    fn a_decision_follows_a_hearing_once() {
        for who in ["cw.macau", "rv.macau"] {
            let notified = OwnDecisionNotified { candidate: id(1), decision: note() };
            let scene = heard().when(who, notify()).then(notified.clone());
            scene.when(who, notify()).then_refused(RefusalCode::WrongState);
            assert!(Event::from(notified).readers().is_empty());
        }
    }

    #[test]
    fn nothing_is_decided_unheard() {
        for scene in [given_executed(), given_confirmed(), assessed(Assessment::ToClarify), invited()] {
            scene.when("cw.macau", notify()).then_refused(RefusalCode::HearingMissing);
        }
    }

    #[test]
    fn nothing_is_decided_where_there_is_nothing_to_decide() {
        assessed(Assessment::Lawful).when("cw.macau", notify()).then_refused(RefusalCode::WrongState);
        let dismissed = OverlapDismissed { candidate: id(1), reason: DismissalReason::Other, note: note() };
        let scene = given_executed().and("rv.macau", dismissed);
        scene.when("cw.macau", notify()).then_refused(RefusalCode::WrongState);
    }

    #[test]
    fn only_at_the_own_side_by_who_works_on_cases() {
        heard().when("cw.zhuhai", notify()).then_refused(RefusalCode::NotFound);
        heard().when("node.macau", notify()).then_refused(RefusalCode::RoleNotAllowed);
    }

    #[test]
    fn no_event_about_a_candidate_reads_as_a_stopped_payment() {
        let about_payments =
            |code: &&&str| code.contains("payment") || code.contains("stop") || code.contains("suspend");
        let codes: Vec<&str> = crate::event::EventKind::ALL.iter().map(|kind| kind.code()).collect();
        let found: Vec<_> = codes.iter().filter(about_payments).collect();
        assert_eq!(found, [&"channel-suspended"], "a channel between parties, nobody's payment");
    }
}
