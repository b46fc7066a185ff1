//! A simulated network between the parties: it drops, repeats, delays, reorders and changes messages, and parts ways.

use std::collections::BTreeSet;

use rand::Rng;
use rand::rngs::StdRng;
use tongcha_domain::id::{LookupId, PartyId};
use tongcha_ledger::entry::Tip;

use crate::sim::report::Report;

/// Longest ordinary delay in microseconds.
const DELAY_US: i64 = 2_000_000;
/// Most messages on their way; a publisher waits while there are more.
pub(super) const IN_FLIGHT_MAX: usize = 200;

/// What a message carries.
#[derive(Clone)]
pub(super) enum Payload {
    /// An entry, from its origin's stream.
    Parcel(Vec<u8>),
    /// How long the sender's log is, and its last entry.
    Tip(Tip),
    /// Send me entries of your log from here on.
    RepairRequest(u64),
    /// Entries of the sender's log.
    RepairReply(Vec<Vec<u8>>),
    /// A lookup, sealed.
    Ask(Vec<u8>),
    /// The reply to a lookup, sealed.
    Reply(LookupId, Vec<u8>),
    /// The checkpoint of the sender's log, to be cosigned.
    Checkpoint(Vec<u8>),
    /// The sender's cosignature of the receiver's checkpoint.
    Cosigned(String),
    /// A checkpoint of the receiver's log that the sender holds instead.
    Holds(Vec<u8>),
}

/// A message on its way.
#[derive(Clone)]
pub(super) struct Message {
    due: i64,
    pub(super) from: PartyId,
    pub(super) to: PartyId,
    pub(super) payload: Payload,
    /// Whether the network changed it: then it must be refused.
    pub(super) changed: bool,
}

impl Message {
    /// Whether it only says or asks what there is.
    pub(super) fn is_quiet(&self) -> bool {
        match self.payload {
            Payload::Tip(_) | Payload::RepairRequest(_) => true,
            Payload::Parcel(_)
            | Payload::RepairReply(_)
            | Payload::Ask(..)
            | Payload::Reply(..)
            | Payload::Checkpoint(_)
            | Payload::Cosigned(_)
            | Payload::Holds(_) => false,
        }
    }
}

/// The network.
#[derive(Default)]
pub(super) struct Network {
    messages: Vec<Message>,
    parted: BTreeSet<(PartyId, PartyId)>,
    /// Without faults: while the exchange comes to rest.
    pub(super) calm: bool,
}

fn pair(one: PartyId, other: PartyId) -> (PartyId, PartyId) {
    (one.min(other), one.max(other))
}

impl Network {
    /// Returns how many messages are on their way.
    pub(super) fn len(&self) -> usize {
        self.messages.len()
    }

    /// Parts two parties.
    pub(super) fn part(&mut self, one: PartyId, other: PartyId) {
        self.parted.insert(pair(one, other));
    }

    /// Tells whether two parties can reach each other.
    pub(super) fn joined(&self, one: PartyId, other: PartyId) -> bool {
        self.calm || !self.parted.contains(&pair(one, other))
    }

    /// Joins all parties again.
    pub(super) fn heal(&mut self) {
        self.parted.clear();
    }

    /// Sends a message, with whatever the network does to it.
    pub(super) fn send(
        &mut self,
        (from, to): (PartyId, PartyId),
        payload: Payload,
        now: i64,
        rng: &mut StdRng,
        report: &mut Report,
    ) {
        let message = Message { due: now, from, to, payload, changed: false };
        if self.calm {
            self.messages.push(message);
            return;
        }
        if self.parted.contains(&pair(from, to)) || rng.random_bool(0.04) {
            report.fault("message lost");
            return;
        }
        let copies = if rng.random_bool(0.06) { 2 } else { 1 };
        for copy in 0..copies {
            let delay = if rng.random_bool(0.1) { DELAY_US * 10 } else { DELAY_US };
            let mut message = Message { due: now + rng.random_range(0..delay), ..message.clone() };
            if copy > 0 {
                report.fault("message repeated");
            }
            if rng.random_bool(0.025) && change(&mut message, rng) {
                report.fault("message changed");
                message.changed = true;
            }
            self.messages.push(message);
        }
    }

    /// Puts a message of nobody's making on its way.
    pub(super) fn inject(&mut self, (from, to): (PartyId, PartyId), payload: Payload, now: i64) {
        self.messages.push(Message { due: now, from, to, payload, changed: true });
    }

    /// Takes a message that has arrived; none when none has.
    pub(super) fn arrive(&mut self, now: i64, rng: &mut StdRng) -> Option<Message> {
        if self.calm {
            return if self.messages.is_empty() { None } else { Some(self.messages.remove(0)) };
        }
        let due: Vec<usize> =
            self.messages.iter().enumerate().filter(|(_, m)| m.due <= now).map(|(at, _)| at).collect();
        let at = *due.get(rng.random_range(0..due.len().max(1)))?;
        Some(self.messages.remove(at))
    }
}

/// Changes a message; tells whether there was something to change.
fn change(message: &mut Message, rng: &mut StdRng) -> bool {
    match &mut message.payload {
        Payload::Parcel(bytes) | Payload::Ask(bytes) | Payload::Reply(_, bytes) => change_bytes(bytes, rng),
        Payload::RepairReply(parcels) => {
            let at = rng.random_range(0..parcels.len().max(1));
            parcels.get_mut(at).is_some_and(|bytes| change_bytes(bytes, rng))
        }
        Payload::Tip(_)
        | Payload::RepairRequest(_)
        | Payload::Checkpoint(_)
        | Payload::Cosigned(_)
        | Payload::Holds(_) => false,
    }
}

fn change_bytes(bytes: &mut Vec<u8>, rng: &mut StdRng) -> bool {
    if bytes.is_empty() {
        return false;
    }
    let at = rng.random_range(0..bytes.len());
    match rng.random_range(0..4) {
        0 => bytes.truncate(at),
        1 => bytes.push(rng.random()),
        _ => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << rng.random_range(0..8);
            }
        }
    }
    true
}
