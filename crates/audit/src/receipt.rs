//! Receipts: proving one entry from a bundle, and checking a receipt with nothing but the parties' cards.

use std::fmt::{self, Display, Formatter};

use serde::Serialize;
use tongcha_domain::event::EventKind;
use tongcha_domain::id::PartyId;
use tongcha_ledger::entry::VerifiedEntry;
use tongcha_ledger::key::{Directory, Hex};
use tongcha_ledger::proof::{EntryReceipt, Proven};

use crate::bundle::Bundle;
use crate::finding::explain;
use crate::input::InputError;
use crate::tiles::CheckedLog;

/// Makes the receipt of an entry.
///
/// # Errors
/// When the bundle has no checkpoint of that log, the checkpoint does not cover the entry, or the log is damaged.
pub fn prove(bundle: &Bundle, origin: PartyId, seq: u64, directory: &Directory) -> Result<EntryReceipt, InputError> {
    let path = bundle.log_path(origin);
    let syntax = |message: &dyn Display| InputError::syntax(&path, message);
    let log =
        CheckedLog::read(bundle, origin, directory)?.ok_or_else(|| syntax(&"the bundle has no checkpoint of it"))?;
    let record = usize::try_from(seq).ok().and_then(|seq| log.records.get(seq));
    let record = record.ok_or_else(|| syntax(&format!("its checkpoint does not cover entry {seq}")))?;
    let entry = VerifiedEntry::verify(&record.entry, directory).map_err(|e| syntax(&explain(&e)))?;
    EntryReceipt::new(&entry, &log.checkpoint, &log.hashes).map_err(|e| syntax(&explain(&e)))
}

/// What a receipt proves, or why it proves nothing.
#[derive(Debug, Serialize)]
pub struct ReceiptReport {
    /// Whether everything in it verifies, and enough parties have witnessed it.
    pub good: bool,
    /// Why not.
    pub refused: Option<String>,
    /// The entry.
    pub entry: Option<EntryReport>,
    /// Who has cosigned the checkpoint, with valid signatures.
    pub witnessed_by: Vec<PartyId>,
    /// How many had to.
    pub witnesses_wanted: usize,
}

/// What the header of a proven entry says. What happened in it only its readers know.
#[derive(Debug, Serialize)]
pub struct EntryReport {
    /// Whose log.
    pub origin: PartyId,
    /// Position in it.
    pub seq: u64,
    /// What kind of event.
    pub kind: EventKind,
    /// When, by the writer's clock.
    pub recorded_at: String,
    /// Leaf hash.
    pub leaf: Hex,
    /// Entries of the log that the checkpoint covers.
    pub log_size: u64,
}

/// Checks a receipt; `witnesses` parties besides the log's must have cosigned.
#[must_use]
pub fn check(text: &str, directory: &Directory, witnesses: usize) -> ReceiptReport {
    let mut report = ReceiptReport {
        good: false,
        refused: None,
        entry: None,
        witnessed_by: Vec::new(),
        witnesses_wanted: witnesses,
    };
    match text.parse::<EntryReceipt>().and_then(|receipt| receipt.verify(directory)) {
        Err(error) => report.refused = Some(explain(&error)),
        Ok(Proven { entry, checkpoint }) => {
            let header = entry.header();
            report.entry = Some(EntryReport {
                origin: header.origin,
                seq: header.seq,
                kind: header.kind,
                recorded_at: header.recorded_at.to_string(),
                leaf: Hex(entry.leaf()),
                log_size: checkpoint.head().size,
            });
            report.witnessed_by = checkpoint.cosigned().keys().copied().collect();
            report.good = report.witnessed_by.len() >= witnesses;
            if !report.good {
                report.refused = Some("too few parties have witnessed it; ask for the receipt again later".to_owned());
            }
        }
    }
    report
}

impl Display for ReceiptReport {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let Some(EntryReport { origin, seq, kind, recorded_at, log_size, .. }) = &self.entry {
            writeln!(f, "Entry {seq} of the log of {origin}: {}, recorded {recorded_at}", kind.code())?;
            writeln!(f, "It is in the log of {log_size} entries that {origin} has signed.")?;
            let by: Vec<_> = self.witnessed_by.iter().map(ToString::to_string).collect();
            writeln!(f, "Witnessed by {} of {} wanted: {}", by.len(), self.witnesses_wanted, by.join(", "))?;
        }
        match &self.refused {
            None => writeln!(f, "The receipt is good."),
            Some(why) => writeln!(f, "THE RECEIPT IS REFUSED: {why}"),
        }
    }
}
