//! Versions of the agreement between the parties.

use std::collections::{BTreeMap, BTreeSet};

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use tongcha_domain::agreement::{
    Agreement, AgreementFacts, AgreementTerms, Allowed, ProposeAgreement, SignAgreement, in_force,
};
use tongcha_domain::id::{AgreementId, PartyId};
use tongcha_domain::refusal::RefusalCode;
use tongcha_domain::text::Short;
use tongcha_domain::time::Instant;
use tongcha_domain::view::{Rows, Sides, ViewError};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::clock::wall_clock;
use crate::http::api::Api;
use crate::http::auth::{Caller, Commander};
use crate::http::extract::{Id, Payload};
use crate::http::openapi::{CommandProblems, IdPath, KeyHeader, ListProblems, ReadProblems, tags::AUTHORITY};
use crate::http::paging::{Key, Page, PageQuery, Paging};
use crate::http::problem::Answer;
use crate::http::wire::{Digest, Iso, ReceiptBody, distinct_keys};

/// Returns the operations.
pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::default()
        .routes(routes!(list_agreements, propose_agreement))
        .routes(routes!(get_agreement))
        .routes(routes!(sign_agreement))
}

/// A version of the agreement.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct VersionSummary {
    id: AgreementId,
    /// Its name.
    #[schema(example = "2026-1")]
    version: String,
    /// Its parties.
    #[schema(value_type = Vec<PartyId>)]
    between: BTreeSet<PartyId>,
    /// Who proposed it.
    proposed_by: PartyId,
    /// Who stands behind it: the proposer, and who signed the same paper.
    signed_by: Vec<PartyId>,
    /// First instant it holds.
    effective_from: Iso,
    /// The parties with which it is in force for the own party.
    in_force_with: Vec<PartyId>,
}

/// A version of the agreement in full.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct Version {
    #[serde(flatten)]
    summary: VersionSummary,
    /// SHA-256 of the signed paper.
    text_sha256: Digest,
    /// Its articles.
    articles: Vec<Short>,
    /// Its figures.
    figures: Agreement,
    /// What each party may tell the others.
    #[schema(value_type = BTreeMap<String, Allowed>)]
    allowed: BTreeMap<PartyId, Allowed>,
}

fn version(
    rows: &Rows<'_>,
    me: PartyId,
    id: AgreementId,
    sides: &Sides<AgreementFacts>,
    now: Instant,
) -> Result<Option<Version>, ViewError> {
    let Some((proposed_by, terms)) = sides.proposal() else { return Ok(None) };
    let mut in_force_with = Vec::new();
    for peer in terms.between.iter().copied().filter(|peer| *peer != me) {
        if in_force(rows, [me, peer], now)?.is_some_and(|found| found == *terms) {
            in_force_with.push(peer);
        }
    }
    let AgreementTerms { between, effective_from, text_digest, articles, figures, allowed } = terms.clone();
    let signed_by = between.iter().copied().filter(|party| sides.is_signed_by(*party)).collect();
    let (version, effective_from) = (figures.version.to_string(), Iso(effective_from));
    let summary = VersionSummary { id, version, between, proposed_by, signed_by, effective_from, in_force_with };
    Ok(Some(Version { summary, text_sha256: Digest(text_digest), articles, figures, allowed }))
}

/// Lists the versions of the agreement that the own party knows, the last to take effect first. While none is in force,
/// the defaults hold.
#[utoipa::path(get, path = "/v1/authority/agreements", tag = AUTHORITY, params(PageQuery),
    responses((status = 200, body = Vec<VersionSummary>), ListProblems))]
async fn list_agreements(State(api): State<Api>, _: Caller, paging: Paging) -> Answer<Page<VersionSummary>> {
    let now = wall_clock();
    let list = api.rows(move |core| {
        let (rows, me) = (core.rows(), core.me());
        let mut known = Vec::new();
        for (id, sides) in rows.all::<AgreementFacts>()? {
            let from = sides.proposal().map(|(_, terms)| terms.effective_from);
            known.push((Key::newest_first(from).id(id.0), (id, sides)));
        }
        let show = |(id, sides)| Ok(version(&rows, me, id, &sides, now)?.map(|version| version.summary));
        paging.cut(known).show(show)
    });
    list.await
}

/// Reads a version of the agreement in full.
#[utoipa::path(get, path = "/v1/authority/agreements/{id}", tag = AUTHORITY, params(IdPath),
    responses((status = 200, body = Version), ReadProblems))]
async fn get_agreement(State(api): State<Api>, _: Caller, Id(id): Id<AgreementId>) -> Answer<Json<Version>> {
    let now = wall_clock();
    let found = api.rows(move |core| {
        let rows = core.rows();
        version(&rows, core.me(), id, &rows.sides(&id)?, now)
    });
    Ok(Json(found.await?.ok_or(RefusalCode::NotFound)?))
}

/// A version to be proposed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewVersion {
    /// Its parties, the own among them.
    #[schema(value_type = Vec<PartyId>)]
    between: BTreeSet<PartyId>,
    /// First instant it holds; not before now.
    effective_from: Iso,
    /// SHA-256 of the paper.
    text_sha256: Digest,
    /// Its articles by title, in order.
    articles: Vec<Short>,
    /// Its figures, with the version's name.
    figures: Agreement,
    /// What each party may tell the others.
    #[serde(deserialize_with = "distinct_keys")]
    #[schema(value_type = BTreeMap<String, Allowed>)]
    allowed: BTreeMap<PartyId, Allowed>,
}

/// Proposes a version of the agreement; the own party has signed it thereby.
///
/// By the secretariat (SEC).
#[utoipa::path(post, path = "/v1/authority/agreements", tag = AUTHORITY, params(KeyHeader),
    request_body = NewVersion, responses((status = 201, body = ReceiptBody), CommandProblems))]
async fn propose_agreement(
    State(api): State<Api>,
    by: Commander,
    Payload(new): Payload<NewVersion>,
) -> Answer<(StatusCode, Json<ReceiptBody>)> {
    let NewVersion { between, effective_from, text_sha256, articles, figures, allowed } = new;
    let (effective_from, text_digest) = (effective_from.0, text_sha256.0);
    let terms = AgreementTerms { between, effective_from, text_digest, articles, figures, allowed };
    let id = api.new_id(&by);
    let propose = ProposeAgreement { agreement: AgreementId(id), terms };
    Ok((StatusCode::CREATED, Json(api.command(&by, id, propose).await?)))
}

/// The paper that is signed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "text_sha256": "5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9" }))]
struct Signature {
    /// SHA-256 of the paper that was read.
    text_sha256: Digest,
}

/// Signs a version that another party proposed.
///
/// By the secretariat (SEC).
#[utoipa::path(post, path = "/v1/authority/agreements/{id}/signature", tag = AUTHORITY, params(IdPath, KeyHeader),
    request_body = Signature, responses((status = 200, body = ReceiptBody), CommandProblems))]
async fn sign_agreement(
    State(api): State<Api>,
    by: Commander,
    Id(agreement): Id<AgreementId>,
    Payload(Signature { text_sha256: Digest(text_digest) }): Payload<Signature>,
) -> Answer<Json<ReceiptBody>> {
    api.command(&by, agreement.0, SignAgreement { agreement, text_digest }).await.map(Json)
}
