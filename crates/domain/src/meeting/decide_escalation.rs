//! `DecideEscalation`: what the leading group decided on a case that the parties could not settle (002-06).

use serde::{Deserialize, Serialize};

use crate::case::CaseRef;
use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::MeetingId;
use crate::meeting::events::{EscalationDecided, Series};
use crate::meeting::facts::{RESOLUTIONS_MAX, State, load};
use crate::meeting::guards::{meeting, refuse_unless};
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::text::Note;
use crate::view::{Rows, ViewError};

/// Records a decision of the leading group: by the secretariat of the party that convened it. Who sits in the group is
/// for the parties' appointments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecideEscalation {
    /// The meeting of the leading group.
    pub meeting: MeetingId,
    /// The case, by reference.
    pub case: CaseRef,
    /// What was decided; no person data.
    pub decision: Note,
}

impl Decide for DecideEscalation {
    const ROLES: &'static [Role] = &[Role::Secretariat];
    type State = State;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        load(rows, self.meeting)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let held = meeting(state, context.me)?;
        refuse_unless(held.convener == context.me, RefusalCode::NotYours)?;
        if held.convened.series != Series::LeadingGroup {
            return Err(Refusal::new(RefusalCode::WrongState).offending(["series"]));
        }
        refuse_unless(held.decisions().all(|(decided, _)| decided.case != self.case), RefusalCode::WrongState)?;
        if held.decisions().count() >= RESOLUTIONS_MAX {
            return Err(Refusal::new(RefusalCode::BadList).offending(["decisions"]));
        }
        let (others, Self { meeting, case, decision }) = (held.others(context.me), self.clone());
        Ok(EscalationDecided { meeting, others, case, decision }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::meeting::MeetingConvened;
    use crate::meeting::sample::{MEETING, convened, given_convened, note, others};
    use crate::testing::{Scene, given};

    fn decide(no: u128) -> DecideEscalation {
        let case = CaseRef::Urgent(crate::id::UrgentId(uuid::Uuid::from_u128(no)));
        DecideEscalation { meeting: MEETING, case, decision: note() }
    }

    fn given_leading_group() -> Scene {
        given([("sec.zhuhai", MeetingConvened { series: Series::LeadingGroup, ..convened() })])
    }

    #[test]
    fn the_convener_records_a_decision_on_a_case_once() {
        let DecideEscalation { meeting, case, decision } = decide(1);
        let event = EscalationDecided { meeting, others: others("zhuhai"), case, decision };
        let scene = given_leading_group().when("sec.zhuhai", decide(1)).then(event);
        scene.clone().when("sec.zhuhai", decide(1)).then_refused(RefusalCode::WrongState);
        let full =
            (2..=RESOLUTIONS_MAX as u128).fold(scene, |scene, no| scene.when("sec.zhuhai", decide(no)).then_done());
        full.when("sec.zhuhai", decide(1000)).then_refused(RefusalCode::BadList);
    }

    #[test]
    fn only_the_leading_groups_convener() {
        given_leading_group().when("sec.macau", decide(1)).then_refused(RefusalCode::NotYours);
        given_leading_group().when("lo.zhuhai", decide(1)).then_refused(RefusalCode::RoleNotAllowed);
        let refusal = given_convened().when("sec.zhuhai", decide(1)).then_refused(RefusalCode::WrongState);
        assert_eq!(refusal.offending, ["series"]);
        crate::testing::given_nothing().when("sec.zhuhai", decide(1)).then_refused(RefusalCode::NotFound);
    }
}
