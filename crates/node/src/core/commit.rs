//! Group commit: everything staged becomes durable, then visible, then told.

use crate::core::intake::NOBODY;
use crate::core::{Core, CoreError, Outcome};

impl Core {
    /// Commits what is staged and returns the outcomes of the group's submissions.
    ///
    /// # Errors
    /// After an error nothing of the group may be told to anybody. A view error leaves the group durable:
    /// [`Core::rebuild_view`] mends it. After any other the process must stop and read its files again.
    pub fn commit(&mut self) -> Result<Vec<Outcome>, CoreError> {
        self.sync_logs()?;
        self.hear_losses()?;
        self.apply_changes()?;
        self.erase()?;
        Ok(self.outcomes.drain(..).filter(|(ticket, _)| *ticket != NOBODY).collect())
    }

    /// Makes what is staged durable, and leaves rows and outcomes for later.
    ///
    /// # Errors
    /// As [`Core::commit`].
    pub fn sync_logs(&mut self) -> Result<(), CoreError> {
        for log in self.logs.values_mut() {
            log.keys.sync(self.disk.as_mut())?;
        }
        for (_, log) in self.logs.iter_mut().filter(|(origin, _)| **origin != self.me) {
            log.journal.sync(self.disk.as_mut())?;
        }
        if let Some(own) = self.logs.get_mut(&self.me) {
            own.journal.sync(self.disk.as_mut())?;
        }
        self.recovery.settle(self.disk.as_mut())
    }

    pub(super) fn apply_changes(&mut self) -> Result<(), CoreError> {
        if self.changes.is_empty() {
            return Ok(());
        }
        let changes = std::mem::take(&mut self.changes);
        let mut checkpoint = self.checkpoint.clone();
        checkpoint.account(self.view.rows(), &changes)?;
        self.view.apply(changes, &checkpoint)?;
        self.checkpoint = checkpoint;
        Ok(())
    }

    /// Makes the view durable, to make the next start shorter.
    ///
    /// # Errors
    /// When the store fails.
    pub fn flush_view(&mut self) -> Result<(), CoreError> {
        Ok(self.view.flush()?)
    }
}
