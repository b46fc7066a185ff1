//! Setting three parties up the way their operators do: keys, an exchange of cards, configurations, officers.

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::json;

use crate::binaries::Binaries;
use crate::client::Desk;
use crate::parties::{OFFICERS, SIDES, Side};
use crate::process::output;

/// The files of one party, all below one directory.
#[derive(Clone, Debug)]
pub struct Home {
    /// Whose.
    pub side: Side,
    /// The directory.
    pub dir: PathBuf,
}

impl Home {
    /// Makes the directories.
    ///
    /// # Errors
    /// When they can't be made.
    pub fn create(root: &Path, side: Side) -> Result<Self> {
        let dir = root.join(side.name);
        fs::create_dir_all(dir.join("cards")).with_context(|| format!("{} can't be made", dir.display()))?;
        Ok(Self { side, dir })
    }

    /// Returns the service's configuration.
    #[must_use]
    pub fn config(&self) -> PathBuf {
        self.dir.join("config.toml")
    }

    /// Returns the secret keys.
    #[must_use]
    pub fn key_file(&self) -> PathBuf {
        self.dir.join(format!("{}.key", self.side.name))
    }

    /// Returns journals, body keys and view.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.dir.join("data")
    }

    /// Returns the cards of all parties.
    #[must_use]
    pub fn cards(&self) -> PathBuf {
        self.dir.join("cards")
    }

    /// Returns the broker's configuration.
    #[must_use]
    pub fn broker_config(&self) -> PathBuf {
        self.dir.join("nats.conf")
    }

    /// Returns where a log of `server` goes.
    #[must_use]
    pub fn log(&self, server: &str) -> PathBuf {
        self.dir.join(format!("{server}.log"))
    }

    /// Writes by how many seconds the party's clock stands before the real one, and from which real instant that counts, in
    /// milliseconds since 1970.
    ///
    /// # Errors
    /// When the file can't be written.
    pub fn write_clock(&self, ahead_s: i64, from_ms: i64) -> Result<()> {
        Ok(fs::write(self.dir.join("drill-clock"), format!("{ahead_s} {from_ms}"))?)
    }

    fn own_card(&self) -> PathBuf {
        self.cards().join(format!("{}.toml", self.side.name))
    }

    /// Makes the party's keys and its card.
    ///
    /// # Errors
    /// What `keys new` fails with.
    pub fn make_keys(&self, binaries: &Binaries) -> Result<()> {
        let mut command = Command::new(binaries.service(self.side));
        command.args(["keys", "new", "--out"]).arg(self.key_file()).arg("--card").arg(self.own_card());
        output(&mut command).map(drop)
    }

    /// Writes the service's configuration. `peers` are the addresses at which this party reaches the others' brokers.
    ///
    /// # Errors
    /// When the file can't be written.
    pub fn write_config(&self, http: SocketAddr, broker: SocketAddr, peers: &BTreeMap<Side, SocketAddr>) -> Result<()> {
        let name = self.side.name;
        let mut text = format!(
            "party = \"{name}\"\ndata_dir = \"data\"\nkey_file = \"{name}.key\"\ncards_dir = \"cards\"\n\
             drill_clock = \"drill-clock\"\n\n\
             [http]\nlisten = \"{http}\"\n\n[broker]\nurl = \"nats://{broker}\"\n"
        );
        for (peer, address) in peers {
            text.push_str(&format!("\n[peers.{}]\nurl = \"nats://{address}\"\n", peer.name));
        }
        fs::write(self.config(), text).with_context(|| format!("{} can't be written", self.config().display()))
    }

    /// Writes the broker's configuration, made from the cards.
    ///
    /// # Errors
    /// What `broker-config` fails with.
    pub fn write_broker_config(&self, binaries: &Binaries, listen: SocketAddr) -> Result<()> {
        let mut command = Command::new(binaries.service(self.side));
        command.arg("broker-config").arg("--config").arg(self.config());
        command.arg("--listen").arg(listen.to_string()).arg("--store").arg(self.dir.join("nats"));
        fs::write(self.broker_config(), output(&mut command)?)?;
        Ok(())
    }

    /// Enrols the party's officers; returns their tokens by name, such as `zh.cw`.
    ///
    /// # Errors
    /// What `officer add` fails with.
    pub fn enrol_officers(&self, binaries: &Binaries) -> Result<BTreeMap<String, String>> {
        let enrol = |(desk, role): (&str, &str)| {
            let mut command = Command::new(binaries.service(self.side));
            command.args(["officer", "add", "--config"]).arg(self.config());
            command.args(["--id", &self.side.officer(desk), "--role", role, "--unit", self.side.unit]);
            let token = output(&mut command)?.trim().to_owned();
            Ok((format!("{}.{desk}", self.side.prefix), token))
        };
        OFFICERS.into_iter().map(enrol).collect()
    }
}

/// Gives every party the cards of the others. Operators do this by hand and compare the keys by voice.
///
/// # Errors
/// When a card can't be copied.
pub fn exchange_cards(homes: &BTreeMap<Side, Home>) -> Result<()> {
    for from in homes.values() {
        for to in homes.values().filter(|to| to.side != from.side) {
            let card = from.own_card();
            let name = card.file_name().context("a card has a file name")?;
            fs::copy(&card, to.cards().join(name)).with_context(|| format!("{} can't be copied", card.display()))?;
        }
    }
    Ok(())
}

/// Makes the homes of all parties.
///
/// # Errors
/// When a directory can't be made.
pub fn homes(root: &Path) -> Result<BTreeMap<Side, Home>> {
    SIDES.into_iter().map(|side| Ok((side, Home::create(root, side)?))).collect()
}

/// The officers of each side whom the secretariat clears for minors from the start; the others are cleared when a story needs it.
pub const CLEARED: [&str; 5] = ["cw", "rv", "lo", "dp", "au"];

/// Has each side's secretariat appoint officers with the clearance for minors.
///
/// # Errors
/// When a party refuses.
pub async fn clear_for_minors(desks: &BTreeMap<String, Desk>) -> Result<()> {
    for side in SIDES {
        let secretariat = desks.get(&format!("{}.sec", side.prefix)).context("no secretariat is enrolled")?;
        for desk in CLEARED {
            appoint(secretariat, side, desk, &["minor"]).await?;
        }
    }
    Ok(())
}

/// Has a side's secretariat appoint an officer to the role enrolled for, with clearances.
///
/// # Errors
/// When the party refuses.
pub async fn appoint(secretariat: &Desk, side: Side, desk: &str, clearances: &[&str]) -> Result<()> {
    let (_, role) = OFFICERS.into_iter().find(|(known, _)| *known == desk).context("no such desk")?;
    let body = json!({
        "officer": side.officer(desk), "role": role, "unit": side.unit, "name": format!("{role} {}", side.unit),
        "clearances": clearances,
    });
    secretariat.command("/v1/authority/officers", &body).await.map(drop)
}

/// Makes the directory to keep files in; one that holds something already is left alone.
///
/// # Errors
/// When it can't be made.
pub fn fresh(dir: &Path) -> Result<PathBuf> {
    fs::create_dir_all(dir).with_context(|| format!("{} can't be made", dir.display()))?;
    let run = (1..).map(|no| dir.join(format!("run-{no}"))).find(|run| !run.exists());
    let run = run.context("no free directory")?;
    fs::create_dir(&run)?;
    Ok(fs::canonicalize(run)?)
}
