//! A household is named in a notice by error: who was told asks for it to be erased, two persons of the party that wrote it
//! erase it, every holder confirms, and nobody who steals all disks reads it any more.

use anyhow::Result;
use serde_json::{Value, json};

use super::cast::CHONG;
use super::{SEEN_MAX, Stage, array, audit, find};
use crate::client::Receipt;
use crate::parties::{MACAU, ZHUHAI};
use crate::search::{Search, sealed_at, search};
use crate::wait;

const LIST: &str = "/v1/batches";
const ERASURES: &str = "/v1/erasures";
/// Stands in the notice and nowhere else.
const MARKER: &str = "household-named-by-error-5d2c";

/// Tells the story.
///
/// # Errors
/// The first expectation that does not hold.
pub async fn tell(stage: &Stage<'_>) -> Result<()> {
    stage.teller.chapter("A household named by error: asked for by the peer, erased by two persons, gone everywhere");
    let sent = told_by_error(stage).await?;
    let sealed = sealed_at(stage.cluster, MACAU, sent.seq)?;
    let look = || search(stage.cluster.root(), MARKER, &sealed);
    let before = look()?;
    stage.teller.expect("before, whoever has the disks reads it, in both parties' copies", before.opened > 2)?;

    let erasure = asked(stage, &sent.id).await?;
    answered(stage, &sent.id, &erasure).await?;
    confirmed(stage, &erasure).await?;
    forgotten(stage, &sent.id, &erasure).await?;
    let Search { files, keys, plain, opened, .. } = look()?;
    stage.teller.expect_eq("files with the plaintext", &plain, &Vec::new())?;
    stage.teller.expect_eq("copies that any of the keys left opens", &opened, &0)?;
    stage.teller.sees("whoever has all disks", format!("nothing of it: {files} files, {keys} keys left"));
    audit::still_verifies(stage, "after-erasure").await
}

async fn told_by_error(stage: &Stage<'_>) -> Result<Receipt> {
    let basis = json!({ "agreement_article": "article 4: with the person's signed consent" });
    let entry = json!({
        "subject": CHONG.json()?, "change": "added", "category": MARKER, "as_of": "2026-04-30", "district": "香洲",
        "basis": basis,
    });
    let body = json!({ "to": "zhuhai", "period": "2026-05", "entries": [entry], "unchanged": 0 });
    let batch = stage.does("mo.cw", "prepares a batch, with a household that has nothing to do with it", LIST, &body);
    let batch = batch.await?.id;
    stage.does("mo.rv", "does not notice, and approves", &format!("{LIST}/{batch}/approval"), &json!({})).await?;
    let sent = stage.does("mo.lo", "sends it", &format!("{LIST}/{batch}/sending"), &json!({})).await?;
    stage.delivered(&sent, ZHUHAI).await?;
    stage.listed("mo.lo", LIST, &batch, "it was delivered", |item| !item["delivered_at"].is_null()).await?;
    Ok(sent)
}

async fn asked(stage: &Stage<'_>, batch: &str) -> Result<String> {
    let ask = json!({
        "to": MACAU.name, "case": { "batch": batch }, "basis": "unlawful", "reference": "ZH-DP-2026-9",
        "reason": "names a household by error",
    });
    stage.is_refused("zh.lo", "/v1/erasure-requests", &ask, "ROLE_NOT_ALLOWED").await?;
    let what = "asks Macau to erase what it should never have been told";
    let asked = stage.does("zh.dp", what, "/v1/erasure-requests", &ask).await?;
    stage.is_refused("zh.dp", "/v1/erasure-requests", &ask, "WRONG_STATE").await?;
    stage.delivered(&asked, MACAU).await?;
    let waits = stage.listed("mo.dp", "/v1/work/inbox", &asked.id, "a request waits", |item| !item["due"].is_null());
    let waiting = waits.await?;
    let due = waiting["due"].as_str().unwrap_or_default();
    stage.teller.sees("mo.dp", format!("the request in the inbox, to be answered by {due}"));
    Ok(asked.id)
}

async fn answered(stage: &Stage<'_>, batch: &str, erasure: &str) -> Result<()> {
    let less = json!({ "request": erasure, "entries": [0], "basis": "unlawful", "reference": "MO-DP-2026-4" });
    stage.is_refused("mo.dp", ERASURES, &less, "REQUESTED_ENTRIES_MISSING").await?;
    let whole = json!({
        "request": erasure, "case": { "batch": batch }, "basis": "unlawful", "reference": "MO-DP-2026-4",
    });
    stage.does("mo.dp", "proposes it: the batch as it was prepared and as it was sent", ERASURES, &whole).await?;
    let order = format!("{ERASURES}/{erasure}/order");
    stage.is_refused("mo.dp", &order, &json!({}), "SAME_PERSON").await?;
    let second = |item: &Value| item["step"] == "OrderErasure";
    stage.listed("mo.sec", "/v1/work/pending-approvals", erasure, "an order waits for a second person", second).await?;
    stage.does("mo.sec", "orders it, as the second person", &order, &json!({})).await.map(drop)
}

async fn confirmed(stage: &Stage<'_>, erasure: &str) -> Result<()> {
    let path = format!("{ERASURES}/{erasure}");
    for (officer, copies) in [("mo.dp", 1), ("zh.dp", 0)] {
        let desk = stage.desk(officer)?;
        wait::until(&format!("{officer} sees that every holder has confirmed"), SEEN_MAX, async || {
            let shown = desk.read(&path).await?;
            let gone = array(&shown, "copies_removed")?.len() == copies;
            Ok((shown["state"] == "confirmed" && gone).then_some(()))
        })
        .await?;
        stage.teller.sees(officer, "confirmed by both holders; no copy is left at a broker");
    }
    Ok(())
}

async fn forgotten(stage: &Stage<'_>, batch: &str, erasure: &str) -> Result<()> {
    for officer in ["mo.cw", "zh.cw"] {
        stage.desk(officer)?.refused_to_read(&format!("{LIST}/{batch}"), "look again", "NOT_FOUND").await?;
        stage.teller.does_not_see(officer, "the batch any more");
    }
    let file = stage.desk("zh.dp")?.read(&format!("/v1/work/cases/erasure/{erasure}")).await?;
    let steps: Vec<&str> = file.as_array().into_iter().flatten().filter_map(|step| step["kind"].as_str()).collect();
    let told = ["erasure-requested", "erasure-ordered", "erasure-confirmed"];
    stage.teller.expect("who asked sees every step it was told", told.iter().all(|kind| steps.contains(kind)))?;
    for officer in ["mo.dp", "zh.dp"] {
        let inbox = stage.desk(officer)?.read("/v1/work/inbox").await?;
        stage.teller.expect(&format!("nothing of it waits for {officer}"), find(&inbox, erasure).is_none())?;
    }
    Ok(())
}
