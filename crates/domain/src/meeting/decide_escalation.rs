//! `DecideEscalation`: what the leading group decided on a case that the parties could not settle (002-06).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::case::CaseRef;
use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::MeetingId;
use crate::meeting::events::{EscalationDecided, MEMBERS_MAX, Series};
use crate::meeting::facts::{Meeting, RESOLUTIONS_MAX, State, load};
use crate::meeting::guards::{meeting, refuse_unless};
use crate::meeting::members::{GroupMember, MemberFacts};
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::text::Note;
use crate::view::{Rows, Sides, ViewError};

/// Records a decision of the leading group: by the secretariat of the party that convened it. Whoever decided is a member
/// by the appointment of a party of the meeting, at the time it is recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecideEscalation {
    /// The meeting of the leading group.
    pub meeting: MeetingId,
    /// The case, by reference.
    pub case: CaseRef,
    /// What was decided; no person data.
    pub decision: Note,
    /// The members who decided; at least one.
    pub members: Vec<GroupMember>,
}

impl Decide for DecideEscalation {
    const ROLES: &'static [Role] = &[Role::Secretariat];
    /// The meeting, and what each party says of the members named.
    type State = (State, Vec<Sides<MemberFacts>>);

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        // No more than may be named: what is refused for its length is not looked up.
        let named = self.members.iter().take(MEMBERS_MAX).map(|named| rows.sides(&named.member));
        Ok((load(rows, self.meeting)?, named.collect::<Result<_, _>>()?))
    }

    fn decide(&self, (state, members): &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let held = meeting(state, context.me)?;
        refuse_unless(held.convener == context.me, RefusalCode::NotYours)?;
        if held.convened.series != Series::LeadingGroup {
            return Err(Refusal::new(RefusalCode::WrongState).offending(["series"]));
        }
        refuse_unless(held.decisions().all(|(decided, _)| decided.case != self.case), RefusalCode::WrongState)?;
        if held.decisions().count() >= RESOLUTIONS_MAX {
            return Err(Refusal::new(RefusalCode::BadList).offending(["decisions"]));
        }
        self.check_members(&held, members)?;
        let (others, Self { meeting, case, decision, members }) = (held.others(context.me), self.clone());
        Ok(EscalationDecided { meeting, others, case, decision, members }.into())
    }
}

impl DecideEscalation {
    /// One or more, each once, each of a party of the meeting and appointed by it now.
    fn check_members(&self, held: &Meeting<'_>, facts: &[Sides<MemberFacts>]) -> Result<(), Refusal> {
        let distinct: BTreeSet<&GroupMember> = self.members.iter().collect();
        if !(1..=MEMBERS_MAX).contains(&self.members.len()) || distinct.len() < self.members.len() {
            return Err(Refusal::new(RefusalCode::BadList).offending(["members"]));
        }
        let parties = held.parties();
        let sits = |named: &GroupMember, sides: &Sides<MemberFacts>| {
            parties.contains(&named.party) && sides.of(named.party).is_some_and(MemberFacts::is_appointed)
        };
        let strangers = (1..).zip(self.members.iter().zip(facts)).filter(|(_, (named, sides))| !sits(named, sides));
        let strangers: Vec<String> = strangers.map(|(no, _): (usize, _)| format!("member#{no}")).collect();
        if strangers.is_empty() {
            return Ok(());
        }
        Err(Refusal::new(RefusalCode::MemberNotAppointed).offending(strangers))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::meeting::sample::{MEETING, convened, given_convened, member, member_appointed, note, others};
    use crate::meeting::{MeetingConvened, MemberDismissed};
    use crate::testing::{Scene, given};

    fn decide(no: u128) -> DecideEscalation {
        let case = CaseRef::Urgent(crate::id::UrgentId(uuid::Uuid::from_u128(no)));
        let members = vec![member("zhuhai"), member("macau")];
        DecideEscalation { meeting: MEETING, case, decision: note(), members }
    }

    fn given_leading_group() -> Scene {
        let scene = given([("sec.zhuhai", MeetingConvened { series: Series::LeadingGroup, ..convened() })]);
        scene.and("sec.zhuhai", member_appointed("zhuhai")).and("sec.macau", member_appointed("macau"))
    }

    #[test]
    fn the_convener_records_a_decision_on_a_case_once() {
        let DecideEscalation { meeting, case, decision, members } = decide(1);
        let event = EscalationDecided { meeting, others: others("zhuhai"), case, decision, members };
        let scene = given_leading_group().when("sec.zhuhai", decide(1)).then(event);
        scene.clone().when("sec.zhuhai", decide(1)).then_refused(RefusalCode::WrongState);
        let full =
            (2..=RESOLUTIONS_MAX as u128).fold(scene, |scene, no| scene.when("sec.zhuhai", decide(no)).then_done());
        full.when("sec.zhuhai", decide(1000)).then_refused(RefusalCode::BadList);
    }

    #[test]
    fn only_members_appointed_at_the_time_decide() {
        let by = |scene: Scene, members: &[(&str, &str)]| {
            let named = |(of, who): &(&str, &str)| GroupMember { party: of.parse().unwrap(), ..member(who) };
            let members = members.iter().map(named).collect();
            scene.when("sec.zhuhai", DecideEscalation { members, ..decide(1) })
        };
        by(given_leading_group(), &[("macau", "macau")]).then_done();
        let refusal = by(given_leading_group(), &[("zhuhai", "zhuhai"), ("hengqin", "hengqin")])
            .then_refused(RefusalCode::MemberNotAppointed);
        assert_eq!(refusal.offending, ["member#2"], "Hengqin has appointed nobody");
        // Zhuhai's word about Macau's member is no appointment by Macau.
        let forged = given_leading_group().and("sec.zhuhai", member_appointed("hengqin"));
        by(forged, &[("hengqin", "hengqin")]).then_refused(RefusalCode::MemberNotAppointed);
        let left = MemberDismissed { member: member("macau").member, others: others("macau") };
        let scene = given_leading_group().and("sec.macau", left);
        by(scene.clone(), &[("macau", "macau")]).then_refused(RefusalCode::MemberNotAppointed);
        by(scene.and("sec.macau", member_appointed("macau")), &[("macau", "macau")]).then_done();
    }

    #[test]
    fn not_a_member_of_a_party_that_has_no_part_in_the_meeting() {
        let to = [crate::testing::party("macau")].into();
        let scene = given([("sec.zhuhai", MeetingConvened { series: Series::LeadingGroup, to, ..convened() })]);
        let scene = scene.and("sec.hengqin", member_appointed("hengqin"));
        let members = vec![member("hengqin")];
        let decided = scene.when("sec.zhuhai", DecideEscalation { members, ..decide(1) });
        assert_eq!(decided.then_refused(RefusalCode::MemberNotAppointed).offending, ["member#1"]);
    }

    #[test]
    fn somebody_decides_and_nobody_twice() {
        let many =
            (0..=MEMBERS_MAX).map(|no| GroupMember { member: format!("m{no}").parse().unwrap(), ..member("macau") });
        for members in [vec![], vec![member("macau"), member("macau")], many.collect()] {
            let decided = given_leading_group().when("sec.zhuhai", DecideEscalation { members, ..decide(1) });
            assert_eq!(decided.then_refused(RefusalCode::BadList).offending, ["members"]);
        }
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
