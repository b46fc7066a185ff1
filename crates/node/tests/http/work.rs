//! What officers find in their lists of work.

use serde_json::{Value, json};

use crate::common::TestParty;
use crate::{NO_SUCH_ID, NUMBER, batch, id_of};

/// The steps in a list, of one case.
fn steps<'a>(list: &'a Value, id: &str) -> Vec<&'a str> {
    let items = list.as_array().unwrap().iter().filter(|item| item["id"] == id);
    items.map(|item| item["step"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_batch_goes_from_inbox_to_inbox_and_its_preparer_sees_where_it_stands() {
    let [macau, zhuhai] = ["macau", "zhuhai"].map(TestParty::start);
    let receipt = macau.post("cw", "/v1/batches", &batch("zhuhai")).await.ok(201);
    let (id, empty) = (id_of(&receipt), json!({}));
    let inbox = macau.get("rv", "/v1/work/inbox").await.ok(200);
    assert_eq!(steps(&inbox, id), ["ApproveBatch"]);
    assert_eq!((&inbox[0]["kind"], &inbox[0]["party"]), (&json!("batch"), &json!("macau")));
    // July's batch was due on the fifth joint working day of July 2026; these services run later.
    assert!(inbox[0]["due"].as_str().is_some_and(|due| due.starts_with("2026-07-07T15:59:59")), "{inbox}");
    for who in ["cw", "lo", "sec", "au"] {
        assert_eq!(steps(&macau.get(who, "/v1/work/inbox").await.ok(200), id), [""; 0], "{who}");
        assert_eq!(macau.get(who, "/v1/work/pending-approvals").await.ok(200), json!([]), "{who}");
    }
    assert_eq!(steps(&macau.get("rv", "/v1/work/pending-approvals").await.ok(200), id), ["ApproveBatch"]);
    macau.post("rv", &format!("/v1/batches/{id}/approval"), &empty).await.ok(200);
    assert_eq!(macau.get("rv", "/v1/work/inbox").await.ok(200), json!([]), "done is done");
    assert_eq!(steps(&macau.get("lo", "/v1/work/inbox").await.ok(200), id), ["SendBatch"]);
    macau.post("lo", &format!("/v1/batches/{id}/sending"), &empty).await.ok(200);
    macau.tell(&zhuhai).await;
    zhuhai.tell(&macau).await;
    assert_eq!(steps(&zhuhai.get("cw", "/v1/work/inbox").await.ok(200), id), ["MatchEntry"]);

    let mine = macau.get("cw", "/v1/work/mine").await.ok(200);
    assert_eq!((&mine[0]["id"], &mine[0]["opened"]), (&json!(id), &json!("batch-prepared")));
    assert_eq!(mine[0]["last"], "batch-delivered");
    let waits = &mine[0]["waiting"][0];
    assert_eq!(
        (&waits["step"], &waits["party"], &waits["overdue"]),
        (&json!("MatchEntry"), &json!("zhuhai"), &json!(false))
    );
    assert_eq!(macau.get("rv", "/v1/work/mine").await.ok(200), json!([]));

    for party in [&macau, &zhuhai] {
        let file = party.get("au", &format!("/v1/work/cases/batch/{id}")).await.ok(200);
        let last = file.as_array().unwrap().last().unwrap();
        assert_eq!(
            (&last["kind"], &last["party"], &last["role"]),
            (&json!("batch-delivered"), &json!("zhuhai"), &json!("NODE"))
        );
        assert!(!file.to_string().contains(NUMBER), "{file}");
    }
    macau.get("cw", &format!("/v1/work/cases/urgent/{id}")).await.problem(404, "NOT_FOUND");
    macau.get("cw", &format!("/v1/work/cases/register/{NO_SUCH_ID}")).await.problem(400, "BAD_REQUEST");
}

#[tokio::test]
async fn what_is_late_is_seen_before_it_is_sent() {
    let macau = TestParty::start("macau");
    let receipt = macau.post("cw", "/v1/batches", &batch("zhuhai")).await.ok(201);
    let late = macau.get("lo", "/v1/work/overdue").await.ok(200);
    assert_eq!(steps(&late, id_of(&receipt)), ["ApproveBatch"], "July's batch, prepared after July");
    assert_eq!(late[0]["overdue"], true);
    assert!(!late.to_string().contains(NUMBER));
}
