//! Whether the service can do its work: checks that do the real operation, and say which is wrong.

use std::time::Duration;

use async_nats::jetstream;
use futures::future::BoxFuture;
use tongcha_domain::id::PartyId;
use tongcha_domain::lookup::CLOCK_SKEW_MAX_US;
use tongcha_domain::time::SECOND_US;
use tongcha_domain::view::LogPosition;

use crate::clock::wall_clock;
use crate::core::KeyStanding;
use crate::http::{Check, Readiness};
use crate::nats::names::Names;
use crate::nats::{Brokers, Generations};
use crate::node::NodeHandle;

/// Longest wait for the own broker's answer: readiness must be told while somebody waits for it.
const CHECK_DEADLINE: Duration = Duration::from_secs(2);
/// Most entries a peer's log may be ahead of our replica before we call ourselves behind: a second at full speed.
const BEHIND_MAX: u64 = 3_000;

/// How old an entry may be that a peer has not witnessed before it is alarmed. Lookups fail closed much earlier.
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
        for party in self.node.directory().parties() {
            checks.push(self.key_check(party).await);
        }
        checks.push(self.statements_check().await);
        let connected = self.brokers.own.connection_state() == async_nats::connection::State::Connected;
        let detail = if connected { "connected" } else { "the own broker is away; it is waited for" };
        checks.push(check("broker", connected, detail));
        for peer in self.brokers.peers.keys() {
            checks.push(self.stream_check(*peer).await);
            checks.push(self.peer_check(*peer).await);
            checks.push(self.witness_check(*peer).await);
            checks.push(self.clock_check(*peer).await);
        }
        checks
    }

    /// Journal, view and disk, by a read on the core.
    async fn core_check(&self) -> Check {
        let me = self.node.me();
        let read = self.node.with(move |core| {
            let last = core.tip(me).count.checked_sub(1);
            let journal = last.map(|last| core.leaf(me, last)).transpose();
            let view = core.rows().side::<LogPosition>(&(), me);
            let projected = view.map(|position| position.unwrap_or_default().count);
            (journal, projected, core.tip(me).count, core.rolled_back(), core.awaits_peers())
        });
        match read.await {
            Err(error) => check("journal", false, &error.to_string()),
            Ok((Err(error), ..)) => check("journal", false, &error.to_string()),
            Ok((_, Err(error), ..)) => check("view", false, &error.to_string()),
            Ok((_, _, have, Some((peer, seen)), _)) => check(
                "rollback",
                false,
                &format!(
                    "{peer} knows {seen} entries of our log, this disk has {have} or others; nothing is written. Stop the \
                     service and run `tongcha-{me} recover --from-peers`"
                ),
            ),
            Ok((.., true)) => check(
                "rollback",
                false,
                "no peer has said yet what it holds of our log; nothing is written. When none can be reached and this \
                 disk is surely the newest: `run --without-peers`",
            ),
            Ok((_, Ok(projected), count, None, false)) if projected == count => {
                check("journal", true, &format!("{count} entries, all in the view"))
            }
            Ok((_, Ok(projected), count, None, false)) => {
                check("view", false, &format!("{projected} of {count} own entries are in the view"))
            }
        }
    }

    /// Whether a party's signing key is good for long enough. That it should be replaced does not make the service less ready:
    /// nothing is refused for a date. What is not ready is a party whose key is stolen, or whose reports contradict its log.
    async fn key_check(&self, party: PartyId) -> Check {
        let name = format!("key:{party}");
        let read = self.node.with(move |core| core.key_standing(party, wall_clock())).await;
        match read {
            Err(error) => check(&name, false, &error.to_string()),
            Ok(None) => check(&name, false, "the party has no key"),
            Ok(Some(KeyStanding { alarm: Some(alarm), .. })) => check(&name, !alarm.stops(), &alarm.to_string()),
            Ok(Some(KeyStanding { not_after: Some(date), .. })) => check(&name, true, &format!("good until {date}")),
            Ok(Some(KeyStanding { not_after: None, .. })) => check(&name, true, "without a date"),
        }
    }

    /// Whether every statement of a root that was put beside the cards counts: one that does not may be the report of a theft.
    async fn statements_check(&self) -> Check {
        let alarms = self.node.with(|core| core.statement_alarms().clone()).await;
        match alarms {
            Err(error) => check("statements", false, &error.to_string()),
            Ok(alarms) if alarms.is_empty() => check("statements", true, "all that are here count"),
            Ok(alarms) => {
                let told: Vec<_> = alarms.into_iter().map(|(file, alarm)| format!("{file}: {alarm}")).collect();
                check("statements", false, &told.join("; "))
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
            let witnessed = core.witnessed().get(&peer).copied().unwrap_or(0);
            (witnessed, core.tip(core.me()).count, core.unwitnessed_since(peer))
        });
        match read.await {
            Err(error) => check(&name, false, &error.to_string()),
            Ok((_, _, Err(error))) => check(&name, false, &error.to_string()),
            Ok((witnessed, count, Ok(Some(since)))) if wall_clock().0.saturating_sub(since.0) > WITNESS_WITHIN_US => {
                let waiting = count - witnessed.min(count);
                let detail = format!("{waiting} entries are accepted, not witnessed, the oldest since {since}");
                check(&name, false, &detail)
            }
            Ok((witnessed, count, Ok(_))) => {
                check(&name, true, &format!("{witnessed} of {count} entries are witnessed"))
            }
        }
    }

    /// Whether a peer wrote its last entry in what is still to come here: then one of the two clocks is wrong, and a consent
    /// or a limit ends at another moment on either side.
    async fn clock_check(&self, peer: PartyId) -> Check {
        let name = format!("clock:{peer}");
        let read = self.node.with(move |core| core.rows().side::<LogPosition>(&(), peer));
        match read.await {
            Err(error) => check(&name, false, &error.to_string()),
            Ok(Err(error)) => check(&name, false, &error.to_string()),
            Ok(Ok(position)) => {
                let ahead_us = position.unwrap_or_default().recorded_at.0.saturating_sub(wall_clock().0);
                let agree = ahead_us <= CLOCK_SKEW_MAX_US;
                let detail =
                    if agree { "agrees as far as it is seen" } else { "the peer's clock is ahead of ours; check both" };
                check(&name, agree, detail)
            }
        }
    }

    async fn peer_check(&self, peer: PartyId) -> Check {
        let name = format!("peer:{peer}");
        let read = self.node.with(move |core| {
            let standing = core.peers().get(&peer).cloned().unwrap_or_default();
            let unfounded = (core.withheld(peer), core.unsaid_losses(peer));
            (standing, core.tip(peer).count, core.in_doubt(peer, wall_clock()), unfounded)
        });
        match read.await {
            Err(error) => check(&name, false, &error.to_string()),
            Ok((standing, ..)) if standing.forked => check(&name, false, "the peer's log forked; call the peer"),
            Ok((standing, ..)) if standing.halted.is_some() => {
                check(&name, false, "a message of the peer was refused; its journal is being asked")
            }
            Ok((.., (withheld, _))) if withheld > 0 => check(
                &name,
                false,
                &format!(
                    "{withheld} bodies of the peer's log came without a key and no order of erasure covers them; call the peer"
                ),
            ),
            Ok((.., (_, lost))) if lost > 0 => check(
                &name,
                false,
                &format!(
                    "{lost} bodies of the peer's log are said to be lost and no recovery is on record; call the peer"
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
