//! The files of a party, behind a trait, so that a simulated disk can lose what was not synced.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Named files under one directory. Names are relative paths made by this crate, never by a caller.
pub trait Disk: Send {
    /// Returns a file's length; 0 when it does not exist.
    ///
    /// # Errors
    /// When the disk fails.
    fn len(&self, file: &str) -> io::Result<u64>;

    /// Reads up to `len` bytes from `offset`; fewer at the end of the file.
    ///
    /// # Errors
    /// When the disk fails.
    fn read(&self, file: &str, offset: u64, len: usize) -> io::Result<Vec<u8>>;

    /// Writes bytes at an offset, extending the file when needed. Not durable before [`Disk::sync`].
    ///
    /// # Errors
    /// When the disk fails.
    fn write(&mut self, file: &str, offset: u64, bytes: &[u8]) -> io::Result<()>;

    /// Cuts a file.
    ///
    /// # Errors
    /// When the disk fails.
    fn truncate(&mut self, file: &str, len: u64) -> io::Result<()>;

    /// Makes everything written to a file durable (fdatasync). After an error nothing is known about what was
    /// written: the process must stop and read again.
    ///
    /// # Errors
    /// When the disk fails.
    fn sync(&mut self, file: &str) -> io::Result<()>;
}

/// Real files.
pub struct FileDisk {
    root: PathBuf,
    open: BTreeMap<String, File>,
}

impl FileDisk {
    /// Opens a directory; it must exist.
    #[must_use]
    pub fn new(root: &Path) -> Self {
        Self { root: root.to_owned(), open: BTreeMap::new() }
    }

    fn file(&mut self, name: &str) -> io::Result<&File> {
        if !self.open.contains_key(name) {
            let path = self.root.join(name);
            let parent = path.parent().unwrap_or(&self.root);
            if !parent.exists() {
                private_dir(parent)?;
                // One level of directories: names of files are `kind/file`.
                File::open(&self.root)?.sync_all()?;
            }
            let fresh = !path.exists();
            let file =
                OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(&path)?;
            if fresh {
                // The file's name must be as durable as its content.
                File::open(parent)?.sync_all()?;
            }
            self.open.insert(name.to_owned(), file);
        }
        self.open.get(name).ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
    }
}

/// Makes a directory that only its owner can enter; body keys and tokens' hashes lie in it.
///
/// # Errors
/// When the disk fails.
pub fn private_dir(path: &Path) -> io::Result<()> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

impl Disk for FileDisk {
    fn len(&self, file: &str) -> io::Result<u64> {
        match std::fs::metadata(self.root.join(file)) {
            Ok(metadata) => Ok(metadata.len()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
            Err(error) => Err(error),
        }
    }

    fn read(&self, file: &str, offset: u64, len: usize) -> io::Result<Vec<u8>> {
        let opened;
        let handle = match self.open.get(file) {
            Some(handle) => handle,
            None => match File::open(self.root.join(file)) {
                Ok(handle) => {
                    opened = handle;
                    &opened
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
                Err(error) => return Err(error),
            },
        };
        let mut bytes = vec![0; len];
        let mut filled = 0;
        while let Some(rest) = bytes.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match handle.read_at(rest, offset + filled as u64) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        bytes.truncate(filled);
        Ok(bytes)
    }

    fn write(&mut self, file: &str, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.file(file)?.write_all_at(bytes, offset)
    }

    fn truncate(&mut self, file: &str, len: u64) -> io::Result<()> {
        self.file(file)?.set_len(len)
    }

    fn sync(&mut self, file: &str) -> io::Result<()> {
        self.file(file)?.sync_data()
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn files_and_directories_are_their_owners_only() {
        let dir = tempfile::tempdir().unwrap();
        let mut disk = FileDisk::new(dir.path());
        disk.write("body-keys/macau.keys", 0, b"x").unwrap();
        let mode = |path: &str| std::fs::metadata(dir.path().join(path)).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode("body-keys"), mode("body-keys/macau.keys")), (0o700, 0o600));
    }
}
