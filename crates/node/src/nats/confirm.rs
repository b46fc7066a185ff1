//! At the start: what do the peers hold of our log? Nothing is written before they have said.
//!
//! A disk that was restored from an old copy looks like any other. Writing on it would give numbers a second time that
//! peers know entries for, and nothing can mend that. So every start asks first; where nobody can be asked, the operator
//! answers for the disk (`run --without-peers`).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use tokio_util::sync::CancellationToken;
use tongcha_domain::id::PartyId;
use tongcha_ledger::canonical;
use tongcha_ledger::entry::VerifiedEntry;

use crate::clock::wall_clock;
use crate::nats::ask::ask_bytes;
use crate::nats::names::Topic;
use crate::nats::wire::{ReturnReply, ReturnRequest};
use crate::node::{NodeError, NodeHandle};

/// Longest wait for one peer's answer: officers wait for it at the start.
const DEADLINE: Duration = Duration::from_secs(2);
/// Pause before silent peers are asked again.
const RETRY: Duration = Duration::from_millis(100);
/// How long silent peers are waited for once one has answered. Entries are sent to all peers at once, so one that answers
/// knows about as much as the others; a peer that was cut off before may know less than the silent one.
const OTHERS_WITHIN: Duration = Duration::from_secs(4);
/// Longest reply.
const REPLY_MAX: usize = 1024 * 1024;

/// Asks the peers until they have answered, then lets the own log be written; ends at once when it need not be asked.
pub async fn confirm(node: NodeHandle, peers: Arc<BTreeMap<PartyId, async_nats::Client>>, stop: CancellationToken) {
    if let Some(Err(error)) = stop.run_until_cancelled(ask_all(&node, &peers)).await {
        tracing::error!(%error, "what the peers hold of our log could not be compared");
    }
}

async fn ask_all(node: &NodeHandle, peers: &BTreeMap<PartyId, async_nats::Client>) -> Result<(), NodeError> {
    if !node.with(|core| core.awaits_peers()).await? {
        return Ok(());
    }
    let mut silent: Vec<PartyId> = peers.keys().copied().collect();
    let mut answered_at = None;
    loop {
        let asked = silent.iter().filter_map(|peer| Some((*peer, peers.get(peer)?)));
        let heard = join_all(asked.map(async |(peer, client)| (peer, ask_one(node, client, peer).await))).await;
        for (peer, answer) in heard {
            if answer? {
                silent.retain(|one| *one != peer);
                answered_at.get_or_insert_with(std::time::Instant::now);
            }
        }
        let waited = answered_at.is_some_and(|at| at.elapsed() >= OTHERS_WITHIN);
        if (silent.is_empty() && answered_at.is_some()) || waited {
            let may_write = node.with(|core| core.begin_writing(wall_clock()).map(|()| core.may_write()));
            if may_write.await?.map_err(|e| NodeError::from(&e))? {
                tracing::info!(silent = silent.len(), "the peers hold nothing of our log that is not here");
            }
            return Ok(());
        }
        tokio::time::sleep(RETRY).await;
    }
}

/// Asks a peer for its last entry of our log and for what follows ours; tells whether it answered.
async fn ask_one(node: &NodeHandle, client: &async_nats::Client, peer: PartyId) -> Result<bool, NodeError> {
    let me = node.me();
    let have = node.with(move |core| core.tip(me).count).await?;
    let failed = |error: &dyn std::fmt::Display| NodeError::Failed(error.to_string().into());
    let request = canonical::encode(&ReturnRequest { from: have.saturating_sub(1) }).map_err(|e| failed(&e))?;
    let Ok(reply) = ask_bytes(client, me, peer, Topic::Return, request, DEADLINE).await else { return Ok(false) };
    let Ok(ReturnReply { parcels, cosigned, .. }) = canonical::decode(&reply, REPLY_MAX) else { return Ok(false) };
    let opened = parcels.iter().filter_map(|bytes| node.opener().open_returned(peer, bytes).ok());
    let entries: Vec<VerifiedEntry> = opened.map(|parcel| parcel.entry).collect();
    if entries.len() < parcels.len() {
        tracing::error!(%peer, "a peer gives back as ours what we did not sign");
    }
    let heard = node.with(move |core| {
        if !cosigned.is_empty() {
            core.shown(peer, &cosigned);
        }
        core.hear_own(peer, &entries)
    });
    heard.await?.map_err(|e| NodeError::from(&e))?;
    Ok(true)
}
