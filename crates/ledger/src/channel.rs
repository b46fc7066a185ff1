//! Channels: how body keys reach the other parties.
//!
//! HPKE (RFC 9180, base mode, X25519-HKDF-SHA256, HKDF-SHA256, export only) sets up one channel key for each sender,
//! recipient and epoch; body keys are wrapped under it, so that a public-key operation is paid once an epoch, not once
//! an event. An epoch lasts as long as the sender's process. What wraps a key carries the epoch's encapsulation, so a
//! recipient needs no other message to open it. The sender's identity is not proved here: the signed header commits
//! to the body key's hash.

use std::collections::BTreeMap;

use chacha20poly1305::aead::AeadInPlace;
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use hpke::aead::ExportOnlyAead;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable, setup_receiver, setup_sender};
use rand::{CryptoRng, RngCore};
use serde::{Deserialize, Serialize};
use tongcha_domain::id::PartyId;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::body::BodyKey;
use crate::key::{PartyKeys, PartySecrets, SealingSecret};

const INFO: &[u8] = b"tongcha/channel/v1\0";
const EXPORT: &[u8] = b"channel key";
/// Most epochs a receiver remembers per process; each restart of a peer makes one.
const EPOCHS_MAX: usize = 1024;

/// Why a channel or a wrapped key is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChannelError {
    /// The recipient's key or the encapsulation is no X25519 public key.
    #[error("the channel could not be set up")]
    Setup,
    /// The wrapped key does not open.
    #[error("the wrapped key does not open")]
    Unwrap,
}

#[derive(Clone, Zeroize, ZeroizeOnDrop)]
struct ChannelKey([u8; 32]);

/// A body key on its way to one party.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrappedKey {
    /// HPKE encapsulation of the epoch.
    pub epoch: [u8; 32],
    /// The key, encrypted.
    pub sealed: [u8; 32],
    /// Its tag.
    pub tag: [u8; 16],
}

fn info(from: PartyId, to: PartyId) -> Vec<u8> {
    [INFO, from.as_str().as_bytes(), b"\0", to.as_str().as_bytes()].concat()
}

// One (channel, place) wraps one key only: the place is the entry's position in the sender's log, and repeating it
// repeats the same bytes.
fn nonce(place: u64) -> XNonce {
    let mut nonce = XNonce::default();
    nonce.iter_mut().zip(place.to_le_bytes()).for_each(|(to, from)| *to = from);
    nonce
}

/// The sender's end of a channel.
pub struct ChannelSender {
    epoch: [u8; 32],
    key: ChannelKey,
}

impl ChannelSender {
    /// Sets up an epoch towards a party.
    ///
    /// # Errors
    /// When the party's sealing key does not work.
    pub fn establish<R: CryptoRng + RngCore>(from: PartyId, to: &PartyKeys, rng: &mut R) -> Result<Self, ChannelError> {
        let public = <X25519HkdfSha256 as Kem>::PublicKey::from_bytes(to.sealing()).map_err(|_| ChannelError::Setup)?;
        let info = info(from, to.party());
        let (encapsulated, context) =
            setup_sender::<ExportOnlyAead, HkdfSha256, X25519HkdfSha256, _>(&OpModeS::Base, &public, &info, rng)
                .map_err(|_| ChannelError::Setup)?;
        let mut key = ChannelKey([0; 32]);
        context.export(EXPORT, &mut key.0).map_err(|_| ChannelError::Setup)?;
        let mut epoch = [0; 32];
        epoch.copy_from_slice(&encapsulated.to_bytes());
        Ok(Self { epoch, key })
    }

    /// Wraps the body key of the entry at a place of the sender's log.
    ///
    /// # Errors
    /// When the cipher fails; it has no reason to.
    pub fn wrap(&self, place: u64, key: &BodyKey) -> Result<WrappedKey, ChannelError> {
        let mut sealed = key.0;
        let tag = XChaCha20Poly1305::new((&self.key.0).into())
            .encrypt_in_place_detached(&nonce(place), b"", &mut sealed)
            .map_err(|_| ChannelError::Unwrap)?;
        Ok(WrappedKey { epoch: self.epoch, sealed, tag: tag.into() })
    }
}

/// The recipient's ends of its channels, one for each sender and epoch met.
#[derive(Default)]
pub struct ChannelReceiver {
    epochs: BTreeMap<(PartyId, [u8; 32]), Vec<ChannelKey>>,
}

impl ChannelReceiver {
    /// Opens a wrapped key, with the newest of our sealing keys that opens it.
    ///
    /// # Errors
    /// When the epoch is not for us, or the key was changed on the way.
    pub fn unwrap(
        &mut self,
        secrets: &PartySecrets,
        from: PartyId,
        place: u64,
        wrapped: &WrappedKey,
    ) -> Result<BodyKey, ChannelError> {
        let at = (from, wrapped.epoch);
        if !self.epochs.contains_key(&at) {
            if self.epochs.len() >= EPOCHS_MAX {
                self.epochs.clear();
            }
            let receive = |secret| receive(secret, secrets.party(), from, &wrapped.epoch);
            self.epochs.insert(at, secrets.sealing().iter().map(receive).collect::<Result<_, _>>()?);
        }
        for key in self.epochs.get(&at).into_iter().flatten() {
            let mut opened = BodyKey(wrapped.sealed);
            let cipher = XChaCha20Poly1305::new((&key.0).into());
            if cipher.decrypt_in_place_detached(&nonce(place), b"", &mut opened.0, &wrapped.tag.into()).is_ok() {
                return Ok(opened);
            }
        }
        Err(ChannelError::Unwrap)
    }
}

fn receive(secret: &SealingSecret, me: PartyId, from: PartyId, epoch: &[u8; 32]) -> Result<ChannelKey, ChannelError> {
    let secret = <X25519HkdfSha256 as Kem>::PrivateKey::from_bytes(&secret.0).map_err(|_| ChannelError::Setup)?;
    let epoch = <X25519HkdfSha256 as Kem>::EncappedKey::from_bytes(epoch).map_err(|_| ChannelError::Setup)?;
    let context = setup_receiver::<ExportOnlyAead, HkdfSha256, X25519HkdfSha256>(
        &OpModeR::Base,
        &secret,
        &epoch,
        &info(from, me),
    )
    .map_err(|_| ChannelError::Setup)?;
    let mut key = ChannelKey([0; 32]);
    context.export(EXPORT, &mut key.0).map_err(|_| ChannelError::Setup)?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{directory, rng, secrets};

    #[test]
    fn a_key_reaches_its_recipient_only() {
        let directory = directory();
        let (macau, zhuhai, hengqin) = (secrets("macau"), secrets("zhuhai"), secrets("hengqin"));
        let channel =
            ChannelSender::establish(macau.party(), &directory.party(zhuhai.party()).unwrap(), &mut rng(9)).unwrap();
        let key = BodyKey([5; 32]);
        let wrapped = channel.wrap(17, &key).unwrap();
        let mut receiver = ChannelReceiver::default();
        let mut open = |who: &crate::key::PartySecrets, from, place, wrapped: &WrappedKey| {
            receiver.unwrap(who, from, place, wrapped)
        };
        assert_eq!(open(&zhuhai, macau.party(), 17, &wrapped), Ok(key.clone()));
        assert_eq!(open(&zhuhai, macau.party(), 18, &wrapped), Err(ChannelError::Unwrap), "another place");
        assert_eq!(open(&zhuhai, hengqin.party(), 17, &wrapped), Err(ChannelError::Unwrap), "another sender");
        let mut changed = wrapped;
        changed.sealed[0] ^= 1;
        assert_eq!(open(&zhuhai, macau.party(), 17, &changed), Err(ChannelError::Unwrap));
        let mut receiver = ChannelReceiver::default();
        let stolen = receiver.unwrap(&hengqin, macau.party(), 17, &wrapped);
        assert_eq!(stolen, Err(ChannelError::Unwrap), "another recipient");
    }
}
