//! The side that answers a run.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tongcha_domain::id::{MatchRunId, PartyId};
use tongcha_domain::overlap::{BeginMatchRun, FailureReason};
use tongcha_domain::refusal::{Refusal, RefusalCode};
use tongcha_ledger::matching::{self, Element, MatchAnswer, MatchMessage, MatchStep};

use crate::core::{Core, QuarantineReason};
use crate::nats::matching::record;
use crate::nats::matching::session::{Session, Stepped};
use crate::nats::matching::set::OwnSet;
use crate::node::{NodeError, NodeHandle};

/// A session without a step for so long is forgotten; the run is ended by its deadline.
const SESSION_IDLE_MAX: Duration = Duration::from_secs(10 * 60);

/// A session and where it stands.
struct Held {
    with: PartyId,
    session: [u8; 16],
    /// Position of the next message.
    next: u32,
    at: Instant,
    state: Box<Session>,
}

/// The sessions under way. A session that is worked on is not in here, so that two messages at once are not possible.
#[derive(Clone, Default)]
pub(in crate::nats) struct Sessions(Arc<Mutex<BTreeMap<MatchRunId, Held>>>);

impl Sessions {
    /// Takes the session that a message continues; any other message leaves it alone.
    fn take(&self, from: PartyId, message: &MatchMessage) -> Option<Held> {
        let mut sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.retain(|_, held| held.at.elapsed() < SESSION_IDLE_MAX);
        let held = sessions.get(&message.run)?;
        let continues = held.with == from && held.session == message.session && held.next == message.no;
        if continues { sessions.remove(&message.run) } else { None }
    }

    fn put(&self, run: MatchRunId, held: Held) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(run, held);
    }
}

fn failed(error: &dyn std::fmt::Display) -> NodeError {
    NodeError::Failed(error.to_string().into())
}

type Answered = Result<Result<MatchAnswer, Refusal>, NodeError>;

/// Answers a message. What can't be opened is kept and gets an empty reply.
pub(in crate::nats) async fn answer(
    node: &NodeHandle,
    sessions: &Sessions,
    from: PartyId,
    bytes: &[u8],
) -> Result<Vec<u8>, NodeError> {
    let (message, key) = match matching::open_message(bytes, from, node.secrets(), node.directory()) {
        Ok(opened) => opened,
        Err(error) => {
            tracing::error!(%from, %error, "a message of a matching run is refused");
            node.quarantine(from, QuarantineReason::BadAsk, bytes.to_vec()).await?;
            return Ok(Vec::new());
        }
    };
    let result = match message.step {
        MatchStep::Ready => prepare(node, from, message.run).await?.map(|_| MatchAnswer::Ready),
        MatchStep::Open { elements, key } => open(node, sessions, from, &message, (elements, key)).await?,
        MatchStep::Evaluate(_)
        | MatchStep::Outputs
        | MatchStep::Blinded
        | MatchStep::Evaluated(_)
        | MatchStep::MyOutputs(_)
        | MatchStep::Done => go_on(node, sessions, from, message).await?,
    };
    matching::seal_reply(result, &key, &mut rand::rng()).map_err(|error| failed(&error))
}

async fn prepare(node: &NodeHandle, from: PartyId, run: MatchRunId) -> Result<Result<OwnSet, Refusal>, NodeError> {
    let prepared = node.with(move |core| OwnSet::prepare(core, run, Some(from))).await?;
    Ok(prepared.map_err(|error| failed(&error))?.map(|(set, _)| set))
}

/// Begins the run on this side: on disk first, then the key and the size go back.
async fn open(
    node: &NodeHandle,
    sessions: &Sessions,
    from: PartyId,
    message: &MatchMessage,
    (peer_elements, peer_key): (u32, Element),
) -> Answered {
    let run = message.run;
    let set = match prepare(node, from, run).await? {
        Ok(set) => set,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if peer_elements > set.elements_max() {
        return Ok(Err(Refusal::new(RefusalCode::MatchLimit).offending(["elements_max"])));
    }
    let begin = BeginMatchRun { run, elements: set.elements(), persons: set.persons() };
    if let Err(refusal) = node.submit(Core::node_actor(), None, begin).await? {
        return Ok(Err(refusal));
    }
    let opened = tokio::task::spawn_blocking(move || Session::open(set, peer_elements, peer_key)).await;
    match opened.map_err(|error| failed(&error))? {
        Ok((state, answer)) => {
            let next = message.no.saturating_add(1);
            let (session, at, state) = (message.session, Instant::now(), Box::new(state));
            sessions.put(run, Held { with: from, session, next, at, state });
            Ok(Ok(answer))
        }
        Err(error) => {
            tracing::error!(%run, %error, "a matching run can't begin");
            Ok(Err(record::failed(node, run, FailureReason::Protocol).await?))
        }
    }
}

async fn go_on(node: &NodeHandle, sessions: &Sessions, from: PartyId, message: MatchMessage) -> Answered {
    let Some(mut held) = sessions.take(from, &message) else {
        return Ok(Err(Refusal::new(RefusalCode::WrongState))); // replayed, out of order, or after a restart
    };
    let MatchMessage { run, step, .. } = message;
    let stepped = tokio::task::spawn_blocking(move || held.state.step(&step).map(|stepped| (held, stepped))).await;
    match stepped.map_err(|error| failed(&error))? {
        Ok((mut held, Stepped::Answer(answer))) => {
            (held.next, held.at) = (held.next.saturating_add(1), Instant::now());
            sessions.put(run, held);
            Ok(Ok(answer))
        }
        Ok((_, Stepped::Complete { records, peer_elements })) => {
            match record::executed(node, run, records, peer_elements).await? {
                Ok(_) => Ok(Ok(MatchAnswer::Done)),
                Err(_) => Ok(Err(record::failed(node, run, FailureReason::Interrupted).await?)),
            }
        }
        Err(error) => {
            tracing::error!(%run, %from, %error, "a matching run is ended: the message is not what the method asks for");
            Ok(Err(record::failed(node, run, FailureReason::Protocol).await?))
        }
    }
}
