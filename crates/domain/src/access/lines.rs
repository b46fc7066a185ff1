//! The lines of the subject report: one function for each kind of case, from the facts of all sides that are known here.

use std::collections::{BTreeMap, BTreeSet};

use crate::access::cases::{Case, CaseId, Scope, entries};
use crate::access::sight::letters;
use crate::access::{ItemTold, Line, Told};
use crate::case::CaseRef;
use crate::conference::ConferenceFacts;
use crate::consent::{ConsentClaims, ConsentFacts};
use crate::event::EventKind as K;
use crate::id::{
    BatchId, CandidateId, ConferenceId, ConsentId, LineNo, LookupId, MandateId, PartyId, RequestId, UrgentId,
};
use crate::item::{Answer, Question};
use crate::lookup::{LookupFacts, LookupOutcome};
use crate::mandate::MandateFacts;
use crate::notice::{BatchFacts, WithheldReason};
use crate::overlap::CandidateFacts;
use crate::refusal::RefusalCode;
use crate::urgent::UrgentFacts;
use crate::verification::{RequestFacts, RequestQuestion, VerificationRequest};
use crate::view::{Said, Sides, ViewError};
use crate::work::steps_of;

/// Returns what happened in a case, as far as it concerns the persons and may be shown.
pub(super) fn of_case(scope: &Scope<'_>, case: &Case) -> Result<Vec<Line>, ViewError> {
    let mut lines = Lines { scope, case, found: Vec::new() };
    match case.id {
        CaseId::Batch(id) => of_batch(scope, id, &mut lines)?,
        CaseId::Urgent(id) => of_urgent(scope, id, &mut lines)?,
        CaseId::Consent(id) => of_consent(scope, id, &mut lines)?,
        CaseId::Request(id) => of_request(scope, id, &mut lines)?,
        CaseId::Lookup(id) => of_lookup(scope, id, &mut lines)?,
        CaseId::Mandate(id) => of_mandate(scope, id, &mut lines)?,
        CaseId::Candidate(id) => of_candidate(scope, id, &mut lines)?,
        CaseId::Conference(id, _) => of_conference(scope, id, &mut lines)?,
    }
    Ok(lines.found)
}

struct Lines<'c> {
    scope: &'c Scope<'c>,
    case: &'c Case,
    found: Vec<Line>,
}

/// What a line says besides what, who and when.
#[derive(Default)]
struct Detail {
    /// Whom it is about; everybody of the case when none is given.
    about: Option<BTreeSet<usize>>,
    between: Option<[PartyId; 2]>,
    items: Vec<ItemTold>,
    refused: Option<RefusalCode>,
    withheld: Option<WithheldReason>,
}

impl Lines<'_> {
    fn add(&mut self, kind: K, log: PartyId, said: &Said, detail: Detail) {
        let Detail { about, between, mut items, refused, withheld } = detail;
        for item in &mut items {
            if matches!(item.told, Told::Answered(_)) && !item.about.is_some_and(|position| self.scope.is_own(position))
            {
                item.told = Told::OwnOnly;
            }
        }
        let parts = &self.case.parts;
        let shown = |position: &usize| parts.contains_key(position);
        let about = about.map_or_else(|| self.case.about(), |about| about.into_iter().filter(shown).collect());
        if about.is_empty() {
            return;
        }
        let consents = about.iter().filter_map(|position| parts.get(position)).flatten().copied().collect();
        self.found.push(Line {
            at: said.at,
            log,
            seq: said.seq,
            kind,
            by: Some((said.by.clone(), said.role)),
            unit: None,
            target: self.case.id.target(),
            about,
            consents,
            between,
            items,
            refused,
            withheld,
            reason: None,
        });
    }

    /// Adds events that were said with their content and concern everybody of the case.
    fn told<'a, T: 'a>(&mut self, kind: K, log: PartyId, facts: impl IntoIterator<Item = &'a (T, Said)>) {
        facts.into_iter().for_each(|(_, said)| self.add(kind, log, said, Detail::default()));
    }

    fn said<'a>(&mut self, kind: K, log: PartyId, facts: impl IntoIterator<Item = &'a Said>) {
        facts.into_iter().for_each(|said| self.add(kind, log, said, Detail::default()));
    }

    fn shows(&self, position: usize) -> bool {
        self.case.parts.contains_key(&position)
    }
}

fn of_consent(scope: &Scope<'_>, id: ConsentId, lines: &mut Lines<'_>) -> Result<(), ViewError> {
    let sides: Sides<ConsentFacts> = scope.rows.sides(&id)?;
    let covered: Vec<&ConsentClaims> = letters(&sides).collect();
    let whom = |subject: u8| {
        let subject = covered.iter().find_map(|claims| claims.subjects.get(usize::from(subject)))?;
        scope.position(&subject.document)
    };
    for (log, facts) in sides.iter() {
        let letter = |claims: &ConsentClaims| {
            let allowed = |(item, granularity): (&crate::item::Item, &crate::item::Granularity)| ItemTold {
                about: None,
                item: *item,
                granularity: Some(*granularity),
                told: Told::Allowed,
            };
            let items = claims.items.iter().map(allowed).collect();
            let between = Some([claims.requester.party, claims.holder]);
            Detail { between, items, about: Some(scope.of_letter(claims)), ..Detail::default() }
        };
        if let Some((recorded, said)) = &facts.recorded {
            lines.add(K::ConsentRecorded, log, said, letter(&recorded.claims));
        }
        for (completed, said) in &facts.completed {
            lines.add(K::ConsentCompleted, log, said, letter(&completed.claims));
        }
        if let Some((granted, said)) = &facts.granted {
            lines.add(K::ConsentGranted, log, said, letter(&granted.claims));
        }
        for (revoked, said) in facts.withdrawals() {
            let about = revoked.subjects.iter().filter_map(|subject| whom(*subject)).collect();
            let about = (!revoked.subjects.is_empty()).then_some(about);
            lines.add(K::ConsentRevoked, log, said, Detail { about, ..Detail::default() });
        }
        lines.told(K::ConsentClosed, log, &facts.closed);
        lines.said(K::ConsentExpired, log, &facts.expired);
        for ((subject, _), said) in &facts.reviews {
            let about = Some(whom(*subject).into_iter().collect());
            lines.add(K::ConsentReviewDue, log, said, Detail { about, ..Detail::default() });
        }
    }
    Ok(())
}

/// The questions of a request that are about persons shown.
struct Asked<'a> {
    between: [PartyId; 2],
    questions: BTreeMap<LineNo, (usize, &'a RequestQuestion)>,
}

impl<'a> Asked<'a> {
    fn new(scope: &Scope<'_>, lines: &Lines<'_>, request: &'a VerificationRequest) -> Self {
        let shown = |(no, asked): (LineNo, &'a RequestQuestion)| {
            let position = scope.position(&asked.subject).filter(|position| lines.shows(*position))?;
            Some((no, (position, asked)))
        };
        let questions = (1..).zip(&request.questions).filter_map(shown).collect();
        Self { between: [request.asker, request.holder], questions }
    }

    /// The line of an event about some of the questions.
    fn detail(&self, about: impl Fn(LineNo) -> Option<Told>) -> Detail {
        let of = |(no, (position, asked)): (&LineNo, &(usize, &RequestQuestion))| {
            let told = about(*no)?;
            let Question { item, granularity, .. } = asked.question;
            Some(ItemTold { about: Some(*position), item, granularity: Some(granularity), told })
        };
        let items: Vec<ItemTold> = self.questions.iter().filter_map(of).collect();
        let about = items.iter().filter_map(|item| item.about).collect();
        Detail { about: Some(about), between: Some(self.between), items, ..Detail::default() }
    }
}

fn of_request(scope: &Scope<'_>, id: RequestId, lines: &mut Lines<'_>) -> Result<(), ViewError> {
    let sides: Sides<RequestFacts> = scope.rows.sides(&id)?;
    for (log, facts) in sides.iter() {
        if let Some((drafted, said)) = &facts.drafted {
            let asked = Asked::new(scope, lines, &drafted.request);
            lines.add(K::RequestDrafted, log, said, asked.detail(|_| Some(Told::Asked)));
        }
        if let Some((submitted, said)) = &facts.submitted {
            let asked = Asked::new(scope, lines, &submitted.request);
            let holder = sides.of(submitted.request.holder);
            lines.add(K::RequestSubmitted, log, said, asked.detail(|no| Some(standing(holder, no))));
        }
    }
    let submitted = sides.submitted().map(|(_, request)| request);
    let own_draft = sides.of(scope.me).and_then(|facts| facts.drafted.as_ref()).map(|(drafted, _)| &drafted.request);
    let Some(request) = submitted.or(own_draft) else { return Ok(()) };
    let asked = Asked::new(scope, lines, request);
    for (log, facts) in sides.iter() {
        if log == request.asker {
            lines.told(K::ReplyUsed, log, &facts.used);
            lines.told(K::RequestWithdrawn, log, &facts.withdrawn);
            lines.told(K::RequestClosed, log, &facts.closed);
        }
        if log == request.holder {
            of_holder(&asked, log, facts, lines);
        }
    }
    clarifications(&sides, request, &asked, lines);
    Ok(())
}

/// Returns what a holder has told of a question so far: the answer as last sent.
#[must_use]
pub fn told_of(holder: Option<&RequestFacts>, no: LineNo) -> Told {
    let Some(facts) = holder else { return Told::NotAnswered };
    if facts.recalled.contains_key(&no) {
        return Told::Recalled;
    }
    match (facts.sent(no), &facts.refused) {
        (Some((answer, _)), _) => answered(answer),
        (None, Some(_)) => Told::Refused,
        (None, None) => Told::NotAnswered,
    }
}

/// The same in the line of the request: an answer stands in the line of its reply.
fn standing(holder: Option<&RequestFacts>, no: LineNo) -> Told {
    match told_of(holder, no) {
        Told::Answered(_) => Told::Asked,
        other @ (Told::Allowed | Told::Asked | Told::Refused | Told::NotAnswered | Told::Recalled | Told::OwnOnly) => {
            other
        }
    }
}

fn of_holder(asked: &Asked<'_>, log: PartyId, facts: &RequestFacts, lines: &mut Lines<'_>) {
    lines.told(K::RequestAccepted, log, &facts.accepted);
    if let Some((refused, said)) = &facts.refused {
        let detail = asked.detail(|_| Some(Told::Refused));
        lines.add(K::RequestRefused, log, said, Detail { refused: Some(refused.refusal.code), ..detail });
    }
    let mut replies = BTreeMap::<u64, (&Said, BTreeMap<LineNo, &Answer>)>::new();
    for (no, (answer, said)) in &facts.replied {
        replies.entry(said.seq).or_insert_with(|| (said, BTreeMap::new())).1.insert(*no, answer);
    }
    for (said, answers) in replies.into_values() {
        let told = |no| answers.get(&no).map(|answer| answered(answer));
        lines.add(K::ReplySent, log, said, asked.detail(told));
    }
    for (no, corrections) in &facts.corrected {
        for (corrected, said) in corrections {
            let told = |asked| (asked == *no).then(|| answered(&corrected.answer));
            lines.add(K::ReplyCorrected, log, said, asked.detail(told));
        }
    }
    let recalls: BTreeMap<u64, _> =
        facts.recalled.values().map(|(recalled, said)| (said.seq, (recalled, said))).collect();
    for (recalled, said) in recalls.into_values() {
        let told = |no| recalled.questions.contains(&no).then_some(Told::Recalled);
        lines.add(K::AnswerRecalled, log, said, asked.detail(told));
    }
}

/// Returns what an answer tells.
#[must_use]
pub fn answered(answer: &Answer) -> Told {
    match answer.verdict {
        crate::item::Verdict::Refused => Told::Refused,
        crate::item::Verdict::Meets
        | crate::item::Verdict::DoesNotMeet
        | crate::item::Verdict::Partial
        | crate::item::Verdict::CannotDetermine
        | crate::item::Verdict::NoRecordFound => Told::Answered(answer.clone()),
    }
}

fn clarifications(
    sides: &Sides<RequestFacts>,
    request: &VerificationRequest,
    asked: &Asked<'_>,
    lines: &mut Lines<'_>,
) {
    let holder = sides.of(request.holder).map(|facts| facts.clarifications.as_slice()).unwrap_or_default();
    for (clarification, said) in holder {
        let detail = || {
            let detail = asked.detail(|no| clarification.questions.contains(&no).then_some(Told::Asked));
            // One that names no question is about the whole request.
            if clarification.questions.is_empty() { asked.detail(|_| Some(Told::Asked)) } else { detail }
        };
        lines.add(K::ClarificationRequested, request.holder, said, detail());
        let answer = sides.of(request.asker).and_then(|facts| facts.clarified.get(&clarification.clarification));
        if let Some((_, said)) = answer {
            lines.add(K::ClarificationAnswered, request.asker, said, detail());
        }
    }
}

fn of_lookup(scope: &Scope<'_>, id: LookupId, lines: &mut Lines<'_>) -> Result<(), ViewError> {
    let sides: Sides<LookupFacts> = scope.rows.sides(&id)?;
    let asked = sides
        .iter()
        .find_map(|(asker, facts)| facts.asked.as_ref().map(|(asked, _)| ([asker, asked.holder], &asked.questions)));
    let permitted = sides.iter().find_map(|(holder, facts)| {
        let (permitted, _) = facts.permitted.as_ref()?;
        Some(([permitted.requester.party, holder], &permitted.questions))
    });
    let Some((between, questions)) = asked.or(permitted) else { return Ok(()) };
    let about = lines.case.parts.keys().next().copied(); // a lookup is about one person
    let detail = |told: &dyn Fn(usize) -> Told, refused: Option<RefusalCode>| {
        let item = |(place, question): (usize, &Question)| ItemTold {
            about,
            item: question.item,
            granularity: Some(question.granularity),
            told: told(place),
        };
        let items = questions.iter().enumerate().map(item).collect();
        Detail { between: Some(between), items, refused, ..Detail::default() }
    };
    let answers = |answers: &[Answer]| detail(&|place| answers.get(place).map_or(Told::NotAnswered, answered), None);
    for (log, facts) in sides.iter() {
        if let Some((_, said)) = &facts.asked {
            lines.add(K::LookupAsked, log, said, detail(&|_| Told::Asked, None));
        }
        if let Some((_, said)) = &facts.permitted {
            lines.add(K::LookupPermitted, log, said, detail(&|_| Told::Asked, None));
        }
        if let Some((denied, said)) = &facts.denied {
            lines.add(K::LookupDenied, log, said, detail(&|_| Told::Refused, Some(denied.refusal.code)));
        }
        if let Some((answered, said)) = &facts.answered {
            lines.add(K::LookupAnswered, log, said, answers(&answered.answers));
        }
        if let Some((closed, said)) = &facts.closed {
            let detail = match &closed.outcome {
                LookupOutcome::Answered(all) => answers(all),
                LookupOutcome::Denied(refusal) => detail(&|_| Told::Refused, Some(refusal.code)),
                LookupOutcome::Unreachable => detail(&|_| Told::NotAnswered, None),
            };
            lines.add(K::LookupClosed, log, said, detail);
        }
    }
    Ok(())
}

fn of_batch(scope: &Scope<'_>, id: BatchId, lines: &mut Lines<'_>) -> Result<(), ViewError> {
    let sides: Sides<BatchFacts> = scope.rows.sides(&id)?;
    let mut named = BTreeMap::<LineNo, BTreeSet<usize>>::new();
    for (no, person) in entries(&sides) {
        named.entry(no).or_default().extend(scope.position(person));
    }
    named.retain(|_, positions| !positions.is_empty());
    let of = |no: LineNo| named.get(&no).cloned();
    let detail = |about: BTreeSet<usize>, withheld| Detail { about: Some(about), withheld, ..Detail::default() };
    for (log, facts) in sides.iter() {
        if let Some((prepared, said)) = &facts.prepared {
            let about = prepared.entries.iter().filter_map(|entry| scope.position(&entry.subject.document)).collect();
            lines.add(K::BatchPrepared, log, said, detail(about, None));
        }
        if let Some((approved, said)) = &facts.approved {
            let listed = facts.prepared.iter().flat_map(|(prepared, _)| (1..).zip(&prepared.entries));
            let named = listed.filter_map(|(no, entry)| Some((no, scope.position(&entry.subject.document)?)));
            let (mut about, mut withheld) = (BTreeSet::new(), None);
            for (no, position) in named {
                about.insert(position);
                withheld = withheld.or(approved.withheld.get(&no).copied());
            }
            lines.add(K::BatchApproved, log, said, detail(about, withheld));
        }
        if let Some((sent, said)) = &facts.sent {
            let named = sent.entries.iter().filter_map(|(_, entry)| scope.position(&entry.subject.document));
            lines.add(K::BatchSent, log, said, detail(named.collect(), None));
        }
        for (no, steps) in &facts.steps {
            let Some(about) = of(*no) else { continue };
            for step in steps {
                lines.add(step.kind, log, &step.said, detail(about.clone(), None));
            }
        }
    }
    Ok(())
}

fn of_urgent(scope: &Scope<'_>, id: UrgentId, lines: &mut Lines<'_>) -> Result<(), ViewError> {
    for (log, facts) in scope.rows.sides::<UrgentFacts>(&id)?.iter() {
        lines.told(K::UrgentRaised, log, &facts.raised);
        lines.told(K::UrgentDelivered, log, &facts.delivered);
        lines.said(K::UrgentAcked, log, &facts.acked);
        lines.said(K::UrgentTakenOver, log, &facts.taken_over);
        lines.told(K::ActionReported, log, &facts.actions);
        lines.told(K::UrgentClosed, log, &facts.closed);
        lines.told(K::JustificationFiled, log, &facts.justified);
        lines.told(K::JustificationReviewed, log, &facts.reviewed);
        lines.said(K::UrgentEscalated, log, facts.escalated.values());
        lines.said(K::UrgentActionOverdue, log, &facts.action_overdue);
        lines.told(K::JustificationOverdue, log, &facts.justification_overdue);
        lines.told(K::UrgentRelayedByPhone, log, facts.relayed.values());
        lines.said(K::SubjectInformed, log, &facts.informed);
    }
    Ok(())
}

fn of_mandate(scope: &Scope<'_>, id: MandateId, lines: &mut Lines<'_>) -> Result<(), ViewError> {
    for (log, facts) in scope.rows.sides::<MandateFacts>(&id)?.iter() {
        lines.told(K::MandateRecorded, log, &facts.recorded);
        lines.told(K::MandateRevoked, log, &facts.revoked);
    }
    Ok(())
}

fn of_candidate(scope: &Scope<'_>, id: CandidateId, lines: &mut Lines<'_>) -> Result<(), ViewError> {
    for (log, facts) in scope.rows.sides::<CandidateFacts>(&id)?.iter() {
        lines.said(K::CandidateFound, log, &facts.found);
        lines.said(K::OverlapConfirmed, log, &facts.confirmed);
        let dismissed = facts.dismissed.as_ref();
        lines.said(K::OverlapDismissed, log, dismissed.map(|(_, said)| said));
        lines.told(K::OverlapAssessed, log, &facts.assessed);
        lines.told(K::HearingInvited, log, &facts.invited);
        lines.told(K::StatementRecorded, log, &facts.heard);
        lines.told(K::OwnDecisionNotified, log, &facts.decided);
    }
    Ok(())
}

fn of_conference(scope: &Scope<'_>, id: ConferenceId, lines: &mut Lines<'_>) -> Result<(), ViewError> {
    let sides: Sides<ConferenceFacts> = scope.rows.sides(&id)?;
    let parties = sides.conference(scope.me).map(|conference| conference.parties()).unwrap_or_default();
    for (log, step) in steps_of(&scope.rows, CaseRef::Conference(id))? {
        if parties.contains(&log) {
            lines.said(step.kind, log, [&step.said]);
        }
    }
    Ok(())
}
