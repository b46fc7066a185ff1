//! What headers said of the entries folded so far, for events that list entries. Some tens of bytes for each entry: a
//! proposal of an erasure may name any of them.

use std::collections::{BTreeMap, BTreeSet};

use tongcha_domain::case::CaseRef;
use tongcha_domain::erasure::{Keeping, ListedEntry, keeping};
use tongcha_domain::event::EventKind;
use tongcha_domain::id::PartyId;
use tongcha_domain::time::Instant;
use tongcha_ledger::entry::Header;

use crate::reading::Content;

struct Line {
    kind: EventKind,
    recorded_at: Instant,
    /// Which of the audiences there are.
    audience: usize,
    case: Option<CaseRef>,
    after: Option<u64>,
}

/// The entries of all logs, as far as they are folded.
#[derive(Default)]
pub(super) struct Headers {
    logs: BTreeMap<PartyId, Vec<Line>>,
    /// A log has few different ones.
    audiences: Vec<BTreeSet<PartyId>>,
    /// The last entry of each case that can be read, by what it is kept for.
    last: BTreeMap<(PartyId, CaseRef, Keeping), u64>,
}

impl Headers {
    /// Takes the next entry of a log.
    pub(super) fn note(&mut self, header: &Header, content: &Content) {
        let Header { origin, seq, kind, recorded_at, .. } = *header;
        let known = self.audiences.iter().position(|audience| *audience == header.audience);
        let audience = known.unwrap_or_else(|| {
            self.audiences.push(header.audience.clone());
            self.audiences.len() - 1
        });
        let case = content.body().and_then(|body| ListedEntry::case_of(&body.event));
        let after = case.and_then(|case| self.last.insert((origin, case, keeping(kind)), seq));
        self.logs.entry(origin).or_default().push(Line { kind, recorded_at, audience, case, after });
    }

    /// Returns entries of a log; those that are not there are left out.
    pub(super) fn listed(&self, origin: PartyId, entries: &BTreeSet<u64>) -> Vec<ListedEntry> {
        let log = self.logs.get(&origin).map(Vec::as_slice).unwrap_or_default();
        let listed = |seq: &u64| {
            let line = log.get(usize::try_from(*seq).ok()?)?;
            let audience = self.audiences.get(line.audience)?.clone();
            let Line { kind, recorded_at, case, after, .. } = *line;
            Some(ListedEntry { seq: *seq, kind, recorded_at, audience, case, after })
        };
        entries.iter().filter_map(listed).collect()
    }
}
