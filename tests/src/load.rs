//! Load: many callers who each give durable commands one after the other, with connections kept open.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::Result;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::client::{Desk, Receipt};

/// A command that was sent and never answered: it may have happened or not.
#[derive(Clone, Debug)]
pub struct Unanswered {
    /// Its `Idempotency-Key`.
    pub key: String,
    /// Its body.
    pub body: Value,
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Commands that were accepted, with how long each took.
    pub accepted: Vec<(Receipt, Duration)>,
    /// Commands without an answer; each ended its caller.
    pub unanswered: Vec<Unanswered>,
    /// From the first command to the last answer.
    pub took: Duration,
}

/// Load that is running.
pub struct Load {
    stop: Arc<AtomicBool>,
    accepted: Arc<AtomicUsize>,
    started: Instant,
    callers: Vec<tokio::task::JoinHandle<Result<Outcome>>>,
}

/// Returns the path of the command that is repeated.
pub const PATH: &str = "/v1/batches";

/// Returns a command that changes nothing for anybody: an empty batch, prepared and never sent.
#[must_use]
pub fn empty_batch(to: &str) -> Value {
    json!({ "to": to, "period": "2026-07", "entries": [], "unchanged": 0 })
}

impl Load {
    /// Starts `callers` callers at a desk.
    #[must_use]
    pub fn start(desk: &Desk, to: &'static str, callers: usize) -> Self {
        let (stop, accepted) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let call = |_| tokio::spawn(caller(desk.clone(), to, stop.clone(), accepted.clone()));
        let callers = (0..callers).map(call).collect();
        Self { stop, accepted, started: Instant::now(), callers }
    }

    /// Returns how many commands were accepted so far.
    #[must_use]
    pub fn accepted(&self) -> usize {
        self.accepted.load(Ordering::Relaxed)
    }

    /// Stops the callers after the command each has under way.
    ///
    /// # Errors
    /// When a command was refused.
    pub async fn stop(self) -> Result<Outcome> {
        self.stop.store(true, Ordering::Relaxed);
        let mut all = Outcome::default();
        for caller in self.callers {
            let one = caller.await??;
            all.accepted.extend(one.accepted);
            all.unanswered.extend(one.unanswered);
        }
        all.took = self.started.elapsed();
        Ok(all)
    }
}

async fn caller(desk: Desk, to: &'static str, stop: Arc<AtomicBool>, accepted: Arc<AtomicUsize>) -> Result<Outcome> {
    let mut outcome = Outcome::default();
    let body = empty_batch(to);
    while !stop.load(Ordering::Relaxed) {
        let key = Uuid::from_u128(rand::random()).to_string();
        let started = Instant::now();
        match repeat(&desk, &key, &body).await? {
            Some(receipt) => {
                outcome.accepted.push((receipt, started.elapsed()));
                accepted.fetch_add(1, Ordering::Relaxed);
            }
            None => {
                outcome.unanswered.push(Unanswered { key, body });
                return Ok(outcome);
            }
        }
    }
    Ok(outcome)
}

/// Gives a command under an `Idempotency-Key`; none when there was no answer, or the service said it is stopping.
///
/// # Errors
/// When it was refused.
pub async fn repeat(desk: &Desk, key: &str, body: &Value) -> Result<Option<Receipt>> {
    let request = desk.request(Method::POST, PATH).header("idempotency-key", key).json(body);
    match desk.send(request).await {
        Err(_) => Ok(None),
        Ok(reply) if reply.status == 503 => Ok(None),
        Ok(reply) => Ok(Some(reply.success("a command under load")?)),
    }
}
