//! S4, refused: no consent, expired, revoked, too much, another purpose, another holder, used up, a forged token.
//!
//! Every refusal comes with its code, a sentence, the rule and the next step in both scripts.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::Stage;
use super::cast::{CHAN, CHONG};
use super::s3_verification::{CONSENTS, Granted, LOOKUPS, Letter, REQUESTS, answered, lookup, submit};
use crate::parties::{MACAU, ZHUHAI};
use crate::wait;

/// How far ahead the short consent ends: time enough to countersign and use it once.
const SHORT_TERM_S: i64 = 3;
const ITEM: &str = "ast.property";

/// Tells the scenario.
///
/// # Errors
/// The first expectation that does not hold.
pub async fn tell(stage: &Stage<'_>) -> Result<()> {
    stage.teller.chapter("S4  Refused: what is not covered is not answered");
    let short = Letter { seconds: SHORT_TERM_S, ..Letter::of(CHAN) }.grant(stage).await?;
    let over = Instant::now() + Duration::from_secs(SHORT_TERM_S.unsigned_abs());
    let consent = Letter::of(CHAN).grant(stage).await?;
    stage.delivered(&consent.receipt, MACAU).await?;
    without_consent(stage).await?;
    beyond_the_letter(stage, &consent).await?;
    forged(stage, &consent).await?;
    used_up(stage).await?;
    revoked(stage, &consent).await?;
    revoked_mid_way(stage).await?;
    expired(stage, &short, over).await
}

async fn refused(stage: &Stage<'_>, story: &str, body: &Value, code: &str) -> Result<()> {
    stage.teller.does("zh.cw", story);
    stage.is_refused("zh.cw", LOOKUPS, body, code).await
}

async fn without_consent(stage: &Stage<'_>) -> Result<()> {
    let before = stage.cluster.count(MACAU, "macau").await?;
    let body = lookup("macau", None, CHAN, &[ITEM])?;
    refused(stage, "(a) asks without any consent", &body, "NO_CONSENT").await?;
    let after = stage.cluster.count(MACAU, "macau").await?;
    stage.teller.expect_eq("a question without consent never leaves Zhuhai", &after, &before)?;
    stage.teller.does_not_see("mo.lo", "anything: the question never left Zhuhai");
    Ok(())
}

async fn beyond_the_letter(stage: &Stage<'_>, consent: &Granted) -> Result<()> {
    let token = Some(consent.token.as_str());
    let body = lookup("macau", token, CHAN, &[ITEM, "exp.medical"])?;
    refused(stage, "(d) asks for medical expenses too", &body, "OVER_SCOPE").await?;
    let body = lookup("macau", token, CHONG, &[ITEM])?;
    refused(stage, "(d) asks about 鍾演示, who did not sign", &body, "OVER_SCOPE").await?;
    let mut body = lookup("macau", token, CHAN, &["ast.deposit"])?;
    body["questions"][0]["granularity"] = json!("exact");
    refused(stage, "(d) asks for the exact balance on a threshold letter", &body, "OVER_SCOPE").await?;
    let mut body = lookup("macau", token, CHAN, &[ITEM])?;
    body["purpose"] = json!("dibao_recheck");
    refused(stage, "(e) uses the letter of an application for a re-check", &body, "PURPOSE_MISMATCH").await?;
    let body = lookup("hengqin", token, CHAN, &[ITEM])?;
    refused(stage, "(f) asks Hengqin on a letter that names Macau", &body, "WRONG_HOLDER").await?;
    stage.not_listed("hq.lo", CONSENTS, &consent.id).await?;
    stage.teller.does_not_see("hq.lo", "that such a consent exists");
    Ok(())
}

/// Returns the token with one bit changed, in the middle of its bytes.
///
/// # Errors
/// When it is no token.
pub fn flip_one_bit(token: &str) -> Result<String> {
    let encoded = token.strip_prefix("tc1.").context("a token begins with tc1.")?;
    let mut bytes = URL_SAFE_NO_PAD.decode(encoded)?;
    let middle = bytes.len() / 2;
    *bytes.get_mut(middle).context("a token is not empty")? ^= 1;
    Ok(format!("tc1.{}", URL_SAFE_NO_PAD.encode(bytes)))
}

async fn forged(stage: &Stage<'_>, consent: &Granted) -> Result<()> {
    let changed = flip_one_bit(&consent.token)?;
    let body = lookup("macau", Some(&changed), CHAN, &[ITEM])?;
    refused(stage, "presents the token with one bit changed", &body, "BAD_SIGNATURE").await?;
    let body = lookup("macau", Some("tc1.not-a-token"), CHAN, &[ITEM])?;
    refused(stage, "presents something that is no token", &body, "BAD_TOKEN").await
}

async fn used_up(stage: &Stage<'_>) -> Result<()> {
    let once = Letter { uses: 1, ..Letter::of(CHAN) }.grant(stage).await?;
    stage.delivered(&once.receipt, MACAU).await?;
    let body = lookup("macau", Some(&once.token), CHAN, &[ITEM])?;
    stage.desk("zh.cw")?.ask(LOOKUPS, &body).await?;
    stage.teller.sees("zh.cw", "the answer on a letter that allows one use");
    refused(stage, "asks once more on it", &body, "CONSENT_USED_UP").await
}

async fn revoked(stage: &Stage<'_>, consent: &Granted) -> Result<()> {
    let body = lookup("macau", Some(&consent.token), CHAN, &[ITEM])?;
    stage.desk("zh.cw")?.ask(LOOKUPS, &body).await?;
    stage.teller.sees("zh.cw", "an answer, while the consent stands");
    let path = format!("{CONSENTS}/{}/revocation", consent.id);
    let what = "records that 陳樣本 revokes her consent, in person, at Macau's counter";
    let receipt = stage.does("mo.cw", what, &path, &json!({ "form": "in_person" })).await?;
    refused(stage, "(c) asks again, the moment Macau has recorded it", &body, "CONSENT_REVOKED").await?;
    stage.delivered(&receipt, ZHUHAI).await?;
    let is_revoked = |item: &Value| item["state"] == "revoked";
    stage.listed("zh.cw", CONSENTS, &consent.id, "it is revoked", is_revoked).await?;
    stage.teller.sees("zh.cw", "in the list that the consent is revoked; what was answered before stays lawful");
    Ok(())
}

/// (c) as a request: one answer sent before, one in the race, one not yet.
async fn revoked_mid_way(stage: &Stage<'_>) -> Result<()> {
    let consent = Letter::of(CHAN).grant(stage).await?;
    stage.delivered(&consent.receipt, MACAU).await?;
    let items = ["ast.property", "ast.deposit", "inc.assist"];
    let request = submit(stage, CHAN, &consent, &items).await?;
    let path = |step: &str| format!("{REQUESTS}/{request}/{step}");
    let part = json!({ "partial": true });
    stage.desk("mo.lo")?.command(&path("acceptance"), &json!({})).await?;
    let property = answered("ast.property", "MEETS", &["land registry"], &[]);
    stage.desk("mo.cw")?.command(&path("answers/1"), &property).await?;
    let first = stage.does("mo.rv", "(c) replies to the first of three questions", &path("reply"), &part).await?;
    stage.delivered(&first, ZHUHAI).await?;

    stage.cluster.cut_link(ZHUHAI, MACAU);
    let revocation = format!("{CONSENTS}/{}/revocation", consent.id);
    let what = "records that 陳樣本 revokes, while the link to Macau is cut";
    let revoked = stage.does("zh.cw", what, &revocation, &json!({ "form": "in_person" })).await?;
    let deposit = answered("ast.deposit", "MEETS", &["bank letters"], &[]);
    stage.desk("mo.cw")?.command(&path("answers/2"), &deposit).await?;
    stage.does("mo.rv", "replies to the second and can't know of it", &path("reply"), &part).await?;
    stage.cluster.heal_link(ZHUHAI, MACAU);
    stage.delivered(&revoked, MACAU).await?;

    let full = format!("{REQUESTS}/{request}");
    let states = ["replied", "recalled", "refused_after_revocation"].map(Value::from);
    let within = Duration::from_secs(60);
    let seen = wait::until("zh.cw sees that the second answer is recalled", within, async || {
        let seen = stage.desk("zh.cw")?.read_for(&full, "see what may be used").await?;
        let found: Vec<Value> = super::array(&seen, "questions")?.iter().map(|asked| asked["state"].clone()).collect();
        Ok((found == states).then_some(seen))
    })
    .await?;
    let [first, second] = [0, 1].map(|place| &seen["questions"][place]);
    stage.teller.expect("the first answer stays", first["answer"]["verdict"] == "MEETS")?;
    stage.teller.expect("of no further use without a new basis", first["no_further_use_without_new_basis"] == true)?;
    stage.teller.expect("the recalled answer is not shown", second["answer"].is_null())?;
    let asked_for = format!("{full}?show_recalled=true&reason=see%20what%20was%20told");
    let shown = stage.desk("zh.cw")?.read(&asked_for).await?;
    stage.teller.expect("it is not deleted", shown["questions"][1]["answer"]["verdict"] == "MEETS")?;
    let last = answered("inc.assist", "MEETS", &["assistance register"], &[]);
    stage.is_refused("mo.cw", &path("answers/3"), &last, "CONSENT_REVOKED").await?;
    stage.teller.sees("zh.cw", "the first answer marked, the second recalled, the third refused");
    Ok(())
}

async fn expired(stage: &Stage<'_>, short: &Granted, over: Instant) -> Result<()> {
    let within = Duration::from_secs(SHORT_TERM_S.unsigned_abs() * 2);
    wait::until("the short consent is over", within, async || Ok((Instant::now() > over).then_some(()))).await?;
    let body = lookup("macau", Some(&short.token), CHAN, &[ITEM])?;
    refused(stage, "(b) asks on a letter that ended a moment ago", &body, "CONSENT_EXPIRED").await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_bit_is_changed_and_nothing_else() {
        let token = format!("tc1.{}", URL_SAFE_NO_PAD.encode([0; 9]));
        let changed = flip_one_bit(&token).unwrap();
        let bytes = URL_SAFE_NO_PAD.decode(changed.strip_prefix("tc1.").unwrap()).unwrap();
        assert_eq!(bytes.iter().map(|byte| byte.count_ones()).sum::<u32>(), 1);
        assert!(flip_one_bit("tc2.AAAA").is_err());
    }
}
