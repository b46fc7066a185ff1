//! What surrounds every request: its id, its log line, its metric, limits, and the writing of problems.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Json;
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{CACHE_CONTROL, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::sync::Semaphore;
use tongcha_domain::purpose::Language;
use tracing::Instrument;
use uuid::Uuid;

use crate::http::api::Api;
use crate::http::fault::Fault;
use crate::http::language::accepted;
use crate::http::problem::{MEDIA_TYPE, Problem};

/// Requests answered at the same time; more are turned away at once. Half of what may wait for the core, so that the
/// peers' entries always find a place there.
pub(super) const CONCURRENCY_MAX: usize = 512;
/// How long a request may take. A lookup waits for another party at most a few seconds; a command for one disk write.
pub(super) const TIMEOUT: Duration = Duration::from_secs(30);
/// How long an import of the register may take: as long as the domain keeps others from starting one.
pub(super) const IMPORT_TIMEOUT: Duration = Duration::from_secs(10 * 60);

const _: () =
    assert!(IMPORT_TIMEOUT.as_micros() == tongcha_domain::register::IMPORT_EXCLUSIVE_US.unsigned_abs() as u128);

/// On every answer of a service in a drill, so that no tool takes it for a real one.
const DRILL: HeaderName = HeaderName::from_static("tongcha-drill");
/// How far the own log is witnessed.
const WITNESSED: HeaderName = HeaderName::from_static(crate::http::openapi::WITNESSED);
/// Names a request in answers and logs.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Longest number that a path in a problem shows. A longer one may be a document number in the wrong place.
const SHOWN_DIGITS_MAX: usize = 6;

/// The outermost layer. Nothing of the path but its template, and nothing of query and body, gets into the log or the
/// metrics.
pub(super) async fn around(State(api): State<Api>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = request_id(request.headers());
    let language = accepted(request.headers());
    let template = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let instance = template.as_deref().map(|template| shown_path(template, request.uri().path()));
    let route = template.unwrap_or_else(|| "unmatched".to_owned());
    let method = method_name(request.method());
    let span = tracing::info_span!("http", request_id = %id, method, route);
    let response = next.run(request).instrument(span.clone()).await;
    let problem = response.extensions().get::<Problem>().map_or("", |problem| problem.code().as_str());
    let (status, elapsed) = (response.status().as_u16(), started.elapsed());
    let _entered = span.enter();
    tracing::info!(status, problem, latency_ms = elapsed.as_secs_f64() * 1000.0, "answered");
    let labels = [("route", route), ("method", method.to_owned()), ("status", status.to_string())];
    api.node.metrics().http_seconds.get_or_create(&labels).observe(elapsed.as_secs_f64());
    let mut response = finish(response, language, id, instance);
    if let Some(value) = witnessed(&api) {
        response.headers_mut().insert(WITNESSED, value);
    }
    response
}

/// How far each peer has witnessed the own log: the entries before the number.
fn witnessed(api: &Api) -> Option<HeaderValue> {
    let progress = api.node.progress();
    let counts = progress.borrow().witnessed.iter().map(|(peer, count)| format!("{peer}={count}")).collect::<Vec<_>>();
    (!counts.is_empty()).then(|| HeaderValue::from_str(&counts.join(", ")).ok()).flatten()
}

/// Writes a problem's body, and the headers that every answer has.
fn finish(mut response: Response, language: Language, id: Uuid, instance: Option<String>) -> Response {
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        let body = Json(problem.body(language, id, instance)).into_response().into_body();
        *response.body_mut() = body;
        response.headers_mut().remove(CONTENT_LENGTH);
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    }
    let unread = response.status() == StatusCode::PAYLOAD_TOO_LARGE;
    let headers = response.headers_mut();
    if unread {
        // The rest of the body is not read, so the connection ends: whoever asked must not ask again on it.
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
    if let Ok(id) = HeaderValue::from_str(&id.to_string()) {
        headers.insert(REQUEST_ID, id);
    }
    // Answers hold personal data: no cache keeps them, and no browser guesses at their type.
    // Tiles of the log say themselves that they never change.
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if crate::clock::is_drill() {
        headers.insert(DRILL, HeaderValue::from_static("true"));
    }
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// The caller's id when it is a UUID, so that nothing else can be written into logs with it; a fresh one otherwise.
fn request_id(headers: &HeaderMap) -> Uuid {
    let sent = headers.get(REQUEST_ID).and_then(|value| value.to_str().ok()?.parse().ok());
    sent.unwrap_or_else(|| uuid::Builder::from_random_bytes(rand::random()).into_uuid())
}

/// A method's name out of a bounded set: it becomes a label of a metric.
fn method_name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::PATCH => "PATCH",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// The path with the ids in it; what stands in the place of an id and is none stays out.
fn shown_path(template: &str, path: &str) -> String {
    let shown = |part: &str| {
        let number = part.len() <= SHOWN_DIGITS_MAX && part.bytes().all(|b| b.is_ascii_digit());
        number || part.parse::<Uuid>().is_ok()
    };
    let mut parts = path.split('/');
    let segment = |segment| match parts.next() {
        Some(part) if shown(part) => part,
        Some(_) | None => segment,
    };
    template.split('/').map(segment).collect::<Vec<&str>>().join("/")
}

/// Turns a request away when as many as [`CONCURRENCY_MAX`] are being answered.
pub(super) async fn limited(places: Arc<Semaphore>, request: Request, next: Next) -> Response {
    match places.try_acquire() {
        Ok(_place) => next.run(request).await,
        Err(_) => Problem::fault(Fault::ServiceUnavailable, "too many requests at the same time").into_response(),
    }
}

/// Gives up on a request after a time.
pub(super) async fn in_time(limit: Duration, request: Request, next: Next) -> Response {
    tokio::time::timeout(limit, next.run(request)).await.unwrap_or_else(|_| {
        Problem::fault(Fault::Timeout, format!("not answered within {} seconds", limit.as_secs())).into_response()
    })
}

/// What is answered when a handler panicked. The panic's text stays out of the answer and the log.
pub(super) fn panicked(_: Box<dyn std::any::Any + Send>) -> Response {
    Problem::internal(&"a handler panicked").into_response()
}

/// What is answered where nothing is.
pub(super) async fn no_route() -> Problem {
    Problem::fault(Fault::NoRoute, "there is nothing at this address")
}

/// What is answered to another method than the path takes.
pub(super) async fn no_method() -> Problem {
    Problem::fault(Fault::MethodNotAllowed, "the address does not take this method")
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::http::StatusCode;
    use axum::middleware::from_fn;
    use axum::routing::get;
    use tower::ServiceExt;

    use super::*;

    async fn answer(router: Router) -> (StatusCode, &'static str) {
        let response = router.oneshot(Request::new(axum::body::Body::empty())).await.unwrap();
        let problem = response.extensions().get::<Problem>().map_or("", |problem| problem.code().as_str());
        (response.status(), problem)
    }

    #[tokio::test]
    async fn a_request_that_takes_too_long_is_given_up() {
        let limit = Duration::from_millis(1);
        let router = Router::new().route("/", get(std::future::pending::<()>));
        let router = router.layer(from_fn(move |request, next| in_time(limit, request, next)));
        assert_eq!(answer(router).await, (StatusCode::SERVICE_UNAVAILABLE, "TIMEOUT"));
    }

    #[tokio::test]
    async fn one_request_too_many_is_turned_away() {
        for (places, expected) in
            [(0, (StatusCode::SERVICE_UNAVAILABLE, "SERVICE_UNAVAILABLE")), (1, (StatusCode::OK, ""))]
        {
            let places = Arc::new(Semaphore::new(places));
            let router = Router::new().route("/", get(async || ()));
            let router = router.layer(from_fn(move |request, next| limited(places.clone(), request, next)));
            assert_eq!(answer(router).await, expected);
        }
    }

    #[test]
    fn only_ids_of_a_path_are_shown() {
        let template = "/v1/batches/{id}/entries/{no}/match";
        let id = "01980e2c-7b00-7000-8000-000000000001";
        let path = format!("/v1/batches/{id}/entries/3/match");
        assert_eq!(shown_path(template, &path), path);
        let hidden = "/v1/batches/440402190001010013/entries/9000001/match";
        assert_eq!(shown_path(template, hidden), template);
    }

    #[test]
    fn a_request_id_is_a_uuid() {
        let with = |id: &str| request_id(&HeaderMap::from_iter([(REQUEST_ID, id.parse().unwrap())]));
        let id = "01980e2c-7b00-4000-8000-000000000001";
        assert_eq!(with(id).to_string(), id);
        assert_ne!(with("440402190001010013"), with("440402190001010013"));
    }
}
