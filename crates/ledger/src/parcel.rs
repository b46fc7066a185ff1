//! Parcels: what one entry travels in, from its origin to one recipient.

use std::sync::Mutex;

use serde::{Deserialize, Serialize};
use tongcha_domain::erasure::{Keeping, keeping};
use tongcha_domain::event::Body;
use tongcha_domain::id::PartyId;

use crate::body::{BODY_MAX, BodyError, BodyKey, SealedBody};
use crate::canonical::{self, CodecError};
use crate::channel::{ChannelError, ChannelReceiver, WrappedKey};
use crate::entry::{ENTRY_MAX, EntryError, Header, VerifiedEntry};
use crate::key::{Directory, PartySecrets};

/// Longest parcel in bytes: an entry, a body, and a little for what frames them.
pub const PARCEL_MAX: usize = ENTRY_MAX + BODY_MAX + 1024;

/// An entry on its way, with body and key when the recipient is in the audience.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parcel {
    /// The entry's bytes.
    pub entry: Vec<u8>,
    /// What comes with it.
    pub body: ParcelBody,
}

/// What comes of an entry's body. A header alone, made for a party that is not addressed, must not pass for a body that is
/// lost: that is said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ParcelBody {
    /// Nothing: the recipient is not in the audience.
    NotAddressed,
    /// The sealed body and its key for the recipient.
    Sealed(SealedBody, WrappedKey),
    /// The sealed body of which the key was destroyed.
    Erased(SealedBody),
    /// Nothing: the recipient is in the audience, and the body was lost with a disk of the sender's.
    Lost,
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
    /// The recipient is in the audience, but the body is missing, or the key of a body that is never erased, or a body is said
    /// to be lost that everybody has who has the entry.
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
    /// The sealed body, when it is for us and its origin says that it was erased. Whether an order says so too can only
    /// be told later: the order comes after the entry in the same log.
    pub erased: Option<SealedBody>,
    /// Whether the body is for us and its origin says that it is lost. Whether the record of a recovery says so too can only be
    /// told later.
    pub lost: bool,
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
        let sealed = match &parcel.body {
            ParcelBody::Sealed(sealed, _) | ParcelBody::Erased(sealed) => Some(sealed),
            ParcelBody::NotAddressed | ParcelBody::Lost => None,
        };
        let entry = VerifiedEntry::verify_adding(&parcel.entry, sealed, &self.directory).map_err(ParcelError::Entry)?;
        let header = entry.header();
        if header.origin != from {
            return Err(ParcelError::Origin { from, found: header.origin });
        }
        let (mut erased, mut lost) = (None, false);
        let body = match (header.audience.contains(&self.secrets.party()), parcel.body) {
            (false, ParcelBody::NotAddressed) => None,
            (false, ParcelBody::Sealed(..) | ParcelBody::Erased(_) | ParcelBody::Lost) => {
                return Err(ParcelError::BodyUnasked);
            }
            (true, ParcelBody::NotAddressed) => return Err(ParcelError::BodyMissing),
            (true, ParcelBody::Sealed(sealed, wrapped)) => Some(self.open_body(from, header, sealed, &wrapped)?),
            (true, ParcelBody::Erased(sealed)) => {
                if keeping(header.kind) == Keeping::Procedure {
                    return Err(ParcelError::BodyMissing);
                }
                sealed.check(header).map_err(ParcelError::Body)?;
                erased = Some(sealed);
                None
            }
            (true, ParcelBody::Lost) => {
                // It was told to everybody: whoever has the entry has its body, and needs no key for it.
                if BodyKey::is_published(header.kind) {
                    return Err(ParcelError::BodyMissing);
                }
                lost = true;
                None
            }
        };
        Ok(OpenedParcel { entry, body, erased, lost })
    }

    /// Opens a parcel in which a peer gives back an entry of our own log, from its replica. Checked as in
    /// [`Self::open`]; the body may be missing, because a peer has the bodies only that were told to it.
    ///
    /// # Errors
    /// Says which check fails first.
    pub fn open_returned(&self, from: PartyId, bytes: &[u8]) -> Result<OpenedParcel, ParcelError> {
        let parcel: Parcel = canonical::decode(bytes, PARCEL_MAX).map_err(ParcelError::Parcel)?;
        let entry = VerifiedEntry::verify(&parcel.entry, &self.directory).map_err(ParcelError::Entry)?;
        let (header, me) = (entry.header(), self.secrets.party());
        if header.origin != me {
            return Err(ParcelError::Origin { from: me, found: header.origin });
        }
        let (mut erased, mut lost) = (None, false);
        let body = match parcel.body {
            ParcelBody::NotAddressed => None,
            ParcelBody::Lost => {
                lost = true;
                None
            }
            ParcelBody::Erased(sealed) => {
                sealed.check(header).map_err(ParcelError::Body)?;
                erased = Some(sealed);
                None
            }
            ParcelBody::Sealed(sealed, wrapped) => Some(self.open_body(from, header, sealed, &wrapped)?),
        };
        Ok(OpenedParcel { entry, body, erased, lost })
    }

    fn open_body(
        &self,
        from: PartyId,
        header: &Header,
        sealed: SealedBody,
        wrapped: &WrappedKey,
    ) -> Result<OpenedBody, ParcelError> {
        let mut channels = self.channels.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let key = channels.unwrap(&self.secrets, from, header.seq, wrapped).map_err(ParcelError::Key)?;
        drop(channels);
        let body = sealed.open(&key, header).map_err(ParcelError::Body)?;
        Ok(OpenedBody { sealed, key, body })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tongcha_domain::event::EventKind;

    use super::*;
    use crate::channel::ChannelSender;
    use crate::testing::{directory, event, flips, party, rng, sealed_entry, secrets};

    fn opener(party: &str) -> ParcelOpener {
        ParcelOpener::new(Arc::new(secrets(party)), Arc::new(directory()))
    }

    // Zhuhai's notice of this kind, as it travels to a party; with the key for that party.
    fn parcel(kind: EventKind, to: &str) -> Parcel {
        let (_, sealed, key, entry) = sealed_entry(event(kind));
        let channel =
            ChannelSender::establish(party("zhuhai"), &directory().party(party(to)).unwrap(), &mut rng(11)).unwrap();
        let wrapped = channel.wrap(entry.header().seq, &key).unwrap();
        Parcel { entry: entry.bytes().to_vec(), body: ParcelBody::Sealed(sealed, wrapped) }
    }

    fn sealed_of(parcel: &Parcel) -> SealedBody {
        match &parcel.body {
            ParcelBody::Sealed(sealed, _) | ParcelBody::Erased(sealed) => sealed.clone(),
            ParcelBody::NotAddressed | ParcelBody::Lost => panic!("no body"),
        }
    }

    fn open(at: &str, parcel: &Parcel) -> Result<OpenedParcel, ParcelError> {
        opener(at).open(party("zhuhai"), &parcel.encode().unwrap())
    }

    #[test]
    fn a_reader_opens_the_body_and_another_party_takes_the_header() {
        let sent = parcel(EventKind::BatchSent, "macau"); // for Macau, not for Hengqin
        let opened = open("macau", &sent).unwrap();
        let (body, sealed, key, entry) = sealed_entry(event(EventKind::BatchSent));
        assert_eq!(opened.entry, entry);
        let content = opened.body.unwrap();
        assert_eq!((content.body, content.sealed, content.key), (body, sealed, key));
        let bare = open("hengqin", &Parcel { body: ParcelBody::NotAddressed, ..sent }).unwrap();
        assert_eq!(bare.entry, entry);
        assert!(bare.body.is_none());
    }

    #[test]
    fn the_body_comes_to_its_readers_only() {
        let sent = parcel(EventKind::BatchSent, "macau");
        let bare = Parcel { body: ParcelBody::NotAddressed, ..sent.clone() };
        assert_eq!(open("macau", &bare).unwrap_err(), ParcelError::BodyMissing);
        assert_eq!(open("hengqin", &sent).unwrap_err(), ParcelError::BodyUnasked);
    }

    #[test]
    fn an_erased_body_comes_sealed_and_without_its_key_where_it_can_be_erased() {
        let erased = |kind| {
            let sent = parcel(kind, "macau");
            Parcel { body: ParcelBody::Erased(sealed_of(&sent)), ..sent }
        };
        let hole = erased(EventKind::BatchSent);
        let opened = open("macau", &hole).unwrap();
        assert!(opened.body.is_none());
        assert_eq!(opened.erased, Some(sealed_of(&hole)));
        assert_eq!(open("hengqin", &hole).unwrap_err(), ParcelError::BodyUnasked);
        assert_eq!(open("macau", &erased(EventKind::AgreementSigned)).unwrap_err(), ParcelError::BodyMissing);
        let another = ParcelBody::Erased(sealed_of(&parcel(EventKind::UrgentRaised, "macau")));
        let swapped = open("macau", &Parcel { body: another, ..hole });
        assert!(matches!(swapped, Err(ParcelError::Body(_))), "the header commits to the sealed body");
    }

    #[test]
    fn a_lost_body_is_said_to_be_lost_and_only_to_who_should_have_it() {
        let lost = |kind| Parcel { body: ParcelBody::Lost, ..parcel(kind, "macau") };
        let opened = open("macau", &lost(EventKind::BatchSent)).unwrap();
        assert!(opened.lost && opened.body.is_none() && opened.erased.is_none());
        assert!(!open("macau", &parcel(EventKind::BatchSent, "macau")).unwrap().lost);
        assert_eq!(open("hengqin", &lost(EventKind::BatchSent)).unwrap_err(), ParcelError::BodyUnasked);
        let agreement = open("macau", &lost(EventKind::AgreementSigned)).unwrap();
        assert!(agreement.lost, "what is never erased can be lost all the same");
        for kind in EventKind::ALL.iter().copied().filter(|kind| BodyKey::is_published(*kind)) {
            assert!(open("macau", &lost(kind)).is_err(), "{}: who has the entry has its body", kind.code());
        }
        assert_eq!(open("macau", &lost(EventKind::LogRecovered)).unwrap_err(), ParcelError::BodyMissing);
    }

    #[test]
    fn a_party_brings_its_own_entries_only() {
        let bytes = parcel(EventKind::BatchSent, "macau").encode().unwrap();
        let refused = opener("macau").open(party("hengqin"), &bytes).unwrap_err();
        assert_eq!(refused, ParcelError::Origin { from: party("hengqin"), found: party("zhuhai") });
    }

    #[test]
    fn a_party_takes_its_own_entries_back_with_and_without_the_body() {
        let zhuhai = opener("zhuhai");
        let bare = Parcel { body: ParcelBody::NotAddressed, ..parcel(EventKind::BatchSent, "macau") };
        for body in [ParcelBody::NotAddressed, ParcelBody::Lost] {
            let (lost, parcel) = (body == ParcelBody::Lost, Parcel { body, ..bare.clone() });
            let back = zhuhai.open_returned(party("macau"), &parcel.encode().unwrap()).unwrap();
            assert!(back.body.is_none() && back.lost == lost);
        }
        let (body, sealed, key, entry) = sealed_entry(event(EventKind::BatchSent));
        let back = ChannelSender::establish(party("macau"), &directory().party(party("zhuhai")).unwrap(), &mut rng(13))
            .unwrap();
        let wrapped = back.wrap(entry.header().seq, &key).unwrap();
        let full = Parcel { entry: entry.bytes().to_vec(), body: ParcelBody::Sealed(sealed.clone(), wrapped) };
        let bytes = full.encode().unwrap();
        assert_eq!(zhuhai.open_returned(party("macau"), &bytes).unwrap().body.unwrap().body, body);
        assert!(zhuhai.open_returned(party("hengqin"), &bytes).is_err(), "wrapped by another party");
        let others = opener("macau").open_returned(party("zhuhai"), &bare.encode().unwrap()).unwrap_err();
        assert_eq!(others, ParcelError::Origin { from: party("macau"), found: party("zhuhai") });
        for flipped in flips(&bytes) {
            assert!(zhuhai.open_returned(party("macau"), &flipped).is_err());
        }
    }

    #[test]
    fn garbage_and_oversize_are_refused_before_anything_else() {
        let macau = opener("macau");
        let bytes = parcel(EventKind::BatchSent, "macau").encode().unwrap();
        let open = |bytes: &[u8]| macau.open(party("zhuhai"), bytes).unwrap_err();
        assert_eq!(open(&[]), ParcelError::Parcel(CodecError::Malformed));
        assert_eq!(open(&[0xFF; 64]), ParcelError::Parcel(CodecError::Malformed));
        assert_eq!(open(&[bytes.as_slice(), &[0]].concat()), ParcelError::Parcel(CodecError::Trailing(1)));
        let len = PARCEL_MAX + 1;
        assert_eq!(open(&vec![0; len]), ParcelError::Parcel(CodecError::TooLong { len, max: PARCEL_MAX }));
    }

    #[test]
    fn the_key_must_be_this_partys_and_open_this_body() {
        let sent = parcel(EventKind::UrgentRaised, "macau"); // Hengqin is a reader too, but this key is Macau's
        assert_eq!(open("hengqin", &sent).unwrap_err(), ParcelError::Key(ChannelError::Unwrap));
        let sealed = sealed_of(&sent);
        let channel =
            ChannelSender::establish(party("zhuhai"), &directory().party(party("macau")).unwrap(), &mut rng(12))
                .unwrap();
        let wrong = channel.wrap(0, &BodyKey([8; 32])).unwrap();
        let refused = open("macau", &Parcel { body: ParcelBody::Sealed(sealed, wrong), ..sent }).unwrap_err();
        assert_eq!(refused, ParcelError::Body(BodyError::Key));
    }

    #[test]
    fn every_single_bit_flip_is_refused() {
        let macau = opener("macau");
        let sent = parcel(EventKind::BatchDelivered, "macau");
        for body in [sent.body.clone(), ParcelBody::Erased(sealed_of(&sent)), ParcelBody::Lost] {
            let bytes = Parcel { body, ..sent.clone() }.encode().unwrap();
            for flipped in flips(&bytes) {
                assert!(macau.open(party("zhuhai"), &flipped).is_err());
            }
        }
    }

    #[test]
    fn the_longest_parcel_holds_the_longest_entry_and_body() {
        let body = SealedBody { key_hash: [0; 32], ciphertext: vec![0; BODY_MAX] };
        let key = WrappedKey { epoch: [0; 32], sealed: [0; 32], tag: [0; 16] };
        let parcel = Parcel { entry: vec![0; ENTRY_MAX], body: ParcelBody::Sealed(body, key) };
        assert!(parcel.encode().unwrap().len() <= PARCEL_MAX);
    }
}
