//! Erasure on real brokers and services: before, whoever has all disks reads the family's story; afterwards nobody does,
//! in any file, with any key that is left, and every log still verifies and replays.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tongcha_ledger::body::{BodyKey, SealedBody};
use tongcha_ledger::canonical;
use tongcha_ledger::entry::{Header, read};
use tongcha_ledger::frame::{FrameRead, read_frame};
use tongcha_ledger::slot::{SLOT_LEN, Slot};
use tongcha_testbed::cluster::{Cluster, DELIVERY_MAX, Options};
use tongcha_testbed::parties::{HENGQIN, MACAU, SIDES, ZHUHAI};
use tongcha_testbed::story::cast::CHAN;
use tongcha_testbed::story::s3_verification::Letter;
use tongcha_testbed::story::{Stage, array, audit, s2_urgent};
use tongcha_testbed::teller::Teller;
use tongcha_testbed::wait;

/// Planted in the notice; it stands nowhere else.
const MARKER: &str = "marker-of-a-family-7f3a91";

/// What a search through all files finds.
#[derive(Debug, Default)]
struct Search {
    files: usize,
    bytes: usize,
    keys: usize,
    /// Files that hold the marker as it is.
    plain: Vec<PathBuf>,
    /// Copies of a body that bears the marker and that a key found anywhere opens.
    opened: usize,
    /// Files of brokers that hold the sealed body.
    at_brokers: Vec<PathBuf>,
}

fn files_below(dir: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() { files_below(&path, found)? } else { found.push(path) }
    }
    Ok(())
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// Reads a log or a bundle's log as far as it is one.
fn bodies(mut bytes: &[u8]) -> Result<Vec<(Header, SealedBody)>> {
    let mut found = Vec::new();
    while let FrameRead::Whole(record, length) = read_frame(bytes) {
        let (header, _) = read(&record.entry)?;
        found.extend(record.body.map(|sealed| (header, sealed)));
        bytes = bytes.get(length..).unwrap_or_default();
    }
    Ok(found)
}

/// Looks through every file below a directory: for the marker, for every key in any file of slots, for every body that one of
/// them opens, and for the sealed bytes of `erased` at the brokers.
fn search(root: &Path, erased: &SealedBody) -> Result<Search> {
    let mut paths = Vec::new();
    files_below(root, &mut paths)?;
    let (mut search, mut keys, mut sealed) = (Search::default(), BTreeMap::new(), Vec::new());
    for path in paths {
        let bytes = std::fs::read(&path)?;
        search.files += 1;
        search.bytes += bytes.len();
        if contains(&bytes, MARKER.as_bytes()) {
            search.plain.push(path.clone());
        }
        let below = |name: &str| path.components().any(|part| part.as_os_str() == name);
        if below("nats") && contains(&bytes, erased.ciphertext.get(..64).context("a long body")?) {
            search.at_brokers.push(path.clone());
        }
        match path.extension().and_then(|name| name.to_str()) {
            Some("keys") => {
                let slots = bytes.chunks_exact(SLOT_LEN).filter_map(|slot| Slot::from_bytes(slot.first_chunk()?));
                for slot in slots {
                    if let Slot::Key(key) = slot {
                        keys.insert(key.hash(), key);
                    }
                }
            }
            Some("log") if below("journal") || below("logs") => sealed.extend(bodies(&bytes)?),
            Some(_) | None => {}
        }
    }
    search.keys = keys.len();
    let opens = |key: &BodyKey, header: &Header, body: &SealedBody| -> Option<bool> {
        let plain = canonical::encode(&body.open(key, header).ok()?).ok()?;
        Some(contains(&plain, MARKER.as_bytes()))
    };
    let opened = |(header, body): &&(Header, SealedBody)| {
        keys.get(&body.key_hash).and_then(|key| opens(key, header, body)).unwrap_or(false)
    };
    search.opened = sealed.iter().filter(opened).count();
    Ok(search)
}

/// Returns the sealed body of an entry of Zhuhai's own log.
fn sealed_at(cluster: &Cluster, seq: u64) -> Result<SealedBody> {
    let journal = std::fs::read(cluster.home(ZHUHAI)?.data().join("journal/zhuhai.log"))?;
    let found = bodies(&journal)?.into_iter().find(|(header, _)| header.seq == seq);
    Ok(found.context("the entry has a body")?.1)
}

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
    let sealed = sealed_at(&cluster, raised.seq)?;
    let before = search(cluster.root(), &sealed)?;
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
    let after = search(cluster.root(), &sealed)?;
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
