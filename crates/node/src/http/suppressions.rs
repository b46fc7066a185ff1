//! Suppression: what is kept from a person who is suspected of harming who it is about. `/v1/suppressions`.
//!
//! The list names no person and no reason; both are in the subject report that an auditor reads, which is an access event.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use tongcha_domain::id::{OfficerId, PartyId};
use tongcha_domain::identity::Document;
use tongcha_domain::officer::Role;
use tongcha_domain::suppression::{LiftSuppression, SuppressDisclosure, SuppressedCase, SuppressionFacts};
use tongcha_domain::text::Note;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::http::api::Api;
use crate::http::auth::{Caller, Commander};
use crate::http::extract::Payload;
use crate::http::openapi::{AuditProblems, CommandProblems, KeyHeader, tags::PROTECTION};
use crate::http::paging::{Key, Page, PageQuery, Paging};
use crate::http::problem::Answer;
use crate::http::wire::{Iso, ReceiptBody};

/// Who sees that something is suppressed.
const LIST_ROLES: &[Role] = &[Role::DataProtection, Role::Auditor];

/// Returns the operations.
pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::default().routes(routes!(list_suppressions, suppress)).routes(routes!(lift))
}

/// A suppression without the person.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct SuppressionSummary {
    case: SuppressedCase,
    /// Whose log says so.
    party: PartyId,
    by: OfficerId,
    at: Iso,
    /// Position in that log.
    seq: u64,
    lifted_by: Option<OfficerId>,
    lifted_at: Option<Iso>,
}

/// What is to be kept from whom, or no longer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "case": { "urgent": "01980e2c-7b00-7000-8000-000000000001" },
    "towards": { "kind": "mainland_id", "number": "440402190001010013" }, "reason": "suspected of harming the child",
}))]
struct SuppressionAsked {
    /// The case; one that is known here. What rests on a consent is suppressed with it.
    case: SuppressedCase,
    /// The person.
    towards: Document,
    /// Why; an auditor reads it.
    reason: Note,
}

/// Lists what is suppressed: no persons, the newest first.
///
/// By a data-protection officer or an auditor.
#[utoipa::path(get, path = "/v1/suppressions", tag = PROTECTION, params(PageQuery),
    responses((status = 200, body = Vec<SuppressionSummary>), AuditProblems))]
async fn list_suppressions(State(api): State<Api>, caller: Caller, paging: Paging) -> Answer<Page<SuppressionSummary>> {
    caller.must_be(LIST_ROLES)?;
    let page = api.rows(move |core| {
        let mut list = Vec::new();
        for (case, sides) in core.rows().all::<SuppressionFacts>()? {
            for (party, facts) in sides.iter() {
                list.extend(facts.all.iter().map(|one| SuppressionSummary {
                    case,
                    party,
                    by: one.said.by.clone(),
                    at: Iso(one.said.at),
                    seq: one.said.seq,
                    lifted_by: one.lifted.as_ref().map(|(_, said)| said.by.clone()),
                    lifted_at: one.lifted.as_ref().map(|(_, said)| Iso(said.at)),
                }));
            }
        }
        let key = |one: &SuppressionSummary| Key::newest_first(Some(one.at.0)).name(one.party.as_str()).number(one.seq);
        Ok(paging.cut(list.into_iter().map(|one| (key(&one), one))))
    });
    page.await
}

/// Keeps a case from a person: no receipt, report or answer of it is handed out to them. The other parties of the case are
/// told.
///
/// By a data-protection officer (DP).
#[utoipa::path(post, path = "/v1/suppressions", tag = PROTECTION, params(KeyHeader), request_body = SuppressionAsked,
    responses((status = 201, body = ReceiptBody), CommandProblems))]
async fn suppress(
    State(api): State<Api>,
    by: Commander,
    Payload(SuppressionAsked { case, towards, reason }): Payload<SuppressionAsked>,
) -> Answer<(StatusCode, Json<ReceiptBody>)> {
    let receipt = api.command(&by, id_of(case), SuppressDisclosure { case, towards, reason }).await?;
    Ok((StatusCode::CREATED, Json(receipt)))
}

/// Lifts a suppression that the own party made.
///
/// By a data-protection officer (DP) other than the one who made it.
#[utoipa::path(post, path = "/v1/suppressions/lifting", tag = PROTECTION, params(KeyHeader),
    request_body = SuppressionAsked, responses((status = 200, body = ReceiptBody), CommandProblems))]
async fn lift(
    State(api): State<Api>,
    by: Commander,
    Payload(SuppressionAsked { case, towards, reason }): Payload<SuppressionAsked>,
) -> Answer<Json<ReceiptBody>> {
    api.command(&by, id_of(case), LiftSuppression { case, towards, reason }).await.map(Json)
}

fn id_of(case: SuppressedCase) -> Uuid {
    match case {
        SuppressedCase::Urgent(id) => id.0,
        SuppressedCase::Consent(id) => id.0,
        SuppressedCase::Verification(id) => id.0,
        SuppressedCase::Lookup(id) => id.0,
    }
}
