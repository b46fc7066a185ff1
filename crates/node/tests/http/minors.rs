//! A child's letter from incomplete to revoked; receipts; mandates; who looked.

use axum::body::Body;
use axum::http::Method;
use axum::http::header::{ACCEPT, CONTENT_TYPE};
use serde_json::{Value, json};

use crate::common::{TestParty, UNIT};
use crate::{NUMBER, id_of};

pub const CHILD: &str = "1234/2022";
pub const FATHER: &str = "999999198506010033";

/// A mother's letter for herself and a child of four: the item of health asks for both parents.
pub fn letter() -> Value {
    let mut letter = crate::flows::consent();
    letter["items"] = json!({ "exp.medical": "threshold", "id.exists": "threshold" });
    letter["separate"] = json!(["exp.medical", "id.exists"]);
    let child = json!({
        "document": { "kind": "birth_registration", "number": CHILD }, "name": { "as_on_document": "小<樣>本" },
        "birth_date": "2022-06-01",
    });
    letter["subjects"].as_array_mut().unwrap().push(child);
    let parent = json!({
        "subject": 1, "capacity": "parental_authority", "signed_on": "2026-09-30", "by": { "subject": 0 },
    });
    letter["signers"].as_array_mut().unwrap().push(parent);
    letter
}

pub fn completion() -> Value {
    json!({
        "signers": [{ "subject": 1, "capacity": "parental_authority", "signed_on": "2026-09-30", "by": { "other": 0 } }],
        "others": [{ "person": {
            "document": { "kind": "mainland_id", "number": FATHER }, "name": { "as_on_document": "余假设" },
        } }],
        "letter_sha256": "cd".repeat(32), "witness": "lo.zhuhai",
    })
}

pub async fn printed(party: &TestParty, who: &str, path: &str, accept: &str) -> (String, String) {
    let request = party.request(Method::GET, who, path).header(ACCEPT, accept).body(Body::empty()).unwrap();
    let reply = party.send(request).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let kind = reply.headers[CONTENT_TYPE].to_str().unwrap().to_owned();
    (kind, reply.text())
}

#[tokio::test]
async fn a_childs_letter_is_completed_printed_and_withdrawn_in_part() {
    let zhuhai = TestParty::start("zhuhai");
    zhuhai.clear(&["cw", "rv"]).await;
    let path = format!("/v1/consents/{}", id_of(&zhuhai.post("cw", "/v1/consents", &letter()).await.ok(201)));
    let countersign = format!("{path}/countersignature");
    let problem = zhuhai.post("rv", &countersign, &json!({})).await.problem(409, "CONSENT_INCOMPLETE");
    assert_eq!(problem["offending"], json!(["subject#2:second parent"]));
    let full = zhuhai.get("cw", &format!("{path}?reason=checking")).await.ok(200);
    assert_eq!((&full["state"], &full["status_text"]), (&json!("incomplete"), &json!("incomplete")));
    assert_eq!(full["lacking"], json!(["subject#2:second parent"]));

    let receipt = format!("{path}/receipt?reason=counter&lang=zh-Hant");
    let (kind, page) = printed(&zhuhai, "cw", &receipt, "text/html").await;
    assert!(kind.starts_with("text/html") && page.contains("待補簽") && page.contains("尚欠"), "{page}");
    assert!(!page.contains("<svg"), "what is not in force has no token");
    zhuhai.post("rv", &format!("{path}/completion"), &completion()).await.problem(403, "ROLE_NOT_ALLOWED");
    zhuhai.post("cw", &format!("{path}/completion"), &completion()).await.ok(200);
    zhuhai.post("rv", &countersign, &json!({})).await.ok(200);

    let entries = zhuhai.entries().await;
    let (_, page) = printed(&zhuhai, "cw", &receipt, "text/html").await;
    assert_eq!(zhuhai.entries().await, entries + 1, "reading a receipt is an access");
    for part in ["<svg", "同意書收據", "小&lt;樣&gt;本", "余假设", "醫療開支", &"cd".repeat(32), "隨時撤回"]
    {
        assert!(page.contains(part), "{part} in {page}");
    }
    for part in ["<script", "小<樣>本", NUMBER, CHILD, FATHER] {
        assert!(!page.contains(part), "{part} in {page}");
    }
    for (lang, title) in [("pt", "Recibo da declaração"), ("zh-Hans", "授权书回执"), ("en", "Receipt of a consent")]
    {
        let (kind, text) = printed(&zhuhai, "cw", &format!("{path}/receipt?reason=x&lang={lang}"), "text/plain").await;
        assert!(kind.starts_with("text/plain") && text.starts_with(title) && text.contains("\ntc1."), "{text}");
    }
    zhuhai.get("au", &receipt).await.problem(403, "MINOR_NOT_CLEARED");
    zhuhai.get("cw", &format!("{path}/receipt?reason=x&lang=fr")).await.problem(400, "BAD_REQUEST");

    let unsaid = json!({ "form": "in_person", "subjects": [1] });
    let problem = zhuhai.post("cw", &format!("{path}/revocation"), &unsaid).await.problem(422, "BAD_LIST");
    assert_eq!(problem["offending"], json!(["by"]), "two persons signed for the child");
    let about_child = json!({ "form": "in_person", "subjects": [1], "by": { "other": 0 } });
    zhuhai.post("cw", &format!("{path}/revocation"), &about_child).await.ok(200);
    zhuhai.post("cw", &format!("{path}/revocation"), &about_child).await.problem(409, "WRONG_STATE");
    let full = zhuhai.get("cw", &format!("{path}?reason=checking")).await.ok(200);
    assert_eq!((&full["state"], &full["revoked_subjects"]), (&json!("partly_revoked"), &json!([1])));
    let withdrawal = &full["withdrawals"][0];
    assert_eq!((&withdrawal["by"], &withdrawal["subjects"]), (&json!({ "other": 0 }), &json!([1])));
    let (_, text) = printed(&zhuhai, "cw", &format!("{path}/receipt?reason=x&lang=zh-Hant"), "text/plain").await;
    assert!(text.contains("撤回人: 余假设 → 小<樣>本"), "{text}");
    zhuhai.post("cw", &format!("{path}/closure"), &json!({ "reason": "decision_final" })).await.ok(200);
    zhuhai.get("cw", &format!("{path}/token?reason=x")).await.problem(403, "CONSENT_EXPIRED");
    assert_eq!(zhuhai.get("cw", "/v1/consents").await.ok(200)[0]["state"], "closed");
}

#[tokio::test]
async fn a_mandate_is_never_taken_for_a_consent() {
    let macau = TestParty::start("macau");
    let mandate = json!({
        "principal": crate::person(NUMBER), "unit": UNIT, "services": ["社會保險申報"], "letter_sha256": "ab".repeat(32),
        "witness": "lo.macau", "from": "2026-07-01", "to": "2099-06-30",
    });
    let id = id_of(&macau.post("cw", "/v1/mandates", &mandate).await.ok(201)).to_owned();
    macau
        .post("cw", "/v1/mandates", &{
            let mut witnessed = mandate.clone();
            witnessed["witness"] = json!("cw.macau");
            witnessed
        })
        .await
        .problem(403, "SAME_PERSON");
    for path in ["countersignature", "completion", "closure", "revocation"] {
        let body = match path {
            "completion" => completion(),
            "closure" => json!({ "reason": "decision_final" }),
            "revocation" => json!({ "form": "letter" }),
            _ => json!({}),
        };
        let who = if path == "countersignature" { "rv" } else { "cw" };
        macau.post(who, &format!("/v1/consents/{id}/{path}"), &body).await.problem(404, "NOT_FOUND");
    }
    let asked = json!({
        "holder": "zhuhai", "purpose": "dibao_application", "standard": "v1", "as_of": "2026-05-31",
        "questions": [{
            "subject": { "kind": "mainland_id", "number": NUMBER }, "consent": id,
            "question": { "item": "id.exists", "granularity": "threshold", "predicate": "holds" },
        }],
    });
    macau.post("cw", "/v1/verifications", &asked).await.problem(403, "NO_CONSENT");
    let listed = macau.get("au", "/v1/mandates").await.ok(200);
    assert_eq!(listed[0]["state"], "recorded");
    assert!(!listed.to_string().contains(NUMBER));
    let full = macau.get("cw", &format!("/v1/mandates/{id}?reason=filing")).await.ok(200);
    assert_eq!(full["principal"]["document"]["number"], NUMBER);
    let withdrawal = json!({ "form": "letter", "effective_at": "2026-07-01T04:00:00Z" });
    macau.post("cw", &format!("/v1/mandates/{id}/revocation"), &withdrawal).await.ok(200);
    macau.post("cw", &format!("/v1/mandates/{id}/revocation"), &withdrawal).await.problem(409, "WRONG_STATE");
}

#[tokio::test]
async fn who_looked_is_told_to_auditors_with_names_and_to_families_without() {
    let zhuhai = TestParty::start("zhuhai");
    let id = id_of(&zhuhai.post("cw", "/v1/consents", &crate::flows::consent()).await.ok(201)).to_owned();
    zhuhai.get("rv", &format!("/v1/consents/{id}?reason=deciding")).await.ok(200);
    let about = |number: &str| {
        json!({
            "documents": [{ "kind": "mainland_id", "number": number }], "reason": "the person asked",
        })
    };
    let found = zhuhai.post("au", "/v1/audit/who-looked", &about(NUMBER)).await.ok(200);
    let looks = found["looks"].as_array().unwrap();
    // The answer tells of itself too: it was on record before it was made.
    assert_eq!((looks.len(), &looks[0]["looked_at"]), (2, &json!("who_looked")));
    assert_eq!((&looks[1]["officer"], &looks[1]["role"]), (&json!("rv.zhuhai"), &json!("RV")));
    assert_eq!((&looks[1]["reason"], &looks[1]["consents"]), (&json!("deciding"), &json!([id])));
    assert_eq!(looks[1]["looked_at"], json!({ "consent": id }));
    assert!(found["note"].as_str().unwrap().contains("in those parties' logs"));

    let mut report = about(NUMBER);
    report["language"] = json!("pt");
    report["handed_to"] = json!({ "kind": "mainland_id", "number": NUMBER });
    let report = zhuhai.post("cw", "/v1/reports/who-looked", &report).await.ok(200);
    assert_eq!(report["lines"].as_array().unwrap().len(), 3);
    let text = report["text"].as_str().unwrap();
    for part in ["Quem consultou", "revisor", "deciding", "auditor", UNIT, &id] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(!text.contains("rv.zhuhai") && !text.contains(NUMBER), "{text}");

    assert_eq!(
        zhuhai.post("dp", "/v1/audit/who-looked", &about(FATHER)).await.ok(200)["looks"].as_array().unwrap().len(),
        1
    );
    zhuhai.post("cw", "/v1/audit/who-looked", &about(NUMBER)).await.problem(403, "ROLE_NOT_ALLOWED");
    zhuhai.post("sa", "/v1/audit/who-looked", &about(NUMBER)).await.problem(403, "ROLE_NOT_ALLOWED");
    let mut none = about(NUMBER);
    none["documents"] = json!([]);
    zhuhai.post("au", "/v1/audit/who-looked", &none).await.problem(422, "BAD_LIST");
}
