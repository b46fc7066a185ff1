//! What came of a run, put on record: the candidates, then the end.

use tongcha_domain::id::{CandidateId, MatchRunId};
use tongcha_domain::overlap::{
    FailMatchRun, FailureReason, MatchRunFacts, OwnRecord, RecordCandidate, RecordMatchExecution,
};
use tongcha_domain::refusal::{Refusal, RefusalCode};
use tongcha_domain::view::ViewError;

use crate::core::{Core, Receipt};
use crate::node::{NodeError, NodeHandle};

/// Records the candidates and that the run is complete.
pub(super) async fn executed(
    node: &NodeHandle,
    run: MatchRunId,
    records: Vec<OwnRecord>,
    peer_elements: u32,
) -> Result<Result<Receipt, Refusal>, NodeError> {
    for (no, record) in (1..).zip(records) {
        let candidate = RecordCandidate { candidate: CandidateId { run, no }, record };
        if let Err(refusal) = node.submit(Core::node_actor(), None, candidate).await? {
            return Ok(Err(refusal));
        }
    }
    node.submit(Core::node_actor(), None, RecordMatchExecution { run, peer_elements }).await
}

/// Records that the run failed; returns what the caller is told.
pub(super) async fn failed(node: &NodeHandle, run: MatchRunId, reason: FailureReason) -> Result<Refusal, NodeError> {
    tracing::error!(%run, ?reason, "a matching run failed");
    let me = node.me();
    let running = move |core: &mut Core| -> Result<bool, ViewError> {
        Ok(core.rows().side::<MatchRunFacts>(&run, me)?.is_some_and(|facts| facts.is_running()))
    };
    if node.with(running).await?.map_err(|error| NodeError::Failed(error.to_string().into()))? {
        // A refusal here means that the run ended in between.
        let _ = node.submit(Core::node_actor(), None, FailMatchRun { run, reason }).await?;
    }
    let word = match reason {
        FailureReason::Interrupted => "interrupted",
        FailureReason::Refused => "refused",
        FailureReason::Protocol => "protocol",
    };
    Ok(Refusal::new(RefusalCode::RunFailed).offending([word]))
}
