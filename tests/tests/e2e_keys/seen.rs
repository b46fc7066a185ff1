//! What the parties and an auditor see of keys, and what the tests have in common.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tongcha_testbed::ceremony::Ceremony;
use tongcha_testbed::client::Receipt;
use tongcha_testbed::cluster::{Cluster, DELIVERY_MAX};
use tongcha_testbed::figures::metric;
use tongcha_testbed::parties::{HENGQIN, MACAU, SIDES, Side, ZHUHAI};
use tongcha_testbed::story::cast::{CHAN, households};
use tongcha_testbed::story::s3_verification::{Granted, LOOKUPS, Letter, lookup};
use tongcha_testbed::story::{Stage, array, register, s2_urgent};
use tongcha_testbed::wait;

/// Who follows Zhuhai's keys.
pub(crate) const PEERS: [Side; 2] = [MACAU, HENGQIN];

/// How the log of a party stands at another, by its `/v1/status`.
pub(crate) async fn log_at(cluster: &Cluster, at: Side, origin: Side) -> Result<Value> {
    let status = cluster.status(at).await?;
    array(&status, "logs")?.iter().find(|log| log["origin"] == origin.name).cloned().context("a log")
}

pub(crate) async fn key_at(cluster: &Cluster, at: Side) -> Result<String> {
    Ok(log_at(cluster, at, ZHUHAI).await?["key"]["id"].as_str().context("a key")?.to_owned())
}

pub(crate) async fn until_key(cluster: &Cluster, at: Side, key: &str) -> Result<()> {
    let what = format!("{} has come to key {key} in Zhuhai's log", at.name);
    wait::until(&what, DELIVERY_MAX, async || Ok((key_at(cluster, at).await? == key).then_some(()))).await
}

/// A readiness check by name: whether all is well, and the words.
pub(crate) async fn check_of(cluster: &Cluster, at: Side, name: &str) -> Result<(bool, String)> {
    let answer = cluster.open_path(at, "/readyz").await?.json();
    let check = array(&answer, "checks")?.iter().find(|check| check["name"] == name).cloned().context("a check")?;
    Ok((check["ok"] == true, check["detail"].as_str().unwrap_or_default().to_owned()))
}

pub(crate) async fn until_check(cluster: &Cluster, at: Side, name: &str, ok: bool, words: &str) -> Result<()> {
    let mut last = String::new();
    let what = format!("{} says of {name}: {words}", at.name);
    let told = wait::until(&what, DELIVERY_MAX, async || {
        let (found, detail) = check_of(cluster, at, name).await?;
        let fits = found == ok && detail.contains(words);
        last = detail;
        Ok(fits.then_some(()))
    });
    told.await.with_context(|| format!("the check {name} said {last}"))
}

/// The files beside the cards are read without complaint.
pub(crate) async fn no_complaint(cluster: &Cluster, at: Side) -> Result<()> {
    until_check(cluster, at, "statements", true, "").await
}

pub(crate) async fn key_metric(cluster: &Cluster, at: Side, name: &str) -> Result<f64> {
    Ok(metric(&cluster.open_path(at, "/metrics").await?.text(), name, "party=\"zhuhai\""))
}

pub(crate) async fn raise(stage: &Stage<'_>, from: Side) -> Result<Receipt> {
    let others: Vec<&str> = from.others().map(|other| other.name).collect();
    let officer = format!("{}.ho", from.prefix);
    stage.does(&officer, "raises an urgent notice to both", "/v1/urgent", &s2_urgent::notice(&others)?).await
}

/// A notice of every party to both others, delivered.
pub(crate) async fn all_work(stage: &Stage<'_>) -> Result<Vec<Receipt>> {
    let mut receipts = Vec::new();
    for side in SIDES {
        let receipt = raise(stage, side).await?;
        for other in side.others() {
            stage.delivered(&receipt, other).await?;
        }
        receipts.push(receipt);
    }
    stage.cluster.settled().await?;
    Ok(receipts)
}

/// The receipt of an entry, once both peers have witnessed it.
pub(crate) async fn receipt_of(stage: &Stage<'_>, side: Side, seq: u64) -> Result<String> {
    wait::until(&format!("entry {seq} of {} is witnessed", side.name), DELIVERY_MAX, async || {
        let log = log_at(stage.cluster, side, side).await?;
        let (covered, by) =
            (log["checkpointed"].as_u64(), log["witnessed_by"].as_object().map_or(0, serde_json::Map::len));
        Ok((covered > Some(seq) && by == PEERS.len()).then_some(()))
    })
    .await?;
    let desk = stage.desk(&format!("{}.cw", side.prefix))?;
    Ok(desk.get(&format!("/v1/receipts/{seq}")).await?.text())
}

/// Runs the auditor; returns its exit code and its one JSON object.
pub(crate) fn auditor(cluster: &Cluster, arguments: &[&str], paths: &[&Path]) -> Result<(Option<i32>, Value)> {
    let mut command = Command::new(cluster.binaries().audit());
    let ran = command.args(arguments).args(paths).arg("--json").output()?;
    let said = String::from_utf8_lossy(&ran.stdout).into_owned();
    let json =
        serde_json::from_str(&said).with_context(|| format!("{said}{}", String::from_utf8_lossy(&ran.stderr)))?;
    Ok((ran.status.code(), json))
}

/// Checks a receipt offline with a directory of cards; returns who has witnessed it, none when it is refused.
pub(crate) fn witnesses(cluster: &Cluster, receipt: &str, cards: &Path) -> Result<Option<usize>> {
    let file = cluster.root().join("receipt.txt");
    std::fs::write(&file, receipt)?;
    let (code, report) = auditor(cluster, &["check-receipt"], &[&file, Path::new("--cards"), cards])?;
    let witnessed = array(&report, "witnessed_by")?.len();
    Ok((code == Some(0)).then_some(witnessed))
}

pub(crate) fn token_is_good(cluster: &Cluster, token: &str, cards: &Path) -> Result<bool> {
    Ok(auditor(cluster, &["check-token", token], &[Path::new("--cards"), cards])?.0 == Some(0))
}

pub(crate) fn copy_dir(from: &Path, to: &Path) -> Result<()> {
    let copied = Command::new("cp").arg("-a").arg(from).arg(to).status()?;
    ensure!(copied.success(), "{} can't be copied", from.display());
    Ok(())
}

/// The cards as they were exchanged, without anything that was said since.
pub(crate) fn first_cards(cluster: &Cluster) -> Result<PathBuf> {
    let kept = cluster.root().join("first-cards");
    copy_dir(&cluster.home(MACAU)?.cards(), &kept)?;
    Ok(kept)
}

pub(crate) async fn asks_macau(stage: &Stage<'_>, token: &str) -> Result<()> {
    let answer = stage.desk("zh.cw")?.ask(LOOKUPS, &lookup("macau", Some(token), CHAN, &["inc.assist"])?).await?;
    ensure!(array(&answer, "answers")?.len() == 1, "{answer}");
    Ok(())
}

/// A register to ask, and a consent to ask on.
pub(crate) async fn consent(stage: &Stage<'_>) -> Result<Granted> {
    register::import(stage, MACAU, &households(MACAU)?).await?;
    let consent = Letter::of(CHAN).grant(stage).await?;
    stage.delivered(&consent.receipt, MACAU).await?;
    asks_macau(stage, &consent.token).await?;
    Ok(consent)
}

/// Steps 1 and 2 of section 5.1; returns the name of the key in use.
pub(crate) async fn certify_next(ceremony: &mut Ceremony<'_>, count: String) -> Result<String> {
    let printed = ceremony.run("5.1", 0, ZHUHAI).await?;
    let line = |begin: &str| {
        let found =
            printed.lines().find_map(|line| line.trim().split_once(begin)).map(|(_, rest)| rest.trim().to_owned());
        found.with_context(|| format!("keys rotate printed {printed}"))
    };
    let (public, former) = (line("signing key: ")?, line("--replaces ")?);
    ceremony.note("OLD", former.as_str());
    ceremony.note("COUNT", count);
    let shown = ceremony.run("5.1", 1, ZHUHAI).await?;
    ensure!(shown.contains(&format!("signing = \"{public}\"")), "another key was asked for: {shown}");
    ensure!(shown.contains(&format!("in the place of {former}")), "the statement in words: {shown}");
    Ok(former)
}
