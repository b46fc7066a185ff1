//! A verifier in another language, written from `proto-schemas/` alone, checks an exported bundle: so the published text is
//! enough. It needs nothing of this workspace.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test: what fails here fails the check")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::json;
use tongcha_testbed::cluster::{Cluster, Options};
use tongcha_testbed::parties::{MACAU, SIDES, ZHUHAI};
use tongcha_testbed::{install, wait};

const WITNESSED_MAX: Duration = Duration::from_secs(60);

/// Runs the verifier; returns its exit code and what it said.
fn verify(python: &Path, bundle: &Path) -> (Option<i32>, String) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("verifier/verify_log.py");
    let ran = Command::new(python).arg(script).arg(bundle).output().unwrap();
    let said = [ran.stdout, ran.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    (ran.status.code(), said)
}

/// Changes one bit of a file, has the bundle verified, and puts the file back.
fn with_flip(python: &Path, bundle: &Path, file: &Path, bit: usize) -> Option<i32> {
    let good = std::fs::read(file).unwrap();
    let mut bad = good.clone();
    bad[bit / 8] ^= 1 << (bit % 8);
    std::fs::write(file, bad).unwrap();
    let (code, _) = verify(python, bundle);
    std::fs::write(file, good).unwrap();
    code
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
    let mut export = Command::new(cluster.binaries().audit());
    export.args(["export", "--url", &cluster.url(MACAU).unwrap(), "--party", MACAU.name, "--out"]).arg(&out);
    export.env("TONGCHA_AUDIT_TOKEN", cluster.desk("mo.au").unwrap().token());
    assert!(export.output().unwrap().status.success());
    out
}

#[tokio::test]
async fn a_verifier_written_from_the_published_text_accepts_the_bundle_and_finds_changes() {
    let python = install::python().unwrap();
    let cluster = Cluster::start(&Options::default()).await.unwrap();
    let bundle = bundle(&cluster).await;
    let (code, said) = verify(&python, &bundle);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("macau: ") && said.contains("witnessed by hengqin and zhuhai"), "{said}");
    let log = bundle.join(MACAU.name);
    let entries = std::fs::read_dir(log.join("tile/entries/000.p")).unwrap().next().unwrap().unwrap().path();
    let width = entries.file_name().unwrap().to_owned();
    let files = [
        entries.clone(),
        log.join("tile/0/000.p").join(&width),
        log.join("bodies/000.p").join(&width),
        log.join("checkpoint"),
    ];
    let mut tries = 0;
    for file in &files {
        let bits = std::fs::metadata(file).unwrap().len() * 8;
        for part in 0..5 {
            // Spread over the file; in the checkpoint over its text, for a changed name of a witness is nobody's.
            let bits = if file.ends_with("checkpoint") { 60 * 8 } else { bits };
            let bit = usize::try_from(bits * part / 5 + part).unwrap();
            assert_eq!(with_flip(&python, &bundle, file, bit), Some(1), "bit {bit} of {}", file.display());
            tries += 1;
        }
    }
    assert_eq!(tries, 20);
}
