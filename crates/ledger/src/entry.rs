//! Log entries: the signed, chained headers every party gets.
//!
//! ```text
//! header = postcard { version = 1, origin, seq, prev, recorded_at, key_id, kind, audience, body_digest, body_len, seen }
//! entry  = header ‖ Ed25519( "tongcha/event/v1\0" ‖ header )                     at most 4 KiB
//! leaf   = SHA-256( 0x00 ‖ entry )  (RFC 6962)            prev = leaf of seq - 1, zeros for seq 0
//! ```

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use tongcha_domain::event::EventKind;
use tongcha_domain::id::PartyId;
use tongcha_domain::keys::KeyFault;
use tongcha_domain::time::Instant;
use tongcha_domain::view::EntryMeta;

use crate::body::SealedBody;
use crate::canonical::{self, CodecError};
use crate::directory::StatementError;
use crate::key::{Directory, KeyId, PartySecrets};
use crate::sha256;
use crate::trail::statement_of;

/// Version of the format.
pub const VERSION: u8 = 1;
/// Longest entry in bytes. The header is about 250 bytes with three parties; 4 KiB leaves room for dozens.
pub const ENTRY_MAX: usize = 4096;
/// Length of a signature.
pub const SIGNATURE_LEN: usize = 64;

/// What a header is prefixed with when it is signed.
pub const PREFIX: &[u8] = b"tongcha/event/v1\0";
const LEAF_PREFIX: &[u8] = &[0];

/// Leaf hash of an entry.
pub type Leaf = [u8; 32];

/// What an entry says in the open. No personal data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// [`VERSION`].
    pub version: u8,
    /// Whose log.
    pub origin: PartyId,
    /// Position in it, from 0.
    pub seq: u64,
    /// Leaf of the entry before; zeros for the first.
    pub prev: Leaf,
    /// When the entry was written, by the writer's clock; never less than in the entry before.
    pub recorded_at: Instant,
    /// The signing key.
    pub key_id: KeyId,
    /// The event's class.
    pub kind: EventKind,
    /// Who can read the body; always with the origin.
    pub audience: BTreeSet<PartyId>,
    /// Commits to the sealed body and its key, see [`crate::body`].
    pub body_digest: [u8; 32],
    /// Length of the sealed body in bytes.
    pub body_len: u32,
    /// How many entries of each other log the writer had accepted.
    pub seen: BTreeMap<PartyId, u64>,
}

/// Why an entry is refused. The order is the order of the checks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EntryError {
    /// Longer than [`ENTRY_MAX`], or too short to hold a signature.
    #[error("{0} bytes is no length of an entry")]
    Length(usize),
    /// The header's canonical form.
    #[error("the header is refused")]
    Header(#[source] CodecError),
    /// A version this code doesn't know.
    #[error("version {0} is not known")]
    Version(u8),
    /// The origin or its key is not in the directory.
    #[error("{origin} has no key of this name")]
    UnknownKey {
        /// The origin named.
        origin: PartyId,
    },
    /// The signature does not verify.
    #[error("the signature of entry {seq} of {origin} does not verify")]
    Signature {
        /// The origin named.
        origin: PartyId,
        /// The position named.
        seq: u64,
    },
    /// The audience lacks the origin itself.
    #[error("the audience lacks the origin")]
    Audience,
    /// Our own signature failed its check.
    #[error("the entry could not be signed")]
    Signing,
    /// The key is not valid at this place of the log.
    #[error("the key of entry {seq} is not valid there")]
    Keys {
        /// The position.
        seq: u64,
        /// Why not.
        #[source]
        source: KeyFault,
    },
    /// What the entry says of keys is not what the party's root says.
    #[error("what entry {seq} says of keys is refused")]
    Statement {
        /// The position.
        seq: u64,
        /// Why.
        #[source]
        source: StatementError,
    },
    /// Not the position that follows.
    #[error("entry {found} where {expected} follows")]
    Sequence {
        /// The position that follows.
        expected: u64,
        /// The position found.
        found: u64,
    },
    /// Does not name the entry before as its predecessor.
    #[error("entry {seq} does not follow the entry before it")]
    Chain {
        /// The position.
        seq: u64,
    },
    /// The clock ran backwards within the log.
    #[error("entry {seq} is recorded before the entry before it")]
    Clock {
        /// The position.
        seq: u64,
    },
}

/// An entry whose signature and form are checked; its place in the chain is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedEntry {
    header: Header,
    bytes: Vec<u8>,
    leaf: Leaf,
}

impl VerifiedEntry {
    /// Verifies the bytes as received: length, form, key, signature.
    ///
    /// # Errors
    /// Says which check fails first.
    pub fn verify(bytes: &[u8], directory: &Directory) -> Result<Self, EntryError> {
        if bytes.len() > ENTRY_MAX {
            return Err(EntryError::Length(bytes.len()));
        }
        let (head, signature) = bytes.split_last_chunk::<SIGNATURE_LEN>().ok_or(EntryError::Length(bytes.len()))?;
        let header: Header = canonical::decode(head, ENTRY_MAX).map_err(EntryError::Header)?;
        if header.version != VERSION {
            return Err(EntryError::Version(header.version));
        }
        let (origin, seq) = (header.origin, header.seq);
        let known = directory.key(origin, header.key_id).ok_or(EntryError::UnknownKey { origin })?;
        if !known.keys.verify(PREFIX, head, signature) {
            return Err(EntryError::Signature { origin, seq });
        }
        known.check(seq).map_err(|source| EntryError::Keys { seq, source })?;
        if !header.audience.contains(&header.origin) {
            return Err(EntryError::Audience);
        }
        Ok(Self { leaf: leaf(bytes), header, bytes: bytes.to_vec() })
    }

    /// Verifies an entry that may itself add the key it is signed with: then its body has the root's certificate, and the
    /// directory learns the key. Whether it stands at its place is not checked ([`crate::trail`]).
    ///
    /// # Errors
    /// As [`VerifiedEntry::verify`].
    pub fn verify_adding(bytes: &[u8], body: Option<&SealedBody>, directory: &Directory) -> Result<Self, EntryError> {
        let refused = match Self::verify(bytes, directory) {
            Err(EntryError::UnknownKey { origin }) => EntryError::UnknownKey { origin },
            verdict => return verdict,
        };
        let (header, _) = read(bytes)?;
        if header.kind != EventKind::KeyAdded || body.is_none() {
            return Err(refused);
        }
        let signed = statement_of(&header, body)?;
        directory.learn(&signed).map_err(|source| EntryError::Statement { seq: header.seq, source })?;
        Self::verify(bytes, directory)
    }

    /// Signs a header.
    ///
    /// # Errors
    /// When the header is too long or the signature fails its check.
    pub fn sign(header: Header, secrets: &PartySecrets) -> Result<Self, EntryError> {
        let mut bytes = canonical::encode(&header).map_err(EntryError::Header)?;
        bytes.extend(secrets.sign(PREFIX, &bytes).ok_or(EntryError::Signing)?);
        if bytes.len() > ENTRY_MAX {
            return Err(EntryError::Length(bytes.len()));
        }
        Ok(Self { leaf: leaf(&bytes), header, bytes })
    }

    /// Returns the header.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Returns the bytes as received or signed.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns the leaf hash.
    #[must_use]
    pub fn leaf(&self) -> Leaf {
        self.leaf
    }

    /// Returns what projection needs of the header.
    #[must_use]
    pub fn meta(&self) -> EntryMeta {
        let Header { origin, seq, recorded_at, kind, .. } = self.header;
        EntryMeta { origin, seq, leaf: self.leaf, recorded_at, kind }
    }
}

/// Returns the leaf hash of an entry's bytes (RFC 6962).
#[must_use]
pub fn leaf(entry: &[u8]) -> Leaf {
    sha256(LEAF_PREFIX, &[entry])
}

/// Reads an entry's form without verifying who made it: for bytes that were verified before they were kept.
///
/// # Errors
/// When the bytes have not the form of an entry.
pub fn read(bytes: &[u8]) -> Result<(Header, Leaf), EntryError> {
    let length = EntryError::Length(bytes.len());
    let (head, _) = bytes.split_last_chunk::<SIGNATURE_LEN>().ok_or(length)?;
    let header: Header = canonical::decode(head, ENTRY_MAX).map_err(EntryError::Header)?;
    Ok((header, leaf(bytes)))
}

/// The end of a log: what the next entry must follow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tip {
    /// Entries in the log.
    pub count: u64,
    /// Leaf of the last; zeros when there is none.
    pub head: Leaf,
    /// When the last was recorded.
    pub recorded_at: Instant,
}

impl Tip {
    /// Checks that an entry follows.
    ///
    /// # Errors
    /// When it is at another position, follows another entry, or its clock ran backwards.
    pub fn check(&self, entry: &VerifiedEntry) -> Result<(), EntryError> {
        self.check_parts(entry.header())
    }

    /// Checks that an entry with this header follows.
    ///
    /// # Errors
    /// As [`Tip::check`].
    pub fn check_parts(&self, header: &Header) -> Result<(), EntryError> {
        let Header { seq, prev, recorded_at, .. } = *header;
        if seq != self.count {
            return Err(EntryError::Sequence { expected: self.count, found: seq });
        }
        if prev != self.head {
            return Err(EntryError::Chain { seq });
        }
        if recorded_at < self.recorded_at {
            return Err(EntryError::Clock { seq });
        }
        Ok(())
    }

    /// Returns the end after an entry.
    #[must_use]
    pub fn after(entry: &VerifiedEntry) -> Self {
        Self { count: entry.header.seq + 1, head: entry.leaf, recorded_at: entry.header.recorded_at }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{directory, secrets};

    fn header(seq: u64, tip: &Tip) -> Header {
        let secrets = secrets("macau");
        Header {
            version: VERSION,
            origin: secrets.party(),
            seq,
            prev: tip.head,
            recorded_at: Instant(1_000 + i64::try_from(seq).unwrap()),
            key_id: secrets.key_id(),
            kind: EventKind::UrgentRaised,
            audience: ["macau", "zhuhai"].map(|p| p.parse().unwrap()).into(),
            body_digest: [7; 32],
            body_len: 100,
            seen: [("zhuhai".parse().unwrap(), 3)].into(),
        }
    }

    #[test]
    fn an_entry_verifies_and_follows() {
        let first = VerifiedEntry::sign(header(0, &Tip::default()), &secrets("macau")).unwrap();
        assert_eq!(VerifiedEntry::verify(first.bytes(), &directory()).unwrap(), first);
        Tip::default().check(&first).unwrap();
        let tip = Tip::after(&first);
        let second = VerifiedEntry::sign(header(1, &tip), &secrets("macau")).unwrap();
        tip.check(&second).unwrap();
        assert_eq!(tip.check(&first), Err(EntryError::Sequence { expected: 1, found: 0 }));
        let spliced = VerifiedEntry::sign(header(1, &Tip::default()), &secrets("macau")).unwrap();
        assert_eq!(tip.check(&spliced), Err(EntryError::Chain { seq: 1 }));
        let early = Header { recorded_at: Instant(999), ..header(1, &tip) };
        let early = VerifiedEntry::sign(early, &secrets("macau")).unwrap();
        assert_eq!(tip.check(&early), Err(EntryError::Clock { seq: 1 }));
    }

    #[test]
    fn every_single_bit_flip_is_refused() {
        let entry = VerifiedEntry::sign(header(0, &Tip::default()), &secrets("macau")).unwrap();
        for bit in 0..entry.bytes().len() * 8 {
            let mut bytes = entry.bytes().to_vec();
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert!(VerifiedEntry::verify(&bytes, &directory()).is_err(), "bit {bit}");
        }
    }

    #[test]
    fn the_wrong_key_and_the_wrong_prefix_are_refused() {
        let of_zhuhai = VerifiedEntry::sign(header(0, &Tip::default()), &secrets("zhuhai")).unwrap();
        let refused = VerifiedEntry::verify(of_zhuhai.bytes(), &directory());
        assert_eq!(refused, Err(EntryError::Signature { origin: "macau".parse().unwrap(), seq: 0 }));
        let mut bytes = canonical::encode(&header(0, &Tip::default())).unwrap();
        bytes.extend(secrets("macau").sign(b"tongcha/consent/v1\0", &bytes).unwrap());
        assert!(matches!(VerifiedEntry::verify(&bytes, &directory()), Err(EntryError::Signature { .. })));
    }

    #[test]
    fn form_is_checked() {
        let sign = |header: Header| VerifiedEntry::sign(header, &secrets("macau")).unwrap().bytes().to_vec();
        let verify = |bytes: &[u8]| VerifiedEntry::verify(bytes, &directory()).unwrap_err();
        let good = header(0, &Tip::default());
        assert_eq!(verify(&sign(Header { version: 2, ..good.clone() })), EntryError::Version(2));
        let alone = Header { audience: ["zhuhai".parse().unwrap()].into(), ..good.clone() };
        assert_eq!(verify(&sign(alone)), EntryError::Audience);
        let stranger = Header { key_id: KeyId([0; 8]), ..good };
        assert_eq!(verify(&sign(stranger)), EntryError::UnknownKey { origin: "macau".parse().unwrap() });
        assert_eq!(verify(&[0; 10]), EntryError::Length(10));
        assert_eq!(verify(&[0; ENTRY_MAX + 1]), EntryError::Length(ENTRY_MAX + 1));
    }
}
