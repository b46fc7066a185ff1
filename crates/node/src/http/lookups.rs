//! Lookups, live questions on a consent's token: `/v1/lookups`.

mod views;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use tongcha_domain::access::AccessTarget;
use tongcha_domain::id::{LookupId, PartyId};
use tongcha_domain::identity::Document;
use tongcha_domain::item::{Answer as ItemAnswer, Question};
use tongcha_domain::purpose::Purpose;
use tongcha_domain::view::Rows;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::clock::wall_clock;
use crate::http::api::Api;
use crate::http::auth::{Caller, Commander};
use crate::http::extract::{Asked, Id, Payload, ReasonQuery};
use crate::http::language::Spoken;
use crate::http::openapi::{IdPath, KeyHeader, ListProblems, LookupProblems, ReadProblems, tags::LOOKUPS};
use crate::http::paging::{Page, PageQuery, Paging};
use crate::http::problem::Answer;
use crate::http::reading::read;
use crate::http::wire::ReceiptBody;
use crate::http::worded::{Worded, worded};
use crate::http::{LookupQuestion, LookupResult};
use views::{Lookup, LookupSummary};

/// With its status in words.
type WordedLookupSummary = Worded<LookupSummary>;

/// Returns the operations.
pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::default().routes(routes!(list_lookups, ask_lookup)).routes(routes!(get_lookup))
}

/// A question to another party's register.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "holder": "macau", "token": "tc1.AQ…", "subject": { "kind": "macau_bir", "number": "9000001(0)" },
    "questions": [{ "item": "inc.assist", "predicate": "holds", "granularity": "threshold" }],
    "purpose": "dibao_application",
}))]
struct NewLookup {
    /// The party asked.
    holder: PartyId,
    /// The consent's token. Without one the question is refused with NO_CONSENT.
    #[serde(default)]
    token: Option<String>,
    /// Whom it is about.
    subject: Document,
    /// What is asked; at most 16.
    questions: Vec<Question>,
    /// What for.
    purpose: Purpose,
}

/// What came back.
#[derive(Debug, Serialize, ToSchema)]
struct LookupAnswers {
    id: LookupId,
    /// Position of the holder's permission in the holder's log.
    holder_seq: u64,
    /// The own entry that closes the lookup.
    receipt: ReceiptBody,
    /// In the order of the questions.
    answers: Vec<ItemAnswer>,
}

/// Lists the lookups: no persons, the newest first. What concerns a minor is listed for officers cleared for that only.
#[utoipa::path(get, path = "/v1/lookups", tag = LOOKUPS, params(PageQuery),
    responses((status = 200, body = Vec<WordedLookupSummary>), ListProblems))]
async fn list_lookups(
    State(api): State<Api>,
    Caller(actor): Caller,
    Spoken(language): Spoken,
    paging: Paging,
) -> Answer<Page<WordedLookupSummary>> {
    let now = wall_clock();
    let page = api.rows(move |core| views::list(&core.rows(), core.me(), &actor, now, &paging)).await?;
    Ok(worded(page, language))
}

/// Asks another party's register, live.
///
/// By a caseworker, a reviewer, a liaison officer or a district officer, for the own unit. One use of the consent is
/// spent, in the holder's log, before the answer leaves.
#[utoipa::path(post, path = "/v1/lookups", tag = LOOKUPS, params(KeyHeader), request_body = NewLookup,
    responses((status = 200, body = LookupAnswers), LookupProblems))]
async fn ask_lookup(
    State(api): State<Api>,
    by: Commander,
    Payload(question): Payload<NewLookup>,
) -> Answer<Json<LookupAnswers>> {
    let NewLookup { holder, token, subject, questions, purpose } = question;
    let question = LookupQuestion { holder, token, subject, questions, purpose };
    let lookup = LookupId(api.new_id(&by));
    let asked = api.lookups.ask(by.actor, by.key, lookup, question);
    let LookupResult { lookup, holder_seq, receipt, answers } = asked.await??;
    let receipt = ReceiptBody::new(lookup.0, &api.node, &receipt);
    Ok(Json(LookupAnswers { id: lookup, holder_seq, receipt, answers }))
}

/// Reads a lookup with its answers. The access is recorded first.
#[utoipa::path(get, path = "/v1/lookups/{id}", tag = LOOKUPS, params(IdPath, ReasonQuery),
    responses((status = 200, body = Lookup), ReadProblems))]
async fn get_lookup(
    State(api): State<Api>,
    caller: Caller,
    Id(lookup): Id<LookupId>,
    Asked(ReasonQuery { reason }): Asked<ReasonQuery>,
) -> Answer<Json<Lookup>> {
    let witnesses = api.node.witnesses();
    let find = move |rows: &Rows<'_>, me| views::find(rows, me, lookup, &witnesses);
    read(&api, caller, AccessTarget::Lookup(lookup), reason, find).await.map(Json)
}
