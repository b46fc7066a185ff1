//! What a run did, and a hash over every step of it.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};
use tongcha_domain::event::{Event, EventKind};

use crate::sim::book::BookEntry;

/// What a run did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Steps taken.
    pub steps: u64,
    /// Entries in the own logs, by the class of their events.
    pub events: BTreeMap<EventKind, u64>,
    /// Verdicts of the gates, by code; `PERMITTED` when permitted.
    pub gates: BTreeMap<&'static str, u64>,
    /// Faults, by kind.
    pub faults: BTreeMap<&'static str, u64>,
    /// Processes that ended without warning.
    pub crashes: u64,
    /// Lookups answered to their askers.
    pub answers: u64,
    /// Lookups denied to their askers.
    pub denials: u64,
    /// Messages of peers that were refused.
    pub refused: u64,
    /// SHA-256 over a line for every step: the same seed gives the same.
    pub trace: [u8; 32],
}

impl Report {
    /// Counts a fault.
    pub(super) fn fault(&mut self, kind: &'static str) {
        *self.faults.entry(kind).or_default() += 1;
    }

    /// Counts an entry of an own log.
    pub(super) fn entry(&mut self, entry: &BookEntry) {
        *self.events.entry(entry.header.kind).or_default() += 1;
        let code = match &entry.event {
            Some(Event::LookupPermitted(_)) => "PERMITTED",
            Some(Event::LookupDenied(denied)) => denied.refusal.code.as_str(),
            Some(_) | None => return,
        };
        *self.gates.entry(code).or_default() += 1;
    }

    /// Adds the counts of another run.
    pub fn add(&mut self, other: &Self) {
        self.steps += other.steps;
        other.events.iter().for_each(|(kind, count)| *self.events.entry(*kind).or_default() += count);
        other.gates.iter().for_each(|(code, count)| *self.gates.entry(*code).or_default() += count);
        other.faults.iter().for_each(|(kind, count)| *self.faults.entry(kind).or_default() += count);
        self.crashes += other.crashes;
        self.answers += other.answers;
        self.denials += other.denials;
        self.refused += other.refused;
    }

    /// Returns how many entries were written.
    #[must_use]
    pub fn entries(&self) -> u64 {
        self.events.values().sum()
    }
}

/// The running hash over the lines of a run.
#[derive(Default)]
pub(super) struct Trace(Sha256);

impl Trace {
    pub(super) fn line(&mut self, line: &str) {
        self.0.update(line.as_bytes());
        self.0.update(b"\n");
    }

    pub(super) fn digest(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}
