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
