//! S4 told as verification requests: no consent, too much, another purpose, another holder; and, in a cluster of its own,
//! a consent that has ended while the asker's clock is a day behind.
//!
//! What is refused at the asker's own service never leaves it: the holder has the entry's header, and not the question.
//! Every refusal stands in the case's file with its rule and the version of each letter it was judged by; what is asked
//! again says which refusal it follows.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::cast::{CHAN, CHONG, Person};
use super::s3_verification::{CONSENTS, Granted, Letter, REQUESTS, answered, publish_standard, submit};
use super::{SEEN_MAX, Stage, array, find};
use crate::parties::{HENGQIN, MACAU, SIDES, Side, ZHUHAI};
use crate::wait;

const DAY_S: i64 = 86_400;
const NOBODYS_CONSENT: &str = "01980e2c-7b00-7000-8000-00000000bad0";

/// Tells (a), (d), (e) and (f). The standard of the requests must have been published.
///
/// # Errors
/// The first expectation that does not hold.
pub async fn tell(stage: &Stage<'_>) -> Result<()> {
    stage.teller.chapter("S4 as requests  What is not covered never leaves the asker");
    let consent = Letter::of(CHAN).grant(stage).await?;
    stage.delivered(&consent.receipt, MACAU).await?;
    without_consent(stage).await?;
    let refused = over_scope(stage, &consent).await?;
    another_purpose(stage, &consent).await?;
    another_holder(stage, &consent).await?;
    again(stage, &consent, &refused).await
}

fn question(person: Person, consent: &str, item: &str) -> Result<Value> {
    let predicate = if item == "ast.property" { json!({ "count_at_most": 1 }) } else { json!("holds") };
    let question = json!({ "item": item, "predicate": predicate, "granularity": "threshold" });
    Ok(json!({ "subject": person.document()?, "consent": consent, "question": question }))
}

fn request(holder: Side, questions: &[Value]) -> Value {
    json!({
        "holder": holder.name, "purpose": "dibao_application", "standard": "ZH-2026-v1", "as_of": "2026-05-31",
        "questions": questions,
    })
}

/// How many requests each party knows.
async fn known(stage: &Stage<'_>) -> Result<BTreeMap<Side, usize>> {
    let mut known = BTreeMap::new();
    for side in SIDES {
        let list = stage.desk(&format!("{}.lo", side.prefix))?.read(REQUESTS).await?;
        known.insert(side, list.as_array().context("a list")?.len());
    }
    Ok(known)
}

/// An officer drafts a request that the own service refuses; returns what the log calls it. Checks that the refusal is in
/// the log with its rule and letters, that nobody else can read it, and that nobody knows of the request.
async fn turned_away(stage: &Stage<'_>, what: &str, body: &Value, code: &str, offending: &Value) -> Result<String> {
    let before = known(stage).await?;
    stage.teller.does("zh.cw", what);
    let reply = stage.desk("zh.cw")?.post(REQUESTS, body).await?;
    let problem = crate::client::expect_code(&reply, code)?;
    stage.teller.refusal("zh.cw", &problem);
    stage.check_words(&problem)?;
    let problem: Value = serde_json::from_slice(&reply.bytes)?;
    stage.teller.expect_eq("what offends", &problem["offending"], offending)?;
    let about = problem["about"].as_str().context("the refused request has an id")?.to_owned();

    let file = stage.desk("zh.lo")?.read(&format!("/v1/work/cases/verification/{about}")).await?;
    stage.teller.expect_eq("steps of the refused request", &file.as_array().map(Vec::len), &Some(1))?;
    stage.teller.expect_eq("the only one", &file[0]["kind"], &json!("command-refused"))?;
    let seq = file[0]["seq"].as_u64().context("a step has a place in the log")?;
    stage.teller.expect_eq("its rule", &file[0]["code"], &json!(code))?;
    let named = array(body, "questions")?.iter().filter_map(|asked| asked["consent"].as_str());
    let letters: BTreeMap<&str, u16> = named.filter(|id| *id != NOBODYS_CONSENT).map(|id| (id, 1)).collect();
    stage.teller.expect_eq("the letters it was judged by", &file[0]["consents"], &json!(letters))?;
    wait::until("Macau has the header of the refusal", SEEN_MAX, async || {
        Ok((stage.cluster.count(MACAU, "zhuhai").await? > seq).then_some(()))
    })
    .await?;
    let header = stage.desk("mo.au")?.read(&format!("/v1/entries/zhuhai/{seq}")).await?;
    stage.teller.expect_eq("what the header says", &header["kind"], &json!("command-refused"))?;
    stage.teller.expect_eq("who can read it", &header["audience"], &json!(["zhuhai"]))?;
    stage.teller.expect_eq("requests known", &known(stage).await?, &before)?;
    for who in ["mo.lo", "hq.lo"] {
        let file = format!("/v1/work/cases/verification/{about}");
        crate::client::expect_code(&stage.desk(who)?.get(&file).await?, "NOT_FOUND")?;
    }
    Ok(about)
}

async fn without_consent(stage: &Stage<'_>) -> Result<()> {
    let own = stage.cluster.count(MACAU, "macau").await?;
    let body = request(MACAU, &[question(CHAN, NOBODYS_CONSENT, "ast.property")?]);
    let what = "(a) drafts a request without any consent";
    turned_away(stage, what, &body, "NO_CONSENT", &json!(["question#1"])).await?;
    stage.teller.expect_eq("entries of Macau's log", &stage.cluster.count(MACAU, "macau").await?, &own)?;
    stage.teller.does_not_see("mo.lo", "anything of it: no question left Zhuhai");
    Ok(())
}

async fn over_scope(stage: &Stage<'_>, consent: &Granted) -> Result<String> {
    let mut exact = question(CHAN, &consent.id, "ast.deposit")?;
    exact["question"]["predicate"] = json!({ "amount_at_most": { "minor": 24 * 180_000, "currency": "CNY" } });
    exact["question"]["granularity"] = json!("exact");
    let body = request(
        MACAU,
        &[
            question(CHAN, &consent.id, "ast.property")?,
            question(CHAN, &consent.id, "exp.medical")?,
            question(CHONG, &consent.id, "inc.assist")?,
            exact,
        ],
    );
    let offending = json!(["question#2:exp.medical", "question#3:subject", "question#4:granularity:ast.deposit"]);
    let what = "(d) adds medical expenses, somebody who did not sign, and an exact balance";
    let about = turned_away(stage, what, &body, "OVER_SCOPE", &offending).await?;
    stage.teller.sees("zh.cw", "all three at once; the question that was covered is not answered either");
    Ok(about)
}

async fn another_purpose(stage: &Stage<'_>, consent: &Granted) -> Result<()> {
    let mut body = request(MACAU, &[question(CHAN, &consent.id, "ast.property")?]);
    body["purpose"] = json!("dibao_recheck");
    let what = "(e) uses the letter of an application for a re-check";
    turned_away(stage, what, &body, "PURPOSE_MISMATCH", &json!(["question#1"])).await.map(drop)
}

async fn another_holder(stage: &Stage<'_>, consent: &Granted) -> Result<()> {
    let own = stage.cluster.count(HENGQIN, "hengqin").await?;
    let body = request(HENGQIN, &[question(CHAN, &consent.id, "ast.property")?]);
    let what = "(f) asks Hengqin on a letter that names Macau";
    turned_away(stage, what, &body, "WRONG_HOLDER", &json!(["question#1"])).await?;
    stage.teller.expect_eq("entries of Hengqin's log", &stage.cluster.count(HENGQIN, "hengqin").await?, &own)?;
    stage.not_listed("hq.lo", CONSENTS, &consent.id).await?;
    stage.teller.does_not_see("hq.lo", "the question, or that such a letter exists");
    Ok(())
}

/// (d) The request goes again without what went too far, and names the refusal.
async fn again(stage: &Stage<'_>, consent: &Granted, refused: &str) -> Result<()> {
    let mut body = request(MACAU, &[question(CHAN, &consent.id, "ast.property")?]);
    body["follows"] = json!(NOBODYS_CONSENT);
    stage.is_refused("zh.cw", REQUESTS, &body, "NOT_FOUND").await?;
    body["follows"] = json!(refused);
    let id = stage.does("zh.cw", "(d) asks again within the letter, after the refusal", REQUESTS, &body).await?.id;
    let path = |step: &str| format!("{REQUESTS}/{id}/{step}");
    let submitted = stage.does("zh.rv", "approves; it goes to Macau", &path("submission"), &json!({})).await?;
    stage.delivered(&submitted, MACAU).await?;
    for who in ["zh.rv", "mo.lo"] {
        let full = stage.desk(who)?.read_for(&format!("{REQUESTS}/{id}"), "look what it follows").await?;
        stage.teller.expect_eq(&format!("the refusal that {who} sees it follow"), &full["follows"], &json!(refused))?;
    }
    stage.desk("mo.lo")?.command(&path("acceptance"), &json!({})).await?;
    let property = answered("ast.property", "MEETS", &["land registry"], &[]);
    let officer = json!({ "officer": MACAU.officer("cw") });
    stage.desk("mo.lo")?.command(&path("assignments/1"), &officer).await?;
    stage.desk("mo.cw")?.command(&path("answers/1"), &property).await?;
    let reply = stage.does("mo.rv", "replies: what the letter covers is answered", &path("reply"), &json!({})).await?;
    stage.delivered(&reply, ZHUHAI).await
}

/// Tells (b): the asker's clock is a day behind, so the ended consent passes there and is refused at the holder.
///
/// # Errors
/// The first expectation that does not hold.
pub async fn tell_expired(stage: &Stage<'_>) -> Result<()> {
    stage.teller.chapter("S4 (b) as a request  The letter has ended, and Zhuhai's clock is a day behind");
    publish_standard(stage).await?;
    let consent = Letter { seconds: DAY_S / 2, ..Letter::of(CHAN) }.grant(stage).await?;
    stage.delivered(&consent.receipt, MACAU).await?;
    stage.cluster.advance_others(ZHUHAI, DAY_S).await?;
    let receipt = stage.desk("mo.cw")?.command("/v1/batches", &super::s1_notice::nothing("hengqin")).await?;
    stage.delivered(&receipt, ZHUHAI).await?;
    wait::until("Zhuhai's service raises the alarm about the clocks", SEEN_MAX, async || {
        Ok(stage.cluster.open_path(ZHUHAI, "/readyz").await?.text().contains("clock is ahead of ours").then_some(()))
    })
    .await?;
    stage.teller.sees("zh.sa", "the alarm: Macau's clock is ahead of Zhuhai's by more than five minutes");

    let request = submit(stage, CHAN, &consent, &["ast.property", "inc.assist"]).await?;
    stage.teller.does("zh.cw", "asks on a letter that, by Zhuhai's clock, has hours to run; it passes there");
    let path = |step: &str| format!("{REQUESTS}/{request}/{step}");
    let before = stage.desk("mo.lo")?.read_for(&format!("{REQUESTS}/{request}"), "decide on it").await?;
    stage
        .teller
        .expect("mo.lo sees whom it is about before it is refused", !before["questions"][0]["subject"].is_null())?;
    stage.is_refused("mo.lo", &path("acceptance"), &json!({}), "CONSENT_EXPIRED").await?;
    let refusal = json!({ "code": "CONSENT_EXPIRED", "offending": ["question#1", "question#2"] });
    let refused = stage.does("mo.lo", "(b) refuses the whole request", &path("refusal"), &refusal).await?;
    stage.delivered(&refused, ZHUHAI).await?;
    let is_refused = |item: &Value| item["state"] == "refused" && item["refusal"]["code"] == "CONSENT_EXPIRED";
    for who in ["zh.cw", "mo.lo"] {
        let item = stage.listed(who, REQUESTS, &request, "it is refused", is_refused).await?;
        stage.teller.expect(&format!("{who} sees since when"), item["refusal"]["effective_at"].is_string())?;
        stage.teller.expect_eq("by which letter", &item["refused_on"], &json!({ consent.id.as_str(): 1 }))?;
    }
    refused_is_refused(stage, &request, &consent).await
}

/// What remains of a refused request: both events in both files, no answer anywhere, and no person at the holder.
async fn refused_is_refused(stage: &Stage<'_>, request: &str, consent: &Granted) -> Result<()> {
    let path = |step: &str| format!("{REQUESTS}/{request}/{step}");
    let property = answered("ast.property", "MEETS", &["land registry"], &[]);
    stage.is_refused("mo.cw", &path("answers/1"), &property, "WRONG_STATE").await?;
    for who in ["mo.lo", "mo.rv", "zh.cw"] {
        let full = stage.desk(who)?.read_for(&format!("{REQUESTS}/{request}"), "look at the refusal").await?;
        for question in array(&full, "questions")? {
            stage.teller.expect(&format!("{who} sees no answer"), question["answer"].is_null())?;
            let shown = !question["subject"].is_null();
            stage.teller.expect_eq(&format!("whether {who} sees a person"), &shown, &(who == "zh.cw"))?;
        }
    }
    stage.teller.does_not_see("mo.lo", "whom the refused request was about");
    let step = |file: &Value, kind: &str| {
        file.as_array().and_then(|file| file.iter().find(|step| step["kind"] == kind).cloned())
    };
    for who in ["mo.au", "zh.au"] {
        let file = stage.desk(who)?.read(&format!("/v1/work/cases/verification/{request}")).await?;
        let submitted = step(&file, "request-submitted").context("Zhuhai let it pass")?;
        let refused = step(&file, "request-refused").context("Macau refused it")?;
        stage.teller.expect_eq("who signed the refusal", &refused["party"], &json!("macau"))?;
        stage.teller.expect_eq("its rule", &refused["code"], &json!("CONSENT_EXPIRED"))?;
        stage.teller.expect_eq("its letters", &refused["consents"], &json!({ consent.id.as_str(): 1 }))?;
        let (passed_at, refused_at) = (submitted["at"].as_str(), refused["at"].as_str());
        stage.teller.expect("the two clocks are seen in the file", passed_at < refused_at)?;
        stage.teller.expect("no answer is in the log", step(&file, "item-answered").is_none())?;
    }
    stage.teller.sees("zh.au", "both: that Zhuhai let it pass, and that Macau refused it, each by its own clock");
    let list = stage.desk("hq.lo")?.read(REQUESTS).await?;
    stage.teller.expect("Hengqin knows nothing of it", find(&list, request).is_none())
}
