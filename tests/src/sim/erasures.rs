//! Erasures among the steps: officers propose what may go and what may not, another orders it, a peer asks for it, or is
//! refused; and parties that erase badly.

use std::collections::{BTreeMap, BTreeSet};

use rand::Rng;
use tongcha_domain::command::Command;
use tongcha_domain::erasure::{
    ErasureBasis, ErasureFacts, ErasureGround, Keeping, ListedEntry, OrderErasure, ProposeErasure, RefusalGround,
    RefuseErasure, RequestErasure, keeping,
};
use tongcha_domain::event::EventKind;
use tongcha_domain::id::{ErasureId, PartyId};
use tongcha_domain::officer::{Actor, Role};
use tongcha_domain::urgent::StandDown;
use tongcha_ledger::slot::{SLOT_LEN, Slot};
use tongcha_node::core::LogEntry;

use crate::sim::Broken;
use crate::sim::failure::Step;
use crate::sim::people::{note, officer, short};
use crate::sim::view::RegisterAccess;
use crate::sim::world::World;

/// How often what is listed names nobody, or must be kept.
const NOT_ERASABLE: f64 = 0.1;
/// How often a whole case is listed rather than one entry of it.
const WHOLE_CASE: f64 = 0.7;
/// How often an urgent notice is ended first.
const END_NOTICE: f64 = 0.3;
/// How often the order comes from who proposed it.
const SAME_PERSON: f64 = 0.15;

/// An erasure that somebody has proposed or asked for.
#[derive(Clone, Copy)]
pub(super) struct ErasureCase {
    id: ErasureId,
    origin: PartyId,
    asker: Option<PartyId>,
}

/// How a disk keeps keys that are to be overwritten, in the broken variants.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum KeepsKeys {
    /// It overwrites nothing.
    Whole,
    /// Who reads finds it overwritten, and the platter keeps it.
    Below,
    /// It overwrites the slot before, too.
    TooFew,
}

impl KeepsKeys {
    /// Returns how the disks of a variant keep keys.
    pub(super) fn of(broken: Option<Broken>) -> Option<Self> {
        [
            (Broken::ForgetsToErase, Self::Whole),
            (Broken::ErasesInView, Self::Below),
            (Broken::ErasesTooMuch, Self::TooFew),
        ]
        .into_iter()
        .find_map(|(variant, keeps)| (broken == Some(variant)).then_some(keeps))
    }

    /// Tells whether bytes overwrite a key in place.
    pub(super) fn concerns(file: &str, bytes: &[u8]) -> bool {
        file.ends_with(".keys") && bytes == Slot::Destroyed.to_bytes().as_slice()
    }

    /// Puts the keys back that a sync has just overwritten.
    pub(super) fn put_back(before: &[u8], synced: &mut [u8]) {
        for (old, new) in before.chunks_exact(SLOT_LEN).zip(synced.chunks_exact_mut(SLOT_LEN)) {
            let was_key = matches!(old.first_chunk().and_then(Slot::from_bytes), Some(Slot::Key(_)));
            if was_key && KeepsKeys::concerns(".keys", new) {
                new.copy_from_slice(old);
            }
        }
    }
}

impl World {
    /// Lets a data-protection officer, or who orders, do something about an erasure.
    pub(super) fn erase_something(&mut self, party: PartyId) -> Step<()> {
        if self.rng.random_bool(END_NOTICE) {
            self.end_a_notice(party)?;
        }
        let given = match self.rng.random_range(0..10) {
            0..=2 => self.propose_erasure(party)?,
            3..=6 => self.order_erasure(party)?,
            7 => self.request_erasure(party)?,
            _ => self.answer_request(party)?,
        };
        given.map_or(Ok(()), |(actor, command)| self.give(party, actor, command))
    }

    /// Nothing is erased while somebody may be in danger: the last urgent notice of the party is over.
    fn end_a_notice(&mut self, party: PartyId) -> Step<()> {
        let own = self.cases.urgents.iter().rev().find(|(_, from)| *from == party);
        let Some((urgent, _)) = own.copied() else { return Ok(()) };
        let over = StandDown { urgent, outcome: note("safe")? };
        self.give(party, officer(party, "ho", Role::Duty)?, over.into())?;
        self.commit(party)
    }

    fn propose_erasure(&mut self, party: PartyId) -> Step<Option<(Actor, Command)>> {
        let listed = self.listed(party, party)?;
        let entries = self.pick(&listed);
        let (erasure, ground) = (ErasureId(self.new_id()), ground()?);
        self.cases.erasures.push(ErasureCase { id: erasure, origin: party, asker: None });
        let command = ProposeErasure { erasure, entries, ground, asker: None };
        Ok(Some((officer(party, "dp", Role::DataProtection)?, command.into())))
    }

    fn order_erasure(&mut self, party: PartyId) -> Step<Option<(Actor, Command)>> {
        let pending = self.on_core(party, RegisterAccess::Closed, |core, _| {
            let all = core.rows().all::<ErasureFacts>()?.into_iter();
            let open = |own: &ErasureFacts| own.proposed.is_some() && own.ordered.is_none();
            Ok(all.filter(|(_, sides)| sides.of(party).is_some_and(open)).map(|(id, _)| id).collect())
        })?;
        let mut orderable: Vec<ErasureId> = pending.unwrap_or_default();
        if orderable.is_empty() {
            let own = self.cases.erasures.iter().filter(|case| case.origin == party);
            orderable.extend(own.map(|case| case.id));
        }
        let Some(erasure) = Self::draw(&mut self.rng, &orderable).copied() else { return Ok(None) };
        let second = if self.rng.random_bool(SAME_PERSON) {
            officer(party, "dp", Role::DataProtection)?
        } else {
            officer(party, "sec", Role::Secretariat)?
        };
        Ok(Some((second, OrderErasure { erasure }.into())))
    }

    fn request_erasure(&mut self, party: PartyId) -> Step<Option<(Actor, Command)>> {
        let peers = self.peers_of(party);
        let Some(to) = Self::draw(&mut self.rng, &peers).copied() else { return Ok(None) };
        let mut listed = self.listed(party, to)?;
        listed.retain(|entry| entry.audience.contains(&party));
        let entries = self.pick(&listed);
        let (erasure, ground, reason) = (ErasureId(self.new_id()), ground()?, short("recorded in error")?);
        self.cases.erasures.push(ErasureCase { id: erasure, origin: to, asker: Some(party) });
        let command = RequestErasure { erasure, to, entries, ground, reason };
        Ok(Some((officer(party, "dp", Role::DataProtection)?, command.into())))
    }

    fn answer_request(&mut self, party: PartyId) -> Step<Option<(Actor, Command)>> {
        let asked = |case: &&ErasureCase| case.origin == party && case.asker.is_some();
        let asked: Vec<ErasureCase> = self.cases.erasures.iter().filter(asked).copied().collect();
        let Some(ErasureCase { id, asker, .. }) = Self::draw(&mut self.rng, &asked).copied() else { return Ok(None) };
        let dp = officer(party, "dp", Role::DataProtection)?;
        if self.rng.random_bool(0.3) {
            let (because, reference) = (RefusalGround::StillNeeded, short("DP-2026-2")?);
            return Ok(Some((dp, RefuseErasure { erasure: id, because, reference }.into())));
        }
        let wanted = self.on_core(party, RegisterAccess::Closed, |core, _| {
            let sides = core.rows().sides::<ErasureFacts>(&id)?;
            Ok(sides.request_to(party).map(|request| request.asked.entries.clone()).unwrap_or_default())
        })?;
        let (wanted, mut entries): (BTreeSet<u64>, _) = (wanted.unwrap_or_default(), self.listed(party, party)?);
        let cases: Vec<_> = entries.iter().filter(|one| wanted.contains(&one.seq)).map(|one| one.case).collect();
        let goes_with = |one: &ListedEntry| one.case.is_some() && cases.contains(&one.case) && is_content(one);
        entries.retain(|one| wanted.contains(&one.seq) || goes_with(one));
        Ok(Some((dp, ProposeErasure { erasure: id, entries, ground: ground()?, asker }.into())))
    }

    /// Lists a log as the service does.
    fn listed(&mut self, party: PartyId, origin: PartyId) -> Step<Vec<ListedEntry>> {
        let log = self.on_core(party, RegisterAccess::Closed, |core, _| core.entries_of(origin, 0, u64::MAX))?;
        let mut last = BTreeMap::new();
        let listed = |LogEntry { seq, kind, recorded_at, audience, case }| {
            let after = case.and_then(|case| last.insert((case, keeping(kind)), seq));
            ListedEntry { seq, kind, recorded_at, audience, case, after }
        };
        Ok(log.unwrap_or_default().into_iter().map(listed).collect())
    }

    /// Draws an entry, or a whole case, from a list.
    fn pick(&mut self, listed: &[ListedEntry]) -> Vec<ListedEntry> {
        let any = self.rng.random_bool(NOT_ERASABLE);
        let from: Vec<&ListedEntry> = listed.iter().filter(|entry| any || is_content(entry)).collect();
        let Some(one) = Self::draw(&mut self.rng, &from).copied() else { return Vec::new() };
        let case = one.case.filter(|_| self.rng.random_bool(WHOLE_CASE));
        let goes_with = |entry: &&ListedEntry| case.is_some() && entry.case == case && is_content(entry);
        listed.iter().filter(|entry| entry.seq == one.seq || goes_with(entry)).cloned().collect()
    }
}

/// Content that no longer serves: the register mostly does.
fn is_content(entry: &ListedEntry) -> bool {
    keeping(entry.kind) == Keeping::Content && entry.kind != EventKind::RegisterChunkImported
}

fn ground() -> Step<ErasureGround> {
    Ok(ErasureGround { basis: ErasureBasis::SubjectRequest, reference: short("DP-2026-1")? })
}
