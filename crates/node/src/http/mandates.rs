//! Mandates (代办委托): `/v1/mandates`. A person lets a unit act for them; never a consent to ask about the person.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use tongcha_domain::access::AccessTarget;
use tongcha_domain::consent::{OrgUnit, RevocationForm};
use tongcha_domain::id::{MandateId, OfficerId, PartyId, UnitId};
use tongcha_domain::identity::Subject;
use tongcha_domain::mandate::{Mandate, MandateFacts, RecordMandate, RevokeMandate};
use tongcha_domain::text::Short;
use tongcha_domain::time::{Date, Instant};
use tongcha_domain::view::{Rows, ViewError};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::clock::wall_clock;
use crate::http::api::Api;
use crate::http::auth::{Caller, Commander};
use crate::http::extract::{Asked, Id, Payload, ReasonQuery};
use crate::http::language::Spoken;
use crate::http::openapi::{CommandProblems, IdPath, KeyHeader, ListProblems, ReadProblems, tags::MANDATES};
use crate::http::paging::{Key, Page, PageQuery, Paging};
use crate::http::problem::Answer;
use crate::http::reading::read;
use crate::http::wire::{Digest, Iso, ReceiptBody};
use crate::http::worded::{Stated, Worded, code, worded};

/// With its status in words.
type WordedMandateSummary = Worded<MandateSummary>;
/// With its status in words.
type WordedMandateSeen = Worded<MandateSeen>;

/// Returns the operations.
pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::default()
        .routes(routes!(list_mandates, record_mandate))
        .routes(routes!(get_mandate))
        .routes(routes!(revoke_mandate))
}

/// What a signed letter lets a unit do.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "principal": {
        "document": { "kind": "macau_bir", "number": "9000002(0)" }, "name": { "as_on_document": "鍾演示" },
    },
    "unit": "gongbei", "services": ["social insurance enrolment"],
    "letter_sha256": "5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9", "witness": "mo.lo.test",
    "from": "2026-07-01", "to": "2027-06-30",
}))]
struct NewMandate {
    /// Who gives it.
    principal: Subject,
    /// The unit of this party that may act.
    unit: UnitId,
    /// The services it may act in, in words: 1 to 8.
    services: Vec<Short>,
    /// SHA-256 of the signed letter.
    letter_sha256: Digest,
    /// The officer who witnessed the signature; not who records it.
    witness: OfficerId,
    /// First day.
    #[schema(value_type = String, format = "date")]
    from: Date,
    /// Last day.
    #[schema(value_type = String, format = "date")]
    to: Date,
}

/// That a person withdrew a mandate.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "form": "letter", "effective_at": "2026-07-01T04:00:00Z" }))]
struct MandateRevocation {
    /// How.
    form: RevocationForm,
    /// When; not in the future.
    effective_at: Iso,
}

/// How a mandate stands.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum MandateState {
    /// In force, or to begin.
    Recorded,
    /// Withdrawn.
    Revoked,
    /// Its last day is over.
    Ended,
}

/// A mandate without its person.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct MandateSummary {
    id: MandateId,
    /// The unit that may act.
    attorney: OrgUnit,
    /// The services it may act in.
    services: Vec<Short>,
    /// First day.
    #[schema(value_type = String, format = "date")]
    from: Date,
    /// Last day.
    #[schema(value_type = String, format = "date")]
    to: Date,
    state: MandateState,
    recorded_at: Iso,
}

/// A mandate in full.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct MandateSeen {
    #[serde(flatten)]
    summary: MandateSummary,
    /// Who gives it.
    principal: Subject,
    /// SHA-256 of the signed letter.
    letter_sha256: Digest,
    /// The officer who witnessed the signature.
    witness: OfficerId,
    /// When the person withdrew it.
    revoked_from: Option<Iso>,
}

impl Stated for MandateSummary {
    const CASE: &'static str = "Mandate";

    fn state(&self) -> String {
        code(&self.state)
    }
}

impl Stated for MandateSeen {
    const CASE: &'static str = "Mandate";

    fn state(&self) -> String {
        self.summary.state()
    }
}

fn seen(facts: &MandateFacts, now: Instant) -> Option<MandateSeen> {
    let (recorded, said) = facts.recorded.as_ref()?;
    let Mandate { id, principal, attorney, services, letter_digest, witness, from, to } = recorded.mandate.clone();
    let state = match &facts.revoked {
        Some(_) => MandateState::Revoked,
        None if to < now.local_date() => MandateState::Ended,
        None => MandateState::Recorded,
    };
    let revoked_from = facts.revoked.as_ref().map(|(revoked, _)| Iso(revoked.effective_at));
    let summary = MandateSummary { id, attorney, services, from, to, state, recorded_at: Iso(said.at) };
    Some(MandateSeen { summary, principal, letter_sha256: Digest(letter_digest), witness, revoked_from })
}

fn list(rows: &Rows<'_>, me: PartyId, now: Instant, paging: &Paging) -> Result<Page<MandateSummary>, ViewError> {
    let all = rows.all::<MandateFacts>()?;
    let known = all.iter().filter_map(|(id, sides)| {
        let summary = seen(sides.of(me)?, now)?.summary;
        Some((Key::newest_first(Some(summary.recorded_at.0)).id(id.0), summary))
    });
    Ok(paging.cut(known))
}

/// Lists the mandates: no persons, the newest first.
#[utoipa::path(get, path = "/v1/mandates", tag = MANDATES, params(PageQuery),
    responses((status = 200, body = Vec<WordedMandateSummary>), ListProblems))]
async fn list_mandates(
    State(api): State<Api>,
    _: Caller,
    Spoken(language): Spoken,
    paging: Paging,
) -> Answer<Page<WordedMandateSummary>> {
    let now = wall_clock();
    let page = api.rows(move |core| list(&core.rows(), core.me(), now, &paging)).await?;
    Ok(worded(page, language))
}

/// Records a mandate from a signed letter. Nobody may ask about the person on it.
///
/// By a caseworker or a social worker who did not witness the signature.
#[utoipa::path(post, path = "/v1/mandates", tag = MANDATES, params(KeyHeader), request_body = NewMandate,
    responses((status = 201, body = ReceiptBody), CommandProblems))]
async fn record_mandate(
    State(api): State<Api>,
    by: Commander,
    Payload(new): Payload<NewMandate>,
) -> Answer<(StatusCode, Json<ReceiptBody>)> {
    let id = api.new_id(&by);
    let NewMandate { principal, unit, services, letter_sha256, witness, from, to } = new;
    let attorney = OrgUnit { party: api.me(), unit };
    let letter_digest = letter_sha256.0;
    let mandate = Mandate { id: MandateId(id), principal, attorney, services, letter_digest, witness, from, to };
    Ok((StatusCode::CREATED, Json(api.command(&by, id, RecordMandate { mandate }).await?)))
}

/// Reads a mandate with its person. The access is recorded first.
///
/// By a caseworker, a social worker or a data-protection officer.
#[utoipa::path(get, path = "/v1/mandates/{id}", tag = MANDATES, params(IdPath, ReasonQuery),
    responses((status = 200, body = WordedMandateSeen), ReadProblems))]
async fn get_mandate(
    State(api): State<Api>,
    caller: Caller,
    Id(mandate): Id<MandateId>,
    Asked(ReasonQuery { reason }): Asked<ReasonQuery>,
    Spoken(language): Spoken,
) -> Answer<Json<WordedMandateSeen>> {
    let now = wall_clock();
    let find =
        move |rows: &Rows<'_>, me| Ok(rows.side::<MandateFacts>(&mandate, me)?.and_then(|facts| seen(&facts, now)));
    let found = read(&api, caller, AccessTarget::Mandate(mandate), reason, find).await?;
    Ok(Json(Worded::new(found, language)))
}

/// Records that the person withdrew a mandate.
///
/// By a caseworker or a social worker.
#[utoipa::path(post, path = "/v1/mandates/{id}/revocation", tag = MANDATES, params(IdPath, KeyHeader),
    request_body = MandateRevocation, responses((status = 200, body = ReceiptBody), CommandProblems))]
async fn revoke_mandate(
    State(api): State<Api>,
    by: Commander,
    Id(mandate): Id<MandateId>,
    Payload(MandateRevocation { form, effective_at }): Payload<MandateRevocation>,
) -> Answer<Json<ReceiptBody>> {
    let effective_at = effective_at.0;
    api.command(&by, mandate.0, RevokeMandate { mandate, form, effective_at }).await.map(Json)
}
