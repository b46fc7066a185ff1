//! Consent tokens: a consent in a form that can be printed, carried and checked offline.
//!
//! ```text
//! token = postcard { version = 1, key_id, claims without subjects, sealed subjects }
//!         ‖ Ed25519( "tongcha/consent/v1\0" ‖ the above )                        at most 2 KiB
//! text  = "tc1." ‖ base64url( token )
//! ```
//!
//! The subjects are sealed for issuer and holder (and the requester), so that a lost receipt doesn't tell whose it
//! was. The prefix keeps a token from passing as an event and the reverse.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::Aead;
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use rand::{CryptoRng, RngCore};
use serde::{Deserialize, Serialize};
use tongcha_domain::consent::{ConsentClaims, SUBJECTS_MAX};
use tongcha_domain::id::{ConsentId, PartyId};
use tongcha_domain::identity::Subject;

use crate::body::BodyKey;
use crate::canonical::{self, CodecError};
use crate::channel::{ChannelError, ChannelReceiver, ChannelSender, WrappedKey};
use crate::entry::SIGNATURE_LEN;
use crate::key::{Directory, KeyId, PartySecrets};

/// Version of the format.
pub const VERSION: u8 = 1;
/// Longest token in bytes: a QR code of level L holds 2,953, and base64url makes 4 of 3.
pub const TOKEN_MAX: usize = 2048;

const PREFIX: &[u8] = b"tongcha/consent/v1\0";
const TEXT_PREFIX: &str = "tc1.";
// A token's key is wrapped under a channel that is set up for this token alone.
const PLACE: u64 = 0;

/// Why a token is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// The text is not `tc1.` and base64url.
    #[error("not a token: it begins with tc1. and holds letters, digits, - and _")]
    Text,
    /// Longer than [`TOKEN_MAX`], or too short to hold a signature.
    #[error("{0} bytes is no length of a token")]
    Length(usize),
    /// The canonical form.
    #[error("the token is refused")]
    Codec(#[source] CodecError),
    /// A version this code doesn't know.
    #[error("version {0} is not known")]
    Version(u8),
    /// The issuer or its key is not in the directory.
    #[error("{0} has no key of this name")]
    UnknownKey(PartyId),
    /// The signature does not verify.
    #[error("the signature does not verify")]
    Signature,
    /// The token's subjects are not sealed for us.
    #[error("the token is not for {0}")]
    NotForUs(PartyId),
    /// The sealed subjects don't open.
    #[error("the subjects do not open")]
    Subjects,
    /// The key of the subjects.
    #[error("the key of the subjects is refused")]
    Key(#[source] ChannelError),
    /// Our own signature failed its check.
    #[error("the token could not be signed")]
    Signing,
}

#[derive(Serialize, Deserialize)]
struct Signed {
    version: u8,
    key_id: KeyId,
    claims: ConsentClaims, // with an empty list of subjects
    subjects: Vec<u8>,
    keys: BTreeMap<PartyId, WrappedKey>,
}

/// A token's text and what it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsentToken(Vec<u8>);

impl ConsentToken {
    /// Makes the token of a granted consent.
    ///
    /// # Errors
    /// When it would be too long, or a party has no key.
    pub fn issue<R: CryptoRng + RngCore>(
        claims: &ConsentClaims,
        secrets: &PartySecrets,
        directory: &Directory,
        rng: &mut R,
    ) -> Result<Self, TokenError> {
        let mut key = BodyKey([0; 32]);
        rng.fill_bytes(&mut key.0);
        let plain = canonical::encode(&claims.subjects).map_err(TokenError::Codec)?;
        let subjects = XChaCha20Poly1305::new((&key.0).into())
            .encrypt(&XNonce::default(), plain.as_slice())
            .map_err(|_| TokenError::Subjects)?;
        let mut keys = BTreeMap::new();
        for party in [claims.issuer, claims.holder, claims.requester.party] {
            let to = directory.party(party).ok_or(TokenError::UnknownKey(party))?;
            let channel = ChannelSender::establish(secrets.party(), to, rng).map_err(TokenError::Key)?;
            keys.insert(party, channel.wrap(PLACE, &key).map_err(TokenError::Key)?);
        }
        let claims = ConsentClaims { subjects: Vec::new(), ..claims.clone() };
        let signed = Signed { version: VERSION, key_id: secrets.key_id(), claims, subjects, keys };
        let mut bytes = canonical::encode(&signed).map_err(TokenError::Codec)?;
        bytes.extend(secrets.sign(PREFIX, &bytes).ok_or(TokenError::Signing)?);
        if bytes.len() > TOKEN_MAX {
            return Err(TokenError::Length(bytes.len()));
        }
        Ok(Self(bytes))
    }

    /// Reads a token's text; nothing is verified.
    ///
    /// # Errors
    /// When it isn't one.
    pub fn from_text(text: &str) -> Result<Self, TokenError> {
        let encoded = text.trim().strip_prefix(TEXT_PREFIX).ok_or(TokenError::Text)?;
        if encoded.len() > TOKEN_MAX * 2 {
            return Err(TokenError::Length(encoded.len()));
        }
        URL_SAFE_NO_PAD.decode(encoded).map(Self).map_err(|_| TokenError::Text)
    }

    /// Returns the text to print.
    #[must_use]
    pub fn to_text(&self) -> String {
        format!("{TEXT_PREFIX}{}", URL_SAFE_NO_PAD.encode(&self.0))
    }

    /// Returns the bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Takes bytes as a token; nothing is verified.
    #[must_use]
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// Verifies everything that can be verified without secrets, and returns the claims without the subjects.
    ///
    /// # Errors
    /// Says which check fails first.
    pub fn verify(&self, directory: &Directory) -> Result<ConsentClaims, TokenError> {
        self.verified(directory).map(|signed| signed.claims)
    }

    fn verified(&self, directory: &Directory) -> Result<Signed, TokenError> {
        let length = TokenError::Length(self.0.len());
        if self.0.len() > TOKEN_MAX {
            return Err(length);
        }
        let (head, signature) = self.0.split_last_chunk::<SIGNATURE_LEN>().ok_or(length)?;
        let signed: Signed = canonical::decode(head, TOKEN_MAX).map_err(TokenError::Codec)?;
        if signed.version != VERSION {
            return Err(TokenError::Version(signed.version));
        }
        let issuer = signed.claims.issuer;
        let key = directory.key(issuer, signed.key_id).ok_or(TokenError::UnknownKey(issuer))?;
        if !key.verify(PREFIX, head, signature) {
            return Err(TokenError::Signature);
        }
        Ok(signed)
    }

    /// Verifies the token and opens its subjects.
    ///
    /// # Errors
    /// Says which check fails first.
    pub fn open(&self, directory: &Directory, secrets: &PartySecrets) -> Result<ConsentClaims, TokenError> {
        let Signed { mut claims, subjects, keys, .. } = self.verified(directory)?;
        let me = secrets.party();
        let wrapped = keys.get(&me).ok_or(TokenError::NotForUs(me))?;
        let key = ChannelReceiver::default()
            .unwrap(secrets.sealing(), me, claims.issuer, PLACE, wrapped)
            .map_err(TokenError::Key)?;
        let plain = XChaCha20Poly1305::new((&key.0).into())
            .decrypt(&XNonce::default(), subjects.as_slice())
            .map_err(|_| TokenError::Subjects)?;
        let subjects: Vec<Subject> = canonical::decode(&plain, TOKEN_MAX).map_err(TokenError::Codec)?;
        if subjects.len() > SUBJECTS_MAX || !claims.subjects.is_empty() {
            return Err(TokenError::Subjects);
        }
        claims.subjects = subjects;
        Ok(claims)
    }

    /// Returns the id a token claims, unverified: to name it in a refusal.
    #[must_use]
    pub fn claimed_id(&self) -> Option<ConsentId> {
        let (head, _) = self.0.split_last_chunk::<SIGNATURE_LEN>()?;
        canonical::decode::<Signed>(head, TOKEN_MAX).ok().map(|signed| signed.claims.id)
    }
}
