//! Witnessing between services: the own checkpoint goes to every peer, which cosigns it or says why not.
//!
//! Never on the path of a command. A peer that is away is asked again; meanwhile entries are accepted and not witnessed,
//! which status, readiness and metrics show.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use tokio_util::sync::CancellationToken;
use tongcha_domain::id::PartyId;
use tongcha_domain::time::SECOND_US;
use tongcha_ledger::canonical;

use crate::clock::wall_clock;
use crate::core::{CoreError, Cosigned, QuarantineReason};
use crate::metrics::party_label;
use crate::nats::ask::{ASK_DEADLINE, ask_bytes};
use crate::nats::names::Topic;
use crate::nats::wire::{CHECKPOINT_MAX, WitnessReply};
use crate::node::{NodeError, NodeHandle};

/// How often a checkpoint is signed while the log grows: a family's receipt can be proven a few seconds after the fact.
const INTERVAL: Duration = Duration::from_secs(1);

/// Seeks cosignatures until stopped.
pub(super) async fn seek(node: NodeHandle, peers: Arc<BTreeMap<PartyId, async_nats::Client>>, stop: CancellationToken) {
    let mut interval = tokio::time::interval(INTERVAL);
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    while stop.run_until_cancelled(interval.tick()).await.is_some() {
        match round(&node, &peers).await {
            Ok(()) => {}
            Err(NodeError::Stopped) => return,
            Err(error) => tracing::error!(%error, "no checkpoint could be made"),
        }
    }
}

/// Signs a checkpoint when it is time and asks every peer that has not cosigned it.
async fn round(node: &NodeHandle, peers: &BTreeMap<PartyId, async_nats::Client>) -> Result<(), NodeError> {
    let signed = node.with(|core| Ok::<_, CoreError>((core.checkpoint(wall_clock())?, core.unwitnessed()))).await?;
    let (checkpoint, waiting) = signed.map_err(|e| NodeError::from(&e))?;
    let Some(checkpoint) = checkpoint else { return observe_age(node, peers.keys().copied().collect()).await };
    let note = checkpoint.note().to_string().into_bytes();
    let asked = waiting.into_iter().filter_map(|peer| Some((peer, peers.get(&peer)?)));
    let asked = asked.map(|(peer, client)| {
        let note = note.clone();
        async move {
            let reply = ask_bytes(client, node.me(), peer, Topic::Witness, note, ASK_DEADLINE).await;
            (peer, reply.ok().and_then(|reply| canonical::decode::<WitnessReply>(&reply, 2 * CHECKPOINT_MAX).ok()))
        }
    });
    for (peer, reply) in join_all(asked).await {
        match reply {
            Some(WitnessReply::Cosigned(line)) => {
                let added = node.with(move |core| core.add_cosignature(peer, &line)).await?;
                if !added.map_err(|e| NodeError::from(&e))? {
                    tracing::error!(%peer, "a cosignature of the peer does not verify");
                }
            }
            Some(WitnessReply::Holds(note)) => node.with(move |core| core.shown(peer, &note)).await?,
            Some(WitnessReply::Refused) => tracing::error!(%peer, "the peer does not know our checkpoint's key"),
            // Asked again in the next round; age is what is alarmed.
            Some(WitnessReply::Behind) | None => {}
        }
    }
    observe_age(node, peers.keys().copied().collect()).await
}

/// Tells the metrics how old the oldest entry is that each peer has not witnessed.
async fn observe_age(node: &NodeHandle, peers: Vec<PartyId>) -> Result<(), NodeError> {
    let ages = node.with(move |core| {
        let since = peers.into_iter().map(|peer| Ok((peer, core.unwitnessed_since(peer)?)));
        since.collect::<Result<Vec<_>, CoreError>>()
    });
    for (peer, since) in ages.await?.map_err(|e| NodeError::from(&e))? {
        let age_us = since.map_or(0, |since| wall_clock().0.saturating_sub(since.0).max(0));
        node.metrics().unwitnessed_seconds.get_or_create(&party_label(peer)).set(age_us / SECOND_US);
    }
    Ok(())
}

/// The witness's side.
pub(super) async fn answer(node: &NodeHandle, from: PartyId, note: &[u8]) -> Result<Vec<u8>, NodeError> {
    let failed = |e: &dyn std::fmt::Display| NodeError::Failed(e.to_string().into());
    let reply = if note.len() > CHECKPOINT_MAX {
        WitnessReply::Refused
    } else {
        let bytes = note.to_vec();
        let cosigned = node.with(move |core| core.cosign(from, &bytes, wall_clock())).await?;
        match cosigned.map_err(|e| NodeError::from(&e))? {
            Cosigned::Signature(line) => WitnessReply::Cosigned(line),
            Cosigned::Behind => WitnessReply::Behind,
            Cosigned::Smaller(known) | Cosigned::Conflict(Some(known)) => WitnessReply::Holds(known),
            Cosigned::Refused | Cosigned::Conflict(None) => WitnessReply::Refused,
        }
    };
    if reply == WitnessReply::Refused {
        let kept = note.get(..CHECKPOINT_MAX).unwrap_or(note).to_vec();
        node.quarantine(from, QuarantineReason::BadAsk, kept).await?;
    }
    canonical::encode(&reply).map_err(|e| failed(&e))
}
