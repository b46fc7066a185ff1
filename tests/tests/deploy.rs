//! The samples in `deploy/` are what the programs read and make.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use tongcha_domain::id::PartyId;
use tongcha_ledger::key::{Hex, PartyCard};
use tongcha_node::config::Config;
use tongcha_node::nats::{BrokerConfigOptions, broker_config};
use tongcha_testbed::binaries::workspace;
use tongcha_testbed::install::NatsServer;
use tongcha_testbed::parties::{SIDES, Side};

fn deploy() -> PathBuf {
    workspace().join("deploy")
}

fn broker_sample(side: Side) -> PathBuf {
    deploy().join("nats").join(format!("{}.conf", side.name))
}

#[test]
fn every_party_has_a_configuration_that_its_service_reads() -> Result<()> {
    for side in SIDES {
        let config = Config::read(&deploy().join(format!("{}.toml", side.name)), side.party()?)?;
        let peers: Vec<&str> = config.peers.keys().map(PartyId::as_str).collect();
        let mut others: Vec<&str> = side.others().map(|other| other.name).collect();
        others.sort_unstable();
        ensure!(peers == others, "{}: peers are {peers:?}", side.name);
        ensure!(config.http.listen.ip().is_loopback(), "{}: the API listens beyond loopback", side.name);
        for broker in config.peers.values().chain([&config.broker]) {
            ensure!(broker.url.starts_with("tls://") && broker.ca_file.is_some(), "{} without TLS", broker.url);
        }
        ensure!(Config::read(&deploy().join(format!("{}.toml", side.name)), "foshan".parse()?).is_err());
    }
    Ok(())
}

/// The user key that a sample gives a party: it stands before the line with the party's name, or in it.
fn user_of(sample: &str, side: Side) -> Result<String> {
    let owner = format!("# {}: the owner", side.name);
    let reader = format!("{{ # {}: reads its own stream", side.name);
    let mut lines = sample.lines().skip_while(|line| !line.contains(&owner) && !line.contains(&reader));
    let key = lines.find_map(|line| line.split_once("nkey: ")).with_context(|| format!("no user of {}", side.name))?;
    Ok(key.1.split_whitespace().next().unwrap_or_default().to_owned())
}

#[test]
fn broker_samples_are_what_the_service_makes() -> Result<()> {
    for side in SIDES {
        let sample = std::fs::read_to_string(broker_sample(side))?;
        let card = |of: Side| -> Result<PartyCard> {
            let (party, key) = (of.party()?, Hex([0; 32])); // only party and user matter to the broker
            Ok(PartyCard {
                party,
                signing: key,
                sealing: key,
                broker_user: user_of(&sample, of)?,
                proof: String::new(),
                root: None,
                statements: Vec::new(),
            })
        };
        let mut cards = SIDES.into_iter().map(card).collect::<Result<Vec<_>>>()?;
        cards.sort_by_key(|card| card.party);
        let options = BrokerConfigOptions {
            listen: SocketAddr::from(([127, 0, 0, 1], 4222)),
            monitor: Some(SocketAddr::from(([127, 0, 0, 1], 8222))),
            store: Path::new("/var/lib/tongcha-broker").to_owned(),
            tls: None,
        };
        let made = broker_config(side.party()?, &cards, &options);
        ensure!(sample.ends_with(&made), "{} differs from what broker-config makes:\n{made}", side.name);
    }
    Ok(())
}

#[test]
fn broker_samples_are_taken_by_the_server_and_wrong_ones_are_not() -> Result<()> {
    let server = NatsServer::find_or_install()?;
    for side in SIDES {
        server.check_config(&broker_sample(side))?;
    }
    let dir = tempfile::tempdir()?;
    let wrong = dir.path().join("nats.conf");
    let sample = std::fs::read_to_string(broker_sample(SIDES[0]))?;
    std::fs::write(&wrong, sample.replace("max_payload", "max_playload"))?;
    ensure!(server.check_config(&wrong).is_err(), "a misspelt setting is taken");
    Ok(())
}
