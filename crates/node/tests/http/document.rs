//! The OpenAPI document and the router say the same.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::Method;
use axum::http::header::CONTENT_TYPE;
use serde_json::Value;

use crate::NO_SUCH_ID;
use crate::common::TestParty;

/// Every operation of the API as it was agreed with its users.
const OPERATIONS: &[&str] = &[
    "GET /livez",
    "GET /log/checkpoint",
    "GET /log/cosigners",
    "GET /log/vkey",
    "GET /metrics",
    "GET /openapi.json",
    "GET /readyz",
    "GET /v1/audit/cards",
    "GET /v1/audit/checkpoints/{origin}",
    "GET /v1/audit/logs",
    "GET /v1/audit/logs/{origin}",
    "GET /v1/batches",
    "GET /v1/batches/{id}",
    "GET /v1/consents",
    "GET /v1/consents/{id}",
    "GET /v1/consents/{id}/token",
    "GET /v1/entries/{origin}/{seq}",
    "GET /v1/lookups",
    "GET /v1/lookups/{id}",
    "GET /v1/receipts/{seq}",
    "GET /v1/match-runs",
    "GET /v1/match-runs/{id}",
    "GET /v1/register",
    "GET /v1/status",
    "GET /v1/urgent",
    "GET /v1/urgent/{id}",
    "GET /v1/verifications",
    "GET /v1/verifications/{id}",
    "POST /v1/batches",
    "POST /v1/batches/{id}/acknowledgement",
    "POST /v1/batches/{id}/approval",
    "POST /v1/batches/{id}/entries/{no}/correction",
    "POST /v1/batches/{id}/entries/{no}/dispute",
    "POST /v1/batches/{id}/entries/{no}/match",
    "POST /v1/batches/{id}/entries/{no}/withdrawal",
    "POST /v1/batches/{id}/sending",
    "POST /v1/consents",
    "POST /v1/consents/{id}/countersignature",
    "POST /v1/consents/{id}/revocation",
    "POST /v1/lookups",
    "POST /v1/match-runs",
    "POST /v1/match-runs/{id}/authorisation",
    "POST /v1/match-runs/{id}/candidates/{no}/assessment",
    "POST /v1/match-runs/{id}/candidates/{no}/confirmation",
    "POST /v1/match-runs/{id}/candidates/{no}/decision",
    "POST /v1/match-runs/{id}/candidates/{no}/dismissal",
    "POST /v1/match-runs/{id}/candidates/{no}/invitation",
    "POST /v1/match-runs/{id}/candidates/{no}/statement",
    "POST /v1/match-runs/{id}/execution",
    "POST /v1/match-runs/{id}/review",
    "POST /v1/register/imports",
    "POST /v1/urgent",
    "POST /v1/urgent/{id}/acknowledgement",
    "POST /v1/urgent/{id}/actions",
    "POST /v1/urgent/{id}/closure",
    "POST /v1/urgent/{id}/justification",
    "POST /v1/urgent/{id}/justification-review",
    "POST /v1/urgent/{id}/takeover",
    "POST /v1/verifications",
    "POST /v1/verifications/{id}/acceptance",
    "POST /v1/verifications/{id}/answers/{no}",
    "POST /v1/verifications/{id}/refusal",
    "POST /v1/verifications/{id}/reply",
    "POST /v1/verifications/{id}/submission",
    "POST /v1/verifications/{id}/use",
    "GET /v1/authority/agreements",
    "GET /v1/authority/agreements/{id}",
    "GET /v1/authority/channels",
    "GET /v1/authority/delegations",
    "GET /v1/authority/officers",
    "GET /v1/authority/units",
    "POST /v1/authority/agreements",
    "POST /v1/authority/agreements/{id}/signature",
    "POST /v1/authority/channels",
    "POST /v1/authority/channels/resumption",
    "POST /v1/authority/channels/suspension",
    "POST /v1/authority/channels/{peer}/confirmation",
    "POST /v1/authority/delegations",
    "POST /v1/authority/delegations/end",
    "POST /v1/authority/officers",
    "POST /v1/authority/officers/{officer}/revocation",
    "POST /v1/authority/units",
    "GET /v1/consents/{id}/receipt",
    "GET /v1/lookups/{id}/receipt",
    "GET /v1/mandates",
    "GET /v1/mandates/{id}",
    "GET /v1/verifications/{id}/receipt",
    "POST /v1/audit/who-looked",
    "POST /v1/consents/{id}/closure",
    "POST /v1/consents/{id}/completion",
    "POST /v1/mandates",
    "POST /v1/mandates/{id}/revocation",
    "POST /v1/reports/who-looked",
    "GET /v1/meetings",
    "GET /v1/meetings/{id}",
    "GET /v1/topics",
    "GET /v1/erasures",
    "GET /v1/erasures/{id}",
    "POST /v1/erasure-requests",
    "POST /v1/erasures",
    "POST /v1/erasures/{id}/order",
    "POST /v1/erasures/{id}/refusal",
    "GET /v1/tasks",
    "GET /v1/conferences",
    "GET /v1/conferences/{id}",
    "GET /v1/work/inbox",
    "GET /v1/work/pending-approvals",
    "GET /v1/work/mine",
    "GET /v1/work/overdue",
    "GET /v1/work/cases/{kind}/{id}",
    "POST /v1/meetings",
    "POST /v1/meetings/{id}/resolutions",
    "POST /v1/meetings/{id}/signatures",
    "POST /v1/meetings/{id}/closed-actions",
    "POST /v1/meetings/{id}/escalations",
    "POST /v1/topics",
    "POST /v1/topics/{id}/conclusion",
    "POST /v1/tasks/{no}/progress",
    "POST /v1/tasks/{no}/completion",
    "POST /v1/conferences",
    "POST /v1/conferences/{id}/invitations",
    "POST /v1/conferences/{id}/participants",
    "POST /v1/conferences/{id}/opinions",
    "POST /v1/conferences/{id}/conclusion",
    "POST /v1/conferences/{id}/follow-ups",
    "POST /v1/conferences/{id}/follow-ups/{no}/closure",
    "GET /v1/routine",
    "GET /v1/closures",
    "POST /v1/closures",
    "GET /v1/batches/{id}/export",
    "POST /v1/batches/imports",
    "GET /v1/urgent/{id}/sealed",
    "POST /v1/urgent/{id}/phone-relay",
    "POST /v1/urgent/{id}/subject-information",
    "GET /v1/standards",
    "POST /v1/standards",
    "POST /v1/verifications/{id}/answers/{no}/correction",
    "POST /v1/verifications/{id}/answers/{no}/correction-acknowledgement",
    "POST /v1/verifications/{id}/assignments/{no}",
    "POST /v1/verifications/{id}/clarifications",
    "POST /v1/verifications/{id}/clarifications/{no}/answer",
    "POST /v1/verifications/{id}/closure",
    "POST /v1/verifications/{id}/withdrawal",
    "GET /v1/suppressions",
    "POST /v1/suppressions",
    "POST /v1/suppressions/lifting",
    "POST /v1/audit/subject-report",
    "POST /v1/reports/subject",
    "POST /v1/batches/{id}/discard",
    "POST /v1/consents/{id}/discard",
    "POST /v1/verifications/{id}/discard",
    "GET /v1/leading-group",
    "POST /v1/leading-group",
    "POST /v1/leading-group/{officer}/dismissal",
];

fn document() -> Value {
    serde_json::to_value(tongcha_node::http::openapi()).unwrap()
}

/// Method, path and description of each operation of the document.
fn operations(document: &Value) -> Vec<(Method, String, Value)> {
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let method = method.to_uppercase().parse().unwrap();
            operations.push((method, path.clone(), operation.clone()));
        }
    }
    operations
}

fn filled(path: &str) -> String {
    path.replace("{id}", NO_SUCH_ID)
        .replace("{no}", "1")
        .replace("{origin}", "macau")
        .replace("{seq}", "0")
        .replace("{officer}", "cw.macau")
        .replace("{peer}", "zhuhai")
        .replace("{kind}", "batch")
}

fn resolve<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(reference) => document.pointer(reference.trim_start_matches('#')).unwrap(),
        None => schema,
    }
}

#[test]
fn the_document_has_every_operation_agreed_and_no_other() {
    let named = operations(&document()).into_iter().map(|(method, path, _)| format!("{method} {path}"));
    let (named, agreed) = (named.collect::<BTreeSet<_>>(), OPERATIONS.iter().map(|op| (*op).to_owned()).collect());
    assert_eq!(named, agreed);
}

#[tokio::test]
async fn every_operation_of_the_document_is_there_and_wants_a_token() {
    let macau = TestParty::start("macau");
    let served = macau.get("", "/openapi.json").await.ok(200);
    assert_eq!(served, document());
    for (method, path, operation) in operations(&document()) {
        let open = operation["security"] == serde_json::json!([{}]);
        let request = macau.request(method.clone(), "", &filled(&path)).body(Body::empty()).unwrap();
        let status = macau.send(request).await.status.as_u16();
        // Nobody has signed a checkpoint of this service's log: the loop that does is not started here.
        let expected = if path == "/log/checkpoint" { 404 } else { 200 };
        assert_eq!(status, if open { expected } else { 401 }, "{method} {path}");
    }
}

#[test]
fn every_operation_is_described_with_its_problems() {
    let document = document();
    assert_eq!(document["components"]["securitySchemes"]["officer"]["scheme"], "bearer");
    assert_eq!(document["security"], serde_json::json!([{ "officer": [] }]));
    let tags: BTreeSet<&str> =
        document["tags"].as_array().unwrap().iter().map(|tag| tag["name"].as_str().unwrap()).collect();
    for (method, path, operation) in operations(&document) {
        assert!(operation["summary"].as_str().is_some_and(|text| !text.is_empty()), "{method} {path}");
        assert!(tags.contains(operation["tags"][0].as_str().unwrap()), "{method} {path}");
        let responses = operation["responses"].as_object().unwrap();
        let has = |statuses: &[&str]| statuses.iter().all(|status| responses.contains_key(*status));
        assert!(has(&["200"]) || has(&["201"]), "{method} {path}");
        for (status, response) in responses {
            assert!(response["description"].as_str().is_some_and(|text| !text.is_empty()), "{method} {path} {status}");
        }
        if operation["security"].is_null() {
            assert!(has(&["401", "500", "503"]), "{method} {path}");
        }
        if method == Method::POST {
            assert!(has(&["400", "403", "404", "409", "413", "415", "422"]), "{method} {path}");
            assert!(operation["requestBody"].is_object(), "{method} {path}");
        }
        let parameters: Vec<&str> = operation["parameters"]
            .as_array()
            .map(|parameters| parameters.iter().map(|parameter| parameter["name"].as_str().unwrap()).collect())
            .unwrap_or_default();
        for name in path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')) {
            assert!(parameters.contains(&name), "{method} {path}: {name}");
        }
        for (status, response) in responses.iter().filter(|(status, _)| status.as_str() >= "400") {
            if path != "/readyz" {
                let schema = &response["content"]["application/problem+json"]["schema"];
                assert_eq!(schema["$ref"], "#/components/schemas/Problem", "{method} {path} {status}");
            }
        }
    }
}

#[test]
fn codes_are_those_on_the_wire() {
    let document = document();
    let values = |name: &str| document["components"]["schemas"][name]["enum"].as_array().unwrap().clone();
    assert!(values("RefusalCode").contains(&"ROLE_NOT_ALLOWED".into()));
    assert!(values("EventKind").contains(&"batch-sent".into()));
}

#[test]
fn every_status_the_document_names_has_a_text_in_every_language() {
    use tongcha_domain::phrases::status_text;
    use tongcha_domain::purpose::Language;
    let document = document();
    let mut found = 0;
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        let Some(case) = name.strip_suffix("State") else { continue };
        for code in schema["enum"].as_array().unwrap() {
            for language in [Language::ZhHans, Language::ZhHant, Language::Pt, Language::En] {
                assert!(status_text(case, code.as_str().unwrap(), language).is_some(), "{name} {code} {language:?}");
            }
            found += 1;
        }
    }
    assert!(found >= 30, "only {found} statuses were found");
}

#[test]
fn every_reference_leads_somewhere() {
    fn references<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
        match value {
            Value::Object(map) => {
                found.extend(map.get("$ref").and_then(Value::as_str));
                map.values().for_each(|value| references(value, found));
            }
            Value::Array(list) => list.iter().for_each(|value| references(value, found)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let document = document();
    let mut found = BTreeSet::new();
    references(&document, &mut found);
    assert!(found.len() > 30);
    for reference in found {
        assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
    }
}

#[tokio::test]
async fn every_example_of_a_body_can_be_read() {
    let macau = TestParty::start("macau");
    let document = document();
    let mut sent = 0;
    for (method, path, operation) in operations(&document) {
        let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
        let example = &resolve(&document, schema)["example"];
        if example.is_null() {
            continue;
        }
        let request = macau.request(method, "cw", &filled(&path)).header(CONTENT_TYPE, "application/json");
        let reply = macau.send(request.body(example.to_string().into()).unwrap()).await;
        assert_ne!(reply.status, 400, "{path}: {}", reply.text());
        assert_ne!(reply.status, 415, "{path}: {}", reply.text());
        sent += 1;
    }
    assert!(sent >= 20, "only {sent} bodies have an example");
}
