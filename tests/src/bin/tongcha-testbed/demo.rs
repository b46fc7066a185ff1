//! `demo`: the whole exchange on one machine, told in plain language, every step checked.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use serde_json::{Value, json};
use tongcha_testbed::binaries::Profile;
use tongcha_testbed::cluster::{self, Cluster};
use tongcha_testbed::install::NatsServer;
use tongcha_testbed::parties::{HENGQIN, SIDES, ZHUHAI};
use tongcha_testbed::story::{
    Stage, audit, authority, faults, governance, recorded_in_error, recovery, register, s1_notice, s2_urgent,
    s3_verification, s4_refusals, s4_requests, s5_overlap, s7_minor,
};
use tongcha_testbed::teller::Teller;

use crate::figures::{FULL, Figures, QUICK, Told, Versions, measure};
use crate::stay::stay;

/// Callers while the service is killed.
const KILL_CALLERS: usize = 16;

/// How the demonstration is given.
#[derive(clap::Args)]
pub struct Options {
    /// Leave everything running at the end and print URLs, tokens and examples, until Ctrl-C.
    #[arg(long)]
    stay: bool,
    /// Keep the parties' files and the audit bundles below this directory.
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// Print one JSON object with the figures as the last line.
    #[arg(long)]
    json: bool,
    /// A short round with unoptimised programs; its figures mean nothing.
    #[arg(long)]
    quick: bool,
    /// Seed of the synthetic registers.
    #[arg(long, default_value_t = 156)]
    seed: u64,
}

/// Gives the demonstration.
///
/// # Errors
/// The first step that failed, or expectation that did not hold.
pub fn run(options: &Options) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let told = runtime.block_on(async {
        let (cluster, object) = tokio::select! {
            told = tell(options) => told?,
            _ = tokio::signal::ctrl_c() => bail!("interrupted"),
        };
        if options.stay {
            stay(&cluster).await?;
        }
        Ok(object)
    });
    if options.json {
        let failed = |error: &anyhow::Error| json!({ "ok": false, "error": format!("{error:#}") });
        println!("{}", told.as_ref().map_or_else(failed, Value::clone));
    }
    told.map(drop)
}

async fn tell(options: &Options) -> Result<(Cluster, Value)> {
    let started = Instant::now();
    let cluster = start(options).await?;
    let teller = Teller::new(|line| println!("{line}"));
    let stage = Stage { cluster: &cluster, teller: &teller };
    let versions = Versions::find(&cluster)?;
    let figures = stories(&stage, options).await?;
    teller.chapter("Summary");
    for line in figures.lines() {
        println!("  {line}");
    }
    let (seconds, held) = (started.elapsed().as_secs_f64(), teller.held());
    println!("  {held} expectations held, none failed, in {seconds:.0} s");
    println!("  {versions}, register seed {}", options.seed);
    if options.keep.is_some() {
        println!("  files and audit bundles are kept in {}", cluster.root().display());
    }
    let profile = if options.quick { "dev" } else { "release" };
    let object = json!({
        "ok": true, "expectations": held, "seconds": seconds, "seed": options.seed, "profile": profile,
        "versions": versions, "figures": figures,
    });
    Ok((cluster, object))
}

async fn stories(stage: &Stage<'_>, options: &Options) -> Result<Figures> {
    let effort = if options.quick { QUICK } else { FULL };
    let imported = register::tell(stage, options.seed, effort.households).await?;
    s1_notice::tell(stage).await?;
    let urgent = s2_urgent::tell(stage).await?.delivered.iter().map(|(_, took)| *took).max();
    let [consent, _] = s3_verification::tell(stage).await?;
    s4_refusals::tell(stage).await?;
    s4_requests::tell(stage).await?;
    s5_overlap::tell(stage).await?;
    s7_minor::tell(stage).await?;
    authority::tell(stage).await?;
    governance::tell(stage).await?;
    let healed = faults::cut_and_heal(stage, &consent).await?;
    let survived = faults::kill_under_load(stage, ZHUHAI, KILL_CALLERS, effort.kill_after).await?;
    recovery::roll_back_and_recover(stage, HENGQIN).await?;
    let told = Told { urgent: urgent.unwrap_or(Duration::ZERO), imported, healed, survived };
    let measured = measure(stage, &effort).await?;
    let audited = audit::tell(stage).await?;
    recorded_in_error::tell(stage).await?;
    Ok(Figures::new(&told, measured, &audited))
}

async fn start(options: &Options) -> Result<Cluster> {
    let server = NatsServer::find_or_install()?;
    println!("brokers: nats-server {} at {}", server.version, server.path.display());
    let profile = if options.quick { Profile::Dev } else { Profile::Release };
    tongcha_testbed::binaries::Binaries::build(profile)?;
    println!("starting three parties: keys, exchange of cards, brokers, services, officers …");
    let cluster = Cluster::start(&cluster::Options { profile, keep: options.keep.clone() }).await?;
    for side in SIDES {
        println!("  {:<8} {}  broker {}", side.name, cluster.url(side)?, cluster.broker_address(side)?);
    }
    println!(
        "this is a drill: its clock began at {}, and every answer of the services says that it is one",
        cluster::BEGINS
    );
    Ok(cluster)
}
