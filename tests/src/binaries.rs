//! The programs under test, built by cargo when they are first needed.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Mutex;

use anyhow::{Context, Result, bail};

use crate::parties::Side;

/// How the programs are compiled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Profile {
    /// As the tests are.
    #[default]
    Dev,
    /// As in production; figures are taken with it.
    Release,
}

/// Where the built programs are.
#[derive(Clone, Debug)]
pub struct Binaries {
    dir: PathBuf,
}

/// Names a directory with programs that are built already; then nothing is built.
pub const BUILT_DIR: &str = "TONGCHA_BIN_DIR";

/// Packages that hold the programs.
const PACKAGES: [&str; 2] = ["tongcha-services", "tongcha-audit"];

/// Profiles that this process has built already.
static BUILT: Mutex<Vec<Profile>> = Mutex::new(Vec::new());

/// Returns the root of the workspace: where cargo runs us from, else where this was compiled. A target directory can be
/// shared by several copies of the sources, so the first is the one that counts.
#[must_use]
pub fn workspace() -> PathBuf {
    let running = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let package = running.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")));
    let root = package.ancestors().find(|dir| dir.join("Cargo.lock").is_file());
    root.unwrap_or(&package).to_owned()
}

/// Returns where cargo puts programs.
#[must_use]
pub fn programs(profile: Profile) -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from);
    workspace().join(target).join(match profile {
        Profile::Dev => "debug",
        Profile::Release => "release",
    })
}

impl Binaries {
    /// Builds services and auditor, once per process and profile. cargo's own output is let through. With
    /// [`BUILT_DIR`] in the environment the programs there are taken as they are.
    ///
    /// # Errors
    /// When cargo can't be started or the build fails.
    pub fn build(profile: Profile) -> Result<Self> {
        if let Some(dir) = std::env::var_os(BUILT_DIR) {
            return Ok(Self { dir: workspace().join(dir) });
        }
        let mut built = BUILT.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if !built.contains(&profile) {
            let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
            let mut command = Command::new(cargo);
            command.current_dir(workspace()).stdin(Stdio::null()).arg("build");
            for package in PACKAGES {
                command.args(["-p", package]);
            }
            if profile == Profile::Release {
                command.arg("--release");
            }
            // cargo speaks on stderr; stdout stays free for what the caller prints there.
            let status = command.status().context("cargo can't be started")?;
            if !status.success() {
                bail!("`cargo build` of services and auditor failed");
            }
            built.push(profile);
        }
        Ok(Self { dir: programs(profile) })
    }

    /// Returns a party's service.
    #[must_use]
    pub fn service(&self, side: Side) -> PathBuf {
        self.dir.join(format!("tongcha-{}", side.name))
    }

    /// Returns the auditor.
    #[must_use]
    pub fn audit(&self) -> PathBuf {
        self.dir.join("tongcha-audit")
    }
}
