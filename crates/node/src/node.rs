//! The loop that joins everything: one thread owns the core; all others send it jobs.
//!
//! The thread takes what has come in, stages it, commits it as one group, and only then answers. Reads run between
//! commits, so they see committed rows only.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};
use tongcha_domain::command::Command;
use tongcha_domain::id::{CommandKey, PartyId};
use tongcha_domain::officer::Actor;
use tongcha_domain::refusal::Refusal;
use tongcha_ledger::key::{Directory, PartySecrets};
use tongcha_ledger::parcel::{OpenedParcel, ParcelOpener};

use crate::clock::wall_clock;
use crate::core::{Core, CoreError, IntakeResult, QuarantineReason, Receipt, Submission};
use crate::journal::GROUP_MAX;
use crate::metrics::Metrics;

/// Most jobs that wait for the core; further callers wait for a place.
const QUEUE_MAX: usize = 1024;
/// How often the view is made durable when nothing else asks for it.
const VIEW_FLUSH_INTERVAL: Duration = Duration::from_secs(30);

/// Why the node can't do what it was asked. Ours, never the caller's.
#[derive(Clone, Debug, thiserror::Error)]
pub enum NodeError {
    /// The core has stopped: the process is about to end.
    #[error("the service is stopping")]
    Stopped,
    /// The view is being folded again.
    #[error("the view is being rebuilt")]
    ViewInDoubt,
    /// The disk is older than the peers' replicas.
    #[error(
        "this party's log lacks entries that a peer holds; nothing is written until the administrator has restored it \
         with the command `recover`"
    )]
    RolledBack,
    /// No peer has said yet what it holds of our log.
    #[error("no peer has confirmed yet that this party's log is complete; nothing is written before")]
    Unconfirmed,
    /// Something else in the core failed; the log says what.
    #[error("the service failed: {0}")]
    Failed(Arc<str>),
}

impl From<&CoreError> for NodeError {
    fn from(error: &CoreError) -> Self {
        match error {
            CoreError::View(_) => Self::ViewInDoubt,
            CoreError::RolledBack { .. } => Self::RolledBack,
            CoreError::Unconfirmed => Self::Unconfirmed,
            CoreError::Changed { .. }
            | CoreError::BodiesMissing { .. }
            | CoreError::Journal(_)
            | CoreError::Keys(_)
            | CoreError::Quarantine(_)
            | CoreError::Evidence(_)
            | CoreError::Make(_) => Self::Failed(error.to_string().into()),
        }
    }
}

/// What a command came to: a receipt, or a refusal.
pub type CommandResult = Result<Result<Receipt, Refusal>, NodeError>;

type IntakeReply = oneshot::Sender<Result<IntakeResult, NodeError>>;
type ReadJob = Box<dyn FnOnce(&mut Core) + Send>;

enum Job {
    Submit { actor: Actor, key: Option<CommandKey>, command: Box<Command>, reply: oneshot::Sender<CommandResult> },
    Intake { parcel: Box<OpenedParcel>, reply: IntakeReply },
    Tick,
    With(ReadJob),
}

/// Sequence numbers that followers wait for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Durable entries of each log.
    pub counts: BTreeMap<PartyId, u64>,
    /// How many entries of the own log each peer has witnessed.
    pub witnessed: BTreeMap<PartyId, u64>,
    /// How many entries of each peer's log this party has witnessed.
    pub cosigned: BTreeMap<PartyId, u64>,
}

/// Who has witnessed which entries, as known at one moment.
#[derive(Clone, Debug)]
pub struct Witnesses {
    me: PartyId,
    progress: Progress,
}

impl Witnesses {
    /// Returns the parties that have witnessed an entry: of the own log the peers, of a peer's log this party. Of nobody
    /// else does this party know it.
    #[must_use]
    pub fn of(&self, origin: PartyId, seq: u64) -> Vec<PartyId> {
        let Progress { witnessed, cosigned, .. } = &self.progress;
        if origin == self.me {
            return witnessed.iter().filter(|(_, count)| seq < **count).map(|(peer, _)| *peer).collect();
        }
        cosigned.get(&origin).filter(|count| seq < **count).map(|_| self.me).into_iter().collect()
    }
}

/// The way to a running core. Cheap to clone.
#[derive(Clone)]
pub struct NodeHandle {
    me: PartyId,
    jobs: mpsc::Sender<Job>,
    progress: watch::Receiver<Progress>,
    opener: Arc<ParcelOpener>,
    secrets: Arc<PartySecrets>,
    directory: Arc<Directory>,
    metrics: Arc<Metrics>,
}

impl NodeHandle {
    /// Starts a thread that owns a core. The thread ends when every handle is dropped or the core fails; then `ended`
    /// tells why.
    #[must_use]
    pub fn start(core: Core, metrics: Arc<Metrics>) -> (Self, oneshot::Receiver<Result<(), CoreError>>) {
        let (jobs, queue) = mpsc::channel(QUEUE_MAX);
        let (progress, followed) = watch::channel(progress_of(&core));
        let handle = Self {
            me: core.me(),
            jobs,
            progress: followed,
            opener: core.opener().clone(),
            secrets: core.secrets().clone(),
            directory: core.directory().clone(),
            metrics: metrics.clone(),
        };
        let (end, ended) = oneshot::channel();
        std::thread::spawn(move || {
            let result = Worker { core, queue, progress, metrics, waiting: BTreeMap::new(), intakes: Vec::new() }.run();
            let _ = end.send(result); // nobody listens only while the process ends
        });
        (handle, ended)
    }

    /// Returns the party.
    #[must_use]
    pub fn me(&self) -> PartyId {
        self.me
    }

    /// Returns who has witnessed which entries by now.
    #[must_use]
    pub fn witnesses(&self) -> Witnesses {
        Witnesses { me: self.me, progress: self.progress.borrow().clone() }
    }

    /// Returns all parties' public keys.
    #[must_use]
    pub fn directory(&self) -> &Arc<Directory> {
        &self.directory
    }

    /// Returns the secret keys.
    #[must_use]
    pub fn secrets(&self) -> &Arc<PartySecrets> {
        &self.secrets
    }

    /// Returns what opens parcels.
    #[must_use]
    pub fn opener(&self) -> &Arc<ParcelOpener> {
        &self.opener
    }

    /// Returns the metrics.
    #[must_use]
    pub fn metrics(&self) -> &Arc<Metrics> {
        &self.metrics
    }

    /// Returns a receiver that changes when entries become durable.
    #[must_use]
    pub fn progress(&self) -> watch::Receiver<Progress> {
        self.progress.clone()
    }

    /// Makes a new version-7 id.
    #[must_use]
    pub fn new_uuid(&self) -> uuid::Uuid {
        let millis = u64::try_from(wall_clock().0.div_euclid(1000)).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &rand::random()).into_uuid()
    }

    /// Gives a command and waits until its entry is durable.
    ///
    /// # Errors
    /// When the service can't; the caller's mistakes are the inner refusal.
    pub async fn submit(&self, actor: Actor, key: Option<CommandKey>, command: impl Into<Command>) -> CommandResult {
        let (reply, answer) = oneshot::channel();
        let job = Job::Submit { actor, key, command: Box::new(command.into()), reply };
        self.jobs.send(job).await.map_err(|_| NodeError::Stopped)?;
        answer.await.map_err(|_| NodeError::Stopped)?
    }

    /// Hands a peer's entry in and waits until it is durable.
    ///
    /// # Errors
    /// When the service can't take it now.
    pub async fn intake(&self, parcel: OpenedParcel) -> Result<IntakeResult, NodeError> {
        self.start_intake(parcel).await?.await.map_err(|_| NodeError::Stopped)?
    }

    /// Hands a peer's entry in; the receiver tells when it is durable.
    ///
    /// # Errors
    /// When the core has stopped.
    pub async fn start_intake(
        &self,
        parcel: OpenedParcel,
    ) -> Result<oneshot::Receiver<Result<IntakeResult, NodeError>>, NodeError> {
        let (reply, answer) = oneshot::channel();
        self.jobs.send(Job::Intake { parcel: Box::new(parcel), reply }).await.map_err(|_| NodeError::Stopped)?;
        Ok(answer)
    }

    /// Has the service do what is due by now; see [`tongcha_domain::agenda`].
    ///
    /// # Errors
    /// When the core has stopped.
    pub async fn tick(&self) -> Result<(), NodeError> {
        self.jobs.send(Job::Tick).await.map_err(|_| NodeError::Stopped)
    }

    /// Runs something on the core between two commits.
    ///
    /// # Errors
    /// When the core has stopped.
    pub async fn with<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Core) -> T + Send + 'static,
    ) -> Result<T, NodeError> {
        let (reply, answer) = oneshot::channel();
        let job: ReadJob = Box::new(move |core| {
            let _ = reply.send(job(core)); // the asker may have gone
        });
        self.jobs.send(Job::With(job)).await.map_err(|_| NodeError::Stopped)?;
        answer.await.map_err(|_| NodeError::Stopped)
    }

    /// Keeps a refused message.
    ///
    /// # Errors
    /// When the core has stopped or the file fails.
    pub async fn quarantine(&self, from: PartyId, reason: QuarantineReason, bytes: Vec<u8>) -> Result<(), NodeError> {
        self.metrics.quarantined(from, reason);
        self.with(move |core| core.quarantine(from, reason, &bytes, wall_clock()).map_err(|e| NodeError::from(&e)))
            .await?
    }
}

fn progress_of(core: &Core) -> Progress {
    let counts = core.directory().parties().map(|party| (party, core.tip(party).count)).collect();
    let peers = core.directory().parties().filter(|party| *party != core.me());
    let cosigned = peers.filter_map(|peer| Some((peer, core.cosigned(peer)?.head().size))).collect();
    Progress { counts, witnessed: core.witnessed().clone(), cosigned }
}

struct Worker {
    core: Core,
    queue: mpsc::Receiver<Job>,
    progress: watch::Sender<Progress>,
    metrics: Arc<Metrics>,
    waiting: BTreeMap<u64, oneshot::Sender<CommandResult>>,
    intakes: Vec<(IntakeReply, IntakeResult)>,
}

impl Worker {
    fn run(mut self) -> Result<(), CoreError> {
        let mut flushed = std::time::Instant::now();
        let mut ticket = 0;
        while let Some(first) = self.queue.blocking_recv() {
            let mut job = Some(first);
            let mut group = 0;
            let mut reads = Vec::new();
            while let Some(next) = job.take() {
                match next {
                    Job::Submit { actor, key, command, reply } => {
                        ticket += 1;
                        self.submit(ticket, Submission { ticket, actor, key, command: *command }, reply)?;
                    }
                    Job::Intake { parcel, reply } => self.intake(*parcel, reply)?,
                    Job::Tick => self.tick()?,
                    // Reads wait for the commit, not the commit for reads: cutting groups short costs a sync each.
                    Job::With(read) => reads.push(read),
                }
                group += 1;
                if group < GROUP_MAX {
                    job = self.queue.try_recv().ok();
                }
            }
            self.commit()?;
            reads.into_iter().for_each(|read| read(&mut self.core));
            self.tell_progress(); // a cosignature may have come with what was read
            if flushed.elapsed() > VIEW_FLUSH_INTERVAL {
                self.core.flush_view()?;
                flushed = std::time::Instant::now();
            }
        }
        self.commit()?;
        self.core.flush_view()
    }

    fn submit(
        &mut self,
        ticket: u64,
        submission: Submission,
        reply: oneshot::Sender<CommandResult>,
    ) -> Result<(), CoreError> {
        match self.core.submit(submission, wall_clock()) {
            Ok(()) => {
                self.waiting.insert(ticket, reply);
                Ok(())
            }
            Err(error) => {
                let _ = reply.send(Err((&error).into())); // the asker may have gone
                self.recover(error)
            }
        }
    }

    fn intake(&mut self, parcel: OpenedParcel, reply: IntakeReply) -> Result<(), CoreError> {
        match self.core.intake(parcel, wall_clock()) {
            Ok(result) => {
                self.intakes.push((reply, result));
                Ok(())
            }
            Err(error) => {
                let _ = reply.send(Err((&error).into())); // the asker may have gone
                self.recover(error)
            }
        }
    }

    fn tick(&mut self) -> Result<(), CoreError> {
        self.core.tick(wall_clock()).or_else(|error| self.recover(error))
    }

    fn commit(&mut self) -> Result<(), CoreError> {
        let outcomes = match self.core.commit() {
            Ok(outcomes) => outcomes,
            Err(error) => {
                self.recover(error)?;
                self.core.commit()?
            }
        };
        for (ticket, result) in outcomes {
            if let Some(reply) = self.waiting.remove(&ticket) {
                let _ = reply.send(Ok(result)); // the asker may have gone; the entry is in the log
            }
        }
        for (reply, result) in self.intakes.drain(..) {
            let _ = reply.send(Ok(result)); // the reader may have gone; it reads again from our position
        }
        self.tell_progress();
        self.metrics.observe(&self.core);
        Ok(())
    }

    fn tell_progress(&self) {
        let progress = progress_of(&self.core);
        self.progress.send_if_modified(|current| {
            let changed = *current != progress;
            *current = progress;
            changed
        });
    }

    /// Goes on after a doubtful view or a refused write; anything else ends the process.
    fn recover(&mut self, error: CoreError) -> Result<(), CoreError> {
        match error {
            CoreError::View(_) => {
                tracing::error!(%error, "the view is in doubt and is folded again from the logs");
                self.core.sync_logs()?;
                self.core.rebuild_view()
            }
            CoreError::RolledBack { .. } | CoreError::Unconfirmed => Ok(()),
            CoreError::Make(_) => {
                tracing::error!(%error, "an entry could not be made");
                Ok(())
            }
            CoreError::Journal(_)
            | CoreError::Keys(_)
            | CoreError::Quarantine(_)
            | CoreError::Evidence(_)
            | CoreError::Changed { .. }
            | CoreError::BodiesMissing { .. } => Err(error),
        }
    }
}
