//! The HTTP API of a party's officers and tools.
//!
//! In scope: who asks, reading requests strictly, handing commands to the core, showing rows, problems, the OpenAPI
//! document. Out of scope: what may be done (`tongcha-domain` decides), and asking other parties ([`AskLookups`]).
//!
//! Every request goes the same way: authenticate → parse → [`NodeHandle::submit`] → receipt. Content with personal data
//! goes another: authenticate → parse → the access is an event on disk → read. Nothing of a request's content gets
//! into a log, a metric or an error.

mod api;
mod audit;
mod auth;
mod authority;
mod batches;
mod closures;
mod consents;
mod erasures;
mod extract;
mod fault;
mod health;
mod idempotency;
mod json_error;
mod language;
mod layers;
mod log;
mod lookups;
mod mandates;
mod match_runs;
mod openapi;
mod paging;
mod problem;
mod reading;
mod receipts;
mod register;
mod routine;
mod standards;
mod status;
mod subject_report;
mod suppressions;
mod urgent;
mod verifications;
mod who_looked;
mod wire;
mod worded;

mod conferences;
mod meetings;
mod tasks;
mod work;

use std::future::Future;
use std::sync::Arc;

use axum::middleware::{from_fn, from_fn_with_state};
use axum::serve::ListenerExt;
use futures::future::BoxFuture;
use serde::Serialize;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tongcha_domain::id::{CommandKey, LookupId, MatchRunId, PartyId};
use tongcha_domain::identity::Document;
use tongcha_domain::item::{Answer, Question};
use tongcha_domain::officer::Actor;
use tongcha_domain::purpose::Purpose;
use tongcha_domain::refusal::Refusal;
use tongcha_ledger::key::PartyCard;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa_axum::router::OpenApiRouter;

use crate::core::Receipt;
use crate::node::{NodeError, NodeHandle};
use crate::officers::Officers;
use api::Api;

/// A live question to another party.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookupQuestion {
    /// The party asked.
    pub holder: PartyId,
    /// The consent's token as printed; none when the officer has none.
    pub token: Option<String>,
    /// Whom it is about.
    pub subject: Document,
    /// What is asked.
    pub questions: Vec<Question>,
    /// What for.
    pub purpose: Purpose,
}

/// What came back for a lookup; the entry that closes it is durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookupResult {
    /// The lookup.
    pub lookup: LookupId,
    /// Position of the holder's permission in the holder's log.
    pub holder_seq: u64,
    /// The own entry that closes the lookup.
    pub receipt: Receipt,
    /// The answers, in the order of the questions.
    pub answers: Vec<Answer>,
}

/// Asks other parties.
pub trait AskLookups: Send + Sync {
    /// Asks a lookup and waits for what comes of it. A repeated key is answered with its first result; its lookup must
    /// have the same id then.
    fn ask(
        &self,
        actor: Actor,
        key: Option<CommandKey>,
        lookup: LookupId,
        question: LookupQuestion,
    ) -> BoxFuture<'_, Result<Result<LookupResult, Refusal>, NodeError>>;
}

/// Runs matching runs with other parties.
pub trait RunMatches: Send + Sync {
    /// Executes an authorised run and waits until it is complete; the receipt is the entry that says so.
    fn execute(&self, actor: Actor, run: MatchRunId) -> BoxFuture<'_, Result<Result<Receipt, Refusal>, NodeError>>;
}

/// One thing the service needs for its work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Check {
    /// What was checked, such as `journal` or `peer:macau`.
    #[schema(example = "journal")]
    pub name: String,
    /// Whether it is as it should be.
    pub ok: bool,
    /// What is known of it; no personal data.
    pub detail: String,
}

/// Tells whether the service can do its work.
pub trait Readiness: Send + Sync {
    /// Checks everything the service needs.
    fn checks(&self) -> BoxFuture<'_, Vec<Check>>;
}

/// What the API is made of.
#[derive(Clone)]
pub struct ApiState {
    /// The way to the core.
    pub node: NodeHandle,
    /// Who may call.
    pub officers: Arc<Officers>,
    /// Asks other parties.
    pub lookups: Arc<dyn AskLookups>,
    /// Runs matching runs.
    pub matches: Arc<dyn RunMatches>,
    /// Tells whether the service can do its work.
    pub readiness: Arc<dyn Readiness>,
    /// The cards of all parties.
    pub cards: Arc<Vec<PartyCard>>,
}

/// All operations with their documents, and the limits of each kind.
fn documented() -> OpenApiRouter<Api> {
    let in_time = |limit| from_fn(move |request, next| layers::in_time(limit, request, next));
    let quick = OpenApiRouter::default()
        .merge(batches::routes())
        .merge(urgent::routes())
        .merge(consents::routes())
        .merge(verifications::routes())
        .merge(lookups::routes())
        .merge(register::routes())
        .merge(audit::routes())
        .merge(status::routes())
        .merge(log::receipt_routes())
        .merge(authority::routes())
        .merge(receipts::routes())
        .merge(mandates::routes())
        .merge(who_looked::routes())
        .merge(match_runs::routes())
        .merge(meetings::routes())
        .merge(tasks::routes())
        .merge(conferences::routes())
        .merge(work::routes())
        .merge(routine::routes())
        .merge(closures::routes())
        .merge(standards::routes())
        .merge(suppressions::routes())
        .merge(subject_report::routes())
        .merge(erasures::routes())
        .layer(in_time(layers::TIMEOUT));
    let slow = register::import_routes().merge(match_runs::execution_routes()).layer(in_time(layers::IMPORT_TIMEOUT));
    let places = Arc::new(Semaphore::new(layers::CONCURRENCY_MAX));
    let limited = from_fn(move |request, next| layers::limited(places.clone(), request, next));
    let open = health::routes().merge(log::routes()).layer(in_time(layers::TIMEOUT));
    OpenApiRouter::with_openapi(openapi::base()).merge(quick).merge(slow).layer(limited).merge(open)
}

/// Returns the OpenAPI document.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    openapi::finish(documented().into_openapi())
}

/// Returns the API as a service.
pub fn router(state: ApiState) -> axum::Router {
    let (routes, document) = documented().split_for_parts();
    let document = openapi::finish(document).to_pretty_json().unwrap_or_default(); // not reached: the document is plain data
    let api = Api::new(state, document.into());
    routes
        .fallback(layers::no_route)
        .method_not_allowed_fallback(layers::no_method)
        .layer(CatchPanicLayer::custom(layers::panicked))
        .layer(from_fn_with_state(api.clone(), layers::around))
        .with_state(api)
}

/// Serves the API until `shutdown` ends; requests that are being answered are finished.
///
/// # Errors
/// When the listener fails.
pub async fn serve(
    listener: TcpListener,
    state: ApiState,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    // Answers are small and written at once: waiting to fill a packet would only delay them.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection keeps its delay");
        }
    });
    axum::serve(listener, router(state)).with_graceful_shutdown(shutdown).await
}
