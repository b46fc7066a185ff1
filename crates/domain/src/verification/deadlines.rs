//! The clocks of a request: the holder's to decide and to answer, the asker's to answer what was asked back.
//!
//! Each party's service watches its own clocks only, and says itself when it has missed one; the other side reads it.

use std::collections::BTreeMap;

use crate::agreement::{Versions, closures};
use crate::calendar::Closures;
use crate::clock::{Clock, Due, Pause, WorkingDays};
use crate::id::{LineNo, PartyId};
use crate::party::{Rules, rules_of};
use crate::time::{DAY_US, Instant};
use crate::verification::guards::{RequestState, numbered};
use crate::verification::{ClarificationRequested, ReplyStep, RequestFacts, RequestQuestion, VerificationRequest};
use crate::view::{Rows, Said, Sides, ViewError};

/// The figures and closures that a request's clocks go by.
#[derive(Clone, Debug)]
pub struct Deadlines {
    versions: Versions,
    closures: Closures,
    between: Option<[&'static Rules; 2]>,
}

/// A running clock of the holder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplyClock {
    /// What is due.
    pub step: ReplyStep,
    /// When.
    pub due: Due,
}

impl ReplyClock {
    /// Returns when the officers are reminded: the first instant of the due day. None when it is not known.
    #[must_use]
    pub fn remind_at(&self) -> Option<Instant> {
        self.overdue_from().map(|after| after.plus_us(-DAY_US))
    }

    /// Returns the first instant at which it is overdue; none when that is not known.
    #[must_use]
    pub fn overdue_from(&self) -> Option<Instant> {
        first_after(self.due)
    }
}

/// The first instant after a due one; none when it is not known.
pub(super) fn first_after(due: Due) -> Option<Instant> {
    match due {
        Due::At(last) => Some(last.plus_us(1)),
        Due::Unknown => None,
    }
}

impl Deadlines {
    /// Loads what the clocks of a request go by.
    ///
    /// # Errors
    /// When a row can't be read.
    pub fn load(rows: &Rows<'_>, request: &VerificationRequest) -> Result<Self, ViewError> {
        let between = [request.asker, request.holder];
        let [asker, holder] = between.map(rules_of);
        let between = asker.zip(holder).map(|(asker, holder)| [asker, holder]);
        let versions = Versions::load(rows, [request.asker, request.holder])?;
        Ok(Self { versions, closures: closures(rows)?, between })
    }

    /// By the version in force when the clock begins: a later one does not move what is running.
    fn limit(&self, step: ReplyStep, start: Instant) -> Option<WorkingDays> {
        let figures = self.versions.figures(start);
        let limit = match step {
            ReplyStep::Decision => figures.verification_decision,
            ReplyStep::RegisterItems => figures.register_items,
            ReplyStep::VisitItems => figures.visit_items,
        };
        self.between.map(|[asker, holder]| limit.of(asker, holder))
    }

    fn pause_limit(&self, start: Instant) -> Option<WorkingDays> {
        let limit = self.versions.figures(start).clarification_pause;
        self.between.map(|[asker, holder]| limit.of(asker, holder))
    }

    fn due(&self, step: ReplyStep, start: Instant, pauses: &[Pause]) -> Due {
        let limit = self.limit(step, start);
        limit.map_or(Due::Unknown, |limit| Clock::WorkingDays(limit).due(start, &self.closures, pauses))
    }
}

/// How a question stands, by what both parties said and by its consent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuestionStanding {
    /// Not sent yet.
    Open,
    /// Sent.
    Replied,
    /// Sent when the consent was withdrawn already, and recalled.
    Recalled,
    /// Not sent, and answered no more: the consent was withdrawn.
    RefusedAfterRevocation,
}

impl RequestState {
    /// Returns what each party said about the request.
    #[must_use]
    pub fn sides(&self) -> &Sides<RequestFacts> {
        &self.sides
    }

    /// Returns when the consent of a question was withdrawn, as far as it is known here; none when it was not. What was
    /// sent before stays lawful but is of no further use without a new basis (`domain.md` §7, S4c).
    #[must_use]
    pub fn consent_withdrawn_at(&self, asked: &RequestQuestion) -> Option<Instant> {
        self.consents.revoked_at(asked)
    }

    /// Tells how a question stands.
    #[must_use]
    pub fn standing(&self, request: &VerificationRequest, no: LineNo, asked: &RequestQuestion) -> QuestionStanding {
        let holder = self.sides.of(request.holder);
        if holder.is_some_and(|facts| facts.recalled.contains_key(&no)) {
            QuestionStanding::Recalled
        } else if holder.is_some_and(|facts| facts.replied.contains_key(&no)) {
            QuestionStanding::Replied
        } else if self.consent_withdrawn_at(asked).is_some() {
            QuestionStanding::RefusedAfterRevocation
        } else {
            QuestionStanding::Open
        }
    }

    /// Returns the clarification that waits for the asker, with who asked back when.
    #[must_use]
    pub fn open_clarification(&self) -> Option<(&ClarificationRequested, &Said)> {
        let (asker, request) = self.sides.submitted()?;
        let answered = |no| self.sides.of(asker).is_some_and(|facts| facts.clarified.contains_key(&no));
        let asked = self.sides.of(request.holder)?.clarifications.iter();
        asked.map(|(asked, said)| (asked, said)).find(|(asked, _)| !answered(asked.clarification))
    }

    /// Returns when the asker's answer to the open clarification is due; none when none is open or the request has
    /// ended.
    #[must_use]
    pub fn clarification_due(&self, deadlines: &Deadlines) -> Option<(LineNo, Due)> {
        let (asked, said) = self.open_clarification().filter(|_| !self.has_ended())?;
        let limit = deadlines.pause_limit(said.at);
        let due = limit.map_or(Due::Unknown, |limit| Clock::WorkingDays(limit).due(said.at, &deadlines.closures, &[]));
        Some((asked.clarification, due))
    }

    /// Returns the holder's running clocks, at most one for each step: of several questions the one due first.
    #[must_use]
    pub fn clocks(&self, deadlines: &Deadlines) -> Vec<ReplyClock> {
        let Some((asker, request)) = self.sides.submitted().filter(|_| !self.has_ended()) else { return Vec::new() };
        let Some((_, submitted)) = self.sides.of(asker).and_then(|facts| facts.submitted.as_ref()) else {
            return Vec::new();
        };
        if self.sides.of(request.holder).is_none_or(|facts| facts.accepted.is_none()) {
            let step = ReplyStep::Decision;
            let pauses = self.pauses(request, deadlines, |_| true);
            return vec![ReplyClock { step, due: deadlines.due(step, submitted.at, &pauses) }];
        }
        let open = self.question_clocks(deadlines);
        let clock = |step: ReplyStep| {
            let dues = open.values().filter(|clock| clock.step == step).map(|clock| clock.due);
            dues.reduce(earlier).map(|due| ReplyClock { step, due })
        };
        [ReplyStep::RegisterItems, ReplyStep::VisitItems].into_iter().filter_map(clock).collect()
    }

    /// Returns the clock of each open question of an accepted request: what one question waits for does not move another's.
    #[must_use]
    pub fn question_clocks(&self, deadlines: &Deadlines) -> BTreeMap<LineNo, ReplyClock> {
        let Some((_, request)) = self.sides.submitted().filter(|_| !self.has_ended()) else { return BTreeMap::new() };
        let accepted = self.sides.of(request.holder).and_then(|facts| facts.accepted.as_ref());
        let Some((_, accepted)) = accepted else { return BTreeMap::new() };
        let open = numbered(request)
            .filter(|(no, asked)| self.standing(request, *no, asked) == QuestionStanding::Open)
            .map(|(no, asked)| {
                let visit = asked.question.item.needs_visit();
                let step = if visit { ReplyStep::VisitItems } else { ReplyStep::RegisterItems };
                let pauses = self.pauses(request, deadlines, |asked| asked.questions.contains(&no));
                (no, ReplyClock { step, due: deadlines.due(step, accepted.at, &pauses) })
            });
        open.collect()
    }

    fn pauses(
        &self,
        request: &VerificationRequest,
        deadlines: &Deadlines,
        about: impl Fn(&ClarificationRequested) -> bool,
    ) -> Vec<Pause> {
        let answered = |no| Some(self.sides.of(request.asker)?.clarified.get(&no)?.1.at);
        let asked = self.sides.of(request.holder).map(|facts| facts.clarifications.as_slice()).unwrap_or_default();
        let asked = asked.iter().filter(|(asked, _)| about(asked));
        let pauses = asked.filter_map(|(asked, said)| {
            Some(Pause { from: said.at, until: answered(asked.clarification), limit: deadlines.pause_limit(said.at)? })
        });
        pauses.collect()
    }

    /// Refused, withdrawn or closed.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        let Some((asker, request)) = self.sides.submitted() else { return true };
        let said = |party: PartyId, ended: fn(&RequestFacts) -> bool| self.sides.of(party).is_some_and(ended);
        said(asker, |facts| facts.withdrawn.is_some() || facts.closed.is_some())
            || said(request.holder, |facts| facts.refused.is_some())
    }
}

/// The earlier of two dues; one that is known rather than one that is not.
pub(crate) fn earlier(one: Due, other: Due) -> Due {
    match (one, other) {
        (Due::At(one), Due::At(other)) => Due::At(one.min(other)),
        (Due::At(known), Due::Unknown) | (Due::Unknown, Due::At(known)) => Due::At(known),
        (Due::Unknown, Due::Unknown) => Due::Unknown,
    }
}

/// A request with its clocks: what the service's own commands must know.
#[derive(Clone, Debug, Default)]
pub struct Timed {
    pub(super) state: RequestState,
    pub(super) deadlines: Option<Deadlines>,
}

impl Timed {
    pub(super) fn load(rows: &Rows<'_>, id: crate::id::RequestId) -> Result<Self, ViewError> {
        let state = RequestState::load(rows, id)?;
        let deadlines = state.sides.submitted().map(|(_, request)| Deadlines::load(rows, request)).transpose()?;
        Ok(Self { state, deadlines })
    }

    pub(super) fn clocks(&self) -> Vec<ReplyClock> {
        self.deadlines.as_ref().map(|deadlines| self.state.clocks(deadlines)).unwrap_or_default()
    }

    pub(super) fn clarification_due(&self) -> Option<(LineNo, Due)> {
        self.deadlines.as_ref().and_then(|deadlines| self.state.clarification_due(deadlines))
    }
}
