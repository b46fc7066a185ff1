//! Signed and sealed messages between two services: what asks and matching runs share.
//!
//! ```text
//! message = postcard { from, epoch, sealed: XChaCha20-Poly1305( k, nonce = 1, plain ‖ signature ) }
//! signature over the kind's own prefix ‖ plain
//! reply   = nonce ‖ XChaCha20-Poly1305( k, nonce, plain )           the nonce is random
//! ```
//!
//! `k` is wrapped by HPKE for the addressee alone, once for each message.

use chacha20poly1305::aead::Aead;
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use rand::{CryptoRng, RngCore};
use serde::{Deserialize, Serialize};
use tongcha_domain::id::PartyId;

use crate::ask::AskError;
use crate::body::BodyKey;
use crate::canonical::{self, CodecError};
use crate::channel::{ChannelReceiver, ChannelSender, WrappedKey};
use crate::entry::SIGNATURE_LEN;
use crate::key::{Directory, KeyId, PartySecrets};

/// Place of a message's key in its channel: each message has a channel of its own.
pub(crate) const PLACE: u64 = 0;
/// Length of a nonce in bytes.
pub(crate) const NONCE_LEN: usize = 24;

/// A message as it crosses.
#[derive(Serialize, Deserialize)]
pub(crate) struct Ask {
    pub(crate) from: PartyId,
    pub(crate) key: WrappedKey,
    pub(crate) sealed: Vec<u8>,
}

// Requests use the zero nonce with its first byte set; a reply's random nonce is this one with odds of 2^-192.
pub(crate) fn request_nonce() -> XNonce {
    let mut nonce = XNonce::default();
    if let Some(first) = nonce.first_mut() {
        *first = 1;
    }
    nonce
}

fn at_most(bytes: Vec<u8>, max: usize) -> Result<Vec<u8>, AskError> {
    if bytes.len() > max {
        return Err(AskError::Codec(CodecError::TooLong { len: bytes.len(), max }));
    }
    Ok(bytes)
}

/// Signs a message under its kind's prefix and seals it for one party.
pub(crate) fn seal<R: CryptoRng + RngCore>(
    mut plain: Vec<u8>,
    (prefix, max): (&[u8], usize),
    to: PartyId,
    secrets: &PartySecrets,
    directory: &Directory,
    rng: &mut R,
) -> Result<(Vec<u8>, BodyKey), AskError> {
    plain.extend(secrets.sign(prefix, &plain).ok_or(AskError::Signing)?);
    let mut key = BodyKey([0; 32]);
    rng.fill_bytes(&mut key.0);
    let addressee = directory.party(to).ok_or(AskError::UnknownKey(to))?;
    let channel = ChannelSender::establish(secrets.party(), &addressee, rng).map_err(AskError::Key)?;
    let sealed = XChaCha20Poly1305::new((&key.0).into())
        .encrypt(&request_nonce(), plain.as_slice())
        .map_err(|_| AskError::Open)?;
    let ask = Ask { from: secrets.party(), key: channel.wrap(PLACE, &key).map_err(AskError::Key)?, sealed };
    Ok((at_most(canonical::encode(&ask).map_err(AskError::Codec)?, max)?, key))
}

/// Opens a message that came on a party's subject: what was signed, the signature, the key. Not yet verified.
pub(crate) fn open(
    bytes: &[u8],
    from: PartyId,
    max: usize,
    secrets: &PartySecrets,
) -> Result<(Vec<u8>, [u8; SIGNATURE_LEN], BodyKey), AskError> {
    let ask: Ask = canonical::decode(bytes, max).map_err(AskError::Codec)?;
    if ask.from != from {
        return Err(AskError::Asker { from, found: ask.from });
    }
    let key = ChannelReceiver::default().unwrap(secrets, from, PLACE, &ask.key).map_err(AskError::Key)?;
    let plain = XChaCha20Poly1305::new((&key.0).into())
        .decrypt(&request_nonce(), ask.sealed.as_slice())
        .map_err(|_| AskError::Open)?;
    let (head, signature) = plain.split_last_chunk::<SIGNATURE_LEN>().ok_or(AskError::Length(plain.len()))?;
    Ok((head.to_vec(), *signature, key))
}

/// Checks that what was signed names the party it came from, and that this party signed it.
pub(crate) fn verify(
    (head, signature): (&[u8], &[u8; SIGNATURE_LEN]),
    prefix: &[u8],
    (from, named): (PartyId, PartyId),
    key_id: KeyId,
    directory: &Directory,
) -> Result<(), AskError> {
    if named != from {
        return Err(AskError::Asker { from, found: named });
    }
    // A question is asked now: the key is the one that the asker's log has come to, and was not reported stolen.
    let keys = directory.party(named).filter(|keys| keys.key_id() == key_id).ok_or(AskError::UnknownKey(named))?;
    if directory.is_compromised(named, key_id) {
        return Err(AskError::Compromised(named));
    }
    if keys.verify(prefix, head, signature) { Ok(()) } else { Err(AskError::Signature(named)) }
}

/// Seals a reply with the key of its message.
pub(crate) fn seal_reply<R: CryptoRng + RngCore>(
    plain: &[u8],
    key: &BodyKey,
    max: usize,
    rng: &mut R,
) -> Result<Vec<u8>, AskError> {
    let mut nonce = XNonce::default();
    rng.fill_bytes(&mut nonce);
    let sealed = XChaCha20Poly1305::new((&key.0).into()).encrypt(&nonce, plain).map_err(|_| AskError::Open)?;
    at_most([nonce.as_slice(), &sealed].concat(), max)
}

/// Opens a reply.
pub(crate) fn open_reply(bytes: &[u8], key: &BodyKey, max: usize) -> Result<Vec<u8>, AskError> {
    if bytes.len() > max {
        return Err(AskError::Codec(CodecError::TooLong { len: bytes.len(), max }));
    }
    let (nonce, sealed) = bytes.split_first_chunk::<NONCE_LEN>().ok_or(AskError::Open)?;
    XChaCha20Poly1305::new((&key.0).into()).decrypt(nonce.into(), sealed).map_err(|_| AskError::Open)
}
