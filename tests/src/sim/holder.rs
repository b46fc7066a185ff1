//! The holder's side of a lookup: the gate, then the register under a permit, then the answer; and how three broken
//! holders would do it.

use rand::rngs::StdRng;
use tongcha_domain::command::{Command, Context, Decide};
use tongcha_domain::event::Body;
use tongcha_domain::id::{CommandKey, LookupId, PartyId};
use tongcha_domain::item::Answer;
use tongcha_domain::lookup::{JudgeLookup, LookupFacts, Permit, RecordLookupAnswer, TokenStanding, answers};
use tongcha_domain::refusal::{Refusal, RefusalCode};
use tongcha_domain::register;
use tongcha_domain::view::{Changes, EntryMeta, Overlay, Rows, ViewError, project};
use tongcha_ledger::ask::{self, LookupReply, LookupRequest};
use tongcha_ledger::sha256;
use tongcha_ledger::token::ConsentToken;
use tongcha_node::core::{Core, QuarantineReason, Receipt, Submission};
use tongcha_node::view::MemoryView;

use crate::sim::Broken;
use crate::sim::failure::{Step, unexpected};
use crate::sim::invariant::{permit_before_read, told_when_durable, use_spent_before_answer};
use crate::sim::network::Payload;
use crate::sim::party::{Answering, Then};
use crate::sim::view::RegisterAccess;
use crate::sim::world::World;

/// What a holder says to an asker.
type Verdict = Result<Vec<Answer>, Refusal>;

fn key_of(step: &[u8], from: PartyId, lookup: LookupId) -> CommandKey {
    CommandKey(sha256(step, &[from.as_str().as_bytes(), b"\0", lookup.0.as_bytes()]))
}

impl World {
    /// Puts a question through the gate; one that does not open is kept.
    pub(super) fn hear_ask(&mut self, holder: PartyId, from: PartyId, bytes: &[u8], changed: bool) -> Step<()> {
        let party = self.party(holder)?;
        let (request, key) = match ask::open_request(bytes, from, &party.secrets, &party.directory) {
            Ok(_) if changed => return Err(unexpected("a changed question was opened")),
            Ok(opened) => opened,
            Err(_) => return self.refuse(holder, from, QuarantineReason::BadAsk, bytes),
        };
        let lookup = request.lookup;
        let command = self.gate_command(holder, request)?;
        self.check_denials(holder, &command)?;
        let consent = command.token.claims().ok().map(|claims| claims.id);
        let mut answering = Answering { from, lookup, consent, key, seq: 0 };
        match self.options.broken {
            Some(Broken::AnswerFirst) => self.read_before_commit(holder, &command)?,
            Some(Broken::UseNotSpent) => {
                if self.answer_from_copy(holder, &command, &mut answering)? {
                    return Ok(());
                }
            }
            Some(
                Broken::NoSync
                | Broken::OrderDependent
                | Broken::SkipRefused
                | Broken::WitnessForgets
                | Broken::WritesOn
                | Broken::DropsTail
                | Broken::ForgetsToErase
                | Broken::ErasesInView
                | Broken::ViewRemembers
                | Broken::ErasesTooMuch
                | Broken::RefusesLost,
            )
            | None => {}
        }
        let command_key = key_of(b"judge", from, lookup);
        let then = Then::Judged(Box::new(answering));
        self.submit(holder, Core::node_actor(), command_key, command.into(), then)
    }

    fn gate_command(&mut self, holder: PartyId, request: LookupRequest) -> Step<JudgeLookup> {
        let now = self.clock(holder);
        let party = self.party(holder)?;
        let token = ConsentToken::from_bytes(request.token);
        let claims = token.open(&party.directory, &party.secrets).map_err(unexpected)?;
        // A view that can't be read is in doubt itself.
        let in_doubt = |core: &Core| core.is_doubtful(&claims, now).unwrap_or(true);
        Ok(JudgeLookup {
            lookup: request.lookup,
            asker: request.asker,
            asked_at: request.asked_at,
            issuer_log_in_doubt: party.core.as_ref().is_some_and(in_doubt),
            token: TokenStanding::Good(claims),
            subject: request.subject,
            questions: request.questions,
            purpose: request.purpose,
        })
    }

    /// Decides about the person and about the twin: what is denied must not tell who is in the register.
    fn check_denials(&mut self, holder: PartyId, command: &JudgeLookup) -> Step<()> {
        let twin = permit_before_read::twin_of(command)?;
        let judge = |core: &mut Core, now| {
            let actor = Core::node_actor();
            let context = Context { me: holder, rules: core.rules(), actor: &actor, now };
            let decide = |command: &JudgeLookup| {
                let state = command.load(&core.rows())?;
                Ok::<_, ViewError>(command.decide(&state, &context))
            };
            Ok((decide(command)?, decide(&twin)?))
        };
        match self.on_core(holder, RegisterAccess::Closed, judge)? {
            Some((about, about_twin)) => permit_before_read::denials_alike(&about, &about_twin),
            None => Ok(()),
        }
    }

    /// Goes on from the gate's verdict.
    pub(super) fn judged(
        &mut self,
        holder: PartyId,
        answering: Answering,
        verdict: Result<Receipt, Refusal>,
    ) -> Step<()> {
        match verdict {
            Ok(receipt) => {
                self.party(holder)?.memory.judged.push(Answering { seq: receipt.seq, ..answering });
                Ok(())
            }
            Err(refusal) => self.reply(holder, &answering, Err(refusal)),
        }
    }

    /// Answers a judged lookup from the register, or says the verdict.
    pub(super) fn answer(&mut self, holder: PartyId) -> Step<()> {
        self.commit(holder)?; // what this decides on is what is on disk
        let Some(answering) = self.party(holder)?.memory.judged.pop() else { return Ok(()) };
        let lookup = answering.lookup;
        let opened =
            self.on_core(holder, RegisterAccess::Closed, |core, _| Ok(Permit::open(&core.rows(), holder, lookup)?))?;
        match opened {
            None => Ok(()),
            Some(Some(permit)) => self.answer_under(holder, answering, &permit),
            Some(None) => {
                let facts = self.on_core(holder, RegisterAccess::Closed, |core, _| {
                    Ok(core.rows().side::<LookupFacts>(&lookup, holder)?.unwrap_or_default())
                })?;
                let Some(facts) = facts else { return Ok(()) };
                let verdict = match (facts.answered, facts.denied) {
                    (Some((answered, _)), _) => Ok(answered.answers),
                    (None, Some((denied, _))) => Err(denied.refusal),
                    (None, None) => Err(Refusal::new(RefusalCode::LookupInterrupted)),
                };
                self.reply(holder, &answering, verdict)
            }
        }
    }

    fn answer_under(&mut self, holder: PartyId, answering: Answering, permit: &Permit) -> Step<()> {
        permit_before_read::permit_is_durable(&self.book, holder, permit)?;
        let read = self.on_core(holder, RegisterAccess::Permitted, |core, now| {
            Ok(answers(permit, &register::person(core.store(), permit)?, now.local_date()))
        })?;
        let Some(answers) = read else { return Ok(()) };
        let key = key_of(b"answer", answering.from, answering.lookup);
        let command: Command = RecordLookupAnswer { lookup: answering.lookup, answers: answers.clone() }.into();
        let then = Then::Answered(Box::new(answering), answers);
        self.submit(holder, Core::node_actor(), key, command, then)
    }

    /// Replies with the answers, now that they are on record.
    pub(super) fn answered(
        &mut self,
        holder: PartyId,
        answering: Answering,
        answers: Vec<Answer>,
        result: Result<Receipt, Refusal>,
    ) -> Step<()> {
        match result {
            Ok(receipt) => {
                let answering = Answering { seq: receipt.seq, ..answering };
                self.reply(holder, &answering, Ok(answers))
            }
            Err(refusal) => {
                if refusal.code == RefusalCode::ConsentRevoked {
                    self.report.fault("revoked before the answer");
                }
                self.reply(holder, &answering, Err(refusal))
            }
        }
    }

    /// Sends a reply, after the checks of what may be in one.
    fn reply(&mut self, holder: PartyId, answering: &Answering, result: Verdict) -> Step<()> {
        if result.is_ok() {
            use_spent_before_answer::reply(&self.book, holder, answering)?;
        }
        told_when_durable::replied(&self.book, holder, answering)?;
        let mut rng: StdRng = rand::SeedableRng::from_rng(&mut self.rng);
        let reply = LookupReply { lookup: answering.lookup, seq: answering.seq, result };
        let bytes = ask::seal_reply(&reply, &answering.key, &mut rng).map_err(unexpected)?;
        self.send(holder, answering.from, Payload::Reply(answering.lookup, bytes));
        Ok(())
    }

    /// Broken: folds the verdict in memory alone, and reads the register under it.
    fn read_before_commit(&mut self, holder: PartyId, command: &JudgeLookup) -> Step<()> {
        let opened = self.on_core(holder, RegisterAccess::Closed, |core, now| {
            let actor = Core::node_actor();
            let context = Context { me: holder, rules: core.rules(), actor: &actor, now };
            let Ok(event) = command.decide(&command.load(&core.rows())?, &context) else { return Ok(None) };
            let seq = core.tip(holder).count;
            let meta = EntryMeta { origin: holder, seq, leaf: [0; 32], recorded_at: now, kind: event.kind() };
            let mut overlay = Overlay::new(core.store(), Changes::new());
            project(&mut overlay, &meta, Some(&Body { actor: actor.clone(), command: None, event }))?;
            Ok(Permit::open(&Rows::new(&overlay), holder, command.lookup)?)
        })?;
        match opened.flatten() {
            Some(permit) => permit_before_read::permit_is_durable(&self.book, holder, &permit),
            None => Ok(()),
        }
    }

    /// Broken: judges and answers on a copy of the files, as a second process of the same party would. Tells whether it
    /// did; what the copy denies is left to the honest way.
    fn answer_from_copy(&mut self, holder: PartyId, command: &JudgeLookup, answering: &mut Answering) -> Step<bool> {
        let now = self.clock(holder);
        let at = self.parties.get(&holder).ok_or_else(|| unexpected("no party"))?;
        let view = Box::<MemoryView>::default();
        let mut copy = at.open_on(at.disk.copy_of_synced(), view, &mut self.rng, now, false).map_err(unexpected)?;
        let submission = |command: Command| Submission { ticket: 1, actor: Core::node_actor(), key: None, command };
        copy.submit(submission(command.clone().into()), now).map_err(unexpected)?;
        copy.commit().map_err(unexpected)?;
        let Some(permit) = Permit::open(&copy.rows(), holder, command.lookup).map_err(unexpected)? else {
            return Ok(false);
        };
        let read = register::person(copy.store(), &permit).map_err(unexpected)?;
        answering.seq = copy.tip(holder).count.saturating_sub(1);
        self.reply(holder, answering, Ok(answers(&permit, &read, now.local_date())))?;
        Ok(true)
    }
}
