//! Accepted and witnessed, as officers see it; and a party that may not write.

use serde_json::{Value, json};
use tongcha_domain::event::EventKind;
use tongcha_ledger::entry::{Header, VERSION, VerifiedEntry};
use tongcha_node::clock::wall_clock;
use tongcha_node::core::Cosigned;

use crate::batch;
use crate::common::TestParty;
use crate::support::{party, secrets};

/// Zhuhai cosigns Macau's log as far as it goes, and Macau takes the signature up.
async fn witness(macau: &TestParty, zhuhai: &TestParty) {
    macau.tell(zhuhai).await;
    let signed = macau.node.with(|core| core.checkpoint(wall_clock()).unwrap().unwrap()).await.unwrap();
    let note = signed.note().to_string().into_bytes();
    let said = zhuhai.node.with(move |core| core.cosign(party("macau"), &note, wall_clock()).unwrap()).await.unwrap();
    let Cosigned::Signature(line) = said else { panic!("{said:?}") };
    assert!(macau.node.with(move |core| core.add_cosignature(party("zhuhai"), &line).unwrap()).await.unwrap());
}

#[tokio::test]
async fn an_entry_is_accepted_and_then_witnessed_wherever_it_is_shown() {
    let (macau, zhuhai) = (TestParty::start("macau"), TestParty::start("zhuhai"));
    let post = async || macau.post_keyed("cw", "july", "/v1/batches", &batch("zhuhai")).await;
    let fresh = post().await;
    assert!(!fresh.headers.contains_key("tongcha-witnessed"), "nobody has witnessed anything");
    let receipt = fresh.ok(201);
    assert_eq!((&receipt["state"], &receipt["witnessed_by"]), (&json!("accepted"), &json!([])));
    let path = format!("/v1/entries/macau/{}", receipt["seq"]);
    assert_eq!(macau.get("au", &path).await.ok(200)["witnessed_by"], json!([]));

    witness(&macau, &zhuhai).await;
    let count = macau.entries().await;
    let again = post().await.ok(201);
    assert_eq!((&again["replayed"], &again["state"]), (&json!(true), &json!("witnessed")));
    assert_eq!(again["witnessed_by"], json!(["zhuhai"]));
    assert_eq!(macau.get("au", &path).await.ok(200)["witnessed_by"], json!(["zhuhai"]));
    assert_eq!(zhuhai.get("au", &path).await.ok(200)["witnessed_by"], json!(["zhuhai"]));

    // Every step of a view and of a case file says it too, at the writer and at the witness.
    let id = receipt["id"].as_str().unwrap();
    let states = |of: &Value| -> Vec<(Value, Value)> {
        let steps = of.get("steps").unwrap_or(of).as_array().unwrap();
        steps.iter().map(|step| (step["state"].clone(), step["witnessed_by"].clone())).collect()
    };
    let witnessed = [(json!("witnessed"), json!(["zhuhai"]))];
    assert_eq!(states(&macau.get("cw", &format!("/v1/batches/{id}?reason=x")).await.ok(200)), witnessed);
    assert_eq!(states(&macau.get("rv", &format!("/v1/work/cases/batch/{id}")).await.ok(200)), witnessed);
    macau.post("rv", &format!("/v1/batches/{id}/approval"), &json!({})).await.ok(200);
    let file = states(&macau.get("rv", &format!("/v1/work/cases/batch/{id}")).await.ok(200));
    assert_eq!(file, [witnessed[0].clone(), (json!("accepted"), json!([]))]);

    // The header of every answer says how far: what comes after the number is accepted only.
    let next = macau.post("cw", "/v1/batches", &batch("hengqin")).await.ok(201);
    assert_eq!(next["state"], "accepted");
    let list = macau.get("cw", "/v1/batches").await;
    assert_eq!(list.headers["tongcha-witnessed"], format!("zhuhai={count}"));
    assert!(next["seq"].as_u64().unwrap() >= count);
    let metrics = macau.get("", "/metrics").await.text();
    assert!(metrics.contains(&format!("tongcha_witnessed_entries{{party=\"zhuhai\"}} {count}")), "{metrics}");
}

/// An entry that Macau signed and that is not in its log.
fn lost_entry(seq: u64) -> VerifiedEntry {
    let secrets = secrets("macau");
    let header = Header {
        version: VERSION,
        origin: party("macau"),
        seq,
        prev: [0; 32],
        recorded_at: wall_clock(),
        key_id: secrets.key_id(),
        kind: EventKind::AccessRecorded,
        audience: [party("macau")].into(),
        body_digest: [0; 32],
        body_len: 0,
        seen: std::collections::BTreeMap::new(),
    };
    VerifiedEntry::sign(header, &secrets).unwrap()
}

#[tokio::test]
async fn a_party_whose_log_lacks_entries_refuses_commands_and_says_what_to_do() {
    let macau = TestParty::start("macau");
    let before = macau.entries().await;
    let lost = [lost_entry(before + 3)];
    macau.node.with(move |core| core.hear_own(party("zhuhai"), &lost).unwrap()).await.unwrap();
    let problem = macau.post("cw", "/v1/batches", &batch("zhuhai")).await.problem(503, "OWN_LOG_INCOMPLETE");
    assert!(problem["next_step"].as_str().unwrap().contains("recover"), "{problem}");
    assert!(problem["text"]["zh-Hans"]["next_step"].as_str().unwrap().contains("recover"));
    assert_eq!(macau.entries().await, before);
    macau.get("cw", "/v1/batches").await.ok(200); // what there is can be read
    assert!(macau.get("", "/metrics").await.text().contains("tongcha_log_writable 0"));
}
