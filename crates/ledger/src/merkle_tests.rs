//! Against the recursive definitions of RFC 9162 section 2.1, written down here as they stand there.

use proptest::prelude::*;

use super::*;
use crate::entry::leaf;
use crate::testing::flips;

/// The sizes that are tried exhaustively: past the first power of two above 64.
const SIZES: usize = 70;

fn leaves(count: usize) -> Vec<Hash> {
    (0..count).map(|i| leaf(&i.to_le_bytes())).collect()
}

fn store(leaves: &[Hash]) -> MemoryHashes {
    let mut store = MemoryHashes::default();
    leaves.iter().for_each(|leaf| store.append(leaf));
    store
}

fn frontier(leaves: &[Hash]) -> Frontier {
    let mut frontier = Frontier::default();
    leaves.iter().for_each(|leaf| frontier.push(leaf));
    frontier
}

fn head(leaves: &[Hash]) -> TreeHead {
    TreeHead { size: leaves.len() as u64, root: mth(leaves) }
}

// Section 2.1.1.
fn mth(d: &[Hash]) -> Hash {
    match d {
        [] => sha256(&[], &[]),
        [leaf] => *leaf,
        _ => {
            let k = largest_power_below(d.len());
            sha256(&[1], &[&mth(&d[..k]), &mth(&d[k..])])
        }
    }
}

fn largest_power_below(n: usize) -> usize {
    let mut k = 1;
    while k * 2 < n {
        k *= 2;
    }
    k
}

// Section 2.1.3.1.
fn path(m: usize, d: &[Hash]) -> Vec<Hash> {
    if d.len() == 1 {
        return vec![];
    }
    let k = largest_power_below(d.len());
    if m < k {
        [path(m, &d[..k]), vec![mth(&d[k..])]].concat()
    } else {
        [path(m - k, &d[k..]), vec![mth(&d[..k])]].concat()
    }
}

// Section 2.1.4.1.
fn subproof(m: usize, d: &[Hash], b: bool) -> Vec<Hash> {
    if m == d.len() {
        return if b { vec![] } else { vec![mth(d)] };
    }
    let k = largest_power_below(d.len());
    if m <= k {
        [subproof(m, &d[..k], b), vec![mth(&d[k..])]].concat()
    } else {
        [subproof(m - k, &d[k..], false), vec![mth(&d[..k])]].concat()
    }
}

fn proof(m: usize, d: &[Hash]) -> Vec<Hash> {
    if m == 0 { vec![] } else { subproof(m, d, true) }
}

/// Every proof that differs from an honest one: a hash taken away, a hash put in, two hashes that change places, and each
/// hash with bits flipped; all its bits when `thorough`, one otherwise.
fn forgeries(proof: &[Hash], thorough: bool) -> Vec<Vec<Hash>> {
    let mut forged = vec![];
    for at in 0..proof.len() {
        let mut with = |change: &dyn Fn(&mut Vec<Hash>)| {
            let mut copy = proof.to_vec();
            change(&mut copy);
            forged.push(copy);
        };
        with(&|proof| _ = proof.remove(at));
        with(&|proof| proof.insert(at, proof[at]));
        with(&|proof| proof.insert(at, [0; 32]));
        for other in at + 1..proof.len() {
            with(&|proof| proof.swap(at, other));
        }
        for bit in flips(&proof[at]).skip(at).take(if thorough { 256 } else { 1 }) {
            with(&|proof| proof[at] = bit.clone().try_into().unwrap());
        }
    }
    forged.push([proof, &[[0; 32]]].concat());
    forged.retain(|forged| forged != proof);
    forged
}

#[test]
fn roots_are_those_of_the_definition_at_every_size() {
    let all = leaves(SIZES);
    for size in 0..=SIZES {
        let (grown, d) = (frontier(&all[..size]), &all[..size]);
        assert_eq!(grown.head(), head(d), "size {size}");
        assert_eq!(root_over(d), mth(d), "size {size}");
        assert_eq!(Frontier::load(&store(&all), size as u64).unwrap(), grown, "size {size}");
    }
    assert_eq!(Frontier::default().head(), TreeHead::EMPTY);
}

/// The leaves and roots that implementations of RFC 6962 have shared since the reference implementation.
#[test]
fn roots_are_the_published_ones() {
    let inputs = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
    let roots = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];
    let mut frontier = Frontier::default();
    for (input, root) in inputs.iter().zip(roots) {
        frontier.push(&leaf(&hex::decode(input).unwrap()));
        assert_eq!(hex::encode(frontier.root()), root);
    }
}

/// The example of RFC 9162 section 2.1.5: seven leaves d0 to d6, and the proofs as it lists them.
#[test]
fn the_example_of_the_rfc() {
    let d = leaves(7);
    let [a, b, c, d4, e, f, j] = <[Hash; 7]>::try_from(d.clone()).unwrap();
    let (g, h, i) = (node(&a, &b), node(&c, &d4), node(&e, &f));
    let (k, l) = (node(&g, &h), node(&i, &j));
    let store = store(&d);
    assert_eq!(frontier(&d).root(), node(&k, &l));
    let included = |index| inclusion_proof(&store, index, 7).unwrap();
    assert_eq!(included(0), [b, h, l]);
    assert_eq!(included(3), [c, g, l]);
    assert_eq!(included(4), [f, j, k]);
    assert_eq!(included(6), [i, k]);
    let consistent = |first| consistency_proof(&store, first, 7).unwrap();
    assert_eq!(consistent(3), [c, d4, g, l]);
    assert_eq!(consistent(4), [l]);
    assert_eq!(consistent(6), [i, j, k]);
}

#[test]
fn inclusion_is_proved_and_forgeries_are_refused_at_every_size() {
    let all = leaves(SIZES);
    let store = store(&all);
    for size in 1..=SIZES {
        let tree = head(&all[..size]);
        for index in 0..size {
            let (leaf, at) = (&all[index], index as u64);
            let honest = inclusion_proof(&store, at, tree.size).unwrap();
            assert_eq!(honest, path(index, &all[..size]), "{index} in {size}");
            assert_eq!(verify_inclusion(leaf, at, &tree, &honest), Ok(()), "{index} in {size}");
            for forged in forgeries(&honest, size <= 12) {
                assert!(verify_inclusion(leaf, at, &tree, &forged).is_err(), "{index} in {size}: {forged:?}");
            }
            for elsewhere in (0..tree.size).filter(|&other| other != at) {
                assert!(verify_inclusion(leaf, elsewhere, &tree, &honest).is_err(), "{index} as {elsewhere} in {size}");
            }
            assert_eq!(verify_inclusion(&[0; 32], at, &tree, &honest), Err(ProofError::Root));
            let other = TreeHead { root: [0; 32], ..tree };
            assert_eq!(verify_inclusion(leaf, at, &other, &honest), Err(ProofError::Root));
        }
    }
}

#[test]
fn consistency_is_proved_and_forgeries_are_refused_at_every_pair_of_sizes() {
    let all = leaves(SIZES);
    let store = store(&all);
    for second in 0..=SIZES {
        let later = head(&all[..second]);
        for first in 0..=second {
            let earlier = head(&all[..first]);
            let honest = consistency_proof(&store, earlier.size, later.size).unwrap();
            assert_eq!(honest, proof(first, &all[..second]), "{first} to {second}");
            assert_eq!(verify_consistency(&earlier, &later, &honest), Ok(()), "{first} to {second}");
            for forged in forgeries(&honest, second <= 12) {
                let verdict = verify_consistency(&earlier, &later, &forged);
                assert!(verdict.is_err(), "{first} to {second}: {forged:?}");
            }
            let altered = TreeHead { root: [0; 32], ..earlier };
            assert!(verify_consistency(&altered, &later, &honest).is_err(), "{first} to {second}");
            let altered = TreeHead { root: [0; 32], ..later };
            let verdict = verify_consistency(&earlier, &altered, &honest);
            assert_eq!(verdict.is_err(), first > 0 || second == 0, "{first} to {second}");
        }
    }
}

#[test]
fn a_log_with_another_past_is_never_consistent() {
    let all = leaves(SIZES);
    for changed in [0, 1, 7, 30, 31, 32, 63] {
        let mut other = all.clone();
        other[changed] = [9; 32];
        let store = store(&other);
        for first in changed + 1..=SIZES {
            let seen = head(&all[..first]);
            for second in first + 1..=SIZES {
                let forked = head(&other[..second]);
                let proof = consistency_proof(&store, seen.size, forked.size).unwrap();
                assert!(verify_consistency(&seen, &forked, &proof).is_err(), "{changed}: {first} to {second}");
            }
        }
    }
}

#[test]
fn each_fault_has_its_name() {
    let all = leaves(9);
    let store = store(&all);
    let (seven, nine) = (head(&all[..7]), head(&all));
    let inclusion = inclusion_proof(&store, 2, 9).unwrap();
    let include = |index, proof: &[Hash]| verify_inclusion(&all[2], index, &nine, proof);
    assert_eq!(include(9, &inclusion), Err(ProofError::Index { index: 9, size: 9 }));
    assert_eq!(include(2, &inclusion[..3]), Err(ProofError::Length(3)));
    assert_eq!(include(2, &[inclusion.clone(), vec![[0; 32]]].concat()), Err(ProofError::Length(5)));
    assert_eq!(include(2, &[[0; 32]; 4]), Err(ProofError::Root));

    let consistency = consistency_proof(&store, 7, 9).unwrap();
    assert_eq!(verify_consistency(&nine, &seven, &consistency), Err(ProofError::Shrunk { first: 9, second: 7 }));
    let forked = TreeHead { root: [0; 32], ..nine };
    assert_eq!(verify_consistency(&nine, &forked, &[]), Err(ProofError::Fork { size: 9 }));
    assert_eq!(verify_consistency(&nine, &nine, &[[0; 32]]), Err(ProofError::Length(1)));
    assert_eq!(verify_consistency(&TreeHead::EMPTY, &nine, &[[0; 32]]), Err(ProofError::Length(1)));
    assert_eq!(verify_consistency(&seven, &nine, &[]), Err(ProofError::Length(0)));
    let long = [consistency.clone(), vec![[0; 32]]].concat();
    assert_eq!(verify_consistency(&seven, &nine, &long), Err(ProofError::Length(long.len())));
    let no_tree = TreeHead { root: [0; 32], ..TreeHead::EMPTY };
    assert_eq!(verify_consistency(&no_tree, &nine, &[]), Err(ProofError::FirstRoot));
    let altered = TreeHead { root: [0; 32], ..seven };
    assert_eq!(verify_consistency(&altered, &nine, &consistency), Err(ProofError::FirstRoot));
    assert_eq!(verify_consistency(&seven, &forked, &consistency), Err(ProofError::Root));

    assert_eq!(inclusion_proof(&store, 9, 9), Err(BuildError::Range));
    assert_eq!(inclusion_proof(&store, 0, SIZE_MAX + 1), Err(BuildError::Range));
    assert_eq!(consistency_proof(&store, 9, 7), Err(BuildError::Range));
    assert_eq!(consistency_proof(&store, 0, SIZE_MAX + 1), Err(BuildError::Range));
    assert_eq!(Frontier::load(&store, SIZE_MAX + 1), Err(BuildError::Range));
    let missing = BuildError::Read(Missing { level: 0, position: 8 });
    assert_eq!(inclusion_proof(&store, 0, 10), Err(missing));
}

/// No tree of the largest sizes can be made here, but proofs about one must neither overflow nor run on.
#[test]
fn the_largest_sizes_are_handled() {
    for size in [SIZE_MAX, u64::MAX] {
        let tree = TreeHead { size, root: [0; 32] };
        for count in 0..=PROOF_MAX + 1 {
            let proof = vec![[2; 32]; count];
            // The last leaf has no sibling in its row, so its way is one hash shorter.
            let height = size.ilog2() as usize + 1;
            for (index, length) in [(0, height), (1, height), (size / 2, height), (size - 1, height - 1)] {
                let refused = if count == length { ProofError::Root } else { ProofError::Length(count) };
                assert_eq!(verify_inclusion(&[3; 32], index, &tree, &proof), Err(refused), "{index}, {count}");
            }
            for first in [1, 3, size / 2, size / 2 + 1, size - 1] {
                let earlier = TreeHead { size: first, root: [1; 32] };
                assert!(verify_consistency(&earlier, &tree, &proof).is_err(), "{first}, {count}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Past one level of kept hashes, where proofs read from the second.
    #[test]
    fn larger_trees_agree_with_the_definition(size in 200_usize..1500, index in 0_usize..1500, first in 0_usize..1500) {
        let (index, first, all) = (index % size, first % (size + 1), leaves(size));
        let (store, tree) = (store(&all), head(&all));
        let included = inclusion_proof(&store, index as u64, tree.size).unwrap();
        prop_assert_eq!(&included, &path(index, &all));
        prop_assert_eq!(verify_inclusion(&all[index], index as u64, &tree, &included), Ok(()));
        let consistent = consistency_proof(&store, first as u64, tree.size).unwrap();
        prop_assert_eq!(&consistent, &proof(first, &all));
        prop_assert_eq!(verify_consistency(&head(&all[..first]), &tree, &consistent), Ok(()));
        prop_assert_eq!(Frontier::load(&store, first as u64).unwrap().root(), mth(&all[..first]));
    }
}

#[test]
fn what_is_kept_of_a_tree_is_what_level_len_says() {
    let all = leaves(70_000);
    let store = store(&all);
    let kept: Vec<_> = store.0.iter().map(Vec::len).collect();
    assert_eq!(kept, [70_000, 273, 1]);
    assert_eq!([0, 1, 2, 3, 8, 255].map(|level| level_len(level, 70_000)), [70_000, 273, 1, 0, 0, 0]);
    assert_eq!(store.0[1][272], mth(&all[272 * 256..273 * 256]));
    assert_eq!(store.0[2][0], mth(&all[..65_536]));
    assert_eq!(Frontier::load(&store, 70_000).unwrap(), frontier(&all));
    let missing = store.read(1, 273, &mut [[0; 32]]);
    assert_eq!(missing, Err(Missing { level: 1, position: 273 }));
}
