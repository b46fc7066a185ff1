//! One sample of every event, each optional field given, so that a change of any field shows in the golden vectors.

use super::NOON;
use super::persons::{adults, claims, completed, household, letter, note, party, short};
use std::collections::BTreeSet;
use tongcha_domain::access::{AccessRecorded, AccessTarget};
use tongcha_domain::agenda::Case;
use tongcha_domain::calendar::CalendarId;
use tongcha_domain::closure::{ClockAdjusted, ClosureDeclared, RunningClock};
use tongcha_domain::command::CommandKind;
use tongcha_domain::consent::{
    CloseReason, ConsentClosed, ConsentCompleted, ConsentDiscarded, ConsentExpired, ConsentGranted, ConsentRecorded,
    ConsentReviewDue, ConsentRevoked, OrgUnit, RevocationForm, SignedBy,
};
use tongcha_domain::event::Event;
use tongcha_domain::id::{
    BatchId, CandidateId, ConsentId, ImportId, LookupId, MatchRunId, PartyId, RequestId, UrgentId,
};
use tongcha_domain::identity::Document;
use tongcha_domain::item::{
    Answer, Granularity, HousingCondition, HousingKind, Item, Predicate, Question, Verdict, VisitFindings,
};
use tongcha_domain::keys::KeyWord;
use tongcha_domain::lookup::{LookupAnswered, LookupAsked, LookupClosed, LookupDenied, LookupOutcome, LookupPermitted};
use tongcha_domain::mandate::{Mandate, MandateRecorded, MandateRevoked};
use tongcha_domain::money::{Currency, Money};
use tongcha_domain::notice::{
    BatchAcknowledged, BatchApproved, BatchDelivered, BatchDiscarded, BatchMissed, BatchOverdue, BatchPrepared,
    BatchReminded, BatchSent, Change, DisputeReason, EntryCorrected, EntryDisputed, EntryMatched, EntryWithdrawn,
    NoticeEntry, WithheldReason,
};
use tongcha_domain::overlap::{
    Assessment, CandidateFound, CandidateSealed, DismissalReason, FailureReason, HearingInvited, MatchBasis,
    MatchMethod, MatchReviewTaken, MatchRunAuthorised, MatchRunBegun, MatchRunExecuted, MatchRunFailed,
    MatchRunProposed, OverlapAssessed, OverlapConfirmed, OverlapDismissed, OwnDecisionNotified, OwnRecord,
    StatementRecorded,
};
use tongcha_domain::purpose::{LegalBasis, Purpose};
use tongcha_domain::recovery::{LogRecovered, RecordRecovery};
use tongcha_domain::refusal::{CommandRefused, Refusal, RefusalCode};
use tongcha_domain::register::{RegisterChunkImported, RegisterImportCompleted, RegisterImportStarted};
use tongcha_domain::standard::{PolicyStandard, PolicyStandardPublished};
use tongcha_domain::suppression::{DisclosureSuppressed, SuppressedCase, SuppressionLifted};
use tongcha_domain::time::Period;
use tongcha_domain::urgent::{
    ActionReported, Emergency, EscalationStep, JustificationFiled, JustificationOverdue, JustificationReviewed,
    SubjectInformed, UrgentAcked, UrgentActionOverdue, UrgentClosed, UrgentDelivered, UrgentEscalated, UrgentRaised,
    UrgentRelayedByPhone, UrgentTakenOver,
};
use tongcha_domain::verification::{
    AnswerRecalled, ClarificationAnswered, ClarificationRequested, CorrectionAcknowledged, DraftDiscarded,
    ItemAnswered, ItemAssigned, ReplyCorrected, ReplyOverdue, ReplyReminded, ReplySent, ReplyStep, ReplyUsed,
    RequestAccepted, RequestClosed, RequestDrafted, RequestQuestion, RequestRefused, RequestSubmitted,
    RequestWithdrawn, VerificationRequest, WithdrawalReason,
};

use super::governance::{agreements, channels, conferences, erasures, leading_group, meetings, offices};
use super::{next_secrets, said, secrets};

pub(super) fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(last: u16) -> T {
    format!("0197f000-0000-7000-8000-00000000{last:04x}").parse().unwrap()
}

/// One event of every kind, in wire order. Foreign parties are Macau, or Macau and Hengqin.
pub(crate) fn events() -> Vec<Event> {
    let first = [notices(), urgents(), consents(), verifications(), lookups(), registers(), records()].concat();
    let governed = [offices(), channels(), agreements(), completions(), mandates(), overlaps()].concat();
    let later = [keys(), suppressions(), given_up(), leading_group(), recoveries(), erasures()].concat();
    [first, governed, meetings(), conferences(), clocks(), later_verifications(), later].concat()
}

fn notices() -> Vec<Event> {
    let (batch, macau): (BatchId, PartyId) = (id(0xB001), party("macau"));
    let period = Period::try_from("2026-06".to_owned()).unwrap();
    let entry = NoticeEntry {
        subject: adults().remove(0),
        change: Change::Ended,
        category: short("低保"),
        as_of: "2026-06-30".parse().unwrap(),
        district: short("香洲区"),
        basis: Some(LegalBasis::Consent(claims().id)),
    };
    let sent = BatchSent { batch, to: macau, period, entries: vec![(2, entry.clone())], unchanged: 40, withheld: 1 };
    vec![
        BatchPrepared { batch, to: macau, period, entries: vec![entry.clone()], unchanged: 40 }.into(),
        BatchApproved { batch, withheld: [(1, WithheldReason::ConsentOfAnother)].into() }.into(),
        sent.into(),
        BatchDelivered { batch, from: macau }.into(),
        EntryMatched { batch, from: macau, entry: 2, corrections: 1 }.into(),
        EntryDisputed {
            batch,
            from: macau,
            entry: 2,
            corrections: 1,
            reason: DisputeReason::Other,
            note: note("地址不符"),
        }
        .into(),
        EntryCorrected { batch, to: macau, entry: 2, replacement: entry, note: note("更正日期") }.into(),
        EntryWithdrawn { batch, to: macau, entry: 2, note: note("重复") }.into(),
        BatchAcknowledged { batch, from: macau }.into(),
    ]
}

fn urgents() -> Vec<Event> {
    let urgent: UrgentId = id(0x0A01);
    let to = BTreeSet::from([party("macau"), party("hengqin")]);
    let emergency = Emergency {
        subject: Some(adults().remove(0)),
        place: short("拱北口岸"),
        what: note("老人昏倒"),
        need: note("联系家属"),
        call_back: short("香洲区值班室"),
    };
    vec![
        UrgentRaised {
            urgent, to: to.clone(), emergency, vital_interest: note("生命危险"), happened_at: Some(NOON)
        }
        .into(),
        UrgentDelivered { urgent, from: party("macau") }.into(),
        UrgentAcked { urgent, others: to.clone() }.into(),
        UrgentTakenOver { urgent, others: to.clone() }.into(),
        ActionReported { urgent, others: to.clone(), family_contacted: true, action: note("已送医") }.into(),
        UrgentClosed { urgent, to: to.clone(), outcome: note("平安") }.into(),
        JustificationFiled { urgent, to: to.clone(), text: note("情况紧急") }.into(),
        JustificationReviewed { urgent, to, accepted: true, note: note("同意") }.into(),
    ]
}

fn consents() -> Vec<Event> {
    let others = BTreeSet::from([party("macau")]);
    let (consent, form) = (claims().id, RevocationForm::InPerson);
    vec![
        ConsentRecorded { claims: letter() }.into(),
        ConsentGranted { claims: letter() }.into(),
        ConsentRevoked { consent, others, form, effective_at: NOON, subjects: [1].into(), by: SignedBy::Other(1) }
            .into(),
    ]
}

fn question() -> Question {
    let ceiling = Money { minor: 435_000, currency: Currency::Mop };
    Question { item: Item::IncomeWage, predicate: Predicate::AmountAtMost(ceiling), granularity: Granularity::Band }
}

fn answer() -> Answer {
    Answer {
        item: question().item,
        predicate: question().predicate,
        verdict: Verdict::Meets,
        as_of: "2026-06-30".parse().unwrap(),
        band: Some(short("0-500000")),
        value: Some(Money { minor: 400_000, currency: Currency::Mop }),
        sources_searched: vec![short("財政局")],
        sources_not_searched: vec![short("社會保障基金")],
        visit: Some(VisitFindings {
            investigators: ["mo.sw1", "mo.sw2"].map(|name| name.parse().unwrap()).into(),
            visited_on: "2026-06-20".parse().unwrap(),
            housing: HousingKind::Rented,
            occupants_seen: 3,
            conditions: BTreeSet::from([HousingCondition::Overcrowded]),
            matches_declared_address: Some(true),
        }),
    }
}

fn refusal() -> Refusal {
    Refusal::new(RefusalCode::OverScope).offending(["exp.medical"]).effective_at(NOON)
}

fn verifications() -> Vec<Event> {
    let (request, asker, holder): (RequestId, _, _) = (id(0xE001), party("macau"), party("macau"));
    let asked = RequestQuestion { subject: adults().remove(0).document, consent: claims().id, question: question() };
    let full = VerificationRequest {
        id: request,
        asker: party("zhuhai"),
        unit: "xiangzhou".parse().unwrap(),
        holder,
        purpose: Purpose::DibaoRecheck,
        standard: short("ZH-2026-v1"),
        as_of: "2026-06-30".parse().unwrap(),
        questions: vec![asked],
        follows: Some(id(0xE002)),
    };
    vec![
        RequestDrafted { request: full.clone() }.into(),
        RequestSubmitted { request: full }.into(),
        RequestAccepted { request, asker }.into(),
        RequestRefused { request, asker, refusal: refusal(), consents: [(claims().id, 2)].into() }.into(),
        ItemAnswered { request, question: 1, answer: answer() }.into(),
        ReplySent { request, asker, answers: vec![(1, answer())] }.into(),
        ReplyUsed { request, holder, decision: note("准予低保") }.into(),
    ]
}

fn later_verifications() -> Vec<Event> {
    let (request, asker, holder): (RequestId, _, _) = (id(0xE001), party("macau"), party("macau"));
    let standard = PolicyStandard {
        version: short("ZH-2026-v1"),
        programme: short("低保"),
        currency: Currency::Cny,
        amounts: [(1, 100_000)].into(),
        multiples: BTreeSet::from([24]),
        from: "2026-01-01".parse().unwrap(),
        to: Some("2026-12-31".parse().unwrap()),
    };
    let questions = BTreeSet::from([1]);
    let (text, step) = (note("哪一個地址？"), ReplyStep::RegisterItems);
    let reason = note("更正");
    vec![
        PolicyStandardPublished { standard, others: BTreeSet::from([asker]) }.into(),
        ItemAssigned { request, question: 1, officer: "mo.cw1".parse().unwrap() }.into(),
        ClarificationRequested { request, asker, clarification: 1, text, questions: questions.clone() }.into(),
        ClarificationAnswered { request, holder, clarification: 1, answer: note("舊地址") }.into(),
        RequestWithdrawn { request, holder, reason: WithdrawalReason::ClarificationNotAnswered }.into(),
        RequestClosed { request, holder }.into(),
        ReplyCorrected { request, asker, question: 1, answer: answer(), reason }.into(),
        CorrectionAcknowledged { request, holder, question: 1, corrections: 1 }.into(),
        AnswerRecalled { request, asker, consent: claims().id, questions }.into(),
        ReplyOverdue { request, asker, step }.into(),
        ReplyReminded { request, step }.into(),
    ]
}

fn suppressions() -> Vec<Event> {
    let (case, others) = (SuppressedCase::Urgent(id(0x0A01)), BTreeSet::from([party("macau"), party("hengqin")]));
    let (towards, reason) = (adults().remove(1).document, note("涉嫌伤害儿童"));
    vec![
        DisclosureSuppressed { case, others: others.clone(), towards: towards.clone(), reason: reason.clone() }.into(),
        SuppressionLifted { case, others, towards, reason }.into(),
    ]
}

fn given_up() -> Vec<Event> {
    let reason = || note("重複");
    vec![
        BatchDiscarded { batch: id(0xB001), reason: reason() }.into(),
        DraftDiscarded { request: id(0xE001), reason: reason() }.into(),
        ConsentDiscarded { consent: claims().id, reason: reason() }.into(),
    ]
}

fn lookups() -> Vec<Event> {
    let (lookup, consent): (LookupId, ConsentId) = (id(0x1001), claims().id);
    let subject: Document = adults().remove(0).document;
    let (macau, purpose, questions) = (party("macau"), Purpose::TemporaryAssistance, vec![question()]);
    let permitted = LookupPermitted {
        lookup,
        requester: OrgUnit { party: macau, unit: "ias".parse().unwrap() },
        consent,
        issuer: party("hengqin"),
        use_no: 2,
        subject: subject.clone(),
        questions: questions.clone(),
        purpose,
    };
    vec![
        LookupAsked { lookup, holder: macau, consent, subject, questions, purpose }.into(),
        permitted.into(),
        LookupDenied { lookup, asker: macau, consent: Some(consent), refusal: refusal() }.into(),
        LookupAnswered { lookup, asker: macau, answers: vec![answer()] }.into(),
        LookupClosed { lookup, outcome: LookupOutcome::Answered(vec![answer()]) }.into(),
    ]
}

fn registers() -> Vec<Event> {
    let (import, party): (ImportId, _) = (id(0x2001), party("zhuhai"));
    vec![
        RegisterImportStarted { import, households: 1, file_digest: [0xF1; 32] }.into(),
        RegisterChunkImported { import, party, chunk: 0, households: vec![household()] }.into(),
        RegisterImportCompleted { import, party }.into(),
    ]
}

fn completions() -> Vec<Event> {
    let (consent, others) = (claims().id, BTreeSet::from([party("macau")]));
    vec![
        ConsentCompleted { claims: completed() }.into(),
        ConsentClosed { consent, others: others.clone(), reason: CloseReason::ApplicationWithdrawn }.into(),
        ConsentExpired { consent, others }.into(),
        ConsentReviewDue { consent, subject: 1, age: 14 }.into(),
    ]
}

fn mandates() -> Vec<Event> {
    let mandate = Mandate {
        id: id(0x3001),
        principal: adults().remove(0),
        attorney: OrgUnit { party: party("zhuhai"), unit: "gongbei".parse().unwrap() },
        services: vec![short("社保申报")],
        letter_digest: [0x3E; 32],
        witness: "zh.rv.test".parse().unwrap(),
        from: "2026-07-01".parse().unwrap(),
        to: "2027-06-30".parse().unwrap(),
    };
    let revoked = MandateRevoked { mandate: mandate.id, form: RevocationForm::InPerson, effective_at: NOON };
    vec![MandateRecorded { mandate }.into(), revoked.into()]
}

fn records() -> Vec<Event> {
    vec![
        AccessRecorded { target: AccessTarget::Request(id(0xE001)), reason: short("复核") }.into(),
        CommandRefused {
            command: CommandKind::SubmitRequest,
            refusal: refusal(),
            request: Some(id(0xE001)),
            consents: [(claims().id, 2)].into(),
        }
        .into(),
    ]
}

fn overlaps() -> Vec<Event> {
    let (run, other): (MatchRunId, _) = (id(0x3A01), party("macau"));
    let candidate = CandidateId { run, no: 1 };
    let document = adults().remove(0).document;
    let record = OwnRecord { reference: short("XZ-1"), document, programme: short("低保") };
    let basis = MatchBasis {
        agreement_clause: short("第九条"),
        interconnection_authorisation: short("MO-1"),
        mainland_assessment: short("CN-1"),
    };
    let (method, period) = (MatchMethod::Voprf1, Period::try_from("2026-06".to_owned()).unwrap());
    let purpose = short("福利资格核对");
    vec![
        MatchRunProposed { run, with: other, purpose, basis, period, method, elements_max: 9_000 }.into(),
        MatchRunAuthorised { run, proposer: party("zhuhai"), other }.into(),
        MatchRunBegun { run, other, elements: 320, persons: 300 }.into(),
        CandidateFound { candidate, record }.into(),
        MatchRunExecuted { run, other, method, own_elements: 320, peer_elements: 290, overlap: 1 }.into(),
        MatchRunFailed { run, other, reason: FailureReason::Protocol }.into(),
        MatchReviewTaken { run, reason: note("当值") }.into(),
        OverlapConfirmed { candidate }.into(),
        OverlapDismissed { candidate, reason: DismissalReason::Other, note: note("同号异人") }.into(),
        OverlapAssessed { candidate, assessment: Assessment::ToClarify, note: note("须核实") }.into(),
        HearingInvited { candidate, on: "2026-07-15".parse().unwrap(), note: note("香洲区") }.into(),
        StatementRecorded { candidate, statement: note("已迁居") }.into(),
        OwnDecisionNotified { candidate, decision: note("继续发放") }.into(),
        CandidateSealed { candidate }.into(),
    ]
}

/// What the services do by themselves, closures, and what came to urgent notices later.
fn clocks() -> Vec<Event> {
    let (batch, urgent, macau): (BatchId, UrgentId, PartyId) = (id(0xB001), id(0x0A01), party("macau"));
    let others = BTreeSet::from([party("macau"), party("hengqin")]);
    let (closure, date, period) = (id(0x3001), "2026-07-02".parse().unwrap(), Period::try_from("2026-07".to_owned()));
    let (period, calendar, reason) = (period.unwrap(), CalendarId::Mainland, short("台风停工"));
    let adjusted = ClockAdjusted {
        closure,
        case: Case::Routine(macau),
        clock: RunningClock::RoutineBatch(period),
        from: NOON,
        to: Some(NOON.plus_us(1)),
        others: [macau].into(),
    };
    vec![
        ClosureDeclared { closure, calendar, date, reason, others: others.clone() }.into(),
        adjusted.into(),
        BatchMissed { to: macau, period, misses_in_a_row: 2, tell_secretariat: true }.into(),
        BatchReminded { batch, from: macau, due: NOON }.into(),
        BatchOverdue { batch, from: macau, due: NOON, open: 1 }.into(),
        UrgentEscalated { urgent, others: others.clone(), step: EscalationStep::Secretariat }.into(),
        UrgentActionOverdue { urgent, others: others.clone() }.into(),
        JustificationOverdue { urgent, to: others.clone(), due: NOON }.into(),
        UrgentRelayedByPhone {
            urgent,
            to: macau,
            at: NOON,
            spoken_with_desk: short("值班台"),
            addressees: others.clone(),
        }
        .into(),
        SubjectInformed { urgent, to: others }.into(),
    ]
}

/// What is written after a disk was lost.
fn recoveries() -> Vec<Event> {
    let (returned, lost) = ([(party("macau"), 40)].into(), [300, 338].into());
    let recovery = RecordRecovery { kept: 300, returned, copied: 2, bodies_missing: 3, lost };
    vec![LogRecovered { recovery, others: [party("macau"), party("hengqin")].into() }.into()]
}

fn keys() -> Vec<Event> {
    let others = || BTreeSet::from([party("hengqin"), party("macau")]);
    let (first, next) = (secrets("zhuhai").key_id(), next_secrets("zhuhai", 1));
    let certificate = next.certificate(0, "2028-06-30".parse().unwrap(), Some(first)).unwrap();
    vec![
        (said("zhuhai", 2, certificate), others()).into(),
        (said("zhuhai", 3, KeyWord::Retired { key: next.key_id().0 }), others()).into(),
        (said("zhuhai", 4, KeyWord::Compromised { key: first.0, cut: 0 }), others()).into(),
    ]
}

#[cfg(test)]
mod tests {
    use tongcha_domain::channel::{Footing, legal_basis};
    use tongcha_domain::event::EventKind;

    use super::*;

    #[test]
    fn every_event_that_crosses_the_border_carries_its_legal_basis_and_no_other_does() {
        let mut seen = BTreeSet::new();
        for event in events() {
            let kind = event.kind();
            // The question of a lookup crosses sealed, beside the log.
            let crosses = !event.readers().is_empty() || kind == EventKind::LookupAsked;
            let basis = legal_basis(&event);
            assert_eq!(basis.is_some(), crosses, "{kind:?}");
            let Some(basis) = basis else { continue };
            if matches!(basis.footing, Footing::Stated | Footing::VitalInterest) {
                assert!(!basis.named.is_empty(), "{kind:?} names what it rests on");
            }
            seen.insert(kind);
        }
        assert!(seen.len() > 30);
    }
}
