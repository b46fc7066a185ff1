//! Parcels: what one entry travels in, from its origin to one recipient.

use std::sync::Mutex;

use serde::{Deserialize, Serialize};
use tongcha_domain::event::Body;
use tongcha_domain::id::PartyId;

use crate::body::{BODY_MAX, BodyError, BodyKey, SealedBody};
use crate::canonical::{self, CodecError};
use crate::channel::{ChannelError, ChannelReceiver, WrappedKey};
use crate::entry::{ENTRY_MAX, EntryError, VerifiedEntry};
use crate::key::{Directory, PartySecrets};

/// Longest parcel in bytes: an entry, a body, and a little for what frames them.
pub const PARCEL_MAX: usize = ENTRY_MAX + BODY_MAX + 1024;

/// An entry on its way, with body and key when the recipient is in the audience.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parcel {
    /// The entry's bytes.
    pub entry: Vec<u8>,
    /// The sealed body and its key for the recipient.
    pub body: Option<(SealedBody, WrappedKey)>,
}

/// Why a parcel is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParcelError {
    /// The parcel's own form.
    #[error("the parcel is refused")]
    Parcel(#[source] CodecError),
    /// The entry.
    #[error("the entry is refused")]
    Entry(#[source] EntryError),
    /// The entry is of another log than the one it came from.
    #[error("an entry of {found} came from {from}")]
    Origin {
        /// Whence it came.
        from: PartyId,
        /// Whose it is.
        found: PartyId,
    },
    /// The recipient is in the audience, but the body is missing.
    #[error("the body is missing")]
    BodyMissing,
    /// The recipient is not in the audience, but there is a body.
    #[error("a body for somebody else")]
    BodyUnasked,
    /// The body key.
    #[error("the body key is refused")]
    Key(#[source] ChannelError),
    /// The body.
    #[error("the body is refused")]
    Body(#[source] BodyError),
}

/// A parcel whose content is checked in every way that needs no knowledge of the log it belongs to.
#[derive(Clone, Debug)]
pub struct OpenedParcel {
    /// The entry.
    pub entry: VerifiedEntry,
    /// The body, when it is for us.
    pub body: Option<OpenedBody>,
}

/// A body, opened.
#[derive(Clone, Debug)]
pub struct OpenedBody {
    /// As sealed.
    pub sealed: SealedBody,
    /// Its key.
    pub key: BodyKey,
    /// What it says.
    pub body: Body,
}

impl Parcel {
    /// Encodes the parcel.
    ///
    /// # Errors
    /// When it can't be encoded.
    pub fn encode(&self) -> Result<Vec<u8>, CodecError> {
        canonical::encode(self)
    }
}

/// Opens parcels for one party.
pub struct ParcelOpener {
    secrets: std::sync::Arc<PartySecrets>,
    directory: std::sync::Arc<Directory>,
    channels: Mutex<ChannelReceiver>,
}

impl ParcelOpener {
    /// Makes an opener.
    #[must_use]
    pub fn new(secrets: std::sync::Arc<PartySecrets>, directory: std::sync::Arc<Directory>) -> Self {
        Self { secrets, directory, channels: Mutex::default() }
    }

    /// Opens a parcel that came from a party's stream or repair: size, form, signature, origin, body digest, key,
    /// canonical body, agreement of header and body. The chain is not checked here.
    ///
    /// # Errors
    /// Says which check fails first.
    pub fn open(&self, from: PartyId, bytes: &[u8]) -> Result<OpenedParcel, ParcelError> {
        let parcel: Parcel = canonical::decode(bytes, PARCEL_MAX).map_err(ParcelError::Parcel)?;
        let entry = VerifiedEntry::verify(&parcel.entry, &self.directory).map_err(ParcelError::Entry)?;
        let header = entry.header();
        if header.origin != from {
            return Err(ParcelError::Origin { from, found: header.origin });
        }
        let me = self.secrets.party();
        let body = match (header.audience.contains(&me), parcel.body) {
            (false, None) => None,
            (false, Some(_)) => return Err(ParcelError::BodyUnasked),
            (true, None) => return Err(ParcelError::BodyMissing),
            (true, Some((sealed, wrapped))) => {
                let mut channels = self.channels.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                let key = channels
                    .unwrap(self.secrets.sealing(), me, from, header.seq, &wrapped)
                    .map_err(ParcelError::Key)?;
                drop(channels);
                let body = sealed.open(&key, header).map_err(ParcelError::Body)?;
                Some(OpenedBody { sealed, key, body })
            }
        };
        Ok(OpenedParcel { entry, body })
    }
}
