//! `AnswerItem`: a caseworker of the holder answers one question. Nothing leaves until a second person approves.
//!
//! A question answered anew after its reply is the proposal of a correction, which a second person sends
//! ([`crate::verification::CorrectReply`]).

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::{LineNo, RequestId};
use crate::item::Answer;
use crate::lookup::check_answer;
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::verification::guards::{RequestState, numbered, question_no};
use crate::verification::{ItemAnswered, RequestFacts, RequestQuestion};
use crate::view::{Rows, ViewError};

/// Answers a question of an accepted request. Until it is sent the last answer to a question counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerItem {
    /// The request.
    pub request: RequestId,
    /// The question, from 1.
    pub question: LineNo,
    /// The answer: to this item and predicate, no finer than asked.
    pub answer: Answer,
}

impl Decide for AnswerItem {
    const ROLES: &'static [Role] = &[Role::Caseworker];
    type State = RequestState;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        RequestState::load(rows, self.request)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let (request, own) = state.received(context.me)?.taken_on()?;
        let Some((no, asked)) = numbered(request).find(|(no, _)| *no == self.question) else {
            return Err(Refusal::new(RefusalCode::NotFound).offending([question_no(self.question)]));
        };
        if own.assigned.get(&no).is_some_and(|(assigned, _)| assigned.officer != context.actor.officer) {
            return Err(Refusal::new(RefusalCode::NotAssigned).offending([question_no(no)]));
        }
        check_answer(&asked.question, &self.answer)?;
        let today = context.now.local_date();
        if self.answer.visit.as_ref().is_some_and(|found| !found.is_plausible(today)) {
            return Err(Refusal::new(RefusalCode::BadAnswer).offending(["visit"]));
        }
        match own.sent(no) {
            None => {
                state.received(context.me)?.accepted()?;
                state.consents.check_question_standing(no, asked, context.now)?;
            }
            Some((sent, _)) => check_correctable(own, no, self.answer == *sent, state, asked)?,
        }
        Ok(ItemAnswered { request: request.id, question: no, answer: self.answer.clone() }.into())
    }
}

/// Checks that an answer already sent can be corrected: it was not recalled, its consent was not withdrawn (one that
/// has only ended still obliges the holder to put right what it told), and there is something to correct.
pub(super) fn check_correctable(
    own: &RequestFacts,
    no: LineNo,
    same: bool,
    state: &RequestState,
    asked: &RequestQuestion,
) -> Result<(), Refusal> {
    if let Some(at) = state.consents.revoked_at(asked) {
        let refusal = Refusal::new(RefusalCode::ConsentRevoked).effective_at(at);
        return Err(refusal.offending([question_no(no)]));
    }
    if same || own.recalled.contains_key(&no) { Err(Refusal::new(RefusalCode::WrongState)) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::item::{Granularity, HousingCondition, HousingKind, Item, Predicate, Verdict, VisitFindings};
    use crate::testing::claims;
    use crate::verification::sample::{
        accepted, answered, answers, based, proposed, replied, request, revoked, submitted,
    };
    use crate::verification::{AcceptRequest, AnswerRecalled, ItemAssigned, RequestRefused, RequestSubmitted};

    fn answer(question: LineNo) -> AnswerItem {
        let [property, assistance] = answers();
        let answer = if question == 2 { assistance } else { property };
        AnswerItem { request: request().id, question, answer }
    }

    #[test]
    fn a_question_is_answered_and_may_be_answered_anew() {
        for question in [1, 2] {
            let AnswerItem { request, question, answer: given } = answer(question);
            let answered_anew = ItemAnswered { request, question, answer: given };
            accepted().when("cw.macau", answer(question)).then(answered_anew.clone());
            answered().when("cw.macau", answer(question)).then(answered_anew);
        }
    }

    #[test]
    fn only_the_holder_answers_and_only_what_it_accepted() {
        submitted().when("cw.macau", answer(1)).then_refused(RefusalCode::WrongState);
        accepted().when("cw.hengqin", answer(1)).then_refused(RefusalCode::NotYours);
        replied().when("cw.macau", answer(1)).then_refused(RefusalCode::WrongState); // nothing to correct
        proposed(replied());
        let refusal = Refusal::new(RefusalCode::ConsentRevoked);
        let refused = RequestRefused { request: request().id, asker: request().asker, refusal, consents: [].into() };
        accepted().and("lo.macau", refused).when("cw.macau", answer(1)).then_refused(RefusalCode::WrongState);
    }

    #[test]
    fn a_question_that_was_not_asked_has_no_answer() {
        for question in [0, 3, LineNo::MAX] {
            let refusal = accepted().when("cw.macau", answer(question)).then_refused(RefusalCode::NotFound);
            assert_eq!(refusal.offending, [question_no(question)]);
        }
    }

    #[test]
    fn an_answer_fits_its_question() {
        type Change = fn(&mut Answer);
        let faults: &[(&str, Change)] = &[
            ("item", |a| a.item = Item::AssetVehicle),
            ("predicate", |a| a.predicate = Predicate::CountAtMost(2)),
            ("band", |a| a.band = Some("0".parse().unwrap())),
            ("sources_searched", |a| a.sources_searched.clear()),
        ];
        for (field, change) in faults {
            let mut answer = answer(1);
            change(&mut answer.answer);
            let refusal = accepted().when("cw.macau", answer).then_refused(RefusalCode::BadAnswer);
            assert_eq!(refusal.offending, [*field]);
        }
    }

    #[test]
    fn nothing_is_answered_on_a_consent_that_has_ended() {
        let scene = accepted().and("cw.zhuhai", revoked());
        let refusal = scene.when("cw.macau", answer(2)).then_refused(RefusalCode::ConsentRevoked);
        assert_eq!(refusal.offending, ["question#2"]);
        let late = accepted().at(claims().not_after);
        late.when("cw.macau", answer(1)).then_refused(RefusalCode::ConsentExpired);
    }

    #[test]
    fn a_question_assigned_is_answered_by_its_officer_only() {
        let officer = "cw1.macau".parse().unwrap();
        let scene = accepted().and("lo.macau", ItemAssigned { request: request().id, question: 1, officer });
        let refusal = scene.clone().when("cw2.macau", answer(1)).then_refused(RefusalCode::NotAssigned);
        assert_eq!(refusal.offending, ["question#1"]);
        scene.clone().when("cw1.macau", answer(1)).then_done();
        scene.when("cw2.macau", answer(2)).then_done();
    }

    #[test]
    fn a_recalled_answer_is_not_answered_anew() {
        let questions = [1].into();
        let (request, asker, consent) = (request().id, request().asker, claims().id);
        let scene = replied().and("node.macau", AnswerRecalled { request, asker, consent, questions });
        let again =
            crate::testing::answer(&crate::verification::sample::request().questions[0].question, Verdict::Meets);
        let again = AnswerItem { request, question: 1, answer: again };
        scene.when("cw.macau", again).then_refused(RefusalCode::WrongState);
    }

    #[test]
    fn a_visit_is_answered_with_findings_and_nothing_else_is() {
        let mut claims = claims();
        claims.items.insert(Item::LivingVisit, Granularity::Threshold);
        let mut request = request();
        request.questions[0].question = visit_question();
        let id = request.id;
        let scene = based(claims)
            .and("rv.zhuhai", RequestSubmitted { request })
            .when("lo.macau", AcceptRequest { request: id })
            .then_done();
        let findings = VisitFindings {
            investigators: ["sw1", "sw2"].map(|name| name.parse().unwrap()).into(),
            visited_on: "2026-06-30".parse().unwrap(),
            housing: HousingKind::Rented,
            occupants_seen: 2,
            conditions: [HousingCondition::GoodOrder].into(),
            matches_declared_address: Some(true),
        };
        let with = |no, visit: Option<VisitFindings>| {
            let question = if no == 1 { visit_question() } else { crate::testing::question(Item::IncomeAssistance) };
            let answer = Answer { visit, ..crate::testing::answer(&question, Verdict::Meets) };
            scene.clone().when("cw.macau", AnswerItem { request: id, question: no, answer })
        };
        with(1, Some(findings.clone())).then_done();
        with(2, None).then_done();
        let alone = VisitFindings { investigators: ["sw1".parse().unwrap()].into(), ..findings.clone() };
        for bad in [with(1, None), with(1, Some(alone)), with(2, Some(findings))] {
            assert_eq!(bad.then_refused(RefusalCode::BadAnswer).offending, ["visit"]);
        }
    }

    fn visit_question() -> crate::item::Question {
        crate::testing::question(Item::LivingVisit)
    }

    #[test]
    fn a_reviewer_does_not_answer() {
        accepted().when("rv.macau", answer(1)).then_refused(RefusalCode::RoleNotAllowed);
    }
}
