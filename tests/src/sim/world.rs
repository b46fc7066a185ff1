//! The simulated world: the parties, what is between them, and what is known of both.

use std::collections::BTreeMap;

use rand::rngs::StdRng;
use rand::{Rng, RngCore, SeedableRng};
use tongcha_domain::command::Command;
use tongcha_domain::id::{CommandKey, PartyId};
use tongcha_domain::officer::Actor;
use tongcha_domain::time::Instant;
use tongcha_ledger::merkle::TreeHead;
use tongcha_node::body_keys::KeyFileError;
use tongcha_node::core::{Core, CoreError, OpenError, Outcome, Submission};
use tongcha_node::journal::JournalError;

use crate::sim::book::Book;
use crate::sim::failure::{Invariant, Step, broken, unexpected};
use crate::sim::invariant::{
    erased, loss_doubted, nothing_skipped, old_disk_not_written, permit_before_read, told_when_durable,
    use_spent_before_answer,
};
use crate::sim::network::Network;
use crate::sim::officers::Cases;
use crate::sim::party::{Memory, Party, Then, Waiting, parties};
use crate::sim::report::{Report, Trace};
use crate::sim::view::RegisterAccess;
use crate::sim::{Broken, Options};

/// Where the simulated clock begins: 2026-07-01, noon in Macau.
const NOON_US: i64 = 1_782_878_400_000_000;

/// Everything there is in a run.
pub(super) struct World {
    pub(super) options: Options,
    pub(super) rng: StdRng,
    pub(super) now: i64,
    pub(super) parties: BTreeMap<PartyId, Party>,
    pub(super) network: Network,
    pub(super) book: Book,
    pub(super) cases: Cases,
    pub(super) report: Report,
    /// The largest tree of each log that each witness has cosigned: what people remember, whatever disks forget.
    pub(super) cosigned: BTreeMap<(PartyId, PartyId), TreeHead>,
    /// Every checkpoint that a party has shown.
    pub(super) shown: BTreeMap<PartyId, Vec<Vec<u8>>>,
    trace: Trace,
    tickets: u64,
}

impl World {
    /// Makes the world; nobody has done anything yet.
    pub(super) fn new(seed: u64, options: Options) -> Step<Self> {
        let mut world = Self {
            options,
            rng: StdRng::seed_from_u64(seed),
            now: NOON_US,
            parties: parties(&options)?,
            network: Network::default(),
            book: Book::default(),
            cases: Cases::default(),
            report: Report::default(),
            cosigned: BTreeMap::new(),
            shown: BTreeMap::new(),
            trace: Trace::default(),
            tickets: 0,
        };
        for party in world.ids() {
            world.open(party)?;
            // The very first start: no peer can know of any entry.
            world.on_core(party, RegisterAccess::Closed, tongcha_node::core::Core::begin_writing)?;
        }
        Ok(world)
    }

    /// Returns the parties, in order of their names.
    pub(super) fn ids(&self) -> Vec<PartyId> {
        self.parties.keys().copied().collect()
    }

    /// Returns the parties besides one.
    pub(super) fn peers_of(&self, me: PartyId) -> Vec<PartyId> {
        self.parties.keys().copied().filter(|party| *party != me).collect()
    }

    /// Draws one of some things; none when there are none.
    pub(super) fn draw<'a, T>(rng: &mut StdRng, from: &'a [T]) -> Option<&'a T> {
        from.get(rng.random_range(0..from.len().max(1)))
    }

    /// Returns a party.
    pub(super) fn party(&mut self, party: PartyId) -> Step<&mut Party> {
        self.parties.get_mut(&party).ok_or_else(|| unexpected(format!("no party {party}")))
    }

    /// Returns the time by a party's clock.
    pub(super) fn clock(&self, party: PartyId) -> Instant {
        Instant(self.now + self.parties.get(&party).map_or(0, |party| party.skew))
    }

    /// Draws an id.
    pub(super) fn new_id(&mut self) -> uuid::Uuid {
        let mut bytes = [0; 16];
        self.rng.fill_bytes(&mut bytes);
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }

    /// Adds a line to the trace.
    pub(super) fn note(&mut self, line: &str) {
        self.trace.line(line);
    }

    /// Ends the run.
    pub(super) fn into_report(mut self, steps: u64) -> Report {
        for party in self.ids() {
            for entry in self.book.log(party, party) {
                self.report.entry(entry);
            }
        }
        self.report.steps = steps;
        self.report.trace = self.trace.digest();
        self.report
    }

    /// Runs something on a party's core; none when the process is down or went down by it.
    pub(super) fn on_core<T>(
        &mut self,
        party: PartyId,
        access: RegisterAccess,
        work: impl FnOnce(&mut Core, Instant) -> Result<T, CoreError>,
    ) -> Step<Option<T>> {
        let now = self.clock(party);
        let at = self.party(party)?;
        let Some(core) = at.core.as_mut() else { return Ok(None) };
        let before = at.view.set_access(access);
        let result = work(core, now);
        at.view.set_access(before);
        match result {
            Ok(done) => Ok(Some(done)),
            Err(error) => self.recover(party, &error).map(|()| None),
        }
    }

    /// Does what a service does after an error of its core.
    fn recover(&mut self, party: PartyId, error: &CoreError) -> Step<()> {
        match error {
            CoreError::View(_) => {
                self.report.fault("view rebuilt");
                self.on_core(party, RegisterAccess::Folding, |core, _| core.rebuild_view())?;
                self.read_books(party) // what was staged is durable now
            }
            CoreError::Journal(JournalError::Disk { .. })
            | CoreError::Keys(KeyFileError::Disk { .. })
            | CoreError::Quarantine(_)
            | CoreError::Evidence(_) => {
                self.report.fault("disk failed");
                self.crash(party)
            }
            CoreError::Journal(
                JournalError::Damaged { .. }
                | JournalError::Chain { .. }
                | JournalError::Body { .. }
                | JournalError::TooLong { .. },
            )
            | CoreError::Keys(KeyFileError::Damaged { .. })
            | CoreError::Changed { .. }
            | CoreError::BodiesMissing { .. } => {
                broken(Invariant::ToldWhenDurable, format!("{party}: {}", chain(error)))
            }
            CoreError::RolledBack { .. } | CoreError::Unconfirmed => {
                self.report.fault("refused to write");
                Ok(())
            }
            CoreError::Make(_) => Err(unexpected(chain(error))),
        }
    }

    /// Gives a command; its outcome comes with a commit.
    pub(super) fn submit(
        &mut self,
        party: PartyId,
        actor: Actor,
        key: CommandKey,
        command: Command,
        then: Then,
    ) -> Step<()> {
        self.tickets += 1;
        let ticket = self.tickets;
        // Their projection reads the rows of the register that they replace; no other command has to do with them.
        let folds = matches!(&command, Command::ImportRegisterChunk(_) | Command::CompleteRegisterImport(_));
        let access = if folds { RegisterAccess::Folding } else { RegisterAccess::Closed };
        let submission = Submission { ticket, actor, key: Some(key), command };
        if self.on_core(party, access, |core, now| core.submit(submission, now))?.is_some() {
            self.party(party)?.memory.waiting.insert(ticket, Waiting { command: key, then });
        }
        Ok(())
    }

    /// Commits what a party has staged, and acts on the outcomes.
    pub(super) fn commit(&mut self, party: PartyId) -> Step<()> {
        let mut outcomes = self.on_core(party, RegisterAccess::Folding, |core, _| core.commit())?;
        if outcomes.is_none() {
            // The view was in doubt and is mended: what is durable is told now.
            outcomes = self.on_core(party, RegisterAccess::Folding, |core, _| core.commit())?;
        }
        self.read_books(party)?;
        for outcome in outcomes.unwrap_or_default() {
            self.told(party, outcome)?;
        }
        Ok(())
    }

    fn told(&mut self, party: PartyId, (ticket, result): Outcome) -> Step<()> {
        let Some(waiting) = self.party(party)?.memory.waiting.remove(&ticket) else {
            return Err(unexpected("an outcome that nobody waits for"));
        };
        let at = self.parties.get_mut(&party).ok_or_else(|| unexpected("no party"))?;
        told_when_durable::outcome(&self.book, at, waiting.command, &result)?;
        match (waiting.then, result) {
            (Then::Nothing, _) | (Then::Grant(_) | Then::Ask(_), Err(_)) => Ok(()),
            (Then::Grant(consent), Ok(_)) => self.issue_token(party, consent),
            (Then::Ask(asking), Ok(receipt)) => self.ask(party, *asking, receipt.recorded_at),
            (Then::Judged(answering), result) => self.judged(party, *answering, result),
            (Then::Answered(answering, answers), result) => self.answered(party, *answering, answers, result),
        }
    }

    /// Reads what has become durable at a party, and checks it.
    pub(super) fn read_books(&mut self, party: PartyId) -> Step<()> {
        let disk = self.party(party)?.disk.clone();
        if let Some(had) = self.party(party)?.old {
            return old_disk_not_written::own_log(party, &disk, had); // what is accepted is what the lost disk had
        }
        for origin in std::iter::once(party).chain(self.peers_of(party)) {
            let first = self.book.read(party, origin, &disk)?;
            if origin == party {
                loss_doubted::permits(&self.book, &self.cases, party, first)?;
                use_spent_before_answer::entries(&self.book, &self.cases, party, first)?;
            } else {
                nothing_skipped::replica(&self.book, party, origin, first)?;
            }
        }
        Ok(())
    }

    /// Ends a party's process without warning, and cuts its power.
    pub(super) fn crash(&mut self, party: PartyId) -> Step<()> {
        let at = self.parties.get_mut(&party).ok_or_else(|| unexpected("no party"))?;
        let ran = at.core.take().is_some();
        at.memory = Memory::default();
        at.view.set_access(RegisterAccess::Closed);
        self.report.crashes += 1;
        if at.disk.cut_power(&mut self.rng) > 0 {
            self.report.fault("writes lost or torn");
        }
        let fate = at.view.cut_power(&mut self.rng);
        self.report.fault(fate.name());
        self.read_books(party)?;
        let at = self.parties.get_mut(&party).ok_or_else(|| unexpected("no party"))?;
        if at.old.is_some() {
            return Ok(());
        }
        told_when_durable::survived(&self.book, at)?;
        if ran {
            erased::keys(&self.book, at)?;
        }
        nothing_skipped::still_kept(&self.book, at)
    }

    /// Starts a party's process; the disk may fail meanwhile.
    pub(super) fn open(&mut self, party: PartyId) -> Step<()> {
        let now = self.clock(party);
        let failing = !self.network.calm && self.rng.random_bool(0.1);
        let after = self.rng.random_range(0..3);
        let peers = self.peers_of(party);
        let at = self.parties.get_mut(&party).ok_or_else(|| unexpected("no party"))?;
        if failing {
            at.disk.fail_sync_after(after);
        }
        if self.options.broken == Some(Broken::WitnessForgets) {
            peers.iter().for_each(|peer| at.disk.remove(&format!("evidence/{peer}.note")));
        }
        at.view.set_access(RegisterAccess::Folding);
        let await_peers = self.options.broken != Some(Broken::WritesOn);
        let opened = at.open_on(at.disk.clone(), Box::new(at.view.clone()), &mut self.rng, now, await_peers);
        at.view.set_access(RegisterAccess::Closed);
        match opened {
            Ok(core) => {
                if let Some((peer, seen)) = core.rolled_back().filter(|_| at.old.is_none()) {
                    let what = format!("{peer} has seen {seen} entries of {party}, whose disk has fewer");
                    return broken(Invariant::ToldWhenDurable, what);
                }
                at.core = Some(core);
                self.read_books(party)?;
                self.meet_officers(party)?;
                self.ask_what_peers_hold(party)
            }
            Err(OpenError::Core(error)) => self.recover(party, &error),
            Err(error @ (OpenError::NoRules(_) | OpenError::NotOurKey(_) | OpenError::OwnKey(_))) => {
                Err(unexpected(error))
            }
        }
    }

    /// Checks what holds at any time.
    pub(super) fn check(&mut self) -> Step<()> {
        for party in self.ids() {
            self.read_books(party)?;
        }
        for at in self.parties.values() {
            if at.old.is_none() {
                told_when_durable::counts(&self.book, at)?;
            }
            if at.old.is_none() && at.core.is_some() {
                erased::keys(&self.book, at)?;
            }
            permit_before_read::nobody_trespassed(at)?;
        }
        Ok(())
    }
}

/// Says an error with its causes.
fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
