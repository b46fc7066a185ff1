//! What the service does by itself about verification requests.
//!
//! As holder: recall what was sent too late, remind its officers on the last day, tell the asker that a limit has
//! passed. As asker: withdraw a request whose clarification it did not answer in time.

use crate::agenda::{Case, Duty, Outlook};
use crate::command::Command;
use crate::event::Event;
use crate::id::{ConsentId, RequestId};
use crate::time::Instant;
use crate::verification::basis::requests_on;
use crate::verification::deadlines::{Timed, first_after};
use crate::verification::recall::to_recall;
use crate::verification::{LapseClarification, RecallAnswers, RemindReply, ReportReplyOverdue, RequestFacts};
use crate::view::ViewError;

/// When a duty is to be done at once.
const AT_ONCE: Instant = Instant(i64::MIN);

/// Returns the cases whose duties an event can change.
pub(crate) fn touched(event: &Event) -> Vec<Case> {
    if let Event::ConsentRevoked(revoked) = event {
        return vec![Case::Basis(revoked.consent)];
    }
    request_of(event).map(Case::Request).into_iter().collect()
}

fn request_of(event: &Event) -> Option<RequestId> {
    macro_rules! one_of {
        ($($kind:ident)*) => {$(
            if let Event::$kind(event) = event {
                return Some(event.request);
            }
        )*};
    }
    if let Event::RequestSubmitted(event) = event {
        return Some(event.request.id);
    }
    one_of!(RequestAccepted RequestRefused ReplySent ReplyCorrected AnswerRecalled ClarificationRequested);
    one_of!(ClarificationAnswered RequestWithdrawn RequestClosed ReplyOverdue ReplyReminded);
    None
}

/// Returns every case there is.
pub(crate) fn every_case(outlook: &Outlook<'_>) -> Result<Vec<Case>, ViewError> {
    Ok(outlook.rows.all::<RequestFacts>()?.into_iter().map(|(id, _)| Case::Request(id)).collect())
}

/// Returns the requests that rest on a consent.
pub(crate) fn resting_on(outlook: &Outlook<'_>, consent: ConsentId) -> Result<Vec<Case>, ViewError> {
    Ok(requests_on(&outlook.rows, consent)?.into_iter().map(Case::Request).collect())
}

/// Returns the next duty of a case.
pub(crate) fn next_duty(outlook: &Outlook<'_>, id: RequestId) -> Result<Option<Duty>, ViewError> {
    let timed = Timed::load(&outlook.rows, id)?;
    let Some((asker, request)) = timed.state.sides().submitted() else { return Ok(None) };
    let mut duties = Vec::new();
    let mut add = |at: Option<Instant>, command: Command| duties.extend(at.map(|at| Duty { at, command }));
    if outlook.me == request.holder {
        let own = timed.state.sides().of(outlook.me);
        if let Some(consent) = own.and_then(|own| to_recall(&timed.state, request, own)) {
            add(Some(AT_ONCE), RecallAnswers { request: id, consent }.into());
        }
        for clock in timed.clocks() {
            let step = clock.step;
            if !own.is_some_and(|own| own.overdue.contains_key(&step)) {
                add(clock.overdue_from(), ReportReplyOverdue { request: id, step }.into());
                if !own.is_some_and(|own| own.reminded.contains_key(&step)) {
                    add(clock.remind_at(), RemindReply { request: id, step }.into());
                }
            }
        }
    } else if outlook.me == asker
        && let Some((_, due)) = timed.clarification_due()
    {
        add(first_after(due), LapseClarification { request: id }.into());
    }
    Ok(duties.into_iter().min_by_key(|duty| duty.at))
}

#[cfg(test)]
#[path = "duties_tests.rs"]
mod tests;
