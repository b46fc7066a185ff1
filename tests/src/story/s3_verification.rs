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
/// Path of verification requests.
pub const REQUESTS: &str = "/v1/verifications";
/// Path of lookups.
pub const LOOKUPS: &str = "/v1/lookups";
const STANDARDS: &str = "/v1/standards";
/// The standard that the requests quote.
const STANDARD: &str = "ZH-2026-v1";
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
    publish_standard(stage).await?;
    let request = ask(stage, &consents).await?;
    answer(stage, &request).await?;
    read_and_use(stage, &request).await?;
    correct(stage, &request).await?;
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

/// Zhuhai's standard of the story: synthetic figures, since those in force were not found (`domain.md` §3.4).
#[must_use]
pub fn standard() -> Value {
    json!({
        "version": STANDARD, "programme": "低保", "currency": "CNY", "amounts": { "1": 100_000, "2": 180_000 },
        "multiples": [24], "from": "2026-01-01", "to": null,
    })
}

/// Drafts and submits a request of Zhuhai about one person, without a word, and waits until Macau has it.
///
/// # Errors
/// When a step is refused.
pub async fn submit(stage: &Stage<'_>, person: Person, consent: &Granted, items: &[&str]) -> Result<String> {
    let subject = person.document()?;
    let ask = |item: &&str| json!({ "subject": subject, "consent": consent.id, "question": quoted(item) });
    let body = json!({
        "holder": "macau", "purpose": "dibao_application", "standard": STANDARD, "as_of": "2026-05-31",
        "questions": items.iter().map(ask).collect::<Vec<_>>(),
    });
    let request = stage.desk("zh.cw")?.command(REQUESTS, &body).await?.id;
    let path = format!("{REQUESTS}/{request}/submission");
    let submitted = stage.desk("zh.rv")?.command(&path, &json!({})).await?;
    stage.delivered(&submitted, MACAU).await?;
    Ok(request)
}

/// Publishes the standard of the stories.
///
/// # Errors
/// When it was published before.
pub async fn publish_standard(stage: &Stage<'_>) -> Result<()> {
    let what = format!("publishes the standard {STANDARD} that thresholds are quoted from");
    let receipt = stage.does("zh.sec", &what, STANDARDS, &standard()).await?;
    stage.delivered(&receipt, MACAU).await
}

/// A question as a request asks it: amounts are figures of the asker's standard, here 24 months for a household of two.
fn quoted(item: &str) -> Value {
    let mut question = question(item);
    if item == "ast.deposit" {
        question["predicate"] = json!({ "amount_at_most": { "minor": 24 * 180_000, "currency": "CNY" } });
    }
    question
}

async fn ask(stage: &Stage<'_>, [chan, fan]: &[Granted; 2]) -> Result<String> {
    let about = |person: Person, consent: &Granted, item: &str| -> Result<Value> {
        Ok(json!({ "subject": person.document()?, "consent": consent.id, "question": quoted(item) }))
    };
    let questions = [
        about(CHAN, chan, "ast.property")?,
        about(CHAN, chan, "ast.deposit")?,
        about(CHAN, chan, "inc.assist")?,
        about(FAN, fan, "inc.assist")?,
    ];
    let body = json!({
        "holder": "macau", "purpose": "dibao_application", "standard": STANDARD, "as_of": "2026-05-31",
        "questions": questions,
    });
    let mut own_figure = body.clone();
    own_figure["questions"][1]["question"]["predicate"]["amount_at_most"]["minor"] = json!(1_234_567);
    stage.teller.does("zh.cw", "tries a threshold of the own making");
    stage.is_refused("zh.cw", REQUESTS, &own_figure, "UNKNOWN_STANDARD").await?;
    let request = stage.does("zh.cw", "drafts a request of four closed questions", REQUESTS, &body).await?.id;
    let path = format!("{REQUESTS}/{request}/submission");
    stage.is_refused("zh.cw", &path, &json!({}), "ROLE_NOT_ALLOWED").await?;
    let submitted = stage.does("zh.rv", "approves as the second person; it goes to Macau", &path, &json!({})).await?;
    stage.delivered(&submitted, MACAU).await?;
    Ok(request)
}

/// The answer a caseworker types in.
#[must_use]
pub fn answered(item: &str, verdict: &str, searched: &[&str], not_searched: &[&str]) -> Value {
    let question = quoted(item);
    json!({ "answer": {
        "item": item, "predicate": question["predicate"], "verdict": verdict, "as_of": "2026-05-31",
        "band": null, "value": null, "sources_searched": searched, "sources_not_searched": not_searched,
    }})
}

async fn answer(stage: &Stage<'_>, request: &str) -> Result<()> {
    let path = |step: &str| format!("{REQUESTS}/{request}/{step}");
    let what = "accepts: Macau checked scope and consents itself";
    stage.does("mo.lo", what, &path("acceptance"), &json!({})).await?;
    for (no, who) in [(1, "mo.cw"), (2, "mo.cw2"), (3, "mo.cw2"), (4, "mo.cw2")] {
        let officer = json!({ "officer": MACAU.officer(who.trim_start_matches("mo.")) });
        let what = format!("assigns question {no} to {who}");
        stage.does("mo.lo", &what, &path(&format!("assignments/{no}")), &officer).await?;
    }
    assigned_only(stage, request).await?;
    let property = answered("ast.property", "NO_RECORD_FOUND", &["land registry"], &["pre-sale contracts"]);
    stage.does("mo.cw", "answers 1: property, no record found (land registry)", &path("answers/1"), &property).await?;
    stage.teller.does("mo.rv", "tries to reply while questions are open");
    stage.is_refused("mo.rv", &path("reply"), &json!({}), "QUESTIONS_OPEN").await?;
    let part = json!({ "partial": true });
    let replied = stage.does("mo.rv", "approves the first answer; the rest stays open", &path("reply"), &part).await?;
    stage.delivered(&replied, ZHUHAI).await?;
    let partly = |item: &Value| item["state"] == "partly_replied" && item["answered"] == 1;
    stage.listed("zh.cw", REQUESTS, request, "one of four is answered", partly).await?;
    clarify(stage, request).await?;
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
    stage.teller.expect("a list tells no answer", !list.contains("NO_RECORD_FOUND"))?;
    let seen = stage.desk("zh.cw")?.read_for(&format!("{REQUESTS}/{request}"), "look how far it is").await?;
    stage.teller.expect("Zhuhai sees no answer before it is approved", seen["questions"][1]["answer"].is_null())?;
    let replied =
        stage.does("mo.rv", "approves the other answers; nothing is open", &path("reply"), &json!({})).await?;
    stage.delivered(&replied, ZHUHAI).await
}

/// Each caseworker sees what is assigned to them; liaison officer and reviewer the whole (`domain.md` §7, S3).
async fn assigned_only(stage: &Stage<'_>, request: &str) -> Result<()> {
    let path = format!("{REQUESTS}/{request}");
    for (who, seen) in [("mo.cw", &[1][..]), ("mo.cw2", &[2, 3, 4]), ("mo.lo", &[1, 2, 3, 4]), ("mo.rv", &[1, 2, 3, 4])]
    {
        let full = stage.desk(who)?.read_for(&path, "work on the request").await?;
        let shown = super::array(&full, "questions")?.iter().map(|question| question["no"].clone()).collect::<Vec<_>>();
        let expected: Vec<Value> = seen.iter().map(|no| json!(no)).collect();
        stage.teller.expect_eq(&format!("questions {who} sees"), &shown, &expected)?;
    }
    let property = answered("ast.property", "MEETS", &["land registry"], &[]);
    stage.teller.does("mo.cw2", "tries to answer the question of mo.cw");
    stage.is_refused("mo.cw2", &format!("{path}/answers/1"), &property, "NOT_ASSIGNED").await?;
    stage.teller.sees("mo.cw", "the property question only; its due day by Macau's calendar");
    let due = |item: &Value| item["clocks"][0]["step"] == "register_items" && item["clocks"][0]["overdue"] == false;
    stage.listed("zh.cw", REQUESTS, request, "the answers have a due day", due).await.map(drop)
}

/// Macau asks back about the deposits, and Zhuhai answers; the clock stands meanwhile.
async fn clarify(stage: &Stage<'_>, request: &str) -> Result<()> {
    let path = format!("{REQUESTS}/{request}/clarifications");
    let ask = json!({ "text": "只計定期存款，還是包括活期？", "questions": [2] });
    let asked = stage.does("mo.cw2", "asks back which deposits count; the clock stands", &path, &ask).await?;
    stage.delivered(&asked, ZHUHAI).await?;
    stage.listed("zh.cw", REQUESTS, request, "Macau asks back", |item| item["clarification_open"] == true).await?;
    let answer = json!({ "answer": "两者都包括。" });
    let answered = stage.does("zh.cw", "answers; the clock goes on", &format!("{path}/1/answer"), &answer).await?;
    stage.delivered(&answered, MACAU).await
}

/// Macau corrects what it told, and Zhuhai's decision is marked until somebody has looked at it.
async fn correct(stage: &Stage<'_>, request: &str) -> Result<()> {
    let path = format!("{REQUESTS}/{request}");
    let anew = answered("ast.property", "MEETS", &["land registry", "pre-sale contracts"], &[]);
    stage.does("mo.cw", "answers 1 anew: a pre-sale contract was found", &format!("{path}/answers/1"), &anew).await?;
    let why = json!({ "reason": "預約買賣合同登記中另有紀錄" });
    let correction = format!("{path}/answers/1/correction");
    let sent = stage.does("mo.rv", "sends the correction as the second person", &correction, &why).await?;
    stage.delivered(&sent, ZHUHAI).await?;
    let affected = |item: &Value| item["decision_may_be_affected"] == true;
    stage.listed("zh.cw", REQUESTS, request, "the decision may be affected", affected).await?;
    let full = stage.desk("zh.cw")?.read_for(&path, "look at the decision again").await?;
    stage.teller.expect_eq("the corrected verdict", &full["questions"][0]["answer"]["verdict"], &json!("MEETS"))?;
    stage.teller.sees("zh.cw", "the corrected answer and the decision it may affect");
    let noted = format!("{path}/answers/1/correction-acknowledgement");
    let receipt = stage.does("zh.cw", "takes note of the correction", &noted, &json!({})).await?;
    stage.delivered(&receipt, MACAU).await?;
    let closed = stage.does("zh.lo", "closes the request", &format!("{path}/closure"), &json!({})).await?;
    stage.delivered(&closed, MACAU).await?;
    let again = json!({ "partial": true });
    stage.is_refused("mo.rv", &format!("{path}/reply"), &again, "WRONG_STATE").await
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
