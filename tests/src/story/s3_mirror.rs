//! The mirror case of S3: Macau asks Zhuhai about a regular-subsidy applicant's property, vehicles and businesses on the
//! mainland. Zhuhai's days to answer are the mainland's, Macau's days to answer what Zhuhai asks back are Macau's; one item
//! is late, the others are replied to, and what is left keeps its own clock.
//!
//! It begins on Thursday 24 September 2026, where the two calendars differ most (`domain.md` §6.3), and moves the clocks of
//! all parties, so it is told in a cluster of its own.

use anyhow::{Context, Result};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::cast::CHAN;
use super::s3_verification::{CONSENTS, REQUESTS};
use super::{SEEN_MAX, Stage, array};
use crate::client::iso_in;
use crate::parties::{MACAU, ZHUHAI};
use crate::wait;

const STANDARDS: &str = "/v1/standards";
const STANDARD: &str = "MO-2026-v1";
const INBOX: &str = "/v1/work/inbox";
const OVERDUE: &str = "/v1/work/overdue";
const HALF_YEAR_S: i64 = 182 * 86_400;

/// Noon in Zhuhai and Macau on the day it begins.
const BEGINS: &str = "2026-09-24T04:00:00Z";
/// Ten working days of the mainland later: 28, 29, 30 September, 8, 9, 10 (a Saturday), 12, 13, 14, 15 October.
const MAINLAND_TEN: &str = "2026-10-15T15:59:59.999999Z";
/// Five working days of Macau later: 25 (no holiday there), 29, 30 September, 5, 6 October.
const MACAU_FIVE: &str = "2026-10-06T15:59:59.999999Z";
/// Macau answers what was asked back at noon on 5 October.
const ANSWERED: &str = "2026-10-05T04:00:00Z";
/// The question that waited does not count the mainland's days up to then (28, 29, 30 September), and has until the 20th:
/// 8, 9, 10, 12, 13, 14, 15, 16, 19, 20 October.
const PAUSED_TEN: &str = "2026-10-20T15:59:59.999999Z";

/// Tells the scenario.
///
/// # Errors
/// The first expectation that does not hold.
pub async fn tell(stage: &Stage<'_>) -> Result<()> {
    stage.teller.chapter("S3 mirrored  Macau asks Zhuhai about a regular-subsidy applicant");
    stage.cluster.go_to(BEGINS).await?;
    let consent = consent(stage).await?;
    publish_standard(stage).await?;
    let request = ask(stage, &consent).await?;
    accept_and_ask_back(stage, &request).await?;
    answer_what_was_asked(stage, &request).await?;
    late(stage, &request).await?;
    in_part(stage, &request).await?;
    the_rest(stage, &request).await
}

async fn consent(stage: &Stage<'_>) -> Result<String> {
    let items = json!({ "ast.property": "threshold", "ast.vehicle": "threshold", "inc.business": "threshold" });
    let body = json!({
        "holder": "zhuhai", "unit": MACAU.unit, "items": items, "purpose": "macau_regular_subsidy",
        "legal_basis": { "agreement_article": "article 6: the applicant's signed authorisation" },
        "not_before": iso_in(-60), "not_after": iso_in(HALF_YEAR_S), "uses": 3,
        "letter_sha256": hex::encode(Sha256::digest("同意書 陳樣本 定期援助金")), "language": "zh-Hant",
        "witness": "mo.lo.test", "signers": [{ "subject": 0, "capacity": "own", "signed_on": "2026-09-23" }],
        "subjects": [CHAN.json()?], "separate": [],
    });
    let id =
        stage.does("mo.cw", "records the letter of 陳樣本, who applies for the subsidy", CONSENTS, &body).await?.id;
    let path = format!("{CONSENTS}/{id}/countersignature");
    let receipt = stage.does("mo.cw2", "compares record and letter and countersigns", &path, &json!({})).await?;
    stage.delivered(&receipt, ZHUHAI).await?;
    stage.not_listed("hq.lo", CONSENTS, &id).await?;
    Ok(id)
}

async fn publish_standard(stage: &Stage<'_>) -> Result<()> {
    let standard = json!({
        "version": STANDARD, "programme": "定期援助金", "currency": "MOP", "amounts": { "1": 435_000, "2": 799_000 },
        "multiples": [], "from": "2026-01-01", "to": null,
    });
    let receipt = stage.does("mo.sec", "publishes Macau's standard", STANDARDS, &standard).await?;
    stage.delivered(&receipt, ZHUHAI).await
}

fn question(item: &str) -> Value {
    json!({ "item": item, "predicate": { "count_at_most": 0 }, "granularity": "threshold" })
}

async fn ask(stage: &Stage<'_>, consent: &str) -> Result<String> {
    let subject = CHAN.document()?;
    let asked = ["ast.property", "ast.vehicle", "inc.business"]
        .map(|item| json!({ "subject": subject, "consent": consent, "question": question(item) }));
    let body = json!({
        "holder": "zhuhai", "purpose": "macau_regular_subsidy", "standard": STANDARD, "as_of": "2026-08-31",
        "questions": asked,
    });
    let request = stage.does("mo.cw", "asks about property, vehicles and businesses", REQUESTS, &body).await?.id;
    let path = format!("{REQUESTS}/{request}/submission");
    let submitted = stage.does("mo.rv", "approves as the second person; it goes to Zhuhai", &path, &json!({})).await?;
    stage.delivered(&submitted, ZHUHAI).await?;
    stage.not_listed("hq.lo", REQUESTS, &request).await?;
    stage.teller.does_not_see("hq.lo", "that Macau asks Zhuhai anything");
    Ok(request)
}

/// When each question is due, as an officer sees it.
async fn dues(stage: &Stage<'_>, who: &str, request: &str) -> Result<Vec<Value>> {
    let full = stage.desk(who)?.read_for(&format!("{REQUESTS}/{request}"), "look how far it is").await?;
    Ok(array(&full, "questions")?.iter().map(|question| question["due"].clone()).collect())
}

/// Waits until both liaison officers see the questions due then.
async fn both_see(stage: &Stage<'_>, request: &str, expected: [Option<&str>; 3]) -> Result<()> {
    let expected: Vec<Value> = expected.map(|due| json!(due)).into();
    for who in ["zh.lo", "mo.lo"] {
        wait::until(&format!("{who} sees the questions due {expected:?}"), SEEN_MAX, async || {
            Ok((dues(stage, who, request).await? == expected).then_some(()))
        })
        .await?;
    }
    Ok(())
}

/// The step that a work list names for a request, with whose it is, when it is due and whether it is late.
async fn step(stage: &Stage<'_>, who: &str, list: &str, request: &str) -> Result<Option<Value>> {
    Ok(super::find(&stage.desk(who)?.read(list).await?, request))
}

async fn accept_and_ask_back(stage: &Stage<'_>, request: &str) -> Result<()> {
    let path = |step: &str| format!("{REQUESTS}/{request}/{step}");
    stage.does("zh.lo", "accepts: Zhuhai checked scope and consent itself", &path("acceptance"), &json!({})).await?;
    for (no, who) in [(1, "zh.cw"), (2, "zh.cw"), (3, "zh.cw2")] {
        let officer = json!({ "officer": ZHUHAI.officer(who.trim_start_matches("zh.")) });
        stage.desk("zh.lo")?.command(&path(&format!("assignments/{no}")), &officer).await?;
    }
    both_see(stage, request, [Some(MAINLAND_TEN); 3]).await?;
    stage.teller.sees("mo.cw", "the answers due on 15 October: ten working days of the mainland");
    let full = stage.desk("zh.cw")?.read_for(&format!("{REQUESTS}/{request}"), "work on the request").await?;
    stage.teller.expect_eq("questions zh.cw sees", &array(&full, "questions")?.len(), &2)?;
    stage.teller.expect_eq("and how many are not shown", &full["hidden"], &json!(1))?;
    let ask = json!({ "text": "是否包括个体工商户？", "questions": [3] });
    let asked = stage.does("zh.cw2", "asks back about the businesses", &path("clarifications"), &ask).await?;
    stage.delivered(&asked, MACAU).await?;
    let waits = step(stage, "mo.cw", INBOX, request).await?.context("it waits for Macau")?;
    stage.teller.expect_eq("what waits for Macau", &waits["step"], &json!("AnswerClarification"))?;
    stage.teller.expect_eq("until", &waits["due"], &json!(MACAU_FIVE))?;
    stage.teller.sees("mo.cw", "that Zhuhai asks back, to be answered by 6 October: five working days of Macau");
    let none = step(stage, "zh.cw2", INBOX, request).await?;
    stage.teller.expect("zh.cw2, who asked back, has nothing to do about it meanwhile", none.is_none())
}

async fn answer_what_was_asked(stage: &Stage<'_>, request: &str) -> Result<()> {
    stage.cluster.go_to(ANSWERED).await?;
    let path = format!("{REQUESTS}/{request}/clarifications/1/answer");
    let answered = stage.does("mo.cw", "answers on 5 October", &path, &json!({ "answer": "包括在內。" })).await?;
    stage.delivered(&answered, ZHUHAI).await?;
    both_see(stage, request, [Some(MAINLAND_TEN), Some(MAINLAND_TEN), Some(PAUSED_TEN)]).await?;
    stage.teller.sees("zh.lo", "two answers due on the 15th as before, the third on the 20th: its clock stood");
    Ok(())
}

/// Nothing is answered by the 15th: Zhuhai's service says so, and both sides see it.
async fn late(stage: &Stage<'_>, request: &str) -> Result<()> {
    stage.cluster.go_to("2026-10-15T15:00:00Z").await?;
    let early = step(stage, "mo.lo", OVERDUE, request).await?;
    stage.teller.expect("nothing is late in the evening of the 15th", early.is_none())?;
    stage.cluster.go_to("2026-10-15T16:01:00Z").await?;
    let overdue = |item: &Value| item["clocks"][0]["step"] == "register_items" && item["clocks"][0]["overdue"] == true;
    for who in ["zh.lo", "mo.cw"] {
        stage.listed(who, REQUESTS, request, "it is overdue, by Zhuhai's own word", overdue).await?;
        let late = step(stage, who, OVERDUE, request).await?.context("it is in the list of what is late")?;
        stage.teller.expect_eq("whose it is", &late["party"], &json!("zhuhai"))?;
    }
    stage.teller.sees("mo.cw", "that Zhuhai is late");
    Ok(())
}

fn answered(item: &str, source: &str) -> Value {
    json!({ "answer": {
        "item": item, "predicate": question(item)["predicate"], "verdict": "NO_RECORD_FOUND", "as_of": "2026-08-31",
        "band": null, "value": null, "sources_searched": [source], "sources_not_searched": [],
    }})
}

async fn in_part(stage: &Stage<'_>, request: &str) -> Result<()> {
    let path = |step: &str| format!("{REQUESTS}/{request}/{step}");
    for (no, item, source) in [(1, "ast.property", "不动产登记"), (2, "ast.vehicle", "车管所登记")] {
        stage.does("zh.cw", &format!("answers {no}"), &path(&format!("answers/{no}")), &answered(item, source)).await?;
    }
    stage.is_refused("zh.rv", &path("reply"), &json!({}), "QUESTIONS_OPEN").await?;
    let part = json!({ "partial": true });
    let sent = stage.does("zh.rv", "approves the two answers; the third stays open", &path("reply"), &part).await?;
    stage.delivered(&sent, MACAU).await?;
    let partly = |item: &Value| item["state"] == "partly_replied" && item["answered"] == 2;
    stage.listed("mo.cw", REQUESTS, request, "two of three are answered", partly).await?;
    both_see(stage, request, [None, None, Some(PAUSED_TEN)]).await?;
    for who in ["zh.lo", "mo.lo"] {
        let late = step(stage, who, OVERDUE, request).await?;
        stage.teller.expect(&format!("{who} sees that what is left is not late"), late.is_none())?;
    }
    let waits = step(stage, "zh.cw2", INBOX, request).await?.context("the third waits for zh.cw2")?;
    stage.teller.expect_eq("until", &waits["due"], &json!(PAUSED_TEN))?;
    stage.teller.sees("zh.cw2", "the question left, by its own clock");
    Ok(())
}

async fn the_rest(stage: &Stage<'_>, request: &str) -> Result<()> {
    let path = |step: &str| format!("{REQUESTS}/{request}/{step}");
    stage.does("zh.cw2", "answers 3", &path("answers/3"), &answered("inc.business", "市场主体登记")).await?;
    let sent = stage.does("zh.rv", "approves it; nothing is open", &path("reply"), &json!({})).await?;
    stage.delivered(&sent, MACAU).await?;
    let seen = stage.desk("mo.cw")?.read_for(&format!("{REQUESTS}/{request}"), "decide the subsidy").await?;
    let verdicts: Vec<&Value> = array(&seen, "questions")?.iter().map(|q| &q["answer"]["verdict"]).collect();
    stage.teller.expect_eq("verdicts", &verdicts, &vec![&json!("NO_RECORD_FOUND"); 3])?;
    let decision = json!({ "decision": "批給定期援助金" });
    let used = stage.does("mo.cw", "records what the reply was used for", &path("use"), &decision).await?;
    stage.delivered(&used, ZHUHAI).await?;
    let file = stage.desk("mo.au")?.read(&format!("/v1/work/cases/verification/{request}")).await?;
    let count = |kind: &str| file.as_array().map_or(0, |file| file.iter().filter(|step| step["kind"] == kind).count());
    for (kind, times) in [("reply-sent", 2), ("clarification-requested", 1), ("reply-overdue", 1), ("reply-used", 1)] {
        stage.teller.expect_eq(&format!("times {kind} is in the file"), &count(kind), &times)?;
    }
    stage.teller.sees("mo.au", "both partial replies, the question back, the lateness and the decision in one file");
    stage.not_listed("hq.lo", REQUESTS, request).await
}
