//! Quarantine: what was refused from a peer is kept with its reason, counted, and never forgotten.

use serde::{Deserialize, Serialize};
use tongcha_domain::id::PartyId;
use tongcha_domain::time::Instant;
use tongcha_ledger::entry::EntryError;
use tongcha_ledger::parcel::{PARCEL_MAX, ParcelError};

use crate::core::{Core, CoreError};
use crate::disk::Disk;

/// Most bytes the quarantine keeps; what comes after is counted, not kept: an attacker may not fill the disk.
pub const QUARANTINE_BYTES_MAX: u64 = 64 * 1024 * 1024;

const FILE: &str = "quarantine.log";

/// Why a message from a peer was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum QuarantineReason {
    /// Not a parcel, or not in canonical form.
    Malformed,
    /// Longer than a parcel can be.
    TooLong,
    /// Signed with a key that is not registered.
    UnknownKey,
    /// The signature does not verify.
    BadSignature,
    /// An entry of another party's log.
    WrongOrigin,
    /// Body missing, unasked for, or not the one the entry commits to.
    BadBody,
    /// Does not follow the entry before it.
    Chain,
    /// Recorded before the entry before it.
    Clock,
    /// Another entry with the same position is in our replica: the log forked.
    Fork,
    /// A question that can't be opened or is not signed by its asker.
    BadAsk,
    /// Signed with a key that is not valid at its place, or about keys without the root's word.
    Key,
}

impl QuarantineReason {
    /// Returns the name used in logs and metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::TooLong => "too_long",
            Self::UnknownKey => "unknown_key",
            Self::BadSignature => "bad_signature",
            Self::WrongOrigin => "wrong_origin",
            Self::BadBody => "bad_body",
            Self::Chain => "chain",
            Self::Clock => "clock",
            Self::Fork => "fork",
            Self::BadAsk => "bad_ask",
            Self::Key => "key",
        }
    }
}

impl From<&ParcelError> for QuarantineReason {
    fn from(error: &ParcelError) -> Self {
        match error {
            ParcelError::Parcel(tongcha_ledger::canonical::CodecError::TooLong { .. }) => Self::TooLong,
            ParcelError::Parcel(_) => Self::Malformed,
            ParcelError::Entry(EntryError::UnknownKey { .. }) => Self::UnknownKey,
            ParcelError::Entry(EntryError::Signature { .. }) => Self::BadSignature,
            ParcelError::Entry(EntryError::Keys { .. } | EntryError::Statement { .. }) => Self::Key,
            ParcelError::Entry(_) => Self::Malformed,
            ParcelError::Origin { .. } => Self::WrongOrigin,
            ParcelError::BodyMissing | ParcelError::BodyUnasked | ParcelError::Key(_) | ParcelError::Body(_) => {
                Self::BadBody
            }
        }
    }
}

/// A refused message as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quarantined {
    /// When it came.
    pub at: Instant,
    /// The peer it came from, or whose log it was offered for.
    pub from: PartyId,
    /// Why it was refused.
    pub reason: QuarantineReason,
    /// At most [`PARCEL_MAX`] bytes of the message.
    pub bytes: Vec<u8>,
}

/// Bytes before a kept message: its length, and a checksum over it.
const HEAD: usize = 8;
/// Most bytes that a kept message takes beside the message itself.
const KEPT_OVERHEAD: usize = 64;

impl Quarantined {
    fn to_frame(&self) -> Result<Vec<u8>, CoreError> {
        let kept = postcard::to_stdvec(self).map_err(|e| CoreError::Make(e.to_string()))?;
        let length = u32::try_from(kept.len()).unwrap_or(u32::MAX).to_le_bytes();
        Ok([&length, &crc32fast::hash(&kept).to_le_bytes(), kept.as_slice()].concat())
    }

    fn read_frame(bytes: &[u8]) -> Option<(Self, usize)> {
        let (length, rest) = bytes.split_first_chunk::<4>()?;
        let (crc, rest) = rest.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
        let kept = rest.get(..length).filter(|kept| (1..=PARCEL_MAX + KEPT_OVERHEAD).contains(&kept.len()))?;
        if crc32fast::hash(kept) != u32::from_le_bytes(*crc) {
            return None;
        }
        Some((postcard::from_bytes(kept).ok()?, HEAD + length))
    }
}

/// Reads what a party's quarantine keeps. What a crash has torn is passed over.
///
/// # Errors
/// When the disk fails.
pub fn read_quarantine(disk: &dyn Disk) -> std::io::Result<Vec<Quarantined>> {
    let length = usize::try_from(disk.len(FILE)?).unwrap_or(usize::MAX);
    let bytes = disk.read(FILE, 0, length)?;
    let (mut kept, mut at) = (Vec::new(), 0);
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        match Quarantined::read_frame(rest) {
            Some((message, len)) => {
                kept.push(message);
                at += len;
            }
            None => at += 1,
        }
    }
    Ok(kept)
}

/// Where a kept message stands in the file.
struct Place<'a> {
    at: u64,
    bytes: &'a [u8],
    /// None when it is damaged.
    message: Option<Quarantined>,
}

/// Cuts the file into its frames. What is damaged reaches to the next whole frame: what was added after a crash stands right
/// behind the part that the crash left of a frame, not where that frame's length says.
fn places(bytes: &[u8]) -> Vec<Place<'_>> {
    let (mut places, mut at) = (Vec::new(), 0);
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        let (message, len) = match Quarantined::read_frame(rest) {
            Some((message, len)) => (Some(message), len),
            None => {
                let whole = |at: &usize| rest.get(*at..).is_some_and(|rest| Quarantined::read_frame(rest).is_some());
                (None, (1..rest.len()).find(whole).unwrap_or(rest.len()))
            }
        };
        places.push(Place { at: at as u64, bytes: rest.get(..len).unwrap_or(rest), message });
        at += len;
    }
    places
}

pub(super) fn fork_file(origin: PartyId) -> String {
    format!("forks/{origin}.entry")
}

/// Tells whether a log forked in an earlier life of this party.
pub(super) fn fork_is_kept(disk: &dyn Disk, origin: PartyId) -> Result<bool, CoreError> {
    Ok(disk.len(&fork_file(origin)).map_err(CoreError::Quarantine)? > 0)
}

impl Core {
    /// Keeps a refused message, counts it, and stops the projection of the peer's log until the right entry comes.
    ///
    /// # Errors
    /// When the file can't be written.
    pub fn quarantine(
        &mut self,
        from: PartyId,
        reason: QuarantineReason,
        bytes: &[u8],
        now: Instant,
    ) -> Result<(), CoreError> {
        tracing::warn!(peer = %from, reason = reason.as_str(), bytes = bytes.len(), "a message was refused and kept");
        if let Some(peer) = self.peers.get_mut(&from) {
            peer.quarantined += 1;
            if reason != QuarantineReason::BadAsk {
                peer.halted = Some(reason);
            }
        }
        let bytes = bytes.get(..PARCEL_MAX).unwrap_or(bytes).to_vec();
        let frame = Quarantined { at: now, from, reason, bytes }.to_frame()?;
        let end = self.disk.len(FILE).map_err(CoreError::Quarantine)?;
        if end + frame.len() as u64 > QUARANTINE_BYTES_MAX {
            return Ok(());
        }
        self.disk.write(FILE, end, &frame).map_err(CoreError::Quarantine)?;
        self.disk.sync(FILE).map_err(CoreError::Quarantine)
    }

    /// Blanks what is kept of a peer's log: a refused parcel may hold a body and its key. When it came, from whom and why
    /// it was refused stays. What a crash has torn is blanked whoever it came from.
    pub(super) fn forget_quarantined(&mut self, origin: PartyId) -> Result<(), CoreError> {
        let length = usize::try_from(self.disk.len(FILE).map_err(CoreError::Quarantine)?).unwrap_or(usize::MAX);
        let bytes = self.disk.read(FILE, 0, length).map_err(CoreError::Quarantine)?;
        for Place { at, bytes, message } in places(&bytes) {
            let blank = match message {
                Some(kept) if kept.from != origin => continue,
                Some(kept) => {
                    let blank = vec![0; kept.bytes.len()];
                    Quarantined { bytes: blank, ..kept }.to_frame()?
                }
                None => vec![0; bytes.len()],
            };
            self.disk.write(FILE, at, &blank).map_err(CoreError::Quarantine)?;
        }
        self.disk.sync(FILE).map_err(CoreError::Quarantine)
    }

    /// Keeps the second of two entries for one position where no flood of other messages can keep it out, and where the
    /// next start finds it. Whoever has settled the matter with the peer removes the file.
    pub(super) fn keep_fork(&mut self, origin: PartyId, entry: &[u8]) -> Result<(), CoreError> {
        let file = fork_file(origin);
        self.disk.write(&file, 0, entry).map_err(CoreError::Quarantine)?;
        self.disk.sync(&file).map_err(CoreError::Quarantine)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(from: &str, byte: u8) -> Quarantined {
        let from = from.parse().unwrap();
        Quarantined { at: Instant(1), from, reason: QuarantineReason::Malformed, bytes: vec![byte; 100] }
    }

    #[test]
    fn what_was_added_behind_a_torn_frame_is_found_again_and_nothing_of_it_is_taken_for_damage() {
        let (torn, first, second) = (kept("macau", 1), kept("hengqin", 2), kept("zhuhai", 3));
        for left in [1, 4, HEAD, 50] {
            let torn = &torn.to_frame().unwrap()[..left];
            let file = [torn, &first.to_frame().unwrap(), &second.to_frame().unwrap()].concat();
            let found: Vec<_> = places(&file).into_iter().map(|place| (place.bytes.len(), place.message)).collect();
            let whole = |kept: &Quarantined| (kept.to_frame().unwrap().len(), Some(kept.clone()));
            assert_eq!(found, [(left, None), whole(&first), whole(&second)], "{left} bytes left");
        }
    }
}
