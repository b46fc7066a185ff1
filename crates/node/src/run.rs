//! Running a party's service until it is told to stop.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use rand::SeedableRng;
use rand::rngs::StdRng;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tongcha_domain::id::PartyId;
use tongcha_domain::officer::Actor;
use tongcha_ledger::key::PartyCard;

use crate::cards::read_cards;
use crate::clock::{self, wall_clock};
use crate::config::Config;
use crate::core::{Core, CoreConfig, CoreError};
use crate::disk::FileDisk;
use crate::enrolment::{self, Enrolled};
use crate::http::{self, ApiState};
use crate::key_file::KeyFile;
use crate::key_watch;
use crate::metrics::Metrics;
use crate::nats::{self, Brokers, Generations, Lookups, Matching, NodeReadiness};
use crate::node::NodeHandle;
use crate::officers::{Officer, Officers};
use crate::view::SledView;

/// Longest wait for requests in flight after SIGTERM; service managers kill after 30 s or more.
const STOP_TIMEOUT: Duration = Duration::from_secs(20);
/// How often what is due is looked for. Limits are minutes and days; an escalation late by this much harms nobody.
const DUTIES_INTERVAL: Duration = Duration::from_millis(500);

/// How long the start waits for the peers' word on our log before the API is opened all the same, read only.
const CONFIRM_TIMEOUT: Duration = Duration::from_secs(10);

/// Runs a party's service: opens its files, connects, serves, and stops cleanly on SIGTERM or SIGINT. `without_peers`: the
/// operator answers for it that the disk is the newest, and no peer's word is waited for.
///
/// # Errors
/// Says what is wrong with configuration, keys, cards or files, or why the core ended.
pub async fn run(config_file: &Path, party: PartyId, without_peers: bool) -> anyhow::Result<()> {
    let config = Config::read(config_file, party)?;
    let keys = KeyFile::read(&config.key_file, party)?;
    let (cards, directory) = read_cards(&config.cards_dir)?;
    for peer in config.peers.keys() {
        if directory.party(*peer).is_none() || *peer == party {
            bail!("the configuration names the peer {peer}, but {} has no card of it", config.cards_dir.display());
        }
    }
    crate::disk::private_dir(&config.data_dir)
        .with_context(|| format!("{} can't be made", config.data_dir.display()))?;
    let lock = lock(&config.data_dir)?;
    if let Some(file) = &config.drill_clock {
        clock::begin_drill(file);
    }
    let core = open_core(&config, keys.secrets, directory, !without_peers)?;
    tracing::info!(%party, entries = core.tip(party).count, rows = core.state_root().1, "files are open");
    let metrics = Arc::new(Metrics::default());
    let (node, ended) = NodeHandle::start(core, metrics.clone());
    let brokers = connect_all(&config, keys.broker_seed.as_str(), &metrics).await?;
    let service = Service { node, brokers, officers: Officers::new(&config.data_dir, keys.officer_tokens), cards };
    let result = service.serve(&config, ended).await;
    drop(lock);
    result
}

async fn connect_all(config: &Config, seed: &str, metrics: &Arc<Metrics>) -> anyhow::Result<Brokers> {
    let me = config.party;
    let own = nats::connect(me, me, &config.broker, seed, metrics).await?;
    let mut peers = BTreeMap::new();
    for (peer, broker) in &config.peers {
        peers.insert(*peer, nats::connect(me, *peer, broker, seed, metrics).await?);
    }
    Ok(Brokers { own, peers: Arc::new(peers) })
}

struct Service {
    node: NodeHandle,
    brokers: Brokers,
    officers: Officers,
    cards: Vec<PartyCard>,
}

impl Service {
    /// Serves until a signal or the core's end; finishes what is in flight.
    async fn serve(self, config: &Config, mut ended: Ended) -> anyhow::Result<()> {
        let Self { node, brokers, officers, cards } = self;
        let (generations, stop, tasks) = (Generations::default(), CancellationToken::new(), TaskTracker::new());
        nats::start(&node, &brokers, &generations, &stop, &tasks);
        let confirmed = tasks.spawn(nats::confirm(node.clone(), brokers.peers.clone(), stop.clone()));
        if tokio::time::timeout(CONFIRM_TIMEOUT, confirmed).await.is_err() {
            tracing::warn!("no peer has said what it holds of our log; nothing is written before one does");
        }
        note_officers(&node, &officers).await?;
        tasks.spawn(do_duties(node.clone(), stop.clone()));
        tasks.spawn(key_watch::follow(node.clone(), config.cards_dir.clone(), stop.clone()));
        if let Some(file) = &config.drill_clock {
            tasks.spawn(clock::follow_drill(file.clone(), stop.clone()));
        }
        let listener = TcpListener::bind(config.http.listen)
            .await
            .with_context(|| format!("the API can't listen on {}", config.http.listen))?;
        tracing::info!(party = %config.party, listen = %config.http.listen, "the service is up");
        let state = ApiState {
            node: node.clone(),
            officers: Arc::new(officers),
            lookups: Arc::new(Lookups::new(node.clone(), brokers.clone())),
            matches: Arc::new(Matching::new(node.clone(), brokers.clone())),
            readiness: Arc::new(NodeReadiness::new(node.clone(), brokers, generations)),
            cards: Arc::new(cards),
        };
        let server = http::serve(listener, state, stop.clone().cancelled_owned());
        tokio::pin!(server);
        tokio::select! {
            result = &mut server => result.context("the API failed")?,
            result = &mut ended => {
                stop.cancel();
                return Err(core_end(result));
            }
            signal = stop_signal() => tracing::info!(signal, "stopping: requests in flight are finished"),
        }
        stop.cancel();
        tasks.close();
        if tokio::time::timeout(STOP_TIMEOUT, async { tokio::join!(server, tasks.wait()) }).await.is_err() {
            tracing::warn!("requests were still in flight; they are cut off");
        }
        drop(node);
        match tokio::time::timeout(STOP_TIMEOUT, ended).await {
            Ok(Ok(Ok(()))) => tracing::info!("stopped"),
            Ok(result) => return Err(core_end(result)),
            // Nothing is half-written: what is committed is synced, what isn't was told to nobody.
            Err(_) => tracing::warn!("stopped while somebody still held the core"),
        }
        Ok(())
    }
}

/// Writes into the log whom the administrator has enrolled so far.
async fn note_officers(node: &NodeHandle, officers: &Officers) -> anyhow::Result<()> {
    let enrolled = Enrolled::default();
    for Officer { officer, role, unit, .. } in officers.read()? {
        if let Err(error) = enrolment::record(node, &enrolled, &Actor { officer, role, unit }).await {
            // Nothing is written at all then; whoever asks is told why.
            tracing::warn!(%error, "the officers could not be written into the log");
            return Ok(());
        }
    }
    Ok(())
}

/// Has the service do what is due until `stop`.
async fn do_duties(node: NodeHandle, stop: CancellationToken) {
    let mut interval = tokio::time::interval(DUTIES_INTERVAL);
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    while stop.run_until_cancelled(interval.tick()).await.is_some() {
        if node.tick().await.is_err() {
            return; // the core has stopped; whoever runs the service says why
        }
    }
}

type Ended = tokio::sync::oneshot::Receiver<Result<(), CoreError>>;

fn core_end(result: Result<Result<(), CoreError>, tokio::sync::oneshot::error::RecvError>) -> anyhow::Error {
    match result {
        Ok(Err(error)) => anyhow::Error::new(error).context("the core has stopped"),
        Ok(Ok(())) => anyhow::anyhow!("the core has stopped"),
        Err(_) => anyhow::anyhow!("the core panicked"),
    }
}

fn open_core(
    config: &Config,
    secrets: tongcha_ledger::key::PartySecrets,
    directory: tongcha_ledger::key::Directory,
    await_peers: bool,
) -> anyhow::Result<Core> {
    let view = SledView::open(&config.data_dir.join("view"))?;
    let core = CoreConfig {
        secrets: Arc::new(secrets),
        directory: Arc::new(directory),
        disk: Box::new(FileDisk::new(&config.data_dir)),
        view: Box::new(view),
        rng: StdRng::from_os_rng(),
        await_peers,
    };
    Ok(Core::open(core, wall_clock())?)
}

/// Two services on one data directory would write one log twice.
pub(crate) fn lock(data_dir: &Path) -> anyhow::Result<std::fs::File> {
    let path = data_dir.join("lock");
    let file = std::fs::OpenOptions::new().create(true).truncate(false).write(true).open(&path)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(_) => bail!("{} is in use by another service", data_dir.display()),
    }
}

async fn stop_signal() -> &'static str {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut term), Ok(mut int)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) else {
        return std::future::pending().await; // no signals on this system: killed, which is safe too
    };
    tokio::select! {
        _ = term.recv() => "SIGTERM",
        _ = int.recv() => "SIGINT",
    }
}
