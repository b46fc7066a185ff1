//! Reading a peer's log: from its stream as it comes, and from its journal where the stream has a hole.
//!
//! The position is the replica's own length, never the broker's. Every [`TIP_INTERVAL`], and at each start, the peer
//! says how long its log is and which entry stands before our position; another entry there is a fork.

use std::collections::VecDeque;
use std::time::Duration;

use async_nats::jetstream;
use async_nats::jetstream::consumer::DeliverPolicy;
use async_nats::jetstream::consumer::pull::OrderedConfig;
use futures::StreamExt;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;
use tongcha_domain::id::PartyId;
use tongcha_ledger::parcel::ParcelError;

use crate::clock::wall_clock;
use crate::core::{IntakeResult, QuarantineReason};
use crate::metrics::party_label;
use crate::nats::ask::{AskPeerError, ask};
use crate::nats::connect::{RETRY_DELAY_MAX, backoff};
use crate::nats::names::{Names, Topic};
use crate::nats::wire::{RepairReply, RepairRequest, TipReply, TipRequest};
use crate::node::{NodeError, NodeHandle};

/// How often the tips are compared: also how long a reader follows a broker's stream that has gone silent. Lookups fail
/// closed when a peer was not heard for a dozen of these.
pub(super) const TIP_INTERVAL: Duration = Duration::from_secs(4);
/// Parcels handed in before their outcomes are awaited.
const IN_FLIGHT_MAX: usize = 256;
/// Longest wait for more before outcomes are looked at.
const POLL: Duration = Duration::from_millis(250);

type Pending = oneshot::Receiver<Result<IntakeResult, NodeError>>;

#[derive(Debug, thiserror::Error)]
enum ReadError {
    #[error("the peer does not answer: {0}")]
    Peer(#[from] AskPeerError),
    #[error("the peer's stream can't be read: {0}")]
    Stream(String),
    #[error("the stream is silent though the log is longer")]
    Behind,
    #[error(transparent)]
    Node(#[from] NodeError),
}

/// Reads one peer's log.
pub(super) struct Reader {
    node: NodeHandle,
    client: async_nats::Client,
    peer: PartyId,
}

impl Reader {
    pub(super) fn new(node: NodeHandle, client: async_nats::Client, peer: PartyId) -> Self {
        Self { node, client, peer }
    }

    /// Reads until stopped.
    pub(super) async fn run(self, stop: CancellationToken) {
        let mut delays = backoff();
        loop {
            let began = tokio::time::Instant::now();
            let result = tokio::select! {
                () = stop.cancelled() => return,
                result = self.follow() => result,
            };
            if began.elapsed() > TIP_INTERVAL {
                delays = backoff();
            }
            match result {
                Ok(()) => {}
                Err(ReadError::Node(NodeError::Stopped)) => return,
                Err(error) => tracing::info!(peer = %self.peer, %error, "reading is tried again"),
            }
            let delay = delays.next().unwrap_or(RETRY_DELAY_MAX);
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(delay) => {}
            }
        }
    }

    /// Compares tips, repairs what is missing, then follows the stream until something is wrong.
    async fn follow(&self) -> Result<(), ReadError> {
        self.compare_tips().await?;
        self.repair().await?;
        let have = self.have().await?;
        let stream = jetstream::new(self.client.clone())
            .get_stream_no_info(Names::stream(self.peer, self.node.me()))
            .await
            .map_err(|e| ReadError::Stream(e.to_string()))?;
        let config = OrderedConfig {
            deliver_policy: DeliverPolicy::ByStartSequence { start_sequence: have + 1 },
            ..OrderedConfig::default()
        };
        let consumer = stream.create_consumer(config).await.map_err(|e| ReadError::Stream(e.to_string()))?;
        let mut messages = consumer.messages().await.map_err(|e| ReadError::Stream(e.to_string()))?;
        let lag = self.node.metrics().broker_lag.get_or_create(&party_label(self.peer)).clone();
        let mut compare_at = tokio::time::Instant::now() + TIP_INTERVAL;
        let mut pending: VecDeque<Pending> = VecDeque::new();
        loop {
            tokio::select! {
                biased;
                outcome = next_outcome(&mut pending), if !pending.is_empty() => self.settle(outcome?).await?,
                message = messages.next(), if pending.len() < IN_FLIGHT_MAX => match message {
                    Some(Ok(message)) => {
                        if let Ok(info) = message.info() {
                            lag.set(i64::try_from(info.pending).unwrap_or(i64::MAX));
                        }
                        if let Some(waiting) = self.hand_in(&message.payload).await? {
                            pending.push_back(waiting);
                        }
                    }
                    Some(Err(error)) => return Err(ReadError::Stream(error.to_string())),
                    None => return Ok(()),
                },
                () = tokio::time::sleep_until(compare_at) => {
                    compare_at = tokio::time::Instant::now() + TIP_INTERVAL;
                    let before = self.have().await?;
                    let announced = self.compare_tips().await?;
                    tokio::time::sleep(POLL).await; // what is on its way may arrive
                    if pending.is_empty() && announced > before && self.have().await? == before {
                        return Err(ReadError::Behind);
                    }
                }
            }
        }
    }

    async fn have(&self) -> Result<u64, NodeError> {
        let peer = self.peer;
        self.node.with(move |core| core.tip(peer).count).await
    }

    /// Opens a parcel and hands it in; a refused one is kept, and fetched again from the peer's journal.
    async fn hand_in(&self, bytes: &[u8]) -> Result<Option<Pending>, ReadError> {
        match self.node.opener().open(self.peer, bytes) {
            Ok(parcel) => {
                let late = wall_clock().0.saturating_sub(parcel.entry.header().recorded_at.0);
                #[expect(clippy::cast_precision_loss, reason = "microseconds of a delay are far below 2^52")]
                self.node.metrics().delivery_seconds.observe(late as f64 / 1e6);
                Ok(Some(self.node.start_intake(parcel).await?))
            }
            Err(error) => {
                self.refuse(&error, bytes).await?;
                self.repair().await?;
                Ok(None)
            }
        }
    }

    async fn refuse(&self, error: &ParcelError, bytes: &[u8]) -> Result<(), NodeError> {
        let reason = QuarantineReason::from(error);
        tracing::error!(peer = %self.peer, reason = reason.as_str(), %error, "a message of a peer is refused");
        self.node.quarantine(self.peer, reason, bytes.to_vec()).await
    }

    /// Acts on what became of a parcel.
    async fn settle(&self, outcome: Result<IntakeResult, NodeError>) -> Result<(), ReadError> {
        match outcome? {
            IntakeResult::Taken(_) | IntakeResult::Duplicate => Ok(()),
            IntakeResult::Early { .. } => self.repair().await,
            IntakeResult::Halted(reason) => {
                self.node.metrics().quarantined(self.peer, reason);
                self.repair().await
            }
        }
    }

    /// Asks how long the peer's log is, and whether it has the entry before our position.
    async fn compare_tips(&self) -> Result<u64, ReadError> {
        let (me, peer) = (self.node.me(), self.peer);
        let have = self.have().await?;
        let reply: TipReply = ask(&self.client, me, peer, Topic::Tip, &TipRequest { have }).await?;
        let differs = self
            .node
            .with(move |core| {
                core.announce(peer, reply.count, wall_clock());
                let ours = have.checked_sub(1).map(|last| core.leaf(peer, last)).transpose()?.flatten();
                if ours == reply.leaf && core.tip(peer).count == reply.count {
                    core.confirm(peer);
                }
                Ok::<_, crate::core::CoreError>(ours != reply.leaf)
            })
            .await?
            .map_err(|e| NodeError::from(&e))?;
        if differs {
            // Not a proof (a tip is unsigned): the proof is the other entry itself, when the peer shows it.
            tracing::error!(peer = %peer, have, says = reply.count, "the peer's log does not contain our replica of it");
            self.node.with(move |core| core.suspect(peer)).await?;
        }
        Ok(reply.count)
    }

    /// Fetches what is missing from the peer's journal, until nothing known is missing.
    async fn repair(&self) -> Result<(), ReadError> {
        let (me, peer) = (self.node.me(), self.peer);
        loop {
            let wanted =
                self.node.with(move |core| core.wanted().into_iter().find(|(origin, _)| *origin == peer)).await?;
            let Some((_, from)) = wanted else { return Ok(()) };
            self.node.metrics().repairs.get_or_create(&party_label(peer)).inc();
            let reply: RepairReply = ask(&self.client, me, peer, Topic::Repair, &RepairRequest { from }).await?;
            if reply.parcels.is_empty() {
                // Nothing follows: the tip tells whether what was refused was an entry at all.
                return self.compare_tips().await.map(drop);
            }
            for bytes in &reply.parcels {
                match self.node.opener().open(peer, bytes) {
                    Ok(parcel) => {
                        let taken = self.node.intake(parcel).await?;
                        if let IntakeResult::Halted(reason) = taken {
                            self.node.metrics().quarantined(peer, reason);
                            return Err(ReadError::Behind);
                        }
                    }
                    Err(error) => {
                        self.refuse(&error, bytes).await?;
                        return Err(ReadError::Behind);
                    }
                }
            }
        }
    }
}

async fn next_outcome(pending: &mut VecDeque<Pending>) -> Result<Result<IntakeResult, NodeError>, NodeError> {
    let Some(first) = pending.front_mut() else { return Err(NodeError::Stopped) };
    let outcome = first.await.map_err(|_| NodeError::Stopped)?;
    pending.pop_front();
    Ok(outcome)
}
