//! Refusals: the caller's mistakes, with a stable code, the rule, and what to do next.

mod catalogue;
mod code;

pub use code::RefusalCode;

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::command::{Command, CommandKind};
use crate::event::Readers;
use crate::id::{ConsentId, RequestId};
use crate::time::Instant;
use crate::verification;
use crate::view::{Rows, ViewError};

/// Most offending parts a refusal lists; one request can't have more questions.
pub const OFFENDING_MAX: usize = 64;

/// Why a command was not done. A value, not a failure of ours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The stable code.
    pub code: RefusalCode,
    /// The parts that offend, as codes and positions (`exp.medical`, `subject#3`, `granularity`); never personal data.
    pub offending: Vec<String>,
    /// The instant the refusal turns on, such as when a consent expired.
    pub effective_at: Option<Instant>,
}

impl Refusal {
    /// Makes a refusal that needs no detail.
    #[must_use]
    pub fn new(code: RefusalCode) -> Self {
        Self { code, offending: Vec::new(), effective_at: None }
    }

    /// Adds the parts that offend; no more than [`OFFENDING_MAX`] are kept.
    #[must_use]
    pub fn offending<I: IntoIterator<Item = S>, S: Into<String>>(mut self, parts: I) -> Self {
        self.offending.extend(parts.into_iter().take(OFFENDING_MAX).map(Into::into));
        self
    }

    /// Adds the instant the refusal turns on.
    #[must_use]
    pub fn effective_at(mut self, at: Instant) -> Self {
        self.effective_at = Some(at);
        self
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code.as_str())?;
        if self.offending.is_empty() { Ok(()) } else { write!(f, " ({})", self.offending.join(", ")) }
    }
}

/// A command was refused. Own log only: refusals are shown to auditors as clearly as successes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandRefused {
    /// What was commanded.
    pub command: CommandKind,
    /// Why it was refused.
    pub refusal: Refusal,
    /// The verification request that it was about; none for another command. One that was turned away when it was to be
    /// drafted has no other trace.
    pub request: Option<RequestId>,
    /// The consents that the request names, each in the version it was judged by
    /// ([`crate::consent::ConsentClaims::version`]); without those that are not known here.
    pub consents: BTreeMap<ConsentId, u16>,
}

impl CommandRefused {
    /// Makes the record of a refusal, from the rows that the command was judged by.
    ///
    /// # Errors
    /// When a row can't be read.
    pub fn new(rows: &Rows<'_>, command: &Command, refusal: Refusal) -> Result<Self, ViewError> {
        let (request, consents) = verification::judged_by(rows, command)?;
        Ok(Self { command: command.kind(), refusal, request, consents })
    }
}

impl Readers for CommandRefused {}
