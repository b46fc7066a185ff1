//! Frames: how entries and sealed bodies stand in a journal file or a bundle, one after the other.
//!
//! ```text
//! frame = length: u32 LE ‖ crc32( record ): u32 LE ‖ record
//! record = postcard { entry, body: option of sealed body }
//! ```
//!
//! The checksum finds torn and flipped bytes at once and without keys; it proves nothing against an attacker, whom the
//! signature and the chain stop.

use serde::{Deserialize, Serialize};

use crate::body::SealedBody;
use crate::canonical::{self, CodecError};
use crate::parcel::PARCEL_MAX;

/// Bytes before the record.
pub const FRAME_HEAD: usize = 8;

/// What is kept of an entry: the bytes as received, and the sealed body when we are in its audience.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The entry's bytes.
    pub entry: Vec<u8>,
    /// The sealed body.
    pub body: Option<SealedBody>,
}

/// What stands at the beginning of some bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FrameRead {
    /// A whole frame of this many bytes.
    Whole(Record, usize),
    /// The beginning of a frame: the bytes end before it does.
    Torn,
    /// No frame: the length is impossible, the checksum is wrong, or the record does not decode.
    Damaged,
}

impl Record {
    /// Encodes the record as a frame.
    ///
    /// # Errors
    /// When it is longer than a parcel can be.
    pub fn to_frame(&self) -> Result<Vec<u8>, CodecError> {
        let record = canonical::encode(self)?;
        let too_long = CodecError::TooLong { len: record.len(), max: PARCEL_MAX };
        if record.len() > PARCEL_MAX {
            return Err(too_long);
        }
        let length = u32::try_from(record.len()).map_err(|_| too_long)?;
        let mut frame = Vec::with_capacity(FRAME_HEAD + record.len());
        frame.extend(length.to_le_bytes());
        frame.extend(crc32fast::hash(&record).to_le_bytes());
        frame.extend(record);
        Ok(frame)
    }
}

/// Reads the frame at the beginning of some bytes.
#[must_use]
pub fn read_frame(bytes: &[u8]) -> FrameRead {
    let Some((length, rest)) = bytes.split_first_chunk::<4>() else { return FrameRead::Torn };
    let Ok(length) = usize::try_from(u32::from_le_bytes(*length)) else { return FrameRead::Damaged };
    if length > PARCEL_MAX {
        return FrameRead::Damaged;
    }
    let Some((crc, rest)) = rest.split_first_chunk::<4>() else { return FrameRead::Torn };
    let Some(record) = rest.get(..length) else { return FrameRead::Torn };
    if crc32fast::hash(record) != u32::from_le_bytes(*crc) {
        return FrameRead::Damaged;
    }
    match canonical::decode(record, PARCEL_MAX) {
        Ok(record) => FrameRead::Whole(record, FRAME_HEAD + length),
        Err(_) => FrameRead::Damaged,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> Record {
        Record { entry: vec![1, 2, 3], body: Some(SealedBody { key_hash: [4; 32], ciphertext: vec![5; 40] }) }
    }

    #[test]
    fn every_cut_is_torn_and_every_flip_is_noticed() {
        let frame = record().to_frame().unwrap();
        assert_eq!(read_frame(&frame), FrameRead::Whole(record(), frame.len()));
        for cut in 0..frame.len() {
            assert_eq!(read_frame(&frame[..cut]), FrameRead::Torn, "cut at {cut}");
        }
        for bit in 0..frame.len() * 8 {
            let mut flipped = frame.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(!matches!(read_frame(&flipped), FrameRead::Whole(..)), "bit {bit}");
        }
    }
}
