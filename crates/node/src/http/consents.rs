//! Consents (授权书) and their tokens: `/v1/consents`.

mod views;

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use tongcha_domain::access::AccessTarget;
use tongcha_domain::consent::{
    ConsentClaims, ConsentFacts, CountersignConsent, OrgUnit, RecordConsent, RevocationForm, RevokeConsent, Signer,
};
use tongcha_domain::id::{CommandKey, ConsentId, OfficerId, PartyId, UnitId};
use tongcha_domain::identity::Subject;
use tongcha_domain::item::{Granularity, Item};
use tongcha_domain::purpose::{Language, LegalBasis, Purpose};
use tongcha_domain::refusal::{Refusal, RefusalCode};
use tongcha_domain::time::Instant;
use tongcha_domain::view::{CommandFacts, CommandOutcome};
use tongcha_ledger::token::{ConsentToken, TokenError};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::clock::wall_clock;
use crate::http::api::Api;
use crate::http::auth::{Caller, Commander};
use crate::http::extract::{Asked, Id, Payload, ReasonQuery};
use crate::http::openapi::{CommandProblems, IdPath, KeyHeader, ListProblems, ReadProblems, tags::CONSENTS};
use crate::http::problem::{Answer, Problem};
use crate::http::reading::{read, read_unless};
use crate::http::wire::{Digest, Empty, Iso, ReceiptBody, distinct_keys};
use views::{Consent, ConsentSummary};

/// Returns the operations.
pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::default()
        .routes(routes!(list_consents, record_consent))
        .routes(routes!(get_consent))
        .routes(routes!(get_token))
        .routes(routes!(countersign_consent))
        .routes(routes!(revoke_consent))
}

/// What a signed letter says.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "holder": "macau", "unit": "xiangzhou",
    "items": { "ast.property": "threshold", "ast.deposit": "threshold", "inc.assist": "threshold" },
    "purpose": "dibao_application", "legal_basis": { "agreement_article": "test agreement, article 3" },
    "not_before": "2026-07-01T00:00:00+08:00", "not_after": "2027-01-01T00:00:00+08:00", "uses": 3,
    "letter_sha256": "5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9",
    "signers": [{ "subject": 0, "capacity": "own", "signed_on": "2026-07-01" }],
    "witness": "zh.lo.test", "language": "zh-Hant",
    "subjects": [{
        "document": { "kind": "macau_bir", "number": "9000001(0)" }, "name": { "as_on_document": "陳樣本" },
    }],
}))]
struct NewConsent {
    /// The party that may answer.
    holder: PartyId,
    /// The unit that may ask.
    unit: UnitId,
    /// The party of that unit; the own party when it is not said.
    #[serde(default)]
    requester_party: Option<PartyId>,
    /// What may be asked, and how finely.
    #[serde(deserialize_with = "distinct_keys")]
    #[schema(value_type = BTreeMap<String, Granularity>)]
    items: BTreeMap<Item, Granularity>,
    /// What for.
    purpose: Purpose,
    /// The legal basis of the exchange itself.
    legal_basis: LegalBasis,
    /// First instant it holds.
    not_before: Iso,
    /// First instant it no longer holds; at most 366 days later.
    not_after: Iso,
    /// How often it may be used, 1 to 24.
    uses: u32,
    /// SHA-256 of the signed letter.
    letter_sha256: Digest,
    /// Who signed.
    signers: Vec<Signer>,
    /// The officer who witnessed the signature; not who records it.
    witness: OfficerId,
    /// Language of the letter.
    language: Language,
    /// Whom it covers: 1 to 12 persons.
    subjects: Vec<Subject>,
}

impl NewConsent {
    fn into_claims(self, id: ConsentId, issuer: PartyId) -> ConsentClaims {
        ConsentClaims {
            id,
            issuer,
            holder: self.holder,
            requester: OrgUnit { party: self.requester_party.unwrap_or(issuer), unit: self.unit },
            items: self.items,
            purpose: self.purpose,
            legal_basis: self.legal_basis,
            not_before: self.not_before.0,
            not_after: self.not_after.0,
            uses: self.uses,
            letter_digest: self.letter_sha256.0,
            signers: self.signers,
            witness: self.witness,
            language: self.language,
            subjects: self.subjects,
        }
    }
}

/// That a person withdrew a consent.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "form": "in_person" }))]
struct Revocation {
    /// How.
    form: RevocationForm,
    /// When; now when it is not said.
    #[serde(default)]
    effective_at: Option<Iso>,
}

/// The receipt of a countersignature, and the token.
#[derive(Debug, Serialize, ToSchema)]
struct Granted {
    #[serde(flatten)]
    receipt: ReceiptBody,
    /// The token to print.
    #[schema(example = "tc1.AQ…")]
    token: String,
}

/// A consent's token.
#[derive(Debug, Serialize, ToSchema)]
struct Token {
    /// The token to print.
    #[schema(example = "tc1.AQ…")]
    token: String,
}

/// Lists the consents: no persons, the newest first.
#[utoipa::path(get, path = "/v1/consents", tag = CONSENTS,
    responses((status = 200, body = Vec<ConsentSummary>), ListProblems))]
async fn list_consents(State(api): State<Api>, _: Caller) -> Answer<Json<Vec<ConsentSummary>>> {
    let now = wall_clock();
    api.rows(move |core| views::list(&core.rows(), core.me(), now)).await.map(Json)
}

/// Records a consent from a signed letter.
///
/// By a caseworker who did not witness the signature. In force only when countersigned.
#[utoipa::path(post, path = "/v1/consents", tag = CONSENTS, params(KeyHeader), request_body = NewConsent,
    responses((status = 201, body = ReceiptBody), CommandProblems))]
async fn record_consent(
    State(api): State<Api>,
    by: Commander,
    Payload(consent): Payload<NewConsent>,
) -> Answer<(StatusCode, Json<ReceiptBody>)> {
    let id = api.new_id(&by);
    let claims = consent.into_claims(ConsentId(id), api.me());
    // A consent that is in force but fits no token could never be used for a lookup.
    if matches!(issue(&api, claims.clone()).await?, Err(TokenError::Length(_))) {
        return Err(Refusal::new(RefusalCode::BadList).offending(["subjects"]).into());
    }
    Ok((StatusCode::CREATED, Json(api.command(&by, id, RecordConsent { claims }).await?)))
}

/// Reads a consent with its subjects. The access is recorded first.
#[utoipa::path(get, path = "/v1/consents/{id}", tag = CONSENTS, params(IdPath, ReasonQuery),
    responses((status = 200, body = Consent), ReadProblems))]
async fn get_consent(
    State(api): State<Api>,
    caller: Caller,
    Id(consent): Id<ConsentId>,
    Asked(ReasonQuery { reason }): Asked<ReasonQuery>,
) -> Answer<Json<Consent>> {
    let now = wall_clock();
    read(&api, caller, AccessTarget::Consent(consent), reason, move |rows, me| views::find(rows, me, consent, now))
        .await
        .map(Json)
}

/// Makes the token of a consent in force again. The access is recorded first.
///
/// At the consent's issuer. Tokens of one consent differ in their bytes and are worth the same.
#[utoipa::path(get, path = "/v1/consents/{id}/token", tag = CONSENTS, params(IdPath, ReasonQuery),
    responses((status = 200, body = Token), ReadProblems))]
async fn get_token(
    State(api): State<Api>,
    caller: Caller,
    Id(consent): Id<ConsentId>,
    Asked(ReasonQuery { reason }): Asked<ReasonQuery>,
) -> Answer<Json<Token>> {
    let now = wall_clock();
    let claims = read_unless(&api, caller, AccessTarget::Consent(consent), reason, move |rows, me| {
        views::printable(rows, me, consent, now)
    })
    .await?;
    Ok(Json(Token { token: token_of(&api, claims).await? }))
}

/// Countersigns a consent: from now on it is in force. The answer holds its token.
///
/// By a reviewer or a caseworker who did not record it.
#[utoipa::path(post, path = "/v1/consents/{id}/countersignature", tag = CONSENTS, params(IdPath, KeyHeader),
    request_body = Empty, responses((status = 200, body = Granted), CommandProblems))]
async fn countersign_consent(
    State(api): State<Api>,
    by: Commander,
    Id(consent): Id<ConsentId>,
    _: Payload<Empty>,
) -> Answer<Json<Granted>> {
    let receipt = api.command(&by, consent.0, CountersignConsent { consent }).await?;
    let granted = api.rows(move |core| core.rows().side::<ConsentFacts>(&consent, core.me())).await?;
    let granted = granted.and_then(|facts| facts.granted).ok_or(RefusalCode::NotFound)?;
    Ok(Json(Granted { receipt, token: token_of(&api, granted.0.claims).await? }))
}

/// Records that the person withdrew a consent. Nothing more is answered on it.
///
/// By a caseworker, a reviewer or a liaison officer of any party of the consent.
#[utoipa::path(post, path = "/v1/consents/{id}/revocation", tag = CONSENTS, params(IdPath, KeyHeader),
    request_body = Revocation, responses((status = 200, body = ReceiptBody), CommandProblems))]
async fn revoke_consent(
    State(api): State<Api>,
    by: Commander,
    Id(consent): Id<ConsentId>,
    Payload(Revocation { form, effective_at }): Payload<Revocation>,
) -> Answer<Json<ReceiptBody>> {
    let first = match (&effective_at, by.key) {
        (None, Some(key)) => first_revocation(&api, consent, key).await?.transpose()?,
        (Some(_), _) | (None, None) => None,
    };
    let effective_at = effective_at.map(|Iso(at)| at).or(first).unwrap_or_else(wall_clock);
    api.command(&by, consent.0, RevokeConsent { consent, form, effective_at }).await.map(Json)
}

/// What a repeated request without an instant came to the first time: its "now", or why it was refused. With another
/// "now" it would be another command.
async fn first_revocation(api: &Api, consent: ConsentId, key: CommandKey) -> Answer<Option<Result<Instant, Refusal>>> {
    api.rows(move |core| {
        let (rows, me) = (core.rows(), core.me());
        let Some(first) = rows.side::<CommandFacts>(&key, me)?.and_then(|facts| facts.0) else { return Ok(None) };
        let revoked = rows.side::<ConsentFacts>(&consent, me)?.and_then(|facts| facts.revoked);
        Ok(match (first.outcome, revoked) {
            (CommandOutcome::Refused(refusal), _) => Some(Err(refusal)),
            (CommandOutcome::Done, Some((revoked, said))) if said.seq == first.seq => Some(Ok(revoked.effective_at)),
            (CommandOutcome::Done, Some(_) | None) => None,
        })
    })
    .await
}

async fn issue(api: &Api, claims: ConsentClaims) -> Answer<Result<ConsentToken, TokenError>> {
    let issued = api.node.with(move |core| {
        let (secrets, directory) = (core.secrets().clone(), core.directory().clone());
        ConsentToken::issue(&claims, &secrets, &directory, core.rng())
    });
    Ok(issued.await?)
}

async fn token_of(api: &Api, claims: ConsentClaims) -> Answer<String> {
    let token = issue(api, claims).await?.map_err(|error| Problem::internal(&error))?;
    Ok(token.to_text())
}
