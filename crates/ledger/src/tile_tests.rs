//! Tests of [`super`]: tile.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::entry::leaf;
use crate::merkle::{
    Frontier, MemoryHashes, Missing, consistency_proof, inclusion_proof, verify_consistency, verify_inclusion,
};

fn run(index: u64, width: u16) -> Run {
    Run::new(index, width).unwrap()
}

fn tile(level: u8, index: u64, width: u16) -> HashTile {
    HashTile::new(level, run(index, width)).unwrap()
}

fn entries(count: usize) -> Vec<Vec<u8>> {
    (0..count).map(|i| i.to_le_bytes()[..i % 5].to_vec()).collect()
}

fn store(size: usize) -> MemoryHashes {
    let mut store = MemoryHashes::default();
    entries(size).iter().for_each(|entry| store.append(&leaf(entry)));
    store
}

/// Level and width, per tile.
fn listed(old: u64, new: u64) -> Vec<(u8, u64, u16)> {
    HashTile::between(old, new).map(|tile| (tile.level(), tile.run().index(), tile.run().width())).collect()
}

/// tlog-tiles, section "Partial Tiles".
#[test]
fn the_examples_of_the_specification() {
    let tiles = listed(0, 70_000);
    assert_eq!(tiles.iter().filter(|(level, _, width)| (*level, *width) == (0, 256)).count(), 273);
    assert_eq!(tiles[273..], [(0, 273, 112), (1, 0, 256), (1, 1, 17), (2, 0, 1)]);
    assert_eq!(listed(0, 256), [(0, 0, 256), (1, 0, 1)]);
    // Section "Merkle Tree".
    let path = TilePath::Hashes(tile(0, 1_234_067, 256));
    assert_eq!(path.to_string(), "tile/0/x001/x234/067");
}

#[test]
fn a_growing_log_adds_tiles_and_widens_the_last() {
    assert_eq!(listed(0, 0), []);
    assert_eq!(listed(0, 1), [(0, 0, 1)]);
    assert_eq!(listed(1, 1), []);
    assert_eq!(listed(2, 1), []);
    assert_eq!(listed(255, 256), [(0, 0, 256), (1, 0, 1)]);
    assert_eq!(listed(256, 257), [(0, 1, 1)]);
    assert_eq!(listed(500, 513), [(0, 1, 256), (0, 2, 1), (1, 0, 2)]);
    let bundles: Vec<_> = EntryBundle::between(500, 513).map(|bundle| bundle.run()).collect();
    assert_eq!(bundles, [run(1, 256), run(2, 1)]);
    let last = HashTile::between(u64::MAX - 1, u64::MAX).count() + HashTile::between(SIZE_MAX - 1, SIZE_MAX).count();
    assert_eq!(last, 1);
}

/// Each level has the width that tlog-tiles defines: floor(s / 256^l) mod 256 for the partial tile.
#[test]
fn widths_are_those_of_the_definition() {
    for size in (0..1000).chain(65_000..66_000) {
        for level in 0..8 {
            let count = size / 256_u64.pow(level.into());
            let of_level: Vec<_> = listed(0, size).into_iter().filter(|(at, ..)| *at == level).collect();
            let full = of_level.iter().filter(|(.., width)| *width == 256).count() as u64;
            let partial: Vec<_> = of_level.iter().map(|(.., width)| u64::from(*width)).filter(|w| *w < 256).collect();
            assert_eq!(full, count / 256, "{size}, {level}");
            assert_eq!(partial, [count % 256].into_iter().filter(|w| *w > 0).collect::<Vec<_>>(), "{size}, {level}");
        }
    }
}

#[test]
fn only_what_a_tree_has_is_within_it() {
    for size in [0, 1, 255, 256, 257, 512, 65_535, 65_536, 70_000] {
        for tile in HashTile::between(0, size) {
            assert!(tile.is_within(size), "{tile:?} in {size}");
            let wider = (tile.run().width() < 256).then(|| run(tile.run().index(), tile.run().width() + 1));
            for beyond in [Some(run(level_len(tile.level(), size) / 256 + 1, 1)), wider].into_iter().flatten() {
                assert!(!HashTile::new(tile.level(), beyond).unwrap().is_within(size), "{beyond:?} in {size}");
            }
        }
        for bundle in EntryBundle::between(0, size) {
            assert!(bundle.is_within(size));
            assert!(!bundle.is_within(bundle.run().start()));
        }
        assert!(!tile(8, 0, 1).is_within(size));
        assert!(!tile(63, INDEX_MAX, 256).is_within(size));
    }
    assert!(tile(7, 0, 1).is_within(1 << 56));
    assert!(!tile(7, 0, 1).is_within((1 << 56) - 1));
}

/// Texts that are not the one spelling of a tile.
const NO_PATHS: &[&str] = &[
    "",
    "tile",
    "tile/",
    "tile/0",
    "tile/0/",
    "/tile/0/000",
    "tile/0/000/",
    "tile//000",
    "Tile/0/000",
    "tile/00/000",
    "tile/+1/000",
    "tile/256/000",
    "tile/-1/000",
    "tile/data/000",
    "tile/ 0/000",
    "tile/8/000 ",
    "tile/0/0",
    "tile/0/00",
    "tile/0/0000",
    "tile/0/1000",
    "tile/0/+01",
    "tile/0/-01",
    "tile/0/x00",
    "tile/0/0x1",
    "tile/0/x001",
    "tile/0/001/000",
    "tile/0/x001/x000",
    "tile/0/x000/001",
    "tile/0/X001/000",
    "tile/0/xx01/000",
    "tile/0/000.p/",
    "tile/0/000.p/01",
    "tile/0/000.p/+1",
    "tile/0/000.p/256",
    "tile/0/000.p/1/",
    "tile/0/000.p",
    "tile/0/000.p/1.p/1",
    "tile/0/000.P/1",
    "tile/0/../000",
    "tile/entries/../000",
    "tile/0/%30%30%30",
    "tile/0/٠٠٠",
    "tile/0/x999/x999/x999/x999/x999/x999/x999/999",
];

#[test]
fn paths_have_one_form() {
    let paths = [
        ("tile/0/000", TilePath::Hashes(tile(0, 0, 256))),
        ("tile/0/999.p/1", TilePath::Hashes(tile(0, 999, 1))),
        ("tile/1/x001/000.p/255", TilePath::Hashes(tile(1, 1000, 255))),
        ("tile/63/x999/999", TilePath::Hashes(tile(63, 999_999, 256))),
        ("tile/2/x001/x000/000", TilePath::Hashes(tile(2, 1_000_000, 256))),
        ("tile/entries/x001/x234/067", TilePath::Entries(EntryBundle::new(run(1_234_067, 256)))),
        ("tile/entries/000.p/17", TilePath::Entries(EntryBundle::new(run(0, 17)))),
    ];
    for (text, path) in paths {
        assert_eq!(path.to_string(), text);
        assert_eq!(text.parse::<TilePath>(), Ok(path));
    }
    for text in NO_PATHS {
        assert_eq!(text.parse::<TilePath>(), Err(TileError::Path), "{text:?}");
    }
    assert_eq!("tile/0/000.p/0".parse::<TilePath>(), Err(TileError::Width(0)));
    assert_eq!("tile/0/000.p/257".parse::<TilePath>(), Err(TileError::Width(257)));
    assert_eq!("tile/64/000".parse::<TilePath>(), Err(TileError::Level(64)));
    let beyond = (INDEX_MAX + 1).to_string();
    let path = format!(
        "tile/0/x0{}/x{}/x{}/x{}/x{}/{}",
        &beyond[..2],
        &beyond[2..5],
        &beyond[5..8],
        &beyond[8..11],
        &beyond[11..14],
        &beyond[14..]
    );
    assert_eq!(path.parse::<TilePath>(), Err(TileError::Index(INDEX_MAX + 1)), "{path}");
}

#[test]
fn the_bytes_of_a_tile_are_its_hashes() {
    let store = store(600);
    let partial = tile(0, 2, 88);
    let bytes = partial.read(&store).unwrap();
    assert_eq!(bytes.len(), 88 * 32);
    let hashes = partial.parse(&bytes).unwrap();
    let leaves: Vec<_> = entries(600)[512..].iter().map(|entry| leaf(entry)).collect();
    assert_eq!(hashes, leaves);
    let full = tile(0, 1, 256).read(&store).unwrap();
    assert_eq!(full.len(), 8192, "tlog-tiles, section Merkle Tree");
    assert_eq!(
        tile(1, 0, 2).read(&store).unwrap()[32..],
        crate::merkle::root_over(&tile(0, 1, 256).parse(&full).unwrap())
    );
    assert_eq!(tile(0, 2, 89).read(&store), Err(Missing { level: 0, position: 512 }));
    for wrong in [&bytes[..bytes.len() - 1], &bytes[32..], &full, &[]] {
        assert_eq!(partial.parse(wrong), Err(TileError::Length(wrong.len())));
    }
    assert_eq!(partial.parse(&[bytes.clone(), vec![0]].concat()), Err(TileError::Length(bytes.len() + 1)));
}

#[test]
fn the_bytes_of_a_bundle_are_its_entries() {
    let bundle = EntryBundle::new(run(9, 3));
    let write = |entries: &[&[u8]]| bundle.write(entries.iter().copied());
    let bytes = write(&[b"ab", b"", b"c"]).unwrap();
    assert_eq!(bytes, [0, 2, b'a', b'b', 0, 0, 0, 1, b'c']);
    assert_eq!(bundle.parse(&bytes).unwrap(), [b"ab".as_slice(), b"", b"c"]);
    let miscounted = |found| TileError::Entries { found, width: 3 };
    assert_eq!(write(&[b"ab", b"c"]), Err(miscounted(2)));
    assert_eq!(write(&[b"ab", b"c", b"d", b"e"]), Err(miscounted(4)));
    assert_eq!(bundle.parse(&bytes[..6]), Err(miscounted(2)));
    assert_eq!(bundle.parse(&[bytes.clone(), vec![0, 0]].concat()), Err(miscounted(4)));
    for cut in [1, 2, 3, 5, 7, 8] {
        assert_eq!(bundle.parse(&bytes[..cut]), Err(TileError::Length(cut)), "cut at {cut}");
    }
    let longest = vec![7; 65_535];
    let bytes = write(&[&longest, b"", b""]).unwrap();
    assert_eq!(bundle.parse(&bytes).unwrap()[0], longest);
    assert_eq!(write(&[&[7; 65_536], b"", b""]), Err(TileError::TooLong(65_536)));
}

/// A reader that has nothing but published tiles.
struct Published(BTreeMap<String, Vec<u8>>, u64);

impl HashReader for Published {
    type Error = TileError;

    fn read(&self, level: u8, position: u64, into: &mut [Hash]) -> Result<(), TileError> {
        let index = position / 256;
        let width = (level_len(level, self.1) - index * 256).min(256);
        let tile = tile(level, index, u16::try_from(width).unwrap());
        let hashes = tile.parse(&self.0[&TilePath::Hashes(tile).to_string()])?;
        let from = usize::try_from(position % 256).unwrap();
        into.copy_from_slice(&hashes[from..from + into.len()]);
        Ok(())
    }
}

#[test]
fn proofs_come_out_of_published_tiles_alone() {
    let size = 70_000;
    let (entries, store) = (entries(size), store(size));
    let size = size as u64;
    let mut published = Published(BTreeMap::new(), size);
    for tile in HashTile::between(0, size) {
        published.0.insert(TilePath::Hashes(tile).to_string(), tile.read(&store).unwrap());
    }
    let tree = Frontier::load(&published, size).unwrap().head();
    assert_eq!(tree, Frontier::load(&store, size).unwrap().head());
    for index in [0, 1, 255, 256, 65_535, 65_536, 69_999] {
        let proof = inclusion_proof(&published, index, size).unwrap();
        let leaf = leaf(&entries[usize::try_from(index).unwrap()]);
        assert_eq!(verify_inclusion(&leaf, index, &tree, &proof), Ok(()), "{index}");
    }
    for first in [1, 255, 256, 257, 65_535, 65_536, 65_537, 69_999] {
        let proof = consistency_proof(&published, first, size).unwrap();
        let earlier = Frontier::load(&store, first).unwrap().head();
        assert_eq!(verify_consistency(&earlier, &tree, &proof), Ok(()), "{first}");
    }
    let bundle = EntryBundle::new(run(273, 112));
    let bytes = bundle.write(entries[273 * 256..].iter().map(Vec::as_slice)).unwrap();
    let hashed: Vec<_> = bundle.parse(&bytes).unwrap().into_iter().map(leaf).collect();
    assert_eq!(hashed, tile(0, 273, 112).parse(&published.0["tile/0/273.p/112"]).unwrap());
}

proptest! {
    #[test]
    fn paths_round_trip(level in 0..=LEVEL_MAX, index in prop_oneof![0..5000_u64, 0..=INDEX_MAX], width in 1..=256_u16) {
        let run = run(index, width);
        for path in [TilePath::Hashes(HashTile::new(level, run).unwrap()), TilePath::Entries(EntryBundle::new(run))] {
            prop_assert_eq!(path.to_string().parse::<TilePath>(), Ok(path));
        }
    }

    #[test]
    fn any_path_is_refused_or_written_again(text in "tile/(0|1|63|entries)/(x?[0-9]{3}/){0,3}[0-9]{2,3}(\\.p/[0-9]{1,3})?") {
        if let Ok(path) = text.parse::<TilePath>() {
            prop_assert_eq!(path.to_string(), text);
        }
    }

    #[test]
    fn bundles_round_trip(entries in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 1..=256)) {
        let bundle = EntryBundle::new(run(3, entries.len().try_into().unwrap()));
        let bytes = bundle.write(entries.iter().map(Vec::as_slice)).unwrap();
        prop_assert_eq!(bundle.parse(&bytes).unwrap(), entries);
    }
}
