//! Batches as files: prepared from one, read as one. `/v1/batches/imports`, `/v1/batches/{id}/export`.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use tongcha_domain::access::AccessTarget;
use tongcha_domain::command::Decide;
use tongcha_domain::id::{BatchId, PartyId};
use tongcha_domain::notice::PrepareBatch;
use tongcha_domain::text::Short;
use tongcha_domain::time::Period;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::views;
use crate::http::api::Api;
use crate::http::auth::{Caller, Commander};
use crate::http::extract::{Asked, Id, QueryForm, collect};
use crate::http::openapi::{CommandProblems, IdPath, KeyHeader, Octets, ReadProblems, tags::NOTICES};
use crate::http::problem::{Answer, Problem};
use crate::http::reading::read;
use crate::http::register::{XLSX, format_of};
use crate::http::wire::ReceiptBody;
use crate::register::{FileFormat, read_batch, write_batch};

/// Largest file of a batch in bytes: 500 rows of 15 cells, each of at most 200 characters, in a workbook with its
/// styles, are under 2 MiB; the rest is room for remarks and empty rows.
const FILE_MAX: usize = 4 << 20;

/// Returns the operations.
pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::default().routes(routes!(import_batch)).routes(routes!(export_batch))
}

/// What a file of entries does not say.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ImportQuery {
    /// The addressee.
    #[param(example = "zhuhai")]
    to: PartyId,
    /// The month the batch covers; at the latest the current one.
    #[param(example = "2026-07")]
    period: Period,
    /// How many more are assisted as before.
    #[param(example = 27)]
    unchanged: u32,
}

impl QueryForm for ImportQuery {
    const FORM: &'static str = "?to=, &period= as YYYY-MM and &unchanged= as a number are needed, and nothing else";
}

/// The form of an exported batch.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ExportFormat {
    /// CSV in UTF-8.
    Csv,
    /// An Excel workbook.
    Xlsx,
}

/// How and why a batch is exported.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ExportQuery {
    /// What the content is read for, in the officer's words; recorded before it is handed out. No personal data.
    #[param(value_type = String, min_length = 1, max_length = 200, example = "monthly matching")]
    reason: Short,
    /// The form of the file.
    #[param(inline)]
    format: ExportFormat,
}

impl QueryForm for ExportQuery {
    const FORM: &'static str = "?reason= of 1 to 200 characters and &format=csv or xlsx are needed, and nothing else";
}

/// Prepares a batch from a file, CSV or XLSX, up to 4 MiB.
///
/// By a caseworker or a district officer. One row per entry, the columns named in the first row as in an exported batch;
/// none below it is an empty batch. The file is taken as a whole or not at all; what is wrong with it is told by row and
/// column (`rows` of the problem), without the values. A second person has to approve the batch.
#[utoipa::path(post, path = "/v1/batches/imports", tag = NOTICES, params(ImportQuery, KeyHeader),
    request_body(content(
        (Octets = "text/csv"),
        (Octets = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ), description = "One row per entry; the columns are named in the first row."),
    responses((status = 201, body = ReceiptBody), CommandProblems))]
async fn import_batch(
    State(api): State<Api>,
    by: Commander,
    Asked(ImportQuery { to, period, unchanged }): Asked<ImportQuery>,
    request: Request,
) -> Answer<(StatusCode, Json<ReceiptBody>)> {
    let (parts, body) = request.into_parts();
    let format = format_of(&parts.headers)?;
    let id = api.new_id(&by);
    let prepare = |entries| PrepareBatch { batch: BatchId(id), to, period, entries, unchanged };
    if !PrepareBatch::ROLES.contains(&by.actor.role) {
        api.command(&by, id, prepare(Vec::new())).await?; // refused on record, before a file is read
    }
    let bytes = collect(&parts.headers, body, FILE_MAX).await?;
    let read = tokio::task::spawn_blocking(move || read_batch(&bytes, format)).await;
    let entries = read.map_err(|error| Problem::internal(&error))?.map_err(Problem::batch_file)?;
    Ok((StatusCode::CREATED, Json(api.command(&by, id, prepare(entries)).await?)))
}

/// Reads a batch as a file, CSV or XLSX. The access is recorded first.
///
/// By those who may read a batch (CW, DO, RV, LO, HO, DP). Texts that a spreadsheet would take for a formula begin with
/// an apostrophe.
#[utoipa::path(get, path = "/v1/batches/{id}/export", tag = NOTICES, params(IdPath, ExportQuery),
    responses((status = 200, content(
        (Octets = "text/csv"),
        (Octets = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    )), ReadProblems))]
async fn export_batch(
    State(api): State<Api>,
    caller: Caller,
    Id(batch): Id<BatchId>,
    Asked(ExportQuery { reason, format }): Asked<ExportQuery>,
) -> Answer<Response> {
    let target = AccessTarget::Batch(batch);
    let rows = read(&api, caller, target, reason, move |rows, me| views::rows_of(rows, me, batch)).await?;
    let (format, kind, name) = match format {
        ExportFormat::Csv => (FileFormat::Csv, "text/csv; charset=utf-8", "csv"),
        ExportFormat::Xlsx => (FileFormat::Xlsx, XLSX, "xlsx"),
    };
    let bytes = tokio::task::spawn_blocking(move || write_batch(&rows, format)).await;
    let bytes = bytes.map_err(|error| Problem::internal(&error))?;
    let attachment = format!("attachment; filename=\"batch-{batch}.{name}\"");
    Ok(([(CONTENT_TYPE, kind.to_owned()), (CONTENT_DISPOSITION, attachment)], bytes).into_response())
}
