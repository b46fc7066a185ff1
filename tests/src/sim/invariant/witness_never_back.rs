//! Invariant 13: a witness cosigns no smaller tree of a log than before, and only trees of what the log's party has
//! accepted; at rest everybody has witnessed everything.

use tongcha_domain::id::PartyId;
use tongcha_ledger::entry::Leaf;
use tongcha_ledger::merkle::{TreeHead, root_over};

use crate::sim::failure::{Invariant, Step, broken};
use crate::sim::world::World;

const THIS: Invariant = Invariant::WitnessNeverBack;

/// A tree that was cosigned is one of the log, and no smaller than the last.
pub(in crate::sim) fn cosigned(world: &mut World, witness: PartyId, origin: PartyId, head: TreeHead) -> Step<()> {
    let size = usize::try_from(head.size).unwrap_or(usize::MAX);
    let accepted = world.book.log(origin, origin).get(..size);
    let leaves = accepted.map(|entries| entries.iter().map(|entry| entry.leaf).collect::<Vec<Leaf>>());
    if leaves.map(|leaves| root_over(&leaves)) != Some(head.root) {
        return broken(THIS, format!("{witness} cosigned a tree of {size} entries that is not the log of {origin}"));
    }
    let last = world.cosigned.insert((witness, origin), head);
    if let Some(last) = last.filter(|last| last.size > head.size) {
        let what = format!("{witness} cosigned {size} entries of {origin} after it had cosigned {}", last.size);
        return broken(THIS, what);
    }
    Ok(())
}

/// At rest every entry is witnessed by every peer.
pub(in crate::sim) fn complete(world: &World) -> Step<()> {
    for origin in world.ids() {
        let count = world.book.log(origin, origin).len() as u64;
        for witness in world.peers_of(origin) {
            let cosigned = world.cosigned.get(&(witness, origin)).map_or(0, |head| head.size);
            if cosigned != count {
                return broken(THIS, format!("{witness} has witnessed {cosigned} of {count} entries of {origin}"));
            }
        }
    }
    Ok(())
}
