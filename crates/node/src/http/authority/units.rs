//! Org units and what they are for.

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use tongcha_domain::authority::{Capability, RegisterUnit, UnitFacts, UnitKind, UnitNames};
use tongcha_domain::id::UnitId;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{NamedReceipt, command};
use crate::http::api::Api;
use crate::http::auth::{Caller, Commander};
use crate::http::extract::Payload;
use crate::http::openapi::{CommandProblems, KeyHeader, ListProblems, tags::AUTHORITY};
use crate::http::problem::Answer;

/// Returns the operations.
pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::default().routes(routes!(list_units, register_unit))
}

/// An org unit.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "unit": "xiangzhou", "names": { "zh_hans": "香洲区民政局" }, "kind": "district",
    "capabilities": ["notices", "urgent", "consents", "verifications", "lookups", "register"],
}))]
struct Unit {
    /// The unit.
    unit: UnitId,
    /// Its names; at least one.
    names: UnitNames,
    /// What it is.
    kind: UnitKind,
    /// What its officers may do, whatever their roles.
    #[schema(value_type = Vec<Capability>)]
    capabilities: BTreeSet<Capability>,
}

/// Lists the own party's org units with their capabilities; while there are none, every unit has all.
#[utoipa::path(get, path = "/v1/authority/units", tag = AUTHORITY,
    responses((status = 200, body = Vec<Unit>), ListProblems))]
async fn list_units(State(api): State<Api>, _: Caller) -> Answer<Json<Vec<Unit>>> {
    let list = api.rows(|core| {
        let facts = core.rows().side::<UnitFacts>(&(), core.me())?.unwrap_or_default();
        let unit = |(registered, _): (tongcha_domain::authority::UnitRegistered, _)| {
            let tongcha_domain::authority::UnitRegistered { unit, names, kind, capabilities } = registered;
            Unit { unit, names, kind, capabilities }
        };
        Ok(facts.units.into_values().map(unit).collect())
    });
    list.await.map(Json)
}

/// Registers an org unit, or changes one. From the first on, units that are not registered may do nothing.
///
/// By the secretariat (SEC).
#[utoipa::path(post, path = "/v1/authority/units", tag = AUTHORITY, params(KeyHeader), request_body = Unit,
    responses((status = 201, body = NamedReceipt), CommandProblems))]
async fn register_unit(
    State(api): State<Api>,
    by: Commander,
    Payload(Unit { unit, names, kind, capabilities }): Payload<Unit>,
) -> Answer<(StatusCode, Json<NamedReceipt>)> {
    let id = unit.to_string();
    let register = RegisterUnit { unit, names, kind, capabilities };
    Ok((StatusCode::CREATED, command(&api, &by, id, register).await?))
}
