//! The writer: the only way into the own log.

use std::collections::BTreeMap;

use rand::RngCore;
use tongcha_domain::command::{Command, Context};
use tongcha_domain::event::{Body, CommandStamp, Event, EventKind};
use tongcha_domain::id::{CommandKey, PartyId};
use tongcha_domain::officer::{Actor, Role};
use tongcha_domain::refusal::{CommandRefused, Refusal, RefusalCode};
use tongcha_domain::time::Instant;
use tongcha_domain::view::{CommandFacts, CommandOutcome, CommandRecord, Overlay, Rows, ViewError, project};
use tongcha_ledger::body::{BodyKey, SealedBody};
use tongcha_ledger::entry::{Header, Leaf, VERSION, VerifiedEntry};
use tongcha_ledger::frame::Record;
use tongcha_ledger::{canonical, sha256};

use crate::core::keys::explain;
use crate::core::{Core, CoreError};

/// A command from somebody.
#[derive(Clone, Debug)]
pub struct Submission {
    /// The caller's handle for the outcome.
    pub ticket: u64,
    /// Who commands.
    pub actor: Actor,
    /// Names the command, so that it can be repeated.
    pub key: Option<CommandKey>,
    /// The command.
    pub command: Command,
}

/// The durable fact that a command made an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Position in the own log.
    pub seq: u64,
    /// Leaf hash of the entry.
    pub leaf: Leaf,
    /// When it was recorded.
    pub recorded_at: Instant,
    /// The event's class.
    pub kind: EventKind,
    /// Whether this is the first result of a command that was repeated.
    pub replayed: bool,
}

impl Core {
    /// Stages a command. Its outcome comes with the next commit.
    ///
    /// # Errors
    /// When the view is in doubt, an entry can't be made, our disk was rolled back, or no peer has confirmed yet that it
    /// was not; nothing is staged then.
    pub fn submit(&mut self, submission: Submission, now: Instant) -> Result<(), CoreError> {
        if let Some((peer, seen)) = self.rolled_back {
            return Err(CoreError::RolledBack { peer, seen, have: self.tip(self.me).count });
        }
        if self.awaiting {
            return Err(CoreError::Unconfirmed);
        }
        self.stage_due(now)?;
        self.judge(submission, now)
    }

    /// Judges a command and stages what comes of it.
    pub(super) fn judge(&mut self, submission: Submission, now: Instant) -> Result<(), CoreError> {
        // A clock that was set back does not set the log back: what is recorded is the instant that was decided on, so that
        // an auditor judges by the same.
        let now = now.max(self.logs.get(&self.me).map_or(now, |log| log.journal.staged_tip().recorded_at));
        let Submission { ticket, actor, key, command } = submission;
        let stamp = key.map(|key| CommandStamp { key, digest: command_digest(&command) });
        if let Some(stamp) = stamp
            && let Some(outcome) = self.first_result(&stamp)?
        {
            self.outcomes.push_back((ticket, outcome));
            return Ok(());
        }
        let context = Context { me: self.me, rules: self.rules, actor: &actor, now };
        let overlay = Overlay::new(self.view.rows(), std::mem::take(&mut self.changes));
        let decided = judge(&Rows::new(&overlay), &context, &command);
        self.changes = overlay.into_changes();
        let (event, refusal) = decided?;
        let receipt = self.stage_own(&Body { actor, command: stamp, event }, now)?;
        self.outcomes.push_back((ticket, refusal.map_or(Ok(receipt), Err)));
        Ok(())
    }

    /// Returns what a repeated command came to the first time.
    fn first_result(&mut self, stamp: &CommandStamp) -> Result<Option<Result<Receipt, Refusal>>, CoreError> {
        let overlay = Overlay::new(self.view.rows(), std::mem::take(&mut self.changes));
        let facts = Rows::new(&overlay).side::<CommandFacts>(&stamp.key, self.me);
        self.changes = overlay.into_changes();
        let Some(CommandFacts(Some(record))) = facts? else { return Ok(None) };
        let CommandRecord { seq, recorded_at, digest, kind, leaf, outcome } = record;
        Ok(Some(match outcome {
            _ if digest != stamp.digest => Err(Refusal::new(RefusalCode::IdempotencyKeyReused)),
            CommandOutcome::Done => Ok(Receipt { seq, leaf, recorded_at, kind, replayed: true }),
            CommandOutcome::Refused(refusal) => Err(refusal),
        }))
    }

    /// Seals, signs and stages an entry of the own log, and folds it.
    pub(super) fn stage_own(&mut self, body: &Body, now: Instant) -> Result<Receipt, CoreError> {
        let make = |error: &dyn std::fmt::Display| CoreError::Make(error.to_string());
        let mut key = BodyKey::published();
        if !BodyKey::is_published(body.event.kind()) {
            self.rng.fill_bytes(&mut key.0);
        }
        let sealed = SealedBody::seal(body, &key).map_err(|e| make(&e))?;
        let seen: BTreeMap<PartyId, u64> = self
            .logs
            .iter()
            .filter(|(origin, _)| **origin != self.me)
            .map(|(origin, log)| (*origin, log.journal.staged_tip().count))
            .collect();
        let log = self.logs.get_mut(&self.me).ok_or_else(|| CoreError::Make("no own log".to_owned()))?;
        let tip = log.journal.staged_tip();
        let mut audience = body.event.readers();
        audience.insert(self.me);
        let header = Header {
            version: VERSION,
            origin: self.me,
            seq: tip.count,
            prev: tip.head,
            recorded_at: now.max(tip.recorded_at),
            key_id: self.secrets.key_id(),
            kind: body.event.kind(),
            audience,
            body_digest: sealed.digest(),
            body_len: u32::try_from(sealed.ciphertext.len()).unwrap_or(u32::MAX),
            seen,
        };
        let entry = VerifiedEntry::sign(header, &self.secrets).map_err(|e| make(&e))?;
        let last_use = |key| log.journal.last_use(key);
        let trail =
            log.trail.after(&entry, Some(&sealed), &self.directory, last_use).map_err(|e| make(&explain(&e)))?;
        // Folding comes first: when it fails, nothing is staged.
        let mut overlay = Overlay::new(self.view.rows(), std::mem::take(&mut self.changes));
        let folded = project(&mut overlay, &entry.meta(), Some(body));
        self.changes = overlay.into_changes();
        folded?;
        self.agenda.note(&body.event);
        log.journal.stage(&Record { entry: entry.bytes().to_vec(), body: Some(sealed) })?;
        log.keys.stage(tip.count, key);
        if let Some(trail) = trail {
            log.trail = trail;
        }
        let meta = entry.meta();
        Ok(Receipt { seq: meta.seq, leaf: meta.leaf, recorded_at: meta.recorded_at, kind: meta.kind, replayed: false })
    }

    /// The service itself, as an actor.
    #[must_use]
    pub fn node_actor() -> Actor {
        // Both names are constants of the right alphabet; `node_actor_is_valid` tests it.
        let name = |text: &str| text.parse().map_err(|_| ());
        match (name("node"), "node".parse()) {
            (Ok(officer), Ok(unit)) => Actor { officer, role: Role::Node, unit },
            (Err(()), _) | (_, Err(_)) => std::process::abort(),
        }
    }
}

/// Judges a command: what happens, and the refusal when that is what happens.
fn judge(rows: &Rows<'_>, context: &Context<'_>, command: &Command) -> Result<(Event, Option<Refusal>), ViewError> {
    Ok(match command.judge(rows, context)? {
        Ok(event) => (event, None),
        Err(refusal) => (CommandRefused::new(rows, command, refusal.clone())?.into(), Some(refusal)),
    })
}

/// SHA-256 over a command as it was asked.
#[must_use]
pub fn command_digest(command: &Command) -> [u8; 32] {
    sha256(b"tongcha/command/v1\0", &[&canonical::encode(command).unwrap_or_default()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_actor_is_valid() {
        assert_eq!(Core::node_actor().role, Role::Node);
    }
}
