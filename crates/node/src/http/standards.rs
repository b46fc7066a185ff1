//! Policy standards: `/v1/standards`. No personal data: reading them is not recorded.

use std::collections::{BTreeMap, BTreeSet};

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use tongcha_domain::id::PartyId;
use tongcha_domain::money::Currency;
use tongcha_domain::standard::{PolicyStandard, PublishStandard, StandardFacts};
use tongcha_domain::text::Short;
use tongcha_domain::time::Date;
use tongcha_domain::view::{Rows, ViewError};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::http::api::Api;
use crate::http::auth::{Caller, Commander};
use crate::http::extract::Payload;
use crate::http::openapi::{CommandProblems, KeyHeader, ListProblems, tags::STANDARDS};
use crate::http::paging::{Key, Page, PageQuery, Paging};
use crate::http::problem::Answer;
use crate::http::wire::{Iso, ReceiptBody, distinct_keys};

/// Returns the operations.
pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::default().routes(routes!(list_standards, publish_standard))
}

/// A version to publish.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "version": "ZH-2026-v1", "programme": "低保", "currency": "CNY", "amounts": { "1": 100_000, "2": 180_000 },
    "multiples": [24], "from": "2026-01-01", "to": "2026-12-31",
}))]
struct NewStandard {
    /// The version's name; used once.
    version: Short,
    /// The programme it belongs to.
    programme: Short,
    /// The party's own currency.
    currency: Currency,
    /// The figure of a month in minor units, by size of the household.
    #[serde(deserialize_with = "distinct_keys")]
    #[schema(value_type = BTreeMap<String, i64>)]
    amounts: BTreeMap<u8, i64>,
    /// By what a figure may be multiplied besides 1, such as 24 months.
    #[serde(default)]
    multiples: BTreeSet<u16>,
    /// The first day it is in force.
    #[schema(value_type = String, format = "date")]
    from: Date,
    /// The last day it is in force; none while no end is known.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = "date")]
    to: Option<Date>,
}

/// A version as published.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct Standard {
    /// Whose standard it is.
    party: PartyId,
    published_at: Iso,
    standard: PolicyStandard,
}

/// Lists the versions of all parties, the newest first.
#[utoipa::path(get, path = "/v1/standards", tag = STANDARDS, params(PageQuery),
    responses((status = 200, body = Vec<Standard>), ListProblems))]
async fn list_standards(State(api): State<Api>, _: Caller, paging: Paging) -> Answer<Page<Standard>> {
    api.rows(move |core| list(&core.rows(), &paging)).await
}

/// Publishes a version of the party's standard to all parties. It can't be changed afterwards.
///
/// By the secretariat (SEC).
#[utoipa::path(post, path = "/v1/standards", tag = STANDARDS, params(KeyHeader),
    request_body = NewStandard, responses((status = 201, body = ReceiptBody), CommandProblems))]
async fn publish_standard(
    State(api): State<Api>,
    by: Commander,
    Payload(new): Payload<NewStandard>,
) -> Answer<(StatusCode, Json<ReceiptBody>)> {
    let NewStandard { version, programme, currency, amounts, multiples, from, to } = new;
    let standard = PolicyStandard { version, programme, currency, amounts, multiples, from, to };
    let id = api.new_id(&by); // a version is known by its name; the id is the receipt's only
    Ok((StatusCode::CREATED, Json(api.command(&by, id, PublishStandard { standard }).await?)))
}

fn list(rows: &Rows<'_>, paging: &Paging) -> Result<Page<Standard>, ViewError> {
    let mut known = Vec::new();
    for (_, sides) in rows.all::<StandardFacts>()? {
        known.extend(sides.iter().filter_map(|(party, facts)| {
            let (published, said) = facts.published.as_ref()?;
            let standard = Standard { party, published_at: Iso(said.at), standard: published.standard.clone() };
            // One entry of one log, so no two have the same key.
            Some((Key::newest_first(Some(said.at)).name(party.as_str()).number(said.seq), standard))
        }));
    }
    Ok(paging.cut(known))
}
