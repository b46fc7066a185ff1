//! A party's disk is exchanged for an older copy of itself: the service finds out from its peers, writes nothing, and
//! gets every entry back from them.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::{Stage, array, s2_urgent};
use crate::client::Receipt;
use crate::cluster::DELIVERY_MAX;
use crate::parties::{SIDES, Side};
use crate::process::output;
use crate::{load, wait};

/// A notice whose content was lost on its way.
#[derive(Clone, Debug)]
pub struct LostOnTheWay {
    /// The accepted entries that the addressee has without their content.
    pub entries: Vec<u64>,
}

/// What is written between the copy and the loss of the disk.
const ROUNDS: usize = 4;

/// The file of who may call, which no peer has.
const OFFICERS: &str = "officers.toml";

/// What the recovery showed.
#[derive(Clone, Copy, Debug)]
pub struct Recovered {
    /// Own entries that the copy had.
    pub kept: u64,
    /// Entries accepted since, whose leaves are where their receipts say.
    pub accepted: usize,
    /// Entries without their content afterwards.
    pub without_body: u64,
}

/// Copies a party's files, works on, puts the copy in the place of the files, and recovers.
///
/// # Errors
/// The first expectation that does not hold.
pub async fn roll_back_and_recover(stage: &Stage<'_>, side: Side) -> Result<Recovered> {
    let cluster = stage.cluster;
    stage.teller.chapter(&format!("The disk of {} is lost, and an older copy of it is put in", side.name));
    let data = cluster.home(side)?.data();
    let copy = data.with_extension("copy");
    cluster.settled().await?;
    let kept = own_count(stage, side).await?;
    cluster.stop_service(side)?;
    copy_dir(&data, &copy)?;
    cluster.start_service(side).await?;
    let accepted = work(stage, side).await?;
    cluster.settled().await?;
    let whole = own_count(stage, side).await?;

    cluster.stop_service(side)?;
    std::fs::remove_dir_all(&data)?;
    std::fs::rename(&copy, &data)?;
    stage.teller.note("the service is stopped; its files are those of the copy now");
    cluster.spawn_service(side)?;
    refuses_to_write(stage, side).await?;
    stage.teller.expect_eq("own entries on the old copy, as before", &own_count(stage, side).await?, &kept)?;

    cluster.stop_service(side)?;
    let mut command = Command::new(cluster.binaries().service(side));
    command.arg("recover").arg("--config").arg(cluster.home(side)?.config()).arg("--from-peers");
    let said = output(&mut command)?;
    said.lines().for_each(|line| stage.teller.note(line));
    stage.teller.expect("what was found is one history", said.contains("entries, one history"))?;
    let again = output(&mut command)?;
    stage.teller.expect("a second recovery finds nothing to do", again.contains("nothing was missing"))?;
    cluster.start_service(side).await?;
    is_whole(stage, side, &accepted, whole).await?;
    let without_body = said.lines().find_map(|line| line.split_once(" entries are there without their content"));
    let without_body = without_body.map_or(Ok(0), |(count, _)| count.trim().parse())?;
    Ok(Recovered { kept, accepted: accepted.len(), without_body })
}

/// A party tells an addressee something while the link between them is cut, and the third party has the entries; then disk and
/// broker are lost. The log comes back from the peers and a copy from before, the addressee takes it up and says what it lacks.
///
/// # Errors
/// The first expectation that does not hold.
pub async fn lose_on_the_way(stage: &Stage<'_>, side: Side, to: Side) -> Result<LostOnTheWay> {
    let cluster = stage.cluster;
    let third = side.others().find(|other| *other != to).context("a third party")?;
    stage.teller.chapter(&format!("The disk of {} is lost with what was on its way to {}", side.name, to.name));
    let data = cluster.home(side)?.data();
    let copy = data.with_extension("backup");
    cluster.settled().await?;
    cluster.stop_service(side)?;
    copy_dir(&data, &copy)?;
    cluster.start_service(side).await?;

    cluster.cut_link(side, to);
    let ho = format!("{}.ho", side.prefix);
    let mut receipts = Vec::new();
    for _ in 0..2 {
        let notice = s2_urgent::notice(&[to.name])?;
        receipts.push(stage.does(&ho, "raises an urgent notice that can't leave", "/v1/urgent", &notice).await?);
    }
    for receipt in &receipts {
        cluster.delivered(receipt, third).await?;
    }
    let before = cluster.count(to, side.name).await?;
    let entries: Vec<u64> = receipts.iter().map(|receipt| receipt.seq).collect();
    stage.teller.expect("the addressee has none of them", entries.iter().all(|seq| *seq >= before))?;
    cluster.kill_service(side)?;
    cluster.kill_broker(side)?;
    std::fs::remove_dir_all(&data)?;
    std::fs::remove_dir_all(data.with_file_name("nats"))?;
    stage.teller.note("disk and broker are gone; the link is whole again");
    cluster.heal_link(side, to);
    cluster.start_broker(side).await?;

    let mut command = Command::new(cluster.binaries().service(side));
    command.arg("recover").arg("--config").arg(cluster.home(side)?.config());
    let said = output(command.arg("--from-peers").arg("--from").arg(&copy))?;
    said.lines().for_each(|line| stage.teller.note(line));
    stage.teller.expect("the command says whom to tell again", said.contains(&format!("on its way to {}", to.name)))?;
    std::fs::copy(copy.join(OFFICERS), data.join(OFFICERS))?;
    doubts_until_told(stage, side, to).await?;

    let notice = s2_urgent::notice(&[to.name])?;
    let again = stage.does(&ho, "raises the notice again", "/v1/urgent", &notice).await?;
    stage.delivered(&again, to).await?;
    for receipt in &receipts {
        let entry = stage.desk(&format!("{}.au", to.prefix))?;
        let entry = entry.read(&format!("/v1/entries/{}/{}", side.name, receipt.seq)).await?;
        stage.teller.expect_eq(
            "leaf of the entry at the addressee",
            &entry["leaf"],
            &Value::from(receipt.leaf.as_str()),
        )?;
    }
    cluster.settled().await?;
    Ok(LostOnTheWay { entries })
}

/// While the restored party can't say that it was restored, its addressee has the entries and doubts its log.
async fn doubts_until_told(stage: &Stage<'_>, side: Side, to: Side) -> Result<()> {
    let cluster = stage.cluster;
    side.others().for_each(|peer| cluster.cut_way(side, peer)); // nobody confirms its log, so it writes nothing
    cluster.spawn_service(side)?;
    let check = format!("peer:{}", side.name);
    let detail = wait::until("the addressee doubts the log", DELIVERY_MAX, async || {
        let answer = cluster.open_path(to, "/readyz").await?.json();
        let found = array(&answer, "checks")?.iter().find(|found| found["name"] == check.as_str()).cloned();
        let detail = found.and_then(|found| found["detail"].as_str().map(str::to_owned));
        Ok(detail.filter(|detail| detail.contains("said to be lost and no recovery is on record")))
    })
    .await?;
    stage.teller.sees(&format!("{}.sa", to.prefix), detail);
    let lost = lost_at(stage, to, side).await?;
    stage.teller.expect("none of them is on record as lost", lost.iter().all(|entry| entry["said"] == false))?;
    side.others().for_each(|peer| cluster.heal_link(side, peer));
    cluster.await_ready(side).await?;
    cluster.await_ready(to).await?;
    let lost = lost_at(stage, to, side).await?;
    stage.teller.expect("all of them are on record as lost", lost.iter().all(|entry| entry["said"] == true))?;
    for entry in &lost {
        let (seq, kind) = (&entry["seq"], &entry["kind"]);
        stage
            .teller
            .sees(&format!("{}.sa", to.prefix), format!("entry {seq} of {} ({kind}) without its content", side.name));
    }
    Ok(())
}

/// The entries of a log that a party has without their content.
async fn lost_at(stage: &Stage<'_>, at: Side, origin: Side) -> Result<Vec<Value>> {
    let status = stage.cluster.status(at).await?;
    let log = array(&status, "logs")?.iter().find(|log| log["origin"] == origin.name).context("a log")?;
    array(log, "lost").cloned()
}

fn copy_dir(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir(to)?;
    for file in std::fs::read_dir(from)? {
        let file = file?;
        let target = to.join(file.file_name());
        if file.file_type()?.is_dir() {
            copy_dir(&file.path(), &target)?;
        } else {
            std::fs::copy(file.path(), target)?;
        }
    }
    Ok(())
}

async fn own_count(stage: &Stage<'_>, side: Side) -> Result<u64> {
    stage.cluster.count(side, side.name).await
}

/// Notices to the others, and batches prepared that never leave the party.
async fn work(stage: &Stage<'_>, side: Side) -> Result<Vec<Receipt>> {
    let others: Vec<&str> = side.others().map(|other| other.name).collect();
    let (ho, cw) = (format!("{}.ho", side.prefix), format!("{}.cw", side.prefix));
    let mut receipts = Vec::new();
    for _ in 0..ROUNDS {
        let notice = s2_urgent::notice(&others)?;
        receipts.push(stage.does(&ho, "raises an urgent notice to both", "/v1/urgent", &notice).await?);
        let batch = load::empty_batch(others.first().context("others")?);
        receipts.push(stage.does(&cw, "prepares a batch, for now", load::PATH, &batch).await?);
    }
    Ok(receipts)
}

async fn refuses_to_write(stage: &Stage<'_>, side: Side) -> Result<()> {
    let what = format!("{} says that its disk was rolled back", side.name);
    let detail = wait::until(&what, DELIVERY_MAX, async || {
        let Ok(answer) = stage.cluster.open_path(side, "/readyz").await else { return Ok(None) };
        let answer = answer.json();
        let found = array(&answer, "checks")?.iter().find(|check| check["name"] == "rollback").cloned();
        let detail = found.and_then(|check| check["detail"].as_str().map(str::to_owned));
        Ok(detail.filter(|detail| detail.contains("recover --from-peers")))
    })
    .await?;
    stage.teller.sees(&format!("{}.sa", side.prefix), detail);
    let notice = s2_urgent::notice(&[side.others().next().context("another")?.name])?;
    stage.is_refused(&format!("{}.ho", side.prefix), "/v1/urgent", &notice, "OWN_LOG_INCOMPLETE").await
}

async fn is_whole(stage: &Stage<'_>, side: Side, accepted: &[Receipt], restored: u64) -> Result<()> {
    let auditor = stage.desk(&format!("{}.au", side.prefix))?;
    for receipt in accepted {
        let entry = auditor.read(&format!("/v1/entries/{}/{}", side.name, receipt.seq)).await?;
        stage.teller.expect_eq("leaf of an accepted entry", &entry["leaf"], &Value::from(receipt.leaf.as_str()))?;
    }
    stage.teller.note(format!("0 of {} accepted entries are missing", accepted.len()));
    let path = format!("/v1/entries/{}/{}", side.name, restored);
    let recovered = wait::until("the recovery is on record", DELIVERY_MAX, async || {
        let reply = auditor.get(&path).await?;
        Ok((reply.status == 200).then(|| reply.json()))
    })
    .await?;
    stage.teller.expect_eq("kind of the first new entry", &recovered["kind"], &json!("log-recovered"))?;
    let told = recovered["audience"].as_array().map_or(0, Vec::len);
    stage.teller.expect_eq("parties that are told of the recovery", &told, &SIDES.len())?;
    stage.teller.sees(&format!("{}.au", side.prefix), "the recovery as the first new entry, told to everybody");

    let ho = format!("{}.ho", side.prefix);
    for peer in side.others() {
        let next = stage.does(&ho, "works on", "/v1/urgent", &s2_urgent::notice(&[peer.name])?).await?;
        stage.delivered(&next, peer).await?;
        let status = stage.cluster.status(peer).await?;
        let log = array(&status, "logs")?.iter().find(|log| log["origin"] == side.name).context("a log")?;
        stage.teller.expect_eq("whether a peer sees a fork", &log["forked"], &json!(false))?;
    }
    stage.cluster.settled().await
}
