//! Three parties, each with its own view: the own log at once, the others' logs late and in any order.

use std::collections::BTreeSet;
use std::rc::Rc;

use crate::agenda::{Duty, Outlook, every_case, next_duty};
use crate::command::{Command, Context};
use crate::event::{Body, CommandStamp, Event, EventKind};
use crate::id::{CommandKey, PartyId};
use crate::officer::{Actor, Role};
use crate::party::rules_of;
use crate::refusal::{CommandRefused, Refusal};
use crate::testing::{NOON, party};
use crate::time::{Instant, MINUTE_US};
use crate::view::{Changes, EntryMeta, MemoryRows, Overlay, Rows, SetDigest, StateRoot, project};

use super::broken::{self, Flaw};
use super::lifecycle;

pub(super) const PARTIES: [&str; 3] = ["hengqin", "macau", "zhuhai"];

/// An entry of a log.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) meta: EntryMeta,
    pub(super) body: Body,
    /// The case, see [`lifecycle::key`].
    pub(super) key: Vec<String>,
}

impl Entry {
    pub(super) fn event(&self) -> &Event {
        &self.body.event
    }

    pub(super) fn kind(&self) -> EventKind {
        self.meta.kind
    }

    fn is_for(&self, party: PartyId) -> bool {
        self.meta.origin == party || self.event().readers().contains(&party)
    }
}

/// What one party has.
pub(super) struct View {
    pub(super) me: PartyId,
    pub(super) rows: MemoryRows,
    /// Entries of each log that arrived.
    heard: [usize; 3],
    /// All that arrived, in this order.
    pub(super) arrived: Vec<Rc<Entry>>,
    /// As the rows were before the last own event; kept for one flaw only.
    pub(super) before: Option<MemoryRows>,
}

impl View {
    /// The entries whose bodies this party may read.
    pub(super) fn readable(&self) -> impl Iterator<Item = &Rc<Entry>> {
        self.arrived.iter().filter(|entry| entry.is_for(self.me))
    }

    pub(super) fn own(&self) -> impl Iterator<Item = &Rc<Entry>> {
        self.arrived.iter().filter(|entry| entry.meta.origin == self.me)
    }

    pub(super) fn rows(&self) -> Rows<'_> {
        Rows::new(&self.rows)
    }
}

/// What came of a command.
pub(super) struct Outcome {
    pub(super) actor: Actor,
    pub(super) result: Result<Rc<Entry>, Refusal>,
    /// The rows that the entry, of the event or of the refusal, changed in the own view.
    pub(super) changed: Vec<Vec<u8>>,
}

pub(super) struct World {
    pub(super) views: [View; 3],
    pub(super) logs: [Vec<Rc<Entry>>; 3],
    pub(super) now: Instant,
    flaw: Option<Flaw>,
}

impl World {
    pub(super) fn new(flaw: Option<Flaw>) -> Self {
        let views = PARTIES.map(|name| View {
            me: party(name),
            rows: MemoryRows::default(),
            heard: [0; 3],
            arrived: Vec::new(),
            before: None,
        });
        Self { views, logs: [const { Vec::new() }; 3], now: NOON, flaw }
    }

    fn judge(&self, side: usize, actor: &Actor, command: &Command) -> Result<Event, Refusal> {
        let me = self.views[side].me;
        let context = Context { me, rules: rules_of(me).unwrap(), actor, now: self.now };
        match self.flaw {
            None => command.judge(&self.views[side].rows(), &context).unwrap(),
            Some(flaw) => broken::judge(flaw, &self.views[side], &context, command),
        }
    }

    /// Judges a command without doing it.
    pub(super) fn would(&self, side: usize, actor: &Actor, command: &Command) -> Result<Event, Refusal> {
        self.judge(side, actor, command)
    }

    /// Judges a command and writes into the own log what came of it, also a refusal.
    pub(super) fn command(&mut self, side: usize, actor: &Actor, command: &Command) -> Outcome {
        let judged = self.judge(side, actor, command);
        let event = match &judged {
            Ok(event) => event.clone(),
            Err(refusal) => CommandRefused::new(&self.views[side].rows(), command, refusal.clone()).unwrap().into(),
        };
        let (entry, changed) = self.write(side, actor, event);
        Outcome { actor: actor.clone(), result: judged.map(|_| entry), changed }
    }

    fn write(&mut self, side: usize, actor: &Actor, event: Event) -> (Rc<Entry>, Vec<Vec<u8>>) {
        let (origin, seq) = (self.views[side].me, u64::try_from(self.logs[side].len()).unwrap());
        let mut leaf = [0; 32];
        leaf[..8].copy_from_slice(&seq.to_le_bytes());
        leaf[8] = u8::try_from(side).unwrap();
        let meta = EntryMeta { origin, seq, leaf, recorded_at: self.now, kind: event.kind() };
        let command = (actor.role != Role::Node).then_some(CommandStamp { key: CommandKey(leaf), digest: [1; 32] });
        let key = lifecycle::key(&event);
        let entry = Rc::new(Entry { meta, body: Body { actor: actor.clone(), command, event }, key });
        self.logs[side].push(Rc::clone(&entry));
        if self.flaw == Some(Flaw::Forgetful) {
            self.views[side].before = Some(self.views[side].rows.clone());
        }
        let changed = self.arrive(side, side);
        self.now = self.now.plus_us(MINUTE_US);
        (entry, changed)
    }

    /// Folds the next entry of a log into a view; returns which rows it changed.
    fn arrive(&mut self, side: usize, of: usize) -> Vec<Vec<u8>> {
        let view = &mut self.views[side];
        let Some(entry) = self.logs[of].get(view.heard[of]).cloned() else { return Vec::new() };
        view.heard[of] += 1;
        let changes = folded(&view.rows, &entry, view.me, self.flaw);
        let changed = changes.keys().cloned().collect();
        view.rows.apply(changes);
        view.arrived.push(entry);
        changed
    }

    /// Lets a party hear the next entries of another.
    pub(super) fn hear(&mut self, side: usize, of: usize, entries: usize) {
        if side != of {
            for _ in 0..entries.min(self.logs[of].len()) {
                self.arrive(side, of);
            }
        }
    }

    /// The first duty of a party's service, of all its cases.
    pub(super) fn first_duty(&self, side: usize) -> Option<Duty> {
        let me = self.views[side].me;
        let outlook = Outlook { me, rules: rules_of(me).unwrap(), rows: self.views[side].rows() };
        let cases: BTreeSet<_> = every_case(&outlook).unwrap().into_iter().collect();
        let duties = cases.into_iter().filter_map(|case| next_duty(&outlook, case).unwrap());
        duties.min_by_key(|duty| duty.at)
    }

    /// The root of a view, and the root that the same entries give when the logs arrive in another order.
    pub(super) fn roots(&self, side: usize, mut next_log: impl FnMut() -> usize) -> [StateRoot; 2] {
        let view = &self.views[side];
        let (mut rows, mut place) = (MemoryRows::default(), [0; 3]);
        while place != view.heard {
            let of = next_log();
            if place[of] < view.heard[of] {
                let changes = folded(&rows, &self.logs[of][place[of]], view.me, self.flaw);
                rows.apply(changes);
                place[of] += 1;
            }
        }
        [root(&view.rows), root(&rows)]
    }
}

fn folded(rows: &MemoryRows, entry: &Entry, me: PartyId, flaw: Option<Flaw>) -> Changes {
    let mut overlay = Overlay::new(rows, Changes::new());
    project(&mut overlay, &entry.meta, entry.is_for(me).then_some(&entry.body)).unwrap();
    broken::also_folded(flaw, &mut overlay, entry);
    overlay.into_changes()
}

fn root(rows: &MemoryRows) -> StateRoot {
    let mut sum = SetDigest::default();
    rows.iter().for_each(|(key, value)| sum.add(key, value));
    sum.root()
}
