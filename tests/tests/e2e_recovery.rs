//! A rolled-back disk on real brokers and services: noticed, not written on, and every accepted entry comes back, also to who had
//! not read it yet.

use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tongcha_testbed::cluster::{Cluster, Options};
use tongcha_testbed::parties::{MACAU, ZHUHAI};
use tongcha_testbed::process::output;
use tongcha_testbed::story::{Stage, audit, recovery};
use tongcha_testbed::teller::Teller;

#[tokio::test(flavor = "multi_thread")]
async fn a_rolled_back_disk_is_not_written_and_every_accepted_entry_comes_back() -> Result<()> {
    let (cluster, teller) = (Cluster::start(&Options::default()).await?, Teller::timed());
    let stage = Stage { cluster: &cluster, teller: &teller };
    let recovered = recovery::roll_back_and_recover(&stage, ZHUHAI).await?;
    ensure!(recovered.without_body == 4, "the batches that were only prepared: {recovered:?}");
    audit::tell(&stage).await.map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_on_its_way_when_a_disk_was_lost_halts_nobody_and_is_named() -> Result<()> {
    let (cluster, teller) = (Cluster::start(&Options::default()).await?, Teller::timed());
    let stage = Stage { cluster: &cluster, teller: &teller };
    let lost = recovery::lose_on_the_way(&stage, ZHUHAI, MACAU).await?;
    let audited = audit::tell(&stage).await?; // nothing is found in any log
    for (holder, expected) in [("zhuhai", true), ("macau", true), ("hengqin", false)] {
        let bundle = audited.bundles.join(format!("{holder}-public"));
        let printed = output(Command::new(cluster.binaries().audit()).arg("verify").arg(bundle).arg("--json"))?;
        let report: Value = serde_json::from_str(&printed)?;
        let logs = report["logs"].as_array().context("logs")?;
        let log = logs.iter().find(|log| log["origin"] == "zhuhai").context("the log of Zhuhai")?;
        let named: Vec<u64> = serde_json::from_value(log["lost"].clone())?;
        let all = lost.entries.iter().all(|seq| named.contains(seq));
        ensure!(all == expected, "{holder} has lost {named:?}, on their way were {:?}", lost.entries);
        ensure!(holder != "macau" || named == lost.entries, "Macau lacks nothing else: {named:?}");
    }
    Ok(())
}
