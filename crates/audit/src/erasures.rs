//! Erasures in a replay: which orders there are, what they made unreadable, who confirmed, and what does not fit.
//!
//! What an order covers is worked out as the services do ([`erasable`]): by the headers of the entries it names. A body
//! may lack its key only when an order covers it; a key may be there only while the party has not confirmed the order.

use std::collections::BTreeSet;

use serde::Serialize;
use tongcha_domain::erasure::{CONFIRM_WITHIN_US, ErasureBasis, ErasureOrdered, Ordered, erasable};
use tongcha_domain::event::{Event, EventKind};
use tongcha_domain::id::{ErasureId, PartyId};
use tongcha_domain::party::rules_of;
use tongcha_domain::time::Instant;
use tongcha_domain::view::{LogPosition, Rows, ViewError};

use crate::finding::{Fault, Reason};
use crate::reading::Content;
use crate::scan::Checked;

/// An order of erasure that the party can read.
#[derive(Debug, Serialize)]
pub struct ReplayedErasure {
    /// The erasure.
    pub erasure: ErasureId,
    /// Whose entries.
    pub origin: PartyId,
    /// Where the order stands in the origin's log.
    pub seq: u64,
    /// When it was given, in microseconds since 1970.
    pub ordered_at: Instant,
    /// On what it rests.
    pub basis: ErasureBasis,
    /// Its file number.
    pub reference: String,
    /// The entries it names.
    pub entries: BTreeSet<u64>,
    /// Who confirmed, and how many keys were destroyed there.
    pub confirmed: Vec<(PartyId, u32)>,
    /// Who has not confirmed.
    pub missing: BTreeSet<PartyId>,
}

/// What must be known of an entry when an order that names it comes.
struct Seen {
    kind: EventKind,
    recorded_at: Instant,
    offset: u64,
    /// Whether the body is for the party, and whether its key is gone.
    ours: bool,
    erased: bool,
}

/// Collects one log's orders and gaps while it is replayed.
#[derive(Default)]
pub(crate) struct Erasures {
    seen: Vec<Seen>,
    orders: Vec<(u64, ErasureOrdered)>,
}

impl Erasures {
    /// Takes the next entry of the log.
    pub(crate) fn note(&mut self, checked: &Checked<Content>, party: PartyId) {
        let Checked { offset, entry, value, .. } = checked;
        let header = entry.header();
        // Of a body that is lost there is nothing that could be kept.
        let ours = header.audience.contains(&party) && !matches!(value, Content::Lost);
        let erased = matches!(value, Content::Erased);
        self.seen.push(Seen { kind: header.kind, recorded_at: header.recorded_at, offset: *offset, ours, erased });
        if let Some(Event::ErasureOrdered(order)) = value.body().map(|body| &body.event) {
            self.orders.push((header.seq, order.clone()));
        }
    }

    fn at(&self, seq: u64) -> Option<&Seen> {
        self.seen.get(usize::try_from(seq).ok()?)
    }

    /// Returns the first entry that does not fit: a key that is gone without an order, one that is still there though the
    /// party confirmed (`has_confirmed` tells), or an order that names what must be kept.
    pub(crate) fn fault(&self, origin: PartyId, has_confirmed: impl Fn(&ErasureOrdered) -> bool) -> Option<Fault> {
        let rules = rules_of(origin)?;
        let (mut covered, mut faults) = (BTreeSet::new(), Vec::new());
        for (order_seq, order) in &self.orders {
            let Some(at) = self.at(*order_seq) else { continue };
            for seq in order.entries.range(..order_seq) {
                let Some(entry) = self.at(*seq) else { continue };
                if erasable(&rules.retention, entry.kind, entry.recorded_at, at.recorded_at).is_err() {
                    let reason = Reason::ErasedTooEarly { entry: *seq };
                    faults.push(Fault { seq: *order_seq, offset: at.offset, reason });
                } else if entry.ours && !entry.erased && has_confirmed(order) {
                    let reason = Reason::KeyKept { order: *order_seq };
                    faults.push(Fault { seq: *seq, offset: entry.offset, reason });
                } else {
                    covered.insert(*seq);
                }
            }
        }
        let gaps = (0..).zip(&self.seen).filter(|(seq, entry)| entry.erased && !covered.contains(seq));
        faults.extend(gaps.map(|(seq, entry)| Fault { seq, offset: entry.offset, reason: Reason::ErasedWithoutOrder }));
        faults.into_iter().min_by_key(|fault| fault.seq)
    }
}

/// Orders, and faults with the logs they belong to.
type Listed = (Vec<ReplayedErasure>, Vec<(PartyId, Fault)>);

/// Returns the orders of all logs, and of each that was not confirmed in time a fault.
pub(crate) fn listed(rows: &Rows<'_>) -> Result<Listed, ViewError> {
    let (mut list, mut late) = (Vec::new(), Vec::new());
    for ordered in tongcha_domain::erasure::orders(rows)? {
        let missing = ordered.missing();
        let Ordered { origin, order, said, confirmed, .. } = ordered;
        let last = rows.side::<LogPosition>(&(), origin)?.map_or(said.at, |position| position.recorded_at);
        if !missing.is_empty() && last >= said.at.plus_us(CONFIRM_WITHIN_US) {
            let by = missing.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and ");
            late.push((origin, Fault { seq: said.seq, offset: 0, reason: Reason::ErasureUnconfirmed { by } }));
        }
        list.push(ReplayedErasure {
            erasure: order.erasure,
            origin,
            seq: said.seq,
            ordered_at: said.at,
            basis: order.ground.basis,
            reference: order.ground.reference.to_string(),
            entries: order.entries,
            confirmed: confirmed.into_iter().map(|(party, (confirmed, _))| (party, confirmed.destroyed)).collect(),
            missing,
        });
    }
    Ok((list, late))
}
