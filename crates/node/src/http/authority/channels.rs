//! Channels between the parties, with their clearances.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{FromRequestParts, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::{Deserialize, Serialize};
use tongcha_domain::channel::{
    ChannelFacts, ChannelWay, Clearance, ClearanceKind, Clearances, ConfirmChannel, OpenChannel, ResumeChannel,
    SuspendChannel, check_open,
};
use tongcha_domain::id::PartyId;
use tongcha_domain::text::Short;
use tongcha_domain::time::Instant;
use tongcha_domain::view::Sides;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{NamedReceipt, command};
use crate::clock::wall_clock;
use crate::http::api::Api;
use crate::http::auth::{Caller, Commander};
use crate::http::extract::{Payload, param};
use crate::http::openapi::{CommandProblems, KeyHeader, ListProblems, tags::AUTHORITY};
use crate::http::problem::{Answer, Problem};
use crate::http::wire::{Empty, Iso, RefusalBody, at, distinct_keys};

/// Returns the operations.
pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::default()
        .routes(routes!(list_channels, open_channel))
        .routes(routes!(confirm_channel))
        .routes(routes!(suspend_channel))
        .routes(routes!(resume_channel))
}

/// The peer in the path.
struct PeerPath(PartyId);

impl FromRequestParts<Api> for PeerPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Answer<Self> {
        param(parts, api, "peer", "the name of a party").await.map(Self)
    }
}

/// A clearance.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ClearanceBody {
    /// The number its authority gave it.
    number: Short,
    /// First instant at which it no longer holds.
    expires_at: Iso,
}

fn shown(clearances: &Clearances) -> BTreeMap<ClearanceKind, ClearanceBody> {
    let body = |c: &Clearance| ClearanceBody { number: c.number.clone(), expires_at: Iso(c.expires_at) };
    clearances.iter().map(|(kind, clearance)| (*kind, body(clearance))).collect()
}

/// A channel, one way.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct ChannelView {
    /// Who tells.
    from: PartyId,
    /// Who is told.
    to: PartyId,
    /// Whether persons' data may be told by it now.
    open: bool,
    /// Why not.
    refusal: Option<RefusalBody>,
    /// The clearances confirmed last.
    #[schema(value_type = BTreeMap<String, ClearanceBody>)]
    clearances: BTreeMap<ClearanceKind, ClearanceBody>,
    /// When it was confirmed.
    opened_at: Option<Iso>,
    /// When the first clearance lapses.
    expires_at: Option<Iso>,
    /// Clearances that wait for their confirmation; of the own party only.
    #[schema(value_type = BTreeMap<String, ClearanceBody>)]
    proposed: BTreeMap<ClearanceKind, ClearanceBody>,
}

fn channel_view(way: ChannelWay, sides: &Sides<ChannelFacts>, now: Instant) -> ChannelView {
    let facts = sides.of(way.from);
    let refusal = check_open(way, sides, now).err();
    let proposed = facts.and_then(|facts| facts.proposed.as_ref());
    ChannelView {
        from: way.from,
        to: way.to,
        open: refusal.is_none(),
        refusal: refusal.as_ref().map(RefusalBody::from),
        clearances: facts.and_then(ChannelFacts::clearances).map(shown).unwrap_or_default(),
        opened_at: at(facts.and_then(|facts| facts.opened.as_ref())),
        expires_at: facts.and_then(ChannelFacts::first_to_lapse).map(|(_, at)| Iso(at)),
        proposed: proposed.map(|(proposed, _)| shown(&proposed.clearances)).unwrap_or_default(),
    }
}

/// Lists the channels from and to the own party, with their clearances, and whether each is open.
#[utoipa::path(get, path = "/v1/authority/channels", tag = AUTHORITY,
    responses((status = 200, body = Vec<ChannelView>), ListProblems))]
async fn list_channels(State(api): State<Api>, _: Caller) -> Answer<Json<Vec<ChannelView>>> {
    let now = wall_clock();
    let list = api.rows(move |core| {
        let channels = core.rows().all::<ChannelFacts>()?;
        Ok(channels.iter().map(|(way, sides)| channel_view(*way, sides, now)).collect())
    });
    list.await.map(Json)
}

/// The clearances of a channel.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "to": "macau",
    "clearances": {
        "assessment": { "number": "CAC-TEST-1", "expires_at": "2028-01-01T00:00:00+08:00" },
        "notification": { "number": "DSPDP-N-TEST-1", "expires_at": "2028-01-01T00:00:00+08:00" },
        "authorisation": { "number": "DSPDP-A-TEST-1", "expires_at": "2028-01-01T00:00:00+08:00" },
    },
}))]
struct NewChannel {
    /// The peer that may be told.
    to: PartyId,
    /// By kind: `assessment`, `notification`, `authorisation` (all three across the border), `filing`.
    #[serde(deserialize_with = "distinct_keys")]
    #[schema(value_type = BTreeMap<String, ClearanceBody>)]
    clearances: BTreeMap<ClearanceKind, ClearanceBody>,
}

/// Proposes a channel to a peer, or the renewal of its clearances.
///
/// By the secretariat (SEC). It opens when a data-protection officer confirms it.
#[utoipa::path(post, path = "/v1/authority/channels", tag = AUTHORITY, params(KeyHeader), request_body = NewChannel,
    responses((status = 201, body = NamedReceipt), CommandProblems))]
async fn open_channel(
    State(api): State<Api>,
    by: Commander,
    Payload(NewChannel { to, clearances }): Payload<NewChannel>,
) -> Answer<(StatusCode, Json<NamedReceipt>)> {
    let clearance = |ClearanceBody { number, expires_at: Iso(expires_at) }| Clearance { number, expires_at };
    let clearances = clearances.into_iter().map(|(kind, body)| (kind, clearance(body))).collect();
    Ok((StatusCode::CREATED, command(&api, &by, to.to_string(), OpenChannel { to, clearances }).await?))
}

/// Confirms the channel proposed last: it is open.
///
/// By a data-protection officer (DP) who compared the clearances with the papers.
#[utoipa::path(post, path = "/v1/authority/channels/{peer}/confirmation", tag = AUTHORITY,
    params(("peer" = String, Path, description = "The peer that may be told."), KeyHeader), request_body = Empty,
    responses((status = 200, body = NamedReceipt), CommandProblems))]
async fn confirm_channel(
    State(api): State<Api>,
    by: Commander,
    PeerPath(to): PeerPath,
    _: Payload<Empty>,
) -> Answer<Json<NamedReceipt>> {
    command(&api, &by, to.to_string(), ConfirmChannel { to }).await
}

/// One of the own party's channels.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "from": "macau", "to": "zhuhai" }))]
struct Way {
    /// Who tells.
    from: PartyId,
    /// Who is told.
    to: PartyId,
}

/// Suspends a channel from or to the own party, at once.
///
/// By the secretariat (SEC) or a data-protection officer (DP) of either side.
#[utoipa::path(post, path = "/v1/authority/channels/suspension", tag = AUTHORITY, params(KeyHeader),
    request_body = Way, responses((status = 200, body = NamedReceipt), CommandProblems))]
async fn suspend_channel(
    State(api): State<Api>,
    by: Commander,
    Payload(way): Payload<Way>,
) -> Answer<Json<NamedReceipt>> {
    let Way { from, to } = way;
    let peer = if from == api.me() { to } else { from };
    command(&api, &by, peer.to_string(), SuspendChannel { from, to }).await
}

/// Lifts the own side's suspension of a channel.
///
/// By the secretariat (SEC).
#[utoipa::path(post, path = "/v1/authority/channels/resumption", tag = AUTHORITY, params(KeyHeader),
    request_body = Way, responses((status = 200, body = NamedReceipt), CommandProblems))]
async fn resume_channel(
    State(api): State<Api>,
    by: Commander,
    Payload(way): Payload<Way>,
) -> Answer<Json<NamedReceipt>> {
    let Way { from, to } = way;
    let peer = if from == api.me() { to } else { from };
    command(&api, &by, peer.to_string(), ResumeChannel { from, to }).await
}
