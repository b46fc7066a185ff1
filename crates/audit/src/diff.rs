//! What a running service has, compared with a bundle that was exported from it before, and with what its logs say.
//!
//! The service's logs are exported anew, without keys. They must go on where the bundle ends, entry for entry; every check
//! of [`crate::verify`] must pass; and with the party's body keys its view, folded here, must have the state root that the
//! service gives.

use std::path::Path;

use indicatif::ProgressBar;
use serde::Serialize;
use tongcha_domain::id::PartyId;
use tongcha_ledger::key::{Directory, Hex};

use crate::bundle::Bundle;
use crate::finding::Finding;
use crate::input::InputError;
use crate::replay::replay;
use crate::verify::verify;

/// What was compared.
#[derive(Debug, Serialize)]
pub struct DiffReport {
    /// Whose service.
    pub party: PartyId,
    /// Each log.
    pub logs: Vec<LogDiff>,
    /// The state root that the service gives.
    pub live_root: Option<Hex>,
    /// The state root over the service's logs, folded here; none without body keys.
    pub folded_root: Option<Hex>,
    /// What is wrong with the logs. Two histories of one log are a fork among these.
    pub findings: Vec<Finding>,
}

/// One log, then and now.
#[derive(Debug, Serialize)]
pub struct LogDiff {
    /// Whose log.
    pub origin: PartyId,
    /// Entries in the bundle.
    pub then: u64,
    /// Entries at the service.
    pub now: u64,
}

impl DiffReport {
    /// Tells whether nothing was removed or changed, and the view is what the logs say, as far as it was compared.
    #[must_use]
    pub fn is_good(&self) -> bool {
        let grown = self.logs.iter().all(|log| log.now >= log.then);
        let same = self.folded_root.is_none() || self.folded_root == self.live_root;
        self.findings.is_empty() && grown && same
    }
}

/// Compares a bundle with the bundle that was just exported from the service.
///
/// # Errors
/// When something can't be read.
pub fn diff(
    then: &Bundle,
    now: &Bundle,
    trusted: Option<&Directory>,
    body_keys: Option<&Path>,
    progress: &ProgressBar,
) -> Result<DiffReport, InputError> {
    let party = now.manifest.party;
    if then.manifest.party != party {
        return Err(InputError::OtherParty { expected: then.manifest.party, found: party });
    }
    let both = [then.clone(), now.clone()];
    let findings = verify(&both, trusted, progress)?.findings;
    let log = |origin| LogDiff { origin, then: then.manifest.log(origin).count, now: now.manifest.log(origin).count };
    let origins: std::collections::BTreeSet<_> = then.origins()?.into_iter().chain(now.origins()?).collect();
    let folded = body_keys.map(|keys| replay(std::slice::from_ref(now), party, trusted, Some(keys), progress));
    let folded_root = folded.transpose()?.map(|report| report.state_root);
    let (logs, live_root) = (origins.into_iter().map(log).collect(), now.manifest.state_root);
    Ok(DiffReport { party, logs, live_root, folded_root, findings })
}
