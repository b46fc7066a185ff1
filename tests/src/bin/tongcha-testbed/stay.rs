//! `--stay`: what somebody needs to go on by hand.

use anyhow::Result;
use tongcha_testbed::cluster::Cluster;
use tongcha_testbed::parties::SIDES;

/// Prints URLs, tokens and examples, and waits for Ctrl-C.
///
/// # Errors
/// When the signal can't be waited for.
pub async fn stay(cluster: &Cluster) -> Result<()> {
    println!("\n== Everything is left running until Ctrl-C; the tokens are worth nothing elsewhere");
    for side in SIDES {
        println!("  {} {}   OpenAPI at /openapi.json, metrics at /metrics", side.name, cluster.url(side)?);
        for (name, desk) in cluster.desks().filter(|(name, _)| name.split('.').next() == Some(side.prefix)) {
            println!("    {name:<8} {}", desk.token());
        }
    }
    let (zhuhai, macau) = (cluster.desk("zh.cw")?, cluster.desk("mo.lo")?);
    let [first, second, _] = SIDES;
    let (zhuhai_url, macau_url) = (cluster.url(first)?, cluster.url(second)?);
    println!("\n  curl -s {zhuhai_url}/readyz");
    println!("  curl -s -H 'Authorization: Bearer {}' {macau_url}/v1/batches", macau.token());
    println!(
        "  curl -s -H 'Authorization: Bearer {}' -H 'Content-Type: application/json' {zhuhai_url}/v1/batches \\\n    \
         -d '{{\"to\":\"macau\",\"period\":\"2026-07\",\"entries\":[],\"unchanged\":12}}'",
        zhuhai.token()
    );
    println!("  files: {}", cluster.root().display());
    tokio::signal::ctrl_c().await?;
    println!("\nstopping");
    Ok(())
}
