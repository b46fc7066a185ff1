//! Erasures over HTTP, on real files and a real view.

use std::path::Path;

use serde_json::json;

use crate::common::TestParty;
use crate::{NO_SUCH_ID, NUMBER, batch, id_of};

/// Sends a batch of one person to Macau; returns its id.
async fn sent(zhuhai: &TestParty) -> String {
    let receipt = zhuhai.post("cw", "/v1/batches", &batch("macau")).await.ok(201);
    let id = id_of(&receipt).to_owned();
    zhuhai.post("rv", &format!("/v1/batches/{id}/approval"), &json!({})).await.ok(200);
    zhuhai.post("lo", &format!("/v1/batches/{id}/sending"), &json!({})).await.ok(200);
    id
}

fn asked(id: &str) -> serde_json::Value {
    json!({ "case": { "batch": id }, "basis": "purpose_done", "reference": "DP-2026-017" })
}

/// Files below a directory that hold the person's number.
fn holding(dir: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(holding(&path));
        } else if std::fs::read(&path).unwrap().windows(NUMBER.len()).any(|part| part == NUMBER.as_bytes()) {
            found.push(path);
        }
    }
    found
}

#[tokio::test]
async fn a_case_is_erased_by_two_persons_and_forgotten_on_disk() {
    let (zhuhai, macau) = (TestParty::start("zhuhai"), TestParty::start("macau"));
    let id = sent(&zhuhai).await;
    zhuhai.tell(&macau).await;
    for party in [&zhuhai, &macau] {
        party.node.with(|core| core.flush_view().unwrap()).await.unwrap();
        assert!(!holding(party.files()).is_empty(), "the view holds it");
    }
    zhuhai.post("lo", "/v1/erasures", &asked(&id)).await.problem(403, "ROLE_NOT_ALLOWED");
    let proposed = zhuhai.post_keyed("dp", "erase-1", "/v1/erasures", &asked(&id)).await.ok(201);
    let again = zhuhai.post_keyed("dp", "erase-1", "/v1/erasures", &asked(&id)).await.ok(201);
    assert_eq!(id_of(&again), id_of(&proposed));
    let path = format!("/v1/erasures/{}", id_of(&proposed));
    let shown = zhuhai.get("dp", &path).await.ok(200);
    assert_eq!((&shown["state"], &shown["status_text"]), (&json!("proposed"), &json!("to be ordered")));
    assert_eq!(shown["entries"].as_array().unwrap().len(), 2, "prepared and sent: {shown}");
    zhuhai.post("dp", &format!("{path}/order"), &json!({})).await.problem(403, "SAME_PERSON");
    zhuhai.post("cw", &format!("{path}/order"), &json!({})).await.problem(403, "ROLE_NOT_ALLOWED");
    zhuhai.post("sec", &format!("{path}/order"), &json!({})).await.ok(200);
    assert_eq!(holding(zhuhai.files()), Vec::<std::path::PathBuf>::new(), "forgotten when it is answered");
    zhuhai.tell(&macau).await;
    for party in [&zhuhai, &macau] {
        party.node.tick().await.unwrap();
    }
    macau.tell(&zhuhai).await;
    assert_eq!(holding(macau.files()), Vec::<std::path::PathBuf>::new());
    let done = zhuhai.get("au", &path).await.ok(200);
    assert_eq!((&done["state"], &done["missing"]), (&json!("confirmed"), &json!([])), "{done}");
    assert_eq!(done["confirmations"].as_array().unwrap().len(), 2);
    let list = macau.get("dp", "/v1/erasures").await.ok(200);
    assert_eq!((&list[0]["origin"], &list[0]["reference"]), (&json!("zhuhai"), &json!("DP-2026-017")));
    assert!(!list.to_string().contains(NUMBER));
    for party in [&zhuhai, &macau] {
        party.get("cw", &format!("/v1/batches/{id}?reason=x")).await.problem(404, "NOT_FOUND");
    }
}

#[tokio::test]
async fn what_is_asked_wrongly_is_refused_with_its_reason() {
    let zhuhai = TestParty::start("zhuhai");
    let id = sent(&zhuhai).await;
    for role in ["cw", "lo", "ho"] {
        zhuhai.get(role, "/v1/erasures").await.problem(403, "ROLE_NOT_ALLOWED");
    }
    zhuhai.get("dp", &format!("/v1/erasures/{NO_SUCH_ID}")).await.problem(404, "NOT_FOUND");
    zhuhai.post("sec", &format!("/v1/erasures/{NO_SUCH_ID}/order"), &json!({})).await.problem(404, "NOT_FOUND");
    zhuhai.post("dp", "/v1/erasures", &asked(NO_SUCH_ID)).await.problem(422, "BAD_LIST");
    let by_position = |entries: &[u64]| json!({ "entries": entries, "basis": "subject_request", "reference": "x" });
    zhuhai.post("dp", "/v1/erasures", &by_position(&[9_999])).await.problem(404, "NOT_FOUND");
    let refused = zhuhai.post("dp", "/v1/erasures", &by_position(&[0])).await.problem(422, "NOT_ERASABLE");
    assert_eq!(refused["offending"], json!(["entry:0"]), "officers and channels stay");
    zhuhai.get("cw", &format!("/v1/batches/{id}?reason=x")).await.ok(200);
    let read = zhuhai.entries().await - 1;
    let refused = zhuhai.post("dp", "/v1/erasures", &by_position(&[read])).await.problem(409, "RETENTION_FLOOR");
    assert!(refused["effective_at"].as_str().is_some_and(|at| at.starts_with("20")), "{refused}");
    assert!(refused["next_step"].as_str().is_some_and(|text| text.contains("from the date shown")), "{refused}");
}

async fn work(party: &TestParty, role: &str, list: &str) -> Vec<(String, String, bool)> {
    let found = party.get(role, &format!("/v1/work/{list}")).await.ok(200);
    let found = found.as_array().unwrap().iter().filter(|item| item["kind"] == "erasure");
    let item = |item: &serde_json::Value| {
        let text = |field: &str| item[field].as_str().unwrap().to_owned();
        (text("step"), text("party"), item["due"].is_string())
    };
    found.map(item).collect()
}

fn step(step: &str, party: &str, due: bool) -> (String, String, bool) {
    (step.to_owned(), party.to_owned(), due)
}

#[tokio::test]
async fn a_peer_asks_and_sees_what_becomes_of_it() {
    let (zhuhai, macau) = (TestParty::start("zhuhai"), TestParty::start("macau"));
    let batch = sent(&zhuhai).await;
    zhuhai.tell(&macau).await;
    let ask = json!({
        "to": "zhuhai", "case": { "batch": batch }, "basis": "unlawful", "reference": "MO-DP-4",
        "reason": "another household",
    });
    macau.post("lo", "/v1/erasure-requests", &ask).await.problem(403, "ROLE_NOT_ALLOWED");
    let mut wrong = ask.clone();
    wrong["to"] = "macau".into();
    macau.post("dp", "/v1/erasure-requests", &wrong).await.problem(422, "WRONG_ADDRESSEE");
    let asked = macau.post("dp", "/v1/erasure-requests", &ask).await.ok(201);
    let path = format!("/v1/erasures/{}", id_of(&asked));
    let shown = macau.get("dp", &path).await.ok(200);
    assert_eq!((&shown["state"], &shown["origin"]), (&json!("requested"), &json!("zhuhai")), "{shown}");
    assert_eq!(shown["status_text"], "requested, to be answered");
    assert_eq!((&shown["request"]["party"], &shown["request"]["overdue"]), (&json!("macau"), &json!(false)));
    assert!(shown["request"]["due"].is_string(), "{shown}");
    assert_eq!(shown["entries"].as_array().unwrap().len(), 1, "what Macau can read of it: {shown}");
    assert_eq!(work(&macau, "dp", "inbox").await, [], "it is the other party's turn");
    macau.tell(&zhuhai).await;

    assert_eq!(work(&zhuhai, "dp", "inbox").await, [step("ProposeErasure", "zhuhai", true)]);
    assert_eq!(work(&zhuhai, "sec", "inbox").await, []);
    let answer = |entries: Vec<u64>| json!({ "request": id_of(&asked), "entries": entries, "basis": "unlawful", "reference": "DP-9" });
    macau.post("dp", "/v1/erasures", &answer(vec![])).await.problem(404, "NOT_FOUND");
    let another = 0;
    assert!(!shown["entries"].as_array().unwrap().contains(&json!(another)));
    zhuhai.post("dp", "/v1/erasures", &answer(vec![another])).await.problem(422, "REQUESTED_ENTRIES_MISSING");
    let proposed = zhuhai.post("dp", "/v1/erasures", &answer(vec![])).await.problem(422, "EARLIER_ENTRIES_STAND");
    let before: Vec<u64> = proposed["offending"].as_array().unwrap().iter().map(position).collect();
    let whole =
        before.into_iter().chain(shown["entries"].as_array().unwrap().iter().filter_map(serde_json::Value::as_u64));
    let proposed = zhuhai.post("dp", "/v1/erasures", &answer(whole.collect())).await.ok(201);
    assert_eq!(id_of(&proposed), id_of(&asked));
    assert_eq!(work(&zhuhai, "dp", "inbox").await, [], "not by who proposed it");
    assert_eq!(work(&zhuhai, "sec", "pending-approvals").await, [step("OrderErasure", "zhuhai", true)]);
    zhuhai.post("dp", &format!("{path}/order"), &json!({})).await.problem(403, "SAME_PERSON");
    zhuhai.post("sec", &format!("{path}/order"), &json!({})).await.ok(200);
    zhuhai.tell(&macau).await;
    assert_eq!(macau.get("au", &path).await.ok(200)["state"], "ordered");
    for party in [&zhuhai, &macau] {
        party.node.tick().await.unwrap();
    }
    zhuhai.tell(&macau).await;
    assert_eq!(macau.get("au", &path).await.ok(200)["state"], "confirmed");
    let file = macau.get("dp", &format!("/v1/work/cases/erasure/{}", id_of(&asked))).await.ok(200);
    let steps: Vec<_> = file.as_array().unwrap().iter().map(|step| step["kind"].as_str().unwrap()).collect();
    assert_eq!(steps, ["erasure-requested", "erasure-ordered", "erasure-confirmed", "erasure-confirmed"]);
    macau.get("cw", &format!("/v1/work/cases/erasure/{}", id_of(&asked))).await.problem(404, "NOT_FOUND");
}

fn position(named: &serde_json::Value) -> u64 {
    named.as_str().unwrap().trim_start_matches("entry:").parse().unwrap()
}

#[tokio::test]
async fn a_refusal_reaches_who_asked_with_its_ground_in_four_languages() {
    let (zhuhai, macau) = (TestParty::start("zhuhai"), TestParty::start("macau"));
    let batch = sent(&zhuhai).await;
    zhuhai.tell(&macau).await;
    let ask = json!({
        "to": "zhuhai", "case": { "batch": batch }, "basis": "subject_request", "reference": "MO-DP-5",
        "reason": "as the person asks",
    });
    let asked = macau.post("dp", "/v1/erasure-requests", &ask).await.ok(201);
    macau.post("dp", "/v1/erasure-requests", &ask).await.problem(409, "WRONG_STATE");
    macau.tell(&zhuhai).await;
    let path = format!("/v1/erasures/{}", id_of(&asked));
    let no = json!({ "because": "still_needed", "reference": "DP-10" });
    zhuhai.post("sec", &format!("{path}/refusal"), &no).await.problem(403, "ROLE_NOT_ALLOWED");
    zhuhai.post("dp", &format!("{path}/refusal"), &json!({ "because": "no" })).await.problem(400, "BAD_REQUEST");
    zhuhai.post("dp", &format!("{path}/refusal"), &no).await.ok(200);
    zhuhai.post("dp", &format!("{path}/refusal"), &no).await.problem(409, "WRONG_STATE");
    zhuhai.tell(&macau).await;
    let shown = macau.get("dp", &path).await.ok(200);
    assert_eq!((&shown["state"], &shown["refusal"]["because"]), (&json!("refused"), &json!("still_needed")), "{shown}");
    assert_eq!(shown["refusal"]["because_text"], "the purpose is not done");
    for (party, role) in [(&zhuhai, "dp"), (&macau, "dp")] {
        assert_eq!(work(party, role, "inbox").await, []);
    }
}
