//! The asker's side of a lookup: record the question, send it, record what came of it.

use rand::rngs::StdRng;
use rand::{Rng, RngCore};
use tongcha_domain::consent::OrgUnit;
use tongcha_domain::id::{CommandKey, LookupId, PartyId};
use tongcha_domain::lookup::{AskLookup, CloseLookup, LookupOutcome, TokenStanding};
use tongcha_domain::officer::Role;
use tongcha_domain::time::{Instant, SECOND_US};
use tongcha_ledger::ask::{self, LookupRequest};

use crate::sim::failure::{Step, unexpected};
use crate::sim::network::Payload;
use crate::sim::officers::NEWEST;
use crate::sim::party::{Asked, Asking, Then};
use crate::sim::people::{Person, officer, question};
use crate::sim::world::World;

/// When a question that was not replied to is asked again, or given up.
const PATIENCE_US: i64 = 5 * SECOND_US;
/// Most questions asked at once: they race for the uses of one consent.
const RACE_MAX: usize = 3;

impl World {
    /// Lets an officer ask on a consent, more than once at the same time.
    pub(super) fn officer_asks(&mut self) -> Step<()> {
        let newest = if self.rng.random_bool(0.7) { self.cases.tokens.len().saturating_sub(NEWEST) } else { 0 };
        let tokens = self.cases.tokens.get(newest..).unwrap_or_default();
        let Some((consent, token)) = Self::draw(&mut self.rng, tokens).cloned() else { return Ok(()) };
        let Some(claims) = self.cases.consents.get(&consent).cloned() else { return Ok(()) };
        let asker = claims.requester.party;
        for _ in 0..self.rng.random_range(1..=RACE_MAX) {
            let lookup = LookupId(self.new_id());
            let person = Person { covered: true, registered: self.rng.random_bool(0.6) };
            let command = AskLookup {
                lookup,
                holder: claims.holder,
                token: TokenStanding::Good(claims.clone()),
                subject: person.document()?,
                questions: vec![question()],
                purpose: claims.purpose,
            };
            let asking = Asking { lookup, claims: claims.clone(), token: token.clone(), person };
            let actor = officer(asker, "cw", Role::Caseworker)?;
            let mut key = CommandKey([0; 32]);
            self.rng.fill_bytes(&mut key.0);
            self.submit(asker, actor, key, command.into(), Then::Ask(Box::new(asking)))?;
        }
        Ok(())
    }

    /// Sends a recorded question. Some askers are careless or worse: they ask about a person whom the consent does not
    /// cover.
    pub(super) fn ask(&mut self, asker: PartyId, asking: Asking, asked_at: Instant) -> Step<()> {
        let Asking { lookup, claims, token, mut person } = asking;
        person.covered = !self.rng.random_bool(0.2);
        let mut rng: StdRng = rand::SeedableRng::from_rng(&mut self.rng);
        let party = self.party(asker)?;
        let request = LookupRequest {
            version: ask::VERSION,
            lookup,
            asker: OrgUnit { party: asker, unit: claims.requester.unit },
            holder: claims.holder,
            asked_at,
            key_id: party.secrets.key_id(),
            token,
            subject: person.document()?,
            questions: vec![question()],
            purpose: claims.purpose,
        };
        let (bytes, key) =
            ask::seal_request(&request, &party.secrets, &party.directory, &mut rng).map_err(unexpected)?;
        let at = self.now;
        let asked = Asked { holder: claims.holder, key, bytes: bytes.clone(), at };
        self.party(asker)?.memory.asked.insert(lookup, asked);
        self.send(asker, claims.holder, Payload::Ask(bytes));
        Ok(())
    }

    /// Records what a holder replied, before an officer would see it.
    pub(super) fn hear_reply(&mut self, asker: PartyId, lookup: LookupId, bytes: &[u8]) -> Step<()> {
        let memory = &mut self.party(asker)?.memory;
        let Some(asked) = memory.asked.get(&lookup) else { return Ok(()) };
        // A reply that does not open is none: the question is asked again or given up.
        let Ok(reply) = ask::open_reply(bytes, &asked.key) else {
            self.report.fault("reply refused");
            return Ok(());
        };
        memory.asked.remove(&lookup);
        let outcome = match reply.result {
            Ok(answers) => {
                self.report.answers += 1;
                LookupOutcome::Answered(answers)
            }
            Err(refusal) => {
                self.report.denials += 1;
                LookupOutcome::Denied(refusal)
            }
        };
        self.close(asker, lookup, outcome)
    }

    /// Asks again what was not replied to, or gives it up.
    pub(super) fn lose_patience(&mut self, asker: PartyId) -> Step<()> {
        let (now, calm) = (self.now, self.network.calm);
        let give_up = calm || self.rng.random_bool(0.4);
        let memory = &mut self.party(asker)?.memory;
        let late = memory.asked.iter_mut().find(|(_, asked)| calm || now - asked.at > PATIENCE_US);
        let Some((lookup, asked)) = late else { return Ok(()) };
        let lookup = *lookup;
        if give_up {
            memory.asked.remove(&lookup);
            return self.close(asker, lookup, LookupOutcome::Unreachable);
        }
        asked.at = now;
        let (holder, bytes) = (asked.holder, asked.bytes.clone());
        self.send(asker, holder, Payload::Ask(bytes));
        Ok(())
    }

    fn close(&mut self, asker: PartyId, lookup: LookupId, outcome: LookupOutcome) -> Step<()> {
        let mut key = CommandKey([0; 32]);
        self.rng.fill_bytes(&mut key.0);
        let actor = officer(asker, "cw", Role::Caseworker)?;
        self.submit(asker, actor, key, CloseLookup { lookup, outcome }.into(), Then::Nothing)
    }
}
