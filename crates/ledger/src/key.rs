//! Keys: a party's signing and sealing keys, the card that publishes them, and the directory of cards.

use std::collections::BTreeMap;

use curve25519_dalek::edwards::CompressedEdwardsY;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable, Kem, Serializable};
use rand::{CryptoRng, RngCore};
use serde::{Deserialize, Serialize};
use tongcha_domain::id::PartyId;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::canonical::{self, CodecError};
use crate::sha256;

const CARD_PREFIX: &[u8] = b"tongcha/party-card/v1\0";
const KEY_ID_PREFIX: &[u8] = b"tongcha/key-id/v1\0";

/// Names a signing key: the first 8 bytes of a prefixed SHA-256 over the public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct KeyId(pub [u8; 8]);

impl KeyId {
    fn of(public: &[u8; 32]) -> Self {
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
    /// The card can't be encoded.
    #[error(transparent)]
    Codec(#[from] CodecError),
}

/// A party's secret keys. Wiped from memory when dropped.
pub struct PartySecrets {
    party: PartyId,
    signing: SigningKey,
    sealing: SealingSecret,
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
        Self { party, signing: SigningKey::from_bytes(&signing), sealing: SealingSecret(sealing) }
    }

    /// Returns the seeds to store: signing key, sealing key.
    #[must_use]
    pub fn seeds(&self) -> ([u8; 32], [u8; 32]) {
        (self.signing.to_bytes(), self.sealing.0)
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

    /// Returns the sealing secret.
    #[must_use]
    pub fn sealing(&self) -> &SealingSecret {
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

    /// Makes the card that publishes these keys.
    ///
    /// # Errors
    /// When the keys themselves would be refused at registration.
    pub fn card(&self, broker_user: &str) -> Result<PartyCard, KeyError> {
        let secret = <X25519HkdfSha256 as Kem>::PrivateKey::from_bytes(&self.sealing.0).map_err(|_| KeyError::Sealing)?;
        let mut sealing = [0; 32];
        sealing.copy_from_slice(&X25519HkdfSha256::sk_to_pk(&secret).to_bytes());
        let mut card = PartyCard {
            party: self.party,
            signing: Hex(self.signing.verifying_key().to_bytes()),
            sealing: Hex(sealing),
            broker_user: broker_user.to_owned(),
            proof: String::new(),
        };
        card.proof = hex::encode(self.sign(CARD_PREFIX, &card.signed_bytes()?).ok_or(KeyError::Possession)?);
        Ok(card)
    }
}

/// 32 bytes, hexadecimal in text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hex(pub [u8; 32]);

impl Serialize for Hex {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(self.0))
    }
}

impl<'de> Deserialize<'de> for Hex {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(String::deserialize(deserializer)?, &mut bytes).map_err(serde::de::Error::custom)?;
        Ok(Self(bytes))
    }
}

/// What a party publishes of itself; exchanged between the parties by hand, checked by voice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartyCard {
    /// The party.
    pub party: PartyId,
    /// Ed25519 public key.
    pub signing: Hex,
    /// X25519 public key.
    pub sealing: Hex,
    /// NATS user key (`U…`) with which the party reads at its peers' brokers.
    pub broker_user: String,
    /// Signature by the signing key over the rest, hexadecimal: proof of possession.
    pub proof: String,
}

impl PartyCard {
    fn signed_bytes(&self) -> Result<Vec<u8>, CodecError> {
        canonical::encode(&(self.party, self.signing.0, self.sealing.0, &self.broker_user))
    }
}

/// A party's public keys, checked.
#[derive(Clone, Debug)]
pub struct PartyKeys {
    party: PartyId,
    signing: VerifyingKey,
    sealing: [u8; 32],
}

impl PartyKeys {
    /// Checks a card: canonical, not weak, torsion-free, proof of possession.
    ///
    /// # Errors
    /// Says which check fails.
    pub fn register(card: &PartyCard) -> Result<Self, KeyError> {
        let point = CompressedEdwardsY(card.signing.0).decompress().ok_or(KeyError::NotCanonical)?;
        if point.compress().0 != card.signing.0 {
            return Err(KeyError::NotCanonical);
        }
        if point.is_small_order() {
            return Err(KeyError::Weak);
        }
        if !point.is_torsion_free() {
            return Err(KeyError::Torsion);
        }
        let signing = VerifyingKey::from_bytes(&card.signing.0).map_err(|_| KeyError::NotCanonical)?;
        <X25519HkdfSha256 as Kem>::PublicKey::from_bytes(&card.sealing.0).map_err(|_| KeyError::Sealing)?;
        let keys = Self { party: card.party, signing, sealing: card.sealing.0 };
        let mut proof = [0; 64];
        hex::decode_to_slice(&card.proof, &mut proof).map_err(|_| KeyError::Possession)?;
        if !keys.verify(CARD_PREFIX, &card.signed_bytes()?, &proof) {
            return Err(KeyError::Possession);
        }
        Ok(keys)
    }

    /// Returns the party.
    #[must_use]
    pub fn party(&self) -> PartyId {
        self.party
    }

    /// Returns the name of the signing key.
    #[must_use]
    pub fn key_id(&self) -> KeyId {
        KeyId::of(self.signing.as_bytes())
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

/// The parties of the exchange and their keys.
#[derive(Clone, Debug, Default)]
pub struct Directory(BTreeMap<PartyId, PartyKeys>);

impl Directory {
    /// Registers the cards.
    ///
    /// # Errors
    /// When a card fails a check, or a party has two.
    pub fn new<'a>(cards: impl IntoIterator<Item = &'a PartyCard>) -> Result<Self, KeyError> {
        let mut parties = BTreeMap::new();
        for card in cards {
            if parties.insert(card.party, PartyKeys::register(card)?).is_some() {
                return Err(KeyError::Duplicate(card.party));
            }
        }
        Ok(Self(parties))
    }

    /// Returns a party's keys.
    #[must_use]
    pub fn party(&self, party: PartyId) -> Option<&PartyKeys> {
        self.0.get(&party)
    }

    /// Returns the key of a party with a given name.
    #[must_use]
    pub fn key(&self, party: PartyId, key_id: KeyId) -> Option<&PartyKeys> {
        self.party(party).filter(|keys| keys.key_id() == key_id)
    }

    /// Returns the parties, in order of their names.
    pub fn parties(&self) -> impl Iterator<Item = PartyId> {
        self.0.keys().copied()
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    fn secrets() -> PartySecrets {
        PartySecrets::generate("macau".parse().unwrap(), &mut rand::rngs::StdRng::seed_from_u64(1))
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

    #[test]
    fn weak_mixed_and_non_canonical_keys_are_refused() {
        let card = secrets().card("UABC").unwrap();
        let with = |key: [u8; 32]| PartyKeys::register(&PartyCard { signing: Hex(key), ..card.clone() }).unwrap_err();
        let torsion = curve25519_dalek::constants::EIGHT_TORSION;
        assert_eq!(with(torsion[0].compress().0), KeyError::Weak, "the identity");
        assert_eq!(with(torsion[1].compress().0), KeyError::Weak);
        let honest = CompressedEdwardsY(card.signing.0).decompress().unwrap();
        assert_eq!(with((honest + torsion[1]).compress().0), KeyError::Torsion);
        let mut above_p = [0xFF; 32]; // y = 2^255 - 1 > p
        above_p[31] = 0x7F;
        assert_eq!(with(above_p), KeyError::NotCanonical);
    }
}
