//! What the service does by itself when its time comes.

use tongcha_domain::agenda::Outlook;
use tongcha_domain::time::Instant;
use tongcha_domain::view::{Overlay, Rows};

use crate::core::{Core, CoreError};

/// Most duties given in one tick; the rest waits for the next, so that a long list does not keep officers waiting.
const DUTIES_MAX: usize = 256;

impl Core {
    /// Stages what is due by now, at most [`DUTIES_MAX`] commands.
    ///
    /// # Errors
    /// As [`Core::submit`].
    pub fn tick(&mut self, now: Instant) -> Result<(), CoreError> {
        if !self.may_write() {
            return Ok(());
        }
        self.stage_due(now)?;
        for _ in 0..DUTIES_MAX {
            let overlay = Overlay::new(self.view.rows(), std::mem::take(&mut self.changes));
            let outlook = Outlook { me: self.me, rules: self.rules, rows: Rows::new(&overlay) };
            let due = self.agenda.take_due(&outlook, now);
            self.changes = overlay.into_changes();
            let Some(duty) = due? else { break };
            if let Err(error) = self.submit_own(duty.command, now) {
                self.agenda.reset(); // the duty is not done: it is worked out again
                return Err(error);
            }
        }
        Ok(())
    }
}
