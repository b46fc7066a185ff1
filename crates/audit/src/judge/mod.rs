//! Judgement: every decision of a log judged again, with the state its writer had seen.
//!
//! An entry can be properly signed and still be wrong: an answer without a consent, an approval by who prepared, a
//! deadline reported before its time. The party's log is walked in order. Before each entry the other logs are folded up
//! to what the entry says was **seen** of them, so that the rows are exactly those the party decided on; then the event
//! is judged by the domain's own guards ([`tongcha_domain::hindsight`]). Besides: who acts is known to the log, no
//! command made two entries, header and body agree, `seen` grows and names what there is, no entry is dated before what
//! it has seen.
//!
//! In scope: the logs of parties whose body keys are here, each in its own bundle. Out of scope: a party without keys
//! (its log is reported as not judged, never as good); whether bytes, signatures and chain hold ([`crate::verify`]; a
//! fault ends the judgement there and is reported); what no log tells (see [`tongcha_domain::hindsight`]).

mod bench;
mod breach;
mod feed;
mod headers;
mod text;
mod watched;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use indicatif::ProgressBar;
use serde::Serialize;
use tongcha_domain::id::PartyId;
use tongcha_domain::party::rules_of;
use tongcha_ledger::key::Directory;

pub use breach::Breach;

use crate::bundle::Bundle;
use crate::finding::Finding;
use crate::input::InputError;
use crate::judge::bench::Bench;
use crate::judge::feed::{Feed, Source};
use crate::keys::{self, KeySource};

/// An entry that is wrong although it is properly signed.
#[derive(Debug, Serialize)]
pub struct Wrong {
    /// Whose log.
    pub origin: PartyId,
    /// The entry.
    pub seq: u64,
    /// Its kind, by its header.
    pub kind: &'static str,
    /// When it was recorded, by the writer's clock.
    pub recorded_at: String,
    /// Why.
    #[serde(flatten)]
    pub breach: Breach,
}

/// Why an entry was not judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Skipped {
    /// A command was refused: nothing happened.
    NothingHappened,
    /// A lookup was denied for a reason that turns on the token or the question, which the log does not keep.
    QuestionNotKept,
    /// Its body was erased.
    Erased,
    /// Its body was lost with a disk.
    Lost,
}

/// What a party's log came to.
#[derive(Debug, Serialize)]
pub struct Judged {
    /// Whose log.
    pub party: PartyId,
    /// The bundle it was read from.
    pub bundle: PathBuf,
    /// Entries reached.
    pub entries: u64,
    /// Entries listed that lie behind a fault.
    pub not_reached: u64,
    /// Entries judged, by kind.
    pub judged: BTreeMap<&'static str, u64>,
    /// Entries not judged, by reason and kind.
    pub skipped: BTreeMap<Skipped, BTreeMap<&'static str, u64>>,
    /// Bodies of all logs that were erased before the last entry reached.
    pub erased: u64,
    /// Bodies of all logs that were lost with a disk before it.
    pub lost: u64,
    /// What is wrong.
    pub findings: Vec<Wrong>,
    /// What would be wrong if nothing had been erased or lost before it: the state its writer had seen is no longer known.
    pub undecided: Vec<Wrong>,
    /// What is wrong with the logs themselves, as far as the judgement needed them.
    pub faults: Vec<Finding>,
}

/// A party whose log was not judged.
#[derive(Debug, Serialize)]
pub struct NotJudged {
    /// Whose log.
    pub party: PartyId,
    /// Why.
    pub reason: &'static str,
}

/// What a judgement came to.
#[derive(Debug, Serialize)]
pub struct JudgeReport {
    /// Whence the public keys came.
    pub keys: KeySource,
    /// The logs judged.
    pub parties: Vec<Judged>,
    /// The others. Nothing is known of them.
    pub not_judged: Vec<NotJudged>,
}

impl JudgeReport {
    /// Tells whether nothing is wrong with what was judged.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.parties.iter().all(|judged| judged.findings.is_empty() && judged.faults.is_empty())
    }
}

/// What is to be judged.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    /// The bundles.
    pub bundles: &'a [Bundle],
    /// Public keys in place of the bundles' own.
    pub trusted: Option<&'a Directory>,
    /// Whose logs; all of which there are body keys when it is empty.
    pub parties: &'a [PartyId],
    /// Directory of the body keys of the one party named, in place of its bundle's own.
    pub body_keys: Option<&'a Path>,
}

/// Judges logs.
///
/// # Errors
/// When something can't be read, a party that was named has no bundle with body keys, or nothing can be judged.
pub fn judge(case: &Case<'_>, progress: &ProgressBar) -> Result<JudgeReport, InputError> {
    let keys = if case.trusted.is_some() { KeySource::Trusted } else { KeySource::Bundle };
    let mut report = JudgeReport { keys, parties: Vec::new(), not_judged: Vec::new() };
    for party in case.whose()? {
        match case.opened(party) {
            Ok((bundle, body_keys)) => report.parties.push(case.judge_party(party, bundle, &body_keys, progress)?),
            Err(reason) if case.parties.is_empty() => report.not_judged.push(NotJudged { party, reason }),
            Err(_) => return Err(InputError::NoKeys(party)),
        }
    }
    progress.finish_and_clear();
    match report.not_judged.first() {
        Some(first) if report.parties.is_empty() => Err(InputError::NoKeys(first.party)),
        Some(_) | None => Ok(report),
    }
}

impl<'a> Case<'a> {
    fn whose(&self) -> Result<Vec<PartyId>, InputError> {
        if !self.parties.is_empty() {
            return Ok(self.parties.to_vec());
        }
        let mut parties = Vec::new();
        for bundle in self.bundles {
            parties.push(bundle.manifest.party);
            parties.extend(bundle.origins()?);
        }
        parties.sort();
        parties.dedup();
        Ok(parties)
    }

    // A party's log is judged from its own bundle: the bodies there are those that it could read. Of several the first
    // one with keys.
    fn opened(&self, party: PartyId) -> Result<(&'a Bundle, PathBuf), &'static str> {
        if rules_of(party).is_none() {
            return Err("the rules of this party are not known here");
        }
        let mut own = self.bundles.iter().filter(|bundle| bundle.manifest.party == party).peekable();
        own.peek().ok_or("none of the bundles is this party's own")?;
        own.find_map(|bundle| {
            let in_bundle = || Some(bundle.keys_dir()).filter(|dir| dir.is_dir());
            Some((bundle, self.body_keys.map(Path::to_owned).or_else(in_bundle)?))
        })
        .ok_or("there are no body keys of this party")
    }

    fn judge_party(
        &self,
        party: PartyId,
        bundle: &Bundle,
        body_keys: &Path,
        progress: &ProgressBar,
    ) -> Result<Judged, InputError> {
        let (directory, bad_cards) = match self.trusted {
            Some(directory) => (directory.clone(), Vec::new()),
            None => keys::registered(bundle),
        };
        let source = Source { bundle, directory: &directory, body_keys, party, progress };
        let mut origins = bundle.origins()?;
        origins.retain(|origin| *origin != party);
        std::thread::scope(|scope| {
            let start = |origin| Feed::start(scope, &source, origin, crate::cores());
            let own = start(party)?;
            let peers = origins.iter().map(|origin| Ok((*origin, start(*origin)?))).collect::<Result<_, _>>()?;
            let mut judged = Bench::new(bundle, party, peers)?.sit(own)?;
            judged.faults.splice(0..0, bad_cards);
            Ok(judged)
        })
    }
}
