//! What every handler has: the way to the core, and the steps that all commands share.

use std::sync::Arc;

use tokio::sync::Semaphore;
use tongcha_domain::command::Command;
use tongcha_domain::id::PartyId;
use tongcha_domain::view::ViewError;
use tongcha_ledger::key::PartyCard;
use uuid::Uuid;

use crate::core::{Core, CoreError};
use crate::enrolment::Enrolled;
use crate::http::auth::Commander;
use crate::http::idempotency::id_of;
use crate::http::problem::{Answer, Problem};
use crate::http::wire::ReceiptBody;
use crate::http::{ApiState, AskLookups, Readiness, RunMatches};
use crate::node::{NodeError, NodeHandle};
use crate::officers::Officers;

/// Register files taken in at the same time. One holds up to 128 MiB and several times that while it is read, and the
/// domain allows one running import anyway.
const IMPORTS_MAX: usize = 1;

/// State of the handlers. Cheap to clone.
#[derive(Clone)]
pub(super) struct Api {
    /// The core.
    pub node: NodeHandle,
    /// Who may call.
    pub officers: Arc<Officers>,
    /// Asks other parties.
    pub lookups: Arc<dyn AskLookups>,
    /// Runs matching runs.
    pub matches: Arc<dyn RunMatches>,
    /// Tells whether the service can do its work.
    pub readiness: Arc<dyn Readiness>,
    /// The cards of all parties.
    pub cards: Arc<Vec<PartyCard>>,
    /// One place for each register file that is being taken in.
    pub imports: Arc<Semaphore>,
    /// Officers of whom this process knows that the log says what they are enrolled for.
    pub enrolled: Arc<Enrolled>,
    /// The OpenAPI document.
    pub document: Arc<str>,
}

impl Api {
    /// Makes the state of a router.
    pub(super) fn new(state: ApiState, document: Arc<str>) -> Self {
        let ApiState { node, officers, lookups, matches, readiness, cards } = state;
        Self {
            node,
            officers,
            lookups,
            matches,
            readiness,
            cards,
            imports: Arc::new(Semaphore::new(IMPORTS_MAX)),
            enrolled: Arc::default(),
            document,
        }
    }

    /// Returns the party.
    pub(super) fn me(&self) -> PartyId {
        self.node.me()
    }

    /// Gives a command about a thing and returns its receipt.
    pub(super) async fn command(&self, by: &Commander, id: Uuid, command: impl Into<Command>) -> Answer<ReceiptBody> {
        let decided = self.node.submit(by.actor.clone(), by.key, command).await?;
        let receipt = decided.map_err(|refusal| Problem::from(refusal).about(id))?;
        Ok(ReceiptBody::new(id, &self.node, &receipt))
    }

    /// Makes the id of a new thing: derived from the command's key, so that a repeated command names the same thing.
    pub(super) fn new_id(&self, by: &Commander) -> Uuid {
        by.key.map_or_else(|| self.node.new_uuid(), |key| id_of(self.me(), key))
    }

    /// Reads committed rows. When the view turns out to be in doubt, it is folded again and read once more.
    pub(super) async fn rows<T: Send + 'static>(
        &self,
        read: impl Fn(&mut Core) -> Result<T, ViewError> + Send + 'static,
    ) -> Answer<T> {
        let answer = self.node.with(move |core| {
            read(core).or_else(|error| {
                tracing::error!(%error, "a read found the view in doubt; it is folded again from the logs");
                core.rebuild_view()?;
                Ok(read(core)?)
            })
        });
        Ok(answer.await?.map_err(|error: CoreError| NodeError::from(&error))?)
    }
}
