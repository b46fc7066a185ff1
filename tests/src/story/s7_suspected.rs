//! S7, the guardian is the suspected abuser: help goes by the urgent notice on vital interest, without a consent of his; a
//! data-protection officer keeps the case from him, at every counter, and an auditor sees why and by whom.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::Stage;
use super::cast::{CHILD, HO, Person, YU};
use super::s3_verification::CONSENTS;
use crate::client::expect_code;
use crate::parties::{HENGQIN, MACAU};

const URGENT: &str = "/v1/urgent";
const SUPPRESSIONS: &str = "/v1/suppressions";
/// The father's signature in the letter: after the mother's own and hers for the child.
const FATHERS: &str = "&signer=2";
/// What a report in traditional Chinese calls the notice.
const NOTICE: &str = "發出緊急通報";

/// Tells the variant, on the family's letter.
///
/// # Errors
/// The first expectation that does not hold.
pub async fn tell(stage: &Stage<'_>, consent: &str) -> Result<()> {
    let urgent = raised(stage).await?;
    kept_from_him(stage, &urgent, consent).await?;
    counters(stage, consent).await?;
    reviewed(stage, &urgent).await?;
    audited(stage, &urgent).await
}

async fn raised(stage: &Stage<'_>) -> Result<String> {
    let notice = json!({
        "to": [MACAU.name],
        "emergency": {
            "subject": CHILD.json()?, "place": "橫琴口岸", "what": "兒童身上有傷", "need": "安排安全住處",
            "call_back": "橫琴民生事務局值班室",
        },
        "vital_interest": "懷疑由監護人造成，孩子有危險",
    });
    let what = "raises an urgent notice about 小樣本: no consent is asked of the guardian who is suspected";
    let raised = stage.does("hq.ho", what, URGENT, &notice).await?;
    stage.delivered(&raised, MACAU).await?;
    for (step, what) in [("acknowledgement", "acknowledges"), ("takeover", "takes the case over")] {
        stage.does("mo.ho", what, &format!("{URGENT}/{}/{step}", raised.id), &json!({})).await?;
    }
    Ok(raised.id)
}

async fn kept_from_him(stage: &Stage<'_>, urgent: &str, consent: &str) -> Result<()> {
    for case in [json!({ "urgent": urgent }), json!({ "consent": consent })] {
        let body = json!({ "case": case, "towards": YU.document()?, "reason": "suspected of harming the child" });
        stage.desk("hq.cw")?.refused(SUPPRESSIONS, &body, "ROLE_NOT_ALLOWED").await?;
        let what = "keeps it from 余假设, the father, with the reason on record";
        let receipt = stage.does("hq.dp", what, SUPPRESSIONS, &body).await?;
        stage.delivered(&receipt, MACAU).await?;
    }
    Ok(())
}

/// The report of everything about the child, printed for a person at a counter.
async fn handed(stage: &Stage<'_>, officer: &str, kind: &str, to: Person) -> Result<String> {
    let body = json!({
        "documents": [CHILD.document()?, YU.document()?], "handed_to": to.document()?, "language": "zh-Hant",
        "reason": "asked for at the counter",
    });
    Ok(stage.desk(officer)?.ask(&format!("/v1/reports/{kind}"), &body).await?["text"]
        .as_str()
        .unwrap_or_default()
        .into())
}

async fn counters(stage: &Stage<'_>, consent: &str) -> Result<()> {
    for officer in ["hq.cw", "mo.cw"] {
        let his = handed(stage, officer, "subject", YU).await?;
        stage.teller.expect("nothing of the notice, the letter or the reason", !his.contains(NOTICE))?;
        stage.teller.expect("not even a trace", !his.contains(consent) && !his.contains("suspected"))?;
        let looks = handed(stage, officer, "who-looked", YU).await?;
        stage.teller.expect("nor who looked at it", !looks.contains(consent) && !looks.contains("緊急"))?;
    }
    stage.teller.does_not_see("余假设", "anything of the case, at Hengqin's counter or at Macau's");
    let hers = handed(stage, "hq.cw", "subject", HO).await?;
    stage.teller.expect("the mother is told of the notice", hers.contains(NOTICE) && !hers.contains("suspected"))?;
    stage
        .teller
        .sees("何示例", "all that concerned the child: who asked what, on which letter, the notice, who looked");
    let receipt = |signer: &str| format!("{CONSENTS}/{consent}/receipt?reason=counter&lang=zh-Hant{signer}");
    let cw = stage.desk("hq.cw")?;
    for refused in [receipt(""), receipt(FATHERS)] {
        expect_code(&cw.get(&refused).await?, "SUPPRESSED")?;
    }
    let problem = expect_code(&cw.get(&receipt(FATHERS)).await?, "SUPPRESSED")?;
    stage.teller.refusal("hq.cw", &problem);
    stage.check_words(&problem)?;
    let hers = cw.get(&receipt("&signer=0")).await?;
    stage.teller.expect_eq("the mother has her receipt", &hers.status, &200)?;
    let full = cw.read_for(&format!("{CONSENTS}/{consent}"), "who is at the counter").await?;
    stage.teller.expect_eq("the officer is warned", &full["suppressed_signers"], &json!([2]))
}

async fn reviewed(stage: &Stage<'_>, urgent: &str) -> Result<()> {
    let path = |step: &str| format!("{URGENT}/{urgent}/{step}");
    let action = json!({ "family_contacted": false, "action": "孩子已在安全住處" });
    let done = stage.does("mo.ho", "reports: the child is in a safe place", &path("actions"), &action).await?;
    stage.delivered(&done, HENGQIN).await?;
    stage.does("hq.ho", "closes it", &path("closure"), &json!({ "outcome": "孩子安全" })).await?;
    let text = json!({ "text": "等候同意會使孩子受害" });
    stage.does("hq.lo", "justifies it in writing", &path("justification"), &text).await?;
    let review = json!({ "accepted": true, "note": "vital interest; the guardian is suspected" });
    stage.does("hq.dp", "reviews the justification as a third person", &path("justification-review"), &review).await?;
    Ok(())
}

async fn audited(stage: &Stage<'_>, urgent: &str) -> Result<()> {
    let asked = json!({ "documents": [CHILD.document()?], "reason": "review of what is kept from whom" });
    let report = stage.desk("hq.au")?.ask("/v1/audit/subject-report", &asked).await?;
    let is_notice = |kept: &&Value| kept["case"]["urgent"] == urgent;
    let kept = super::array(&report, "suppressed")?.iter().find(is_notice).context("the notice is suppressed")?;
    let by = (&kept["suppressed"]["by"], &kept["suppressed"]["reason"], &kept["towards"]);
    let (officer, reason, father) = (json!("hq.dp.test"), json!("suspected of harming the child"), YU.document()?);
    stage.teller.expect_eq("who keeps it from whom, and why", &by, &(&officer, &reason, &father))?;
    let lines = super::array(&report, "lines")?;
    let of_notice: Vec<&Value> = lines.iter().filter(|line| line["case"]["urgent"] == urgent).collect();
    let kinds = ["urgent-raised", "urgent-acked", "urgent-taken-over", "action-reported", "justification-reviewed"];
    let told = |kind: &&str| of_notice.iter().any(|line| line["kind"] == **kind);
    stage.teller.expect("the auditor sees the whole notice", kinds.iter().all(told))?;
    stage
        .teller
        .sees("hq.au", format!("{} entries about the child, and what is kept from whom, why, by whom", lines.len()));
    let own = lines.iter().find_map(|line| line["receipt"].as_str()).context("an entry of the own log")?;
    let receipt = crate::wait::until("the entry has a receipt", std::time::Duration::from_secs(20), async || {
        let reply = stage.desk("hq.cw")?.get(own).await?;
        Ok((reply.status == 200).then(|| reply.text()))
    });
    stage.teller.expect("each entry can be proven", receipt.await?.contains("tongcha.example/hengqin"))?;
    stage.desk("hq.cw")?.refused("/v1/audit/subject-report", &asked, "ROLE_NOT_ALLOWED").await.map(drop)
}
