//! Erasure on real brokers and services: before, whoever has all disks reads the family's story; afterwards nobody does,
//! in any file, with any key that is left, and every log still verifies and replays.

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use tongcha_testbed::cluster::{Cluster, DELIVERY_MAX, Options};
use tongcha_testbed::parties::{HENGQIN, MACAU, SIDES, ZHUHAI};
use tongcha_testbed::search::{sealed_at, search};
use tongcha_testbed::story::cast::CHAN;
use tongcha_testbed::story::s3_verification::Letter;
use tongcha_testbed::story::{Stage, array, audit, recorded_in_error, s2_urgent};
use tongcha_testbed::teller::Teller;
use tongcha_testbed::wait;

/// Past fifteen working days of the mainland, whatever the day.
const PAST_ANSWER: i64 = 30 * 86_400;
/// Planted in the notice; it stands nowhere else.
const MARKER: &str = "marker-of-a-family-7f3a91";

async fn erasure(stage: &Stage<'_>, officer: &str, id: &str) -> Result<Value> {
    stage.desk(officer)?.read(&format!("/v1/erasures/{id}")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_erased_is_in_no_file_of_any_party_and_every_log_still_verifies() -> Result<()> {
    let (cluster, teller) = (Cluster::start(&Options::default()).await?, Teller::timed());
    let stage = Stage { cluster: &cluster, teller: &teller };
    let mut body = s2_urgent::notice(&["macau", "hengqin"])?;
    body["emergency"]["what"] = MARKER.into();
    let raised = stage.does("zh.ho", "raises an urgent notice", "/v1/urgent", &body).await?;
    for side in [MACAU, HENGQIN] {
        stage.delivered(&raised, side).await?;
    }
    let over = json!({ "outcome": "in safety" });
    stage.does("zh.ho", "closes it", &format!("/v1/urgent/{}/closure", raised.id), &over).await?;
    cluster.settled().await?;
    let sealed = sealed_at(&cluster, ZHUHAI, raised.seq)?;
    let before = search(cluster.root(), MARKER, &sealed)?;
    println!("before: {before:?}");
    ensure!(before.opened == 3, "every party's copy opens: {before:?}");
    ensure!(!before.at_brokers.is_empty(), "the streams hold it: {before:?}");

    let ask = json!({ "case": { "urgent": raised.id }, "basis": "subject_request", "reference": "DP-2026-017" });
    stage.is_refused("zh.lo", "/v1/erasures", &ask, "ROLE_NOT_ALLOWED").await?;
    let proposed = stage.does("zh.dp", "proposes the erasure", "/v1/erasures", &ask).await?;
    let order = format!("/v1/erasures/{}/order", proposed.id);
    stage.is_refused("zh.dp", &order, &json!({}), "SAME_PERSON").await?;
    stage.does("zh.sec", "orders it", &order, &json!({})).await?;
    let done = wait::until("every holder has confirmed and no copy is at the broker", DELIVERY_MAX, async || {
        let found = erasure(&stage, "zh.dp", &proposed.id).await?;
        let removed = array(&found, "copies_removed")?.len();
        Ok((found["state"] == "confirmed" && removed == 2).then_some(found))
    })
    .await?;
    ensure!(array(&done, "confirmations")?.len() == 3, "{done}");
    cluster.settled().await?;
    for officer in ["mo.au", "hq.dp"] {
        ensure!(erasure(&stage, officer, &proposed.id).await?["state"] == "confirmed", "{officer} sees it too");
    }
    for officer in ["zh.ho", "mo.ho", "hq.ho"] {
        let path = format!("/v1/urgent/{}", raised.id);
        stage.desk(officer)?.refused_to_read(&path, "handover", "NOT_FOUND").await?;
    }
    for side in SIDES {
        cluster.stop_service(side)?;
        cluster.start_service(side).await?;
    }
    let audited = audit::tell(&stage).await?;
    let replayed = stage.cluster.binaries().audit();
    println!("{} entries verified with {}", audited.entries, replayed.display());

    for side in SIDES {
        cluster.stop_service(side)?;
        cluster.kill_broker(side)?;
    }
    let after = search(cluster.root(), MARKER, &sealed)?;
    println!("after: {after:?}");
    ensure!(after.plain.is_empty() && after.opened == 0 && after.at_brokers.is_empty(), "{after:?}");
    ensure!(after.keys > 20 && after.files > 50, "the search looked at keys and files: {after:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_party_that_was_away_takes_the_header_without_the_body_and_confirms() -> Result<()> {
    let (cluster, teller) = (Cluster::start(&Options::default()).await?, Teller::timed());
    let stage = Stage { cluster: &cluster, teller: &teller };
    cluster.stop_service(HENGQIN)?;
    let mut body = s2_urgent::notice(&["macau", "hengqin"])?;
    body["emergency"]["what"] = MARKER.into();
    let raised = stage.does("zh.ho", "raises an urgent notice", "/v1/urgent", &body).await?;
    stage.delivered(&raised, MACAU).await?;
    let ask = json!({ "entries": [raised.seq], "basis": "authority_order", "reference": "court 2026-3" });
    stage.is_refused("zh.dp", "/v1/erasures", &ask, "WRONG_STATE").await?; // somebody may still be in danger
    let over = json!({ "outcome": "in safety" });
    stage.does("zh.ho", "closes it", &format!("/v1/urgent/{}/closure", raised.id), &over).await?;
    let proposed = stage.does("zh.dp", "proposes the erasure", "/v1/erasures", &ask).await?;
    stage.does("zh.sec", "orders it", &format!("/v1/erasures/{}/order", proposed.id), &json!({})).await?;
    wait::until("Macau has confirmed and the copies are removed", DELIVERY_MAX, async || {
        let found = erasure(&stage, "zh.dp", &proposed.id).await?;
        let removed = array(&found, "copies_removed")?.len();
        Ok((found["missing"] == json!(["hengqin"]) && removed == 2).then_some(()))
    })
    .await?;
    cluster.start_service(HENGQIN).await?;
    wait::until("Hengqin has confirmed too", DELIVERY_MAX, async || {
        Ok((erasure(&stage, "hq.dp", &proposed.id).await?["state"] == "confirmed").then_some(()))
    })
    .await?;
    stage.desk("hq.ho")?.refused_to_read(&format!("/v1/urgent/{}", raised.id), "handover", "NOT_FOUND").await?;
    audit::tell(&stage).await.map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consent_is_kept_for_its_time_and_the_refusal_says_until_when() -> Result<()> {
    let (cluster, teller) = (Cluster::start(&Options::default()).await?, Teller::timed());
    let stage = Stage { cluster: &cluster, teller: &teller };
    let consent = Letter::of(CHAN).grant(&stage).await?;
    let ask = json!({ "case": { "consent": consent.id }, "basis": "consent_withdrawn", "reference": "DP-1" });
    stage.is_refused("zh.dp", "/v1/erasures", &ask, "RETENTION_FLOOR").await?;
    let reply = stage.desk("zh.dp")?.post("/v1/erasures", &ask).await?.json();
    ensure!(reply["effective_at"].as_str().is_some_and(|at| at.starts_with("2030-07-01T16:00:00")), "{reply}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_recorded_in_error_is_asked_for_by_the_peer_and_erased_by_all() -> Result<()> {
    let (cluster, teller) = (Cluster::start(&Options::default()).await?, Teller::timed());
    let stage = Stage { cluster: &cluster, teller: &teller };
    recorded_in_error::tell(&stage).await?;
    audit::tell(&stage).await.map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_not_answered_is_late_for_both() -> Result<()> {
    let (cluster, teller) = (Cluster::start(&Options::default()).await?, Teller::timed());
    let stage = Stage { cluster: &cluster, teller: &teller };
    let raised = stage.does("zh.ho", "raises an urgent notice", "/v1/urgent", &s2_urgent::notice(&["macau"])?).await?;
    stage.delivered(&raised, MACAU).await?;
    let ask = json!({
        "to": "zhuhai", "entries": [raised.seq], "basis": "subject_request", "reference": "MO-DP-7", "reason": "asked for",
    });
    let asked = stage.does("mo.dp", "asks for it to be erased", "/v1/erasure-requests", &ask).await?;
    stage.delivered(&asked, ZHUHAI).await?;
    cluster.advance(PAST_ANSWER).await?;
    for officer in ["zh.dp", "mo.dp"] {
        wait::until(&format!("{officer} sees that the answer is late"), DELIVERY_MAX, async || {
            let found = erasure(&stage, officer, &asked.id).await?;
            let late = stage.desk(officer)?.read("/v1/work/overdue").await?;
            let listed = late
                .as_array()
                .into_iter()
                .flatten()
                .any(|item| item["id"] == asked.id && item["step"] == "ProposeErasure");
            Ok((found["state"] == "request_overdue" && found["request"]["overdue"] == true && listed).then_some(()))
        })
        .await?;
    }
    let file = format!("/v1/work/cases/erasure/{}", asked.id);
    wait::until("Zhuhai's service has said so itself", DELIVERY_MAX, async || {
        let steps = stage.desk("mo.dp")?.read(&file).await?;
        let said = |step: &Value| step["kind"] == "erasure-request-overdue";
        Ok(steps.as_array().is_some_and(|steps| steps.iter().any(said)).then_some(()))
    })
    .await?;
    let no = json!({ "because": "still_needed", "reference": "DP-2026-018" });
    let refused = stage.does("zh.dp", "refuses it", &format!("/v1/erasures/{}/refusal", asked.id), &no).await?;
    stage.delivered(&refused, MACAU).await?;
    let shown = erasure(&stage, "mo.dp", &asked.id).await?;
    ensure!(shown["state"] == "refused" && shown["refusal"]["because"] == "still_needed", "{shown}");
    audit::tell(&stage).await.map(drop)
}
