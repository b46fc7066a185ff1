//! Follows the directory of cards for what root keys say, so that a report of a stolen key counts without a restart; and says
//! every day which keys are to be replaced.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tongcha_domain::keys::SignedStatement;

use crate::cards::read_statements;
use crate::clock::wall_clock;
use crate::core::StatementTaken;
use crate::node::NodeHandle;

/// How often the directory is read: what a thief can do in this time is what could be done before the report was carried in.
const INTERVAL: Duration = Duration::from_secs(2);

/// Follows the directory until `stop`.
pub(crate) async fn follow(node: NodeHandle, cards_dir: PathBuf, stop: CancellationToken) {
    let mut interval = tokio::time::interval(INTERVAL);
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let (mut refused, mut warned) = (BTreeSet::new(), None);
    while stop.run_until_cancelled(interval.tick()).await.is_some() {
        match read_statements(&cards_dir) {
            Ok(statements) => {
                for (path, signed) in statements {
                    match take(&node, signed).await {
                        Some(StatementTaken::Refused(reason)) => {
                            if refused.insert(path.clone()) {
                                tracing::error!(file = %path.display(), reason, "a statement is not taken up");
                            }
                        }
                        Some(StatementTaken::Taken | StatementTaken::Known) => {}
                        None => return,
                    }
                }
            }
            Err(error) => tracing::error!(%error, "the statements of root keys can't be read"),
        }
        let today = wall_clock().local_date();
        if warned != Some(today) && !warn(&node).await {
            return;
        }
        warned = Some(today);
    }
}

/// Hands a statement to the core; none when the core has stopped.
async fn take(node: &NodeHandle, signed: SignedStatement) -> Option<StatementTaken> {
    match node.with(move |core| core.take_statement(&signed, wall_clock())).await {
        Ok(Ok(taken)) => Some(taken),
        Ok(Err(error)) => Some(StatementTaken::Refused(error.to_string())),
        Err(_) => None,
    }
}

async fn warn(node: &NodeHandle) -> bool {
    let standings = node.with(|core| {
        let parties: Vec<_> = core.directory().parties().collect();
        parties.into_iter().map(|party| (party, core.key_standing(party, wall_clock()))).collect::<Vec<_>>()
    });
    let Ok(standings) = standings.await else { return false };
    for (party, standing) in standings {
        if let Some(alarm) = standing.and_then(|standing| standing.alarm) {
            tracing::warn!(%party, %alarm, "a signing key needs attention");
        }
    }
    true
}
