//! How the service stands, for any officer: counts and hashes only. `/v1/status`.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use tongcha_domain::event::EventKind;
use tongcha_domain::id::PartyId;
use tongcha_domain::time::{Date, Instant, SECOND_US};
use tongcha_ledger::checkpoint::SignedCheckpoint;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::clock::wall_clock;
use crate::core::{Core, CoreError, KeyStanding, LostBody};
use crate::http::api::Api;
use crate::http::auth::Caller;
use crate::http::openapi::{ListProblems, tags::SERVICE};
use crate::http::problem::Answer;
use crate::http::wire::{Digest, Iso};
use crate::node::NodeError;

/// Most lost entries shown of a log; more are told by their number.
const LOST_SHOWN_MAX: usize = 100;

/// Returns the operation.
pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::default().routes(routes!(get_status))
}

/// How a party stands.
#[derive(Debug, Serialize, ToSchema)]
struct Status {
    party: PartyId,
    /// The service's clock.
    now: Iso,
    /// The own log and the replica of each peer's.
    logs: Vec<LogStatus>,
    /// Digest of all rows of the view.
    state_root: Digest,
    /// How many rows there are.
    rows: u64,
}

/// How a log stands here.
#[derive(Debug, Serialize, ToSchema)]
struct LogStatus {
    /// Whose log.
    origin: PartyId,
    /// Durable entries.
    count: u64,
    /// Leaf hash of the last.
    head: Digest,
    /// Entries that its writer said there are.
    announced: u64,
    /// Why the log is stopped here.
    halted: Option<String>,
    /// Whether two entries with one position were seen.
    forked: bool,
    /// Messages refused and kept since the start.
    quarantined: u64,
    /// The first so many entries are in a checkpoint: the own log's published one, of a peer's log the last cosigned here.
    checkpointed: u64,
    /// Who has cosigned that checkpoint, and when.
    witnessed_by: BTreeMap<String, Iso>,
    /// The key with which the log goes on.
    key: Option<KeyStatus>,
    /// Entries for this party whose body was lost with a disk.
    bodies_lost: usize,
    /// The newest of them, at most 100: what they said is to be asked for again.
    lost: Vec<LostEntry>,
}

/// An entry whose body was lost. Of which case it was a step, nobody can tell any more.
#[derive(Debug, Serialize, ToSchema)]
struct LostEntry {
    seq: u64,
    kind: EventKind,
    recorded_at: Iso,
    /// Whether the record of a recovery in the log says so. Until then the log is in doubt, and lookups are refused.
    said: bool,
}

impl From<LostBody> for LostEntry {
    fn from(LostBody { seq, kind, recorded_at, said }: LostBody) -> Self {
        Self { seq, kind, recorded_at: Iso(recorded_at), said }
    }
}

/// How a party's signing key stands.
#[derive(Debug, Serialize, ToSchema)]
struct KeyStatus {
    /// Its name, hexadecimal.
    id: String,
    /// The day by which it is to be replaced.
    #[schema(value_type = Option<String>, format = Date)]
    not_after: Option<Date>,
    /// Whole days until then; negative afterwards.
    days_left: Option<i64>,
    /// What is wrong with it, or soon will be.
    alarm: Option<String>,
}

impl From<KeyStanding> for KeyStatus {
    fn from(standing: KeyStanding) -> Self {
        let KeyStanding { key, not_after, days_left, alarm } = standing;
        Self { id: hex::encode(key.0), not_after, days_left, alarm: alarm.map(|alarm| alarm.to_string()) }
    }
}

fn witnesses(checkpoint: &SignedCheckpoint) -> BTreeMap<String, Iso> {
    let at = |seconds: u64| Iso(Instant(i64::try_from(seconds).unwrap_or(i64::MAX).saturating_mul(SECOND_US)));
    checkpoint.cosigned().iter().map(|(party, seconds)| (party.to_string(), at(*seconds))).collect()
}

fn status(core: &Core) -> Result<Status, CoreError> {
    let log = |origin| {
        let tip = core.tip(origin);
        let checkpoint = core.checkpoint_of(origin);
        let standing = core.peers().get(&origin).cloned().unwrap_or_default();
        let lost = core.lost_bodies(origin, LOST_SHOWN_MAX)?;
        Ok(LogStatus {
            origin,
            count: tip.count,
            head: Digest(tip.head),
            announced: standing.announced.max(tip.count),
            halted: standing.halted.map(|reason| reason.as_str().to_owned()),
            forked: standing.forked,
            quarantined: standing.quarantined,
            checkpointed: checkpoint.map_or(0, |checkpoint| checkpoint.head().size),
            witnessed_by: checkpoint.map(witnesses).unwrap_or_default(),
            key: core.key_standing(origin, wall_clock()).map(KeyStatus::from),
            bodies_lost: core.bodies_lost(origin),
            lost: lost.into_iter().map(LostEntry::from).collect(),
        })
    };
    let (root, rows) = core.state_root();
    let logs = core.directory().parties().map(log).collect::<Result<_, CoreError>>()?;
    Ok(Status { party: core.me(), now: Iso(wall_clock()), logs, state_root: Digest(root.0), rows })
}

/// Tells how the logs and the view stand.
#[utoipa::path(get, path = "/v1/status", tag = SERVICE, responses((status = 200, body = Status), ListProblems))]
async fn get_status(State(api): State<Api>, _: Caller) -> Answer<Json<Status>> {
    let status = api.node.with(|core| status(core)).await?;
    Ok(Json(status.map_err(|error| NodeError::from(&error))?))
}
