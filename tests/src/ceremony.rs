//! The ceremonies of keys, as `deploy/README.md` has them: the commands are taken from there, word for word, and run with the
//! party's own programs.
//!
//! In scope: finding a step's commands, putting this machine's places for those of the text, running them. Out of scope: what
//! an operator reads and decides between two steps; the tests do that.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::binaries::{Binaries, workspace};
use crate::cluster::Cluster;
use crate::parties::Side;
use crate::process::output;

/// The party that the text is written for.
const WRITTEN_FOR: &str = "zhuhai";

/// One party's operators, with the medium that they carry and the machine of their root key.
pub struct Ceremony<'a> {
    cluster: &'a Cluster,
    stick: PathBuf,
    safe: PathBuf,
    /// What was written down: the words in capitals of the text.
    words: Vec<(&'static str, String)>,
}

impl<'a> Ceremony<'a> {
    /// Begins as section 1 does: the root key is taken off the service's machine.
    ///
    /// # Errors
    /// When there is no root key.
    pub fn begin(cluster: &'a Cluster, side: Side) -> Result<Self> {
        let [stick, safe] = ["stick", "safe"].map(|medium| cluster.root().join(medium));
        fs::create_dir_all(&stick)?;
        fs::create_dir_all(&safe)?;
        let file = format!("{}.root", side.name);
        fs::rename(cluster.home(side)?.dir.join(&file), safe.join(&file)).context("the root key is taken away")?;
        ensure!(side.name == WRITTEN_FOR, "the text is written for {WRITTEN_FOR}");
        Ok(Self { cluster, stick, safe, words: Vec::new() })
    }

    /// Writes down what a word of the text stands for.
    pub fn note(&mut self, word: &'static str, value: impl Into<String>) {
        self.words.retain(|(known, _)| *known != word);
        self.words.push((word, value.into()));
    }

    /// Returns the medium.
    #[must_use]
    pub fn stick(&self) -> &Path {
        &self.stick
    }

    /// Runs the commands of a block of a section at a party; returns what they print.
    ///
    /// # Errors
    /// When there is no such block, or a command fails.
    pub async fn run(&self, section: &str, block: usize, at: Side) -> Result<String> {
        let blocks = blocks(section)?;
        let commands = blocks.get(block).with_context(|| format!("section {section} has no block {block}"))?;
        let mut printed = String::new();
        for command in commands {
            match command.split_once(" tongcha@") {
                Some(("systemctl stop", _)) => self.cluster.stop_service(at)?,
                Some(("systemctl start", _)) => self.cluster.start_service(at).await?,
                Some((other, _)) => bail!("{other} is not known here"),
                None => printed.push_str(&output(Command::new("sh").args(["-euc", &self.here(command, at)?]))?),
            }
        }
        Ok(printed)
    }

    /// Puts what was written down, and this machine's places, into a command.
    fn here(&self, command: &str, at: Side) -> Result<String> {
        let home = self.cluster.home(at)?;
        let program = self.cluster.binaries().service(at);
        let place = |path: &Path| path.display().to_string();
        let mut words = Vec::new();
        for word in command.split(' ') {
            let noted = self.words.iter().find(|(known, _)| *known == word).map(|(_, value)| value.clone());
            if noted.is_none() && word.len() > 1 && word.bytes().all(|byte| byte.is_ascii_uppercase()) {
                bail!("nobody has written down what {word} is");
            }
            words.push(noted.unwrap_or_else(|| word.to_owned()));
        }
        Ok(words
            .join(" ")
            .replace(&format!("/etc/tongcha/{WRITTEN_FOR}.toml"), &place(&home.config()))
            .replace("/etc/tongcha", &place(&home.dir))
            .replace("/media/stick", &place(&self.stick))
            .replace("/media/safe", &place(&self.safe))
            .replace(&format!("tongcha-{WRITTEN_FOR} "), &format!("{} ", place(&program))))
    }
}

fn guide() -> Result<String> {
    Ok(fs::read_to_string(workspace().join("deploy/README.md"))?)
}

/// Returns the blocks of commands of a section, each as its commands.
fn blocks(section: &str) -> Result<Vec<Vec<String>>> {
    let guide = guide()?;
    let heading = format!("# {section} ");
    let (_, text) = guide.split_once(&heading).with_context(|| format!("there is no section {section}"))?;
    let text = text.split("\n##").next().unwrap_or_default();
    Ok(text.split("```sh").skip(1).filter_map(|rest| rest.split("```").next()).map(commands).collect())
}

/// One command for each line; lines that are continued are joined.
fn commands(block: &str) -> Vec<String> {
    let joined = block.replace("\\\n", " ");
    let tidy = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    joined.lines().map(tidy).filter(|line| !line.is_empty()).collect()
}

/// Checks that every command of the guide that runs one of our programs is one the program knows, with every option named.
///
/// # Errors
/// Names the command that is not.
pub fn check_commands(binaries: &Binaries, side: Side) -> Result<usize> {
    let mut checked = 0;
    for command in guide()?.split("```sh").skip(1).filter_map(|rest| rest.split("```").next()).flat_map(commands) {
        let mut words = command.split('#').next().unwrap_or_default().split_whitespace();
        let program = match words.next() {
            Some("tongcha-audit") => binaries.audit(),
            Some(name) if name == format!("tongcha-{}", side.name) => binaries.service(side),
            Some(_) | None => continue,
        };
        let words: Vec<&str> = words.collect();
        let subcommands =
            words.iter().take_while(|word| word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'));
        let subcommands: Vec<&&str> = subcommands.take_while(|word| !word.starts_with('-')).collect();
        let help = output(Command::new(&program).args(&subcommands).arg("--help"))?;
        for option in words.iter().filter(|word| word.starts_with("--")) {
            ensure!(
                help.contains(&format!("{option} ")) || help.contains(&format!("{option}\n")),
                "{command}: no {option}"
            );
        }
        checked += 1;
    }
    Ok(checked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_found_and_lines_joined() {
        let rotate = blocks("5.1").unwrap();
        assert!(rotate.len() >= 4, "{rotate:?}");
        assert_eq!(rotate[0].len(), 1);
        assert!(rotate[0][0].ends_with("--request /media/stick/zhuhai-2.request"), "{rotate:?}");
        assert!(blocks("5.9").is_err());
    }
}
