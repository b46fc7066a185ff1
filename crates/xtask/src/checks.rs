//! `cargo xtask test`: every check, in the order in which failures are cheapest to find.

use std::process::Stdio;
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::cargo::cargo;

/// Runs every check and stops at the first that fails.
///
/// # Errors
/// Says which check failed.
pub fn run() -> Result<()> {
    let started = Instant::now();
    step("formatting", &["fmt", "--all", "--check"])?;
    step("lints", &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])?;
    // Built as the tests are, so that nothing is compiled twice and no test has to wait for it.
    step("programs", &["build", "--workspace", "--bins"])?;
    if has("nextest") {
        step("tests", &["nextest", "run", "--workspace"])?;
        step("examples in the documentation", &["test", "--workspace", "--doc"])?;
    } else {
        step("tests", &["test", "--workspace"])?;
    }
    if has("deny") {
        step("dependencies", &["deny", "check", "bans", "licenses", "sources"])?;
    } else {
        println!("-- dependencies: skipped, cargo-deny is not installed");
    }
    println!("-- everything passed in {:.1} s", started.elapsed().as_secs_f64());
    Ok(())
}

fn has(subcommand: &str) -> bool {
    let mut command = cargo();
    command.args([subcommand, "--version"]).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

fn step(name: &str, arguments: &[&str]) -> Result<()> {
    println!("-- {name}: cargo {}", arguments.join(" "));
    let started = Instant::now();
    let status = cargo().args(arguments).status().context("cargo can't be started")?;
    let took = started.elapsed().as_secs_f64();
    if !status.success() {
        bail!("{name} failed after {took:.1} s (cargo {})", arguments.join(" "));
    }
    println!("-- {name}: passed in {took:.1} s");
    Ok(())
}
