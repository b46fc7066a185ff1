//! Invariant 7: the same set of entries gives a party the same view and the same state root, in whatever order they
//! arrived.

use rand::Rng;
use rand::rngs::StdRng;
use tongcha_domain::event::Body;
use tongcha_domain::id::PartyId;
use tongcha_domain::view::{Changes, EntryMeta, MemoryRows, Overlay, SetDigest, StateRoot, project};
use tongcha_ledger::entry;
use tongcha_ledger::slot::Slot;
use tongcha_node::body_keys::KeyFile;
use tongcha_node::journal::Journal;
use tongcha_node::view::{MemoryView, ViewStore};

use crate::sim::disk::SimDisk;
use crate::sim::failure::{Invariant, Step, broken, unexpected};
use crate::sim::world::World;

const THIS: Invariant = Invariant::OneRoot;

/// At rest each party's root is that of its rows, of a clean rebuild, and of a fold in another order.
pub(in crate::sim) fn at_rest(world: &mut World) -> Step<()> {
    for party in world.ids() {
        let now = world.clock(party);
        let Some(at) = world.parties.get(&party) else { continue };
        let Some(live) = at.core.as_ref().map(|core| core.state_root().0) else {
            return Err(unexpected(format!("{party} is down at rest")));
        };
        let rows = at.view.trusted().map(|checkpoint| checkpoint.digest.root());
        differ(party, "its rows", live, rows)?;
        let view = Box::<MemoryView>::default();
        let rebuilt = at.open_on(at.disk.copy_of_synced(), view, &mut world.rng, now, false).map_err(unexpected)?;
        differ(party, "a clean rebuild", live, Some(rebuilt.state_root().0))?;
        let parties: Vec<PartyId> = at.directory.parties().collect();
        let folded = fold_in_some_order(&mut at.disk.copy_of_synced(), &parties, &mut world.rng)?;
        differ(party, "a fold in another order", live, Some(folded))?;
        world.note(&format!("{party} {live}"));
    }
    Ok(())
}

fn differ(party: PartyId, of: &str, live: StateRoot, other: Option<StateRoot>) -> Step<()> {
    if other == Some(live) {
        return Ok(());
    }
    let other = other.map_or_else(|| "none".to_owned(), |other| other.to_string());
    broken(THIS, format!("{party} has the root {live}, and that of {of} is {other}"))
}

/// Folds all logs on a disk, always the next entry of a log drawn.
fn fold_in_some_order(disk: &mut SimDisk, parties: &[PartyId], rng: &mut StdRng) -> Step<StateRoot> {
    let mut logs = Vec::new();
    for origin in parties {
        let journal = Journal::open(disk, *origin, 0).map_err(unexpected)?;
        logs.push((journal, KeyFile::new(*origin), 0));
    }
    let mut rows = MemoryRows::default();
    while !logs.is_empty() {
        let at = rng.random_range(0..logs.len());
        let Some((journal, keys, next)) = logs.get_mut(at) else { continue };
        let Some((meta, body)) = read(journal, keys, disk, *next)? else {
            logs.remove(at);
            continue;
        };
        *next += 1;
        let mut overlay = Overlay::new(&rows, Changes::new());
        project(&mut overlay, &meta, body.as_ref()).map_err(unexpected)?;
        let changes = overlay.into_changes();
        rows.apply(changes);
    }
    let mut digest = SetDigest::default();
    rows.iter().for_each(|(key, value)| digest.add(key, value));
    Ok(digest.root())
}

fn read(journal: &Journal, keys: &KeyFile, disk: &SimDisk, seq: u64) -> Step<Option<(EntryMeta, Option<Body>)>> {
    let Some(record) = journal.record(disk, seq).map_err(unexpected)? else { return Ok(None) };
    let (header, leaf) = entry::read(&record.entry).map_err(unexpected)?;
    let body = match (record.body, keys.slot(disk, seq).map_err(unexpected)?) {
        (Some(sealed), Slot::Key(key)) => Some(sealed.open(&key, &header).map_err(unexpected)?),
        (Some(_) | None, _) => None,
    };
    let (origin, recorded_at, kind) = (header.origin, header.recorded_at, header.kind);
    Ok(Some((EntryMeta { origin, seq, leaf, recorded_at, kind }, body)))
}
