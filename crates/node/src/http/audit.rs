//! What an auditor takes away: the logs as frames with sealed bodies, the cards, single headers. No content.

use std::collections::{BTreeMap, BTreeSet};

use axum::Json;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use tongcha_domain::channel::{Footing, footing};
use tongcha_domain::event::EventKind;
use tongcha_domain::id::PartyId;
use tongcha_domain::officer::Role;
use tongcha_domain::refusal::RefusalCode;
use tongcha_ledger::entry::{Header, Leaf};
use tongcha_ledger::key::{Directory, PartyCard};
use tongcha_ledger::root::statement_text;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::core::{EXPORT_ENTRIES_MAX, Frames};
use crate::http::api::Api;
use crate::http::auth::Caller;
use crate::http::extract::{Asked, Origin, OriginSeq, QueryForm};
use crate::http::openapi::{AuditProblems, ListProblems, Octets, OriginPath, SeqPath, tags::AUDIT};
use crate::http::problem::Answer;
use crate::http::wire::{Digest, Iso};
use crate::node::NodeError;

/// Who takes logs away. Their bodies are sealed, so an administrator may make the copy.
const LOG_ROLES: &[Role] = &[Role::Auditor, Role::DataProtection, Role::Administrator];
/// Who reads headers: an auditor, and a liaison officer who follows an entry up with a peer.
const HEADER_ROLES: &[Role] = &[Role::Auditor, Role::Liaison];

/// Position after the last frame of an answer: where the next one begins.
const NEXT: HeaderName = HeaderName::from_static("tongcha-next");

/// Returns the operations.
pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::default()
        .routes(routes!(list_logs))
        .routes(routes!(get_log))
        .routes(routes!(get_checkpoint))
        .routes(routes!(list_cards))
        .routes(routes!(get_entry))
}

/// Where a log ends.
#[derive(Debug, Serialize, ToSchema)]
struct LogEnd {
    /// Whose log.
    origin: PartyId,
    /// Entries that are durable here.
    count: u64,
    /// Leaf hash of the last.
    head: Digest,
}

/// The logs kept here, where each ends, and the state that exactly these entries make: one moment between two commits.
#[derive(Debug, Serialize, ToSchema)]
struct Logs {
    /// Whose service.
    party: PartyId,
    /// The own log and the replica of each peer's.
    logs: Vec<LogEnd>,
    /// Digest over the whole view.
    state_root: Digest,
}

/// A party's public keys.
#[derive(Debug, Serialize, ToSchema)]
struct Card {
    party: PartyId,
    /// Ed25519 public key of the party's offline root.
    #[serde(skip_serializing_if = "Option::is_none")]
    root: Option<Digest>,
    /// Ed25519 public key: the one with which the party's log begins.
    signing: Digest,
    /// X25519 public key.
    sealing: Digest,
    /// NATS user key with which the party reads at its peers' brokers.
    broker_user: String,
    /// Signature by the signing key over the above, hexadecimal.
    proof: String,
    /// What the root says of the party's keys, as far as it is known here.
    statements: Vec<String>,
}

impl Card {
    fn new(card: &PartyCard, directory: &Directory) -> Self {
        let PartyCard { party, root, signing, sealing, broker_user, proof, .. } = card.clone();
        let statements = directory.statements(party);
        Self {
            party,
            root: root.map(|root| Digest(root.0)),
            signing: Digest(signing.0),
            sealing: Digest(sealing.0),
            broker_user,
            proof,
            statements: statements.iter().filter_map(|signed| statement_text(signed).ok()).collect(),
        }
    }
}

/// A log entry's header.
#[derive(Debug, Serialize, ToSchema)]
struct EntryHeader {
    /// Version of the format.
    version: u8,
    /// Whose log.
    origin: PartyId,
    /// Position in it, from 0.
    seq: u64,
    /// Leaf hash of the entry.
    leaf: Digest,
    /// Leaf hash of the entry before.
    prev: Digest,
    /// When it was written, by the writer's clock.
    recorded_at: Iso,
    /// The signing key, hexadecimal.
    key_id: String,
    /// The event's class.
    kind: EventKind,
    /// On what it rests that other parties are told; none for what stays in its writer's log.
    legal_basis: Option<Footing>,
    /// Who can read the body.
    #[schema(value_type = Vec<PartyId>)]
    audience: BTreeSet<PartyId>,
    /// Commits to the sealed body and its key.
    body_digest: Digest,
    /// Length of the sealed body in bytes.
    body_len: u32,
    /// How many entries of each other log the writer had accepted.
    #[schema(value_type = BTreeMap<String, u64>)]
    seen: BTreeMap<PartyId, u64>,
    /// The parties that have witnessed it: of the own log the peers, of a peer's log this party.
    witnessed_by: Vec<PartyId>,
}

impl EntryHeader {
    fn new(header: Header, leaf: Leaf, witnessed_by: Vec<PartyId>) -> Self {
        let Header { version, origin, seq, prev, recorded_at, key_id, kind, audience, body_digest, body_len, seen } =
            header;
        Self {
            version,
            origin,
            seq,
            leaf: Digest(leaf),
            prev: Digest(prev),
            recorded_at: Iso(recorded_at),
            key_id: hex::encode(key_id.0),
            kind,
            legal_basis: footing(kind),
            audience,
            body_digest: Digest(body_digest),
            body_len,
            seen,
            witnessed_by,
        }
    }
}

/// Which part of a log.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Part {
    /// First position.
    #[serde(default)]
    from: u64,
    /// Most entries.
    #[serde(default = "entries_max")]
    #[param(maximum = 1000, default = 1000)]
    max: u64,
}

fn entries_max() -> u64 {
    EXPORT_ENTRIES_MAX
}

impl QueryForm for Part {
    const FORM: &'static str = "?from= and ?max= are numbers, and there is nothing else";
}

/// Lists the logs kept here.
#[utoipa::path(get, path = "/v1/audit/logs", tag = AUDIT,
    responses((status = 200, body = Logs), ListProblems, AuditProblems))]
async fn list_logs(State(api): State<Api>, caller: Caller) -> Answer<Json<Logs>> {
    caller.must_be(LOG_ROLES)?;
    let logs = api.node.with(|core| {
        let end = |origin| {
            let tip = core.tip(origin);
            LogEnd { origin, count: tip.count, head: Digest(tip.head) }
        };
        let (root, _) = core.state_root();
        Logs { party: core.me(), logs: core.directory().parties().map(end).collect(), state_root: Digest(root.0) }
    });
    Ok(Json(logs.await?))
}

/// Returns part of a log as frames, bodies sealed: at most 1,000 entries and about 4 MiB.
///
/// The header `Tongcha-Next` says where the next part begins.
#[utoipa::path(get, path = "/v1/audit/logs/{origin}", tag = AUDIT, params(OriginPath, Part),
    responses((status = 200, body = Octets, content_type = "application/octet-stream",
        headers(("Tongcha-Next" = u64, description = "Position after the last frame."))), AuditProblems))]
async fn get_log(
    State(api): State<Api>,
    caller: Caller,
    Origin(origin): Origin,
    Asked(Part { from, max }): Asked<Part>,
) -> Answer<Response> {
    caller.must_be(LOG_ROLES)?;
    known(&api, origin)?;
    let frames = api.node.with(move |core| core.frames(origin, from, max).map_err(|e| NodeError::from(&e)));
    let Frames { bytes, next } = frames.await??;
    let octets = HeaderValue::from_static("application/octet-stream");
    Ok(([(CONTENT_TYPE, octets), (NEXT, HeaderValue::from(next))], bytes).into_response())
}

/// Returns the checkpoint of a log as a signed note: of the own log the published one, of a peer's the last cosigned here.
#[utoipa::path(get, path = "/v1/audit/checkpoints/{origin}", tag = AUDIT, params(OriginPath),
    responses((status = 200, body = String, content_type = "text/plain"), AuditProblems))]
async fn get_checkpoint(State(api): State<Api>, caller: Caller, Origin(origin): Origin) -> Answer<Response> {
    caller.must_be(LOG_ROLES)?;
    known(&api, origin)?;
    let note = api.node.with(move |core| core.checkpoint_of(origin).map(|checkpoint| checkpoint.note().to_string()));
    let text = HeaderValue::from_static("text/plain; charset=utf-8");
    Ok(([(CONTENT_TYPE, text)], note.await?.ok_or(RefusalCode::NotFound)?).into_response())
}

/// Lists the cards of all parties.
#[utoipa::path(get, path = "/v1/audit/cards", tag = AUDIT,
    responses((status = 200, body = Vec<Card>), ListProblems, AuditProblems))]
async fn list_cards(State(api): State<Api>, caller: Caller) -> Answer<Json<Vec<Card>>> {
    caller.must_be(LOG_ROLES)?;
    Ok(Json(api.cards.iter().map(|card| Card::new(card, api.node.directory())).collect()))
}

/// Returns a log entry's header.
#[utoipa::path(get, path = "/v1/entries/{origin}/{seq}", tag = AUDIT, params(OriginPath, SeqPath),
    responses((status = 200, body = EntryHeader), AuditProblems))]
async fn get_entry(
    State(api): State<Api>,
    caller: Caller,
    OriginSeq(origin, seq): OriginSeq,
) -> Answer<Json<EntryHeader>> {
    caller.must_be(HEADER_ROLES)?;
    known(&api, origin)?;
    let header = api.node.with(move |core| core.header(origin, seq)).await?;
    let (header, leaf) = header.map_err(|e| NodeError::from(&e))?.ok_or(RefusalCode::NotFound)?;
    Ok(Json(EntryHeader::new(header, leaf, api.node.witnesses().of(origin, seq))))
}

fn known(api: &Api, origin: PartyId) -> Answer<()> {
    api.node.directory().party(origin).map(|_| ()).ok_or(RefusalCode::NotFound.into())
}
