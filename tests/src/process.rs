//! Child processes that never outlive the test bed: brokers and services, with their output in files.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// How much of a log an error quotes.
const TAIL_LINES: usize = 15;
const EXIT_POLL: Duration = Duration::from_millis(5);

/// A running server. Dropping it kills it.
#[derive(Debug)]
pub struct Daemon {
    name: String,
    child: Child,
    log: PathBuf,
}

impl Daemon {
    /// Starts a server; what it prints is appended to `log`.
    ///
    /// # Errors
    /// When the program can't be started or the log not be opened.
    pub fn spawn(name: &str, command: &mut Command, log: &Path) -> Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(log);
        let file = file.with_context(|| format!("{} can't be opened", log.display()))?;
        let child = command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file).spawn();
        let child = child.with_context(|| format!("{name} can't be started"))?;
        Ok(Self { name: name.to_owned(), child, log: log.to_owned() })
    }

    /// Returns the process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Returns the name it was started under.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Fails when the process has ended, with the end of its log.
    ///
    /// # Errors
    /// The exit status and the last lines of the log.
    pub fn check_alive(&mut self) -> Result<()> {
        match self.child.try_wait()? {
            None => Ok(()),
            Some(status) => bail!("{} ended with {status}; its last words:\n{}", self.name, self.log_tail()),
        }
    }

    /// Asks the process to end (SIGTERM) and waits for it.
    ///
    /// # Errors
    /// When it does not end in time; it is killed then.
    pub fn terminate(mut self, within: Duration) -> Result<ExitStatus> {
        // The standard library sends no signal but SIGKILL; the shell's own `kill` needs no further program.
        let sent = Command::new("sh").args(["-c", "kill -TERM \"$0\"", &self.child.id().to_string()]).status()?;
        if !sent.success() {
            bail!("SIGTERM could not be sent to {}", self.name);
        }
        let asked = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            if asked.elapsed() > within {
                bail!("{} did not end within {within:?} of SIGTERM; its last words:\n{}", self.name, self.log_tail());
            }
            std::thread::sleep(EXIT_POLL);
        }
    }

    /// Kills the process (SIGKILL): it gets no chance to do anything.
    pub fn kill(self) {
        drop(self);
    }

    /// Returns the last lines of what it printed.
    #[must_use]
    pub fn log_tail(&self) -> String {
        let bytes = std::fs::read(&self.log).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        let lines: Vec<&str> = text.lines().collect();
        lines.get(lines.len().saturating_sub(TAIL_LINES)..).unwrap_or_default().join("\n")
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill(); // it may have ended by itself
        let _ = self.child.wait();
    }
}

/// Runs a program to its end and returns what it printed on stdout.
///
/// # Errors
/// When it can't be started or fails; quotes what it printed on stderr.
pub fn output(command: &mut Command) -> Result<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let done = command.stdin(Stdio::null()).output().with_context(|| format!("{name} can't be started"))?;
    if !done.status.success() {
        // Not the command's own debug form: that shows the environment, and a token may be in it.
        let arguments: Vec<_> = command.get_args().map(std::ffi::OsStr::to_string_lossy).collect();
        let said = String::from_utf8_lossy(&done.stderr);
        bail!("{name} {} ended with {}:\n{}", arguments.join(" "), done.status, said.trim());
    }
    String::from_utf8(done.stdout).with_context(|| format!("{name} printed something that is not UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ended_server_is_noticed_with_its_last_words() {
        let dir = tempfile::tempdir().unwrap();
        let log = dir.path().join("log");
        let mut daemon = Daemon::spawn("sh", Command::new("sh").args(["-c", "echo no room; exit 3"]), &log).unwrap();
        let _ = daemon.child.wait().unwrap();
        let error = daemon.check_alive().unwrap_err().to_string();
        assert!(error.contains("no room") && error.contains('3'), "{error}");
    }

    #[test]
    fn a_server_is_asked_to_end_and_one_that_will_not_is_reported() {
        let dir = tempfile::tempdir().unwrap();
        let log = dir.path().join("log");
        let willing = Daemon::spawn("sleep", Command::new("sleep").arg("600"), &log).unwrap();
        assert!(!willing.terminate(Duration::from_secs(10)).unwrap().success());
        let script = "trap '' TERM; echo ready; exec sleep 600";
        let deaf = Daemon::spawn("deaf", Command::new("sh").args(["-c", script]), &log).unwrap();
        while !deaf.log_tail().contains("ready") {
            std::thread::yield_now();
        }
        let error = deaf.terminate(Duration::from_millis(20)).unwrap_err().to_string();
        assert!(error.contains("did not end"), "{error}");
    }

    #[test]
    fn a_failing_program_is_quoted() {
        let error = output(Command::new("sh").args(["-c", "echo wrong key >&2; exit 1"])).unwrap_err().to_string();
        assert!(error.contains("wrong key"), "{error}");
        assert_eq!(output(Command::new("echo").arg("token")).unwrap(), "token\n");
    }
}
