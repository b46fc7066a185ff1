//! What the simulation knows of the parties' logs: read from what is synced on their disks, with the ledger's code and
//! none of the node's. The invariants are judged by it.

use std::collections::{BTreeMap, BTreeSet};

use tongcha_domain::event::{Body, Event};
use tongcha_domain::id::{CommandKey, ConsentId, ErasureId, LookupId, PartyId};
use tongcha_ledger::entry::{self, Header, Leaf};
use tongcha_ledger::frame::{FrameRead, Record, read_frame};
use tongcha_ledger::slot::{SLOT_LEN, Slot};

use crate::sim::disk::SimDisk;
use crate::sim::failure::{Invariant, Step, broken, unexpected};
use crate::sim::invariant::accepted_not_lost;

/// An entry on a disk.
pub(super) struct BookEntry {
    pub(super) leaf: Leaf,
    pub(super) header: Header,
    /// What it says; read for own logs only.
    pub(super) event: Option<Event>,
    /// Whether the disk's owner should have its body, and has not.
    pub(super) lost: bool,
}

/// One log on one disk.
#[derive(Default)]
pub(super) struct BookLog {
    /// Bytes read.
    read: usize,
    pub(super) entries: Vec<BookEntry>,
    /// Entries by the command that made them.
    commands: BTreeMap<CommandKey, usize>,
}

/// A use of a consent that a holder's log spends.
#[derive(Clone, Copy)]
pub(super) struct Use {
    pub(super) lookup: LookupId,
    pub(super) answered: bool,
}

/// An order of erasure in its origin's log.
pub(super) struct Order {
    pub(super) seq: u64,
    pub(super) erasure: ErasureId,
    /// The entries before it that it names.
    pub(super) entries: BTreeSet<u64>,
    pub(super) holders: BTreeSet<PartyId>,
}

/// All logs on all disks.
#[derive(Default)]
pub(super) struct Book {
    logs: BTreeMap<(PartyId, PartyId), BookLog>,
    /// Revocations in own logs: of which consent, by whom, at which position.
    pub(super) revocations: BTreeMap<ConsentId, Vec<(PartyId, u64)>>,
    /// Uses of consents in holders' logs, in the order of the log.
    pub(super) uses: BTreeMap<(PartyId, ConsentId), Vec<Use>>,
    orders: BTreeMap<PartyId, Vec<Order>>,
}

/// Returns the name of the core's file of a log.
pub(super) fn file_of(origin: PartyId) -> String {
    format!("journal/{origin}.log")
}

impl Book {
    /// Returns a log on a disk.
    pub(super) fn log(&self, disk_of: PartyId, origin: PartyId) -> &[BookEntry] {
        self.logs.get(&(disk_of, origin)).map(|log| log.entries.as_slice()).unwrap_or_default()
    }

    /// Returns the entry that a command made in a party's own log.
    pub(super) fn made_by(&self, party: PartyId, command: CommandKey) -> Option<&BookEntry> {
        let log = self.logs.get(&(party, party))?;
        log.entries.get(*log.commands.get(&command)?)
    }

    /// Returns the orders of erasure in a party's own log.
    pub(super) fn orders(&self, origin: PartyId) -> &[Order] {
        self.orders.get(&origin).map(Vec::as_slice).unwrap_or_default()
    }

    /// Tells whether an order in its origin's log names an entry.
    pub(super) fn is_erased(&self, origin: PartyId, seq: u64) -> bool {
        self.orders(origin).iter().any(|order| order.entries.contains(&seq))
    }

    /// Reads what has become durable of a log; returns the position of the first new entry.
    pub(super) fn read(&mut self, disk_of: PartyId, origin: PartyId, disk: &SimDisk) -> Step<usize> {
        // A command whose entry is erased may be given again.
        let erased: BTreeSet<u64> = self.orders(origin).iter().flat_map(|order| order.entries.clone()).collect();
        let log = self.logs.entry((disk_of, origin)).or_default();
        let (first, file) = (log.entries.len(), file_of(origin));
        let synced = disk.synced_len(&file);
        if synced < log.read {
            let what =
                format!("{disk_of}'s disk had {} durable bytes of the log of {origin}, and has {synced}", log.read);
            return broken(Invariant::ToldWhenDurable, what);
        }
        if synced == log.read {
            return Ok(first);
        }
        let bytes = disk.synced_from(&file, log.read);
        let mut at = 0;
        while let FrameRead::Whole(record, len) = read_frame(bytes.get(at..).unwrap_or_default()) {
            let (header, leaf) = entry::read(&record.entry).map_err(unexpected)?;
            if header.seq != log.entries.len() as u64 {
                break; // a frame of a torn group
            }
            let mut event = None;
            if disk_of == origin {
                let body = open_own(disk, &record, &header)?;
                let again = body.command.and_then(|stamp| log.commands.insert(stamp.key, log.entries.len()));
                if let Some(first) = again.filter(|first| !erased.contains(&(*first as u64))) {
                    return Err(unexpected(format!("{origin} did the command of entry {first} again")));
                }
                event = Some(body.event);
            }
            let lost = record.body.is_none() && header.audience.contains(&disk_of);
            log.entries.push(BookEntry { leaf, header, event, lost });
            at += len;
        }
        log.read += at;
        self.note(disk_of, origin, first);
        Ok(first)
    }

    /// Compares a log on a restored disk with what was known of it, and goes on reading behind that. Commands whose content
    /// is lost may be given again. What they said was said: the other checks go on knowing it.
    pub(super) fn resume(&mut self, disk_of: PartyId, origin: PartyId, disk: &SimDisk) -> Step<()> {
        let log = self.logs.entry((disk_of, origin)).or_default();
        let bytes = disk.synced_from(&file_of(origin), 0);
        let mut at = 0;
        for (seq, known) in log.entries.iter_mut().enumerate() {
            let FrameRead::Whole(record, len) = read_frame(bytes.get(at..).unwrap_or_default()) else {
                return accepted_not_lost::gone(disk_of, origin, seq);
            };
            let (_, leaf) = entry::read(&record.entry).map_err(unexpected)?;
            if leaf != known.leaf {
                return accepted_not_lost::gone(disk_of, origin, seq);
            }
            known.lost = record.body.is_none() && known.header.audience.contains(&disk_of);
            if record.body.is_none() {
                log.commands.retain(|_, made| *made != seq);
            }
            at += len;
        }
        log.read = at;
        Ok(())
    }

    /// Notes what the checks ask for again and again.
    fn note(&mut self, disk_of: PartyId, origin: PartyId, first: usize) {
        if disk_of != origin {
            return;
        }
        let Some(log) = self.logs.get(&(origin, origin)) else { return };
        for (seq, entry) in (0_u64..).zip(&log.entries).skip(first) {
            match &entry.event {
                Some(Event::ConsentRevoked(revoked)) => {
                    self.revocations.entry(revoked.consent).or_default().push((origin, seq));
                }
                Some(Event::ErasureOrdered(order)) => {
                    let (erasure, holders) = (order.erasure, order.holders.clone());
                    let entries = order.entries.range(..seq).copied().collect();
                    self.orders.entry(origin).or_default().push(Order { seq, erasure, entries, holders });
                }
                Some(Event::LookupPermitted(permitted)) => {
                    let uses = self.uses.entry((origin, permitted.consent)).or_default();
                    uses.push(Use { lookup: permitted.lookup, answered: false });
                }
                Some(Event::LookupAnswered(answered)) => {
                    let of_origin = self.uses.iter_mut().filter(|((holder, _), _)| *holder == origin);
                    for spent in of_origin.flat_map(|(_, uses)| uses).filter(|u| u.lookup == answered.lookup) {
                        spent.answered = true;
                    }
                }
                Some(_) | None => {}
            }
        }
    }
}

/// Opens the body of an entry of the disk owner's own log with the key that is synced beside it.
fn open_own(disk: &SimDisk, record: &Record, header: &Header) -> Step<Body> {
    let place = usize::try_from(header.seq).map_err(unexpected)? * SLOT_LEN;
    let keys = disk.synced_from(&format!("body-keys/{}.keys", header.origin), place);
    let slot = keys.first_chunk().and_then(Slot::from_bytes);
    match (&record.body, slot) {
        (Some(sealed), Some(Slot::Key(key))) => sealed.open(&key, header).map_err(unexpected),
        (Some(_) | None, _) => {
            let what = format!("entry {} of {} is on disk without its body or its key", header.seq, header.origin);
            broken(Invariant::ToldWhenDurable, what)
        }
    }
}
