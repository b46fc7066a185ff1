//! Verification (协查): `/v1/verifications`.

mod views;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use tongcha_domain::access::AccessTarget;
use tongcha_domain::id::{PartyId, RequestId};
use tongcha_domain::item::Answer as ItemAnswer;
use tongcha_domain::purpose::Purpose;
use tongcha_domain::refusal::RefusalCode;
use tongcha_domain::text::{Note, Short};
use tongcha_domain::time::Date;
use tongcha_domain::verification::{
    AcceptRequest, AnswerItem, DraftRequest, RecordReplyUse, RefuseRequest, RequestQuestion, SendReply, SubmitRequest,
    VerificationRequest,
};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::http::api::Api;
use crate::http::auth::{Caller, Commander};
use crate::http::extract::{Asked, Id, IdLine, Payload, ReasonQuery};
use crate::http::language::Spoken;
use crate::http::openapi::{
    CommandProblems, IdPath, KeyHeader, LinePath, ListProblems, ReadProblems, tags::VERIFICATIONS,
};
use crate::http::problem::Answer;
use crate::http::reading::read;
use crate::http::wire::{Empty, ReceiptBody};
use crate::http::worded::{Worded, worded};
use views::{Verification, VerificationSummary};

/// With its status in words.
type WordedVerificationSummary = Worded<VerificationSummary>;

/// Returns the operations.
pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::default()
        .routes(routes!(list_verifications, draft_request))
        .routes(routes!(get_verification))
        .routes(routes!(submit_request))
        .routes(routes!(accept_request))
        .routes(routes!(refuse_request))
        .routes(routes!(answer_question))
        .routes(routes!(send_reply))
        .routes(routes!(record_use))
}

/// A request to draft, for the officer's own unit.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "holder": "macau", "purpose": "dibao_application", "standard": "ZH-2026-v1", "as_of": "2026-05-31",
    "questions": [{
        "subject": { "kind": "macau_bir", "number": "9000001(0)" },
        "consent": "01980e2c-7b00-7000-8000-000000000001",
        "question": {
            "item": "ast.deposit", "granularity": "threshold",
            "predicate": { "amount_at_most": { "minor": 6000000, "currency": "MOP" } },
        },
    }],
}))]
struct NewVerification {
    /// Who is asked.
    holder: PartyId,
    /// What for.
    purpose: Purpose,
    /// The standard that the thresholds are taken from.
    standard: Short,
    /// The date the answers shall hold for.
    #[schema(value_type = String, format = "date")]
    as_of: Date,
    /// The questions, numbered from 1 in this order; at most 64.
    questions: Vec<RequestQuestion>,
}

/// Why a request is refused.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "code": "CONSENT_REVOKED", "offending": ["question#1"] }))]
struct RequestRefusal {
    /// The rule.
    code: RefusalCode,
    /// The questions that offend, such as `question#2` or `question#2:exp.medical`.
    #[serde(default)]
    offending: Vec<String>,
}

/// An answer to a question.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "answer": {
    "item": "ast.deposit", "predicate": { "amount_at_most": { "minor": 6000000, "currency": "MOP" } },
    "verdict": "MEETS", "as_of": "2026-05-31", "sources_searched": ["bank letters"], "sources_not_searched": [],
} }))]
struct AnswerBody {
    /// To the item and predicate asked, no finer than asked.
    answer: ItemAnswer,
}

/// What a reply was used for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "decision": "continue to the home visit" }))]
struct ReplyUse {
    /// In words; the decision itself stays in the asker's own system.
    decision: Note,
}

/// Lists the requests: no persons, the newest first.
#[utoipa::path(get, path = "/v1/verifications", tag = VERIFICATIONS,
    responses((status = 200, body = Vec<WordedVerificationSummary>), ListProblems))]
async fn list_verifications(
    State(api): State<Api>,
    _: Caller,
    Spoken(language): Spoken,
) -> Answer<Json<Vec<WordedVerificationSummary>>> {
    let list = api.rows(|core| views::list(&core.rows(), core.me())).await?;
    Ok(Json(worded(list, language)))
}

/// Drafts a request. Its scope is checked against the consents.
///
/// By a caseworker. A second person has to submit it.
#[utoipa::path(post, path = "/v1/verifications", tag = VERIFICATIONS, params(KeyHeader),
    request_body = NewVerification, responses((status = 201, body = ReceiptBody), CommandProblems))]
async fn draft_request(
    State(api): State<Api>,
    by: Commander,
    Payload(request): Payload<NewVerification>,
) -> Answer<(StatusCode, Json<ReceiptBody>)> {
    let NewVerification { holder, purpose, standard, as_of, questions } = request;
    let id = api.new_id(&by);
    let (asker, unit) = (api.me(), by.actor.unit.clone());
    let request = VerificationRequest { id: RequestId(id), asker, unit, holder, purpose, standard, as_of, questions };
    Ok((StatusCode::CREATED, Json(api.command(&by, id, DraftRequest { request }).await?)))
}

/// Reads a request with its answers. The access is recorded first.
#[utoipa::path(get, path = "/v1/verifications/{id}", tag = VERIFICATIONS, params(IdPath, ReasonQuery),
    responses((status = 200, body = Verification), ReadProblems))]
async fn get_verification(
    State(api): State<Api>,
    caller: Caller,
    Id(request): Id<RequestId>,
    Asked(ReasonQuery { reason }): Asked<ReasonQuery>,
) -> Answer<Json<Verification>> {
    read(&api, caller, AccessTarget::Request(request), reason, move |rows, me| views::find(rows, me, request))
        .await
        .map(Json)
}

/// Approves a draft as a second person; it goes to the holder.
///
/// By a reviewer of the asker who did not draft it.
#[utoipa::path(post, path = "/v1/verifications/{id}/submission", tag = VERIFICATIONS, params(IdPath, KeyHeader),
    request_body = Empty, responses((status = 200, body = ReceiptBody), CommandProblems))]
async fn submit_request(
    State(api): State<Api>,
    by: Commander,
    Id(request): Id<RequestId>,
    _: Payload<Empty>,
) -> Answer<Json<ReceiptBody>> {
    api.command(&by, request.0, SubmitRequest { request }).await.map(Json)
}

/// Accepts a request. Its scope is checked again, by the holder's rules and clock.
///
/// By a liaison officer or a caseworker of the holder.
#[utoipa::path(post, path = "/v1/verifications/{id}/acceptance", tag = VERIFICATIONS, params(IdPath, KeyHeader),
    request_body = Empty, responses((status = 200, body = ReceiptBody), CommandProblems))]
async fn accept_request(
    State(api): State<Api>,
    by: Commander,
    Id(request): Id<RequestId>,
    _: Payload<Empty>,
) -> Answer<Json<ReceiptBody>> {
    api.command(&by, request.0, AcceptRequest { request }).await.map(Json)
}

/// Refuses a whole request. There is no partial answer.
///
/// By a liaison officer or a reviewer of the holder.
#[utoipa::path(post, path = "/v1/verifications/{id}/refusal", tag = VERIFICATIONS, params(IdPath, KeyHeader),
    request_body = RequestRefusal, responses((status = 200, body = ReceiptBody), CommandProblems))]
async fn refuse_request(
    State(api): State<Api>,
    by: Commander,
    Id(request): Id<RequestId>,
    Payload(RequestRefusal { code, offending }): Payload<RequestRefusal>,
) -> Answer<Json<ReceiptBody>> {
    api.command(&by, request.0, RefuseRequest { request, refusal_code: code, offending }).await.map(Json)
}

/// Answers a question. Nothing leaves until a second person approves.
///
/// By a caseworker of the holder. Until the reply is sent, the last answer counts.
#[utoipa::path(post, path = "/v1/verifications/{id}/answers/{no}", tag = VERIFICATIONS,
    params(IdPath, LinePath, KeyHeader), request_body = AnswerBody,
    responses((status = 200, body = ReceiptBody), CommandProblems))]
async fn answer_question(
    State(api): State<Api>,
    by: Commander,
    IdLine(request, question): IdLine<RequestId>,
    Payload(AnswerBody { answer }): Payload<AnswerBody>,
) -> Answer<Json<ReceiptBody>> {
    api.command(&by, request.0, AnswerItem { request, question, answer }).await.map(Json)
}

/// Approves the answers as a second person and sends them to the asker.
///
/// By a reviewer of the holder who answered none of them.
#[utoipa::path(post, path = "/v1/verifications/{id}/reply", tag = VERIFICATIONS, params(IdPath, KeyHeader),
    request_body = Empty, responses((status = 200, body = ReceiptBody), CommandProblems))]
async fn send_reply(
    State(api): State<Api>,
    by: Commander,
    Id(request): Id<RequestId>,
    _: Payload<Empty>,
) -> Answer<Json<ReceiptBody>> {
    api.command(&by, request.0, SendReply { request }).await.map(Json)
}

/// Records what a reply was used for, so that a later correction finds the decision.
///
/// By a caseworker of the asker.
#[utoipa::path(post, path = "/v1/verifications/{id}/use", tag = VERIFICATIONS, params(IdPath, KeyHeader),
    request_body = ReplyUse, responses((status = 200, body = ReceiptBody), CommandProblems))]
async fn record_use(
    State(api): State<Api>,
    by: Commander,
    Id(request): Id<RequestId>,
    Payload(ReplyUse { decision }): Payload<ReplyUse>,
) -> Answer<Json<ReceiptBody>> {
    api.command(&by, request.0, RecordReplyUse { request, decision }).await.map(Json)
}
