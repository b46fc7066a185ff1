//! A bundle's events for other languages: one JSON object a line, or length-delimited messages of
//! `proto-schemas/v1/tongcha.proto`.
//!
//! In scope: every entry of every log, verified as in [`crate::verify`] as far as it goes, with its body opened where the
//! party's keys open it, and otherwise the reason why not. Out of scope: what the events amount to ([`crate::replay`]).
//! A log's first fault ends what is exported of it.

use std::fmt::{self, Display, Formatter};
use std::io::{self, Write};
use std::path::Path;

use serde::Serialize;
use tongcha_domain::id::PartyId;
use tongcha_domain::recovery::RecordRecovery;
use tongcha_ledger::body::SealedBody;
use tongcha_ledger::entry::VerifiedEntry;
use tongcha_ledger::key::Directory;
use tongcha_ledger::published::{ExportedContent, ExportedEntry, Language, PublishedError};
use tongcha_ledger::slot::Slot;

use crate::bundle::Bundle;
use crate::finding::{Fault, Finding, Reason};
use crate::input::InputError;
use crate::keys::{self, BodyKeys};
use crate::losses::{Losses, recovered};
use crate::scan::{Checked, Scan};

/// The published type that is exported.
const TYPE: &str = "ExportedEntry";

/// A form of the published language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventForm {
    /// One JSON object a line.
    Jsonl,
    /// Messages, each after its length as a varint.
    Protobuf,
}

/// What was exported.
#[derive(Debug, Serialize)]
pub struct EventsReport {
    /// Whose keys opened the bodies.
    pub party: PartyId,
    /// Of each log.
    pub logs: Vec<ExportedLog>,
    /// What is wrong: of each log the first thing; what lies before it is exported.
    pub findings: Vec<Finding>,
}

/// What was exported of one log.
#[derive(Debug, Serialize)]
pub struct ExportedLog {
    /// Whose log.
    pub origin: PartyId,
    /// Entries.
    pub entries: u64,
    /// Entries with an opened body.
    pub opened: u64,
}

/// Writes the events of a bundle's logs, the party's own log first. `body_keys` names the directory of the party's body keys
/// when it is not the bundle's own; without any, headers are exported.
///
/// # Errors
/// When something can't be read or written. What is wrong in a log is a finding.
pub fn export(
    bundle: &Bundle,
    form: EventForm,
    trusted: Option<&Directory>,
    body_keys: Option<&Path>,
    out: &mut impl Write,
) -> Result<EventsReport, InputError> {
    let language = Language::v1().map_err(|error| InputError::syntax(&bundle.path, &error))?;
    let (directory, mut findings) = match trusted {
        Some(directory) => (directory.clone(), Vec::new()),
        None => keys::registered(bundle),
    };
    let (party, keys_dir) = (bundle.manifest.party, body_keys.map_or_else(|| bundle.keys_dir(), Path::to_owned));
    let mut origins = bundle.origins()?;
    origins.sort_by_key(|origin| *origin != party);
    let mut logs = Vec::new();
    for origin in origins {
        let keys = BodyKeys::open(&keys_dir, origin)?;
        let source = Source { language: &language, form, party, keys: &keys };
        let (log, fault) = export_log(bundle, origin, &directory, &source, out)?;
        logs.push(log);
        findings.extend(fault.map(|Fault { seq, offset, reason }| Finding {
            bundle: bundle.path.clone(),
            origin,
            seq,
            offset,
            reason,
        }));
    }
    out.flush().map_err(InputError::io(&bundle.path))?;
    Ok(EventsReport { party, logs, findings })
}

struct Source<'a> {
    language: &'a Language,
    form: EventForm,
    party: PartyId,
    keys: &'a BodyKeys,
}

fn export_log(
    bundle: &Bundle,
    origin: PartyId,
    directory: &Directory,
    source: &Source<'_>,
    out: &mut impl Write,
) -> Result<(ExportedLog, Option<Fault>), InputError> {
    let path = bundle.log_path(origin);
    let mut log = ExportedLog { origin, entries: 0, opened: 0 };
    let mut written: io::Result<()> = Ok(());
    let check = |entry: &VerifiedEntry, body: Option<SealedBody>| source.encode(entry, body);
    let mut losses = Losses::new(source.party, origin);
    let mut take = |good: Vec<Checked<Encoded>>| {
        for Checked { value: Encoded { bytes, opened, lost, recovery }, entry, offset, .. } in good {
            losses.note(entry.header(), offset, lost, recovery.as_ref());
            if written.is_ok() {
                written = out.write_all(&bytes);
            }
            log.entries += 1;
            log.opened += u64::from(opened);
        }
        Ok(())
    };
    let claim = bundle.manifest.log(origin);
    let scan = Scan { claim: &claim, directory, workers: crate::cores() };
    let end = scan.run(bundle.open_log(origin)?, &check, &mut take).map_err(InputError::io(&path))?;
    written.map_err(InputError::io(&path))?;
    Ok((log, end.fault.or_else(|| losses.fault())))
}

// An entry to be written.
struct Encoded {
    bytes: Vec<u8>,
    opened: bool,
    lost: bool,
    recovery: Option<RecordRecovery>,
}

impl Source<'_> {
    fn encode(&self, entry: &VerifiedEntry, body: Option<SealedBody>) -> Result<Encoded, Reason> {
        let recovery = recovered(entry.header(), body.as_ref());
        let content = self.content(entry, body)?;
        let (opened, lost) = (matches!(content, ExportedContent::Body(_)), content == ExportedContent::Lost);
        let exported = ExportedEntry { header: entry.header().clone(), leaf: entry.leaf(), content };
        let bytes = self.write(&exported).map_err(Reason::Published)?;
        Ok(Encoded { bytes, opened, lost, recovery })
    }

    fn content(&self, entry: &VerifiedEntry, body: Option<SealedBody>) -> Result<ExportedContent, Reason> {
        let header = entry.header();
        if !header.audience.contains(&self.party) {
            return Ok(ExportedContent::NotAddressed);
        }
        let Some(sealed) = body else { return Ok(ExportedContent::Lost) };
        sealed.check(header).map_err(Reason::Body)?;
        match self.keys.slot(header.seq)? {
            Slot::Key(key) => sealed.open(&key, header).map(ExportedContent::Body).map_err(Reason::Body),
            Slot::Destroyed => Ok(ExportedContent::Erased),
            Slot::Empty => Ok(ExportedContent::NoKey),
        }
    }

    fn write(&self, exported: &ExportedEntry) -> Result<Vec<u8>, PublishedError> {
        match self.form {
            EventForm::Jsonl => Ok(format!("{}\n", self.language.json(TYPE, exported)?).into_bytes()),
            EventForm::Protobuf => self.language.delimited(TYPE, exported),
        }
    }
}

impl Display for EventsReport {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for ExportedLog { origin, entries, opened } in &self.logs {
            writeln!(f, "log of {origin}: {entries} entries, {opened} opened")?;
        }
        match self.findings.as_slice() {
            [] => writeln!(f, "No findings."),
            findings => findings.iter().try_for_each(|finding| writeln!(f, "  {finding}")),
        }
    }
}
