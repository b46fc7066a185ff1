//! The binary: exit codes, and what is printed.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use std::path::Path;
use std::process::{Command, Output};

use common::{Draft, cards, directory, party, replay, secrets, world, write};
use serde_json::Value;
use tongcha_ledger::key::Hex;

fn audit<S: AsRef<std::ffi::OsStr>>(args: impl IntoIterator<Item = S>) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tongcha-audit")).args(args).env_remove("TONGCHA_AUDIT_TOKEN").output().unwrap()
}

fn run(args: &[&str], path: &Path) -> (i32, String) {
    let path = path.to_str().unwrap();
    let output = audit(args.iter().map(|arg| arg.replace("BUNDLE", path)));
    let text = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    (output.status.code().unwrap(), text)
}

fn json(args: &[&str], path: &Path) -> (i32, Value) {
    let (code, text) = run(&[args, &["--json"]].concat(), path);
    (code, serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}")))
}

fn draft() -> Draft {
    world(7, 20).draft(party("macau"))
}

#[test]
fn a_good_bundle_is_0_a_finding_1_and_what_cant_be_read_2() {
    let written = write(&[&draft()]);
    let good = &written.paths[0];
    let (code, text) = run(&["verify", "BUNDLE"], good);
    assert_eq!(code, 0, "{text}");
    for part in ["own cards", "log of zhuhai", "entries   20", "head", "entries/s", "signatures/s", "No findings."] {
        assert!(text.contains(part), "{part} in: {text}");
    }
    assert_eq!(run(&["stats", "BUNDLE"], good).0, 0);

    let mut forged = draft();
    forged.log(party("zhuhai")).remove(5);
    let offset = forged.offset(party("zhuhai"), 5);
    let written = write(&[&forged]);
    let bad = &written.paths[0];
    let (code, text) = run(&["verify", "BUNDLE"], bad);
    assert_eq!(code, 1, "{text}");
    let finding = format!("log of zhuhai, entry 5, at byte {offset}: the entry is refused: entry 6 where 5 follows");
    assert!(text.contains(&finding) && text.contains("1 finding:"), "{text}");
    assert_eq!(run(&["stats", "BUNDLE"], bad).0, 1);
    assert_eq!(run(&["replay", "BUNDLE", "--party", "macau"], bad).0, 1);

    for args in [
        &["verify", "BUNDLE/nothing"][..],
        &["verify"],
        &["verify", "BUNDLE", "--cards", "BUNDLE/nothing"],
        &["replay", "BUNDLE"],
        &["replay", "BUNDLE", "--party", "zhuhai"],
        &["replay", "BUNDLE", "--party", "No Party"],
        &["replay", "BUNDLE", "--knowing", "macau", "--as-of", "yesterday"],
        &["replay", "BUNDLE", "--knowing", "macau", "--case", "batch/00000000-0000-0000-0000-000000000001"],
        &["who-saw", "BUNDLE"],
        &["who-saw", "BUNDLE", "--entry", "zhuhai"],
        &["who-saw", "BUNDLE", "--entry", "zhuhai/999"],
        &["who-saw", "BUNDLE", "--documents", "BUNDLE/nothing"],
        &["diff", "BUNDLE", "--url", "http://127.0.0.1:9", "--out", "BUNDLE/out"],
        &["diff", "BUNDLE", "--url", "http://127.0.0.1:9", "--token", "t", "--out", "BUNDLE/out"],
        &["export", "--party", "macau", "--out", "BUNDLE/out"],
        &["export", "--party", "macau", "--out", "BUNDLE/out", "--data", "BUNDLE"],
        &["export", "--party", "macau", "--out", "BUNDLE/out", "--url", "http://127.0.0.1:9"],
        &["export", "--party", "macau", "--out", "BUNDLE/out", "--url", "x", "--token", "t", "--with-body-keys"],
        &["forget"],
    ] {
        let (code, text) = run(args, bad);
        assert_eq!(code, 2, "{args:?}: {text}");
    }
}

#[test]
fn a_bundle_of_a_later_format_or_without_its_parts_cant_be_read() {
    let written = write(&[&draft()]);
    let path = &written.paths[0];
    let list = std::fs::read_to_string(path.join("bundle.toml")).unwrap();
    std::fs::write(path.join("bundle.toml"), list.replace("format = 1", "format = 2")).unwrap();
    let (code, text) = run(&["verify", "BUNDLE"], path);
    assert!(code == 2 && text.contains("format 2"), "{text}");
    std::fs::write(path.join("bundle.toml"), format!("more = 1\n{list}")).unwrap();
    assert_eq!(run(&["verify", "BUNDLE"], path).0, 2);
    std::fs::write(path.join("bundle.toml"), &list).unwrap();
    std::fs::write(path.join("cards/0.toml"), "party = 3").unwrap();
    assert_eq!(run(&["verify", "BUNDLE"], path).0, 2);
    std::fs::remove_dir_all(path.join("cards")).unwrap();
    assert_eq!(run(&["verify", "BUNDLE"], path).0, 2);
}

#[test]
fn json_is_one_object() {
    let written = write(&[&draft()]);
    let path = &written.paths[0];
    let (code, report) = json(&["verify", "BUNDLE"], path);
    assert_eq!((code, &report["keys"], &report["findings"]), (0, &"bundle".into(), &Value::Array(vec![])));
    assert_eq!(report["logs"].as_array().unwrap().len(), 3);
    assert_eq!(report["logs"][0]["entries"], 20);
    assert!(report["speed"]["single_core_verifications_per_second"].as_f64().unwrap() > 0.0);
    assert!(report["speed"]["ratio"].as_f64().unwrap() > 0.0);
    let cards = path.join("cards");
    let (code, report) = json(&["verify", "BUNDLE", "--cards", cards.to_str().unwrap()], path);
    assert_eq!((code, &report["keys"]), (0, &"trusted".into()));
    let (_, stats) = json(&["stats", "BUNDLE"], path);
    let counted: u64 = stats["kinds"].as_object().unwrap().values().map(|n| n.as_u64().unwrap()).sum();
    assert_eq!(counted, 60);

    let mut forged = draft();
    forged.log(party("zhuhai")).pop();
    let written = write(&[&forged]);
    let (code, report) = json(&["verify", "BUNDLE"], &written.paths[0]);
    let finding = &report["findings"][0];
    assert_eq!((code, &finding["code"], &finding["origin"]), (1, &"MISSING".into(), &"zhuhai".into()));
    assert_eq!((&finding["seq"], &finding["offset"]), (&19.into(), &forged.offset(party("zhuhai"), 19).into()));
}

#[test]
fn what_was_known_who_saw_and_the_indicators_are_told_in_words() {
    let written = write(&[&draft()]);
    let path = &written.paths[0];
    let at = ["replay", "BUNDLE", "--knowing", "macau", "--as-of", "2026-07-01T12:05:30+08:00"];
    let (code, text) = run(&[&at[..], &["--case", "batch/00000000-0000-0000-0000-0000000000ff"]].concat(), path);
    for part in ["What macau knew by 2026-07-01T04:05:30Z, proved by its own entry 5", "possibly 1 more", "0 steps"] {
        assert!(code == 0 && text.contains(part), "{part} in: {text}");
    }
    let (code, text) = run(&["who-saw", "BUNDLE", "--entry", "zhuhai/3"], path);
    assert!(code == 0 && text.contains("not yet at") && text.contains("(its entry 4)"), "{text}");
    let documents = path.join("documents.json");
    std::fs::write(&documents, r#"[{"kind": "macau_bir", "number": "9000001(0)"}]"#).unwrap();
    let (code, text) = run(&["who-saw", "BUNDLE", "--documents", documents.to_str().unwrap()], path);
    assert!(code == 0 && text.contains("by the logs of macau") && text.contains("body keys are not here"), "{text}");
    std::fs::write(&documents, "[]").unwrap();
    assert_eq!(run(&["who-saw", "BUNDLE", "--documents", documents.to_str().unwrap()], path).0, 2);
    let (code, text) = run(&["stats", "BUNDLE"], path);
    assert!(code == 0 && text.contains("Events: 60") && text.contains("median"), "{text}");
}

#[test]
fn replay_tells_whether_the_root_is_the_partys() {
    let macau = party("macau");
    let mut with_root = draft();
    with_root.manifest.state_root = Some(replay(&[&with_root], macau).state_root);
    let root = hex::encode(with_root.manifest.state_root.unwrap().0);
    let written = write(&[&with_root]);
    let (code, report) = json(&["replay", "BUNDLE", "--party", "macau"], &written.paths[0]);
    assert_eq!((code, &report["state_root"], &report["entries"]), (0, &root.clone().into(), &60.into()));
    let (code, text) = run(&["replay", "BUNDLE", "--party", "macau"], &written.paths[0]);
    assert!(code == 0 && text.contains(&root) && text.contains("It is the one the party gave."), "{text}");
    let mut other = with_root.clone();
    other.manifest.state_root = Some(Hex([1; 32]));
    let written = write(&[&other]);
    let (code, text) = run(&["replay", "BUNDLE", "--party", "macau"], &written.paths[0]);
    assert!(code == 1 && text.contains("IT DIFFERS"), "{text}");
}

#[test]
fn an_export_of_a_data_directory_verifies_and_replays() {
    let (dir, draft) = (tempfile::tempdir().unwrap(), draft());
    draft.write_logs(&dir.path().join("data/journal"), &dir.path().join("data/body-keys"));
    draft.write_cards(&dir.path().join("party-cards"));
    let (data, cards, out) =
        (dir.path().join("data"), dir.path().join("party-cards"), dir.path().join("out").join("bundle"));
    let [data, cards] = [&data, &cards].map(|path| path.to_str().unwrap());
    let args = ["export", "--data", data, "--cards", cards, "--party", "macau", "--out", "BUNDLE", "--with-body-keys"];
    let (code, text) = run(&args, &out);
    assert!(code == 0 && text.contains("log of macau: 20 entries"), "{text}");
    assert_eq!(run(&["verify", "BUNDLE"], &out).0, 0);
    let (code, report) = json(&["replay", "BUNDLE", "--party", "macau"], &out);
    assert_eq!((code, &report["entries"]), (0, &60.into()));
    assert_eq!(run(&args, &out).0, 2, "nothing is overwritten");
}

/// A consent of the golden vectors whose term holds from `from` for a thousand seconds.
fn token(from: i64) -> String {
    use tongcha_domain::consent::ConsentClaims;
    use tongcha_domain::event::Event;
    use tongcha_domain::time::Instant;
    let granted = common::bodies()
        .into_iter()
        .find_map(|body| if let Event::ConsentGranted(granted) = body.event { Some(granted.claims) } else { None });
    let (not_before, not_after) = (Instant(from * 1_000_000), Instant((from + 1000) * 1_000_000));
    let claims = ConsentClaims { issuer: party("zhuhai"), not_before, not_after, ..granted.unwrap() };
    let mut rng = <rand::rngs::StdRng as rand::SeedableRng>::seed_from_u64(3);
    let made = tongcha_ledger::token::ConsentToken::issue(&claims, secrets(party("zhuhai")), &directory(), &mut rng);
    made.unwrap().to_text()
}

#[test]
fn a_token_is_checked_with_cards_alone_and_says_what_it_can_not_know() {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let now = i64::try_from(now).unwrap();
    let dir = tempfile::tempdir().unwrap();
    for card in cards() {
        std::fs::write(dir.path().join(format!("{}.toml", card.party)), toml::to_string(&card).unwrap()).unwrap();
    }
    let check = |token: &str| run(&["check-token", "--cards", "BUNDLE", token], dir.path());
    let (code, text) = check(&token(now - 100));
    assert_eq!(code, 0, "{text}");
    for part in [
        "Signed by zhuhai",
        "holder     macau",
        "ast.deposit",
        "Not known from a token: whether the consent was revoked",
    ] {
        assert!(text.contains(part), "{part} in: {text}");
    }
    assert!(!text.contains("9000001"), "whom it covers is sealed: {text}");
    let (code, text) = check(&token(now - 5000));
    assert!(code == 1 && text.contains("NOT NOW"), "{code}: {text}");
    let good = token(now - 100);
    let middle = good.len() / 2;
    let other = if &good[middle..=middle] == "A" { "B" } else { "A" };
    let (code, text) = check(&format!("{}{other}{}", &good[..middle], &good[middle + 1..]));
    assert!(code == 1 && text.contains("REFUSED"), "{code}: {text}");
    assert_eq!(check("tc1.!!").0, 1);
    assert_eq!(run(&["check-token", "--cards", "BUNDLE/nothing", &good], dir.path()).0, 2);
    let (code, report) = json(&["check-token", "--cards", "BUNDLE", &good], dir.path());
    assert_eq!((code, &report["in_term"], &report["refused"]), (0, &Value::Bool(true), &Value::Null));
}

#[test]
fn a_judgement_needs_a_partys_keys_and_says_what_is_wrong() {
    // These logs are of random events: properly signed, and hardly one of them could happen.
    let written = write(&[&draft()]);
    let bundle = &written.paths[0];
    let (code, text) = run(&["judge", "BUNDLE"], bundle);
    assert_eq!(code, 1, "{text}");
    for part in ["log of macau: 20 entries", "ACTOR_UNKNOWN", "NOT JUDGED: the log of zhuhai"] {
        assert!(text.contains(part), "{part} in: {text}");
    }
    let (code, report) = json(&["judge", "BUNDLE", "--party", "macau"], bundle);
    assert_eq!(code, 1);
    let first = &report["parties"][0]["findings"][0];
    for field in ["origin", "seq", "kind", "recorded_at", "code", "breach", "rule"] {
        assert!(!first[field].is_null(), "{field} in {first}");
    }
    let without = [
        &["judge", "BUNDLE", "--party", "zhuhai"][..],
        &["judge", "BUNDLE", "--body-keys", "BUNDLE/body-keys"],
        &["judge", "BUNDLE", "--body-keys", "BUNDLE/body-keys", "--party", "macau", "--party", "zhuhai"],
    ];
    for args in without {
        assert_eq!(run(args, bundle).0, 2, "{args:?}");
    }
}
