//! How the commands of the cases are made: notices, consents, requests, lookups, the register.

use crate::access::{AccessTarget, RecordAccess};
use crate::agenda::Case;
use crate::closure::{AdjustClock, DeclareClosure, RunningClock};
use crate::command::{Command, CommandKind as C};
use crate::consent::{
    CloseConsent, CloseReason, CompleteConsent, CountersignConsent, ExpireConsent, RaiseConsentReview, RecordConsent,
    RevocationForm, RevokeConsent,
};
use crate::event::{Event, EventKind as K};
use crate::id::{BatchId, ClosureId, ConsentId, ImportId, LookupId, MandateId, RequestId, UrgentId};
use crate::lookup::{
    AskLookup, CloseLookup, JudgeLookup, LookupAsked, LookupOutcome, RecordLookupAnswer, TokenStanding,
};
use crate::mandate::{Mandate, RecordMandate, RevokeMandate};
use crate::notice::sample::entry;
use crate::notice::{
    AcknowledgeBatch, ApproveBatch, CorrectEntry, DisputeEntry, DisputeReason, MatchEntry, NoticeEntry, PrepareBatch,
    RecordBatchDelivery, RecordBatchOverdue, RecordMissedBatch, RemindBatch, SendBatch, WithdrawEntry,
};
use crate::party::rules_of;
use crate::refusal::{Refusal, RefusalCode};
use crate::register::{CompleteRegisterImport, ImportRegisterChunk, StartRegisterImport};
use crate::standard::{PolicyStandard, PublishStandard};
use crate::testing::{claims, household, standard};
use crate::time::{DAY_US, MINUTE_US};
use crate::urgent::sample::raise;
use crate::urgent::{
    AckUrgent, EscalateUrgent, EscalationStep, FileJustification, InformSubject, RaiseUrgent, RecordActionOverdue,
    RecordJustificationOverdue, RecordPhoneRelay, RecordUrgentDelivery, ReportAction, ReviewJustification, StandDown,
    TakeOver,
};
use crate::verification::{
    AcceptRequest, AcknowledgeCorrection, AnswerClarification, AnswerItem, AssignItem, CloseRequest, CorrectReply,
    DraftRequest, LapseClarification, RecallAnswers, RecordReplyUse, RefuseRequest, RemindReply, ReplyStep,
    ReportReplyOverdue, RequestClarification, RequestQuestion, SendReply, SubmitRequest, VerificationRequest,
    WithdrawRequest,
};

use super::generate::Make;
use super::pools::Pool;

fn batch(p: &mut Pool<'_>) -> BatchId {
    BatchId(p.id(&[K::BatchPrepared, K::BatchSent, K::BatchSent]))
}

fn named(p: &mut Pool<'_>, person: u32) -> NoticeEntry {
    let (basis, as_of) = (p.basis(), p.day(9, 0));
    NoticeEntry { basis, as_of, ..entry(person) }
}

fn prepare(p: &mut Pool<'_>) -> Command {
    let entries = (1..=p.dice.below(3)).map(|no| named(p, u32::try_from(no).unwrap())).collect();
    let (to, period) = (p.other(), p.period());
    PrepareBatch { batch: BatchId(p.new_id(K::BatchPrepared)), to, period, entries, unchanged: 1 }.into()
}

fn correct(p: &mut Pool<'_>) -> Command {
    let person = 1 + u32::try_from(p.dice.below(5)).unwrap();
    let (batch, entry, replacement, note) = (batch(p), p.line(), named(p, person), p.note());
    CorrectEntry { batch, entry, replacement, note }.into()
}

pub(super) const NOTICES: &[(C, Make)] = &[
    (C::PrepareBatch, prepare),
    (C::ApproveBatch, |p| ApproveBatch { batch: batch(p) }.into()),
    (C::SendBatch, |p| SendBatch { batch: batch(p) }.into()),
    (C::RecordBatchDelivery, |p| RecordBatchDelivery { batch: batch(p) }.into()),
    (C::MatchEntry, |p| MatchEntry { batch: batch(p), entry: p.line() }.into()),
    (C::DisputeEntry, |p| {
        let (batch, entry, note) = (batch(p), p.line(), p.note());
        DisputeEntry { batch, entry, reason: DisputeReason::Duplicate, note }.into()
    }),
    (C::CorrectEntry, correct),
    (C::WithdrawEntry, |p| WithdrawEntry { batch: batch(p), entry: p.line(), note: p.note() }.into()),
    (C::AcknowledgeBatch, |p| AcknowledgeBatch { batch: batch(p) }.into()),
    (C::RecordMissedBatch, |p| RecordMissedBatch { to: p.other(), period: p.period() }.into()),
    (C::RemindBatch, |p| RemindBatch { batch: batch(p) }.into()),
    (C::RecordBatchOverdue, |p| RecordBatchOverdue { batch: batch(p) }.into()),
    (C::DeclareClosure, |p| {
        let (closure, calendar) = (ClosureId(p.new_id(K::ClosureDeclared)), rules_of(p.me).unwrap().calendar);
        DeclareClosure { closure, calendar, date: p.day(2, 9), reason: p.short() }.into()
    }),
    (C::AdjustClock, |p| {
        let (closure, case) = (ClosureId(p.id(&[K::ClosureDeclared])), Case::Batch(batch(p)));
        AdjustClock { closure, case, clock: RunningClock::BatchAcknowledgement }.into()
    }),
];

fn urgent(p: &mut Pool<'_>) -> UrgentId {
    UrgentId(p.id(&[K::UrgentRaised]))
}

pub(super) const URGENTS: &[(C, Make)] = &[
    (C::RaiseUrgent, |p| RaiseUrgent { urgent: UrgentId(p.new_id(K::UrgentRaised)), to: p.others(), ..raise() }.into()),
    (C::RecordUrgentDelivery, |p| RecordUrgentDelivery { urgent: urgent(p) }.into()),
    (C::AckUrgent, |p| AckUrgent { urgent: urgent(p) }.into()),
    (C::TakeOver, |p| TakeOver { urgent: urgent(p) }.into()),
    (C::ReportAction, |p| ReportAction { urgent: urgent(p), family_contacted: true, action: p.note() }.into()),
    (C::StandDown, |p| StandDown { urgent: urgent(p), outcome: p.note() }.into()),
    (C::FileJustification, |p| FileJustification { urgent: urgent(p), text: p.note() }.into()),
    (C::ReviewJustification, |p| {
        ReviewJustification { urgent: urgent(p), accepted: p.dice.chance(50), note: p.note() }.into()
    }),
    (C::EscalateUrgent, |p| EscalateUrgent { urgent: urgent(p), step: *p.dice.pick(&EscalationStep::ALL) }.into()),
    (C::RecordActionOverdue, |p| RecordActionOverdue { urgent: urgent(p) }.into()),
    (C::RecordJustificationOverdue, |p| RecordJustificationOverdue { urgent: urgent(p) }.into()),
    (C::RecordPhoneRelay, |p| {
        let (urgent, to, at) = (urgent(p), p.other(), p.now);
        RecordPhoneRelay { urgent, to, at, spoken_with_desk: p.short() }.into()
    }),
    (C::InformSubject, |p| InformSubject { urgent: urgent(p) }.into()),
];

fn consent(p: &mut Pool<'_>) -> ConsentId {
    ConsentId(p.id(&[K::ConsentRecorded, K::ConsentGranted]))
}

fn complete(p: &mut Pool<'_>) -> Command {
    let witness = if p.dice.chance(80) { "witness".parse().unwrap() } else { p.officer() };
    let separate = [crate::item::Item::AssetDeposit].into();
    let (signers, others) = (Vec::new(), Vec::new());
    CompleteConsent { consent: consent(p), signers, others, separate, letter_digest: [8; 32], witness }.into()
}

fn mandate(p: &mut Pool<'_>) -> Command {
    let (witness, services) = (p.officer(), vec![p.short()]);
    let (from, to) = (p.day(1, 0), p.day(0, 30));
    let (id, principal) = (MandateId(p.new_id(K::MandateRecorded)), claims().subjects.remove(0));
    let attorney = crate::consent::OrgUnit { party: p.me, unit: "reception".parse().unwrap() };
    let mandate = Mandate { id, principal, attorney, services, letter_digest: [3; 32], witness, from, to };
    RecordMandate { mandate }.into()
}

pub(super) const CONSENTS: &[(C, Make)] = &[
    (C::RecordConsent, |p| RecordConsent { claims: p.letter() }.into()),
    (C::CountersignConsent, |p| CountersignConsent { consent: consent(p) }.into()),
    (C::RevokeConsent, |p| {
        let whole = p.dice.chance(60);
        let subjects = if whole { [].into() } else { [u8::from(p.dice.chance(30))].into() };
        // What was signed on a day counts from that day, whenever it is brought in.
        let effective_at = if p.dice.chance(50) { p.now } else { p.now.plus_us(-2 * DAY_US) };
        RevokeConsent { consent: consent(p), form: RevocationForm::InPerson, effective_at, subjects, by: None }.into()
    }),
    (C::CompleteConsent, complete),
    (C::CloseConsent, |p| CloseConsent { consent: consent(p), reason: CloseReason::DecisionFinal }.into()),
    (C::ExpireConsent, |p| ExpireConsent { consent: consent(p) }.into()),
    (C::RaiseConsentReview, |p| RaiseConsentReview { consent: consent(p), subject: 1, age: 18 }.into()),
    (C::RecordMandate, mandate),
    (C::RevokeMandate, |p| {
        let mandate = MandateId(p.id(&[K::MandateRecorded]));
        RevokeMandate { mandate, form: RevocationForm::InPerson, effective_at: p.now }.into()
    }),
];

fn request(p: &mut Pool<'_>) -> RequestId {
    RequestId(p.id(&[K::RequestDrafted, K::RequestSubmitted, K::RequestSubmitted]))
}

pub(super) fn draft(p: &mut Pool<'_>) -> Command {
    let granted = p.granted().unwrap_or_else(claims);
    let count = 1 + p.dice.below(2);
    let questions = (0..count).map(|_| {
        let subject = if p.dice.chance(95) { granted.subjects[0].document.clone() } else { p.person() };
        RequestQuestion { subject, consent: granted.id, question: p.question(&granted) }
    });
    let questions = questions.collect();
    let request = VerificationRequest {
        id: RequestId(p.new_id(K::RequestDrafted)),
        asker: p.me,
        unit: p.actor.unit.clone(),
        holder: if p.dice.chance(97) { granted.holder } else { p.party() },
        purpose: if p.dice.chance(97) { granted.purpose } else { p.purpose() },
        standard: format!("{}-1", p.me).parse().unwrap(),
        follows: None,
        as_of: p.day(2, 0),
        questions,
    };
    DraftRequest { request }.into()
}

pub(super) fn answer_item(p: &mut Pool<'_>) -> Command {
    let held = p.world.views[p.side].readable().filter_map(|entry| {
        let Event::RequestSubmitted(submitted) = entry.event() else { return None };
        (submitted.request.holder == p.me).then_some(entry.event())
    });
    let (submitted, no) = (p.dice.any(held).cloned(), p.line());
    let asked = if let Some(Event::RequestSubmitted(submitted)) = &submitted { Some(&submitted.request) } else { None };
    let question = asked.and_then(|asked| asked.questions.get(usize::from(no) - 1)).map(|asked| asked.question.clone());
    let question = question.unwrap_or_else(|| p.question(&claims()));
    let (request, mut answer) = (asked.map_or_else(|| request(p), |asked| asked.id), p.answer(&question));
    answer.as_of = p.now.local_date();
    AnswerItem { request, question: no, answer }.into()
}

fn clarify(p: &mut Pool<'_>) -> Command {
    let (request, text, questions) = (request(p), p.note(), [p.line()].into());
    RequestClarification { request, text, questions }.into()
}

pub(super) fn published(p: &mut Pool<'_>) -> Command {
    let no = if p.dice.chance(70) { 1 } else { 2 + p.dice.below(9) };
    let (version, currency) = (format!("{}-{no}", p.me).parse().unwrap(), rules_of(p.me).unwrap().currency);
    PublishStandard { standard: PolicyStandard { version, currency, to: None, ..standard() } }.into()
}

fn reply_step(p: &mut Pool<'_>) -> ReplyStep {
    *p.dice.pick(&[ReplyStep::Decision, ReplyStep::RegisterItems, ReplyStep::VisitItems])
}

pub(super) const REQUESTS: &[(C, Make)] = &[
    (C::PublishStandard, published),
    (C::DraftRequest, draft),
    (C::SubmitRequest, |p| SubmitRequest { request: request(p) }.into()),
    (C::AcceptRequest, |p| AcceptRequest { request: request(p) }.into()),
    (C::RefuseRequest, |p| {
        RefuseRequest { request: request(p), refusal_code: RefusalCode::OverScope, offending: Vec::new() }.into()
    }),
    (C::AnswerItem, answer_item),
    (C::SendReply, |p| SendReply { request: request(p), partial: p.dice.chance(50) }.into()),
    (C::RecordReplyUse, |p| RecordReplyUse { request: request(p), decision: p.note() }.into()),
    (C::AssignItem, |p| AssignItem { request: request(p), question: p.line(), officer: p.officer() }.into()),
    (C::RequestClarification, clarify),
    (C::AnswerClarification, |p| {
        AnswerClarification { request: request(p), clarification: 1, answer: p.note() }.into()
    }),
    (C::LapseClarification, |p| LapseClarification { request: request(p) }.into()),
    (C::WithdrawRequest, |p| WithdrawRequest { request: request(p) }.into()),
    (C::CloseRequest, |p| CloseRequest { request: request(p) }.into()),
    (C::CorrectReply, |p| CorrectReply { request: request(p), question: p.line(), reason: p.note() }.into()),
    (C::AcknowledgeCorrection, |p| AcknowledgeCorrection { request: request(p), question: p.line() }.into()),
    (C::RecallAnswers, |p| RecallAnswers { request: request(p), consent: consent(p) }.into()),
    (C::ReportReplyOverdue, |p| ReportReplyOverdue { request: request(p), step: reply_step(p) }.into()),
    (C::RemindReply, |p| RemindReply { request: request(p), step: reply_step(p) }.into()),
];

fn lookup(p: &mut Pool<'_>) -> LookupId {
    LookupId(p.id(&[K::LookupAsked, K::LookupPermitted]))
}

/// The letter itself, or what is left of a token.
fn token(p: &mut Pool<'_>) -> (crate::consent::ConsentClaims, TokenStanding) {
    let granted = p.granted().unwrap_or_else(claims);
    let bad =
        [TokenStanding::Absent, TokenStanding::Unreadable, TokenStanding::UnknownKey, TokenStanding::BadSignature];
    let standing = if p.dice.chance(94) { TokenStanding::Good(granted.clone()) } else { p.dice.pick(&bad).clone() };
    (granted, standing)
}

fn ask(p: &mut Pool<'_>) -> Command {
    let (granted, token) = token(p);
    let subject = if p.dice.chance(95) { granted.subjects[0].document.clone() } else { p.person() };
    let (lookup, questions) = (LookupId(p.new_id(K::LookupAsked)), vec![p.question(&granted)]);
    AskLookup { lookup, holder: granted.holder, token, subject, questions, purpose: granted.purpose }.into()
}

/// What some party asked, as it reaches the holder beside the logs; or a question that nobody asked.
fn judge(p: &mut Pool<'_>) -> Command {
    let asked = p.world.logs.iter().flatten().filter_map(|entry| {
        if let Event::LookupAsked(asked) = entry.event() { Some((entry.meta.origin, asked)) } else { None }
    });
    let asked: Option<(_, &LookupAsked)> = p.dice.any(asked);
    let (granted, token) = token(p);
    let asker = |party| crate::consent::OrgUnit { party, unit: "reception".parse().unwrap() };
    let skew = if p.dice.chance(97) { 0 } else { 60 * MINUTE_US };
    let asked_at = p.now.plus_us(-skew);
    let issuer_log_in_doubt = p.dice.chance(2);
    if let Some((from, asked)) = asked.filter(|_| p.dice.chance(60)) {
        let (subject, questions) = (asked.subject.clone(), asked.questions.clone());
        let (lookup, asker, purpose) = (asked.lookup, asker(from), asked.purpose);
        return JudgeLookup { lookup, asker, asked_at, token, subject, questions, purpose, issuer_log_in_doubt }.into();
    }
    let subject = granted.subjects[0].document.clone();
    let (lookup, questions) = (LookupId(p.id(&[K::LookupAsked])), vec![p.question(&granted)]);
    let (asker, purpose) = (asker(granted.requester.party), granted.purpose);
    JudgeLookup { lookup, asker, asked_at, token, subject, questions, purpose, issuer_log_in_doubt }.into()
}

fn record_answer(p: &mut Pool<'_>) -> Command {
    let Some(Event::LookupPermitted(permitted)) = p.event(&[K::LookupPermitted]) else {
        return RecordLookupAnswer { lookup: lookup(p), answers: Vec::new() }.into();
    };
    let answers = permitted.questions.iter().map(|question| p.answer(question)).collect();
    RecordLookupAnswer { lookup: permitted.lookup, answers }.into()
}

fn access(p: &mut Pool<'_>) -> Command {
    let targets = [
        AccessTarget::Batch(batch(p)),
        AccessTarget::Urgent(urgent(p)),
        AccessTarget::Consent(consent(p)),
        AccessTarget::Request(request(p)),
        AccessTarget::Lookup(lookup(p)),
        AccessTarget::Persons { persons: vec![p.person()], handed_to: None },
        AccessTarget::SealedUrgent(urgent(p)),
    ];
    RecordAccess { target: p.dice.pick(&targets).clone(), reason: p.short() }.into()
}

fn import(p: &mut Pool<'_>) -> ImportId {
    ImportId(p.id(&[K::RegisterImportStarted]))
}

fn chunk(p: &mut Pool<'_>) -> Command {
    let chunk = u32::try_from(p.dice.below(2)).unwrap();
    let (import, mut household) = (import(p), household(&format!("R{chunk}"), &[p.person()]));
    household.as_of = p.now.plus_us(-DAY_US).local_date();
    ImportRegisterChunk { import, chunk, households: vec![household] }.into()
}

pub(super) const LOOKUPS: &[(C, Make)] = &[
    (C::AskLookup, ask),
    (C::JudgeLookup, judge),
    (C::RecordLookupAnswer, record_answer),
    (C::CloseLookup, |p| {
        let denied = LookupOutcome::Denied(Refusal::new(RefusalCode::NoConsent));
        CloseLookup { lookup: lookup(p), outcome: p.dice.pick(&[denied, LookupOutcome::Unreachable]).clone() }.into()
    }),
    (C::StartRegisterImport, |p| {
        let households = 1 + u32::try_from(p.dice.below(2)).unwrap();
        StartRegisterImport { import: ImportId(p.new_id(K::RegisterImportStarted)), households, file_digest: [1; 32] }
            .into()
    }),
    (C::ImportRegisterChunk, chunk),
    (C::CompleteRegisterImport, |p| CompleteRegisterImport { import: import(p) }.into()),
    (C::RecordAccess, access),
];
