//! Meetings, tasks and conferences between parties.

use serde_json::{Value, json};

use crate::common::TestParty;
use crate::{NO_SUCH_ID, id_of};

/// Everybody hears everything.
async fn tell_all(parties: &[&TestParty]) {
    for one in parties {
        for other in parties {
            if one.node.me() != other.node.me() {
                one.tell(other).await;
            }
        }
    }
}

#[tokio::test]
async fn a_resolution_is_adopted_when_all_three_signed_the_same_text() {
    let [zhuhai, macau, hengqin] = ["zhuhai", "macau", "hengqin"].map(TestParty::start);
    let all = [&zhuhai, &macau, &hengqin];
    let meeting = json!({
        "series": "joint_meeting", "title": "first", "at": "2099-09-01T09:30:00+08:00", "to": ["macau", "hengqin"],
        "agenda": ["due time of notices"],
    });
    zhuhai.post("cw", "/v1/meetings", &meeting).await.problem(403, "ROLE_NOT_ALLOWED");
    let receipt = zhuhai.post("sec", "/v1/meetings", &meeting).await.ok(201);
    let path = format!("/v1/meetings/{}", id_of(&receipt));
    tell_all(&all).await;
    let topic = json!({ "setting": { "meeting": id_of(&receipt) }, "title": "duty desks" });
    let topic = macau.post("lo", "/v1/topics", &topic).await.ok(201);
    let conclusion = json!({ "conclusion": "each side names one" });
    macau.post("lo", &format!("/v1/topics/{}/conclusion", id_of(&topic)), &conclusion).await.ok(200);
    let action = json!({ "what": "name the duty desk", "owner": "macau", "due": { "month": "2026-09" } });
    let text = json!({ "text": "each side names a duty desk", "actions": [action] });
    let resolution = zhuhai.post("lo", &format!("{path}/resolutions"), &text).await.ok(201)["id"].clone();
    tell_all(&all).await;

    let shown = hengqin.get("ho", &path).await.ok(200);
    assert_eq!((&shown["texts"][0]["id"], &shown["topics"][0]["conclusion"]), (&resolution, &conclusion["conclusion"]));
    let signature = json!({ "resolution": resolution, "digest": shown["texts"][0]["digest"] });
    let other = json!({ "resolution": resolution, "digest": "00".repeat(32) });
    let done = json!({ "resolution": resolution, "action": 1, "note": "named" });
    macau.post("sec", &format!("{path}/signatures"), &other).await.problem(409, "WRONG_STATE");
    for party in all {
        let before = zhuhai.get("lo", &path).await.ok(200);
        assert_eq!(before["texts"][0]["adopted"], false);
        macau.post("lo", &format!("{path}/closed-actions"), &done).await.problem(409, "WRONG_STATE");
        party.post("lo", &format!("{path}/signatures"), &signature).await.problem(403, "ROLE_NOT_ALLOWED");
        party.post("sec", &format!("{path}/signatures"), &signature).await.ok(200);
        tell_all(&all).await;
    }
    for party in all {
        let shown = party.get("cw", &path).await.ok(200);
        assert_eq!((&shown["texts"][0]["adopted"], &shown["adopted"]), (&json!(true), &json!(1)));
        assert_eq!(shown["texts"][0]["signed"].as_array().unwrap().len(), 3);
        assert_eq!(party.get("au", "/v1/meetings").await.ok(200)[0]["adopted"], 1);
    }
    zhuhai.post("lo", &format!("{path}/closed-actions"), &done).await.problem(403, "NOT_YOURS");
    macau.post("lo", &format!("{path}/closed-actions"), &done).await.ok(200);
    tell_all(&all).await;
    assert_eq!(zhuhai.get("lo", &path).await.ok(200)["texts"][0]["actions"][0]["note"], "named");
    let members = json!([{ "party": "macau", "member": "mo.leader" }]);
    let escalation = json!({ "case": { "urgent": NO_SUCH_ID }, "decision": "x", "members": members });
    zhuhai.post("sec", &format!("{path}/escalations"), &escalation).await.problem(409, "WRONG_STATE");
}

#[tokio::test]
async fn the_plans_rows_are_listed_with_what_the_parties_report() {
    let [zhuhai, macau] = ["zhuhai", "macau"].map(TestParty::start);
    let listed = macau.get("au", "/v1/tasks").await.ok(200);
    let rows = listed.as_array().unwrap();
    assert_eq!(rows.len(), 17);
    assert_eq!((&rows[5]["due_month"], &rows[5]["overdue"]), (&json!("2022-07"), &json!(true)));
    assert_eq!((&rows[12]["due_month"], &rows[12]["overdue"]), (&Value::Null, &json!(false)));
    let note = json!({ "note": "agreed with both sides" });
    macau.post("do", "/v1/tasks/6/progress", &note).await.ok(200);
    macau.post("do", "/v1/tasks/18/progress", &note).await.problem(400, "BAD_REQUEST");
    macau.post("sec", "/v1/tasks/6/completion", &note).await.problem(403, "NOT_YOURS");
    macau.tell(&zhuhai).await;
    let six = zhuhai.get("do", "/v1/tasks").await.ok(200)[5].clone();
    assert_eq!((&six["state"], &six["progress"][0]["party"]), (&json!("in_progress"), &json!("macau")));
    zhuhai.post("sec", "/v1/tasks/6/completion", &note).await.ok(200);
    zhuhai.tell(&macau).await;
    let six = macau.get("do", "/v1/tasks").await.ok(200)[5].clone();
    assert_eq!((&six["state"], &six["overdue"]), (&json!("completed"), &json!(false)));
    macau.post("do", "/v1/tasks/6/progress", &note).await.problem(409, "WRONG_STATE");
}

const SUMMARY: &str = "found three times, lives alone";

fn nomination() -> Value {
    json!({
        "to": ["macau"], "case": { "urgent": NO_SUCH_ID }, "summary": SUMMARY,
        "basis": { "vital_interest": "cannot call for help" }, "need_to_know": ["rv.zhuhai"],
    })
}

#[tokio::test]
async fn a_conference_is_open_to_those_who_need_to_know_and_each_read_is_recorded() {
    let [zhuhai, macau] = ["zhuhai", "macau"].map(TestParty::start);
    let receipt = zhuhai.post("cw", "/v1/conferences", &nomination()).await.ok(201);
    let path = format!("/v1/conferences/{}", id_of(&receipt));
    let read = format!("{path}?reason=preparing");
    zhuhai.tell(&macau).await;
    for who in ["lo", "cw", "rv"] {
        macau.get(who, &read).await.problem(404, "NOT_FOUND");
    }
    let waits = macau.get("lo", "/v1/conferences").await.ok(200);
    assert_eq!((&waits[0]["state"], waits.to_string().contains(SUMMARY)), (&json!("to_name"), false));
    assert_eq!(macau.get("cw", "/v1/conferences").await.ok(200), json!([]));
    let officers = json!({ "officers": ["cw.macau", "sw.macau"] });
    macau.post("lo", &format!("{path}/participants"), &officers).await.ok(200);

    let entries = macau.entries().await;
    for who in ["cw", "sw"] {
        let full = macau.get(who, &read).await.ok(200);
        assert_eq!(full["summary"], SUMMARY);
        assert_eq!(macau.get(who, "/v1/conferences").await.ok(200)[0]["state"], "open");
    }
    assert_eq!(macau.entries().await, entries + 2, "each read is an entry");
    let header = macau.get("au", &format!("/v1/entries/macau/{entries}")).await.ok(200);
    assert_eq!(header["kind"], "access-recorded");
    for who in ["lo", "rv", "do", "dp"] {
        macau.get(who, &read).await.problem(404, "NOT_FOUND");
        assert_eq!(macau.get(who, "/v1/conferences").await.ok(200), json!([]));
    }
    for who in ["au", "sa", "sec"] {
        macau.get(who, &read).await.problem(403, "ROLE_NOT_ALLOWED");
    }
    macau.get("cw", &path).await.problem(400, "BAD_REQUEST");

    macau.post("rv", &format!("{path}/opinions"), &json!({ "opinion": "x" })).await.problem(404, "NOT_FOUND");
    macau.post("sw", &format!("{path}/opinions"), &json!({ "opinion": "weekly visits" })).await.ok(200);
    macau.tell(&zhuhai).await;
    let decision = json!({ "decision": "visits", "owner": "macau", "follow_up": "review in a month" });
    macau.post("cw", &format!("{path}/conclusion"), &decision).await.problem(403, "NOT_YOURS");
    let follow_up = json!({ "what": "visit", "owner": "macau", "due": "2099-08-31" });
    zhuhai.post("rv", &format!("{path}/follow-ups"), &follow_up).await.problem(409, "WRONG_STATE");
    zhuhai.post("rv", &format!("{path}/conclusion"), &decision).await.ok(200);
    zhuhai.post("rv", &format!("{path}/follow-ups"), &follow_up).await.ok(200);
    zhuhai.tell(&macau).await;
    macau.post("sw", &format!("{path}/follow-ups/1/closure"), &json!({ "outcome": "visited" })).await.ok(200);
    macau.tell(&zhuhai).await;
    let full = zhuhai.get("cw", &read).await.ok(200);
    assert_eq!((&full["state"], &full["follow_ups"][0]["outcome"]), (&json!("concluded"), &json!("visited")));
    assert_eq!((&full["opinions"][0]["by"], &full["opinions"][0]["role"]), (&json!("sw.macau"), &json!("SW")));
    assert_eq!(full["participants"]["macau"], json!(["cw.macau", "sw.macau"]));

    let file = format!("/v1/work/cases/conference/{}", id_of(&receipt));
    let kinds = |file: &Value| file.as_array().unwrap().iter().map(|step| step["kind"].clone()).collect::<Vec<_>>();
    let shown = macau.get("cw", &file).await.ok(200);
    assert_eq!(kinds(&shown)[..2], ["case-nominated", "participants-named"]);
    assert!(!shown.to_string().contains(SUMMARY));
    macau.get("lo", &file).await.problem(404, "NOT_FOUND");
}

#[tokio::test]
async fn one_more_party_is_invited() {
    let [zhuhai, macau, hengqin] = ["zhuhai", "macau", "hengqin"].map(TestParty::start);
    let receipt = zhuhai.post("cw", "/v1/conferences", &nomination()).await.ok(201);
    let path = format!("/v1/conferences/{}", id_of(&receipt));
    tell_all(&[&zhuhai, &macau, &hengqin]).await;
    assert_eq!(hengqin.get("lo", "/v1/conferences").await.ok(200), json!([]));
    zhuhai.post("cw", &format!("{path}/invitations"), &json!({ "party": "hengqin" })).await.ok(200);
    tell_all(&[&zhuhai, &macau, &hengqin]).await;
    let officers = json!({ "officers": ["cw.hengqin"] });
    hengqin.post("lo", &format!("{path}/participants"), &officers).await.ok(200);
    let full = hengqin.get("cw", &format!("{path}?reason=invited")).await.ok(200);
    assert_eq!((&full["summary"], &full["parties"]), (&json!(SUMMARY), &json!(["hengqin", "macau", "zhuhai"])));
}

#[tokio::test]
async fn the_leading_group_decides_by_members_that_its_parties_have_appointed() {
    let [zhuhai, macau] = ["zhuhai", "macau"].map(TestParty::start);
    let meeting = json!({
        "series": "leading_group", "title": "leading group", "at": "2099-09-01T09:30:00+08:00", "to": ["macau"],
        "agenda": ["an escalated case"],
    });
    let meeting = zhuhai.post("sec", "/v1/meetings", &meeting).await.ok(201);
    let path = format!("/v1/meetings/{}", id_of(&meeting));
    let decision = |member: &str| {
        let members = json!([{ "party": "macau", "member": member }]);
        json!({ "case": { "urgent": NO_SUCH_ID }, "decision": "answer in three days", "members": members })
    };
    let escalations = format!("{path}/escalations");
    let stranger = zhuhai.post("sec", &escalations, &decision("mo.leader")).await;
    assert_eq!(stranger.problem(422, "MEMBER_NOT_APPOINTED")["offending"], json!(["member#1"]));
    let member = json!({ "member": "mo.leader", "name": "副局長" });
    macau.post("lo", "/v1/leading-group", &member).await.problem(403, "ROLE_NOT_ALLOWED");
    macau.post("sec", "/v1/leading-group", &member).await.ok(201);
    macau.tell(&zhuhai).await;
    let listed = zhuhai.get("cw", "/v1/leading-group").await.ok(200);
    assert_eq!((&listed[0]["party"], &listed[0]["member"]), (&json!("macau"), &json!("mo.leader")));
    assert_eq!((&listed[0]["name"], &listed[0]["dismissed_at"]), (&json!("副局長"), &Value::Null));
    zhuhai.post("sec", &escalations, &decision("mo.leader")).await.ok(200);
    let shown = zhuhai.get("au", &path).await.ok(200);
    assert_eq!(shown["decisions"][0]["members"], json!([{ "party": "macau", "member": "mo.leader" }]));
    macau.post("sec", "/v1/leading-group/mo.leader/dismissal", &json!({})).await.ok(200);
    macau.tell(&zhuhai).await;
    let mut next = decision("mo.leader");
    next["case"] = json!({ "urgent": "01980e2c-7b00-7000-8000-000000000002" });
    zhuhai.post("sec", &escalations, &next).await.problem(422, "MEMBER_NOT_APPOINTED");
    assert!(zhuhai.get("cw", "/v1/leading-group").await.ok(200)[0]["dismissed_at"].is_string());
}
