//! What the holder's service says about its own time limits: `RemindReply` to its officers on the last day,
//! `ReportReplyOverdue` to the asker after it. Each once for each step.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::RequestId;
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::time::Instant;
use crate::verification::deadlines::{ReplyClock, Timed};
use crate::verification::{ReplyOverdue, ReplyReminded, ReplyStep, RequestFacts};
use crate::view::{Rows, ViewError};

/// Tells the asker that a time limit has passed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportReplyOverdue {
    /// The request.
    pub request: RequestId,
    /// The step that is overdue.
    pub step: ReplyStep,
}

/// Reminds the own officers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemindReply {
    /// The request.
    pub request: RequestId,
    /// The step that is due today.
    pub step: ReplyStep,
}

/// Checks that a step of a request at its holder has come so far, and that it was not said before.
fn check(
    timed: &Timed,
    context: &Context<'_>,
    step: ReplyStep,
    from: fn(&ReplyClock) -> Option<Instant>,
    said: fn(&RequestFacts, ReplyStep) -> bool,
) -> Result<(), Refusal> {
    let own = timed.state.received(context.me)?.own;
    let clock = timed.clocks().into_iter().find(|clock| clock.step == step);
    let come = clock.as_ref().and_then(from).is_some_and(|from| context.now >= from);
    if !come || own.is_some_and(|own| said(own, step)) {
        return Err(Refusal::new(RefusalCode::WrongState));
    }
    Ok(())
}

impl Decide for ReportReplyOverdue {
    const ROLES: &'static [Role] = &[Role::Node];
    type State = Timed;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        Timed::load(rows, self.request)
    }

    fn decide(&self, timed: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let said = |own: &RequestFacts, step| own.overdue.contains_key(&step);
        check(timed, context, self.step, ReplyClock::overdue_from, said)?;
        let request = timed.state.received(context.me)?.request;
        Ok(ReplyOverdue { request: request.id, asker: request.asker, step: self.step }.into())
    }
}

impl Decide for RemindReply {
    const ROLES: &'static [Role] = &[Role::Node];
    type State = Timed;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        Timed::load(rows, self.request)
    }

    fn decide(&self, timed: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let said = |own: &RequestFacts, step| own.reminded.contains_key(&step);
        check(timed, context, self.step, ReplyClock::remind_at, said)?;
        Ok(ReplyReminded { request: self.request, step: self.step }.into())
    }
}
