//! Double-benefit matching: `/v1/match-runs`.

mod views;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use tongcha_domain::access::AccessTarget;
use tongcha_domain::id::{CandidateId, MatchRunId, PartyId};
use tongcha_domain::overlap::{
    AssessOverlap, Assessment, AuthoriseMatchRun, ConfirmOverlap, DismissOverlap, DismissalReason, InviteHearing,
    MatchBasis, MatchMethod, NotifyOwnDecision, ProposeMatchRun, RecordStatement, TakeMatchReview,
};
use tongcha_domain::text::{Note, Short};
use tongcha_domain::time::{Date, Period};
use tongcha_domain::view::Rows;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::http::api::Api;
use crate::http::auth::{Caller, Commander};
use crate::http::extract::{Asked, Id, IdLine, Payload, ReasonQuery};
use crate::http::openapi::{
    CommandProblems, IdPath, KeyHeader, LinePath, ListProblems, LookupProblems, ReadProblems, tags::MATCHING,
};
use crate::http::paging::{Page, PageQuery, Paging};
use crate::http::problem::Answer;
use crate::http::reading::read;
use crate::http::wire::{Empty, ReceiptBody};
use views::{MatchRun, MatchRunSummary};

/// Returns the operations.
pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::default()
        .routes(routes!(list_match_runs, propose_match_run))
        .routes(routes!(get_match_run))
        .routes(routes!(authorise_match_run))
        .routes(routes!(take_review))
        .routes(routes!(confirm_overlap))
        .routes(routes!(dismiss_overlap))
        .routes(routes!(assess_overlap))
        .routes(routes!(invite_hearing))
        .routes(routes!(record_statement))
        .routes(routes!(notify_decision))
}

/// Returns the operation that waits for another party's service, for seconds.
pub(super) fn execution_routes() -> OpenApiRouter<Api> {
    OpenApiRouter::default().routes(routes!(execute_match_run))
}

/// A run to propose.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "with": "macau", "purpose": "benefit integrity, clause 9",
    "basis": {
        "agreement_clause": "clause 9", "interconnection_authorisation": "MO-0000-TEST",
        "mainland_assessment": "CN-0000-TEST",
    },
    "period": "2026-06", "method": "voprf-ristretto255-1", "elements_max": 5000,
}))]
struct NewMatchRun {
    /// The other party.
    with: PartyId,
    /// What for, as the agreement's clause says it.
    purpose: Short,
    /// What it rests on; all three are needed.
    basis: MatchBasis,
    /// The month compared, not a future one.
    period: Period,
    /// How.
    method: MatchMethod,
    /// Most elements (document keys) of either set, 1 to 20,000.
    elements_max: u32,
}

/// Why this reviewer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "in charge of re-checks this month" }))]
struct MatchReview {
    /// In words.
    reason: Note,
}

/// Why an overlap is none.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "wrong_document", "note": "a digit of the permit was typed wrongly here" }))]
struct Dismissal {
    /// The class.
    reason: DismissalReason,
    /// In words.
    note: Note,
}

/// Whether the rules forbid both benefits.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "assessment": "to_clarify", "note": "both are means-tested" }))]
struct AssessmentBody {
    /// What the rules say.
    assessment: Assessment,
    /// Which rule.
    note: Note,
}

/// An invitation.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "on": "2099-12-31", "note": "reception; told what was compared and that it can be contested",
}))]
struct Invitation {
    /// The day, today or later.
    #[schema(value_type = String, format = Date)]
    on: Date,
    /// Where, and what the person was told.
    note: Note,
}

/// What the person said.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "statement": "moved in May; the other side was told" }))]
struct Statement {
    /// In words.
    statement: Note,
}

/// A decision that was notified.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "decision": "nothing changes; can be contested within the time of the law" }))]
struct Decision {
    /// The decision, and how it can be contested.
    decision: Note,
}

/// Lists the runs of this party: sizes and counts, no person, the newest first.
#[utoipa::path(get, path = "/v1/match-runs", tag = MATCHING, params(PageQuery),
    responses((status = 200, body = Vec<MatchRunSummary>), ListProblems))]
async fn list_match_runs(State(api): State<Api>, _: Caller, paging: Paging) -> Answer<Page<MatchRunSummary>> {
    api.rows(move |core| views::list(&core.rows(), core.me(), &paging)).await
}

/// Proposes a run to another party.
///
/// By a liaison officer or a data-protection officer. Nothing leaves before the data-protection officers of both sides
/// authorise it.
#[utoipa::path(post, path = "/v1/match-runs", tag = MATCHING, params(KeyHeader), request_body = NewMatchRun,
    responses((status = 201, body = ReceiptBody), CommandProblems))]
async fn propose_match_run(
    State(api): State<Api>,
    by: Commander,
    Payload(new): Payload<NewMatchRun>,
) -> Answer<(StatusCode, Json<ReceiptBody>)> {
    let NewMatchRun { with, purpose, basis, period, method, elements_max } = new;
    let id = api.new_id(&by);
    let command = ProposeMatchRun { run: MatchRunId(id), with, purpose, basis, period, method, elements_max };
    Ok((StatusCode::CREATED, Json(api.command(&by, id, command).await?)))
}

/// Reads a run with the candidates that the caller may see. The access is recorded first.
///
/// The run's reviewer sees every candidate of the own side; caseworkers and districts see the confirmed ones; others
/// see none.
#[utoipa::path(get, path = "/v1/match-runs/{id}", tag = MATCHING, params(IdPath, ReasonQuery),
    responses((status = 200, body = MatchRun), ReadProblems))]
async fn get_match_run(
    State(api): State<Api>,
    caller: Caller,
    Id(run): Id<MatchRunId>,
    Asked(ReasonQuery { reason }): Asked<ReasonQuery>,
) -> Answer<Json<MatchRun>> {
    let (actor, witnesses) = (caller.0.clone(), api.node.witnesses());
    let find = move |rows: &Rows<'_>, me| views::find(rows, me, run, &actor, &witnesses);
    read(&api, caller, AccessTarget::MatchRun(run), reason, find).await.map(Json)
}

/// Authorises a run for the own side.
///
/// By a data-protection officer of either party who did not propose it. Both sides must.
#[utoipa::path(post, path = "/v1/match-runs/{id}/authorisation", tag = MATCHING, params(IdPath, KeyHeader),
    request_body = Empty, responses((status = 200, body = ReceiptBody), CommandProblems))]
async fn authorise_match_run(
    State(api): State<Api>,
    by: Commander,
    Id(run): Id<MatchRunId>,
    _: Payload<Empty>,
) -> Answer<Json<ReceiptBody>> {
    api.command(&by, run.0, AuthoriseMatchRun { run }).await.map(Json)
}

/// Executes an authorised run and waits until it is complete on both sides.
///
/// By a liaison officer or a data-protection officer of either party. A run is executed once: repeated, this is refused
/// with WRONG_STATE, and reading the run tells how it ended. With HOLDER_UNREACHABLE nothing has begun.
#[utoipa::path(post, path = "/v1/match-runs/{id}/execution", tag = MATCHING, params(IdPath), request_body = Empty,
    responses((status = 200, body = ReceiptBody), LookupProblems))]
async fn execute_match_run(
    State(api): State<Api>,
    by: Commander,
    Id(run): Id<MatchRunId>,
    _: Payload<Empty>,
) -> Answer<Json<ReceiptBody>> {
    let receipt = api.matches.execute(by.actor, run).await??;
    Ok(Json(ReceiptBody::new(run.0, &api.node, &receipt)))
}

/// Takes the candidates of a complete run, as the one reviewer of this side.
///
/// By a reviewer; from another reviewer it is taken over, with the reason on record.
#[utoipa::path(post, path = "/v1/match-runs/{id}/review", tag = MATCHING, params(IdPath, KeyHeader),
    request_body = MatchReview, responses((status = 200, body = ReceiptBody), CommandProblems))]
async fn take_review(
    State(api): State<Api>,
    by: Commander,
    Id(run): Id<MatchRunId>,
    Payload(MatchReview { reason }): Payload<MatchReview>,
) -> Answer<Json<ReceiptBody>> {
    api.command(&by, run.0, TakeMatchReview { run, reason }).await.map(Json)
}

/// Confirms that a candidate is the same person.
///
/// By the run's reviewer. Caseworkers of this side see it from then on.
#[utoipa::path(post, path = "/v1/match-runs/{id}/candidates/{no}/confirmation", tag = MATCHING,
    params(IdPath, LinePath, KeyHeader), request_body = Empty,
    responses((status = 200, body = ReceiptBody), CommandProblems))]
async fn confirm_overlap(
    State(api): State<Api>,
    by: Commander,
    IdLine(run, no): IdLine<MatchRunId>,
    _: Payload<Empty>,
) -> Answer<Json<ReceiptBody>> {
    api.command(&by, run.0, ConfirmOverlap { candidate: CandidateId { run, no } }).await.map(Json)
}

/// Dismisses a candidate; its data is sealed 30 days later.
///
/// By the run's reviewer.
#[utoipa::path(post, path = "/v1/match-runs/{id}/candidates/{no}/dismissal", tag = MATCHING,
    params(IdPath, LinePath, KeyHeader), request_body = Dismissal,
    responses((status = 200, body = ReceiptBody), CommandProblems))]
async fn dismiss_overlap(
    State(api): State<Api>,
    by: Commander,
    IdLine(run, no): IdLine<MatchRunId>,
    Payload(Dismissal { reason, note }): Payload<Dismissal>,
) -> Answer<Json<ReceiptBody>> {
    api.command(&by, run.0, DismissOverlap { candidate: CandidateId { run, no }, reason, note }).await.map(Json)
}

/// Says whether the rules forbid both benefits.
///
/// By the run's reviewer, of a confirmed candidate. `lawful` ends it; `to_clarify` leads to a hearing.
#[utoipa::path(post, path = "/v1/match-runs/{id}/candidates/{no}/assessment", tag = MATCHING,
    params(IdPath, LinePath, KeyHeader), request_body = AssessmentBody,
    responses((status = 200, body = ReceiptBody), CommandProblems))]
async fn assess_overlap(
    State(api): State<Api>,
    by: Commander,
    IdLine(run, no): IdLine<MatchRunId>,
    Payload(AssessmentBody { assessment, note }): Payload<AssessmentBody>,
) -> Answer<Json<ReceiptBody>> {
    api.command(&by, run.0, AssessOverlap { candidate: CandidateId { run, no }, assessment, note }).await.map(Json)
}

/// Invites the person to be heard.
///
/// By a caseworker or a reviewer, of a candidate to clarify.
#[utoipa::path(post, path = "/v1/match-runs/{id}/candidates/{no}/invitation", tag = MATCHING,
    params(IdPath, LinePath, KeyHeader), request_body = Invitation,
    responses((status = 200, body = ReceiptBody), CommandProblems))]
async fn invite_hearing(
    State(api): State<Api>,
    by: Commander,
    IdLine(run, no): IdLine<MatchRunId>,
    Payload(Invitation { on, note }): Payload<Invitation>,
) -> Answer<Json<ReceiptBody>> {
    api.command(&by, run.0, InviteHearing { candidate: CandidateId { run, no }, on, note }).await.map(Json)
}

/// Records what the person said.
///
/// By a caseworker or a reviewer, after the invitation. That the person did not come is no statement.
#[utoipa::path(post, path = "/v1/match-runs/{id}/candidates/{no}/statement", tag = MATCHING,
    params(IdPath, LinePath, KeyHeader), request_body = Statement,
    responses((status = 200, body = ReceiptBody), CommandProblems))]
async fn record_statement(
    State(api): State<Api>,
    by: Commander,
    IdLine(run, no): IdLine<MatchRunId>,
    Payload(Statement { statement }): Payload<Statement>,
) -> Answer<Json<ReceiptBody>> {
    api.command(&by, run.0, RecordStatement { candidate: CandidateId { run, no }, statement }).await.map(Json)
}

/// Records that the person was told the decision.
///
/// By a caseworker or a reviewer. Without a statement it is refused with HEARING_MISSING. No operation stops a payment.
#[utoipa::path(post, path = "/v1/match-runs/{id}/candidates/{no}/decision", tag = MATCHING,
    params(IdPath, LinePath, KeyHeader), request_body = Decision,
    responses((status = 200, body = ReceiptBody), CommandProblems))]
async fn notify_decision(
    State(api): State<Api>,
    by: Commander,
    IdLine(run, no): IdLine<MatchRunId>,
    Payload(Decision { decision }): Payload<Decision>,
) -> Answer<Json<ReceiptBody>> {
    api.command(&by, run.0, NotifyOwnDecision { candidate: CandidateId { run, no }, decision }).await.map(Json)
}
