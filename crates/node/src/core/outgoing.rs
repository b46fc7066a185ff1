//! What goes to the other parties: read from the own journal, so nothing is published that is not durable.

use tongcha_domain::event::EventKind;
use tongcha_domain::id::PartyId;
use tongcha_ledger::body::BodyKey;
use tongcha_ledger::channel::ChannelSender;
use tongcha_ledger::entry::{self, Leaf};
use tongcha_ledger::frame::Record;
use tongcha_ledger::parcel::{Parcel, ParcelBody};
use tongcha_ledger::slot::Slot;

use crate::core::{Core, CoreError};

/// Most bytes in one repair: a NATS message holds 1 MiB by default, and one parcel at least must fit.
pub const REPAIR_BYTES_MAX: usize = 512 * 1024;

/// A parcel ready to be published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// Position in the own log.
    pub seq: u64,
    /// Leaf hash; names the message for deduplication.
    pub leaf: Leaf,
    /// The entry's kind.
    pub kind: EventKind,
    /// The parcel's bytes.
    pub bytes: Vec<u8>,
}

impl Core {
    /// Returns parcels of the own log for a party, from a position on: at most `max`, and at most
    /// [`REPAIR_BYTES_MAX`] bytes in all unless the first alone is longer.
    ///
    /// # Errors
    /// When files fail.
    pub fn outgoing(&mut self, to: PartyId, from: u64, max: usize) -> Result<Vec<Outgoing>, CoreError> {
        self.parcels(self.me, to, from, max)
    }

    /// Returns parcels of our replica of a peer's own log for that peer, as [`Self::outgoing`]: it lost its disk. A body is
    /// in them where it was told to us.
    ///
    /// # Errors
    /// When files fail.
    pub fn returned(&mut self, to: PartyId, from: u64, max: usize) -> Result<Vec<Outgoing>, CoreError> {
        self.parcels(to, to, from, max)
    }

    fn parcels(&mut self, origin: PartyId, to: PartyId, from: u64, max: usize) -> Result<Vec<Outgoing>, CoreError> {
        let mut parcels = Vec::new();
        let mut bytes = 0;
        for seq in (from..self.tip(origin).count).take(max) {
            let Some(outgoing) = self.parcel(origin, to, seq)? else { break };
            bytes += outgoing.bytes.len();
            if bytes > REPAIR_BYTES_MAX && !parcels.is_empty() {
                break;
            }
            parcels.push(outgoing);
        }
        Ok(parcels)
    }

    fn parcel(&mut self, origin: PartyId, to: PartyId, seq: u64) -> Result<Option<Outgoing>, CoreError> {
        let Some(log) = self.logs.get(&origin) else { return Ok(None) };
        let Some(Record { entry: bytes, body }) = log.journal.record(self.disk.as_ref(), seq)? else {
            return Ok(None);
        };
        let (header, leaf) = entry::read(&bytes).map_err(|e| CoreError::Make(e.to_string()))?;
        let slot = log.keys.slot(self.disk.as_ref(), seq)?;
        let addressed = header.audience.contains(&to) && header.audience.contains(&self.me);
        let body = match (body, slot) {
            (Some(sealed), Slot::Key(key)) if addressed => {
                ParcelBody::Sealed(sealed, self.wrap(origin, to, seq, &key)?)
            }
            (Some(sealed), Slot::Destroyed) if addressed => ParcelBody::Erased(sealed),
            (None, _) if addressed => ParcelBody::Lost,
            (Some(_) | None, Slot::Key(_) | Slot::Empty | Slot::Destroyed) => ParcelBody::NotAddressed,
        };
        let bytes = Parcel { entry: bytes, body }.encode().map_err(|e| CoreError::Make(e.to_string()))?;
        Ok(Some(Outgoing { seq, leaf, kind: header.kind, bytes }))
    }

    fn wrap(
        &mut self,
        origin: PartyId,
        to: PartyId,
        seq: u64,
        key: &BodyKey,
    ) -> Result<tongcha_ledger::channel::WrappedKey, CoreError> {
        let make = |error: &dyn std::fmt::Display| CoreError::Make(error.to_string());
        let keys = self.directory.party(to).ok_or_else(|| CoreError::Make(format!("{to} has no key")))?;
        let channel = self.channels.get(&(origin, to)).filter(|(key, _)| *key == keys.key_id());
        if channel.is_none() {
            let channel = ChannelSender::establish(self.me, &keys, &mut self.rng).map_err(|e| make(&e))?;
            self.channels.insert((origin, to), (keys.key_id(), channel));
        }
        let channel = self.channels.get(&(origin, to)).map(|(_, channel)| channel);
        let channel = channel.ok_or_else(|| CoreError::Make(format!("no channel to {to}")))?;
        channel.wrap(seq, key).map_err(|e| make(&e))
    }
}
