//! Export from a data directory and from a service gives a bundle that verifies, and says what it left out.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;

use common::{Draft, found, parties, party, read, world};
use indicatif::ProgressBar;
use tongcha_audit::bundle::{Bundle, Manifest};
use tongcha_audit::export::{Excess, from_data, from_service};
use tongcha_audit::input::InputError;
use tongcha_ledger::key::Hex;

const ENTRIES: usize = 50;

fn findings_of(bundle: &Path) -> Vec<(&'static str, u64)> {
    let bundles = [Bundle::open(bundle).unwrap()];
    let report = tongcha_audit::verify::verify(&bundles, None, &ProgressBar::hidden()).unwrap();
    found(&report.findings).into_iter().map(|(code, _, seq, _)| (code, seq)).collect()
}

// A data directory as a service keeps it, and a directory of cards.
fn data_directory(draft: &Draft) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    draft.write_logs(&dir.path().join("data/journal"), &dir.path().join("data/body-keys"));
    draft.write_cards(&dir.path().join("party-cards"));
    dir
}

fn export(dir: &Path, with_body_keys: bool) -> Result<(Manifest, Vec<Excess>), InputError> {
    let (data, cards) = (dir.join("data"), dir.join("party-cards"));
    from_data(&data, party("macau"), &cards, &dir.join("bundle"), with_body_keys)
}

#[test]
fn a_data_directory_becomes_a_bundle() {
    let draft = world(7, ENTRIES).draft(party("macau"));
    let dir = data_directory(&draft);
    let (manifest, excesses) = export(dir.path(), false).unwrap();
    let sorted = |mut manifest: Manifest| {
        manifest.logs.sort_by_key(|log| log.origin);
        manifest
    };
    assert_eq!((sorted(manifest), excesses), (sorted(draft.manifest), vec![]));
    assert_eq!(findings_of(&dir.path().join("bundle")), []);
    assert!(!dir.path().join("bundle/body-keys").exists());
}

#[test]
fn body_keys_come_only_when_asked_for_and_are_for_the_owner_alone() {
    let (world, macau) = (world(7, ENTRIES), party("macau"));
    let dir = data_directory(&world.draft(macau));
    std::fs::write(dir.path().join("data/body-keys/macau.keys"), [0; 4000]).unwrap(); // longer than the log
    export(dir.path(), true).unwrap();
    for origin in parties() {
        let path = dir.path().join(format!("bundle/body-keys/{origin}.keys"));
        assert_eq!(std::fs::metadata(&path).unwrap().len(), 40 * ENTRIES as u64, "one slot for each entry exported");
        #[cfg(unix)]
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&path).unwrap().permissions()) & 0o77, 0);
    }
}

#[test]
fn an_interrupted_write_is_left_out_and_damage_is_kept_as_evidence() {
    let (world, zhuhai) = (world(7, ENTRIES), party("zhuhai"));
    let mut torn = world.draft(party("macau"));
    let half = torn.log(zhuhai)[3][..20].to_vec();
    torn.log(zhuhai).push(half);
    let dir = data_directory(&torn);
    let (manifest, excesses) = export(dir.path(), false).unwrap();
    let offset = torn.offset(zhuhai, ENTRIES as u64);
    assert_eq!(excesses, [Excess { origin: zhuhai, offset, torn: true }]);
    assert_eq!(manifest.log(zhuhai).count, ENTRIES as u64);
    assert_eq!(findings_of(&dir.path().join("bundle")), []);

    let mut damaged = world.draft(party("macau"));
    damaged.log(zhuhai)[9][30] ^= 1;
    let dir = data_directory(&damaged);
    let (_, excesses) = export(dir.path(), false).unwrap();
    assert_eq!(excesses, [Excess { origin: zhuhai, offset: damaged.offset(zhuhai, 9), torn: false }]);
    assert!(findings_of(&dir.path().join("bundle")).contains(&("DAMAGED", 9)));
    let same = ["data/journal", "bundle/logs"].map(|at| std::fs::read(dir.path().join(at).join("zhuhai.log")).unwrap());
    assert_eq!(same[0], same[1]);
}

#[test]
fn nothing_is_overwritten_and_the_party_must_be_there() {
    let dir = data_directory(&world(7, 3).draft(party("macau")));
    std::fs::create_dir(dir.path().join("bundle")).unwrap();
    std::fs::write(dir.path().join("bundle/notes"), "mine").unwrap();
    assert!(matches!(export(dir.path(), false), Err(InputError::Occupied(_))));
    std::fs::remove_file(dir.path().join("bundle/notes")).unwrap();
    std::fs::remove_file(dir.path().join("data/journal/macau.log")).unwrap();
    assert!(matches!(export(dir.path(), false), Err(InputError::NoLog { party: of, .. }) if of == party("macau")));
}

const TOKEN: &str = "an-auditors-token";
/// Entries the service sends at most, fewer than asked for.
const SERVED: usize = 7;

/// What a faulty service makes of its answer to a path.
type Change = fn(&str, Vec<u8>) -> Vec<u8>;

// A service's audit interface: as many answers as are asked for, one connection each.
fn serve(draft: &Draft, change: Change) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let draft = draft.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let (path, authorised) = request(&stream);
            let body = if authorised { answer(&draft, &path) } else { Err(401) };
            let (status, body) = match body {
                Ok(body) => (200, change(&path, body)),
                Err(status) => (status, Vec::new()),
            };
            let head = format!("HTTP/1.1 {status} X\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len());
            let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
        }
    });
    url
}

fn request(stream: &TcpStream) -> (String, bool) {
    let lines: Vec<String> =
        BufReader::new(stream).lines().map(Result::unwrap).take_while(|line| !line.is_empty()).collect();
    let path = lines[0].split(' ').nth(1).unwrap().to_owned();
    let bearer = format!("authorization: bearer {TOKEN}");
    (path, lines.iter().any(|line| line.to_lowercase() == bearer))
}

fn answer(draft: &Draft, path: &str) -> Result<Vec<u8>, u16> {
    match path {
        "/v1/audit/cards" => return Ok(serde_json::to_vec(&draft.cards).unwrap()),
        "/v1/audit/logs" => {
            let (party, logs, root) = (draft.manifest.party, &draft.manifest.logs, draft.manifest.state_root);
            return Ok(
                serde_json::to_vec(&serde_json::json!({ "party": party, "logs": logs, "state_root": root })).unwrap()
            );
        }
        _ => {}
    }
    let (origin, query) = path.strip_prefix("/v1/audit/logs/").and_then(|rest| rest.split_once('?')).ok_or(404u16)?;
    let (from, max) = query.strip_prefix("from=").and_then(|rest| rest.split_once("&max=")).ok_or(400u16)?;
    let (from, max): (usize, usize) = (from.parse().unwrap(), max.parse().unwrap());
    let frames = &draft.logs[&party(origin)];
    Ok(frames.iter().skip(from).take(max.min(SERVED)).flatten().copied().collect())
}

async fn fetch(url: &str, token: &str, out: &Path) -> Result<Manifest, InputError> {
    from_service(url, token, party("macau"), out).await
}

#[tokio::test]
async fn a_service_is_exported_up_to_what_it_lists() {
    let mut draft = world(7, ENTRIES).draft(party("macau"));
    draft.manifest.state_root = Some(Hex([5; 32]));
    // The logs have grown since the list was made.
    let listed = draft.manifest.clone();
    let mut longer = world(7, ENTRIES + 9).draft(party("macau"));
    longer.manifest = listed.clone();
    let mut same_start = longer.clone();
    for (origin, frames) in &mut same_start.logs {
        frames.splice(..ENTRIES, draft.logs[origin].iter().cloned());
    }
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("bundle");
    let url = serve(&same_start, |_, body| body);
    let manifest = fetch(&format!("{url}/"), TOKEN, &out).await.unwrap();
    assert_eq!(manifest, listed);
    assert_eq!(findings_of(&out), []);
    assert_eq!(Bundle::open(&out).unwrap().manifest.state_root, Some(Hex([5; 32])));
    let log = std::fs::read(out.join("logs/macau.log")).unwrap();
    assert_eq!(log, draft.logs[&party("macau")].concat());
    assert_eq!(read(&log).entry, read(&draft.logs[&party("macau")][0]).entry);
}

#[tokio::test]
async fn a_service_that_refuses_or_answers_wrongly_gives_no_bundle() {
    let draft = world(7, 10).draft(party("macau"));
    let dir = tempfile::tempdir().unwrap();
    let out = |name: &str| dir.path().join(name);
    let honest = serve(&draft, |_, body| body);
    let refused = fetch(&honest, "another-token", &out("a")).await;
    assert!(matches!(refused, Err(InputError::Status { status: 401, .. })), "{refused:?}");
    let other = from_service(&honest, TOKEN, party("zhuhai"), &out("b")).await;
    assert!(matches!(other, Err(InputError::OtherParty { .. })), "{other:?}");
    let wrong: [Change; 4] = [
        |path, body| if path.contains('?') { body[..body.len() - 1].to_vec() } else { body },
        |path, body| if path.contains('?') { Vec::new() } else { body },
        |path, body| if path.contains("max=3") { [body.clone(), body].concat() } else { body },
        |path, body| if path.ends_with("cards") { b"[]]".to_vec() } else { body },
    ];
    for (number, change) in wrong.into_iter().enumerate() {
        let out = out(&format!("wrong-{number}"));
        let refused = fetch(&serve(&draft, change), TOKEN, &out).await;
        assert!(matches!(refused, Err(InputError::Answer { .. })), "{number}: {refused:?}");
        assert!(Bundle::open(&out).is_err(), "without its list it is no bundle");
    }
    let nobody = fetch("http://127.0.0.1:9", TOKEN, &out("c")).await;
    assert!(matches!(&nobody, Err(InputError::Fetch { .. })), "{nobody:?}");
    assert!(!format!("{nobody:?}").contains(TOKEN));
}
