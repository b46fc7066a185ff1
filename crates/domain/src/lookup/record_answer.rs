//! `RecordLookupAnswer`: the answer to a permitted lookup, recorded before it leaves.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::consent::{ConsentFacts, revocation_about};
use crate::event::Event;
use crate::id::LookupId;
use crate::item::Answer;
use crate::lookup::{LookupAnswered, LookupFacts, check_answer};
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::view::{Rows, Sides, ViewError};

/// Records the answer to a lookup that this party permitted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordLookupAnswer {
    /// The lookup.
    pub lookup: LookupId,
    /// The answers, in the order of the questions.
    pub answers: Vec<Answer>,
}

impl Decide for RecordLookupAnswer {
    const ROLES: &'static [Role] = &[Role::Node];
    type State = (Sides<LookupFacts>, Sides<ConsentFacts>);

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        let lookups = rows.sides::<LookupFacts>(&self.lookup)?;
        let consent = lookups.iter().find_map(|(_, facts)| Some(facts.permitted.as_ref()?.0.consent));
        let consents = consent.map(|consent| rows.sides(&consent)).transpose()?.unwrap_or_default();
        Ok((lookups, consents))
    }

    fn decide(&self, (lookups, consents): &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let own = lookups.of(context.me).filter(|facts| facts.answered.is_none());
        let Some((permitted, _)) = own.and_then(|facts| facts.permitted.as_ref()) else {
            return Err(Refusal::new(RefusalCode::WrongState));
        };
        // The revocation may have come between the gate's verdict and now: from its acceptance on, nothing is answered.
        let parties = [permitted.issuer, context.me, permitted.requester.party];
        let covered = consents.granted().map(|granted| granted.claims.subjects.as_slice());
        if let Some(at) = revocation_about(parties, covered, consents, &permitted.subject) {
            return Err(Refusal::new(RefusalCode::ConsentRevoked).effective_at(at));
        }
        if self.answers.len() != permitted.questions.len() {
            return Err(Refusal::new(RefusalCode::BadAnswer));
        }
        let pairs = (1..).zip(permitted.questions.iter().zip(&self.answers));
        let wrong: Vec<String> = pairs
            .filter(|(_, (question, answer))| check_answer(question, answer).is_err())
            .map(|(no, _): (u32, _)| format!("question#{no}"))
            .collect();
        if !wrong.is_empty() {
            return Err(Refusal::new(RefusalCode::BadAnswer).offending(wrong));
        }
        let (lookup, asker) = (self.lookup, permitted.requester.party);
        Ok(LookupAnswered { lookup, asker, answers: self.answers.clone() }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::item::{Item, Verdict};
    use crate::testing::{Scene, answer, given, given_nothing, party, permitted, question};

    fn scene() -> Scene {
        given([("node.macau", permitted(1, vec![question(Item::AssetDeposit), question(Item::AssetProperty)]))])
    }

    fn record() -> RecordLookupAnswer {
        let answers = [Item::AssetDeposit, Item::AssetProperty].map(|item| answer(&question(item), Verdict::Meets));
        RecordLookupAnswer { lookup: crate::testing::lookup(1), answers: answers.into() }
    }

    #[test]
    fn the_answer_goes_to_the_asker() {
        let RecordLookupAnswer { lookup, answers } = record();
        scene().when("node.macau", record()).then(LookupAnswered { lookup, asker: party("zhuhai"), answers });
    }

    #[test]
    fn a_revocation_between_verdict_and_answer_stops_the_answer() {
        let scene = scene();
        let permitted = permitted(1, Vec::new());
        let revoked = |others: &[&str]| crate::consent::ConsentRevoked {
            consent: permitted.consent,
            others: others.iter().map(|name| party(name)).collect(),
            form: crate::consent::RevocationForm::InPerson,
            effective_at: crate::testing::NOON,
            subjects: [].into(),
            by: crate::consent::SignedBy::Subject(0),
        };
        for who in ["cw.zhuhai", "cw.macau"] {
            let scene = scene.clone().and(who, revoked(&["zhuhai", "macau"]));
            let refusal = scene.when("node.macau", record()).then_refused(RefusalCode::ConsentRevoked);
            assert_eq!(refusal.effective_at, Some(crate::testing::NOON));
        }
        let stranger = scene.and("cw.hengqin", revoked(&["zhuhai", "macau"]));
        stranger.when("node.macau", record()).then_done();
    }

    #[test]
    fn only_what_was_permitted_here_is_answered() {
        given_nothing().when("node.macau", record()).then_refused(RefusalCode::WrongState);
        scene().when("node.hengqin", record()).then_refused(RefusalCode::WrongState);
    }

    #[test]
    fn a_lookup_is_answered_once() {
        let scene = scene().when("node.macau", record()).then_done();
        scene.when("node.macau", record()).then_refused(RefusalCode::WrongState);
    }

    #[test]
    fn every_question_has_one_answer() {
        let with = |change: fn(&mut Vec<Answer>)| {
            let mut record = record();
            change(&mut record.answers);
            scene().when("node.macau", record).then_refused(RefusalCode::BadAnswer).offending
        };
        assert!(with(|answers| drop(answers.pop())).is_empty());
        assert!(with(|answers| answers.push(answers[0].clone())).is_empty());
        assert_eq!(with(|answers| answers.swap(0, 1)), ["question#1", "question#2"]);
    }

    #[test]
    fn an_answer_finer_than_the_question_is_refused() {
        let mut record = record();
        record.answers[1].band = Some("2+".parse().unwrap());
        let refusal = scene().when("node.macau", record).then_refused(RefusalCode::BadAnswer);
        assert_eq!(refusal.offending, ["question#2"]);
    }

    #[test]
    fn no_officer_records_it() {
        scene().when("cw.macau", record()).then_refused(RefusalCode::RoleNotAllowed);
    }
}
