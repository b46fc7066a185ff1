//! A rolled-back disk on real brokers and services: noticed, not written on, and every accepted entry comes back.

use anyhow::{Result, ensure};
use tongcha_testbed::cluster::{Cluster, Options};
use tongcha_testbed::parties::ZHUHAI;
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
