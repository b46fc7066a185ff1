//! Key slots: body keys in a file of fixed-size records, one for each entry of a log, so that a key can be destroyed
//! in place.
//!
//! ```text
//! slot = state: u8 (0 none, 1 key, 2 destroyed) ‖ key: 32 bytes ‖ crc32( state ‖ key ): u32 LE ‖ 0 0 0      40 bytes
//! ```

use crate::body::BodyKey;

/// Length of a slot; the slot of entry `seq` begins at `seq * SLOT_LEN`.
pub const SLOT_LEN: usize = 40;

/// What a slot holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Slot {
    /// Nothing: the body is not for us.
    Empty,
    /// A key.
    Key(BodyKey),
    /// A key was here and was destroyed.
    Destroyed,
}

impl Slot {
    /// Encodes the slot.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; SLOT_LEN] {
        let mut bytes = [0; SLOT_LEN];
        let (state, key) = match self {
            Self::Empty => return bytes,
            Self::Key(key) => (1, key.0),
            Self::Destroyed => (2, [0; 32]),
        };
        let mut hasher = crc32fast::Hasher::new();
        hasher.update(&[state]);
        hasher.update(&key);
        let crc = hasher.finalize().to_le_bytes();
        let content = std::iter::once(state).chain(key).chain(crc);
        bytes.iter_mut().zip(content).for_each(|(to, from)| *to = from);
        bytes
    }

    /// Reads a slot; none when it is damaged.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; SLOT_LEN]) -> Option<Self> {
        let (state, rest) = bytes.split_first()?;
        let key: [u8; 32] = *rest.first_chunk()?;
        let slot = match state {
            0 => Self::Empty,
            1 => Self::Key(BodyKey(key)),
            2 => Self::Destroyed,
            _ => return None,
        };
        (slot.to_bytes() == *bytes).then_some(slot)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_round_trip_and_flips_are_noticed() {
        for slot in [Slot::Empty, Slot::Key(BodyKey([9; 32])), Slot::Destroyed] {
            let bytes = slot.to_bytes();
            assert_eq!(Slot::from_bytes(&bytes), Some(slot));
            for bit in 0..SLOT_LEN * 8 {
                let mut flipped = bytes;
                flipped[bit / 8] ^= 1 << (bit % 8);
                assert_eq!(Slot::from_bytes(&flipped), None, "bit {bit}");
            }
        }
    }
}
