//! `LapseClarification`: the asker's service withdraws a request whose clarification was not answered in time.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::RequestId;
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::verification::deadlines::{Timed, first_after};
use crate::verification::{RequestWithdrawn, WithdrawalReason};
use crate::view::{Rows, ViewError};

/// Withdraws the request (`domain.md` §6.2: clarification pause, then auto-withdraw). By the service itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LapseClarification {
    /// The request.
    pub request: RequestId,
}

impl Decide for LapseClarification {
    const ROLES: &'static [Role] = &[Role::Node];
    type State = Timed;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        Timed::load(rows, self.request)
    }

    fn decide(&self, timed: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let request = timed.state.asked(context.me)?.open()?.request;
        let over = timed.clarification_due().and_then(|(_, due)| first_after(due));
        if over.is_none_or(|over| context.now < over) {
            return Err(Refusal::new(RefusalCode::WrongState));
        }
        let (holder, reason) = (request.holder, WithdrawalReason::ClarificationNotAnswered);
        Ok(RequestWithdrawn { request: request.id, holder, reason }.into())
    }
}
