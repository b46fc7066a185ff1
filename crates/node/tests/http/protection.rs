//! Persons at risk: the clearance for minors, a child's file, what is kept from a suspected guardian, own answers on request,
//! and the report of everything that concerned a household.

use axum::body::Body;
use axum::http::Method;
use axum::http::header::{ACCEPT, CONTENT_TYPE};
use serde_json::{Value, json};

use crate::common::TestParty;
use crate::minors::{CHILD, FATHER, completion, letter, printed};
use crate::{NUMBER, id_of};

fn mainland(number: &str) -> Value {
    json!({ "kind": "mainland_id", "number": number })
}

fn child() -> Value {
    json!({ "kind": "birth_registration", "number": CHILD })
}

/// Zhuhai with the family's letter in force, and the path of the letter. `cw`, `rv`, `dp` and `au` are cleared.
async fn family() -> (TestParty, String) {
    let zhuhai = TestParty::start("zhuhai");
    zhuhai.clear(&["cw", "rv", "dp", "au"]).await;
    let path = format!("/v1/consents/{}", id_of(&zhuhai.post("cw", "/v1/consents", &letter()).await.ok(201)));
    zhuhai.post("cw", &format!("{path}/completion"), &completion()).await.ok(200);
    zhuhai.post("rv", &format!("{path}/countersignature"), &json!({})).await.ok(200);
    (zhuhai, path)
}

fn listed(list: &Value, path: &str) -> bool {
    list.as_array().unwrap().iter().any(|item| path.ends_with(item["id"].as_str().unwrap()))
}

#[tokio::test]
async fn without_the_clearance_a_childs_letter_is_neither_read_nor_worked_on_nor_listed() {
    let (zhuhai, path) = family().await;
    let id = path.rsplit('/').next().unwrap();
    let reads =
        [format!("{path}?reason=x"), format!("{path}/token?reason=x"), format!("{path}/receipt?reason=x&lang=pt")];
    for who in ["cw2", "lo", "ho"] {
        for read in &reads {
            let entries = zhuhai.entries().await;
            let problem = zhuhai.get(who, read).await.problem(403, "MINOR_NOT_CLEARED");
            assert!(!problem.to_string().contains(CHILD));
            assert_eq!(zhuhai.entries().await, entries + 1, "the attempt is on record");
        }
        assert!(!listed(&zhuhai.get(who, "/v1/consents").await.ok(200), &path), "{who}");
        zhuhai.get(who, &format!("/v1/work/cases/consent/{id}")).await.problem(404, "NOT_FOUND");
    }
    zhuhai.post("cw2", "/v1/consents", &letter()).await.problem(403, "MINOR_NOT_CLEARED");
    let closure = json!({ "reason": "decision_final" });
    zhuhai.post("cw2", &format!("{path}/closure"), &closure).await.problem(403, "MINOR_NOT_CLEARED");
    let persons = json!({ "documents": [mainland(NUMBER), child()], "reason": "audit" });
    zhuhai.appoint("au", json!([])).await;
    zhuhai.post("au", "/v1/audit/who-looked", &persons).await.problem(403, "MINOR_NOT_CLEARED");
    zhuhai.post("au", "/v1/audit/subject-report", &persons).await.problem(403, "MINOR_NOT_CLEARED");

    assert!(listed(&zhuhai.get("rv", "/v1/consents").await.ok(200), &path));
    zhuhai.get("rv", &format!("/v1/work/cases/consent/{id}")).await.ok(200);
    zhuhai.clear(&["cw2"]).await;
    zhuhai.get("cw2", &reads[0]).await.ok(200);
    let officers = zhuhai.get("cw", "/v1/authority/officers").await.ok(200);
    let cw2 = officers.as_array().unwrap().iter().find(|officer| officer["officer"] == "cw2.zhuhai").unwrap();
    assert_eq!(cw2["clearances"], json!(["minor"]));
    zhuhai.appoint("cw2", json!([])).await;
    zhuhai.get("cw2", &reads[0]).await.problem(403, "MINOR_NOT_CLEARED");
}

/// The reports for a person about the household: as JSON.
async fn handed(zhuhai: &TestParty, kind: &str, to: &Value) -> Value {
    let body = json!({
        "documents": [child(), mainland(FATHER)], "handed_to": to, "language": "zh-Hant", "reason": "asked at the counter",
    });
    zhuhai.post("cw", &format!("/v1/reports/{kind}"), &body).await.ok(200)
}

#[tokio::test]
async fn what_is_kept_from_the_father_is_on_nothing_that_is_handed_to_him() {
    let (zhuhai, path) = family().await;
    zhuhai.get("cw", &format!("{path}?reason=deciding")).await.ok(200);
    let id = path.rsplit('/').next().unwrap();
    let (mother, father) = (mainland(NUMBER), mainland(FATHER));
    let to = |signer: &str| format!("{path}/receipt?reason=x&lang=zh-Hant{signer}");
    assert_eq!(zhuhai.get("cw", &to("&signer=2")).await.status, 200);
    assert!(handed(&zhuhai, "subject", &father).await["text"].as_str().unwrap().contains("同意書生效"));

    let suppression = json!({ "case": { "consent": id }, "towards": father, "reason": "suspected of harm" });
    zhuhai.post("cw", "/v1/suppressions", &suppression).await.problem(403, "ROLE_NOT_ALLOWED");
    let receipt = zhuhai.post("dp", "/v1/suppressions", &suppression).await.ok(201);
    assert_eq!(receipt["kind"], "disclosure-suppressed");
    zhuhai.post("dp", "/v1/suppressions", &suppression).await.problem(409, "WRONG_STATE");

    let problem = zhuhai.get("cw", &to("")).await.problem(403, "SUPPRESSED");
    assert_eq!(problem["offending"], json!(["signer"]), "it is not said to whom");
    zhuhai.get("cw", &to("&signer=2")).await.problem(403, "SUPPRESSED");
    zhuhai.get("cw", &to("&signer=9")).await.problem(422, "BAD_LIST");
    let (_, hers) = printed(&zhuhai, "cw", &to("&signer=0"), "text/plain").await;
    assert!(hers.contains("同意書收據"));
    let full = zhuhai.get("cw", &format!("{path}?reason=x")).await.ok(200);
    assert_eq!(full["suppressed_signers"], json!([2]), "officers are warned");

    for kind in ["subject", "who-looked"] {
        let his = handed(&zhuhai, kind, &father).await.to_string();
        assert!(!his.contains(id) && !his.contains("小<樣>本") && !his.contains("suspected"), "{his}");
        let hers = handed(&zhuhai, kind, &mother).await.to_string();
        assert!(hers.contains(id) && !hers.contains("suspected"), "{hers}");
        let strangers = handed(&zhuhai, kind, &mainland("999999198806010043")).await.to_string();
        assert!(!strangers.contains(id), "{strangers}");
    }

    let entries = zhuhai.entries().await;
    let asked = json!({ "documents": [child()], "reason": "review of the suppression" });
    let report = zhuhai.post("au", "/v1/audit/subject-report", &asked).await.ok(200);
    assert_eq!(zhuhai.entries().await, entries + 1, "reading the report is on record");
    let kept = &report["suppressed"][0];
    assert_eq!((&kept["towards"], &kept["case"]), (&father, &json!({ "consent": id })));
    assert_eq!(
        (&kept["suppressed"]["by"], &kept["suppressed"]["reason"]),
        (&json!("dp.zhuhai"), &json!("suspected of harm"))
    );
    assert_eq!(kept["suppressed"]["seq"], receipt["seq"]);
    let list = zhuhai.get("au", "/v1/suppressions").await.ok(200);
    assert_eq!((&list[0]["by"], &list[0]["case"]), (&json!("dp.zhuhai"), &json!({ "consent": id })));
    assert!(!list.to_string().contains(FATHER) && !list.to_string().contains("suspected"), "{list}");
    zhuhai.get("cw", "/v1/suppressions").await.problem(403, "ROLE_NOT_ALLOWED");
    zhuhai.post("dp", "/v1/suppressions/lifting", &suppression).await.problem(403, "SAME_PERSON");
}

#[tokio::test]
async fn the_report_names_every_entry_with_its_receipt_and_can_be_printed_in_four_languages() {
    let (zhuhai, path) = family().await;
    zhuhai.get("cw", &format!("{path}?reason=deciding")).await.ok(200);
    let asked = json!({ "documents": [mainland(NUMBER)], "reason": "request of the data subject" });
    let report = zhuhai.post("dp", "/v1/audit/subject-report", &asked).await.ok(200);
    let lines = report["lines"].as_array().unwrap();
    let kinds: Vec<&str> = lines.iter().map(|line| line["kind"].as_str().unwrap()).collect();
    // The report tells of itself too: it was on record before it was made.
    let expected = ["consent-recorded", "consent-completed", "consent-granted", "access-recorded", "access-recorded"];
    assert_eq!(kinds, expected);
    zhuhai.node.with(|core| core.checkpoint(tongcha_node::clock::wall_clock())).await.unwrap().unwrap();
    for line in lines {
        let (log, seq) = (line["log"].as_str().unwrap(), line["seq"].as_u64().unwrap());
        assert_eq!(line["receipt"], format!("/v1/receipts/{seq}"));
        let header = zhuhai.get("lo", &format!("/v1/entries/{log}/{seq}")).await.ok(200);
        assert_eq!(header["kind"], line["kind"]);
        assert_eq!(zhuhai.get("cw", line["receipt"].as_str().unwrap()).await.status, 200);
    }
    assert_eq!(lines[3]["officer"], "cw.zhuhai");
    assert_eq!(lines[2]["items"][0]["told"], "allowed");

    for (language, words) in [
        ("zh-Hans", ["与本户有关的全部记载", "授权书生效", "日志条目"]),
        ("zh-Hant", ["與本戶有關的全部紀錄", "同意書生效", "日誌條目"]),
        ("pt", ["Tudo o que diz respeito ao agregado", "consentimento em vigor", "Entrada do registo"]),
        ("en", ["Everything that concerned the household", "consent in force", "Log entry"]),
    ] {
        let body = json!({
            "documents": [mainland(NUMBER)], "handed_to": mainland(NUMBER), "language": language, "reason": "counter",
        });
        let report = zhuhai.post("cw", "/v1/reports/subject", &body).await.ok(200);
        let text = report["text"].as_str().unwrap().to_owned();
        assert_eq!(report["lines"][2]["receipt"], json!(format!("/v1/receipts/{}", report["lines"][2]["seq"])));
        for accept in ["text/plain", "text/html"] {
            let request = zhuhai.request(Method::POST, "cw", "/v1/reports/subject").header(ACCEPT, accept);
            let request = request.header(CONTENT_TYPE, "application/json").body(Body::from(body.to_string())).unwrap();
            let reply = zhuhai.send(request).await;
            assert_eq!(reply.status, 200, "{}", reply.text());
            assert!(reply.headers[CONTENT_TYPE].to_str().unwrap().starts_with(accept));
            for word in words {
                assert!(reply.text().contains(word) && text.contains(word), "{word} in {text}");
            }
            for part in ["cw.zhuhai", NUMBER, CHILD, "<script"] {
                assert!(!reply.text().contains(part), "{part} in {}", reply.text());
            }
        }
    }
    zhuhai.post("cw", "/v1/audit/subject-report", &asked).await.problem(403, "ROLE_NOT_ALLOWED");
    let body =
        json!({ "documents": [mainland(NUMBER)], "handed_to": mainland(NUMBER), "language": "pt", "reason": "x" });
    zhuhai.post("au", "/v1/reports/subject", &body).await.problem(403, "ROLE_NOT_ALLOWED");
}

/// A verification of the mother and the child, on the family's letter, answered by Macau.
async fn answered(zhuhai: &TestParty, macau: &TestParty, consent: &str) -> String {
    zhuhai.post("sec", "/v1/standards", &crate::flows::standard()).await.ok(201);
    let question = json!({ "item": "id.exists", "predicate": "holds", "granularity": "threshold" });
    let about = |subject: Value| json!({ "subject": subject, "consent": consent, "question": question });
    let request = json!({
        "holder": "macau", "purpose": "dibao_application", "standard": "ZH-2026-v1", "as_of": "2026-05-31",
        "questions": [about(mainland(NUMBER)), about(child())],
    });
    let receipt = zhuhai.post("cw", "/v1/verifications", &request).await.ok(201);
    let path = format!("/v1/verifications/{}", id_of(&receipt));
    zhuhai.post("rv", &format!("{path}/submission"), &json!({})).await.ok(200);
    zhuhai.tell(macau).await;
    macau.post("lo", &format!("{path}/acceptance"), &json!({})).await.ok(200);
    for no in [1, 2] {
        let officer = json!({ "officer": "cw.macau" });
        macau.post("lo", &format!("{path}/assignments/{no}"), &officer).await.ok(200);
        let source = ["civil registry of adults", "civil registry of births"][no - 1];
        let answer = json!({ "answer": {
            "item": "id.exists", "predicate": "holds", "verdict": "MEETS", "as_of": "2026-05-31",
            "sources_searched": [source], "sources_not_searched": [],
        } });
        macau.post("cw", &format!("{path}/answers/{no}"), &answer).await.ok(200);
    }
    macau.post("rv", &format!("{path}/reply"), &json!({})).await.ok(200);
    macau.tell(zhuhai).await;
    path
}

#[tokio::test]
async fn an_applicant_gets_the_own_answers_on_request_and_nobody_elses() {
    let (zhuhai, path) = family().await;
    let macau = TestParty::start("macau");
    macau.clear(&["cw", "lo", "rv"]).await;
    let consent = path.rsplit('/').next().unwrap();
    let request = answered(&zhuhai, &macau, consent).await;
    let receipt = |more: &str| format!("{request}/receipt?reason=x&lang=en{more}");
    let (plain, own) = ("text/plain", format!("&consent={consent}&answers=true"));

    let (_, household) = printed(&zhuhai, "cw", &receipt(""), plain).await;
    assert_eq!(household.matches("Items: ").count(), 1, "the child's question is not on the household's receipt");
    assert!(!household.contains("civil registry") && household.contains("does not hold the answers"), "{household}");
    let problem = zhuhai.get("cw", &receipt(&own)).await.problem(422, "BAD_LIST");
    assert_eq!(problem["offending"], json!(["signer"]), "answers are for somebody");
    let entries = zhuhai.entries().await;
    // Signatures: the mother's own, hers for the child, the father's for the child.
    let (_, hers) = printed(&zhuhai, "cw", &receipt(&format!("{own}&signer=0")), plain).await;
    assert_eq!(zhuhai.entries().await, entries + 1, "an access event first");
    assert!(hers.contains("registry of adults") && hers.contains("registry of births"), "{hers}");
    assert!(hers.contains("not shared: the range; the exact value"), "{hers}");
    let (_, his) = printed(&zhuhai, "cw", &receipt(&format!("{own}&signer=2")), plain).await;
    assert!(!his.contains("registry of adults") && his.contains("registry of births"), "hers are not his: {his}");
    let (_, without) = printed(&zhuhai, "cw", &receipt(&format!("&consent={consent}&signer=0")), plain).await;
    assert!(!without.contains("civil registry"), "only on request: {without}");
    zhuhai.get("cw", &receipt("&answers=true&signer=0")).await.problem(422, "BAD_LIST");

    let at_holder = receipt(&format!("{own}&signer=0"));
    macau.get("cw", &at_holder).await.problem(403, "ROLE_NOT_ALLOWED");
    let (_, told) = printed(&macau, "lo", &at_holder, plain).await;
    assert!(told.contains("registry of births"), "{told}");
    zhuhai.get("cw2", &receipt(&format!("{own}&signer=0"))).await.problem(403, "MINOR_NOT_CLEARED");

    let case = json!({ "verification": request.rsplit('/').next().unwrap() });
    let suppression = json!({ "case": case, "towards": mainland(FATHER), "reason": "suspected of harm" });
    zhuhai.post("dp", "/v1/suppressions", &suppression).await.ok(201);
    zhuhai.get("cw", &receipt(&format!("{own}&signer=2"))).await.problem(403, "SUPPRESSED");
    zhuhai.get("cw", &receipt("")).await.problem(403, "SUPPRESSED");
    zhuhai.tell(&macau).await;
    let his = receipt(&format!("{own}&signer=2"));
    macau.get("lo", &his).await.problem(403, "SUPPRESSED"); // the word reaches every counter
    printed(&zhuhai, "cw", &receipt(&format!("{own}&signer=0")), plain).await;
}
