//! What operators' tools ask without a token: no personal data, no case, no officer.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::http::Check;
use crate::http::api::Api;
use crate::http::openapi::tags::SERVICE;

/// How long the checks may take: less than the 10 s after which probes usually give up.
const READY_TIMEOUT: Duration = Duration::from_secs(5);

/// Returns the operations.
pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::default()
        .routes(routes!(live))
        .routes(routes!(ready))
        .routes(routes!(metrics))
        .routes(routes!(document))
}

/// That the process answers.
#[derive(Debug, Serialize, ToSchema)]
struct Live {
    /// `live`.
    status: &'static str,
    /// Whether this is a drill: nothing recorded here is real then.
    drill: bool,
}

/// Whether the service can do its work.
#[derive(Debug, Serialize, ToSchema)]
struct Ready {
    /// Whether every check passes.
    ready: bool,
    checks: Vec<Check>,
}

/// Tells that the process answers.
#[utoipa::path(get, path = "/livez", tag = SERVICE, security(()), responses((status = 200, body = Live)))]
async fn live() -> Json<Live> {
    Json(Live { status: "live", drill: crate::clock::is_drill() })
}

/// Tells whether the service can do its work, check by check.
#[utoipa::path(get, path = "/readyz", tag = SERVICE, security(()),
    responses((status = 200, body = Ready), (status = 503, body = Ready, description = "Not ready.")))]
async fn ready(State(api): State<Api>) -> (StatusCode, Json<Ready>) {
    let late = || vec![Check { name: "readiness".to_owned(), ok: false, detail: "the checks did not end".to_owned() }];
    let checks = tokio::time::timeout(READY_TIMEOUT, api.readiness.checks()).await.unwrap_or_else(|_| late());
    let ready = checks.iter().all(|check| check.ok);
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(Ready { ready, checks }))
}

/// Returns the metrics as Prometheus reads them.
#[utoipa::path(get, path = "/metrics", tag = SERVICE, security(()),
    responses((status = 200, body = String, content_type = "application/openmetrics-text")))]
async fn metrics(State(api): State<Api>) -> Response {
    const TEXT: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(CONTENT_TYPE, TEXT)], api.node.metrics().encode()).into_response()
}

/// Returns this document.
#[utoipa::path(get, path = "/openapi.json", tag = SERVICE, security(()),
    responses((status = 200, body = Object, content_type = "application/json")))]
async fn document(State(api): State<Api>) -> Response {
    ([(CONTENT_TYPE, "application/json")], api.document.to_string()).into_response()
}
