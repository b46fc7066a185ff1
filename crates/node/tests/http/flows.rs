//! Commands: receipts, repetition, second persons, what the log holds of refusals.

use axum::http::Method;
use axum::http::header::CONTENT_TYPE;
use serde_json::{Value, json};

use crate::common::{SETTLED, TestParty, UNIT};
use crate::{NUMBER, WRONG_NUMBER, batch, entry, id_of};

/// A letter that Zhuhai's reception took for questions to Macau.
pub fn consent() -> Value {
    json!({
        "holder": "macau", "unit": UNIT, "items": { "ast.deposit": "threshold", "ast.property": "threshold" },
        "purpose": "dibao_application", "legal_basis": { "agreement_article": "article 3" },
        "not_before": "2026-10-01T00:00:00+08:00", "not_after": "2027-09-30T00:00:00+08:00", "uses": 3,
        "letter_sha256": "ab".repeat(32), "witness": "lo.zhuhai", "language": "zh-Hans",
        "signers": [{ "subject": 0, "capacity": "own", "signed_on": "2026-09-30" }],
        "subjects": [crate::person(NUMBER)], "separate": ["ast.deposit"],
    })
}

#[tokio::test]
async fn a_batch_goes_its_way_between_two_parties() {
    let (macau, zhuhai) = (TestParty::start("macau"), TestParty::start("zhuhai"));
    let before = macau.entries().await;
    let receipt = macau.post("cw", "/v1/batches", &batch("zhuhai")).await.ok(201);
    assert_eq!(
        (&receipt["party"], &receipt["seq"], &receipt["kind"]),
        (&json!("macau"), &json!(before), &json!("batch-prepared"))
    );
    assert_eq!(receipt["replayed"], false);
    assert_eq!(receipt["leaf"].as_str().unwrap().len(), 64);
    let path = format!("/v1/batches/{}", id_of(&receipt));
    let empty = json!({});
    macau.post("cw", &format!("{path}/sending"), &empty).await.problem(403, "ROLE_NOT_ALLOWED");
    macau.post("lo", &format!("{path}/sending"), &empty).await.problem(409, "WRONG_STATE");
    macau.post("rv", &format!("{path}/approval"), &empty).await.ok(200);
    macau.post("lo", &format!("{path}/sending"), &empty).await.ok(200);
    macau.tell(&zhuhai).await;
    zhuhai.tell(&macau).await;
    let listed = macau.get("au", "/v1/batches").await.ok(200);
    assert_eq!((&listed[0]["state"], &listed[0]["open"]), (&json!("delivered"), &json!(1)));
    assert!(!listed.to_string().contains(NUMBER), "{listed}");

    zhuhai.post("lo", &format!("{path}/acknowledgement"), &empty).await.problem(409, "ENTRIES_OPEN");
    let dispute = json!({ "reason": "identity_mismatch", "note": "another name here" });
    zhuhai.post("cw", &format!("{path}/entries/1/dispute"), &dispute).await.ok(200);
    zhuhai.post("cw", &format!("{path}/entries/2/dispute"), &dispute).await.problem(404, "NOT_FOUND");
    zhuhai.tell(&macau).await;
    let correction = json!({ "replacement": entry(NUMBER), "note": "as on the card" });
    macau.post("cw", &format!("{path}/entries/1/correction"), &correction).await.ok(200);
    macau.tell(&zhuhai).await;
    zhuhai.post("cw", &format!("{path}/entries/1/match"), &empty).await.ok(200);
    zhuhai.post("lo", &format!("{path}/acknowledgement"), &empty).await.ok(200);
    zhuhai.tell(&macau).await;

    for party in [&macau, &zhuhai] {
        let full = party.get("lo", &format!("{path}?reason=settling")).await.ok(200);
        assert_eq!(full["state"], "acknowledged");
        let entry = &full["entries"][0];
        assert_eq!((&entry["status"], &entry["corrections"]), (&json!("matched"), &json!(1)));
        assert_eq!(entry["dispute"]["reason"], "identity_mismatch");
        assert_eq!(entry["entry"]["subject"]["document"]["number"], NUMBER);
        let kinds: Vec<&str> =
            full["steps"].as_array().unwrap().iter().map(|step| step["kind"].as_str().unwrap()).collect();
        assert!(kinds.ends_with(&["batch-sent", "batch-delivered", "batch-acknowledged"]), "{kinds:?}");
    }
    macau.post("cw", &format!("{path}/entries/1/withdrawal"), &json!({ "note": "moved away" })).await.ok(200);
    let stranger = zhuhai.post("cw", &format!("{path}/entries/1/withdrawal"), &json!({ "note": "x" })).await;
    stranger.problem(403, "NOT_YOURS");
}

#[tokio::test]
async fn a_repeated_command_gets_its_first_result_and_makes_no_entry() {
    let macau = TestParty::start("macau");
    let first = macau.post_keyed("cw", "july", "/v1/batches", &batch("zhuhai")).await.ok(201);
    let entries = macau.entries().await;
    let again = macau.post_keyed("cw", "july", "/v1/batches", &batch("zhuhai")).await.ok(201);
    let mut expected = first.clone();
    expected["replayed"] = json!(true);
    assert_eq!(again, expected);
    assert_eq!(macau.entries().await, entries, "nothing was written");
    assert_eq!(macau.get("cw", "/v1/batches").await.ok(200).as_array().unwrap().len(), 1);

    let mut other = batch("zhuhai");
    other["unchanged"] = json!(28);
    macau.post_keyed("cw", "july", "/v1/batches", &other).await.problem(409, "IDEMPOTENCY_KEY_REUSED");
    let path = format!("/v1/batches/{}/approval", id_of(&first));
    macau.post_keyed("rv", "july", &path, &json!({})).await.ok(200); // another officer's key is another key
    macau.post_keyed("rv", "july", &path, &json!({})).await.ok(200);
    let path = format!("/v1/batches/{}/sending", id_of(&first));
    macau.post_keyed("rv", "july", &path, &json!({})).await.problem(409, "IDEMPOTENCY_KEY_REUSED");
    for bad in ["", "a b", &"x".repeat(129)] {
        macau.post_keyed("cw", bad, "/v1/batches", &other).await.problem(400, "BAD_REQUEST");
    }
    let unkeyed = macau.post("cw", "/v1/batches", &batch("zhuhai")).await.ok(201);
    assert_ne!(unkeyed["id"], first["id"]);
}

#[tokio::test]
async fn a_second_person_is_a_second_person_and_refusals_are_in_the_log() {
    let zhuhai = TestParty::start("zhuhai");
    let id = zhuhai.post("cw", "/v1/consents", &consent()).await.ok(201);
    let path = format!("/v1/consents/{}/countersignature", id_of(&id));
    let entries = zhuhai.entries().await;
    zhuhai.post("cw", &path, &json!({})).await.problem(403, "SAME_PERSON");
    assert_eq!(zhuhai.entries().await, entries + 1, "a refusal is an entry");
    let entry = zhuhai.get("au", &format!("/v1/entries/zhuhai/{entries}")).await.ok(200);
    assert_eq!((&entry["kind"], &entry["audience"]), (&json!("command-refused"), &json!(["zhuhai"])));
    zhuhai.post("ho", &path, &json!({})).await.problem(403, "ROLE_NOT_ALLOWED");
}

#[tokio::test]
async fn a_consent_gets_a_token_and_is_revoked_once() {
    let (zhuhai, macau) = (TestParty::start("zhuhai"), TestParty::start("macau"));
    let receipt = zhuhai.post_keyed("cw", "k", "/v1/consents", &consent()).await.ok(201);
    let path = format!("/v1/consents/{}", id_of(&receipt));
    zhuhai.get("cw", &format!("{path}/token?reason=early")).await.problem(409, "WRONG_STATE");
    let granted = zhuhai.post("rv", &format!("{path}/countersignature"), &json!({})).await.ok(200);
    assert_eq!(granted["kind"], "consent-granted");
    let again = zhuhai.get("cw", &format!("{path}/token?reason=lost")).await.ok(200);
    for token in [&granted["token"], &again["token"]] {
        let token = tongcha_ledger::token::ConsentToken::from_text(token.as_str().unwrap()).unwrap();
        let claims = token.open(macau.node.directory(), macau.node.secrets()).unwrap();
        assert_eq!(claims.subjects[0].document.number(), NUMBER);
        assert_eq!(claims.id.to_string(), id_of(&receipt));
    }
    zhuhai.tell(&macau).await;
    macau.get("cw", &format!("{path}/token?reason=x")).await.problem(403, "NOT_YOURS");
    let listed = macau.get("sa", "/v1/consents").await.ok(200);
    assert_eq!((&listed[0]["state"], &listed[0]["uses_spent"]), (&json!("granted"), &json!(0)));
    assert!(!listed.to_string().contains(NUMBER));
    let full = macau.get("cw", &format!("{path}?reason=checking")).await.ok(200);
    assert_eq!(full["subjects"][0]["document"]["number"], NUMBER);

    let revocation = json!({ "form": "in_person" });
    let first = macau.post_keyed("cw", "r", &format!("{path}/revocation"), &revocation).await.ok(200);
    let again = macau.post_keyed("cw", "r", &format!("{path}/revocation"), &revocation).await.ok(200);
    assert_eq!((&again["seq"], &again["replayed"]), (&first["seq"], &json!(true)), "the same now");
    let second = macau.post_keyed("cw", "s", &format!("{path}/revocation"), &revocation).await;
    second.problem(409, "WRONG_STATE");
    let second = macau.post_keyed("cw", "s", &format!("{path}/revocation"), &revocation).await;
    second.problem(409, "WRONG_STATE");
    macau.tell(&zhuhai).await;
    let problem = zhuhai.get("cw", &format!("{path}/token?reason=x")).await.problem(403, "CONSENT_REVOKED");
    assert!(problem["effective_at"].as_str().unwrap().ends_with('Z'), "{problem}");
}

#[tokio::test]
async fn a_consent_that_fits_no_token_is_refused_at_once() {
    let zhuhai = TestParty::start("zhuhai");
    let mut long = consent();
    let name = "測".repeat(200);
    let subject = |no: usize| {
        let document = json!({ "kind": "macau_bir", "number": format!("{:07}(0)", 9_000_000 + no) });
        json!({ "document": document, "name": { "as_on_document": name, "zh_hant": name } })
    };
    long["subjects"] = (0..4).map(subject).collect();
    long["signers"] = (0..4).map(|no| json!({ "subject": no, "capacity": "own", "signed_on": "2026-09-30" })).collect();
    let problem = zhuhai.post("cw", "/v1/consents", &long).await.problem(422, "BAD_LIST");
    assert_eq!(problem["offending"], json!(["subjects"]));
}

#[tokio::test]
async fn a_register_file_is_taken_as_a_whole_and_once() {
    let macau = TestParty::start("macau");
    let csv = crate::reads::register_file(NUMBER, 450);
    let import = |who: &'static str, key: &'static str, csv: String| {
        let request = macau.request(Method::POST, who, "/v1/register/imports").header(CONTENT_TYPE, "text/csv");
        macau.send(request.header("Idempotency-Key", key).body(csv.into()).unwrap())
    };
    import("ho", "k", csv.clone()).await.problem(403, "ROLE_NOT_ALLOWED");
    assert_eq!(macau.get("ho", "/v1/register").await.ok(200)["import"], Value::Null);
    let first = import("sa", "k", csv.clone()).await.ok(201);
    assert_eq!((&first["households"], &first["persons"]), (&json!(450), &json!(450)));
    assert_eq!(first["receipt"]["kind"], "register-import-completed");
    let register = macau.get("ho", "/v1/register").await.ok(200);
    assert_eq!((&register["import"], &register["households"]), (&first["id"], &json!(450)));
    let entries = macau.entries().await;
    assert_eq!(entries - SETTLED, 1 + 1 + 3 + 1, "refusal, start, chunks of 200, completion");
    let again = import("sa", "k", csv.clone()).await.ok(201);
    assert_eq!((&again["receipt"]["seq"], &again["receipt"]["replayed"]), (&first["receipt"]["seq"], &json!(true)));
    assert_eq!(macau.entries().await, entries);
    import("sa", "k", crate::reads::register_file(NUMBER, 449)).await.problem(409, "IDEMPOTENCY_KEY_REUSED");

    let problem = import("sa", "l", crate::reads::register_file(WRONG_NUMBER, 3)).await;
    let problem = problem.problem(422, "REGISTER_FILE_REFUSED");
    assert_eq!((&problem["rows"][0]["row"], &problem["more"]), (&json!(2), &json!(0)), "{problem}");
    assert!(!problem.to_string().contains(WRONG_NUMBER), "{problem}");
    assert_eq!(macau.entries().await, entries, "nothing of the file was taken");
}

#[tokio::test]
async fn an_urgent_notice_goes_from_alarm_to_review() {
    let (zhuhai, macau) = (TestParty::start("zhuhai"), TestParty::start("macau"));
    let text = "as told by telephone";
    let emergency =
        json!({ "subject": crate::person(NUMBER), "place": text, "what": text, "need": text, "call_back": text });
    let notice = json!({ "to": ["macau"], "emergency": emergency, "vital_interest": text });
    let receipt = zhuhai.post("ho", "/v1/urgent", &notice).await.ok(201);
    let path = format!("/v1/urgent/{}", id_of(&receipt));
    zhuhai.tell(&macau).await;
    for (step, body) in [("acknowledgement", json!({})), ("takeover", json!({}))] {
        macau.post("ho", &format!("{path}/{step}"), &body).await.ok(200);
    }
    macau.post("cw", &format!("{path}/actions"), &json!({ "family_contacted": true, "action": text })).await.ok(200);
    macau.tell(&zhuhai).await;
    zhuhai.post("ho", &format!("{path}/closure"), &json!({ "outcome": text })).await.ok(200);
    zhuhai.post("lo", &format!("{path}/justification"), &json!({ "text": text })).await.ok(200);
    let review = json!({ "accepted": true, "note": text });
    zhuhai.post("dp", &format!("{path}/justification-review"), &review).await.ok(200);
    let listed = zhuhai.get("cw", "/v1/urgent").await.ok(200);
    assert_eq!((&listed[0]["state"], &listed[0]["taken_over"]), (&json!("reviewed"), &json!(["macau"])));
    assert!(!listed.to_string().contains(NUMBER));
    let full = zhuhai.get("ho", &format!("{path}?reason=shift")).await.ok(200);
    assert_eq!(full["emergency"]["subject"]["document"]["number"], NUMBER);
    assert_eq!(full["actions"][0]["party"], "macau");
}

/// The standard that the requests quote; synthetic figures.
pub fn standard() -> Value {
    json!({
        "version": "ZH-2026-v1", "programme": "低保", "currency": "CNY", "amounts": { "1": 100_000, "2": 180_000 },
        "multiples": [24], "from": "2026-01-01",
    })
}

#[tokio::test]
async fn a_standard_is_published_once_and_by_the_secretariat() {
    let (zhuhai, macau) = (TestParty::start("zhuhai"), TestParty::start("macau"));
    zhuhai.post("lo", "/v1/standards", &standard()).await.problem(403, "ROLE_NOT_ALLOWED");
    zhuhai.post("sec", "/v1/standards", &standard()).await.ok(201);
    zhuhai.post("sec", "/v1/standards", &standard()).await.problem(409, "ALREADY_EXISTS");
    zhuhai.tell(&macau).await;
    let listed = macau.get("cw", "/v1/standards").await.ok(200);
    assert_eq!((&listed[0]["party"], &listed[0]["standard"]["amounts"]["2"]), (&json!("zhuhai"), &json!(180_000)));
}

#[tokio::test]
async fn a_verification_goes_from_draft_to_use() {
    let (zhuhai, macau) = (TestParty::start("zhuhai"), TestParty::start("macau"));
    zhuhai.post("sec", "/v1/standards", &standard()).await.ok(201);
    let consent_id = zhuhai.post("cw", "/v1/consents", &consent()).await.ok(201)["id"].clone();
    zhuhai
        .post("rv", &format!("/v1/consents/{}/countersignature", consent_id.as_str().unwrap()), &json!({}))
        .await
        .ok(200);
    let question = json!({ "item": "ast.property", "predicate": { "count_at_most": 1 }, "granularity": "threshold" });
    let asked =
        json!({ "subject": { "kind": "mainland_id", "number": NUMBER }, "consent": consent_id, "question": question });
    let request = json!({
        "holder": "macau", "purpose": "dibao_application", "standard": "ZH-2026-v1", "as_of": "2026-05-31", "questions": [asked],
    });
    let mut finer = request.clone();
    finer["questions"][0]["question"]["granularity"] = json!("exact");
    let problem = zhuhai.post("cw", "/v1/verifications", &finer).await.problem(403, "OVER_SCOPE");
    assert_eq!(problem["offending"], json!(["question#1:granularity:ast.property"]));
    let receipt = zhuhai.post("cw", "/v1/verifications", &request).await.ok(201);
    let path = format!("/v1/verifications/{}", id_of(&receipt));
    zhuhai.post("rv", &format!("{path}/submission"), &json!({})).await.ok(200);
    zhuhai.tell(&macau).await;
    macau.post("lo", &format!("{path}/acceptance"), &json!({})).await.ok(200);
    macau.post("rv", &format!("{path}/reply"), &json!({})).await.problem(409, "QUESTIONS_OPEN");
    let unassigned = macau.get("cw", &format!("{path}?reason=answering")).await.ok(200);
    assert_eq!((&unassigned["questions"], &unassigned["hidden"]), (&json!([]), &json!(1)), "no person is shown");
    let officer = json!({ "officer": "cw.macau" });
    macau.post("lo", &format!("{path}/assignments/1"), &officer).await.ok(200);
    let assigned = macau.get("cw", &format!("{path}?reason=answering")).await.ok(200);
    assert_eq!(assigned["questions"][0]["subject"]["number"], NUMBER);
    let due = &assigned["clocks"][0];
    assert_eq!((&due["step"], &due["overdue"]), (&json!("register_items"), &json!(false)));
    let answer = json!({ "answer": {
        "item": "ast.property", "predicate": { "count_at_most": 1 }, "verdict": "MEETS", "as_of": "2026-05-31",
        "sources_searched": ["land registry"], "sources_not_searched": [],
    } });
    macau.post("cw", &format!("{path}/answers/1"), &answer).await.ok(200);
    macau.post("rv", &format!("{path}/reply"), &json!({})).await.ok(200);
    macau.tell(&zhuhai).await;
    zhuhai.post("cw", &format!("{path}/use"), &json!({ "decision": "continue to the home visit" })).await.ok(200);
    let full = zhuhai.get("cw", &format!("{path}?reason=decision")).await.ok(200);
    assert_eq!((&full["state"], &full["questions"][0]["answer"]["verdict"]), (&json!("used"), &json!("MEETS")));
    assert_eq!(full["decision_may_be_affected"], false);
    let mut anew = answer;
    anew["answer"]["verdict"] = json!("DOES_NOT_MEET");
    macau.post("cw", &format!("{path}/answers/1"), &anew).await.ok(200);
    let why = json!({ "reason": "a second entry was found" });
    macau.post("rv", &format!("{path}/answers/1/correction"), &why).await.ok(200);
    macau.tell(&zhuhai).await;
    let full = zhuhai.get("cw", &format!("{path}?reason=decision")).await.ok(200);
    assert_eq!(full["questions"][0]["answer"]["verdict"], "DOES_NOT_MEET");
    assert_eq!((&full["decision_may_be_affected"], &full["state"]), (&json!(true), &json!("used")));
    let noted = format!("{path}/answers/1/correction-acknowledgement");
    zhuhai.post("cw", &noted, &json!({})).await.ok(200);
    let full = zhuhai.get("cw", &format!("{path}?reason=decision")).await.ok(200);
    assert_eq!(full["decision_may_be_affected"], false);
    zhuhai.post("lo", &format!("{path}/closure"), &json!({})).await.ok(200);
    assert!(!zhuhai.get("sa", "/v1/verifications").await.ok(200).to_string().contains(NUMBER));
}
