//! Routine notices (定期通报): `/v1/batches`.

mod files;
mod views;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use tongcha_domain::access::AccessTarget;
use tongcha_domain::id::{BatchId, PartyId};
use tongcha_domain::notice::{
    AcknowledgeBatch, ApproveBatch, BATCH_ENTRIES_MAX, CorrectEntry, DiscardBatch, DisputeEntry, DisputeReason,
    MatchEntry, NoticeEntry, PrepareBatch, SendBatch, WithdrawEntry,
};
use tongcha_domain::text::Note;
use tongcha_domain::time::Period;
use tongcha_domain::view::Rows;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::http::api::Api;
use crate::http::auth::{Caller, Commander};
use crate::http::extract::{Asked, Id, IdLine, Payload, ReasonQuery};
use crate::http::language::Spoken;
use crate::http::openapi::{CommandProblems, IdPath, KeyHeader, LinePath, ListProblems, ReadProblems, tags::NOTICES};
use crate::http::paging::{Page, PageQuery, Paging};
use crate::http::problem::Answer;
use crate::http::reading::read;
use crate::http::wire::{Discard, Empty, ReceiptBody};
use crate::http::worded::{Worded, worded};
use views::{Batch, BatchSummary};

/// With its status in words.
type WordedBatchSummary = Worded<BatchSummary>;
/// With its status in words.
type WordedBatch = Worded<Batch>;

/// Returns the operations.
pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::default()
        .routes(routes!(list_batches, prepare_batch))
        .routes(routes!(get_batch))
        .routes(routes!(approve_batch))
        .routes(routes!(send_batch))
        .routes(routes!(discard_batch))
        .routes(routes!(acknowledge_batch))
        .routes(routes!(match_entry))
        .routes(routes!(dispute_entry))
        .routes(routes!(correct_entry))
        .routes(routes!(withdraw_entry))
        .merge(files::routes())
}

/// A batch to prepare.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "to": "zhuhai", "period": "2026-07", "unchanged": 27,
    "entries": [{
        "subject": {
            "document": { "kind": "macau_bir", "number": "9000001(0)" },
            "name": { "as_on_document": "CHAN IEONG PUN", "zh_hant": "陳樣本" },
            "birth_date": "1985-06-01",
        },
        "change": "added", "category": "regular subsidy", "as_of": "2026-06-30", "district": "xiangzhou",
        "basis": { "agreement_article": "test agreement, article 4" },
    }],
}))]
struct NewBatch {
    /// The addressee.
    to: PartyId,
    /// The month it covers; at the latest the current one.
    period: Period,
    /// The persons, numbered from 1 in this order. May be empty: an empty batch says that there is nothing to say.
    #[schema(max_items = 500)]
    entries: Vec<NoticeEntry>,
    /// How many more are assisted as before.
    unchanged: u32,
}

const _: () = assert!(BATCH_ENTRIES_MAX == 500, "the schema above says so");

/// Why an entry is disputed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "identity_mismatch", "note": "範 on the card, 范 in our register" }))]
struct Dispute {
    /// The kind of reason.
    reason: DisputeReason,
    /// In words.
    note: Note,
}

/// What an entry says now.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Correction {
    /// The new wording; it names its legal basis.
    replacement: NoticeEntry,
    /// What was wrong.
    note: Note,
}

/// Why an entry is withdrawn.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "note": "named by mistake" }))]
struct Withdrawal {
    /// In words.
    note: Note,
}

/// Lists the batches: no persons, the newest first, by when each was prepared or arrived.
#[utoipa::path(get, path = "/v1/batches", tag = NOTICES, params(PageQuery),
    responses((status = 200, body = Vec<WordedBatchSummary>), ListProblems))]
async fn list_batches(
    State(api): State<Api>,
    _: Caller,
    Spoken(language): Spoken,
    paging: Paging,
) -> Answer<Page<WordedBatchSummary>> {
    let page = api.rows(move |core| views::list(&core.rows(), core.me(), &paging)).await?;
    Ok(worded(page, language))
}

/// Prepares a batch.
///
/// By a caseworker or a district officer. A second person has to approve it.
#[utoipa::path(post, path = "/v1/batches", tag = NOTICES, params(KeyHeader), request_body = NewBatch,
    responses((status = 201, body = ReceiptBody), CommandProblems))]
async fn prepare_batch(
    State(api): State<Api>,
    by: Commander,
    Payload(batch): Payload<NewBatch>,
) -> Answer<(StatusCode, Json<ReceiptBody>)> {
    let NewBatch { to, period, entries, unchanged } = batch;
    let id = api.new_id(&by);
    let command = PrepareBatch { batch: BatchId(id), to, period, entries, unchanged };
    Ok((StatusCode::CREATED, Json(api.command(&by, id, command).await?)))
}

/// Reads a batch with its entries. The access is recorded first.
#[utoipa::path(get, path = "/v1/batches/{id}", tag = NOTICES, params(IdPath, ReasonQuery),
    responses((status = 200, body = WordedBatch), ReadProblems))]
async fn get_batch(
    State(api): State<Api>,
    caller: Caller,
    Id(batch): Id<BatchId>,
    Asked(ReasonQuery { reason }): Asked<ReasonQuery>,
    Spoken(language): Spoken,
) -> Answer<Json<WordedBatch>> {
    let witnesses = api.node.witnesses();
    let find = move |rows: &Rows<'_>, me| views::find(rows, me, batch, &witnesses);
    let full = read(&api, caller, AccessTarget::Batch(batch), reason, find).await?;
    Ok(Json(Worded::new(full, language)))
}

/// Gives up a batch that was not sent; nothing can be done with it afterwards.
///
/// By who prepared it, or by a reviewer. Nobody else is told of it.
#[utoipa::path(post, path = "/v1/batches/{id}/discard", tag = NOTICES, params(IdPath, KeyHeader),
    request_body = Discard, responses((status = 200, body = ReceiptBody), CommandProblems))]
async fn discard_batch(
    State(api): State<Api>,
    by: Commander,
    Id(batch): Id<BatchId>,
    Payload(Discard { reason }): Payload<Discard>,
) -> Answer<Json<ReceiptBody>> {
    api.command(&by, batch.0, DiscardBatch { batch, reason }).await.map(Json)
}

/// Approves a batch as a second person.
///
/// By a reviewer who did not prepare it. Entries without a legal basis are withheld, and those on a consent that is not in
/// force, not about the person, or not for routine notices between the two parties.
#[utoipa::path(post, path = "/v1/batches/{id}/approval", tag = NOTICES, params(IdPath, KeyHeader),
    request_body = Empty, responses((status = 200, body = ReceiptBody), CommandProblems))]
async fn approve_batch(
    State(api): State<Api>,
    by: Commander,
    Id(batch): Id<BatchId>,
    _: Payload<Empty>,
) -> Answer<Json<ReceiptBody>> {
    api.command(&by, batch.0, ApproveBatch { batch }).await.map(Json)
}

/// Sends an approved batch.
///
/// By a liaison officer of the sender.
#[utoipa::path(post, path = "/v1/batches/{id}/sending", tag = NOTICES, params(IdPath, KeyHeader),
    request_body = Empty, responses((status = 200, body = ReceiptBody), CommandProblems))]
async fn send_batch(
    State(api): State<Api>,
    by: Commander,
    Id(batch): Id<BatchId>,
    _: Payload<Empty>,
) -> Answer<Json<ReceiptBody>> {
    api.command(&by, batch.0, SendBatch { batch }).await.map(Json)
}

/// Acknowledges a batch whose entries are all settled.
///
/// By a liaison officer of the addressee.
#[utoipa::path(post, path = "/v1/batches/{id}/acknowledgement", tag = NOTICES, params(IdPath, KeyHeader),
    request_body = Empty, responses((status = 200, body = ReceiptBody), CommandProblems))]
async fn acknowledge_batch(
    State(api): State<Api>,
    by: Commander,
    Id(batch): Id<BatchId>,
    _: Payload<Empty>,
) -> Answer<Json<ReceiptBody>> {
    api.command(&by, batch.0, AcknowledgeBatch { batch }).await.map(Json)
}

/// Matches an entry to a person known here.
///
/// By a caseworker or a district officer of the addressee.
#[utoipa::path(post, path = "/v1/batches/{id}/entries/{no}/match", tag = NOTICES,
    params(IdPath, LinePath, KeyHeader), request_body = Empty,
    responses((status = 200, body = ReceiptBody), CommandProblems))]
async fn match_entry(
    State(api): State<Api>,
    by: Commander,
    IdLine(batch, entry): IdLine<BatchId>,
    _: Payload<Empty>,
) -> Answer<Json<ReceiptBody>> {
    api.command(&by, batch.0, MatchEntry { batch, entry }).await.map(Json)
}

/// Disputes an entry.
///
/// By a caseworker or a district officer of the addressee.
#[utoipa::path(post, path = "/v1/batches/{id}/entries/{no}/dispute", tag = NOTICES,
    params(IdPath, LinePath, KeyHeader), request_body = Dispute,
    responses((status = 200, body = ReceiptBody), CommandProblems))]
async fn dispute_entry(
    State(api): State<Api>,
    by: Commander,
    IdLine(batch, entry): IdLine<BatchId>,
    Payload(Dispute { reason, note }): Payload<Dispute>,
) -> Answer<Json<ReceiptBody>> {
    api.command(&by, batch.0, DisputeEntry { batch, entry, reason, note }).await.map(Json)
}

/// Corrects an entry that was sent.
///
/// By a caseworker or a reviewer of the sender. The entry is open again.
#[utoipa::path(post, path = "/v1/batches/{id}/entries/{no}/correction", tag = NOTICES,
    params(IdPath, LinePath, KeyHeader), request_body = Correction,
    responses((status = 200, body = ReceiptBody), CommandProblems))]
async fn correct_entry(
    State(api): State<Api>,
    by: Commander,
    IdLine(batch, entry): IdLine<BatchId>,
    Payload(Correction { replacement, note }): Payload<Correction>,
) -> Answer<Json<ReceiptBody>> {
    api.command(&by, batch.0, CorrectEntry { batch, entry, replacement, note }).await.map(Json)
}

/// Withdraws an entry that was sent.
///
/// By a caseworker or a reviewer of the sender. It can't be brought back.
#[utoipa::path(post, path = "/v1/batches/{id}/entries/{no}/withdrawal", tag = NOTICES,
    params(IdPath, LinePath, KeyHeader), request_body = Withdrawal,
    responses((status = 200, body = ReceiptBody), CommandProblems))]
async fn withdraw_entry(
    State(api): State<Api>,
    by: Commander,
    IdLine(batch, entry): IdLine<BatchId>,
    Payload(Withdrawal { note }): Payload<Withdrawal>,
) -> Answer<Json<ReceiptBody>> {
    api.command(&by, batch.0, WithdrawEntry { batch, entry, note }).await.map(Json)
}
