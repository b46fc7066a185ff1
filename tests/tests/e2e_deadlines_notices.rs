//! Deadlines of notices on real services whose clocks are moved: what is late is said once, by the party whose clock it
//! is, and a declared closure moves what runs. The clocks begin on Wednesday 2026-07-01 at noon in Zhuhai.
#![allow(clippy::indexing_slicing, reason = "only of JSON: reading what is not there gives null")]

use anyhow::Result;
use serde_json::{Value, json};
use tongcha_testbed::client::iso_in;
use tongcha_testbed::cluster::{Cluster, Options};
use tongcha_testbed::parties::{MACAU, ZHUHAI};
use tongcha_testbed::story::{Stage, find, s2_urgent};
use tongcha_testbed::teller::Teller;

const BATCHES: &str = "/v1/batches";
const URGENT: &str = "/v1/urgent";
const AGREEMENTS: &str = "/v1/authority/agreements";

/// Zhuhai and Macau sign a version of the agreement that holds from the afternoon on: August is the first month whose
/// batch they owe each other, whether either has ever sent one or not.
async fn agree(stage: &Stage<'_>) -> Result<()> {
    let limit = |days: u16, whose: &str| json!({ "days": days, "whose": whose });
    let figures = json!({
        "version": "2026-1", "routine_batch": limit(5, "joint"), "routine_summary_months": 3,
        "routine_misses_to_secretariat": 2, "batch_acknowledgement": limit(3, "receiver"),
        "verification_acknowledgement": limit(1, "receiver"), "verification_decision": limit(3, "receiver"),
        "register_items": limit(10, "receiver"), "visit_items": limit(15, "receiver"),
        "clarification_pause": limit(5, "sender"), "urgent_delivery_minutes": 1, "urgent_ack_minutes": 30,
        "urgent_action_minutes": 1440, "urgent_escalation_minutes": [30, 60, 120],
        "urgent_justification": limit(2, "sender"), "consent_months": 6, "consent_months_max": 12,
        "answer_reuse_days": 90, "visit_days": { "high": 7, "medium": 30, "low": 90 },
    });
    let digest = "ab".repeat(32);
    let version = json!({
        "between": ["zhuhai", "macau"], "effective_from": iso_in(3600), "text_sha256": digest,
        "articles": ["定期通报"], "figures": figures, "allowed": {},
    });
    let proposed = stage.does("zh.sec", "proposes a version of the agreement", AGREEMENTS, &version).await?;
    stage.delivered(&proposed, MACAU).await?;
    let months = stage.desk("zh.lo")?.read("/v1/routine").await?;
    anyhow::ensure!(months == json!([]), "one signature owes nothing: {months}");
    let signature = json!({ "text_sha256": digest });
    let path = format!("{AGREEMENTS}/{}/signature", proposed.id);
    let signed = stage.does("mo.sec", "signs it", &path, &signature).await?;
    stage.delivered(&signed, ZHUHAI).await
}

async fn send_empty(stage: &Stage<'_>) -> Result<String> {
    let body = json!({ "to": "zhuhai", "period": "2026-07", "entries": [], "unchanged": 27 });
    let batch = stage.does("mo.cw", "prepares an empty batch", BATCHES, &body).await?.id;
    stage.does("mo.rv", "approves", &format!("{BATCHES}/{batch}/approval"), &json!({})).await?;
    stage.does("mo.lo", "sends", &format!("{BATCHES}/{batch}/sending"), &json!({})).await?;
    let due = |item: &Value| item["acknowledgement_due"] == "2026-07-06T15:59:59.999999Z";
    stage.listed("mo.lo", BATCHES, &batch, "it is due on the third mainland working day", due).await?;
    Ok(batch)
}

async fn escalate(stage: &Stage<'_>) -> Result<String> {
    let notice = s2_urgent::notice(&["macau", "zhuhai"])?;
    let urgent = stage.does("hq.ho", "raises an urgent notice", URGENT, &notice).await?.id;
    let path = format!("{URGENT}/{urgent}");
    let both = |item: &Value| item["delivered"] == json!(["macau", "zhuhai"]);
    stage.listed("hq.ho", URGENT, &urgent, "both have it", both).await?;
    stage.does("mo.ho", "acknowledges", &format!("{path}/acknowledgement"), &json!({})).await?;
    stage.is_refused("zh.sec", &format!("{path}/acknowledgement"), &json!({}), "ROLE_NOT_ALLOWED").await?;
    let steps = |item: &Value| {
        let steps = item["escalations"].as_array().cloned().unwrap_or_default();
        steps.iter().map(|step| format!("{}:{}", step["party"], step["step"]).replace('"', "")).collect::<Vec<_>>()
    };
    stage.cluster.go_to("2026-07-01T04:32:00Z").await?;
    let deputy = |item: &Value| steps(item) == ["zhuhai:deputy"];
    for officer in ["zh.ho", "hq.ho", "mo.ho"] {
        stage.listed(officer, URGENT, &urgent, "it went to Zhuhai's deputy", deputy).await?;
    }
    stage.desk("zh.sec")?.refused_to_read(&path, "early", "ROLE_NOT_ALLOWED").await?;
    stage.cluster.go_to("2026-07-01T05:02:00Z").await?;
    let secretariat = |item: &Value| steps(item) == ["zhuhai:deputy", "zhuhai:secretariat"];
    stage.listed("zh.sec", URGENT, &urgent, "it went to the secretariat", secretariat).await?;
    stage.desk("zh.sec")?.read_for(&path, "nobody on duty answered").await?;
    stage.does("zh.sec", "acknowledges", &format!("{path}/acknowledgement"), &json!({})).await?;
    stage.cluster.go_to("2026-07-01T07:00:00Z").await?;
    stage.does("hq.ho", "stands down", &format!("{path}/closure"), &json!({ "outcome": "平安" })).await?;
    let closed = |item: &Value| !item["closed_at"].is_null();
    let item = stage.listed("zh.ho", URGENT, &urgent, "it is closed", closed).await?;
    anyhow::ensure!(secretariat(&item), "the acknowledgement stopped the escalation: {item}");
    Ok(urgent)
}

async fn close_a_day(stage: &Stage<'_>, batch: &str) -> Result<()> {
    let closure = json!({ "calendar": "mainland", "date": "2026-07-06", "reason": "台风" });
    stage.is_refused("mo.lo", "/v1/closures", &closure, "NOT_YOURS").await?;
    let closure = stage.does("hq.lo", "declares a closure", "/v1/closures", &closure).await?.id;
    let moved = |item: &Value| item["acknowledgement_due"] == "2026-07-07T15:59:59.999999Z";
    for officer in ["zh.lo", "mo.lo"] {
        stage.listed(officer, BATCHES, batch, "the limit moved by a day", moved).await?;
    }
    let adjusted = |item: &Value| item["clocks_adjusted"] == 1;
    stage.listed("zh.lo", "/v1/closures", &closure, "its own log says so, once", adjusted).await?;
    Ok(())
}

async fn overdue(stage: &Stage<'_>, batch: &str, urgent: &str) -> Result<()> {
    stage.cluster.go_to("2026-07-08T04:00:00Z").await?;
    for officer in ["zh.lo", "mo.lo"] {
        stage.listed(officer, BATCHES, batch, "it is overdue", |item| !item["overdue_at"].is_null()).await?;
    }
    let full = stage.desk("mo.lo")?.read_for(&format!("{BATCHES}/{batch}"), "why").await?;
    let count = |kind: &str| full["steps"].as_array().map_or(0, |s| s.iter().filter(|s| s["kind"] == kind).count());
    anyhow::ensure!((count("batch-reminded"), count("batch-overdue")) == (1, 1), "{full}");
    let late = |item: &Value| !item["justification_overdue_at"].is_null();
    stage.listed("mo.lo", URGENT, urgent, "the justification is overdue", late).await?;
    let path = format!("{URGENT}/{urgent}");
    let sealed = stage.desk("mo.ho")?.read_for(&path, "on duty").await?;
    anyhow::ensure!(sealed["sealed"] == "closed" && sealed["emergency"].is_null(), "{sealed}");
    let opened = stage.desk("mo.lo")?.read_for(&format!("{path}/sealed"), "complaint").await?;
    anyhow::ensure!(!opened["emergency"].is_null(), "{opened}");
    stage.does("zh.lo", "acknowledges late", &format!("{BATCHES}/{batch}/acknowledgement"), &json!({})).await?;
    Ok(())
}

async fn missed(stage: &Stage<'_>) -> Result<()> {
    for (now, period, misses, secretariat) in
        [("2026-08-08T04:00:00Z", "2026-08", 1, false), ("2026-09-08T04:00:00Z", "2026-09", 2, true)]
    {
        stage.cluster.go_to(now).await?;
        // Macau sent July's and then nothing, Zhuhai has never sent one: both are missing, on both sides.
        for (officer, from) in [("mo.lo", "macau"), ("zh.lo", "macau"), ("mo.lo", "zhuhai"), ("zh.lo", "zhuhai")] {
            tongcha_testbed::wait::until("the missed batch", std::time::Duration::from_secs(60), async || {
                let months = stage.desk(officer)?.read("/v1/routine").await?;
                let month = months
                    .as_array()
                    .and_then(|m| m.iter().find(|m| m["period"] == period && m["from"] == from).cloned());
                Ok(month.filter(|month| {
                    month["state"] == "missing"
                        && month["misses_in_a_row"] == misses
                        && month["tell_secretariat"] == secretariat
                }))
            })
            .await?;
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_late_is_said_by_the_party_whose_clock_it_is() -> Result<()> {
    let (cluster, teller) = (Cluster::start(&Options::default()).await?, Teller::timed());
    let stage = Stage { cluster: &cluster, teller: &teller };
    agree(&stage).await?;
    let batch = send_empty(&stage).await?;
    let urgent = escalate(&stage).await?;
    close_a_day(&stage, &batch).await?;
    overdue(&stage, &batch, &urgent).await?;
    missed(&stage).await?;
    let list = cluster.desk("hq.lo")?.read(BATCHES).await?;
    anyhow::ensure!(find(&list, &batch).is_none(), "Hengqin is not its addressee");
    Ok(())
}
