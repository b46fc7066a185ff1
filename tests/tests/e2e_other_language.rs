//! A verifier in another language, written from `proto-schemas/` alone, checks the bundle of a real service and the events
//! exported from it. Every kind of damage has a case in `other_language`, which needs no services.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test: what fails here fails the check")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::json;
use tongcha_testbed::cluster::{Cluster, Options};
use tongcha_testbed::parties::{MACAU, SIDES, ZHUHAI};
use tongcha_testbed::{install, wait};

const WITNESSED_MAX: Duration = Duration::from_secs(60);
/// Bits changed in each file, one at a time.
const FLIPS: usize = 2;

/// Runs a script of the verifier; returns its exit code and what it said.
fn run(script: &str, arguments: &[&Path]) -> (Option<i32>, String) {
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("verifier");
    let ran = Command::new(install::python().unwrap()).arg("-B").arg(scripts.join(script)).args(arguments).output();
    let ran = ran.unwrap();
    let said = [ran.stdout, ran.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    (ran.status.code(), said)
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

#[tokio::test]
async fn a_verifier_written_from_the_published_text_accepts_the_bundle_and_finds_changes() {
    let cluster = Cluster::start(&Options::default()).await.unwrap();
    let bundle = bundle(&cluster).await;
    let (code, said) = run("bundle.py", &[&bundle]);
    assert_eq!(code, Some(0), "{said}");
    let own = said.lines().find(|line| line.starts_with("macau: ")).unwrap();
    assert!(own.contains("witnessed by hengqin and zhuhai"), "{said}");

    let [jsonl, protobuf] = events(&cluster, &bundle);
    let all = [bundle.as_path(), jsonl.as_path(), protobuf.as_path()];
    let (code, said) = run("events.py", &all);
    assert_eq!(code, Some(0), "{said}");
    let own = said.lines().find(|line| line.starts_with("macau: ") && line.contains("events")).unwrap();
    assert!(!own.contains(" 0 bodies opened"), "{said}");

    let log = bundle.join(MACAU.name);
    let entries = std::fs::read_dir(log.join("tile/entries/000.p")).unwrap().next().unwrap().unwrap().path();
    let width = entries.file_name().unwrap().to_owned();
    let table = [
        ("an entry's frame", bundle.join("logs/macau.log"), "log of macau: entry "),
        ("a peer's entry's frame", bundle.join("logs/zhuhai.log"), "log of zhuhai: entry "),
        ("the checkpoint", bundle.join("checkpoints/macau.note"), "log of macau: checkpoint: "),
        ("a bundle of entries", entries.clone(), "log of macau: tiles: macau/tile/entries/"),
        ("a hash tile", log.join("tile/0/000.p").join(&width), "log of macau: tiles: macau/tile/0/"),
        ("a bundle of bodies", log.join("bodies/000.p").join(&width), "log of macau: tiles: macau/bodies/"),
        ("the log's key", log.join("vkey"), "log of macau: tiles: macau/vkey"),
        ("the witnesses' keys", log.join("cosigners"), "log of macau: tiles: macau/cosigners"),
        ("a body key", bundle.join("body-keys/macau.keys"), "event of log macau: entry "),
        ("an event in protobuf", protobuf.clone(), "event of log "),
    ];
    let mut tries = 0;
    for (name, file, finding) in table {
        let good = std::fs::read(&file).unwrap();
        for part in 0..FLIPS {
            // Spread over the file; of the checkpoint over its text and the log's signature, for a witness whose name is
            // changed is nobody's.
            let length = if name == "the checkpoint" { 140 } else { good.len() };
            let (mut bad, at) = (good.clone(), length * part / FLIPS + part);
            bad[at] ^= 1 << part;
            std::fs::write(&file, bad).unwrap();
            let (code, said) =
                if finding.starts_with("event") { run("events.py", &all) } else { run("bundle.py", &all[..1]) };
            assert!(code == Some(1) && said.starts_with(&format!("FINDING: {finding}")), "{name}, byte {at}: {said}");
            tries += 1;
        }
        std::fs::write(&file, good).unwrap();
    }
    assert_eq!(tries, 10 * FLIPS);
    assert_eq!(run("events.py", &all).0, Some(0), "all files are as they were");
}
