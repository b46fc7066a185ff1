//! Connecting to a broker: with the party's own user key, for ever.

use std::path::Path;
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use rand::Rng;
use tongcha_domain::id::PartyId;

use crate::config::BrokerConfig;
use crate::metrics::{Metrics, party_label};
use crate::nats::names::Names;

/// Longest wait for one attempt.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Longest wait for a reply of the broker's own API.
const API_TIMEOUT: Duration = Duration::from_secs(5);
/// How often a silent connection is tested: a cut cable is noticed after two.
const PING_INTERVAL: Duration = Duration::from_secs(5);
/// Longest pause between two attempts; also how much later than the link a party can come back.
const RECONNECT_DELAY_MAX_MS: u64 = 2_000;
/// First pause between two attempts.
const RECONNECT_DELAY_MIN_MS: u64 = 50;

/// First pause before publishing or reading is tried again.
const RETRY_DELAY_MIN: Duration = Duration::from_millis(100);
/// Longest such pause: also how much later than the broker a publisher or reader can come back.
pub(super) const RETRY_DELAY_MAX: Duration = Duration::from_secs(2);

/// Returns the pauses between tries of publishing or reading, for ever, with jitter.
pub(super) fn backoff() -> ExponentialBackoff {
    let builder = ExponentialBuilder::new().with_min_delay(RETRY_DELAY_MIN).with_max_delay(RETRY_DELAY_MAX);
    builder.with_jitter().without_max_times().build()
}

/// A broker address or key that can't work. A broker that is away is no error: it is waited for.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The client refuses the options.
    #[error("the broker of {party} at {url} can't be used")]
    Options {
        /// Whose broker.
        party: PartyId,
        /// Where.
        url: String,
        /// The cause.
        #[source]
        source: async_nats::ConnectError,
    },
}

/// Starts a connection to a party's broker. It is made in the background, and made again whenever it breaks.
///
/// # Errors
/// When address or certificate can't be used at all.
pub async fn connect(
    me: PartyId,
    party: PartyId,
    config: &BrokerConfig,
    seed: &str,
    metrics: &std::sync::Arc<Metrics>,
) -> Result<async_nats::Client, ConnectError> {
    let gauge = metrics.broker_connected.get_or_create(&party_label(party)).clone();
    gauge.set(0);
    let options = async_nats::ConnectOptions::with_nkey(seed.to_owned())
        .name(format!("tongcha-{me}"))
        .custom_inbox_prefix(Names::inbox(me))
        .connection_timeout(CONNECT_TIMEOUT)
        .request_timeout(Some(API_TIMEOUT))
        .ping_interval(PING_INTERVAL)
        .ignore_discovered_servers()
        .retry_on_initial_connect()
        .max_reconnects(None)
        .reconnect_delay_callback(|attempt| {
            let cap = RECONNECT_DELAY_MIN_MS.saturating_mul(1 << attempt.min(10)).min(RECONNECT_DELAY_MAX_MS);
            // Half fixed, half random: parties that lost the same broker don't come back in step.
            Duration::from_millis(cap / 2 + rand::rng().random_range(0..=cap / 2))
        })
        .event_callback(move |event| {
            let gauge = gauge.clone();
            async move {
                tracing::info!(broker = %party, %event, "broker");
                if matches!(event, async_nats::Event::Connected) {
                    gauge.set(1);
                } else if matches!(event, async_nats::Event::Disconnected | async_nats::Event::Closed) {
                    gauge.set(0);
                }
            }
        });
    let options = match &config.ca_file {
        Some(ca_file) => tls(options, ca_file),
        None => options,
    };
    let source = |source| ConnectError::Options { party, url: config.url.clone(), source };
    options.connect(&config.url).await.map_err(source)
}

fn tls(options: async_nats::ConnectOptions, ca_file: &Path) -> async_nats::ConnectOptions {
    options.add_root_certificates(ca_file.to_owned()).require_tls(true)
}
