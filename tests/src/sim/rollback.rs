//! A party's disk is replaced by a copy of an earlier day; the party finds out, and recovers from its peers.
//!
//! A disk is lost only when each of its entries has reached a peer: an entry that was accepted and never left the disk can
//! come back from nowhere, here as in the world. That is what the state *accepted*, not yet *witnessed*, says. The peer may be
//! one that got the header alone, while the body was on its way to another: the entry comes back, and its addressee takes it.

use tongcha_domain::id::PartyId;
use tongcha_ledger::checkpoint::SignedCheckpoint;
use tongcha_ledger::merkle::TreeHead;
use tongcha_ledger::parcel::ParcelOpener;
use tongcha_node::core::{Core, CoreError, Outgoing, read_quarantine};
use tongcha_node::recovery::{
    HeldEntry, Holding, KnownTree, Missing, Plan, Source, held_here, plan, raise_floor, restore,
};

use crate::sim::Broken;
use crate::sim::failure::{Invariant, Step, broken, unexpected};
use crate::sim::invariant::accepted_not_lost;
use crate::sim::party::Memory;
use crate::sim::view::{RegisterAccess, SimView};
use crate::sim::world::World;

/// Officers who give a command as soon as a party is up on an old disk.
const OFFICERS: usize = 3;

/// What a peer gives back: entries of the log asked for, the largest tree of it that it cosigned, its own newest note.
struct Given {
    entries: Vec<HeldEntry>,
    cosigned: Option<(TreeHead, Vec<u8>)>,
    published: Option<Vec<u8>>,
}

/// Asks again and again until there is no more.
fn all(mut next: impl FnMut(u64) -> Result<Vec<Outgoing>, CoreError>, from: u64) -> Result<Vec<Vec<u8>>, CoreError> {
    let mut all: Vec<Vec<u8>> = Vec::new();
    loop {
        let more = next(from + all.len() as u64)?;
        if more.is_empty() {
            return Ok(all);
        }
        all.extend(more.into_iter().map(|outgoing| outgoing.bytes));
    }
}

/// A checkpoint of somebody's log: of the own one what a peer has cosigned, of a peer's the newest that it published.
type Published = (PartyId, Vec<u8>);

impl World {
    /// Whether disks are exchanged at all: the other broken variants have enough to show without it.
    fn exchanges_disks(&self) -> bool {
        match self.options.broken {
            None | Some(Broken::WitnessForgets | Broken::WritesOn | Broken::DropsTail | Broken::RefusesLost) => true,
            Some(
                Broken::NoSync
                | Broken::AnswerFirst
                | Broken::UseNotSpent
                | Broken::OrderDependent
                | Broken::SkipRefused
                | Broken::ForgetsToErase
                | Broken::ErasesInView
                | Broken::ViewRemembers
                | Broken::ErasesTooMuch,
            ) => false,
        }
    }

    /// Copies a party's disk, to be put in again one day.
    pub(super) fn back_up(&mut self, party: PartyId) -> Step<()> {
        let count = self.book.log(party, party).len() as u64;
        let at = self.party(party)?;
        if at.old.is_none() {
            at.backup = Some((at.disk.copy_of_synced(), count));
        }
        Ok(())
    }

    /// Takes a party's disk away and puts the copy in, when nothing that it has accepted is only there.
    pub(super) fn roll_back(&mut self, party: PartyId) -> Step<()> {
        // One disk at a time: two parties on old disks at once could not recover from each other.
        let one_is_old = self.parties.values().any(|at| at.old.is_some());
        if !self.exchanges_disks() || one_is_old || self.party(party)?.backup.is_none() {
            return Ok(());
        }
        self.crash(party)?;
        let accepted = self.book.log(party, party).len();
        let elsewhere = self.peers_of(party).iter().any(|peer| self.book.log(*peer, party).len() == accepted);
        let first_come = (self.options.broken == Some(Broken::OrderDependent)).then_some(party);
        let at = self.party(party)?;
        match at.backup.take() {
            Some((disk, had)) if elsewhere && had < accepted as u64 => {
                (at.disk, at.old, at.view) = (disk, Some(had), SimView::new(first_come));
                self.report.fault("disk rolled back");
            }
            kept => at.backup = kept,
        }
        Ok(())
    }

    /// Officers wait at the door of a party that comes up on an old disk.
    pub(super) fn meet_officers(&mut self, party: PartyId) -> Step<()> {
        if self.party(party)?.old.is_none() {
            return Ok(());
        }
        for _ in 0..OFFICERS {
            self.officer_commands(party)?;
        }
        self.commit(party)
    }

    /// Asks every peer that can be reached what it holds of a party's log, until all have said; then it may write.
    pub(super) fn ask_what_peers_hold(&mut self, party: PartyId) -> Step<()> {
        let waits = |core: &mut Core, _| Ok(core.awaits_peers().then(|| core.tip(party).count));
        let Some(Some(have)) = self.on_core(party, RegisterAccess::Closed, waits)? else { return Ok(()) };
        for peer in self.peers_of(party) {
            if !self.network.joined(party, peer) {
                continue;
            }
            let Some(given) = self.given_back(party, peer, have.saturating_sub(1))? else { continue };
            let entries: Vec<_> = given.entries.into_iter().map(|held| held.entry).collect();
            self.on_core(party, RegisterAccess::Closed, |core, _| core.hear_own(peer, &entries))?;
            self.party(party)?.memory.heard.insert(peer);
        }
        if self
            .peers_of(party)
            .iter()
            .all(|peer| self.parties.get(&party).is_some_and(|at| at.memory.heard.contains(peer)))
        {
            let confirmed = self.on_core(party, RegisterAccess::Folding, |core, now| {
                core.begin_writing(now)?;
                Ok(core.rolled_back().is_some())
            })?;
            if confirmed == Some(true) {
                self.report.fault("rollback noticed");
            }
            self.commit(party)?;
        }
        Ok(())
    }

    /// What a peer gives back of a party's log; none when it is down, or went down by it.
    fn given_back(&mut self, party: PartyId, peer: PartyId, from: u64) -> Step<Option<Given>> {
        let given = self.on_core(peer, RegisterAccess::Closed, |core, _| {
            let parcels = all(|next| core.returned(party, next, usize::MAX), from)?;
            let note = |checkpoint: &SignedCheckpoint| checkpoint.note().to_string().into_bytes();
            let cosigned = core.cosigned(party).map(|checkpoint| (checkpoint.head(), note(checkpoint)));
            Ok((parcels, cosigned, core.published().map(note)))
        })?;
        let Some((parcels, cosigned, published)) = given else { return Ok(None) };
        let opener = self.opener(party)?;
        let opened =
            parcels.iter().map(|bytes| opener.open_returned(peer, bytes).map(HeldEntry::from).map_err(unexpected));
        Ok(Some(Given { entries: opened.collect::<Step<_>>()?, cosigned, published }))
    }

    fn opener(&mut self, party: PartyId) -> Step<ParcelOpener> {
        let at = self.party(party)?;
        Ok(ParcelOpener::new(at.secrets.clone(), at.directory.clone()))
    }

    /// Recovers a party that has noticed that its disk is an old one, when all its peers run.
    pub(super) fn recover_one(&mut self) -> Step<()> {
        let noticed = |party: &PartyId| {
            self.parties
                .get(party)
                .is_some_and(|at| at.old.is_some() && at.core.as_ref().is_some_and(|core| core.rolled_back().is_some()))
        };
        let Some(party) = self.ids().into_iter().find(noticed) else { return Ok(()) };
        let peers = self.peers_of(party);
        if peers.iter().any(|peer| self.parties.get(peer).is_none_or(|at| at.core.is_none() || at.old.is_some())) {
            return Ok(());
        }
        let at = self.party(party)?;
        (at.core, at.memory) = (None, Memory::default()); // the service is stopped
        at.disk.forget_failure();
        let Some((own, published)) = self.own_plan(party)? else { return Ok(()) };
        let mut replicas = Vec::new();
        for peer in peers {
            let Some(replica) = self.replica_plan(party, peer)? else { return Ok(()) };
            replicas.push(replica);
        }
        self.write_plans(party, &own, &replicas, &published)?;
        self.report.fault("recovered from peers");
        self.open(party)
    }

    fn own_plan(&mut self, party: PartyId) -> Step<Option<(Plan, Vec<Published>)>> {
        let (disk, directory) = (self.party(party)?.disk.clone(), self.party(party)?.directory.clone());
        let (here, _) = held_here(&disk, party, &directory).map_err(unexpected)?;
        let from = here.ask_from(party);
        let (mut holdings, mut trees, mut published) = (vec![here], Vec::new(), Vec::new());
        for peer in self.peers_of(party) {
            let Some(mut given) = self.given_back(party, peer, from)? else { return Ok(None) };
            if self.options.broken == Some(Broken::DropsTail) {
                given.entries.pop();
            } else {
                let cosigned = given.cosigned.take();
                trees.extend(cosigned.iter().map(|(head, _)| KnownTree { source: Source::Peer(peer), head: *head }));
                published.extend(cosigned.map(|(_, note)| (party, note)));
            }
            published.extend(given.published.map(|note| (peer, note)));
            holdings.push(Holding { source: Source::Peer(peer), entries: given.entries });
        }
        match plan(party, party, holdings, &trees) {
            Ok(own) => Ok(Some((own, published))),
            Err(error) => broken(Invariant::AcceptedNotLost, format!("{party} can't recover: {error}")),
        }
    }

    fn replica_plan(&mut self, party: PartyId, origin: PartyId) -> Step<Option<Plan>> {
        let (disk, directory) = (self.party(party)?.disk.clone(), self.party(party)?.directory.clone());
        let (here, _) = held_here(&disk, origin, &directory).map_err(unexpected)?;
        let from = here.ask_from(party);
        let parcels = self.on_core(origin, RegisterAccess::Closed, |core, _| {
            all(|next| core.outgoing(party, next, usize::MAX), from)
        })?;
        let Some(parcels) = parcels else { return Ok(None) };
        let opener = self.opener(party)?;
        let opened = parcels.iter().map(|bytes| opener.open(origin, bytes).map(HeldEntry::from).map_err(unexpected));
        let theirs = Holding { source: Source::Peer(origin), entries: opened.collect::<Step<_>>()? };
        match plan(origin, party, vec![here, theirs], &[]) {
            Ok(replica) => Ok(Some(replica)),
            Err(error) => broken(Invariant::AcceptedNotLost, format!("{party} can't restore {origin}: {error}")),
        }
    }

    fn write_plans(
        &mut self,
        party: PartyId,
        own: &Plan,
        replicas: &[Plan],
        published: &[(PartyId, Vec<u8>)],
    ) -> Step<()> {
        for Missing { seq, told, .. } in own.missing.iter().filter(|missing| !missing.told.is_empty()) {
            accepted_not_lost::nobody_has(&self.book, party, *seq, told)?;
            self.report.fault("body lost on its way");
        }
        let at = self.party(party)?;
        for replica in replicas {
            restore(&mut at.disk, replica, false).map_err(unexpected)?;
        }
        for (origin, note) in published {
            raise_floor(&mut at.disk, party, *origin, note, &at.directory).map_err(unexpected)?;
        }
        restore(&mut at.disk, own, true).map_err(unexpected)?;
        let kept = read_quarantine(&at.disk.copy_of_synced()).map_err(unexpected)?.len();
        (at.old, at.view, at.kept) = (None, SimView::new(None), kept);
        let disk = at.disk.clone();
        for origin in self.ids() {
            self.book.resume(party, origin, &disk)?;
        }
        Ok(())
    }
}
