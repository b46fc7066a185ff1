//! Three parties that see each other at once, whose logs are made by the domain's own decisions, and forgeries in them:
//! entries that their origin signs properly, although they may not have happened.

use std::collections::BTreeMap;

use indicatif::ProgressBar;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tongcha_audit::judge::{Case, JudgeReport, judge};
use tongcha_domain::command::{Command, Context};
use tongcha_domain::event::{Body, Event};
use tongcha_domain::id::PartyId;
use tongcha_domain::officer::{Actor, Role};
use tongcha_domain::party::rules_of;
use tongcha_domain::time::{Instant, MINUTE_US};
use tongcha_domain::view::{Changes, MemoryRows, Overlay, Rows, project};
use tongcha_ledger::body::{BodyKey, SealedBody};
use tongcha_ledger::entry::{Header, VerifiedEntry};

use crate::common::{Draft, Made, World, parties, party, secrets, write};

/// Wednesday 2026-07-01, noon in Zhuhai.
pub const NOON: Instant = Instant(1_782_878_400_000_000);

/// `cw.zhuhai` acts as caseworker for Zhuhai: officer, role and party in one word; `cw2.zhuhai` is another one. The
/// service is `node`.
pub fn actor(word: &str) -> (PartyId, Actor) {
    let (role, name) = word.split_once('.').unwrap();
    let letters: String = role.chars().filter(char::is_ascii_alphabetic).collect();
    let role: Role = serde_json::from_value(letters.to_uppercase().into()).unwrap();
    let (officer, unit) = if role == Role::Node { ("node", "node") } else { (word, "reception") };
    (party(name), Actor { officer: officer.parse().unwrap(), role, unit: unit.parse().unwrap() })
}

/// The logs, and what each party makes of them.
#[derive(Clone)]
pub struct Court {
    pub world: World,
    views: BTreeMap<PartyId, MemoryRows>,
    pub now: Instant,
    rng: StdRng,
}

impl Court {
    pub fn empty() -> Self {
        let views = parties().map(|party| (party, MemoryRows::default())).into();
        let world = World { logs: parties().map(|party| (party, Vec::new())).into() };
        Self { world, views, now: NOON, rng: StdRng::seed_from_u64(7) }
    }

    pub fn at(mut self, now: Instant) -> Self {
        self.now = now;
        self
    }

    pub fn later(self, us: i64) -> Self {
        let now = self.now.plus_us(us);
        self.at(now)
    }

    /// Decides a command as a service does.
    pub fn decide(&self, who: &str, command: impl Into<Command>) -> Event {
        let (me, actor) = actor(who);
        self.decide_as(me, &actor, command)
    }

    fn decide_as(&self, me: PartyId, actor: &Actor, command: impl Into<Command>) -> Event {
        let context = Context { me, rules: rules_of(me).unwrap(), actor, now: self.now };
        let command = command.into();
        let kind = command.kind();
        let decided = command.judge(&Rows::new(&self.views[&me]), &context).unwrap();
        decided.unwrap_or_else(|refusal| panic!("{kind:?} of {}: {refusal}", actor.officer))
    }

    /// Does a command honestly; a minute passes.
    pub fn does(self, who: &str, command: impl Into<Command>) -> Self {
        let event = self.decide(who, command);
        self.writes(who, event)
    }

    /// Writes an event, whether or not it may happen.
    pub fn writes(self, who: &str, event: impl Into<Event>) -> Self {
        self.forges(who, event, |_| {})
    }

    /// Writes an event under a header that is changed before it is signed.
    pub fn forges(self, who: &str, event: impl Into<Event>, change: impl FnOnce(&mut Header)) -> Self {
        let (me, actor) = actor(who);
        self.signs(me, Body { actor, command: None, event: event.into() }, change)
    }

    pub fn signs(mut self, me: PartyId, body: Body, change: impl FnOnce(&mut Header)) -> Self {
        let fresh = BodyKey(self.rng.random());
        let key = if BodyKey::is_published(body.event.kind()) { BodyKey::published() } else { fresh };
        let sealed = SealedBody::seal(&body, &key).unwrap();
        let mut header = Header { recorded_at: self.now, ..self.world.next_header(me, &body, &sealed) };
        change(&mut header);
        let entry = VerifiedEntry::sign(header, secrets(me)).unwrap();
        for (party, rows) in &mut self.views {
            let is_for = entry.header().audience.contains(party);
            let mut overlay = Overlay::new(&*rows, Changes::new());
            project(&mut overlay, &entry.meta(), is_for.then_some(&body)).unwrap();
            let changes = overlay.into_changes();
            rows.apply(changes);
        }
        self.world.logs.get_mut(&me).unwrap().push(Made { entry, sealed, key, body });
        self.later(MINUTE_US)
    }

    /// The last entry of a log.
    pub fn last(&self, name: &str) -> (PartyId, u64) {
        (party(name), self.world.tip(party(name)).count - 1)
    }

    pub fn drafts(&self) -> [Draft; 3] {
        parties().map(|party| self.world.draft(party))
    }

    pub fn judged(&self) -> JudgeReport {
        judged(&self.drafts(), &[])
    }
}

pub fn judged(drafts: &[Draft], whose: &[PartyId]) -> JudgeReport {
    let written = write(&drafts.iter().collect::<Vec<_>>());
    let bundles = written.bundles();
    let case = Case { bundles: &bundles, trusted: None, parties: whose, body_keys: None };
    judge(&case, &ProgressBar::hidden()).unwrap()
}

/// What was found in all logs: code, log, entry.
pub fn found(report: &JudgeReport) -> Vec<(&'static str, PartyId, u64)> {
    let wrong = report.parties.iter().flat_map(|judged| &judged.findings);
    wrong.map(|wrong| (wrong.breach.code(), wrong.origin, wrong.seq)).collect()
}
