//! Three parties with a broker and a service each, as processes on this machine, with links that can be cut.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::binaries::{Binaries, Profile};
use crate::client::{Desk, Receipt, Reply, http, iso_in, set_ahead};
use crate::drill::seconds_before;
use crate::install::NatsServer;
use crate::link::Link;
use crate::parties::{SIDES, Side};
use crate::ports::FreePort;
use crate::process::Daemon;
use crate::setup::{self, Home};
use crate::{brokers, wait};

/// A service replays its logs at the start and waits for its peers.
const READY_MAX: Duration = Duration::from_secs(60);
/// A service ends its requests and syncs its files on SIGTERM.
const STOP_MAX: Duration = Duration::from_secs(30);
/// How long an entry may take to a peer when nothing is broken; after an outage reconnecting comes on top.
pub const DELIVERY_MAX: Duration = Duration::from_secs(60);
/// How often the whole start is tried when somebody else took a port.
const START_TRIES: usize = 4;
/// The channels of a party.
pub const CHANNELS: &str = "/v1/authority/channels";
/// How long the clearances of the channels hold: longer than any drill moves the clock.
const CLEARED_S: i64 = 3 * 365 * 24 * 3600;
/// When every drill begins: a Wednesday at noon in Zhuhai, in a year whose calendars are loaded, whatever the real date is.
pub const BEGINS: &str = "2026-07-01T04:00:00Z";
/// How servers report a port that is taken.
const PORT_TAKEN: [&str; 2] = ["address already in use", "Address already in use"];

/// How a cluster is started.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// How the programs are compiled.
    pub profile: Profile,
    /// Where to keep the parties' files; none for a directory that is removed at the end.
    pub keep: Option<PathBuf>,
}

/// Only one cluster runs in a process: six servers are enough for one machine.
static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// Three parties. Dropping it kills everything and removes the files that are not kept.
pub struct Cluster {
    // Dropped in this order: the servers first, then the links they use, then their files.
    services: Mutex<BTreeMap<Side, Daemon>>,
    brokers: Mutex<BTreeMap<Side, Daemon>>,
    /// From whose service to whose broker.
    links: BTreeMap<(Side, Side), Link>,
    desks: BTreeMap<String, Desk>,
    addresses: BTreeMap<Side, Addresses>,
    homes: BTreeMap<Side, Home>,
    binaries: Binaries,
    server: NatsServer,
    root: PathBuf,
    _temporary: Option<TempDir>,
    _alone: Option<tokio::sync::MutexGuard<'static, ()>>,
}

#[derive(Clone, Copy, Debug)]
struct Addresses {
    http: SocketAddr,
    broker: SocketAddr,
}

impl Cluster {
    /// Builds the programs, sets the parties up and starts everything; returns when all services are ready.
    ///
    /// # Errors
    /// Says which step failed, with the log of the server concerned.
    pub async fn start(options: &Options) -> Result<Self> {
        let alone = ALONE.lock().await;
        let server = NatsServer::find_or_install()?;
        let binaries = Binaries::build(options.profile)?;
        let mut tries = 0;
        loop {
            tries += 1;
            match Self::try_start(options, &server, &binaries).await {
                Err(error) if tries < START_TRIES && port_taken(&error) => {}
                result => return result.map(|cluster| Self { _alone: Some(alone), ..cluster }),
            }
        }
    }

    async fn try_start(options: &Options, server: &NatsServer, binaries: &Binaries) -> Result<Self> {
        let temporary = match options.keep {
            Some(_) => None,
            None => Some(tempfile::Builder::new().prefix("tongcha-").tempdir()?),
        };
        let root = match (&options.keep, &temporary) {
            (Some(kept), _) => setup::fresh(kept)?,
            (None, Some(temporary)) => temporary.path().to_owned(),
            (None, None) => bail!("no directory"),
        };
        let homes = setup::homes(&root)?;
        let ahead_s = seconds_before(BEGINS)?;
        homes.values().try_for_each(|home| home.write_clock(ahead_s, 0))?;
        set_ahead(ahead_s);
        for home in homes.values() {
            home.make_keys(binaries)?;
        }
        setup::exchange_cards(&homes)?;
        let mut ports = BTreeMap::new();
        for side in SIDES {
            ports.insert(side, (FreePort::find()?, FreePort::find()?));
        }
        let addresses: BTreeMap<Side, Addresses> = ports
            .iter()
            .map(|(side, (http, broker))| (*side, Addresses { http: http.address(), broker: broker.address() }))
            .collect();
        let links = open_links(&addresses).await?;
        let desks = configure(&homes, &addresses, &links, binaries)?;
        drop(ports); // from here on the servers bind them
        let cluster = Self {
            services: Mutex::default(),
            brokers: Mutex::default(),
            links,
            desks,
            addresses,
            homes,
            binaries: binaries.clone(),
            server: server.clone(),
            root,
            _temporary: temporary,
            _alone: None,
        };
        for side in SIDES {
            cluster.start_broker(side).await?;
        }
        for side in SIDES {
            cluster.spawn_service(side)?;
        }
        for side in SIDES {
            cluster.await_ready(side).await?;
        }
        setup::clear_for_minors(&cluster.desks).await?;
        cluster.open_channels(CLEARED_S).await?;
        Ok(cluster)
    }

    /// Has every party open its channels to the others: the secretariat enters the clearances, the data-protection
    /// officer confirms them. Waits until all know.
    ///
    /// # Errors
    /// When a party refuses.
    pub async fn open_channels(&self, seconds: i64) -> Result<()> {
        for side in SIDES {
            for peer in side.others() {
                self.open_channel(side, peer, seconds).await?;
            }
        }
        self.settled().await
    }

    /// Has one party open, or renew, its channel to another, with clearances that lapse so many seconds from now.
    ///
    /// # Errors
    /// When the party refuses.
    pub async fn open_channel(&self, side: Side, peer: Side, seconds: i64) -> Result<Receipt> {
        let clearance = |kind: &str| json!({ "number": format!("{kind}-TEST-1"), "expires_at": iso_in(seconds) });
        let clearances = json!({
            "assessment": clearance("CAC"), "notification": clearance("DSPDP-N"), "authorisation": clearance("DSPDP-A"),
        });
        let body = json!({ "to": peer.name, "clearances": clearances });
        self.desk(&format!("{}.sec", side.prefix))?.command(CHANNELS, &body).await?;
        let confirmation = format!("{CHANNELS}/{}/confirmation", peer.name);
        self.desk(&format!("{}.dp", side.prefix))?.command(&confirmation, &json!({})).await
    }

    /// Returns the directory of all parties' files.
    #[must_use]
    pub fn root(&self) -> &std::path::Path {
        &self.root
    }

    /// Returns the programs.
    #[must_use]
    pub fn binaries(&self) -> &Binaries {
        &self.binaries
    }

    /// Returns the broker program.
    #[must_use]
    pub fn server(&self) -> &NatsServer {
        &self.server
    }

    /// Returns a party's files.
    ///
    /// # Errors
    /// Never for the sides of the cluster.
    pub fn home(&self, side: Side) -> Result<&Home> {
        self.homes.get(&side).context("no such side")
    }

    /// Returns the URL of a party's API.
    ///
    /// # Errors
    /// Never for the sides of the cluster.
    pub fn url(&self, side: Side) -> Result<String> {
        Ok(format!("http://{}", self.addresses(side)?.http))
    }

    /// Returns where a party's broker listens.
    ///
    /// # Errors
    /// Never for the sides of the cluster.
    pub fn broker_address(&self, side: Side) -> Result<SocketAddr> {
        Ok(self.addresses(side)?.broker)
    }

    fn addresses(&self, side: Side) -> Result<Addresses> {
        self.addresses.get(&side).copied().context("no such side")
    }

    /// Returns an officer's desk, such as `zh.cw`.
    ///
    /// # Errors
    /// When nobody of that name is enrolled.
    pub fn desk(&self, officer: &str) -> Result<&Desk> {
        self.desks.get(officer).with_context(|| format!("{officer} is not enrolled"))
    }

    /// Returns the officers' names, such as `zh.cw`, with their desks.
    pub fn desks(&self) -> impl Iterator<Item = (&str, &Desk)> {
        self.desks.iter().map(|(name, desk)| (name.as_str(), desk))
    }

    // --- what the parties tell ---

    /// Reads a party's `/v1/status`.
    ///
    /// # Errors
    /// When the service does not answer.
    pub async fn status(&self, side: Side) -> Result<Value> {
        self.desk(&format!("{}.sa", side.prefix))?.read("/v1/status").await
    }

    /// Returns how many entries of `origin`'s log a party has.
    ///
    /// # Errors
    /// When the service does not answer.
    pub async fn count(&self, at: Side, origin: &str) -> Result<u64> {
        let status = self.status(at).await?;
        let logs = status.get("logs").and_then(Value::as_array).context("the status has logs")?;
        let log = logs.iter().find(|log| log.get("origin").is_some_and(|found| found == origin));
        let log = log.with_context(|| format!("{} knows no log of {origin}", at.name))?;
        log.get("count").and_then(Value::as_u64).context("a log has a count")
    }

    /// Waits until a party has the entry of a receipt.
    ///
    /// # Errors
    /// When it does not come.
    pub async fn delivered(&self, receipt: &Receipt, to: Side) -> Result<()> {
        let what = format!("{} has entry {} of {}", to.name, receipt.seq, receipt.party);
        wait::until(&what, DELIVERY_MAX, async || {
            Ok((self.count(to, &receipt.party).await? > receipt.seq).then_some(()))
        })
        .await
    }

    /// Waits until every party has all entries of every other, and nobody has anything to add.
    ///
    /// # Errors
    /// When they don't come to rest.
    pub async fn settled(&self) -> Result<()> {
        let mut last = None;
        wait::until("all parties have the same logs", DELIVERY_MAX, async || {
            let mut counts = BTreeMap::new();
            for side in SIDES {
                for origin in SIDES {
                    counts.insert((origin, side), self.count(side, origin.name).await?);
                }
            }
            let equal = counts.iter().all(|((origin, _), count)| counts.get(&(*origin, *origin)) == Some(count));
            let still = last.as_ref() == Some(&counts);
            last = Some(counts);
            Ok((equal && still).then_some(()))
        })
        .await
    }

    /// Reads a path that needs no token, such as `/metrics`.
    ///
    /// # Errors
    /// When the service does not answer.
    pub async fn open_path(&self, side: Side, path: &str) -> Result<Reply> {
        let nobody = self.desk(&format!("{}.sa", side.prefix))?.with_token("");
        nobody.get(path).await
    }

    /// Waits until a party says it is ready.
    ///
    /// # Errors
    /// When its process ends, or it is not ready in time; says which checks fail.
    pub async fn await_ready(&self, side: Side) -> Result<()> {
        let mut last = String::new();
        let what = format!("{} is ready", side.name);
        let ready = wait::until(&what, READY_MAX, async || {
            self.check_alive(side)?;
            let Ok(reply) = self.open_path(side, "/readyz").await else { return Ok(None) };
            last = reply.text();
            Ok((reply.status == 200).then_some(()))
        });
        ready.await.with_context(|| format!("/readyz of {} said {last}", side.name))
    }

    // --- faults ---

    fn services(&self) -> MutexGuard<'_, BTreeMap<Side, Daemon>> {
        self.services.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn brokers(&self) -> MutexGuard<'_, BTreeMap<Side, Daemon>> {
        self.brokers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn check_alive(&self, side: Side) -> Result<()> {
        match self.services().get_mut(&side) {
            Some(service) => service.check_alive(),
            None => bail!("the service of {} was not started", side.name),
        }
    }

    /// Starts a party's service without waiting for it.
    ///
    /// # Errors
    /// When it runs already or can't be started.
    pub fn spawn_service(&self, side: Side) -> Result<()> {
        if self.services().contains_key(&side) {
            bail!("the service of {} runs already", side.name);
        }
        let home = self.home(side)?;
        let mut command = Command::new(self.binaries.service(side));
        command.arg("run").arg("--config").arg(home.config());
        let service = Daemon::spawn(&format!("the service of {}", side.name), &mut command, &home.log("service"))?;
        self.services().insert(side, service);
        Ok(())
    }

    /// Starts a party's service and waits until it is ready.
    ///
    /// # Errors
    /// When it ends or is not ready in time.
    pub async fn start_service(&self, side: Side) -> Result<()> {
        self.spawn_service(side)?;
        self.await_ready(side).await
    }

    /// Stops a party's service in order (SIGTERM).
    ///
    /// # Errors
    /// When it does not run, does not end in time, or ends with an error.
    pub fn stop_service(&self, side: Side) -> Result<()> {
        let service = self.services().remove(&side).context("the service does not run")?;
        let name = service.name().to_owned();
        let status = service.terminate(STOP_MAX)?;
        if !status.success() {
            bail!("{name} ended with {status} after SIGTERM");
        }
        Ok(())
    }

    /// Kills a party's service (SIGKILL).
    ///
    /// # Errors
    /// When it does not run.
    pub fn kill_service(&self, side: Side) -> Result<()> {
        self.services().remove(&side).context("the service does not run").map(Daemon::kill)
    }

    /// Kills a party's broker (SIGKILL).
    ///
    /// # Errors
    /// When it does not run.
    pub fn kill_broker(&self, side: Side) -> Result<()> {
        self.brokers().remove(&side).context("the broker does not run").map(Daemon::kill)
    }

    /// Starts a party's broker.
    ///
    /// # Errors
    /// When it does not come up.
    pub async fn start_broker(&self, side: Side) -> Result<()> {
        let broker = brokers::start(&self.server, self.home(side)?, self.addresses(side)?.broker).await?;
        self.brokers().insert(side, broker);
        Ok(())
    }

    /// Cuts the link between two parties, both ways.
    pub fn cut_link(&self, one: Side, other: Side) {
        self.both_ways(one, other).for_each(Link::cut);
    }

    /// Cuts the way from a party's service to another party's broker; what the other's service asks here still arrives.
    pub fn cut_way(&self, from: Side, to: Side) {
        self.links.get(&(from, to)).into_iter().for_each(Link::cut);
    }

    /// Heals the link between two parties.
    pub fn heal_link(&self, one: Side, other: Side) {
        self.both_ways(one, other).for_each(Link::heal);
    }

    fn both_ways(&self, one: Side, other: Side) -> impl Iterator<Item = &Link> {
        [(one, other), (other, one)].into_iter().filter_map(|way| self.links.get(&way))
    }
}

fn port_taken(error: &anyhow::Error) -> bool {
    let said = format!("{error:#}");
    PORT_TAKEN.iter().any(|words| said.contains(words))
}

async fn open_links(addresses: &BTreeMap<Side, Addresses>) -> Result<BTreeMap<(Side, Side), Link>> {
    let mut links = BTreeMap::new();
    for (to, address) in addresses {
        for from in to.others() {
            links.insert((from, *to), Link::open(address.broker).await?);
        }
    }
    Ok(links)
}

fn configure(
    homes: &BTreeMap<Side, Home>,
    addresses: &BTreeMap<Side, Addresses>,
    links: &BTreeMap<(Side, Side), Link>,
    binaries: &Binaries,
) -> Result<BTreeMap<String, Desk>> {
    let client = http()?;
    let mut desks = BTreeMap::new();
    for (side, home) in homes {
        let own = addresses.get(side).context("no such side")?;
        let peers = links.iter().filter(|((from, _), _)| from == side);
        let peers = peers.map(|((_, to), link)| (*to, link.address())).collect();
        home.write_config(own.http, own.broker, &peers)?;
        home.write_broker_config(binaries, own.broker)?;
        for (name, token) in home.enrol_officers(binaries)? {
            let desk = Desk::new(client.clone(), format!("http://{}", own.http), name.clone(), token);
            desks.insert(name, desk);
        }
    }
    Ok(desks)
}
