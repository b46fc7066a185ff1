//! Bodies: what an event says, sealed with a key of its own.
//!
//! ```text
//! sealed      = XChaCha20-Poly1305( key, nonce = 0, postcard( Body ) )            at most 256 KiB
//! key_hash    = SHA-256( "tongcha/body-key/v1\0" ‖ key )
//! body_digest = SHA-256( "tongcha/body/v1\0" ‖ key_hash ‖ sealed )
//! ```
//!
//! The nonce is constant because a key seals one body only. The digest commits to the key as well as to the
//! ciphertext: the cipher alone does not, so that one ciphertext could be made to open to two texts.
//! Destroying the key erases the body; entry, digest and chain still verify.

use chacha20poly1305::aead::Aead;
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use serde::{Deserialize, Serialize};
use tongcha_domain::event::{Body, EventKind};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::canonical::{self, CodecError};
use crate::entry::Header;
use crate::sha256;

/// Longest sealed body in bytes: far more than any event needs but a chunk of a register import.
pub const BODY_MAX: usize = 256 * 1024;

const KEY_PREFIX: &[u8] = b"tongcha/body-key/v1\0";
const BODY_PREFIX: &[u8] = b"tongcha/body/v1\0";

/// Why a body is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// Longer than [`BODY_MAX`].
    #[error("a sealed body of {0} bytes is too long")]
    TooLong(usize),
    /// Not the length the header names.
    #[error("the sealed body has another length than the header says")]
    Length,
    /// Not what the header commits to.
    #[error("the sealed body is not the one the header commits to")]
    Digest,
    /// Not the key the header commits to.
    #[error("the body key is not the one the header commits to")]
    Key,
    /// The body is for everybody and not sealed under the published key.
    #[error("a body of this kind is sealed under the published key")]
    Unpublished,
    /// The cipher refuses; with digest and key checked, the origin sealed it wrongly.
    #[error("the body does not open")]
    Open,
    /// The plain body's canonical form.
    #[error("the body is refused")]
    Codec(#[source] CodecError),
    /// The event is of another kind than the header says.
    #[error("the event is of another kind than the header says")]
    Kind,
    /// The event is for other readers than the header says.
    #[error("the event is for other readers than the header says")]
    Audience,
}

/// A body's key. Wiped from memory when dropped.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct BodyKey(pub [u8; 32]);

impl std::fmt::Debug for BodyKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BodyKey(..)")
    }
}

impl BodyKey {
    /// Returns the key of bodies that are for everybody who has the log: what the parties say of their keys, and what they
    /// lost. They hold nothing secret, and are sealed so that there is one form of a body; that one key seals many of them
    /// takes nothing from that.
    #[must_use]
    pub fn published() -> Self {
        Self(*b"tongcha/published-body-key/v1\0\0\0")
    }

    /// Tells whether bodies of a kind are sealed under the published key.
    #[must_use]
    pub fn is_published(kind: EventKind) -> bool {
        matches!(
            kind,
            EventKind::KeyAdded | EventKind::KeyRetired | EventKind::KeyCompromised | EventKind::LogRecovered
        )
    }

    /// Returns the hash that is kept and sent with the sealed body.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        sha256(KEY_PREFIX, &[&self.0])
    }
}

/// A sealed body and the hash of its key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedBody {
    /// Hash of the key.
    pub key_hash: [u8; 32],
    /// The ciphertext with its tag.
    pub ciphertext: Vec<u8>,
}

impl SealedBody {
    /// Seals a body. The key must be fresh: it may seal nothing else, ever.
    ///
    /// # Errors
    /// When the body is too long.
    pub fn seal(body: &Body, key: &BodyKey) -> Result<Self, BodyError> {
        let plain = canonical::encode(body).map_err(BodyError::Codec)?;
        let cipher = XChaCha20Poly1305::new((&key.0).into());
        let ciphertext = cipher.encrypt(&XNonce::default(), plain.as_slice()).map_err(|_| BodyError::Open)?;
        if ciphertext.len() > BODY_MAX {
            return Err(BodyError::TooLong(ciphertext.len()));
        }
        Ok(Self { key_hash: key.hash(), ciphertext })
    }

    /// Returns the digest that the header commits to.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        sha256(BODY_PREFIX, &[&self.key_hash, &self.ciphertext])
    }

    /// Checks that this is the body a header commits to.
    ///
    /// # Errors
    /// When it is too long, or not that body.
    pub fn check(&self, header: &Header) -> Result<(), BodyError> {
        if self.ciphertext.len() > BODY_MAX {
            return Err(BodyError::TooLong(self.ciphertext.len()));
        }
        if u32::try_from(self.ciphertext.len()) != Ok(header.body_len) {
            return Err(BodyError::Length);
        }
        if self.digest() != header.body_digest {
            return Err(BodyError::Digest);
        }
        if BodyKey::is_published(header.kind) && self.key_hash != BodyKey::published().hash() {
            return Err(BodyError::Unpublished);
        }
        Ok(())
    }

    /// Opens the body a header commits to, and checks that header and body agree.
    ///
    /// # Errors
    /// Says which check fails first.
    pub fn open(&self, key: &BodyKey, header: &Header) -> Result<Body, BodyError> {
        let body = self.unseal(key, header)?;
        agree(&body, header)?;
        Ok(body)
    }

    /// Opens the body a header commits to. Whether header and body agree is left to [`agree`]: for an auditor, who judges
    /// a body all the same.
    ///
    /// # Errors
    /// Says which check fails first.
    pub fn unseal(&self, key: &BodyKey, header: &Header) -> Result<Body, BodyError> {
        self.check(header)?;
        if key.hash() != self.key_hash {
            return Err(BodyError::Key);
        }
        let cipher = XChaCha20Poly1305::new((&key.0).into());
        let plain = cipher.decrypt(&XNonce::default(), self.ciphertext.as_slice()).map_err(|_| BodyError::Open)?;
        canonical::decode(&plain, BODY_MAX).map_err(BodyError::Codec)
    }
}

/// Checks that a header says what the body says: kind and audience.
///
/// # Errors
/// When it does not.
pub fn agree(body: &Body, header: &Header) -> Result<(), BodyError> {
    if body.event.kind() != header.kind {
        return Err(BodyError::Kind);
    }
    let mut audience = body.event.readers();
    audience.insert(header.origin);
    if audience != header.audience {
        return Err(BodyError::Audience);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use tongcha_domain::event::EventKind;
    use tongcha_domain::register::RegisterChunkImported;

    use super::*;
    use crate::testing::{body, event, flips, header, household, party, sealed_entry};

    // What a dishonest origin can do: seal any bytes, and commit to them in its header.
    fn seal_raw(plain: &[u8], key: &BodyKey) -> (SealedBody, Header) {
        let ciphertext = XChaCha20Poly1305::new((&key.0).into()).encrypt(&XNonce::default(), plain).unwrap();
        let sealed = SealedBody { key_hash: key.hash(), ciphertext };
        let header = header(&body(event(EventKind::UrgentRaised)), &sealed);
        (sealed, header)
    }

    #[test]
    fn every_kind_of_body_opens_to_what_was_sealed() {
        for event in crate::testing::events() {
            let (body, sealed, key, entry) = sealed_entry(event);
            assert_eq!(sealed.open(&key, entry.header()), Ok(body));
        }
    }

    #[test]
    fn every_single_bit_flip_is_refused() {
        let (_, sealed, key, entry) = sealed_entry(event(EventKind::UrgentRaised));
        for ciphertext in flips(&sealed.ciphertext) {
            let flipped = SealedBody { ciphertext, ..sealed.clone() };
            assert_eq!(flipped.open(&key, entry.header()), Err(BodyError::Digest));
        }
        for key_hash in flips(&sealed.key_hash) {
            let flipped = SealedBody { key_hash: key_hash.try_into().unwrap(), ..sealed.clone() };
            assert_eq!(flipped.open(&key, entry.header()), Err(BodyError::Digest));
        }
    }

    #[test]
    fn a_flip_that_the_header_commits_to_does_not_open() {
        let (body, sealed, key, _) = sealed_entry(event(EventKind::UrgentDelivered));
        for ciphertext in flips(&sealed.ciphertext) {
            let flipped = SealedBody { ciphertext, ..sealed.clone() };
            assert_eq!(flipped.open(&key, &header(&body, &flipped)), Err(BodyError::Open));
        }
    }

    #[test]
    fn another_key_is_refused_by_its_hash_and_by_the_digest() {
        let (_, sealed, _, entry) = sealed_entry(event(EventKind::UrgentRaised));
        let other = BodyKey([8; 32]);
        assert_eq!(sealed.open(&other, entry.header()), Err(BodyError::Key));
        // One ciphertext for two texts: the second key has another hash, so the digest is another.
        let resealed = SealedBody { key_hash: other.hash(), ..sealed };
        assert_eq!(resealed.open(&other, entry.header()), Err(BodyError::Digest));
    }

    #[test]
    fn header_and_body_must_agree() {
        let (_, sealed, key, entry) = sealed_entry(event(EventKind::UrgentRaised));
        let open = |header: &Header| sealed.open(&key, header).unwrap_err();
        let good = entry.header();
        assert_eq!(open(&Header { kind: EventKind::UrgentClosed, ..good.clone() }), BodyError::Kind);
        let fewer = [party("zhuhai"), party("macau")].into();
        assert_eq!(open(&Header { audience: fewer, ..good.clone() }), BodyError::Audience);
        let more = good.audience.iter().copied().chain([party("elsewhere")]).collect();
        assert_eq!(open(&Header { audience: more, ..good.clone() }), BodyError::Audience);
        assert_eq!(open(&Header { body_len: good.body_len + 1, ..good.clone() }), BodyError::Length);
    }

    #[test]
    fn the_plain_body_must_be_canonical() {
        let key = BodyKey([7; 32]);
        let plain = canonical::encode(&body(event(EventKind::UrgentRaised))).unwrap();
        let open = |plain: &[u8]| {
            let (sealed, header) = seal_raw(plain, &key);
            sealed.open(&key, &header)
        };
        assert!(open(&plain).is_ok(), "the honest bytes open");
        assert_eq!(open(&[plain.as_slice(), &[0]].concat()), Err(BodyError::Codec(CodecError::Trailing(1))));
        assert_eq!(open(&plain[..plain.len() - 1]), Err(BodyError::Codec(CodecError::Malformed)));
        // The first byte is the length of the officer's name: written as two bytes it means the same.
        let long = [&[plain[0] | 0x80, 0], &plain[1..]].concat();
        assert_eq!(open(&long), Err(BodyError::Codec(CodecError::NotCanonical)));
    }

    #[test]
    fn a_body_that_is_too_long_is_neither_sealed_nor_opened() {
        let households = vec![household(); 2500];
        let import = "0197f000-0000-7000-8000-000000002001".parse().unwrap();
        let chunk = RegisterChunkImported { import, party: party("zhuhai"), chunk: 0, households };
        let refused = SealedBody::seal(&body(chunk), &BodyKey([7; 32]));
        assert!(matches!(refused, Err(BodyError::TooLong(len)) if len > BODY_MAX));
        let (sealed, header) = seal_raw(&vec![0; BODY_MAX - 15], &BodyKey([7; 32]));
        assert_eq!(sealed.check(&header), Err(BodyError::TooLong(BODY_MAX + 1)));
        let (sealed, header) = seal_raw(&vec![0; BODY_MAX - 16], &BodyKey([7; 32]));
        assert_eq!(sealed.check(&header), Ok(()), "the longest there may be");
    }
}
