//! Governance: a joint meeting whose resolution is adopted when all three signed it, a case conference for those who
//! need to know, and what a reviewer finds in the inbox.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::Stage;
use crate::parties::{MACAU, SIDES, ZHUHAI};

const MEETINGS: &str = "/v1/meetings";
const CONFERENCES: &str = "/v1/conferences";
const INBOX: &str = "/v1/work/inbox";

/// Tells the story.
///
/// # Errors
/// The first expectation that does not hold.
pub async fn tell(stage: &Stage<'_>) -> Result<()> {
    stage.teller.chapter("Governance: joint meeting 联席会议, case conference 重点个案研判, work lists");
    meeting(stage).await?;
    conference(stage).await?;
    inbox(stage).await
}

async fn meeting(stage: &Stage<'_>) -> Result<()> {
    let body = json!({
        "series": "joint_meeting", "title": "珠澳社会救助协作联席会议", "at": "2099-09-01T09:30:00+08:00",
        "to": ["macau", "hengqin"], "agenda": ["定期通报的时限"],
    });
    let meeting = stage.does("zh.sec", "convenes a joint meeting of all three", MEETINGS, &body).await?;
    let path = format!("{MEETINGS}/{}", meeting.id);
    let text = json!({
        "text": "每月第五个共同工作日前完成定期通报",
        "actions": [{ "what": "指定值班台", "owner": "macau", "due": { "month": "2099-10" } }],
    });
    let resolutions = format!("{path}/resolutions");
    let resolution = stage.does("zh.lo", "proposes a resolution with one action", &resolutions, &text).await?.id;
    let signatures = format!("{path}/signatures");
    for (signed, side) in SIDES.into_iter().enumerate() {
        let officer = format!("{}.sec", side.prefix);
        let known = |item: &Value| item["resolutions"] == 1 && item["adopted"] == 0;
        stage.listed(&officer, MEETINGS, &meeting.id, "the resolution is there, not adopted", known).await?;
        let shown = stage.desk(&officer)?.read(&path).await?;
        let signature = json!({ "resolution": resolution, "digest": shown["texts"][0]["digest"] });
        let what = format!("signs the text for {}, {} of 3", side.name, signed + 1);
        stage.does(&officer, &what, &signatures, &signature).await?;
    }
    for side in SIDES {
        let officer = format!("{}.lo", side.prefix);
        let adopted = |item: &Value| item["adopted"] == 1;
        stage.listed(&officer, MEETINGS, &meeting.id, "the resolution is adopted", adopted).await?;
    }
    stage.teller.sees("hq.lo", "the resolution adopted, now that every party has signed the same text");
    let done = json!({ "resolution": resolution, "action": 1, "note": "值班台已指定" });
    stage.is_refused("zh.lo", &format!("{path}/closed-actions"), &done, "NOT_YOURS").await?;
    stage.does("mo.lo", "closes Macau's action", &format!("{path}/closed-actions"), &done).await?;
    let tasks = stage.desk("hq.cw")?.read("/v1/tasks").await?;
    stage.teller.expect_eq("rows of the plan", &json!(tasks.as_array().map(Vec::len)), &json!(17))
}

async fn conference(stage: &Stage<'_>) -> Result<()> {
    let summary = "独居老人一月内三次昏倒";
    let body = json!({
        "to": ["macau"], "case": { "urgent": "01980e2c-7b00-7000-8000-000000000001" }, "summary": summary,
        "basis": { "vital_interest": "无人照顾，生命危险" },
    });
    let nominated = stage.does("zh.cw", "nominates a key case for a conference", CONFERENCES, &body).await?;
    let path = format!("{CONFERENCES}/{}", nominated.id);
    stage.delivered(&nominated, MACAU).await?;
    stage.desk("mo.rv")?.refused_to_read(&path, "curiosity", "NOT_FOUND").await?;
    let officers = json!({ "officers": [MACAU.officer("cw"), MACAU.officer("sw")] });
    let what = "names who needs to know: a caseworker and a social worker";
    let named = stage.does("mo.lo", what, &format!("{path}/participants"), &officers).await?;
    stage.delivered(&named, ZHUHAI).await?;
    let full = stage.desk("mo.sw")?.read_for(&path, "to give an opinion").await?.to_string();
    stage.teller.expect("the social worker who was named reads the summary", full.contains(summary))?;
    for officer in ["mo.lo", "mo.rv", "zh.lo"] {
        stage.desk(officer)?.refused_to_read(&path, "curiosity", "NOT_FOUND").await?;
        stage.not_listed(officer, CONFERENCES, &nominated.id).await?;
    }
    stage.teller.does_not_see("mo.lo", "the conference any more: not on the list, and each attempt is in the log");
    let opinion = json!({ "opinion": "建議每週家訪" });
    let given = stage.does("mo.sw", "gives an opinion", &format!("{path}/opinions"), &opinion).await?;
    stage.delivered(&given, ZHUHAI).await?;
    let decision = json!({ "decision": "由澳门每周家访", "owner": "macau", "follow_up": "一个月后复核" });
    stage.does("zh.cw", "concludes: Macau is in charge", &format!("{path}/conclusion"), &decision).await?;
    Ok(())
}

async fn inbox(stage: &Stage<'_>) -> Result<()> {
    let batch = json!({ "to": "hengqin", "period": "2026-07", "entries": [], "unchanged": 3 });
    let prepared = stage.does("mo.cw", "prepares an empty batch", "/v1/batches", &batch).await?;
    let waits = |item: &Value| item["step"] == "ApproveBatch";
    stage.listed("mo.rv", INBOX, &prepared.id, "the batch waits for a second person", waits).await?;
    stage.not_listed("mo.cw", INBOX, &prepared.id).await?;
    stage.does("mo.rv", "approves it", &format!("/v1/batches/{}/approval", prepared.id), &json!({})).await?;
    stage.not_listed("mo.rv", INBOX, &prepared.id).await?;
    stage
        .listed("mo.lo", INBOX, &prepared.id, "the batch waits to be sent", |item| item["step"] == "SendBatch")
        .await?;
    stage.teller.sees("mo.rv", "the inbox empty of it, and the liaison officer has it");
    let file = stage.desk("mo.au")?.read(&format!("/v1/work/cases/batch/{}", prepared.id)).await?;
    let file = file.as_array().context("a case file is a list")?;
    stage.teller.expect_eq("steps in the case file", &json!(file.len()), &json!(2))
}
