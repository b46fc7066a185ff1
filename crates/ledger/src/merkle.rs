//! The Merkle tree over the leaves of a log: RFC 6962 section 2.1, verified as RFC 9162 section 2.1 says.
//!
//! In scope: the root of a growing log, proofs that an entry is in it (inclusion) and that a later tree keeps all of an
//! earlier one (consistency), and their verification. Out of scope: who signs a root ([`crate::checkpoint`]), how hashes
//! are published ([`crate::tile`]), and where they are kept: a [`HashReader`] has them.
//!
//! ```text
//! MTH({})     = SHA-256()
//! MTH({d})    = SHA-256( 0x00 ‖ d )                                                 a leaf, see crate::entry::leaf
//! MTH(D[0:n]) = SHA-256( 0x01 ‖ MTH(D[0:k]) ‖ MTH(D[k:n]) )                         k: largest power of two below n
//! ```
//!
//! Of the tree's nodes only every eighth row is kept, as in published tiles; what lies between is hashed again when it is
//! asked for, 128 hashes at most for one node.

use crate::sha256;

/// A node of the tree: a leaf or the hash of two nodes.
pub type Hash = [u8; 32];

const NODE_PREFIX: &[u8] = &[1];

/// The root of the tree without leaves: SHA-256 of nothing (RFC 6962 section 2.1).
pub const EMPTY_ROOT: Hash = [
    0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27, 0xae, 0x41,
    0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
];

/// The most leaves of a tree: what a signed 64-bit integer holds, which many readers of these formats use.
pub const SIZE_MAX: u64 = (1 << 63) - 1;

/// The most hashes of a proof about a tree of at most [`SIZE_MAX`] leaves: its height and one. A longer proof verifies for
/// no tree and need not be read.
pub const PROOF_MAX: usize = 64;

/// Rows of the tree from one kept row to the next: the height of a tile.
pub const TILE_HEIGHT: u8 = 8;

/// Hashes in a full tile.
pub const TILE_WIDTH: u16 = 1 << TILE_HEIGHT;

/// Returns the hash of two nodes.
#[must_use]
pub fn node(left: &Hash, right: &Hash) -> Hash {
    sha256(NODE_PREFIX, &[left, right])
}

/// Returns the root of the tree over some nodes of one row, leaves for instance.
#[must_use]
pub fn root_over(row: &[Hash]) -> Hash {
    let mut row = row.to_vec();
    while row.len() > 1 {
        let (pairs, odd) = row.as_chunks::<2>();
        row = pairs.iter().map(|[left, right]| node(left, right)).chain(odd.iter().copied()).collect();
    }
    row.first().copied().unwrap_or(EMPTY_ROOT)
}

/// A tree named by its size and root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TreeHead {
    /// Number of leaves.
    pub size: u64,
    /// Root hash.
    pub root: Hash,
}

impl TreeHead {
    /// The tree without leaves: what is known of a log before anything is.
    pub const EMPTY: Self = Self { size: 0, root: EMPTY_ROOT };
}

/// What is kept of a tree: the leaves (level 0), and of each full run of 256 hashes of a level the root (next level).
pub trait HashReader {
    /// Why a hash can't be read.
    type Error: std::error::Error + 'static;

    /// Reads consecutive hashes of a level, beginning at a position, into all of `into`. The hash at position `i` of
    /// level `l` is `MTH(D[i * 256^l : (i + 1) * 256^l])`.
    ///
    /// # Errors
    /// When one of them is not there or can't be read.
    fn read(&self, level: u8, position: u64, into: &mut [Hash]) -> Result<(), Self::Error>;
}

/// A [`HashReader`] that grows.
pub trait HashStore: HashReader {
    /// Appends a hash to a level.
    ///
    /// # Errors
    /// When it can't be written.
    fn push(&mut self, level: u8, hash: &Hash) -> Result<(), Self::Error>;
}

/// Returns how many hashes of a level are kept of a tree of a given size. A store that holds more than this after a
/// crash is cut back to it; one that holds less is filled again from the leaves.
#[must_use]
pub fn level_len(level: u8, size: u64) -> u64 {
    size.checked_shr(u32::from(level) * u32::from(TILE_HEIGHT)).unwrap_or(0)
}

/// Appends a leaf to the store of a tree of `size` leaves, with the hashes of higher levels that it completes.
///
/// # Errors
/// When the store can't be read or written; it may then hold the leaf without what it completes.
pub fn append<S: HashStore>(store: &mut S, size: u64, leaf: &Hash) -> Result<(), S::Error> {
    let (mut hash, mut level, mut count) = (*leaf, 0, size.saturating_add(1));
    loop {
        store.push(level, &hash)?;
        if !count.is_multiple_of(TILE_WIDTH.into()) {
            return Ok(());
        }
        let mut tile = [[0; 32]; TILE_WIDTH as usize];
        store.read(level, count - u64::from(TILE_WIDTH), &mut tile)?;
        (hash, level, count) = (root_over(&tile), level + 1, count / u64::from(TILE_WIDTH));
    }
}

/// A hash that a [`MemoryHashes`] does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("hash {position} of level {level} is not there")]
pub struct Missing {
    /// The level.
    pub level: u8,
    /// The first position asked for.
    pub position: u64,
}

/// A [`HashStore`] in memory: 32 bytes for each leaf.
#[derive(Clone, Debug, Default)]
pub struct MemoryHashes(Vec<Vec<Hash>>);

impl MemoryHashes {
    /// Returns how many leaves it holds.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.0.first().map_or(0, |leaves| leaves.len() as u64)
    }

    /// Appends a leaf.
    pub fn append(&mut self, leaf: &Hash) {
        // Memory refuses nothing, and what `append` reads back it has pushed before.
        let _ = append(self, self.size(), leaf);
    }
}

impl HashReader for MemoryHashes {
    type Error = Missing;

    fn read(&self, level: u8, position: u64, into: &mut [Hash]) -> Result<(), Missing> {
        let kept = || {
            let start = usize::try_from(position).ok()?;
            self.0.get(usize::from(level))?.get(start..start.checked_add(into.len())?)
        };
        into.copy_from_slice(kept().ok_or(Missing { level, position })?);
        Ok(())
    }
}

impl HashStore for MemoryHashes {
    fn push(&mut self, level: u8, hash: &Hash) -> Result<(), Missing> {
        let level = usize::from(level);
        if self.0.len() <= level {
            self.0.resize_with(level + 1, Vec::new);
        }
        if let Some(row) = self.0.get_mut(level) {
            row.push(*hash);
        }
        Ok(())
    }
}

/// The right edge of a tree: the roots of the perfect subtrees it consists of, at most 63. Enough to append leaves and to
/// tell the root, without the hashes below.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Hash>, // from the largest subtree to the smallest, one for each bit set in `size`
}

impl Frontier {
    /// Reads the edge of a tree of a given size.
    ///
    /// # Errors
    /// When the size is above [`SIZE_MAX`] or a hash can't be read.
    pub fn load<R: HashReader>(reader: &R, size: u64) -> Result<Self, BuildError<R::Error>> {
        if size > SIZE_MAX {
            return Err(BuildError::Range);
        }
        Ok(Self { size, peaks: peaks(reader, 0, size)? })
    }

    /// Appends a leaf.
    pub fn push(&mut self, leaf: &Hash) {
        let mut hash = *leaf;
        for _ in 0..self.size.trailing_ones() {
            let Some(left) = self.peaks.pop() else { break };
            hash = node(&left, &hash);
        }
        self.peaks.push(hash);
        self.size += 1;
    }

    /// Returns the number of leaves.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Returns the root.
    #[must_use]
    pub fn root(&self) -> Hash {
        fold(&self.peaks)
    }

    /// Returns size and root.
    #[must_use]
    pub fn head(&self) -> TreeHead {
        TreeHead { size: self.size, root: self.root() }
    }
}

/// Why a proof can't be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BuildError<E: std::error::Error + 'static> {
    /// There is no such leaf or tree: the index is not below the size, the first size above the second, or a size above
    /// [`SIZE_MAX`].
    #[error("no proof is defined for these positions")]
    Range,
    /// A hash can't be read.
    #[error("a hash of the tree can't be read")]
    Read(#[source] E),
}

/// Makes the proof that leaf `index` is in the tree of `size` leaves: `PATH(index, D[0:size])` of RFC 9162 section 2.1.3.1,
/// from the leaf's sibling upwards.
///
/// # Errors
/// When there is no such leaf or a hash can't be read.
pub fn inclusion_proof<R: HashReader>(reader: &R, index: u64, size: u64) -> Result<Vec<Hash>, BuildError<R::Error>> {
    if index >= size || size > SIZE_MAX {
        return Err(BuildError::Range);
    }
    let (mut from, mut to, mut path) = (0, size, Vec::new());
    while to - from > 1 {
        let middle = from + split(to - from);
        if index < middle {
            path.push(fold(&peaks(reader, middle, to)?));
            to = middle;
        } else {
            path.push(fold(&peaks(reader, from, middle)?));
            from = middle;
        }
    }
    path.reverse();
    Ok(path)
}

/// Makes the proof that the tree of `second` leaves begins with the tree of `first` leaves: `PROOF(first, D[0:second])` of
/// RFC 9162 section 2.1.4.1. Empty when `first` is 0 or `second`, since then there is nothing to prove.
///
/// # Errors
/// When `first` is above `second`, or a hash can't be read.
pub fn consistency_proof<R: HashReader>(
    reader: &R,
    first: u64,
    second: u64,
) -> Result<Vec<Hash>, BuildError<R::Error>> {
    if first > second || second > SIZE_MAX {
        return Err(BuildError::Range);
    }
    let (mut from, mut to, mut proof) = (0, second, Vec::new());
    if first == 0 {
        return Ok(proof);
    }
    // The subtree that ends where the first tree ends; the verifier knows it already if it is the first tree itself.
    while first != to {
        let middle = from + split(to - from);
        if first <= middle {
            proof.push(fold(&peaks(reader, middle, to)?));
            to = middle;
        } else {
            proof.push(fold(&peaks(reader, from, middle)?));
            from = middle;
        }
    }
    if from > 0 {
        proof.push(fold(&peaks(reader, from, to)?));
    }
    proof.reverse();
    Ok(proof)
}

/// Why a proof proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The tree has no leaf of this index.
    #[error("leaf {index} is not in a tree of {size}")]
    Index {
        /// The index.
        index: u64,
        /// Leaves in the tree.
        size: u64,
    },
    /// The second tree is smaller than the first.
    #[error("a tree of {second} leaves can't follow one of {first}")]
    Shrunk {
        /// Leaves in the first tree.
        first: u64,
        /// Leaves in the second tree.
        second: u64,
    },
    /// Two roots for one size. No proof can mend this: if both are signed, the log has shown two histories.
    #[error("two different trees of {size} leaves")]
    Fork {
        /// Leaves in both.
        size: u64,
    },
    /// The proof has too few or too many hashes for these sizes.
    #[error("{0} hashes are not the number that this proof has")]
    Length(usize),
    /// The hashes don't lead to the root of the first tree.
    #[error("the proof does not lead to the earlier root")]
    FirstRoot,
    /// The hashes don't lead to the root of the tree.
    #[error("the proof does not lead to the root")]
    Root,
}

/// Verifies that a leaf is in a tree at an index (RFC 9162 section 2.1.3.2).
///
/// # Errors
/// Says what is wrong with the proof.
pub fn verify_inclusion(leaf: &Hash, index: u64, tree: &TreeHead, proof: &[Hash]) -> Result<(), ProofError> {
    if index >= tree.size {
        return Err(ProofError::Index { index, size: tree.size });
    }
    let mut climb = Climb { node: index, last: tree.size - 1 };
    let mut root = *leaf;
    for hash in proof {
        root = match climb.step().ok_or(ProofError::Length(proof.len()))? {
            Sibling::Left => node(hash, &root),
            Sibling::Right => node(&root, hash),
        };
    }
    if climb.last != 0 {
        return Err(ProofError::Length(proof.len()));
    }
    if root == tree.root { Ok(()) } else { Err(ProofError::Root) }
}

/// Verifies that the second tree begins with all of the first (RFC 9162 section 2.1.4.2). Every tree begins with the empty
/// one and with itself; the proof is then empty.
///
/// # Errors
/// Says what is wrong with the trees or the proof.
pub fn verify_consistency(first: &TreeHead, second: &TreeHead, proof: &[Hash]) -> Result<(), ProofError> {
    if first.size > second.size {
        return Err(ProofError::Shrunk { first: first.size, second: second.size });
    }
    if first.size == 0 && first.root != EMPTY_ROOT {
        return Err(ProofError::FirstRoot);
    }
    if first.size == second.size && first.root != second.root {
        return Err(ProofError::Fork { size: first.size });
    }
    let wrong_length = ProofError::Length(proof.len());
    if first.size == 0 || first.size == second.size {
        return if proof.is_empty() { Ok(()) } else { Err(wrong_length) };
    }
    let (seed, mut rest) = proof.split_first().ok_or(wrong_length)?;
    let mut seed = seed;
    if first.size.is_power_of_two() {
        (seed, rest) = (&first.root, proof);
    }
    let (earlier, later) = (first.size - 1, second.size - 1);
    let mut climb = Climb { node: earlier >> earlier.trailing_ones(), last: later >> earlier.trailing_ones() };
    let (mut first_root, mut root) = (*seed, *seed);
    for hash in rest {
        match climb.step().ok_or(wrong_length)? {
            Sibling::Left => (first_root, root) = (node(hash, &first_root), node(hash, &root)),
            Sibling::Right => root = node(&root, hash),
        }
    }
    if climb.last != 0 {
        return Err(wrong_length);
    }
    if first_root != first.root {
        return Err(ProofError::FirstRoot);
    }
    if root == second.root { Ok(()) } else { Err(ProofError::Root) }
}

enum Sibling {
    Left,
    Right,
}

/// The way from a node to the root; `fn` and `sn` of RFC 9162.
struct Climb {
    /// Position of the node in its row.
    node: u64,
    /// Position of the last node in that row.
    last: u64,
}

impl Climb {
    /// Goes up past the next sibling, and says on which side it is; none at the root.
    fn step(&mut self) -> Option<Sibling> {
        if self.last == 0 {
            return None;
        }
        let mut rows = 1;
        let sibling = if self.node & 1 == 1 || self.node == self.last {
            if self.node != 0 {
                // The last node of a row without a sibling is its own parent: up to the row where it has one.
                rows += self.node.trailing_zeros();
            }
            Sibling::Left
        } else {
            Sibling::Right
        };
        (self.node, self.last) = (self.node >> rows, self.last >> rows);
        Some(sibling)
    }
}

/// Returns the largest power of two below `n`, which is at least 2.
fn split(n: u64) -> u64 {
    1 << (n - 1).ilog2()
}

/// Returns the root over the roots of perfect subtrees, from the largest to the smallest.
fn fold(peaks: &[Hash]) -> Hash {
    peaks.iter().rev().copied().reduce(|right, left| node(&left, &right)).unwrap_or(EMPTY_ROOT)
}

/// Reads the roots of the perfect subtrees that `D[from:to]` consists of; `from` is a multiple of the largest.
fn peaks<R: HashReader>(reader: &R, mut from: u64, to: u64) -> Result<Vec<Hash>, BuildError<R::Error>> {
    let mut peaks = Vec::new();
    while from < to {
        let height = (to - from).ilog2();
        peaks.push(perfect(reader, height, from >> height).map_err(BuildError::Read)?);
        from += 1 << height;
    }
    Ok(peaks)
}

/// Reads the root of a perfect subtree of a given height: the kept row below it, hashed up.
fn perfect<R: HashReader>(reader: &R, height: u32, position: u64) -> Result<Hash, R::Error> {
    let (level, above) = (height / u32::from(TILE_HEIGHT), height % u32::from(TILE_HEIGHT));
    let mut row = vec![[0; 32]; 1 << above];
    reader.read(u8::try_from(level).unwrap_or(u8::MAX), position << above, &mut row)?;
    Ok(root_over(&row))
}

#[cfg(test)]
#[path = "merkle_tests.rs"]
mod tests;
