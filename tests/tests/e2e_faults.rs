//! What breaks and who attacks, on real brokers and services: nothing accepted is lost, nothing forged is taken, and
//! the services go on.
#![expect(
    clippy::indexing_slicing,
    reason = "only of JSON: reading what is not there gives null, and what is changed is ours"
)]

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use tongcha_node::nats::Names;
use tongcha_testbed::cluster::{Cluster, DELIVERY_MAX, Options};
use tongcha_testbed::figures::metric;
use tongcha_testbed::hostile::{Intruder, with_changed_signature, with_strange_key};
use tongcha_testbed::parties::{HENGQIN, MACAU, Side, ZHUHAI};
use tongcha_testbed::story::cast::CHAN;
use tongcha_testbed::story::s3_verification::Letter;
use tongcha_testbed::story::{Stage, audit, cast, faults, register, s2_urgent};
use tongcha_testbed::teller::Teller;
use tongcha_testbed::wait;

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_link_delays_and_loses_nothing() -> Result<()> {
    let (cluster, teller) = (Cluster::start(&Options::default()).await?, Teller::timed());
    let stage = Stage { cluster: &cluster, teller: &teller };
    register::import(&stage, MACAU, &cast::households(MACAU)?).await?;
    let consent = Letter::of(CHAN).grant(&stage).await?;
    stage.delivered(&consent.receipt, MACAU).await?;
    let healed = faults::cut_and_heal(&stage, &consent).await?;
    ensure!(healed.waiting >= 4, "a notice and a batch waited, not {} entries", healed.waiting);
    audit::tell(&stage).await.map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_service_loses_nothing_it_answered() -> Result<()> {
    let (cluster, teller) = (Cluster::start(&Options::default()).await?, Teller::timed());
    let stage = Stage { cluster: &cluster, teller: &teller };
    for side in [ZHUHAI, MACAU] {
        let survived = faults::kill_under_load(&stage, side, 16, 200).await?;
        ensure!(survived.accepted >= 200);
    }
    audit::tell(&stage).await.map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_service_ends_in_order_and_takes_up_again() -> Result<()> {
    let (cluster, teller) = (Cluster::start(&Options::default()).await?, Teller::timed());
    let stage = Stage { cluster: &cluster, teller: &teller };
    let before = raise(&stage, "zh.ho", &["macau"]).await?;
    stage.cluster.delivered(&before, MACAU).await?;
    let root = cluster.status(MACAU).await?["state_root"].clone();
    cluster.stop_service(MACAU)?;
    let meanwhile = raise(&stage, "zh.ho", &["macau"]).await?;
    ensure!(cluster.open_path(MACAU, "/livez").await.is_err(), "a stopped service answers");
    cluster.start_service(MACAU).await?;
    stage.delivered(&meanwhile, MACAU).await?;
    ensure!(cluster.status(MACAU).await?["state_root"] != root, "nothing was projected");
    audit::tell(&stage).await.map(drop)
}

async fn raise(stage: &Stage<'_>, officer: &str, to: &[&str]) -> Result<tongcha_testbed::client::Receipt> {
    stage.does(officer, "raises an urgent notice", "/v1/urgent", &s2_urgent::notice(to)?).await
}

async fn acknowledge(stage: &Stage<'_>, officer: &str, urgent: &str) -> Result<tongcha_testbed::client::Receipt> {
    stage.does(officer, "acknowledges", &format!("/v1/urgent/{urgent}/acknowledgement"), &json!({})).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_is_killed_or_loses_its_store_is_filled_again() -> Result<()> {
    let (cluster, teller) = (Cluster::start(&Options::default()).await?, Teller::timed());
    let stage = Stage { cluster: &cluster, teller: &teller };
    let first = raise(&stage, "zh.ho", &["macau", "hengqin"]).await?;
    stage.delivered(&first, MACAU).await?;

    cluster.kill_broker(MACAU)?;
    let acked = acknowledge(&stage, "mo.ho", &first.id).await?; // Macau's own work needs no broker
    await_check(&cluster, MACAU, "broker", false).await?;
    let second = raise(&stage, "zh.ho", &["macau"]).await?;
    stage.delivered(&second, MACAU).await?; // it comes from Zhuhai's broker
    ensure!(cluster.count(ZHUHAI, "macau").await? <= acked.seq, "nothing can come from a broker that is away");
    cluster.start_broker(MACAU).await?;
    stage.delivered(&acked, ZHUHAI).await?;
    cluster.await_ready(MACAU).await?;

    cluster.kill_broker(MACAU)?;
    std::fs::remove_dir_all(cluster.home(MACAU)?.dir.join("nats"))?;
    let acked = acknowledge(&stage, "mo.ho", &second.id).await?;
    cluster.start_broker(MACAU).await?;
    for side in [ZHUHAI, HENGQIN] {
        stage.delivered(&acked, side).await?;
    }
    audit::tell(&stage).await.map(drop)
}

/// Waits until a readiness check says yes or no.
async fn await_check(cluster: &Cluster, side: Side, name: &str, ok: bool) -> Result<()> {
    wait::until(&format!("{} says {name} is {ok}", side.name), DELIVERY_MAX, async || {
        let answer = cluster.open_path(side, "/readyz").await?.json();
        let checks = answer["checks"].as_array().cloned().unwrap_or_default();
        let found = checks.iter().any(|check| check["name"] == name && check["ok"] == ok);
        Ok((found && answer["ready"] == ok).then_some(()))
    })
    .await
}

async fn quarantined(cluster: &Cluster, at: Side, reason: &str) -> Result<f64> {
    let text = cluster.open_path(at, "/metrics").await?.text();
    Ok(metric(&text, "tongcha_quarantined_total", &format!("reason=\"{reason}\"")))
}

async fn await_quarantined(cluster: &Cluster, at: Side, reason: &str, more_than: f64) -> Result<()> {
    wait::until(&format!("{} counts a message as {reason}", at.name), DELIVERY_MAX, async || {
        Ok((quarantined(cluster, at, reason).await? > more_than).then_some(()))
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn forged_entries_are_kept_counted_and_never_taken() -> Result<()> {
    let (cluster, teller) = (Cluster::start(&Options::default()).await?, Teller::timed());
    let stage = Stage { cluster: &cluster, teller: &teller };
    let genuine = raise(&stage, "zh.ho", &["macau"]).await?;
    stage.delivered(&genuine, MACAU).await?;
    let foreign = raise(&stage, "hq.ho", &["macau"]).await?;
    stage.delivered(&foreign, MACAU).await?;
    cluster.settled().await?;

    let (zhuhai, macau) = (ZHUHAI.party()?, MACAU.party()?);
    let owner = Intruder::connect(&cluster, ZHUHAI, ZHUHAI).await?;
    let hengqin = Intruder::connect(&cluster, HENGQIN, HENGQIN).await?;
    let parcel = owner.message(&Names::stream(zhuhai, macau), genuine.seq + 1).await?;
    let others = hengqin.message(&Names::stream(HENGQIN.party()?, macau), foreign.seq + 1).await?;
    let forged = [
        ("malformed", b"not a parcel".to_vec()),
        ("wrong_origin", others),
        ("bad_signature", with_changed_signature(&parcel)?),
        ("unknown_key", with_strange_key(&parcel)?),
    ];
    let subject = Names::entry(zhuhai, macau, 1);
    for (reason, bytes) in forged {
        let before = quarantined(&cluster, MACAU, reason).await?;
        owner.publish(&subject, &parcel).await?; // replayed: known, and no second effect
        owner.publish(&subject, &bytes).await?;
        await_quarantined(&cluster, MACAU, reason, before).await?;
        teller.sees("macau", format!("a message that is {reason}: kept and counted"));
        let next = raise(&stage, "zh.ho", &["macau"]).await?;
        stage.delivered(&next, MACAU).await?;
        teller.sees("macau", "the next genuine entry");
    }
    let kept = std::fs::metadata(cluster.home(MACAU)?.data().join("quarantine.log"))?.len();
    ensure!(kept > 0, "refused messages are kept");
    let list = stage.desk("mo.ho")?.read("/v1/urgent").await?;
    let times = list.as_array().map_or(0, |list| list.iter().filter(|item| item["id"] == genuine.id.as_str()).count());
    ensure!(times == 1, "a replayed entry has one effect, not {times}");
    cluster.await_ready(MACAU).await?;
    audit::tell(&stage).await.map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peers_user_key_opens_nothing_but_its_own_reading_and_asking() -> Result<()> {
    let (cluster, teller) = (Cluster::start(&Options::default()).await?, Teller::timed());
    let stage = Stage { cluster: &cluster, teller: &teller };
    let raised = raise(&stage, "mo.ho", &["zhuhai"]).await?;
    stage.delivered(&raised, ZHUHAI).await?;
    cluster.settled().await?;
    let (zhuhai, macau, hengqin) = (ZHUHAI.party()?, MACAU.party()?, HENGQIN.party()?);
    let peer = Intruder::connect(&cluster, ZHUHAI, MACAU).await?;
    let owner = Intruder::connect(&cluster, MACAU, MACAU).await?;

    for topic in ["tip", "repair", "lookup"] {
        let before = quarantined(&cluster, MACAU, "bad_ask").await?;
        let reply = peer.ask(&format!("tongcha.v1.macau.ask.zhuhai.{topic}"), &[0xFF; 200]).await?;
        ensure!(reply.is_some_and(|reply| reply.len() < 64), "garbage is answered with next to nothing");
        await_quarantined(&cluster, MACAU, "bad_ask", before).await?;
    }
    let (own, others) = (Names::stream(macau, zhuhai), Names::stream(macau, hengqin));
    let before = owner.last_position(&own).await?;
    peer.publish(&Names::entry(macau, zhuhai, 1), b"forged").await?;
    ensure!(owner.last_position(&own).await? == before, "a reader can't write into a stream");
    ensure!(peer.ask("tongcha.v1.macau.ask.hengqin.tip", b"").await?.is_none(), "nobody asks in another's name");
    ensure!(!peer.deletes(&own).await && !peer.deletes(&others).await, "a reader can't delete streams");
    ensure!(peer.message(&others, 1).await.is_err(), "a reader can't read another's stream");
    ensure!(owner.message(&own, 1).await.is_ok(), "the owner can");

    // A consumer may name where the broker delivers: neither into another's stream nor as another's question.
    let bad_asks = quarantined(&cluster, MACAU, "bad_ask").await?;
    let before = owner.last_position(&others).await?;
    for subject in [Names::entry(macau, hengqin, 1), "tongcha.v1.macau.ask.hengqin.tip".to_owned()] {
        // Servers differ in whether they agree; what counts is that nothing comes of it.
        let _ = peer.has_delivered_to(&own, &subject).await;
    }
    let after = raise(&stage, "mo.ho", &["zhuhai"]).await?;
    stage.delivered(&after, HENGQIN).await?;
    let now = owner.last_position(&others).await?;
    ensure!(now == before + 1, "a reader had its stream delivered into another's: {before} to {now}");
    ensure!(quarantined(&cluster, MACAU, "bad_ask").await? == bad_asks, "a reader asked in another's name");

    stage.delivered(&after, ZHUHAI).await?;
    let seen = |item: &Value| item["id"] == after.id.as_str();
    stage.listed("zh.ho", "/v1/urgent", &after.id, "the next notice came", seen).await.map(drop)
}
