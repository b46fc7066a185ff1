//! Lists in pages: nothing is missed or told twice, whatever is added meanwhile; every list that can grow has them.

use std::collections::BTreeSet;

use axum::http::header::LINK;
use futures::future::join_all;
use serde_json::{Value, json};
use tongcha_domain::id::BatchId;
use tongcha_domain::notice::PrepareBatch;
use uuid::Uuid;

use crate::common::{Reply, TestParty, UNIT};
use crate::{NO_SUCH_ID, batch, id_of};

/// More than two full pages.
const MANY: u128 = 2500;

/// Arrays that can't grow without end: one entry for each party, unit, row of the plan, or kind of file.
const BOUNDED: [&str; 4] = ["/v1/authority/channels", "/v1/authority/units", "/v1/tasks", "/v1/audit/cards"];

/// Where the next page is, if there is one.
fn next(path: &str, reply: &Reply) -> Option<String> {
    let link = reply.headers.get(LINK)?.to_str().unwrap();
    let query = link.strip_prefix('<').unwrap().strip_suffix(">; rel=\"next\"").unwrap();
    assert!(query.starts_with('?'), "{link}");
    Some(format!("{path}{query}"))
}

fn ids(page: &Value) -> Vec<String> {
    page.as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

/// Prepares so many empty batches at once.
async fn prepare_many(party: &TestParty) -> BTreeSet<String> {
    let actor = tongcha_domain::officer::Actor {
        officer: format!("cw.{}", party.node.me()).parse().unwrap(),
        role: tongcha_domain::officer::Role::Caseworker,
        unit: UNIT.parse().unwrap(),
    };
    let prepare = |no| {
        let command = PrepareBatch {
            batch: BatchId(Uuid::from_u128(no)),
            to: "zhuhai".parse().unwrap(),
            period: "2026-07".to_owned().try_into().unwrap(),
            entries: Vec::new(),
            unchanged: 0,
        };
        party.node.submit(actor.clone(), None, command)
    };
    for result in join_all((1..=MANY).map(prepare)).await {
        result.unwrap().unwrap();
    }
    (1..=MANY).map(|no| Uuid::from_u128(no).to_string()).collect()
}

#[tokio::test]
async fn a_walk_through_2500_batches_misses_none_while_others_are_added() {
    let macau = TestParty::start("macau");
    let there = prepare_many(&macau).await;
    for (list, who) in [("/v1/batches", "au"), ("/v1/work/inbox", "rv")] {
        let mut path = Some(format!("{list}?limit=100"));
        let (mut seen, mut pages) = (Vec::new(), 0);
        while let Some(here) = path {
            let reply = macau.get(who, &here).await;
            path = next(list, &reply);
            let page = ids(&reply.ok(200));
            assert!(page.len() == 100 || path.is_none(), "{here}: {}", page.len());
            seen.extend(page.into_iter().filter(|id| there.contains(id)));
            pages += 1;
            macau.post("cw", "/v1/batches", &batch("zhuhai")).await.ok(201);
        }
        assert!(pages >= 25, "{pages}");
        let distinct: BTreeSet<String> = seen.iter().cloned().collect();
        assert_eq!((distinct.len(), seen.len()), (there.len(), there.len()), "{list}: all of them, each once");
    }
    // Without a limit it is the first thousand, and the rest is still to be had.
    let reply = macau.get("au", "/v1/batches").await;
    let rest = next("/v1/batches", &reply).unwrap();
    assert_eq!(reply.ok(200).as_array().unwrap().len(), 1000);
    assert_eq!(macau.get("au", &rest).await.ok(200).as_array().unwrap().len(), 1000);
}

#[tokio::test]
async fn pages_are_in_the_order_of_the_whole_list() {
    let macau = TestParty::start("macau");
    for _ in 0..5 {
        macau.post("cw", "/v1/batches", &batch("zhuhai")).await.ok(201);
    }
    for (list, who) in
        [("/v1/batches", "cw"), ("/v1/work/inbox", "rv"), ("/v1/work/mine", "cw"), ("/v1/work/overdue", "lo")]
    {
        let whole = ids(&macau.get(who, list).await.ok(200));
        assert_eq!(whole.len(), 5, "{list}");
        let (mut path, mut walked) = (Some(format!("{list}?limit=2")), Vec::new());
        while let Some(here) = path {
            let reply = macau.get(who, &here).await;
            path = next(list, &reply);
            walked.extend(ids(&reply.ok(200)));
        }
        assert_eq!(walked, whole, "{list}");
    }
    let newest = macau.post("cw", "/v1/batches", &batch("zhuhai")).await.ok(201);
    assert_eq!(ids(&macau.get("cw", "/v1/batches?limit=1").await.ok(200)), [id_of(&newest)]);
}

/// Lists that liaison officers do not see.
const FOR_PROTECTION: [&str; 2] = ["/v1/erasures", "/v1/suppressions"];

/// Paths of the document whose answer is an array, and whether they take a cursor.
fn arrays() -> Vec<(String, bool)> {
    let document = serde_json::to_value(tongcha_node::http::openapi()).unwrap();
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let operation = &item["get"];
        let answer = &operation["responses"]["200"];
        if answer["content"]["application/json"]["schema"]["type"] == "array" {
            let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
            let paged = parameters.iter().any(|parameter| parameter["name"] == "after");
            assert_eq!(paged, answer["headers"]["Link"].is_object(), "{path}");
            found.push((path.clone(), paged));
        }
    }
    found
}

#[tokio::test]
async fn every_list_that_can_grow_has_pages_and_reads_its_query_strictly() {
    let macau = TestParty::start("macau");
    let arrays = arrays();
    let unpaged: BTreeSet<&str> = arrays.iter().filter(|(_, paged)| !paged).map(|(path, _)| path.as_str()).collect();
    assert_eq!(unpaged, BOUNDED.into());
    let paged: Vec<&String> = arrays.iter().filter(|(_, paged)| *paged).map(|(path, _)| path).collect();
    assert!(paged.len() >= 20, "{paged:?}");
    let receipt = macau.post("cw", "/v1/batches", &batch("zhuhai")).await.ok(201);
    for path in paged {
        let path = path.replace("{kind}", "batch").replace("{id}", id_of(&receipt));
        let reader = if FOR_PROTECTION.contains(&path.as_str()) { "dp" } else { "lo" };
        let page = macau.get(reader, &format!("{path}?limit=1")).await.ok(200);
        assert!(page.as_array().unwrap().len() <= 1, "{path}");
        for bad in ["limit=0", "limit=1001", "limit=x", "after=!", "page=2", "limit=1&limit=2"] {
            macau.get(reader, &format!("{path}?{bad}")).await.problem(400, "BAD_REQUEST");
        }
        let long = "A".repeat(600);
        macau.get(reader, &format!("{path}?after={long}")).await.problem(400, "BAD_REQUEST");
    }
    macau.get("lo", &format!("/v1/work/cases/batch/{NO_SUCH_ID}?limit=1")).await.problem(404, "NOT_FOUND");
    assert_eq!(macau.get("lo", "/v1/batches?after=_____w").await.ok(200), json!([]), "past the end there is nothing");
}
