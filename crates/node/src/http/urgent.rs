//! Urgent notices (紧急通报): `/v1/urgent`.

mod views;

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use tongcha_domain::access::AccessTarget;
use tongcha_domain::id::{PartyId, UrgentId};
use tongcha_domain::text::{Note, Short};
use tongcha_domain::urgent::{
    AckUrgent, Emergency, FileJustification, InformSubject, RaiseUrgent, RecordPhoneRelay, ReportAction,
    ReviewJustification, StandDown, TakeOver,
};
use tongcha_domain::view::Rows;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::clock::wall_clock;
use crate::http::api::Api;
use crate::http::auth::{Caller, Commander};
use crate::http::extract::{Asked, Id, Payload, ReasonQuery};
use crate::http::language::Spoken;
use crate::http::openapi::{CommandProblems, IdPath, KeyHeader, ListProblems, ReadProblems, tags::URGENT};
use crate::http::paging::{Page, PageQuery, Paging};
use crate::http::problem::Answer;
use crate::http::reading::{read, read_unless};
use crate::http::wire::{Empty, Iso, ReceiptBody};
use crate::http::worded::{Worded, worded};
use views::{Urgent, UrgentSummary};

/// With its status in words.
type WordedUrgentSummary = Worded<UrgentSummary>;
/// With its status in words.
type WordedUrgent = Worded<Urgent>;

/// Returns the operations.
pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::default()
        .routes(routes!(list_urgent, raise_urgent))
        .routes(routes!(get_urgent))
        .routes(routes!(acknowledge_urgent))
        .routes(routes!(take_over))
        .routes(routes!(report_action))
        .routes(routes!(close_urgent))
        .routes(routes!(justify))
        .routes(routes!(review_justification))
        .routes(routes!(open_sealed_urgent))
        .routes(routes!(record_phone_relay))
        .routes(routes!(inform_subject))
}

/// An urgent notice to raise.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "to": ["macau", "zhuhai"],
    "emergency": {
        "subject": {
            "document": { "kind": "mainland_id", "number": "99999919500601005X" },
            "name": { "as_on_document": "梁虛擬", "roman": "LEONG HOI NGAI" },
        },
        "place": "Xiaohengqin", "what": "collapsed at home, alone", "need": "contact the family; medication unknown",
        "call_back": "Hengqin duty desk",
    },
    "vital_interest": "unconscious, in hospital, no relative known here",
}))]
struct NewUrgent {
    /// The addressees, at least one.
    #[schema(value_type = Vec<PartyId>)]
    to: BTreeSet<PartyId>,
    /// What the addressees must know to help, and no more.
    emergency: Emergency,
    /// Why the person's life, body or property is in danger.
    vital_interest: Note,
    /// When it happened, if it was noted on paper and is recorded only now; not in the future.
    #[serde(default)]
    happened_at: Option<Iso>,
}

/// A telephone call that told an addressee.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "to": "macau", "at": "2026-07-11T22:45:00+08:00", "spoken_with_desk": "duty desk" }))]
struct PhoneRelay {
    /// The addressee that was told.
    to: PartyId,
    /// When.
    at: Iso,
    /// The desk spoken with; no private number.
    spoken_with_desk: Short,
}

/// What a party did.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "family_contacted": true, "action": "daughter reached, on her way" }))]
struct Action {
    /// Whether the family was reached.
    family_contacted: bool,
    /// Findings, no contact data.
    action: Note,
}

/// How an urgent notice ended.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "outcome": "stable; family present" }))]
struct Closure {
    /// In words.
    outcome: Note,
}

/// Why a notice was urgent.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "text": "no consent could be asked of an unconscious person" }))]
struct Justification {
    /// In words.
    text: Note,
}

/// The judgement on a justification.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "accepted": true, "note": "vital interest is evident" }))]
struct Review {
    /// Whether it is accepted.
    accepted: bool,
    /// Why.
    note: Note,
}

/// Lists the urgent notices: no person, the newest first.
#[utoipa::path(get, path = "/v1/urgent", tag = URGENT, params(PageQuery),
    responses((status = 200, body = Vec<WordedUrgentSummary>), ListProblems))]
async fn list_urgent(
    State(api): State<Api>,
    _: Caller,
    Spoken(language): Spoken,
    paging: Paging,
) -> Answer<Page<WordedUrgentSummary>> {
    let page = api.rows(move |core| views::list(&core.rows(), core.me(), &paging)).await?;
    Ok(worded(page, language))
}

/// Raises an urgent notice on vital interest.
///
/// By a duty officer or a liaison officer. No consent is asked; the justification is due afterwards.
#[utoipa::path(post, path = "/v1/urgent", tag = URGENT, params(KeyHeader), request_body = NewUrgent,
    responses((status = 201, body = ReceiptBody), CommandProblems))]
async fn raise_urgent(
    State(api): State<Api>,
    by: Commander,
    Payload(notice): Payload<NewUrgent>,
) -> Answer<(StatusCode, Json<ReceiptBody>)> {
    let NewUrgent { to, emergency, vital_interest, happened_at } = notice;
    let id = api.new_id(&by);
    let happened_at = happened_at.map(|Iso(at)| at);
    let command = RaiseUrgent { urgent: UrgentId(id), to, emergency, vital_interest, happened_at };
    Ok((StatusCode::CREATED, Json(api.command(&by, id, command).await?)))
}

/// Reads an urgent notice. The access is recorded first.
///
/// By a duty officer, a liaison officer or a data-protection officer; by the secretariat once the notice went up to it.
/// From 24 hours after the closure, and at once when the justification is rejected, an addressee is shown the case
/// without its payload (`sealed`).
#[utoipa::path(get, path = "/v1/urgent/{id}", tag = URGENT, params(IdPath, ReasonQuery),
    responses((status = 200, body = WordedUrgent), ReadProblems))]
async fn get_urgent(
    State(api): State<Api>,
    caller: Caller,
    Id(urgent): Id<UrgentId>,
    Asked(ReasonQuery { reason }): Asked<ReasonQuery>,
    Spoken(language): Spoken,
) -> Answer<Json<WordedUrgent>> {
    let now = wall_clock();
    let witnesses = api.node.witnesses();
    let find = move |rows: &Rows<'_>, me| views::find(rows, me, urgent, now, &witnesses);
    let full = read(&api, caller, AccessTarget::Urgent(urgent), reason, find).await?;
    Ok(Json(Worded::new(full, language)))
}

/// Opens a sealed urgent notice again, for this one reading. The access, with its reason, is recorded first.
///
/// By a liaison officer or a data-protection officer.
#[utoipa::path(get, path = "/v1/urgent/{id}/sealed", tag = URGENT, params(IdPath, ReasonQuery),
    responses((status = 200, body = WordedUrgent), ReadProblems))]
async fn open_sealed_urgent(
    State(api): State<Api>,
    caller: Caller,
    Id(urgent): Id<UrgentId>,
    Asked(ReasonQuery { reason }): Asked<ReasonQuery>,
    Spoken(language): Spoken,
) -> Answer<Json<WordedUrgent>> {
    let now = wall_clock();
    let target = AccessTarget::SealedUrgent(urgent);
    let witnesses = api.node.witnesses();
    let open = move |rows: &Rows<'_>, me| views::find_sealed(rows, me, urgent, now, &witnesses);
    let full = read_unless(&api, caller, target, reason, open).await?;
    Ok(Json(Worded::new(full, language)))
}

/// Acknowledges an urgent notice.
///
/// By a duty officer or a liaison officer of an addressee; by its secretariat once the notice went up to it.
#[utoipa::path(post, path = "/v1/urgent/{id}/acknowledgement", tag = URGENT, params(IdPath, KeyHeader),
    request_body = Empty, responses((status = 200, body = ReceiptBody), CommandProblems))]
async fn acknowledge_urgent(
    State(api): State<Api>,
    by: Commander,
    Id(urgent): Id<UrgentId>,
    _: Payload<Empty>,
) -> Answer<Json<ReceiptBody>> {
    api.command(&by, urgent.0, AckUrgent { urgent }).await.map(Json)
}

/// Takes the case over.
///
/// By a duty officer or a liaison officer of an addressee that acknowledged.
#[utoipa::path(post, path = "/v1/urgent/{id}/takeover", tag = URGENT, params(IdPath, KeyHeader),
    request_body = Empty, responses((status = 200, body = ReceiptBody), CommandProblems))]
async fn take_over(
    State(api): State<Api>,
    by: Commander,
    Id(urgent): Id<UrgentId>,
    _: Payload<Empty>,
) -> Answer<Json<ReceiptBody>> {
    api.command(&by, urgent.0, TakeOver { urgent }).await.map(Json)
}

/// Reports what was done.
///
/// By a duty officer, a liaison officer or a caseworker of any party of the notice.
#[utoipa::path(post, path = "/v1/urgent/{id}/actions", tag = URGENT, params(IdPath, KeyHeader),
    request_body = Action, responses((status = 200, body = ReceiptBody), CommandProblems))]
async fn report_action(
    State(api): State<Api>,
    by: Commander,
    Id(urgent): Id<UrgentId>,
    Payload(Action { family_contacted, action }): Payload<Action>,
) -> Answer<Json<ReceiptBody>> {
    api.command(&by, urgent.0, ReportAction { urgent, family_contacted, action }).await.map(Json)
}

/// Closes the notice.
///
/// By a duty officer or a liaison officer of the sender.
#[utoipa::path(post, path = "/v1/urgent/{id}/closure", tag = URGENT, params(IdPath, KeyHeader),
    request_body = Closure, responses((status = 200, body = ReceiptBody), CommandProblems))]
async fn close_urgent(
    State(api): State<Api>,
    by: Commander,
    Id(urgent): Id<UrgentId>,
    Payload(Closure { outcome }): Payload<Closure>,
) -> Answer<Json<ReceiptBody>> {
    api.command(&by, urgent.0, StandDown { urgent, outcome }).await.map(Json)
}

/// Justifies a closed notice in writing.
///
/// By a liaison officer or a duty officer of the sender.
#[utoipa::path(post, path = "/v1/urgent/{id}/justification", tag = URGENT, params(IdPath, KeyHeader),
    request_body = Justification, responses((status = 200, body = ReceiptBody), CommandProblems))]
async fn justify(
    State(api): State<Api>,
    by: Commander,
    Id(urgent): Id<UrgentId>,
    Payload(Justification { text }): Payload<Justification>,
) -> Answer<Json<ReceiptBody>> {
    api.command(&by, urgent.0, FileJustification { urgent, text }).await.map(Json)
}

/// Judges a justification.
///
/// By a data-protection officer of the sender who neither raised the notice nor justified it.
#[utoipa::path(post, path = "/v1/urgent/{id}/justification-review", tag = URGENT, params(IdPath, KeyHeader),
    request_body = Review, responses((status = 200, body = ReceiptBody), CommandProblems))]
async fn review_justification(
    State(api): State<Api>,
    by: Commander,
    Id(urgent): Id<UrgentId>,
    Payload(Review { accepted, note }): Payload<Review>,
) -> Answer<Json<ReceiptBody>> {
    api.command(&by, urgent.0, ReviewJustification { urgent, accepted, note }).await.map(Json)
}

/// Records that an addressee was told by phone, because the link was down or to be sure.
///
/// By a duty officer or a liaison officer of the sender; once for each addressee.
#[utoipa::path(post, path = "/v1/urgent/{id}/phone-relay", tag = URGENT, params(IdPath, KeyHeader),
    request_body = PhoneRelay, responses((status = 200, body = ReceiptBody), CommandProblems))]
async fn record_phone_relay(
    State(api): State<Api>,
    by: Commander,
    Id(urgent): Id<UrgentId>,
    Payload(PhoneRelay { to, at: Iso(at), spoken_with_desk }): Payload<PhoneRelay>,
) -> Answer<Json<ReceiptBody>> {
    api.command(&by, urgent.0, RecordPhoneRelay { urgent, to, at, spoken_with_desk }).await.map(Json)
}

/// Records that the person concerned was told that their data was passed on.
///
/// By a liaison officer of the sender, after the closure.
#[utoipa::path(post, path = "/v1/urgent/{id}/subject-information", tag = URGENT, params(IdPath, KeyHeader),
    request_body = Empty, responses((status = 200, body = ReceiptBody), CommandProblems))]
async fn inform_subject(
    State(api): State<Api>,
    by: Commander,
    Id(urgent): Id<UrgentId>,
    _: Payload<Empty>,
) -> Answer<Json<ReceiptBody>> {
    api.command(&by, urgent.0, InformSubject { urgent }).await.map(Json)
}
