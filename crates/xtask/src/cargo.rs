//! Calling cargo, and the programs it built.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// Tells the test bed where the programs are that are built already.
const BUILT_DIR: &str = "TONGCHA_BIN_DIR";

/// Everything a demonstration runs. Built in one go, so that no dependency is compiled twice with other features.
const DEMO_PACKAGES: [&str; 3] = ["tongcha-services", "tongcha-audit", "tongcha-testbed"];

/// How programs are compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// As the tests are.
    Dev,
    /// As in production.
    Release,
}

impl Profile {
    /// Returns where cargo puts programs.
    fn programs(self) -> PathBuf {
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from);
        workspace().join(target).join(match self {
            Self::Dev => "debug",
            Self::Release => "release",
        })
    }
}

/// Returns the root of the workspace: where cargo runs us from, else where this was compiled. A target directory can be
/// shared by several copies of the sources, so the first is the one that counts.
fn workspace() -> PathBuf {
    let running = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let package = running.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")));
    let root = package.ancestors().find(|dir| dir.join("Cargo.lock").is_file());
    root.unwrap_or(&package).to_owned()
}

/// Returns cargo, at the root of the workspace; tests it runs take the programs of the dev profile.
pub fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
    command.current_dir(workspace()).stdin(Stdio::null());
    command.env(BUILT_DIR, Profile::Dev.programs());
    command
}

/// Builds services, auditor and test bed, and runs a task of the test bed.
///
/// # Errors
/// When something does not build, or the task fails.
pub fn testbed(profile: Profile, task: &str, options: &[String]) -> Result<()> {
    let mut build = cargo();
    build.args(["build", "--bins"]);
    for package in DEMO_PACKAGES {
        build.args(["-p", package]);
    }
    if profile == Profile::Release {
        build.arg("--release");
    }
    // cargo speaks on stderr; stdout stays free for what the task prints there.
    eprintln!("building services, auditor and test bed ({profile:?}); cargo's own output follows");
    succeed(&mut build)?;
    let dir = profile.programs();
    let program = dir.join("tongcha-testbed");
    succeed(Command::new(&program).arg(task).args(options).env(BUILT_DIR, &dir))
        .with_context(|| format!("{} {task}", name(&program)))
}

/// Builds and runs the measurement of the auditor, always as it is in production.
///
/// # Errors
/// When it does not build, or fails.
pub fn audit_speed(options: &[String]) -> Result<()> {
    let mut run = cargo();
    run.args(["run", "--release", "-p", "tongcha-audit", "--example", "audit_speed", "--"]);
    succeed(run.args(options))
}

fn succeed(command: &mut Command) -> Result<()> {
    let program = name(Path::new(command.get_program()));
    let status = command.status().with_context(|| format!("{program} can't be started"))?;
    if !status.success() {
        bail!("{program} failed ({status})");
    }
    Ok(())
}

fn name(program: &Path) -> String {
    program.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}
