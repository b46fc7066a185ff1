//! Consents (授权书) and their tokens: `/v1/consents`.

mod forms;
mod views;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use tongcha_domain::access::AccessTarget;
use tongcha_domain::consent::{
    CloseConsent, ConsentClaims, ConsentFacts, CountersignConsent, DiscardConsent, RecordConsent, RevokeConsent,
};
use tongcha_domain::id::{CommandKey, ConsentId};
use tongcha_domain::refusal::{Refusal, RefusalCode};
use tongcha_domain::time::Instant;
use tongcha_domain::view::{CommandFacts, CommandOutcome, Rows};
use tongcha_ledger::token::{ConsentToken, TokenError};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::clock::wall_clock;
use crate::http::api::Api;
use crate::http::auth::{Caller, Commander};
use crate::http::extract::{Asked, Id, Payload, ReasonQuery};
use crate::http::language::Spoken;
use crate::http::openapi::{CommandProblems, IdPath, KeyHeader, ListProblems, ReadProblems, tags::CONSENTS};
use crate::http::paging::{Page, PageQuery, Paging};
use crate::http::problem::{Answer, Problem};
use crate::http::reading::{read, read_unless};
use crate::http::wire::{Discard, Empty, Iso, ReceiptBody};
use crate::http::worded::{Worded, worded};
use forms::{Completion, ConsentClosure, NewConsent, Revocation};
use views::{Consent, ConsentSummary};
pub(super) use views::{Printed, printed}; // for the receipts

/// With its status in words.
type WordedConsentSummary = Worded<ConsentSummary>;
/// With its status in words.
type WordedConsent = Worded<Consent>;

/// Returns the operations.
pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::default()
        .routes(routes!(list_consents, record_consent))
        .routes(routes!(get_consent))
        .routes(routes!(get_token))
        .routes(routes!(countersign_consent))
        .routes(routes!(discard_consent))
        .routes(routes!(revoke_consent))
        .routes(routes!(complete_consent))
        .routes(routes!(close_consent))
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

/// Lists the consents: no persons, the newest first. What concerns a minor is listed for officers cleared for that only.
#[utoipa::path(get, path = "/v1/consents", tag = CONSENTS, params(PageQuery),
    responses((status = 200, body = Vec<WordedConsentSummary>), ListProblems))]
async fn list_consents(
    State(api): State<Api>,
    Caller(actor): Caller,
    Spoken(language): Spoken,
    paging: Paging,
) -> Answer<Page<WordedConsentSummary>> {
    let now = wall_clock();
    let page = api.rows(move |core| views::list(&core.rows(), core.me(), &actor, now, &paging)).await?;
    Ok(worded(page, language))
}

/// Records a consent from a signed letter.
///
/// By a caseworker who did not witness the signature. In force only when countersigned. A letter covers one adult and the
/// minors signed for; what it still lacks is listed in the consent and can be added by a later letter.
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

/// Gives up the record of a letter that is not countersigned; nothing can be done with it afterwards.
///
/// By who recorded it, or by a reviewer. Nobody else was told of it.
#[utoipa::path(post, path = "/v1/consents/{id}/discard", tag = CONSENTS, params(IdPath, KeyHeader),
    request_body = Discard, responses((status = 200, body = ReceiptBody), CommandProblems))]
async fn discard_consent(
    State(api): State<Api>,
    by: Commander,
    Id(consent): Id<ConsentId>,
    Payload(Discard { reason }): Payload<Discard>,
) -> Answer<Json<ReceiptBody>> {
    api.command(&by, consent.0, DiscardConsent { consent, reason }).await.map(Json)
}

/// Reads a consent with its subjects. The access is recorded first.
#[utoipa::path(get, path = "/v1/consents/{id}", tag = CONSENTS, params(IdPath, ReasonQuery),
    responses((status = 200, body = WordedConsent), ReadProblems))]
async fn get_consent(
    State(api): State<Api>,
    caller: Caller,
    Id(consent): Id<ConsentId>,
    Asked(ReasonQuery { reason }): Asked<ReasonQuery>,
    Spoken(language): Spoken,
) -> Answer<Json<WordedConsent>> {
    let (now, witnesses) = (wall_clock(), api.node.witnesses());
    let find = move |rows: &Rows<'_>, me| views::find(rows, me, consent, now, &witnesses);
    let found = read(&api, caller, AccessTarget::Consent(consent), reason, find).await?;
    Ok(Json(Worded::new(found, language)))
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

/// Records that a person withdrew what they signed, for all or some of those they signed for. Nothing more is answered about
/// them; where more than one signed it says who of them withdrew.
///
/// By a caseworker, a reviewer or a liaison officer of any party of the consent.
#[utoipa::path(post, path = "/v1/consents/{id}/revocation", tag = CONSENTS, params(IdPath, KeyHeader),
    request_body = Revocation, responses((status = 200, body = ReceiptBody), CommandProblems))]
async fn revoke_consent(
    State(api): State<Api>,
    by: Commander,
    Id(consent): Id<ConsentId>,
    Payload(Revocation { form, effective_at, subjects, by: whose }): Payload<Revocation>,
) -> Answer<Json<ReceiptBody>> {
    let first = match (&effective_at, by.key) {
        (None, Some(key)) => first_revocation(&api, consent, key).await?.transpose()?,
        (Some(_), _) | (None, None) => None,
    };
    let effective_at = effective_at.map(|Iso(at)| at).or(first).unwrap_or_else(wall_clock);
    api.command(&by, consent.0, RevokeConsent { consent, form, effective_at, subjects, by: whose }).await.map(Json)
}

/// Adds what a later letter says to a consent that is not in force: a second parent's signature, a minor's own agreement,
/// the separate consent to a sensitive item.
///
/// By a caseworker who did not witness the signatures.
#[utoipa::path(post, path = "/v1/consents/{id}/completion", tag = CONSENTS, params(IdPath, KeyHeader),
    request_body = Completion, responses((status = 200, body = ReceiptBody), CommandProblems))]
async fn complete_consent(
    State(api): State<Api>,
    by: Commander,
    Id(consent): Id<ConsentId>,
    Payload(completion): Payload<Completion>,
) -> Answer<Json<ReceiptBody>> {
    api.command(&by, consent.0, completion.into_command(consent)).await.map(Json)
}

/// Closes a consent before its term ends. Nothing more is answered on it.
///
/// By a caseworker of the issuer or of the party that asks.
#[utoipa::path(post, path = "/v1/consents/{id}/closure", tag = CONSENTS, params(IdPath, KeyHeader),
    request_body = ConsentClosure, responses((status = 200, body = ReceiptBody), CommandProblems))]
async fn close_consent(
    State(api): State<Api>,
    by: Commander,
    Id(consent): Id<ConsentId>,
    Payload(ConsentClosure { reason }): Payload<ConsentClosure>,
) -> Answer<Json<ReceiptBody>> {
    api.command(&by, consent.0, CloseConsent { consent, reason }).await.map(Json)
}

/// What a repeated request without an instant came to the first time: its "now", or why it was refused. With another
/// "now" it would be another command.
async fn first_revocation(api: &Api, consent: ConsentId, key: CommandKey) -> Answer<Option<Result<Instant, Refusal>>> {
    api.rows(move |core| {
        let (rows, me) = (core.rows(), core.me());
        let Some(first) = rows.side::<CommandFacts>(&key, me)?.and_then(|facts| facts.0) else { return Ok(None) };
        let facts = rows.side::<ConsentFacts>(&consent, me)?.unwrap_or_default();
        let mut revoked = facts.withdrawals();
        Ok(match first.outcome {
            CommandOutcome::Refused(refusal) => Some(Err(refusal)),
            CommandOutcome::Done => {
                revoked.find(|(_, said)| said.seq == first.seq).map(|(revoked, _)| Ok(revoked.effective_at))
            }
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

/// Makes the token of a consent in force.
pub(super) async fn token_of(api: &Api, claims: ConsentClaims) -> Answer<String> {
    let token = issue(api, claims).await?.map_err(|error| Problem::internal(&error))?;
    Ok(token.to_text())
}
