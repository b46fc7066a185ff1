//! Keys in time, at the core: which keys of each log are valid where, what the roots say, and what follows of it.
//!
//! In scope: following the logs' keys at the start, taking up what a root says from a file, writing down what our own root
//! says, keeping what a thief signs from passing for what its owner signs, and early alarms. Out of scope: the rule itself
//! (`tongcha_domain::keys`), and where the files of the ceremony are ([`crate::cards`]).
//!
//! A report of theft counts from the moment it is here, in a file or in the log. It never takes back what was accepted: a
//! report whose cut lies before an entry that is here, signed with that key, is set aside and alarmed, until the root names a
//! later cut. Otherwise whoever has a root could undo what others have relied on.

use std::collections::BTreeMap;

use tongcha_domain::command::{Command, Context};
use tongcha_domain::event::Body;
use tongcha_domain::id::PartyId;
use tongcha_domain::keys::{KeyFacts, KeyFault, KeyStatement, KeyWord, RecordKeyStatement, SignedStatement};
use tongcha_domain::time::{DAY_US, Date, Instant};
use tongcha_domain::view::{Overlay, Rows, ViewError};
use tongcha_ledger::checkpoint::SignedCheckpoint;
use tongcha_ledger::entry::{self, VerifiedEntry};
use tongcha_ledger::frame::Record;
use tongcha_ledger::key::{Directory, KeyId};
use tongcha_ledger::parcel::OpenedParcel;
use tongcha_ledger::trail::KeyTrail;

use crate::core::intake::Stash;
use crate::core::open::OpenError;
use crate::core::quarantine::{QuarantineReason, fork_file};
use crate::core::{Core, CoreError, IntakeResult};
use crate::disk::Disk;
use crate::journal::{Journal, JournalError};

/// How many days before a key is to be replaced the alarms begin: a ceremony needs two people, a safe and a quiet hour, and
/// each of the three parties may be in a month of holidays.
pub const KEY_WARN_DAYS: i64 = 60;

/// What became of a root's statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StatementTaken {
    /// It counts from now on.
    Taken,
    /// It counted before.
    Known,
    /// A report of a key that was reported anew since: the newer one counts.
    Superseded,
    /// It does not count, for this reason.
    Refused(String),
}

/// How a party's signing key stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyStanding {
    /// The key that the log has come to.
    pub key: KeyId,
    /// When it is to be replaced.
    pub not_after: Option<Date>,
    /// Whole days until then; negative afterwards.
    pub days_left: Option<i64>,
    /// What is wrong with it, or soon will be.
    pub alarm: Option<KeyAlarm>,
}

/// What is wrong with a party's key, or soon will be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyAlarm {
    /// What the root says could not be taken up.
    Report(String),
    /// The key is reported stolen, and the log has not gone over to another.
    Stolen,
    /// The day on which the key is to be replaced is near, or over.
    Due {
        /// Days until then; negative afterwards.
        days: i64,
    },
}

impl KeyAlarm {
    /// Tells whether something is refused for it. Nothing is refused for a date.
    #[must_use]
    pub fn stops(&self) -> bool {
        match self {
            Self::Report(_) | Self::Stolen => true,
            Self::Due { .. } => false,
        }
    }
}

impl std::fmt::Display for KeyAlarm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Report(report) => f.write_str(report),
            Self::Stolen => f.write_str("the key is reported stolen: nothing new under it is taken"),
            Self::Due { days } if *days < 0 => f.write_str("the key should have been replaced; it is still taken"),
            Self::Due { days } => write!(f, "the key is to be replaced within {days} days"),
        }
    }
}

/// Writes an error and its causes in one line.
pub(super) fn explain(error: &(dyn std::error::Error + 'static)) -> String {
    let (mut text, mut cause) = (error.to_string(), error.source());
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}

/// Follows the keys of a log through its journal; the directory learns what the log says.
///
/// # Errors
/// When files fail, or an entry was taken that the rules refuse: the cards were changed since.
pub(super) fn follow(
    journal: &Journal,
    disk: &dyn Disk,
    directory: &Directory,
    origin: PartyId,
) -> Result<KeyTrail, CoreError> {
    let mut trail = KeyTrail::new(directory, origin);
    for &seq in journal.of_keys() {
        let Some(Record { entry, body }) = journal.record(disk, seq)? else { continue };
        let next = VerifiedEntry::verify_adding(&entry, body.as_ref(), directory)
            .and_then(|entry| trail.after(&entry, body.as_ref(), directory, |key| journal.last_use(key)));
        let next = next.map_err(|source| JournalError::Chain { origin, source })?;
        trail = next.unwrap_or(trail);
    }
    Ok(trail)
}

/// Sets aside the reports of theft, known from files, that would take back what is in a journal; returns the last in words.
pub(super) fn review_reports(journal: &Journal, directory: &Directory, origin: PartyId) -> Option<String> {
    let mut alarm = None;
    for known in directory.keys(origin) {
        let key_id = known.keys.key_id();
        let Some(cut) = known.cut else { continue };
        if let Some(used) = journal.last_use(key_id).filter(|used| *used >= cut) {
            directory.set_aside(origin, key_id);
            tracing::error!(%origin, cut, used, "a report of a stolen key is set aside");
            alarm = Some(taken_back(cut, used));
        }
    }
    alarm
}

fn taken_back(cut: u64, used: u64) -> String {
    let fault = KeyFault::TakesBack { cut, used };
    format!("a report of a stolen key is set aside: {fault}; have the root name a cut of {} or more", used + 1)
}

impl Core {
    /// Takes up what a party's root says, from a file.
    ///
    /// # Errors
    /// When files fail.
    pub fn take_statement(&mut self, signed: &SignedStatement, now: Instant) -> Result<StatementTaken, CoreError> {
        let KeyStatement { party, serial, ref word } = signed.statement;
        if self.directory.statements(party).iter().any(|known| known == signed) {
            return Ok(StatementTaken::Known);
        }
        if let Err(error) = self.directory.check(signed) {
            return Ok(StatementTaken::Refused(explain(&error)));
        }
        if let KeyWord::Compromised { key, cut } = word {
            if self.directory.reported(party, KeyId(*key)) >= serial {
                return Ok(StatementTaken::Superseded);
            }
            let used = self.logs.get(&party).and_then(|log| log.journal.last_use(KeyId(*key)));
            if let Some(used) = used.filter(|used| used >= cut) {
                let alarm = taken_back(*cut, used);
                self.key_alarms.insert(party, alarm.clone());
                return Ok(StatementTaken::Refused(alarm));
            }
        }
        if let Err(error) = self.directory.learn(signed) {
            return Ok(StatementTaken::Refused(explain(&error)));
        }
        tracing::warn!(%party, serial, "a statement of the root key counts from now on");
        if matches!(word, KeyWord::Compromised { .. }) {
            self.key_alarms.remove(&party);
            if let Some(stash) = self.stashes.get_mut(&party) {
                *stash = Stash::default(); // fetched again, and judged anew
            }
            self.lift_fork(party)?;
        }
        if party == self.me {
            self.stage_own_statements(now)?;
        }
        Ok(StatementTaken::Taken)
    }

    /// Tells whether a statement counts here for its file alone: its log does not say it yet, so that without the file it
    /// would be forgotten at the next start.
    ///
    /// # Errors
    /// When the view is in doubt.
    pub fn rests_on_file(&self, signed: &SignedStatement) -> Result<bool, ViewError> {
        let KeyStatement { party, serial, ref word } = signed.statement;
        let said = self.rows().side::<KeyFacts>(&(), party)?.unwrap_or_default().said.contains_key(&serial);
        let counts = match word {
            KeyWord::Compromised { key, .. } => self.directory.reported(party, KeyId(*key)) == serial,
            KeyWord::Certified(_) | KeyWord::Retired { .. } => true,
        };
        Ok(counts && !said && self.directory.statements(party).contains(signed))
    }

    /// Notes which files of statements are not taken up, or were taken away too early, each with the reason.
    pub fn note_statement_files(&mut self, alarms: BTreeMap<String, String>) {
        self.statement_alarms = alarms;
    }

    /// Returns what is wrong with files of statements, by file.
    #[must_use]
    pub fn statement_alarms(&self) -> &BTreeMap<String, String> {
        &self.statement_alarms
    }

    /// Writes into the own log what the own root says and the log does not say yet. The certificate of the key in use comes
    /// first: the entry that adds it is its own first signature.
    pub(super) fn stage_own_statements(&mut self, now: Instant) -> Result<(), CoreError> {
        if !self.may_write() {
            return Ok(()); // written after recovery, or once a peer has confirmed that this log is the newest
        }
        let facts = self.rows().side::<KeyFacts>(&(), self.me)?.unwrap_or_default();
        let own = self.secrets.key_id();
        let times = self.logs.get(&self.me).and_then(|log| log.trail.times());
        let has = |key: [u8; 8]| times.is_some_and(|times| times.spans().iter().any(|span| span.key == key));
        let due = |signed: &SignedStatement| match &signed.statement.word {
            KeyWord::Certified(certificate) => certificate.key == own.0 && !has(own.0),
            KeyWord::Retired { .. } | KeyWord::Compromised { .. } => !facts.said.contains_key(&signed.statement.serial),
        };
        let mut due: Vec<_> = self.directory.statements(self.me).into_iter().filter(due).collect();
        due.sort_by_key(|signed| (!matches!(signed.statement.word, KeyWord::Certified(_)), signed.statement.serial));
        for signed in due {
            match self.state(signed, now) {
                // The one of a key that can't sign any more, or that does not stand here: said, and tried at the next start.
                Err(CoreError::Make(error)) => {
                    tracing::error!(%error, "a statement of the own root key could not be written into the log");
                    self.key_alarms.insert(self.me, error);
                }
                result => result?,
            }
        }
        Ok(())
    }

    fn state(&mut self, signed: SignedStatement, now: Instant) -> Result<(), CoreError> {
        let (actor, command) = (Self::node_actor(), Command::from(RecordKeyStatement { signed }));
        let context = Context { me: self.me, rules: self.rules, actor: &actor, now };
        let overlay = Overlay::new(self.view.rows(), std::mem::take(&mut self.changes));
        let decided = command.judge(&Rows::new(&overlay), &context);
        self.changes = overlay.into_changes();
        match decided? {
            Ok(event) => self.stage_own(&Body { actor, command: None, event }, now).map(drop),
            Err(refusal) => Err(CoreError::Make(refusal.code.as_str().to_owned())),
        }
    }

    /// Checks that the own log can go on with the key in use.
    pub(super) fn check_own_key(&self) -> Result<(), OpenError> {
        let next = self.logs.get(&self.me).map_or(0, |log| log.journal.staged_tip().count);
        if !self.may_write() {
            return Ok(()); // nothing is written yet
        }
        self.judge_signer(self.me, self.secrets.key_id(), next).map_err(OpenError::OwnKey)
    }

    /// Judges a key at a place of a log that is here: by what the log says, and by what the root says.
    pub(super) fn judge_signer(&self, origin: PartyId, key: KeyId, seq: u64) -> Result<(), KeyFault> {
        let times = self.logs.get(&origin).and_then(|log| log.trail.times()).ok_or(KeyFault::NotAdded)?;
        times.check(key.0, seq)?;
        self.directory.key(origin, key).ok_or(KeyFault::NotAdded)?.check(seq)
    }

    /// Refuses an entry that contradicts one we have when it is signed with a stolen key: it proves nothing about the key's
    /// owner, and must not halt the owner's log.
    pub(super) fn refuse_stolen(
        &mut self,
        parcel: &OpenedParcel,
        now: Instant,
    ) -> Result<Option<IntakeResult>, CoreError> {
        let header = parcel.entry.header();
        let origin = header.origin;
        if !self.directory.is_compromised(origin, header.key_id) {
            return Ok(None);
        }
        let halted = self.peers.get(&origin).and_then(|peer| peer.halted);
        self.quarantine(origin, QuarantineReason::Key, parcel.entry.bytes(), now)?;
        if let Some(peer) = self.peers.get_mut(&origin) {
            peer.halted = halted; // the log goes on
        }
        Ok(Some(IntakeResult::Halted(QuarantineReason::Key)))
    }

    /// Lifts the halt of a log that forked, when what proved the fork is signed with a key that was reported stolen since. The
    /// proof stays in the quarantine.
    pub(super) fn lift_fork(&mut self, origin: PartyId) -> Result<(), CoreError> {
        if !self.peers.get(&origin).is_some_and(|peer| peer.forked) {
            return Ok(());
        }
        let file = fork_file(origin);
        let length = self.disk.len(&file).map_err(CoreError::Quarantine)?;
        let kept = self.disk.read(&file, 0, usize::try_from(length).unwrap_or(usize::MAX));
        let kept = kept.map_err(CoreError::Quarantine)?;
        let signer = entry::read(&kept).map(|(header, _)| header.key_id).ok();
        let signer = signer.or_else(|| {
            let key = self.log_key(origin)?;
            SignedCheckpoint::verify(&kept, &key, &[]).map(|checkpoint| checkpoint.signer()).ok()
        });
        if !signer.is_some_and(|signer| self.directory.is_compromised(origin, signer)) {
            return Ok(());
        }
        tracing::warn!(%origin, "the fork was signed with a key that is reported stolen: the log goes on");
        self.disk.truncate(&file, 0).map_err(CoreError::Quarantine)?;
        self.disk.sync(&file).map_err(CoreError::Quarantine)?;
        if let Some(peer) = self.peers.get_mut(&origin) {
            (peer.forked, peer.halted) = (false, None);
        }
        Ok(())
    }

    /// Returns how a party's key stands at an instant.
    #[must_use]
    pub fn key_standing(&self, party: PartyId, now: Instant) -> Option<KeyStanding> {
        let key = self.directory.party(party)?.key_id();
        let not_after = self.directory.not_after(party);
        let days_left = not_after
            .and_then(|date| Instant::local_midnight(date).map(|end| end.0.saturating_sub(now.0).div_euclid(DAY_US)));
        let alarm = match (self.key_alarms.get(&party), days_left) {
            (Some(report), _) => Some(KeyAlarm::Report(report.clone())),
            (None, _) if self.directory.is_compromised(party, key) => Some(KeyAlarm::Stolen),
            (None, Some(days)) if days < KEY_WARN_DAYS => Some(KeyAlarm::Due { days }),
            (None, Some(_) | None) => None,
        };
        Some(KeyStanding { key, not_after, days_left, alarm })
    }
}
