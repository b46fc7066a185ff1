//! Whatever comes in wrong is a problem with a code and a sentence, repeats no personal data, and harms nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::{Body, Bytes};
use axum::http::header::{ACCEPT_LANGUAGE, ALLOW, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, WWW_AUTHENTICATE};
use axum::http::{Method, Request};
use serde_json::{Value, json};
use tongcha_node::register::FILE_BYTES_MAX;

use crate::common::{FAILS, PANICS, SETTLED, TestParty, UNREACHABLE, logged};
use crate::{NO_SUCH_ID, NUMBER, WRONG_NUMBER, batch, entry};

async fn with_token(macau: &TestParty, authorization: &str) -> crate::common::Reply {
    let request = Request::get("/v1/batches").header(AUTHORIZATION, authorization);
    macau.send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn strangers_are_turned_away() {
    let macau = TestParty::start("macau");
    let token = macau.token("cw");
    assert_eq!(with_token(&macau, &format!("Bearer {token}")).await.status, 200);
    let nobody = macau.get("", "/v1/batches").await;
    assert!(nobody.headers[WWW_AUTHENTICATE].to_str().unwrap().starts_with("Bearer"));
    nobody.problem(401, "UNAUTHENTICATED");
    let last = token.len() - 1;
    let changed = format!("{}{}", &token[..last], if token.ends_with('A') { 'B' } else { 'A' });
    for authorization in ["Bearer tc_wrong", &format!("Bearer {changed}"), &format!("Basic {token}"), token] {
        with_token(&macau, authorization).await.problem(401, "UNAUTHENTICATED");
    }
    // Who may not come in isn't told whether the request would have been right.
    macau.post_text("", "/v1/batches", "not JSON".to_owned()).await.problem(401, "UNAUTHENTICATED");
}

#[tokio::test]
async fn bodies_are_read_strictly() {
    let macau = TestParty::start("macau");
    let changed = |change: fn(&mut Value)| {
        let mut body = batch("zhuhai");
        change(&mut body);
        body
    };
    let cases: &[(&str, Value, &str)] = &[
        ("unknown field", changed(|b| b["comment"] = json!(NUMBER)), "comment"),
        (
            "unknown field inside",
            changed(|b| b["entries"][0]["subject"]["phone"] = json!(NUMBER)),
            "entries[0].subject",
        ),
        ("wrong type", changed(|b| b["unchanged"] = json!("27")), "unchanged"),
        ("negative", changed(|b| b["unchanged"] = json!(-1)), "unchanged"),
        ("missing field", changed(|b| drop(b.as_object_mut().unwrap().remove("to"))), "missing field `to`"),
        (
            "too long",
            changed(|b| b["entries"][0]["category"] = json!("x".repeat(201))),
            "entries[0].category: must have at most",
        ),
        (
            "deceptive",
            changed(|b| b["entries"][0]["category"] = json!("a\u{202E}b")),
            "entries[0].category: must not hold",
        ),
        (
            "check digit",
            changed(|b| b["entries"][0] = entry(WRONG_NUMBER)),
            "entries[0].subject.document: has a wrong check character",
        ),
        ("no such day", changed(|b| b["entries"][0]["as_of"] = json!("2026-02-30")), "entries[0].as_of"),
        ("no such month", changed(|b| b["period"] = json!("2026-13")), "period: a period is a month"),
        ("no party name", changed(|b| b["to"] = json!("Zhuhai")), "to: may hold only"),
        ("no value of the list", changed(|b| b["entries"][0]["change"] = json!(NUMBER)), "entries[0].change"),
        ("another type altogether", json!(NUMBER), "the body: is of the wrong type"),
    ];
    for (name, body, place) in cases {
        let problem = macau.post("cw", "/v1/batches", body).await.problem(400, "BAD_REQUEST");
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains(place), "{name}: {detail}");
        assert!(!problem.to_string().contains(&NUMBER[..10]), "{name}: {problem}");
    }
    for text in ["", "{", "{} {}", "{\"to\":\"zhuhai\"", &format!("{NUMBER}x"), &"[".repeat(1000)] {
        let problem = macau.post_text("cw", "/v1/batches", text.to_owned()).await.problem(400, "BAD_REQUEST");
        assert!(problem["detail"].as_str().unwrap().contains("line 1, column"), "{problem}");
    }
    macau
        .post("cw", &format!("/v1/batches/{NO_SUCH_ID}/sending"), &json!({ "x": 1 }))
        .await
        .problem(400, "BAD_REQUEST");
    assert_eq!(macau.entries().await, SETTLED, "nothing of this was a command");
    macau.post("cw", "/v1/batches", &batch("zhuhai")).await.ok(201);
    assert!(!logged().contains(&NUMBER[..10]), "no document number in the log");
}

#[tokio::test]
async fn a_key_that_stands_twice_is_refused() {
    let zhuhai = TestParty::start("zhuhai");
    let body = crate::flows::consent().to_string();
    let twice = body.replace("\"ast.deposit\":", "\"ast.property\":\"exact\",\"ast.deposit\":");
    assert_ne!(body, twice);
    let problem = zhuhai.post_text("cw", "/v1/consents", twice).await.problem(400, "BAD_REQUEST");
    assert!(problem["detail"].as_str().unwrap().starts_with("items"), "{problem}");
}

#[tokio::test]
async fn a_body_of_another_kind_is_refused() {
    let macau = TestParty::start("macau");
    for kind in [None, Some("text/plain"), Some("application/x-www-form-urlencoded"), Some("application/jsonp")] {
        let mut request = macau.request(Method::POST, "cw", "/v1/batches");
        if let Some(kind) = kind {
            request = request.header(CONTENT_TYPE, kind);
        }
        let reply = macau.send(request.body(batch("zhuhai").to_string().into()).unwrap()).await;
        reply.problem(415, "UNSUPPORTED_MEDIA_TYPE");
    }
    let request =
        macau.request(Method::POST, "cw", "/v1/batches").header(CONTENT_TYPE, "application/json; charset=utf-8");
    macau.send(request.body(batch("zhuhai").to_string().into()).unwrap()).await.ok(201);
    let import = macau.request(Method::POST, "cw", "/v1/register/imports").header(CONTENT_TYPE, "application/json");
    macau.send(import.body("{}".into()).unwrap()).await.problem(415, "UNSUPPORTED_MEDIA_TYPE");
}

#[tokio::test]
async fn a_body_without_end_is_cut_off() {
    const CHUNK: usize = 64 * 1024;
    let macau = TestParty::start("macau");
    let polled = Arc::new(AtomicUsize::new(0));
    let counter = polled.clone();
    let chunks = (0..64 * 1024 * 1024 / CHUNK).map(move |_| {
        counter.fetch_add(1, Ordering::SeqCst);
        Ok::<_, std::io::Error>(Bytes::from_static(&[b' '; CHUNK]))
    });
    let request = macau.request(Method::POST, "cw", "/v1/batches").header(CONTENT_TYPE, "application/json");
    let body = Body::from_stream(futures::stream::iter(chunks));
    macau.send(request.body(body).unwrap()).await.problem(413, "BODY_TOO_LARGE");
    assert!(polled.load(Ordering::SeqCst) <= 6, "read no further than the limit");

    let long = macau.post_text("cw", "/v1/batches", " ".repeat(256 * 1024 + 1)).await;
    assert_eq!(long.headers["connection"], "close", "nobody asks again on a connection that is ending");
    long.problem(413, "BODY_TOO_LARGE");
    let announced = macau.request(Method::POST, "cw", "/v1/register/imports").header(CONTENT_TYPE, "text/csv");
    let announced = announced.header(CONTENT_LENGTH, FILE_BYTES_MAX + 1).body(Body::empty()).unwrap();
    macau.send(announced).await.problem(413, "BODY_TOO_LARGE");

    let broken = futures::stream::iter([Ok(Bytes::from_static(b"{")), Err(std::io::Error::other("hung up"))]);
    let request = macau.request(Method::POST, "cw", "/v1/batches").header(CONTENT_TYPE, "application/json");
    let reply = macau.send(request.body(Body::from_stream(broken)).unwrap()).await;
    reply.problem(400, "BAD_REQUEST");
}

#[tokio::test]
async fn paths_and_queries_are_read_strictly() {
    let macau = TestParty::start("macau");
    for path in [format!("/v1/batches/{NUMBER}?reason=x"), "/v1/consents/%FF?reason=x".to_owned()] {
        let problem = macau.get("cw", &path).await.problem(400, "BAD_REQUEST");
        assert!(!problem.to_string().contains(NUMBER), "{problem}");
    }
    for line in ["0x1", "65536", "-1", NUMBER] {
        let path = format!("/v1/batches/{NO_SUCH_ID}/entries/{line}/match");
        let problem = macau.post("cw", &path, &json!({})).await.problem(400, "BAD_REQUEST");
        assert!(!problem.to_string().contains(NUMBER), "{problem}");
    }
    macau.get("au", "/v1/audit/logs/MACAU").await.problem(400, "BAD_REQUEST");
    macau.get("au", "/v1/audit/logs/macau?from=x").await.problem(400, "BAD_REQUEST");
    macau.get("au", "/v1/audit/logs/macau?form=1").await.problem(400, "BAD_REQUEST");
    macau.get("au", "/v1/audit/logs/elsewhere").await.problem(404, "NOT_FOUND");
    macau.get("lo", "/v1/entries/macau/999").await.problem(404, "NOT_FOUND");
}

#[tokio::test]
async fn unknown_addresses_and_methods_are_problems_too() {
    let macau = TestParty::start("macau");
    for path in ["/", "/v2/batches", "/v1/batches/", &format!("/v1/{NUMBER}")] {
        let problem = macau.get("cw", path).await.problem(404, "NOT_FOUND");
        assert!(!problem.to_string().contains(NUMBER), "{problem}");
    }
    let request = macau.request(Method::DELETE, "cw", "/v1/batches").body(Body::empty()).unwrap();
    let reply = macau.send(request).await;
    assert!(reply.headers[ALLOW].to_str().unwrap().contains("POST"));
    reply.problem(405, "METHOD_NOT_ALLOWED");
    let odd = macau.request(Method::from_bytes(NUMBER.as_bytes()).unwrap(), "cw", "/v1/batches");
    macau.send(odd.body(Body::empty()).unwrap()).await.problem(405, "METHOD_NOT_ALLOWED");
    let metrics = macau.get("", "/metrics").await.text();
    assert!(!metrics.contains(NUMBER), "what callers choose is no label");
    assert!(metrics.contains("route=\"unmatched\"") && metrics.contains("method=\"other\""), "{metrics}");
}

#[tokio::test]
async fn what_fails_inside_is_a_problem_that_tells_nothing() {
    let zhuhai = TestParty::start("zhuhai");
    let lookup = |purpose| {
        json!({
            "holder": "macau", "token": "tc1.AQ", "purpose": purpose, "questions": [],
            "subject": { "kind": "mainland_id", "number": NUMBER },
        })
    };
    let reply = zhuhai.post("cw", "/v1/lookups", &lookup(PANICS)).await;
    let panicked = reply.problem(500, "INTERNAL");
    assert!(!panicked.to_string().contains(NUMBER), "{panicked}");
    let failed = zhuhai.post("cw", "/v1/lookups", &lookup(FAILS)).await.problem(500, "INTERNAL");
    assert!(!failed.to_string().contains("disk"), "{failed}");
    zhuhai.post("cw", "/v1/lookups", &lookup(UNREACHABLE)).await.problem(504, "HOLDER_UNREACHABLE");
    assert!(!logged().contains(NUMBER), "the panic's text is not in the log");
    zhuhai.get("cw", "/v1/lookups").await.ok(200);
}

#[tokio::test]
async fn every_answer_has_the_same_headers_and_the_language_asked_for() {
    let macau = TestParty::start("macau");
    let id = "01980e2c-7b00-4000-8000-0000000000aa";
    let request = macau.request(Method::GET, "cw", "/v1/batches").header("X-Request-Id", id);
    let reply = macau.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(reply.headers["x-request-id"], id);
    assert_eq!(reply.headers["cache-control"], "no-store");
    assert_eq!(reply.headers["x-content-type-options"], "nosniff");
    let request = macau.request(Method::GET, "", "/v1/batches").header("X-Request-Id", NUMBER);
    let reply = macau.send(request.header(ACCEPT_LANGUAGE, "zh-MO, pt;q=0.5").body(Body::empty()).unwrap()).await;
    assert_ne!(reply.headers["x-request-id"], NUMBER);
    let problem = reply.problem(401, "UNAUTHENTICATED");
    assert_eq!(problem["title"], problem["text"]["zh-Hant"]["title"]);
    assert_eq!(problem["instance"], "/v1/batches");
}
