//! The card: what a party publishes of its keys.

use serde::{Deserialize, Serialize};
use tongcha_domain::id::PartyId;
use tongcha_domain::keys::{KeyCertificate, KeyWord};
use tongcha_domain::time::Date;

use crate::canonical::{self, CodecError};
use crate::key::{KeyError, KeyId, PartyKeys};

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
    /// Ed25519 public key of the party's offline root. A card without one names keys that can't be rotated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root: Option<Hex>,
    /// Ed25519 public key: the one with which the party's log begins.
    pub signing: Hex,
    /// X25519 public key.
    pub sealing: Hex,
    /// NATS user key (`U…`) with which the party reads at its peers' brokers.
    pub broker_user: String,
    /// Signature by the signing key over the above, hexadecimal: proof of possession.
    pub proof: String,
    /// What the root says of the party's keys ([`crate::root`]); each is signed by itself. With a root, the first is the
    /// certificate of the signing key.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub statements: Vec<String>,
}

impl PartyCard {
    /// Returns what a root says to certify the keys of this card, whose proof of possession is checked.
    ///
    /// # Errors
    /// Says which check of the card fails.
    pub fn certificate(&self, from_seq: u64, not_after: Date, replaces: Option<KeyId>) -> Result<KeyWord, KeyError> {
        let key = PartyKeys::register(self)?.key_id().0;
        let (signing, sealing, replaces) = (self.signing.0, self.sealing.0, replaces.map(|key| key.0));
        Ok(KeyWord::Certified(KeyCertificate { key, signing, sealing, from_seq, not_after, replaces }))
    }

    pub(crate) fn signed_bytes(&self) -> Result<Vec<u8>, CodecError> {
        let mut bytes = canonical::encode(&(self.party, self.signing.0, self.sealing.0, &self.broker_user))?;
        bytes.extend(self.root.iter().flat_map(|root| root.0));
        Ok(bytes)
    }
}
