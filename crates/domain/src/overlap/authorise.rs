//! `AuthoriseMatchRun`: each side's data-protection officer authorises a run, or it does not happen.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::MatchRunId;
use crate::officer::Role;
use crate::overlap::guards::{concerning, refuse_unless};
use crate::overlap::{MatchRunAuthorised, MatchRunFacts};
use crate::refusal::{Refusal, RefusalCode};
use crate::view::{Rows, Sides, ViewError};

/// Authorises a run for the own side, as another person than the one who proposed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthoriseMatchRun {
    /// The run.
    pub run: MatchRunId,
}

impl Decide for AuthoriseMatchRun {
    const ROLES: &'static [Role] = &[Role::DataProtection];
    type State = Sides<MatchRunFacts>;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        rows.sides(&self.run)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let case = concerning(state, context.me)?;
        refuse_unless(case.own.is_none_or(|own| own.authorised.is_none()), RefusalCode::WrongState)?;
        let own_proposal = case.proposer == context.me;
        refuse_unless(!own_proposal || case.said.by != context.actor.officer, RefusalCode::SamePerson)?;
        Ok(MatchRunAuthorised { run: self.run, proposer: case.proposer, other: case.other }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::overlap::sample::{RUN, authorised, given_proposed, proposed};
    use crate::testing::{given, given_nothing, party};

    const AUTHORISE: AuthoriseMatchRun = AuthoriseMatchRun { run: RUN };

    #[test]
    fn each_side_authorises_once_for_the_other_to_see() {
        for who in ["dp.zhuhai", "dp.macau"] {
            let scene = given_proposed().when(who, AUTHORISE).then(authorised(who));
            scene.when(who, AUTHORISE).then_refused(RefusalCode::WrongState);
        }
        assert_eq!(Event::from(authorised("dp.zhuhai")).readers(), [party("macau")].into());
    }

    #[test]
    fn not_by_the_proposer() {
        let scene = given([("dp.zhuhai", proposed())]);
        scene.clone().when("dp.zhuhai", AUTHORISE).then_refused(RefusalCode::SamePerson);
        scene.when("dp2.zhuhai", AUTHORISE).then_done();
    }

    #[test]
    fn not_by_anybody_else() {
        for who in ["lo.zhuhai", "rv.zhuhai", "sa.macau", "node.macau"] {
            given_proposed().when(who, AUTHORISE).then_refused(RefusalCode::RoleNotAllowed);
        }
    }

    #[test]
    fn only_a_run_of_the_own_party() {
        given_nothing().when("dp.zhuhai", AUTHORISE).then_refused(RefusalCode::NotFound);
        given_proposed().when("dp.hengqin", AUTHORISE).then_refused(RefusalCode::NotFound);
    }
}
