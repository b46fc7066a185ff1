//! S3, the verification (协查): Zhuhai asks Macau on the signed letters of husband and wife; and live lookups.

use anyhow::{Context, Result};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::Stage;
use super::cast::{CHAN, FAN, Person};
use crate::client::{Receipt, iso_in};
use crate::parties::{MACAU, Side, ZHUHAI};

/// Path of consents.
pub const CONSENTS: &str = "/v1/consents";
const REQUESTS: &str = "/v1/verifications";
/// Path of lookups.
pub const LOOKUPS: &str = "/v1/lookups";
const HALF_YEAR_S: i64 = 182 * 86_400;
/// Characters of a token that are shown; the rest would only fill the screen.
const TOKEN_SHOWN: usize = 24;
/// Most that a household of two may own, in avos: a figure of the asker's standard.
const DEPOSIT_LIMIT: i64 = 5_000_000;

/// A consent in force and its token.
#[derive(Clone, Debug)]
pub struct Granted {
    /// The consent.
    pub id: String,
    /// The token, as printed for the applicant.
    pub token: String,
    /// The receipt of the countersignature.
    pub receipt: Receipt,
}

/// What differs between the letters of the stories.
#[derive(Clone, Debug)]
pub struct Letter {
    /// Who signs.
    pub person: Person,
    /// Who may answer.
    pub holder: Side,
    /// What may be asked, all as thresholds.
    pub items: &'static [&'static str],
    /// How often.
    pub uses: u32,
    /// For how many seconds from now.
    pub seconds: i64,
}

impl Letter {
    /// The letter of S3: Macau may be asked about property, deposits and assistance.
    #[must_use]
    pub fn of(person: Person) -> Self {
        let items = &["ast.property", "ast.deposit", "inc.assist"];
        Self { person, holder: MACAU, items, uses: 12, seconds: HALF_YEAR_S }
    }

    /// Returns the request body.
    ///
    /// # Errors
    /// Never for the cast.
    pub fn body(&self) -> Result<Value> {
        let items: serde_json::Map<_, _> = self.items.iter().map(|item| ((*item).into(), "threshold".into())).collect();
        // Financial accounts and health are sensitive (PIPL arts. 28, 29): the letter consents to them separately.
        let sensitive = |item: &&&str| ["ast.deposit", "ast.securities", "exp.medical"].contains(*item);
        let separate: Vec<_> = self.items.iter().filter(sensitive).collect();
        let letter = Sha256::digest(format!("授權書 {} {:?}", self.person.name, self.items));
        Ok(json!({
            "holder": self.holder.name, "unit": ZHUHAI.unit, "items": items, "purpose": "dibao_application",
            "legal_basis": { "agreement_article": "article 6: the applicant's signed authorisation" },
            "not_before": iso_in(-60), "not_after": iso_in(self.seconds), "uses": self.uses,
            "letter_sha256": hex::encode(letter), "language": "zh-Hant", "witness": "zh.lo.test",
            "signers": [{ "subject": 0, "capacity": "own", "signed_on": "2026-06-01" }],
            "subjects": [self.person.json()?], "separate": separate,
        }))
    }

    /// Records the letter and has it countersigned, without a word.
    ///
    /// # Errors
    /// When either is refused.
    pub async fn grant(&self, stage: &Stage<'_>) -> Result<Granted> {
        let id = stage.desk("zh.cw")?.command(CONSENTS, &self.body()?).await?.id;
        let path = format!("{CONSENTS}/{id}/countersignature");
        let receipt = stage.desk("zh.cw2")?.command(&path, &json!({})).await?;
        let token = receipt.token.clone().context("a countersignature gives a token")?;
        Ok(Granted { id, token, receipt })
    }
}

/// Tells the scenario; returns the consents of wife and husband.
///
/// # Errors
/// The first expectation that does not hold.
pub async fn tell(stage: &Stage<'_>) -> Result<[Granted; 2]> {
    stage.teller.chapter("S3  Verification 协查 with consent: Zhuhai asks Macau");
    let consents = [consent(stage, CHAN).await?, consent(stage, FAN).await?];
    for granted in &consents {
        stage.delivered(&granted.receipt, MACAU).await?;
    }
    let request = ask(stage, &consents).await?;
    answer(stage, &request).await?;
    read_and_use(stage, &request).await?;
    look_up(stage, &consents).await?;
    Ok(consents)
}

async fn consent(stage: &Stage<'_>, person: Person) -> Result<Granted> {
    let body = Letter::of(person).body()?;
    let what = format!("records the letter signed by {}, witnessed by the liaison officer", person.name);
    let id = stage.does("zh.cw", &what, CONSENTS, &body).await?.id;
    let path = format!("{CONSENTS}/{id}/countersignature");
    stage.teller.does("zh.cw", "tries to countersign the own record");
    stage.is_refused("zh.cw", &path, &json!({}), "SAME_PERSON").await?;
    let receipt = stage.does("zh.cw2", "compares record and letter and countersigns", &path, &json!({})).await?;
    let token = receipt.token.clone().context("a countersignature gives a token")?;
    let shown: String = token.chars().take(TOKEN_SHOWN).collect();
    stage.teller.expect("the token is printable", token.starts_with("tc1.") && token.is_ascii())?;
    stage.teller.sees(person.name, format!("the printed token {shown}… ({} characters)", token.len()));
    Ok(Granted { id, token, receipt })
}

fn question(item: &str) -> Value {
    let predicate = match item {
        "ast.property" | "ast.vehicle" => json!({ "count_at_most": 1 }),
        "ast.deposit" => json!({ "amount_at_most": { "minor": DEPOSIT_LIMIT, "currency": "MOP" } }),
        _ => json!("holds"),
    };
    json!({ "item": item, "predicate": predicate, "granularity": "threshold" })
}

async fn ask(stage: &Stage<'_>, [chan, fan]: &[Granted; 2]) -> Result<String> {
    let about = |person: Person, consent: &Granted, item: &str| -> Result<Value> {
        Ok(json!({ "subject": person.document()?, "consent": consent.id, "question": question(item) }))
    };
    let questions = [
        about(CHAN, chan, "ast.property")?,
        about(CHAN, chan, "ast.deposit")?,
        about(CHAN, chan, "inc.assist")?,
        about(FAN, fan, "inc.assist")?,
    ];
    let body = json!({
        "holder": "macau", "purpose": "dibao_application", "standard": "ZH-2026-v1", "as_of": "2026-05-31",
        "questions": questions,
    });
    let request = stage.does("zh.cw", "drafts a request of four closed questions", REQUESTS, &body).await?.id;
    let path = format!("{REQUESTS}/{request}/submission");
    stage.is_refused("zh.cw", &path, &json!({}), "ROLE_NOT_ALLOWED").await?;
    let submitted = stage.does("zh.rv", "approves as the second person; it goes to Macau", &path, &json!({})).await?;
    stage.delivered(&submitted, MACAU).await?;
    Ok(request)
}

/// The answer a caseworker types in.
fn answered(item: &str, verdict: &str, searched: &[&str], not_searched: &[&str]) -> Value {
    let question = question(item);
    json!({ "answer": {
        "item": item, "predicate": question["predicate"], "verdict": verdict, "as_of": "2026-05-31",
        "band": null, "value": null, "sources_searched": searched, "sources_not_searched": not_searched,
    }})
}

async fn answer(stage: &Stage<'_>, request: &str) -> Result<()> {
    let path = |step: &str| format!("{REQUESTS}/{request}/{step}");
    let what = "accepts: Macau checked scope and consents itself";
    stage.does("mo.lo", what, &path("acceptance"), &json!({})).await?;
    let property = answered("ast.property", "NO_RECORD_FOUND", &["land registry"], &["pre-sale contracts"]);
    stage.does("mo.cw", "answers 1: property, no record found (land registry)", &path("answers/1"), &property).await?;
    stage.teller.does("mo.rv", "tries to reply while questions are open");
    stage.is_refused("mo.rv", &path("reply"), &json!({}), "QUESTIONS_OPEN").await?;
    let mut too_much = answered("ast.deposit", "MEETS", &["bank letters"], &[]);
    too_much["answer"]["value"] = json!({ "minor": 1_200_000, "currency": "MOP" });
    stage.teller.does("mo.cw2", "tries to tell the exact balance");
    stage.is_refused("mo.cw2", &path("answers/2"), &too_much, "BAD_ANSWER").await?;
    let deposit = answered("ast.deposit", "MEETS", &["bank letters"], &[]);
    stage.does("mo.cw2", "answers 2: deposits, within the limit", &path("answers/2"), &deposit).await?;
    for no in [3, 4] {
        let verdict = if no == 3 { "MEETS" } else { "DOES_NOT_MEET" };
        let assistance = answered("inc.assist", verdict, &["assistance register"], &[]);
        stage
            .does("mo.cw2", &format!("answers {no}: assistance"), &path(&format!("answers/{no}")), &assistance)
            .await?;
    }
    let list = stage.desk("zh.cw")?.read(REQUESTS).await?.to_string();
    stage.teller.expect("Zhuhai sees no answer before it is approved", !list.contains("NO_RECORD_FOUND"))?;
    let replied = stage.does("mo.rv", "approves the answers as the second person", &path("reply"), &json!({})).await?;
    stage.delivered(&replied, ZHUHAI).await
}

async fn read_and_use(stage: &Stage<'_>, request: &str) -> Result<()> {
    let path = format!("{REQUESTS}/{request}");
    let reply = stage.desk("zh.cw")?.read_for(&path, "decide the application ZH-T-0001").await?.to_string();
    for said in ["NO_RECORD_FOUND", "land registry", "pre-sale contracts", "MEETS", "DOES_NOT_MEET"] {
        stage.teller.expect(&format!("the reply says {said}"), reply.contains(said))?;
    }
    stage.teller.expect("the reply tells no balance", !reply.contains("1200000"))?;
    stage.teller.sees("zh.cw", "four verdicts with the sources searched and not searched; the read is on record");
    stage.teller.does_not_see("zh.cw", "any amount: thresholds were asked and thresholds are answered");
    let decision = json!({ "decision": "继续入户调查" });
    let used = format!("{path}/use");
    let receipt = stage.does("zh.cw", "records what the reply was used for: home visit", &used, &decision).await?;
    stage.delivered(&receipt, MACAU).await?;
    stage.not_listed("hq.lo", REQUESTS, request).await?;
    stage.desk("hq.cw")?.refused_to_read(&path, "curiosity", "NOT_FOUND").await?;
    stage.teller.does_not_see("hq.lo", "the request, the consents, the reply");
    stage.desk("mo.au")?.refused_to_read(&path, "audit", "ROLE_NOT_ALLOWED").await.map(drop)
}

/// The body of a lookup at a holder.
///
/// # Errors
/// Never for the cast.
pub fn lookup(holder: &str, token: Option<&str>, person: Person, items: &[&str]) -> Result<Value> {
    let questions: Vec<Value> = items.iter().map(|item| question(item)).collect();
    let (subject, purpose) = (person.document()?, "dibao_application");
    Ok(json!({ "holder": holder, "token": token, "subject": subject, "questions": questions, "purpose": purpose }))
}

async fn look_up(stage: &Stage<'_>, [chan, fan]: &[Granted; 2]) -> Result<()> {
    stage.teller.does("zh.cw", "asks Macau live, with the token of 陳樣本");
    let body = lookup("macau", Some(&chan.token), CHAN, &["ast.property", "ast.deposit", "inc.assist"])?;
    let started = std::time::Instant::now();
    let answer = stage.desk("zh.cw")?.ask(LOOKUPS, &body).await?;
    let took = started.elapsed().as_secs_f64() * 1e3;
    let verdicts = super::array(&answer, "answers")?.iter().map(|answer| answer["verdict"].clone()).collect::<Vec<_>>();
    let said = verdicts.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ");
    stage.teller.sees("zh.cw", format!("{said} after {took:.1} ms; the use was spent before the answer left"));
    let expected: Vec<Value> = ["MEETS", "MEETS", "MEETS"].map(Value::from).into();
    stage.teller.expect_eq("verdicts on 陳樣本", &verdicts, &expected)?;
    let body = lookup("macau", Some(&fan.token), FAN, &["inc.assist"])?;
    let answer = stage.desk("zh.cw")?.ask(LOOKUPS, &body).await?;
    let verdict = &super::array(&answer, "answers")?.first().context("one answer")?["verdict"];
    stage.teller.expect_eq("verdict on a man Macau does not know", verdict, &json!("NO_RECORD_FOUND"))?;
    stage
        .teller
        .sees("zh.cw", "NO_RECORD_FOUND for 范测试: not in Macau's register, which never means \"owns nothing\"");
    let spent = |item: &Value| item["uses_spent"] == 1;
    stage.listed("zh.cw", CONSENTS, &chan.id, "one use is spent", spent).await?;
    stage.teller.sees("zh.cw", "one of 12 uses of each consent spent");
    Ok(())
}
