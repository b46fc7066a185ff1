//! `NameParticipants`: a party names its officers who need to know.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::conference::events::ParticipantsNamed;
use crate::conference::facts::ConferenceFacts;
use crate::conference::guards::check_officers;
use crate::event::Event;
use crate::id::{ConferenceId, OfficerId};
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::view::{Rows, Sides, ViewError};

/// Names the officers of the own party who need to know: the whole list, which replaces the one before. An NGO's social
/// worker takes part when named here.
///
/// The first list of an invited party is its liaison officer's to make; after that only who is on it may change it. It
/// says nothing of the person, so it does not wait for the consent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameParticipants {
    /// The conference.
    pub conference: ConferenceId,
    /// The officers, 1 to [`super::PARTICIPANTS_MAX`].
    pub officers: BTreeSet<OfficerId>,
}

impl Decide for NameParticipants {
    const ROLES: &'static [Role] = &[Role::Liaison, Role::Caseworker, Role::Reviewer];
    type State = Sides<ConferenceFacts>;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        rows.sides(&self.conference)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let none = || Refusal::new(RefusalCode::NotFound);
        let conference = state.conference(context.me).ok_or_else(none)?;
        let may = match conference.participants(context.me) {
            Some(officers) => officers.contains(&context.actor.officer),
            None => context.actor.role == Role::Liaison,
        };
        if !may {
            return Err(none());
        }
        check_officers(self.officers.len())?;
        let Self { conference: id, officers } = self.clone();
        Ok(ParticipantsNamed { conference: id, others: conference.others(context.me), officers }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conference::PARTICIPANTS_MAX;
    use crate::conference::sample::{CONFERENCE, given_named, given_nominated, named, officers};
    use crate::testing::given_nothing;

    fn name(officers: BTreeSet<OfficerId>) -> NameParticipants {
        NameParticipants { conference: CONFERENCE, officers }
    }

    #[test]
    fn the_liaison_officer_makes_the_first_list() {
        let list = officers(&["cw.macau", "sw.macau"]);
        given_nominated().when("lo.macau", name(list)).then(named());
        let list = officers(&["cw.macau"]);
        given_nominated().when("cw.macau", name(list.clone())).then_refused(RefusalCode::NotFound);
        given_nominated().when("sw.macau", name(list.clone())).then_refused(RefusalCode::RoleNotAllowed);
        given_nominated().when("lo.hengqin", name(list.clone())).then_refused(RefusalCode::NotFound);
        given_nothing().when("lo.macau", name(list)).then_refused(RefusalCode::NotFound);
    }

    #[test]
    fn after_that_only_who_is_on_it_changes_it() {
        let wider = name(officers(&["cw.macau", "rv.macau"]));
        given_named().when("lo.macau", wider.clone()).then_refused(RefusalCode::NotFound);
        let scene = given_named().when("cw.macau", wider).then_done();
        scene.when("rv.macau", name(officers(&["rv.macau"]))).then_done();
        given_nominated().when("lo.zhuhai", name(officers(&["lo.zhuhai"]))).then_refused(RefusalCode::NotFound);
        given_nominated().when("cw.zhuhai", name(officers(&["cw.zhuhai", "rv.zhuhai"]))).then_done();
    }

    #[test]
    fn a_list_has_officers_and_few() {
        given_nominated().when("lo.macau", name(BTreeSet::new())).then_refused(RefusalCode::BadList);
        let many = |count| (0..count).map(|no| format!("x{no}").parse().unwrap()).collect();
        given_nominated().when("lo.macau", name(many(PARTICIPANTS_MAX))).then_done();
        given_nominated().when("lo.macau", name(many(PARTICIPANTS_MAX + 1))).then_refused(RefusalCode::BadList);
    }
}
