//! Answering peers: tips, repairs, what they lost of their own logs, and lookups, asked at the own broker.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tongcha_domain::id::PartyId;
use tongcha_ledger::canonical::{self, CodecError};
use tongcha_ledger::checkpoint::SignedCheckpoint;

use crate::core::{CoreError, QuarantineReason};
use crate::nats::matching::{self, Sessions};
use crate::nats::names::{Names, Topic};
use crate::nats::publish::Generations;
use crate::nats::wire::{REQUEST_MAX, RepairReply, RepairRequest, ReturnReply, ReturnRequest, TipReply, TipRequest};
use crate::nats::{lookup, witness};
use crate::node::{NodeError, NodeHandle};

/// Most requests worked on at once; more wait at the broker, and their askers' deadlines run.
const REQUESTS_MAX: usize = 256;
/// Most entries in one repair; bytes are limited by the core.
const REPAIR_ENTRIES_MAX: usize = 512;
/// Pause before subscribing again.
const RETRY_DELAY: Duration = Duration::from_millis(500);

#[derive(Debug, thiserror::Error)]
enum ServeError {
    #[error("the request is refused")]
    Codec(#[from] CodecError),
    #[error(transparent)]
    Node(#[from] NodeError),
    #[error("the request failed: {0}")]
    Core(String),
}

impl From<CoreError> for ServeError {
    fn from(error: CoreError) -> Self {
        Self::Core(error.to_string())
    }
}

/// Answers until stopped.
pub(super) async fn serve(
    node: NodeHandle,
    client: async_nats::Client,
    generations: Generations,
    stop: CancellationToken,
) {
    let places = Arc::new(Semaphore::new(REQUESTS_MAX));
    let sessions = Sessions::default();
    while !stop.is_cancelled() {
        let subscribed = client.subscribe(Names::asks(node.me())).await;
        if let Ok(mut requests) = subscribed {
            loop {
                let request = tokio::select! {
                    () = stop.cancelled() => return,
                    request = requests.next() => request,
                };
                let Some(request) = request else { break };
                let Ok(place) = places.clone().acquire_owned().await else { return };
                let (node, client, generations) = (node.clone(), client.clone(), generations.clone());
                let sessions = sessions.clone();
                tokio::spawn(async move {
                    answer(&node, &client, &generations, &sessions, request).await;
                    drop(place);
                });
            }
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(RETRY_DELAY) => {}
        }
    }
}

async fn answer(
    node: &NodeHandle,
    client: &async_nats::Client,
    generations: &Generations,
    sessions: &Sessions,
    request: async_nats::Message,
) {
    let Some(reply_to) = request.reply else { return };
    let Some((from, topic)) = Names::read_ask(node.me(), &request.subject) else { return };
    let payload = request.payload;
    let result = match topic {
        Topic::Tip => tip(node, generations, from, &payload).await,
        Topic::Repair => repair(node, from, &payload).await,
        Topic::Witness => witness::answer(node, from, &payload).await.map_err(ServeError::from),
        Topic::Lookup => lookup::answer(node, from, &payload).await.map_err(ServeError::from),
        Topic::Return => give_back(node, from, &payload).await,
        Topic::Match => matching::answer(node, sessions, from, &payload).await.map_err(ServeError::from),
    };
    let reply = match result {
        Ok(reply) => reply,
        Err(ServeError::Codec(_)) => {
            let _ = node.quarantine(from, QuarantineReason::BadAsk, payload.into()).await; // only when stopping
            Vec::new()
        }
        Err(error) => {
            tracing::error!(%from, ?topic, %error, "a peer's request could not be answered");
            Vec::new() // an empty reply: the peer need not wait for its deadline
        }
    };
    if let Err(error) = client.publish(reply_to, reply.into()).await {
        tracing::warn!(%from, %error, "a reply could not be sent");
    }
}

async fn tip(
    node: &NodeHandle,
    generations: &Generations,
    from: PartyId,
    payload: &[u8],
) -> Result<Vec<u8>, ServeError> {
    let TipRequest { have } = canonical::decode(payload, REQUEST_MAX)?;
    let me = node.me();
    let (count, leaf) = node
        .with(move |core| {
            let leaf = have.checked_sub(1).map(|last| core.leaf(me, last)).transpose()?.flatten();
            Ok::<_, CoreError>((core.tip(me).count, leaf))
        })
        .await??;
    Ok(canonical::encode(&TipReply { count, generation: generations.get(from), leaf })?)
}

async fn repair(node: &NodeHandle, from: PartyId, payload: &[u8]) -> Result<Vec<u8>, ServeError> {
    let request: RepairRequest = canonical::decode(payload, REQUEST_MAX)?;
    let parcels = node.with(move |core| core.outgoing(from, request.from, REPAIR_ENTRIES_MAX)).await??;
    Ok(canonical::encode(&RepairReply { parcels: parcels.into_iter().map(|parcel| parcel.bytes).collect() })?)
}

/// Gives a peer back what we hold of its log. Nobody else is given it: whoever asks is known by the broker's subject.
async fn give_back(node: &NodeHandle, from: PartyId, payload: &[u8]) -> Result<Vec<u8>, ServeError> {
    let request: ReturnRequest = canonical::decode(payload, REQUEST_MAX)?;
    let reply = node.with(move |core| {
        let note = |checkpoint: Option<&SignedCheckpoint>| {
            checkpoint.map(|checkpoint| checkpoint.note().to_string().into_bytes()).unwrap_or_default()
        };
        let parcels = core.returned(from, request.from, REPAIR_ENTRIES_MAX)?;
        let parcels = parcels.into_iter().map(|parcel| parcel.bytes).collect();
        Ok::<_, CoreError>(ReturnReply {
            parcels,
            cosigned: note(core.cosigned(from)),
            published: note(core.published()),
        })
    });
    Ok(canonical::encode(&reply.await??)?)
}
