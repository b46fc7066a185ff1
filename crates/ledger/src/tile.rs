//! Tiles: how a log's hashes and entries are cut into files that never change, as in C2SP `tlog-tiles`
//! (c2sp.org/tlog-tiles).
//!
//! In scope: which tiles a tree of a given size has, their paths and their bytes. Out of scope: serving and fetching them.
//!
//! ```text
//! path    = "tile/" ‖ level ‖ "/" ‖ index [ ‖ ".p/" ‖ width ]       hashes: level 0 to 63 in decimal
//!         | "tile/entries/" ‖ index [ ‖ ".p/" ‖ width ]             entries
//! index   = three digits a path element, all but the last with "x" before: 1234067 is x001/x234/067
//! width   = 1 to 255 in decimal; without it the tile is full: 256
//! hashes  = width times a hash, 32 bytes each
//! entries = width times: length of the entry, u16 BE ‖ entry
//! ```
//!
//! A path has one form only: other spellings of the same tile are refused.

use std::fmt;
use std::iter;
use std::str::FromStr;

use crate::entry::ENTRY_MAX;
use crate::merkle::{Hash, HashReader, SIZE_MAX, TILE_WIDTH, level_len};

/// The highest level a path can name (tlog-tiles, section Merkle Tree). Trees of our sizes end at level 7.
pub const LEVEL_MAX: u8 = 63;

/// The highest index of a tile: the one that ends a tree of [`SIZE_MAX`] leaves.
pub const INDEX_MAX: u64 = SIZE_MAX / WIDTH;

/// The longest bundle of a log's entries in bytes, for those who fetch one: 256 entries of at most [`ENTRY_MAX`].
pub const BUNDLE_MAX: usize = TILE_WIDTH as usize * (2 + ENTRY_MAX);

const HASH_LEN: usize = 32;
const WIDTH: u64 = TILE_WIDTH as u64;

/// Why a path or the bytes of a tile are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TileError {
    /// Not the path of a tile in its one form.
    #[error("not the path of a tile")]
    Path,
    /// A level above [`LEVEL_MAX`].
    #[error("level {0} is not one of a tile")]
    Level(u8),
    /// An index above [`INDEX_MAX`].
    #[error("no tree has a tile number {0}")]
    Index(u64),
    /// A width of 0 or above 256.
    #[error("a tile is not {0} wide")]
    Width(u16),
    /// Too few or too many bytes for a tile of this width.
    #[error("{0} bytes are not what a tile of this width has")]
    Length(usize),
    /// Another number of entries than the width says.
    #[error("{found} entries in a bundle of {width}")]
    Entries {
        /// Entries found.
        found: usize,
        /// The bundle's width.
        width: u16,
    },
    /// An entry longer than its length field can say.
    #[error("an entry of {0} bytes does not fit into a bundle")]
    TooLong(usize),
}

/// A run of up to 256 hashes or entries: the tile's place in its level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Run {
    index: u64,
    width: u16,
}

impl Run {
    /// Names the run of `width` items from `256 * index` on.
    ///
    /// # Errors
    /// When the index is above [`INDEX_MAX`], or the width is 0 or above 256.
    pub fn new(index: u64, width: u16) -> Result<Self, TileError> {
        if index > INDEX_MAX {
            return Err(TileError::Index(index));
        }
        if (1..=TILE_WIDTH).contains(&width) { Ok(Self { index, width }) } else { Err(TileError::Width(width)) }
    }

    /// Returns the number of the run in its level, from 0.
    #[must_use]
    pub fn index(&self) -> u64 {
        self.index
    }

    /// Returns the number of items, 1 to 256.
    #[must_use]
    pub fn width(&self) -> u16 {
        self.width
    }

    /// Returns the position of the first item.
    #[must_use]
    pub fn start(&self) -> u64 {
        self.index * WIDTH
    }

    /// Tells whether all items are among the first `count`.
    fn is_within(&self, count: u64) -> bool {
        self.start() + u64::from(self.width) <= count
    }

    /// Lists the runs of `new` items that are not there, or not as wide, when there are `old`.
    fn between(old: u64, new: u64) -> impl Iterator<Item = Self> {
        let new = new.min(SIZE_MAX);
        let indices = if old < new { old / WIDTH..new.div_ceil(WIDTH) } else { 0..0 };
        indices.map(move |index| {
            let width = (new - index * WIDTH).min(WIDTH);
            Self { index, width: u16::try_from(width).unwrap_or(TILE_WIDTH) }
        })
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let elements = iter::successors(Some(self.index), |rest| Some(rest / 1000).filter(|rest| *rest > 0));
        let elements: Vec<_> = elements.map(|rest| rest % 1000).collect();
        let last = elements.first().copied().unwrap_or_default();
        elements.iter().skip(1).rev().try_for_each(|element| write!(f, "x{element:03}/"))?;
        write!(f, "{last:03}")?;
        if self.width == TILE_WIDTH { Ok(()) } else { write!(f, ".p/{}", self.width) }
    }
}

impl FromStr for Run {
    type Err = TileError;

    fn from_str(text: &str) -> Result<Self, TileError> {
        let (path, width) = text.split_once(".p/").map_or((text, None), |(path, width)| (path, Some(width)));
        let width = width.map_or(Ok(TILE_WIDTH), str::parse).map_err(|_| TileError::Path)?;
        let add = |index: u64, element: &str| {
            let digits: u64 = element.strip_prefix('x').unwrap_or(element).parse().ok().filter(|n| *n < 1000)?;
            index.checked_mul(1000)?.checked_add(digits)
        };
        let index = path.split('/').try_fold(0, add).ok_or(TileError::Path)?;
        let run = Self::new(index, width)?;
        // Missing or superfluous zeros, x, signs, and a full width that is spelt out: all are other spellings.
        if run.to_string() == text { Ok(run) } else { Err(TileError::Path) }
    }
}

/// A tile of hashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HashTile {
    level: u8,
    run: Run,
}

impl HashTile {
    /// Names a tile.
    ///
    /// # Errors
    /// When the level is above [`LEVEL_MAX`].
    pub fn new(level: u8, run: Run) -> Result<Self, TileError> {
        if level <= LEVEL_MAX { Ok(Self { level, run }) } else { Err(TileError::Level(level)) }
    }

    /// Lists the tiles of a tree of `new` leaves that a tree of `old` leaves does not have, level by level; from `old` 0
    /// all tiles of a tree. Each is full, or as wide as the tree makes it.
    pub fn between(old: u64, new: u64) -> impl Iterator<Item = Self> {
        let levels = (0..=LEVEL_MAX).take_while(move |level| level_len(*level, new) > 0);
        levels.flat_map(move |level| {
            Run::between(level_len(level, old), level_len(level, new)).map(move |run| Self { level, run })
        })
    }

    /// Returns the level: 0 for leaves.
    #[must_use]
    pub fn level(&self) -> u8 {
        self.level
    }

    /// Returns the place in the level.
    #[must_use]
    pub fn run(&self) -> Run {
        self.run
    }

    /// Tells whether a tree of `size` leaves has all hashes of the tile: whether it can be served.
    #[must_use]
    pub fn is_within(&self, size: u64) -> bool {
        self.run.is_within(level_len(self.level, size))
    }

    /// Reads the tile's bytes from the kept hashes.
    ///
    /// # Errors
    /// When one of them is not there: ask [`Self::is_within`] first.
    pub fn read<R: HashReader>(&self, reader: &R) -> Result<Vec<u8>, R::Error> {
        let mut hashes = vec![[0; HASH_LEN]; self.run.width.into()];
        reader.read(self.level, self.run.start(), &mut hashes)?;
        Ok(hashes.into_flattened())
    }

    /// Takes the hashes out of the tile's bytes. They prove nothing by themselves; they may lead to a signed root.
    ///
    /// # Errors
    /// When there are more or fewer bytes than the width says.
    pub fn parse(&self, bytes: &[u8]) -> Result<Vec<Hash>, TileError> {
        match bytes.as_chunks() {
            (hashes, []) if hashes.len() == usize::from(self.run.width) => Ok(hashes.to_vec()),
            _ => Err(TileError::Length(bytes.len())),
        }
    }
}

/// A bundle of entries, beside the tile of their leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryBundle(Run);

impl EntryBundle {
    /// Names a bundle.
    #[must_use]
    pub fn new(run: Run) -> Self {
        Self(run)
    }

    /// Lists the bundles of a log of `new` entries that a log of `old` entries does not have; from `old` 0 all of them.
    pub fn between(old: u64, new: u64) -> impl Iterator<Item = Self> {
        Run::between(old, new).map(Self)
    }

    /// Returns the bundle's place; its start is the position of its first entry.
    #[must_use]
    pub fn run(&self) -> Run {
        self.0
    }

    /// Tells whether a log of `size` entries has all of the bundle: whether it can be served.
    #[must_use]
    pub fn is_within(&self, size: u64) -> bool {
        self.0.is_within(size)
    }

    /// Writes the bundle of entries, in order from [`Run::start`].
    ///
    /// # Errors
    /// When there are more or fewer than the width says, or one is longer than 65,535 bytes.
    pub fn write<'a>(&self, entries: impl IntoIterator<Item = &'a [u8]>) -> Result<Vec<u8>, TileError> {
        let (mut bytes, mut found) = (Vec::new(), 0);
        for entry in entries {
            let length = u16::try_from(entry.len()).map_err(|_| TileError::TooLong(entry.len()))?;
            bytes.extend(length.to_be_bytes());
            bytes.extend(entry);
            found += 1;
        }
        if found == usize::from(self.0.width) { Ok(bytes) } else { Err(self.miscounted(found)) }
    }

    /// Takes the entries out of a bundle's bytes. Whether they are the log's is for their leaves and signatures to say.
    ///
    /// # Errors
    /// When an entry is cut off, or there are more or fewer than the width says.
    pub fn parse<'a>(&self, bytes: &'a [u8]) -> Result<Vec<&'a [u8]>, TileError> {
        let (mut entries, mut rest) = (Vec::new(), bytes);
        while !rest.is_empty() {
            if entries.len() == usize::from(self.0.width) {
                return Err(self.miscounted(entries.len() + 1));
            }
            let split = rest
                .split_first_chunk()
                .and_then(|(length, rest)| rest.split_at_checked(u16::from_be_bytes(*length).into()));
            let (entry, after) = split.ok_or(TileError::Length(bytes.len()))?;
            entries.push(entry);
            rest = after;
        }
        if entries.len() == usize::from(self.0.width) { Ok(entries) } else { Err(self.miscounted(entries.len())) }
    }

    fn miscounted(&self, found: usize) -> TileError {
        TileError::Entries { found, width: self.0.width }
    }
}

/// What a path below a log's address names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TilePath {
    /// `tile/<level>/<index>[.p/<width>]`
    Hashes(HashTile),
    /// `tile/entries/<index>[.p/<width>]`
    Entries(EntryBundle),
}

impl fmt::Display for TilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hashes(HashTile { level, run }) => write!(f, "tile/{level}/{run}"),
            Self::Entries(EntryBundle(run)) => write!(f, "tile/entries/{run}"),
        }
    }
}

impl FromStr for TilePath {
    type Err = TileError;

    fn from_str(text: &str) -> Result<Self, TileError> {
        let rest = text.strip_prefix("tile/").ok_or(TileError::Path)?;
        let (level, run) = rest.split_once('/').ok_or(TileError::Path)?;
        if level == "entries" {
            return Ok(Self::Entries(EntryBundle(run.parse()?)));
        }
        let number: u8 = level.parse().map_err(|_| TileError::Path)?;
        if number.to_string() != level {
            return Err(TileError::Path);
        }
        Ok(Self::Hashes(HashTile::new(number, run.parse()?)?))
    }
}

#[cfg(test)]
#[path = "tile_tests.rs"]
mod tests;
