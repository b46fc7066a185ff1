//! Who may act and what may be told: a liaison officer is revoked, a deputy acts, a clearance lapses.
//!
//! The clearance lapses by the drill's clock, so this is told in a cluster of its own, or last.

use anyhow::Result;
use reqwest::Method;
use serde_json::{Value, json};

use super::Stage;
use super::cast::{CHONG, LEONG};
use crate::client::iso_in;
use crate::parties::{MACAU, ZHUHAI};

const OFFICERS: &str = "/v1/authority/officers";
const CHANNELS: &str = "/v1/authority/channels";
const BATCHES: &str = "/v1/batches";
/// How far ahead the short clearance lapses; the clock is moved past it.
const SHORT_TERM_S: i64 = 3600;

/// Tells the scenario.
///
/// # Errors
/// The first expectation that does not hold.
pub async fn tell(stage: &Stage<'_>) -> Result<()> {
    stage.teller.chapter("Authority  Officers, delegation, and the channels' legal clearances");
    revoked_and_replaced(stage).await?;
    lapsed(stage).await
}

/// Prepares and approves a batch of one person; returns the path that sends it.
async fn approved(stage: &Stage<'_>) -> Result<String> {
    let entry = json!({
        "subject": CHONG.json()?, "change": "added", "category": "定期援助金", "as_of": "2026-06-30",
        "district": "香洲", "basis": { "agreement_article": "article 4: with the person's signed consent" },
    });
    let body = json!({ "to": "zhuhai", "period": "2026-05", "entries": [entry], "unchanged": 1 });
    let batch = stage.desk("mo.cw")?.command(BATCHES, &body).await?.id;
    stage.desk("mo.rv")?.command(&format!("{BATCHES}/{batch}/approval"), &json!({})).await?;
    Ok(format!("{BATCHES}/{batch}/sending"))
}

async fn revoked_and_replaced(stage: &Stage<'_>) -> Result<()> {
    let sending = approved(stage).await?;
    let unit = MACAU.unit;
    let appointment = json!({ "officer": "mo.lo.test", "role": "LO", "unit": unit, "name": "聯絡員（社會工作局）" });
    stage
        .does("mo.sec", "appoints the liaison officer 聯絡員, and tells the other parties", OFFICERS, &appointment)
        .await?;
    let until = iso_in(24 * 3600);
    let duty = json!({ "from": "mo.lo.test", "to": "mo.cw.test", "role": "LO", "until": until });
    stage.does("mo.lo", "hands the duty to a deputy for a day", "/v1/authority/delegations", &duty).await?;
    let request = stage.desk("mo.cw")?.request(Method::POST, &sending).header("Tongcha-Acting-As", "LO");
    let sent = stage.desk("mo.cw")?.send(request.json(&json!({}))).await?;
    stage.teller.expect_eq("status of the batch that the deputy sends as LO", &sent.status, &200)?;
    let revocation = format!("{OFFICERS}/mo.lo.test/revocation");
    let receipt = stage.does("mo.sec", "revokes the liaison officer's appointment", &revocation, &json!({})).await?;
    let next = approved(stage).await?;
    stage.is_refused("mo.lo", &next, &json!({}), "APPOINTMENT_ENDED").await?;
    let request = stage.desk("mo.cw")?.request(Method::POST, &next).header("Tongcha-Acting-As", "LO");
    let deputy = stage.desk("mo.cw")?.send(request.json(&json!({}))).await?;
    stage.teller.expect_eq("the deputy of a revoked officer is stopped too", &deputy.status, &403)?;
    stage.delivered(&receipt, ZHUHAI).await?;
    let officers = stage.desk("zh.lo")?.read(OFFICERS).await?;
    let stopped = |officer: &Value| officer["officer"] == "mo.lo.test" && officer["state"] == "stopped";
    let told = officers.as_array().is_some_and(|officers| officers.iter().any(stopped));
    stage.teller.expect("Zhuhai knows that Macau's liaison officer is no longer", told)?;
    stage.does("mo.sec", "appoints the liaison officer anew", OFFICERS, &appointment).await?;
    stage.does("mo.lo", "sends the batch", &next, &json!({})).await.map(drop)
}

async fn lapsed(stage: &Stage<'_>) -> Result<()> {
    let renewed = stage.cluster.open_channel(MACAU, ZHUHAI, SHORT_TERM_S).await?;
    stage.teller.does("mo.dp", "confirms clearances for the channel to Zhuhai that hold for an hour only");
    stage.delivered(&renewed, ZHUHAI).await?;
    let sending = approved(stage).await?;
    stage.cluster.advance(SHORT_TERM_S + 60).await?;
    stage.teller.does("mo.lo", "sends a batch an hour later");
    stage.is_refused("mo.lo", &sending, &json!({}), "CHANNEL_LAPSED").await?;
    let urgent = json!({
        "to": ["zhuhai"],
        "emergency": {
            "subject": LEONG.json()?, "place": "拱北口岸", "what": "老人昏倒", "need": "聯絡家屬",
            "call_back": "社會工作局值班室",
        },
        "vital_interest": "昏迷，生命危險",
    });
    let what = "raises an urgent notice: on vital interest it goes all the same";
    let raised = stage.does("mo.ho", what, "/v1/urgent", &urgent).await?;
    stage.delivered(&raised, ZHUHAI).await?;
    let is_lapsed = |channel: &Value| {
        channel["from"] == "macau" && channel["to"] == "zhuhai" && channel["refusal"]["code"] == "CHANNEL_LAPSED"
    };
    let channels = stage.desk("zh.dp")?.read(CHANNELS).await?;
    let shown = channels.as_array().is_some_and(|channels| channels.iter().any(is_lapsed));
    stage.teller.expect("Zhuhai sees that Macau's channel has lapsed", shown)?;
    let year = 365 * 24 * 3600;
    stage.cluster.open_channel(MACAU, ZHUHAI, year).await?;
    stage.teller.does("mo.sec", "renews the clearances; mo.dp confirms");
    stage.does("mo.lo", "sends the batch", &sending, &json!({})).await.map(drop)
}
