//! What goes wrong: a link is cut and healed, a service is killed in the middle of its work. Nothing is lost.

use std::time::{Duration, Instant};

use anyhow::Result;
use serde_json::{Value, json};

use super::cast::CHAN;
use super::s3_verification::{Granted, LOOKUPS, lookup};
use super::{Stage, s2_urgent};
use crate::load::{self, Load};
use crate::parties::{HENGQIN, MACAU, Side, ZHUHAI};
use crate::wait;

/// What the cut link showed.
#[derive(Clone, Copy, Debug)]
pub struct Healed {
    /// Entries of Zhuhai that waited.
    pub waiting: u64,
    /// From healing to Macau having them all.
    pub catch_up: Duration,
}

/// Cuts the link between Zhuhai and Macau, goes on working, and heals it.
///
/// # Errors
/// The first expectation that does not hold.
pub async fn cut_and_heal(stage: &Stage<'_>, consent: &Granted) -> Result<Healed> {
    stage.teller.chapter("A link is cut: Zhuhai and Macau can't reach each other");
    stage.cluster.settled().await?;
    let before = stage.cluster.count(MACAU, "zhuhai").await?;
    stage.cluster.cut_link(ZHUHAI, MACAU);
    let raised = stage.does("zh.ho", "raises an urgent notice to Macau and Hengqin", "/v1/urgent", &to_both()?).await?;
    let batch = load::empty_batch("macau");
    let id = stage.does("zh.cw", "prepares the (empty) batch of July", load::PATH, &batch).await?.id;
    let path = |step: &str| format!("{}/{id}/{step}", load::PATH);
    stage.does("zh.rv", "approves it", &path("approval"), &json!({})).await?;
    let last =
        stage.does("zh.lo", "sends it: an empty batch is sent, not left out", &path("sending"), &json!({})).await?;
    stage.delivered(&last, HENGQIN).await?;
    stage.teller.sees("hq.ho", "the notice at once: that link is whole");
    stage.teller.does("zh.cw", "asks Macau live");
    let body = lookup("macau", Some(&consent.token), CHAN, &["ast.property"])?;
    stage.is_refused("zh.cw", LOOKUPS, &body, "HOLDER_UNREACHABLE").await?;
    stage.not_listed("mo.ho", "/v1/urgent", &raised.id).await?;
    let during = stage.cluster.count(MACAU, "zhuhai").await?;
    stage.teller.expect_eq("entries of Zhuhai that Macau has while the link is cut", &during, &before)?;
    let waiting = stage.cluster.count(ZHUHAI, "zhuhai").await? - during;
    stage.teller.sees("mo.ho", format!("nothing new from Zhuhai; {waiting} entries wait there"));

    stage.cluster.heal_link(ZHUHAI, MACAU);
    let healed = Instant::now();
    stage.delivered(&last, MACAU).await?;
    let catch_up = healed.elapsed();
    stage.teller.note(format!("healed: Macau has all {waiting} entries after {:.2} s", catch_up.as_secs_f64()));
    stage.listed("mo.ho", "/v1/urgent", &raised.id, "the notice is there", |_| true).await?;
    let delivered = |item: &Value| !item["delivered_at"].is_null();
    stage.listed("zh.lo", load::PATH, &id, "the batch was delivered", delivered).await?;
    stage.teller.sees("zh.lo", "the batch delivered, by Macau's own receipt");
    await_answer(stage, &body).await?;
    stage.teller.sees("zh.cw", "an answer to the lookup: Macau can be asked again");
    Ok(Healed { waiting, catch_up })
}

fn to_both() -> Result<Value> {
    s2_urgent::notice(&["macau", "hengqin"])
}

/// Waits until a lookup is answered: after an outage the holder first hears from the issuer again.
async fn await_answer(stage: &Stage<'_>, body: &Value) -> Result<()> {
    let desk = stage.desk("zh.cw")?;
    wait::until("Macau answers lookups again", crate::cluster::DELIVERY_MAX, async || {
        let reply = desk.post(LOOKUPS, body).await?;
        Ok((reply.status == 200).then_some(()))
    })
    .await?;
    stage.teller.expect("lookups are answered again", true)
}

/// What the kill showed.
#[derive(Clone, Copy, Debug)]
pub struct Survived {
    /// Commands that were answered before the kill.
    pub accepted: usize,
    /// Commands that were under way.
    pub under_way: usize,
    /// Of those, how many had happened.
    pub happened: usize,
    /// From starting the service again to ready.
    pub ready: Duration,
}

/// Kills a party's service under load and starts it again: what was accepted is there, what was not is there once
/// when it is repeated.
///
/// # Errors
/// The first expectation that does not hold.
pub async fn kill_under_load(stage: &Stage<'_>, side: Side, callers: usize, commands: usize) -> Result<Survived> {
    stage.teller.chapter(&format!("The service of {} is killed (SIGKILL) under load", side.name));
    let desk = stage.desk(&format!("{}.cw", side.prefix))?;
    let load = Load::start(desk, side.others().next().map_or("macau", |other| other.name), callers);
    let what = format!("{commands} commands are accepted");
    wait::until(&what, crate::cluster::DELIVERY_MAX, async || Ok((load.accepted() >= commands).then_some(()))).await?;
    stage.cluster.kill_service(side)?;
    let outcome = load.stop().await?;
    let (accepted, under_way) = (outcome.accepted.len(), outcome.unanswered.len());
    stage.teller.note(format!("killed with {accepted} commands accepted and {under_way} under way"));
    let restarted = Instant::now();
    stage.cluster.start_service(side).await?;
    let ready = restarted.elapsed();
    stage.teller.note(format!("started again: ready after {:.2} s", ready.as_secs_f64()));

    let auditor = stage.desk(&format!("{}.au", side.prefix))?;
    for (receipt, _) in &outcome.accepted {
        let entry = auditor.read(&format!("/v1/entries/{}/{}", side.name, receipt.seq)).await?;
        stage.teller.expect_eq("leaf of an accepted entry", &entry["leaf"], &Value::from(receipt.leaf.as_str()))?;
    }
    stage.teller.note(format!("0 of {accepted} accepted entries lost: every leaf is where its receipt says"));
    let mut happened = 0;
    for lost in &outcome.unanswered {
        let first = load::repeat(desk, &lost.key, &lost.body).await?;
        let second = load::repeat(desk, &lost.key, &lost.body).await?;
        let (Some(first), Some(second)) = (first, second) else { anyhow::bail!("a repeated command got no answer") };
        stage.teller.expect("a repeated command happens once", first.seq == second.seq && second.replayed)?;
        happened += usize::from(first.replayed);
    }
    let once = format!("{happened} of {under_way} unanswered commands had happened; repeated, each is there once");
    stage.teller.note(once);
    stage.cluster.settled().await?;
    Ok(Survived { accepted, under_way, happened, ready })
}
