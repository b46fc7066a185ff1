//! Keys in time on real brokers and services, with the ceremonies as the operator's guide has them: a rotation that the peers
//! follow from the log, a stolen key that is reported by file or by log, one whose thief was quicker, and alarms in time.
#![expect(
    clippy::indexing_slicing,
    reason = "only of JSON: reading what is not there gives null; of maps of all parties"
)]

mod seen;
mod theft;

use anyhow::{Result, ensure};
use tongcha_testbed::binaries::{Binaries, Profile};
use tongcha_testbed::ceremony::{self, Ceremony};
use tongcha_testbed::cluster::{Cluster, DELIVERY_MAX, Options};
use tongcha_testbed::parties::{MACAU, SIDES, Side, ZHUHAI};
use tongcha_testbed::story::cast::CHAN;
use tongcha_testbed::story::s3_verification::Letter;
use tongcha_testbed::story::{Stage, audit};
use tongcha_testbed::teller::Teller;
use tongcha_testbed::wait;

use seen::{
    PEERS, all_work, asks_macau, certify_next, consent, first_cards, key_at, key_metric, log_at, no_complaint,
    receipt_of, token_is_good, until_check, until_key, witnesses,
};

/// The whole of section 5.1; returns the names of the key before and the key now.
async fn rotate(stage: &Stage<'_>, ceremony: &mut Ceremony<'_>, not_after: Option<&str>) -> Result<(String, String)> {
    let cluster = stage.cluster;
    let count = cluster.count(ZHUHAI, ZHUHAI.name).await?;
    let option = not_after.map_or_else(String::new, |date| format!(" --not-after {date}"));
    let former = certify_next(ceremony, format!("{count}{option}")).await?;
    ensure!(key_at(cluster, ZHUHAI).await? == former, "the name of the key in use");
    ceremony.run("5.1", 2, ZHUHAI).await?;
    no_complaint(cluster, ZHUHAI).await?;
    ceremony.run("5.1", 3, ZHUHAI).await?;
    let now = key_at(cluster, ZHUHAI).await?;
    ensure!(now != former, "the service has gone over to the new key");
    for peer in PEERS {
        until_key(cluster, peer, &now).await?;
    }
    ceremony.run("5.1", 4, ZHUHAI).await?;
    stage.teller.sees("zh.sa", format!("key {now} in the place of {former}, at all three parties"));
    Ok((former, now))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_is_followed_from_the_log_and_everything_from_before_stays_good() -> Result<()> {
    let (cluster, teller) = (Cluster::start(&Options::default()).await?, Teller::timed());
    let stage = Stage { cluster: &cluster, teller: &teller };
    let mut ceremony = Ceremony::begin(&cluster, ZHUHAI)?;
    let (old_cards, granted) = (first_cards(&cluster)?, consent(&stage).await?);
    let before = all_work(&stage).await?;
    let own = receipt_of(&stage, ZHUHAI, granted.receipt.seq).await?;
    let macau = receipt_of(&stage, MACAU, before[1].seq).await?;

    rotate(&stage, &mut ceremony, None).await?;

    // Both ways, also what is sealed for Zhuhai's new key and asked under it; nobody else was restarted.
    let after = all_work(&stage).await?;
    asks_macau(&stage, &granted.token).await?;
    let later = Letter::of(CHAN).grant(&stage).await?;
    stage.delivered(&later.receipt, MACAU).await?;
    asks_macau(&stage, &later.token).await?;
    // With the cards alone: what was handed out before. Zhuhai's cosignature under the old key still counts on Macau's log.
    ensure!(witnesses(&cluster, &own, &old_cards)? == Some(2), "a receipt of the log that went over to another key");
    ensure!(witnesses(&cluster, &macau, &old_cards)? == Some(2), "a cosignature under the former key");
    ensure!(token_is_good(&cluster, &granted.token, &old_cards)?, "a token under the former key");
    let audited = audit::tell(&stage).await?;
    // What was made since needs what the root has said since: an export has it.
    let new_cards = audited.bundles.join("macau-public/cards");
    let own = receipt_of(&stage, ZHUHAI, after[0].seq).await?;
    ensure!(witnesses(&cluster, &own, &old_cards)?.is_none(), "no card tells of the new key");
    ensure!(witnesses(&cluster, &own, &new_cards)? == Some(2), "a receipt under the new key");
    ensure!(token_is_good(&cluster, &later.token, &new_cards)?, "a token under the new key");
    ensure!(!token_is_good(&cluster, &later.token, &old_cards)?, "a token under a key that no card tells of");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_to_be_replaced_soon_alarms_everywhere_until_it_is() -> Result<()> {
    let (cluster, teller) = (Cluster::start(&Options::default()).await?, Teller::timed());
    let stage = Stage { cluster: &cluster, teller: &teller };
    let mut ceremony = Ceremony::begin(&cluster, ZHUHAI)?;
    // On 1 July a key until 15 September: 76 days, more than the 60 of the alarm.
    rotate(&stage, &mut ceremony, Some("2026-09-15")).await?;
    for side in SIDES {
        let key = log_at(&cluster, side, ZHUHAI).await?["key"].clone();
        ensure!(key["not_after"] == "2026-09-15" && key["days_left"] == 75 && key["alarm"].is_null(), "{key}");
        ensure!(key_metric(&cluster, side, "tongcha_key_alarm").await? < 0.5, "{} alarms too early", side.name);
    }
    cluster.advance(20 * 24 * 3600).await?;
    for side in SIDES {
        let key = log_at(&cluster, side, ZHUHAI).await?["key"].clone();
        ensure!(key["alarm"] == "the key is to be replaced within 55 days", "{}: {key}", side.name);
        until_check(&cluster, side, "key:zhuhai", true, "to be replaced within 55 days").await?;
        until_metric(&cluster, side, 1.0).await?;
        cluster.await_ready(side).await?; // nothing is refused for a date
    }
    all_work(&stage).await?;
    rotate(&stage, &mut ceremony, None).await?;
    for side in SIDES {
        let key = log_at(&cluster, side, ZHUHAI).await?["key"].clone();
        ensure!(key["alarm"].is_null() && key["days_left"].as_i64() > Some(365), "{}: {key}", side.name);
        until_check(&cluster, side, "key:zhuhai", true, "good until").await?;
        until_metric(&cluster, side, 0.0).await?;
    }
    all_work(&stage).await?;
    audit::tell(&stage).await.map(drop)
}

async fn until_metric(cluster: &Cluster, side: Side, alarm: f64) -> Result<()> {
    let what = format!("tongcha_key_alarm of Zhuhai is {alarm} at {}", side.name);
    wait::until(&what, DELIVERY_MAX, async || {
        Ok(((key_metric(cluster, side, "tongcha_key_alarm").await? - alarm).abs() < 0.5).then_some(()))
    })
    .await
}

#[test]
fn the_operators_guide_names_commands_that_there_are() -> Result<()> {
    let binaries = Binaries::build(Profile::Dev)?;
    let checked = ceremony::check_commands(&binaries, ZHUHAI)?;
    ensure!(checked >= 10, "{checked} commands");
    Ok(())
}
