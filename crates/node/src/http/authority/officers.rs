//! Officers, their appointments, and what is delegated to them.

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use tongcha_domain::authority::{
    AppointOfficer, AppointmentFacts, DelegateDuty, DutyDelegated, EndDelegation, OfficerClearance, RevokeAppointment,
};
use tongcha_domain::id::{OfficerId, PartyId, UnitId};
use tongcha_domain::officer::Role;
use tongcha_domain::text::Short;
use tongcha_domain::time::Instant;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{NamedReceipt, command};
use crate::clock::wall_clock;
use crate::http::api::Api;
use crate::http::auth::{Caller, Commander};
use crate::http::extract::{OfficerPath, Payload};
use crate::http::openapi::{CommandProblems, KeyHeader, ListProblems, tags::AUTHORITY};
use crate::http::paging::{Key, Page, PageQuery, Paging};
use crate::http::problem::Answer;
use crate::http::wire::{Empty, Iso};

/// Returns the operations.
pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::default()
        .routes(routes!(list_officers, appoint_officer))
        .routes(routes!(revoke_appointment))
        .routes(routes!(list_delegations, delegate_duty))
        .routes(routes!(end_delegation))
}

/// How an officer stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum OfficerState {
    /// Enrolled by the administrator; the secretariat has appointed nobody yet.
    Enrolled,
    /// Appointed, and the appointment holds.
    Appointed,
    /// The appointment was revoked, has ended or has not begun: the token is refused.
    Stopped,
}

/// An officer: of the own party any, of another party its liaison officers.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct OfficerView {
    /// The officer.
    officer: OfficerId,
    /// Whose.
    party: PartyId,
    /// The role.
    role: Option<Role>,
    /// The unit.
    unit: Option<UnitId>,
    /// The name or post, as the secretariat gave it.
    name: Option<Short>,
    /// First instant of the appointment.
    from: Option<Iso>,
    /// First instant after it.
    to: Option<Iso>,
    /// When it was revoked.
    revoked_at: Option<Iso>,
    /// The clearances given with the appointment.
    clearances: Vec<OfficerClearance>,
    state: OfficerState,
}

fn officer_view(officer: OfficerId, party: PartyId, facts: &AppointmentFacts, now: Instant) -> Option<OfficerView> {
    let state = match (facts.check_standing(now), &facts.appointed) {
        (Err(_), _) => OfficerState::Stopped,
        (Ok(()), Some(_)) => OfficerState::Appointed,
        (Ok(()), None) => OfficerState::Enrolled,
    };
    let appointed = facts.appointed.as_ref().map(|(appointed, _)| appointed);
    let revoked = facts.revoked.as_ref();
    Some(OfficerView {
        officer,
        party,
        role: Some(facts.role().or_else(|| revoked.map(|(revoked, _)| revoked.role))?),
        unit: facts.unit().cloned(),
        name: appointed.map(|appointed| appointed.name.clone()),
        from: appointed.map(|appointed| Iso(appointed.from)),
        to: appointed.and_then(|appointed| appointed.to).map(Iso),
        revoked_at: revoked.map(|(_, said)| Iso(said.at)),
        clearances: appointed.into_iter().flat_map(|appointed| appointed.clearances.iter().copied()).collect(),
        state,
    })
}

/// Lists the officers of the own party, and the liaison officers that other parties have named, by name.
#[utoipa::path(get, path = "/v1/authority/officers", tag = AUTHORITY, params(PageQuery),
    responses((status = 200, body = Vec<OfficerView>), ListProblems))]
async fn list_officers(State(api): State<Api>, _: Caller, paging: Paging) -> Answer<Page<OfficerView>> {
    let now = wall_clock();
    let list = api.rows(move |core| {
        let mut known = Vec::new();
        for (officer, sides) in core.rows().all::<AppointmentFacts>()? {
            let views = sides.iter().filter_map(|(party, facts)| officer_view(officer.clone(), party, facts, now));
            known
                .extend(views.map(|view| (Key::default().name(view.officer.as_str()).name(view.party.as_str()), view)));
        }
        Ok(paging.cut(known))
    });
    list.await
}

/// An appointment.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "officer": "zh.lo.test", "role": "LO", "unit": "xiangzhou", "name": "联络员（香洲）", "clearances": ["minor"],
}))]
struct Appointment {
    /// The officer.
    officer: OfficerId,
    /// The role.
    role: Role,
    /// The unit.
    unit: UnitId,
    /// The name or post; told to the other parties with a liaison officer.
    name: Short,
    /// First instant; now when it is not said.
    #[serde(default)]
    from: Option<Iso>,
    /// First instant at which it no longer holds; none until revoked.
    #[serde(default)]
    to: Option<Iso>,
    /// The clearances; without `minor` the officer may neither read nor work on what concerns a person under age.
    #[serde(default)]
    clearances: BTreeSet<OfficerClearance>,
}

/// Appoints an officer to a role in a unit; a liaison officer (LO) is told to the other parties.
///
/// By the secretariat (SEC), not for themselves. It takes effect with a token of the same role and unit. A new appointment
/// replaces the one before with its clearances: that is how one is given and taken back.
#[utoipa::path(post, path = "/v1/authority/officers", tag = AUTHORITY, params(KeyHeader), request_body = Appointment,
    responses((status = 201, body = NamedReceipt), CommandProblems))]
async fn appoint_officer(
    State(api): State<Api>,
    by: Commander,
    Payload(Appointment { officer, role, unit, name, from, to, clearances }): Payload<Appointment>,
) -> Answer<(StatusCode, Json<NamedReceipt>)> {
    let id = officer.to_string();
    // Midnight before, so that a repeated command is the same command.
    let from = from.map_or_else(|| midnight(wall_clock()), |Iso(from)| from);
    let to = to.map(|Iso(to)| to);
    let appoint = AppointOfficer { officer, role, unit, name, from, to, clearances };
    Ok((StatusCode::CREATED, command(&api, &by, id, appoint).await?))
}

/// The begin of a day in UTC.
fn midnight(now: Instant) -> Instant {
    Instant(now.0 - now.0.rem_euclid(tongcha_domain::time::DAY_US))
}

/// Revokes an appointment or enrolment, at once: the officer's token is refused from this moment.
///
/// By the secretariat (SEC), not of their own.
#[utoipa::path(post, path = "/v1/authority/officers/{officer}/revocation", tag = AUTHORITY,
    params(("officer" = String, Path, description = "The officer."), KeyHeader), request_body = Empty,
    responses((status = 200, body = NamedReceipt), CommandProblems))]
async fn revoke_appointment(
    State(api): State<Api>,
    by: Commander,
    OfficerPath(officer): OfficerPath,
    _: Payload<Empty>,
) -> Answer<Json<NamedReceipt>> {
    command(&api, &by, officer.to_string(), RevokeAppointment { officer }).await
}

/// A duty that was handed to a deputy.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct DelegationView {
    /// Whose party.
    party: PartyId,
    /// Whose duty.
    from: OfficerId,
    /// The deputy.
    to: OfficerId,
    /// In which role the deputy may act.
    role: Role,
    /// First instant at which the deputy no longer may.
    until: Iso,
    /// Whether it is not over.
    lasts: bool,
}

/// Lists delegations, the newest first: of the own party all, of others those of liaison officers.
#[utoipa::path(get, path = "/v1/authority/delegations", tag = AUTHORITY, params(PageQuery),
    responses((status = 200, body = Vec<DelegationView>), ListProblems))]
async fn list_delegations(State(api): State<Api>, _: Caller, paging: Paging) -> Answer<Page<DelegationView>> {
    let now = wall_clock();
    let list = api.rows(move |core| {
        let mut known = Vec::new();
        for (_, sides) in core.rows().all::<AppointmentFacts>()? {
            for (party, facts) in sides.iter() {
                known.extend(facts.duties.values().map(|(duty, said)| {
                    let DutyDelegated { from, to, role, until, .. } = duty.clone();
                    // One entry of one log, so no two have the same key.
                    let key = Key::newest_first(Some(said.at)).name(party.as_str()).number(said.seq);
                    (key, DelegationView { party, from, to, role, until: Iso(until), lasts: now < until })
                }));
            }
        }
        Ok(paging.cut(known))
    });
    list.await
}

/// A duty to be handed to a deputy.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "from": "zh.lo.test", "to": "zh.cw.test", "role": "LO", "until": "2026-08-01T00:00:00+08:00",
}))]
struct NewDelegation {
    /// Whose duty.
    from: OfficerId,
    /// The deputy.
    to: OfficerId,
    /// The role.
    role: Role,
    /// First instant at which the deputy no longer may; at most 92 days ahead.
    until: Iso,
}

/// Hands a duty to a deputy, who then commands with the header `Tongcha-Acting-As`.
///
/// By the officer whose duty it is, or the secretariat (SEC).
#[utoipa::path(post, path = "/v1/authority/delegations", tag = AUTHORITY, params(KeyHeader),
    request_body = NewDelegation, responses((status = 201, body = NamedReceipt), CommandProblems))]
async fn delegate_duty(
    State(api): State<Api>,
    by: Commander,
    Payload(NewDelegation { from, to, role, until: Iso(until) }): Payload<NewDelegation>,
) -> Answer<(StatusCode, Json<NamedReceipt>)> {
    let id = to.to_string();
    Ok((StatusCode::CREATED, command(&api, &by, id, DelegateDuty { from, to, role, until }).await?))
}

/// A delegation to be ended.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "to": "zh.cw.test", "role": "LO" }))]
struct EndedDelegation {
    /// The deputy.
    to: OfficerId,
    /// The delegated role.
    role: Role,
}

/// Ends a delegation before its time.
///
/// By the officer whose duty it is, the deputy, or the secretariat (SEC).
#[utoipa::path(post, path = "/v1/authority/delegations/end", tag = AUTHORITY, params(KeyHeader),
    request_body = EndedDelegation, responses((status = 200, body = NamedReceipt), CommandProblems))]
async fn end_delegation(
    State(api): State<Api>,
    by: Commander,
    Payload(EndedDelegation { to, role }): Payload<EndedDelegation>,
) -> Answer<Json<NamedReceipt>> {
    command(&api, &by, to.to_string(), EndDelegation { to, role }).await
}
