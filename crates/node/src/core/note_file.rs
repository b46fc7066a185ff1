//! The file of a signed note that is replaced as a whole ([`tongcha_ledger::note_slots`]).

use std::io;

use tongcha_ledger::note_slots::{self, SLOT_BYTES};

use crate::disk::Disk;

/// A note's file.
pub(crate) struct NoteFile {
    name: String,
    turn: u64,
}

impl NoteFile {
    /// Opens the file and reads the note; none when there is none yet.
    ///
    /// # Errors
    /// When the disk fails, or neither slot is whole.
    pub(crate) fn open(disk: &dyn Disk, name: String) -> io::Result<(Self, Option<Vec<u8>>)> {
        let file = disk.read(&name, 0, 2 * SLOT_BYTES)?;
        match note_slots::newest(&file) {
            Some((turn, note)) => Ok((Self { name, turn }, Some(note.to_vec()))),
            // The very first write (to the second slot) may have been torn: nobody was told before it was synced.
            None if file.iter().take(SLOT_BYTES).all(|byte| *byte == 0) => Ok((Self { name, turn: 0 }, None)),
            None => Err(io::Error::other(format!("{name}: neither of the two slots is whole"))),
        }
    }

    /// Writes the note and makes it durable.
    ///
    /// # Errors
    /// When the disk fails or the note is longer than a slot.
    pub(crate) fn replace(&mut self, disk: &mut dyn Disk, note: &[u8]) -> io::Result<()> {
        let turn = self.turn + 1;
        let slot = note_slots::slot(turn, note).ok_or_else(|| io::Error::other("the note is longer than its slot"))?;
        disk.write(&self.name, note_slots::offset(turn), &slot)?;
        disk.sync(&self.name)?;
        self.turn = turn;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::FileDisk;

    const NAME: &str = "evidence/own.note";

    #[test]
    fn a_note_is_read_back_and_a_file_without_a_whole_slot_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let mut disk = FileDisk::new(dir.path());
        let (mut file, none) = NoteFile::open(&disk, NAME.to_owned()).unwrap();
        assert_eq!(none, None);
        for note in [b"first".as_slice(), b"second"] {
            file.replace(&mut disk, note).unwrap();
            assert_eq!(NoteFile::open(&disk, NAME.to_owned()).unwrap().1.unwrap(), note);
        }
        for turn in [1, 2] {
            disk.write(NAME, note_slots::offset(turn), &[0xFF; 8]).unwrap();
        }
        assert!(NoteFile::open(&disk, NAME.to_owned()).is_err());
        assert!(file.replace(&mut disk, &[0; SLOT_BYTES]).is_err());
    }
}
