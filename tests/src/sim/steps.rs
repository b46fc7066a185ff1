//! One step: what happens next, drawn from the seed, and the checks after it.

use rand::Rng;
use tongcha_domain::id::PartyId;
use tongcha_domain::time::{MINUTE_US, SECOND_US};

use crate::sim::failure::{Step, unexpected};
use crate::sim::view::RegisterAccess;
use crate::sim::world::World;

/// Messages delivered in one step that delivers.
const DELIVERIES: usize = 6;
/// How far a party's clock may be off: past what a holder bears, so that it must refuse.
const SKEW_MAX_US: i64 = 7 * MINUTE_US;

/// Within how many syncs or reads one fails: a commit has up to seven syncs, and each must fail at times.
const FAILS_WITHIN: u32 = 12;

/// What can happen, with how often it does.
const KINDS: [(Kind, u32); 21] = [
    (Kind::Command, 20),
    (Kind::Commit, 16),
    (Kind::Publish, 14),
    (Kind::Deliver, 24),
    (Kind::Announce, 12),
    (Kind::Repair, 8),
    (Kind::Ask, 6),
    (Kind::Answer, 8),
    (Kind::Patience, 4),
    (Kind::Flush, 3),
    (Kind::Crash, 1),
    (Kind::Restart, 10),
    (Kind::Part, 1),
    (Kind::Heal, 2),
    (Kind::Harm, 3),
    (Kind::Intrude, 2),
    (Kind::Witness, 14),
    (Kind::Backup, 3),
    (Kind::Rollback, 3),
    (Kind::Recover, 5),
    (Kind::Erase, 8),
];

#[derive(Clone, Copy, Debug)]
enum Kind {
    Command,
    Commit,
    Publish,
    Deliver,
    Announce,
    Repair,
    Ask,
    Answer,
    Patience,
    Flush,
    Crash,
    Restart,
    Part,
    Heal,
    Harm,
    Intrude,
    Witness,
    Backup,
    Rollback,
    Recover,
    Erase,
}

impl World {
    /// Takes one step and checks the invariants.
    pub(super) fn step(&mut self, no: u64) -> Step<()> {
        self.now += self.rng.random_range(1_000..SECOND_US / 2);
        let kind = self.draw_kind();
        let ids = self.ids();
        let party = *Self::draw(&mut self.rng, &ids).ok_or_else(|| unexpected("no parties"))?;
        self.ask_what_peers_hold(party)?;
        self.act(kind, party)?;
        self.check()?;
        let roots = ids.iter().map(|id| match self.parties.get(id).and_then(|party| party.core.as_ref()) {
            Some(core) => format!(" {}:{}", core.tip(*id).count, core.state_root().0),
            None => " down".to_owned(),
        });
        let roots: String = roots.collect();
        let line = format!("{no} {} {kind:?} {party} {}{roots}", self.now, self.network.len());
        self.note(&line);
        Ok(())
    }

    fn draw_kind(&mut self) -> Kind {
        let total: u32 = KINDS.iter().map(|(_, weight)| weight).sum();
        let mut left = self.rng.random_range(0..total);
        for (kind, weight) in KINDS {
            match left.checked_sub(weight) {
                Some(rest) => left = rest,
                None => return kind,
            }
        }
        Kind::Deliver // not reached: what was drawn is less than the sum
    }

    fn act(&mut self, kind: Kind, party: PartyId) -> Step<()> {
        match kind {
            Kind::Command => self.officer_commands(party),
            Kind::Commit => self.commit(party),
            Kind::Publish => self.publish_to_all(party),
            Kind::Deliver => self.deliver_some(),
            Kind::Announce => self.announce(party),
            Kind::Repair => self.repair(party),
            Kind::Ask => self.officer_asks(),
            Kind::Answer => self.answer(party),
            Kind::Patience => self.lose_patience(party),
            Kind::Flush => self.on_core(party, RegisterAccess::Closed, |core, _| core.flush_view()).map(|_| ()),
            Kind::Crash => self.crash(party),
            Kind::Restart => self.restart_one(),
            Kind::Part => self.part_two(),
            Kind::Heal => {
                self.network.heal();
                Ok(())
            }
            Kind::Harm => self.harm(party),
            Kind::Intrude => self.intrude(),
            Kind::Witness => self.seek_witnesses(party),
            Kind::Backup => self.back_up(party),
            Kind::Rollback => self.roll_back(party),
            Kind::Recover => self.recover_one(),
            Kind::Erase => self.erase_something(party),
        }
    }

    /// Publishes what is new to every peer.
    pub(super) fn publish_to_all(&mut self, party: PartyId) -> Step<()> {
        self.peers_of(party).into_iter().try_for_each(|to| self.publish(party, to))
    }

    fn deliver_some(&mut self) -> Step<()> {
        for _ in 0..DELIVERIES {
            let Some(message) = self.network.arrive(self.now, &mut self.rng) else { return Ok(()) };
            self.deliver(message)?;
        }
        Ok(())
    }

    fn restart_one(&mut self) -> Step<()> {
        let down = self.parties.values().find(|party| party.core.is_none()).map(|party| party.me);
        down.map_or(Ok(()), |party| self.open(party))
    }

    fn part_two(&mut self) -> Step<()> {
        let ids = self.ids();
        let one = *Self::draw(&mut self.rng, &ids).ok_or_else(|| unexpected("no parties"))?;
        let peers = self.peers_of(one);
        if let Some(other) = Self::draw(&mut self.rng, &peers) {
            self.report.fault("link cut");
            self.network.part(one, *other);
        }
        Ok(())
    }

    /// Does something to a party that runs: its disk or its view will fail, its clock is set, its streams expire.
    fn harm(&mut self, party: PartyId) -> Step<()> {
        let (choice, skew) = (self.rng.random_range(0..6), self.rng.random_range(-SKEW_MAX_US..SKEW_MAX_US));
        let after = self.rng.random_range(0..FAILS_WITHIN);
        let at = self.party(party)?;
        let fault = match choice {
            0 | 1 => {
                at.disk.fail_sync_after(after);
                "sync will fail"
            }
            2 | 3 => {
                at.view.fail_read_after(after);
                "view read will fail"
            }
            4 => {
                at.skew = if at.skew == 0 { skew } else { 0 };
                "clock set"
            }
            _ => {
                let counts: Vec<(PartyId, u64)> = at.memory.published.iter().map(|(to, n)| (*to, *n)).collect();
                for (to, published) in counts {
                    let again = self.around(published);
                    self.party(party)?.memory.published.insert(to, again);
                }
                "published again"
            }
        };
        self.report.fault(fault);
        Ok(())
    }
}
