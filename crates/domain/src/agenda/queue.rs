//! The duties of all cases in order of time. Only cases that an event touched are worked out anew, so that a party
//! with many old cases does nothing for them.

use std::collections::{BTreeMap, BTreeSet};

use crate::agenda::{Case, Duty, Outlook, every_case, next_duty, stands_for, touched};
use crate::event::Event;
use crate::time::Instant;
use crate::view::ViewError;

/// The next duty of every case.
#[derive(Clone, Debug, Default)]
pub struct Agenda {
    started: bool,
    stale: BTreeSet<Case>,
    duties: BTreeMap<Case, Duty>,
    order: BTreeSet<(Instant, Case)>,
}

impl Agenda {
    /// Notes an event; the cases it touches are worked out anew at the next [`Self::take_due`].
    pub fn note(&mut self, event: &Event) {
        self.stale.extend(touched(event));
        if let Event::ClosureDeclared(_) = event {
            self.started = false; // any running clock may go by the calendar: all cases are worked out anew
        }
    }

    /// Forgets everything: all cases are worked out anew. For a start and for a view folded again.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// Takes one duty whose time has come. Its case is worked out again when the event it makes is noted; should it be
    /// refused, it stays away until then.
    ///
    /// # Errors
    /// When a row can't be read; the agenda is as it was, or has worked some cases out.
    pub fn take_due(&mut self, outlook: &Outlook<'_>, now: Instant) -> Result<Option<Duty>, ViewError> {
        if !self.started {
            self.stale.extend(every_case(outlook)?);
            self.started = true;
        }
        while let Some(case) = self.stale.first().copied() {
            let duty = next_duty(outlook, case)?;
            let others = stands_for(outlook, case)?;
            self.stale.remove(&case);
            self.stale.extend(others);
            self.remove(case);
            if let Some(duty) = duty {
                self.order.insert((duty.at, case));
                self.duties.insert(case, duty);
            }
        }
        match self.order.first().copied() {
            Some((at, case)) if at <= now => Ok(self.remove(case)),
            Some(_) | None => Ok(None),
        }
    }

    /// Returns how many duties wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.duties.len()
    }

    /// Tells whether no duty waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.duties.is_empty()
    }

    fn remove(&mut self, case: Case) -> Option<Duty> {
        let duty = self.duties.remove(&case)?;
        self.order.remove(&(duty.at, case));
        Some(duty)
    }
}
