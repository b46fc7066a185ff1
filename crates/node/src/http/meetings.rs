//! Joint meetings (联席会议), topics, resolutions: `/v1/meetings`, `/v1/topics`. No personal data.

mod views;

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use tongcha_domain::case::CaseRef;
use tongcha_domain::id::{LineNo, MeetingId, OfficerId, PartyId, ResolutionId, TopicId};
use tongcha_domain::meeting::{
    Action, AppointMember, CloseAction, ConcludeTopic, ConveneMeeting, DecideEscalation, DismissMember, GroupMember,
    ProposeResolution, Series, Setting, SignResolution, TableTopic,
};
use tongcha_domain::refusal::RefusalCode;
use tongcha_domain::text::{Note, Short};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::clock::wall_clock;
use crate::http::api::Api;
use crate::http::auth::{Caller, Commander};
use crate::http::authority::{NamedReceipt, command as named};
use crate::http::extract::{Id, OfficerPath, Payload};
use crate::http::openapi::{CommandProblems, IdPath, KeyHeader, ListProblems, ReadProblems, tags::GOVERNANCE};
use crate::http::paging::{Page, PageQuery, Paging};
use crate::http::problem::Answer;
use crate::http::wire::{Digest, Empty, Iso, ReceiptBody};
use views::{MeetingSummary, MeetingView, MemberView, TopicView};

/// Returns the operations.
pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::default()
        .routes(routes!(list_meetings, convene_meeting))
        .routes(routes!(get_meeting))
        .routes(routes!(propose_resolution))
        .routes(routes!(sign_resolution))
        .routes(routes!(close_action))
        .routes(routes!(decide_escalation))
        .routes(routes!(list_members, appoint_member))
        .routes(routes!(dismiss_member))
        .routes(routes!(list_topics, table_topic))
        .routes(routes!(conclude_topic))
}

/// A meeting to convene.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "series": "joint_meeting", "title": "第一次联席会议", "at": "2099-09-01T09:30:00+08:00",
    "to": ["macau", "hengqin"], "agenda": ["定期通报的时限"],
}))]
struct NewMeeting {
    /// Which meetings it belongs to.
    series: Series,
    /// Its title. No personal data.
    title: Short,
    /// When it is held.
    at: Iso,
    /// The other parties; none for a domestic meeting.
    #[schema(value_type = Vec<PartyId>)]
    to: BTreeSet<PartyId>,
    /// What is on the agenda, 1 to 30 points. No personal data.
    agenda: Vec<Short>,
}

/// A resolution to propose.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "text": "每月第五个共同工作日前通报",
    "actions": [{ "what": "指定值班台", "owner": "macau", "due": { "month": "2026-09" } }],
}))]
struct NewResolution {
    /// Its text. No personal data.
    text: Note,
    /// What follows from it, at most 20.
    #[serde(default)]
    actions: Vec<Action>,
}

/// A signature on a resolution.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "resolution": "01980e2c-7b00-7000-8000-000000000001",
    "digest": "5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9" }))]
struct ResolutionSignature {
    /// The resolution.
    resolution: ResolutionId,
    /// The digest shown with the text that was read.
    digest: Digest,
}

/// An action that is done.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "resolution": "01980e2c-7b00-7000-8000-000000000001", "action": 1, "note": "值班台已指定",
}))]
struct ClosedAction {
    /// The resolution.
    resolution: ResolutionId,
    /// The action's number, from 1.
    #[schema(value_type = u16)]
    action: LineNo,
    /// What was done. No personal data.
    note: Note,
}

/// A decision of the leading group.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "case": { "verification": "01980e2c-7b00-7000-8000-000000000001" }, "decision": "三个工作日内答复",
    "members": [{ "party": "zhuhai", "member": "zh.leader1" }, { "party": "macau", "member": "mo.leader1" }],
}))]
struct NewEscalation {
    /// The case, by reference.
    case: CaseRef,
    /// What was decided. No personal data.
    decision: Note,
    /// The members who decided, 1 to 20: each appointed to the leading group by a party of the meeting.
    members: Vec<GroupMember>,
}

/// A member of the leading group to appoint.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "member": "zh.leader1", "name": "副局长" }))]
struct NewMember {
    /// The member: a name as officers have. No token of this service is needed.
    member: OfficerId,
    /// The name and post; told to the other parties.
    name: Short,
}

/// A topic to table.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "setting": { "discussion": ["macau"] }, "title": "通报时限" }))]
struct NewTopic {
    /// At a meeting, or among liaison officers.
    setting: Setting,
    /// What it is about. No personal data.
    title: Short,
}

/// What came of a topic.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "conclusion": "按季度复核" }))]
struct TopicConclusion {
    /// In words. No personal data.
    conclusion: Note,
}

/// Lists the meetings, the latest to be held first.
#[utoipa::path(get, path = "/v1/meetings", tag = GOVERNANCE, params(PageQuery),
    responses((status = 200, body = Vec<MeetingSummary>), ListProblems))]
async fn list_meetings(State(api): State<Api>, _: Caller, paging: Paging) -> Answer<Page<MeetingSummary>> {
    api.rows(move |core| views::list(&core.rows(), core.me(), &paging)).await
}

/// Convenes a meeting.
///
/// By the secretariat or a liaison officer.
#[utoipa::path(post, path = "/v1/meetings", tag = GOVERNANCE, params(KeyHeader), request_body = NewMeeting,
    responses((status = 201, body = ReceiptBody), CommandProblems))]
async fn convene_meeting(
    State(api): State<Api>,
    by: Commander,
    Payload(new): Payload<NewMeeting>,
) -> Answer<(StatusCode, Json<ReceiptBody>)> {
    let NewMeeting { series, title, at, to, agenda } = new;
    let id = api.new_id(&by);
    let command = ConveneMeeting { meeting: MeetingId(id), series, title, at: at.0, to, agenda };
    Ok((StatusCode::CREATED, Json(api.command(&by, id, command).await?)))
}

/// Reads a meeting with its topics, resolutions and decisions.
#[utoipa::path(get, path = "/v1/meetings/{id}", tag = GOVERNANCE, params(IdPath),
    responses((status = 200, body = MeetingView), ReadProblems))]
async fn get_meeting(State(api): State<Api>, _: Caller, Id(meeting): Id<MeetingId>) -> Answer<Json<MeetingView>> {
    let today = wall_clock().local_date();
    let found = api.rows(move |core| views::find(&core.rows(), core.me(), meeting, today)).await?;
    Ok(Json(found.ok_or(RefusalCode::NotFound)?))
}

/// Proposes a resolution.
///
/// By the secretariat or a liaison officer of a party of the meeting. The receipt has the resolution's id.
#[utoipa::path(post, path = "/v1/meetings/{id}/resolutions", tag = GOVERNANCE, params(IdPath, KeyHeader),
    request_body = NewResolution, responses((status = 201, body = ReceiptBody), CommandProblems))]
async fn propose_resolution(
    State(api): State<Api>,
    by: Commander,
    Id(meeting): Id<MeetingId>,
    Payload(NewResolution { text, actions }): Payload<NewResolution>,
) -> Answer<(StatusCode, Json<ReceiptBody>)> {
    let id = api.new_id(&by);
    let command = ProposeResolution { meeting, resolution: ResolutionId(id), text, actions };
    Ok((StatusCode::CREATED, Json(api.command(&by, id, command).await?)))
}

/// Signs a resolution for the party.
///
/// By the secretariat of a party of the meeting. It is adopted when every party of the meeting has signed the same text.
#[utoipa::path(post, path = "/v1/meetings/{id}/signatures", tag = GOVERNANCE, params(IdPath, KeyHeader),
    request_body = ResolutionSignature, responses((status = 200, body = ReceiptBody), CommandProblems))]
async fn sign_resolution(
    State(api): State<Api>,
    by: Commander,
    Id(meeting): Id<MeetingId>,
    Payload(ResolutionSignature { resolution, digest }): Payload<ResolutionSignature>,
) -> Answer<Json<ReceiptBody>> {
    api.command(&by, meeting.0, SignResolution { meeting, resolution, digest: digest.0 }).await.map(Json)
}

/// Closes an action of an adopted resolution.
///
/// By the secretariat or a liaison officer of the party that owns it.
#[utoipa::path(post, path = "/v1/meetings/{id}/closed-actions", tag = GOVERNANCE, params(IdPath, KeyHeader),
    request_body = ClosedAction, responses((status = 200, body = ReceiptBody), CommandProblems))]
async fn close_action(
    State(api): State<Api>,
    by: Commander,
    Id(meeting): Id<MeetingId>,
    Payload(ClosedAction { resolution, action, note }): Payload<ClosedAction>,
) -> Answer<Json<ReceiptBody>> {
    api.command(&by, meeting.0, CloseAction { meeting, resolution, action, note }).await.map(Json)
}

/// Records what the leading group decided on an escalated case.
///
/// By the secretariat of the party that convened the leading group. The members named are appointed at that time.
#[utoipa::path(post, path = "/v1/meetings/{id}/escalations", tag = GOVERNANCE, params(IdPath, KeyHeader),
    request_body = NewEscalation, responses((status = 200, body = ReceiptBody), CommandProblems))]
async fn decide_escalation(
    State(api): State<Api>,
    by: Commander,
    Id(meeting): Id<MeetingId>,
    Payload(NewEscalation { case, decision, members }): Payload<NewEscalation>,
) -> Answer<Json<ReceiptBody>> {
    api.command(&by, meeting.0, DecideEscalation { meeting, case, decision, members }).await.map(Json)
}

/// Lists the members of the leading group 领导小组, of all parties, by name: those appointed now, and those who were.
#[utoipa::path(get, path = "/v1/leading-group", tag = GOVERNANCE, params(PageQuery),
    responses((status = 200, body = Vec<MemberView>), ListProblems))]
async fn list_members(State(api): State<Api>, _: Caller, paging: Paging) -> Answer<Page<MemberView>> {
    api.rows(move |core| views::members(&core.rows(), &paging)).await
}

/// Appoints a member of the leading group for the own party, and tells the other parties.
///
/// By the secretariat (SEC), not for themselves.
#[utoipa::path(post, path = "/v1/leading-group", tag = GOVERNANCE, params(KeyHeader), request_body = NewMember,
    responses((status = 201, body = NamedReceipt), CommandProblems))]
async fn appoint_member(
    State(api): State<Api>,
    by: Commander,
    Payload(NewMember { member, name }): Payload<NewMember>,
) -> Answer<(StatusCode, Json<NamedReceipt>)> {
    let id = member.to_string();
    Ok((StatusCode::CREATED, named(&api, &by, id, AppointMember { member, name }).await?))
}

/// Dismisses a member of the own party from the leading group, at once, and tells the other parties.
///
/// By the secretariat (SEC). What the member decided before stands.
#[utoipa::path(post, path = "/v1/leading-group/{officer}/dismissal", tag = GOVERNANCE,
    params(("officer" = String, Path, description = "The member."), KeyHeader), request_body = Empty,
    responses((status = 200, body = NamedReceipt), CommandProblems))]
async fn dismiss_member(
    State(api): State<Api>,
    by: Commander,
    OfficerPath(member): OfficerPath,
    _: Payload<Empty>,
) -> Answer<Json<NamedReceipt>> {
    named(&api, &by, member.to_string(), DismissMember { member }).await
}

/// Lists the topics, the newest first.
#[utoipa::path(get, path = "/v1/topics", tag = GOVERNANCE, params(PageQuery),
    responses((status = 200, body = Vec<TopicView>), ListProblems))]
async fn list_topics(State(api): State<Api>, _: Caller, paging: Paging) -> Answer<Page<TopicView>> {
    api.rows(move |core| views::topics(&core.rows(), core.me(), &paging)).await
}

/// Tables a topic at a meeting, or opens a discussion of the liaison officers.
///
/// By the secretariat or a liaison officer.
#[utoipa::path(post, path = "/v1/topics", tag = GOVERNANCE, params(KeyHeader), request_body = NewTopic,
    responses((status = 201, body = ReceiptBody), CommandProblems))]
async fn table_topic(
    State(api): State<Api>,
    by: Commander,
    Payload(NewTopic { setting, title }): Payload<NewTopic>,
) -> Answer<(StatusCode, Json<ReceiptBody>)> {
    let id = api.new_id(&by);
    let command = TableTopic { topic: TopicId(id), setting, title };
    Ok((StatusCode::CREATED, Json(api.command(&by, id, command).await?)))
}

/// Concludes a topic.
///
/// By the secretariat or a liaison officer of the party that tabled it.
#[utoipa::path(post, path = "/v1/topics/{id}/conclusion", tag = GOVERNANCE, params(IdPath, KeyHeader),
    request_body = TopicConclusion, responses((status = 200, body = ReceiptBody), CommandProblems))]
async fn conclude_topic(
    State(api): State<Api>,
    by: Commander,
    Id(topic): Id<TopicId>,
    Payload(TopicConclusion { conclusion }): Payload<TopicConclusion>,
) -> Answer<Json<ReceiptBody>> {
    api.command(&by, topic.0, ConcludeTopic { topic, conclusion }).await.map(Json)
}
