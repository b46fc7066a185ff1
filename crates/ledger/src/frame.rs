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

/// How long a frame says it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameLength {
    /// This many bytes, with what stands before the record.
    Bytes(usize),
    /// Too few bytes to tell.
    Torn,
    /// Longer than any frame is.
    Impossible,
}

/// Tells how long the frame at the beginning of some bytes says it is, so that a file can be cut into frames without
/// reading them; nothing of it is checked but that it is possible.
#[must_use]
pub fn frame_length(bytes: &[u8]) -> FrameLength {
    let Some(length) = bytes.first_chunk::<4>() else { return FrameLength::Torn };
    match usize::try_from(u32::from_le_bytes(*length)) {
        Ok(length) if length <= PARCEL_MAX => FrameLength::Bytes(FRAME_HEAD + length),
        Ok(_) | Err(_) => FrameLength::Impossible,
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
    match read_record(record) {
        Some(record) => FrameRead::Whole(record, FRAME_HEAD + length),
        None => FrameRead::Damaged,
    }
}

/// Reads a record in its one encoding. By hand: it is little but two long byte strings, which the general decoder takes
/// in byte by byte, and encodes again byte by byte to compare. That costs as much as the rest of reading a log together.
fn read_record(bytes: &[u8]) -> Option<Record> {
    let (entry, rest) = split_byte_string(bytes)?;
    let (body, rest) = match rest.split_first()? {
        (0, rest) => (None, rest),
        (1, rest) => {
            let (key_hash, rest) = rest.split_first_chunk::<32>()?;
            let (ciphertext, rest) = split_byte_string(rest)?;
            (Some(SealedBody { key_hash: *key_hash, ciphertext: ciphertext.to_vec() }), rest)
        }
        (_, _) => return None,
    };
    rest.is_empty().then(|| Record { entry: entry.to_vec(), body })
}

/// Splits off a byte string: its length as a varint of the shortest form, then so many bytes.
fn split_byte_string(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (mut rest, mut length) = (bytes, 0_usize);
    // Four bytes hold every length up to 2^28, which is far above `PARCEL_MAX`.
    for shift in [0, 7, 14, 21] {
        let (byte, after) = rest.split_first()?;
        (rest, length) = (after, length | (usize::from(byte & 0x7F) << shift));
        if byte & 0x80 == 0 {
            let over_long = *byte == 0 && shift > 0;
            return if over_long { None } else { rest.split_at_checked(length) };
        }
    }
    None
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
            let length = if cut < 4 { FrameLength::Torn } else { FrameLength::Bytes(frame.len()) };
            assert_eq!(frame_length(&frame[..cut]), length, "cut at {cut}");
        }
        for bit in 0..frame.len() * 8 {
            let mut flipped = frame.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(!matches!(read_frame(&flipped), FrameRead::Whole(..)), "bit {bit}");
        }
    }

    #[test]
    fn reading_by_hand_and_the_general_decoder_agree() {
        let long =
            Record { entry: vec![7; 200], body: Some(SealedBody { key_hash: [4; 32], ciphertext: vec![5; 129] }) };
        let mut tried = 0;
        for sample in [record(), Record { body: None, ..record() }, long] {
            let good = canonical::encode(&sample).unwrap();
            let changed = (0..good.len()).flat_map(|at| (0..=255).map(move |byte| (at, byte)));
            let changed = changed.map(|(at, byte)| [&good[..at], &[byte], &good[at + 1..]].concat());
            let cut = (0..=good.len()).map(|len| good[..len].to_vec());
            let over_long = (0..good.len()).map(|at| [&good[..at], &[good[at] | 0x80, 0], &good[at + 1..]].concat());
            for bytes in changed.chain(cut).chain(over_long) {
                assert_eq!(read_record(&bytes), canonical::decode(&bytes, PARCEL_MAX).ok(), "{bytes:?}");
                tried += 1;
            }
        }
        assert!(tried > 100_000, "{tried}");
    }

    #[test]
    fn an_impossible_length_is_damage() {
        let length = u32::try_from(PARCEL_MAX).unwrap();
        let with = |length: u32| [length.to_le_bytes(), [0; 4]].concat();
        assert_eq!(frame_length(&with(length)), FrameLength::Bytes(FRAME_HEAD + PARCEL_MAX));
        assert_eq!(read_frame(&with(length)), FrameRead::Torn);
        assert_eq!(frame_length(&with(length + 1)), FrameLength::Impossible);
        assert_eq!(read_frame(&with(length + 1)), FrameRead::Damaged);
    }

    #[test]
    fn a_record_is_read_in_its_canonical_form_only() {
        let framed = |record: &[u8]| {
            let length = u32::try_from(record.len()).unwrap().to_le_bytes();
            [&length, &crc32fast::hash(record).to_le_bytes(), record].concat()
        };
        let plain = [1, 9, 0]; // an entry of one byte, and no body
        assert!(matches!(read_frame(&framed(&plain)), FrameRead::Whole(..)));
        assert_eq!(read_frame(&framed(&[1, 9, 0, 0])), FrameRead::Damaged, "a byte follows");
        assert_eq!(read_frame(&framed(&[0x81, 0, 9, 0])), FrameRead::Damaged, "a length of two bytes");
        let long = Record { entry: vec![0; PARCEL_MAX], body: None };
        let refused = long.to_frame();
        assert!(matches!(refused, Err(CodecError::TooLong { max: PARCEL_MAX, .. })), "{:?}", refused.map(|f| f.len()));
    }
}
