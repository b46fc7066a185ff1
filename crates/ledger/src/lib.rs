//! Exact bytes: how entries, bodies, tokens and asks look, and who can have made them.
//!
//! In scope: the canonical codec, keys and their registration, log entries and their chain, sealing of bodies and
//! wrapping of body keys, consent tokens, the sealed question and answer of a lookup, the parcel an entry travels in, the
//! Merkle tree over a log with its checkpoints, cosignatures and tiles, the published schema of it all.
//!
//! Out of scope: what events mean (`tongcha-domain`), where bytes are kept or sent (`tongcha-node`), randomness and
//! time (arguments). The normative text of the formats is in `proto-schemas/`.
//!
//! Every signature is made over a domain-separation prefix and the bytes as they are stored and sent; bytes are
//! verified as received, then decoded, and refused when encoding them again would give other bytes.

pub mod ask;
pub mod body;
pub mod canonical;
pub mod card;
pub mod channel;
pub mod checkpoint;
pub mod directory;
pub mod entry;
pub mod frame;
pub mod key;
pub mod matching;
pub mod merkle;
pub mod note;
pub mod note_slots;
pub mod parcel;
pub mod proof;
pub mod published;
pub mod root;
mod sealed;
pub mod slot;
pub mod tile;
pub mod token;
pub mod trail;

/// SHA-256 over a prefix and parts.
#[must_use]
pub fn sha256(prefix: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    use sha2::Digest;
    let mut hasher = sha2::Sha256::new_with_prefix(prefix);
    parts.iter().for_each(|part| hasher.update(part));
    hasher.finalize().into()
}

#[cfg(test)]
mod flips_tests;
#[cfg(test)]
mod tables_tests;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod vectors_tests;
