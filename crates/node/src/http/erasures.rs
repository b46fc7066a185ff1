//! Erasures 删除: `/v1/erasures` and `/v1/erasure-requests`. Positions, file numbers, grounds and counts: no personal data, so
//! reading them is not recorded.

mod views;

use std::collections::{BTreeMap, BTreeSet};

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use tongcha_domain::case::CaseRef;
use tongcha_domain::erasure::{
    ENTRIES_MAX, ErasureBasis, ErasureFacts, ErasureGround, ListedEntry, OrderErasure, ProposeErasure, READERS,
    RefusalGround, RefuseErasure, RequestErasure, erasable, keeping,
};
use tongcha_domain::id::{ErasureId, PartyId};
use tongcha_domain::party::rules_of;
use tongcha_domain::refusal::{Refusal, RefusalCode};
use tongcha_domain::text::Short;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::clock::wall_clock;
use crate::core::LogEntry;
use crate::http::api::Api;
use crate::http::auth::{Caller, Commander};
use crate::http::erasures::views::{Erasure, erasures};
use crate::http::extract::{Id, Payload};
use crate::http::language::Spoken;
use crate::http::openapi::{CommandProblems, IdPath, KeyHeader, ListProblems, tags::ERASURES};
use crate::http::paging::{Key, Page, PageQuery, Paging};
use crate::http::problem::Answer;
use crate::http::wire::{Empty, ReceiptBody};
use crate::http::worded::{Worded, worded};
use crate::node::NodeError;

/// Entries looked at between two commits while a case is searched for.
const SCAN_AT_ONCE: u64 = 500;

/// An erasure in words.
type WordedErasure = Worded<Erasure>;

/// Returns the operations.
pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::default()
        .routes(routes!(list_erasures, propose_erasure))
        .routes(routes!(get_erasure))
        .routes(routes!(order_erasure))
        .routes(routes!(request_erasure))
        .routes(routes!(refuse_erasure))
}

/// What is to be erased: entries of the own log by their positions, or all of a case that hold persons' data.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "case": { "urgent": "0197f000-0000-7000-8000-000000000a01" }, "basis": "subject_request", "reference": "DP-2026-017",
}))]
struct NewErasure {
    /// Positions in the own log.
    #[serde(default)]
    #[schema(max_items = 1000)]
    entries: BTreeSet<u64>,
    /// A case: every own entry of it that holds persons' data, is not erased, and may be by now.
    #[serde(default)]
    case: Option<CaseRef>,
    /// The request of another party that it answers. Without positions and case it is what the request names; it may name more,
    /// never less.
    #[serde(default)]
    request: Option<ErasureId>,
    /// On what it rests.
    basis: ErasureBasis,
    /// File number of the request, the case or the order. Never a name: it stays in the log for ever.
    reference: Short,
}

/// What another party is asked to erase: entries of its log by their positions, or all of a case that hold persons' data and
/// that it told this party.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "to": "zhuhai", "case": { "batch": "0197f000-0000-7000-8000-000000000b01" }, "basis": "unlawful",
    "reference": "MO-DP-2026-4", "reason": "recorded in error: another household",
}))]
struct NewRequest {
    /// Whose entries.
    to: PartyId,
    /// Positions in that party's log.
    #[serde(default)]
    #[schema(max_items = 1000)]
    entries: BTreeSet<u64>,
    /// A case: every entry of it that this party can read, that holds persons' data, and that may be erased by now.
    #[serde(default)]
    case: Option<CaseRef>,
    /// On what it rests.
    basis: ErasureBasis,
    /// File number of the person's request or of the case. Never a name.
    reference: Short,
    /// What is wrong with the entries, in a few words. Never a name or a number.
    reason: Short,
}

/// Why a request is refused.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "because": "right_and_lawful", "reference": "DP-2026-018" }))]
struct NewRefusal {
    /// The ground.
    because: RefusalGround,
    /// File number of the reasons in writing. Never a name.
    reference: Short,
}

/// Lists the erasures of this party, those it holds copies for, and the requests it sent or was sent, the newest first.
///
/// By a data-protection officer, the secretariat or an auditor.
#[utoipa::path(get, path = "/v1/erasures", tag = ERASURES, params(PageQuery),
    responses((status = 200, body = Vec<WordedErasure>), ListProblems))]
async fn list_erasures(
    State(api): State<Api>,
    caller: Caller,
    Spoken(language): Spoken,
    paging: Paging,
) -> Answer<Page<WordedErasure>> {
    caller.must_be(READERS)?;
    let list = api.rows(move |core| erasures(core, language)).await?.into_iter();
    let key = |erasure: &Erasure| Key::newest_first(erasure.since()).name(erasure.origin.as_str()).id(erasure.id.0);
    Ok(worded(paging.cut(list.map(|erasure| (key(&erasure), erasure))), language))
}

/// Reads an erasure: who asked for it, on what it rests, and which holders have confirmed it.
///
/// By a data-protection officer, the secretariat or an auditor.
#[utoipa::path(get, path = "/v1/erasures/{id}", tag = ERASURES, params(IdPath),
    responses((status = 200, body = WordedErasure), ListProblems))]
async fn get_erasure(
    State(api): State<Api>,
    caller: Caller,
    Spoken(language): Spoken,
    Id(id): Id<ErasureId>,
) -> Answer<Json<WordedErasure>> {
    caller.must_be(READERS)?;
    let me = api.me();
    let mut list = api.rows(move |core| erasures(core, language)).await?;
    list.retain(|erasure| erasure.id == id);
    list.sort_by_key(|erasure| erasure.origin != me);
    let found = list.into_iter().next().ok_or(RefusalCode::NotFound)?;
    Ok(Json(Worded::new(found, language)))
}

/// Proposes an erasure, on one's own or in answer to a request. Nothing is erased before a second person orders it.
///
/// By a data-protection officer. Refused with RETENTION_FLOOR and the first instant at which it is possible, when an entry must
/// be kept longer.
#[utoipa::path(post, path = "/v1/erasures", tag = ERASURES, params(KeyHeader), request_body = NewErasure,
    responses((status = 201, body = ReceiptBody), CommandProblems))]
async fn propose_erasure(
    State(api): State<Api>,
    by: Commander,
    Payload(new): Payload<NewErasure>,
) -> Answer<(StatusCode, Json<ReceiptBody>)> {
    let NewErasure { mut entries, case, request, basis, reference } = new;
    let (mut erasure, mut asker) = (ErasureId(api.new_id(&by)), None);
    if let Some(request) = request {
        let me = api.me();
        let asked = api.rows(move |core| {
            let sides = core.rows().sides::<ErasureFacts>(&request)?;
            Ok(sides.request_to(me).map(|found| (found.asker, found.asked.entries.clone())))
        });
        let (by, wanted) = asked.await?.ok_or(RefusalCode::NotFound)?;
        (erasure, asker) = (request, Some(by));
        if entries.is_empty() && case.is_none() {
            entries = wanted;
        }
    }
    let entries = listed(&api, api.me(), &entries, case).await?;
    let command = ProposeErasure { erasure, entries, ground: ErasureGround { basis, reference }, asker };
    Ok((StatusCode::CREATED, Json(api.command(&by, erasure.0, command).await?)))
}

/// Asks another party to erase entries of its log.
///
/// By a data-protection officer. The other party's data-protection officer answers: by an erasure under the same id, or by a
/// refusal with its ground. It is late after fifteen of the other party's working days.
#[utoipa::path(post, path = "/v1/erasure-requests", tag = ERASURES, params(KeyHeader), request_body = NewRequest,
    responses((status = 201, body = ReceiptBody), CommandProblems))]
async fn request_erasure(
    State(api): State<Api>,
    by: Commander,
    Payload(new): Payload<NewRequest>,
) -> Answer<(StatusCode, Json<ReceiptBody>)> {
    let NewRequest { to, entries, case, basis, reference, reason } = new;
    let id = api.new_id(&by);
    // Without a log of the addressee there is nothing to read; the command says so.
    let known = to != api.me() && rules_of(to).is_some();
    let entries = if known { listed(&api, to, &entries, case).await? } else { Vec::new() };
    let ground = ErasureGround { basis, reference };
    let command = RequestErasure { erasure: ErasureId(id), to, entries, ground, reason };
    Ok((StatusCode::CREATED, Json(api.command(&by, id, command).await?)))
}

/// Refuses a request, with its ground. A proposal that answers it is given up.
///
/// By a data-protection officer of the party asked.
#[utoipa::path(post, path = "/v1/erasures/{id}/refusal", tag = ERASURES, params(IdPath, KeyHeader),
    request_body = NewRefusal, responses((status = 200, body = ReceiptBody), CommandProblems))]
async fn refuse_erasure(
    State(api): State<Api>,
    by: Commander,
    Id(erasure): Id<ErasureId>,
    Payload(NewRefusal { because, reference }): Payload<NewRefusal>,
) -> Answer<Json<ReceiptBody>> {
    api.command(&by, erasure.0, RefuseErasure { erasure, because, reference }).await.map(Json)
}

/// Orders an erasure: every holder destroys its keys, and its view forgets. It can't be undone.
///
/// By a data-protection officer or the secretariat, never by who proposed it.
#[utoipa::path(post, path = "/v1/erasures/{id}/order", tag = ERASURES, params(IdPath, KeyHeader),
    request_body = Empty, responses((status = 200, body = ReceiptBody), CommandProblems))]
async fn order_erasure(
    State(api): State<Api>,
    by: Commander,
    Id(erasure): Id<ErasureId>,
    _: Payload<Empty>,
) -> Answer<Json<ReceiptBody>> {
    api.command(&by, erasure.0, OrderErasure { erasure }).await.map(Json)
}

/// Reads a log from its beginning and lists what is named, by position or by case. Officers' commands go on between the
/// slices.
async fn listed(
    api: &Api,
    origin: PartyId,
    entries: &BTreeSet<u64>,
    case: Option<CaseRef>,
) -> Answer<Vec<ListedEntry>> {
    if entries.len() > ENTRIES_MAX {
        return Err(Refusal::new(RefusalCode::BadList).offending(["entries"]).into());
    }
    let retention = rules_of(origin).map(|rules| rules.retention);
    let now = wall_clock();
    let (mut listed, mut kept, mut last, mut from) = (Vec::new(), Vec::new(), BTreeMap::new(), 0);
    loop {
        let slice = api.node.with(move |core| core.entries_of(origin, from, SCAN_AT_ONCE)).await?;
        let slice = slice.map_err(|error| NodeError::from(&error))?;
        if slice.is_empty() {
            break;
        }
        from += slice.len() as u64;
        for LogEntry { seq, kind, recorded_at, audience, case: of } in slice {
            let after = of.and_then(|of| last.insert((of, keeping(kind)), seq));
            let entry = ListedEntry { seq, kind, recorded_at, audience, case: of, after };
            let may = retention.is_some_and(|rules| erasable(&rules, kind, recorded_at, now).is_ok());
            if entries.contains(&seq) {
                listed.push(entry);
            } else if case.is_some() && of == case {
                if may { listed.push(entry) } else { kept.push(entry) }
            }
        }
    }
    if entries.iter().any(|seq| *seq >= from) {
        return Err(Refusal::new(RefusalCode::NotFound).offending(["entries"]).into());
    }
    // When all of the case is kept, the refusal says until when.
    Ok(if listed.is_empty() { kept } else { listed })
}
