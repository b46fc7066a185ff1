//! S5, double benefit: Zhuhai and Macau compare who receives assistance on both sides, blindly, and hear the person
//! before anything is decided.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::cast::{CHAN, CHONG, VONG, WANG};
use super::{Stage, array, find};
use crate::client::iso_in;
use crate::cluster::DELIVERY_MAX;
use crate::parties::{MACAU, Side, ZHUHAI};
use crate::wait;

const RUNS: &str = "/v1/match-runs";
/// Document keys in the sets of the cast: Zhuhai's and Macau's.
const ELEMENTS: [u32; 2] = [3, 4];
/// A day more than a dismissed candidate's data is kept.
const AFTER_SEALING_S: i64 = 31 * 86_400;

fn run_body() -> Value {
    json!({
        "with": "macau", "purpose": "福利资格核对（协议第九条）", "period": "2026-05",
        "basis": {
            "agreement_clause": "第九条", "interconnection_authorisation": "MO-0000-TEST",
            "mainland_assessment": "CN-0000-TEST",
        },
        "method": "voprf-ristretto255-1", "elements_max": 5000,
    })
}

/// Tells the scenario; returns the run.
///
/// # Errors
/// The first expectation that does not hold.
pub async fn tell(stage: &Stage<'_>) -> Result<String> {
    stage.teller.chapter("S5  Double benefit: Zhuhai and Macau compare blindly; the person is heard first");
    let run = authorise(stage).await?;
    execute(stage, &run).await?;
    who_sees_the_overlap(stage, &run).await?;
    for side in [ZHUHAI, MACAU] {
        resolve(stage, side, &run).await?;
    }
    clarify(stage, &run).await?;
    lawful(stage, &run).await?;
    Ok(run)
}

async fn authorise(stage: &Stage<'_>) -> Result<String> {
    stage.teller.does("zh.cw", "a caseworker tries to propose a comparison");
    stage.is_refused("zh.cw", RUNS, &run_body(), "ROLE_NOT_ALLOWED").await?;
    let what = "proposes a run with Macau: clause 9, Macau's authorisation and the mainland's assessment named";
    let proposed = stage.does("zh.lo", what, RUNS, &run_body()).await?;
    let run = proposed.id.clone();
    let path = |step: &str| format!("{RUNS}/{run}/{step}");
    stage.delivered(&proposed, MACAU).await?;
    stage.teller.does("zh.lo", "tries to start it at once");
    stage.is_refused("zh.lo", &path("execution"), &json!({}), "RUN_NOT_AUTHORISED").await?;
    stage.is_refused("zh.lo", &path("authorisation"), &json!({}), "ROLE_NOT_ALLOWED").await?;
    let own = stage.does("zh.dp", "authorises it for Zhuhai", &path("authorisation"), &json!({})).await?;
    stage.delivered(&own, MACAU).await?;
    stage.teller.does("zh.lo", "tries again with one authorisation of two");
    stage.is_refused("zh.lo", &path("execution"), &json!({}), "RUN_NOT_AUTHORISED").await?;
    let theirs = stage.does("mo.dp", "authorises it for Macau", &path("authorisation"), &json!({})).await?;
    stage.delivered(&theirs, ZHUHAI).await?;
    stage.cluster.settled().await?;
    stage.not_listed("hq.dp", RUNS, &run).await?;
    stage.teller.does_not_see("hq.dp", "the run: it is between the other two");
    Ok(run)
}

async fn execute(stage: &Stage<'_>, run: &str) -> Result<()> {
    let path = format!("{RUNS}/{run}/execution");
    let executed = stage.does("zh.lo", "starts the run; both services compare blindly", &path, &json!({})).await?;
    stage.teller.expect_eq("the run is complete", &executed.kind.as_str(), &"match-run-executed")?;
    let [zhuhai, macau] = ELEMENTS;
    for (officer, own, peer) in [("zh.lo", zhuhai, macau), ("mo.lo", macau, zhuhai)] {
        let complete = |item: &Value| item["state"] == "executed";
        let item = stage.listed(officer, RUNS, run, "the run is complete", complete).await?;
        let sizes = [&item["own_elements"], &item["peer_elements"], &item["overlap"]].map(Value::clone);
        stage.teller.expect_eq("sizes and overlap", &sizes, &[own.into(), peer.into(), 2.into()])?;
        stage.teller.sees(officer, format!("own set {own}, other set {peer} document keys, overlap 2; no person"));
    }
    stage.teller.does("zh.lo", "tries to run it again, and to propose another the same day");
    stage.is_refused("zh.lo", &path, &json!({}), "WRONG_STATE").await?;
    stage.is_refused("zh.lo", RUNS, &run_body(), "MATCH_LIMIT").await
}

/// Reads the run as an officer sees it.
async fn seen_by(stage: &Stage<'_>, officer: &str, run: &str) -> Result<Value> {
    stage.desk(officer)?.read_for(&format!("{RUNS}/{run}"), "benefit integrity, clause 9").await
}

async fn who_sees_the_overlap(stage: &Stage<'_>, run: &str) -> Result<()> {
    let path = format!("{RUNS}/{run}");
    for officer in ["zh.rv", "zh.cw", "zh.lo", "zh.dp", "mo.rv", "mo.cw", "mo.dp"] {
        let shown = seen_by(stage, officer, run).await?;
        let what = format!("{officer} sees no candidate that nobody reviews");
        stage.teller.expect_eq(&what, array(&shown, "candidates")?, &Vec::new())?;
    }
    for officer in ["zh.au", "mo.sa"] {
        stage.desk(officer)?.refused_to_read(&path, "curiosity", "ROLE_NOT_ALLOWED").await?;
    }
    stage.desk("hq.rv")?.refused_to_read(&path, "curiosity", "NOT_FOUND").await?;
    stage.teller.does_not_see("hq.rv", "anything of it");
    let reason = json!({ "reason": "当月复核负责人" });
    for (side, own, theirs) in [(ZHUHAI, "ZH-CAST", ["MO-CAST", "定期援助金"]), (MACAU, "MO-CAST", ["ZH-CAST", "低保"])]
    {
        let officer = format!("{}.rv", side.prefix);
        stage
            .does(&officer, "takes the candidates as this side's one reviewer", &format!("{path}/review"), &reason)
            .await?;
        let shown = seen_by(stage, &officer, run).await?;
        let candidates = array(&shown, "candidates")?;
        stage.teller.expect_eq("candidates", &candidates.len(), &2)?;
        let all = candidates.iter().all(|one| {
            let reference = one["record"]["reference"].as_str().unwrap_or_default();
            one["state"] == "unconfirmed" && reference.starts_with(own)
        });
        stage.teller.expect("both are own records, unconfirmed", all)?;
        let text = shown.to_string();
        stage.teller.expect("nothing of the other side's records", !theirs.iter().any(|word| text.contains(word)))?;
        stage.teller.expect("no amount", !text.contains("minor") && !text.contains("currency"))?;
        let key = CHAN.document()?["number"].as_str().unwrap_or_default().to_owned();
        stage.teller.expect("nobody who did not agree to the clause", !text.contains(&key))?;
        stage.teller.sees(&officer, "two own references, unconfirmed; nothing of the other side's records");
    }
    stage.teller.does_not_see("zh.rv", "陳樣本, known on both sides: she did not agree to the clause");
    Ok(())
}

/// The number of the candidate with this own document key in its record.
async fn number(stage: &Stage<'_>, side: Side, run: &str, reference: &str) -> Result<u64> {
    let shown = seen_by(stage, &format!("{}.rv", side.prefix), run).await?;
    let found = array(&shown, "candidates")?.iter().find(|one| one["record"]["reference"] == reference).cloned();
    found.and_then(|one| one["no"].as_u64()).with_context(|| format!("no candidate {reference}"))
}

fn step(run: &str, no: u64, step: &str) -> String {
    format!("{RUNS}/{run}/candidates/{no}/{step}")
}

/// One is the same person, one is not.
async fn resolve(stage: &Stage<'_>, side: Side, run: &str) -> Result<()> {
    let (rv, cw) = (format!("{}.rv", side.prefix), format!("{}.cw", side.prefix));
    let reference = |no: u32| format!("{}-CAST-{no}", side.prefix.to_uppercase());
    let (same, other) =
        (number(stage, side, run, &reference(2)).await?, number(stage, side, run, &reference(3)).await?);
    let wrong = if side == ZHUHAI { WANG.name } else { VONG.name };
    stage.is_refused(&cw, &step(run, same, "confirmation"), &json!({}), "ROLE_NOT_ALLOWED").await?;
    let what = format!("confirms: {} is the same person", CHONG.name);
    stage.does(&rv, &what, &step(run, same, "confirmation"), &json!({})).await?;
    let dismissal = json!({ "reason": "wrong_document", "note": "回乡证号码录入有误，并非同一人" });
    let what = format!("dismisses: {wrong} is another person, a permit number was typed wrongly");
    stage.does(&rv, &what, &step(run, other, "dismissal"), &dismissal).await?;
    stage.is_refused(&rv, &step(run, other, "confirmation"), &json!({}), "WRONG_STATE").await?;
    let shown = seen_by(stage, &cw, run).await?;
    let numbers: Vec<_> = array(&shown, "candidates")?.iter().map(|one| one["no"].clone()).collect();
    stage.teller.expect_eq("what a caseworker sees", &numbers, &vec![same.into()])?;
    stage.teller.sees(&cw, "the confirmed one only");
    Ok(())
}

/// Zhuhai's rules forbid both: the person is heard, then told.
async fn clarify(stage: &Stage<'_>, run: &str) -> Result<()> {
    let no = number(stage, ZHUHAI, run, "ZH-CAST-2").await?;
    let decision = json!({ "decision": "核实后不作变更；如有异议可依法申请复核" });
    stage.teller.does("zh.cw", "tries to notify a decision at once");
    stage.is_refused("zh.cw", &step(run, no, "decision"), &decision, "HEARING_MISSING").await?;
    let assessment = json!({ "assessment": "to_clarify", "note": "两项均须经济状况审查" });
    stage.does("zh.rv", "assesses: to be clarified", &step(run, no, "assessment"), &assessment).await?;
    let today: String = iso_in(8 * 3600).chars().take(10).collect();
    let invitation = json!({ "on": today, "note": "香洲区办事窗口；已告知比对内容及异议途径" });
    let what = "invites the person, and says what was compared and how to contest it";
    stage.does("zh.cw", what, &step(run, no, "invitation"), &invitation).await?;
    stage.is_refused("zh.cw", &step(run, no, "decision"), &decision, "HEARING_MISSING").await?;
    let statement = json!({ "statement": "五月迁居，已于六月向澳门方申报" });
    stage.does("zh.cw", "records what the person says", &step(run, no, "statement"), &statement).await?;
    let what = "notifies the own decision, after the hearing: nothing changes";
    stage.does("zh.cw", what, &step(run, no, "decision"), &decision).await?;
    outcomes(stage, "zh.dp", run, &json!({ "open": 0, "dismissed": 1, "lawful": 0, "clarified": 1 })).await
}

/// Macau's rules allow a month's overlap while somebody moves.
async fn lawful(stage: &Stage<'_>, run: &str) -> Result<()> {
    let no = number(stage, MACAU, run, "MO-CAST-2").await?;
    let assessment = json!({ "assessment": "lawful", "note": "遷居期間一個月重疊屬可予接受" });
    stage.does("mo.rv", "assesses: lawful, which ends it", &step(run, no, "assessment"), &assessment).await?;
    let invitation = json!({ "on": "2099-12-31", "note": "—" });
    stage.is_refused("mo.cw", &step(run, no, "invitation"), &invitation, "WRONG_STATE").await?;
    outcomes(stage, "mo.dp", run, &json!({ "open": 0, "dismissed": 1, "lawful": 1, "clarified": 0 })).await?;
    stage.teller.does_not_see("mo.dp", "any person: outcomes are counts");
    Ok(())
}

async fn outcomes(stage: &Stage<'_>, officer: &str, run: &str, expected: &Value) -> Result<()> {
    let shown = seen_by(stage, officer, run).await?;
    stage.teller.expect_eq("outcomes", &shown["outcomes"], expected)?;
    stage.teller.expect_eq("no person for a data-protection officer", array(&shown, "candidates")?, &Vec::new())?;
    stage.teller.sees(officer, format!("outcomes only: {}", shown["outcomes"]));
    Ok(())
}

/// Tells what happens a month later: the services seal what was dismissed. Moves the clocks of all parties.
///
/// # Errors
/// The first expectation that does not hold.
pub async fn a_month_later(stage: &Stage<'_>, run: &str) -> Result<()> {
    stage.cluster.advance(AFTER_SEALING_S).await?;
    for (side, wrong) in [(ZHUHAI, WANG), (MACAU, VONG)] {
        let officer = format!("{}.rv", side.prefix);
        let shown = wait::until("the dismissed candidate is sealed", DELIVERY_MAX, async || {
            let shown = seen_by(stage, &officer, run).await?;
            let sealed = array(&shown, "candidates")?.iter().any(|one| one["state"] == "sealed");
            Ok(sealed.then_some(shown))
        })
        .await?;
        let text = shown.to_string();
        let number = wrong.document()?["number"].as_str().unwrap_or_default().to_owned();
        stage.teller.expect("the sealed record is gone", !text.contains("-CAST-3") && !text.contains(&number))?;
        stage.teller.expect("the note is gone as well", !text.contains("录入有误"))?;
        stage.teller.expect("the other is there", text.contains("-CAST-2"))?;
    }
    let list = stage.desk("zh.lo")?.read(RUNS).await?;
    stage.teller.expect("the run itself stays on record", find(&list, run).is_some())
}
