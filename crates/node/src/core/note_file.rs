//! One signed note on disk, replaced as a whole: what this party last signed must survive a crash between two bytes.
//!
//! Two slots, written in turns; the newer whole one counts. A crash while one is written leaves the other.

use std::io;

use crate::disk::Disk;

/// Room of a slot: a checkpoint with a signature each of a few dozen parties.
const SLOT: u64 = 16 * 1024;
const HEAD: usize = 16; // turn: u64, length: u32, checksum: u32

/// A note's file. Its content is the text of the newer slot.
pub(super) struct NoteFile {
    name: String,
    turn: u64,
}

impl NoteFile {
    /// Opens the file and reads the note; none when there is none yet.
    ///
    /// # Errors
    /// When the disk fails, or neither slot is whole.
    pub(super) fn open(disk: &dyn Disk, name: String) -> io::Result<(Self, Option<Vec<u8>>)> {
        let length = disk.len(&name)?;
        let slots = [read_slot(disk, &name, 0)?, read_slot(disk, &name, 1)?];
        match slots.into_iter().flatten().max_by_key(|(turn, _)| *turn) {
            Some((turn, note)) => Ok((Self { name, turn }, Some(note))),
            // The very first write may have been torn: nothing was told to anybody before it was synced.
            None if length <= SLOT => Ok((Self { name, turn: 0 }, None)),
            None => Err(io::Error::other(format!("{name}: neither of the two slots is whole"))),
        }
    }

    /// Writes the note and makes it durable.
    ///
    /// # Errors
    /// When the disk fails or the note is longer than a slot.
    pub(super) fn replace(&mut self, disk: &mut dyn Disk, note: &[u8]) -> io::Result<()> {
        let length = u32::try_from(note.len()).ok().filter(|length| HEAD as u64 + u64::from(*length) <= SLOT);
        let length = length.ok_or_else(|| io::Error::other("the note is longer than its slot"))?;
        let turn = self.turn + 1;
        let sum = checksum(turn, note).to_le_bytes();
        let bytes = [turn.to_le_bytes().as_slice(), &length.to_le_bytes(), &sum, note].concat();
        disk.write(&self.name, (turn % 2) * SLOT, &bytes)?;
        disk.sync(&self.name)?;
        self.turn = turn;
        Ok(())
    }
}

fn checksum(turn: u64, note: &[u8]) -> u32 {
    crc32fast::hash(&[turn.to_le_bytes().as_slice(), note].concat())
}

fn read_slot(disk: &dyn Disk, name: &str, slot: u64) -> io::Result<Option<(u64, Vec<u8>)>> {
    let bytes = disk.read(name, slot * SLOT, usize::try_from(SLOT).unwrap_or(usize::MAX))?;
    Ok((|| {
        let (turn, rest) = bytes.split_first_chunk::<8>()?;
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let (sum, rest) = rest.split_first_chunk::<4>()?;
        let note = rest.get(..usize::try_from(u32::from_le_bytes(*length)).ok()?)?;
        let turn = u64::from_le_bytes(*turn);
        (turn > 0 && checksum(turn, note) == u32::from_le_bytes(*sum)).then(|| (turn, note.to_vec()))
    })())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::FileDisk;

    const NAME: &str = "evidence/own.note";

    fn read(disk: &dyn Disk) -> Option<Vec<u8>> {
        NoteFile::open(disk, NAME.to_owned()).unwrap().1
    }

    #[test]
    fn the_last_note_written_is_read_and_a_torn_write_leaves_the_one_before() {
        let dir = tempfile::tempdir().unwrap();
        let mut disk = FileDisk::new(dir.path());
        let (mut file, none) = NoteFile::open(&disk, NAME.to_owned()).unwrap();
        assert_eq!(none, None);
        for note in [b"first".as_slice(), b"second", b"third"] {
            file.replace(&mut disk, note).unwrap();
            assert_eq!(read(&disk).unwrap(), note);
        }
        // The third note is in slot 1 (turn 3); any byte of it torn shows the second.
        for at in 0..HEAD + 5 {
            let offset = SLOT + at as u64;
            let byte = disk.read(NAME, offset, 1).unwrap()[0];
            disk.write(NAME, offset, &[byte ^ 1]).unwrap();
            assert_eq!(read(&disk).unwrap(), b"second", "byte {at}");
            disk.write(NAME, offset, &[byte]).unwrap();
        }
        assert_eq!(read(&disk).unwrap(), b"third");
    }

    #[test]
    fn a_file_without_a_whole_slot_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let mut disk = FileDisk::new(dir.path());
        let (mut file, _) = NoteFile::open(&disk, NAME.to_owned()).unwrap();
        file.replace(&mut disk, b"first").unwrap();
        file.replace(&mut disk, b"second").unwrap();
        disk.write(NAME, 0, &[0; HEAD]).unwrap();
        disk.write(NAME, SLOT, &[0; HEAD]).unwrap();
        assert!(NoteFile::open(&disk, NAME.to_owned()).is_err());
        let long = vec![0; usize::try_from(SLOT).unwrap()];
        assert!(file.replace(&mut disk, &long).is_err());
    }
}
