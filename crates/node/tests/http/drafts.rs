//! Drafts that are given up, drafts that are turned away, and what officers see of them.

use axum::body::Body;
use axum::http::Method;
use axum::http::header::ACCEPT_LANGUAGE;
use serde_json::{Value, json};

use crate::common::TestParty;
use crate::flows::{consent, standard};
use crate::{NUMBER, batch, id_of};

/// Reads in Macau's Chinese.
async fn in_hant(party: &TestParty, who: &str, path: &str) -> Value {
    let request = party.request(Method::GET, who, path).header(ACCEPT_LANGUAGE, "zh-Hant");
    party.send(request.body(Body::empty()).unwrap()).await.ok(200)
}

/// A request of Zhuhai on a consent.
fn verification(consent: &str, item: &str) -> Value {
    let question = json!({ "item": item, "granularity": "threshold", "predicate": { "count_at_most": 1 } });
    json!({
        "holder": "macau", "purpose": "dibao_application", "standard": "ZH-2026-v1", "as_of": "2026-10-31",
        "questions": [{
            "subject": { "kind": "mainland_id", "number": NUMBER }, "consent": consent, "question": question,
        }],
    })
}

/// A consent of Zhuhai in force.
async fn granted(zhuhai: &TestParty) -> String {
    let id = id_of(&zhuhai.post("cw", "/v1/consents", &consent()).await.ok(201)).to_owned();
    zhuhai.post("rv", &format!("/v1/consents/{id}/countersignature"), &json!({})).await.ok(200);
    zhuhai.post("sec", "/v1/standards", &standard()).await.ok(201);
    id
}

#[tokio::test]
async fn what_was_not_sent_is_given_up_with_a_reason_and_leaves_the_inbox() {
    let (zhuhai, macau) = (TestParty::start("zhuhai"), TestParty::start("macau"));
    let consent_id = granted(&zhuhai).await;
    let recorded = zhuhai.post("cw", "/v1/consents", &consent()).await.ok(201);
    let prepared = zhuhai.post("cw", "/v1/batches", &batch("macau")).await.ok(201);
    let drafted = zhuhai.post("cw", "/v1/verifications", &verification(&consent_id, "ast.property")).await.ok(201);
    let cases = [
        ("/v1/batches", id_of(&prepared), "approval", "已作廢"),
        ("/v1/consents", id_of(&recorded), "countersignature", "已作廢"),
        ("/v1/verifications", id_of(&drafted), "submission", "已作廢"),
    ];
    assert_eq!(zhuhai.get("rv", "/v1/work/inbox").await.ok(200).as_array().unwrap().len(), 3);
    for (list, id, step, words) in cases {
        let path = format!("{list}/{id}");
        let reason = json!({ "reason": "prepared twice" });
        zhuhai.post("cw", &format!("{path}/discard"), &json!({})).await.problem(400, "BAD_REQUEST");
        zhuhai.post("cw2", &format!("{path}/discard"), &reason).await.problem(403, "NOT_YOUR_DRAFT");
        zhuhai.post("cw", &format!("{path}/discard"), &reason).await.ok(200);
        zhuhai.post("rv", &format!("{path}/discard"), &reason).await.problem(409, "WRONG_STATE");
        zhuhai.post("rv", &format!("{path}/{step}"), &json!({})).await.problem(409, "WRONG_STATE");
        let listed = in_hant(&zhuhai, "au", list).await;
        let item = listed.as_array().unwrap().iter().find(|item| item["id"] == id).unwrap();
        assert_eq!((&item["state"], &item["status_text"]), (&json!("discarded"), &json!(words)), "{list}");
    }
    assert_eq!(zhuhai.get("rv", "/v1/work/inbox").await.ok(200), json!([]));
    let full = zhuhai.get("cw", &format!("/v1/batches/{}?reason=look", id_of(&prepared))).await.ok(200);
    assert_eq!((&full["status_text"], &full["discarded_because"]), (&json!("discarded"), &json!("prepared twice")));
    zhuhai.tell(&macau).await;
    assert_eq!(macau.get("lo", "/v1/batches").await.ok(200), json!([]));
    assert_eq!(macau.get("lo", "/v1/verifications").await.ok(200), json!([]));
}

#[tokio::test]
async fn batches_and_urgent_notices_say_how_they_stand_in_the_language_asked_for() {
    let macau = TestParty::start("macau");
    macau.post("cw", "/v1/batches", &batch("zhuhai")).await.ok(201);
    let urgent = json!({
        "to": ["zhuhai"], "vital_interest": "unconscious",
        "emergency": {
            "subject": crate::person(NUMBER), "place": "gongbei", "what": "collapsed", "need": "family", "call_back": "desk",
        },
    });
    let raised = macau.post("ho", "/v1/urgent", &urgent).await.ok(201);
    assert_eq!(in_hant(&macau, "cw", "/v1/batches").await[0]["status_text"], "已編製");
    assert_eq!(in_hant(&macau, "cw", "/v1/urgent").await[0]["status_text"], "已發出");
    let full = macau.get("ho", &format!("/v1/urgent/{}?reason=duty", id_of(&raised))).await.ok(200);
    assert_eq!((&full["state"], &full["status_text"]), (&json!("raised"), &json!("raised")));
}

#[tokio::test]
async fn a_draft_that_was_turned_away_is_named_and_the_next_one_follows_it() {
    let zhuhai = TestParty::start("zhuhai");
    let consent = granted(&zhuhai).await;
    let over = verification(&consent, "ast.vehicle");
    let problem = zhuhai.post("cw", "/v1/verifications", &over).await.problem(403, "OVER_SCOPE");
    let about = problem["about"].as_str().unwrap();
    let file = zhuhai.get("cw", &format!("/v1/work/cases/verification/{about}")).await.ok(200);
    assert_eq!(file.as_array().unwrap().len(), 1);
    assert_eq!((&file[0]["kind"], &file[0]["by"]), (&json!("command-refused"), &json!("cw.zhuhai")));
    let mut again = verification(&consent, "ast.property");
    again["follows"] = json!(crate::NO_SUCH_ID);
    let unknown = zhuhai.post("cw", "/v1/verifications", &again).await.problem(404, "NOT_FOUND");
    assert_eq!(unknown["offending"], json!(["follows"]));
    again["follows"] = json!(about);
    let drafted = zhuhai.post("cw", "/v1/verifications", &again).await.ok(201);
    let full = zhuhai.get("cw", &format!("/v1/verifications/{}?reason=look", id_of(&drafted))).await.ok(200);
    assert_eq!((&full["follows"], &full["state"]), (&json!(about), &json!("drafted")));
    again["follows"] = drafted["id"].clone();
    zhuhai.post("cw", "/v1/verifications", &again).await.problem(409, "WRONG_STATE");
}
