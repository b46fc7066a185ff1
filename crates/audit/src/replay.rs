//! Replay: what a party's view must be, folded from the logs alone.
//!
//! Every entry is verified as in [`crate::verify`], the bodies that the party's keys open are opened, and all is projected
//! with the same code as in the services, log after log: the order does not matter. The state root over the rows is
//! compared with the one the party gave.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use indicatif::ProgressBar;
use serde::Serialize;
use tongcha_domain::event::Body;
use tongcha_domain::id::PartyId;
use tongcha_domain::erasure::{ErasureFacts, ErasureOrdered};
use tongcha_domain::view::{Changes, MemoryRows, Overlay, RowStore, Rows, SetDigest, ViewError, project};
use tongcha_ledger::body::SealedBody;
use tongcha_ledger::entry::VerifiedEntry;
use tongcha_ledger::key::{Directory, Hex};
use tongcha_ledger::slot::Slot;

use crate::bundle::Bundle;
use crate::erasures::{self, Erasures, ReplayedErasure};
use crate::finding::{Fault, Finding, Reason};
use crate::input::InputError;
use crate::keys::{self, BodyKeys, KeySource};
use crate::scan::{Checked, Scan};

/// What a replay came to.
#[derive(Debug, Serialize)]
pub struct ReplayReport {
    /// Whose view.
    pub party: PartyId,
    /// Whence the public keys came.
    pub keys: KeySource,
    /// Each log.
    pub logs: Vec<ReplayedLog>,
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

/// What a replay took from one log.
#[derive(Debug, Serialize)]
pub struct ReplayedLog {
    /// The bundle it was read from.
    pub bundle: PathBuf,
    /// Whose log.
    pub origin: PartyId,
    /// Entries replayed.
    pub entries: u64,
    /// Bodies opened.
    pub opened: u64,
    /// Bodies whose key was destroyed.
    pub erased: u64,
}

/// What an entry's body is to the party.
enum Content {
    NotOurs,
    Erased,
    Opened(Body),
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
    let own = bundles.iter().find(|bundle| bundle.manifest.party == party);
    let in_bundle = own.map(Bundle::keys_dir).filter(|dir| dir.is_dir());
    let body_keys = body_keys.map(Path::to_owned).or(in_bundle).ok_or(InputError::NoKeys(party))?;
    let mut replay = Replay { party, view: View::default(), kinds: BTreeMap::new(), progress };
    let (mut logs, mut findings) = (Vec::new(), Vec::new());
    let mut sources: Vec<_> = chosen(bundles, own)?.into_iter().collect();
    sources.sort_by_key(|(origin, _)| *origin != party); // its own log first
    for (origin, bundle) in sources {
        let (directory, bad_cards) = match trusted {
            Some(directory) => (directory.clone(), Vec::new()),
            None => keys::registered(bundle),
        };
        findings.extend(bad_cards.into_iter().filter(|finding| finding.origin == origin));
        let keys = BodyKeys::open(&body_keys, origin)?;
        let (log, fault) = replay.log(bundle, origin, &directory, &keys)?;
        findings.extend(fault.map(|fault| found(&bundle.path, origin, fault)));
        logs.push(log);
    }
    progress.finish_and_clear();
    let (erasures, late) = erasures::listed(&Rows::new(replay.view.rows())).unwrap_or_default(); // rows in memory
    for (origin, fault) in late {
        let bundle = logs.iter().find(|log: &&ReplayedLog| log.origin == origin).map(|log| log.bundle.clone());
        findings.push(found(&bundle.unwrap_or_default(), origin, fault));
    }
    Ok(ReplayReport {
        party,
        keys: if trusted.is_some() { KeySource::Trusted } else { KeySource::Bundle },
        entries: logs.iter().map(|log| log.entries).sum(),
        logs,
        rows: replay.view.rows().iter().count() as u64,
        state_root: replay.view.root(),
        expected_state_root: own.and_then(|bundle| bundle.manifest.state_root),
        kinds: replay.kinds,
        erasures,
        findings,
    })
}

fn found(bundle: &Path, origin: PartyId, Fault { seq, offset, reason }: Fault) -> Finding {
    Finding { bundle: bundle.to_owned(), origin, seq, offset, reason }
}

// Of each log one copy: the party's own bundle has the bodies; without one, the copy that lists most entries.
fn chosen<'a>(bundles: &'a [Bundle], own: Option<&'a Bundle>) -> Result<BTreeMap<PartyId, &'a Bundle>, InputError> {
    let mut chosen: BTreeMap<PartyId, &Bundle> = BTreeMap::new();
    let listed = |bundle: &Bundle, origin| bundle.manifest.log(origin).count;
    for bundle in own.into_iter().chain(bundles) {
        for origin in bundle.origins()? {
            let kept = chosen.entry(origin).or_insert(bundle);
            let is_own = own.is_some_and(|own| own.path == kept.path);
            if !is_own && listed(bundle, origin) > listed(kept, origin) {
                *kept = bundle;
            }
        }
    }
    Ok(chosen)
}

struct Replay<'a> {
    party: PartyId,
    view: View,
    kinds: BTreeMap<&'static str, u64>,
    progress: &'a ProgressBar,
}

impl Replay<'_> {
    fn log(
        &mut self,
        bundle: &Bundle,
        origin: PartyId,
        directory: &Directory,
        keys: &BodyKeys,
    ) -> Result<(ReplayedLog, Option<Fault>), InputError> {
        let (file, party) = (bundle.open_log(origin)?, self.party);
        let mut log = ReplayedLog { bundle: bundle.path.clone(), origin, entries: 0, opened: 0, erased: 0 };
        let check = |entry: &VerifiedEntry, body: Option<SealedBody>| open(party, keys, entry, body);
        let mut erasures = Erasures::default();
        let mut take = |good: Vec<Checked<Content>>| self.project(&mut log, &mut erasures, &good);
        let claim = bundle.manifest.log(origin);
        let scan = Scan { claim: &claim, directory, workers: crate::cores() };
        let end = scan.run(file, &check, &mut take).map_err(InputError::io(&bundle.log_path(origin)))?;
        let rows = Rows::new(self.view.rows());
        let has_confirmed = |order: &ErasureOrdered| {
            let own = rows.side::<ErasureFacts>(&order.erasure, party).ok().flatten();
            own.is_some_and(|facts| facts.confirmed.contains_key(&origin))
        };
        let fault = end.fault.or_else(|| erasures.fault(origin, has_confirmed));
        Ok((log, fault))
    }

    // One batch of changes for many entries: the row that counts a log's entries changes with each of them.
    fn project(
        &mut self,
        log: &mut ReplayedLog,
        erasures: &mut Erasures,
        good: &[Checked<Content>],
    ) -> Result<(), Fault> {
        let mut overlay = Overlay::new(self.view.rows(), Changes::new());
        let mut last = (0, 0);
        for Checked { offset, end, entry, value } in good {
            last = (entry.header().seq, *offset);
            let body = match value {
                Content::NotOurs | Content::Erased => None,
                Content::Opened(body) => Some(body),
            };
            project(&mut overlay, &entry.meta(), body).map_err(|error| fault(last, error))?;
            erasures.note(entry.header(), *offset, self.party, body);
            log.entries += 1;
            log.opened += u64::from(body.is_some());
            log.erased += u64::from(matches!(value, Content::Erased));
            *self.kinds.entry(entry.header().kind.code()).or_default() += 1;
            self.progress.inc(end - offset);
        }
        let changes = overlay.into_changes();
        self.view.apply(changes).map_err(|error| fault(last, error))
    }
}

fn fault((seq, offset): (u64, u64), error: ViewError) -> Fault {
    Fault { seq, offset, reason: Reason::View(error) }
}

fn open(party: PartyId, keys: &BodyKeys, entry: &VerifiedEntry, body: Option<SealedBody>) -> Result<Content, Reason> {
    let header = entry.header();
    if !header.audience.contains(&party) {
        return Ok(Content::NotOurs); // a body may be here for another party, whose bundle this is
    }
    let sealed = body.ok_or(Reason::BodyMissing)?;
    sealed.check(header).map_err(Reason::Body)?;
    match keys.slot(header.seq)? {
        Slot::Key(key) => sealed.open(&key, header).map(Content::Opened).map_err(Reason::Body),
        Slot::Destroyed => Ok(Content::Erased),
        Slot::Empty => Err(Reason::KeyMissing),
    }
}
