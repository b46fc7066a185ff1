//! Publishing: one stream for each recipient follows the own journal.
//!
//! A stream is compared with the journal when publishing starts, every [`COMPARE_INTERVAL`], and whenever the broker
//! answers otherwise than expected. A stream that lost its tail is filled up; one that differs is deleted and published
//! again as a new generation.
//!
//! What an order of erasure covers is removed from the streams as soon as the order itself is published: before that, a parcel
//! with its key may still be on the way. The broker overwrites it. A reader that comes to the gap asks the journal, which
//! has no key any more.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_nats::jetstream;
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::stream::{Config, DiscardPolicy, RetentionPolicy, StorageType, Stream};
use tokio_util::sync::CancellationToken;
use tongcha_domain::event::EventKind;
use tongcha_domain::id::PartyId;
use tongcha_ledger::parcel::PARCEL_MAX;

use crate::core::Outgoing;
use crate::metrics::party_label;
use crate::nats::connect::{RETRY_DELAY_MAX, backoff};
use crate::nats::names::Names;
use crate::node::{NodeError, NodeHandle};

/// How often stream and journal are compared (facts: at least every 60 s).
pub const COMPARE_INTERVAL: Duration = Duration::from_secs(30);
/// Most bytes a stream keeps: about a million entries. Older ones are repaired from the journal.
const STREAM_BYTES_MAX: i64 = 1 << 30;
/// How long a stream keeps a message: longer than any link was ever down, and short enough that erased bodies leave
/// the broker by themselves.
const STREAM_AGE_MAX: Duration = Duration::from_hours(14 * 24);
/// Window in which the broker drops a repeated message by its id.
const DUPLICATE_WINDOW: Duration = Duration::from_mins(2);
/// Room for NATS headers beside a parcel.
const MESSAGE_OVERHEAD: usize = 1024;
/// Entries published before their acks are awaited.
const PIPELINE: usize = 128;
/// Begins a stream's description; its generation follows.
const GENERATION_PREFIX: &str = "generation ";

/// The streams' generations, told to peers that ask for the tip.
#[derive(Clone, Default)]
pub struct Generations(Arc<Mutex<BTreeMap<PartyId, u64>>>);

impl Generations {
    /// Returns the generation of the stream for a recipient; 0 before it is known.
    #[must_use]
    pub fn get(&self, to: PartyId) -> u64 {
        let generations = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        generations.get(&to).copied().unwrap_or(0)
    }

    fn set(&self, to: PartyId, generation: u64) {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).insert(to, generation);
    }
}

/// Why publishing starts over.
#[derive(Debug, thiserror::Error)]
enum PublishError {
    #[error("the broker's stream API failed: {0}")]
    Api(String),
    #[error("a publish was not acknowledged as expected: {0}")]
    Ack(String),
    #[error("the stream can't be set up as needed: {0}")]
    Settings(String),
    #[error(transparent)]
    Node(#[from] NodeError),
}

fn api(error: &dyn std::fmt::Display) -> PublishError {
    PublishError::Api(error.to_string())
}

/// Publishes the own log to one recipient.
pub(super) struct Publisher {
    node: NodeHandle,
    jetstream: jetstream::Context,
    to: PartyId,
    generations: Generations,
}

/// Where the stream stands: the next entry to publish.
struct Cursor {
    generation: u64,
    next: u64,
}

impl Publisher {
    pub(super) fn new(node: NodeHandle, client: async_nats::Client, to: PartyId, generations: Generations) -> Self {
        Self { node, jetstream: jetstream::new(client), to, generations }
    }

    /// Publishes until stopped.
    pub(super) async fn run(self, stop: CancellationToken) {
        let mut delays = backoff();
        loop {
            let result = tokio::select! {
                () = stop.cancelled() => return,
                result = self.follow() => result,
            };
            match result {
                Ok(()) => delays = backoff(),
                Err(PublishError::Node(NodeError::Stopped)) => return,
                Err(error) => {
                    tracing::warn!(to = %self.to, %error, "publishing is tried again");
                    let delay = delays.next().unwrap_or(RETRY_DELAY_MAX);
                    tokio::select! {
                        () = stop.cancelled() => return,
                        () = tokio::time::sleep(delay) => {}
                    }
                }
            }
        }
    }

    /// Compares stream and journal, then publishes what is new, until the next comparison is due.
    async fn follow(&self) -> Result<(), PublishError> {
        // An old copy of the journal is not what the stream is made anew from: it may hold what this disk has lost.
        if !self.node.with(|core| core.may_write()).await? {
            tokio::time::sleep(RETRY_DELAY_MAX / 10).await;
            return Ok(());
        }
        let mut cursor = self.compare().await?;
        self.generations.set(self.to, cursor.generation);
        self.remove_erased(&cursor).await?;
        let compare_at = tokio::time::Instant::now() + COMPARE_INTERVAL;
        let mut progress = self.node.progress();
        let (me, to) = (self.node.me(), self.to);
        let unpublished = self.node.metrics().unpublished.get_or_create(&party_label(to)).clone();
        loop {
            let count = progress.borrow_and_update().counts.get(&me).copied().unwrap_or(0);
            unpublished.set(i64::try_from(count.saturating_sub(cursor.next)).unwrap_or(i64::MAX));
            if cursor.next < count {
                let from = cursor.next;
                let outgoing = self.node.with(move |core| core.outgoing(to, from, PIPELINE)).await?;
                let outgoing = outgoing.map_err(|e| NodeError::from(&e))?;
                let erases = outgoing.iter().any(|outgoing| outgoing.kind == EventKind::ErasureOrdered);
                self.publish(&mut cursor, outgoing).await?;
                if erases {
                    self.remove_erased(&cursor).await?;
                }
                continue;
            }
            tokio::select! {
                changed = progress.changed() => changed.map_err(|_| NodeError::Stopped)?,
                () = tokio::time::sleep_until(compare_at) => return Ok(()),
            }
        }
    }

    async fn publish(&self, cursor: &mut Cursor, outgoing: Vec<Outgoing>) -> Result<(), PublishError> {
        let subject = Names::entry(self.node.me(), self.to, cursor.generation);
        let mut acks = Vec::with_capacity(outgoing.len());
        for Outgoing { seq, leaf, bytes, .. } in outgoing {
            let message = PublishMessage::build()
                .payload(bytes.into())
                .message_id(message_id(cursor.generation, &leaf))
                .expected_last_sequence(seq)
                .expected_stream(Names::stream(self.node.me(), self.to));
            let ack = self.jetstream.send_publish(subject.clone(), message).await;
            acks.push((seq, ack.map_err(|e| PublishError::Ack(e.to_string()))?));
        }
        for (seq, ack) in acks {
            let ack = ack.await.map_err(|e| PublishError::Ack(e.to_string()))?;
            if ack.sequence != seq + 1 {
                return Err(PublishError::Ack(format!("entry {seq} became message {}", ack.sequence)));
            }
            cursor.next = seq + 1;
        }
        Ok(())
    }

    /// Has the broker overwrite the copies of what published orders cover.
    async fn remove_erased(&self, cursor: &Cursor) -> Result<(), PublishError> {
        let (to, published) = (self.to, cursor.next);
        let orders = self.node.with(move |core| core.copies_to_remove(to, published)).await?;
        if orders.is_empty() {
            return Ok(());
        }
        let stream = self.jetstream.get_stream(Names::stream(self.node.me(), to)).await.map_err(|e| api(&e))?;
        for (order, entries) in orders {
            for seq in entries {
                match stream.delete_message(seq + 1).await {
                    Ok(_) => {}
                    Err(error) if is_gone(&error) => {}
                    Err(error) => return Err(api(&error)),
                }
            }
            tracing::info!(%to, order, "erased entries are gone from the stream");
            self.node.with(move |core| core.note_copies_removed(to, order)).await?;
        }
        Ok(())
    }

    /// Finds where the stream stands; makes it, or makes it anew when it differs from the journal.
    async fn compare(&self) -> Result<Cursor, PublishError> {
        let name = Names::stream(self.node.me(), self.to);
        let mut stream = self.jetstream.get_or_create_stream(self.config(1)).await.map_err(|e| api(&e))?;
        let generation = generation_of(&stream);
        let last = stream.info().await.map_err(|e| api(&e))?.state.last_sequence;
        if self.is_prefix(&stream, last).await? {
            self.check_settings(&stream, generation).await?;
            return Ok(Cursor { generation, next: last });
        }
        tracing::error!(to = %self.to, messages = last, generation, "the stream differs from the journal: a new generation is published");
        self.jetstream.delete_stream(&name).await.map_err(|e| api(&e))?;
        self.jetstream.create_stream(self.config(generation + 1)).await.map_err(|e| api(&e))?;
        Ok(Cursor { generation: generation + 1, next: 0 })
    }

    /// Tells whether the last message of the stream is the journal's entry at that position.
    async fn is_prefix(&self, stream: &Stream, last: u64) -> Result<bool, PublishError> {
        let Some(seq) = last.checked_sub(1) else { return Ok(true) };
        let me = self.node.me();
        let leaf = self.node.with(move |core| core.leaf(me, seq)).await?.map_err(|e| NodeError::from(&e))?;
        let Some(leaf) = leaf else { return Ok(false) };
        match stream.get_raw_message(last).await {
            Ok(message) => {
                let id = message.headers.get(async_nats::header::NATS_MESSAGE_ID);
                Ok(id.is_some_and(|id| id.as_str() == message_id(generation_of(stream), &leaf)))
            }
            // The message has expired: positions can't be told wrong by what is gone, new ones are checked by the ack.
            Err(error) if is_gone(&error) => Ok(true),
            Err(error) => Err(api(&error)),
        }
    }

    /// Reads the settings back: an old server ignores what it does not know, and somebody may have changed them.
    async fn check_settings(&self, stream: &Stream, generation: u64) -> Result<(), PublishError> {
        let (wanted, found) = (self.config(generation), &stream.cached_info().config);
        let key = |c: &Config| {
            (c.subjects.clone(), c.retention, c.discard, c.max_bytes, c.max_age, c.duplicate_window, c.allow_rollup)
        };
        if key(&wanted) == key(found) && found.storage == StorageType::File && !found.no_ack {
            return Ok(());
        }
        let updated = self.jetstream.update_stream(&wanted).await.map_err(|e| api(&e))?;
        if key(&wanted) == key(&updated.config) {
            return Ok(());
        }
        Err(PublishError::Settings(wanted.name))
    }

    fn config(&self, generation: u64) -> Config {
        let (me, to) = (self.node.me(), self.to);
        Config {
            name: Names::stream(me, to),
            description: Some(format!("{GENERATION_PREFIX}{generation}")),
            subjects: vec![Names::entries(me, to)],
            retention: RetentionPolicy::Limits,
            discard: DiscardPolicy::Old,
            storage: StorageType::File,
            num_replicas: 1,
            max_bytes: STREAM_BYTES_MAX,
            max_age: STREAM_AGE_MAX,
            max_message_size: i32::try_from(PARCEL_MAX + MESSAGE_OVERHEAD).unwrap_or(i32::MAX),
            duplicate_window: DUPLICATE_WINDOW,
            ..Config::default()
        }
    }
}

/// Tells whether the broker has no such message: it has expired, or was removed.
fn is_gone(error: &dyn std::fmt::Display) -> bool {
    error.to_string().contains("no message found")
}

fn message_id(generation: u64, leaf: &[u8; 32]) -> String {
    format!("g{generation}-{}", hex::encode(leaf))
}

fn generation_of(stream: &Stream) -> u64 {
    let description = stream.cached_info().config.description.as_deref().unwrap_or_default();
    description.strip_prefix(GENERATION_PREFIX).and_then(|number| number.parse().ok()).unwrap_or(1)
}
