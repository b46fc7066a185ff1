//! A generated history: whole lives of cases of every kind about a few persons.

use crate::access::{AccessRecorded, AccessTarget};
use crate::case::CaseRef;
use crate::conference::{
    Basis, CaseConcluded, CaseNominated, FollowUpAssigned, FollowUpClosed, OpinionSubmitted, ParticipantsNamed,
    PartyInvited,
};
use crate::consent::{
    Capacity, CloseReason, ConsentClaims, ConsentClosed, ConsentExpired, ConsentGranted, ConsentRecorded,
    ConsentReviewDue, ConsentRevoked, OrgUnit, RevocationForm, Signatory, SignedBy, Signer,
};
use crate::event::Event;
use crate::id::{
    BatchId, CandidateId, ConferenceId, ConsentId, LineNo, LookupId, MandateId, MatchRunId, PartyId, RequestId,
    UrgentId,
};
use crate::identity::{Document, DocumentKind, Subject};
use crate::item::{Item, Verdict};
use crate::lookup::{LookupAnswered, LookupAsked, LookupClosed, LookupDenied, LookupOutcome, LookupPermitted};
use crate::mandate::{Mandate, MandateRecorded, MandateRevoked};
use crate::notice::{
    BatchApproved, BatchPrepared, BatchSent, Change, DisputeReason, EntryCorrected, EntryDisputed, EntryMatched,
    EntryWithdrawn, NoticeEntry, WithheldReason,
};
use crate::overlap::{
    Assessment, CandidateFound, DismissalReason, HearingInvited, OverlapAssessed, OverlapConfirmed, OverlapDismissed,
    OwnDecisionNotified, OwnRecord, StatementRecorded,
};
use crate::purpose::Purpose;
use crate::refusal::{Refusal, RefusalCode};
use crate::testing::{Scene, actor, answer, claims, given_nothing, name, party, question};
use crate::urgent::{
    ActionReported, Emergency, JustificationFiled, JustificationReviewed, UrgentAcked, UrgentClosed, UrgentDelivered,
    UrgentRaised, UrgentTakenOver,
};
use crate::verification::{
    AnswerRecalled, ClarificationAnswered, ClarificationRequested, ReplyCorrected, ReplySent, ReplyUsed,
    RequestAccepted, RequestClosed, RequestDrafted, RequestQuestion, RequestRefused, RequestSubmitted,
    RequestWithdrawn, VerificationRequest, WithdrawalReason,
};
use std::collections::{BTreeMap, BTreeSet};

pub(super) const PERSONS: usize = 6;

pub(super) fn person(n: usize) -> Document {
    Document::parse(DocumentKind::MacauBir, &format!("900010{}(0)", n % PERSONS)).unwrap()
}

/// The last of the persons is a child of four.
pub(super) fn subject(n: usize) -> Subject {
    let birth_date = (n % PERSONS == PERSONS - 1).then(|| "2022-06-01".parse().unwrap());
    Subject { document: person(n), name: name("测试"), birth_date }
}

pub(super) fn text<T: std::str::FromStr<Err: std::fmt::Debug>>() -> T {
    "as found".parse().unwrap()
}

pub(super) fn uuid(n: usize) -> uuid::Uuid {
    uuid::Uuid::from_u128(0x7000 + n as u128)
}

/// Who says what.
pub(super) type Saying = (&'static str, Event);

/// The whole life of case `n`: of a kind, about two persons, in one of several ways.
fn life(n: usize, kind: u8, [one, two]: [usize; 2], way: u8) -> Vec<Saying> {
    match kind % 8 {
        0 => consent(n, one, two, way),
        1 => request(n, one, two, way),
        2 => lookup(n, one, way),
        3 => batch(n, one, two, way),
        4 => urgent(n, one, way),
        5 => mandate(n, one, way),
        6 => candidate(n, one, way),
        _ => conference(n, [one, two], way),
    }
}

pub(super) fn letter(n: usize, one: usize, two: usize) -> ConsentClaims {
    let mut letter = claims();
    letter.id = ConsentId(uuid(n));
    letter.subjects = vec![subject(one)];
    if person(one) != person(two) {
        letter.others = vec![Signatory::Person(subject(two))];
        let by = SignedBy::Other(0);
        let guardian = Signer { capacity: Capacity::ParentalAuthority, by, ..letter.signers[0].clone() };
        letter.signers.push(guardian);
    }
    letter
}

fn consent(n: usize, one: usize, two: usize, way: u8) -> Vec<Saying> {
    let claims = letter(n, one, two);
    let (consent, others) = (claims.id, BTreeSet::from([party("macau")]));
    let revoked = |subjects: &[u8]| ConsentRevoked {
        consent,
        others: others.clone(),
        form: RevocationForm::Letter,
        effective_at: claims.not_before,
        subjects: subjects.iter().copied().collect(),
        by: SignedBy::Subject(0),
    };
    let read = AccessRecorded { target: AccessTarget::Consent(consent), reason: text() };
    let mut told: Vec<Saying> =
        vec![("cw.zhuhai", ConsentRecorded { claims: claims.clone() }.into()), ("rv.zhuhai", read.clone().into())];
    told.push(("rv.zhuhai", ConsentGranted { claims: claims.clone() }.into()));
    told.push(("cw.macau", read.into())); // in Macau's log: not Zhuhai's to tell
    match way % 4 {
        0 => told.push(("cw.macau", revoked(&[]).into())),
        1 => told.extend([("cw.zhuhai", revoked(&[0]).into()), ("lo.macau", revoked(&[0]).into())]),
        2 => {
            let reason = CloseReason::DecisionFinal;
            told.push(("cw.zhuhai", ConsentClosed { consent, others: others.clone(), reason }.into()));
        }
        _ => {
            told.push(("node.zhuhai", ConsentReviewDue { consent, subject: 0, age: 5 }.into()));
            told.push(("node.zhuhai", ConsentExpired { consent, others: others.clone() }.into()));
        }
    }
    told
}

fn request(n: usize, one: usize, two: usize, way: u8) -> Vec<Saying> {
    let (request, asker, holder) = (RequestId(uuid(n)), party("zhuhai"), party("macau"));
    let asked = |who: usize, item| RequestQuestion {
        subject: person(who),
        consent: ConsentId(uuid(n + 10_000 * (1 + who % PERSONS))),
        question: question(item),
    };
    let questions = vec![asked(one, Item::AssetDeposit), asked(two, Item::AssetProperty)];
    let full = VerificationRequest {
        id: request,
        asker,
        unit: "reception".parse().unwrap(),
        holder,
        purpose: Purpose::DibaoApplication,
        standard: text(),
        follows: None,
        as_of: "2026-05-31".parse().unwrap(),
        questions,
    };
    let given = |no: usize| answer(&full.questions[no].question, [Verdict::Meets, Verdict::Refused][no]);
    let mut told: Vec<Saying> = vec![
        ("cw.zhuhai", RequestDrafted { request: full.clone() }.into()),
        ("rv.zhuhai", RequestSubmitted { request: full.clone() }.into()),
        ("lo.zhuhai", AccessRecorded { target: AccessTarget::Request(request), reason: text() }.into()),
    ];
    if way.is_multiple_of(5) {
        let refusal = Refusal::new(RefusalCode::OverScope).offending(["question#1"]);
        told.push(("lo.macau", RequestRefused { request, asker, refusal, consents: [].into() }.into()));
        return told;
    }
    told.push(("lo.macau", RequestAccepted { request, asker }.into()));
    let (clarification, about) = (1, BTreeSet::from([1]));
    told.push((
        "cw.macau",
        ClarificationRequested { request, asker, clarification, text: text(), questions: about }.into(),
    ));
    told.push(("cw.zhuhai", ClarificationAnswered { request, holder, clarification, answer: text() }.into()));
    told.push(("rv.macau", ReplySent { request, asker, answers: vec![(2, given(1))] }.into()));
    match way % 5 {
        1 => told.push(("cw.zhuhai", RequestWithdrawn { request, holder, reason: WithdrawalReason::ByAsker }.into())),
        2 => {
            let corrected = ReplyCorrected { request, asker, question: 2, answer: given(1), reason: text() };
            told.extend([("rv.macau", corrected.clone().into()), ("rv.macau", corrected.into())]);
        }
        3 => {
            told.push(("rv.macau", ReplySent { request, asker, answers: vec![(1, given(0))] }.into()));
            let consent = full.questions[0].consent;
            told.push(("cw.macau", AnswerRecalled { request, asker, consent, questions: [1].into() }.into()));
        }
        _ => {
            told.push(("rv.macau", ReplySent { request, asker, answers: vec![(1, given(0))] }.into()));
            told.push(("cw.zhuhai", ReplyUsed { request, holder, decision: text() }.into()));
            told.push(("cw.zhuhai", RequestClosed { request, holder }.into()));
        }
    }
    told
}

pub(super) fn lookup(n: usize, one: usize, way: u8) -> Vec<Saying> {
    let (lookup, consent, subject) = (LookupId(uuid(n)), ConsentId(uuid(n + 90_000)), person(one));
    let (questions, purpose) = (vec![question(Item::AssetDeposit)], Purpose::DibaoApplication);
    let answers = vec![answer(&questions[0], Verdict::Meets)];
    let foreign = way % 4 == 3; // Macau asks, Zhuhai is the holder
    let (asker, holder) = if foreign { ("macau", "zhuhai") } else { ("zhuhai", "macau") };
    let requester = OrgUnit { party: party(asker), unit: "reception".parse().unwrap() };
    let asked = LookupAsked {
        lookup,
        holder: party(holder),
        consent,
        subject: subject.clone(),
        questions: questions.clone(),
        purpose,
    };
    let issuer = party("zhuhai");
    let permitted = LookupPermitted { lookup, requester, consent, issuer, use_no: 1, subject, questions, purpose };
    let answered = LookupAnswered { lookup, asker: party(asker), answers: answers.clone() };
    let closed = |outcome| LookupClosed { lookup, outcome };
    match way % 4 {
        0 => vec![
            ("cw.zhuhai", asked.into()),
            ("node.macau", permitted.into()),
            ("node.macau", answered.into()),
            ("node.zhuhai", closed(LookupOutcome::Answered(answers)).into()),
        ],
        1 => {
            let refusal = Refusal::new(RefusalCode::ConsentUsedUp);
            let asker = party("zhuhai");
            let denied = LookupDenied { lookup, asker, consent: Some(consent), refusal: refusal.clone() };
            let closed = closed(LookupOutcome::Denied(refusal));
            vec![("cw.zhuhai", asked.into()), ("node.macau", denied.into()), ("node.zhuhai", closed.into())]
        }
        2 => vec![("cw.zhuhai", asked.into()), ("node.zhuhai", closed(LookupOutcome::Unreachable).into())],
        _ => vec![("node.zhuhai", permitted.into()), ("node.zhuhai", answered.into())],
    }
}

fn batch(n: usize, one: usize, two: usize, way: u8) -> Vec<Saying> {
    let (batch, period) = (BatchId(uuid(n)), crate::time::Period::try_from("2026-06".to_owned()).unwrap());
    let (to, from) = (party("macau"), party("zhuhai"));
    let entry = |who: usize| NoticeEntry {
        subject: subject(who),
        change: Change::Added,
        category: text(),
        as_of: "2026-06-30".parse().unwrap(),
        district: text(),
        basis: None,
    };
    let withheld: BTreeMap<LineNo, WithheldReason> =
        if way.is_multiple_of(3) { [(2, WithheldReason::NoBasis)].into() } else { BTreeMap::new() };
    let (entries, unchanged) = (vec![entry(one), entry(two)], 3);
    let numbered = [(1, entry(one)), (2, entry(two))];
    let sent: Vec<(LineNo, NoticeEntry)> = numbered.into_iter().filter(|(no, _)| !withheld.contains_key(no)).collect();
    let mut told: Vec<Saying> = vec![
        ("cw.zhuhai", BatchPrepared { batch, to, period, entries, unchanged }.into()),
        ("rv.zhuhai", BatchApproved { batch, withheld: withheld.clone() }.into()),
        ("rv.zhuhai", AccessRecorded { target: AccessTarget::Batch(batch), reason: text() }.into()),
    ];
    let count = u32::try_from(withheld.len()).unwrap();
    told.push(("lo.zhuhai", BatchSent { batch, to, period, entries: sent, unchanged, withheld: count }.into()));
    told.push(("cw.macau", EntryMatched { batch, from, entry: 1, corrections: 0 }.into()));
    let reason = DisputeReason::Other;
    for corrections in 0..u16::from(way % 3) {
        told.push(("cw.macau", EntryDisputed { batch, from, entry: 1, corrections, reason, note: text() }.into()));
        // The correction may name another person: then the entry was about both.
        let replacement = entry(one + usize::from(corrections));
        told.push(("cw.zhuhai", EntryCorrected { batch, to, entry: 1, replacement, note: text() }.into()));
        told.push(("cw.macau", EntryMatched { batch, from, entry: 1, corrections: corrections + 1 }.into()));
    }
    if way.is_multiple_of(2) {
        told.push(("cw.zhuhai", EntryWithdrawn { batch, to, entry: 1, note: text() }.into()));
    }
    told
}

pub(super) fn urgent(n: usize, one: usize, way: u8) -> Vec<Saying> {
    let (urgent, to) = (UrgentId(uuid(n)), BTreeSet::from([party("macau")]));
    let others = BTreeSet::from([party("zhuhai")]);
    let subject = (way % 4 != 3).then(|| subject(one)); // nobody can name the person
    let emergency = Emergency { subject, place: text(), what: text(), need: text(), call_back: text() };
    let from = party("zhuhai");
    let action = ActionReported { urgent, others: others.clone(), family_contacted: true, action: text() };
    vec![
        (
            "ho.zhuhai",
            UrgentRaised { urgent, to: to.clone(), emergency, vital_interest: text(), happened_at: None }.into(),
        ),
        ("node.macau", UrgentDelivered { urgent, from }.into()),
        ("ho.macau", UrgentAcked { urgent, others: others.clone() }.into()),
        ("ho.macau", UrgentTakenOver { urgent, others }.into()),
        ("ho.macau", action.clone().into()),
        ("ho.macau", action.into()),
        ("ho.zhuhai", UrgentClosed { urgent, to: to.clone(), outcome: text() }.into()),
        ("lo.zhuhai", JustificationFiled { urgent, to: to.clone(), text: text() }.into()),
        ("dp.zhuhai", JustificationReviewed { urgent, to, accepted: true, note: text() }.into()),
        ("dp.zhuhai", AccessRecorded { target: AccessTarget::SealedUrgent(urgent), reason: text() }.into()),
    ]
}

fn mandate(n: usize, one: usize, way: u8) -> Vec<Saying> {
    let mandate = Mandate {
        id: MandateId(uuid(n)),
        principal: subject(one),
        attorney: claims().requester,
        services: vec![text()],
        letter_digest: [1; 32],
        witness: "witness.zhuhai".parse().unwrap(),
        from: "2026-07-01".parse().unwrap(),
        to: "2027-06-30".parse().unwrap(),
    };
    let (id, form, effective_at) = (mandate.id, RevocationForm::Letter, claims().not_before);
    let mut told: Vec<Saying> = vec![("cw.zhuhai", MandateRecorded { mandate }.into())];
    told.push(("dp.zhuhai", AccessRecorded { target: AccessTarget::Mandate(id), reason: text() }.into()));
    if way.is_multiple_of(2) {
        told.push(("cw.zhuhai", MandateRevoked { mandate: id, form, effective_at }.into()));
    }
    told
}

/// About a case of another kind, which is told first; or on a letter alone.
fn conference(n: usize, [one, two]: [usize; 2], way: u8) -> Vec<Saying> {
    let (conference, other) = (ConferenceId(uuid(n)), |me| BTreeSet::from([party(me)]));
    let about = n + 50_000;
    let (mut told, case) = match way % 4 {
        0 => (consent(about, one, two, way), CaseRef::Consent(ConsentId(uuid(about)))),
        1 => (request(about, one, two, way), CaseRef::Verification(RequestId(uuid(about)))),
        2 => (batch(about, one, two, way), CaseRef::Batch(BatchId(uuid(about)))),
        _ => (urgent(about, one, way + 1), CaseRef::Urgent(UrgentId(uuid(about)))),
    };
    let basis =
        if way.is_multiple_of(4) { Basis::Consent(ConsentId(uuid(about))) } else { Basis::VitalInterest(text()) };
    let need_to_know = ["cw.zhuhai".parse().unwrap()].into();
    let nomination = CaseNominated { conference, to: other("macau"), case, summary: text(), basis, need_to_know };
    let named =
        ParticipantsNamed { conference, others: other("zhuhai"), officers: ["cw.macau".parse().unwrap()].into() };
    let opinion = |others| OpinionSubmitted { conference, others, opinion: text() };
    let invited = PartyInvited { party: party("hengqin"), others: other("macau"), nomination: nomination.clone() };
    let (what, owner, due) = (text(), party("macau"), None);
    let (decision, follow_up) = (text(), text());
    told.extend::<[Saying; 10]>([
        ("cw.zhuhai", nomination.into()),
        ("lo.macau", named.clone().into()),
        ("lo.macau", named.into()),
        ("cw.zhuhai", AccessRecorded { target: AccessTarget::Conference(conference), reason: text() }.into()),
        ("cw.macau", opinion(other("zhuhai")).into()),
        ("cw.zhuhai", opinion(other("macau")).into()),
        ("cw.zhuhai", invited.into()),
        ("cw.zhuhai", CaseConcluded { conference, others: other("macau"), decision, owner, follow_up }.into()),
        ("cw.zhuhai", FollowUpAssigned { conference, others: other("macau"), no: 1, what, owner, due }.into()),
        ("cw.macau", FollowUpClosed { conference, others: other("zhuhai"), no: 1, outcome: text() }.into()),
    ]);
    told
}

fn candidate(n: usize, one: usize, way: u8) -> Vec<Saying> {
    let candidate = CandidateId { run: MatchRunId(uuid(n)), no: 1 };
    let record = OwnRecord { reference: text(), document: person(one), programme: text() };
    let mut told: Vec<Saying> = vec![("node.zhuhai", CandidateFound { candidate, record }.into())];
    told.push(("rv.zhuhai", AccessRecorded { target: AccessTarget::MatchRun(candidate.run), reason: text() }.into()));
    if way.is_multiple_of(2) {
        let reason = DismissalReason::DifferentPersons;
        told.push(("rv.zhuhai", OverlapDismissed { candidate, reason, note: text() }.into()));
        return told;
    }
    let assessment = Assessment::ToClarify;
    told.extend([
        ("rv.zhuhai", OverlapConfirmed { candidate }.into()),
        ("rv.zhuhai", OverlapAssessed { candidate, assessment, note: text() }.into()),
        ("cw.zhuhai", HearingInvited { candidate, on: "2026-07-15".parse().unwrap(), note: text() }.into()),
        ("cw.zhuhai", StatementRecorded { candidate, statement: text() }.into()),
        ("cw.zhuhai", OwnDecisionNotified { candidate, decision: text() }.into()),
    ]);
    told
}

pub(super) type Choice = (u8, usize, usize, u8);

pub(super) fn history(choices: &[Choice]) -> Vec<Saying> {
    let lives = choices.iter().enumerate().map(|(n, (kind, one, two, way))| life(n, *kind, [*one, *two], *way));
    let mut told: Vec<Saying> = lives.flatten().collect();
    let persons = vec![person(0), person(3)];
    told.push((
        "au.zhuhai",
        AccessRecorded { target: AccessTarget::Persons { persons, handed_to: None }, reason: text() }.into(),
    ));
    told
}

/// Tells a history, and where each event stands.
pub(super) fn tell(history: &[Saying]) -> (Scene, Vec<(PartyId, u64, Event)>) {
    let mut seqs = BTreeMap::<PartyId, u64>::new();
    let mut told = Vec::new();
    let mut scene = given_nothing();
    for (who, event) in history {
        let origin = actor(who).0;
        let seq = seqs.entry(origin).or_default();
        told.push((origin, *seq, event.clone()));
        *seq += 1;
        scene = scene.and(who, event.clone());
    }
    (scene, told)
}
