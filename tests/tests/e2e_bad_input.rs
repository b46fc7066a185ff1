//! Bad requests to a running service: each is refused for what is wrong with it, none is a failure of ours, what
//! can't be read leaves no trace in the log, and the service goes on.

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use tongcha_testbed::client::{Desk, expect_code};
use tongcha_testbed::cluster::{Cluster, Options};
use tongcha_testbed::load;
use tongcha_testbed::parties::{MACAU, ZHUHAI};
use tongcha_testbed::story::cast::CHAN;
use tongcha_testbed::story::s2_urgent;
use tongcha_testbed::story::s3_verification::{LOOKUPS, Letter, lookup};

/// A change to a request that was right.
type Change = fn(&mut Value);

const NO_ID: &str = "00000000-0000-4000-8000-000000000000";

async fn refused(desk: &Desk, path: &str, body: &Value, code: &str) -> Result<()> {
    let reply = desk.post(path, body).await?;
    let told = format!("POST {path} {}", body.to_string().chars().take(300).collect::<String>());
    let problem = expect_code(&reply, code).with_context(|| told.clone())?;
    ensure!((400..500).contains(&problem.status), "{told}: {}", problem.status);
    ensure!(!problem.next_step.is_empty() && !problem.rule.is_empty(), "{told}: no next step or rule");
    ensure!(!reply.request_id.is_empty(), "{told}: no request id");
    // What was typed in may be personal data, so a problem never repeats it.
    for secret in ["9000001", "陳樣本", "999999"] {
        ensure!(!reply.text().contains(secret), "{told}: the problem repeats {secret}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_cannot_be_read_are_refused() -> Result<()> {
    let cluster = Cluster::start(&Options::default()).await?;
    let desk = cluster.desk("zh.cw")?;
    let before = cluster.count(ZHUHAI, "zhuhai").await?;
    let raw = |bytes: &[u8], kind: &str| {
        let request = desk.request(Method::POST, load::PATH).header("content-type", kind).body(bytes.to_vec());
        desk.send(request)
    };
    let deep = [b"[".repeat(100_000), b"]".repeat(100_000)].concat();
    for bytes in [&b""[..], b"{", b"null", b"[]", b"{}", b"\xFF\xFE", b"{\"to\":\"macau\"} {}", &deep] {
        expect_code(&raw(bytes, "application/json").await?, "BAD_REQUEST")?;
    }
    expect_code(&raw(b"{}", "text/plain").await?, "UNSUPPORTED_MEDIA_TYPE")?;
    // The service answers before it has read everything; then the connection may end before the answer is read.
    if let Ok(reply) = raw(&vec![b' '; 5 << 20], "application/json").await {
        expect_code(&reply, "BODY_TOO_LARGE")?;
    }
    expect_code(&desk.get("/v1/nothing").await?, "NOT_FOUND")?;
    expect_code(&desk.send(desk.request(Method::DELETE, load::PATH)).await?, "METHOD_NOT_ALLOWED")?;
    let shortened: String = desk.token().chars().skip(1).collect();
    for token in ["", "tc_wrong", &"x".repeat(5_000), &shortened] {
        let stranger = desk.with_token(token);
        expect_code(&stranger.get("/v1/status").await?, "UNAUTHENTICATED")?;
        expect_code(&stranger.post(load::PATH, &load::empty_batch("macau")).await?, "UNAUTHENTICATED")?;
    }
    let macau = cluster.desk("mo.cw")?.token();
    expect_code(&desk.with_token(macau).get("/v1/status").await?, "UNAUTHENTICATED")?;
    for reason in ["", "?reason=", "?reason=%20", "?reason=x&more=y"] {
        expect_code(&desk.get(&format!("{}/{NO_ID}{reason}", load::PATH)).await?, "BAD_REQUEST")?;
    }
    expect_code(&desk.get(&format!("{}/not-an-id?reason=x", load::PATH)).await?, "BAD_REQUEST")?;
    ensure!(cluster.count(ZHUHAI, "zhuhai").await? == before, "what can't be read is nobody's command");
    desk.command(load::PATH, &load::empty_batch("macau")).await.map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn values_outside_their_bounds_are_refused() -> Result<()> {
    let cluster = Cluster::start(&Options::default()).await?;
    let desk = cluster.desk("zh.cw")?;
    let before = cluster.count(ZHUHAI, "zhuhai").await?;

    let consent = Letter::of(CHAN).body()?;
    let consents: &[(Change, &str)] = &[
        (|c| c["unknown"] = json!(1), "BAD_REQUEST"),
        (|c| c["holder"] = json!("Macau"), "BAD_REQUEST"),
        (|c| c["holder"] = json!("foshan"), "WRONG_ADDRESSEE"),
        (|c| c["holder"] = json!("zhuhai"), "WRONG_ADDRESSEE"),
        (|c| c["items"] = json!({ "ast.gold": "threshold" }), "BAD_REQUEST"),
        (|c| c["items"] = json!({ "ast.deposit": "everything" }), "BAD_REQUEST"),
        (|c| c["items"] = json!({}), "BAD_LIST"),
        (|c| c["items"] = json!({ "rel.support": "threshold" }), "OVER_SCOPE"),
        (|c| c["uses"] = json!(-1), "BAD_REQUEST"),
        (|c| c["uses"] = json!(0), "BAD_TERM"),
        (|c| c["uses"] = json!(4_000_000_000_u32), "BAD_TERM"),
        (|c| c["not_after"] = c["not_before"].clone(), "BAD_TERM"),
        (|c| c["not_after"] = json!("2099-01-01T00:00:00Z"), "BAD_TERM"),
        (|c| c["not_after"] = json!("tomorrow"), "BAD_REQUEST"),
        (|c| c["letter_sha256"] = json!("12ab"), "BAD_REQUEST"),
        (|c| c["signers"] = json!([]), "SIGNATURE_MISSING"),
        (|c| c["witness"] = json!("zh.cw.test"), "SAME_PERSON"),
        (|c| c["subjects"] = json!([]), "BAD_LIST"),
        (|c| c["subjects"][0]["document"]["number"] = json!("9000001"), "BAD_REQUEST"),
        (|c| c["subjects"][0]["document"]["kind"] = json!("mainland_id"), "BAD_REQUEST"),
        (|c| c["subjects"][0]["name"]["as_on_document"] = json!("陳\u{202E}樣本"), "BAD_REQUEST"),
        (|c| c["subjects"][0]["name"]["as_on_document"] = json!("陳".repeat(201)), "BAD_REQUEST"),
        (|c| c["subjects"][0]["birth_date"] = json!("2031-02-30"), "BAD_REQUEST"),
    ];
    for (change, code) in consents {
        let mut body = consent.clone();
        change(&mut body);
        refused(desk, "/v1/consents", &body, code).await?;
    }

    let batches: &[(Change, &str)] = &[
        (|b| b["period"] = json!("2026-13"), "BAD_REQUEST"),
        (|b| b["period"] = json!("2099-01"), "BAD_DATE"),
        (|b| b["unchanged"] = json!(1.5), "BAD_REQUEST"),
        (|b| b["to"] = json!("zhuhai"), "WRONG_ADDRESSEE"),
        (|b| b["entries"] = json!([{}]), "BAD_REQUEST"),
    ];
    for (change, code) in batches {
        let mut body = load::empty_batch("macau");
        change(&mut body);
        refused(desk, load::PATH, &body, code).await?;
    }
    let steps =
        [("approval", "ROLE_NOT_ALLOWED"), ("entries/1/match", "NOT_FOUND"), ("entries/x/match", "BAD_REQUEST")];
    for (path, code) in steps {
        refused(desk, &format!("{}/{NO_ID}/{path}", load::PATH), &json!({}), code).await?;
    }
    // What could be read and was refused is on record; what could not be read is nobody's command.
    let codes = consents.iter().chain(batches).map(|(_, code)| *code).chain(steps.map(|(_, code)| code));
    let refusals = u64::try_from(codes.filter(|code| *code != "BAD_REQUEST").count())?;
    let recorded = cluster.count(ZHUHAI, "zhuhai").await? - before;
    ensure!(recorded == refusals, "{refusals} commands were refused, {recorded} entries are on record");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn repeated_commands_happen_once_and_a_key_names_one_command() -> Result<()> {
    let cluster = Cluster::start(&Options::default()).await?;
    let (desk, other) = (cluster.desk("zh.cw")?, cluster.desk("zh.cw2")?);
    let body = load::empty_batch("macau");
    let first = load::repeat(desk, "key-1", &body).await?.context("an answer")?;
    let again = load::repeat(desk, "key-1", &body).await?.context("an answer")?;
    ensure!(!first.replayed && again.replayed && again.id == first.id && again.seq == first.seq);
    let differs = load::empty_batch("hengqin");
    let keyed = |key: &str, body: &Value| {
        desk.send(desk.request(Method::POST, load::PATH).header("idempotency-key", key).json(body))
    };
    let problem = expect_code(&keyed("key-1", &differs).await?, "IDEMPOTENCY_KEY_REUSED")?;
    ensure!(problem.status == 409);
    let of_another = load::repeat(other, "key-1", &body).await?.context("an answer")?;
    ensure!(of_another.id != first.id, "a key belongs to an officer");
    for key in ["", "with space", &"k".repeat(129)] {
        expect_code(&keyed(key, &body).await?, "BAD_REQUEST")?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_racers_on_one_use_get_one_answer() -> Result<()> {
    let cluster = Cluster::start(&Options::default()).await?;
    let teller = tongcha_testbed::teller::Teller::silent();
    let stage = tongcha_testbed::story::Stage { cluster: &cluster, teller: &teller };
    let consent = Letter { uses: 3, ..Letter::of(CHAN) }.grant(&stage).await?;
    stage.delivered(&consent.receipt, MACAU).await?;
    let desk = cluster.desk("zh.cw")?;
    let body = lookup("macau", Some(&consent.token), CHAN, &["ast.property"])?;
    let race = (0..64).map(|_| desk.post(LOOKUPS, &body));
    let mut answered = 0;
    for reply in futures::future::join_all(race).await {
        let reply = reply?;
        if reply.status == 200 {
            answered += 1;
        } else {
            expect_code(&reply, "CONSENT_USED_UP")?;
        }
    }
    ensure!(answered == 3, "three uses were answered {answered} times");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn urgent_notices_are_checked_like_all_others() -> Result<()> {
    let cluster = Cluster::start(&Options::default()).await?;
    let desk = cluster.desk("zh.ho")?;
    let notices: &[(Change, &str)] = &[
        (|n| n["to"] = json!([]), "BAD_LIST"),
        (|n| n["to"] = json!(["zhuhai"]), "WRONG_ADDRESSEE"),
        (|n| n["to"] = json!(["macau", "foshan"]), "WRONG_ADDRESSEE"),
        (|n| n["vital_interest"] = json!(" "), "BAD_REQUEST"),
        (|n| n["emergency"]["need"] = json!("x".repeat(2_001)), "BAD_REQUEST"),
        (|n| n["emergency"]["phone"] = json!("+853 00000001"), "BAD_REQUEST"),
    ];
    for (change, code) in notices {
        let mut body = s2_urgent::notice(&["macau"])?;
        change(&mut body);
        refused(desk, "/v1/urgent", &body, code).await?;
    }
    refused(desk, &format!("/v1/urgent/{NO_ID}/takeover"), &json!({}), "NOT_FOUND").await
}
