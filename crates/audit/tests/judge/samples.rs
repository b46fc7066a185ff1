//! What the parties do in these tests. All persons are synthetic.

use tongcha_domain::authority::{AppointOfficer, RecordEnrolment};
use tongcha_domain::channel::{Clearance, ClearanceKind, Clearances, ConfirmChannel, OpenChannel};
use tongcha_domain::consent::{
    ConsentClaims, CountersignConsent, OrgUnit, RecordConsent, RevocationForm, RevokeConsent, Signer,
};
use tongcha_domain::id::{BatchId, CandidateId, ConsentId, LookupId, MatchRunId, RequestId, UrgentId};
use tongcha_domain::identity::{Document, DocumentKind, Subject};
use tongcha_domain::item::{Answer, Granularity, Item, Predicate, Question, Verdict};
use tongcha_domain::lookup::{JudgeLookup, LookupAnswered, LookupPermitted, TokenStanding};
use tongcha_domain::money::Currency;
use tongcha_domain::name::PersonName;
use tongcha_domain::notice::{ApproveBatch, Change, NoticeEntry, PrepareBatch, RecordBatchDelivery, SendBatch};
use tongcha_domain::overlap::{
    AuthoriseMatchRun, BeginMatchRun, ConfirmOverlap, MatchBasis, MatchMethod, OwnRecord, ProposeMatchRun,
    RecordCandidate, RecordMatchExecution, TakeMatchReview,
};
use tongcha_domain::purpose::{Language, LegalBasis, Purpose};
use tongcha_domain::standard::{PolicyStandard, PublishStandard};
use tongcha_domain::text::Note;
use tongcha_domain::time::DAY_US;
use tongcha_domain::urgent::{Emergency, RaiseUrgent};
use tongcha_domain::verification::{
    AcceptRequest, AnswerItem, DraftRequest, RequestQuestion, SubmitRequest, VerificationRequest,
};
use uuid::Uuid;

use crate::common::{PARTIES, party};
use crate::court::{Court, NOON, actor};

pub const BATCH: BatchId = BatchId(Uuid::from_u128(0xB0));
pub const REQUEST: RequestId = RequestId(Uuid::from_u128(0xE0));
pub const URGENT: UrgentId = UrgentId(Uuid::from_u128(0xA0));
pub const RUN: MatchRunId = MatchRunId(Uuid::from_u128(0xD0));
pub const CANDIDATE: CandidateId = CandidateId { run: RUN, no: 1 };

pub fn note() -> Note {
    "as agreed".parse().unwrap()
}

pub fn lookup(number: u128) -> LookupId {
    LookupId(Uuid::from_u128(number))
}

fn subject(number: u32) -> Subject {
    let document = Document::parse(DocumentKind::MacauBir, &format!("{:07}(0)", 9_000_000 + number)).unwrap();
    let name = PersonName { as_on_document: "陳樣本".parse().unwrap(), zh_hans: None, zh_hant: None, roman: None };
    Subject { document, name, birth_date: Some("1985-06-01".parse().unwrap()) }
}

pub fn document() -> Document {
    subject(1).document
}

/// Officers of each role are enrolled everywhere, and every channel is open.
pub fn open() -> Court {
    let mut court = Court::empty();
    for name in PARTIES {
        for role in ["sec", "dp", "cw", "cw2", "rv", "rv2", "lo", "ho"] {
            let (_, officer) = actor(&format!("{role}.{name}"));
            let enrol = RecordEnrolment { officer: officer.officer, role: officer.role, unit: officer.unit };
            court = court.does(&format!("node.{name}"), enrol);
        }
    }
    for from in PARTIES {
        for to in PARTIES.into_iter().filter(|to| *to != from).map(party) {
            court = court.does(&format!("sec.{from}"), OpenChannel { to, clearances: clearances() });
            court = court.does(&format!("dp.{from}"), ConfirmChannel { to });
        }
    }
    court
}

fn clearances() -> Clearances {
    let clearance =
        |days: i64| Clearance { number: "TEST-1".parse().unwrap(), expires_at: NOON.plus_us(days * DAY_US) };
    [
        (ClearanceKind::Assessment, clearance(730)),
        (ClearanceKind::Notification, clearance(500)),
        (ClearanceKind::Authorisation, clearance(365)),
    ]
    .into()
}

/// The officer now holds another role.
pub fn appoint(court: Court, officer: &str, role: &str) -> Court {
    let (me, holder) = actor(officer);
    let (_, sample) = actor(&format!("{role}.{me}"));
    let appoint = AppointOfficer {
        officer: holder.officer,
        role: sample.role,
        unit: sample.unit,
        name: "Test".parse().unwrap(),
        from: court.now,
        to: None,
        clearances: [].into(),
    };
    court.does(&format!("sec.{me}"), appoint)
}

/// A consent that Zhuhai's reception took for questions to Macau; three uses, six months.
pub fn claims() -> ConsentClaims {
    let items = [Item::AssetDeposit, Item::AssetProperty, Item::IncomeAssistance];
    ConsentClaims {
        id: ConsentId(Uuid::from_u128(0xC0)),
        issuer: party("zhuhai"),
        holder: party("macau"),
        requester: OrgUnit { party: party("zhuhai"), unit: "reception".parse().unwrap() },
        items: items.map(|item| (item, Granularity::Threshold)).into(),
        purpose: Purpose::DibaoApplication,
        legal_basis: LegalBasis::AgreementArticle("test agreement, article 3".parse().unwrap()),
        not_before: NOON.plus_us(-DAY_US),
        not_after: NOON.plus_us(180 * DAY_US),
        uses: 3,
        letter_digest: [7; 32],
        signers: vec![Signer::own(0, NOON.plus_us(-DAY_US).local_date())],
        witness: "witness.zhuhai".parse().unwrap(),
        language: Language::ZhHans,
        subjects: vec![subject(1)],
        others: Vec::new(),
        separate: [Item::AssetDeposit].into(),
        supplements: Vec::new(),
    }
}

pub fn recorded() -> Court {
    open().does("cw.zhuhai", RecordConsent { claims: claims() })
}

pub fn granted() -> Court {
    recorded().does("rv.zhuhai", CountersignConsent { consent: claims().id })
}

pub fn revoke() -> RevokeConsent {
    let (form, subjects) = (RevocationForm::Letter, [].into());
    RevokeConsent { consent: claims().id, form, effective_at: NOON, subjects, by: None }
}

pub fn question(item: Item) -> Question {
    Question { item, predicate: Predicate::Holds, granularity: Granularity::Threshold }
}

pub fn permitted(number: u128) -> LookupPermitted {
    LookupPermitted {
        lookup: lookup(number),
        requester: claims().requester,
        consent: claims().id,
        issuer: claims().issuer,
        use_no: 1,
        subject: document(),
        questions: vec![question(Item::AssetDeposit)],
        purpose: claims().purpose,
    }
}

/// Zhuhai's question comes to Macau's gate.
pub fn gate(court: Court, number: u128) -> Court {
    let LookupPermitted { lookup, requester: asker, subject, questions, purpose, .. } = permitted(number);
    let (asked_at, token, issuer_log_in_doubt) = (court.now, TokenStanding::Good(claims()), false);
    let judge = JudgeLookup { lookup, asker, asked_at, token, subject, questions, purpose, issuer_log_in_doubt };
    court.does("node.macau", judge)
}

pub fn answer(question: &Question) -> Answer {
    Answer {
        item: question.item,
        predicate: question.predicate,
        verdict: Verdict::NoRecordFound,
        as_of: NOON.local_date(),
        band: None,
        value: None,
        sources_searched: vec!["test register".parse().unwrap()],
        sources_not_searched: Vec::new(),
        visit: None,
    }
}

pub fn answered(number: u128) -> LookupAnswered {
    let answers = vec![answer(&question(Item::AssetDeposit))];
    LookupAnswered { lookup: lookup(number), asker: claims().requester.party, answers }
}

fn entry(number: u32, basis: Option<LegalBasis>) -> NoticeEntry {
    NoticeEntry {
        subject: subject(number),
        change: Change::Added,
        category: "regular subsidy".parse().unwrap(),
        as_of: "2026-06-30".parse().unwrap(),
        district: "xiangzhou".parse().unwrap(),
        basis,
    }
}

/// Macau's caseworker prepared a batch of two for Zhuhai; one of them may not be named.
pub fn prepared() -> Court {
    let article = LegalBasis::AgreementArticle("art. 4".parse().unwrap());
    let entries = vec![entry(1, Some(article)), entry(2, None)];
    let period = "2026-06".to_owned().try_into().unwrap();
    open().does("cw.macau", PrepareBatch { batch: BATCH, to: party("zhuhai"), period, entries, unchanged: 5 })
}

pub fn approved() -> Court {
    prepared().does("rv.macau", ApproveBatch { batch: BATCH })
}

pub fn sent() -> Court {
    approved().does("lo.macau", SendBatch { batch: BATCH })
}

pub fn delivered() -> Court {
    sent().does("node.zhuhai", RecordBatchDelivery { batch: BATCH })
}

pub fn raised() -> Court {
    let emergency = Emergency {
        subject: None,
        place: "小横琴".parse().unwrap(),
        what: note(),
        need: note(),
        call_back: "duty desk".parse().unwrap(),
    };
    let (to, vital_interest) = ([party("macau"), party("zhuhai")].into(), note());
    open().does("ho.hengqin", RaiseUrgent { urgent: URGENT, to, emergency, vital_interest, happened_at: None })
}

fn request() -> VerificationRequest {
    let question = Question { predicate: Predicate::CountAtMost(1), ..question(Item::AssetProperty) };
    VerificationRequest {
        id: REQUEST,
        asker: party("zhuhai"),
        unit: "reception".parse().unwrap(),
        holder: party("macau"),
        purpose: claims().purpose,
        standard: "ZH-2026-v1".parse().unwrap(),
        follows: None,
        as_of: "2026-05-31".parse().unwrap(),
        questions: vec![RequestQuestion { subject: document(), consent: claims().id, question }],
    }
}

pub fn drafted() -> Court {
    let standard = PolicyStandard {
        version: "ZH-2026-v1".parse().unwrap(),
        programme: "低保".parse().unwrap(),
        currency: Currency::Cny,
        amounts: [(1, 100_000), (2, 180_000)].into(),
        multiples: [24].into(),
        from: "2026-01-01".parse().unwrap(),
        to: Some("2026-12-31".parse().unwrap()),
    };
    granted().does("sec.zhuhai", PublishStandard { standard }).does("cw.zhuhai", DraftRequest { request: request() })
}

pub fn accepted() -> Court {
    let submitted = drafted().does("rv.zhuhai", SubmitRequest { request: REQUEST });
    submitted.does("lo.macau", AcceptRequest { request: REQUEST })
}

pub fn replying() -> Court {
    let answer = answer(&request().questions[0].question);
    accepted().does("cw.macau", AnswerItem { request: REQUEST, question: 1, answer })
}

pub fn proposed() -> Court {
    let basis = MatchBasis {
        agreement_clause: "clause 9".parse().unwrap(),
        interconnection_authorisation: "MO-TEST-1".parse().unwrap(),
        mainland_assessment: "CN-TEST-1".parse().unwrap(),
    };
    let propose = ProposeMatchRun {
        run: RUN,
        with: party("macau"),
        purpose: "benefit integrity, clause 9".parse().unwrap(),
        basis,
        period: "2026-06".to_owned().try_into().unwrap(),
        method: MatchMethod::Voprf1,
        elements_max: 1000,
    };
    open().does("lo.zhuhai", propose).does("dp.zhuhai", AuthoriseMatchRun { run: RUN })
}

/// A run found one person of Macau's set, and Macau's reviewer confirmed it.
pub fn confirmed() -> Court {
    let record =
        OwnRecord { reference: "R1".parse().unwrap(), document: document(), programme: "低保".parse().unwrap() };
    proposed()
        .does("dp.macau", AuthoriseMatchRun { run: RUN })
        .does("node.macau", BeginMatchRun { run: RUN, elements: 9, persons: 7 })
        .does("node.macau", RecordCandidate { candidate: CANDIDATE, record })
        .does("node.macau", RecordMatchExecution { run: RUN, peer_elements: 5 })
        .does("rv.macau", TakeMatchReview { run: RUN, reason: note() })
        .does("rv.macau", ConfirmOverlap { candidate: CANDIDATE })
}
