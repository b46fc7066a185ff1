//! What is shown of verification requests.
//!
//! At the holder a caseworker sees the questions assigned to them and nothing of the others (`domain.md` §7, S3); liaison
//! officers, reviewers and data-protection officers see the whole. At the asker everyone who may read sees the whole.

use std::collections::BTreeMap;

use serde::Serialize;
use tongcha_domain::access::{Concerned, Sight};
use tongcha_domain::clock::Due;
use tongcha_domain::event::EventKind;
use tongcha_domain::id::{ConsentId, LineNo, OfficerId, PartyId, RequestId, UnitId};
use tongcha_domain::identity::Document;
use tongcha_domain::item::{Answer, Question};
use tongcha_domain::officer::{Actor, Role};
use tongcha_domain::purpose::Purpose;
use tongcha_domain::text::{Note, Short};
use tongcha_domain::time::{Date, Instant};
use tongcha_domain::verification::{
    Deadlines, QuestionStanding, ReplyStep, RequestFacts, RequestQuestion, RequestState, VerificationRequest,
    WithdrawalReason,
};
use tongcha_domain::view::{Rows, Said, Sides, ViewError};
use utoipa::ToSchema;

use crate::http::paging::{Key, Page, Paging};
use crate::http::wire::{Iso, RefusalBody, Step, at, said, steps};
use crate::http::worded::{Stated, code};
use crate::node::Witnesses;

/// How far a request has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum VerificationState {
    /// Drafted, not approved.
    Drafted,
    /// Approved; at the holder.
    Submitted,
    /// Being answered.
    Accepted,
    /// Refused by the holder.
    Refused,
    /// Some questions are answered, others are open.
    PartlyReplied,
    /// Nothing is open any more.
    Replied,
    /// Used for a decision.
    Used,
    /// Withdrawn by the asker.
    Withdrawn,
    /// Closed by the asker.
    Closed,
    /// Given up before it was submitted.
    Discarded,
}

/// A time limit of the holder that is running, or was missed.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct ClockSeen {
    /// What is due.
    step: ReplyStep,
    /// The last instant on time; `unknown` when a calendar of the year is not loaded; none when nothing of the step is
    /// open any more.
    due: Option<String>,
    /// Whether the holder's service has said that it is overdue.
    overdue: bool,
}

/// What list and full view of a request have in common.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct Outline {
    id: RequestId,
    /// Who asks.
    asker: PartyId,
    /// The unit that asks.
    unit: UnitId,
    /// Who is asked.
    holder: PartyId,
    /// What for.
    purpose: Purpose,
    /// The standard that the thresholds are taken from.
    standard: Short,
    /// The date the answers shall hold for.
    #[schema(value_type = String, format = "date")]
    as_of: Date,
    /// The refused request that this one takes up again.
    #[schema(value_type = Option<String>, format = "uuid")]
    follows: Option<RequestId>,
    state: VerificationState,
    /// How many are answered: at the asker those sent, at the holder also those that wait for a second person.
    answered: u64,
    /// The holder's time limits.
    clocks: Vec<ClockSeen>,
    /// Whether a clarification waits for the asker.
    clarification_open: bool,
    /// Whether an answer was corrected or recalled after it was used, and nobody has taken note yet.
    decision_may_be_affected: bool,
    /// Why the holder refused.
    refusal: Option<RefusalBody>,
    /// The consents that the refusal was judged by, each in its version: 1 as first signed, one more for each later letter.
    #[schema(value_type = BTreeMap<String, u16>)]
    refused_on: BTreeMap<ConsentId, u16>,
    /// Why the asker withdrew.
    withdrawal: Option<WithdrawalReason>,
    drafted_at: Option<Iso>,
    submitted_at: Option<Iso>,
    accepted_at: Option<Iso>,
    /// When the last answer was sent.
    replied_at: Option<Iso>,
}

/// A request without its persons.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct VerificationSummary {
    #[serde(flatten)]
    outline: Outline,
    /// How many questions there are.
    questions: u64,
}

impl Stated for Verification {
    const CASE: &'static str = "Verification";

    fn state(&self) -> String {
        code(&self.outline.state)
    }
}

impl Stated for VerificationSummary {
    const CASE: &'static str = "Verification";

    fn state(&self) -> String {
        code(&self.outline.state)
    }
}

/// A request in full.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Verification {
    #[serde(flatten)]
    outline: Outline,
    /// The questions that the officer may see.
    questions: Vec<QuestionSeen>,
    /// How many questions are assigned to others and not shown.
    hidden: u64,
    /// What the holder asked back.
    clarifications: Vec<ClarificationSeen>,
    /// What the reply was used for.
    decision: Option<Note>,
    /// What happened to the request as a whole.
    steps: Vec<Step>,
}

/// What the holder asked back.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct ClarificationSeen {
    /// Its number.
    #[schema(value_type = u16)]
    no: LineNo,
    /// The questions it is about.
    #[schema(value_type = Vec<u16>)]
    questions: Vec<LineNo>,
    text: Note,
    asked_at: Iso,
    answer: Option<Note>,
    answered_at: Option<Iso>,
    /// Until when the asker may answer, then the request is withdrawn; `unknown` as with the clocks.
    due: Option<String>,
}

/// How a question stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum QuestionState {
    /// Not sent yet.
    Open,
    /// Sent.
    Replied,
    /// Sent when the person had withdrawn the consent already. Not to be used.
    Recalled,
    /// Not sent, and answered no more: the person withdrew the consent.
    RefusedAfterRevocation,
}

/// A correction of an answer.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct CorrectionSeen {
    reason: Note,
    at: Iso,
    /// Whether the asker has taken note of it.
    acknowledged: bool,
}

/// A question of a request.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct QuestionSeen {
    /// Its number.
    #[schema(value_type = u16)]
    no: LineNo,
    /// Whom it is about. Not shown to a holder that refused the request.
    subject: Option<Document>,
    /// The consent it rests on.
    consent: ConsentId,
    question: Question,
    state: QuestionState,
    /// The last instant at which its answer is on time, by its own clock; `unknown` as with the clocks; none when it is not
    /// open, or the request is not accepted.
    due: Option<String>,
    /// The officer it is assigned to; known at the holder only.
    assigned_to: Option<OfficerId>,
    /// The answer as last sent, or at the holder as given. One that was recalled is shown to the asker only when it is
    /// asked for.
    answer: Option<Answer>,
    /// At the holder: an answer given anew, which waits to be sent as a correction.
    proposed: Option<Answer>,
    /// The officer who answered; known at the holder only.
    answered_by: Option<OfficerId>,
    /// Why the answer first sent no longer holds; the last correction counts.
    corrections: Vec<CorrectionSeen>,
    /// Whether the consent was withdrawn: the answer stays lawful, but is of no further use without a new basis.
    no_further_use_without_new_basis: bool,
}

/// A request as an officer of this party sees it.
struct Seen<'a> {
    me: PartyId,
    request: &'a VerificationRequest,
    asker: &'a RequestFacts,
    holder: Option<&'a RequestFacts>,
}

fn due_text(due: Due) -> String {
    match due {
        Due::At(last) => last.to_string(),
        Due::Unknown => "unknown".to_owned(),
    }
}

impl<'a> Seen<'a> {
    fn new(sides: &'a Sides<RequestFacts>, me: PartyId) -> Option<Self> {
        let drafted = || Some((me, &sides.of(me)?.drafted.as_ref()?.0.request));
        let (from, request) = sides.submitted().or_else(drafted)?;
        Some(Self { me, request, asker: sides.of(from)?, holder: sides.of(request.holder) })
    }

    fn numbered(&self) -> impl Iterator<Item = (LineNo, &'a RequestQuestion)> + use<'a> {
        (1..).zip(&self.request.questions)
    }

    fn state(&self, state: &RequestState) -> VerificationState {
        let holder = |said: fn(&RequestFacts) -> bool| self.holder.is_some_and(said);
        let replied = holder(|facts| !facts.replied.is_empty());
        let open = || {
            let standing = |(no, asked)| state.standing(self.request, no, asked);
            self.numbered().map(standing).any(|standing| standing == QuestionStanding::Open)
        };
        if self.asker.closed.is_some() {
            VerificationState::Closed
        } else if self.asker.withdrawn.is_some() {
            VerificationState::Withdrawn
        } else if self.asker.used.is_some() {
            VerificationState::Used
        } else if replied && !open() {
            VerificationState::Replied
        } else if replied {
            VerificationState::PartlyReplied
        } else if holder(|facts| facts.refused.is_some()) {
            VerificationState::Refused
        } else if holder(|facts| facts.accepted.is_some()) {
            VerificationState::Accepted
        } else if self.asker.submitted.is_some() {
            VerificationState::Submitted
        } else if self.asker.discarded.is_some() {
            VerificationState::Discarded
        } else {
            VerificationState::Drafted
        }
    }

    fn noted(&self, no: LineNo) -> usize {
        self.asker.acknowledged.get(&no).map_or(0, |(noted, _)| usize::from(noted.corrections))
    }

    /// Used, and then corrected without anybody having taken note, or recalled.
    fn decision_may_be_affected(&self) -> bool {
        let corrected = |facts: &RequestFacts| facts.corrected.iter().any(|(no, all)| all.len() > self.noted(*no));
        let changed = |facts: &RequestFacts| corrected(facts) || !facts.recalled.is_empty();
        self.asker.used.is_some() && self.holder.is_some_and(changed)
    }

    fn clocks(&self, state: &RequestState, deadlines: &Deadlines) -> Vec<ClockSeen> {
        let running = state.clocks(deadlines);
        let steps = [ReplyStep::Decision, ReplyStep::RegisterItems, ReplyStep::VisitItems];
        let clock = |step| {
            let due = running.iter().find(|clock| clock.step == step).map(|clock| due_text(clock.due));
            let overdue = self.holder.is_some_and(|facts| facts.overdue.contains_key(&step));
            (due.is_some() || overdue).then_some(ClockSeen { step, due, overdue })
        };
        steps.into_iter().filter_map(clock).collect()
    }

    fn outline(&self, state: &RequestState, deadlines: &Deadlines) -> Outline {
        let VerificationRequest { id, asker, unit, holder, purpose, standard, as_of, questions: _, follows } =
            self.request.clone();
        let at_holder =
            |facts: &RequestFacts| if self.me == holder { facts.answered.len() } else { facts.replied.len() };
        let replied = self.holder.and_then(|facts| facts.replied.values().map(|(_, said)| said.at).max());
        let refused = self.holder.and_then(|facts| facts.refused.as_ref());
        Outline {
            id,
            asker,
            unit,
            holder,
            purpose,
            standard,
            as_of,
            follows,
            state: self.state(state),
            answered: self.holder.map_or(0, |facts| at_holder(facts) as u64),
            clocks: self.clocks(state, deadlines),
            clarification_open: state.clarification_due(deadlines).is_some(),
            decision_may_be_affected: self.decision_may_be_affected(),
            refusal: refused.map(|(refused, _)| (&refused.refusal).into()),
            refused_on: refused.map(|(refused, _)| refused.consents.clone()).unwrap_or_default(),
            withdrawal: self.asker.withdrawn.as_ref().map(|(withdrawn, _)| withdrawn.reason),
            drafted_at: at(self.asker.drafted.as_ref()),
            submitted_at: at(self.asker.submitted.as_ref()),
            accepted_at: self.holder.and_then(|facts| at(facts.accepted.as_ref())),
            replied_at: replied.map(Iso),
        }
    }

    /// Whether an officer may see a question.
    fn may_see(&self, actor: &Actor, no: LineNo) -> bool {
        let whole = matches!(actor.role, Role::Liaison | Role::Reviewer | Role::DataProtection);
        let assigned = self.holder.and_then(|facts| facts.assigned.get(&no));
        self.me != self.request.holder || whole || assigned.is_some_and(|(to, _)| to.officer == actor.officer)
    }

    fn question(
        &self,
        state: &RequestState,
        (no, asked): (LineNo, &RequestQuestion),
        due: Option<Due>,
        recalled: bool,
    ) -> QuestionSeen {
        let at_holder = self.me == self.request.holder;
        let sent = self.holder.and_then(|facts| facts.sent(no)).map(|(answer, _)| answer);
        let waiting = self.holder.and_then(|facts| facts.waiting(no)).map(|(answered, _)| &answered.answer);
        let given = self.holder.and_then(|facts| facts.answered.get(&no));
        let refused_here = at_holder && self.holder.is_some_and(|facts| facts.refused.is_some());
        let standing = state.standing(self.request, no, asked);
        let withheld = standing == QuestionStanding::Recalled && !at_holder && !recalled;
        let noted = self.noted(no);
        let corrections = self.holder.and_then(|facts| facts.corrected.get(&no)).map(Vec::as_slice).unwrap_or_default();
        let correction =
            |(place, (corrected, said)): (usize, &(tongcha_domain::verification::ReplyCorrected, Said))| {
                CorrectionSeen { reason: corrected.reason.clone(), at: Iso(said.at), acknowledged: place < noted }
            };
        QuestionSeen {
            no,
            // A refused question is not the holder's business (domain.md §7, S4).
            subject: (!refused_here).then(|| asked.subject.clone()),
            consent: asked.consent,
            question: asked.question.clone(),
            state: match standing {
                QuestionStanding::Open => QuestionState::Open,
                QuestionStanding::Replied => QuestionState::Replied,
                QuestionStanding::Recalled => QuestionState::Recalled,
                QuestionStanding::RefusedAfterRevocation => QuestionState::RefusedAfterRevocation,
            },
            due: due.map(due_text),
            assigned_to: self.holder.and_then(|facts| Some(facts.assigned.get(&no)?.0.officer.clone())),
            answer: sent.or(waiting).filter(|_| !withheld).cloned(),
            proposed: sent.and(waiting).cloned(),
            answered_by: given.map(|(_, said)| said.by.clone()),
            corrections: corrections.iter().enumerate().map(correction).collect(),
            no_further_use_without_new_basis: state.consent_withdrawn_at(asked).is_some(),
        }
    }

    fn clarifications(&self, state: &RequestState, deadlines: &Deadlines) -> Vec<ClarificationSeen> {
        let asked = self.holder.map(|facts| facts.clarifications.as_slice()).unwrap_or_default();
        let open = state.clarification_due(deadlines);
        let seen = asked.iter().map(|(asked, said)| {
            let answered = self.asker.clarified.get(&asked.clarification);
            ClarificationSeen {
                no: asked.clarification,
                questions: asked.questions.iter().copied().collect(),
                text: asked.text.clone(),
                asked_at: Iso(said.at),
                answer: answered.map(|(answered, _)| answered.answer.clone()),
                answered_at: at(answered),
                due: open.filter(|(no, _)| *no == asked.clarification).map(|(_, due)| due_text(due)),
            }
        });
        seen.collect()
    }

    fn steps(&self, witnesses: &Witnesses) -> Vec<Step> {
        let (asker, holder) = (self.request.asker, self.request.holder);
        let theirs = |kind, of: fn(&RequestFacts) -> Option<&Said>| (kind, holder, self.holder.and_then(of));
        let mut taken = vec![
            (EventKind::RequestDrafted, asker, said(self.asker.drafted.as_ref())),
            (EventKind::DraftDiscarded, asker, said(self.asker.discarded.as_ref())),
            (EventKind::RequestSubmitted, asker, said(self.asker.submitted.as_ref())),
            theirs(EventKind::RequestAccepted, |facts| said(facts.accepted.as_ref())),
            theirs(EventKind::RequestRefused, |facts| said(facts.refused.as_ref())),
            (EventKind::ReplyUsed, asker, said(self.asker.used.as_ref())),
            (EventKind::RequestWithdrawn, asker, said(self.asker.withdrawn.as_ref())),
            (EventKind::RequestClosed, asker, said(self.asker.closed.as_ref())),
        ];
        if let Some(facts) = self.holder {
            let mut replies: Vec<&Said> = facts.replied.values().map(|(_, said)| said).collect();
            replies.dedup_by_key(|said| said.seq);
            let corrections = facts.corrected.values().flatten().map(|(_, said)| said);
            let recalls = facts.recalled.values().take(1).map(|(_, said)| said);
            let overdue = facts.overdue.values().map(|(_, said)| said);
            let reminded = facts.reminded.values().map(|(_, said)| said);
            taken.extend(replies.into_iter().map(|said| (EventKind::ReplySent, holder, Some(said))));
            taken.extend(corrections.map(|said| (EventKind::ReplyCorrected, holder, Some(said))));
            taken.extend(recalls.map(|said| (EventKind::AnswerRecalled, holder, Some(said))));
            taken.extend(overdue.map(|said| (EventKind::ReplyOverdue, holder, Some(said))));
            taken.extend(reminded.map(|said| (EventKind::ReplyReminded, holder, Some(said))));
        }
        steps(witnesses, taken)
    }

    fn full(
        &self,
        state: &RequestState,
        deadlines: &Deadlines,
        actor: &Actor,
        recalled: bool,
        witnesses: &Witnesses,
    ) -> Verification {
        let (shown, hidden): (Vec<_>, Vec<_>) = self.numbered().partition(|(no, _)| self.may_see(actor, *no));
        let clocks = state.question_clocks(deadlines);
        let due = |no| clocks.get(&no).map(|clock| clock.due);
        let question = |(no, asked)| self.question(state, (no, asked), due(no), recalled);
        let any = !shown.is_empty() || self.me != self.request.holder;
        Verification {
            outline: self.outline(state, deadlines),
            questions: shown.into_iter().map(question).collect(),
            hidden: hidden.len() as u64,
            clarifications: if any { self.clarifications(state, deadlines) } else { Vec::new() },
            decision: self.asker.used.as_ref().filter(|_| any).map(|(used, _)| used.decision.clone()),
            steps: self.steps(witnesses),
        }
    }
}

/// Lists the requests this party knows and the officer may see, the newest first: by when each was drafted here, or
/// submitted to here.
pub(super) fn list(
    rows: &Rows<'_>,
    me: PartyId,
    actor: &Actor,
    now: Instant,
    paging: &Paging,
) -> Result<Page<VerificationSummary>, ViewError> {
    let sight = Sight::of(*rows, me, &actor.officer, now)?;
    let mut known: Vec<_> = Vec::new();
    for (id, sides) in rows.all::<RequestFacts>()? {
        let Some(seen) = Seen::new(&sides, me) else { continue };
        if !sight.may_see(&Concerned::Request(id))? {
            continue;
        }
        let submitted = || said(seen.asker.submitted.as_ref());
        let since = said(seen.asker.drafted.as_ref()).or_else(submitted).map(|said| said.at);
        known.push((Key::newest_first(since).id(id.0), id));
    }
    paging.cut(known).show(|id| {
        let state = RequestState::load(rows, id)?;
        let Some(seen) = Seen::new(state.sides(), me) else { return Ok(None) };
        let outline = seen.outline(&state, &Deadlines::load(rows, seen.request)?);
        Ok(Some(VerificationSummary { outline, questions: seen.request.questions.len() as u64 }))
    })
}

/// Finds a request this party knows, as an officer may see it. `recalled` shows the asker also what was recalled.
pub(super) fn find(
    rows: &Rows<'_>,
    me: PartyId,
    actor: &Actor,
    id: RequestId,
    recalled: bool,
    witnesses: &Witnesses,
) -> Result<Option<Verification>, ViewError> {
    let state = RequestState::load(rows, id)?;
    let Some(seen) = Seen::new(state.sides(), me) else { return Ok(None) };
    let deadlines = Deadlines::load(rows, seen.request)?;
    Ok(Some(seen.full(&state, &deadlines, actor, recalled, witnesses)))
}
