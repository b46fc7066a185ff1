//! `AcceptRequest`: the holder checks the request itself and takes it on.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::consent::check_disclosable;
use crate::event::Event;
use crate::id::RequestId;
use crate::officer::Role;
use crate::refusal::Refusal;
use crate::verification::RequestAccepted;
use crate::verification::draft::check_form;
use crate::verification::guards::{Grounds, RequestState};
use crate::view::{Rows, ViewError};

/// Accepts a request.
///
/// The asker checked it, but the holder answers for what it discloses: it checks again, against the consent in the
/// issuer's log, its own rules and its own clock. When that fails the command is refused, and the officer refuses the
/// request with [`crate::verification::RefuseRequest`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcceptRequest {
    /// The request.
    pub request: RequestId,
}

impl Decide for AcceptRequest {
    const ROLES: &'static [Role] = &[Role::Liaison, Role::Caseworker];
    type State = (RequestState, Grounds);

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        let state = RequestState::load(rows, self.request)?;
        let grounds = Grounds::load(rows, state.sides.submitted().map(|(_, request)| request))?;
        Ok((state, grounds))
    }

    fn decide(&self, (state, grounds): &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let request = state.received(context.me)?.undecided()?;
        check_form(request, context.now)?;
        state.consents.check_scope(request)?;
        check_disclosable(context.rules, request.questions.iter().map(|q| (q.question.item, q.question.granularity)))?;
        state.consents.check_standing(request, context.now)?;
        grounds.check_standard(request)?;
        grounds.check_predicates(context.me, request)?;
        Ok(RequestAccepted { request: request.id, asker: request.asker }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consent::ConsentGranted;
    use crate::item::{Granularity, Item};
    use crate::purpose::Purpose;
    use crate::refusal::RefusalCode;
    use crate::testing::{NOON, claims, given, party, question};
    use crate::time::DAY_US;
    use crate::verification::sample::{accepted, based, drafted, request, revoked, submitted};
    use crate::verification::{RequestQuestion, RequestRefused, RequestSubmitted, VerificationRequest};

    fn accept() -> AcceptRequest {
        AcceptRequest { request: request().id }
    }

    #[test]
    fn the_holder_accepts_what_its_consents_bear() {
        for who in ["lo.macau", "cw.macau"] {
            let accepted = RequestAccepted { request: request().id, asker: party("zhuhai") };
            submitted().when(who, accept()).then(accepted);
        }
    }

    #[test]
    fn only_the_holder_accepts_and_only_what_was_submitted() {
        drafted().when("lo.macau", accept()).then_refused(RefusalCode::NotFound);
        submitted().when("lo.hengqin", accept()).then_refused(RefusalCode::NotYours);
        submitted().when("lo.zhuhai", accept()).then_refused(RefusalCode::NotYours);
    }

    #[test]
    fn a_request_submitted_in_anothers_name_is_not_found() {
        let forged = given([("rv.hengqin", RequestSubmitted { request: request() })]);
        forged.when("lo.macau", accept()).then_refused(RefusalCode::NotFound);
    }

    #[test]
    fn a_request_is_decided_once() {
        accepted().when("lo.macau", accept()).then_refused(RefusalCode::WrongState);
        let refusal = Refusal::new(RefusalCode::NoConsent);
        let refused = RequestRefused { request: request().id, asker: party("zhuhai"), refusal, consents: [].into() };
        submitted().and("lo.macau", refused).when("lo.macau", accept()).then_refused(RefusalCode::WrongState);
    }

    #[test]
    fn the_holder_trusts_no_check_of_the_asker() {
        type Change = fn(&mut VerificationRequest);
        let faults: &[(&str, Change, RefusalCode, &[&str])] = &[
            ("no questions", |r| r.questions.clear(), RefusalCode::BadList, &["questions"]),
            ("asked twice", |r| r.questions.push(r.questions[0].clone()), RefusalCode::BadList, &["questions"]),
            ("tomorrow", |r| r.as_of = NOON.plus_us(DAY_US).local_date(), RefusalCode::BadDate, &["as_of"]),
            ("unit", |r| r.unit = "gongbei".parse().unwrap(), RefusalCode::WrongRequester, &["question#1"]),
            ("purpose", |r| r.purpose = Purpose::DibaoRecheck, RefusalCode::PurposeMismatch, &["question#1"]),
            (
                "item",
                |r| r.questions[1].question.item = Item::ExpenseMedical,
                RefusalCode::OverScope,
                &["question#2:exp.medical"],
            ),
        ];
        for (name, change, code, offending) in faults {
            let mut request = request();
            change(&mut request);
            let scene = based(claims()).and("rv.zhuhai", RequestSubmitted { request });
            let refusal = scene.when("lo.macau", accept()).result.expect_err(name);
            assert_eq!(refusal.code, *code, "{name}");
            assert_eq!(refusal.offending, *offending, "{name}");
        }
    }

    #[test]
    fn a_consent_the_issuer_has_not_told_of_is_none() {
        let scene = given([("rv.zhuhai", RequestSubmitted { request: request() })]);
        let refusal = scene.when("lo.macau", accept()).then_refused(RefusalCode::NoConsent);
        assert_eq!(refusal.offending, ["question#1"]);
        let by_another = given([("rv.hengqin", ConsentGranted { claims: claims() })]) // in Zhuhai's name
            .and("rv.zhuhai", RequestSubmitted { request: request() });
        by_another.when("lo.macau", accept()).then_refused(RefusalCode::NoConsent);
    }

    #[test]
    fn the_consent_must_stand_by_the_holders_clock() {
        submitted().and("cw.zhuhai", revoked()).when("lo.macau", accept()).then_refused(RefusalCode::ConsentRevoked);
        let late = submitted().at(claims().not_after);
        let refusal = late.when("lo.macau", accept()).then_refused(RefusalCode::ConsentExpired);
        assert_eq!(refusal.effective_at, Some(claims().not_after));
    }

    #[test]
    fn a_consent_does_not_widen_the_holders_rules() {
        let mut claims = claims();
        claims.items.insert(Item::IncomeWage, Granularity::Exact);
        let mut request = request();
        let wage = crate::item::Question { granularity: Granularity::Exact, ..question(Item::IncomeWage) };
        request.questions.push(RequestQuestion { question: wage, ..request.questions[0].clone() });
        let scene = based(claims).and("rv.zhuhai", RequestSubmitted { request });
        let refusal = scene.when("lo.macau", accept()).then_refused(RefusalCode::OverScope);
        assert_eq!(refusal.offending, ["granularity:inc.wage"]);
    }

    #[test]
    fn the_holder_counts_predicates_and_knows_the_standard_itself() {
        let of = |id: u128, limits: [u32; 2]| {
            let mut request = request();
            request.id = crate::id::RequestId(uuid::Uuid::from_u128(id));
            request.questions[1] = request.questions[0].clone();
            for (asked, limit) in request.questions.iter_mut().zip(limits) {
                asked.question.predicate = crate::item::Predicate::CountAtMost(limit);
            }
            request
        };
        let [first, second] = [of(1, [1, 2]), of(2, [3, 4])];
        let scene = based(claims()).and("rv.zhuhai", RequestSubmitted { request: first.clone() });
        let scene = scene.and("rv.zhuhai", RequestSubmitted { request: second.clone() });
        let scene = scene.when("lo.macau", AcceptRequest { request: first.id }).then_done();
        let refusal = scene.when("lo.macau", AcceptRequest { request: second.id });
        assert_eq!(refusal.then_refused(RefusalCode::TooManyPredicates).offending, ["question#2"]);
        let unheard = crate::testing::granted(claims()).and("rv.zhuhai", RequestSubmitted { request: request() });
        unheard.when("lo.macau", accept()).then_refused(RefusalCode::UnknownStandard);
    }

    #[test]
    fn a_reviewer_does_not_accept() {
        submitted().when("rv.macau", accept()).then_refused(RefusalCode::RoleNotAllowed);
    }
}
