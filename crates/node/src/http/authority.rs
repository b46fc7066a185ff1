//! Who may act, and what parties may tell each other: `/v1/authority/…`.

mod agreements;
mod channels;
mod officers;
mod units;

use axum::Json;
use serde::Serialize;
use tongcha_domain::command::Command;
use tongcha_domain::event::EventKind;
use tongcha_domain::id::PartyId;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;

use crate::core::Receipt;
use crate::http::api::Api;
use crate::http::auth::Commander;
use crate::http::problem::Answer;
use crate::http::wire::{Digest, Iso};

/// Returns the operations.
pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::default()
        .merge(officers::routes())
        .merge(units::routes())
        .merge(channels::routes())
        .merge(agreements::routes())
}

/// The durable fact that a command about an officer, a unit, a channel or a member of the leading group made a log entry.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct NamedReceipt {
    /// The officer, the unit, the member, or the peer of the channel.
    #[schema(example = "zh.lo.test")]
    id: String,
    /// Whose log.
    party: PartyId,
    /// Position in the log, from 0.
    seq: u64,
    /// Leaf hash of the entry.
    leaf: Digest,
    /// When it was recorded.
    recorded_at: Iso,
    /// The event's class.
    kind: EventKind,
    /// Whether this is the first result of a command that was repeated with its `Idempotency-Key`.
    replayed: bool,
}

/// Gives a command about something that has a name.
pub(super) async fn command(
    api: &Api,
    by: &Commander,
    id: String,
    command: impl Into<Command>,
) -> Answer<Json<NamedReceipt>> {
    let receipt = api.node.submit(by.actor.clone(), by.key, command).await??;
    let Receipt { seq, leaf, recorded_at, kind, replayed } = receipt;
    let (party, leaf, recorded_at) = (api.me(), Digest(leaf), Iso(recorded_at));
    Ok(Json(NamedReceipt { id, party, seq, leaf, recorded_at, kind, replayed }))
}
