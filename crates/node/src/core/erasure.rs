//! Erasure: what an order in a log makes of keys, rows and copies here.
//!
//! In scope: destroying the keys that an order covers, forgetting, confirming, entries that came without a key. Out of scope:
//! who may order what (`tongcha_domain::erasure`), and the copies at the broker (`crate::nats::publish`).
//!
//! An order is executed as soon as it is durable: keys are overwritten in place and synced; then what the quarantine keeps
//! of that log is blanked; then the view is deleted and folded anew, without the bodies; then the service confirms.
//! All of it is worked out from the journals, never from the view, and doing it again changes nothing. So a crash
//! between any two steps ends, after the next start, where an uninterrupted execution ends. Every start executes every
//! order again: a backup that is restored brings no key back.

use std::collections::{BTreeMap, BTreeSet};

use tongcha_domain::case::CaseRef;
use tongcha_domain::command::Command;
use tongcha_domain::erasure::{ConfirmErasure, ErasureFacts, ErasureOrdered, ListedEntry, erasable};
use tongcha_domain::event::{Event, EventKind};
use tongcha_domain::id::PartyId;
use tongcha_domain::party::rules_of;
use tongcha_domain::time::Instant;
use tongcha_domain::view::{Rows, ViewError};
use tongcha_ledger::entry::Header;

use crate::core::{Core, CoreError};

/// Orders and holes of all logs.
#[derive(Default)]
pub(super) struct Erasures {
    /// Orders executed since the start, by log and position.
    settled: BTreeMap<(PartyId, u64), Settled>,
    /// Bodies that came without a key and that no order covers so far.
    holes: BTreeMap<PartyId, BTreeSet<u64>>,
    /// Orders of the own log, and the parties from whose stream all copies are removed.
    removed: BTreeSet<(u64, PartyId)>,
}

/// What an order came to here; nothing when it is not for us.
#[derive(Default)]
struct Settled {
    order: Option<ErasureOrdered>,
    /// Entries that it covers and that we can, or could, read.
    covered: BTreeSet<u64>,
    /// How many it names that must be kept.
    kept: u32,
}

/// An entry of a log, as an officer who prepares an erasure, or asks for one, must know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEntry {
    /// Its position.
    pub seq: u64,
    /// Its kind.
    pub kind: EventKind,
    /// When it was recorded.
    pub recorded_at: Instant,
    /// Who can read it.
    pub audience: BTreeSet<PartyId>,
    /// Its case; none when it has none, is erased or not for us.
    pub case: Option<CaseRef>,
}

impl Core {
    /// Executes the orders that have become durable; the view is folded anew when there was one for us.
    pub(super) fn erase(&mut self) -> Result<(), CoreError> {
        let known: usize = self.logs.values().map(|log| log.journal.orders().len()).sum();
        if known == self.erasures.settled.len() {
            return Ok(());
        }
        let fresh = self.settle_orders()?;
        self.receipts_due |= !fresh.is_empty();
        // What came without a key was folded without its body: then there is nothing to forget.
        if fresh.iter().any(|(_, _, destroyed)| *destroyed > 0) { self.rebuild_view() } else { Ok(()) }
    }

    /// Destroys what orders cover that were not executed since the start. Returns of each that is for us its log, its
    /// position, and how many keys there still were.
    pub(super) fn settle_orders(&mut self) -> Result<Vec<(PartyId, u64, u32)>, CoreError> {
        let mut fresh = Vec::new();
        let orders: Vec<(PartyId, u64)> =
            self.logs.iter().flat_map(|(origin, log)| log.journal.orders().iter().map(|seq| (*origin, *seq))).collect();
        for (origin, seq) in orders {
            if self.erasures.settled.contains_key(&(origin, seq)) {
                continue;
            }
            let settled = self.covered(origin, seq)?;
            if settled.order.is_some() {
                let Some(log) = self.logs.get_mut(&origin) else { continue };
                let destroyed = log.keys.destroy(self.disk.as_mut(), &settled.covered)?;
                let (entries, kept) = (settled.covered.len(), settled.kept);
                tracing::info!(%origin, order = seq, entries, destroyed, kept, "an order of erasure was executed");
                self.forget_quarantined(origin)?;
                if let Some(holes) = self.erasures.holes.get_mut(&origin) {
                    holes.retain(|hole| !settled.covered.contains(hole));
                }
                fresh.push((origin, seq, destroyed));
            }
            self.erasures.settled.insert((origin, seq), settled);
        }
        Ok(fresh)
    }

    /// Works out what an order covers: of the entries it names those before it in the same log that are for us and whose
    /// floor was over when it was given.
    fn covered(&self, origin: PartyId, order_seq: u64) -> Result<Settled, CoreError> {
        let mut settled = Settled::default();
        let Some((meta, Some(body))) = self.recorded(origin, order_seq)? else { return Ok(settled) };
        let (Event::ErasureOrdered(order), Some(rules)) = (body.event, rules_of(origin)) else { return Ok(settled) };
        for seq in order.entries.range(..order_seq) {
            let Some((header, _)) = self.header(origin, *seq)? else { continue };
            if !header.audience.contains(&self.me) {
                continue;
            }
            match erasable(&rules.retention, header.kind, header.recorded_at, meta.recorded_at) {
                Ok(()) => {
                    settled.covered.insert(*seq);
                }
                Err(_) => settled.kept += 1,
            }
        }
        if settled.kept > 0 {
            tracing::error!(%origin, order = order_seq, kept = settled.kept, "an order names entries that must be kept; it has no effect on them");
        }
        settled.order = Some(order);
        Ok(settled)
    }

    /// Tells whether the rows may hold what an order that was just executed covers: there still were keys, or nothing in the
    /// rows says that an earlier life came to the end of it.
    pub(super) fn rows_may_remember(&self, rows: &Rows<'_>, fresh: &[(PartyId, u64, u32)]) -> Result<bool, ViewError> {
        for (origin, seq, destroyed) in fresh {
            if *destroyed > 0 || !self.is_confirmed(rows, *origin, *seq)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn is_confirmed(&self, rows: &Rows<'_>, origin: PartyId, seq: u64) -> Result<bool, ViewError> {
        let settled = self.erasures.settled.get(&(origin, seq));
        let Some(order) = settled.and_then(|settled| settled.order.as_ref()) else { return Ok(true) };
        let own = rows.side::<ErasureFacts>(&order.erasure, self.me)?;
        Ok(own.is_some_and(|facts| facts.confirmed.contains_key(&origin)))
    }

    /// Returns the confirmations that are not in the own log.
    pub(super) fn missing_confirmations(&self) -> Result<Vec<Command>, CoreError> {
        let rows = self.rows();
        let mut missing = Vec::new();
        for ((origin, seq), Settled { order, covered, kept }) in &self.erasures.settled {
            let Some(order) = order.as_ref().filter(|order| *origin == self.me || order.holders.contains(&self.me))
            else {
                continue;
            };
            if !self.is_confirmed(&rows, *origin, *seq)? {
                let destroyed = u32::try_from(covered.len()).unwrap_or(u32::MAX);
                let (erasure, ordered_by) = (order.erasure, *origin);
                missing.push(ConfirmErasure { erasure, ordered_by, destroyed, kept: *kept }.into());
            }
        }
        Ok(missing)
    }

    /// Looks for keys that are destroyed without an order: bodies that a peer kept from us.
    pub(super) fn find_holes(&mut self) -> Result<(), CoreError> {
        for (origin, log) in self.logs.iter().filter(|(origin, _)| **origin != self.me) {
            let mut holes = log.keys.destroyed(self.disk.as_ref(), log.journal.tip().count)?;
            for (_, settled) in self.erasures.settled.iter().filter(|((of, _), _)| of == origin) {
                holes.retain(|hole| !settled.covered.contains(hole));
            }
            self.erasures.holes.insert(*origin, holes);
        }
        Ok(())
    }

    /// Notes that a body came without its key.
    pub(super) fn note_hole(&mut self, header: &Header) {
        self.erasures.holes.entry(header.origin).or_default().insert(header.seq);
    }

    /// Returns how many bodies of a peer's log came without a key, as if erased, while no order in that log covers them.
    /// More than none for longer than a catch-up takes is a peer that keeps something from us.
    #[must_use]
    pub fn withheld(&self, origin: PartyId) -> usize {
        self.erasures.holes.get(&origin).map_or(0, BTreeSet::len)
    }

    /// Returns the orders of the own log whose copies may still lie in the stream for a party, and the entries. Of orders
    /// that are not yet published nothing can be removed: what they cover may only just be on its way.
    #[must_use]
    pub fn copies_to_remove(&self, to: PartyId, published: u64) -> Vec<(u64, BTreeSet<u64>)> {
        let own = self.erasures.settled.range((self.me, 0)..(self.me, published));
        let open = own.filter(|((_, order), settled)| {
            let told = settled.order.as_ref().is_some_and(|order| order.holders.contains(&to));
            told && !self.erasures.removed.contains(&(*order, to))
        });
        open.map(|((_, order), settled)| (*order, settled.covered.clone())).collect()
    }

    /// Notes that the copies of what an order covers are gone from the stream for a party.
    pub fn note_copies_removed(&mut self, to: PartyId, order: u64) {
        self.erasures.removed.insert((order, to));
    }

    /// Returns the holders in whose stream no copy of what an order covers is left, as far as was seen since the start.
    #[must_use]
    pub fn copies_removed(&self, order: u64) -> BTreeSet<PartyId> {
        self.erasures.removed.iter().filter(|(of, _)| *of == order).map(|(_, to)| *to).collect()
    }

    /// Returns durable entries of a log from a position on, at most `max`.
    ///
    /// # Errors
    /// When files fail.
    pub fn entries_of(&self, origin: PartyId, from: u64, max: u64) -> Result<Vec<LogEntry>, CoreError> {
        let mut entries = Vec::new();
        for seq in from..self.tip(origin).count.min(from.saturating_add(max)) {
            let Some((Header { kind, recorded_at, audience, .. }, _)) = self.header(origin, seq)? else { break };
            let body = self.recorded(origin, seq)?.and_then(|(_, body)| body);
            let case = body.and_then(|body| ListedEntry::case_of(&body.event));
            entries.push(LogEntry { seq, kind, recorded_at, audience, case });
        }
        Ok(entries)
    }
}
