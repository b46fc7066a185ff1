//! Transport: entries to the other parties and theirs to us, questions and answers.
//!
//! In scope: one stream for each recipient at the own broker, readers at the peers' brokers, requests and replies,
//! brokers and peers that are away. Out of scope: truth. A broker only carries bytes: completeness comes from the
//! origin's journal, authenticity from signatures, positions from our own replicas.
//!
//! **Invariant: in a stream, the message with sequence number n is entry n - 1.** A stream that holds anything else is
//! deleted and published again as a new generation; a reader never follows it beyond the first message that is not
//! the entry it waits for.

mod ask;
mod broker_config;
mod confirm;
mod connect;
mod lookup;
mod matching;
mod names;
mod publish;
mod read;
mod readiness;
mod recover;
mod serve;
mod wire;
mod witness;

pub use broker_config::{BrokerConfigOptions, broker_config};
pub use confirm::confirm;
pub use connect::{ConnectError, connect};
pub use lookup::Lookups;
pub use matching::Matching;
pub use names::{Names, STREAM_PREFIX};
pub use readiness::NodeReadiness;
pub use recover::{LogGiven, RecoverError, fetch_log, fetch_own, streamed};

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tongcha_domain::id::PartyId;

use crate::node::NodeHandle;

/// Connections to all brokers.
#[derive(Clone)]
pub struct Brokers {
    /// The own one.
    pub own: async_nats::Client,
    /// The peers'.
    pub peers: Arc<BTreeMap<PartyId, async_nats::Client>>,
}

/// Starts publishers, readers, the seeker of cosignatures and the server of peers' requests; they end when `stop` is cancelled.
pub fn start(
    node: &NodeHandle,
    brokers: &Brokers,
    generations: &publish::Generations,
    stop: &CancellationToken,
    tasks: &TaskTracker,
) {
    for (peer, client) in brokers.peers.iter() {
        let publisher = publish::Publisher::new(node.clone(), brokers.own.clone(), *peer, generations.clone());
        tasks.spawn(publisher.run(stop.clone()));
        tasks.spawn(read::Reader::new(node.clone(), client.clone(), *peer).run(stop.clone()));
    }
    tasks.spawn(witness::seek(node.clone(), brokers.peers.clone(), stop.clone()));
    tasks.spawn(serve::serve(node.clone(), brokers.own.clone(), generations.clone(), stop.clone()));
}

pub use publish::Generations;
