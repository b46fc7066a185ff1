//! Case conferences (重点个案研判): `/v1/conferences`.
//!
//! To an officer whom the own party has not named there is no such conference. A read is decided and recorded by
//! [`OpenConference`] before anything is handed out; refused attempts are in the log as well.

mod views;

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use tongcha_domain::case::CaseRef;
use tongcha_domain::conference::{
    AssignFollowUp, Basis, CloseFollowUp, ConcludeCase, InviteParty, NameParticipants, NominateCase, OpenConference,
    SubmitOpinion,
};
use tongcha_domain::id::{ConferenceId, OfficerId, PartyId};
use tongcha_domain::refusal::RefusalCode;
use tongcha_domain::text::{Note, Short};
use tongcha_domain::time::Date;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::http::api::Api;
use crate::http::auth::{Caller, Commander};
use crate::http::extract::{Asked, Id, IdLine, Payload, ReasonQuery};
use crate::http::openapi::{
    CommandProblems, IdPath, KeyHeader, LinePath, ListProblems, ReadProblems, tags::CONFERENCES,
};
use crate::http::paging::{Page, PageQuery, Paging};
use crate::http::problem::Answer;
use crate::http::wire::ReceiptBody;
use views::{ConferenceSummary, ConferenceView};

/// Returns the operations.
pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::default()
        .routes(routes!(list_conferences, nominate_case))
        .routes(routes!(get_conference))
        .routes(routes!(invite_party))
        .routes(routes!(name_participants))
        .routes(routes!(submit_opinion))
        .routes(routes!(conclude_case))
        .routes(routes!(assign_follow_up))
        .routes(routes!(close_follow_up))
}

/// A case to nominate.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "to": ["macau"], "case": { "urgent": "01980e2c-7b00-7000-8000-000000000001" },
    "summary": "独居老人一月内三次昏倒", "basis": { "vital_interest": "无人照顾，生命危险" },
    "need_to_know": ["zh.rv.test"],
}))]
struct Nomination {
    /// The parties to invite, at least one.
    #[schema(value_type = Vec<PartyId>)]
    to: BTreeSet<PartyId>,
    /// The case, by reference.
    case: CaseRef,
    /// The least one must know to give an opinion.
    summary: Note,
    /// Why the person may be spoken of: a consent that names all the parties, or vital interest.
    basis: Basis,
    /// The own officers who need to know, besides whoever nominates.
    #[serde(default)]
    #[schema(value_type = Vec<OfficerId>)]
    need_to_know: BTreeSet<OfficerId>,
}

/// A party to invite.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "party": "hengqin" }))]
struct ConferenceInvitation {
    /// Who.
    party: PartyId,
}

/// The officers of the own party who need to know.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "officers": ["mo.cw.test", "ngo.sw.test"] }))]
struct ConferenceParticipants {
    /// The whole list, 1 to 12; it replaces the one before.
    #[schema(value_type = Vec<OfficerId>)]
    officers: BTreeSet<OfficerId>,
}

/// An opinion.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "opinion": "建议每周家访" }))]
struct NewOpinion {
    /// In words.
    opinion: Note,
}

/// What was decided.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "decision": "由澳门跟进", "owner": "macau", "follow_up": "每月复核" }))]
struct CaseConclusion {
    /// In words.
    decision: Note,
    /// The party in charge from now on.
    owner: PartyId,
    /// How it goes on.
    follow_up: Note,
}

/// A follow-up.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "what": "家访", "owner": "macau", "due": "2099-08-31" }))]
struct NewFollowUp {
    /// What is to be done.
    what: Short,
    /// The party that does it.
    owner: PartyId,
    /// The last day on which it is on time.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = "date")]
    due: Option<Date>,
}

/// What came of a follow-up.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "outcome": "已家访" }))]
struct FollowUpOutcome {
    /// In words.
    outcome: Note,
}

/// Lists the conferences open to the officer, the newest first; no person, no content.
///
/// A liaison officer also sees those for which the own party has not named who needs to know.
#[utoipa::path(get, path = "/v1/conferences", tag = CONFERENCES, params(PageQuery),
    responses((status = 200, body = Vec<ConferenceSummary>), ListProblems))]
async fn list_conferences(
    State(api): State<Api>,
    Caller(actor): Caller,
    paging: Paging,
) -> Answer<Page<ConferenceSummary>> {
    api.rows(move |core| views::list(&core.rows(), core.me(), &actor, &paging)).await
}

/// Nominates a key case for a conference.
///
/// By a liaison officer, a caseworker or a reviewer, who is then on the own party's list.
#[utoipa::path(post, path = "/v1/conferences", tag = CONFERENCES, params(KeyHeader), request_body = Nomination,
    responses((status = 201, body = ReceiptBody), CommandProblems))]
async fn nominate_case(
    State(api): State<Api>,
    by: Commander,
    Payload(nomination): Payload<Nomination>,
) -> Answer<(StatusCode, Json<ReceiptBody>)> {
    let Nomination { to, case, summary, basis, need_to_know } = nomination;
    let id = api.new_id(&by);
    let command = NominateCase { conference: ConferenceId(id), to, case, summary, basis, need_to_know };
    Ok((StatusCode::CREATED, Json(api.command(&by, id, command).await?)))
}

/// Reads a conference. The access is recorded first.
///
/// By an officer on the own party's list.
#[utoipa::path(get, path = "/v1/conferences/{id}", tag = CONFERENCES, params(IdPath, ReasonQuery),
    responses((status = 200, body = ConferenceView), ReadProblems))]
async fn get_conference(
    State(api): State<Api>,
    Caller(actor): Caller,
    Id(conference): Id<ConferenceId>,
    Asked(ReasonQuery { reason }): Asked<ReasonQuery>,
) -> Answer<Json<ConferenceView>> {
    api.node.submit(actor.clone(), None, OpenConference { conference, reason }).await??;
    let found = api.rows(move |core| views::find(&core.rows(), core.me(), &actor, conference)).await?;
    Ok(Json(found.ok_or(RefusalCode::NotFound)?))
}

/// Invites one more party.
///
/// By a liaison officer, a caseworker or a reviewer on the nominating party's list.
#[utoipa::path(post, path = "/v1/conferences/{id}/invitations", tag = CONFERENCES, params(IdPath, KeyHeader),
    request_body = ConferenceInvitation, responses((status = 200, body = ReceiptBody), CommandProblems))]
async fn invite_party(
    State(api): State<Api>,
    by: Commander,
    Id(conference): Id<ConferenceId>,
    Payload(ConferenceInvitation { party }): Payload<ConferenceInvitation>,
) -> Answer<Json<ReceiptBody>> {
    api.command(&by, conference.0, InviteParty { conference, party }).await.map(Json)
}

/// Names the officers of the own party who need to know.
///
/// The first time by a liaison officer; then by a liaison officer, a caseworker or a reviewer on the list.
#[utoipa::path(post, path = "/v1/conferences/{id}/participants", tag = CONFERENCES, params(IdPath, KeyHeader),
    request_body = ConferenceParticipants, responses((status = 200, body = ReceiptBody), CommandProblems))]
async fn name_participants(
    State(api): State<Api>,
    by: Commander,
    Id(conference): Id<ConferenceId>,
    Payload(ConferenceParticipants { officers }): Payload<ConferenceParticipants>,
) -> Answer<Json<ReceiptBody>> {
    api.command(&by, conference.0, NameParticipants { conference, officers }).await.map(Json)
}

/// Gives an opinion.
///
/// By a liaison officer, a caseworker, a reviewer, a district or a social worker on the own party's list.
#[utoipa::path(post, path = "/v1/conferences/{id}/opinions", tag = CONFERENCES, params(IdPath, KeyHeader),
    request_body = NewOpinion, responses((status = 200, body = ReceiptBody), CommandProblems))]
async fn submit_opinion(
    State(api): State<Api>,
    by: Commander,
    Id(conference): Id<ConferenceId>,
    Payload(NewOpinion { opinion }): Payload<NewOpinion>,
) -> Answer<Json<ReceiptBody>> {
    api.command(&by, conference.0, SubmitOpinion { conference, opinion }).await.map(Json)
}

/// Concludes the conference.
///
/// By a liaison officer, a caseworker or a reviewer on the nominating party's list.
#[utoipa::path(post, path = "/v1/conferences/{id}/conclusion", tag = CONFERENCES, params(IdPath, KeyHeader),
    request_body = CaseConclusion, responses((status = 200, body = ReceiptBody), CommandProblems))]
async fn conclude_case(
    State(api): State<Api>,
    by: Commander,
    Id(conference): Id<ConferenceId>,
    Payload(CaseConclusion { decision, owner, follow_up }): Payload<CaseConclusion>,
) -> Answer<Json<ReceiptBody>> {
    api.command(&by, conference.0, ConcludeCase { conference, decision, owner, follow_up }).await.map(Json)
}

/// Assigns a follow-up; it gets the next number.
///
/// By a liaison officer, a caseworker or a reviewer on the nominating party's list.
#[utoipa::path(post, path = "/v1/conferences/{id}/follow-ups", tag = CONFERENCES, params(IdPath, KeyHeader),
    request_body = NewFollowUp, responses((status = 200, body = ReceiptBody), CommandProblems))]
async fn assign_follow_up(
    State(api): State<Api>,
    by: Commander,
    Id(conference): Id<ConferenceId>,
    Payload(NewFollowUp { what, owner, due }): Payload<NewFollowUp>,
) -> Answer<Json<ReceiptBody>> {
    api.command(&by, conference.0, AssignFollowUp { conference, what, owner, due }).await.map(Json)
}

/// Closes a follow-up.
///
/// By an officer on the list of the party that owns it: LO, CW, RV, DO or SW.
#[utoipa::path(post, path = "/v1/conferences/{id}/follow-ups/{no}/closure", tag = CONFERENCES,
    params(IdPath, LinePath, KeyHeader), request_body = FollowUpOutcome,
    responses((status = 200, body = ReceiptBody), CommandProblems))]
async fn close_follow_up(
    State(api): State<Api>,
    by: Commander,
    IdLine(conference, no): IdLine<ConferenceId>,
    Payload(FollowUpOutcome { outcome }): Payload<FollowUpOutcome>,
) -> Answer<Json<ReceiptBody>> {
    api.command(&by, conference.0, CloseFollowUp { conference, no, outcome }).await.map(Json)
}
