//! Erasures 删除: `/v1/erasures`. Positions, file numbers and counts: no personal data, so reading them is not recorded.

use std::collections::{BTreeMap, BTreeSet};

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use tongcha_domain::case::CaseRef;
use tongcha_domain::erasure::{
    ENTRIES_MAX, ErasureBasis, ErasureFacts, ErasureGround, ListedEntry, OrderErasure, Ordered, ProposeErasure,
    erasable, keeping,
};
use tongcha_domain::id::{ErasureId, OfficerId, PartyId};
use tongcha_domain::officer::Role;
use tongcha_domain::party::rules_of;
use tongcha_domain::refusal::{Refusal, RefusalCode};
use tongcha_domain::text::Short;
use tongcha_domain::view::{Sides, ViewError};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::clock::wall_clock;
use crate::core::{Core, OwnEntry};
use crate::http::api::Api;
use crate::http::auth::{Caller, Commander};
use crate::http::extract::{Id, Payload};
use crate::http::language::Spoken;
use crate::http::openapi::{CommandProblems, IdPath, KeyHeader, ListProblems, tags::ERASURES};
use crate::http::paging::{Key, Page, PageQuery, Paging};
use crate::http::problem::Answer;
use crate::http::wire::{Empty, Iso, ReceiptBody};
use crate::http::worded::{Stated, Worded, code, worded};
use crate::node::NodeError;

/// Who may see erasures.
const READERS: &[Role] = &[Role::DataProtection, Role::Secretariat, Role::Auditor];

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
    /// On what it rests.
    basis: ErasureBasis,
    /// File number of the request, the case or the order. Never a name: it stays in the log for ever.
    reference: Short,
}

/// How far an erasure has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ErasureState {
    /// A second person has to order it.
    Proposed,
    /// Ordered; not every holder has confirmed.
    Ordered,
    /// Not every holder has confirmed in time.
    Overdue,
    /// Every holder has confirmed.
    Confirmed,
}

/// What a holder confirmed.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct Confirmation {
    party: PartyId,
    at: Iso,
    /// Keys that are destroyed there.
    destroyed: u32,
    /// Entries that the party keeps, because the order came before their floor was over.
    kept: u32,
}

/// An erasure of this party, or of another party that this one holds copies for.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct Erasure {
    id: ErasureId,
    /// Whose entries.
    origin: PartyId,
    state: ErasureState,
    basis: ErasureBasis,
    /// Where the basis stands in the law.
    rule: &'static str,
    /// File number.
    reference: Short,
    /// Positions in the origin's log.
    entries: BTreeSet<u64>,
    /// Who proposed it; known of the own only.
    proposed_by: Option<OfficerId>,
    proposed_at: Option<Iso>,
    ordered_by: Option<OfficerId>,
    ordered_at: Option<Iso>,
    confirmations: Vec<Confirmation>,
    /// Who has not confirmed an order.
    missing: BTreeSet<PartyId>,
    /// Holders in whose stream at the own broker no copy is left, as seen since the service started.
    copies_removed: BTreeSet<PartyId>,
}

impl Stated for Erasure {
    const CASE: &'static str = "Erasure";

    fn state(&self) -> String {
        code(&self.state)
    }
}

/// Lists the erasures of this party and those it holds copies for, the newest first.
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
    let list = api.rows(|core| erasures(core)).await?.into_iter();
    let key = |erasure: &Erasure| {
        let since = erasure.proposed_at.or(erasure.ordered_at).map(|Iso(at)| at);
        Key::newest_first(since).name(erasure.origin.as_str()).id(erasure.id.0)
    };
    Ok(worded(paging.cut(list.map(|erasure| (key(&erasure), erasure))), language))
}

/// Reads an erasure: on what it rests, and which holders have confirmed it.
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
    let mut list = api.rows(|core| erasures(core)).await?;
    list.retain(|erasure| erasure.id == id);
    list.sort_by_key(|erasure| erasure.origin != me);
    let found = list.into_iter().next().ok_or(RefusalCode::NotFound)?;
    Ok(Json(Worded::new(found, language)))
}

/// Proposes an erasure. Nothing is erased before a second person orders it.
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
    let NewErasure { entries, case, basis, reference } = new;
    let id = api.new_id(&by);
    let entries = listed(&api, &entries, case).await?;
    let command = ProposeErasure { erasure: ErasureId(id), entries, ground: ErasureGround { basis, reference } };
    Ok((StatusCode::CREATED, Json(api.command(&by, id, command).await?)))
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

/// Reads the own log from its beginning and lists what is named, by position or by case. Officers' commands go on
/// between the slices.
async fn listed(api: &Api, entries: &BTreeSet<u64>, case: Option<CaseRef>) -> Answer<Vec<ListedEntry>> {
    if entries.len() > ENTRIES_MAX {
        return Err(Refusal::new(RefusalCode::BadList).offending(["entries"]).into());
    }
    let retention = rules_of(api.me()).map(|rules| rules.retention);
    let now = wall_clock();
    let (mut listed, mut kept, mut last, mut from) = (Vec::new(), Vec::new(), BTreeMap::new(), 0);
    loop {
        let slice = api.node.with(move |core| core.own_entries(from, SCAN_AT_ONCE)).await?;
        let slice = slice.map_err(|error| NodeError::from(&error))?;
        if slice.is_empty() {
            break;
        }
        from += slice.len() as u64;
        for OwnEntry { seq, kind, recorded_at, audience, case: of } in slice {
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

fn erasures(core: &Core) -> Result<Vec<Erasure>, ViewError> {
    let me = core.me();
    let mut list = Vec::new();
    for (id, sides) in core.rows().all::<ErasureFacts>()? {
        let parties = sides.iter().map(|(party, _)| party);
        list.extend(parties.filter_map(|party| erasure(core, id, party, &sides).filter(|_| party != me)));
        list.extend(erasure(core, id, me, &sides));
    }
    Ok(list)
}

fn erasure(core: &Core, id: ErasureId, origin: PartyId, sides: &Sides<ErasureFacts>) -> Option<Erasure> {
    let proposed = sides.of(origin)?.proposed.as_ref();
    let ordered = sides.ordered_by(origin);
    let (ground, entries) = match (&ordered, proposed) {
        (Some(Ordered { order, .. }), _) => (&order.ground, &order.entries),
        (None, Some((proposed, _))) => (&proposed.ground, &proposed.entries),
        (None, None) => return None,
    };
    let missing = ordered.as_ref().map(Ordered::missing).unwrap_or_default();
    let state = match &ordered {
        None => ErasureState::Proposed,
        Some(_) if missing.is_empty() => ErasureState::Confirmed,
        Some(ordered) if ordered.overdue.is_some() => ErasureState::Overdue,
        Some(_) => ErasureState::Ordered,
    };
    let confirmations = ordered.iter().flat_map(|ordered| &ordered.confirmed);
    let confirmation = |(party, (confirmed, said)): (&PartyId, &(_, tongcha_domain::view::Said))| {
        let tongcha_domain::erasure::ErasureConfirmed { destroyed, kept, .. } = confirmed;
        Confirmation { party: *party, at: Iso(said.at), destroyed: *destroyed, kept: *kept }
    };
    let order_seq = ordered.as_ref().filter(|_| origin == core.me()).map(|ordered| ordered.said.seq);
    Some(Erasure {
        id,
        origin,
        state,
        basis: ground.basis,
        rule: ground.basis.rule(),
        reference: ground.reference.clone(),
        entries: entries.clone(),
        proposed_by: proposed.map(|(_, said)| said.by.clone()),
        proposed_at: proposed.map(|(_, said)| Iso(said.at)),
        ordered_by: ordered.as_ref().map(|ordered| ordered.said.by.clone()),
        ordered_at: ordered.as_ref().map(|ordered| Iso(ordered.said.at)),
        confirmations: confirmations.map(confirmation).collect(),
        missing,
        copies_removed: order_seq.map(|seq| core.copies_removed(seq)).unwrap_or_default(),
    })
}
