//! Lookups between two services: the asker's side and the holder's.
//!
//! Asker: record the question, ask, record what came of it, hand it out. Holder: open the question, let the gate
//! decide, and only with the use spent on disk read the register, record the answer, reply.

use std::time::Duration;

use futures::future::BoxFuture;
use tongcha_domain::id::{CommandKey, LookupId, PartyId};
use tongcha_domain::lookup::{
    AskLookup, CloseLookup, JudgeLookup, LookupFacts, LookupOutcome, Permit, RecordLookupAnswer, TokenStanding, answers,
};
use tongcha_domain::officer::Actor;
use tongcha_domain::refusal::{Refusal, RefusalCode};
use tongcha_domain::register;
use tongcha_domain::view::ViewError;
use tongcha_ledger::ask::{self, AskError, LookupReply, LookupRequest};
use tongcha_ledger::key::{Directory, PartySecrets};
use tongcha_ledger::sha256;
use tongcha_ledger::token::{ConsentToken, TokenError};

use crate::clock::wall_clock;
use crate::core::{Core, CoreError, QuarantineReason, Receipt};
use crate::http::{AskLookups, LookupQuestion, LookupResult};
use crate::nats::Brokers;
use crate::nats::ask::ask_bytes;
use crate::nats::names::Topic;
use crate::node::{NodeError, NodeHandle};

/// Longest wait for a holder. It answers in milliseconds or is away.
pub const LOOKUP_DEADLINE: Duration = Duration::from_secs(5);

/// Says what became of a token.
fn standing(token: &ConsentToken, directory: &Directory, secrets: &PartySecrets) -> TokenStanding {
    match token.open(directory, secrets) {
        Ok(claims) => TokenStanding::Good(claims),
        Err(TokenError::UnknownKey(_)) => TokenStanding::UnknownKey,
        Err(TokenError::Signature) => TokenStanding::BadSignature,
        Err(TokenError::Compromised(_)) => TokenStanding::KeyCompromised,
        // Genuine, but for other parties: its claims without the subjects are enough to refuse it by name.
        Err(TokenError::NotForUs(_)) => match token.verify(directory) {
            Ok(claims) => TokenStanding::Good(claims),
            Err(_) => TokenStanding::Unreadable,
        },
        Err(
            TokenError::Text
            | TokenError::Length(_)
            | TokenError::Codec(_)
            | TokenError::Version(_)
            | TokenError::Subjects
            | TokenError::Key(_)
            | TokenError::Signing,
        ) => TokenStanding::Unreadable,
    }
}

fn failed(error: &dyn std::fmt::Display) -> NodeError {
    NodeError::Failed(error.to_string().into())
}

/// The asker's side.
pub struct Lookups {
    node: NodeHandle,
    brokers: Brokers,
}

impl Lookups {
    /// Makes the asker's side.
    #[must_use]
    pub fn new(node: NodeHandle, brokers: Brokers) -> Self {
        Self { node, brokers }
    }

    async fn ask_holder(
        &self,
        actor: Actor,
        key: Option<CommandKey>,
        lookup: LookupId,
        question: LookupQuestion,
    ) -> Result<Result<LookupResult, Refusal>, NodeError> {
        let node = &self.node;
        let token = question.token.as_deref().map(ConsentToken::from_text);
        let (token, bytes) = match token {
            None => (TokenStanding::Absent, Vec::new()),
            Some(Err(_)) => (TokenStanding::Unreadable, Vec::new()),
            Some(Ok(token)) => (standing(&token, node.directory(), node.secrets()), token.bytes().to_vec()),
        };
        let LookupQuestion { holder, subject, questions, purpose, .. } = question;
        let asked =
            AskLookup { lookup, holder, token, subject: subject.clone(), questions: questions.clone(), purpose };
        let receipt = match node.submit(actor.clone(), key, asked).await? {
            Ok(receipt) => receipt,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let me = node.me();
        if receipt.replayed
            && let Some(first) = node.with(move |core| closed(core, me, lookup)).await?.map_err(|e| failed(&e))?
        {
            return Ok(first);
        }
        let request = LookupRequest {
            version: ask::VERSION,
            lookup,
            asker: tongcha_domain::consent::OrgUnit { party: me, unit: actor.unit.clone() },
            holder,
            asked_at: receipt.recorded_at,
            key_id: node.secrets().key_id(),
            token: bytes,
            subject,
            questions,
            purpose,
        };
        let reply = self.exchange(holder, &request).await?;
        let (outcome, holder_seq) = match reply {
            None => (LookupOutcome::Unreachable, 0),
            Some(LookupReply { result: Ok(answers), seq, .. }) => (LookupOutcome::Answered(answers), seq),
            Some(LookupReply { result: Err(refusal), seq, .. }) => (LookupOutcome::Denied(refusal), seq),
        };
        let close = CloseLookup { lookup, outcome: outcome.clone() };
        match node.submit(actor, None, close).await? {
            Ok(receipt) => Ok(outcome_of(lookup, holder_seq, receipt, outcome)),
            Err(refusal) => Ok(Err(refusal)),
        }
    }

    /// Asks the holder; none when it does not answer.
    async fn exchange(&self, holder: PartyId, request: &LookupRequest) -> Result<Option<LookupReply>, NodeError> {
        let Some(client) = self.brokers.peers.get(&holder) else { return Ok(None) };
        let (secrets, directory) = (self.node.secrets(), self.node.directory());
        let (bytes, key) = ask::seal_request(request, secrets, directory, &mut rand::rng()).map_err(|e| failed(&e))?;
        let reply = ask_bytes(client, self.node.me(), holder, Topic::Lookup, bytes, LOOKUP_DEADLINE).await;
        let reply = match reply {
            Ok(reply) => reply,
            Err(error) => {
                tracing::warn!(%holder, %error, "a lookup was not answered");
                return Ok(None);
            }
        };
        match ask::open_reply(&reply, &key) {
            Ok(reply) => Ok(Some(reply)),
            Err(error) => {
                tracing::error!(%holder, %error, "the reply to a lookup is refused");
                Ok(None)
            }
        }
    }
}

impl AskLookups for Lookups {
    fn ask(
        &self,
        actor: Actor,
        key: Option<CommandKey>,
        lookup: LookupId,
        question: LookupQuestion,
    ) -> BoxFuture<'_, Result<Result<LookupResult, Refusal>, NodeError>> {
        Box::pin(self.ask_holder(actor, key, lookup, question))
    }
}

fn outcome_of(
    lookup: LookupId,
    holder_seq: u64,
    receipt: Receipt,
    outcome: LookupOutcome,
) -> Result<LookupResult, Refusal> {
    match outcome {
        LookupOutcome::Answered(answers) => Ok(LookupResult { lookup, holder_seq, receipt, answers }),
        LookupOutcome::Denied(refusal) => Err(refusal),
        LookupOutcome::Unreachable => Err(Refusal::new(RefusalCode::HolderUnreachable)),
    }
}

/// Returns what a lookup came to, when it was closed.
fn closed(core: &mut Core, me: PartyId, lookup: LookupId) -> Result<Option<Result<LookupResult, Refusal>>, CoreError> {
    let facts = core.rows().side::<LookupFacts>(&lookup, me)?.unwrap_or_default();
    let Some((event, said)) = facts.closed else { return Ok(None) };
    let Some(leaf) = core.leaf(me, said.seq)? else { return Ok(None) };
    let kind = tongcha_domain::event::EventKind::LookupClosed;
    let receipt = Receipt { seq: said.seq, leaf, recorded_at: said.at, kind, replayed: true };
    Ok(Some(outcome_of(lookup, 0, receipt, event.outcome)))
}

/// The holder's side: opens, judges, answers. What can't be opened is kept and gets an empty reply.
pub(super) async fn answer(node: &NodeHandle, from: PartyId, bytes: &[u8]) -> Result<Vec<u8>, NodeError> {
    let opened = ask::open_request(bytes, from, node.secrets(), node.directory());
    let (request, key) = match opened {
        Ok(opened) => opened,
        Err(error) => {
            log_refused(from, &error);
            node.quarantine(from, QuarantineReason::BadAsk, bytes.to_vec()).await?;
            return Ok(Vec::new());
        }
    };
    let lookup = request.lookup;
    let (seq, result) = judge(node, from, request).await?;
    ask::seal_reply(&LookupReply { lookup, seq, result }, &key, &mut rand::rng()).map_err(|e| failed(&e))
}

fn log_refused(from: PartyId, error: &AskError) {
    tracing::error!(%from, %error, "a question of a peer is refused");
}

type Judged = (u64, Result<Vec<tongcha_domain::item::Answer>, Refusal>);

async fn judge(node: &NodeHandle, from: PartyId, request: LookupRequest) -> Result<Judged, NodeError> {
    let (me, lookup) = (node.me(), request.lookup);
    let token = match request.token.as_slice() {
        [] => TokenStanding::Absent,
        bytes => standing(&ConsentToken::from_bytes(bytes.to_vec()), node.directory(), node.secrets()),
    };
    // Each party of the consent can have revoked it.
    let issuer_log_in_doubt = match &token {
        TokenStanding::Good(claims) => {
            let claims = claims.clone();
            let doubtful = node.with(move |core| core.is_doubtful(&claims, wall_clock())).await?;
            doubtful.map_err(|e| failed(&e))?
        }
        TokenStanding::Absent
        | TokenStanding::Unreadable
        | TokenStanding::UnknownKey
        | TokenStanding::BadSignature
        | TokenStanding::KeyCompromised => false,
    };
    let command = JudgeLookup {
        lookup,
        asker: request.asker,
        asked_at: request.asked_at,
        token,
        subject: request.subject,
        questions: request.questions,
        purpose: request.purpose,
        issuer_log_in_doubt,
    };
    // The same question again gets the same verdict; another under the same id is refused.
    let key = sha256(b"tongcha/lookup-key/v1\0", &[from.as_str().as_bytes(), b"\0", lookup.0.as_bytes()]);
    let judged = node.submit(Core::node_actor(), Some(CommandKey(key)), command).await?;
    let receipt = match judged {
        Ok(receipt) => receipt,
        Err(refusal) => return Ok((0, Err(refusal))),
    };
    let looked_up = node.with(move |core| look_up(core, me, lookup)).await?.map_err(|e| failed(&e))?;
    let result = match looked_up {
        LookedUp::Denied(refusal) => Err(refusal),
        LookedUp::Before(answers) => Ok(answers),
        LookedUp::Now(answers) => {
            let recorded = RecordLookupAnswer { lookup, answers: answers.clone() };
            match node.submit(Core::node_actor(), None, recorded).await? {
                Ok(receipt) => {
                    node.metrics().lookups.get_or_create(&[("code", "PERMITTED".to_owned())]).inc();
                    return Ok((receipt.seq, Ok(answers)));
                }
                Err(refusal) => Err(refusal),
            }
        }
    };
    if let Err(refusal) = &result {
        node.metrics().lookups.get_or_create(&[("code", refusal.code.as_str().to_owned())]).inc();
    }
    Ok((receipt.seq, result))
}

enum LookedUp {
    Denied(Refusal),
    /// Answered before: the same question came again.
    Before(Vec<tongcha_domain::item::Answer>),
    Now(Vec<tongcha_domain::item::Answer>),
}

/// Reads the register under the permit that the committed log gives; without one, says what the log says.
fn look_up(core: &mut Core, me: PartyId, lookup: LookupId) -> Result<LookedUp, ViewError> {
    if let Some(permit) = Permit::open(&core.rows(), me, lookup)? {
        let read = register::person(core.store(), &permit)?;
        return Ok(LookedUp::Now(answers(&permit, &read, wall_clock().local_date())));
    }
    let facts = core.rows().side::<LookupFacts>(&lookup, me)?.unwrap_or_default();
    Ok(match (facts.answered, facts.denied) {
        (Some((answered, _)), _) => LookedUp::Before(answered.answers),
        (None, Some((denied, _))) => LookedUp::Denied(denied.refusal),
        (None, None) => LookedUp::Denied(Refusal::new(RefusalCode::LookupInterrupted)),
    })
}
