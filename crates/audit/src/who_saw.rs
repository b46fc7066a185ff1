//! Who saw something: which parties had an entry, and since when; which officers looked at a person.
//!
//! An entry says who can read it. When a reader had it follows from the reader's own log, which says in each entry how
//! many entries of the others it had. Who looked at a person is asked of each party's view whose body keys are at hand:
//! looks at one party are in that party's log only, and the report says which parties were asked.

use std::collections::BTreeSet;

use indicatif::ProgressBar;
use serde::Serialize;
use tongcha_domain::access::{AccessTarget, Look, who_looked};
use tongcha_domain::id::PartyId;
use tongcha_domain::identity::Document;
use tongcha_domain::view::{LogPosition, Rows, ViewError};
use tongcha_ledger::entry::Header;
use tongcha_ledger::key::Directory;

use crate::bundle::Bundle;
use crate::finding::Finding;
use crate::input::InputError;
use crate::keys::KeySource;
use crate::reading::{Reading, headers};
use crate::replay::fold;

/// Who had an entry.
#[derive(Debug, Serialize)]
pub struct EntryReport {
    /// Whose log.
    pub origin: PartyId,
    /// Position in it.
    pub seq: u64,
    /// What it is.
    pub kind: &'static str,
    /// When it was recorded.
    pub recorded_at: String,
    /// The others, in order of their names.
    pub others: Vec<Holder>,
    /// What is wrong with the logs read.
    pub findings: Vec<Finding>,
}

/// One of the others.
#[derive(Debug, Serialize)]
pub struct Holder {
    /// The party.
    pub party: PartyId,
    /// Whether it can read the body; every party gets the header.
    pub reader: bool,
    /// Its last entry that was written without it.
    pub not_yet: Option<Mark>,
    /// Its first entry that says it had it; none when its log does not say so yet, or is not here.
    pub had: Option<Mark>,
}

/// An entry of a party's own log, as a mark in time.
#[derive(Clone, Debug, Serialize)]
pub struct Mark {
    /// Its position.
    pub seq: u64,
    /// When it was recorded, by that party's clock.
    pub recorded_at: String,
}

impl Mark {
    fn of(header: &Header) -> Self {
        Self { seq: header.seq, recorded_at: header.recorded_at.to_string() }
    }
}

/// Works out who had an entry, and since when.
///
/// # Errors
/// When something can't be read, or the entry is not there.
pub fn entry(
    bundles: &[Bundle],
    trusted: Option<&Directory>,
    (origin, seq): (PartyId, u64),
    progress: &ProgressBar,
) -> Result<EntryReport, InputError> {
    let (mut found, mut findings) = (None, Vec::new());
    findings.extend(headers(bundles, trusted, origin, progress, &mut |header| {
        if header.seq == seq {
            found = Some(header.clone());
        }
    })?);
    let entry = found.ok_or(InputError::NoEntry { origin, seq })?;
    let mut others = Vec::new();
    for party in entry.seen.keys().chain(&entry.audience).copied().collect::<BTreeSet<_>>() {
        if party == origin {
            continue;
        }
        let mut holder = Holder { party, reader: entry.audience.contains(&party), not_yet: None, had: None };
        findings.extend(headers(bundles, trusted, party, progress, &mut |header| {
            if header.seen.get(&origin).is_some_and(|seen| *seen > seq) {
                holder.had.get_or_insert_with(|| Mark::of(header));
            } else {
                holder.not_yet = Some(Mark::of(header));
            }
        })?);
        others.push(holder);
    }
    let (kind, recorded_at) = (entry.kind.code(), entry.recorded_at.to_string());
    Ok(EntryReport { origin, seq, kind, recorded_at, others, findings })
}

/// Who looked at persons.
#[derive(Debug, Serialize)]
pub struct LooksReport {
    /// The parties whose logs were asked: those whose body keys are in the bundles.
    pub asked: Vec<PartyId>,
    /// The parties whose looks are not known here.
    pub not_asked: Vec<PartyId>,
    /// The looks, the newest first.
    pub looks: Vec<Seen>,
    /// What is wrong with the logs read.
    pub findings: Vec<Finding>,
}

/// One look.
#[derive(Debug, Serialize)]
pub struct Seen {
    /// When, by the clock of the log's writer.
    pub at: String,
    /// Whose log says so.
    pub log: PartyId,
    /// Position in it.
    pub seq: u64,
    /// The party of the one who looked.
    pub party: PartyId,
    /// Who; of another party's officer only the unit is known.
    pub officer: Option<String>,
    /// For which unit.
    pub unit: String,
    /// What was looked at.
    pub what: String,
    /// What for, in the officer's words.
    pub reason: Option<String>,
    /// On which consents.
    pub consents: Vec<String>,
}

/// Asks every party whose body keys are in the bundles who looked at persons.
///
/// # Errors
/// When something can't be read.
pub fn persons(
    bundles: &[Bundle],
    trusted: Option<&Directory>,
    documents: &[Document],
    progress: &ProgressBar,
) -> Result<LooksReport, InputError> {
    let (mut asked, mut parties) = (BTreeSet::new(), BTreeSet::new());
    let (mut looks, mut findings) = (Vec::new(), Vec::new());
    let keys = if trusted.is_some() { KeySource::Trusted } else { KeySource::Bundle };
    for bundle in bundles {
        let party = bundle.manifest.party;
        parties.extend(bundle.origins()?);
        if !bundle.keys_dir().is_dir() || !asked.insert(party) {
            continue;
        }
        let reading = Reading::new(std::slice::from_ref(bundle), party, trusted, None, progress)?;
        let (report, view) = fold(&reading, party, keys, |_| u64::MAX)?;
        findings.extend(report.findings);
        looks.extend(looks_at(&Rows::new(view.rows()), party, documents).map_err(InputError::View)?);
    }
    looks.sort_by_key(|look: &Look| std::cmp::Reverse((look.at, look.log, look.seq)));
    looks.dedup_by_key(|look| (look.log, look.seq)); // a gate's verdict is in the views of both sides
    let not_asked = parties.difference(&asked).copied().collect();
    let looks = looks.into_iter().map(seen).collect();
    Ok(LooksReport { asked: asked.into_iter().collect(), not_asked, looks, findings })
}

/// Asks a view, as of its last entry: who is a minor is told by that day.
fn looks_at(rows: &Rows<'_>, party: PartyId, documents: &[Document]) -> Result<Vec<Look>, ViewError> {
    let logs = rows.sides::<LogPosition>(&())?;
    let now = logs.iter().map(|(_, log)| log.recorded_at).max().unwrap_or_default();
    who_looked(rows, party, documents, None, now)
}

fn seen(look: Look) -> Seen {
    Seen {
        at: look.at.to_string(),
        log: look.log,
        seq: look.seq,
        party: look.party,
        officer: look.officer.map(|(officer, _)| officer.to_string()),
        unit: look.unit.to_string(),
        what: what(&look.target),
        reason: look.reason.map(|reason| reason.as_str().to_owned()),
        consents: look.consents.iter().map(|consent| consent.0.to_string()).collect(),
    }
}

fn what(target: &AccessTarget) -> String {
    let named = |kind: &str, id: &dyn std::fmt::Display| format!("{kind} {id}");
    match target {
        AccessTarget::Batch(id) => named("batch", &id.0),
        AccessTarget::Urgent(id) => named("urgent notice", &id.0),
        AccessTarget::SealedUrgent(id) => named("urgent notice, hidden payload", &id.0),
        AccessTarget::Consent(id) => named("consent", &id.0),
        AccessTarget::Request(id) => named("request", &id.0),
        AccessTarget::Lookup(id) => named("lookup", &id.0),
        AccessTarget::Mandate(id) => named("mandate", &id.0),
        AccessTarget::MatchRun(id) => named("matching run", &id.0),
        AccessTarget::Conference(id) => named("conference", &id.0),
        AccessTarget::Persons { handed_to: None, .. } => "report about persons".to_owned(),
        AccessTarget::Persons { handed_to: Some(_), .. } => "report about persons, handed out".to_owned(),
    }
}
