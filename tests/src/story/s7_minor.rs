//! S7, a minor and the guardians' consent: Hengqin asks Macau about a mother and her child of four. Both parents sign for
//! the child's health, the father withdraws, an institution signs, a half-sister of sixteen agrees herself.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::cast::{CHILD, HO, Person, SISTER, YU};
use super::s3_verification::{CONSENTS, LOOKUPS, lookup};
use super::{Stage, array};
use crate::client::iso_in;
use crate::parties::{HENGQIN, MACAU};

const SIGNED_ON: &str = "2026-06-01";
const HALF_YEAR_S: i64 = 182 * 86_400;
/// What is asked about the family: the child's health is the sensitive one.
const ITEMS: [&str; 2] = ["id.exists", "exp.medical"];

/// A letter of persons of the cast, signed at Hengqin for questions to Macau.
///
/// # Errors
/// Never for the cast.
pub fn letter(persons: &[Value], signers: &[Value], others: &[Value]) -> Result<Value> {
    let items: serde_json::Map<_, _> = ITEMS.iter().map(|item| ((*item).into(), "threshold".into())).collect();
    Ok(json!({
        "holder": MACAU.name, "unit": HENGQIN.unit, "items": items, "purpose": "dibao_application",
        "legal_basis": { "agreement_article": "article 6: the applicant's signed authorisation" },
        "not_before": iso_in(-60), "not_after": iso_in(HALF_YEAR_S), "uses": 12,
        "letter_sha256": "5e".repeat(32), "language": "zh-Hant", "witness": "hq.lo.test",
        "signers": signers, "subjects": persons, "others": others, "separate": ITEMS,
    }))
}

/// A signature in a capacity, by a covered person (`{"subject": 0}`) or another (`{"other": 0}`).
#[must_use]
pub fn signature(subject: u8, capacity: &str, by: &Value) -> Value {
    json!({ "subject": subject, "capacity": capacity, "signed_on": SIGNED_ON, "by": by })
}

/// Records and countersigns a letter that lacks nothing; returns its number and token.
///
/// # Errors
/// When either is refused.
pub async fn grant(stage: &Stage<'_>, body: &Value) -> Result<(String, String)> {
    let id = stage.desk("hq.cw")?.command(CONSENTS, body).await?.id;
    let receipt = stage.desk("hq.cw2")?.command(&format!("{CONSENTS}/{id}/countersignature"), &json!({})).await?;
    stage.delivered(&receipt, MACAU).await?;
    Ok((id, receipt.token.context("a countersignature gives a token")?))
}

/// The body of a lookup about a person of the family.
///
/// # Errors
/// Never for the cast.
pub fn about(person: Person, token: &str) -> Result<Value> {
    lookup(MACAU.name, Some(token), person, &["id.exists"])
}

/// Tells the scenario.
///
/// # Errors
/// The first expectation that does not hold.
pub async fn tell(stage: &Stage<'_>) -> Result<()> {
    stage.teller.chapter("S7  A minor: both parents, one withdraws; an institution; sixteen");
    let (id, token) = both_parents(stage).await?;
    withdrawn(stage, &id, &token).await?;
    receipts(stage, &id).await?;
    institution(stage).await?;
    sixteen(stage).await
}

async fn both_parents(stage: &Stage<'_>) -> Result<(String, String)> {
    let (own, mother) = (json!({ "subject": 0 }), json!({ "subject": 0 }));
    let signers = [signature(0, "own", &own), signature(1, "parental_authority", &mother)];
    let body = letter(&[HO.json()?, CHILD.json()?], &signers, &[])?;
    let what = "records the letter 何示例 signed for herself and for 小樣本, 4, known by birth registration only";
    let id = stage.does("hq.cw", what, CONSENTS, &body).await?.id;
    let countersign = format!("{CONSENTS}/{id}/countersignature");
    stage.teller.does("hq.cw2", "tries to countersign: health of a child under 14 needs both parents");
    let problem = stage.desk("hq.cw2")?.refused(&countersign, &json!({}), "CONSENT_INCOMPLETE").await?;
    stage.teller.refusal("hq.cw2", &problem);
    stage.teller.expect_eq("what is missing", &problem.offending, &vec!["subject#2:second parent".to_owned()])?;
    stage.listed("hq.cw", CONSENTS, &id, "it is incomplete", |item| item["state"] == "incomplete").await?;
    stage.not_listed("mo.cw", CONSENTS, &id).await?;
    stage.teller.does_not_see("mo.cw", "the letter: nothing is in force");
    let completion = json!({
        "signers": [signature(1, "parental_authority", &json!({ "other": 0 }))], "others": [{ "person": YU.json()? }],
        "letter_sha256": "f0".repeat(32), "witness": "hq.lo.test",
    });
    let what = "adds the letter that 余假设, the father, signed in Zhuhai";
    stage.does("hq.cw", what, &format!("{CONSENTS}/{id}/completion"), &completion).await?;
    let receipt = stage.does("hq.cw2", "countersigns: now it is in force", &countersign, &json!({})).await?;
    stage.delivered(&receipt, MACAU).await?;
    let token = receipt.token.context("a countersignature gives a token")?;
    for person in [CHILD, HO] {
        stage.desk("hq.cw")?.ask(LOOKUPS, &about(person, &token)?).await?;
    }
    stage.teller.sees("hq.cw", "Macau's answers about the child, by birth registration, and about the mother");
    stage.not_listed("zh.cw", CONSENTS, &id).await?;
    stage.teller.does_not_see("zh.cw", "anything of it: Zhuhai is no party of the letter");
    Ok((id, token))
}

async fn withdrawn(stage: &Stage<'_>, id: &str, token: &str) -> Result<()> {
    let path = format!("{CONSENTS}/{id}/revocation");
    let what = "records that 余假设 withdraws for the child, in person, at Macau's counter";
    let receipt = stage.does("mo.cw", what, &path, &json!({ "form": "in_person", "subjects": [1] })).await?;
    stage.delivered(&receipt, HENGQIN).await?;
    stage.is_refused("hq.cw", LOOKUPS, &about(CHILD, token)?, "CONSENT_REVOKED").await?;
    stage.desk("hq.cw")?.ask(LOOKUPS, &about(HO, token)?).await?;
    stage.teller.sees("hq.cw", "an answer about the mother still: her own items go on");
    let partly = |item: &Value| item["state"] == "partly_revoked";
    stage.listed("hq.cw", CONSENTS, id, "it is partly revoked", partly).await.map(drop)
}

async fn receipts(stage: &Stage<'_>, id: &str) -> Result<()> {
    let desk = stage.desk("hq.cw")?;
    for (lang, word) in [("zh-Hant", "同意書收據"), ("zh-Hans", "授权书回执"), ("pt", "Recibo da declaração")]
    {
        let page = desk.get(&format!("{CONSENTS}/{id}/receipt?reason=counter&lang={lang}")).await?.text();
        stage.teller.expect(&format!("the receipt is in {lang}"), page.contains(word) && page.contains("<svg"))?;
        stage.teller.expect("it names no document", !page.contains("1234/2022") && !page.contains("<script"))?;
    }
    stage.teller.sees("何示例", "a receipt in her language with the token as a QR code, and how to withdraw");
    let documents = [HO.document()?, CHILD.document()?];
    let asked = json!({ "documents": documents, "reason": "the mother asks who looked" });
    let found = stage.desk("hq.au")?.ask("/v1/audit/who-looked", &asked).await?;
    let looks = array(&found, "looks")?;
    let by_cw = looks.iter().any(|look| look["officer"] == "hq.cw.test" && !look["looked_at"]["lookup"].is_null());
    stage.teller.expect("the auditor sees the caseworker's questions by name", by_cw)?;
    stage.teller.sees("hq.au", format!("{} looks at the family: who, when, why, on which consent", looks.len()));
    let report = json!({ "documents": documents, "language": "pt", "reason": "the mother asks who looked" });
    let report = desk.ask("/v1/reports/who-looked", &report).await?.to_string();
    let anonymous = report.contains("consulta em linha") && !report.contains("hq.cw.test");
    stage.teller.expect("the family's report names units and roles, no officers", anonymous)?;
    stage.desk("hq.ho")?.refused("/v1/audit/who-looked", &asked, "ROLE_NOT_ALLOWED").await.map(drop)
}

async fn institution(stage: &Stage<'_>) -> Result<()> {
    let mut signer = signature(0, "institution", &json!({ "other": 0 }));
    let others = [json!({ "institution": "示例兒童院" })];
    let without = letter(&[CHILD.json()?], std::slice::from_ref(&signer), &others)?;
    stage.teller.does("hq.cw", "records a letter an institution signed for the child, without its appointment");
    stage.is_refused("hq.cw", CONSENTS, &without, "SIGNATURE_MISSING").await?;
    signer["appointment_sha256"] = json!("a7".repeat(32));
    let (_, token) = grant(stage, &letter(&[CHILD.json()?], &[signer], &others)?).await?;
    stage.desk("hq.cw")?.ask(LOOKUPS, &about(CHILD, &token)?).await?;
    stage.teller.sees("hq.cw", "with the appointment's digest the institution stands for both parents");
    Ok(())
}

async fn sixteen(stage: &Stage<'_>) -> Result<()> {
    let by_guardian = signature(0, "parental_authority", &json!({ "other": 0 }));
    let body = letter(&[SISTER.json()?], &[by_guardian], &[json!({ "person": HO.json()? })])?;
    let id = stage.does("hq.cw", "records the mother's letter for 何少年, 16", CONSENTS, &body).await?.id;
    let countersign = format!("{CONSENTS}/{id}/countersignature");
    let problem = stage.desk("hq.cw2")?.refused(&countersign, &json!({}), "CONSENT_INCOMPLETE").await?;
    stage.teller.expect_eq("what is missing", &problem.offending, &vec!["subject#1:own agreement".to_owned()])?;
    let own = json!({
        "signers": [signature(0, "own", &json!({ "subject": 0 }))], "letter_sha256": "16".repeat(32),
        "witness": "hq.lo.test",
    });
    stage.does("hq.cw", "adds her own agreement", &format!("{CONSENTS}/{id}/completion"), &own).await?;
    stage.does("hq.cw2", "countersigns", &countersign, &json!({})).await.map(drop)
}
