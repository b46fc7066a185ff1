//! Verification (协查): `/v1/verifications`.

mod views;

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use tongcha_domain::access::AccessTarget;
use tongcha_domain::id::{LineNo, OfficerId, PartyId, RequestId};
use tongcha_domain::item::Answer as ItemAnswer;
use tongcha_domain::purpose::Purpose;
use tongcha_domain::refusal::RefusalCode;
use tongcha_domain::text::{Note, Short};
use tongcha_domain::time::Date;
use tongcha_domain::verification::{
    AcceptRequest, AcknowledgeCorrection, AnswerClarification, AnswerItem, AssignItem, CloseRequest, CorrectReply,
    DiscardDraft, DraftRequest, RecordReplyUse, RefuseRequest, RequestClarification, RequestQuestion, SendReply,
    SubmitRequest, VerificationRequest, WithdrawRequest,
};
use tongcha_domain::view::Rows;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::clock::wall_clock;
use crate::http::api::Api;
use crate::http::auth::{Caller, Commander};
use crate::http::extract::{Asked, Id, IdLine, Payload, QueryForm};
use crate::http::language::Spoken;
use crate::http::openapi::{
    CommandProblems, IdPath, KeyHeader, LinePath, ListProblems, ReadProblems, tags::VERIFICATIONS,
};
use crate::http::paging::{Page, PageQuery, Paging};
use crate::http::problem::Answer;
use crate::http::reading::read;
use crate::http::wire::{Discard, Empty, ReceiptBody};
use crate::http::worded::{Worded, worded};
use views::{Verification, VerificationSummary};

/// With its status in words.
type WordedVerificationSummary = Worded<VerificationSummary>;
/// With its status in words.
type WordedVerification = Worded<Verification>;

/// Returns the operations.
pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::default()
        .routes(routes!(list_verifications, draft_request))
        .routes(routes!(get_verification))
        .routes(routes!(submit_request))
        .routes(routes!(discard_draft))
        .routes(routes!(accept_request))
        .routes(routes!(refuse_request))
        .routes(routes!(answer_question))
        .routes(routes!(send_reply))
        .routes(routes!(record_use))
        .routes(routes!(assign_question))
        .routes(routes!(request_clarification))
        .routes(routes!(answer_clarification))
        .routes(routes!(correct_reply))
        .routes(routes!(acknowledge_correction))
        .routes(routes!(withdraw_request))
        .routes(routes!(close_request))
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
    /// The refused request that this one takes up again: one that its holder refused, or the `about` of the problem that
    /// turned a draft away.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = "uuid")]
    follows: Option<RequestId>,
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

/// Who shall answer a question.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "officer": "mo.cw1.test" }))]
struct Assignment {
    /// An officer of the holder.
    officer: OfficerId,
}

/// What the holder needs to know.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "text": "Which of the two addresses?", "questions": [1] }))]
struct NewClarification {
    /// The question back.
    text: Note,
    /// The questions it is about; at least one.
    #[schema(value_type = Vec<u16>)]
    questions: BTreeSet<LineNo>,
}

/// What the asker says to it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "answer": "The one on the letter." }))]
struct ClarificationAnswer {
    /// In words.
    answer: Note,
}

/// Why an answer is corrected.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "a second entry was found" }))]
struct Correction {
    /// In words.
    reason: Note,
}

/// Which answers are sent.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "partial": true }))]
struct Reply {
    /// Whether the reply may go while other questions are open; they keep their own clock.
    #[serde(default)]
    partial: bool,
}

/// What a request is read for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ReadingQuery {
    /// What the content is read for, in the officer's words; recorded before it is handed out. No personal data.
    #[param(value_type = String, min_length = 1, max_length = 200, example = "decide the application")]
    reason: Short,
    /// Whether to show also answers that were recalled; the reason is then why they have to be seen.
    #[serde(default)]
    show_recalled: bool,
}

impl QueryForm for ReadingQuery {
    const FORM: &'static str = "?reason= is needed, 1 to 200 characters; &show_recalled=true may follow; nothing else";
}

/// Lists the requests: no persons, the newest first. What concerns a minor is listed for officers cleared for that only.
#[utoipa::path(get, path = "/v1/verifications", tag = VERIFICATIONS, params(PageQuery),
    responses((status = 200, body = Vec<WordedVerificationSummary>), ListProblems))]
async fn list_verifications(
    State(api): State<Api>,
    Caller(actor): Caller,
    Spoken(language): Spoken,
    paging: Paging,
) -> Answer<Page<WordedVerificationSummary>> {
    let now = wall_clock();
    let page = api.rows(move |core| views::list(&core.rows(), core.me(), &actor, now, &paging)).await?;
    Ok(worded(page, language))
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
    let NewVerification { holder, purpose, standard, as_of, questions, follows } = request;
    let id = api.new_id(&by);
    let (asker, unit) = (api.me(), by.actor.unit.clone());
    let id_of_request = RequestId(id);
    let request =
        VerificationRequest { id: id_of_request, asker, unit, holder, purpose, standard, as_of, questions, follows };
    Ok((StatusCode::CREATED, Json(api.command(&by, id, DraftRequest { request }).await?)))
}

/// Reads a request with its answers. The access is recorded first.
///
/// At the holder a caseworker sees the questions assigned to them; liaison officers, reviewers and data-protection
/// officers see the whole. An answer that was recalled is shown only when it is asked for.
#[utoipa::path(get, path = "/v1/verifications/{id}", tag = VERIFICATIONS, params(IdPath, ReadingQuery),
    responses((status = 200, body = WordedVerification), ReadProblems))]
async fn get_verification(
    State(api): State<Api>,
    caller: Caller,
    Id(request): Id<RequestId>,
    Asked(ReadingQuery { reason, show_recalled }): Asked<ReadingQuery>,
    Spoken(language): Spoken,
) -> Answer<Json<WordedVerification>> {
    let (actor, witnesses) = (caller.0.clone(), api.node.witnesses());
    let find = move |rows: &Rows<'_>, me| views::find(rows, me, &actor, request, show_recalled, &witnesses);
    let full = read(&api, caller, AccessTarget::Request(request), reason, find).await?;
    Ok(Json(Worded::new(full, language)))
}

/// Gives up a request that was not submitted; nothing can be done with it afterwards.
///
/// By who drafted it, or by a reviewer. The holder was never told of it.
#[utoipa::path(post, path = "/v1/verifications/{id}/discard", tag = VERIFICATIONS, params(IdPath, KeyHeader),
    request_body = Discard, responses((status = 200, body = ReceiptBody), CommandProblems))]
async fn discard_draft(
    State(api): State<Api>,
    by: Commander,
    Id(request): Id<RequestId>,
    Payload(Discard { reason }): Payload<Discard>,
) -> Answer<Json<ReceiptBody>> {
    api.command(&by, request.0, DiscardDraft { request, reason }).await.map(Json)
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

/// Approves the answers that wait as a second person and sends them to the asker, all or in part.
///
/// By a reviewer of the holder who gave none of them.
#[utoipa::path(post, path = "/v1/verifications/{id}/reply", tag = VERIFICATIONS, params(IdPath, KeyHeader),
    request_body = Reply, responses((status = 200, body = ReceiptBody), CommandProblems))]
async fn send_reply(
    State(api): State<Api>,
    by: Commander,
    Id(request): Id<RequestId>,
    Payload(Reply { partial }): Payload<Reply>,
) -> Answer<Json<ReceiptBody>> {
    api.command(&by, request.0, SendReply { request, partial }).await.map(Json)
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

/// Assigns a question to an officer, who then alone sees and answers it.
///
/// By a liaison officer or a reviewer of the holder; anew as long as no answer waits.
#[utoipa::path(post, path = "/v1/verifications/{id}/assignments/{no}", tag = VERIFICATIONS,
    params(IdPath, LinePath, KeyHeader), request_body = Assignment, responses((status = 200, body = ReceiptBody), CommandProblems))]
async fn assign_question(
    State(api): State<Api>,
    by: Commander,
    IdLine(request, question): IdLine<RequestId>,
    Payload(Assignment { officer }): Payload<Assignment>,
) -> Answer<Json<ReceiptBody>> {
    api.command(&by, request.0, AssignItem { request, question, officer }).await.map(Json)
}

/// Asks back; the clocks of the questions it is about stand.
///
/// By a caseworker, reviewer or liaison officer of the holder.
#[utoipa::path(post, path = "/v1/verifications/{id}/clarifications", tag = VERIFICATIONS,
    params(IdPath, KeyHeader), request_body = NewClarification, responses((status = 200, body = ReceiptBody), CommandProblems))]
async fn request_clarification(
    State(api): State<Api>,
    by: Commander,
    Id(request): Id<RequestId>,
    Payload(NewClarification { text, questions }): Payload<NewClarification>,
) -> Answer<Json<ReceiptBody>> {
    api.command(&by, request.0, RequestClarification { request, text, questions }).await.map(Json)
}

/// Answers what the holder asked back; the clocks go on.
///
/// By a caseworker or liaison officer of the asker, in time: then the request is withdrawn by itself.
#[utoipa::path(post, path = "/v1/verifications/{id}/clarifications/{no}/answer", tag = VERIFICATIONS,
    params(IdPath, LinePath, KeyHeader), request_body = ClarificationAnswer, responses((status = 200, body = ReceiptBody), CommandProblems))]
async fn answer_clarification(
    State(api): State<Api>,
    by: Commander,
    IdLine(request, clarification): IdLine<RequestId>,
    Payload(ClarificationAnswer { answer }): Payload<ClarificationAnswer>,
) -> Answer<Json<ReceiptBody>> {
    api.command(&by, request.0, AnswerClarification { request, clarification, answer }).await.map(Json)
}

/// Sends an answer given anew as a correction; it reaches the asker and the decision it fed.
///
/// By a reviewer of the holder who did not give it; a caseworker answers the question anew first.
#[utoipa::path(post, path = "/v1/verifications/{id}/answers/{no}/correction", tag = VERIFICATIONS,
    params(IdPath, LinePath, KeyHeader), request_body = Correction, responses((status = 200, body = ReceiptBody), CommandProblems))]
async fn correct_reply(
    State(api): State<Api>,
    by: Commander,
    IdLine(request, question): IdLine<RequestId>,
    Payload(Correction { reason }): Payload<Correction>,
) -> Answer<Json<ReceiptBody>> {
    api.command(&by, request.0, CorrectReply { request, question, reason }).await.map(Json)
}

/// Takes note of the corrections of an answer.
///
/// By a caseworker, reviewer or liaison officer of the asker.
#[utoipa::path(post, path = "/v1/verifications/{id}/answers/{no}/correction-acknowledgement", tag = VERIFICATIONS,
    params(IdPath, LinePath, KeyHeader), request_body = Empty, responses((status = 200, body = ReceiptBody), CommandProblems))]
async fn acknowledge_correction(
    State(api): State<Api>,
    by: Commander,
    IdLine(request, question): IdLine<RequestId>,
    _: Payload<Empty>,
) -> Answer<Json<ReceiptBody>> {
    api.command(&by, request.0, AcknowledgeCorrection { request, question }).await.map(Json)
}

/// Withdraws a request; the holder answers nothing more on it.
///
/// By a caseworker or liaison officer of the asker.
#[utoipa::path(post, path = "/v1/verifications/{id}/withdrawal", tag = VERIFICATIONS,
    params(IdPath, KeyHeader), request_body = Empty, responses((status = 200, body = ReceiptBody), CommandProblems))]
async fn withdraw_request(
    State(api): State<Api>,
    by: Commander,
    Id(request): Id<RequestId>,
    _: Payload<Empty>,
) -> Answer<Json<ReceiptBody>> {
    api.command(&by, request.0, WithdrawRequest { request }).await.map(Json)
}

/// Closes a request that was used, or of which nothing is open.
///
/// By a caseworker, reviewer or liaison officer of the asker.
#[utoipa::path(post, path = "/v1/verifications/{id}/closure", tag = VERIFICATIONS,
    params(IdPath, KeyHeader), request_body = Empty, responses((status = 200, body = ReceiptBody), CommandProblems))]
async fn close_request(
    State(api): State<Api>,
    by: Commander,
    Id(request): Id<RequestId>,
    _: Payload<Empty>,
) -> Answer<Json<ReceiptBody>> {
    api.command(&by, request.0, CloseRequest { request }).await.map(Json)
}
