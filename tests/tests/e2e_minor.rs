//! Coming of age: what parents signed lapses at 18, by every party's clock, with or without an event. Moves the clocks of
//! all parties, so it has a cluster of its own.

use anyhow::Result;
use serde_json::{Value, json};
use tongcha_testbed::cluster::{Cluster, Options};
use tongcha_testbed::parties::MACAU;
use tongcha_testbed::story::cast::{self, HO, SISTER};
use tongcha_testbed::story::s3_verification::{CONSENTS, LOOKUPS};
use tongcha_testbed::story::{Stage, register, s7_minor};
use tongcha_testbed::teller::Teller;

const DAY_S: i64 = 86_400;

#[tokio::test(flavor = "multi_thread")]
async fn on_the_eighteenth_birthday_what_the_mother_signed_lapses() -> Result<()> {
    let (cluster, teller) = (Cluster::start(&Options::default()).await?, Teller::timed());
    let stage = Stage { cluster: &cluster, teller: &teller };
    s7_minor::clear(&stage).await?;
    register::import(&stage, MACAU, &cast::households(MACAU)?).await?;
    // Born on 1 June 2010 by her card: the clocks go to some days before her eighteenth birthday, a year and more ahead.
    cluster.go_to("2028-05-28T16:00:00Z").await?;
    let signers = [
        s7_minor::signature(0, "parental_authority", &json!({ "other": 0 })),
        s7_minor::signature(0, "own", &json!({ "subject": 0 })),
    ];
    let mut body = s7_minor::letter(&[SISTER.json()?], &signers, &[json!({ "person": HO.json()? })])?;
    body["not_before"] = json!(tongcha_testbed::client::iso_in(-DAY_S));
    body["not_after"] = json!(tongcha_testbed::client::iso_in(93 * DAY_S));
    let (id, token) = s7_minor::grant(&stage, &body).await?;
    let asked = s7_minor::about(SISTER, &token)?;
    cluster.desk("hq.cw")?.ask(LOOKUPS, &asked).await?;

    cluster.advance(4 * DAY_S).await?;
    stage.is_refused("hq.cw", LOOKUPS, &asked, "CONSENT_LAPSED").await?;
    let path = format!("{CONSENTS}/{id}");
    let due = |consent: &Value| consent["reviews_due"].as_array().is_some_and(|due| due.iter().any(|r| r["age"] == 18));
    let desk = cluster.desk("hq.cw")?;
    tongcha_testbed::wait::until("the review is due", std::time::Duration::from_secs(20), async || {
        Ok(Some(desk.read_for(&path, "checking the birthday").await?).filter(|consent| due(consent)))
    })
    .await?;
    Ok(())
}
