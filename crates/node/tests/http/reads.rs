//! Reads: personal data only with a reason and after the access is on disk; lists, audit and health without any.

use axum::http::header::CONTENT_TYPE;
use serde_json::json;
use tongcha_domain::register::{Household, Member};
use tongcha_ledger::frame::{FrameRead, read_frame};
use tongcha_node::register::write_csv;

use crate::common::{SETTLED, TestParty};
use crate::flows::consent;
use crate::{NO_SUCH_ID, NUMBER, batch, id_of};

/// A register file of households with one member each; the first has the number.
pub fn register_file(number: &str, households: usize) -> String {
    let card = serde_json::from_value(json!({ "kind": "mainland_id", "number": NUMBER })).unwrap();
    let bir = |no: usize| {
        serde_json::from_value(json!({ "kind": "macau_bir", "number": format!("{:07}(0)", 9_000_000 + no) })).unwrap()
    };
    let household = |no: usize| {
        let document = if no == 0 { serde_json::Value::clone(&card) } else { bir(no) };
        let subject = json!({ "document": document, "name": { "as_on_document": "测试" } });
        let member = Member {
            subject: serde_json::from_value(subject).unwrap(),
            other_documents: Vec::new(),
            alive: None,
            married: None,
            wage: None,
            businesses: None,
            pension: None,
            assistance: None,
            deposits: None,
            properties: None,
            vehicles: None,
            public_housing: None,
            resident: None,
            match_clause: None,
        };
        Household {
            reference: format!("R{no:05}").parse().unwrap(),
            district: "test district".parse().unwrap(),
            as_of: "2026-06-30".parse().unwrap(),
            members: vec![member],
        }
    };
    let households: Vec<Household> = (0..households).map(household).collect();
    String::from_utf8(write_csv(&households)).unwrap().replace(NUMBER, number).replace("\r\n", "\n")
}

#[tokio::test]
async fn an_access_is_recorded_before_content_is_handed_out() {
    let macau = TestParty::start("macau");
    let receipt = macau.post("cw", "/v1/batches", &batch("zhuhai")).await.ok(201);
    let path = format!("/v1/batches/{}", id_of(&receipt));
    let entries = macau.entries().await;
    for query in ["", "?reason=", "?reason=%20", "?reason=x&other=y", "?reason=a&reason=b"] {
        macau.get("cw", &format!("{path}{query}")).await.problem(400, "BAD_REQUEST");
    }
    let long = "x".repeat(201);
    macau.get("cw", &format!("{path}?reason={long}")).await.problem(400, "BAD_REQUEST");
    assert_eq!(macau.entries().await, entries, "without a reason nothing is read and nothing recorded");
    let full = macau.get("cw", &format!("{path}?reason=monthly%20matching")).await.ok(200);
    assert_eq!(full["entries"][0]["entry"]["subject"]["document"]["number"], NUMBER);
    assert_eq!(macau.entries().await, entries + 1);
    let header = macau.get("lo", &format!("/v1/entries/macau/{entries}")).await.ok(200);
    assert_eq!(header["kind"], "access-recorded");
    for who in ["sa", "au"] {
        let problem = macau.get(who, &format!("{path}?reason=curious")).await.problem(403, "ROLE_NOT_ALLOWED");
        assert!(!problem.to_string().contains(NUMBER));
    }
    assert_eq!(macau.entries().await, entries + 3, "attempts are in the log");
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let macau = TestParty::start("macau");
    for thing in ["batches", "urgent", "consents", "verifications", "lookups"] {
        macau.get("cw", &format!("/v1/{thing}/{NO_SUCH_ID}?reason=x")).await.problem(404, "NOT_FOUND");
        assert_eq!(macau.get("sa", &format!("/v1/{thing}")).await.ok(200), json!([]));
    }
    assert_eq!(macau.entries().await, SETTLED);
}

#[tokio::test]
async fn a_holder_that_refused_no_longer_sees_the_person() {
    let (zhuhai, macau) = (TestParty::start("zhuhai"), TestParty::start("macau"));
    zhuhai.post("sec", "/v1/standards", &crate::flows::standard()).await.ok(201);
    let id = zhuhai.post("cw", "/v1/consents", &consent()).await.ok(201)["id"].clone();
    zhuhai.post("rv", &format!("/v1/consents/{}/countersignature", id.as_str().unwrap()), &json!({})).await.ok(200);
    let question = json!({ "item": "ast.property", "predicate": "holds", "granularity": "threshold" });
    let asked = json!({ "subject": { "kind": "mainland_id", "number": NUMBER }, "consent": id, "question": question });
    let request = json!({
        "holder": "macau", "purpose": "dibao_application", "standard": "ZH-2026-v1", "as_of": "2026-05-31",
        "questions": [asked],
    });
    let receipt = zhuhai.post("cw", "/v1/verifications", &request).await.ok(201);
    let path = format!("/v1/verifications/{}", id_of(&receipt));
    zhuhai.post("rv", &format!("{path}/submission"), &json!({})).await.ok(200);
    zhuhai.tell(&macau).await;
    let before = macau.get("lo", &format!("{path}?reason=judging")).await.ok(200);
    assert_eq!(before["questions"][0]["subject"]["number"], NUMBER);
    let refusal = json!({ "code": "OVER_SCOPE", "offending": ["question#1"] });
    macau.post("lo", &format!("{path}/refusal"), &refusal).await.ok(200);
    let after = macau.get("lo", &format!("{path}?reason=curious")).await.ok(200);
    assert!(!after.to_string().contains(NUMBER), "{after}");
    macau.tell(&zhuhai).await;
    let asker = zhuhai.get("cw", &format!("{path}?reason=why")).await.ok(200);
    assert_eq!((&asker["state"], &asker["refusal"]["code"]), (&json!("refused"), &json!("OVER_SCOPE")));
    assert_eq!(asker["questions"][0]["subject"]["number"], NUMBER);
}

#[tokio::test]
async fn a_lookup_is_answered_through_the_asking_service() {
    let zhuhai = TestParty::start("zhuhai");
    let question = json!({ "item": "inc.assist", "predicate": "holds", "granularity": "threshold" });
    let mut lookup = json!({
        "holder": "macau", "subject": { "kind": "mainland_id", "number": NUMBER }, "questions": [question],
        "purpose": "dibao_application",
    });
    zhuhai.post("cw", "/v1/lookups", &lookup).await.problem(403, "NO_CONSENT");
    lookup["token"] = json!("tc1.AQ");
    let answer = zhuhai.post("cw", "/v1/lookups", &lookup).await.ok(200);
    assert_eq!((&answer["holder_seq"], &answer["receipt"]["party"]), (&json!(7), &json!("zhuhai")));
    assert_eq!(answer["id"], answer["receipt"]["id"]);
}

#[tokio::test]
async fn an_auditor_takes_whole_logs_away_and_others_do_not() {
    let macau = TestParty::start("macau");
    let before = macau.entries().await;
    for _ in 0..3 {
        macau.post("cw", "/v1/batches", &batch("zhuhai")).await.ok(201);
    }
    for who in ["cw", "lo", "rv", "ho"] {
        for path in ["/v1/audit/logs", "/v1/audit/logs/macau", "/v1/audit/cards"] {
            macau.get(who, path).await.problem(403, "ROLE_NOT_ALLOWED");
        }
    }
    macau.get("sa", "/v1/entries/macau/0").await.problem(403, "ROLE_NOT_ALLOWED");
    for who in ["au", "dp", "sa"] {
        let logs = macau.get(who, "/v1/audit/logs").await.ok(200);
        assert_eq!(logs["party"], "macau");
        assert_eq!(logs["state_root"], macau.get("lo", "/v1/status").await.ok(200)["state_root"]);
        let logs = &logs["logs"];
        assert_eq!(logs.as_array().unwrap().len(), 3);
        assert_eq!((&logs[1]["origin"], &logs[1]["count"]), (&json!("macau"), &json!(before + 3)));
        let reply = macau.get(who, &format!("/v1/audit/logs/macau?from={}&max=5", before + 1)).await;
        assert_eq!((reply.status.as_u16(), &reply.headers["tongcha-next"]), (200, &(before + 3).into()));
        assert_eq!(reply.headers[CONTENT_TYPE], "application/octet-stream");
        let mut rest = reply.bytes.as_slice();
        for seq in before + 1..before + 3 {
            let FrameRead::Whole(record, len) = read_frame(rest) else { panic!("no frame at {seq}") };
            assert_eq!(tongcha_ledger::entry::read(&record.entry).unwrap().0.seq, seq);
            rest = &rest[len..];
        }
        assert!(rest.is_empty());
        assert!(!reply.bytes.windows(NUMBER.len()).any(|part| part == NUMBER.as_bytes()), "bodies are sealed");
    }
    assert_eq!(macau.get("au", "/v1/audit/logs/macau?max=1").await.headers["tongcha-next"], "1");
    assert_eq!(macau.get("au", "/v1/audit/logs/macau?from=99").await.headers["tongcha-next"], "99");
    let cards = macau.get("au", "/v1/audit/cards").await.ok(200);
    let card: tongcha_ledger::key::PartyCard = serde_json::from_value(cards[1].clone()).unwrap();
    assert!(tongcha_ledger::key::PartyKeys::register(&card).is_ok());
}

#[tokio::test]
async fn status_and_health_tell_counts_only() {
    let macau = TestParty::start("macau");
    macau.post("cw", "/v1/batches", &batch("zhuhai")).await.ok(201);
    let status = macau.get("ho", "/v1/status").await.ok(200);
    assert_eq!(status["party"], "macau");
    assert_eq!((&status["logs"][1]["count"], &status["logs"][1]["forked"]), (&json!(SETTLED + 1), &json!(false)));
    assert!(status["rows"].as_u64().unwrap() > 0);
    assert_eq!(macau.get("", "/livez").await.ok(200), json!({ "status": "live", "drill": false }));
    let ready = macau.get("", "/readyz").await.ok(200);
    assert_eq!((&ready["ready"], &ready["checks"][0]["name"]), (&json!(true), &json!("journal")));
    let metrics = macau.get("", "/metrics").await;
    assert!(metrics.text().contains("route=\"/v1/batches\""), "{}", metrics.text());
    for reply in [status.to_string(), ready.to_string(), metrics.text()] {
        assert!(!reply.contains(NUMBER));
    }
}

#[tokio::test]
async fn the_log_is_served_as_far_as_its_checkpoint_and_an_entry_has_a_receipt() {
    let macau = TestParty::start("macau");
    macau.post("cw", "/v1/batches", &batch("zhuhai")).await.ok(201);
    let entries = macau.node.with(|core| core.tip(core.me()).count).await.unwrap();
    let tile = format!("/log/tile/0/000.p/{entries}");
    assert_eq!(macau.get("", &tile).await.status, 404);
    assert_eq!(macau.get("cw", "/v1/receipts/0").await.status, 404);
    macau.node.with(|core| core.checkpoint(tongcha_node::clock::wall_clock())).await.unwrap().unwrap();
    let checkpoint = macau.get("", "/log/checkpoint").await;
    assert_eq!(checkpoint.headers["cache-control"], "no-store");
    let tile = macau.get("", &tile).await;
    assert_eq!(tile.headers["cache-control"], "public, max-age=31536000, immutable");
    assert_eq!(tile.bytes.len() as u64, 32 * entries);
    let origin = format!("tongcha.example/macau/log/v1\n{entries}\n");
    assert!(checkpoint.text().starts_with(&origin), "{}", checkpoint.text());
    assert!(macau.get("", "/log/vkey").await.text().starts_with("tongcha.example/macau/log/v1+"));
    assert_eq!(macau.get("", "/log/cosigners").await.text().lines().count(), 2);
    let receipt: tongcha_ledger::proof::EntryReceipt = macau.get("cw", "/v1/receipts/0").await.text().parse().unwrap();
    let proven = receipt.verify(macau.node.directory()).unwrap();
    assert_eq!(proven.entry.header().seq, 0);
    let beyond = format!("/log/tile/0/000.p/{}", entries + 1);
    for path in [&beyond, "/log/tile/0/0", "/log/tile/x", "/log/tile/entries/000"] {
        assert_eq!(macau.get("", path).await.status, 404, "{path}");
    }
}
