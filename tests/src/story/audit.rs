//! The audit: all three logs exported, verified with public keys alone, replayed with each party's body keys, and every
//! decision in them judged again.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::{SEEN_MAX, Stage, array};
use crate::parties::{SIDES, Side};
use crate::wait;

/// What the auditor found.
#[derive(Clone, Debug)]
pub struct Audited {
    /// Entries verified, all copies of all logs together.
    pub entries: u64,
    /// Entries a second.
    pub rate: f64,
    /// Of the rate that this machine's cores reach on signatures alone.
    pub ratio: f64,
    /// Where the bundles are.
    pub bundles: PathBuf,
}

/// Tells the audit.
///
/// # Errors
/// The first expectation that does not hold.
pub async fn tell(stage: &Stage<'_>) -> Result<Audited> {
    stage.teller.chapter("The audit: nothing but logs and public keys");
    stage.cluster.settled().await?;
    for side in SIDES {
        witnessed(stage, side).await?;
    }
    let dir = stage.cluster.root().join("audit");
    receipt(stage, &dir).await?;
    let (bundles, verified) = verified(stage, &dir)?;
    let logs = array(&verified, "logs")?.len();
    let speed = &verified["speed"];
    let figure = |name: &str| speed[name].as_f64().with_context(|| format!("no figure {name} in {speed}"));
    let entries = speed["entries"].as_u64().context("a count of entries")?;
    stage
        .teller
        .sees("auditor", format!("{logs} logs, {entries} entries: every signature, chain and body digest holds"));
    let with_keys = replayed(stage, &dir).await?;
    judge(stage, &with_keys)?;
    look_back(stage, &with_keys, &bundles, &dir)?;
    Ok(Audited { entries, rate: figure("entries_per_second")?, ratio: figure("ratio")?, bundles: dir })
}

/// Exports what every party holds once more, verifies it, and replays it with the keys that are left.
///
/// # Errors
/// The first expectation that does not hold.
pub async fn still_verifies(stage: &Stage<'_>, name: &str) -> Result<()> {
    stage.cluster.settled().await?;
    for side in SIDES {
        witnessed(stage, side).await?;
    }
    let dir = stage.cluster.root().join(name);
    std::fs::create_dir_all(&dir)?;
    verified(stage, &dir)?;
    replayed(stage, &dir).await.map(drop)
}

/// Returns a bundle of each party, without keys, and what the auditor says of them: nothing is wrong.
fn verified(stage: &Stage<'_>, dir: &Path) -> Result<(Vec<PathBuf>, Value)> {
    let mut bundles = Vec::new();
    for side in SIDES {
        bundles.push(export(stage, side, &dir.join(format!("{}-public", side.name)))?);
    }
    let verified = run_json(stage, Command::new(stage.cluster.binaries().audit()).arg("verify").args(&bundles))?;
    stage.teller.expect_eq("findings", array(&verified, "findings")?, &Vec::new())?;
    Ok((bundles, verified))
}

/// Returns a bundle of each party with its body keys, whose replay gives the root of the live view.
async fn replayed(stage: &Stage<'_>, dir: &Path) -> Result<Vec<PathBuf>> {
    let mut with_keys = Vec::new();
    for side in SIDES {
        if stage.cluster.count(side, side.name).await? > 0 {
            with_keys.push(replay(stage, side, dir).await?);
        } else {
            stage.teller.note(format!("{} has written nothing yet: no data to replay", side.name));
        }
    }
    Ok(with_keys)
}

/// Waits until both peers have cosigned a checkpoint over everything a party has written.
async fn witnessed(stage: &Stage<'_>, side: Side) -> Result<()> {
    let what = format!("both peers have witnessed the log of {}", side.name);
    let entries = wait::until(&what, SEEN_MAX, async || {
        let status = stage.cluster.status(side).await?;
        let own = array(&status, "logs")?.iter().find(|log| log["origin"] == side.name).context("an own log")?;
        let by = own["witnessed_by"].as_object().map_or(0, serde_json::Map::len);
        Ok((own["checkpointed"] == own["count"] && by + 1 == SIDES.len()).then(|| own["count"].clone()))
    })
    .await?;
    stage
        .teller
        .sees(&format!("{}.sa", side.prefix), format!("{entries} entries of {}, witnessed by both peers", side.name));
    stage.teller.expect(&what, true)
}

/// An officer hands out the receipt of an entry; whoever has the parties' cards checks it without any of them.
async fn receipt(stage: &Stage<'_>, dir: &Path) -> Result<()> {
    std::fs::create_dir_all(dir)?;
    let text = stage.desk("zh.cw")?.get("/v1/receipts/0").await?.text();
    let (file, cards) = (dir.join("receipt.txt"), stage.cluster.home(SIDES[0])?.cards());
    let check = |text: &str| {
        std::fs::write(&file, text)?;
        let mut command = Command::new(stage.cluster.binaries().audit());
        Ok::<_, anyhow::Error>(
            command.arg("check-receipt").arg(&file).arg("--cards").arg(&cards).output()?.status.code(),
        )
    };
    stage.teller.expect_eq("the auditor's exit code for a receipt", &check(&text)?, &Some(0))?;
    let changed = text.replacen("index 0", "index 1", 1);
    stage.teller.expect_eq("and for one that was changed", &check(&changed)?, &Some(1))?;
    let shown = text.len();
    stage.teller.sees(
        "a family",
        format!("a receipt of {shown} characters that proves the entry offline, witnessed by two parties"),
    );
    Ok(())
}

/// Runs the auditor, which must find nothing, and reads its one JSON object.
fn run_json(stage: &Stage<'_>, command: &mut Command) -> Result<Value> {
    let done = command.arg("--json").stdin(Stdio::null()).output().context("the auditor can't be started")?;
    let (printed, said) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    if !done.status.success() {
        bail!("the auditor ended with {}: {printed}{said}", done.status);
    }
    let value = serde_json::from_str(&printed).with_context(|| format!("the auditor printed {printed}"))?;
    stage.teller.expect("the auditor finds nothing (exit code 0)", true)?;
    Ok(value)
}

fn export(stage: &Stage<'_>, side: Side, out: &Path) -> Result<PathBuf> {
    let desk = stage.desk(&format!("{}.au", side.prefix))?;
    let mut command = Command::new(stage.cluster.binaries().audit());
    command.args(["export", "--url", &stage.cluster.url(side)?, "--party", side.name, "--out"]).arg(out);
    command.env("TONGCHA_AUDIT_TOKEN", desk.token());
    run_json(stage, &mut command)?;
    stage.teller.does(desk.officer(), format!("exports the logs that {} holds, without a key", side.name));
    Ok(out.to_owned())
}

/// Returns the bundle with that party's body keys.
async fn replay(stage: &Stage<'_>, side: Side, dir: &Path) -> Result<PathBuf> {
    let home = stage.cluster.home(side)?;
    let bundle = dir.join(format!("{}-with-keys", side.name));
    let mut command = Command::new(stage.cluster.binaries().audit());
    command.arg("export").arg("--data").arg(home.data()).args(["--party", side.name, "--with-body-keys"]);
    command.arg("--cards").arg(home.cards()).arg("--out").arg(&bundle);
    run_json(stage, &mut command)?;
    let mut command = Command::new(stage.cluster.binaries().audit());
    let replayed = run_json(stage, command.arg("replay").arg(&bundle).args(["--party", side.name]))?;
    let live = stage.cluster.status(side).await?;
    let what = format!("state root of {}, replayed by the auditor and live", side.name);
    stage.teller.expect_eq(&what, &replayed["state_root"], &live["state_root"])?;
    let shown: String = replayed["state_root"].as_str().unwrap_or_default().chars().take(16).collect();
    let rows = &replayed["rows"];
    stage
        .teller
        .sees("auditor", format!("{}: {rows} rows replayed, state root {shown}… as the service has it", side.name));
    Ok(bundle)
}

/// Every decision of every party is judged again, with the state its writer had seen.
fn judge(stage: &Stage<'_>, bundles: &[PathBuf]) -> Result<()> {
    let mut command = Command::new(stage.cluster.binaries().audit());
    let done = command.arg("judge").args(bundles).arg("--json").output()?;
    let printed = String::from_utf8(done.stdout)?;
    let report: Value = serde_json::from_str(&printed).with_context(|| format!("the auditor printed {printed}"))?;
    for party in array(&report, "parties")? {
        let name = party["party"].as_str().context("a party")?;
        for list in ["findings", "faults"] {
            stage.teller.expect_eq(&format!("{list} in the log of {name}"), array(party, list)?, &Vec::new())?;
        }
        // What rests on a body that is erased, or was lost with a disk, can't be judged; nothing else may be left open.
        if party["erased"] == 0 && party["lost"] == 0 {
            stage.teller.expect_eq(
                &format!("undecided in the log of {name}"),
                array(party, "undecided")?,
                &Vec::new(),
            )?;
        }
        stage.teller.expect_eq("entries not reached", &party["not_reached"], &0.into())?;
        let judged = party["judged"].as_object().context("a count by kind")?;
        let (count, kinds) = (judged.values().filter_map(Value::as_u64).sum::<u64>(), judged.len());
        stage.teller.sees("auditor", format!("{name}: {count} decisions of {kinds} kinds judged again, none wrong"));
    }
    stage.teller.expect_eq("parties judged", &array(&report, "parties")?.len(), &bundles.len())?;
    stage.teller.expect_eq("the auditor's exit code", &done.status.code(), &Some(0))
}

/// The pilot report, what a party knew, who had an entry, and the service compared with what was exported from it before.
fn look_back(stage: &Stage<'_>, with_keys: &[PathBuf], public: &[PathBuf], dir: &Path) -> Result<()> {
    let audit = || Command::new(stage.cluster.binaries().audit());
    let report = run_json(stage, audit().arg("stats").args(with_keys))?;
    let events: u64 = report["kinds"].as_object().context("kinds")?.values().filter_map(Value::as_u64).sum();
    let late: u64 = report["overdue"].as_object().context("what was late")?.values().filter_map(Value::as_u64).sum();
    stage.teller.sees("auditor", format!("the pilot report of {events} events: {late} of them tell of something late"));

    let (Some(bundle), Some(before), Some(side)) = (with_keys.first(), public.first(), SIDES.first()) else {
        return Ok(());
    };
    let now = crate::client::iso_in(0);
    let known = run_json(stage, audit().arg("replay").arg(bundle).args(["--knowing", side.name, "--as-of", &now]))?;
    let certain = |log: &&Value| log["origin"] == side.name && log["certain"] == log["possible"];
    let own = array(&known, "known")?.iter().find(certain).context("what a party knew of its own log is certain")?;
    stage.teller.sees("auditor", format!("{} knew {} entries of its own by {now}", side.name, own["certain"]));
    let had = run_json(stage, audit().arg("who-saw").args(public).args(["--entry", &format!("{}/0", side.name)]))?;
    stage.teller.expect_eq("parties beside the writer of an entry", &array(&had, "others")?.len(), &2)?;

    let desk = stage.desk(&format!("{}.au", side.prefix))?;
    let mut diff = audit();
    diff.arg("diff").arg(before).args(["--url", &stage.cluster.url(*side)?, "--out"]).arg(dir.join("now"));
    diff.arg("--body-keys").arg(stage.cluster.home(*side)?.data().join("body-keys"));
    let compared = run_json(stage, diff.env("TONGCHA_AUDIT_TOKEN", desk.token()))?;
    stage.teller.expect_eq(
        "root of the view, live and from the logs",
        &compared["folded_root"],
        &compared["live_root"],
    )?;
    let tiles = dir.join("now").join(side.name).join("tile/entries");
    stage.teller.expect("the logs compared are written as tiles too", tiles.is_dir())
}
