//! `ConveneMeeting`: a party convenes a meeting.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::{MeetingId, PartyId};
use crate::meeting::events::{AGENDA_MAX, MeetingConvened, Series};
use crate::meeting::facts::{State, load};
use crate::meeting::guards::{check_others, refuse_unless};
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::text::Short;
use crate::time::Instant;
use crate::view::{Rows, ViewError};

/// Convenes a meeting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConveneMeeting {
    /// The meeting: a fresh id.
    pub meeting: MeetingId,
    /// Which meetings it belongs to.
    pub series: Series,
    /// Its title; no person data.
    pub title: Short,
    /// When it is held; not in the past.
    pub at: Instant,
    /// The other parties: at least one, and none for a domestic meeting.
    pub to: BTreeSet<PartyId>,
    /// What is on the agenda, 1 to [`AGENDA_MAX`] points; no person data.
    pub agenda: Vec<Short>,
}

impl Decide for ConveneMeeting {
    const ROLES: &'static [Role] = &[Role::Secretariat, Role::Liaison];
    type State = State;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        load(rows, self.meeting)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        refuse_unless(state.meeting(context.me).is_none(), RefusalCode::AlreadyExists)?;
        if self.to.is_empty() != (self.series == Series::Domestic) {
            return Err(Refusal::new(RefusalCode::BadList).offending(["to"]));
        }
        check_others(&self.to, context.me)?;
        if !(1..=AGENDA_MAX).contains(&self.agenda.len()) {
            return Err(Refusal::new(RefusalCode::BadList).offending(["agenda"]));
        }
        if self.at < context.now {
            return Err(Refusal::new(RefusalCode::BadDate).offending(["at"]));
        }
        let Self { meeting, series, title, at, to, agenda } = self.clone();
        Ok(MeetingConvened { meeting, series, title, at, to, agenda }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::meeting::sample::{convene, convened, given_convened, others};
    use crate::testing::{NOON, given_nothing};

    #[test]
    fn the_secretariat_or_a_liaison_officer_convenes_it_for_the_parties_invited() {
        for who in ["sec.zhuhai", "lo.zhuhai"] {
            given_nothing().when(who, convene()).then(convened());
        }
        assert_eq!(Event::from(convened()).readers(), others("zhuhai"));
        given_nothing().when("cw.zhuhai", convene()).then_refused(RefusalCode::RoleNotAllowed);
    }

    #[test]
    fn one_id_is_one_meeting() {
        given_convened().when("sec.zhuhai", convene()).then_refused(RefusalCode::AlreadyExists);
        let again = ConveneMeeting { to: others("macau"), ..convene() };
        given_convened().when("sec.macau", again).then_refused(RefusalCode::AlreadyExists);
    }

    #[test]
    fn a_domestic_meeting_has_no_other_party_and_any_other_has() {
        let domestic = ConveneMeeting { series: Series::Domestic, ..convene() };
        let refusal = given_nothing().when("sec.zhuhai", domestic.clone()).then_refused(RefusalCode::BadList);
        assert_eq!(refusal.offending, ["to"]);
        let domestic = ConveneMeeting { to: BTreeSet::new(), ..domestic };
        let scene = given_nothing().when("sec.zhuhai", domestic).then_done();
        assert!(
            scene
                .rows()
                .sides::<crate::meeting::MeetingFacts>(&convene().meeting)
                .unwrap()
                .of("zhuhai".parse().unwrap())
                .is_some()
        );
        let alone = ConveneMeeting { to: BTreeSet::new(), ..convene() };
        given_nothing().when("sec.zhuhai", alone).then_refused(RefusalCode::BadList);
    }

    #[test]
    fn only_parties_of_the_exchange_are_invited() {
        for wrong in ["zhuhai", "lisbon"] {
            let to = [wrong.parse().unwrap()].into();
            let refusal = given_nothing().when("sec.zhuhai", ConveneMeeting { to, ..convene() });
            assert_eq!(refusal.then_refused(RefusalCode::WrongAddressee).offending, [wrong]);
        }
    }

    #[test]
    fn an_agenda_has_points_and_not_too_many() {
        let point = convene().agenda.remove(0);
        for (points, fine) in [(0, false), (1, true), (AGENDA_MAX, true), (AGENDA_MAX + 1, false)] {
            let agenda = vec![point.clone(); points];
            let result = given_nothing().when("sec.zhuhai", ConveneMeeting { agenda, ..convene() }).result;
            assert_eq!(result.map_err(|refusal| refusal.offending).is_ok(), fine, "{points}");
        }
    }

    #[test]
    fn nobody_convenes_yesterday() {
        given_nothing().at(convene().at).when("sec.zhuhai", convene()).then_done();
        let late = given_nothing().at(convene().at.plus_us(1)).when("sec.zhuhai", convene());
        assert_eq!(late.then_refused(RefusalCode::BadDate).offending, ["at"]);
        assert!(convene().at > NOON);
    }
}
