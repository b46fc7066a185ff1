//! The figures of a demonstration, as text and as JSON.

use std::process::Command;
use std::time::Duration;

use anyhow::Result;
use serde::Serialize;
use tongcha_testbed::binaries::workspace;
use tongcha_testbed::cluster::Cluster;
use tongcha_testbed::figures::{Throughput, Times, delivery, lookups, metric, throughput};
use tongcha_testbed::parties::{HENGQIN, MACAU};
use tongcha_testbed::process::output;
use tongcha_testbed::story::Stage;
use tongcha_testbed::story::audit::Audited;
use tongcha_testbed::story::faults::{Healed, Survived};
use tongcha_testbed::story::register::Imported;

/// How much is measured.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// Households of each synthetic register.
    pub households: usize,
    /// Callers of the throughput measurement.
    pub callers: usize,
    /// How long it takes.
    pub load: Duration,
    /// Urgent notices, one at a time.
    pub notices: usize,
    /// Lookups, one at a time.
    pub lookups: usize,
    /// Accepted commands before the service is killed.
    pub kill_after: usize,
}

/// What is demonstrated.
pub const FULL: Effort = Effort {
    households: 1_000, // of each party: 3,000 in all
    callers: 64,
    load: Duration::from_secs(5),
    notices: 100,
    lookups: 200,
    kill_after: 1_000,
};

/// A quick round with programs that are not optimised: for trying things out, not for figures.
pub const QUICK: Effort =
    Effort { households: 200, callers: 16, load: Duration::from_secs(1), notices: 20, lookups: 30, kill_after: 200 };

/// What runs where.
#[derive(Clone, Debug, Serialize)]
pub struct Versions {
    nats_server: String,
    rustc: String,
    commit: Option<String>,
    cores: usize,
}

impl Versions {
    /// Finds them out.
    ///
    /// # Errors
    /// When rustc can't be asked.
    pub fn find(cluster: &Cluster) -> Result<Self> {
        let commit = output(Command::new("git").current_dir(workspace()).args(["describe", "--always", "--dirty"]));
        Ok(Self {
            nats_server: cluster.server().version.clone(),
            rustc: output(Command::new("rustc").arg("--version"))?.trim().to_owned(),
            commit: commit.ok().map(|commit| commit.trim().to_owned()),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
        })
    }
}

impl std::fmt::Display for Versions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { nats_server, rustc, commit, cores } = self;
        let commit = commit.as_deref().unwrap_or("not under git");
        write!(f, "nats-server {nats_server}, {rustc}, commit {commit}, {cores} cores")
    }
}

/// All figures of one run.
#[derive(Clone, Debug, Serialize)]
pub struct Figures {
    urgent_delivered_ms: f64,
    imports_seconds: Vec<(String, usize, f64)>,
    commands: Throughput,
    delivery: Times,
    delivery_mean_by_both_clocks_ms: f64,
    lookups: Times,
    waiting_at_cut_link: u64,
    catch_up_seconds: f64,
    killed_after: usize,
    accepted_and_lost: usize,
    under_way: usize,
    under_way_that_happened: usize,
    restart_seconds: f64,
    audited_entries: u64,
    audited_per_second: f64,
    audit_to_signature_ratio: f64,
}

/// What the stories measured on the way.
pub struct Told {
    /// The slower addressee of S2.
    pub urgent: Duration,
    /// The registers.
    pub imported: Vec<Imported>,
    /// The link.
    pub healed: Healed,
    /// The kill.
    pub survived: Survived,
}

/// Sum and count of the delays that Macau measured itself, in seconds.
async fn by_both_clocks(stage: &Stage<'_>) -> Result<(f64, f64)> {
    let text = stage.cluster.open_path(MACAU, "/metrics").await?.text();
    Ok((metric(&text, "tongcha_delivery_seconds_sum", ""), metric(&text, "tongcha_delivery_seconds_count", "")))
}

/// Measures speed: nothing else runs meanwhile.
///
/// # Errors
/// When something is refused or does not arrive.
pub async fn measure(stage: &Stage<'_>, effort: &Effort) -> Result<(Throughput, Times, f64, Times)> {
    stage.teller.chapter("Figures, measured through the API on this machine");
    stage.teller.note(format!("urgent notices Hengqin to Macau, {} one at a time …", effort.notices));
    let before = by_both_clocks(stage).await?;
    let delivered = delivery(stage, effort.notices).await?;
    let after = by_both_clocks(stage).await?;
    stage.teller.note(format!("from the receipt to the projection at the peer: {delivered}"));
    let mean = (after.0 - before.0) / (after.1 - before.1).max(1.0) * 1e3;
    stage.teller.note(format!("from recording to intake by both services' own clocks: {mean:.1} ms on average"));
    stage.teller.note(format!("lookups Zhuhai to Macau, {} one after the other …", effort.lookups));
    let asked = lookups(stage, effort.lookups).await?;
    stage.teller.note(format!("a lookup with three durable entries: {asked}"));
    let (callers, seconds) = (effort.callers, effort.load.as_secs_f64());
    stage.teller.note(format!("durable commands at Hengqin, {callers} callers for {seconds:.0} s …"));
    let commands = throughput(stage, HENGQIN, effort.callers, effort.load).await?;
    let Throughput { accepted, per_second, answers, .. } = &commands;
    stage.teller.note(format!("{accepted} accepted, each on disk first: {per_second:.0}/s; answers {answers}"));
    stage.cluster.settled().await?;
    Ok((commands, delivered, mean, asked))
}

impl Figures {
    /// Puts them together.
    #[must_use]
    pub fn new(
        told: &Told,
        (commands, delivery, mean, lookups): (Throughput, Times, f64, Times),
        audit: &Audited,
    ) -> Self {
        let Told { urgent, imported, healed, survived } = told;
        let import = |one: &Imported| (one.side.name.to_owned(), one.households, one.took.as_secs_f64());
        Self {
            urgent_delivered_ms: urgent.as_secs_f64() * 1e3,
            imports_seconds: imported.iter().map(import).collect(),
            commands,
            delivery,
            delivery_mean_by_both_clocks_ms: mean,
            lookups,
            waiting_at_cut_link: healed.waiting,
            catch_up_seconds: healed.catch_up.as_secs_f64(),
            killed_after: survived.accepted,
            accepted_and_lost: 0, // the story stops at the first that is lost
            under_way: survived.under_way,
            under_way_that_happened: survived.happened,
            restart_seconds: survived.ready.as_secs_f64(),
            audited_entries: audit.entries,
            audited_per_second: audit.rate,
            audit_to_signature_ratio: audit.ratio,
        }
    }

    /// Returns the summary, line by line.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let Throughput { accepted, callers, seconds, per_second, .. } = &self.commands;
        vec![
            format!("durable commands      {per_second:.0}/s ({accepted} in {seconds:.1} s, {callers} callers)"),
            format!("receipt to peer       {}", self.delivery),
            format!("live lookup           {}", self.lookups),
            format!("catch-up after a cut  {:.2} s ({} entries)", self.catch_up_seconds, self.waiting_at_cut_link),
            format!(
                "killed under load     {} lost of {} accepted; ready again after {:.2} s",
                self.accepted_and_lost, self.killed_after, self.restart_seconds
            ),
            format!(
                "audit                 {:.0} entries/s ({} entries), {:.2} of the rate of signatures alone",
                self.audited_per_second, self.audited_entries, self.audit_to_signature_ratio
            ),
        ]
    }
}
