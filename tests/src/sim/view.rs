//! A simulated view: it outlives the process, may come back older, empty or damaged, may fail, and knows who reads the
//! register.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rand::Rng;
use rand::rngs::StdRng;
use tongcha_domain::id::PartyId;
use tongcha_domain::view::{Changes, MemoryRows, RowStore, Table, ViewError};
use tongcha_node::view::{Checkpoint, ViewStore};

/// First key byte of the register's rows.
const REGISTER: u8 = 0x80;
/// States of the view that a crash may bring back, besides the last.
const SNAPSHOTS_MAX: usize = 3;
/// Bytes of an aggregate's id in a key of the table that the broken variant is wrong about.
const ID_LEN: usize = 16;

/// Who may read the register now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RegisterAccess {
    /// Nobody.
    Closed,
    /// The projection, which writes it.
    Folding,
    /// The holder of a permit.
    Permitted,
}

/// Rows of one simulated party. Clones are the same view.
#[derive(Clone)]
pub(super) struct SimView(Arc<Mutex<Store>>);

struct Store {
    kept: (MemoryRows, Checkpoint),
    snapshots: Vec<(MemoryRows, Checkpoint)>,
    access: RegisterAccess,
    /// Reads of the register that nobody was allowed.
    trespasses: u64,
    /// A read fails after so many that don't.
    fails_after: Option<u32>,
    /// Keeps of other parties' sides only the one that came first: a broken variant.
    first_come: Option<PartyId>,
    /// Rows that a view which was deleted still remembers: a broken variant.
    remembered: Option<MemoryRows>,
}

/// What a crash did to the view.
#[derive(Clone, Copy, Debug)]
pub(super) enum ViewFate {
    Kept,
    Older,
    Deleted,
    Damaged,
}

impl ViewFate {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Kept => "view kept",
            Self::Older => "view rolled back",
            Self::Deleted => "view deleted",
            Self::Damaged => "view damaged",
        }
    }
}

impl SimView {
    /// Makes an empty view; `first_come` is the party whose view is to be wrong.
    pub(super) fn new(first_come: Option<PartyId>) -> Self {
        Self(Arc::new(Mutex::new(Store {
            kept: Default::default(),
            snapshots: Vec::new(),
            access: RegisterAccess::Closed,
            trespasses: 0,
            fails_after: None,
            first_come,
            remembered: None,
        })))
    }

    /// From now on deleting the view leaves a copy, whose rows come back as far as they are not written anew.
    pub(super) fn remember_erased(&self) {
        self.store().remembered = Some(MemoryRows::default());
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says who may read the register from now on; returns who might before.
    pub(super) fn set_access(&self, access: RegisterAccess) -> RegisterAccess {
        std::mem::replace(&mut self.store().access, access)
    }

    /// Returns how often the register was read by nobody who may.
    pub(super) fn trespasses(&self) -> u64 {
        self.store().trespasses
    }

    /// Makes a read fail, after so many that don't.
    pub(super) fn fail_read_after(&self, reads: u32) {
        self.store().fails_after = Some(reads);
    }

    /// Takes back a failure that has not come yet.
    pub(super) fn forget_failure(&self) {
        self.store().fails_after = None;
    }

    /// What is left of the view after a crash.
    pub(super) fn cut_power(&self, rng: &mut StdRng) -> ViewFate {
        let mut store = self.store();
        store.fails_after = None;
        let fate = match rng.random_range(0..8) {
            0..=3 => ViewFate::Kept,
            4 | 5 => ViewFate::Older,
            6 => ViewFate::Deleted,
            _ => ViewFate::Damaged,
        };
        match fate {
            ViewFate::Kept => {}
            ViewFate::Older => {
                let at = rng.random_range(0..=SNAPSHOTS_MAX);
                if let Some(older) = store.snapshots.get(at).cloned() {
                    store.kept = older;
                }
            }
            ViewFate::Deleted => store.kept = Default::default(),
            ViewFate::Damaged => store.damage(rng),
        }
        store.snapshots.clear(); // what came back is what is on disk now
        fate
    }
}

impl Store {
    /// Flips a bit of one row.
    fn damage(&mut self, rng: &mut StdRng) {
        let rows = self.kept.0.iter().count();
        if rows == 0 {
            return;
        }
        let Some((key, value)) = self.kept.0.iter().nth(rng.random_range(0..rows)) else { return };
        let (key, mut value) = (key.to_vec(), value.to_vec());
        let at = rng.random_range(0..value.len().max(1));
        match value.get_mut(at) {
            Some(byte) => *byte ^= 1 << rng.random_range(0..8),
            None => value.push(0),
        }
        self.kept.0.apply(Changes::from([(key, Some(value))]));
    }

    fn look(&mut self, key: &[u8]) -> Result<(), ViewError> {
        match self.fails_after {
            Some(0) => {
                self.fails_after = None;
                return Err(ViewError::Store("the simulated view failed".to_owned()));
            }
            after => self.fails_after = after.map(|reads| reads - 1),
        }
        if key.first() == Some(&REGISTER) && self.access == RegisterAccess::Closed {
            self.trespasses += 1;
        }
        Ok(())
    }

    /// Whether the broken variant drops a change: the side of a party on an urgent notice of which the side of another
    /// party is here already.
    fn drops(&self, key: &[u8], me: PartyId) -> bool {
        let (Some(id), Some(origin)) = (key.get(..=ID_LEN), key.get(1 + ID_LEN..)) else { return false };
        let foreign = |origin: &[u8]| origin != me.as_str().as_bytes();
        let others = self.kept.0.scan(id).unwrap_or_default();
        let another = |(other, _): &(Vec<u8>, Vec<u8>)| {
            other.get(1 + ID_LEN..).is_some_and(|other| foreign(other) && other != origin)
        };
        key.first() == Some(&Table::Urgent.byte()) && foreign(origin) && others.iter().any(another)
    }
}

impl RowStore for SimView {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, ViewError> {
        let mut store = self.store();
        store.look(key)?;
        store.kept.0.get(key)
    }

    fn scan(&self, prefix: &[u8]) -> Result<Vec<(Vec<u8>, Vec<u8>)>, ViewError> {
        let mut store = self.store();
        store.look(prefix)?;
        store.kept.0.scan(prefix)
    }
}

impl ViewStore for SimView {
    fn trusted(&self) -> Option<Checkpoint> {
        let store = self.store();
        let (rows, checkpoint) = &store.kept;
        let mut counted = Checkpoint::default();
        let come_back = store.remembered.iter().flat_map(MemoryRows::iter);
        let come_back = come_back.filter(|(key, _)| matches!(rows.get(key), Ok(None)));
        for (key, value) in rows.iter().chain(come_back) {
            counted.digest.add(key, value);
            counted.rows += 1;
        }
        (counted == *checkpoint).then_some(counted)
    }

    fn apply(&mut self, mut changes: Changes, checkpoint: &Checkpoint) -> Result<(), ViewError> {
        let mut store = self.store();
        if let Some(me) = store.first_come {
            changes.retain(|key, _| !store.drops(key, me));
        }
        store.kept.0.apply(changes);
        store.kept.1 = checkpoint.clone();
        Ok(())
    }

    fn reset(&mut self) -> Result<(), ViewError> {
        let mut store = self.store();
        let (rows, _) = std::mem::take(&mut store.kept);
        if let Some(remembered) = &mut store.remembered {
            remembered.apply(rows.iter().map(|(key, value)| (key.to_vec(), Some(value.to_vec()))).collect());
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), ViewError> {
        let mut store = self.store();
        let kept = store.kept.clone();
        store.snapshots.insert(0, kept);
        store.snapshots.truncate(SNAPSHOTS_MAX);
        Ok(())
    }

    fn rows(&self) -> &dyn RowStore {
        self
    }
}
