//! Reading a log with a party's body keys: every entry checked as in [`crate::verify`], every body that the keys open.
//!
//! In scope: which copy of a log is read, the bodies' content, how far. Out of scope: what becomes of it: the view
//! ([`crate::replay`]), what was known when ([`crate::as_of`]), indicators ([`crate::indicators`]).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use indicatif::ProgressBar;
use serde::Serialize;
use tongcha_domain::event::Body;
use tongcha_domain::id::PartyId;
use tongcha_ledger::body::{BodyError, BodyKey, SealedBody};
use tongcha_ledger::entry::{Header, VerifiedEntry};
use tongcha_ledger::key::Directory;
use tongcha_ledger::slot::Slot;

use crate::bundle::Bundle;
use crate::finding::{Fault, Finding, Reason};
use crate::input::InputError;
use crate::keys::{self, BodyKeys};
use crate::losses::{Losses, recovery_in};
use crate::scan::{Checked, Scan};

/// What an entry's body is to the party.
#[derive(Debug)]
pub enum Content {
    /// The party is not in the audience.
    NotOurs,
    /// Its key was destroyed.
    Erased,
    /// It is not here: lost with a disk. Where the log does not say so, that is a finding.
    Lost,
    /// What it says.
    Opened(Body),
}

impl Content {
    /// Returns the body, when it could be opened.
    #[must_use]
    pub fn body(&self) -> Option<&Body> {
        match self {
            Self::Opened(body) => Some(body),
            Self::NotOurs | Self::Erased | Self::Lost => None,
        }
    }
}

/// What was read of one log.
#[derive(Debug, Serialize)]
pub struct ReadLog {
    /// The bundle it was read from.
    pub bundle: PathBuf,
    /// Whose log.
    pub origin: PartyId,
    /// Entries handed on.
    pub entries: u64,
    /// Bodies opened.
    pub opened: u64,
    /// Bodies whose key was destroyed.
    pub erased: u64,
    /// Bodies that were lost with a disk.
    pub lost: u64,
}

/// All logs as one party has them.
pub struct Reading<'a> {
    party: PartyId,
    trusted: Option<&'a Directory>,
    body_keys: PathBuf,
    own: Option<&'a Bundle>,
    sources: Vec<(PartyId, &'a Bundle)>,
    progress: &'a ProgressBar,
}

impl<'a> Reading<'a> {
    /// Chooses what is read. `body_keys` names the directory of the party's body keys when it is not the bundle's own.
    ///
    /// # Errors
    /// When there are no keys, or a directory can't be read.
    pub fn new(
        bundles: &'a [Bundle],
        party: PartyId,
        trusted: Option<&'a Directory>,
        body_keys: Option<&Path>,
        progress: &'a ProgressBar,
    ) -> Result<Self, InputError> {
        let own = bundles.iter().find(|bundle| bundle.manifest.party == party);
        let in_bundle = own.map(Bundle::keys_dir).filter(|dir| dir.is_dir());
        let body_keys = body_keys.map(Path::to_owned).or(in_bundle).ok_or(InputError::NoKeys(party))?;
        let mut sources: Vec<_> = chosen(bundles, own)?.into_iter().collect();
        sources.sort_by_key(|(origin, _)| *origin != party); // its own log first
        Ok(Self { party, trusted, body_keys, own, sources, progress })
    }

    /// Returns the party's own bundle.
    #[must_use]
    pub fn own(&self) -> Option<&'a Bundle> {
        self.own
    }

    /// Returns whose logs there are, the party's own first.
    pub fn origins(&self) -> impl Iterator<Item = PartyId> {
        self.sources.iter().map(|(origin, _)| *origin)
    }

    /// Reads a log whole, and hands on those of its first `limit` entries that are good, in order, in runs.
    ///
    /// # Errors
    /// When something can't be read. What is wrong in the log is a finding.
    pub fn log(
        &self,
        origin: PartyId,
        limit: u64,
        take: &mut impl FnMut(&[Checked<Content>]) -> Result<(), Fault>,
    ) -> Result<(Option<ReadLog>, Vec<Finding>), InputError> {
        let Some((_, bundle)) = self.sources.iter().find(|(of, _)| *of == origin) else {
            return Ok((None, Vec::new()));
        };
        let source = Source::new(bundle, origin, self.trusted);
        let keys = BodyKeys::open(&self.body_keys, origin)?;
        let mut log = ReadLog { bundle: bundle.path.clone(), origin, entries: 0, opened: 0, erased: 0, lost: 0 };
        let mut losses = Losses::new(self.party, origin);
        let check =
            |entry: &VerifiedEntry, body: Option<SealedBody>| content(self.party, &keys, entry, body, SealedBody::open);
        let mut hand_on = |mut good: Vec<Checked<Content>>| {
            good.iter().for_each(|checked| note_loss(&mut losses, checked));
            self.progress.inc(good.iter().map(|checked| checked.end - checked.offset).sum());
            good.retain(|checked| checked.entry.header().seq < limit);
            log.entries += good.len() as u64;
            log.opened += good.iter().filter(|checked| checked.value.body().is_some()).count() as u64;
            log.erased += good.iter().filter(|checked| matches!(checked.value, Content::Erased)).count() as u64;
            log.lost += good.iter().filter(|checked| matches!(checked.value, Content::Lost)).count() as u64;
            take(&good)
        };
        let mut findings = source.scan(&check, &mut hand_on)?;
        if findings.is_empty() {
            let finding =
                |Fault { seq, offset, reason }| Finding { bundle: bundle.path.clone(), origin, seq, offset, reason };
            findings.extend(losses.fault().map(finding));
        }
        Ok((Some(log), findings))
    }
}

/// Reads a party's log in the fullest copy there is, and hands on the headers of its good entries, in order.
///
/// # Errors
/// When something can't be read. What is wrong in the log is a finding; a log that is not here is empty.
pub fn headers(
    bundles: &[Bundle],
    trusted: Option<&Directory>,
    origin: PartyId,
    progress: &ProgressBar,
    take: &mut impl FnMut(&Header),
) -> Result<Vec<Finding>, InputError> {
    let Some(bundle) = chosen(bundles, None)?.remove(&origin) else { return Ok(Vec::new()) };
    let source = Source::new(bundle, origin, trusted);
    let mut hand_on = |good: Vec<Checked<()>>| {
        for checked in &good {
            progress.inc(checked.end - checked.offset);
            take(checked.entry.header());
        }
        Ok(())
    };
    source.scan(&|_, _| Ok(()), &mut hand_on)
}

/// Notes what an entry lacks, and what it says of a recovery.
pub(crate) fn note_loss(losses: &mut Losses, checked: &Checked<Content>) {
    let Checked { offset, entry, value, .. } = checked;
    losses.note(entry.header(), *offset, matches!(value, Content::Lost), value.body().and_then(recovery_in));
}

/// One log of a bundle and the keys it is checked with.
struct Source<'a> {
    bundle: &'a Bundle,
    origin: PartyId,
    directory: Directory,
    findings: Vec<Finding>,
}

impl<'a> Source<'a> {
    fn new(bundle: &'a Bundle, origin: PartyId, trusted: Option<&Directory>) -> Self {
        let (directory, bad_cards) = match trusted {
            Some(directory) => (directory.clone(), Vec::new()),
            None => keys::registered(bundle),
        };
        let findings = bad_cards.into_iter().filter(|finding| finding.origin == origin).collect();
        Self { bundle, origin, directory, findings }
    }

    fn scan<T: Send>(
        self,
        check: &(impl Fn(&VerifiedEntry, Option<SealedBody>) -> Result<T, Reason> + Sync),
        take: &mut impl FnMut(Vec<Checked<T>>) -> Result<(), Fault>,
    ) -> Result<Vec<Finding>, InputError> {
        let Self { bundle, origin, directory, mut findings } = self;
        let (claim, file) = (bundle.manifest.log(origin), bundle.open_log(origin)?);
        let scan = Scan { claim: &claim, directory: &directory, workers: crate::cores() };
        let end = scan.run(file, check, take).map_err(InputError::io(&bundle.log_path(origin)))?;
        let bundle = bundle.path.clone();
        findings.extend(end.fault.map(|Fault { seq, offset, reason }| Finding { bundle, origin, seq, offset, reason }));
        Ok(findings)
    }
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

/// Works out what an entry's body is to a party; `unseal` opens it with its key.
///
/// # Errors
/// When the body is not the one the entry commits to, does not open, or its key is not here.
pub(crate) fn content(
    party: PartyId,
    keys: &BodyKeys,
    entry: &VerifiedEntry,
    body: Option<SealedBody>,
    unseal: impl Fn(&SealedBody, &BodyKey, &Header) -> Result<Body, BodyError>,
) -> Result<Content, Reason> {
    let header = entry.header();
    if !header.audience.contains(&party) {
        return Ok(Content::NotOurs); // a body may be here for another party, whose bundle this is
    }
    let Some(sealed) = body else { return Ok(Content::Lost) };
    sealed.check(header).map_err(Reason::Body)?;
    match keys.slot(header.seq)? {
        Slot::Key(key) => unseal(&sealed, &key, header).map(Content::Opened).map_err(Reason::Body),
        Slot::Destroyed => Ok(Content::Erased),
        Slot::Empty => Err(Reason::KeyMissing),
    }
}
