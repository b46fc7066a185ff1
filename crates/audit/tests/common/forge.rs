//! Forged logs: a class says what is forged, where it must be found and as what.

use std::path::Path;

use indicatif::ProgressBar;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tongcha_audit::bundle::Bundle;
use tongcha_domain::id::PartyId;
use tongcha_ledger::entry::{Header, VerifiedEntry};

use super::{Draft, World, found, party, read, secrets, world, write};

/// Entries of each log: few, since what is forged is one entry and its neighbours.
pub const ENTRIES: usize = 6;
/// Forged logs for each class; `TONGCHA_TAMPER_ROUNDS` is how many instead.
const ROUNDS: u64 = 500;

/// What is forged in the log of `origin` in the bundle of Macau; says at which entry it must be found.
pub type Forge = fn(&World, &mut Draft, PartyId, &mut StdRng) -> u64;

/// A class of forgeries.
pub struct Class {
    pub name: &'static str,
    pub forge: Forge,
    pub codes: &'static [&'static str],
}

pub fn class(name: &'static str, codes: &'static [&'static str], forge: Forge) -> Class {
    Class { name, forge, codes }
}

pub fn any(rng: &mut StdRng) -> usize {
    rng.random_range(0..ENTRIES)
}

pub fn inner(rng: &mut StdRng) -> usize {
    rng.random_range(1..ENTRIES - 1)
}

pub fn flip(bytes: &mut [u8], rng: &mut StdRng) {
    let bit = rng.random_range(0..bytes.len() * 8);
    bytes[bit / 8] ^= 1 << (bit % 8);
}

/// Positions of the entries whose bodies the bundle holds.
fn with_bodies(draft: &Draft, origin: PartyId) -> Vec<usize> {
    (0..draft.logs[&origin].len()).filter(|at| read(&draft.logs[&origin][*at]).body.is_some()).collect()
}

/// Two entries whose bodies the bundle holds, the earlier one first.
pub fn two_with_bodies(draft: &Draft, origin: PartyId, rng: &mut StdRng) -> (usize, usize) {
    let places = with_bodies(draft, origin);
    let one = rng.random_range(0..places.len() - 1);
    (places[one], places[rng.random_range(one + 1..places.len())])
}

/// An entry as its origin could write it instead: the origin itself is dishonest, or its key was stolen.
pub fn resigned(world: &World, origin: PartyId, at: usize, change: impl FnOnce(&mut Header)) -> Vec<u8> {
    let mut header = world.logs[&origin][at].entry.header().clone();
    change(&mut header);
    VerifiedEntry::sign(header, secrets(origin)).unwrap().bytes().to_vec()
}

/// Forges each class many times, and expects exactly one finding: of this log, at this entry and byte, as this.
pub fn check(classes: Vec<Class>) {
    let rounds = std::env::var("TONGCHA_TAMPER_ROUNDS").map_or(ROUNDS, |text| text.parse().unwrap());
    // Logs of which Macau can read enough, whatever kinds there are.
    let readable = |world: &World| {
        ["macau", "zhuhai"].iter().all(|name| with_bodies(&world.draft(party("macau")), party(name)).len() > 2)
    };
    let (seed, world) = (7..).map(|seed| (seed, world(seed, ENTRIES))).find(|(_, world)| readable(world)).unwrap();
    let honest = world.draft(party("macau"));
    let written = write(&[&honest]);
    for (first, Class { name, forge, codes }) in (0..).step_by(1_000_000).zip(classes) {
        for round in 0..rounds {
            let mut rng = StdRng::seed_from_u64(first + round);
            let (mut draft, origin) = (honest.clone(), party(if round % 2 == 0 { "macau" } else { "zhuhai" }));
            let seq = forge(&world, &mut draft, origin, &mut rng);
            draft.replace(&honest, &written.paths[0]);
            let found = found(&audit(&written.paths[0]));
            let [(code, of, at, offset)] = found[..] else { panic!("{name}, round {round}: {found:?}") };
            assert_eq!((of, at, offset), (origin, seq, draft.offset(origin, seq)), "{name}, round {round}: {code}");
            assert!(codes.contains(&code), "{name}, round {round}: {code}");
            honest.replace(&draft, &written.paths[0]);
        }
        assert_eq!(found(&audit(&written.paths[0])), [], "{name}: the honest bundle is there again");
        println!(
            "{name}: {rounds} of {rounds} found, {codes:?}; logs of seed {seed}, seeds {first}..{}",
            first + rounds
        );
    }
}

/// What `tongcha-audit verify` finds in a bundle.
fn audit(path: &Path) -> Vec<tongcha_audit::finding::Finding> {
    let bundles = [Bundle::open(path).unwrap()];
    tongcha_audit::verify::verify(&bundles, None, &ProgressBar::hidden()).unwrap().findings
}
