//! The side that starts a run.

use std::time::Duration;

use futures::future::BoxFuture;
use tongcha_domain::command::Decide;
use tongcha_domain::id::{MatchRunId, PartyId};
use tongcha_domain::officer::Actor;
use tongcha_domain::overlap::{BeginMatchRun, FailureReason, OwnRecord};
use tongcha_domain::refusal::{Refusal, RefusalCode};
use tongcha_ledger::matching::{
    self, ELEMENTS_IN_MESSAGE_MAX, Element, Evaluation, MatchAnswer, MatchMessage, MatchStep, VERSION,
};

use crate::core::Receipt;
use crate::http::RunMatches;
use crate::nats::Brokers;
use crate::nats::ask::ask_bytes;
use crate::nats::matching::record;
use crate::nats::matching::set::OwnSet;
use crate::nats::names::Topic;
use crate::node::{NodeError, NodeHandle};
use crate::psi::{Blinder, Evaluator, PsiError};

/// Longest wait for one answer: a thousand elements take a tenth of a second, the other side's register some more.
const STEP_DEADLINE: Duration = Duration::from_secs(20);

fn failed(error: &dyn std::fmt::Display) -> NodeError {
    NodeError::Failed(error.to_string().into())
}

/// Starts runs.
pub struct Matching {
    node: NodeHandle,
    brokers: Brokers,
}

/// Why a run stops.
enum Stop {
    /// No answer.
    Silent,
    /// The other side says no.
    Refused(Refusal),
    /// The other side's answer is not what it should be.
    Protocol,
    /// Ours.
    Node(NodeError),
}

impl From<PsiError> for Stop {
    fn from(error: PsiError) -> Self {
        tracing::error!(%error, "a matching run's answer is refused");
        Self::Protocol
    }
}

/// A conversation about one run.
struct Talk<'a> {
    matching: &'a Matching,
    run: MatchRunId,
    to: PartyId,
    session: [u8; 16],
    no: u32,
}

impl Talk<'_> {
    async fn say(&mut self, step: MatchStep) -> Result<MatchAnswer, Stop> {
        let Matching { node, brokers } = self.matching;
        let message = MatchMessage {
            version: VERSION,
            run: self.run,
            from: node.me(),
            to: self.to,
            key_id: node.secrets().key_id(),
            session: self.session,
            no: self.no,
            step,
        };
        self.no = self.no.saturating_add(1);
        let sealed = matching::seal_message(&message, node.secrets(), node.directory(), &mut rand::rng());
        let (bytes, key) = sealed.map_err(|error| Stop::Node(failed(&error)))?;
        let Some(client) = brokers.peers.get(&self.to) else { return Err(Stop::Silent) };
        let reply = ask_bytes(client, node.me(), self.to, Topic::Match, bytes, STEP_DEADLINE).await;
        let reply = reply.map_err(|error| {
            tracing::warn!(to = %self.to, %error, "a matching run's message was not answered");
            Stop::Silent
        })?;
        if reply.is_empty() {
            return Err(Stop::Silent); // the other side could not answer; its log says why
        }
        match matching::open_reply(&reply, &key) {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(refusal)) => Err(Stop::Refused(refusal)),
            Err(error) => {
                tracing::error!(to = %self.to, %error, "the reply to a matching run's message is refused");
                Err(Stop::Protocol)
            }
        }
    }

    async fn expect(&mut self, step: MatchStep, expected: &MatchAnswer) -> Result<(), Stop> {
        if self.say(step).await? == *expected { Ok(()) } else { Err(Stop::Protocol) }
    }

    /// Asks for elements until `count` have come.
    async fn elements(&mut self, step: &MatchStep, count: u32) -> Result<Vec<Element>, Stop> {
        let count = usize::try_from(count).map_err(|_| Stop::Protocol)?;
        let mut all: Vec<Element> = Vec::new();
        while all.len() < count {
            let MatchAnswer::Elements(some) = self.say(step.clone()).await? else { return Err(Stop::Protocol) };
            if some.is_empty() || all.len().saturating_add(some.len()) > count {
                return Err(Stop::Protocol);
            }
            all.extend(some);
        }
        Ok(all)
    }
}

/// Runs something that takes a while off the threads that serve.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> Result<T, PsiError> + Send + 'static) -> Result<T, Stop> {
    let done = tokio::task::spawn_blocking(work).await.map_err(|error| Stop::Node(failed(&error)))?;
    Ok(done?)
}

impl Matching {
    /// Makes the side that starts.
    #[must_use]
    pub fn new(node: NodeHandle, brokers: Brokers) -> Self {
        Self { node, brokers }
    }

    async fn run(&self, actor: Actor, run: MatchRunId) -> Result<Result<Receipt, Refusal>, NodeError> {
        let node = &self.node;
        let begin = |elements, persons| BeginMatchRun { run, elements, persons };
        let prepared = node.with(move |core| OwnSet::prepare(core, run, None)).await?.map_err(|e| failed(&e))?;
        let (set, other) = match prepared {
            Ok(prepared) => prepared,
            Err(refusal) => {
                // Refused for the record as well: an attempt is an event. Should it be possible by now, it is too late.
                return match node.submit(actor, None, begin(0, 0)).await? {
                    Err(recorded) => Ok(Err(recorded)),
                    Ok(_) => record::failed(node, run, FailureReason::Interrupted).await.map(|_| Err(refusal)),
                };
            }
        };
        if !BeginMatchRun::ROLES.contains(&actor.role) {
            return node.submit(actor, None, begin(0, 0)).await; // refused, on record, before anybody is asked
        }
        let mut talk = Talk { matching: self, run, to: other, session: rand::random(), no: 0 };
        match talk.expect(MatchStep::Ready, &MatchAnswer::Ready).await {
            Ok(()) => {}
            Err(Stop::Refused(refusal)) => return Ok(Err(refusal)),
            Err(Stop::Node(error)) => return Err(error),
            Err(Stop::Silent | Stop::Protocol) => return Ok(Err(Refusal::new(RefusalCode::HolderUnreachable))),
        }
        if let Err(refusal) = node.submit(actor, None, begin(set.elements(), set.persons())).await? {
            return Ok(Err(refusal));
        }
        let reason = match exchange(&mut talk, set).await {
            Ok((records, peer_elements)) => match record::executed(node, run, records, peer_elements).await? {
                Ok(receipt) => return Ok(Ok(receipt)),
                Err(_) => FailureReason::Interrupted,
            },
            Err(Stop::Node(error)) => return Err(error), // the run is ended by its deadline
            Err(Stop::Silent) => FailureReason::Interrupted,
            Err(Stop::Refused(refusal)) => {
                tracing::error!(%run, %refusal, "the other side ended a matching run");
                FailureReason::Refused
            }
            Err(Stop::Protocol) => FailureReason::Protocol,
        };
        Ok(Err(record::failed(node, run, reason).await?))
    }
}

/// Both directions; returns the own records in the overlap and the size of the other set.
async fn exchange(talk: &mut Talk<'_>, set: OwnSet) -> Result<(Vec<OwnRecord>, u32), Stop> {
    let evaluator = Evaluator::new()?;
    let opening = MatchStep::Open { elements: set.elements(), key: evaluator.key() };
    let MatchAnswer::Opened { elements: peer_elements, key } = talk.say(opening).await? else {
        return Err(Stop::Protocol);
    };
    if peer_elements > set.elements_max() {
        return Err(Stop::Protocol);
    }
    let inputs = set.inputs().to_vec();
    let mut blinder = aside(move || Blinder::new(inputs)).await?;
    while !blinder.is_complete() {
        let blinded = blinder.next(ELEMENTS_IN_MESSAGE_MAX).to_vec();
        let MatchAnswer::Evaluated(evaluation) = talk.say(MatchStep::Evaluate(blinded)).await? else {
            return Err(Stop::Protocol);
        };
        blinder = aside(move || blinder.take(&evaluation, &key).map(|()| blinder)).await?;
    }
    let theirs = talk.elements(&MatchStep::Outputs, peer_elements).await?;
    let overlap = blinder.overlap(&theirs);
    let mut evaluator = evaluator;
    let mut evaluated: u32 = 0;
    while evaluated < peer_elements {
        let MatchAnswer::Elements(blinded) = talk.say(MatchStep::Blinded).await? else { return Err(Stop::Protocol) };
        evaluated = evaluated.saturating_add(u32::try_from(blinded.len()).unwrap_or(u32::MAX));
        if blinded.is_empty() || evaluated > peer_elements {
            return Err(Stop::Protocol); // no more is evaluated than was announced
        }
        let evaluation: Evaluation;
        (evaluator, evaluation) = aside(move || evaluator.evaluate(&blinded).map(|done| (evaluator, done))).await?;
        talk.expect(MatchStep::Evaluated(evaluation), &MatchAnswer::Taken).await?;
    }
    let inputs = set.inputs().to_vec();
    let outputs = aside(move || evaluator.outputs(&inputs)).await?; // the key goes with it
    for some in outputs.chunks(ELEMENTS_IN_MESSAGE_MAX) {
        talk.expect(MatchStep::MyOutputs(some.to_vec()), &MatchAnswer::Taken).await?;
    }
    talk.expect(MatchStep::Done, &MatchAnswer::Done).await?;
    Ok((set.records(&overlap), peer_elements))
}

impl RunMatches for Matching {
    fn execute(&self, actor: Actor, run: MatchRunId) -> BoxFuture<'_, Result<Result<Receipt, Refusal>, NodeError>> {
        Box::pin(self.run(actor, run))
    }
}
