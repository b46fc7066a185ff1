//! Verification: what the logs and the public keys prove, without a single secret.
//!
//! For every log: frames, signatures (strictly, one by one), chain, canonical form, body digests, bodies that are lost, what the writer says it
//! has seen, the count and head that the bundle lists, the Merkle root of its checkpoint with all signatures on it; for several copies of a log: that
//! they are one log.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use indicatif::ProgressBar;
use serde::Serialize;
use tongcha_domain::event::EventKind;
use tongcha_domain::id::PartyId;
use tongcha_domain::recovery::RecordRecovery;
use tongcha_domain::time;
use tongcha_ledger::body::SealedBody;
use tongcha_ledger::entry::VerifiedEntry;
use tongcha_ledger::key::{Directory, Hex};
use tongcha_ledger::trail::KeyTrail;

use crate::bundle::Bundle;
use crate::checkpoints::{CheckpointReport, Watch};
use crate::finding::{Fault, Finding, Reason};
use crate::forks::{self, Copy};
use crate::input::InputError;
use crate::keys::{self, KeySource};
use crate::losses::{Losses, recovered};
use crate::scan::{Checked, Scan, ScanEnd};
use crate::speed::{Samples, Speed, rate};

/// What was found out about one log, as far as it is good.
#[derive(Debug, Serialize)]
pub struct LogReport {
    /// The bundle.
    pub bundle: PathBuf,
    /// Whose log.
    pub origin: PartyId,
    /// Entries that are good.
    pub entries: u64,
    /// Sealed bodies among them whose digest was checked.
    pub bodies: u64,
    /// When the first was recorded, by the writer's clock.
    pub first_recorded_at: Option<String>,
    /// When the last was recorded.
    pub last_recorded_at: Option<String>,
    /// Leaf of the last; zeros when there is none.
    pub head: Hex,
    /// Entries whose body is for the party and was lost with a disk.
    pub lost: Vec<u64>,
    /// Entries by kind.
    pub kinds: BTreeMap<&'static str, u64>,
    /// The log's checkpoint in the bundle, when it is good.
    pub checkpoint: Option<CheckpointReport>,
    /// Entries a second.
    pub entries_per_second: f64,
}

/// What was found out about all bundles.
#[derive(Debug, Serialize)]
pub struct VerifyReport {
    /// Whence the public keys came.
    pub keys: KeySource,
    /// Each log.
    pub logs: Vec<LogReport>,
    /// What is wrong: of each log the first thing. Empty when all is well.
    pub findings: Vec<Finding>,
    /// How fast it was.
    pub speed: Speed,
    /// Some of the good entries.
    #[serde(skip)]
    pub samples: Samples,
}

impl VerifyReport {
    /// Measures what one core can do here, and puts it beside the speed reached.
    pub fn measure(&mut self) {
        self.speed.measure(&self.samples);
    }
}

/// Verifies bundles; `trusted` keys take the place of the bundles' own.
///
/// # Errors
/// When something can't be read. What is wrong in what can be read is a finding.
pub fn verify(
    bundles: &[Bundle],
    trusted: Option<&Directory>,
    progress: &ProgressBar,
) -> Result<VerifyReport, InputError> {
    let source = if trusted.is_some() { KeySource::Trusted } else { KeySource::Bundle };
    let (mut logs, mut findings, mut samples) = (Vec::new(), Vec::new(), Samples::default());
    let (mut copies, mut took): (BTreeMap<_, Vec<Copy>>, _) = (BTreeMap::new(), Duration::ZERO);
    if trusted.is_none() {
        findings.extend(keys::differing(bundles));
    }
    for bundle in bundles {
        let (own, bad_cards) = match trusted {
            Some(directory) => (directory.clone(), Vec::new()),
            None => keys::registered(bundle),
        };
        findings.extend(bad_cards);
        for origin in bundle.origins()? {
            let audit = LogAudit { bundle, origin, directory: &own };
            let began = Instant::now();
            let (report, finding) = audit.run(&mut samples, progress)?;
            took += began.elapsed();
            if report.entries > 0 {
                let (bundle, file) = (bundle.path.clone(), bundle.log_path(origin));
                copies.entry(origin).or_default().push(Copy { bundle, file, good: report.entries });
            }
            findings.extend(finding);
            logs.push(report);
        }
    }
    findings.extend(forks::compare(&copies)?);
    progress.finish_and_clear();
    let entries = logs.iter().map(|log| log.entries).sum();
    let speed = Speed::of(crate::cores().get(), entries, took);
    Ok(VerifyReport { keys: source, logs, findings, speed, samples })
}

struct LogAudit<'a> {
    bundle: &'a Bundle,
    origin: PartyId,
    directory: &'a Directory,
}

struct Tally {
    watch: Watch,
    bodies: u64,
    first: Option<time::Instant>,
    kinds: BTreeMap<EventKind, u64>,
    losses: Losses,
    seen: BTreeMap<PartyId, u64>,
}

impl LogAudit<'_> {
    fn run(&self, samples: &mut Samples, progress: &ProgressBar) -> Result<(LogReport, Option<Finding>), InputError> {
        let note = self.bundle.checkpoint(self.origin)?;
        let (kinds, seen) = (BTreeMap::new(), BTreeMap::new());
        let watch = Watch::new(note.as_deref());
        let losses = Losses::new(self.bundle.manifest.party, self.origin);
        let (mut tally, began) = (Tally { watch, bodies: 0, first: None, kinds, losses, seen }, Instant::now());
        let mut end = self.scan(&mut tally, samples, progress)?;
        let keys = end.keys.take();
        let times = keys.as_ref().and_then(KeyTrail::times);
        let checkpoint = tally.watch.end(self.origin, self.directory, times).unwrap_or_else(|reason| {
            // What is wrong with an entry comes first: it may be why the root differs.
            end.fault.get_or_insert(Fault { seq: end.tip.count, offset: end.offset, reason });
            None
        });
        let report = LogReport {
            bundle: self.bundle.path.clone(),
            origin: self.origin,
            entries: end.tip.count,
            bodies: tally.bodies,
            first_recorded_at: tally.first.map(|at| at.to_string()),
            last_recorded_at: tally.first.map(|_| end.tip.recorded_at.to_string()),
            head: Hex(end.tip.head),
            lost: tally.losses.lost(),
            kinds: tally.kinds.iter().map(|(kind, count)| (kind.code(), *count)).collect(),
            checkpoint,
            entries_per_second: rate(end.tip.count, began.elapsed()),
        };
        let finding = end.fault.map(|Fault { seq, offset, reason }| Finding {
            bundle: self.bundle.path.clone(),
            origin: self.origin,
            seq,
            offset,
            reason,
        });
        Ok((report, finding))
    }

    fn scan(&self, tally: &mut Tally, samples: &mut Samples, progress: &ProgressBar) -> Result<ScanEnd, InputError> {
        let file = self.bundle.open_log(self.origin)?;
        let party = self.bundle.manifest.party;
        let check = |entry: &VerifiedEntry, body: Option<SealedBody>| match check_body(party, entry, body.as_ref()) {
            Err(Reason::BodyMissing) => Ok(Content::Absent),
            Err(reason) => Err(reason),
            Ok(false) => Ok(Content::NotOurs),
            Ok(true) => Ok(Content::Body(recovered(entry.header(), body.as_ref()))),
        };
        let mut take = |good: Vec<Checked<Content>>| {
            for Checked { offset, entry, value, .. } in &good {
                let header = entry.header();
                self.check_seen(&mut tally.seen, *offset, entry)?;
                let (is_body, recovery) = match value {
                    Content::Body(recovery) => (true, recovery.as_ref()),
                    Content::NotOurs | Content::Absent => (false, None),
                };
                tally.losses.note(header, *offset, matches!(value, Content::Absent), recovery);
                tally.watch.push(entry);
                tally.first.get_or_insert(header.recorded_at);
                tally.bodies += u64::from(is_body);
                *tally.kinds.entry(header.kind).or_default() += 1;
                let key = self.directory.key(self.origin, header.key_id);
                samples.keep(entry, key.as_ref().map(|key| key.keys.as_ref()));
            }
            // Once for many entries: showing progress takes a lock.
            if let (Some(first), Some(last)) = (good.first(), good.last()) {
                progress.inc(last.end - first.offset);
            }
            Ok(())
        };
        let claim = self.bundle.manifest.log(self.origin);
        let scan = Scan { claim: &claim, directory: self.directory, workers: crate::cores() };
        let mut end = scan.run(file, &check, &mut take).map_err(InputError::io(&self.bundle.log_path(self.origin)))?;
        // What is not said by then is not said anywhere.
        end.fault = end.fault.or_else(|| tally.losses.fault());
        Ok(end)
    }

    // What a writer has accepted it keeps, so what it says of that never goes down. And the bundle's list is not signed,
    // but the party's own log is: what it says it had of the others' must be there.
    fn check_seen(&self, before: &mut BTreeMap<PartyId, u64>, offset: u64, entry: &VerifiedEntry) -> Result<(), Fault> {
        let (manifest, header) = (&self.bundle.manifest, entry.header());
        let fault = |reason| Fault { seq: header.seq, offset, reason };
        for (&party, &before) in &*before {
            let seen = header.seen.get(&party).copied().unwrap_or(0);
            if seen < before {
                return Err(fault(Reason::SeenLess { party, seen, before }));
            }
        }
        if *before != header.seen {
            before.clone_from(&header.seen);
        }
        if header.origin != manifest.party {
            return Ok(()); // the others may have seen more than this party
        }
        for (&party, &seen) in &header.seen {
            let held = manifest.log(party).count;
            if seen > held {
                return Err(fault(Reason::SeenMore { party, seen, held }));
            }
        }
        Ok(())
    }
}

/// What became of an entry's body in the bundle's own copy.
enum Content {
    /// It is here; with the recovery that it records.
    Body(Option<RecordRecovery>),
    NotOurs,
    Absent,
}

/// Checks the sealed body of an entry in the data of a party; tells whether there is one.
///
/// # Errors
/// When it is not the one the entry commits to, is missing, or is not the party's to have.
pub fn check_body(party: PartyId, entry: &VerifiedEntry, body: Option<&SealedBody>) -> Result<bool, Reason> {
    match (entry.header().audience.contains(&party), body) {
        (true, Some(sealed)) => sealed.check(entry.header()).map(|()| true).map_err(Reason::Body),
        (true, None) => Err(Reason::BodyMissing),
        (false, Some(_)) => Err(Reason::BodyUnasked),
        (false, None) => Ok(false),
    }
}
