//! Keys in time: which signing keys of a party are valid at which places of its log.
//!
//! In scope: what the party's offline root key says of its signing keys, the events that carry it, and the rule by which an
//! entry is judged by the keys valid at its own place ([`KeyTimes`]). Out of scope: signatures and the form of keys
//! (`tongcha-ledger`), files and the ceremony (`tongcha-node`).
//!
//! - A key is valid from the entry that adds it. That entry is signed by the key it adds and carries the root's certificate.
//! - A certificate that replaces a key ends it at the same entry: a rotation is one entry and can't be left half done.
//! - A retired key ends at the entry that says so; a compromised key at the place that the root names, which can lie before
//!   that entry, but never before an entry that was already taken with this key: nobody takes back what others have
//!   witnessed.
//! - A key that has ended never comes back, and a certificate older than the last one taken is void.

mod events;
mod facts;
mod record;
mod times;

pub use events::{KeyAdded, KeyCompromised, KeyRetired, said_of_keys};
pub use facts::KeyFacts;
pub use record::RecordKeyStatement;
pub use times::{KeyEnd, KeyFault, KeySpan, KeyTimes};

use serde::{Deserialize, Serialize};

use crate::id::PartyId;
use crate::time::Date;

/// Names a signing key: the first 8 bytes of a prefixed hash over it.
pub type KeyName = [u8; 8];

/// Something that a party's root key says of the party's signing keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyStatement {
    /// Whose keys.
    pub party: PartyId,
    /// Counts the root's statements; the first key's certificate is number 1.
    pub serial: u32,
    /// What it says.
    pub word: KeyWord,
}

/// What a root says. Wire order is the order here: append only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeyWord {
    /// This is a key of the party.
    Certified(KeyCertificate),
    /// This key signs no more, from the entry on that says so.
    Retired {
        /// The key.
        key: KeyName,
    },
    /// Somebody else has this key: what is signed with it counts before a place of the log only.
    Compromised {
        /// The key.
        key: KeyName,
        /// The first place at which it does not count.
        cut: u64,
    },
}

/// A key of the party.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyCertificate {
    /// Its name.
    pub key: KeyName,
    /// Ed25519 public key.
    pub signing: [u8; 32],
    /// X25519 public key, with which others seal for the party.
    pub sealing: [u8; 32],
    /// The key signs nothing before this place. Who has only the certificate knows at least this much.
    pub from_seq: u64,
    /// When it is to be replaced. Nothing is refused after it; alarms begin well before it.
    pub not_after: Date,
    /// The key that ends when this one is added.
    pub replaces: Option<KeyName>,
}

/// A statement with the root's signature: the two halves of an Ed25519 signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedStatement {
    /// What is said.
    pub statement: KeyStatement,
    /// By whom it is proved.
    pub signature: [[u8; 32]; 2],
}
