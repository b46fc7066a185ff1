//! A sample request at each step of its way.

use crate::consent::{ConsentClaims, ConsentRevoked, RevocationForm, SignedBy};
use crate::id::RequestId;
use crate::item::{Answer, Item, Predicate, Question, Verdict};
use crate::standard::PolicyStandardPublished;
use crate::testing::{NOON, Scene, answer, claims, document, granted, party, question, standard};
use crate::verification::{
    AnswerItem, CorrectReply, ItemAnswered, RecordReplyUse, ReplySent, RequestAccepted, RequestClarification,
    RequestClosed, RequestDrafted, RequestFacts, RequestQuestion, RequestSubmitted, RequestWithdrawn,
    VerificationRequest, WithdrawalReason,
};
use crate::view::Sides;

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
        follows: None,
    }
}

/// A consent in force, and the standard that the sample request quotes.
pub(crate) fn based(claims: ConsentClaims) -> Scene {
    let others = [party("hengqin"), party("macau")].into();
    granted(claims).and("sec.zhuhai", PolicyStandardPublished { standard: standard(), others })
}

pub(crate) fn drafted() -> Scene {
    based(claims()).and("cw.zhuhai", RequestDrafted { request: request() })
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

/// Only the first question is answered and replied to.
pub(crate) fn partly_replied() -> Scene {
    let [property, _] = answers();
    let scene =
        accepted().and("cw1.macau", ItemAnswered { request: request().id, question: 1, answer: property.clone() });
    let answers = vec![(1, property)];
    scene.and("rv.macau", ReplySent { request: request().id, asker: party("zhuhai"), answers })
}

/// A caseworker of the holder answers the first question anew.
pub(crate) fn proposed(scene: Scene) -> Scene {
    let seen: Sides<RequestFacts> = scene.rows().sides(&request().id).unwrap();
    let corrected = seen.of(party("macau")).unwrap().corrected.get(&1).map_or(0, Vec::len);
    let verdict = if corrected.is_multiple_of(2) { Verdict::DoesNotMeet } else { Verdict::Meets };
    let answer = answer(&request().questions[0].question, verdict);
    scene.when("cw1.macau", AnswerItem { request: request().id, question: 1, answer }).then_done()
}

pub(crate) fn corrected() -> Scene {
    let (request, reason) = (request().id, "found in the old books".parse().unwrap());
    proposed(replied()).when("rv.macau", CorrectReply { request, question: 1, reason }).then_done()
}

pub(crate) fn used(scene: Scene) -> Scene {
    let decision = "continue to home visit".parse().unwrap();
    scene.when("cw.zhuhai", RecordReplyUse { request: request().id, decision }).then_done()
}

pub(crate) fn closed() -> Scene {
    replied().and("cw.zhuhai", RequestClosed { request: request().id, holder: party("macau") })
}

pub(crate) fn withdrawn() -> Scene {
    let reason = WithdrawalReason::ByAsker;
    accepted().and("cw.zhuhai", RequestWithdrawn { request: request().id, holder: party("macau"), reason })
}

/// The holder has asked back about both questions.
pub(crate) fn clarifying() -> Scene {
    let text = "which spelling?".parse().unwrap();
    let ask = RequestClarification { request: request().id, text, questions: [1, 2].into() };
    accepted().when("cw.macau", ask).then_done()
}

/// The person withdraws the sample consent, at the asker.
pub(crate) fn revoked() -> ConsentRevoked {
    let (consent, form) = (claims().id, RevocationForm::InPerson);
    ConsentRevoked {
        consent,
        others: [party("macau")].into(),
        form,
        effective_at: NOON,
        subjects: [].into(),
        by: SignedBy::Subject(0),
    }
}
