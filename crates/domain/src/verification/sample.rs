//! A sample request at each step of its way.

use crate::consent::{ConsentRevoked, RevocationForm};
use crate::id::RequestId;
use crate::item::{Answer, Item, Predicate, Question, Verdict};
use crate::testing::{NOON, Scene, answer, claims, document, granted, party, question};
use crate::verification::{
    ItemAnswered, ReplySent, RequestAccepted, RequestDrafted, RequestQuestion, RequestSubmitted, VerificationRequest,
};

/// Zhuhai asks Macau two things about the person of the sample consent.
pub(crate) fn request() -> VerificationRequest {
    let property = Question { predicate: Predicate::CountAtMost(1), ..question(Item::AssetProperty) };
    let ask = |question| RequestQuestion { subject: document(), consent: claims().id, question };
    VerificationRequest {
        id: RequestId(uuid::Uuid::from_u128(0xE0)),
        asker: party("zhuhai"),
        unit: "reception".parse().unwrap(),
        holder: party("macau"),
        purpose: claims().purpose,
        standard: "ZH-2026-v1".parse().unwrap(),
        as_of: "2026-05-31".parse().unwrap(),
        questions: vec![ask(property), ask(question(Item::IncomeAssistance))],
    }
}

pub(crate) fn drafted() -> Scene {
    granted(claims()).and("cw.zhuhai", RequestDrafted { request: request() })
}

pub(crate) fn submitted() -> Scene {
    drafted().and("rv.zhuhai", RequestSubmitted { request: request() })
}

pub(crate) fn accepted() -> Scene {
    submitted().and("lo.macau", RequestAccepted { request: request().id, asker: party("zhuhai") })
}

/// Answers to both questions.
pub(crate) fn answers() -> [Answer; 2] {
    let [property, assistance] = [0, 1].map(|place| request().questions[place].question.clone());
    [answer(&property, Verdict::NoRecordFound), answer(&assistance, Verdict::Meets)]
}

/// Each question answered by another caseworker.
pub(crate) fn answered() -> Scene {
    let [property, assistance] = answers();
    let request = request().id;
    accepted()
        .and("cw1.macau", ItemAnswered { request, question: 1, answer: property })
        .and("cw2.macau", ItemAnswered { request, question: 2, answer: assistance })
}

pub(crate) fn replied() -> Scene {
    let [property, assistance] = answers();
    let answers = vec![(1, property), (2, assistance)];
    answered().and("rv.macau", ReplySent { request: request().id, asker: party("zhuhai"), answers })
}

/// The person withdraws the sample consent, at the asker.
pub(crate) fn revoked() -> ConsentRevoked {
    let (consent, form) = (claims().id, RevocationForm::InPerson);
    ConsentRevoked { consent, others: [party("macau")].into(), form, effective_at: NOON, subjects: [].into() }
}
