//! The broker's configuration, made from the cards: who may do what.
//!
//! The owner may do everything within the exchange's account. A peer is a reader: it may read its own stream, by
//! consumers that the broker forgets, ask its own questions, and receive on its own inboxes. Nobody gets `$JS.>`:
//! on old servers a publisher there can move streams across accounts (CVE-2025-30215).

use std::net::SocketAddr;
use std::path::PathBuf;

use tongcha_domain::id::PartyId;
use tongcha_ledger::key::PartyCard;

use crate::nats::names::Names;

/// Where the broker listens and stores.
#[derive(Clone, Debug)]
pub struct BrokerConfigOptions {
    /// For clients.
    pub listen: SocketAddr,
    /// For the monitoring endpoints, loopback.
    pub monitor: Option<SocketAddr>,
    /// JetStream's files.
    pub store: PathBuf,
    /// Certificate and key; none only on loopback.
    pub tls: Option<(PathBuf, PathBuf)>,
}

/// Most bytes of all streams of one broker: the streams' own limits times the parties, with room.
const STORE_BYTES: &str = "8GB";
/// Largest message: the longest repair (512 KiB and one parcel) with room.
const PAYLOAD_BYTES: &str = "1MB";
/// Connections of services and operators; each party has one.
const CONNECTIONS_MAX: u32 = 64;

fn quoted(subjects: &[String]) -> String {
    subjects.iter().map(|subject| format!("\"{subject}\"")).collect::<Vec<_>>().join(", ")
}

fn reader(me: PartyId, card: &PartyCard) -> String {
    let peer = card.party;
    let stream = Names::stream(me, peer);
    let publish = [
        Names::asks_of(me, peer),
        format!("$JS.API.STREAM.INFO.{stream}"),
        format!("$JS.API.CONSUMER.CREATE.{stream}"),
        format!("$JS.API.CONSUMER.CREATE.{stream}.>"),
        format!("$JS.API.CONSUMER.INFO.{stream}.*"),
        format!("$JS.API.CONSUMER.DELETE.{stream}.*"),
        format!("$JS.API.CONSUMER.MSG.NEXT.{stream}.*"),
        format!("$JS.ACK.{stream}.>"),
    ];
    format!(
        "      {{ # {peer}: reads its own stream, asks its own questions\n        nkey: {user}\n        permissions: {{\n          publish: {{ allow: [{publish}] }}\n          subscribe: {{ allow: [\"{inbox}.>\"] }}\n        }}\n      }}\n",
        user = card.broker_user,
        publish = quoted(&publish),
        inbox = Names::inbox(peer),
    )
}

/// Returns the configuration of a party's broker for nats-server 2.9.10 and later.
#[must_use]
pub fn broker_config(me: PartyId, cards: &[PartyCard], options: &BrokerConfigOptions) -> String {
    let mut users = String::new();
    for card in cards {
        if card.party == me {
            let user = &card.broker_user;
            users.push_str(&format!("      {{ nkey: {user} }} # {me}: the owner\n"));
        } else {
            users.push_str(&reader(me, card));
        }
    }
    let monitor = options.monitor.map(|address| format!("http: \"{address}\"\n")).unwrap_or_default();
    let tls = options.tls.as_ref().map_or_else(String::new, |(certificate, key)| {
        format!("tls {{\n  cert_file: \"{}\"\n  key_file: \"{}\"\n}}\n", certificate.display(), key.display())
    });
    format!(
        "# Broker of {me}. Made by `tongcha-{me} broker-config`; make it again when a card changes.\n\
         server_name: \"tongcha-{me}\"\n\
         listen: \"{listen}\"\n{monitor}{tls}\
         max_payload: {PAYLOAD_BYTES}\n\
         max_connections: {CONNECTIONS_MAX}\n\
         jetstream {{\n  store_dir: \"{store}\"\n  max_file_store: {STORE_BYTES}\n}}\n\
         accounts {{\n  TONGCHA {{\n    jetstream: enabled\n    users: [\n{users}    ]\n  }}\n}}\n",
        listen = options.listen,
        store = options.store.display(),
    )
}
