//! Reading rows: raw storage, and the typed window on it that decisions get.

use std::collections::BTreeMap;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::channel::ChannelWay;
use crate::id::{
    AgreementId, BatchId, CandidateId, ClosureId, CommandKey, ConferenceId, ConsentId, ErasureId, ImportId, LookupId,
    MandateId, MatchRunId, MeetingId, NAME_MAX, OfficerId, PARTY_NAME_MAX, PartyId, RequestId, TopicId, UrgentId,
};
use crate::standard::StandardKey;
use crate::view::Table;

/// The view can't be read as it should be: it must be rebuilt. Never the caller's mistake.
#[derive(Debug, thiserror::Error)]
pub enum ViewError {
    /// The store failed.
    #[error("the view store failed: {0}")]
    Store(String),
    /// A row's checksum or encoding is wrong.
    #[error("a row of table {table} does not decode")]
    Row {
        /// First byte of the row's key.
        table: u8,
    },
}

/// A row: key and value.
pub type Row = (Vec<u8>, Vec<u8>);

/// Key-value storage in key order. Implementations do not interpret keys.
pub trait RowStore {
    /// Returns the value at a key.
    ///
    /// # Errors
    /// When the store fails or the row is damaged.
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, ViewError>;

    /// Returns all rows whose key starts with a prefix, in key order.
    ///
    /// # Errors
    /// When the store fails or a row is damaged.
    fn scan(&self, prefix: &[u8]) -> Result<Vec<Row>, ViewError>;
}

/// An aggregate's id as bytes of fixed length.
pub trait RowId: Sized {
    /// Length in bytes.
    const LEN: usize;
    /// Returns the bytes.
    fn to_bytes(&self) -> Vec<u8>;
    /// Reads them back.
    fn from_bytes(bytes: &[u8]) -> Option<Self>;
}

macro_rules! uuid_rows {
    ($($name:ident)*) => {$(
        impl RowId for $name {
            const LEN: usize = 16;
            fn to_bytes(&self) -> Vec<u8> { self.0.as_bytes().to_vec() }
            fn from_bytes(bytes: &[u8]) -> Option<Self> { uuid::Uuid::from_slice(bytes).ok().map(Self) }
        }
    )*};
}
uuid_rows!(AgreementId BatchId ClosureId ConferenceId ConsentId ErasureId ImportId LookupId MandateId MatchRunId MeetingId RequestId
    TopicId UrgentId);

impl RowId for PartyId {
    const LEN: usize = PARTY_NAME_MAX;
    fn to_bytes(&self) -> Vec<u8> {
        padded(self.as_str(), PARTY_NAME_MAX)
    }
    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        unpadded(bytes)
    }
}

impl RowId for StandardKey {
    const LEN: usize = 32;
    fn to_bytes(&self) -> Vec<u8> {
        self.0.to_vec()
    }
    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }
}

impl RowId for CommandKey {
    const LEN: usize = 32;
    fn to_bytes(&self) -> Vec<u8> {
        self.0.to_vec()
    }
    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }
}

impl RowId for CandidateId {
    const LEN: usize = 18;
    fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.run.to_bytes();
        bytes.extend(self.no.to_be_bytes());
        bytes
    }
    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (run, no) = bytes.split_last_chunk::<2>()?;
        Some(Self { run: MatchRunId::from_bytes(run)?, no: u16::from_be_bytes(*no) })
    }
}

impl RowId for () {
    const LEN: usize = 0;
    fn to_bytes(&self) -> Vec<u8> {
        Vec::new()
    }
    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.is_empty().then_some(())
    }
}

/// A name in a row's key, padded with zeros to one length.
fn padded(name: &str, len: usize) -> Vec<u8> {
    let mut bytes = name.as_bytes().to_vec();
    bytes.resize(len, 0);
    bytes
}

/// A padded name. A name never holds the padding, so one within it is refused.
fn unpadded<T: std::str::FromStr>(bytes: &[u8]) -> Option<T> {
    std::str::from_utf8(bytes).ok()?.trim_end_matches('\0').parse().ok()
}

impl RowId for OfficerId {
    const LEN: usize = NAME_MAX;
    fn to_bytes(&self) -> Vec<u8> {
        padded(self.as_str(), NAME_MAX)
    }
    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        unpadded(bytes)
    }
}

impl RowId for ChannelWay {
    const LEN: usize = 2 * PARTY_NAME_MAX;
    fn to_bytes(&self) -> Vec<u8> {
        [padded(self.from.as_str(), PARTY_NAME_MAX), padded(self.to.as_str(), PARTY_NAME_MAX)].concat()
    }
    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (from, to) = bytes.split_at_checked(PARTY_NAME_MAX)?;
        Some(Self { from: unpadded(from)?, to: unpadded(to)? })
    }
}

/// What one log says about one aggregate: a fold over that log.
pub trait Facts: Default + Serialize + DeserializeOwned {
    /// The aggregate's id.
    type Id: RowId;
    /// The table.
    const TABLE: Table;
}

pub(crate) fn key<F: Facts>(id: &F::Id, origin: PartyId) -> Vec<u8> {
    let mut key = vec![F::TABLE.byte()];
    key.extend(id.to_bytes());
    key.extend(origin.as_str().bytes());
    key
}

pub(crate) fn decode<T: DeserializeOwned>(table: u8, bytes: &[u8]) -> Result<T, ViewError> {
    match postcard::take_from_bytes(bytes) {
        Ok((value, [])) => Ok(value),
        Ok(_) | Err(_) => Err(ViewError::Row { table }),
    }
}

pub(crate) fn encode<T: Serialize>(table: u8, value: &T) -> Result<Vec<u8>, ViewError> {
    postcard::to_stdvec(value).map_err(|_| ViewError::Row { table })
}

/// What every party said about one aggregate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sides<F>(BTreeMap<PartyId, F>);

impl<F> Default for Sides<F> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<F> FromIterator<(PartyId, F)> for Sides<F> {
    fn from_iter<I: IntoIterator<Item = (PartyId, F)>>(iter: I) -> Self {
        Self(iter.into_iter().collect())
    }
}

impl<F> Sides<F> {
    /// Returns what one party said.
    #[must_use]
    pub fn of(&self, party: PartyId) -> Option<&F> {
        self.0.get(&party)
    }

    /// Returns what each party said, in order of the parties' names.
    pub fn iter(&self) -> impl Iterator<Item = (PartyId, &F)> {
        self.0.iter().map(|(party, facts)| (*party, facts))
    }

    /// Tells whether no party said anything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Aggregates of a kind, in order of their ids.
pub type Aggregates<F> = Vec<(<F as Facts>::Id, Sides<F>)>;

/// The typed window on the view. It can't reach the register.
#[derive(Clone, Copy)]
pub struct Rows<'a> {
    store: &'a dyn RowStore,
}

impl<'a> Rows<'a> {
    /// Opens the window.
    #[must_use]
    pub fn new(store: &'a dyn RowStore) -> Self {
        Self { store }
    }

    /// Returns what every party said about one aggregate.
    ///
    /// # Errors
    /// When a row can't be read.
    pub fn sides<F: Facts>(&self, id: &F::Id) -> Result<Sides<F>, ViewError> {
        let mut prefix = vec![F::TABLE.byte()];
        prefix.extend(id.to_bytes());
        let mut sides = BTreeMap::new();
        for (key, value) in self.store.scan(&prefix)? {
            sides.insert(origin_of::<F>(&key)?, decode(F::TABLE.byte(), &value)?);
        }
        Ok(Sides(sides))
    }

    /// Returns what one party said about one aggregate.
    ///
    /// # Errors
    /// When the row can't be read.
    pub fn side<F: Facts>(&self, id: &F::Id, origin: PartyId) -> Result<Option<F>, ViewError> {
        self.store.get(&key::<F>(id, origin))?.map(|value| decode(F::TABLE.byte(), &value)).transpose()
    }

    /// Returns every aggregate of a kind, in order of the ids.
    ///
    /// # Errors
    /// When a row can't be read.
    pub fn all<F: Facts>(&self) -> Result<Aggregates<F>, ViewError> {
        self.starting::<F>(&[])
    }

    /// Returns every aggregate of a kind whose id begins with these bytes, in order of the ids.
    ///
    /// # Errors
    /// When a row can't be read.
    pub fn starting<F: Facts>(&self, id: &[u8]) -> Result<Aggregates<F>, ViewError> {
        let mut prefix = vec![F::TABLE.byte()];
        prefix.extend(id);
        let mut found = BTreeMap::<Vec<u8>, BTreeMap<PartyId, F>>::new();
        for (key, value) in self.store.scan(&prefix)? {
            let id = key.get(1..=F::Id::LEN).unwrap_or_default().to_vec();
            found.entry(id).or_default().insert(origin_of::<F>(&key)?, decode(F::TABLE.byte(), &value)?);
        }
        let damaged = || ViewError::Row { table: F::TABLE.byte() };
        found.into_iter().map(|(id, sides)| Ok((F::Id::from_bytes(&id).ok_or_else(damaged)?, Sides(sides)))).collect()
    }
}

fn origin_of<F: Facts>(key: &[u8]) -> Result<PartyId, ViewError> {
    key.get(1 + F::Id::LEN..)
        .and_then(|name| std::str::from_utf8(name).ok())
        .and_then(|name| name.parse().ok())
        .ok_or(ViewError::Row { table: F::TABLE.byte() })
}

pub(crate) fn encode_row<T: Serialize>(value: &T) -> Result<Vec<u8>, ViewError> {
    encode(Table::REGISTER, value)
}

pub(crate) fn decode_row<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ViewError> {
    decode(Table::REGISTER, bytes)
}
