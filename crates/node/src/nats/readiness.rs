//! Whether the service can do its work: checks that do the real operation, and say which is wrong.

use std::time::Duration;

use async_nats::jetstream;
use futures::future::BoxFuture;
use tongcha_domain::id::PartyId;
use tongcha_domain::time::SECOND_US;

use crate::clock::wall_clock;
use crate::http::{Check, Readiness};
use crate::nats::names::Names;
use crate::nats::{Brokers, Generations};
use crate::node::NodeHandle;

/// Longest wait for the own broker's answer: readiness must be told while somebody waits for it.
const CHECK_DEADLINE: Duration = Duration::from_secs(2);
/// Most entries a peer's log may be ahead of our replica before we call ourselves behind: a second at full speed.
const BEHIND_MAX: u64 = 3_000;

/// How long a peer may leave a checkpoint without its cosignature before it is alarmed. Lookups fail closed much earlier.
const WITNESS_WITHIN_US: i64 = 5 * 60 * SECOND_US;

/// Checks of a running node.
pub struct NodeReadiness {
    node: NodeHandle,
    brokers: Brokers,
    generations: Generations,
}

impl NodeReadiness {
    /// Makes the checks.
    #[must_use]
    pub fn new(node: NodeHandle, brokers: Brokers, generations: Generations) -> Self {
        Self { node, brokers, generations }
    }

    async fn run(&self) -> Vec<Check> {
        let mut checks = vec![self.core_check().await];
        let connected = self.brokers.own.connection_state() == async_nats::connection::State::Connected;
        let detail = if connected { "connected" } else { "the own broker is away; it is waited for" };
        checks.push(check("broker", connected, detail));
        for peer in self.brokers.peers.keys() {
            checks.push(self.stream_check(*peer).await);
            checks.push(self.peer_check(*peer).await);
            checks.push(self.witness_check(*peer).await);
        }
        checks
    }

    /// Journal, view and disk, by a read on the core.
    async fn core_check(&self) -> Check {
        let me = self.node.me();
        let read = self.node.with(move |core| {
            let last = core.tip(me).count.checked_sub(1);
            let journal = last.map(|last| core.leaf(me, last)).transpose();
            let view = core.rows().side::<tongcha_domain::view::LogPosition>(&(), me);
            let projected = view.map(|position| position.unwrap_or_default().count);
            (journal, projected, core.tip(me).count, core.rolled_back())
        });
        match read.await {
            Err(error) => check("journal", false, &error.to_string()),
            Ok((Err(error), ..)) => check("journal", false, &error.to_string()),
            Ok((_, Err(error), ..)) => check("view", false, &error.to_string()),
            Ok((.., Some((peer, seen)))) => {
                check("rollback", false, &format!("{peer} has seen {seen} entries of our log, more than we have"))
            }
            Ok((_, Ok(projected), count, None)) if projected == count => {
                check("journal", true, &format!("{count} entries, all in the view"))
            }
            Ok((_, Ok(projected), count, None)) => {
                check("view", false, &format!("{projected} of {count} own entries are in the view"))
            }
        }
    }

    async fn stream_check(&self, peer: PartyId) -> Check {
        let name = format!("stream:{peer}");
        let stream = Names::stream(self.node.me(), peer);
        let jetstream = jetstream::new(self.brokers.own.clone());
        let asked = tokio::time::timeout(CHECK_DEADLINE, jetstream.get_stream(&stream)).await;
        match asked {
            Ok(Ok(found)) => {
                let state = &found.cached_info().state;
                let generation = self.generations.get(peer);
                check(&name, true, &format!("generation {generation}, last entry {}", state.last_sequence))
            }
            Ok(Err(error)) => check(&name, false, &format!("{stream}: {error}")),
            Err(_) => check(&name, false, &format!("{stream}: no answer from the own broker")),
        }
    }

    /// Whether a peer witnesses our log, or has not for too long.
    async fn witness_check(&self, peer: PartyId) -> Check {
        let name = format!("witness:{peer}");
        let read = self.node.with(move |core| {
            let size = core.published().map_or(0, |published| published.head().size);
            (size, core.tip(core.me()).count, core.unwitnessed_since(peer))
        });
        match read.await {
            Err(error) => check(&name, false, &error.to_string()),
            Ok((_, _, Some(since))) if wall_clock().0.saturating_sub(since.0) > WITNESS_WITHIN_US => check(
                &name,
                false,
                "the peer has not cosigned our log for too long; entries are accepted, not witnessed",
            ),
            Ok((size, count, Some(_))) => check(&name, true, &format!("asked to cosign {size} of {count} entries")),
            Ok((size, count, None)) => check(&name, true, &format!("{size} of {count} entries are witnessed")),
        }
    }

    async fn peer_check(&self, peer: PartyId) -> Check {
        let name = format!("peer:{peer}");
        let read = self.node.with(move |core| {
            let standing = core.peers().get(&peer).cloned().unwrap_or_default();
            (standing, core.tip(peer).count, core.in_doubt(peer, wall_clock()), core.withheld(peer))
        });
        match read.await {
            Err(error) => check(&name, false, &error.to_string()),
            Ok((standing, ..)) if standing.forked => check(&name, false, "the peer's log forked; call the peer"),
            Ok((standing, ..)) if standing.halted.is_some() => {
                check(&name, false, "a message of the peer was refused; its journal is being asked")
            }
            Ok((.., withheld)) if withheld > 0 => check(
                &name,
                false,
                &format!(
                    "{withheld} bodies of the peer's log came without a key and no order of erasure covers them; call the peer"
                ),
            ),
            Ok((_, _, true, _)) => {
                check(&name, false, "the peer's log is not heard or does not fit; lookups on its consents are refused")
            }
            Ok((standing, have, false, _)) if standing.announced > have + BEHIND_MAX => {
                check(&name, false, &format!("{have} of {} entries are here", standing.announced))
            }
            Ok((_, have, false, _)) => check(&name, true, &format!("{have} entries are here")),
        }
    }
}

fn check(name: &str, ok: bool, detail: &str) -> Check {
    Check { name: name.to_owned(), ok, detail: detail.to_owned() }
}

impl Readiness for NodeReadiness {
    fn checks(&self) -> BoxFuture<'_, Vec<Check>> {
        Box::pin(self.run())
    }
}
