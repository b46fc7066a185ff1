//! Replay: what a party's view must be, folded from the logs alone.
//!
//! Every entry is verified as in [`crate::verify`], the bodies that the party's keys open are opened, and all is projected
//! with the same code as in the services, log after log: the order does not matter. The state root over the rows is
//! compared with the one the party gave.

use std::collections::BTreeMap;
use std::path::Path;

use indicatif::ProgressBar;
use serde::Serialize;
use tongcha_domain::erasure::{ErasureFacts, ErasureOrdered};
use tongcha_domain::id::PartyId;
use tongcha_domain::view::{Changes, MemoryRows, Overlay, RowStore, Rows, SetDigest, ViewError, project};
use tongcha_ledger::key::{Directory, Hex};

use crate::bundle::Bundle;
use crate::erasures::{self, Erasures, ReplayedErasure};
use crate::finding::{Fault, Finding, Reason};
use crate::input::InputError;
use crate::keys::KeySource;
use crate::reading::{Content, ReadLog, Reading};
use crate::scan::Checked;

/// What a replay came to.
#[derive(Debug, Serialize)]
pub struct ReplayReport {
    /// Whose view.
    pub party: PartyId,
    /// Whence the public keys came.
    pub keys: KeySource,
    /// Each log.
    pub logs: Vec<ReadLog>,
    /// Entries replayed.
    pub entries: u64,
    /// Rows of the view.
    pub rows: u64,
    /// The state root over them.
    pub state_root: Hex,
    /// The state root that the party gave with these logs, if it did.
    pub expected_state_root: Option<Hex>,
    /// Orders of erasure, with who confirmed them.
    pub erasures: Vec<ReplayedErasure>,
    /// Entries by kind.
    pub kinds: BTreeMap<&'static str, u64>,
    /// What is wrong: of each log the first thing.
    pub findings: Vec<Finding>,
}

impl ReplayReport {
    /// Tells whether all logs are good and the state root is the party's, as far as it gave one.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.findings.is_empty() && self.expected_state_root.is_none_or(|expected| expected == self.state_root)
    }
}

/// A view in memory, with its digest kept up to date row by row.
#[derive(Debug, Default)]
pub struct View {
    rows: MemoryRows,
    digest: SetDigest,
}

impl View {
    /// Takes changes over.
    ///
    /// # Errors
    /// Never in practice: rows in memory can be read.
    pub fn apply(&mut self, changes: Changes) -> Result<(), ViewError> {
        for (key, change) in &changes {
            if let Some(old) = self.rows.get(key)? {
                self.digest.remove(key, &old);
            }
            if let Some(new) = change {
                self.digest.add(key, new);
            }
        }
        self.rows.apply(changes);
        Ok(())
    }

    /// Returns the rows.
    #[must_use]
    pub fn rows(&self) -> &MemoryRows {
        &self.rows
    }

    /// Returns the state root.
    #[must_use]
    pub fn root(&self) -> Hex {
        Hex(self.digest.root().0)
    }
}

/// Replays a party's view from bundles. `body_keys` names the directory of the party's body keys when it is not the
/// bundle's own.
///
/// # Errors
/// When something can't be read, or there is nothing to replay.
pub fn replay(
    bundles: &[Bundle],
    party: PartyId,
    trusted: Option<&Directory>,
    body_keys: Option<&Path>,
    progress: &ProgressBar,
) -> Result<ReplayReport, InputError> {
    let reading = Reading::new(bundles, party, trusted, body_keys, progress)?;
    let keys = if trusted.is_some() { KeySource::Trusted } else { KeySource::Bundle };
    let (report, _) = fold(&reading, party, keys, |_| u64::MAX)?;
    let expected_state_root = reading.own().and_then(|bundle| bundle.manifest.state_root);
    Ok(ReplayReport { expected_state_root, ..report })
}

/// Folds the logs of a reading, each as far as its limit, into a view.
///
/// # Errors
/// When something can't be read.
pub fn fold(
    reading: &Reading<'_>,
    party: PartyId,
    keys: KeySource,
    limit: impl Fn(PartyId) -> u64,
) -> Result<(ReplayReport, View), InputError> {
    let mut view = View::default();
    let mut kinds = BTreeMap::new();
    let (mut logs, mut findings) = (Vec::new(), Vec::new());
    for origin in reading.origins() {
        let (mut erasures, until) = (Erasures::default(), limit(origin));
        let (log, found) = reading.log(origin, until, &mut |good| {
            good.iter().for_each(|checked| erasures.note(checked, party));
            view.project(good, &mut kinds)
        })?;
        let is_whole = found.is_empty() && until == u64::MAX; // the order comes after what it covers
        findings.extend(found);
        if let Some(log) = log.as_ref().filter(|_| is_whole) {
            let fault = erasures.fault(origin, |order| view.has_confirmed(party, origin, order));
            findings.extend(fault.map(|fault| finding(&log.bundle, origin, fault)));
        }
        logs.extend(log);
    }
    let (erasures, late) = erasures::listed(&Rows::new(view.rows())).map_err(InputError::View)?;
    for (origin, fault) in late {
        let bundle = logs.iter().find(|log: &&ReadLog| log.origin == origin).map(|log| log.bundle.clone());
        findings.push(finding(&bundle.unwrap_or_default(), origin, fault));
    }
    let report = ReplayReport {
        party,
        keys,
        entries: logs.iter().map(|log| log.entries).sum(),
        logs,
        rows: view.rows().iter().count() as u64,
        state_root: view.root(),
        expected_state_root: None,
        erasures,
        kinds,
        findings,
    };
    Ok((report, view))
}

fn finding(bundle: &Path, origin: PartyId, Fault { seq, offset, reason }: Fault) -> Finding {
    Finding { bundle: bundle.to_owned(), origin, seq, offset, reason }
}

impl View {
    fn has_confirmed(&self, party: PartyId, origin: PartyId, order: &ErasureOrdered) -> bool {
        let own = Rows::new(&self.rows).side::<ErasureFacts>(&order.erasure, party);
        own.ok().flatten().is_some_and(|facts| facts.confirmed.contains_key(&origin))
    }

    // One batch of changes for many entries: the row that counts a log's entries changes with each of them.
    fn project(&mut self, good: &[Checked<Content>], kinds: &mut BTreeMap<&'static str, u64>) -> Result<(), Fault> {
        let mut overlay = Overlay::new(self.rows(), Changes::new());
        let mut last = (0, 0);
        for Checked { offset, entry, value, .. } in good {
            last = (entry.header().seq, *offset);
            project(&mut overlay, &entry.meta(), value.body()).map_err(|error| fault(last, error))?;
            *kinds.entry(entry.header().kind.code()).or_default() += 1;
        }
        let changes = overlay.into_changes();
        self.apply(changes).map_err(|error| fault(last, error))
    }
}

fn fault((seq, offset): (u64, u64), error: ViewError) -> Fault {
    Fault { seq, offset, reason: Reason::View(error) }
}
