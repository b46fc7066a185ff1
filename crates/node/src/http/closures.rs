//! Days closed after the calendars were published (typhoon signal 8): `/v1/closures`.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use tongcha_domain::calendar::CalendarId;
use tongcha_domain::closure::{DeclareClosure, Declared, declared};
use tongcha_domain::id::{ClosureId, PartyId};
use tongcha_domain::text::Short;
use tongcha_domain::time::Date;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::http::api::Api;
use crate::http::auth::{Caller, Commander};
use crate::http::extract::Payload;
use crate::http::openapi::{CommandProblems, KeyHeader, ListProblems, tags::CALENDARS};
use crate::http::paging::{Key, Page, PageQuery, Paging};
use crate::http::problem::Answer;
use crate::http::wire::{Iso, ReceiptBody};

/// Returns the operations.
pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::default().routes(routes!(list_closures, declare_closure))
}

/// A day to declare closed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "calendar": "macau", "date": "2026-07-10", "reason": "typhoon signal 8" }))]
struct NewClosure {
    /// The calendar; the party must go by it.
    calendar: CalendarId,
    /// The day: a working day, at most 7 days ago.
    #[schema(value_type = String, format = "date")]
    date: Date,
    /// Why.
    reason: Short,
}

/// A day that was declared closed.
#[derive(Debug, Serialize, ToSchema)]
struct Closed {
    id: ClosureId,
    /// Who declared it.
    by: PartyId,
    /// Whose working day it no longer is.
    calendar: CalendarId,
    /// The day.
    #[schema(value_type = String, format = "date")]
    date: Date,
    /// Why.
    reason: Short,
    declared_at: Iso,
    /// Running clocks of this party that it moved, each by an event of its log.
    clocks_adjusted: u64,
}

/// Lists the days declared closed that count, the newest first.
///
/// For every role.
#[utoipa::path(get, path = "/v1/closures", tag = CALENDARS, params(PageQuery),
    responses((status = 200, body = Vec<Closed>), ListProblems))]
async fn list_closures(State(api): State<Api>, _: Caller, paging: Paging) -> Answer<Page<Closed>> {
    let list = api.rows(move |core| {
        let me = core.me();
        let known = declared(&core.rows())?.into_iter().map(|closure| {
            let key =
                Key::default().name_last_first(&closure.date.to_string()).id(closure.id.0).name(closure.by.as_str());
            (key, closure)
        });
        Ok(paging.cut(known).map(|closure| closed(closure, me)))
    });
    list.await
}

fn closed(closure: Declared, me: PartyId) -> Closed {
    let Declared { id, by, calendar, date, reason, said, adjusted } = closure;
    let clocks_adjusted = adjusted.get(&me).map_or(0, |clocks| clocks.len() as u64);
    Closed { id, by, calendar, date, reason, declared_at: Iso(said.at), clocks_adjusted }
}

/// Declares a day closed. Deadlines that run by the calendar move, each by an event of the party whose clock it is.
///
/// By a liaison officer or the secretariat of a party that goes by the calendar.
#[utoipa::path(post, path = "/v1/closures", tag = CALENDARS, params(KeyHeader), request_body = NewClosure,
    responses((status = 201, body = ReceiptBody), CommandProblems))]
async fn declare_closure(
    State(api): State<Api>,
    by: Commander,
    Payload(NewClosure { calendar, date, reason }): Payload<NewClosure>,
) -> Answer<(StatusCode, Json<ReceiptBody>)> {
    let id = api.new_id(&by);
    let command = DeclareClosure { closure: ClosureId(id), calendar, date, reason };
    Ok((StatusCode::CREATED, Json(api.command(&by, id, command).await?)))
}
