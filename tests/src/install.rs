//! Finding programs that are not ours, and installing them where that needs nobody's decision.
//!
//! In scope: `nats-server`; Python with cryptography and protobuf, and `protoc`, for the verifier in another language; from
//! the system's own packages. Out of scope: other systems than Debian's family; there the error says what to install.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::process::output;

/// The oldest server the transport was tried with.
const OLDEST: (u32, u32, u32) = (2, 9, 10);
/// Where Debian puts it; not in the search path of ordinary users.
const SYSTEM_PLACE: &str = "/usr/sbin/nats-server";
const HOW: &str = "install nats-server 2.9.10 or newer: on Debian or Ubuntu `apt-get install nats-server`, elsewhere \
    the package or release of the NATS project, so that `nats-server --version` works";

const PYTHON: &str = "install Python 3.11 or newer with the packages cryptography and protobuf, and protoc: on Debian or \
    Ubuntu `apt-get install python3-cryptography python3-protobuf protobuf-compiler`";

/// The broker program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NatsServer {
    /// Where it is.
    pub path: PathBuf,
    /// Its version, such as `2.10.27`.
    pub version: String,
}

impl NatsServer {
    /// Finds the program, and installs it when it is missing and apt can do so without asking anybody. apt's own
    /// output is shown.
    ///
    /// # Errors
    /// Says what to install.
    pub fn find_or_install() -> Result<Self> {
        match Self::find()? {
            Some(found) => Ok(found),
            None => {
                install(&["nats-server"], HOW)?;
                Self::find()?.with_context(|| format!("nats-server is still not there after apt-get; {HOW}"))
            }
        }
    }

    /// Finds the program in the search path or where Debian puts it.
    ///
    /// # Errors
    /// When what is there is no server, or an older one than was tried.
    pub fn find() -> Result<Option<Self>> {
        let places = std::env::var_os("PATH").unwrap_or_default();
        let mut places = std::env::split_paths(&places).map(|dir| dir.join("nats-server")).collect::<Vec<_>>();
        places.push(SYSTEM_PLACE.into());
        places.into_iter().find(|place| place.is_file()).map(Self::at).transpose()
    }

    fn at(path: PathBuf) -> Result<Self> {
        let printed = output(Command::new(&path).arg("--version"))?;
        let Some(version) = parse_version(&printed) else {
            bail!("{} printed no version: {}", path.display(), printed.trim());
        };
        if version < OLDEST {
            bail!("{} is version {version:?}; {HOW}", path.display());
        }
        let (major, minor, patch) = version;
        Ok(Self { path, version: format!("{major}.{minor}.{patch}") })
    }

    /// Checks a configuration with the server itself.
    ///
    /// # Errors
    /// What the server finds wrong with it.
    pub fn check_config(&self, config: &Path) -> Result<()> {
        output(Command::new(&self.path).arg("-t").arg("-c").arg(config)).map(drop)
    }
}

fn parse_version(printed: &str) -> Option<(u32, u32, u32)> {
    let (_, version) = printed.trim().rsplit_once('v')?;
    let core = version.split(['-', '+', ' ']).next()?;
    let mut parts = core.split('.').map(str::parse::<u32>);
    Some((parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?))
}

/// Finds a Python with the packages `cryptography` and `protobuf`, and `protoc`; installs Debian's when one is missing.
///
/// # Errors
/// Says what to install.
pub fn python() -> Result<PathBuf> {
    let find = || {
        let places = [Path::new("/usr/bin/python3"), Path::new("python3")];
        let has_all = "import cryptography, tomllib, google.protobuf";
        let works = |place: &&Path| place.to_str().is_some_and(|place| quiet(place, &["-c", has_all]));
        places.into_iter().find(works).filter(|_| quiet("protoc", &["--version"])).map(Path::to_owned)
    };
    if let Some(found) = find() {
        return Ok(found);
    }
    install(&["python3-cryptography", "python3-protobuf", "protobuf-compiler"], PYTHON)?;
    find().with_context(|| format!("there is still no such Python after apt-get; {PYTHON}"))
}

fn install(packages: &[&str], how: &str) -> Result<()> {
    let named = packages.join(" ");
    let found = |program: &str| Command::new("sh").args(["-c", &format!("command -v {program} >/dev/null")]).status();
    if !found("apt-get")?.success() {
        bail!("{named} is missing; {how}");
    }
    let sudo: &[&str] = if output(Command::new("id").arg("-u"))?.trim() == "0" {
        &[]
    } else if found("sudo")?.success() && quiet("sudo", &["-n", "true"]) {
        &["sudo", "-n"]
    } else {
        bail!("{named} is missing and this user may not install it; {how}");
    };
    let install = [&["apt-get", "install", "-y", "--no-install-recommends"][..], packages].concat();
    for step in [&["apt-get", "update"][..], install.as_slice()] {
        let words: Vec<&str> = sudo.iter().chain(step).copied().collect();
        eprintln!("{named} is missing: running {}", words.join(" "));
        let Some((program, arguments)) = words.split_first() else { continue };
        let status = Command::new(program).args(arguments).env("DEBIAN_FRONTEND", "noninteractive").status()?;
        if !status.success() {
            bail!("`{}` ended with {status}; {how}", words.join(" "));
        }
    }
    Ok(())
}

fn quiet(program: &str, arguments: &[&str]) -> bool {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_the_servers_print_them() {
        assert_eq!(parse_version("nats-server: v2.9.10\n"), Some((2, 9, 10)));
        assert_eq!(parse_version("nats-server: v2.10.27-RC.1\n"), Some((2, 10, 27)));
        for other in ["nats-server: 2.9.10", "v2", "v2.x.1", ""] {
            assert_eq!(parse_version(other), None, "{other}");
        }
    }

    #[test]
    fn a_program_that_is_no_server_is_refused() {
        assert!(NatsServer::at("/bin/true".into()).unwrap_err().to_string().contains("no version"));
    }
}
