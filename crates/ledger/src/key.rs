//! Keys: a party's signing and sealing keys, and the card that publishes them.

use curve25519_dalek::edwards::CompressedEdwardsY;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable, Kem, Serializable};
use rand::{CryptoRng, RngCore};
use serde::{Deserialize, Serialize};
use tongcha_domain::id::PartyId;
use tongcha_domain::keys::{KeyCertificate, KeyWord, SignedStatement};
use tongcha_domain::time::Date;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::canonical::CodecError;
use crate::directory::StatementError;
use crate::root::{RootSecret, statement_text};
use crate::sha256;

pub use crate::card::{Hex, PartyCard};
pub use crate::directory::{Directory, KnownKey};

const CARD_PREFIX: &[u8] = b"tongcha/party-card/v1\0";
const KEY_ID_PREFIX: &[u8] = b"tongcha/key-id/v1\0";

/// Names a signing key: the first 8 bytes of a prefixed SHA-256 over the public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct KeyId(pub [u8; 8]);

impl KeyId {
    pub(crate) fn of(public: &[u8; 32]) -> Self {
        let digest = sha256(KEY_ID_PREFIX, &[public]);
        let mut id = [0; 8];
        id.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
        Self(id)
    }
}

/// Why a key or a card is not registered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The bytes are no point, or not its canonical encoding.
    #[error("not a canonical Ed25519 public key")]
    NotCanonical,
    /// A point of small order: signatures under it prove nothing.
    #[error("a weak Ed25519 public key (small order)")]
    Weak,
    /// A point with a small-order part: some signatures under it are valid to some verifiers only.
    #[error("an Ed25519 public key that is not torsion-free")]
    Torsion,
    /// The sealing key is no X25519 public key.
    #[error("not an X25519 public key")]
    Sealing,
    /// The card is not signed by the key it publishes.
    #[error("the card's proof of possession does not verify")]
    Possession,
    /// Two cards for one party.
    #[error("two cards for {0}")]
    Duplicate(PartyId),
    /// A statement on the card.
    #[error("a statement on the card of {0} is refused")]
    Statement(PartyId, #[source] Box<StatementError>),
    /// The card names a root key that did not certify the card's own key.
    #[error("the card of {0} names a root key that did not certify its signing key")]
    Uncertified(PartyId),
    /// The card can't be encoded.
    #[error(transparent)]
    Codec(#[from] CodecError),
}

/// A party's secret keys. Wiped from memory when dropped.
pub struct PartySecrets {
    party: PartyId,
    signing: SigningKey,
    /// The newest first: what others sealed for the former ones must still open.
    sealing: Vec<SealingSecret>,
}

/// An X25519 secret key.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct SealingSecret(pub(crate) [u8; 32]);

impl PartySecrets {
    /// Makes new keys.
    pub fn generate<R: CryptoRng + RngCore>(party: PartyId, rng: &mut R) -> Self {
        let mut seed = [0; 32];
        rng.fill_bytes(&mut seed);
        let (secret, _) = X25519HkdfSha256::gen_keypair(rng);
        let mut sealing = [0; 32];
        sealing.copy_from_slice(&secret.to_bytes());
        Self::from_seeds(party, seed, sealing)
    }

    /// Makes the keys from their stored seeds.
    #[must_use]
    pub fn from_seeds(party: PartyId, signing: [u8; 32], sealing: [u8; 32]) -> Self {
        Self { party, signing: SigningKey::from_bytes(&signing), sealing: vec![SealingSecret(sealing)] }
    }

    /// Adds the sealing keys that were in use before this one.
    #[must_use]
    pub fn with_former_sealing(mut self, former: impl IntoIterator<Item = [u8; 32]>) -> Self {
        self.sealing.extend(former.into_iter().map(SealingSecret));
        self
    }

    /// Returns the seeds to store: signing key, sealing key.
    #[must_use]
    pub fn seeds(&self) -> ([u8; 32], [u8; 32]) {
        (self.signing.to_bytes(), self.sealing.first().map_or([0; 32], |sealing| sealing.0))
    }

    /// Returns the party.
    #[must_use]
    pub fn party(&self) -> PartyId {
        self.party
    }

    /// Returns the name of the signing key.
    #[must_use]
    pub fn key_id(&self) -> KeyId {
        KeyId::of(self.signing.verifying_key().as_bytes())
    }

    /// Returns what a root says to certify these keys.
    ///
    /// # Errors
    /// When the keys themselves would be refused.
    pub fn certificate(&self, from_seq: u64, not_after: Date, replaces: Option<KeyId>) -> Result<KeyWord, KeyError> {
        self.card("")?.certificate(from_seq, not_after, replaces)
    }

    /// Returns the seeds of all sealing keys to store, the newest first.
    #[must_use]
    pub fn sealing_seeds(&self) -> Vec<[u8; 32]> {
        self.sealing.iter().map(|sealing| sealing.0).collect()
    }

    /// Returns the sealing secrets, the newest first.
    #[must_use]
    pub fn sealing(&self) -> &[SealingSecret] {
        &self.sealing
    }

    /// Signs prefix and message, and verifies what it made before it is released: a fault while signing could
    /// give the key away.
    #[must_use]
    pub(crate) fn sign(&self, prefix: &[u8], message: &[u8]) -> Option<[u8; 64]> {
        let signed = [prefix, message].concat();
        let signature = self.signing.sign(&signed);
        self.signing.verifying_key().verify_strict(&signed, &signature).ok()?;
        Some(signature.to_bytes())
    }

    /// Makes the card that publishes these keys, without a root: such keys can't be rotated. It also serves to take new keys
    /// to the root, which certifies them.
    ///
    /// # Errors
    /// When the keys themselves would be refused at registration.
    pub fn card(&self, broker_user: &str) -> Result<PartyCard, KeyError> {
        self.card_under(broker_user, None)
    }

    /// Makes the card that publishes these keys under a root, with the root's certificate for them.
    ///
    /// # Errors
    /// When the keys themselves would be refused at registration.
    pub fn rooted_card(
        &self,
        broker_user: &str,
        root: &RootSecret,
        certificate: &SignedStatement,
    ) -> Result<PartyCard, KeyError> {
        let mut card = self.card_under(broker_user, Some(Hex(root.public())))?;
        card.statements.push(statement_text(certificate)?);
        Ok(card)
    }

    fn card_under(&self, broker_user: &str, root: Option<Hex>) -> Result<PartyCard, KeyError> {
        let (_, seed) = self.seeds();
        let secret = <X25519HkdfSha256 as Kem>::PrivateKey::from_bytes(&seed).map_err(|_| KeyError::Sealing)?;
        let mut sealing = [0; 32];
        sealing.copy_from_slice(&X25519HkdfSha256::sk_to_pk(&secret).to_bytes());
        let mut card = PartyCard {
            party: self.party,
            root,
            signing: Hex(self.signing.verifying_key().to_bytes()),
            sealing: Hex(sealing),
            broker_user: broker_user.to_owned(),
            proof: String::new(),
            statements: Vec::new(),
        };
        card.proof = hex::encode(self.sign(CARD_PREFIX, &card.signed_bytes()?).ok_or(KeyError::Possession)?);
        Ok(card)
    }
}

/// Checks an Ed25519 public key: canonical, not weak, torsion-free.
pub(crate) fn checked_signing(public: &[u8; 32]) -> Result<VerifyingKey, KeyError> {
    let point = CompressedEdwardsY(*public).decompress().ok_or(KeyError::NotCanonical)?;
    if point.compress().0 != *public {
        return Err(KeyError::NotCanonical);
    }
    if point.is_small_order() {
        return Err(KeyError::Weak);
    }
    if !point.is_torsion_free() {
        return Err(KeyError::Torsion);
    }
    VerifyingKey::from_bytes(public).map_err(|_| KeyError::NotCanonical)
}

/// A party's public keys, checked.
#[derive(Clone, Debug)]
pub struct PartyKeys {
    party: PartyId,
    key_id: KeyId,
    signing: VerifyingKey,
    sealing: [u8; 32],
}

impl PartyKeys {
    /// Checks a card: canonical, not weak, torsion-free, proof of possession.
    ///
    /// # Errors
    /// Says which check fails.
    pub fn register(card: &PartyCard) -> Result<Self, KeyError> {
        let keys = Self::checked(card.party, &card.signing.0, &card.sealing.0)?;
        let mut proof = [0; 64];
        hex::decode_to_slice(&card.proof, &mut proof).map_err(|_| KeyError::Possession)?;
        if !keys.verify(CARD_PREFIX, &card.signed_bytes()?, &proof) {
            return Err(KeyError::Possession);
        }
        Ok(keys)
    }

    /// Checks keys that the party's root has certified. Possession is proved by the entry that adds them.
    ///
    /// # Errors
    /// Says which check fails.
    pub fn certified(party: PartyId, certificate: &KeyCertificate) -> Result<Self, KeyError> {
        Self::checked(party, &certificate.signing, &certificate.sealing)
    }

    fn checked(party: PartyId, signing: &[u8; 32], sealing: &[u8; 32]) -> Result<Self, KeyError> {
        let signing = checked_signing(signing)?;
        <X25519HkdfSha256 as Kem>::PublicKey::from_bytes(sealing).map_err(|_| KeyError::Sealing)?;
        let key_id = KeyId::of(signing.as_bytes());
        Ok(Self { party, key_id, signing, sealing: *sealing })
    }

    /// Returns the party.
    #[must_use]
    pub fn party(&self) -> PartyId {
        self.party
    }

    /// Returns the name of the signing key.
    #[must_use]
    pub fn key_id(&self) -> KeyId {
        self.key_id
    }

    /// Returns the Ed25519 public key.
    #[must_use]
    pub fn signing(&self) -> &[u8; 32] {
        self.signing.as_bytes()
    }

    /// Returns the X25519 public key.
    #[must_use]
    pub fn sealing(&self) -> &[u8; 32] {
        &self.sealing
    }

    /// Verifies strictly, one signature at a time: batch and cofactored verification are no verdicts.
    #[must_use]
    pub fn verify(&self, prefix: &[u8], message: &[u8], signature: &[u8; 64]) -> bool {
        let signed = [prefix, message].concat();
        self.signing.verify_strict(&signed, &Signature::from_bytes(signature)).is_ok()
    }
}

#[cfg(test)]
impl PartyKeys {
    /// The checks of a key alone: for the test vectors of others, who publish no proof of possession.
    pub(crate) fn without_proof(party: PartyId, key: [u8; 32]) -> Result<Self, KeyError> {
        Self::checked(party, &key, &[9; 32])
    }
}

#[cfg(test)]
mod tests {
    use curve25519_dalek::EdwardsPoint;
    use curve25519_dalek::scalar::Scalar;
    use curve25519_dalek::traits::Identity;
    use ed25519_dalek::Verifier;
    use rand::SeedableRng;

    use super::*;
    use crate::testing::flips;

    fn secrets() -> PartySecrets {
        PartySecrets::generate("macau".parse().unwrap(), &mut rand::rngs::StdRng::seed_from_u64(1))
    }

    fn registered() -> PartyKeys {
        PartyKeys::register(&secrets().card("UABC").unwrap()).unwrap()
    }

    #[test]
    fn a_card_registers_and_survives_text() {
        let card = secrets().card("UABC").unwrap();
        let keys = PartyKeys::register(&card).unwrap();
        assert_eq!(keys.key_id(), secrets().key_id());
    }

    #[test]
    fn every_changed_field_of_a_card_is_refused() {
        let card = secrets().card("UABC").unwrap();
        let other = PartySecrets::generate(card.party, &mut rand::rngs::StdRng::seed_from_u64(2)).card("UABC").unwrap();
        let changed = [
            PartyCard { party: "zhuhai".parse().unwrap(), ..card.clone() },
            PartyCard { signing: other.signing, ..card.clone() },
            PartyCard { sealing: other.sealing, ..card.clone() },
            PartyCard { broker_user: "UABD".into(), ..card.clone() },
            PartyCard { proof: other.proof, ..card.clone() },
            PartyCard { proof: "00".into(), ..card.clone() },
        ];
        for card in changed {
            assert_eq!(PartyKeys::register(&card).unwrap_err(), KeyError::Possession, "{card:?}");
        }
        assert_eq!(Directory::new([&card, &card]).unwrap_err(), KeyError::Duplicate(card.party));
    }

    const ABOVE_P: [u8; 32] = {
        // y = p + 1, which is 1 again
        let mut y = [0xFF; 32];
        (y[0], y[31]) = (0xEE, 0x7F);
        y
    };

    // Whether the equation of Ed25519 holds, with or without the cofactor: what lenient verifiers go by.
    fn holds(key: EdwardsPoint, r: EdwardsPoint, s: Scalar, k: Scalar) -> (bool, bool) {
        let gap = EdwardsPoint::mul_base(&s) - r - k * key;
        (gap == EdwardsPoint::identity(), gap.mul_by_cofactor() == EdwardsPoint::identity())
    }

    fn challenge(r: [u8; 32], key: [u8; 32], message: &[u8]) -> Scalar {
        use sha2::Digest;
        let digest = sha2::Sha512::new_with_prefix(r).chain_update(key).chain_update(message).finalize();
        Scalar::from_bytes_mod_order_wide(&digest.into())
    }

    fn torsion() -> [EdwardsPoint; 8] {
        curve25519_dalek::constants::EIGHT_TORSION
    }

    #[test]
    fn weak_mixed_and_non_canonical_keys_are_refused() {
        let card = secrets().card("UABC").unwrap();
        let with = |key: [u8; 32]| PartyKeys::register(&PartyCard { signing: Hex(key), ..card.clone() }).unwrap_err();
        for (place, small) in torsion().into_iter().enumerate() {
            assert_eq!(with(small.compress().0), KeyError::Weak, "small order, {place}");
        }
        let honest = CompressedEdwardsY(card.signing.0).decompress().unwrap();
        for (place, small) in torsion().into_iter().enumerate().skip(1) {
            assert_eq!(with((honest + small).compress().0), KeyError::Torsion, "mixed order, {place}");
        }
        let mut above = [0xFF; 32]; // y = 2^255 - 1, far above p
        above[31] = 0x7F;
        assert_eq!(with(above), KeyError::NotCanonical);
        assert_eq!(with(ABOVE_P), KeyError::NotCanonical, "the identity, written another way");
        let mut no_point = [0; 32];
        no_point[0] = 2; // y = 2 is on no point of the curve
        assert_eq!(with(no_point), KeyError::NotCanonical);
    }

    #[test]
    fn a_card_under_a_weak_or_mixed_key_proves_nothing() {
        // Under the identity every message has the signature (R = sB, s); a lenient verifier takes the card.
        let mut card = secrets().card("UABC").unwrap();
        card.signing = Hex(EdwardsPoint::identity().compress().0);
        let message = [CARD_PREFIX, &card.signed_bytes().unwrap()].concat();
        let s = Scalar::from(7u64);
        let r = EdwardsPoint::mul_base(&s).compress().0;
        let signature = [r, s.to_bytes()].concat();
        card.proof = hex::encode(&signature);
        let lenient = VerifyingKey::from_bytes(&card.signing.0).unwrap();
        assert!(lenient.verify(&message, &Signature::from_slice(&signature).unwrap()).is_ok());
        assert_eq!(PartyKeys::register(&card).unwrap_err(), KeyError::Weak);

        // Under a key of mixed order the owner signs as always; a cofactored verifier takes all of it.
        let (honest, small) = (SigningKey::from_bytes(&secrets().seeds().0), torsion()[1]);
        let key = (EdwardsPoint::mul_base(&honest.to_scalar()) + small).compress();
        card.signing = Hex(key.0);
        let message = [CARD_PREFIX, &card.signed_bytes().unwrap()].concat();
        let nonce = Scalar::from(99u64);
        let r = EdwardsPoint::mul_base(&nonce);
        let k = challenge(r.compress().0, key.0, &message);
        let s = nonce + k * honest.to_scalar();
        assert!(holds(key.decompress().unwrap(), r, s, k).1);
        card.proof = hex::encode([r.compress().0, s.to_bytes()].concat());
        assert_eq!(PartyKeys::register(&card).unwrap_err(), KeyError::Torsion);
    }

    #[test]
    fn signatures_with_a_small_or_mixed_order_r_are_refused() {
        let (signing, keys) = (SigningKey::from_bytes(&secrets().seeds().0), registered());
        let (a, key) = (signing.to_scalar(), EdwardsPoint::mul_base(&signing.to_scalar()));
        let message = [b"prefix".as_slice(), b"message"].concat();
        let refused = |r: [u8; 32], s: Scalar| {
            let signature: [u8; 64] = [r, s.to_bytes()].concat().try_into().unwrap();
            assert!(!keys.verify(b"prefix", b"message", &signature));
            signing.verifying_key().verify(&message, &Signature::from_bytes(&signature)).is_ok()
        };
        for nonce in [Scalar::ZERO, Scalar::from(99u64)] {
            for (place, small) in torsion().into_iter().enumerate() {
                if nonce != Scalar::ZERO && place == 0 {
                    continue; // an honest signature
                }
                let r = EdwardsPoint::mul_base(&nonce) + small;
                let k = challenge(r.compress().0, key.compress().0, &message);
                let s = nonce + k * a;
                let (plain, cofactored) = holds(key, r, s, k);
                assert!(cofactored && plain == (place == 0), "what the case is about");
                assert_eq!(refused(r.compress().0, s), place == 0, "a lenient verifier takes R = identity");
            }
        }
        let k = challenge(ABOVE_P, key.compress().0, &message);
        refused(ABOVE_P, k * a); // R = identity again, not in its canonical form
    }

    #[test]
    fn a_malleated_signature_is_refused() {
        const L: [u8; 32] = [
            0xED, 0xD3, 0xF5, 0x5C, 0x1A, 0x63, 0x12, 0x58, 0xD6, 0x9C, 0xF7, 0xA2, 0xDE, 0xF9, 0xDE, 0x14, 0, 0, 0, 0,
            0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
        ];
        let (keys, signature) = (registered(), secrets().sign(b"prefix", b"message").unwrap());
        assert!(keys.verify(b"prefix", b"message", &signature));
        let mut malleated = signature;
        let mut carry = 0;
        for (byte, add) in malleated[32..].iter_mut().zip(L) {
            let sum = u16::from(*byte) + u16::from(add) + carry;
            (*byte, carry) = (sum.to_le_bytes()[0], sum >> 8);
        }
        assert_eq!(carry, 0, "s + L fits");
        let same = |bytes: &[u8; 64]| Scalar::from_bytes_mod_order(*bytes.last_chunk().unwrap());
        assert_eq!(same(&malleated), same(&signature), "the same number modulo L");
        assert!(!keys.verify(b"prefix", b"message", &malleated));
    }

    #[test]
    fn a_signature_is_for_one_prefix_and_one_message() {
        let (keys, signature) = (registered(), secrets().sign(b"one\0", b"message").unwrap());
        assert!(keys.verify(b"one\0", b"message", &signature));
        assert!(!keys.verify(b"two\0", b"message", &signature));
        assert!(!keys.verify(b"one\0", b"another", &signature));
        for flipped in flips(&signature) {
            assert!(!keys.verify(b"one\0", b"message", &flipped.try_into().unwrap()));
        }
    }

    #[test]
    fn keys_come_back_from_their_seeds() {
        let (signing, sealing) = secrets().seeds();
        let again = PartySecrets::from_seeds(secrets().party(), signing, sealing);
        assert_eq!(again.card("UABC").unwrap(), secrets().card("UABC").unwrap());
    }
}
