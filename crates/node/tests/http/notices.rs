//! Routine and urgent notices where they are more than commands: files, closures, due dates, sealed payloads.

use axum::http::Method;
use axum::http::header::CONTENT_TYPE;
use serde_json::{Value, json};

use crate::common::TestParty;
use crate::{NUMBER, batch, id_of};

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

async fn import(party: &TestParty, who: &str, kind: &str, query: &str, bytes: Vec<u8>) -> crate::common::Reply {
    let path = format!("/v1/batches/imports?{query}");
    let request = party.request(Method::POST, who, &path).header(CONTENT_TYPE, kind);
    party.send(request.body(bytes.into()).unwrap()).await
}

#[tokio::test]
async fn a_batch_is_exported_on_record_and_a_batch_is_prepared_from_the_file() {
    let macau = TestParty::start("macau");
    let mut hostile = batch("zhuhai");
    hostile["entries"][0]["category"] = json!("=cmd|' /C calc'!A0");
    let receipt = macau.post("cw", "/v1/batches", &hostile).await.ok(201);
    let path = format!("/v1/batches/{}/export", id_of(&receipt));
    let entries = macau.entries().await;
    for query in ["", "?reason=x", "?format=csv", "?reason=x&format=pdf"] {
        macau.get("cw", &format!("{path}{query}")).await.problem(400, "BAD_REQUEST");
    }
    macau.get("au", &format!("{path}?reason=x&format=csv")).await.problem(403, "ROLE_NOT_ALLOWED");
    let first = macau.get("cw", &format!("/v1/batches/{}?reason=x", id_of(&receipt))).await.ok(200);
    let mut files = Vec::new();
    for (format, kind) in [("csv", "text/csv"), ("xlsx", XLSX)] {
        let reply = macau.get("cw", &format!("{path}?reason=matching&format={format}")).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        assert!(reply.headers[CONTENT_TYPE].to_str().unwrap().starts_with(kind));
        files.push((kind, reply.bytes));
    }
    let text = String::from_utf8(files[0].1.clone()).unwrap();
    assert!(text.contains(NUMBER) && text.contains("'=cmd") && !text.contains(",=cmd"), "{text}");
    assert_eq!(macau.entries().await, entries + 4, "one refused read, three recorded ones");
    for (kind, bytes) in files {
        let prepared = import(&macau, "cw", kind, "to=zhuhai&period=2026-07&unchanged=3", bytes).await.ok(201);
        let full = macau.get("cw", &format!("/v1/batches/{}?reason=x", id_of(&prepared))).await.ok(200);
        assert_eq!(full["entries"], first["entries"]);
    }
}

#[tokio::test]
async fn a_bad_file_is_refused_as_a_whole_by_row_and_column() {
    let macau = TestParty::start("macau");
    let query = "to=zhuhai&period=2026-07&unchanged=3";
    let csv = "document_kind,document_number,name,name_zh_hans,name_zh_hant,name_roman,birth_date,change,category,as_of,\
        district,basis,basis_reference\r\n";
    let row = |number: &str| format!("mainland_id,{number},测试,,,,,added,dibao,2026-06-30,xiangzhou,,\r\n");
    let bad = format!("{csv}{}{}", row(NUMBER), row("12345"));
    let problem = import(&macau, "cw", "text/csv", query, bad.into_bytes()).await.problem(422, "BATCH_FILE_REFUSED");
    assert_eq!((&problem["rows"][0]["row"], &problem["rows"][0]["column"]), (&json!(3), &json!("document_number")));
    assert!(!problem.to_string().contains("12345") && !problem.to_string().contains(NUMBER), "{problem}");
    assert_eq!(macau.get("cw", "/v1/batches").await.ok(200), json!([]));
    import(&macau, "rv", "text/csv", query, csv.into()).await.problem(403, "ROLE_NOT_ALLOWED");
    import(&macau, "cw", "text/plain", query, csv.into()).await.problem(415, "UNSUPPORTED_MEDIA_TYPE");
    import(&macau, "cw", "text/csv", "to=zhuhai", csv.into()).await.problem(400, "BAD_REQUEST");
    let empty = import(&macau, "cw", "text/csv", query, csv.into()).await.ok(201);
    let full = macau.get("cw", &format!("/v1/batches/{}?reason=x", id_of(&empty))).await.ok(200);
    assert_eq!(full["entries"], json!([]), "an empty batch is a batch");
}

fn notice(to: &[&str]) -> Value {
    let text = "as told by telephone";
    let emergency =
        json!({ "subject": crate::person(NUMBER), "place": text, "what": text, "need": text, "call_back": text });
    json!({ "to": to, "emergency": emergency, "vital_interest": text, "happened_at": "2026-07-01T00:00:00+08:00" })
}

#[tokio::test]
async fn a_rejected_urgent_notice_is_sealed_from_its_addressees_and_opened_only_for_a_reason() {
    let (zhuhai, macau) = (TestParty::start("zhuhai"), TestParty::start("macau"));
    let receipt = zhuhai.post("ho", "/v1/urgent", &notice(&["macau"])).await.ok(201);
    let path = format!("/v1/urgent/{}", id_of(&receipt));
    let relay = json!({ "to": "macau", "at": "2026-07-01T00:10:00+08:00", "spoken_with_desk": "duty desk" });
    zhuhai.post("ho", &format!("{path}/phone-relay"), &relay).await.ok(200);
    zhuhai.post("ho", &format!("{path}/phone-relay"), &relay).await.problem(409, "ALREADY_EXISTS");
    zhuhai.tell(&macau).await;
    for who in ["cw", "rv"] {
        let problem = macau.get(who, &format!("{path}?reason=curious")).await.problem(403, "ROLE_NOT_ALLOWED");
        assert!(!problem.to_string().contains(NUMBER));
    }
    let open = macau.get("ho", &format!("{path}?reason=shift")).await.ok(200);
    assert_eq!(open["emergency"]["subject"]["document"]["number"], NUMBER);
    assert_eq!((&open["sealed"], &open["relayed_by_phone"][0]["party"]), (&json!(null), &json!("macau")));
    assert!(open["happened_at"].as_str() < open["arrivals"][0]["received_at"].as_str(), "{open}");
    macau.get("lo", &format!("{path}/sealed?reason=audit")).await.problem(409, "WRONG_STATE");

    let text = "a form was missing, nobody was in danger";
    zhuhai.post("lo", &format!("{path}/subject-information"), &json!({})).await.problem(409, "WRONG_STATE");
    zhuhai.post("ho", &format!("{path}/closure"), &json!({ "outcome": text })).await.ok(200);
    zhuhai.post("lo", &format!("{path}/justification"), &json!({ "text": text })).await.ok(200);
    let review = json!({ "accepted": false, "note": text });
    zhuhai.post("dp", &format!("{path}/justification-review"), &review).await.ok(200);
    zhuhai.post("lo", &format!("{path}/subject-information"), &json!({})).await.ok(200);
    zhuhai.tell(&macau).await;
    let sealed = macau.get("ho", &format!("{path}?reason=shift")).await.ok(200);
    assert_eq!((&sealed["sealed"], &sealed["emergency"]), (&json!("rejected"), &json!(null)));
    assert!(!sealed.to_string().contains(NUMBER) && !sealed["subject_informed_at"].is_null(), "{sealed}");
    macau.get("ho", &format!("{path}/sealed?reason=shift")).await.problem(403, "ROLE_NOT_ALLOWED");
    macau.get("lo", &format!("{path}/sealed")).await.problem(400, "BAD_REQUEST");
    let entries = macau.entries().await;
    let opened = macau.get("lo", &format!("{path}/sealed?reason=complaint")).await.ok(200);
    assert_eq!(opened["emergency"]["subject"]["document"]["number"], NUMBER);
    assert_eq!(macau.entries().await, entries + 1, "opening is on record");
    let own = zhuhai.get("ho", &format!("{path}?reason=shift")).await.ok(200);
    assert_eq!(own["emergency"]["subject"]["document"]["number"], NUMBER, "what a party wrote itself stays");
}

#[tokio::test]
async fn a_closure_is_declared_for_the_own_calendar_and_listed_everywhere() {
    let (zhuhai, macau) = (TestParty::start("zhuhai"), TestParty::start("macau"));
    let closure =
        |calendar: &str, date: &str| json!({ "calendar": calendar, "date": date, "reason": "typhoon signal 8" });
    macau.post("lo", "/v1/closures", &closure("mainland", "2026-12-29")).await.problem(403, "NOT_YOURS");
    macau.post("cw", "/v1/closures", &closure("macau", "2026-12-29")).await.problem(403, "ROLE_NOT_ALLOWED");
    macau.post("lo", "/v1/closures", &closure("macau", "2026-01-01")).await.problem(422, "BAD_DATE");
    assert_eq!(zhuhai.get("cw", "/v1/closures").await.ok(200), json!([]));
    assert_eq!(zhuhai.get("cw", "/v1/routine").await.ok(200), json!([]), "nobody owes a batch before the first one");
}
