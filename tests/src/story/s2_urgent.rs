//! S2, the urgent notice (紧急通报): Hengqin's duty officer finds a man collapsed and asks both sides for help.

use std::time::{Duration, Instant};

use anyhow::Result;
use serde_json::{Value, json};

use super::Stage;
use super::cast::LEONG;
use crate::client::Receipt;
use crate::parties::{MACAU, Side, ZHUHAI};

const LIST: &str = "/v1/urgent";

/// What the story found.
#[derive(Clone, Debug)]
pub struct Told {
    /// The notice.
    pub urgent: String,
    /// From Hengqin's receipt to the notice being in each addressee's list.
    pub delivered: Vec<(Side, Duration)>,
}

/// Tells the scenario.
///
/// # Errors
/// The first expectation that does not hold.
pub async fn tell(stage: &Stage<'_>) -> Result<Told> {
    stage.teller.chapter("S2  Urgent notice 紧急通报: Hengqin to Macau and Zhuhai, Saturday night");
    let told = raise(stage).await?;
    help(stage, &told.urgent).await?;
    close_and_justify(stage, &told.urgent).await?;
    who_sees_what(stage, &told.urgent).await?;
    misused(stage).await?;
    Ok(told)
}

/// Variant: what was not urgent is sealed again; Macau had been told by phone as well.
async fn misused(stage: &Stage<'_>) -> Result<()> {
    let mut body = notice(&["macau"])?;
    body["happened_at"] = crate::client::iso_in(-3600).into();
    let raised = stage.does("hq.ho", "records a call noted on paper an hour ago", LIST, &body).await?;
    let path = |step: &str| format!("{LIST}/{}/{step}", raised.id);
    let relay = json!({ "to": "macau", "at": crate::client::iso_in(-1800), "spoken_with_desk": "澳門值班台" });
    stage.does("hq.ho", "records that Macau was told by phone meanwhile", &path("phone-relay"), &relay).await?;
    stage.is_refused("hq.ho", &path("phone-relay"), &relay, "ALREADY_EXISTS").await?;
    stage.listed("mo.ho", LIST, &raised.id, "the notice is there", |_| true).await?;
    stage.does("hq.ho", "stands down: nobody was in danger", &path("closure"), &json!({ "outcome": "误报" })).await?;
    let text = json!({ "text": "材料不齐，并无危险" });
    stage.does("hq.lo", "justifies in writing", &path("justification"), &text).await?;
    let review = json!({ "accepted": false, "note": "不属紧急" });
    stage.does("hq.dp", "rejects: it was not urgent", &path("justification-review"), &review).await?;
    stage.does("hq.lo", "informs the person concerned", &path("subject-information"), &json!({})).await?;
    let informed = |item: &Value| !item["subject_informed_at"].is_null();
    stage.listed("mo.ho", LIST, &raised.id, "the person was informed", informed).await?;
    let notice = format!("{LIST}/{}", raised.id);
    let sealed = stage.desk("mo.ho")?.read_for(&notice, "on duty").await?;
    stage.teller.expect_eq("why it is sealed", &sealed["sealed"], &json!("rejected"))?;
    stage.teller.expect("a sealed notice tells no person", !sealed.to_string().contains(LEONG.name))?;
    stage.teller.expect_eq("told by phone", &sealed["relayed_by_phone"][0]["party"], &json!("macau"))?;
    stage.teller.does_not_see("mo.ho", "the payload any more: the justification was rejected");
    stage.desk("mo.ho")?.refused_to_read(&path("sealed"), "on duty", "ROLE_NOT_ALLOWED").await?;
    let opened = stage.desk("mo.dp")?.read_for(&path("sealed"), "complaint").await?;
    stage.teller.expect("a data-protection officer opens it for a reason", opened.to_string().contains(LEONG.name))?;
    stage.teller.sees("mo.dp", "the sealed notice, for a stated reason that is on record");
    Ok(())
}

/// The body of an urgent notice about 梁虛擬.
///
/// # Errors
/// Never for the cast.
pub fn notice(to: &[&str]) -> Result<Value> {
    Ok(json!({
        "to": to,
        "emergency": {
            "subject": LEONG.json()?, "place": "小横琴", "call_back": "横琴值班台",
            "what": "独居老人在家中晕倒，无法说明用药情况",
            "need": "联系家属，了解用药",
        },
        "vital_interest": "76岁，独居，意识不清，用药不明，生命危险",
    }))
}

async fn raise(stage: &Stage<'_>) -> Result<Told> {
    let body = notice(&["macau", "zhuhai"])?;
    stage.teller.does("hq.cw", "a caseworker who is not on duty tries to raise it");
    stage.is_refused("hq.cw", LIST, &body, "ROLE_NOT_ALLOWED").await?;
    let what = "raises an urgent notice on vital interest: 梁虛擬, 76, collapsed at home";
    let raised = stage.does("hq.ho", what, LIST, &body).await?;
    let recorded = Instant::now();
    let (macau, zhuhai) = tokio::join!(seen(stage, MACAU, &raised, recorded), seen(stage, ZHUHAI, &raised, recorded));
    let delivered = vec![(MACAU, macau?), (ZHUHAI, zhuhai?)];
    for (side, took) in &delivered {
        let officer = format!("{}.ho", side.prefix);
        stage.teller.sees(&officer, format!("the notice, {:.1} ms after Hengqin's receipt", took.as_secs_f64() * 1e3));
    }
    Ok(Told { urgent: raised.id, delivered })
}

async fn seen(stage: &Stage<'_>, side: Side, raised: &Receipt, recorded: Instant) -> Result<Duration> {
    let officer = format!("{}.ho", side.prefix);
    stage.listed(&officer, LIST, &raised.id, "the notice is there", |_| true).await?;
    Ok(recorded.elapsed())
}

async fn help(stage: &Stage<'_>, urgent: &str) -> Result<()> {
    let path = |step: &str| format!("{LIST}/{urgent}/{step}");
    let full = stage.desk("mo.ho")?.read_for(&format!("{LIST}/{urgent}"), "on duty").await?.to_string();
    stage.teller.expect("the duty officer sees who needs help", full.contains(LEONG.name))?;
    stage.teller.sees("mo.ho", "name, document, coarse place, need and the desk to call back; the read is on record");
    stage.teller.does("mo.ho", "tries to take the case over before acknowledging it");
    stage.is_refused("mo.ho", &path("takeover"), &json!({}), "WRONG_STATE").await?;
    let acked = stage.does("mo.ho", "acknowledges", &path("acknowledgement"), &json!({})).await?;
    stage.does("zh.ho", "acknowledges", &path("acknowledgement"), &json!({})).await?;
    let taken = stage.does("mo.ho", "takes the case over", &path("takeover"), &json!({})).await?;
    stage.delivered(&acked, ZHUHAI).await?;
    stage.delivered(&taken, ZHUHAI).await?;
    stage.teller.does("zh.ho", "tries to take it over as well");
    stage.is_refused("zh.ho", &path("takeover"), &json!({}), "WRONG_STATE").await?;
    let action = json!({ "family_contacted": true, "action": "已聯絡家屬，家屬將致電橫琴值班台說明用藥" });
    let reported = stage.does("mo.ho", "reports: family reached (no phone number)", &path("actions"), &action).await?;
    stage.delivered(&reported, crate::parties::HENGQIN).await?;
    let full = stage.desk("hq.ho")?.read_for(&format!("{LIST}/{urgent}"), "on duty").await?.to_string();
    stage.teller.expect("Hengqin sees what Macau did", full.contains("已聯絡家屬"))?;
    stage.teller.sees("hq.ho", "acknowledged by both, taken over by Macau, family reached");
    Ok(())
}

async fn close_and_justify(stage: &Stage<'_>, urgent: &str) -> Result<()> {
    let path = |step: &str| format!("{LIST}/{urgent}/{step}");
    let justification = json!({ "text": "当时无法取得同意；告知范围限于救助所需" });
    stage.teller.does("hq.lo", "tries to justify before it is over");
    stage.is_refused("hq.lo", &path("justification"), &justification, "WRONG_STATE").await?;
    let outcome = json!({ "outcome": "已送医，家属已到场" });
    stage.does("hq.ho", "stands down", &path("closure"), &outcome).await?;
    stage.does("hq.lo", "justifies in writing", &path("justification"), &justification).await?;
    let review = json!({ "accepted": true, "note": "紧急且必要，字段最少" });
    stage.teller.does("hq.lo", "tries to review the own justification");
    stage.is_refused("hq.lo", &path("justification-review"), &review, "ROLE_NOT_ALLOWED").await?;
    let what = "reviews as data-protection officer: accepted";
    let reviewed = stage.does("hq.dp", what, &path("justification-review"), &review).await?;
    for side in [MACAU, ZHUHAI] {
        stage.delivered(&reviewed, side).await?;
    }
    Ok(())
}

async fn who_sees_what(stage: &Stage<'_>, urgent: &str) -> Result<()> {
    for officer in ["zh.cw", "mo.sa"] {
        let list = stage.desk(officer)?.read(LIST).await?;
        let item = super::find(&list, urgent).map(|item| item.to_string()).unwrap_or_default();
        stage.teller.expect(&format!("{officer} knows that a notice exists"), !item.is_empty())?;
        stage.teller.expect(&format!("{officer} is told no person"), !item.contains(LEONG.name))?;
    }
    stage.teller.does_not_see("zh.cw", "in the list, the person: only that a notice exists");
    let path = format!("{LIST}/{urgent}");
    stage.desk("zh.cw")?.refused_to_read(&path, "curiosity", "ROLE_NOT_ALLOWED").await?;
    stage.desk("zh.sec")?.refused_to_read(&path, "curiosity", "ROLE_NOT_ALLOWED").await?;
    stage.teller.does_not_see("zh.sec", "a notice that the duty desk acknowledged in time");
    for officer in ["zh.au", "mo.sa"] {
        stage.desk(officer)?.refused_to_read(&path, "curiosity", "ROLE_NOT_ALLOWED").await?;
    }
    stage.teller.does_not_see("mo.sa", "the notice itself: an administrator has no access to content");
    Ok(())
}
