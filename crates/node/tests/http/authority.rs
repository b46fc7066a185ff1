//! Who may act, and what parties may tell each other.

use axum::http::Method;
use axum::http::header::CONTENT_TYPE;
use serde_json::{Value, json};

use crate::common::{Reply, TestParty, UNIT};
use crate::{batch, id_of};

const OFFICERS: &str = "/v1/authority/officers";
const CHANNELS: &str = "/v1/authority/channels";

/// Commands something in a delegated role.
async fn post_as(party: &TestParty, who: &str, role: &str, path: &str, body: &Value) -> Reply {
    let request = party.request(Method::POST, who, path).header(CONTENT_TYPE, "application/json");
    party.send(request.header("Tongcha-Acting-As", role).body(body.to_string().into()).unwrap()).await
}

/// A batch that is approved and may be sent; returns the path that sends it.
async fn approved(party: &TestParty, to: &str) -> String {
    let receipt = party.post("cw", "/v1/batches", &batch(to)).await.ok(201);
    let path = format!("/v1/batches/{}", id_of(&receipt));
    party.post("rv", &format!("{path}/approval"), &json!({})).await.ok(200);
    format!("{path}/sending")
}

#[tokio::test]
async fn a_revoked_officer_is_stopped_at_once_for_commands_and_reads_and_the_peers_know() {
    let (macau, zhuhai) = (TestParty::start("macau"), TestParty::start("zhuhai"));
    let sending = approved(&macau, "zhuhai").await;
    let appointment = json!({ "officer": "lo.macau", "role": "LO", "unit": UNIT, "name": "聯絡員" });
    macau.post("cw", OFFICERS, &appointment).await.problem(403, "ROLE_NOT_ALLOWED");
    assert_eq!(macau.post("sec", OFFICERS, &appointment).await.ok(201)["id"], "lo.macau");
    macau.get("lo", "/v1/batches").await.ok(200);
    let revocation = format!("{OFFICERS}/lo.macau/revocation");
    assert_eq!(macau.post("sec", &revocation, &json!({})).await.ok(200)["kind"], "appointment-revoked");
    let refused = macau.post("lo", &sending, &json!({})).await.problem(403, "APPOINTMENT_ENDED");
    assert!(refused["effective_at"].is_string(), "{refused}");
    macau.get("lo", "/v1/batches").await.problem(403, "APPOINTMENT_ENDED");
    macau.tell(&zhuhai).await;
    let officers = zhuhai.get("cw", OFFICERS).await.ok(200);
    let foreign: Vec<&Value> = officers.as_array().unwrap().iter().filter(|o| o["party"] == "macau").collect();
    assert_eq!(foreign.len(), 1, "only liaison officers are told");
    assert_eq!((&foreign[0]["officer"], &foreign[0]["state"]), (&json!("lo.macau"), &json!("stopped")));
    macau.post("sec", OFFICERS, &appointment).await.ok(201);
    macau.post("lo", &sending, &json!({})).await.ok(200);
}

#[tokio::test]
async fn a_deputy_says_in_which_role_and_has_no_other() {
    let macau = TestParty::start("macau");
    let sending = approved(&macau, "zhuhai").await;
    post_as(&macau, "cw", "LO", &sending, &json!({})).await.problem(403, "NOT_APPOINTED");
    post_as(&macau, "cw", "NODE", &sending, &json!({})).await.problem(400, "BAD_REQUEST");
    let until = tongcha_node::clock::wall_clock().plus_us(tongcha_domain::time::DAY_US).to_string();
    let duty = json!({ "from": "lo.macau", "to": "cw.macau", "role": "LO", "until": until });
    macau.post("rv", "/v1/authority/delegations", &duty).await.problem(403, "NOT_YOURS");
    macau.post("lo", "/v1/authority/delegations", &duty).await.ok(201);
    assert_eq!(macau.get("au", "/v1/authority/delegations").await.ok(200)[0]["lasts"], true);
    macau.post("cw", &sending, &json!({})).await.problem(403, "ROLE_NOT_ALLOWED");
    post_as(&macau, "cw", "RV", &sending, &json!({})).await.problem(403, "NOT_APPOINTED");
    post_as(&macau, "cw", "LO", &sending, &json!({})).await.ok(200);
    let ended = json!({ "to": "cw.macau", "role": "LO" });
    macau.post("lo", "/v1/authority/delegations/end", &ended).await.ok(200);
    post_as(&macau, "cw", "LO", &sending, &json!({})).await.problem(403, "NOT_APPOINTED");
}

#[tokio::test]
async fn a_unit_does_what_it_is_for() {
    let macau = TestParty::start("macau");
    let unit = |capabilities: Value| json!({ "unit": UNIT, "names": { "zh_hant": "社會工作局" }, "kind": "bureau", "capabilities": capabilities });
    macau.post("sec", "/v1/authority/units", &unit(json!(["urgent"]))).await.ok(201);
    macau.post("cw", "/v1/batches", &batch("zhuhai")).await.problem(403, "UNIT_NOT_CAPABLE");
    macau.post("sec", "/v1/authority/units", &unit(json!(["urgent", "notices"]))).await.ok(201);
    macau.post("cw", "/v1/batches", &batch("zhuhai")).await.ok(201);
    assert_eq!(macau.get("cw", "/v1/authority/units").await.ok(200).as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_suspended_channel_stops_a_batch_until_it_is_resumed() {
    let (macau, zhuhai) = (TestParty::start("macau"), TestParty::start("zhuhai"));
    let sending = approved(&macau, "zhuhai").await;
    macau.tell(&zhuhai).await;
    let way = json!({ "from": "macau", "to": "zhuhai" });
    zhuhai.post("dp", &format!("{CHANNELS}/suspension"), &way).await.ok(200);
    zhuhai.tell(&macau).await;
    let refused = macau.post("lo", &sending, &json!({})).await.problem(403, "NO_CHANNEL");
    assert_eq!(refused["offending"], json!(["suspended:zhuhai"]));
    macau.post("sec", &format!("{CHANNELS}/resumption"), &way).await.problem(409, "WRONG_STATE");
    zhuhai.post("sec", &format!("{CHANNELS}/resumption"), &way).await.ok(200);
    zhuhai.tell(&macau).await;
    let sent = macau.post("lo", &sending, &json!({})).await.ok(200);
    let entry = macau.get("au", &format!("/v1/entries/macau/{}", sent["seq"])).await.ok(200);
    assert_eq!(entry["legal_basis"], "stated");
    let channels = macau.get("cw", CHANNELS).await.ok(200);
    assert!(channels.as_array().unwrap().iter().all(|channel| channel["open"] == true), "{channels}");
}

#[tokio::test]
async fn a_version_is_proposed_signed_and_limits_what_letters_name() {
    let (macau, zhuhai) = (TestParty::start("macau"), TestParty::start("zhuhai"));
    let from = tongcha_node::clock::wall_clock().plus_us(3_600_000_000);
    let figures = tongcha_domain::agreement::Agreement {
        version: "2026-1".parse().unwrap(),
        ..tongcha_domain::agreement::DEFAULTS
    };
    let proposal = json!({
        "between": ["macau", "zhuhai"], "effective_from": from.to_string(), "text_sha256": "ab".repeat(32),
        "articles": ["目的", "信息通报"], "figures": figures,
        "allowed": { "macau": { "items": { "ast.property": "threshold" }, "purposes": ["dibao_application"] } },
    });
    let receipt = zhuhai.post("sec", "/v1/authority/agreements", &proposal).await.ok(201);
    let path = format!("/v1/authority/agreements/{}", id_of(&receipt));
    zhuhai.tell(&macau).await;
    let signature = |byte: &str| json!({ "text_sha256": byte.repeat(32) });
    macau.post("sec", &format!("{path}/signature"), &signature("cd")).await.problem(403, "BAD_SIGNATURE");
    macau.post("sec", &format!("{path}/signature"), &signature("ab")).await.ok(200);
    macau.tell(&zhuhai).await;
    let version = zhuhai.get("cw", &path).await.ok(200);
    assert_eq!((&version["version"], &version["signed_by"]), (&json!("2026-1"), &json!(["macau", "zhuhai"])));
    assert_eq!(version["in_force_with"], json!([]), "its day has not come");
    assert_eq!(version["figures"]["urgent_ack_minutes"], 30);
    macau.get("cw", "/v1/authority/agreements").await.ok(200);
}
