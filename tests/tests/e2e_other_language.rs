//! A verifier in another language, written from `proto-schemas/` alone, judges the published vectors and checks an exported
//! bundle and its events: so the published text is enough. It needs nothing else of this workspace.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test: what fails here fails the check")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};
use tongcha_testbed::cluster::{Cluster, Options};
use tongcha_testbed::parties::{MACAU, SIDES, ZHUHAI};
use tongcha_testbed::{install, wait};

const WITNESSED_MAX: Duration = Duration::from_secs(60);

/// Runs the verifier on a copy of the published files; returns its exit code and what it said.
fn run(python: &Path, root: &Path, arguments: &[&Path]) -> (Option<i32>, String) {
    let ran = Command::new(python).arg(root.join("tests/verifier/verify.py")).args(arguments).output().unwrap();
    let said = [ran.stdout, ran.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    (ran.status.code(), said)
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn verify(python: &Path, arguments: &[&Path]) -> (Option<i32>, String) {
    run(python, &root(), &[&[Path::new("bundle")][..], arguments].concat())
}

/// Changes one bit of a file, has all verified, and puts the file back.
fn with_flip(python: &Path, arguments: &[&Path], file: &Path, bit: usize) -> Option<i32> {
    let good = std::fs::read(file).unwrap();
    let mut bad = good.clone();
    bad[bit / 8] ^= 1 << (bit % 8);
    std::fs::write(file, bad).unwrap();
    let (code, _) = verify(python, arguments);
    std::fs::write(file, good).unwrap();
    code
}

/// Has the bundle's events exported in both forms, beside it.
fn events(cluster: &Cluster, bundle: &Path) -> [PathBuf; 2] {
    ["jsonl", "protobuf"].map(|form| {
        let out = cluster.root().join(format!("events.{form}"));
        let mut export = Command::new(cluster.binaries().audit());
        export.args(["export", "--format", form, "--bundle"]).arg(bundle).arg("--out").arg(&out);
        let ran = export.output().unwrap();
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
        out
    })
}

async fn bundle(cluster: &Cluster) -> PathBuf {
    let desk = cluster.desk("mo.cw").unwrap();
    for period in ["2026-05", "2026-06", "2026-07"] {
        let batch = json!({ "to": ZHUHAI.name, "period": period, "entries": [], "unchanged": 3 });
        desk.command("/v1/batches", &batch).await.unwrap();
    }
    cluster.settled().await.unwrap();
    wait::until("both peers have witnessed Macau's log", WITNESSED_MAX, async || {
        let status = cluster.status(MACAU).await?;
        let own = status["logs"].as_array().unwrap().iter().find(|log| log["origin"] == MACAU.name).unwrap();
        let by = own["witnessed_by"].as_object().unwrap().len();
        Ok((own["checkpointed"] == own["count"] && by + 1 == SIDES.len()).then_some(()))
    })
    .await
    .unwrap();
    let out = cluster.root().join("bundle");
    let home = cluster.home(MACAU).unwrap();
    let mut export = Command::new(cluster.binaries().audit());
    export.arg("export").arg("--data").arg(home.data()).args(["--party", MACAU.name, "--with-body-keys"]);
    export.arg("--cards").arg(home.cards()).arg("--out").arg(&out);
    assert!(export.output().unwrap().status.success());
    out
}

#[test]
fn a_verifier_written_from_the_published_text_gives_every_vector_its_verdict() {
    let python = install::python().unwrap();
    let (code, said) = run(&python, &root(), &[Path::new("vectors")]);
    assert_eq!(code, Some(0), "{said}");
    for part in ["of entry", "of body", "of token", "of checkpoint", "of receipt", "of bodies", "of exported"] {
        assert!(said.contains(part), "{part} in: {said}");
    }
}

#[test]
fn the_verifier_finds_a_changed_vector() {
    let (python, copy) = (install::python().unwrap(), tempfile::tempdir().unwrap());
    for dir in ["tests/verifier", "proto-schemas/v1", "proto-schemas/v1/vectors"] {
        std::fs::create_dir_all(copy.path().join(dir)).unwrap();
        for file in std::fs::read_dir(root().join(dir)).unwrap().map(|file| file.unwrap().path()) {
            if file.is_file() {
                std::fs::copy(&file, copy.path().join(dir).join(file.file_name().unwrap())).unwrap();
            }
        }
    }
    let vectors = [Path::new("vectors")];
    assert_eq!(run(&python, copy.path(), &vectors).0, Some(0));
    let mut tries = 0;
    for name in ["entry", "body", "token", "checkpoint", "receipt"] {
        let path = copy.path().join(format!("proto-schemas/v1/vectors/{name}.json"));
        let good = std::fs::read_to_string(&path).unwrap();
        let mut changed: Value = serde_json::from_str(&good).unwrap();
        let cases = changed["cases"].as_array().unwrap().len();
        for at in 0..cases {
            let verdict = changed["cases"][at]["verdict"].clone();
            if (name, verdict.as_str()) == ("body", Some("audience")) {
                continue; // what a foreign verifier leaves out, and says so
            }
            changed["cases"][at]["verdict"] = "something else".into();
            std::fs::write(&path, changed.to_string()).unwrap();
            assert_eq!(run(&python, copy.path(), &vectors).0, Some(1), "{name}, case {at}");
            changed["cases"][at]["verdict"] = verdict;
            tries += 1;
            if tries % 5 == 0 {
                break; // each run judges everything: five of each file are enough
            }
        }
        std::fs::write(&path, good).unwrap();
    }
    assert_eq!(tries, 25);
    let path = copy.path().join("proto-schemas/v1/vectors/bodies.json");
    let good: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    for form in ["postcard", "protobuf", "json"] {
        let mut changed = good.clone();
        changed["bodies"]["batch-sent"][form] = good["bodies"]["batch-approved"][form].clone();
        std::fs::write(&path, changed.to_string()).unwrap();
        assert_eq!(run(&python, copy.path(), &vectors).0, Some(1), "{form}");
    }
}

#[tokio::test]
async fn a_verifier_written_from_the_published_text_accepts_the_bundle_and_finds_changes() {
    let python = install::python().unwrap();
    let cluster = Cluster::start(&Options::default()).await.unwrap();
    let bundle = bundle(&cluster).await;
    let [jsonl, protobuf] = events(&cluster, &bundle);
    let all = [bundle.as_path(), jsonl.as_path(), protobuf.as_path()];
    let (code, said) = verify(&python, &all);
    assert_eq!(code, Some(0), "{said}");
    let own = said.lines().find(|line| line.starts_with("macau: ")).unwrap();
    assert!(own.contains("witnessed by hengqin and zhuhai") && !own.contains(" 0 bodies opened"), "{said}");
    assert!(said.contains("events in both forms"), "{said}");

    let log = bundle.join(MACAU.name);
    let entries = std::fs::read_dir(log.join("tile/entries/000.p")).unwrap().next().unwrap().unwrap().path();
    let width = entries.file_name().unwrap().to_owned();
    let files = [
        entries.clone(),
        log.join("tile/0/000.p").join(&width),
        log.join("bodies/000.p").join(&width),
        log.join("checkpoint"),
        bundle.join("body-keys/macau.keys"),
        jsonl.clone(),
        protobuf.clone(),
    ];
    let mut tries = 0;
    for file in &files {
        let bits = std::fs::metadata(file).unwrap().len() * 8;
        for part in 0..5 {
            // Spread over the file; in the checkpoint over its text, for a changed name of a witness is nobody's; of the
            // events over the first, which are Macau's own.
            let bits = match file.file_name().unwrap().to_str().unwrap() {
                "checkpoint" => 60 * 8,
                name if name.starts_with("events") => bits / 4,
                _ => bits,
            };
            let bit = usize::try_from(bits * part / 5 + part).unwrap();
            assert_eq!(with_flip(&python, &all, file, bit), Some(1), "bit {bit} of {}", file.display());
            tries += 1;
        }
    }
    assert_eq!(tries, 35);
}
