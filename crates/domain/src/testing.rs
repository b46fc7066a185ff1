//! Given events, when a command, then an event or a refusal.

use crate::command::{Command, Context};
use crate::event::{Body, Event};
use crate::id::PartyId;
use crate::officer::{Actor, Role};
use crate::party::rules_of;
use crate::refusal::{Refusal, RefusalCode};
use crate::time::{Instant, MINUTE_US};
use crate::view::{Changes, EntryMeta, MemoryRows, Overlay, Rows, project};

pub(crate) fn party(name: &str) -> PartyId {
    name.parse().unwrap()
}

/// `cw.zhuhai` acts as caseworker for Zhuhai: officer, role and party in one word.
pub(crate) fn actor(word: &str) -> (PartyId, Actor) {
    let (role, name) = word.split_once('.').unwrap();
    let role: String = role.chars().filter(char::is_ascii_alphabetic).collect(); // cw2.zhuhai is another caseworker
    let role: Role = serde_json::from_value(role.to_uppercase().into()).unwrap();
    (party(name), Actor { officer: word.parse().unwrap(), role, unit: "reception".parse().unwrap() })
}

/// The first instant of the tests: Wednesday 2026-07-01, noon in Zhuhai.
pub(crate) const NOON: Instant = Instant(1_782_878_400_000_000);

/// Logs folded into one view; a minute passes with every event.
#[derive(Clone)]
pub(crate) struct Scene {
    rows: MemoryRows,
    seqs: std::collections::BTreeMap<PartyId, u64>,
    pub(crate) now: Instant,
}

/// Folds events into a view.
pub(crate) fn given<E: Into<Event>>(events: impl IntoIterator<Item = (&'static str, E)>) -> Scene {
    let scene = Scene { rows: MemoryRows::default(), seqs: std::collections::BTreeMap::new(), now: NOON };
    events.into_iter().fold(scene, |scene, (who, event)| scene.and(who, event))
}

/// Begins with empty logs.
pub(crate) fn given_nothing() -> Scene {
    given(std::iter::empty::<(&'static str, Event)>())
}

impl Scene {
    /// Adds an event.
    pub(crate) fn and(mut self, who: &str, event: impl Into<Event>) -> Self {
        let (origin, actor) = actor(who);
        let event = event.into();
        let seq = self.seqs.entry(origin).or_default();
        let meta = EntryMeta { origin, seq: *seq, leaf: [0; 32], recorded_at: self.now, kind: event.kind() };
        *seq += 1;
        let body = Body { actor, command: None, event };
        let mut overlay = Overlay::new(&self.rows, Changes::new());
        project(&mut overlay, &meta, Some(&body)).unwrap();
        let changes = overlay.into_changes();
        self.rows.apply(changes);
        self.now = self.now.plus_us(MINUTE_US);
        self
    }

    /// Sets the clock.
    pub(crate) fn at(mut self, now: Instant) -> Self {
        self.now = now;
        self
    }

    pub(crate) fn rows(&self) -> Rows<'_> {
        Rows::new(&self.rows)
    }

    pub(crate) fn store(&self) -> &MemoryRows {
        &self.rows
    }

    /// Decides a command.
    pub(crate) fn when(self, who: &str, command: impl Into<Command>) -> Decided {
        let (me, actor) = actor(who);
        let context = Context { me, rules: rules_of(me).unwrap(), actor: &actor, now: self.now };
        let result = command.into().decide(&self.rows(), &context).unwrap();
        Decided { scene: self, who: who.to_owned(), result }
    }
}

pub(crate) struct Decided {
    scene: Scene,
    who: String,
    pub(crate) result: Result<Event, Refusal>,
}

impl Decided {
    /// Expects exactly this event, and returns the scene with the event in it.
    #[track_caller]
    pub(crate) fn then(self, event: impl Into<Event>) -> Scene {
        let event = event.into();
        assert_eq!(self.result.as_ref(), Ok(&event));
        self.scene.and(&self.who, event)
    }

    /// Expects some event, and returns the scene with the event in it.
    #[track_caller]
    pub(crate) fn then_done(self) -> Scene {
        let event = self.result.clone().unwrap();
        self.scene.and(&self.who, event)
    }

    /// Expects a refusal, and returns it.
    #[track_caller]
    pub(crate) fn then_refused(self, code: RefusalCode) -> Refusal {
        let refusal = self.result.unwrap_err();
        assert_eq!(refusal.code, code);
        refusal
    }
}
