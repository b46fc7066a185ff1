//! Follows the directory of cards for what root keys say, so that a report of a stolen key counts without a restart; and says
//! every day which keys are to be replaced.
//!
//! In scope: what is handed to the core, and which files are alarmed and why ([`Watch`], which reads nothing itself). Out of
//! scope: whether a statement counts ([`crate::core`]), and reading files ([`crate::cards`]).
//!
//! - A file that is no statement changes nothing, and keeps no other file from counting. It is alarmed once it was the same in
//!   two looks: before that, somebody may still be writing it.
//! - A statement that is refused is handed in again at every look: what it lacks (a key that the log has not added here) may
//!   come.
//! - Nothing is taken back when a file is taken away; but a statement that no log says yet would be forgotten at the next start,
//!   so that is alarmed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tongcha_domain::keys::SignedStatement;

use crate::cards::{Junk, StatementFile, read_statements};
use crate::clock::wall_clock;
use crate::core::{Core, StatementTaken};
use crate::node::NodeHandle;

/// How often the directory is read: what a thief can do in this time is what could be done before the report was carried in.
const INTERVAL: Duration = Duration::from_secs(2);

/// Who takes statements up.
trait Takes {
    /// Takes up what a root says.
    fn take(&mut self, signed: &SignedStatement) -> StatementTaken;
    /// Tells whether a statement counts for its file alone.
    fn rests_on_file(&self, signed: &SignedStatement) -> bool;
}

impl Takes for Core {
    fn take(&mut self, signed: &SignedStatement) -> StatementTaken {
        self.take_statement(signed, wall_clock()).unwrap_or_else(|error| StatementTaken::Refused(error.to_string()))
    }

    fn rests_on_file(&self, signed: &SignedStatement) -> bool {
        Self::rests_on_file(self, signed).unwrap_or(true) // a doubtful view: said again at the next look
    }
}

/// What is remembered from one look at the directory to the next.
#[derive(Debug, Default)]
struct Watch {
    /// Files that were no statements at the last look.
    junk: BTreeMap<String, Junk>,
    /// Statements that count, with the file they were last seen in.
    counted: Vec<(String, SignedStatement)>,
}

impl Watch {
    /// Hands in what was found, and returns what is wrong, by file.
    fn look(&mut self, found: Vec<StatementFile>, core: &mut impl Takes) -> BTreeMap<String, String> {
        let (mut alarms, mut junk, mut here) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
        let mut held = Vec::new();
        for StatementFile { path, held: read } in found {
            let file = name(&path);
            match read {
                Ok(statements) => held.extend(statements.into_iter().map(|signed| (file.clone(), signed))),
                Err(found) => {
                    if self.junk.get(&file) == Some(&found) {
                        let why =
                            format!("not a statement of a root key ({found}); it changes nothing. Carry it here again");
                        alarms.insert(file.clone(), why);
                    }
                    junk.insert(file, found);
                }
            }
        }
        // In the order of their numbers, whatever the files are called: a certificate before the report of its key.
        held.sort_by_key(|(_, signed)| (signed.statement.party, signed.statement.serial));
        for (file, signed) in held {
            match core.take(&signed) {
                StatementTaken::Refused(reason) => {
                    alarms.insert(file, format!("not taken up: {reason}"));
                }
                StatementTaken::Taken | StatementTaken::Known => here.push((file, signed)),
                StatementTaken::Superseded => {}
            }
        }
        for (file, signed) in std::mem::take(&mut self.counted) {
            if here.iter().any(|(_, found)| *found == signed) || !core.rests_on_file(&signed) {
                continue;
            }
            let (party, being_written) = (signed.statement.party, junk.contains_key(&file));
            if !being_written {
                alarms.entry(file.clone()).or_insert_with(|| {
                    format!(
                        "taken away before the log of {party} says the same: forgotten at the next start. Put it back"
                    )
                });
            }
            here.push((file, signed));
        }
        (self.junk, self.counted) = (junk, here);
        alarms
    }
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Follows the directory until `stop`.
pub(crate) async fn follow(node: NodeHandle, cards_dir: PathBuf, stop: CancellationToken) {
    let mut interval = tokio::time::interval(INTERVAL);
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let (mut watch, mut told, mut warned) = (Watch::default(), BTreeMap::new(), None);
    while stop.run_until_cancelled(interval.tick()).await.is_some() {
        let (found, dir) = (read_statements(&cards_dir), name(&cards_dir));
        let looked = node.with(move |core| {
            let alarms = match found {
                Ok(found) => watch.look(found, core),
                Err(error) => BTreeMap::from([(dir, format!("no statement is read: {error}"))]),
            };
            core.note_statement_files(alarms.clone());
            (watch, alarms)
        });
        let Ok((kept, alarms)) = looked.await else { return };
        watch = kept;
        for (file, alarm) in alarms.iter().filter(|(file, alarm)| told.get(*file) != Some(*alarm)) {
            tracing::error!(file, alarm, "a file of statements");
        }
        told = alarms;
        let today = wall_clock().local_date();
        if warned != Some(today) && !warn(&node).await {
            return;
        }
        warned = Some(today);
    }
}

async fn warn(node: &NodeHandle) -> bool {
    let standings = node.with(|core| {
        let parties: Vec<_> = core.directory().parties().collect();
        parties.into_iter().map(|party| (party, core.key_standing(party, wall_clock()))).collect::<Vec<_>>()
    });
    let Ok(standings) = standings.await else { return false };
    for (party, standing) in standings {
        if let Some(alarm) = standing.and_then(|standing| standing.alarm) {
            tracing::warn!(%party, %alarm, "a signing key needs attention");
        }
    }
    true
}

#[cfg(test)]
#[path = "key_watch_tests.rs"]
mod tests;
