//! `NominateCase`: a party puts a key case before others.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::case::CaseRef;
use crate::command::{Context, Decide};
use crate::conference::events::{Basis, CaseNominated};
use crate::conference::guards::{ConferenceState, check_officers};
use crate::event::Event;
use crate::id::{ConferenceId, OfficerId, PartyId};
use crate::meeting::{check_others, refuse_unless};
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::text::Note;
use crate::view::{Rows, ViewError};

/// Nominates a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NominateCase {
    /// The conference: a fresh id.
    pub conference: ConferenceId,
    /// The parties to invite, at least one.
    pub to: BTreeSet<PartyId>,
    /// The case, by reference.
    pub case: CaseRef,
    /// The least one must know to give an opinion.
    pub summary: Note,
    /// Why the person may be spoken of.
    pub basis: Basis,
    /// The own officers who need to know, besides whoever nominates.
    pub need_to_know: BTreeSet<OfficerId>,
}

impl Decide for NominateCase {
    const ROLES: &'static [Role] = &[Role::Liaison, Role::Caseworker, Role::Reviewer];
    type State = ConferenceState;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        ConferenceState::load(rows, self.conference, Some(&self.basis))
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        refuse_unless(state.sides.conference(context.me).is_none(), RefusalCode::AlreadyExists)?;
        if self.to.is_empty() {
            return Err(Refusal::new(RefusalCode::BadList).offending(["to"]));
        }
        check_others(&self.to, context.me)?;
        let Self { conference, to, case, summary, basis, mut need_to_know } = self.clone();
        need_to_know.insert(context.actor.officer.clone());
        check_officers(need_to_know.len())?;
        let parties = to.iter().copied().chain([context.me]).collect();
        state.check_basis(&basis, &parties, context.now)?;
        Ok(CaseNominated { conference, to, case, summary, basis, need_to_know }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conference::PARTICIPANTS_MAX;
    use crate::conference::sample::{given_nominated, nominate, nominated, on_consent};
    use crate::consent::{ConsentRevoked, RevocationForm, SignedBy};
    use crate::testing::{NOON, claims, given_nothing, granted, party};

    #[test]
    fn an_officer_nominates_a_case_and_needs_to_know() {
        given_nothing().when("cw.zhuhai", nominate()).then(nominated());
        assert!(nominated().need_to_know.contains(&"cw.zhuhai".parse().unwrap()));
        assert_eq!(Event::from(nominated()).readers(), [party("macau")].into());
        given_nothing().when("ho.zhuhai", nominate()).then_refused(RefusalCode::RoleNotAllowed);
        given_nominated().when("lo.zhuhai", nominate()).then_refused(RefusalCode::AlreadyExists);
    }

    #[test]
    fn to_other_parties_of_the_exchange() {
        let to = |names: &[&str]| NominateCase {
            to: names.iter().map(|name| name.parse().unwrap()).collect(),
            ..nominate()
        };
        given_nothing().when("cw.zhuhai", to(&[])).then_refused(RefusalCode::BadList);
        let refusal = given_nothing().when("cw.zhuhai", to(&["zhuhai", "lisbon"]));
        assert_eq!(refusal.then_refused(RefusalCode::WrongAddressee).offending, ["lisbon", "zhuhai"]);
    }

    #[test]
    fn few_officers_need_to_know() {
        let with = |count: usize| {
            let need_to_know = (0..count).map(|no| format!("x{no}.zhuhai").parse().unwrap()).collect();
            NominateCase { need_to_know, ..nominate() }
        };
        given_nothing().when("cw.zhuhai", with(PARTICIPANTS_MAX - 1)).then_done();
        let refusal = given_nothing().when("cw.zhuhai", with(PARTICIPANTS_MAX)).then_refused(RefusalCode::BadList);
        assert_eq!(refusal.offending, ["need_to_know"]);
    }

    #[test]
    fn the_consent_must_be_there_stand_and_name_the_parties() {
        given_nothing().when("cw.zhuhai", on_consent()).then_refused(RefusalCode::NoConsent);
        let scene = granted(claims());
        scene.clone().when("cw.zhuhai", on_consent()).then_done();
        let wide = NominateCase { to: [party("macau"), party("hengqin")].into(), ..on_consent() };
        let refusal = scene.clone().when("cw.zhuhai", wide).then_refused(RefusalCode::OverScope);
        assert_eq!(refusal.offending, ["hengqin"]);
        let (consent, form) = (claims().id, RevocationForm::InPerson);
        let revoked = ConsentRevoked {
            consent,
            others: [party("zhuhai")].into(),
            form,
            effective_at: NOON,
            subjects: [].into(),
            by: SignedBy::Subject(0),
        };
        scene
            .clone()
            .and("cw.macau", revoked)
            .when("cw.zhuhai", on_consent())
            .then_refused(RefusalCode::ConsentRevoked);
        scene.at(claims().not_after).when("cw.zhuhai", on_consent()).then_refused(RefusalCode::ConsentExpired);
    }
}
