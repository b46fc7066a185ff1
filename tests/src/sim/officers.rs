//! What the officers of the simulation do: mostly sensible commands on the cases there are, some out of turn.

use std::collections::BTreeMap;

use rand::rngs::StdRng;
use rand::{Rng, RngCore};
use tongcha_domain::access::{AccessTarget, RecordAccess};
use tongcha_domain::channel::{ConfirmChannel, OpenChannel};
use tongcha_domain::command::Command;
use tongcha_domain::consent::{
    ConsentClaims, CountersignConsent, RecordConsent, RevocationForm, RevokeConsent, SignedBy,
};
use tongcha_domain::id::{BatchId, CommandKey, ConsentId, ImportId, PartyId, UrgentId};
use tongcha_domain::notice::{
    AcknowledgeBatch, ApproveBatch, DisputeEntry, DisputeReason, MatchEntry, SendBatch, WithdrawEntry,
};
use tongcha_domain::officer::{Actor, Role};
use tongcha_domain::register::{CompleteRegisterImport, StartRegisterImport};
use tongcha_domain::time::Instant;
use tongcha_domain::urgent::{AckUrgent, ReportAction, StandDown, TakeOver};
use tongcha_ledger::token::ConsentToken;

use crate::sim::erasures::ErasureCase;
use crate::sim::failure::{Step, unexpected};
use crate::sim::party::Then;
use crate::sim::people::{batch, claims, clearances, cleared, note, officer, raise, register_chunk, short};
use crate::sim::world::World;

/// How often an officer acts on a case that is not the party's business.
const OUT_OF_TURN: f64 = 0.1;
/// How many tokens are new: the older ones are mostly used up.
pub(super) const NEWEST: usize = 3;
/// Commands kept to be repeated.
const REPEATS_MAX: usize = 64;

/// What there is to act upon. It outlives every process: it is in people's heads and on paper.
#[derive(Default)]
pub(super) struct Cases {
    /// Batches with sender and addressee.
    batches: Vec<(BatchId, PartyId, PartyId)>,
    /// Urgent notices with who raised them.
    pub(super) urgents: Vec<(UrgentId, PartyId)>,
    pub(super) consents: BTreeMap<ConsentId, ConsentClaims>,
    /// Consents with the tokens made of them.
    pub(super) tokens: Vec<(ConsentId, Vec<u8>)>,
    pub(super) erasures: Vec<ErasureCase>,
    imports: BTreeMap<PartyId, ImportId>,
    repeats: Vec<(PartyId, CommandKey, Actor, Command)>,
}

impl World {
    /// Lets an officer of a party give a command, or repeat one.
    pub(super) fn officer_commands(&mut self, party: PartyId) -> Step<()> {
        if self.rng.random_bool(0.08)
            && let Some((party, key, actor, command)) = Self::draw(&mut self.rng, &self.cases.repeats).cloned()
        {
            self.report.fault("command repeated");
            return self.submit(party, actor, key, command, Then::Nothing);
        }
        let (actor, command) = match self.rng.random_range(0..10) {
            0..=2 => self.notice_command(party)?,
            3 | 4 => self.urgent_command(party)?,
            5..=7 => self.consent_command(party)?,
            8 => self.register_command(party)?,
            _ => {
                let target = AccessTarget::Batch(self.some_batch(party).0);
                let command = RecordAccess { target, reason: short("case review")? };
                (officer(party, "cw", Role::Caseworker)?, command.into())
            }
        };
        self.give(party, actor, command)
    }

    /// Gives a new command under a new key.
    pub(super) fn give(&mut self, party: PartyId, actor: Actor, command: Command) -> Step<()> {
        let mut key = CommandKey([0; 32]);
        self.rng.fill_bytes(&mut key.0);
        let then = if let Command::CountersignConsent(CountersignConsent { consent }) = &command {
            Then::Grant(*consent)
        } else {
            Then::Nothing
        };
        if self.cases.repeats.len() < REPEATS_MAX {
            self.cases.repeats.push((party, key, actor.clone(), command.clone()));
        }
        self.submit(party, actor, key, command, then)
    }

    /// Draws one of some cases: mostly one that is the party's business.
    fn draw_case<T: Clone>(&mut self, cases: &[T], is_theirs: impl Fn(&T) -> bool) -> Option<T> {
        if self.rng.random_bool(OUT_OF_TURN) {
            return Self::draw(&mut self.rng, cases).cloned();
        }
        let theirs: Vec<T> = cases.iter().filter(|case| is_theirs(case)).cloned().collect();
        Self::draw(&mut self.rng, &theirs).cloned()
    }

    /// Draws a batch, and tells whether the party sent it.
    fn some_batch(&mut self, party: PartyId) -> (BatchId, bool) {
        let cases = self.cases.batches.clone();
        match self.draw_case(&cases, |(_, from, to)| *from == party || *to == party) {
            Some((batch, from, _)) => (batch, from == party),
            None => (BatchId(self.new_id()), true),
        }
    }

    fn notice_command(&mut self, party: PartyId) -> Step<(Actor, Command)> {
        if self.rng.random_bool(0.25) {
            return self.prepare_batch(party);
        }
        let (id, sent_here) = self.some_batch(party);
        let entry = self.rng.random_range(1..=2);
        let caseworker = officer(party, "cw", Role::Caseworker)?;
        Ok(match (sent_here, self.rng.random_range(0..6)) {
            (true, 0..=2) => (officer(party, "rv", Role::Reviewer)?, ApproveBatch { batch: id }.into()),
            (true, 3 | 4) => (officer(party, "lo", Role::Liaison)?, SendBatch { batch: id }.into()),
            (true, _) => (caseworker, WithdrawEntry { batch: id, entry, note: note("a mistake")? }.into()),
            (false, 0..=2) => (caseworker, MatchEntry { batch: id, entry }.into()),
            (false, 3) => {
                let (reason, note) = (DisputeReason::Duplicate, note("the same person twice")?);
                (caseworker, DisputeEntry { batch: id, entry, reason, note }.into())
            }
            (false, _) => (officer(party, "lo", Role::Liaison)?, AcknowledgeBatch { batch: id }.into()),
        })
    }

    fn prepare_batch(&mut self, party: PartyId) -> Step<(Actor, Command)> {
        let id = BatchId(self.new_id());
        let peers = self.peers_of(party);
        let to = *Self::draw(&mut self.rng, &peers).ok_or_else(|| unexpected("no peers"))?;
        let entries = self.rng.random_range(0..=2);
        self.cases.batches.push((id, party, to));
        Ok((officer(party, "cw", Role::Caseworker)?, batch(id, to, entries, self.clock(party))?))
    }

    fn urgent_command(&mut self, party: PartyId) -> Step<(Actor, Command)> {
        let duty = officer(party, "ho", Role::Duty)?;
        if self.rng.random_bool(0.3) {
            let urgent = UrgentId(self.new_id());
            self.cases.urgents.push((urgent, party));
            let mut to = self.peers_of(party);
            if self.rng.random_bool(0.3) {
                to.truncate(1);
            }
            return Ok((duty, raise(urgent, to)?));
        }
        let cases = self.cases.urgents.clone();
        let Some((urgent, from)) = self.draw_case(&cases, |_| true) else {
            return Ok((duty, AckUrgent { urgent: UrgentId(self.new_id()) }.into()));
        };
        let command = match (from == party, self.rng.random_range(0..4)) {
            (true, 0) => StandDown { urgent, outcome: note("safe")? }.into(),
            (false, 0 | 1) => AckUrgent { urgent }.into(),
            (false, 2) => TakeOver { urgent }.into(),
            (true | false, _) => {
                ReportAction { urgent, family_contacted: true, action: note("taken to hospital")? }.into()
            }
        };
        Ok((duty, command))
    }

    fn consent_command(&mut self, party: PartyId) -> Step<(Actor, Command)> {
        let cases: Vec<(ConsentId, bool, bool)> = (self.cases.consents.iter())
            .map(|(id, claims)| (*id, claims.issuer == party, claims.parties().contains(&party)))
            .collect();
        let choice = self.rng.random_range(0..10);
        let (clerk, reviewer) = (officer(party, "cw", Role::Caseworker)?, officer(party, "rv", Role::Reviewer)?);
        let new = ConsentId(self.new_id());
        Ok(match choice {
            0..=3 => (clerk, RecordConsent { claims: self.new_consent(party)? }.into()),
            4..=8 => {
                let granted: Vec<ConsentId> = self.cases.tokens.iter().map(|(id, _)| *id).collect();
                let case = self.draw_case(&cases, |(id, issued_here, _)| *issued_here && !granted.contains(id));
                (reviewer, CountersignConsent { consent: case.map_or(new, |(id, ..)| id) }.into())
            }
            _ => {
                // Mostly a consent that is being asked upon.
                let newest: Vec<ConsentId> = self.cases.tokens.iter().rev().take(NEWEST).map(|(id, _)| *id).collect();
                let in_use = |id: &ConsentId| newest.contains(id);
                let case = match self.draw_case(&cases, |(id, _, involved)| *involved && in_use(id)) {
                    Some(case) => Some(case),
                    None => self.draw_case(&cases, |(_, _, involved)| *involved),
                };
                let effective_at = self.clock(party).plus_us(-1);
                let consent = case.map_or(new, |(id, ..)| id);
                (
                    clerk,
                    RevokeConsent {
                        consent,
                        form: RevocationForm::InPerson,
                        effective_at,
                        subjects: [].into(),
                        by: Some(SignedBy::Subject(0)),
                    }
                    .into(),
                )
            }
        })
    }

    fn new_consent(&mut self, issuer: PartyId) -> Step<ConsentClaims> {
        let id = ConsentId(self.new_id());
        let peers = self.peers_of(issuer);
        let holder = *Self::draw(&mut self.rng, &peers).ok_or_else(|| unexpected("no peers"))?;
        let third = peers.iter().copied().find(|peer| *peer != holder);
        let requester = third.filter(|_| self.rng.random_bool(0.25)).unwrap_or(issuer);
        let uses = self.rng.random_range(1..=3);
        let claims = claims(id, [issuer, holder, requester], uses, self.clock(issuer))?;
        self.cases.consents.insert(id, claims.clone());
        Ok(claims)
    }

    fn register_command(&mut self, party: PartyId) -> Step<(Actor, Command)> {
        let clerk = officer(party, "sa", Role::Administrator)?;
        let import = match self.cases.imports.get(&party) {
            Some(import) if !self.rng.random_bool(0.3) => *import,
            Some(_) | None => {
                let import = ImportId(self.new_id());
                self.cases.imports.insert(party, import);
                let command = StartRegisterImport { import, households: 2, file_digest: [9; 32] };
                return Ok((clerk, command.into()));
            }
        };
        if self.rng.random_bool(0.5) {
            return Ok((clerk, register_chunk(import, self.clock(party))?.into()));
        }
        Ok((clerk, CompleteRegisterImport { import }.into()))
    }

    /// Makes the token of a granted consent at its issuer.
    pub(super) fn issue_token(&mut self, issuer: PartyId, consent: ConsentId) -> Step<()> {
        let Some(claims) = self.cases.consents.get(&consent).cloned() else { return Ok(()) };
        let mut rng: StdRng = rand::SeedableRng::from_rng(&mut self.rng);
        let party = self.party(issuer)?;
        let token = ConsentToken::issue(&claims, &party.secrets, &party.directory, &mut rng).map_err(unexpected)?;
        self.cases.tokens.push((consent, token.bytes().to_vec()));
        Ok(())
    }

    /// What has happened before the first step: every party has a register and a consent for a question to another, and open
    /// channels to all.
    pub(super) fn begin(&mut self) -> Step<()> {
        for party in self.ids() {
            let clerk = officer(party, "sa", Role::Administrator)?;
            let import = ImportId(self.new_id());
            let chunk = register_chunk(import, self.clock(party))?;
            let start = StartRegisterImport { import, households: 2, file_digest: [9; 32] };
            let claims = self.new_consent(party)?;
            let countersign = CountersignConsent { consent: claims.id };
            for command in [start.into(), chunk.into(), CompleteRegisterImport { import }.into()] {
                self.give(party, clerk.clone(), command)?;
            }
            for to in self.peers_of(party) {
                let clearances = clearances(self.clock(party))?;
                self.give(party, officer(party, "sec", Role::Secretariat)?, OpenChannel { to, clearances }.into())?;
                self.give(party, officer(party, "dp", Role::DataProtection)?, ConfirmChannel { to }.into())?;
            }
            for (name, role) in [("cw", Role::Caseworker), ("rv", Role::Reviewer)] {
                let command = cleared(officer(party, name, role)?, Instant(0))?;
                self.give(party, officer(party, "sec", Role::Secretariat)?, command)?;
            }
            self.give(party, officer(party, "cw", Role::Caseworker)?, RecordConsent { claims }.into())?;
            self.give(party, officer(party, "rv", Role::Reviewer)?, countersign.into())?;
            self.commit(party)?;
        }
        self.check()
    }
}
