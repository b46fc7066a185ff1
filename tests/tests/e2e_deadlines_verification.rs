//! Time limits of a verification on real services: each is reminded of and reported once, also across a restart, and a
//! clarification that is not answered withdraws the request.

use anyhow::Result;
use serde_json::{Value, json};
use tongcha_testbed::cluster::{Cluster, Options};
use tongcha_testbed::parties::MACAU;
use tongcha_testbed::story::cast::CHAN;
use tongcha_testbed::story::s3_verification::{Letter, REQUESTS, answered, publish_standard, submit};
use tongcha_testbed::story::{Stage, audit};
use tongcha_testbed::teller::Teller;

const DAY_S: i64 = 86_400;
/// Past ten working days of Macau, whatever the day.
const PAST_REGISTER_ITEMS: i64 = 20 * DAY_S;
/// Past five working days of the mainland after that.
const PAST_CLARIFICATION: i64 = 12 * DAY_S;

fn count(full: &Value, kind: &str) -> usize {
    full["steps"].as_array().map_or(0, |steps| steps.iter().filter(|step| step["kind"] == kind).count())
}

#[tokio::test(flavor = "multi_thread")]
async fn overdue_answers_are_reported_once_and_a_clarification_lapses() -> Result<()> {
    let (cluster, teller) = (Cluster::start(&Options::default()).await?, Teller::timed());
    let stage = Stage { cluster: &cluster, teller: &teller };
    let consent = Letter::of(CHAN).grant(&stage).await?;
    stage.delivered(&consent.receipt, MACAU).await?;
    publish_standard(&stage).await?;

    let request = submit(&stage, CHAN, &consent, &["ast.property", "inc.assist"]).await?;
    let path = |step: &str| format!("{REQUESTS}/{request}/{step}");
    cluster.desk("mo.lo")?.command(&path("acceptance"), &json!({})).await?;
    let property = answered("ast.property", "MEETS", &["land registry"], &[]);
    cluster.desk("mo.cw")?.command(&path("answers/1"), &property).await?;
    cluster.desk("mo.rv")?.command(&path("reply"), &json!({ "partial": true })).await?;
    let running = |item: &Value| item["state"] == "partly_replied" && item["clocks"][0]["overdue"] == false;
    stage.listed("zh.cw", REQUESTS, &request, "the open question keeps its clock", running).await?;

    cluster.advance(PAST_REGISTER_ITEMS).await?;
    let overdue = |item: &Value| item["clocks"][0]["step"] == "register_items" && item["clocks"][0]["overdue"] == true;
    for who in ["mo.lo", "zh.cw"] {
        stage.listed(who, REQUESTS, &request, "it is overdue", overdue).await?;
    }
    stage.not_listed("hq.lo", REQUESTS, &request).await?;
    cluster.stop_service(MACAU)?;
    cluster.start_service(MACAU).await?;

    let second = submit(&stage, CHAN, &consent, &["ast.property"]).await?;
    let ask = json!({ "text": "邊一個地址？", "questions": [1] });
    cluster.desk("mo.cw")?.command(&format!("{REQUESTS}/{second}/clarifications"), &ask).await?;
    let asked = |item: &Value| item["clarification_open"] == true;
    stage.listed("zh.cw", REQUESTS, &second, "Macau asks back", asked).await?;
    cluster.advance(PAST_CLARIFICATION).await?;
    let lapsed = |item: &Value| item["state"] == "withdrawn" && item["withdrawal"] == "clarification_not_answered";
    for who in ["zh.cw", "mo.lo"] {
        stage.listed(who, REQUESTS, &second, "the request is withdrawn by itself", lapsed).await?;
    }
    let full = cluster.desk("mo.lo")?.read_for(&format!("{REQUESTS}/{request}"), "look how far it is").await?;
    teller.expect_eq("times it was reported", &count(&full, "reply-overdue"), &1)?;
    teller.expect_eq("times it was reminded of", &count(&full, "reply-reminded"), &1)?;
    let seen = cluster.desk("zh.cw")?.read_for(&format!("{REQUESTS}/{request}"), "look how far it is").await?;
    teller.expect_eq("reminders the asker sees", &count(&seen, "reply-reminded"), &0)?;
    audit::tell(&stage).await.map(drop)
}
