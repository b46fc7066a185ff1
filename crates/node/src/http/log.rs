//! The own log as a C2SP transparency log: `/log/` (tlog-tiles, tlog-checkpoint), and receipts of single entries.
//!
//! In scope: read-only, what the published checkpoint covers. Headers and signatures only: no personal data, so there is
//! no token; a proxy may still say from where `/log/` can be reached. Out of scope: bodies, which officers of the audit
//! take away sealed (`/v1/audit`).

use axum::extract::{Path, State};
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tongcha_domain::refusal::RefusalCode;
use tongcha_ledger::tile::TilePath;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::http::api::Api;
use crate::http::auth::Caller;
use crate::http::extract::Seq;
use crate::http::openapi::{AuditProblems, LogProblems, SeqPath, tags::LOG};
use crate::http::problem::Answer;
use crate::node::NodeError;

/// A tile never changes: whoever has it need not ask again.
const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

/// Returns the operations that need no token.
pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::default()
        .routes(routes!(get_checkpoint))
        .route("/log/tile/{*tile}", get(get_tile))
        .routes(routes!(get_vkey))
        .routes(routes!(get_cosigners))
}

/// Returns the operation for officers.
pub(super) fn receipt_routes() -> OpenApiRouter<Api> {
    OpenApiRouter::default().routes(routes!(get_receipt))
}

fn text(body: String) -> Response {
    ([(CONTENT_TYPE, TEXT)], body).into_response()
}

/// Returns the newest checkpoint of the log, with the cosignatures of the parties that have witnessed it.
///
/// Beside it, as C2SP tlog-tiles says: `/log/tile/<level>/<index>[.p/<width>]` has the hashes and
/// `/log/tile/entries/<index>[.p/<width>]` the entries that the checkpoint covers.
#[utoipa::path(get, path = "/log/checkpoint", tag = LOG, security(()),
    responses((status = 200, body = String, content_type = "text/plain"), LogProblems))]
async fn get_checkpoint(State(api): State<Api>) -> Answer<Response> {
    let note = api.node.with(|core| core.published().map(|checkpoint| checkpoint.note().to_string())).await?;
    Ok(text(note.ok_or(RefusalCode::NotFound)?))
}

/// Returns a tile: `<level>/<index>[.p/<width>]`, or `entries/<index>[.p/<width>]`. Not in the OpenAPI document, which has
/// no paths of several elements.
async fn get_tile(State(api): State<Api>, Path(tile): Path<String>) -> Answer<Response> {
    let path: TilePath = format!("tile/{tile}").parse().map_err(|_| RefusalCode::NotFound)?;
    let tile = api.node.with(move |core| core.tile(&path).map_err(|e| NodeError::from(&e))).await??;
    let tile = tile.ok_or(RefusalCode::NotFound)?;
    let octets = HeaderValue::from_static("application/octet-stream");
    Ok(([(CONTENT_TYPE, octets), (CACHE_CONTROL, FOREVER)], tile).into_response())
}

/// Returns the verifier key of the key that signed the newest checkpoint. Keys change in time: what the log itself says of
/// them is in its entries of the kinds key-added, key-retired and key-compromised.
#[utoipa::path(get, path = "/log/vkey", tag = LOG, security(()),
    responses((status = 200, body = String, content_type = "text/plain"), LogProblems))]
async fn get_vkey(State(api): State<Api>) -> Answer<Response> {
    let key = api.node.with(|core| core.published_key().map(|key| key.to_string())).await?;
    Ok(text(format!("{}\n", key.ok_or(RefusalCode::NotFound)?)))
}

/// Returns the verifier keys of the log's witnesses, one a line.
#[utoipa::path(get, path = "/log/cosigners", tag = LOG, security(()),
    responses((status = 200, body = String, content_type = "text/plain"), LogProblems))]
async fn get_cosigners(State(api): State<Api>) -> Answer<Response> {
    let keys =
        api.node.with(|core| core.witness_keys().iter().map(|key| format!("{}\n", key.verifier())).collect::<String>());
    Ok(text(keys.await?))
}

/// Returns the receipt of an entry of the own log: entry, inclusion proof and witnessed checkpoint in one text, in the
/// form C2SP tlog-proof. It is verified offline with `tongcha-audit check-receipt`.
///
/// For any officer, to be handed out. Some seconds after the entry; before that nothing is found.
#[utoipa::path(get, path = "/v1/receipts/{seq}", tag = LOG, params(SeqPath),
    responses((status = 200, body = String, content_type = "text/plain"), AuditProblems))]
async fn get_receipt(State(api): State<Api>, _: Caller, Seq(seq): Seq) -> Answer<Response> {
    let receipt = api.node.with(move |core| core.receipt(seq).map_err(|e| NodeError::from(&e))).await??;
    Ok(text(receipt.ok_or(RefusalCode::NotFound)?.to_string()))
}
