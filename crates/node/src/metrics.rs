//! Metrics in the Prometheus text format: base units, bounded labels, never a case or a person.

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};
use tongcha_domain::id::PartyId;

use crate::clock::wall_clock;
use crate::core::{Core, KeyStanding, QuarantineReason};

type Labels<const N: usize> = [(&'static str, String); N];

/// All metrics of a service.
pub struct Metrics {
    registry: Registry,
    entries: Family<Labels<1>, Gauge>,
    behind: Family<Labels<1>, Gauge>,
    quarantined: Family<Labels<2>, Counter>,
    halted: Family<Labels<1>, Gauge>,
    witnessed: Family<Labels<1>, Gauge>,
    writable: Gauge,
    /// Age of the oldest own entry that a peer has not witnessed.
    pub unwitnessed_seconds: Family<Labels<1>, Gauge>,
    withheld: Family<Labels<1>, Gauge>,
    bodies_lost: Family<Labels<1>, Gauge>,
    view_rows: Gauge,
    key_days_left: Family<Labels<1>, Gauge>,
    key_alarm: Family<Labels<1>, Gauge>,
    statement_alarms: Gauge,
    /// Entries not yet in the own broker's stream for a peer.
    pub unpublished: Family<Labels<1>, Gauge>,
    /// Messages waiting in a peer's stream for us, by the broker's own count.
    pub broker_lag: Family<Labels<1>, Gauge>,
    /// 1 while the connection to a broker stands.
    pub broker_connected: Family<Labels<1>, Gauge>,
    /// From a peer's `recorded_at` to our projection, by both clocks.
    pub delivery_seconds: Histogram,
    /// Requests over HTTP, by route template, method and status.
    pub http_seconds: Family<Labels<3>, Histogram, fn() -> Histogram>,
    /// Repairs asked of a peer.
    pub repairs: Family<Labels<1>, Counter>,
    /// Lookups judged by our gate, by code (`PERMITTED` when permitted).
    pub lookups: Family<Labels<1>, Counter>,
}

fn seconds() -> Histogram {
    Histogram::new(exponential_buckets(0.000_5, 2.0, 16)) // 0.5 ms to 16 s
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("tongcha");
        let metrics = Self {
            registry: Registry::default(),
            entries: Family::default(),
            behind: Family::default(),
            quarantined: Family::default(),
            halted: Family::default(),
            witnessed: Family::default(),
            writable: Gauge::default(),
            unwitnessed_seconds: Family::default(),
            withheld: Family::default(),
            bodies_lost: Family::default(),
            view_rows: Gauge::default(),
            key_days_left: Family::default(),
            key_alarm: Family::default(),
            statement_alarms: Gauge::default(),
            unpublished: Family::default(),
            broker_lag: Family::default(),
            broker_connected: Family::default(),
            delivery_seconds: seconds(),
            http_seconds: Family::new_with_constructor(seconds),
            repairs: Family::default(),
            lookups: Family::default(),
        };
        registry.register("log_entries", "Durable entries of each log", metrics.entries.clone());
        registry.register("log_behind", "Entries a peer announced that are not here", metrics.behind.clone());
        registry.register("quarantined", "Messages refused and kept", metrics.quarantined.clone());
        registry.register("log_halted", "1 while a peer's log is stopped by a refused entry", metrics.halted.clone());
        registry.register("witnessed_entries", "Own entries that a peer has witnessed", metrics.witnessed.clone());
        registry.register("log_writable", "0 while the own log may not be written", metrics.writable.clone());
        let unwitnessed = metrics.unwitnessed_seconds.clone();
        let help = "Age of the oldest own entry that a peer has not witnessed";
        registry.register_with_unit("unwitnessed", help, Unit::Seconds, unwitnessed);
        registry.register(
            "bodies_withheld",
            "Bodies that a peer says are erased or lost, without an order or a recovery for it",
            metrics.withheld.clone(),
        );
        let help = "Entries for this party whose body was lost with a disk";
        registry.register("bodies_lost", help, metrics.bodies_lost.clone());
        registry.register("view_rows", "Rows of the view", metrics.view_rows.clone());
        let days_left = metrics.key_days_left.clone();
        registry.register("key_days_left", "Days until a party's signing key is to be replaced", days_left);
        let alarm = metrics.key_alarm.clone();
        registry.register("key_alarm", "1 while something is wrong with a party's key, or soon will be", alarm);
        let alarms = metrics.statement_alarms.clone();
        registry.register("statement_alarms", "Files beside the cards that do not count, or were taken away", alarms);
        registry.register("unpublished", "Entries not yet in the stream for a peer", metrics.unpublished.clone());
        registry.register(
            "broker_lag",
            "Messages in a peer's stream that we have not read",
            metrics.broker_lag.clone(),
        );
        registry.register(
            "broker_connected",
            "1 while connected to a party's broker",
            metrics.broker_connected.clone(),
        );
        let delivery = metrics.delivery_seconds.clone();
        registry.register_with_unit("delivery", "From a peer's recording to our projection", Unit::Seconds, delivery);
        let http = metrics.http_seconds.clone();
        registry.register_with_unit("http", "Requests by route, method and status", Unit::Seconds, http);
        registry.register("repairs", "Repairs asked of a peer", metrics.repairs.clone());
        registry.register("lookups", "Lookups judged by the gate, by code", metrics.lookups.clone());
        Self { registry, ..metrics }
    }
}

/// Makes the label `party`.
#[must_use]
pub fn party_label(party: PartyId) -> Labels<1> {
    [("party", party.to_string())]
}

impl Metrics {
    /// Counts a refused message.
    pub fn quarantined(&self, from: PartyId, reason: QuarantineReason) {
        self.quarantined.get_or_create(&[("party", from.to_string()), ("reason", reason.as_str().to_owned())]).inc();
    }

    /// Takes the figures of the core after a commit.
    pub fn observe(&self, core: &Core) {
        let gauge = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
        for party in core.directory().parties() {
            self.entries.get_or_create(&party_label(party)).set(gauge(core.tip(party).count));
            let Some(KeyStanding { days_left, alarm, .. }) = core.key_standing(party, wall_clock()) else { continue };
            self.key_alarm.get_or_create(&party_label(party)).set(i64::from(alarm.is_some()));
            if let Some(days) = days_left {
                self.key_days_left.get_or_create(&party_label(party)).set(days);
            }
        }
        for (party, standing) in core.peers() {
            let behind = standing.announced.saturating_sub(core.tip(*party).count);
            self.behind.get_or_create(&party_label(*party)).set(gauge(behind));
            self.halted.get_or_create(&party_label(*party)).set(i64::from(standing.halted.is_some()));
            let withheld = core.withheld(*party) + core.unsaid_losses(*party);
            self.withheld.get_or_create(&party_label(*party)).set(gauge(withheld as u64));
            self.bodies_lost.get_or_create(&party_label(*party)).set(gauge(core.bodies_lost(*party) as u64));
        }
        for (party, witnessed) in core.witnessed() {
            self.witnessed.get_or_create(&party_label(*party)).set(gauge(*witnessed));
        }
        self.statement_alarms.set(gauge(core.statement_alarms().len() as u64));
        self.writable.set(i64::from(core.may_write()));
        self.view_rows.set(gauge(core.state_root().1));
    }

    /// Returns the Prometheus text.
    #[must_use]
    pub fn encode(&self) -> String {
        let mut text = String::new();
        match encode(&mut text, &self.registry) {
            Ok(()) => text,
            Err(std::fmt::Error) => String::new(), // writing to a string does not fail
        }
    }

    /// A gauge that can be read back, for readiness checks.
    #[must_use]
    pub fn gauge(family: &Family<Labels<1>, Gauge>, party: PartyId) -> i64 {
        family.get_or_create(&party_label(party)).get()
    }
}
