//! The state root: one digest over all rows, kept up to date row by row.
//!
//! A sum over the rows (LtHash, Bellare and Micciancio 1997; Lewi et al. 2019, eprint 2019/227): each row is hashed
//! to 1,024 16-bit numbers, which are added modulo 2^16. The sum does not depend on the order of the rows, a change
//! costs two hashes however large the view is, and finding another set of rows with the same sum is a hard lattice
//! problem. (An exclusive-or of plain hashes would not do: collisions in it are linear algebra.)

use std::fmt;

const LANES: usize = 1024;
/// Size of a stored sum, in bytes.
pub const SET_DIGEST_LEN: usize = LANES * 2;

/// The running sum over a set of rows.
#[derive(Clone, PartialEq, Eq)]
pub struct SetDigest(Box<[u16; LANES]>);

/// A digest of a whole view: a pure function of the set of entries a party has accepted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct StateRoot(pub [u8; 32]);

impl Default for SetDigest {
    fn default() -> Self {
        Self(Box::new([0; LANES]))
    }
}

fn lanes(key: &[u8], value: &[u8]) -> impl Iterator<Item = u16> {
    let mut hasher = blake3::Hasher::new_derive_key("tongcha 2026-11 view row v1");
    hasher.update(&(key.len() as u64).to_le_bytes()).update(key).update(value);
    let mut bytes = [0; SET_DIGEST_LEN];
    hasher.finalize_xof().fill(&mut bytes);
    to_lanes(bytes)
}

fn to_lanes(bytes: [u8; SET_DIGEST_LEN]) -> impl Iterator<Item = u16> {
    (0..LANES).map(move |i| match bytes.get(2 * i..2 * i + 2) {
        Some([low, high]) => u16::from_le_bytes([*low, *high]),
        Some(_) | None => 0, // not reached: the array has two bytes for every lane
    })
}

impl SetDigest {
    /// Adds a row.
    pub fn add(&mut self, key: &[u8], value: &[u8]) {
        self.0.iter_mut().zip(lanes(key, value)).for_each(|(sum, lane)| *sum = sum.wrapping_add(lane));
    }

    /// Takes a row away that was added before.
    pub fn remove(&mut self, key: &[u8], value: &[u8]) {
        self.0.iter_mut().zip(lanes(key, value)).for_each(|(sum, lane)| *sum = sum.wrapping_sub(lane));
    }

    /// Returns the sum as bytes, for the checkpoint.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.iter().flat_map(|lane| lane.to_le_bytes()).collect()
    }

    /// Reads a stored sum; none when the length is not [`SET_DIGEST_LEN`].
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let bytes: [u8; SET_DIGEST_LEN] = bytes.try_into().ok()?;
        let mut sum = Self::default();
        sum.0.iter_mut().zip(to_lanes(bytes)).for_each(|(to, lane)| *to = lane);
        Some(sum)
    }

    /// Returns the digest of the sum.
    #[must_use]
    pub fn root(&self) -> StateRoot {
        let mut hasher = blake3::Hasher::new_derive_key("tongcha 2026-11 state root v1");
        hasher.update(&self.to_bytes());
        StateRoot(*hasher.finalize().as_bytes())
    }
}

impl fmt::Debug for SetDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SetDigest({})", self.root())
    }
}

impl fmt::Display for StateRoot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for StateRoot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_does_not_matter_and_removal_undoes_addition() {
        let mut one = SetDigest::default();
        one.add(b"a", b"1");
        one.add(b"b", b"2");
        let mut two = SetDigest::default();
        two.add(b"b", b"2");
        two.add(b"c", b"3");
        two.add(b"a", b"1");
        assert_ne!(one.root(), two.root());
        two.remove(b"c", b"3");
        assert_eq!(one.root(), two.root());
        assert_eq!(SetDigest::from_bytes(&two.to_bytes()), Some(one));
    }

    #[test]
    fn key_and_value_do_not_run_into_each_other() {
        let (mut one, mut two) = (SetDigest::default(), SetDigest::default());
        one.add(b"ab", b"c");
        two.add(b"a", b"bc");
        assert_ne!(one.root(), two.root());
    }

    #[test]
    fn a_row_twice_is_not_no_row() {
        let mut sum = SetDigest::default();
        sum.add(b"a", b"1");
        sum.add(b"a", b"1");
        assert_ne!(sum.root(), SetDigest::default().root());
    }
}
