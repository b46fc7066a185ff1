//! How one signed note is kept in a file and replaced as a whole: two slots, written in turns; the newer whole one counts.
//!
//! In scope: the bytes of a slot. Out of scope: writing and syncing them (`tongcha-node`). A crash while one slot is
//! written leaves the other. An auditor reads the same files from a copy of a party's disk.
//!
//! ```text
//! file = slot of even turns ‖ slot of odd turns, 16 KiB each
//! slot = turn: u64 LE ‖ length: u32 LE ‖ CRC-32( turn ‖ note ): u32 LE ‖ note
//! ```

/// Bytes of a slot: a checkpoint with a signature each of a few dozen parties.
pub const SLOT_BYTES: usize = 16 * 1024;

const HEAD: usize = 16;

/// Returns where the slot of a turn begins in the file.
#[must_use]
pub fn offset(turn: u64) -> u64 {
    (turn % 2) * SLOT_BYTES as u64
}

/// Returns the bytes of a slot; none when the note does not fit.
#[must_use]
pub fn slot(turn: u64, note: &[u8]) -> Option<Vec<u8>> {
    let length = u32::try_from(note.len()).ok().filter(|_| HEAD + note.len() <= SLOT_BYTES)?;
    let turn = turn.to_le_bytes();
    Some([turn.as_slice(), &length.to_le_bytes(), &checksum(turn, note).to_le_bytes(), note].concat())
}

/// Returns turn and note of the newer whole slot of a file; none when there is none.
#[must_use]
pub fn newest(file: &[u8]) -> Option<(u64, &[u8])> {
    let slots = [file, file.get(SLOT_BYTES..).unwrap_or_default()];
    slots.into_iter().filter_map(read).max_by_key(|(turn, _)| *turn)
}

fn read(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let (turn, rest) = bytes.split_first_chunk::<8>()?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let (sum, rest) = rest.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok().filter(|length| HEAD + length <= SLOT_BYTES)?;
    let note = rest.get(..length)?;
    let whole = *turn != [0; 8] && checksum(*turn, note) == u32::from_le_bytes(*sum);
    whole.then_some((u64::from_le_bytes(*turn), note))
}

fn checksum(turn: [u8; 8], note: &[u8]) -> u32 {
    crc32fast::hash(&[turn.as_slice(), note].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(file: &mut Vec<u8>, turn: u64, note: &[u8]) {
        let (bytes, at) = (slot(turn, note).unwrap(), usize::try_from(offset(turn)).unwrap());
        file.resize(file.len().max(at + bytes.len()), 0);
        file[at..at + bytes.len()].copy_from_slice(&bytes);
    }

    #[test]
    fn the_last_note_written_counts_and_a_torn_write_leaves_the_one_before() {
        let mut file = Vec::new();
        assert_eq!(newest(&file), None);
        for (turn, note) in (1..).zip(["first", "second", "third"]) {
            write(&mut file, turn, note.as_bytes());
            assert_eq!(newest(&file), Some((turn, note.as_bytes())));
        }
        let third = usize::try_from(offset(3)).unwrap();
        for at in third..third + HEAD + "third".len() {
            file[at] ^= 1;
            assert_eq!(newest(&file), Some((2, "second".as_bytes())), "byte {at}");
            file[at] ^= 1;
        }
    }

    #[test]
    fn a_note_longer_than_a_slot_is_not_written() {
        assert!(slot(1, &[0; SLOT_BYTES - HEAD]).is_some());
        assert!(slot(1, &[0; SLOT_BYTES - HEAD + 1]).is_none());
    }
}
