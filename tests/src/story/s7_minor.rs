//! S7, a minor and the guardians' consent: Hengqin asks Macau about a mother and her child of four. Only officers who are
//! cleared for minors work on it; both parents sign for the child's health, the father withdraws, an institution signs, a
//! half-sister of sixteen agrees herself. That a guardian is suspected is told in [`super::s7_suspected`].

use anyhow::{Context, Result, anyhow};
use serde_json::{Value, json};

use super::cast::{CHILD, HO, Person, SISTER, YU};
use super::s3_verification::{CONSENTS, LOOKUPS, lookup};
use super::{Stage, array};
use crate::client::{expect_code, iso_in};
use crate::parties::{HENGQIN, MACAU};
use crate::setup;

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
    let Family { id, token, about_child, about_mother } = both_parents(stage).await?;
    withdrawn(stage, &id, &token).await?;
    receipts(stage, &id).await?;
    household(stage, &about_child, &about_mother).await?;
    super::s7_suspected::tell(stage, &id).await?;
    institution(stage).await?;
    sixteen(stage).await
}

/// The letter of the family in force, and two lookups on it.
struct Family {
    id: String,
    token: String,
    about_child: String,
    about_mother: String,
}

/// The secretariat of Hengqin clears its second caseworker for minors, with the appointment.
///
/// # Errors
/// When the secretariat is refused.
pub async fn clear(stage: &Stage<'_>) -> Result<()> {
    setup::appoint(stage.desk("hq.sec")?, HENGQIN, "cw2", &["minor"]).await?;
    stage.teller.does("hq.sec", "appoints the second caseworker with the clearance for minors");
    Ok(())
}

/// Who is not cleared for minors sees nothing of a child's letter.
async fn not_cleared(stage: &Stage<'_>, officer: &str, id: &str) -> Result<()> {
    stage.desk(officer)?.refused_to_read(&format!("{CONSENTS}/{id}"), "look", "MINOR_NOT_CLEARED").await?;
    let file = stage.desk(officer)?.get(&format!("/v1/work/cases/consent/{id}")).await?;
    stage.teller.expect_eq("the case has no file for who is not cleared", &file.status, &404)?;
    let inbox = stage.desk(officer)?.read("/v1/work/inbox").await?.to_string();
    stage.teller.expect("nor does it wait in the inbox", !inbox.contains(id))?;
    stage.not_listed(officer, CONSENTS, id).await?;
    stage.teller.does_not_see(officer, "the child's letter: the secretariat gave no clearance for minors");
    Ok(())
}

async fn both_parents(stage: &Stage<'_>) -> Result<Family> {
    let (own, mother) = (json!({ "subject": 0 }), json!({ "subject": 0 }));
    let signers = [signature(0, "own", &own), signature(1, "parental_authority", &mother)];
    let body = letter(&[HO.json()?, CHILD.json()?], &signers, &[])?;
    let what = "records the letter 何示例 signed for herself and for 小樣本, 4, known by birth registration only";
    let id = stage.does("hq.cw", what, CONSENTS, &body).await?.id;
    let countersign = format!("{CONSENTS}/{id}/countersignature");
    stage.is_refused("hq.cw2", &countersign, &json!({}), "MINOR_NOT_CLEARED").await?;
    not_cleared(stage, "hq.cw2", &id).await?;
    not_cleared(stage, "hq.ho", &id).await?;
    clear(stage).await?;
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
    let mut asked = Vec::new();
    for person in [CHILD, HO] {
        let answers = stage.desk("hq.cw")?.ask(LOOKUPS, &about(person, &token)?).await?;
        asked.push(answers["id"].as_str().context("a lookup has an id")?.to_owned());
    }
    let [about_child, about_mother] = <[String; 2]>::try_from(asked).map_err(|_| anyhow!("two lookups"))?;
    stage.not_listed("hq.ho", LOOKUPS, &about_child).await?;
    stage.listed("hq.ho", LOOKUPS, &about_mother, "the mother is asked about", |_| true).await?;
    stage.teller.does_not_see("hq.ho", "that the child was asked about; of the mother that she was");
    stage.teller.sees("hq.cw", "Macau's answers about the child, by birth registration, and about the mother");
    stage.not_listed("zh.cw", CONSENTS, &id).await?;
    stage.teller.does_not_see("zh.cw", "anything of it: Zhuhai is no party of the letter");
    Ok(Family { id, token, about_child, about_mother })
}

async fn withdrawn(stage: &Stage<'_>, id: &str, token: &str) -> Result<()> {
    let path = format!("{CONSENTS}/{id}/revocation");
    let what = "records that 余假设 withdraws for the child, in person, at Macau's counter";
    let unsaid = json!({ "form": "in_person", "subjects": [1] });
    stage.is_refused("mo.cw", &path, &unsaid, "BAD_LIST").await?;
    let body = json!({ "form": "in_person", "subjects": [1], "by": { "other": 0 } });
    let receipt = stage.does("mo.cw", what, &path, &body).await?;
    stage.delivered(&receipt, HENGQIN).await?;
    stage.is_refused("hq.cw", LOOKUPS, &about(CHILD, token)?, "CONSENT_REVOKED").await?;
    stage.desk("hq.cw")?.ask(LOOKUPS, &about(HO, token)?).await?;
    stage.teller.sees("hq.cw", "an answer about the mother still: her own items go on");
    let partly = |item: &Value| item["state"] == "partly_revoked";
    stage.listed("hq.cw", CONSENTS, id, "it is partly revoked", partly).await?;
    let full = stage.desk("hq.cw")?.read_for(&format!("{CONSENTS}/{id}"), "who withdrew").await?;
    let withdrawal = json!({ "other": 0 });
    stage.teller.expect_eq("who withdrew", &full["withdrawals"][0]["by"], &withdrawal)?;
    let page = stage.desk("hq.cw")?.get(&format!("{CONSENTS}/{id}/receipt?reason=counter&lang=zh-Hant")).await?.text();
    stage.teller.expect("the receipt says that the father withdrew", page.contains("余假设 → 小樣本, 2026-"))?;
    stage.teller.sees("hq.cw", "that it was the father who withdrew, about the child only");
    Ok(())
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
    let report = json!({
        "documents": documents, "handed_to": HO.document()?, "language": "pt", "reason": "the mother asks who looked",
    });
    let report = desk.ask("/v1/reports/who-looked", &report).await?.to_string();
    let anonymous = report.contains("consulta em linha") && !report.contains("hq.cw.test");
    stage.teller.expect("the family's report names units and roles, no officers", anonymous)?;
    stage.desk("hq.ho")?.refused("/v1/audit/who-looked", &asked, "ROLE_NOT_ALLOWED").await.map(drop)
}

/// A child's file is not in what somebody is shown who asks about another member of the household.
async fn household(stage: &Stage<'_>, about_child: &str, about_mother: &str) -> Result<()> {
    let mother = json!({ "documents": [HO.document()?], "reason": "the mother asks about herself" });
    for path in ["/v1/audit/who-looked", "/v1/audit/subject-report"] {
        let told = stage.desk("hq.au")?.ask(path, &mother).await?.to_string();
        let apart = told.contains(about_mother) && !told.contains(about_child);
        stage.teller.expect("the child's file is not in the mother's", apart)?;
    }
    let both = json!({ "documents": [HO.document()?, CHILD.document()?], "reason": "both are asked about" });
    let told = stage.desk("hq.au")?.ask("/v1/audit/subject-report", &both).await?;
    stage.teller.expect("asked for by name it is there", told.to_string().contains(about_child))?;
    stage.desk("hq.ho")?.refused("/v1/audit/subject-report", &both, "ROLE_NOT_ALLOWED").await?;
    let receipt = |id: &str, more: &str| format!("{LOOKUPS}/{id}/receipt?reason=counter&lang=zh-Hant{more}");
    let cw = stage.desk("hq.cw")?;
    expect_code(&cw.get(&receipt(about_child, "")).await?, "BAD_LIST")?;
    let own = cw.get(&receipt(about_mother, "&signer=0&answers=true")).await?.text();
    stage.teller.expect("her own answers, since she asks for them", own.contains("已查來源"))?;
    let bare = cw.get(&receipt(about_mother, "")).await?.text();
    stage.teller.expect("no answers unless she asks", !bare.contains("已查來源"))?;
    stage.teller.sees("何示例", "the own answers on request; of the child only what she signed for");
    Ok(())
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
