//! What the services do between each other besides lookups: publish, announce, read, repair, keep what is refused.

use rand::Rng;
use tongcha_domain::id::PartyId;
use tongcha_ledger::entry::Tip;
use tongcha_node::core::{Core, IntakeResult, Outgoing, QuarantineReason};

use crate::sim::Broken;
use crate::sim::failure::{Invariant, Step, broken, unexpected};
use crate::sim::invariant::{nothing_skipped, told_when_durable};
use crate::sim::network::{IN_FLIGHT_MAX, Message, Payload};
use crate::sim::view::RegisterAccess;
use crate::sim::world::World;

/// Most entries published at once.
const PUBLISH_MAX: usize = 8;
/// How many entries back a publisher may begin again.
const UNSURE: u64 = 12;
/// Most entries in one repair.
const REPAIR_MAX: usize = 32;

impl World {
    /// Puts a message on the network.
    pub(super) fn send(&mut self, from: PartyId, to: PartyId, payload: Payload) {
        self.network.send((from, to), payload, self.now, &mut self.rng, &mut self.report);
    }

    /// Publishes what is new in a party's log to a peer.
    pub(super) fn publish(&mut self, from: PartyId, to: PartyId) -> Step<()> {
        if self.network.len() > IN_FLIGHT_MAX {
            return Ok(());
        }
        let next = match self.party(from)?.memory.published.get(&to) {
            Some(next) => *next,
            // After a crash nobody knows exactly; what falls between is repaired.
            None => self.around(self.book.log(from, from).len() as u64),
        };
        for Outgoing { seq, bytes, .. } in self.outgoing(from, to, next, PUBLISH_MAX)? {
            self.send(from, to, Payload::Parcel(bytes));
            self.party(from)?.memory.published.insert(to, seq + 1);
        }
        Ok(())
    }

    /// Draws a position a little before the end of a log, or the end.
    pub(super) fn around(&mut self, end: u64) -> u64 {
        end.saturating_sub(self.rng.random_range(0..=UNSURE))
    }

    fn outgoing(&mut self, from: PartyId, to: PartyId, next: u64, max: usize) -> Step<Vec<Outgoing>> {
        let outgoing = self.on_core(from, RegisterAccess::Closed, |core, _| core.outgoing(to, next, max))?;
        let outgoing = outgoing.unwrap_or_default();
        told_when_durable::published(&self.book, from, &outgoing)?;
        Ok(outgoing)
    }

    /// Tells all peers how long a party's log is.
    pub(super) fn announce(&mut self, from: PartyId) -> Step<()> {
        let Some(tip) = self.on_core(from, RegisterAccess::Closed, |core, _| Ok(core.tip(from)))? else {
            return Ok(());
        };
        told_when_durable::announced(&self.book, from, tip)?;
        for to in self.peers_of(from) {
            self.send(from, to, Payload::Tip(tip));
        }
        Ok(())
    }

    /// Asks for what is known to be missing.
    pub(super) fn repair(&mut self, party: PartyId) -> Step<()> {
        let wanted = self.on_core(party, RegisterAccess::Closed, |core, _| Ok(core.wanted()))?;
        for (origin, from) in wanted.unwrap_or_default() {
            self.send(party, origin, Payload::RepairRequest(from));
        }
        Ok(())
    }

    /// Hands a message that arrived to the party it is for; a party that is down does not get it.
    pub(super) fn deliver(&mut self, message: Message) -> Step<()> {
        let Message { from, to, payload, changed, .. } = message;
        if self.party(to)?.core.is_none() {
            return Ok(());
        }
        match payload {
            Payload::Parcel(bytes) => self.hear_parcel(to, from, &bytes, changed).map(|_| ()),
            Payload::Tip(tip) => self.hear_tip(to, from, tip),
            Payload::RepairRequest(next) => {
                let outgoing = self.outgoing(to, from, next, REPAIR_MAX)?;
                let parcels: Vec<_> = outgoing.into_iter().map(|outgoing| outgoing.bytes).collect();
                if !parcels.is_empty() {
                    self.send(to, from, Payload::RepairReply(parcels));
                }
                Ok(())
            }
            Payload::RepairReply(parcels) => {
                let mut refused = 0;
                for bytes in &parcels {
                    refused += u64::from(!self.hear_parcel(to, from, bytes, false)?);
                }
                if changed && refused == 0 && self.party(to)?.core.is_some() {
                    return Err(unexpected("a changed parcel was taken"));
                }
                Ok(())
            }
            Payload::Ask(bytes) => self.hear_ask(to, from, &bytes, changed),
            Payload::Reply(lookup, bytes) => self.hear_reply(to, lookup, &bytes),
            Payload::Checkpoint(note) => self.hear_checkpoint(to, from, &note),
            Payload::Cosigned(line) => self.hear_cosignature(to, from, &line),
            Payload::Holds(note) => self.hear_held(to, from, &note),
        }
    }

    /// Compares what a peer says of its log with the replica.
    fn hear_tip(&mut self, to: PartyId, from: PartyId, tip: Tip) -> Step<()> {
        let fits = self.on_core(to, RegisterAccess::Closed, |core, now| {
            core.announce(from, tip.count, now);
            let have = core.tip(from).count;
            let ours = tip.count.checked_sub(1).map(|last| core.leaf(from, last)).transpose()?.flatten();
            let fits = have < tip.count || ours.unwrap_or_default() == tip.head;
            if fits && have == tip.count {
                core.confirm(from);
            }
            Ok(fits)
        })?;
        if fits == Some(false) {
            return broken(Invariant::NothingSkipped, format!("{to}'s replica is not what {from} says its log is"));
        }
        Ok(())
    }

    /// Takes an entry in, or keeps what is refused; tells whether it was taken (or known).
    fn hear_parcel(&mut self, to: PartyId, from: PartyId, bytes: &[u8], changed: bool) -> Step<bool> {
        let Some(core) = self.party(to)?.core.as_ref() else { return Ok(true) };
        let parcel = match core.opener().open(from, bytes) {
            Ok(_) if changed => return Err(unexpected("a changed parcel was opened")),
            Ok(parcel) => parcel,
            Err(error) => {
                self.refuse(to, from, QuarantineReason::from(&error), bytes)?;
                return Ok(false);
            }
        };
        let (seq, lost) = (parcel.entry.header().seq, parcel.lost);
        if lost && self.options.broken == Some(Broken::RefusesLost) {
            self.refuse(to, from, QuarantineReason::BadBody, bytes)?;
            return Ok(false);
        }
        match self.on_core(to, RegisterAccess::Closed, |core, now| core.intake(parcel, now))? {
            Some(IntakeResult::Halted(reason)) => {
                let what = format!("{to} refused the genuine entry {seq} of {from}: {}", reason.as_str());
                broken(Invariant::NothingSkipped, what)
            }
            Some(IntakeResult::Taken(_)) if lost => {
                self.report.fault("entry taken without its body");
                Ok(true)
            }
            Some(IntakeResult::Taken(_) | IntakeResult::Duplicate | IntakeResult::Early { .. }) | None => Ok(true),
        }
    }

    /// Keeps a refused message.
    pub(super) fn refuse(&mut self, at: PartyId, from: PartyId, reason: QuarantineReason, bytes: &[u8]) -> Step<()> {
        self.report.refused += 1;
        let counted = |core: &Core| core.peers().get(&from).map_or(0, |peer| peer.quarantined);
        let before = self.party(at)?.core.as_ref().map_or(0, counted);
        if self.options.broken != Some(Broken::SkipRefused) {
            let keep = |core: &mut Core, now| core.quarantine(from, reason, bytes, now);
            if self.on_core(at, RegisterAccess::Closed, keep)?.is_none() {
                return Ok(()); // the process ended over it; the message comes again
            }
        }
        let party = self.party(at)?;
        if party.old.is_some() {
            return Ok(()); // what the lost disk had kept is not on this one
        }
        let after = party.core.as_ref().map_or(0, counted);
        nothing_skipped::refused(party, bytes, after.saturating_sub(before))
    }

    /// Sends what no honest sender sends: noise, a parcel for somebody else, a parcel of somebody else.
    pub(super) fn intrude(&mut self) -> Step<()> {
        let ids = self.ids();
        let (Some(from), Some(to)) =
            (Self::draw(&mut self.rng, &ids).copied(), Self::draw(&mut self.rng, &ids).copied())
        else {
            return Ok(());
        };
        if from == to {
            return Ok(());
        }
        let third = ids.iter().copied().find(|party| *party != from && *party != to);
        let (kind, sender, bytes) = match (self.rng.random_range(0..3), third) {
            (0, Some(third)) => ("parcel of somebody else", third, self.last_parcel(from, to)?),
            (1, Some(third)) => ("parcel for somebody else", from, self.last_parcel(from, third)?),
            _ => {
                let len = self.rng.random_range(0..200);
                ("noise", from, Some((0..len).map(|_| self.rng.random()).collect()))
            }
        };
        let Some(bytes) = bytes else { return Ok(()) };
        if Some(&bytes) == self.last_parcel(from, to)?.as_ref() && sender == from {
            return Ok(()); // without a body it is the same for everybody
        }
        self.report.fault(kind);
        self.network.inject((sender, to), Payload::Parcel(bytes), self.now);
        Ok(())
    }

    fn last_parcel(&mut self, from: PartyId, to: PartyId) -> Step<Option<Vec<u8>>> {
        let Some(last) = self.book.log(from, from).len().checked_sub(1) else { return Ok(None) };
        let outgoing = self.outgoing(from, to, last as u64, 1)?;
        Ok(outgoing.into_iter().next().map(|outgoing| outgoing.bytes))
    }
}
