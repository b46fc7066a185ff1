//! Fixed keys for tests.

use rand::SeedableRng;
use rand::rngs::StdRng;

use crate::key::{Directory, PartySecrets};

pub(crate) fn rng(seed: u64) -> StdRng {
    StdRng::seed_from_u64(seed)
}

pub(crate) fn secrets(party: &str) -> PartySecrets {
    PartySecrets::generate(party.parse().unwrap(), &mut rng(party.len() as u64))
}

pub(crate) fn directory() -> Directory {
    let cards = ["zhuhai", "macau", "hengqin"].map(|party| secrets(party).card("UABC").unwrap());
    Directory::new(&cards).unwrap()
}
