//! The end of a run: faults cease, the exchange comes to rest, and everybody must have everything.

use tongcha_domain::time::MINUTE_US;
use tongcha_node::core::Core;

use crate::sim::failure::{Invariant, Step, broken};
use crate::sim::invariant::{erased, loss_doubted, nothing_skipped, one_root, witness_never_back};
use crate::sim::view::RegisterAccess;
use crate::sim::world::World;

/// Most rounds until the exchange must be at rest. A round carries everything that is known to be missing.
const ROUNDS_MAX: usize = 200;

impl World {
    /// Heals everything, lets the exchange come to rest, and checks what must hold then.
    pub(super) fn settle(&mut self) -> Step<()> {
        self.network.heal();
        self.network.calm = true;
        for party in self.parties.values_mut() {
            party.skew = 0;
            party.view.forget_failure();
            party.disk.forget_failure();
        }
        for _ in 0..ROUNDS_MAX {
            if self.round()? {
                self.check()?;
                nothing_skipped::complete(self)?;
                loss_doubted::named(self)?;
                witness_never_back::complete(self)?;
                erased::complete(self)?;
                return one_root::at_rest(self);
            }
        }
        broken(Invariant::NothingSkipped, format!("the exchange does not come to rest in {ROUNDS_MAX} rounds"))
    }

    /// Does all there is to do once; tells whether there was nothing.
    fn round(&mut self) -> Step<bool> {
        self.now += MINUTE_US / 4;
        let before: usize = self.entries();
        for party in self.ids() {
            if self.party(party)?.core.is_none() {
                self.open(party)?;
            }
            self.ask_what_peers_hold(party)?;
            let due = |core: &mut Core, now| if core.may_write() { core.begin_writing(now) } else { Ok(()) };
            self.on_core(party, RegisterAccess::Folding, due)?;
            self.commit(party)?;
            while !self.party(party)?.memory.judged.is_empty() {
                self.answer(party)?;
                self.commit(party)?;
            }
            self.lose_patience(party)?;
            self.announce(party)?;
            self.publish_to_all(party)?;
            self.repair(party)?;
            self.seek_witnesses(party)?;
        }
        self.recover_one()?;
        let mut quiet = true;
        while let Some(message) = self.network.arrive(self.now, &mut self.rng) {
            quiet &= message.is_quiet();
            self.deliver(message)?;
        }
        let mut waiting = false;
        for party in self.ids() {
            waiting |= self.party(party)?.old.is_some();
            let memory = &self.party(party)?.memory;
            waiting |= !(memory.waiting.is_empty() && memory.asked.is_empty() && memory.judged.is_empty());
            let wanted = self.on_core(party, RegisterAccess::Closed, |core, _| Ok(core.wanted()))?;
            // A log that is only halted, with nothing missing, waits for the next entry.
            let exists = |(origin, next): &(_, u64)| *next < self.book.log(*origin, *origin).len() as u64;
            waiting |= wanted.unwrap_or_default().iter().any(exists);
        }
        let line = format!("round {} {quiet} {waiting}", self.entries());
        self.note(&line);
        Ok(quiet && !waiting && self.entries() == before)
    }

    fn entries(&self) -> usize {
        let ids = self.ids();
        ids.iter().flat_map(|disk| ids.iter().map(|origin| self.book.log(*disk, *origin).len())).sum()
    }
}
