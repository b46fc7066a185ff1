//! The root key: kept offline, it says which signing keys are a party's, and signs nothing else.
//!
//! ```text
//! statement = postcard { party, serial: u32, word }                see `tongcha_domain::keys`
//! signed    = postcard { statement, signature }    signature = Ed25519( "tongcha/key-statement/v1\0" ‖ statement )
//! text      = "tk1." ‖ base64url without padding ( signed )
//! ```
//!
//! In scope: making, signing and verifying statements, and their text. Out of scope: where in a log a statement holds
//! ([`crate::trail`]), and the files of the ceremony (`tongcha-node`).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use rand::{CryptoRng, RngCore};
use tongcha_domain::id::PartyId;
use tongcha_domain::keys::{KeyStatement, SignedStatement};

use crate::canonical::{self, CodecError};
use crate::key::{KeyError, checked_signing};

const PREFIX: &[u8] = b"tongcha/key-statement/v1\0";
const TEXT_PREFIX: &str = "tk1.";

/// Longest statement in bytes; a certificate has about 190.
pub const STATEMENT_MAX: usize = 512;

/// A party's offline secret. Wiped from memory when dropped.
pub struct RootSecret {
    party: PartyId,
    signing: SigningKey,
}

impl RootSecret {
    /// Makes a new root key.
    pub fn generate<R: CryptoRng + RngCore>(party: PartyId, rng: &mut R) -> Self {
        let mut seed = [0; 32];
        rng.fill_bytes(&mut seed);
        Self::from_seed(party, seed)
    }

    /// Makes the key from its stored seed.
    #[must_use]
    pub fn from_seed(party: PartyId, seed: [u8; 32]) -> Self {
        Self { party, signing: SigningKey::from_bytes(&seed) }
    }

    /// Returns the seed to store.
    #[must_use]
    pub fn seed(&self) -> [u8; 32] {
        self.signing.to_bytes()
    }

    /// Returns the party.
    #[must_use]
    pub fn party(&self) -> PartyId {
        self.party
    }

    /// Returns the public key.
    #[must_use]
    pub fn public(&self) -> [u8; 32] {
        self.signing.verifying_key().to_bytes()
    }

    /// Signs a statement. The caller sees to it that it is about this root's party and has a serial of its own.
    ///
    /// # Errors
    /// When it can't be encoded.
    pub fn sign(&self, statement: KeyStatement) -> Result<SignedStatement, CodecError> {
        let message = [PREFIX, &canonical::encode(&statement)?].concat();
        let (mut first, mut second) = ([0; 32], [0; 32]);
        let bytes = self.signing.sign(&message).to_bytes();
        first.iter_mut().chain(&mut second).zip(bytes).for_each(|(to, from)| *to = from);
        Ok(SignedStatement { statement, signature: [first, second] })
    }
}

/// A party's public root key, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RootKey(VerifyingKey);

impl RootKey {
    /// Checks a root key as any other: canonical, not weak, torsion-free.
    ///
    /// # Errors
    /// Says which check fails.
    pub fn register(public: &[u8; 32]) -> Result<Self, KeyError> {
        checked_signing(public).map(Self)
    }

    /// Returns the public key.
    #[must_use]
    pub fn public(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    /// Verifies strictly that this root signed a statement.
    #[must_use]
    pub fn verify(&self, signed: &SignedStatement) -> bool {
        let Ok(statement) = canonical::encode(&signed.statement) else { return false };
        let mut signature = [0; 64];
        signature.iter_mut().zip(signed.signature.iter().flatten()).for_each(|(to, from)| *to = *from);
        self.0.verify_strict(&[PREFIX, &statement].concat(), &Signature::from_bytes(&signature)).is_ok()
    }
}

/// Why text is no statement.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StatementTextError {
    /// Not `tk1.` and base64url.
    #[error("not a statement: it begins with tk1. and holds letters, digits, - and _")]
    Text,
    /// The canonical form.
    #[error("the statement is refused")]
    Codec(#[source] CodecError),
}

/// Writes a statement as text, to be carried and kept in files.
///
/// # Errors
/// When it can't be encoded.
pub fn statement_text(signed: &SignedStatement) -> Result<String, CodecError> {
    Ok(format!("{TEXT_PREFIX}{}", URL_SAFE_NO_PAD.encode(canonical::encode(signed)?)))
}

/// Reads a statement's text; nothing is verified.
///
/// # Errors
/// When it isn't one.
pub fn read_statement(text: &str) -> Result<SignedStatement, StatementTextError> {
    let encoded = text.trim().strip_prefix(TEXT_PREFIX).ok_or(StatementTextError::Text)?;
    if encoded.len() > STATEMENT_MAX * 2 {
        return Err(StatementTextError::Text);
    }
    let bytes = URL_SAFE_NO_PAD.decode(encoded).map_err(|_| StatementTextError::Text)?;
    canonical::decode(&bytes, STATEMENT_MAX).map_err(StatementTextError::Codec)
}

#[cfg(test)]
mod tests {
    use tongcha_domain::keys::KeyWord;

    use super::*;
    use crate::testing::{flips, party, rng};

    fn signed() -> (RootSecret, SignedStatement) {
        let root = RootSecret::generate(party("zhuhai"), &mut rng(1));
        let word = KeyWord::Compromised { key: [7; 8], cut: 300 };
        let signed = root.sign(KeyStatement { party: party("zhuhai"), serial: 3, word }).unwrap();
        (root, signed)
    }

    #[test]
    fn a_statement_crosses_as_text_and_verifies() {
        let (root, signed) = signed();
        let read = read_statement(&format!("{}\n", statement_text(&signed).unwrap())).unwrap();
        assert_eq!(read, signed);
        assert!(RootKey::register(&root.public()).unwrap().verify(&read));
        assert_eq!(RootSecret::from_seed(root.party(), root.seed()).public(), root.public());
    }

    #[test]
    fn every_single_bit_flip_is_refused() {
        let (root, signed) = signed();
        let key = RootKey::register(&root.public()).unwrap();
        for flipped in flips(&canonical::encode(&signed).unwrap()) {
            let read = canonical::decode::<SignedStatement>(&flipped, STATEMENT_MAX);
            assert!(read.is_err() || !key.verify(&read.unwrap()));
        }
    }

    #[test]
    fn another_root_another_prefix_and_other_text_are_refused() {
        let (root, signed) = signed();
        let other = RootSecret::generate(party("zhuhai"), &mut rng(2));
        assert!(!RootKey::register(&other.public()).unwrap().verify(&signed));
        // What the same key signs under another prefix is no statement: a root that signed an event by mistake.
        let event = [b"tongcha/event/v1\0".as_slice(), &canonical::encode(&signed.statement).unwrap()].concat();
        let bytes = root.signing.sign(&event).to_bytes();
        let signature = [bytes[..32].try_into().unwrap(), bytes[32..].try_into().unwrap()];
        assert!(!RootKey::register(&root.public()).unwrap().verify(&SignedStatement { signature, ..signed.clone() }));
        for text in ["", "tk1.", "tc1.AAAA", "tk1.!!", &format!("tk1.{}", "A".repeat(2000))] {
            assert!(read_statement(text).is_err(), "{text}");
        }
        assert_eq!(RootKey::register(&[0; 32]).unwrap_err(), KeyError::Weak);
    }
}
