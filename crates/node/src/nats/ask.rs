//! Asking a peer: requests with a deadline.

use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tongcha_domain::id::PartyId;
use tongcha_ledger::canonical;

use crate::nats::names::{Names, Topic};

/// Longest wait for a tip or a repair. The peer reads at most half a megabyte.
pub(super) const ASK_DEADLINE: Duration = Duration::from_secs(5);
/// Longest reply.
const REPLY_MAX: usize = 1024 * 1024;

/// Why a peer did not answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum AskPeerError {
    #[error("no answer before the deadline")]
    Deadline,
    #[error("the request failed: {0}")]
    Request(String),
    #[error("the reply is refused")]
    Reply,
}

/// Sends bytes and waits for the reply.
pub(super) async fn ask_bytes(
    client: &async_nats::Client,
    me: PartyId,
    holder: PartyId,
    topic: Topic,
    request: Vec<u8>,
    deadline: Duration,
) -> Result<Vec<u8>, AskPeerError> {
    let asked = client.request(Names::ask(holder, me, topic), request.into());
    let reply = tokio::time::timeout(deadline, asked).await.map_err(|_| AskPeerError::Deadline)?;
    let reply = reply.map_err(|e| AskPeerError::Request(e.to_string()))?;
    if reply.payload.len() > REPLY_MAX {
        return Err(AskPeerError::Reply);
    }
    Ok(reply.payload.into())
}

/// Sends a value and waits for another.
pub(super) async fn ask<Q: Serialize, A: Serialize + DeserializeOwned>(
    client: &async_nats::Client,
    me: PartyId,
    holder: PartyId,
    topic: Topic,
    request: &Q,
) -> Result<A, AskPeerError> {
    let request = canonical::encode(request).map_err(|e| AskPeerError::Request(e.to_string()))?;
    let reply = ask_bytes(client, me, holder, topic, request, ASK_DEADLINE).await?;
    canonical::decode(&reply, REPLY_MAX).map_err(|_| AskPeerError::Reply)
}
