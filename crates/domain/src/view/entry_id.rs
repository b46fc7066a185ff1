//! Ids of rows that stand for one entry each: about which thing, and where in the log.

use uuid::Uuid;

use crate::view::RowId;

/// Names a row by a thing, of a kind that its table numbers, and an entry about it. The rows of one thing stand together,
/// in the order of the entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EntryId {
    kind: u8,
    thing: [u8; 16],
    /// Position of the entry in its log.
    pub seq: u64,
}

impl EntryId {
    pub(crate) fn new((kind, thing): (u8, Uuid), seq: u64) -> Self {
        Self { kind, thing: *thing.as_bytes(), seq }
    }

    /// Returns what the rows of all entries about one thing begin with.
    pub(crate) fn prefix(thing: (u8, Uuid)) -> Vec<u8> {
        let mut bytes = Self::new(thing, 0).to_bytes();
        bytes.truncate(17);
        bytes
    }
}

impl RowId for EntryId {
    const LEN: usize = 25;

    fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![self.kind];
        bytes.extend(self.thing);
        bytes.extend(self.seq.to_be_bytes());
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (kind, rest) = bytes.split_first()?;
        let (thing, seq) = rest.split_first_chunk::<16>()?;
        Some(Self { kind: *kind, thing: *thing, seq: u64::from_be_bytes(seq.try_into().ok()?) })
    }
}
