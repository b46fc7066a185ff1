//! S1, the routine notice (定期通报): Macau tells Zhuhai whose situation changed in July.

use anyhow::Result;
use serde_json::{Value, json};

use super::cast::{CHAN, CHONG, FAN, FAN_MISWRITTEN, HO, LEONG, Person};
use super::{Stage, array};
use crate::client::Receipt;
use crate::parties::{MACAU, ZHUHAI};

const LIST: &str = "/v1/batches";
const PERIOD: &str = "2026-07";
const UNCHANGED: u32 = 27;

/// Tells the scenario; returns the batch.
///
/// # Errors
/// The first expectation that does not hold.
pub async fn tell(stage: &Stage<'_>) -> Result<String> {
    stage.teller.chapter("S1  Routine notice 定期通报: Macau to Zhuhai, July 2026");
    let batch = prepare_and_approve(stage).await?;
    let sent = send(stage, &batch).await?;
    receive(stage, &sent).await?;
    dispute_and_correct(stage, &batch).await?;
    acknowledge(stage, &batch).await?;
    as_a_file(stage, &batch).await?;
    empty(stage).await?;
    who_sees_what(stage, &batch).await?;
    Ok(batch)
}

async fn as_a_file(stage: &Stage<'_>, batch: &str) -> Result<()> {
    let path = format!("{LIST}/{batch}/export?reason=monthly&format=csv");
    let reply = stage.desk("zh.cw")?.get(&path).await?;
    let text = reply.text();
    stage.teller.expect("the batch as CSV names its persons", reply.status == 200 && text.contains(CHONG.name))?;
    stage.teller.expect("not those who were withheld", !text.contains(HO.name) && !text.contains(LEONG.name))?;
    stage.teller.sees("zh.cw", "the batch as a file for the spreadsheet; that read is on record, too");
    let refused = stage.desk("hq.cw")?.get(&path).await?;
    crate::client::expect_code(&refused, "NOT_FOUND").map(drop)
}

/// A month in which nothing changed: said explicitly, not by silence.
async fn empty(stage: &Stage<'_>) -> Result<()> {
    let body = json!({ "to": "zhuhai", "period": "2026-06", "entries": [], "unchanged": UNCHANGED });
    let batch = stage.does("mo.cw", "prepares the month before: nobody to name", LIST, &body).await?.id;
    stage.does("mo.rv", "approves the empty batch", &format!("{LIST}/{batch}/approval"), &json!({})).await?;
    stage.does("mo.lo", "sends it: silence is no notice", &format!("{LIST}/{batch}/sending"), &json!({})).await?;
    stage.listed("zh.lo", LIST, &batch, "it is due", |item| !item["acknowledgement_due"].is_null()).await?;
    let path = format!("{LIST}/{batch}/acknowledgement");
    stage.does("zh.lo", "acknowledges: nothing to settle", &path, &json!({})).await?;
    let months = stage.desk("zh.lo")?.read("/v1/routine").await?.to_string();
    stage.teller.expect("both months stand as sent", months.contains("2026-07") && months.contains("2026-06"))
}

/// A batch that names nobody.
#[must_use]
pub fn nothing(to: &str) -> Value {
    json!({ "to": to, "period": PERIOD, "entries": [], "unchanged": UNCHANGED })
}

fn entry(person: Person, change: &str, consented: bool) -> Result<Value> {
    let basis = consented.then(|| json!({ "agreement_article": "article 4: with the person's signed consent" }));
    Ok(json!({
        "subject": person.json()?, "change": change, "category": "定期援助金",
        "as_of": "2026-06-30", "district": "香洲", "basis": basis,
    }))
}

async fn prepare_and_approve(stage: &Stage<'_>) -> Result<String> {
    let entries = [
        entry(CHONG, "added", true)?,
        entry(FAN_MISWRITTEN, "added", true)?,
        entry(HO, "added", false)?,
        entry(CHAN, "ended", true)?,
        entry(LEONG, "changed", false)?,
    ];
    let body = json!({ "to": "zhuhai", "period": PERIOD, "entries": entries, "unchanged": UNCHANGED });
    let what = "prepares the batch: 3 added, 1 ended, 1 changed, 27 unchanged (a count, no names)";
    let batch = stage.does("mo.cw", what, LIST, &body).await?.id;
    let approval = format!("{LIST}/{batch}/approval");
    stage.teller.does("mo.cw", "tries to approve the own batch");
    stage.is_refused("mo.cw", &approval, &json!({}), "ROLE_NOT_ALLOWED").await?;
    stage.does("mo.rv", "approves as the second person", &approval, &json!({})).await?;
    let item = stage.listed("mo.cw", LIST, &batch, "two entries are withheld", |item| item["withheld"] == 2).await?;
    stage
        .teller
        .sees("mo.cw", format!("{} of 5 entries withheld: they name a person without a basis", item["withheld"]));
    stage.not_listed("zh.lo", LIST, &batch).await?;
    stage.teller.does_not_see("zh.lo", "anything yet: a batch is nobody else's business before it is sent");
    Ok(batch)
}

async fn send(stage: &Stage<'_>, batch: &str) -> Result<Receipt> {
    let sending = format!("{LIST}/{batch}/sending");
    stage.is_refused("mo.rv", &sending, &json!({}), "ROLE_NOT_ALLOWED").await?;
    let sent = stage.does("mo.lo", "sends the batch", &sending, &json!({})).await?;
    stage.is_refused("mo.lo", &sending, &json!({}), "WRONG_STATE").await?;
    Ok(sent)
}

async fn receive(stage: &Stage<'_>, sent: &Receipt) -> Result<()> {
    stage.delivered(sent, ZHUHAI).await?;
    let batch = &sent.id;
    let delivered = |item: &Value| !item["delivered_at"].is_null();
    let item = stage.listed("mo.lo", LIST, batch, "it was delivered", delivered).await?;
    let at = item["delivered_at"].as_str().unwrap_or_default();
    stage.teller.sees("mo.lo", format!("delivered at {at} by Zhuhai's own automatic receipt"));
    let path = format!("{LIST}/{batch}");
    let full = stage.desk("zh.cw")?.read_for(&path, "match the July batch").await?;
    let entries = array(&full, "entries")?;
    stage.teller.expect_eq("entries that Zhuhai was sent", &entries.len(), &3)?;
    stage.teller.sees("zh.cw", "3 entries: name, document, category, change, as-of date, district");
    let text = full.to_string();
    for withheld in [HO.name, LEONG.name] {
        stage.teller.expect(&format!("the withheld {withheld} is not told"), !text.contains(withheld))?;
    }
    for word in ["amount", "minor", "wage", "address"] {
        stage.teller.expect(&format!("no {word} is told"), !text.contains(word))?;
    }
    stage.teller.does_not_see("zh.cw", "the two withheld persons, amounts, addresses");
    Ok(())
}

async fn dispute_and_correct(stage: &Stage<'_>, batch: &str) -> Result<()> {
    let step = |entry: u16, step: &str| format!("{LIST}/{batch}/entries/{entry}/{step}");
    stage.does("zh.cw", "matches entry 1 (鍾演示)", &step(1, "match"), &json!({})).await?;
    stage.does("zh.cw", "matches entry 4 (陳樣本, ended)", &step(4, "match"), &json!({})).await?;
    let note = "姓氏为「范」而非「範」：两字是不同的姓氏，与证件不符";
    let dispute = json!({ "reason": "identity_mismatch", "note": note });
    let disputed = stage.does("zh.cw", "disputes entry 2: 範 is not 范", &step(2, "dispute"), &dispute).await?;
    stage.does_not_acknowledge(batch).await?;
    stage.delivered(&disputed, MACAU).await?;
    let full = stage.desk("mo.cw")?.read_for(&format!("{LIST}/{batch}"), "see the dispute").await?;
    stage.teller.expect("Macau sees why the entry is disputed", full.to_string().contains(note))?;
    stage.teller.sees("mo.cw", format!("entry 2 disputed: {note}"));
    let replacement = entry(FAN, "added", true)?;
    let correction = json!({ "replacement": replacement, "note": "按證件更正姓氏：范" });
    let what = "corrects entry 2; the first wording stays on record";
    let corrected = stage.does("mo.cw", what, &step(2, "correction"), &correction).await?;
    stage.delivered(&corrected, ZHUHAI).await?;
    let full = stage.desk("zh.cw")?.read_for(&format!("{LIST}/{batch}"), "look at the correction").await?;
    stage.teller.expect("Zhuhai sees the corrected name", full.to_string().contains(FAN.name))?;
    stage.does("zh.cw", "matches entry 2 as corrected", &step(2, "match"), &json!({})).await?;
    Ok(())
}

async fn acknowledge(stage: &Stage<'_>, batch: &str) -> Result<()> {
    let path = format!("{LIST}/{batch}/acknowledgement");
    let done = stage.does("zh.lo", "acknowledges the batch: 3 of 3 settled", &path, &json!({})).await?;
    stage.delivered(&done, MACAU).await?;
    for officer in ["mo.lo", "zh.lo"] {
        let acknowledged = |item: &Value| !item["acknowledged_at"].is_null() && item["open"] == 0;
        stage.listed(officer, LIST, batch, "it is settled and acknowledged", acknowledged).await?;
    }
    stage.teller.sees("mo.lo", "acknowledged, nothing open; Zhuhai sees the same");
    Ok(())
}

async fn who_sees_what(stage: &Stage<'_>, batch: &str) -> Result<()> {
    stage.not_listed("hq.lo", LIST, batch).await?;
    let path = format!("{LIST}/{batch}");
    stage.desk("hq.lo")?.refused_to_read(&path, "curiosity", "NOT_FOUND").await?;
    stage.teller.does_not_see("hq.lo", "the batch: Hengqin is not its addressee");
    for officer in ["zh.au", "zh.sa"] {
        stage.desk(officer)?.refused_to_read(&path, "routine check", "ROLE_NOT_ALLOWED").await?;
    }
    stage.teller.does_not_see("zh.au", "the content of a case: an auditor reads logs, an administrator neither");
    let list = stage.desk("zh.sa")?.read(LIST).await?.to_string();
    let named = [CHONG, FAN, CHAN].iter().any(|person| list.contains(person.name));
    stage.teller.expect("lists name no person", !named)
}

impl Stage<'_> {
    async fn does_not_acknowledge(&self, batch: &str) -> Result<()> {
        let path = format!("{LIST}/{batch}/acknowledgement");
        self.teller.does("zh.lo", "tries to acknowledge while an entry is disputed");
        self.is_refused("zh.lo", &path, &json!({}), "ENTRIES_OPEN").await
    }
}
